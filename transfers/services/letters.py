"""Letter runs: who gets one, who waits for a decision, out for the mail merge, back with results, and the mark it fulfils."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from mobilisation.access import Actor
from mobilisation.calendars import calendar_for
from mobilisation.choices import CalendarDayKind
from mobilisation.clock import now, today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import CalendarDay, Change, Programme
from mobilisation.roles import Can
from mobilisation.services import changes
from mobilisation.services.changes import entity_name
from transfers.choices import Format, LetterState, LetterTo
from transfers.models import Checkpoint, FundingLead, LetterItem, LetterRun, PersonContact, PersonTransfer
from transfers.rules import letters as rules
from transfers.services import assessing, checkpoints
from transfers.services.rights import is_provider
from transfers.services.turning import states_of

RESULTS = (LetterState.SENT, LetterState.RETURNED, LetterState.CALLED)
TOLD = (LetterState.SENT, LetterState.CALLED)
"""What counts as told; a letter that came back told nobody."""
OPEN = (LetterState.TO_SEND, LetterState.HELD, LetterState.LEFT_OUT)
"""Without a result."""
DECIDED = "decided"
PLACED = {LetterState.TO_SEND: "may be written to", LetterState.HELD: "held back", LetterState.LEFT_OUT: "left out"}
"""What history calls a line that stands elsewhere than before."""


def _require(actor: Actor) -> None:
    actor.require(Can.PEOPLE_EDIT)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team sends letters.")


@dataclass
class _Before:
    """Of a line that is placed anew: to whom it was to go, the reasons decided on, and whether its letter has gone out already."""

    contact: int | None
    decided: set[str] = field(default_factory=set)
    gone: bool = False


def plan(run: LetterRun, people: Sequence[PersonTransfer], before: Mapping[int, _Before] | None = None) -> list[LetterItem]:
    """The lines of ``run`` (unsaved), one a person, each with its place and reason; three statements. ``before``: {person: what stood}
    where they are placed anew."""
    ids = [person.pk for person in people]
    marks: dict[int, list[Checkpoint]] = {}
    for mark in Checkpoint.objects.filter(person__in=ids, code__in=["C04", "C05"]):
        marks.setdefault(mark.person_id, []).append(mark)
    contacts = {contact.person_id: contact for contact in PersonContact.objects.filter(person__in=ids, main=True, ended_on__isnull=True)}
    leads = {lead.funding: lead for lead in FundingLead.objects.filter(programme=run.programme)}
    made = []
    for person in people:
        contact, lead, stood = contacts.get(person.pk), leads.get(person.funding_type), (before or {}).get(person.pk)
        to_other = run.to == LetterTo.REPRESENTATIVE
        # Decided about one representative is not decided about the next.
        decided = stood.decided if stood and (not to_other or stood.contact == (contact.pk if contact else None)) else set()
        address = ((contact.address if contact else "") or person.representative_address) if to_other else person.address
        state, reason = rules.place(
            rules.Addressee(
                run.to, states_of(marks.get(person.pk, [])), impaired=bool((person.cognitive_or_ld or person.dementia) and not person.telling_decision), representative=bool(contact or person.representative_name),
                representative_first=bool(person.tell_representative_first), may_be_told=contact.may_be_told if contact else None, address=address or "", lead=lead.lead if lead else "", writes=lead.we_write if lead else True,
                ended=person.get_ending_display() if person.ending else "",
            ),
            "" if stood and stood.gone else run.marks,
            decided,
        )
        made.append(
            LetterItem(run=run, person=person, contact=contact if to_other else None, format=Format.STANDARD if to_other else person.communication_format or Format.STANDARD, lead=lead.lead if lead else "", state=state, reason=reason)
        )
    return made


Standing = list[tuple[LetterItem, LetterItem]]
"""[(the line as it is kept, as it would be placed now)]."""


def standing(run: LetterRun, items: Iterable[LetterItem], *, gone: bool = False) -> Standing:
    """Lines without a result as they stand by the rule of today; nothing is written and no statement is sent for a single line. Who is
    told another way by decision stays out. ``gone``: a checkpoint settled since is no reason where the letter was taken out (``out_at``)."""
    items = [item for item in items if item.state in OPEN]
    stood, final = {item.person_id: _Before(item.contact_id, gone=gone and item.out_at is not None) for item in items}, set()
    asked = {item.pk: item for item in items if item.decided}
    for pk, fields, why in Change.objects.filter(entity=entity_name(LetterItem), object_id__in=asked, action=DECIDED).values_list("object_id", "fields", "why"):
        if LetterState.LEFT_OUT in fields.get("state", []):
            final.add(pk)
        stood[asked[pk].person_id].decided.add(why)
    for item in asked.values():
        if item.state == LetterState.TO_SEND:
            stood[item.person_id].decided.add(item.reason)
    items = [item for item in items if item.pk not in final]
    return list(zip(items, plan(run, [item.person for item in items], stood), strict=True))


def stopped(found: Standing) -> list[LetterItem]:
    """Who was to be written to and may not be now, each with the state and the reason of now (unsaved)."""
    return [fresh for item, fresh in found if item.state == LetterState.TO_SEND and fresh.state != LetterState.TO_SEND]


def as_of_now(run: LetterRun) -> tuple[int, list[LetterItem]]:
    """(letters the mail merge would hold now, who would no longer be in it)."""
    found = standing(run, LetterItem.objects.filter(run=run, state__in=OPEN).select_related("person", "contact"))
    return sum(fresh.state == LetterState.TO_SEND for _, fresh in found), stopped(found)


def _place_anew(run: LetterRun, found: Standing, *, actor: Actor) -> None:
    """Keep what changed of each line: place, reason, addressee, format, lead."""
    pairs: dict[str, list[tuple[LetterItem, dict[str, Any]]]] = {}
    for item, fresh in found:
        values = {"state": fresh.state, "reason": fresh.reason, "contact": fresh.contact, "format": fresh.format, "lead": fresh.lead}
        if item.decided and fresh.contact_id != item.contact_id:
            values["decided"] = ""
        elif item.decided and fresh.state == LetterState.TO_SEND:
            values["reason"] = item.reason
        pairs.setdefault(PLACED[LetterState(fresh.state)] if fresh.state != item.state else "addressed anew", []).append((item, values))
    for action, some in pairs.items():
        changes.bulk_apply(some, actor=actor, programme=run.programme, action=action)
    for item, fresh in found:
        item.contact = fresh.contact


def not_yet(run: LetterRun, items: Iterable[LetterItem], *, actor: Actor) -> dict[str, int]:
    """Why the checkpoint that ``run`` fulfils could not be marked today for those it goes to: {reason: people}. Nothing is written."""
    people = [item.person for item in items if item.state == LetterState.TO_SEND]
    if not run.marks or not people:
        return {}
    outcome = checkpoints.bulk_preview(people, run.marks, programme=run.programme, actor=actor, on=today())
    return dict(Counter(reason for _, reasons in outcome.refused for reason in reasons))


def prepared(programme: Programme, values: Mapping[str, Any], people: Sequence[PersonTransfer]) -> tuple[LetterRun, list[LetterItem]]:
    """A run for ``people`` as they stand now, and its lines; nothing is saved. Refused where nobody would be written to, now or after
    a decision. ``values``: code, title, to, marks, emergency_why."""
    code, title = str(values.get("code") or "").strip().upper(), str(values.get("title") or "").strip()
    found = [Reason(words, field=name) for name, words, given in (("code", "Enter the code of the communication, like K05.", code), ("title", "Enter what the letter is about.", title)) if not given]
    if (values.get("marks"), values.get("to")) in {("C04", LetterTo.REPRESENTATIVE), ("C05", LetterTo.PERSON)}:
        found.append(Reason("C04 is fulfilled by a letter to the person, C05 by one to the representative.", field="marks"))
    if not people:
        found.append(Reason("Nobody is chosen. Choose another group of people.", field="show"))
    if found:
        raise Refused(found)
    run = LetterRun(programme=programme, **{**dict(values), "code": code[:10], "title": title[:150]})
    items = plan(run, people)
    if all(item.state == LetterState.LEFT_OUT for item in items):
        why = "; ".join(f"{reason} ({n})" for reason, n in Counter(item.reason for item in items).most_common())
        raise Refused(Reason(f"Nobody of those chosen would be told by this letter: {why}. Choose other people.", field="show"))
    return run, items


@transaction.atomic
def begin(programme: Programme, values: Mapping[str, Any], people: Sequence[PersonTransfer], *, actor: Actor) -> LetterRun:
    """Keep the run that was ``prepared``. Nothing is sent by it."""
    _require(actor)
    run, items = prepared(programme, values, people)
    changes.create(run, actor=actor, action="letter run begun")
    for item in items:
        item.run = run
    changes.bulk_create(items, actor=actor, programme=programme, action="put on a letter run")
    return run


@transaction.atomic
def decide(item: LetterItem, words: str, *, letter: bool, actor: Actor, deciders: Collection[str] = (), expected_version: int | None = None) -> Change | None:
    """On somebody held: they get the letter after all, or are told another way. What was decided is written down by whoever decides;
    with cognitive impairment or a learning disability it is the decision of team, provider and case manager (``deciders``) that C04 asks for."""
    _require(actor)
    held = LetterItem.objects.select_for_update(of=("self",)).select_related("person", "run").get(pk=item.pk)
    if held.state != LetterState.HELD:
        raise Refused(f"This person is not held back: {held.get_state_display().lower()}.")
    if not words.strip():
        raise Refused(Reason("Write what was decided, and why.", field="words"))
    if letter and held.run.to == LetterTo.REPRESENTATIVE and held.contact is not None and held.contact.may_be_told is False:
        raise Refused("The person does not want this contact to know. Choose another way, or change the contact first.")
    if letter and held.person.ending:
        raise Refused(f"No letter may go to this person now: {rules.ended(held.person.get_ending_display())}.")
    if held.reason == rules.INDIVIDUAL and held.person.cognitive_or_ld and not held.person.telling_decision:
        assessing.decide_telling(held.person, words, deciders, actor=actor)
    values = {"state": LetterState.TO_SEND if letter else LetterState.LEFT_OUT, "decided": f"{words.strip()} ({actor.label})"[:300]}
    # The reason decided on stays in history: it is not asked again when the line is placed anew.
    return changes.apply(held, values, actor=actor, why=held.reason, expected_version=expected_version, programme=held.run.programme, action=DECIDED)


def pre_election(programme: Programme, day: date) -> str:
    """The name of the pre-election period of the programme's division that holds ``day``, or ""."""
    for period in CalendarDay.objects.filter(division=programme.division, kind=CalendarDayKind.PRE_ELECTION, removed=False, date__lte=day):
        if day <= (period.until or period.date):
            return period.title or "Pre-election period"
    return ""


