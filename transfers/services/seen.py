"""What a page showed when somebody began to act, so that an act decided on what stands no longer is refused with what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.utils import timezone

from mobilisation.errors import Conflict, Reason, Refused
from mobilisation.models import Change
from mobilisation.services.changes import entity_name
from transfers.models import PersonTransfer

AGAIN = "Nothing was saved. Look at what stands now, then save again if yours is still right."


@dataclass(frozen=True)
class Seen:
    """``version`` of the person, and key and version of the ``record`` the act is on ("" where there was none)."""

    version: int
    record: str = ""

    @classmethod
    def of(cls, person: PersonTransfer, record: Any = None) -> Seen:
        return cls(person.version, f"{record.pk}.{record.version}" if record is not None else "")

    @classmethod
    def read(cls, text: str) -> Seen | None:
        """As ``str`` writes it; None for anything else, which is an act that says nothing about what it saw."""
        version, _, record = text.partition("/")
        return cls(int(version), record) if version.isascii() and version.isdigit() and len(version) < 10 else None

    def __str__(self) -> str:
        return f"{self.version}/{self.record}"


class Stale(Conflict):
    """The act rests on what has changed since; ``current_version`` is what the page shows now."""

    def __init__(self, reasons: Sequence[Reason], standing: Seen) -> None:
        self.fields = ()
        self.current_version = standing  # type: ignore[assignment]
        Refused.__init__(self, reasons)


def refuse_stale(seen: Seen | None, person: PersonTransfer, names: Sequence[str], record: Any = None) -> None:
    """Refuse where, since ``seen``, somebody changed one of ``names`` on ``person`` (locked and read anew) or ``record``, the
    record the act is on (None where there is none)."""
    if seen is None:
        return
    standing = Seen.of(person, record)
    found = _fields_changed(seen, person, names) if person.version > seen.version else []
    if not found and standing.record != seen.record:
        found = [_record_changed(record)]
    if found:
        raise Stale([*found, Reason(AGAIN)], standing)


def _fields_changed(seen: Seen, person: PersonTransfer, names: Sequence[str]) -> list[Reason]:
    last: dict[str, Change] = {}
    for change in Change.objects.filter(entity=entity_name(person), object_id=person.pk, version__gt=seen.version).order_by("pk"):
        last |= {name: change for name in names if name in change.fields}
    return [
        Reason(f"{_label(person, name)}: {change.actor_label} changed it to “{_shown(person, name)}” {_when(change)}, while this page was open.") for name, change in last.items()
    ]


def _record_changed(record: models.Model | None) -> Reason:
    change = Change.objects.filter(entity=entity_name(record), object_id=record.pk).order_by("-pk").first() if record is not None else None
    if record is None or change is None:
        return Reason("What this page was about was ended or replaced while it was open.")
    title = str(record._meta.verbose_name)
    return Reason(f"{title[0].upper()}{title[1:]}: {change.actor_label} recorded “{change.action}” {_when(change)}, while this page was open.")


def _label(person: PersonTransfer, name: str) -> str:
    label = str(person._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return label[0].upper() + label[1:]


def _shown(person: PersonTransfer, name: str) -> str:
    value = getattr(person, f"get_{name}_display", lambda: getattr(person, name))()
    return f"{value.day} {value:%b %Y}" if isinstance(value, date) else str(value or "empty")


def _when(change: Change) -> str:
    at = timezone.localtime(change.at)
    return f"at {at:%H:%M} on {at.day} {at:%b %Y}"
