"""Where the reason of a refusal is put right: the forms that ``Reason.solve`` names, as far as the reader may open them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from mobilisation.errors import Reason
from mobilisation.roles import Can
from transfers.models import CarePlanCheck, Checkpoint, Discrepancy, Hold, ServiceOrder
from transfers.rules import gates
from transfers.rules.hospital import unanswered
from transfers.services import checkpoints
from transfers.services.rights import is_provider, on_coming_side, on_leaving_side
from transfers.services.turning import states_of
from transfers.views.people.acts import ACTS_OF, act_now

Way = tuple[str, str]
"""(words, address)"""


@dataclass(frozen=True)
class _Page:
    """``kwargs``: of its address beside programme and person; None where nothing is there to be opened. ``person``: whether the address holds one."""

    words: str
    name: str
    when: Callable[[Any], bool]
    kwargs: Callable[[Any], dict[str, Any] | None] = lambda view: {}
    person: bool = True


def _team(view: Any) -> bool:
    return not is_provider(view.actor)


def _may(code: str) -> Callable[[Any], bool]:
    return lambda view: _team(view) and gates.may_mark(code, view.actor.roles, priority=view.person.priority)


def _order(kind: str) -> Callable[[Any], dict[str, Any] | None]:
    def found(view: Any) -> dict[str, Any] | None:
        held = ServiceOrder.objects.visible_to(view.request.user).filter(person=view.person, kind=kind, current=True).first()
        return {"record": held.public_id} if held else None

    return found


def _discrepancy(view: Any) -> dict[str, Any] | None:
    held = Discrepancy.objects.visible_to(view.request.user).filter(person=view.person, closed_on__isnull=True).first()
    return {"record": held.public_id} if held else None


def _plan_check(view: Any) -> dict[str, Any] | None:
    return {} if CarePlanCheck.objects.visible_to(view.request.user).filter(person=view.person, current=True).exclude(status="validated").exists() else None


def _group_hold(view: Any) -> dict[str, Any] | None:
    return {} if Hold.objects.visible_to(view.request.user).filter(programme=view.programme, person__isnull=True, lifted_on__isnull=True).exists() else None


_PAGES: dict[str, tuple[_Page, ...]] = {
    "C07": (_Page("Record needs and impact of the change (C07)", "transfers:assessment", _may("C07")),),
    "C08": (_Page("Say what the plan speaks of (C08)", "transfers:plan-content", _may("C08")),),
    "old order": (_Page("Change the old order", "transfers:order-edit", _team, _order("old")), _Page("Add the old order", "transfers:order-add", _team, lambda view: {"kind": "old"})),
    "new order": (_Page("Change the new order", "transfers:order-edit", _team, _order("new")), _Page("Add the new order", "transfers:order-add", _team, lambda view: {"kind": "new"})),
    "visits": (_Page("Add a visit to the new order", "transfers:visit-add", _team, _order("new")),),
    "share": (_Page("Record that the orders are shared", "transfers:order-share", _team),),
    "payment": (_Page("Checks of providers", "transfers:provider-checks", _team, person=False),),
    "route": (_Page("Record where the file goes", "transfers:file-route", lambda view: on_leaving_side(view.person, view.actor) and view.person.file_route in {"await_instruction", "person_choice"}),),
    "liaison": (_Page("Add the health liaison", "transfers:contact-add", _team),),
    "file": (_Page("Record the file's journey", "transfers:file-add", lambda view: on_leaving_side(view.person, view.actor)),),
    "plan check": (_Page("Check the care plan", "transfers:plan-check", lambda view: on_coming_side(view.person, view.actor), _plan_check),),
    "discrepancy": (_Page("Open the discrepancy", "transfers:discrepancy-edit", lambda view: on_coming_side(view.person, view.actor), _discrepancy),),
    "transfer date": (_Page("Enter the planned transfer date", "transfers:person-edit", _team),),
    "group hold": (_Page("Holds", "transfers:hold-list", lambda view: _team(view) and view.actor.can(Can.HOLD), _group_hold, person=False),),
}


def ways(view: Any, reasons: Iterable[Reason]) -> list[Way]:
    """The forms that put ``reasons`` right, each once, in their order; none that the reader may not open, nor the page they are on.

    ``view``: with ``actor``, ``programme``, ``request`` and the ``person`` the reasons are about.
    """
    if not view.person.pk or not view.actor.can(Can.PEOPLE_EDIT):
        return []
    marks: list[Checkpoint] = []
    asked = [key for reason in reasons for key in reason.solve]
    if any(_by_mark(key) for key in asked):
        marks = list(Checkpoint.objects.visible_to(view.request.user).filter(person=view.person))
    states = states_of(marks)
    first = (one for key in asked for one in (gates.first_open(key, states, pace=view.programme.pace) if _by_mark(key) else [key]))
    found = (one for key in first if (one := form_of(view, key, marks)))
    return [one for one in dict.fromkeys(found) if one[1] != view.request.path]


def _by_mark(key: str) -> bool:
    """Whether the form called ``key`` is that of the mark itself, which waits for what is needed first."""
    return key in gates.BY_CODE and key not in ACTS_OF and key not in _PAGES


def form_of(view: Any, key: str, marks: list[Checkpoint]) -> Way | None:
    """The form called ``key``: a checkpoint's, an act's, or a record's; ``marks`` of the person, for the checkpoints."""
    if (own := own_form(view, key)) is not None:
        return own
    if key in _PAGES:
        return next((found for page in _PAGES[key] if (found := _opened(view, page))), None)
    if key in gates.BY_CODE:
        asked = key == "C02" and unanswered(view.person.in_hospital, view.person.hospital_asked_on)
        may = _by_mark(key) and not checkpoints.barred(view.person, key, states_of(marks), actor=view.actor, checkpoints=marks, held=view.person.on_hold)
        return ("Say whether they are in hospital" if asked else f"Mark {key}", _address(view, "transfers:checkpoint", code=key, how="mark")) if may else None
    return _act(view, key)


def own_form(view: Any, code: str) -> Way | None:
    """The act with questions of its own by which ``code`` is marked; None for the others."""
    return next(((f"{words} ({code})", url) for act in ACTS_OF.get(code, ()) if (found := _act(view, act)) for words, url in [found]), None)


def _act(view: Any, key: str) -> Way | None:
    act = act_now(view, key)
    return (act.title, _address(view, "transfers:person-act", act=key)) if act else None


def _opened(view: Any, page: _Page) -> Way | None:
    kwargs = page.kwargs(view) if page.when(view) else None
    if kwargs is None:
        return None
    return page.words, _address(view, page.name, **kwargs) if page.person else reverse(page.name, args=[view.programme.ref])


def _address(view: Any, name: str, **kwargs: Any) -> str:
    return reverse(name, kwargs={"ref": view.programme.ref, "public_id": view.person.public_id} | kwargs)
