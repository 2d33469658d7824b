"""Rows of our own export against what was changed here since it was made: nobody's work is overwritten by an older copy (domain 5.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Field
from django.utils import timezone

from mobilisation.clock import today
from mobilisation.components import short_date
from mobilisation.models import Change, Programme
from mobilisation.services.changes import entity_name
from mobilisation.workbooks import ParsedRow
from transfers.imports.tracker_columns import LAST_UPDATED, RECORD_ID
from transfers.models import Checkpoint, HospitalEpisode, PersonTransfer
from transfers.rules import stale
from transfers.rules.stale import Act, Told, Verdict

ASKED = 5000
"""Records whose history is asked for in one statement."""
PERSON, MARK, STAY = (entity_name(model) for model in (PersonTransfer, Checkpoint, HospitalEpisode))
_Key = tuple[str, int]


def last_touched(person: PersonTransfer, marks: Iterable[datetime], stay: datetime | None) -> datetime:
    """The moment the export writes of a person as they are now: the last change of the row, of a mark or of the open stay."""
    return max([person.updated_at, *marks, *([stay] if stay else [])])


class Since:
    """What was changed here of the people of one file after it was made; one statement, and none where nothing was."""

    def __init__(self, programme: Programme, rows: Sequence[ParsedRow], people: Mapping[str, PersonTransfer], marks: Mapping[int, Mapping[str, Checkpoint]], stays: Mapping[int, HospitalEpisode]) -> None:
        self._seen: dict[int, datetime] = {}
        self._marks, self._stays = marks, stays
        wanted: list[_Key] = []
        for row in rows:
            written, person = row.values.get(LAST_UPDATED), people.get(row.values.get(RECORD_ID) or "")
            if written is None or person is None:
                continue
            own, stay, seen = marks.get(person.pk, {}), stays.get(person.pk), stale.seen_until(written)
            if last_touched(person, (mark.updated_at for mark in own.values()), stay.updated_at if stay else None) <= seen:
                continue
            self._seen[row.number] = seen
            wanted += [(PERSON, person.pk)] if person.updated_at > seen else []
            wanted += [(MARK, mark.pk) for mark in own.values() if mark.updated_at > seen]
            wanted += [(STAY, stay.pk)] if stay and stay.updated_at > seen else []
        self._told = self._read(programme, wanted)

    def _read(self, programme: Programme, wanted: Sequence[_Key]) -> dict[_Key, list[Told]]:
        found: dict[_Key, list[Told]] = {key: [] for key in wanted}
        for start in range(0, len(wanted), ASKED):
            ids = [pk for _, pk in wanted[start : start + ASKED]]
            told = Change.objects.filter(programme=programme, at__gt=min(self._seen.values()), entity__in=(PERSON, MARK, STAY), object_id__in=ids).order_by("at", "pk")
            for entity, pk, at, by, fields in told.values_list("entity", "object_id", "at", "actor_label", "fields"):
                if (entity, pk) in found:
                    found[entity, pk].append(Told(at, by, {name: pair for name, pair in fields.items() if isinstance(pair, list) and len(pair) == 2}))
        return found

    def judge(self, row: ParsedRow, person: PersonTransfer, column: str, code: str, of_stay: bool, says: Callable[[Any], bool], cell: Callable[..., Any]) -> tuple[Verdict, Act | None]:
        """What becomes of the cell of ``column`` (the mark ``code``, where it is one) of a row about ``person``."""
        seen = self._seen.get(row.number)
        if seen is None:
            return Verdict.TAKE, None
        if code:
            mark = self._marks.get(person.pk, {}).get(code)
            return stale.verdict(stale.acts_of_mark(self._told.get((MARK, mark.pk), ()), mark.state, mark.done_on, cell) if mark else (), seen, says)
        stay = self._stays.get(person.pk)
        model, told = (HospitalEpisode, self._told.get((STAY, stay.pk), ()) if stay else ()) if of_stay else (PersonTransfer, self._told.get((PERSON, person.pk), ()))
        field = model._meta.get_field(column)
        return stale.verdict((Act(one.at, one.by, _held(field, one.fields[column][0])) for one in told if column in one.fields), seen, says)

    def stale(self, row: ParsedRow) -> bool:
        return row.number in self._seen


def _held(field: Any, value: Any) -> Any:
    """A value of history as the record would hold it; of a relation the key."""
    return field.to_python(value) if isinstance(field, Field) and not field.is_relation and value is not None else value


def who_and_when(act: Act) -> str:
    at = timezone.localtime(act.at)
    return f"{act.by} {'today' if at.date() == today() else f'on {short_date(at.date())}'} at {at:%H:%M}"


def kept(act: Act) -> str:
    return f"Changed here by {who_and_when(act)}, after the file was made: kept."


def clash(act: Act, here: str, file: str) -> str:
    return f"Changed here by {who_and_when(act)}, after the file was made: here it is {here or 'empty'}, in the file {file}. Look at the person's page, then change it there or export again."
