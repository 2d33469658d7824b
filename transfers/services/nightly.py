"""Each night what is stored about people is worked out again from the rules; a difference is a defect, logged and mended (domain 7.5)."""

from __future__ import annotations

import logging
from datetime import datetime, time

from django.db import transaction
from django.utils import timezone

from mobilisation.access import Actor
from mobilisation.models import Programme, Slot
from mobilisation.services import slots
from transfers.models import PersonTransfer
from transfers.services import batches, columns, lists, turning

log = logging.getLogger(__name__)
CHECK_AT = time(0, 15)


def tick(moment: datetime) -> None:
    """Once a day from 00:15 London on; the slot keeps what was found."""
    if (slot := _taken("people", moment)) is None:
        return
    mended: list[int] = []
    failed = slots.each(Programme.objects.open(), lambda programme: mended.append(check(programme)), "nightly check")
    batches.drop_old(moment)
    slots.done(slot, slots.words(f"{sum(mended)} mended", failed))


def compare_lists(moment: datetime) -> None:
    """Once a day the lists kept beside a tracker are compared with it anew: it went on since they came."""
    if (slot := _taken("lists", moment)) is None:
        return
    programmes = list(Programme.objects.open().filter(pk__in=PersonTransfer.objects.values("programme")))
    failed = slots.each(programmes, lambda programme: lists.compare_all(programme, actor=Actor.system("nightly comparison")), "nightly comparison")
    slots.done(slot, slots.words(f"{len(programmes) - failed} compared", failed))


def _taken(schedule: str, moment: datetime) -> Slot | None:
    """The slot of today, taken once; None before its time and for everybody who comes later."""
    local = timezone.localtime(moment)
    return slots.take(schedule, local.date().isoformat()) if local.time() >= CHECK_AT else None


def check(programme: Programme) -> int:
    """Mend the people of ``programme`` who stand otherwise than the rules say; returns how many."""
    if (off := columns.mend(programme, actor=Actor.system("nightly check"))):
        log.error("%s: the columns of %d people said something else than their contacts, orders, monies and checks and are mended", programme.reference, off)
    with transaction.atomic():
        untold = columns.reopen_untold(programme, actor=Actor.system("nightly check"))
        turning.refresh_many(untold, frame=turning.Frame.of(programme), touched=False)
    if untold:
        log.error("%s: of %d people with a representative C05 said that it does not apply; it is open again", programme.reference, len(untold))
    found = [person.public_id for person in turning.drift(programme)]
    if found:
        log.error("%s: %d people stood otherwise than the rules say and are mended: %s", programme.reference, len(found), ", ".join(found[:50]))
        turning.recompute(programme)
    return len(found) + off + len(untold)
