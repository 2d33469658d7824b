"""An offer made alone keeps what it replaced, so that it can be taken back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("transfers", "0021_confirmed_hours_and_mapping")]

    operations = [
        migrations.AddField(
            model_name="allocation", name="stood_before",
            field=models.JSONField(blank=True, default=dict, help_text="Of an offer made alone: what it replaced. A batch keeps the same with its line."),
        ),
    ]