def warnings(run: LetterRun) -> list[str]:
    """Why it may not be sent just now; empty when it may."""
    local = timezone.localtime(now())
    return rules.window(local, calendar_for(run.programme), pre_election=pre_election(run.programme, local.date()), approved=run.approved_on is not None, emergency=bool(run.emergency_why.strip()))


def staffed_until(run: LetterRun) -> date:
    return calendar_for(run.programme).add(today(), rules.STAFFED_W)


@transaction.atomic
def approve(run: LetterRun, *, actor: Actor) -> Change | None:
    actor.require_open()
    if not actor.has_role("CMS"):
        raise NotPermitted("Communications (CMS) approves what goes out in a pre-election period.")
    return changes.apply(run, {"approved_on": today(), "approved_by_label": actor.label[:150]}, actor=actor, action="approved")


@transaction.atomic
def take_out(run: LetterRun, *, actor: Actor) -> tuple[list[LetterItem], list[LetterItem]]:
    """(the lines to send, for the mail merge; those that may not be sent any more, kept as held back or left out with the reason).
    Everybody without a result is placed anew first. Refused outside the hours in which letters go out."""
    _require(actor)
    actor.require(Can.PEOPLE_EXPORT)
    row = LetterRun.objects.select_for_update(of=("self",)).select_related("programme").get(pk=run.pk)
    if closed := warnings(row):
        raise Refused([*closed, "In an emergency, say why in the run; then it may go out."] if not row.emergency_why else closed)
    found = standing(row, _locked(row, OPEN))
    out = stopped(found)
    _place_anew(row, found, actor=actor)
    items = sorted((item for item, _ in found if item.state == LetterState.TO_SEND), key=lambda item: (item.format, item.person.surname, item.person.forename, item.pk))
    if not items:
        raise Refused(_nobody(out) if out else "Nobody is left to write to: the others are held back, left out or have a result.")
    changes.bulk_mark(items, LetterItem.OUT, actor=actor, programme=row.programme)
    changes.apply(row, {"taken_at": now(), "taken_by_label": actor.label[:150]}, actor=actor, action=f"{len(items)} taken out", why=_said(out))
    return items, out


