"""A note that a provider's contact sends by update link is kept beside the calls, to be seen to."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("transfers", "0024_sight_before_ending")]

    operations = [
        migrations.AlterField(
            "contactlog", "channel",
            models.CharField(choices=[("phone", "Phone"), ("visit", "Visit"), ("letter", "Letter"), ("email", "E-mail"), ("text", "Text message"), ("video", "Video"), ("link", "Update link")], default="phone", max_length=8),
        ),
    ]
