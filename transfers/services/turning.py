"""Stored dues and turning moments of people: worked out by the rules, written with the change that moved them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from mobilisation.calendars import calendar_as_of, calendar_for
from mobilisation.clock import today
from mobilisation.models import Programme
from mobilisation.models.base import HasMoments
from mobilisation.moments import Moments
from mobilisation.services import changes
from mobilisation.working_days import WorkingCalendar
from transfers.facts.groups import MOVED
from transfers.models import Checkpoint, Hold, PersonTransfer
from transfers.rules import dues, gates, progress, sharing
from transfers.services import contents, standing
from transfers.services.standing import Held, Mark

STORED = ("status", "next_checkpoint", "next_due", "overdue_from", "safety_due", "settled_codes", "in_hospital", "on_hold", "exiting_sight_until", "sight_before_ending", *HasMoments.MOMENT_FIELDS)


@dataclass(frozen=True)
class Place:
    """Where somebody stands on the way: the status, the step that is next with its day, and the first day on which something is overdue."""

    status: str
    next_checkpoint: str
    next_due: date | None
    settled_codes: int
    safety_due: date | None
    overdue_from: date | None


@dataclass
class Frame:
    """What all people of a programme share, read once."""

    programme: Programme
    calendar: WorkingCalendar
    holds: Sequence[Hold | Held]
    limits: dues.Limits
    progress_limits: progress.ProgressLimits
    sight_days: int
    weeks_to_e: int | None = field(default=None)
    _dues: dict[dues.Anchors, Mapping[str, date]] = field(default_factory=dict, repr=False)
    _moments: dict[tuple[Any, ...], Moments] = field(default_factory=dict, repr=False)
    _places: dict[tuple[Any, ...], Place] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, programme: Programme, *, holds: Sequence[Hold | Held] | None = None, calendar: WorkingCalendar | None = None) -> Frame:
        """``holds`` in force and ``calendar`` are read when not given; for dues alone an empty list of holds will do."""
        t = programme.threshold
        weeks = dues.weeks_between(programme.decision_date, programme.exit_date) if programme.decision_date and programme.exit_date else None
        return cls(
            programme, calendar or calendar_for(programme), list(Hold.objects.filter(programme=programme, lifted_on__isnull=True).select_related("provider")) if holds is None else holds,
            dues.Limits(int(t("no_due_before_listing_w")), int(t("safety_amber_w")), int(t("safety_green_w")), int(t("safety_red_second_c")), int(t("plan_high_risk_c")), int(t("plan_other_c"))),
            progress.ProgressLimits(int(t("person_overdue_red_w")), int(t("person_no_provider_w")), int(t("person_stale_w"))),
            int(t("exiting_sight_days")), weeks,
        )

    def hold_on(self, person: PersonTransfer) -> list[Hold | Held]:
        """What holds ``person`` where their status puts them. A hold of many stops C14 and C15 (domain 5.2), so it is none to who has moved."""
        if not self.holds:
            return []
        moved = person.status in MOVED
        return [
            hold
            for hold in self.holds
            if (hold.scope == "person" and hold.person_id == person.pk)
            or (hold.scope == "provider" and not moved and hold.provider_id in {person.incoming_provider_id, person.exiting_provider_id})
            or (hold.scope == "wave" and not moved and hold.wave == person.wave)
        ]

    def anchors_of(self, person: PersonTransfer, checkpoints: Iterable[Checkpoint | Mark]) -> dues.Anchors:
        return dues.Anchors(
            d0=self.programme.decision_date, t=person.planned_transfer_date, listed_on=person.listed_on, priority=person.priority, high_risk=person.high_risk,
            pace=self.programme.pace, weeks_to_e=self.weeks_to_e, moved_on=visited_on(checkpoints),
        )

    def dues_of(self, person: PersonTransfer, checkpoints: Iterable[Checkpoint | Mark]) -> Mapping[str, date]:
        """{code: due}. People with the same dates share one answer: the working days are counted once."""
        return self._dues_at(self.anchors_of(person, checkpoints))

    def _dues_at(self, anchors: dues.Anchors) -> Mapping[str, date]:
        if anchors not in self._dues:
            self._dues[anchors] = dues.all_dues(anchors, self.calendar, self.limits)
        return self._dues[anchors]

    def place_of(self, anchors: dues.Anchors, states: Mapping[str, str], *, in_hospital: bool, ended: bool) -> Place:
        """The same of where they stand."""
        key = anchors, frozenset(states.items()), in_hospital, ended
        if key not in self._places:
            found = self._dues_at(anchors)
            following = "" if ended else gates.next_open(states, in_hospital=in_hospital)
            still_open = [found[code] for code in gates.CODES if code in found and states.get(code) not in gates.SETTLED and not (in_hospital and code in gates.PAUSED_IN_HOSPITAL)]
            self._places[key] = Place(
                gates.status_of(states), following, found.get(following), sum(state in gates.SETTLED for state in states.values()), found.get("C16"),
                None if ended or not still_open else date.fromordinal(min(still_open).toordinal() + 1),
            )
        return self._places[key]

    def moments_of(self, facts: progress.PersonFacts, anchors: dues.Anchors) -> Moments:
        """The same of the moments: whoever stands alike turns alike."""
        key = (
            anchors, frozenset(facts.states.items()), facts.updated_on, facts.in_hospital, facts.held, facts.hold_review_on, facts.discrepancies_due, facts.concern_without_owner,
            facts.second_safety_due, facts.take_on_gaps, facts.ended,
        )
        if key not in self._moments:
            self._moments[key] = progress.moments(facts, self.calendar, self.progress_limits)
        return self._moments[key]


def states_of(checkpoints: Iterable[Checkpoint | Mark]) -> dict[str, str]:
    return {checkpoint.code: checkpoint.state for checkpoint in checkpoints}


def visited_on(checkpoints: Iterable[Checkpoint | Mark]) -> date | None:
    """The day of the first visit, which is T from then on (domain 5.6, 5.7); None while C15 is open."""
    return next((checkpoint.done_on for checkpoint in checkpoints if checkpoint.code == "C15" and checkpoint.state == "done"), None)


def settle(person: PersonTransfer, frame: Frame, checkpoints: Sequence[Checkpoint | Mark], discrepancies: Sequence[date], second_check: date | None, *, unowned: bool = False) -> None:
    """Put status, next step, dues and moments on ``person`` (unsaved). ``discrepancies``: days of those that wait for the call or
    the plan. ``second_check``: day of the last second safety check that was answered; one from before the first visit belongs to
    an earlier move. ``unowned``: an open safeguarding concern has no owner."""
    states = states_of(checkpoints)
    anchors = frame.anchors_of(person, checkpoints)
    found = frame._dues_at(anchors)
    visited = visited_on(checkpoints)
    place = frame.place_of(anchors, states, in_hospital=person.in_hospital, ended=bool(person.ending))
    person.status, person.next_checkpoint, person.next_due = place.status, place.next_checkpoint, place.next_due
    person.settled_codes, person.safety_due, person.overdue_from = place.settled_codes, place.safety_due, place.overdue_from
    holds = frame.hold_on(person)
    person.on_hold = bool(holds)
    kept = person.sight_before_ending if person.ending else person.exiting_sight_until
    person.exiting_sight_until = sharing.exiting_sight_until(visited or person.actual_transfer_date, person.ended_on if person.ending else None, frame.sight_days, kept)
    reviews = [hold.review_on for hold in holds if hold.review_on]
    reported = [checkpoint.code for checkpoint in checkpoints if checkpoint.from_file and checkpoint.state == "done"]
    gaps = sorted({need for code in reported for need in gates.missing(code, states, pace=frame.programme.pace)} | contents.unfounded(person, checkpoints, since=frame.programme.decision_date).keys())
    person.set_moments(
        frame.moments_of(
            progress.PersonFacts(
                states=states, dues=found, t=person.planned_transfer_date, updated_on=person.touched_on, priority=person.priority, in_hospital=person.in_hospital,
                held=bool(holds), hold_review_on=min(reviews) if reviews else None,
                discrepancies_due=tuple(discrepancies),
                second_safety_due=None if second_check and (visited is None or second_check >= visited) else dues.second_safety_due(visited, person.priority, frame.limits),
                take_on_gaps=tuple(gaps), ended=bool(person.ending), concern_without_owner=unowned,
            ),
            anchors,
        )
    )


def refresh(person: PersonTransfer, *, touched: bool = True) -> None:
    """Work out and store what hangs on one person; call inside the transaction of the change."""
    if touched:
        person.touched_on = today()
    refresh_many([person], frame=Frame.of(person.programme), touched=False, also=("touched_on",) if touched else ())


def refresh_many(people: Sequence[PersonTransfer], *, frame: Frame, touched: bool = True, also: tuple[str, ...] = ()) -> None:
    """The same for many people of one programme in a fixed number of statements per batch."""
    if not people:
        return
    if touched:
        day = today()
        for person in people:
            person.touched_on = day
        also = (*also, "touched_on")
    names = (*STORED, *also)
    for start in range(0, len(people), changes.BATCH):
        batch = people[start : start + changes.BATCH]
        differing = _settled(batch, frame, names)
        # What was set before the call (``also``) cannot be told from what was read, so it is written.
        if written := batch if also else differing:
            changes.upsert(PersonTransfer, written, names)


def _settled(batch: Sequence[PersonTransfer], frame: Frame, names: Sequence[str]) -> list[PersonTransfer]:
    """Settle ``batch`` (unsaved) and return those whose ``names`` were otherwise; one statement."""
    found = standing.read([person.pk for person in batch])
    differing = []
    for person in batch:
        before = [getattr(person, name) for name in names]
        _settle(person, frame, found)
        if before != [getattr(person, name) for name in names]:
            differing.append(person)
    return differing


def _settle(person: PersonTransfer, frame: Frame, found: standing.Standing) -> None:
    settle(person, frame, found.marks.get(person.pk, []), found.discrepancies.get(person.pk, []), found.second.get(person.pk), unowned=person.pk in found.unowned)


def settle_now(person: PersonTransfer) -> tuple[str, ...]:
    """Settle one person (locked, its change made, unsaved) as touched today; returns the names to be written. One statement."""
    person.touched_on = today()
    found = standing.read([person.pk], person.programme)
    frame = Frame.of(person.programme, holds=found.holds, calendar=calendar_as_of(person.programme.division, found.calendar))
    _settle(person, frame, found)
    return (*STORED, "touched_on")


def drift(programme: Programme) -> list[PersonTransfer]:
    """People who stand otherwise than the rules say (settled as they should be, unsaved). Every change stores what hangs
    on it, so a row in this list is a defect."""
    frame = Frame.of(programme)
    return [person for batch in in_batches(programme) for person in _settled(batch, frame, STORED)]


def in_batches(programme: Programme) -> Iterator[list[PersonTransfer]]:
    """Everybody on the list in the order of their keys, one batch in memory; a statement each."""
    last = 0
    while batch := list(PersonTransfer.objects.filter(programme=programme, pk__gt=last).order_by("pk")[: changes.BATCH]):
        yield batch
        if len(batch) < changes.BATCH:
            return
        last = batch[-1].pk


def recompute(programme: Programme, among: Q | None = None) -> int:
    """All people anew: when the calendar, a limit, D0, E or the pace changed; ``among`` only those whom a change can touch.
    Returns how many."""
    with transaction.atomic():
        people = list(PersonTransfer.objects.select_for_update(no_key=True).filter(among or Q(), programme=programme).order_by("pk"))
        refresh_many(people, frame=Frame.of(programme), touched=False)
    return len(people)
