"""By when an escalation must be acknowledged, to the minute where the ladder counts hours."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("risks", "0002_issues_about_a_person")]

    operations = [migrations.AddField("escalation", "due_at", models.DateTimeField(blank=True, null=True))]
