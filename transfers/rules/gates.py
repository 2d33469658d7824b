"""C01–C20 as a table, and the one question it answers: what is still missing (domain 5.2). Pure.

States of a checkpoint: not_started, in_progress, done, waived, not_applicable, paused, reopened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

SETTLED = frozenset({"done", "waived", "not_applicable"})
"""A gate behind a checkpoint in one of these states is open."""

_BEFORE_READY = tuple(f"C{n:02d}" for n in range(1, 13))


@dataclass(frozen=True)
class Checkpoint:
    """``marked_by``: role codes beside OL, who may mark any. Offsets: ``D0+3w``, ``T-5w``;
    "" where the date comes from another rule (C16: safety, C18: care plans)."""

    code: str
    title: str
    short: str
    group: str
    marked_by: tuple[str, ...]
    needs: tuple[str, ...]
    planned: str
    emergency: str
    waivable: bool = True
    bulk: bool = False
    not_applicable: bool = False


CHECKPOINTS: tuple[Checkpoint, ...] = (
    Checkpoint("C01", "Listed, source recorded", "Listed", "Prepare", ("MT", "DA"), (), "D0+3w", "D0", bulk=True),
    Checkpoint("C02", "Data checked against the provider's list", "Data checked", "Prepare", ("MT", "DA"), ("C01",), "D0+8w", "D0+1c", bulk=True),
    Checkpoint("C03", "Priority set", "Priority", "Prepare", ("ASM", "CM"), ("C01",), "D0+10w", "D0+1c"),
    Checkpoint("C04", "Person told", "Person told", "Tell", ("CL", "CO", "CM"), ("C02",), "D0+12w", "D0+1c", bulk=True),
    Checkpoint("C05", "Representative told", "Rep told", "Tell", ("CL", "CO", "CM"), ("C02",), "D0+12w", "D0+1c", bulk=True, not_applicable=True),
    Checkpoint("C06", "Sharing decision recorded", "Sharing", "Tell", ("CM",), ("C04",), "T-15w", "T-1c", waivable=False),
    Checkpoint("C07", "Needs and impact-of-change risk assessed", "Assessed", "Meet", ("CM",), ("C03",), "T-10w", "T-1c"),
    Checkpoint("C08", "Care and support plan current", "Plan current", "Meet", ("CM",), ("C07",), "T-10w", "T-1c"),
    Checkpoint("C09", "Incoming provider accepted", "Accepted", "Meet", ("PO", "CO", "CL"), ("C03",), "T-10w", "T-1c"),
    Checkpoint("C10", "Old order ended, new order and payment set up, both shared with both providers", "Orders", "Move", ("PO", "TA"), ("C09",), "T-5w", "T+2w", bulk=True),
    Checkpoint("C11", "Transfer pack sent to the incoming provider", "Pack sent", "Move", ("TA", "CO"), ("C06", "C08", "C09"), "T-5w", "T-1c", bulk=True),
    Checkpoint("C12", "Incoming provider has made introductory contact", "Intro contact", "Move", ("IP", "MT"), ("C09", "C11"), "T-3w", "T"),
    Checkpoint("C13", "File routed by the funding rule", "File", "Move", ("XP", "MT"), ("C06",), "T", "T+5w", not_applicable=True),
    Checkpoint("C14", "Ready to transfer", "Ready", "Move", ("ASM",), _BEFORE_READY, "T-1w", "T", waivable=False),
    Checkpoint("C15", "First visit delivered", "First visit", "Move", ("IP", "MT"), ("C14",), "T", "T", waivable=False),
    Checkpoint("C16", "Safety check done", "Safety check", "Check", ("MT",), ("C15",), "", "", waivable=False),
    Checkpoint("C17", "Case system shows the right provider", "Case system", "Check", ("DA", "TA"), ("C10", "C15"), "T+5w", "T+10w", bulk=True),
    Checkpoint("C18", "Care plan validated", "Plan validated", "Check", ("IP", "QL"), ("C15",), "", ""),
    Checkpoint("C19", "Feedback and new-arrangements review offered", "Review offered", "Check", ("CM",), ("C16",), "T+42c", "T+42c"),
    Checkpoint("C20", "Closed", "Closed", "Check", (), ("C15", "C16", "C17", "C18", "C19"), "T+45c", "T+45c"),
)
BY_CODE: dict[str, Checkpoint] = {checkpoint.code: checkpoint for checkpoint in CHECKPOINTS}
CODES: tuple[str, ...] = tuple(BY_CODE)
PAUSED_IN_HOSPITAL = frozenset({"C07", "C08", "C10", "C11", "C12", "C14", "C15", "C16"})
RESTART_ON_DISCHARGE = ("C12", "C14", "C15", "C16")
NEVER_FROM_FILE = frozenset({"C14", "C15", "C16", "C20"})
STOPPED_BY_HOLD = frozenset({"C14", "C15"})
STATED_BY = {"C13": "XP", "C15": "IP"}
"""A provider states these; the mobilisation team confirms them."""
_TEAM = frozenset({"MT", "ASM", "CM", "PO", "TA"})


def needs_of(code: str, *, pace: str = "planned") -> tuple[str, ...]:
    """What must be settled before ``code``; in an emergency the orders (C10) may follow C14."""
    return tuple(need for need in BY_CODE[code].needs if not (code == "C14" and pace == "emergency" and need == "C10"))


def missing(code: str, states: Mapping[str, str], *, pace: str = "planned") -> list[str]:
    """Codes that must be settled before ``code`` and are not; all of them, in order."""
    return [need for need in needs_of(code, pace=pace) if states.get(need, "not_started") not in SETTLED]


def first_open(code: str, states: Mapping[str, str], *, pace: str = "planned") -> list[str]:
    """``code``, where nothing is missing before it; else what is to be settled first on the way to it and waits for nothing itself, in order."""
    reached = {code}
    for one in reversed(CODES):
        if one in reached:
            reached.update(missing(one, states, pace=pace))
    return [one for one in CODES if one in reached and not missing(one, states, pace=pace)]


def visit_too_early(visited_on: date, done: Mapping[str, date]) -> list[str]:
    """Why the first visit (C15) cannot have been on ``visited_on``, or nothing. ``done``: {code: the day it was done}. The provider has
    introduced itself before the first visit, and nobody moves before they were ready (5.2); the days say so as the order does."""
    return [
        f"{_day(visited_on)} lies before {code} {BY_CODE[code].title}, {_day(done[code])}. Check both days; if {code} has the wrong one, undo it first and mark it with the right one."
        for code in ("C12", "C14") if code in done and visited_on < done[code]
    ]


def early_visit_asked(visited_on: date, t: date | None, note: str) -> str:
    """What is asked of a first visit before the planned transfer, or "". The safety check and the check of the plan count from the
    day of the visit (5.6, 5.7), and others may not know of it: either T is moved, or the note says why it came early."""
    if t is None or visited_on >= t or note.strip():
        return ""
    return f"{_day(visited_on)} lies before the planned transfer, {_day(t)}. Say in the note why the first visit came earlier, or move the planned transfer first."


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def dependants(code: str) -> list[str]:
    """Every checkpoint that hangs on ``code``, directly or through others, in order."""
    reached = {code}
    for checkpoint in CHECKPOINTS:
        if not reached.isdisjoint(checkpoint.needs):
            reached.add(checkpoint.code)
    return [one for one in CODES if one in reached and one != code]


def may_mark(code: str, roles: frozenset[str], *, priority: str = "") -> bool:
    """Whether one of ``roles`` may mark ``code``. "MT" in the table means every member of the mobilisation team."""
    checkpoint = BY_CODE[code]
    allowed = set(checkpoint.marked_by)
    if "MT" in allowed:
        allowed |= _TEAM
    if code == "C16" and priority == "R":
        allowed = {"CM"}
    allowed.add("OL")
    return not roles.isdisjoint(allowed)


def who_may(code: str, priority: str = "") -> str:
    """The roles in words, for a refusal."""
    checkpoint = BY_CODE[code]
    roles = ["CM"] if code == "C16" and priority == "R" else list(checkpoint.marked_by)
    return " or ".join(["OL", *roles])


def may_waive(code: str, roles: frozenset[str], *, asked: bool) -> str:
    """Why ``code`` may not be waived by ``roles``, or "" when it may. ``asked``: the OL has asked for the CL's agreement."""
    if not BY_CODE[code].waivable:
        return f"{code} {BY_CODE[code].title} can never be waived."
    if asked:
        return "" if "CL" in roles else f"The waiver of {code} waits for the lead commissioning manager (CL)."
    return "" if "OL" in roles else "Only the lead operational manager (OL) may waive a checkpoint."


