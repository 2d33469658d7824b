"""What a difference between lists is about, in words."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("transfers", "0015_escalations_about_people")]

    operations = [
        migrations.AlterField(
            "listfinding",
            "field",
            models.CharField(
                blank=True,
                choices=[
                    ("nhs_number", "NHS number"), ("surname", "Surname"), ("forename", "Forename"), ("date_of_birth", "Date of birth"), ("postcode", "Postcode"), ("funding_type", "Funding"),
                    ("weekly_hours", "Weekly hours"), ("in_hospital", "In hospital"), ("case_system_id", "Case-system ID"), ("ending", "Ending"),
                ],
                max_length=30,
                verbose_name="what differs",
            ),
        ),
    ]
