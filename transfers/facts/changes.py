"""What became of the cells of the grid: the history of one, and old beside new over many since a moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from mobilisation.components import Event, short_date
from mobilisation.history import events, field_changes, related_names
from mobilisation.models import Change
from mobilisation.services.changes import as_json, entity_name
from transfers.choices import CheckpointState
from transfers.models import Allocation, Checkpoint, PersonTransfer
from transfers.rules.grid import Column

ASKED = frozenset({"incoming_provider", "allocation_response"})
"""What was said about one provider is read in the history of that cell only."""
ANSWER = frozenset({"C09 in progress", "C09 not started"})
"""The word of the provider asked, before the team marks it."""
HOUR = time(8)
"""The huddle looks back to eight in the morning of the day before."""


def yesterday(as_of: date) -> datetime:
    """08:00 of the day before ``as_of``, in London."""
    return timezone.make_aware(datetime.combine(as_of - timedelta(days=1), HOUR))


def since_asked(person: PersonTransfer) -> datetime | None:
    """When the provider that is asked or has accepted now was asked, where another one was before; else None. What was said and
    done with the former one is not the new one's to read (domain 8)."""
    asked = list(Allocation.objects.filter(person=person).order_by("pk").values_list("provider_id", "created_at", "current"))
    now_asked = next(((provider, at) for provider, at, current in asked if current), None)
    if now_asked is None and person.incoming_provider_id and asked and asked[-1][0] != person.incoming_provider_id:
        # Named by a workbook, without an offer.
        named = Change.objects.filter(entity=entity_name(person), object_id=person.pk, fields__has_key="incoming_provider").order_by("-pk").values_list("at", flat=True).first()
        now_asked = (person.incoming_provider_id, named) if named else None
    return now_asked[1] if now_asked and any(provider != now_asked[0] for provider, _, _ in asked) else None


def told_of_c09(change: Change, *, coming: bool) -> bool:
    """A change of C09 as a provider reads it: without the note and the why, which are between the team and whoever was asked and may be of
    another provider. False where it is no matter of the reader: the word of the provider asked is none of who does not take the person on (``coming``)."""
    change.fields = {name: pair for name, pair in change.fields.items() if name != "note"}
    change.why = ""
    return coming or change.action not in ANSWER


def history_of(person: PersonTransfer, column: Column, user: Any, after: datetime | None = None, *, coming: bool | None = None) -> list[Event]:
    """Who, when, from, to and why of one cell, newest first, at most fifty, only what came after ``after``; three statements. ``coming``: of a
    provider, whether the person comes to it; None for the team."""
    rows = Change.objects.visible_to(user)
    if after is not None:
        rows = rows.filter(at__gt=after)
    if column.edit == "mark":
        marks = Checkpoint.objects.visible_to(user).filter(person=person, code=column.key)
        told = rows.filter(entity=entity_name(Checkpoint), object_id__in=marks.values("pk")).order_by("-pk")[:50]
        return events([row for row in told if coming is None or column.key != "C09" or told_of_c09(row, coming=coming)])
    found = [row for row in rows.filter(entity=entity_name(person), object_id=person.pk).order_by("-pk") if not row.fields.keys().isdisjoint(column.told)][:50]
    for row in found:
        if not ASKED.isdisjoint(row.fields) and ASKED.isdisjoint(column.told):
            row.why = ""
        # What else the same act changed belongs to other cells.
        row.fields = {name: pair for name, pair in row.fields.items() if name in column.told}
    return events(found)


def since(at: datetime, people: Iterable[PersonTransfer], marks: Mapping[int, Mapping[str, Any]], columns: Iterable[Column], user: Any) -> dict[int, dict[str, str]]:
    """{pk of a person: {key of a column: what its cell said at ``at``, in words}} of the cells that say something else now.

    Two statements (the first says how far the viewer reads), three where somebody changed provider, however many people. ``marks``: {pk of a person: {code: mark}},
    a mark being anything with ``pk``, ``state`` and ``done_on`` of a checkpoint.
    """
    standing = {person.pk: person for person in people}
    codes = {mark.pk: (pk, code) for pk, own in marks.items() for code, mark in own.items()}
    wanted = Q(entity=entity_name(PersonTransfer), object_id__in=list(standing)) | Q(entity=entity_name(Checkpoint), object_id__in=list(codes))
    rows = list(Change.objects.visible_to(user).filter(wanted, at__gte=at).order_by("pk"))
    key_of = {name: column.key for column in columns for name in column.told}
    before: dict[int, dict[str, str]] = {}
    first: dict[tuple[int, str], Change] = {}
    marked: dict[tuple[int, str], dict[str, Any]] = {}
    for row in rows:
        if row.entity == entity_name(Checkpoint):
            old = marked.setdefault(codes[row.object_id], {})
            for name, pair in row.fields.items():
                old.setdefault(name, pair[0])
        else:
            for name in row.fields.keys() & key_of.keys():
                first.setdefault((row.object_id, name), Change(entity=row.entity, action=row.action, fields={name: row.fields[name]}))
    names = related_names(list(first.values()))
    for (pk, name), row in first.items():
        current = as_json(getattr(standing[pk], PersonTransfer._meta.get_field(name).attname))  # type: ignore[union-attr]
        # Who was listed since then had no old values; what came back to where it was is no change.
        if row.action in {"created", "imported"} or row.fields[name][0] == current:
            continue
        before.setdefault(pk, {})[key_of[name]] = field_changes(row, names)[0].old or "empty"
    for (pk, code), old in marked.items():
        mark = marks[pk][code]
        if "state" not in old and "done_on" not in old:
            continue
        words = _mark_words(old.get("state", mark.state), old.get("done_on"))
        if words != _mark_words(mark.state, mark.done_on.isoformat() if mark.done_on else None):
            before.setdefault(pk, {})[code] = words
    return before


def _mark_words(state: str | None, done_on: str | None) -> str:
    if state == "done":
        return f"✓ {short_date(date.fromisoformat(done_on))}" if done_on else "✓"
    return "open" if state in (None, "not_started") else str(CheckpointState(state).label).lower()
