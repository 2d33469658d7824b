"""Their rows were copied by the migration before this one; nothing was released that still writes them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("transfers", "0017_offers_in_batches")]

    operations = [migrations.RemoveField("allocation", "batch"), migrations.DeleteModel("OfferBatch")]
