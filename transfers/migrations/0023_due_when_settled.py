"""The day a settled checkpoint was due by is kept with it: until now it was worked out anew, and moved with T and the pace."""

from datetime import timedelta

from django.db import migrations, models

from mobilisation.working_days import WorkingCalendar
from transfers.rules import dues

SETTLED = ("done", "waived", "not_applicable")
BATCH = 500
NAMES = {
    "not_before_listing_w": "no_due_before_listing_w", "safety_amber_w": "safety_amber_w", "safety_green_w": "safety_green_w", "safety_second_c": "safety_red_second_c",
    "plan_high_risk_c": "plan_high_risk_c", "plan_other_c": "plan_other_c",
}
"""Of the limits: what the settings of a programme call them."""


def fill(apps, schema_editor):
    """What was shown until now is what stays: the day by today's T, pace, calendar and limits."""
    Programme, Person, Checkpoint = apps.get_model("mobilisation", "Programme"), apps.get_model("transfers", "PersonTransfer"), apps.get_model("transfers", "Checkpoint")
    for programme in Programme.objects.order_by("pk"):
        calendar, limits = _calendar(apps, programme.division), dues.Limits(**{name: int(value) for name, key in NAMES.items() if (value := (programme.thresholds or {}).get(key)) is not None})
        weeks = dues.weeks_between(programme.decision_date, programme.exit_date) if programme.decision_date and programme.exit_date else None
        last = 0
        while people := {person.pk: person for person in Person.objects.filter(programme=programme, pk__gt=last).order_by("pk")[:BATCH]}:
            last = max(people)
            marks = {}
            for mark in Checkpoint.objects.filter(person__in=people, state__in=SETTLED):
                marks.setdefault(mark.person_id, []).append(mark)
            for pk, held in marks.items():
                found = dues.all_dues(_anchors(programme, people[pk], weeks, next((mark.done_on for mark in held if mark.code == "C15" and mark.state == "done"), None)), calendar, limits)
                for mark in held:
                    mark.due = found.get(mark.code)
            Checkpoint.objects.bulk_update([mark for held in marks.values() for mark in held], ["due"], batch_size=BATCH)


def _anchors(programme, person, weeks, moved_on):
    risky = person.medication_level in {"administer", "specialist"} or person.peg_or_clinical or person.double_handed or person.safeguarding_open
    return dues.Anchors(
        d0=programme.decision_date, t=person.planned_transfer_date, listed_on=person.listed_on, priority=person.priority, high_risk=bool(risky), pace=programme.pace, weeks_to_e=weeks, moved_on=moved_on,
    )


def _calendar(apps, division):
    days = set()
    for start, until in apps.get_model("mobilisation", "CalendarDay").objects.filter(division=division, removed=False, kind__in=["bank_holiday", "local"]).values_list("date", "until"):
        days |= {start + timedelta(days=number) for number in range(((until or start) - start).days + 1)}
    return WorkingCalendar(frozenset(days))


class Migration(migrations.Migration):
    dependencies = [("mobilisation", "0004_action_due_time"), ("transfers", "0022_what_an_offer_replaced")]

    operations = [
        migrations.AddField("checkpoint", "due", models.DateField(blank=True, editable=False, null=True, verbose_name="due when it was settled")),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
