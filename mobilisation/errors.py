"""The ways a use case can say no. Each carries what to show: where, what was found, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reason:
    """One sentence a person can act on; ``field`` is the form field or column it belongs to, ``solve`` names what puts it right:
    the page that shows the reason knows where that is done."""

    text: str
    field: str = ""
    where: str = ""
    solve: tuple[str, ...] = ()


class Refused(Exception):
    """Nothing was written. ``reasons`` says everything that is missing, not only the first."""

    def __init__(self, reasons: str | Reason | Sequence[Reason | str]) -> None:
        if isinstance(reasons, (str, Reason)):
            reasons = [reasons]
        self.reasons: tuple[Reason, ...] = tuple(Reason(r) if isinstance(r, str) else r for r in reasons)
        super().__init__(" ".join(r.text for r in self.reasons))


class NotPermitted(Refused):
    """The actor's roles do not allow this."""


@dataclass(frozen=True)
class FieldConflict:
    """Two people changed one field: both values, and who saved first."""

    field: str
    label: str
    mine: Any
    theirs: Any
    by: str
    at: Any


class Conflict(Refused):
    """A stale save touched fields that somebody else has changed since."""

    def __init__(self, fields: Sequence[FieldConflict], current_version: int) -> None:
        self.fields = tuple(fields)
        self.current_version = current_version
        super().__init__(
            [
                Reason(f"{f.label}: {f.by} changed it to “{f.theirs}” while you were editing. You entered “{f.mine}”. Choose which to keep.", f.field)
                for f in fields
            ]
        )


class ChoiceNeeded(Exception):
    """Only a person can decide; ``flag`` is the command-line option that answers it, ``on_page`` the question as a page asks it."""

    def __init__(self, question: str, flag: str, options: Sequence[str] = (), *, on_page: str = "") -> None:
        self.question, self.flag, self.options, self.on_page = question, flag, tuple(options), on_page or question
        super().__init__(question)
