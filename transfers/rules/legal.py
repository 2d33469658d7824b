"""Under which duty or power somebody's care is arranged (domain 5.14). Pure."""

from __future__ import annotations

URGENT = "s19_3"
"""The power to meet urgent needs without an assessment: where a provider is not registered, or quality has failed."""


def reason_refused(basis: str, reason: str) -> str:
    """Why the basis cannot stand so, or ""."""
    if basis == URGENT and not (reason or "").strip():
        return "Say why the power to meet urgent needs is used, for example that the provider is not registered, or that its quality has failed."
    return ""
