"""Go-live criteria whose due day nobody changed stand on the day counted from the start, and follow it from now on."""

from django.db import migrations, models
from django.db.models import F


def standing(apps, schema_editor):
    Criterion, Change = apps.get_model("workstreams", "ReadinessCriterion"), apps.get_model("mobilisation", "Change")
    chosen = Change.objects.filter(entity="workstreams.readinesscriterion", fields__has_key="due").exclude(action="created").values("object_id")
    Criterion.objects.exclude(pk__in=chosen).update(counted_on=F("due"))


class Migration(migrations.Migration):

    dependencies = [
        ("mobilisation", "0002_import_answers"),
        ("workstreams", "0002_counted_on"),
    ]

    operations = [
        migrations.AddField(
            model_name="readinesscriterion",
            name="counted_on",
            field=models.DateField(blank=True, editable=False, null=True),
        ),
        migrations.RunPython(standing, migrations.RunPython.noop),
    ]
