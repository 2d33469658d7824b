"""Until when the exiting provider would have seen somebody whose ending is recorded, so that taking it back puts that back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("transfers", "0023_due_when_settled")]

    operations = [
        migrations.AddField("persontransfer", "sight_before_ending", models.DateField(blank=True, editable=False, null=True, verbose_name="the same, before the ending was recorded")),
    ]