def _locked(run: LetterRun, states: Collection[str]) -> list[LetterItem]:
    items = list(LetterItem.objects.with_out().select_for_update(of=("self",)).filter(run=run, state__in=states).select_related("person", "contact"))
    for item in items:
        item.run = run
    return items


def _tallied(out: Iterable[LetterItem]) -> str:
    return "; ".join(f"{reason} ({n})" for reason, n in Counter(item.reason for item in out).most_common())


def _said(out: Sequence[LetterItem]) -> str:
    return f"Of those to send {len(out)} may not be written to now: {_tallied(out)}." if out else ""


def _nobody(out: Sequence[LetterItem]) -> str:
    return f"Nobody may be written to now: {_tallied(out)}."


def result_refused(state: str, on: date | None, item: LetterItem | None, now_out: LetterItem | None = None) -> Reason | None:
    """Why this result cannot be, at ``state`` or ``on``. ``now_out``: the line as placed now where it may not be written to any more."""
    if state not in RESULTS:
        return Reason("The result is sent, returned or called.", field="state")
    if on is None:
        return Reason("Say on which day.", field="on")
    if words := rules.day_refused(on, timezone.localtime(item.run.created_at).date() if item is not None else on, today()):
        return Reason(words, field="on")
    if item is not None and state != LetterState.CALLED and item.out_at is None:
        if item.state in {LetterState.HELD, LetterState.LEFT_OUT}:
            return Reason(f"No letter was to go to this person ({item.get_state_display().lower()}): {item.reason}.", field="state")
        if now_out is not None:
            return Reason(f"No letter may go to this person now: {now_out.reason}.", field="state")
    return None


