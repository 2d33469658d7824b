"""When each list was last compared, and findings within the tracker itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("transfers", "0007_compared_lists")]

    operations = [
        migrations.AddField("comparedlist", "compared_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last compared with the tracker")),
        migrations.AlterField(
            "listfinding", "source",
            models.CharField(choices=[("council", "Council's case system"), ("exiting", "Exiting provider's list"), ("billing", "Finance or billing list"), ("tracker", "The tracker itself")], max_length=8),
        ),
    ]
