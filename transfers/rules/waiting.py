"""What waits for a provider about one person: the one next thing it can do now, or nothing. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from transfers.rules import gates, sharing


@dataclass(frozen=True)
class Facts:
    """``states``: {code: state}, what is stated is ``in_progress``. ``plan_left``: items of the care-plan check nobody looked
    at, None where no check has begun; ``discrepancies``: how many are open. ``sent``, ``arrived``: of the newest journey of the file."""

    states: Mapping[str, str]
    pace: str = "planned"
    t: date | None = None
    in_hospital: bool = False
    held: bool = False
    plan_left: int | None = None
    discrepancies: int = 0
    funding: str = ""
    instruction: str = ""
    choice: str = ""
    journey: bool = False
    sent: bool = False
    arrived: bool = False


@dataclass(frozen=True)
class Task:
    """``page``: where the button leads (``mark`` a checkpoint, ``plan``, ``route``, ``file``, ``arrived``, ``person``)."""

    code: str
    title: str
    button: str
    page: str


def _open(facts: Facts, code: str) -> bool:
    """Neither settled nor stated, and nothing is missing before it."""
    state = facts.states.get(code, "not_started")
    paused = facts.in_hospital and code in gates.PAUSED_IN_HOSPITAL
    return state not in gates.SETTLED and state != "in_progress" and not paused and not gates.missing(code, facts.states, pace=facts.pace)


def incoming(facts: Facts, as_of: date) -> Task | None:
    if _open(facts, "C12"):
        return Task("C12", "Make the introductory contact", "Record the contact", "mark")
    if _open(facts, "C15") and not facts.held and facts.t is not None and facts.t <= as_of:
        return Task("C15", "First visit: was it delivered?", "State the first visit", "mark")
    if _open(facts, "C18"):
        if facts.plan_left is None or facts.plan_left:
            return Task("C18", "Check the care plan, it is PROVISIONAL" if facts.plan_left is not None else "Has the care plan arrived?", "Check the plan" if facts.plan_left is not None else "Record it", "plan" if facts.plan_left is not None else "received")
        if facts.discrepancies:
            return Task("C18", f"Close {facts.discrepancies} discrepanc{'y' if facts.discrepancies == 1 else 'ies'} of the care plan", "Open the person", "person")
        return Task("C18", "The care plan is checked and waits to be validated", "Validate the plan", "mark")
    if facts.sent and not facts.arrived:
        return Task("C13", "The file was sent: has it arrived?", "Record its arrival", "arrived")
    return None


def exiting(facts: Facts) -> Task | None:
    if not _open(facts, "C13") or not facts.funding:
        return None
    if sharing.file_refused(facts.funding, facts.instruction, facts.choice):
        asks = sharing.ROUTES.get(facts.funding) == "await_instruction"
        return Task("C13", "Ask the placing authority where the file goes" if asks else "Ask the person where the file goes", "Record the answer", "route")
    if not facts.journey:
        return Task("C13", "Send the file", "Record its journey", "file")
    if not facts.sent:
        return Task("C13", "The file is not sent yet", "Open the person", "person")
    return Task("C13", "The file is sent: state it", "State it", "mark")