def needs_cl(roles: frozenset[str], *, pace: str, exit_type: str) -> bool:
    """Whether a waiver by ``roles`` waits for the lead commissioning manager: in a planned exit it takes OL and CL."""
    return pace != "emergency" and exit_type not in {"enforced", "emergency"} and "CL" not in roles


def status_of(states: Mapping[str, str]) -> str:
    """The furthest status reached (domain 5.2). Nobody is settled or closed without a first visit, as after a stay in
    hospital, when the plan may stand and the visit starts again."""
    for code, status in (("C20", "closed"), ("C18", "settled"), ("C15", "transferred"), ("C14", "ready"), ("C09", "allocated"), ("C04", "informed"), ("C03", "rated")):
        if states.get(code) in SETTLED and (code not in {"C18", "C20"} or states.get("C15") in SETTLED):
            return status
    return "listed"


def restarting(*, package_changed: bool) -> frozenset[str]:
    """What starts again after a stay in hospital (domain 5.5): C12 and C14–C16 and all that hangs on them; a validated plan
    only when the package changed."""
    again = frozenset(RESTART_ON_DISCHARGE).union(*(dependants(code) for code in RESTART_ON_DISCHARGE))
    return again if package_changed else again - {"C18"}


def next_open(states: Mapping[str, str], *, in_hospital: bool = False) -> str:
    """The first checkpoint in order that is not settled and, in hospital, not paused; "" when there is none."""
    return next((code for code in CODES if states.get(code, "not_started") not in SETTLED and not (in_hospital and code in PAUSED_IN_HOSPITAL)), "")
