"""Decisions of the plan as pure functions: colours (``rag``), dates of a template (``schedule``), readiness (``readiness``)."""
