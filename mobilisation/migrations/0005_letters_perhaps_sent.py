"""A letter that was cut off while it was sent is neither sent nor failed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mobilisation", "0004_action_due_time")]

    operations = [
        migrations.AlterField(
            model_name="notification", name="mail_state",
            field=models.CharField(
                choices=[("waiting", "Waiting"), ("sending", "Being sent"), ("sent", "Sent"), ("perhaps", "Perhaps sent"), ("failed", "Not delivered"), ("not_wanted", "Not wanted")],
                default="waiting", max_length=12,
            ),
        ),
    ]
