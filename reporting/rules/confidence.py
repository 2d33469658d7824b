"""Delivery confidence: five points kept, three printed (domain 5.8)."""

from __future__ import annotations

FIVE = {"G": "Green", "AG": "Amber/Green", "A": "Amber", "AR": "Amber/Red", "R": "Red"}
_THREE = {"G": "G", "AG": "G", "A": "A", "AR": "R", "R": "R"}
MEANING = {
    "G": "Success on time, cost and quality looks highly likely; nothing outstanding threatens it.",
    "A": "Feasible. Significant issues exist but look resolvable if dealt with promptly.",
    "R": "Looks unachievable. Issues do not look manageable; the work may need re-scoping.",
}


def three_points(five: str) -> str:
    """``AG`` prints as G and ``AR`` as R; nothing judged stays empty."""
    return _THREE[five] if five else ""
