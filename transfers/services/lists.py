"""Nobody lost: other organisations' lists beside the tracker, each difference resolved by somebody with a reason.

A new upload of a source replaces the one before. What was resolved stays resolved while the lists say the same; what a list no
longer says is closed by that list.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import now, today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Job, Organisation, Programme
from mobilisation.roles import Can
from mobilisation.services import changes, rows
from mobilisation.workbooks.pipeline import PART, unheard
from mobilisation.workbooks.values import display
from mobilisation.workbooks.words import normal
from transfers.choices import Finding, Funding, ListSource, Resolution
from transfers.models import ComparedList, ListFinding, ListRow, PersonTransfer
from transfers.models.lists import TRACKER
from transfers.rules import reconcile
from transfers.rules.numbers import number_key
from transfers.services import doubles, people
from transfers.services.rights import is_provider

COMPARED = ("nhs_number", "surname", "forename", "date_of_birth", "postcode", "funding_type", "weekly_hours", "in_hospital")
"""Fields that are compared where both lists are about the same person; beside them the reference, for the council's own list."""
WRITABLE = frozenset(COMPARED) - {"in_hospital"} | {"case_system_id"}
"""What may be taken over as it is. A stay in hospital is recorded on the person's page, where its days are asked for."""
MATCHED_BY = frozenset({"nhs_number", "surname", "forename", "date_of_birth", "postcode", "case_system_id"})
COMPARING, FINDING = "Step 3 of 3: comparing the list with the tracker", "Step 3 of 3: writing the differences"
ANSWERS: dict[str, tuple[Resolution, ...]] = {
    Finding.ONLY_THEIRS: (Resolution.ADDED, Resolution.NOT_OURS),
    Finding.ONLY_OURS: (Resolution.LIST_WRONG, Resolution.ENDED),
    Finding.LIKELY: (Resolution.SAME, Resolution.DIFFERENT),
    Finding.DIFFERS: (Resolution.TAKEN, Resolution.KEPT),
    Finding.TWICE: (Resolution.DIFFERENT, Resolution.LIST_WRONG),
}


def answers(finding: ListFinding) -> tuple[Resolution, ...]:
    """What may be said of ``finding``. Who stands twice on the tracker itself leaves it once, by an ending."""
    return (Resolution.DIFFERENT, Resolution.ENDED) if finding.source == TRACKER else ANSWERS[Finding(finding.kind)]


def row_key(values: Mapping[str, Any]) -> str:
    """What names a line of a list from upload to upload: a number, else name, date of birth and postcode."""
    if values.get("nhs_number"):
        return f"nhs:{values['nhs_number']}"
    if values.get("reference"):
        return f"ref:{number_key(values['reference'])}"
    born = values.get("date_of_birth")
    return f"who:{normal(values.get('surname') or '')}|{normal(values.get('forename') or '')}|{born.isoformat() if born else ''}|{(values.get('postcode') or '').replace(' ', '')}"[:160]


@transaction.atomic
def take(
    programme: Programme, source: str, found: Sequence[Mapping[str, Any]], *, actor: Actor, job: Job | None = None, progress: Callable[[int, int, str], None] = unheard
) -> ComparedList:
    """Keep a list ({attname of ``ListRow``: value}, with its row ``number`` and ``key``) as the current one of its source and compare it."""
    actor.require(Can.PEOPLE_IMPORT)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team compares lists.")
    for old in ComparedList.objects.select_for_update().filter(programme=programme, source=source, current=True):
        changes.apply(old, {"current": False}, actor=actor, why="a newer list came", job=job)
    made = changes.create(ComparedList(programme=programme, source=source, received_on=today(), count=len(found)), actor=actor, job=job, action="list received")
    rows.insert(ListRow, [{"list_id": made.pk, **values} for values in found], by=actor.user.pk if actor.user else None)
    compare(programme, source, actor=actor, job=job, progress=progress)
    made.refresh_from_db()
    return made


@dataclass(frozen=True)
class _Found:
    kind: str
    person: PersonTransfer | None = None
    row: ListRow | None = None
    other: ListRow | None = None
    second: PersonTransfer | None = None
    field: str = ""
    ours: str = ""
    theirs: str = ""
    by: str = ""
    score: int | None = None

    @property
    def subject(self) -> str:
        other = self.other.key if self.other else self.second.public_id if self.second else ""
        return doubles.subject(self.kind, self.person.public_id if self.person else "", self.row.key if self.row else "", other, self.field, self.ours, self.theirs)

    @property
    def who(self) -> str:
        """The name on the other side."""
        side = self.row or self.second
        return f"{side.surname}, {side.forename}".strip(", ") if side else ""


