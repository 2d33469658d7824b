"""Taking a done import back, as one act and once: what stands as the import left it goes back, the rest stays and is named (domain 10.7).

What an import wrote is found again by its job in the history, so nothing is kept beside it. Each kind that can be taken back has an
:class:`Undoer` of its own, named where its importer is registered.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from mobilisation import registry
from mobilisation.access import Actor
from mobilisation.choices import ImportState
from mobilisation.clock import now
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import ImportRun, Programme
from mobilisation.services import access_log, changes

NAMED = 200
"""Of so many that stay the result keeps what they are."""


@dataclass(frozen=True)
class Left:
    """Something that stays as it is: ``key`` and ``url`` of the record, ``who`` its name, ``what`` in words, ``why`` it stays."""

    key: str
    who: str
    what: str
    why: str
    url: str = ""

    def as_json(self) -> dict[str, str]:
        """Without the name: the result outlives the rows."""
        return {"key": self.key, "what": self.what, "why": self.why, "url": self.url}


@dataclass(frozen=True)
class Prospect:
    """``values`` go back on ``records``; ``listed`` records that the import made leave the list; ``left`` stays."""

    values: int
    records: int
    listed: int
    left: tuple[Left, ...]

    @property
    def any(self) -> bool:
        return bool(self.values or self.listed)


class Undoer(ABC):
    """How one kind of import is taken back; made anew for each look. Statements are fixed in number, however many rows it had."""

    leaves: str = ""
    """How a record that the import made leaves the list, in a sentence for the preview."""

    def __init__(self, record: ImportRun, actor: Actor) -> None:
        self.record, self.programme, self.actor = record, record.programme, actor

    @abstractmethod
    def prospect(self) -> Prospect:
        """What would be done; nothing is written."""

    @abstractmethod
    def put_back(self, why: str) -> Prospect:
        """Do it, in the caller's transaction; ``why`` is what the history of each record says."""


def undoer_for(record: ImportRun, actor: Actor) -> Undoer | None:
    """None where the kind cannot be taken back, or what it wrote is not known by a job (an import from the command line)."""
    found = registry.importers().get(record.kind)
    if found is None or not found.undo or record.state != ImportState.DONE or record.job_id is None:
        return None
    made: Undoer = registry.load(found.undo)(record, actor)
    return made


def undone(record: ImportRun) -> dict[str, Any] | None:
    """By whom, when, why and with which outcome it was taken back."""
    return (record.summary or {}).get("undone")


def own_and_recent(record: ImportRun, actor: Actor) -> bool:
    """Whether it is the actor's own and within the minutes of ``undo_minutes``."""
    until = record.finished_at + timedelta(minutes=int(record.programme.threshold("undo_minutes"))) if record.finished_at else None
    return until is not None and now() <= until and actor.user is not None and record.requested_by_id == actor.user.pk


def refusal(record: ImportRun, actor: Actor) -> Refused | None:
    """Why ``actor`` may not take it back now: who may import, the author within minutes, afterwards the OL (domain 10.7)."""
    found = registry.importers().get(record.kind)
    if found is None or not actor.can(found.can):
        return NotPermitted("Who may import may undo an import.")
    if earlier := undone(record):
        return Refused(f"{earlier['by']} has undone this already.")
    if undoer_for(record, actor) is None:
        return Refused("This import cannot be undone as a whole. Correct the records, or import a corrected file.")
    if not own_and_recent(record, actor) and not actor.has_role("OL"):
        return NotPermitted(f"Only the lead operational manager (OL) may undo this now: it is more than {record.programme.threshold('undo_minutes')} minutes ago, or somebody else's.")
    return None


@transaction.atomic
def undo(record: ImportRun, *, actor: Actor, reason: str) -> Prospect:
    """Put back what stands as the import left it and keep the outcome with the import. Raises ``Refused``, also when nothing stands so."""
    programme = Programme.objects.select_for_update(no_key=True).get(pk=record.programme_id)  # no import writes meanwhile
    locked = ImportRun.objects.select_for_update().get(pk=record.pk)
    locked.programme = programme
    if why_not := refusal(locked, actor):
        raise why_not
    words = reason.strip()
    if not words:
        raise Refused(Reason("Say why it is undone.", field="reason"))
    undoer = undoer_for(locked, actor)
    assert undoer is not None
    found = undoer.put_back(f"{words} (import {locked.public_id} undone)")
    if not found.any:
        raise Refused("Nothing of it stands as it was left, so there is nothing to put back.")
    told = {"values": found.values, "records": found.records, "listed": found.listed, "left": len(found.left)}
    locked.summary = {**locked.summary, "undone": {"by": actor.label[:150], "at": now().isoformat(), "why": words[:300], **told, "named": [one.as_json() for one in found.left[:NAMED]]}}
    locked.save(update_fields=["summary"])
    record.summary = locked.summary
    changes.mark(programme, "import undone", fields={"kind": locked.kind, **told}, actor=actor, why=words[:300], job=locked.job)
    access_log.record(actor, "import", programme, f"{locked.kind} list undone", count=found.values + found.listed)
    return found