def not_now(items: Iterable[LetterItem]) -> dict[int, LetterItem]:
    """{item: the line as placed now} of those still to send, never taken out, that may not be written to any more. ``items``: with ``out_at``."""
    by_run: dict[LetterRun, list[LetterItem]] = {}
    for item in items:
        if item.state == LetterState.TO_SEND and item.out_at is None:
            by_run.setdefault(item.run, []).append(item)
    return {item.pk: fresh for run, some in by_run.items() for item, fresh in standing(run, some) if fresh.state != LetterState.TO_SEND}


@transaction.atomic
def record(run: LetterRun, results: Mapping[int, tuple[str, date | None, str]], *, actor: Actor, job: Any = None) -> int:
    """{item: (state, day, note)} of one run; all or none. Returns how many changed."""
    _require(actor)
    rows = LetterItem.objects.with_out().select_for_update(of=("self",)).filter(run=run, pk__in=results).select_related("person", "contact", "run__programme")
    items = {item.pk: item for item in rows}
    out = not_now(items.values())
    refused = {pk: reason for pk, (state, on, _) in results.items() if (reason := result_refused(state, on, items[pk], out.get(pk)))}
    if refused:
        raise Refused(list(refused.values()) if len(results) == 1 else [Reason(f"{items[pk].person.public_id}: {reason.text}", field=reason.field) for pk, reason in refused.items()])
    return _recorded(run, {items[pk]: result for pk, result in results.items()}, actor=actor, job=job)