@transaction.atomic
def compare(programme: Programme, source: str, *, actor: Actor, job: Job | None = None, progress: Callable[[int, int, str], None] = unheard) -> None:
    """Compare the current list of ``source`` with the tracker as it stands, and bring the findings up to date."""
    listed = ComparedList.objects.select_for_update().filter(programme=programme, source=source, current=True).first()
    if listed is None:
        return
    standing = stand(programme, listed, progress)
    _bring_up_to_date(programme, source, standing.found, f"The list of {listed.received_on:%d/%m/%Y} and the tracker no longer say so.", actor, job, progress)
    changes.apply(listed, {"matched": len(standing.result.pairs)}, actor=actor, job=job, action="compared")
    ComparedList.objects.filter(pk=listed.pk).update(compared_at=now())


@dataclass(frozen=True)
class Standing:
    """What a list and the tracker say now: ``found`` {subject: difference}, and who is who."""

    found: dict[str, _Found]
    result: reconcile.Result
    ours: int
    theirs: int

    @property
    def placed(self) -> bool:
        """Whether everybody of both lists ends in exactly one place."""
        result = self.result
        ours = [pair.ours for pair in (*result.pairs, *result.likely)] + [*result.only_ours]
        theirs = [pair.theirs for pair in (*result.pairs, *result.likely)] + [*result.only_theirs, *result.copies]
        return len(ours) == len(set(ours)) == self.ours and len(theirs) == len(set(theirs)) == self.theirs


def stand(programme: Programme, listed: ComparedList, progress: Callable[[int, int, str], None] = unheard) -> Standing:
    """Compare ``listed`` with the tracker without writing; three statements."""
    source = listed.source
    theirs = {row.key: row for row in ListRow.objects.filter(list=listed)}
    people_ = _tracker(programme)
    weighed, most = count(), len(people_) + len(theirs)
    result = reconcile.reconcile(
        [doubles.entry_of(person) for person in people_.values()], [_theirs(row) for row in theirs.values()], doubles.said(programme, source), doubles.limits(programme), lambda: progress(next(weighed), most, COMPARING)
    )
    found = [_Found(Finding.LIKELY, people_[pair.ours], theirs[pair.theirs], by=pair.by, score=pair.score) for pair in result.likely]
    found += [_Found(Finding.ONLY_OURS, people_[key]) for key in result.only_ours if not people_[key].ending]
    found += [_Found(Finding.ONLY_THEIRS, row=theirs[key]) for key in result.only_theirs]
    found += [_Found(Finding.TWICE, row=theirs[pair.ours], other=theirs[pair.theirs], by=pair.by, score=pair.score) for pair in result.twice_theirs]
    for pair in result.pairs:
        person, row = people_[pair.ours], theirs[pair.theirs]
        if person.ending:
            found.append(_Found(Finding.DIFFERS, person, row, field="ending", ours=person.get_ending_display(), theirs="Still on the list", by=pair.by, score=pair.score))
            continue
        for name, (ours, says) in reconcile.differing(_facts(person, source), _row_facts(row, source)).items():
            found.append(_Found(Finding.DIFFERS, person, row, field=name, ours=shown(name, ours), theirs=shown(name, says), by=pair.by, score=pair.score))
    return Standing({one.subject: one for one in found}, result, len(people_), len(theirs))


@transaction.atomic
def compare_tracker(programme: Programme, *, actor: Actor) -> None:
    """Look for people who may stand twice on the tracker itself; the ended ones are left as they are."""
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)  # two comparisons at once would both find it anew
    going = {key: person for key, person in _tracker(programme).items() if not person.ending}
    pairs = reconcile.within([doubles.entry_of(person) for person in going.values()], doubles.said(programme), doubles.limits(programme))
    found = [_Found(Finding.TWICE, going[pair.ours], second=going[pair.theirs], by=pair.by, score=pair.score) for pair in pairs]
    _bring_up_to_date(programme, TRACKER, {one.subject: one for one in found}, "The two rows of the tracker no longer look like one person.", actor)


