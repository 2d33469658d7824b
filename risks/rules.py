"""The risk matrix and what follows from it (domain 5.13). Pure: scores, dates and limits come in as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from mobilisation.moments import ALWAYS, Moments, Turn, earliest


class Band(StrEnum):
    """How large a risk is. Not a progress colour."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    EXTREME = "extreme"

    @property
    def word(self) -> str:
        return self.value.capitalize()

    @property
    def colour(self) -> str:
        """The word the matrix of the source uses."""
        return {"low": "green", "moderate": "yellow", "high": "amber", "extreme": "red"}[self.value]


POSSIBLE_SCORES = tuple(sorted({likelihood * consequence for likelihood in range(1, 6) for consequence in range(1, 6)}))
LIKELIHOOD_WORDS = ("Rare", "Unlikely", "Possible", "Likely", "Almost certain")
CONSEQUENCE_WORDS = ("Negligible", "Minor", "Moderate", "Major", "Catastrophic")
FREQUENCY = ("not expected for years", "about yearly", "about monthly", "about weekly", "daily")
PROBABILITY = ("under 0.1%", "0.1 to 1%", "1 to 10%", "10 to 50%", "over 50%")
CONSEQUENCE_SCALE: tuple[tuple[str, tuple[str, str, str, str, str]], ...] = (
    ("Harm to people", (
        "little or no treatment", "minor treatment, 1 to 3 extra bed days", "professional help, 4 to 14 days off, 4 to 15 extra bed days",
        "long-term disability, more than 14 days off, more than 15 extra bed days", "death, several permanent injuries")),
    ("Service and quality", (
        "small part below par", "below par, local resolution", "much less effective, repeated failure", "national standards missed, risk to people", "unacceptable service, inquest or inquiry")),
    ("Workforce", (
        "short-term low staffing, under 1 day", "low staffing lowers quality", "late delivery, unsafe over 1 day, low morale", "uncertain delivery, key staff lost, unsafe over 5 days",
        "non-delivery, ongoing unsafe")),
    ("Statutory duty", ("none or minimal", "breach, rating falls if unresolved", "single breach, challenging recommendations", "enforcement, several breaches", "prosecution, system change")),
    ("Cost and time of the programme", ("insignificant", "under 5% over", "5 to 10% over", "10 to 25% over, key aims missed", "over 25% over")),
    ("Money (of budget)", ("small", "0.1 to 0.25%", "0.25 to 0.5%", "0.5 to 1%", "over 1%")),
    ("Reputation", ("rumour", "local media, short", "local media, long", "national, under 3 days", "national, over 3 days, MP questions")),
    ("Interruption", ("over 1 hour", "over 8 hours", "over 1 day", "over 1 week", "permanent")),
)
"""What 1 to 5 mean for each thing that would suffer (domain 5.13)."""

REVIEW_LIMIT = {Band.LOW: "risk_review_low_c", Band.MODERATE: "risk_review_moderate_c", Band.HIGH: "risk_review_high_c", Band.EXTREME: "risk_review_extreme_c"}
"""Which limit of the programme holds the longest time between two reviews, in calendar days."""


def score_of(likelihood: int, consequence: int) -> int:
    """1–25; ValueError outside 1–5."""
    for number, what in ((likelihood, "likelihood"), (consequence, "consequence")):
        if not 1 <= number <= 5:
            raise ValueError(f"{what} is {number}; it goes from 1 to 5")
    return likelihood * consequence


def band_of(score: int) -> Band:
    """1–3 Low, 4–6 Moderate, 8–12 High, 15–25 Extreme; ValueError for a number no two factors make."""
    if score not in POSSIBLE_SCORES:
        raise ValueError(f"{score} is no likelihood times consequence")
    if score <= 3:
        return Band.LOW
    if score <= 6:
        return Band.MODERATE
    return Band.HIGH if score <= 12 else Band.EXTREME


def latest_review(reviewed_on: date, band: Band, limits: Mapping[str, float]) -> date:
    """Last day on which the next review is in time."""
    return reviewed_on + timedelta(days=int(limits[REVIEW_LIMIT[band]]))


def score_faults(current: tuple[int, int], target: tuple[int, int] | None) -> list[str]:
    """Target ≤ current, by score. Current may exceed initial."""
    if target is None or score_of(*target) <= score_of(*current):
        return []
    return [f"The target score is {score_of(*target)} and the current score {score_of(*current)}. A target may not be above the current score."]