def _recorded(run: LetterRun, results: Mapping[LetterItem, tuple[str, date | None, str]], *, actor: Actor, job: Any = None) -> int:
    return changes.bulk_apply([(item, {"state": state, "on": on, "note": note[:300]}) for item, (state, on, note) in results.items()], actor=actor, programme=run.programme, job=job, action="result of the letter")


@transaction.atomic
def record_sent(run: LetterRun, on: date, *, actor: Actor) -> tuple[int, list[LetterItem]]:
    """All that are to be sent are recorded as sent on ``on``, but for those who may not be written to now: these are kept as held back or
    left out, with the reason. Returns (how many were recorded, the others)."""
    _require(actor)
    row = LetterRun.objects.select_for_update(of=("self",)).select_related("programme").get(pk=run.pk)
    if words := rules.day_refused(on, timezone.localtime(row.created_at).date(), today()):
        raise Refused(Reason(words, field="on"))
    found = standing(row, _locked(row, [LetterState.TO_SEND]), gone=True)
    out = stopped(found)
    going = [item for item, fresh in found if fresh.state == LetterState.TO_SEND]
    if not going:
        raise Refused(_nobody(out) if out else "Nobody waits for this letter.")
    _place_anew(row, [pair for pair in found if pair[1].state != LetterState.TO_SEND], actor=actor)
    number = _recorded(row, {item: (LetterState.SENT, on, "") for item in going}, actor=actor)
    if out:
        changes.mark(row, f"{number} recorded as sent", actor=actor, why=_said(out), programme=row.programme)
    return number, out


@dataclass(frozen=True)
class Marked:
    marked: int
    refused: tuple[tuple[PersonTransfer, tuple[str, ...]], ...]


def mark_told(run: LetterRun, *, actor: Actor) -> Marked:
    """C04 or C05 for those told, on the day of their result, through the ordinary gates; who is refused is named with every reason."""
    _require(actor)
    if not run.marks:
        raise Refused("This run fulfils no checkpoint.")
    by_day: dict[date, list[PersonTransfer]] = {}
    settled = Checkpoint.objects.filter(code=run.marks, state__in=["done", "waived", "not_applicable"], person__letteritems__run=run).values("person")
    for item in LetterItem.objects.filter(run=run, state__in=TOLD, on__isnull=False).exclude(person__in=settled).select_related("person").order_by("pk"):
        by_day.setdefault(item.on, []).append(item.person)
    if not by_day:
        raise Refused("Nobody has a result that counts as told and waits for the mark.")
    marked, refused = 0, []
    for day, people in sorted(by_day.items()):
        outcome = checkpoints.bulk_mark(people, run.marks, programme=run.programme, actor=actor, on=day, note=f"{run.code} {run.title}"[:500])
        marked += len(outcome.marked)
        refused += outcome.refused
    return Marked(marked, tuple(refused))


@transaction.atomic
def set_leads(programme: Programme, leads: Mapping[str, tuple[str, bool]], *, actor: Actor) -> int:
    """{funding: (who leads, whether we write)}; an empty name takes the setting away. Returns how many changed."""
    _require(actor)
    held, changed = {lead.funding: lead for lead in FundingLead.objects.select_for_update().filter(programme=programme)}, 0
    for funding, (name, we_write) in leads.items():
        one = held.get(funding)
        if not name.strip():
            if not we_write:
                raise Refused(Reason("Name who leads and writes.", field=f"lead_{funding}"))
            if one is not None:
                changes.mark(one, "lead taken away", actor=actor, fields={"lead": [one.lead, None]}, programme=programme)
                one.delete()
                changed += 1
        elif one is None:
            changes.create(FundingLead(programme=programme, funding=funding, lead=name.strip()[:150], we_write=we_write), actor=actor)
            changed += 1
        else:
            changed += changes.apply(one, {"lead": name.strip()[:150], "we_write": we_write}, actor=actor) is not None
    return changed


def tally(items: Iterable[LetterItem]) -> dict[str, int]:
    return dict(Counter(item.state for item in items))