def _tracker(programme: Programme) -> dict[str, PersonTransfer]:
    """{public id: person}, without the columns that no comparison asks for: a list may be long."""
    names = ("public_id", "programme", "ending", "case_system_id", *COMPARED)
    return {person.public_id: person for person in PersonTransfer.objects.filter(programme=programme).only(*names).order_by("pk")}


def _bring_up_to_date(programme: Programme, source: str, now_found: Mapping[str, _Found], gone_why: str, actor: Actor, job: Job | None = None, progress: Callable[[int, int, str], None] = unheard) -> None:
    """New findings are added, those no longer found are closed, those found again are open again; an answer given stays."""
    known = {finding.subject: finding for finding in ListFinding.objects.select_for_update(of=("self",)).select_related("person").filter(programme=programme, source=source)}
    fresh = [
        ListFinding(
            programme=programme, source=source, kind=one.kind, subject=subject, person=one.person, row_key=one.row.key if one.row else "", field=one.field,
            other_key=one.other.key if one.other else one.second.public_id if one.second else "", who=one.who, ours=one.ours[:300], theirs=one.theirs[:300], by=one.by, score=one.score,
        )
        for subject, one in now_found.items() if subject not in known
    ]
    for first in range(0, len(fresh), PART):
        progress(first, len(fresh), FINDING)
        changes.bulk_create(fresh[first : first + PART], actor=actor, programme=programme, job=job, action="found")
    gone = {"resolution": Resolution.GONE, "reason": gone_why, "resolved_as": actor.label[:150], "resolved_at": now()}
    changes.bulk_apply([(finding, gone) for subject, finding in known.items() if not finding.resolution and subject not in now_found], actor=actor, programme=programme, job=job, action="no longer found")
    again = {"resolution": "", "reason": "", "resolved_as": "", "resolved_at": None}
    changes.bulk_apply([(known[subject], again) for subject in now_found if subject in known and known[subject].resolution == Resolution.GONE], actor=actor, programme=programme, job=job, action="found again")


def compare_all(programme: Programme, *, actor: Actor) -> None:
    """Every current list with the tracker, and the tracker with itself."""
    compare_tracker(programme, actor=actor)
    for source in ListSource.values:
        compare(programme, source, actor=actor)


def _theirs(row: ListRow) -> reconcile.Entry:
    return reconcile.Entry(row.key, (normal(row.surname), normal(row.forename)), row.nhs_number, number_key(row.reference) if row.reference else "", row.date_of_birth, row.postcode)


def _facts(person: PersonTransfer, source: str) -> dict[str, Any]:
    facts = {name: getattr(person, name) for name in COMPARED}
    return facts | ({"case_system_id": person.case_system_id} if source == ListSource.COUNCIL else {})


def _row_facts(row: ListRow, source: str) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in COMPARED}
    return facts | ({"case_system_id": row.reference} if source == ListSource.COUNCIL else {})


def shown(name: str, value: Any) -> str:
    if name == "funding_type" and value:
        return str(Funding(value).label)
    return display(value)


@transaction.atomic
def resolve(finding: ListFinding, how: str, *, actor: Actor, reason: str, expected_version: int | None = None, another: Collection[str] = ()) -> None:
    """Settle one finding: who did it, how and why are kept. ``added`` lists the person, ``taken`` writes the other list's value;
    ``ended`` holds only where an ending is recorded on the person's page: nobody leaves the list without one. ``another``: record IDs of whom
    the person that is added or renamed is said not to be."""
    actor.require(Can.PEOPLE_EDIT)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team resolves differences.")
    _first(finding)
    locked = ListFinding.objects.select_for_update().get(pk=finding.pk)
    if locked.resolution:
        raise Refused(f"{locked.resolved_as} has settled this already: {locked.get_resolution_display().lower()}.")
    if how not in answers(locked):
        raise Refused(Reason("Choose one of the answers.", field="how"))
    if words := reconcile.reason_refused(reason):
        raise Refused(Reason(words, field="reason"))
    person = PersonTransfer.objects.select_for_update(no_key=True).get(pk=locked.person_id) if locked.person_id else None
    if how == Resolution.ENDED and not _left(locked, person):
        raise Refused(Reason("Record the ending on the person's page first: nobody leaves the list without one.", field="how"))
    changes.apply(
        finding, {"resolution": how, "reason": reason.strip()[:500], "resolved_as": actor.label[:150], "resolved_at": now()}, actor=actor, why=reason, expected_version=expected_version, action="resolved",
    )
    if how == Resolution.ADDED:
        added = people.list_person(_person_of(_row_of(locked), locked.programme, locked.source), actor=actor, why=f"on the {locked.get_source_display().lower()} only: {reason}", another=another)
        # A line with a name only says too little to be matched by; the answer itself says who it is.
        changes.apply(finding, {"person": added}, actor=actor, why=reason, action="person added")
    elif how == Resolution.TAKEN and person is not None:
        people.update_person(person, {locked.field: _value_of(locked)}, actor=actor, why=f"{locked.get_source_display()}: {reason}", another=another)
    # A value that nobody is matched by settles itself alone: the lists need not be compared anew.
    if how in {Resolution.ADDED, Resolution.SAME, Resolution.DIFFERENT} or (how == Resolution.TAKEN and locked.field in MATCHED_BY):
        _again(locked, actor)


