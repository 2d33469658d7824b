"""One person with the chain of checkpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from mobilisation.clock import today
from mobilisation.history import events
from mobilisation.models import Change
from mobilisation.roles import Can
from mobilisation.services import access_log
from mobilisation.services.changes import entity_name
from transfers.facts.changes import since_asked
from transfers.models import Allocation, Checkpoint, HospitalEpisode, PersonTransfer, SafetyCheck
from transfers.rules import gates
from transfers.rules import priority as priorities
from transfers.services import checkpoints, contents, turning
from transfers.services import people as services
from transfers.services.allocation import wishes
from transfers.services.hospital import slot_until
from transfers.services.rights import is_provider, leaving, on_coming_side, only_asked, roles_towards
from transfers.views import sections
from transfers.views.people.acts import ACTS_OF, Act, acts_for
from transfers.views.people.scope import PeopleScope
from transfers.views.summaries import condition_of, summaries


class PersonPage(PeopleScope, TemplateView):
    """One person: what is done, what is missing for the next step, what may be done now."""

    template_name = "transfers/person_detail.html"

    @cached_property
    def person(self) -> PersonTransfer:
        found = self.people.filter(public_id=self.kwargs["public_id"]).select_related("exiting_provider", "incoming_provider").first()
        if found is None:
            raise Http404("outside scope")
        found.programme = self.programme
        return found

    @cached_property
    def reads_from(self) -> datetime | None:
        """From when an incoming provider reads the history: not what was before it, where another provider was."""
        return since_asked(self.person) if is_provider(self.actor) and not leaving(self.person, self.actor) else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user, person, as_of = self.request.user, self.person, today()
        marks = {mark.code: mark for mark in Checkpoint.objects.visible_to(user).filter(person=person)}
        states = turning.states_of(marks.values())
        frame = turning.Frame.of(self.programme)
        dues = frame.dues_of(person, marks.values())
        stay = HospitalEpisode.objects.visible_to(user).filter(person=person, open=True).first()
        allocation = Allocation.objects.visible_to(user).filter(person=person, current=True).select_related("provider").first()
        # How the new care is going is no matter of the provider whom the person left (domain 8).
        checks = list(SafetyCheck.objects.visible_to(user).filter(person=person)) if on_coming_side(person, self.actor) else []
        holds = frame.hold_on(person)
        colour, reason = person.moments.at(as_of)
        suggestion = priorities.suggest(services.needs_of(person, plan_current=states.get("C08") == "done"))
        acts = acts_for(self)
        hidden = only_asked(person, self.actor)
        access_log.record(self.actor, "view", self.programme, "person", ids=[person.public_id], request=self.request)
        condition = condition_of(None if hidden else allocation, self.actor)
        around = sections.Around.of(self, person)
        beside = around.beside(checks)
        own = Q(entity=entity_name(person), object_id=person.pk) | Q(entity=entity_name(Checkpoint), object_id__in=[mark.pk for mark in marks.values()]) | around.history()
        context |= {
            "person": person,
            "as_of": as_of,
            "colour": colour,
            "reason": reason,
            "suggestion": suggestion,
            "chain": [chain_row(code, marks, states, dues.get(code), self, held=bool(holds), acts=acts, beside=beside) for code in gates.CODES],
            "next": gates.BY_CODE.get(person.next_checkpoint),
            "missing": [gates.BY_CODE[code] for code in gates.missing(person.next_checkpoint, states, pace=self.programme.pace)] if person.next_checkpoint else [],
            "waits_discharge": person.in_hospital and bool(gates.PAUSED_IN_HOSPITAL.intersection(gates.first_open(person.next_checkpoint, states, pace=self.programme.pace))) if person.next_checkpoint else False,
            "may_discharge": any(act.key == "discharge" for act in acts),
            "missing_c14": self._before_ready(states, list(marks.values())),
            "gone_since_c14": self._gone_since_ready(states, list(marks.values())),
            "c10_marked": states.get("C10") == "done",
            "stay": stay,
            "slot_until": slot_until(stay, self.programme) if stay else None,
            "allocation": allocation,
            "condition": condition,
            "checks": checks,
            "holds": [self._hold_words(hold) for hold in holds],
            "acts": acts,
            "events": events(around.shown(Change.objects.visible_to(user).filter(own, **({"at__gt": self.reads_from} if self.reads_from else {}))[:60], c09.pk if (c09 := marks.get("C09")) else None)),
            "may_edit": self.actor.can(Can.PEOPLE_EDIT),
            **summaries(person, None if hidden else allocation, hidden=hidden, wish=self._wish(allocation), condition=condition, team=not is_provider(self.actor)),
            **around.context(),
        }
        return context

    def _before_ready(self, states: Mapping[str, str], marks: Sequence[Checkpoint]) -> list[str]:
        """What C14 waits for: checkpoints that are open and, to the team, who keep orders and lists, what is no longer behind those that are marked."""
        if states.get("C14") in gates.SETTLED or self.person.ending:
            return []
        still_open = [f"{code} {gates.BY_CODE[code].title}" for code in gates.missing("C14", states, pace=self.programme.pace)]
        return still_open if is_provider(self.actor) else still_open + [reason.text for reason in contents.before_ready(self.person, marks)]

    def _gone_since_ready(self, states: Mapping[str, str], marks: Sequence[Checkpoint]) -> list[str]:
        """What went after C14 was marked, told to the team until the first visit is."""
        if states.get("C14") not in gates.SETTLED or states.get("C15") in gates.SETTLED or self.person.ending or is_provider(self.actor):
            return []
        return [reason.text for reason in contents.before_ready(self.person, marks)]

    def _hold_words(self, hold: Any) -> str:
        """The reason; of a hold on another organisation, or on a wave, a provider reads no more than that there is one (domain 8)."""
        own = hold.scope == "person" or hold.provider_id in self.actor.organisation_ids("XP", "IP")
        return str(hold.reason) if own or not is_provider(self.actor) else "The mobilisation team holds this transfer. Ask it when it goes on."

    def _wish(self, allocation: Allocation | None) -> str:
        """What the person wants: to the team, and to the provider they come to once the record is open."""
        if not is_provider(self.actor):
            return wishes([self.person.pk]).get(self.person.pk, "")
        return allocation.preference if allocation and on_coming_side(self.person, self.actor) else ""


@dataclass(frozen=True)
class ChainRow:
    """``state``: of the checkpoint; ``closed`` where the person has left the list before it was settled. ``missing``: codes that are needed
    first; ``waits_discharge``: one of those is paused in hospital; ``waits``: what else keeps the reader from marking it now, and ``way``: whether its page leads to what puts that right; ``own``: the act by which it is marked, where it has questions of its own."""

    checkpoint: gates.Checkpoint
    mark: Checkpoint | None
    state: str
    due: date | None
    missing: list[str]
    waits_discharge: bool
    waits: list[str]
    way: bool
    may_mark: bool
    may_set_aside: bool
    own: Act | None
    may_undo: bool
    may_waive: bool
    waiver_asked: bool


def chain_row(code: str, marks: Mapping[str, Checkpoint], states: dict[str, str], due: date | None, view: PeopleScope, *, held: bool, acts: Sequence[Act], beside: checkpoints.Beside) -> ChainRow:
    """``acts``: what may be done to the person now; ``held``: by a hold of any kind; ``beside``: the records of the page. Sends no statement."""
    actor, person, mark = view.actor, view.person, marks.get(code)  # type: ignore[attr-defined]
    spec, settled, editing = gates.BY_CODE[code], states.get(code) in gates.SETTLED, actor.can(Can.PEOPLE_EDIT)
    if person.ending:
        # What was done stays to be read; nothing is missing, due or to be done any more.
        return ChainRow(spec, mark if settled else None, states[code] if settled else "closed", mark.due if mark and settled else None, [], False, [], False, False, False, None, False, False, False)
    if code == "C09" and not settled and only_asked(person, actor):
        mark = None
    if mark is not None and settled:
        due = mark.due
    bars = checkpoints.barred(person, code, states, actor=actor, checkpoints=marks.values(), held=held)
    missing = gates.missing(code, states, pace=view.programme.pace)
    concerned = editing and not settled and not missing and gates.may_mark(code, roles_towards(person, actor), priority=person.priority)
    lacks = checkpoints.waits(person, code, list(marks.values()), beside)
    own = next((act for key in ACTS_OF.get(code, ()) for act in acts if act.key == key), None) if concerned and not bars else None
    open_now = editing and not bars
    return ChainRow(
        spec, mark, states.get(code, "not_started"), due, missing, person.in_hospital and not gates.PAUSED_IN_HOSPITAL.isdisjoint(gates.first_open(code, states, pace=view.programme.pace)), [reason.text for reason in (*bars, *lacks)] if concerned and own is None else [],
        bool(concerned and own is None and lacks and not bars), open_now and not lacks and code != "C16", open_now and spec.not_applicable and not (code == "C05" and person.representative_name), own,
        mark is not None and checkpoints.may_undo(mark, states, view.programme, actor=actor),
        editing and not checkpoints.waiver_refused(person, code, mark, actor=actor), checkpoints.waiver_asked(mark),
    )