def missing(*, cause: str, event: str, effect: str, owner: str, scope: str, other_owner: str, controls: str, actions: int, review_on: date | None) -> list[tuple[str, str]]:
    """What an open risk still needs, as (field, sentence): everything at once."""
    wanted = [
        ("event", "Say what could happen.", event),
        ("cause", "Say what would cause it.", cause),
        ("effect", "Say what it would lead to.", effect),
        ("owner_name", "Name an owner.", owner),
        ("review_on", "Give the date of the next review.", review_on),
        ("controls", "Give at least one control or one action.", controls or actions),
    ]
    faults = [(name, sentence) for name, sentence, value in wanted if not value]
    if scope == "shared" and not other_owner:
        faults.append(("other_owner", "A shared risk names an owner in each party. Name the other one."))
    return faults


@dataclass(frozen=True)
class Care:
    """What is known of how an open risk is looked after. ``unowned_from``: the first day without an owner, None while it has one;
    ``open_actions``: due dates of actions that are open."""

    score: int
    unowned_from: date | None
    review_on: date | None
    open_actions: Sequence[date] = ()
    closed: bool = False


def moments(care: Care) -> Moments:
    """When the care of a risk turns colour: Red for an Extreme risk unowned, past review or with an action overdue
    (domain 5.8, risk dimension); Amber for any other risk in that state, and for every Extreme risk; Blue when closed."""
    if care.closed:
        return Moments(blue=True)
    band = band_of(care.score)
    turns: list[Turn] = []
    if care.unowned_from is not None:
        turns.append(Turn(care.unowned_from, f"{band.word} risk without an owner"))
    if care.review_on is not None:
        turns.append(Turn(care.review_on + timedelta(days=1), f"Review was due {_day(care.review_on)}"))
    if care.open_actions:
        first = min(care.open_actions)
        turns.append(Turn(first + timedelta(days=1), f"Action was due {_day(first)}"))
    on, reason = earliest(turns)
    if band is Band.EXTREME:
        return Moments(red_from=on, red_reason=reason, amber_from=ALWAYS, amber_reason=f"Extreme risk, score {care.score}")
    return Moments(amber_from=on, amber_reason=reason)


def dimension(*, extreme: int, extreme_unowned_or_overdue: Iterable[str], high: int, high_limit: int) -> tuple[str, tuple[str, ...]]:
    """Colour and reasons of the risk dimension of a programme (domain 5.8). ``extreme_unowned_or_overdue`` are references."""
    bad = tuple(extreme_unowned_or_overdue)
    if bad:
        return "R", (f"Extreme risk{'s' if len(bad) > 1 else ''} without owner or overdue: {', '.join(bad)}",)
    reasons = []
    if extreme:
        reasons.append(f"{extreme} Extreme risk{'s' if extreme > 1 else ''} open")
    if high > high_limit:
        reasons.append(f"{high} High risks open, more than {high_limit}")
    return ("A", tuple(reasons)) if reasons else ("G", ())


class Trigger(StrEnum):
    """What sets off an escalation (domain 5.13, second table)."""

    NEW_EXTREME = "new_extreme"
    SCORE_JUMP = "score_jump"
    HIGH_OVERDUE_ACTION = "high_overdue_action"
    CRITICAL_MILESTONE_RED = "critical_milestone_red"
    PROGRAMME_RED_TWICE = "programme_red_twice"
    PROGRAMME_RED_THRICE = "programme_red_thrice"
    NO_FIRST_VISIT = "no_first_visit"
    MISSED_VISIT_WITH_HARM = "missed_visit_with_harm"
    SAFETY_CHECK_OVERDUE = "safety_check_overdue"
    SAFEGUARDING = "safeguarding"
    STAFFING_FAILS = "staffing_fails"
    NO_COOPERATION = "no_cooperation"
    UNACKNOWLEDGED = "unacknowledged"


@dataclass(frozen=True)
class Rung:
    """``level`` 1 workstream lead, 2 ML with OL and CL, 3 board, 4 SRO and management team; None goes outside the ladder.
    ``within``: "1w", "2h", "same day" or "next meeting". ``copy``: roles told as well. ``then``: where it goes when nobody
    acknowledged it in time, where that is not the next level."""

    level: int | None
    within: str
    copy: tuple[str, ...] = ()
    then: int | None = None


