"""The running numbers of the registers."""

from __future__ import annotations

from django.db.models import Max

from mobilisation.models import Programme


def next_numbers(model: type, programme: Programme, many: int = 1) -> range:
    """The next ``many`` numbers of a register; the programme's row is locked so that two people never get one number."""
    Programme.objects.select_for_update().get(pk=programme.pk)
    last = model.objects.filter(programme=programme).aggregate(last=Max("number"))["last"] or 0  # type: ignore[attr-defined]
    return range(last + 1, last + 1 + many)
