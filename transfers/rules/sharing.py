"""Sharing and files (domain 5.4). Pure."""

from __future__ import annotations

BASES = ("direct_care", "explicit_agreement", "best_interests", "vital_interests", "refused")
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


def file_refused(funding: str, instruction: str, choice: str) -> str:
    """Why C13 stays open, or ""."""
    route = file_route(funding)
    if route == "await_instruction" and not instruction.strip():
        return "Placed by another authority: the file waits for that authority's instruction. Store the instruction first."
    if route == "person_choice" and not choice.strip():
        return "The person chooses where the file goes. Record the choice first."
    return ""