LADDER: dict[Trigger, Rung] = {
    Trigger.NEW_EXTREME: Rung(3, "1w", ("SRO",)),
    Trigger.SCORE_JUMP: Rung(3, "1w", ("SRO",)),
    Trigger.HIGH_OVERDUE_ACTION: Rung(2, "1w"),
    Trigger.CRITICAL_MILESTONE_RED: Rung(2, "1w"),
    Trigger.PROGRAMME_RED_TWICE: Rung(3, "next meeting"),
    Trigger.PROGRAMME_RED_THRICE: Rung(4, "1w"),
    Trigger.NO_FIRST_VISIT: Rung(2, "2h", ("CO",), then=4),
    Trigger.MISSED_VISIT_WITH_HARM: Rung(2, "2h", ("CO",), then=4),
    Trigger.SAFETY_CHECK_OVERDUE: Rung(2, "1w", ("CO",)),
    Trigger.SAFEGUARDING: Rung(None, "same day"),
    Trigger.STAFFING_FAILS: Rung(4, "same day", ("EPO",)),
    Trigger.NO_COOPERATION: Rung(None, "1w", ("CL",)),
}

OF_THE_PROGRAMME = (Trigger.CRITICAL_MILESTONE_RED, Trigger.PROGRAMME_RED_TWICE, Trigger.PROGRAMME_RED_THRICE, Trigger.STAFFING_FAILS)
"""Triggers that stand as long as a fact of the programme does. That a provider does not cooperate is no fact of the tracker: a person
says it, and the CL takes it to CQC."""
ABOUT_PEOPLE = (Trigger.NO_FIRST_VISIT, Trigger.MISSED_VISIT_WITH_HARM, Trigger.SAFETY_CHECK_OVERDUE)
"""Triggers that concern one person each. The safety check is ours (dc): the table of the guide names the other two."""
HOURS = {"2h": 2}
SCORE_JUMP = 5


def answer_by(raised_at: datetime, within: str, day_begins: int) -> datetime | None:
    """The minute by which it must be acknowledged where the rung counts hours, else None. ``raised_at`` on London's clock; what
    arises at night counts from ``day_begins`` o'clock, since nobody could answer it before."""
    if within not in HOURS:
        return None
    morning = raised_at.replace(hour=day_begins, minute=0, second=0, microsecond=0)
    return max(raised_at, morning) + timedelta(hours=HOURS[within])


def risk_trigger(*, before: int | None, after: int, overdue_action: bool = False) -> Trigger | None:
    """What a new or changed score sets off: a risk that is or becomes Extreme, a rise of five or more, a High risk with an
    overdue action; None for the rest. ``before`` is None for a new risk."""
    extreme = band_of(after) is Band.EXTREME
    if extreme and (before is None or band_of(before) is not Band.EXTREME):
        return Trigger.NEW_EXTREME
    if before is not None and after - before >= SCORE_JUMP:
        return Trigger.SCORE_JUMP
    if overdue_action and band_of(after) in (Band.HIGH, Band.EXTREME):
        return Trigger.HIGH_OVERDUE_ACTION
    return None


def escalated_because(trigger: str, why: str, score: int) -> str:
    """Why a risk stands on the ladder, with the score it has now: what set it off may have named an older one."""
    size = f"{band_of(score).word} risk, score {score}"
    if trigger in (Trigger.NEW_EXTREME, Trigger.SCORE_JUMP):
        return size
    if trigger == Trigger.HIGH_OVERDUE_ACTION:
        return f"{size}, with an action overdue"
    return f"{why.rstrip('.')} ({size[0].lower()}{size[1:]})"


def next_level(level: int, trigger: str = "") -> int:
    """Where an escalation goes that nobody acknowledged in time; 4 is the top."""
    rung = LADDER.get(Trigger(trigger)) if trigger in list(Trigger) else None
    return rung.then if rung and rung.then and rung.level == level else min(level + 1, 4)


def red_weeks_triggers(weeks: int) -> tuple[Trigger, ...]:
    """What stands after ``weeks`` locked snapshots in a row with the programme at Red: from the third on both, as the first step
    was taken already."""
    return tuple(trigger for least, trigger in ((2, Trigger.PROGRAMME_RED_TWICE), (3, Trigger.PROGRAMME_RED_THRICE)) if weeks >= least)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
