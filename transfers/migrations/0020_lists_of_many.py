"""Indexes for lists of many thousands: the counters, the names that filters offer, and the search for a piece of a name."""

from django.db import migrations, models

from mobilisation.migrating import AddIndexBeside, AddTrigramIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("transfers", "0019_hospital_answer_legal_reason_and_leavers"),
    ]

    operations = [
        AddIndexBeside(
            model_name="persontransfer",
            index=models.Index(
                fields=["programme", "wave", "ending", "next_due", "overdue_from", "on_hold", "in_hospital", "incoming_provider", "status", "touched_on", "id"], name="person_counted"
            ),
        ),
        AddIndexBeside(model_name="persontransfer", index=models.Index(fields=["programme", "case_manager"], name="person_by_manager")),
        AddIndexBeside(model_name="persontransfer", index=models.Index(fields=["programme", "next_action_owner"], name="person_by_owner")),
        AddTrigramIndex("persontransfer", ["surname", "forename", "case_system_id"], "person_by_piece"),
    ]