def _first(finding: ListFinding) -> None:
    """Lock what a comparison locks first, so that two who settle differences of one list, or one who settles and a newer list, do
    not wait for each other."""
    if finding.source == TRACKER:
        Programme.objects.select_for_update(no_key=True).get(pk=finding.programme_id)
    else:
        ComparedList.objects.select_for_update().filter(programme=finding.programme_id, source=finding.source, current=True).first()


def _left(finding: ListFinding, person: PersonTransfer | None) -> bool:
    """Whether the person has left the list with an ending; of two rows of the tracker, one of them."""
    second = finding.source == TRACKER and PersonTransfer.objects.filter(programme=finding.programme, public_id=finding.other_key).exclude(ending="").exists()
    return bool(person and person.ending) or second


def _again(finding: ListFinding, actor: Actor) -> None:
    if finding.source == TRACKER:
        compare_tracker(finding.programme, actor=actor)
    else:
        compare(finding.programme, finding.source, actor=actor)


def reopen(finding: ListFinding, *, actor: Actor, why: str) -> None:
    """Take an answer back; what it wrote on the tracker stays and is corrected there."""
    actor.require(Can.PEOPLE_EDIT)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team resolves differences.")
    if words := reconcile.reason_refused(why):
        raise Refused(Reason(words, field="reason"))
    if not finding.resolution:
        raise Refused("It is open already.")
    with transaction.atomic():
        _first(finding)
        unlinked = {"person": None} if finding.resolution == Resolution.ADDED else {}
        changes.apply(finding, {"resolution": "", "reason": "", "resolved_as": "", "resolved_at": None} | unlinked, actor=actor, why=why, action="reopened")
        _again(finding, actor)


def _row_of(finding: ListFinding) -> ListRow:
    found = ListRow.objects.filter(list__programme=finding.programme, list__source=finding.source, list__current=True, key=finding.row_key).first()
    if found is None:
        raise Refused("The list that said so was replaced by a newer one. Reload the page.")
    return found


def _value_of(finding: ListFinding) -> Any:
    if finding.field == "ending":
        raise Refused(Reason("Take the ending back on the person's page, where it is said why it was wrong; then this difference goes by itself.", field="how"))
    if finding.field not in WRITABLE:
        raise Refused(Reason("Record the stay in hospital on the person's page, where its days are asked for; then this difference goes by itself.", field="how"))
    row = _row_of(finding)
    return row.reference if finding.field == "case_system_id" else getattr(row, finding.field)


def _person_of(row: ListRow, programme: Programme, source: str) -> PersonTransfer:
    hours: Decimal | None = row.weekly_hours
    born: date | None = row.date_of_birth
    leaving = list(Organisation.objects.filter(party_to__contract__programmes=programme, party_to__role="exiting").distinct()[:2])
    return PersonTransfer(
        programme=programme, exiting_provider=leaving[0] if len(leaving) == 1 else None, surname=row.surname, forename=row.forename, nhs_number=row.nhs_number, date_of_birth=born, postcode=row.postcode, address=row.address, phone=row.phone,
        funding_type=row.funding_type, weekly_hours=hours, case_system_id=row.reference if source == ListSource.COUNCIL else "", row_ref="" if source == ListSource.COUNCIL else row.reference, source=str(ListSource(source).label)[:40],
        known_to_council=True if source == ListSource.COUNCIL else None,
    )
