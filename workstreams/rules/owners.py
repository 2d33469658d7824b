"""The words of an owner column as role codes (domain 6). Pure."""

from __future__ import annotations

PROVIDER_WORDS = {"provider", "scheduling", "supervisors"}
"""Owner words of the templates that mean the incoming provider."""


def owner_codes(words: str) -> frozenset[str]:
    """``"OL, CL"`` → {OL, CL}; the workstream's own ``lead`` is no code, whoever leads is known by the workstream."""
    found = (word.strip() for word in words.split(","))
    return frozenset("IP" if word in PROVIDER_WORDS else word for word in found if word and word != "lead")
