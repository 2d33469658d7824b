"""Issues that stand for one person get the source that keeps their words out of dashboards and packs."""

from django.db import migrations
from django.db.models import Q


def mark(apps, schema_editor):
    told = Q(title__startswith="Safety check raised a concern (") | Q(title__startswith="The file of a person ")
    apps.get_model("risks", "Issue").objects.filter(told, source="").update(source="a person")


class Migration(migrations.Migration):
    dependencies = [("risks", "0001_initial")]
    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
