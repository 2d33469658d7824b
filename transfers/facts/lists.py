"""Every list at once: who of the tracker is missing from which list, and who stands on lists only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, Min, OuterRef, QuerySet, Value, When
from django.db.models.functions import Concat

from mobilisation.models import Programme
from transfers.choices import Finding, ListSource, Resolution
from transfers.models import ComparedList, ListFinding, PersonTransfer

ON, LIKELY, OFF, NEWER, NONE = "on", "likely", "off", "newer", "none"
"""On the list; may be on it; not on it; on the tracker only since it was compared; there is no list."""
WORDS = {ON: "on it", LIKELY: "may be on it", OFF: "not on it", NEWER: "not compared yet", NONE: "no list"}


@dataclass(frozen=True)
class Side:
    """One person and where they stand, by source."""

    person: PersonTransfer
    places: dict[str, str]


@dataclass(frozen=True)
class Beside:
    """Somebody the tracker lacks: the same number, or name, birthday and postcode, on one list or several. ``finding`` leads to one of them."""

    who: str
    sources: tuple[str, ...]
    finding: str


def lacking(people: QuerySet[PersonTransfer], lists: dict[str, ComparedList], source: str = "") -> QuerySet[PersonTransfer]:
    """People going who are not on every list that there is; with ``source`` not on that one."""
    wanted = [source] if source else list(lists)
    missing = ListFinding.objects.filter(person=OuterRef("pk"), source__in=wanted, kind__in=(Finding.ONLY_OURS, Finding.LIKELY)).exclude(resolution__in=(Resolution.GONE, Resolution.SAME))
    return people.filter(Exists(missing), ending="")


def current(programme: Programme) -> dict[str, ComparedList]:
    held = {one.source: one for one in ComparedList.objects.filter(programme=programme, current=True)}
    return {source: held[source] for source in ListSource.values if source in held}


def sides(people: Sequence[PersonTransfer], lists: dict[str, ComparedList]) -> list[Side]:
    """Where each of ``people`` stands on every list; one statement."""
    said: dict[tuple[int, str], str] = {}
    rows = ListFinding.objects.filter(person__in=[person.pk for person in people], kind__in=(Finding.ONLY_OURS, Finding.LIKELY)).exclude(resolution__in=(Resolution.GONE, Resolution.SAME))
    for person, source, kind in rows.values_list("person_id", "source", "kind"):
        if kind == Finding.ONLY_OURS or (person, source) not in said:
            said[person, source] = OFF if kind == Finding.ONLY_OURS else LIKELY
    return [Side(person, {source: _place(person, lists.get(source), said.get((person.pk, source))) for source in ListSource.values}) for person in people]


def _place(person: PersonTransfer, listed: ComparedList | None, said: str | None) -> str:
    if listed is None:
        return NONE
    if said is not None:
        return said
    return NEWER if listed.compared_at is None or person.created_at > listed.compared_at else ON


def _keyed(findings: QuerySet[ListFinding]) -> QuerySet[ListFinding]:
    """What stands on lists only, with ``key``: an NHS number, or name, birthday and postcode, mean one person on every list; a reference only on its own."""
    theirs = findings.filter(kind=Finding.ONLY_THEIRS).exclude(resolution__in=(Resolution.GONE, Resolution.ADDED))
    return theirs.annotate(key=Case(When(row_key__startswith="ref:", then=Concat("source", Value(" "), "row_key")), default=F("row_key"), output_field=CharField()))


def only_theirs(findings: QuerySet[ListFinding]) -> QuerySet[Any]:
    """Those the tracker lacks, one row for each person, however many lists they stand on; what was answered "not ours" too."""
    return _keyed(findings).order_by().values("key").annotate(name=Min("who"), lists=Count("source")).order_by("-lists", "name", "key")


def besides(rows: Sequence[Any], findings: QuerySet[ListFinding]) -> list[Beside]:
    """``rows`` of :func:`only_theirs` with the lists they stand on; one statement."""
    held: dict[str, list[tuple[str, str]]] = {}
    for key, source, public_id in _keyed(findings).filter(key__in=[row["key"] for row in rows]).order_by("pk").values_list("key", "source", "public_id"):
        held.setdefault(key, []).append((source, public_id))
    return [Beside(row["name"], tuple(source for source, _ in held[row["key"]]), held[row["key"]][0][1]) for row in rows]
