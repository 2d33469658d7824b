"""The running numbers of the registers."""

from __future__ import annotations

from django.db.models import Max

from mobilisation.models import Programme


def next_numbers(model: type, programme: Programme, many: int = 1) -> range:
    """The next ``many`` numbers of a register; the programme's row is locked so that two people never get one number.

    Its key stays free: an import holds the lock for many seconds, and what only refers to the programme need not wait.
    """
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    last = model.objects.filter(programme=programme).aggregate(last=Max("number"))["last"] or 0  # type: ignore[attr-defined]
    return range(last + 1, last + 1 + many)
