"""Nobody of a compared list is lost: everybody of both lists ends in one place, and every difference is a finding."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Max

from transfers.choices import Resolution
from transfers.models import ComparedList, ListFinding, ListRow, PersonTransfer
from transfers.services import lists


def everybody_compared_has_one_place() -> Iterator[str]:
    """The differences themselves are asked for only where nobody was changed since the comparison; else the next one names them."""
    for listed in ComparedList.objects.filter(current=True).select_related("programme").order_by("pk"):
        name = f"{listed.programme.reference}: list {listed.public_id} ({listed.source})"
        rows = ListRow.objects.filter(list=listed).count()
        if rows != listed.count:
            yield f"{name} came with {listed.count} people and holds {rows}."
        standing = lists.stand(listed.programme, listed)
        if not standing.placed:
            yield f"{name}: somebody of the list or the tracker ends in no place, or in two."
        if not _as_compared(listed):
            continue
        if len(standing.result.pairs) != listed.matched:
            yield f"{name} says {listed.matched} matched, and {len(standing.result.pairs)} are."
        yield from _findings(name, listed, standing)


def _as_compared(listed: ComparedList) -> bool:
    """Whether the tracker is as it was when the list was last compared."""
    last = PersonTransfer.objects.filter(programme=listed.programme).aggregate(last=Max("updated_at"))["last"]
    return listed.compared_at is not None and (last is None or last <= listed.compared_at)


def _findings(name: str, listed: ComparedList, standing: lists.Standing) -> Iterator[str]:
    held = {finding.subject: finding for finding in ListFinding.objects.filter(programme=listed.programme, source=listed.source).order_by("pk")}
    for subject, found in standing.found.items():
        if subject not in held or held[subject].resolution == Resolution.GONE:
            whom = f"person {found.person.public_id}" if found.person else f"line {found.row.number}" if found.row else "somebody"
            yield f"{name}: what is found about {whom} ({found.kind}) stands in no finding."
    for subject, finding in held.items():
        if not finding.resolution and subject not in standing.found:
            yield f"{name}: finding {finding.public_id} is open, and the list and the tracker do not say so."
