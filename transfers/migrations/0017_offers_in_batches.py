"""Offers that were made together stand among the changes to many, where the other ways to offer many stand already."""

from django.db import migrations

BATCH = 500


def copy(apps, schema_editor):
    OfferBatch, Batch, Line, Allocation = (apps.get_model("transfers", name) for name in ("OfferBatch", "Batch", "BatchLine", "Allocation"))
    from mobilisation.models.record import new_public_id

    for old in OfferBatch.objects.order_by("pk"):
        batch = Batch.objects.create(
            public_id=old.public_id, programme_id=old.programme_id, kind="offer", what="Offered from the proposal", picked=f"{old.asked} ticked in the proposal", state="done", made_by_id=old.created_by_id,
            made_as=old.by_label, made_at=old.created_at, changed=old.offered, refused=old.refused, created_by_id=old.created_by_id, updated_by_id=old.updated_by_id,
        )
        Batch.objects.filter(pk=batch.pk).update(created_at=old.created_at)
        offers = list(Allocation.objects.filter(batch=old).order_by("pk"))
        for first in range(0, len(offers), BATCH):
            part = offers[first : first + BATCH]
            before = {}
            for one in Allocation.objects.filter(person__in=[offer.person_id for offer in part]).order_by("pk"):
                before.setdefault(one.person_id, []).append(one)
            Line.objects.bulk_create([_line(Line, batch, offer, before[offer.person_id], new_public_id()) for offer in part])


def _line(Line, batch, offer, all_of_person, public_id):
    """What the offer replaced, where that one still waited for an answer, stands in ``seen`` as a batch of today writes it."""
    earlier = [one for one in all_of_person if one.pk < offer.pk][-1:]
    replaced = earlier[0] if earlier and earlier[0].response == "offered" else None
    seen = {
        "incoming_provider": replaced.provider_id if replaced else None, "allocation_response": "offered" if replaced else "", "offer": f"{replaced.pk}.{replaced.version}" if replaced else "",
    }
    return Line(
        public_id=public_id, batch=batch, person_id=offer.person_id, field="incoming_provider", old=replaced.provider_id if replaced else None, new=offer.provider_id, seen=seen, outcome="done",
        record=offer.pk, left_at=1,
    )


class Migration(migrations.Migration):
    dependencies = [("transfers", "0016_findings_in_words")]

    operations = [migrations.RunPython(copy, migrations.RunPython.noop)]
