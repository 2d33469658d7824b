"""What somebody's standing rests on, read in one statement: marks, discrepancies, second checks, concerns and, where asked, the
holds in force and whether the calendar is still the one that was read last.

Written out, as it is sent with every save of a cell: the object mapper would take longer to make the statement than the database to answer it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from django.db import connection

from mobilisation.models import CalendarDay, Programme
from risks.models import SafeguardingConcern
from transfers.models import Checkpoint, Discrepancy, Hold, PersonConcern, SafetyCheck


class Mark(NamedTuple):
    """A checkpoint as the rules ask it."""

    code: str
    state: str
    done_on: date | None
    from_file: bool


class Held(NamedTuple):
    """A hold in force."""

    scope: str
    person_id: int | None
    provider_id: int | None
    wave: str
    review_on: date | None


@dataclass
class Standing:
    """Of some people: ``marks`` of each, days of discrepancies that were neither called nor put into the plan, the last answered
    second check, who has a concern without an owner. ``holds`` and ``calendar`` (a stamp) only where a programme was named."""

    marks: dict[int, list[Mark]] = field(default_factory=dict)
    discrepancies: dict[int, list[date]] = field(default_factory=dict)
    second: dict[int, date] = field(default_factory=dict)
    unowned: set[int] = field(default_factory=set)
    holds: list[Held] = field(default_factory=list)
    calendar: str = ""


def read(ids: Sequence[int], programme: Programme | None = None) -> Standing:
    """Of the people ``ids``; with ``programme`` also its holds and the stamp of its calendar. One statement."""
    found = Standing()
    if not ids:
        return found
    parameters: list[Any] = [list(ids)] * 4 if connection.vendor == "postgresql" else [*ids] * 4
    if programme is not None:
        parameters += [programme.pk, programme.division]
    with connection.cursor() as cursor:
        cursor.execute(_statement(len(ids), programme is not None), parameters)
        for owner, kind, text, day, number, flag in cursor.fetchall():
            _take(found, owner, kind, text, _day(day), number, bool(flag))
    return found


def _take(found: Standing, owner: Any, kind: str, text: str, day: date | None, number: Any, flag: bool) -> None:
    if kind[0] == "C":
        found.marks.setdefault(owner, []).append(Mark(kind, text, day, flag))
    elif kind == "discrepancy" and day is not None:
        found.discrepancies.setdefault(owner, []).append(day)
    elif kind == "second" and day is not None:
        found.second[owner] = max(day, found.second.get(owner, day))
    elif kind == "unowned":
        found.unowned.add(owner)
    elif kind == "calendar":
        found.calendar = text
    elif kind in {"person", "provider", "wave"}:
        found.holds.append(Held(kind, owner, number, text, day))


def _day(value: Any) -> date | None:
    """SQLite says a day of a joined statement as text."""
    return date.fromisoformat(value[:10]) if isinstance(value, str) else value


CALENDAR_STAMP = "CAST(count(*) AS text) || '/' || coalesce(CAST(sum(version) AS text), '') || '/' || coalesce(CAST(max(updated_at) AS text), '')"
"""Of the days of a division: what :func:`mobilisation.calendars.calendar_as_of` knows a calendar by."""
_NO, _NOBODY = "(1 = 0)", "CAST(NULL AS bigint)"


@cache
def _statement(count: int, whole: bool) -> str:
    """Columns: person, kind (a code of a checkpoint, or what the line is), text, day, number, flag."""
    quote = connection.ops.quote_name
    many = "= ANY(%s)" if connection.vendor == "postgresql" else f"IN ({', '.join(['%s'] * count)})"
    marks, discrepancies, checks, links, concerns = (quote(model._meta.db_table) for model in (Checkpoint, Discrepancy, SafetyCheck, PersonConcern, SafeguardingConcern))
    parts = [
        f"SELECT person_id, code, state, done_on, {_NOBODY}, from_file FROM {marks} WHERE person_id {many}",  # noqa: S608  our own names; every value is a parameter
        f"SELECT person_id, 'discrepancy', '', found_on, {_NOBODY}, {_NO} FROM {discrepancies} WHERE person_id {many} AND closed_on IS NULL AND (officer_called_on IS NULL OR plan_updated_on IS NULL)",  # noqa: S608  as above
        f"SELECT person_id, 'second', '', done_on, {_NOBODY}, {_NO} FROM {checks} WHERE person_id {many} AND number = 2 AND outcome <> 'unable_to_contact'",  # noqa: S608  as above
        f"SELECT link.person_id, 'unowned', '', NULL, {_NOBODY}, {_NO} FROM {links} link JOIN {concerns} concern ON concern.id = link.concern_id WHERE link.person_id {many} AND concern.status = 'open' AND concern.owner_id IS NULL AND concern.owner_name = ''",  # noqa: S608  as above
    ]
    if whole:
        holds, days = quote(Hold._meta.db_table), quote(CalendarDay._meta.db_table)
        parts += [
            f"SELECT person_id, scope, wave, review_on, provider_id, {_NO} FROM {holds} WHERE programme_id = %s AND lifted_on IS NULL",  # noqa: S608  as above
            f"SELECT NULL, 'calendar', {CALENDAR_STAMP}, NULL, {_NOBODY}, {_NO} FROM {days} WHERE division = %s",  # noqa: S608  as above
        ]
    return " UNION ALL ".join(parts)


