"""Safety checks after the move (domain 5.6). Pure. Due dates are in ``rules.dues``."""

from __future__ import annotations

QUESTIONS: tuple[tuple[str, str], ...] = (
    ("came", "Did staff come?"),
    ("on_time", "On time?"),
    ("right_number", "The right number of staff?"),
    ("knew_needs", "Did they know the needs?"),
    ("medicines", "Medicines given?"),
    ("equipment", "Equipment there?"),
    ("feels_safe", "Does the person feel safe?"),
    ("knows_who_to_call", "Do they know who to call?"),
    ("representative_content", "Is the representative content?"),
)
COMPLETES = frozenset({"safe", "concern", "confirmed_by_other_body", "declined"})
"""Outcomes with which C16 may be marked; "unable to contact" leaves it open."""
BODY_CONFIRMS = frozenset({"chc", "other_authority"})
"""Funding with which the responsible body's confirmation may stand for the check."""
MAY_DECLINE = frozenset({"self"})
"""Funding with which the check is offered and may be declined: nobody else may go unchecked."""
TRIES = 2


def completes(outcome: str) -> bool:
    return outcome in COMPLETES


def after_failed_tries(tries_today: int, priority: str, representative: bool) -> str:
    """The next thing to do when nobody answers, or "": the representative after two tries, a visit the same day for Red."""
    if tries_today < TRIES:
        return "Try once more today."
    steps = ["Contact the representative." if representative else "There is no representative to contact."]
    if priority == "R":
        steps.append("Priority Red: a welfare visit today.")
    return " ".join(steps)


def outcome_refused(outcome: str, funding: str, body_name: str, follow_up: str) -> list[tuple[str, str]]:
    """Everything that keeps a check from being recorded as it is: (field, sentence)."""
    found: list[tuple[str, str]] = []
    if outcome == "confirmed_by_other_body":
        if funding not in BODY_CONFIRMS:
            found.append(("outcome", "Another body may confirm only for people of CHC or placed by another authority."))
        if not body_name.strip():
            found.append(("confirmed_by", "Name the body that confirmed."))
    if outcome == "declined":
        if funding not in MAY_DECLINE:
            found.append(("outcome", "Only a self-funder may decline the check. Everybody else is checked."))
        if not follow_up.strip():
            found.append(("follow_up", "Say who declined it, and whom they call when something is not right."))
    if outcome == "concern" and not follow_up.strip():
        found.append(("follow_up", "Say what the concern is and what is done about it."))
    return found


ALWAYS = ("came", "feels_safe")
"""Questions that "does not apply" answers for nobody who is said to be safe."""
ANSWERS = {"yes": "Yes", "no": "No", "na": "Does not apply"}


def answers_refused(answers: dict[str, str], outcome: str, follow_up: str) -> list[tuple[str, str]]:
    """What is wrong with the answers to ``QUESTIONS`` {key: yes | no | na}: (field, sentence). Nobody who does not feel safe is
    "safe", and what was not right is said to be put right."""
    found: list[tuple[str, str]] = []
    titles = dict(QUESTIONS)
    if outcome in {"safe", "declined"}:
        if answers.get("feels_safe") == "no":
            found.append(("outcome", "The person does not feel safe, so the outcome is “Concern”."))
        if answers.get("came") == "no":
            found.append(("outcome", "Staff did not come, so the outcome is “Concern”."))
        if outcome == "safe":
            found += [("outcome", f"“{titles[key]}” always applies: nobody is safe before it is answered with yes.") for key in ALWAYS if answers.get(key) == "na"]
        wrong = [titles[key] for key, _ in QUESTIONS if answers.get(key) == "no"]
        if wrong and not found and not follow_up.strip():
            found.append(("follow_up", f"Say what is done about: {' '.join(wrong)}"))
    return found


def harm_refused(harmed: bool, outcome: str, follow_up: str) -> list[tuple[str, str]]:
    """A missed visit that did harm is a concern, with what happened: (field, sentence)."""
    if not harmed:
        return []
    found = [] if outcome == "concern" else [("outcome", "A missed visit that did harm goes with the outcome “Concern”.")]
    return found + ([] if follow_up.strip() else [("follow_up", "Say what harm was done and what is done about it.")])


def unanswered(answers: dict[str, str], outcome: str) -> list[str]:
    """Keys of the questions that were not put, where somebody was spoken to."""
    return [key for key, _ in QUESTIONS if answers.get(key) not in ANSWERS] if outcome in {"safe", "concern"} else []


def in_words(answers: dict[str, str]) -> str:
    """“Not right: …” in one sentence; "" where all was right or nothing was asked."""
    wrong = [title for key, title in QUESTIONS if answers.get(key) == "no"]
    return f"Answered “no”: {' '.join(wrong)}" if wrong else ""


def provider_gaps(visits_received: object, on_call_works: bool | None) -> str:
    """What is not known of an incoming provider before people come to it, or ""."""
    found = [] if visits_received else ["no list of first-week visits"]
    if on_call_works is None:
        found.append("on-call number not tried")
    elif not on_call_works:
        found.append("on-call number does not work")
    return " and ".join(found)
