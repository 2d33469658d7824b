"""Sharing and files (domain 5.4). Pure."""

from __future__ import annotations

from datetime import date, timedelta

ROUTES = {
    "council": "transfer",
    "chc": "transfer",
    "joint": "transfer",
    "other_authority": "await_instruction",
    "self": "person_choice",
    "direct_payment": "person_choice",
}
"""Funding → file route."""
HEALTH_LIAISON = frozenset({"chc", "joint"})


def file_route(funding: str) -> str:
    """The route of a person's file; "" while the funding is not known."""
    return ROUTES.get(funding, "")


def pack_refused(basis: str, safe_without_sharing: str) -> str:
    """Why C11 may not be marked, or "": a refusal to share stops the pack until OL records how care stays safe."""
    if basis == "refused" and not safe_without_sharing.strip():
        return "The person refused sharing. The OL records first how care stays safe without it."
    return ""


def explained_refused(explained_on: date, *, decided_on: date | None, listed_on: date | None, as_of: date) -> str:
    """Why a sharing decision cannot have been explained on that day, or "": as a checkpoint, not in the future and not before the
    decision (D0); where that has no day, not before the person was listed."""
    if explained_on > as_of:
        return f"{_day(explained_on)} is in the future. Enter the day it was explained."
    if decided_on and explained_on < decided_on:
        return f"{_day(explained_on)} lies before the decision date, {_day(decided_on)}."
    if decided_on is None and listed_on and explained_on < listed_on:
        return f"{_day(explained_on)} lies before the day the person was listed, {_day(listed_on)}."
    return ""


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def file_refused(funding: str, instruction: str, choice: str) -> str:
    """Why C13 stays open, or ""."""
    route = file_route(funding)
    if route == "await_instruction" and not instruction.strip():
        return "Placed by another authority: the file waits for that authority's instruction. Store the instruction first."
    if route == "person_choice" and not choice.strip():
        return "The person chooses where the file goes. Record the choice first."
    return ""


METHODS = ("secure_email", "portal", "hand_delivery", "tracked_courier")
TRACED = frozenset({"hand_delivery", "tracked_courier"})
"""Methods that leave a receipt or a tracking reference."""
GONE_WRONG = frozenset({"lost", "misdirected"})


def file_record_refused(
    funding: str, *, instruction: str, choice: str, requested_on: date | None, sent_on: date | None, received_on: date | None, method: str, tracking_ref: str, outcome: str, as_of: date
) -> list[tuple[str, str]]:
    """Everything that keeps the journey of a file from being recorded as it is: (field, sentence)."""
    found: list[tuple[str, str]] = []
    if not (requested_on or sent_on or received_on or outcome):
        found.append(("requested_on", "Enter the day the file was asked for, or the day it was sent."))
    if sent_on and outcome != "retained" and (words := file_refused(funding, instruction, choice)):
        found.append(("sent_on", words))
    for name, day in (("requested_on", requested_on), ("sent_on", sent_on), ("received_on", received_on)):
        if day and day > as_of:
            found.append((name, "The day is in the future. Enter the day it happened."))
    if sent_on and method not in METHODS:
        found.append(("method", "Say how it went: secure e-mail, portal, by hand with a receipt or tracked courier. No other way is allowed."))
    if sent_on and method in TRACED and not tracking_ref.strip():
        found.append(("tracking_ref", "Enter the receipt or the tracking reference."))
    if received_on and sent_on is None:
        found.append(("sent_on", "Enter the day it was sent."))
    if received_on and sent_on and received_on < sent_on:
        found.append(("received_on", "It would be received before it was sent."))
    if outcome == "received" and received_on is None:
        found.append(("received_on", "Enter the day it was received."))
    if outcome in GONE_WRONG and sent_on is None:
        found.append(("outcome", "A file that was not sent cannot be lost on its way."))
    return found


def exiting_sight_until(moved_on: date | None, ended_on: date | None, days: int, kept: date | None) -> date | None:
    """The last day on which the exiting provider sees a person: ``days`` calendar days after the first visit, or the ending,
    whichever came first. ``kept``: the day worked out before there was an ending; who was handed over once and starts again after a
    stay in hospital does not come back to the provider that was left, whatever becomes of them."""
    days_known = [day for day in (moved_on, ended_on) if day is not None]
    if not days_known:
        return kept
    found = min(days_known) + timedelta(days=days)
    return min(found, kept) if kept is not None and moved_on is None else found
