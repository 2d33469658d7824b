"""One person twice on the tracker: the rule of the compared lists, asked also before somebody is listed or renamed by hand.

A number decides and is refused by itself (domain 7.4). What is only likely, by name, date of birth and postcode, is shown first; that it
is somebody else a person says, and it is kept as the answer to the same question of the comparison, which does not ask again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.errors import Reason, Refused
from mobilisation.models import Programme
from mobilisation.services import changes
from mobilisation.workbooks.words import normal
from transfers.choices import Finding, Resolution
from transfers.models import ListFinding, PersonTransfer
from transfers.models.lists import TRACKER
from transfers.rules import reconcile
from transfers.rules.numbers import number_key

WHO = ("surname", "forename", "nhs_number", "case_system_id", "date_of_birth", "postcode")
RENAMED = frozenset({"surname", "forename", "date_of_birth"})
"""What makes somebody another one by name when it is corrected."""


class PerhapsListed(Refused):
    """Somebody like this is on the list already. ``keys``: the record IDs of whom it may be; they come back as ``another`` of the
    service once somebody has said that it is none of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys = tuple(keys)
        super().__init__(Reason("Perhaps already on the list. Look at who is named, then say whether this is somebody else.", field="another"))


def entry(key: str, surname: str, forename: str, nhs_number: str, case_system_id: str, born: Any, postcode: str) -> reconcile.Entry:
    """A row of the tracker as the comparison reads it."""
    return reconcile.Entry(key, (normal(surname), normal(forename)), nhs_number, number_key(case_system_id) if case_system_id else "", born, postcode)


def entry_of(person: PersonTransfer) -> reconcile.Entry:
    return entry(person.public_id, *(getattr(person, name) for name in WHO))


def limits(programme: Programme) -> reconcile.Limits:
    return reconcile.Limits(int(programme.threshold("list_match_sure")), int(programme.threshold("list_match_likely")))


def said(programme: Programme, source: str = TRACKER) -> dict[tuple[str, str], str]:
    """What people decided about who is who, in this source and for good. A line somebody was added from is that person."""
    words = {Resolution.SAME: reconcile.SAME, Resolution.ADDED: reconcile.SAME, Resolution.DIFFERENT: reconcile.DIFFERENT}
    found = {}
    for finding in ListFinding.objects.filter(programme=programme, source=source, resolution__in=words).select_related("person"):
        ours = finding.person.public_id if finding.person else finding.row_key
        theirs = finding.row_key if finding.person and finding.row_key else finding.other_key
        pair = (ours, theirs) if finding.row_key and finding.person else (min(ours, theirs), max(ours, theirs))
        found[pair] = words[Resolution(finding.resolution)]
    return found


def subject(kind: str, person: str = "", row: str = "", other: str = "", field: str = "", ours: str = "", theirs: str = "") -> str:
    """What names a finding for good; ``person`` and ``other`` are record IDs."""
    return hashlib.sha256("\x1f".join((kind, person, row, other, field, ours, theirs)).encode()).hexdigest()


def like(person: PersonTransfer, values: Mapping[str, Any] = {}) -> list[str]:
    """Record IDs of whom ``person``, with ``values`` in place of its own, may be, the likeliest first. Two statements. Who has the same
    number to the letter is not asked about: that is refused."""
    held = {name: getattr(person, name) for name in WHO} | {name: value for name, value in values.items() if name in WHO}
    own = {(name, held[name]) for name in ("nhs_number", "case_system_id") if held[name]}
    rows = PersonTransfer.objects.filter(programme=person.programme_id).values_list("public_id", *WHO)
    others = [entry(*row) for row in rows if own.isdisjoint(zip(WHO, row[1:], strict=True))]
    return [pair.theirs for pair in reconcile.like(entry(person.public_id, *held.values()), others, said(person.programme), limits(person.programme))]


def refuse_unsaid(person: PersonTransfer, another: Collection[str], values: Mapping[str, Any] | None = None) -> list[str]:
    """Whom ``person`` may be and is said not to be (``another``). Raises :class:`PerhapsListed` while somebody is left unsaid; of a
    change (``values``) only those count whom the person was not like before."""
    found = like(person, values or {})
    if found and values is not None:
        before = set(like(person))
        found = [key for key in found if key not in before]
    if not set(found) <= set(another):
        raise PerhapsListed(found)
    return found


def say_apart(person: PersonTransfer, keys: Iterable[str], *, actor: Actor, why: str) -> None:
    """Keep that ``person`` is none of ``keys``: on the person's history and as the answer of the comparison, with who and when."""
    for other in PersonTransfer.objects.filter(programme=person.programme_id, public_id__in=list(keys)).order_by("pk"):
        first, second = sorted((person, other), key=lambda one: one.public_id)
        answer = {"resolution": Resolution.DIFFERENT, "reason": why[:500], "resolved_as": actor.label[:150], "resolved_at": now()}
        named = subject(Finding.TWICE, first.public_id, other=second.public_id)
        held = ListFinding.objects.select_for_update(of=("self",)).filter(programme=person.programme_id, source=TRACKER, subject=named).first()
        if held is None:
            changes.create(
                ListFinding(programme=person.programme, source=TRACKER, kind=Finding.TWICE, subject=named, person=first, other_key=second.public_id, who=second.name, by="name, date of birth and postcode", **answer),
                actor=actor, why=why, action="resolved",
            )
        elif held.resolution != Resolution.DIFFERENT:
            changes.apply(held, answer, actor=actor, why=why, action="resolved")
        changes.mark(person, "said to be somebody else", actor=actor, why=f"not {other}")
