"""What a person wants beside an offer, and the day a provider was set up on the payment systems."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("transfers", "0013_lists_and_exports")]

    operations = [
        migrations.AddField("allocation", "preference", models.CharField(blank=True, default="", max_length=300, verbose_name="what the person wants"), preserve_default=False),
        migrations.AddField("providercheck", "payment_set_up_on", models.DateField(blank=True, null=True, verbose_name="set up on the payment systems on")),
    ]
