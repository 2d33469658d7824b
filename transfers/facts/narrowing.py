"""What a list of people may be narrowed by, and what else stands around it, read in one statement.

Written out, as it goes with every page of the list: made by the object mapper it took a fifth of the page. The names of waves and
owners are walked along their index, one step a name, so that a hundred thousand people cost what a thousand do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from mobilisation.clock import today
from mobilisation.models import CalendarDay, ContractParty, Notification, Organisation, Programme, RoleAssignment
from transfers.models import PersonTransfer, SavedView
from transfers.services.people import ACCEPTED
from transfers.services.standing import CALENDAR_STAMP

_NAMES = {"wave": "wave", "owner": "case_manager", "next_owner": "next_action_owner"}
"""Kind → the column of the person whose different values are offered."""


@dataclass
class Around:
    """``providers`` and ``views`` [(public id, name)], ``waves`` and ``owners`` [name], ``first`` [(public id of a view, role that
    sees it first)], each in order; ``unread`` notices of the viewer; ``calendar``: the stamp for ``calendar_as_of``."""

    providers: list[tuple[str, str]] = field(default_factory=list)
    waves: list[str] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    views: list[tuple[str, str]] = field(default_factory=list)
    first: list[tuple[str, str]] = field(default_factory=list)
    unread: int = 0
    calendar: str = ""


def read(programme: Programme, user: Any, people: QuerySet[PersonTransfer], *, team: bool) -> Around:
    """``programme`` came through the scope of ``user``, whose ``people`` there these are; ``team``: they are everybody
    (``Actor.sees_all_people``), and shared views are for the team. What each line may show is what ``visible_to`` says."""
    day = connection.ops.adapt_datefield_value(today())
    parameters: list[Any] = [programme.pk, programme.pk, user.pk, team, user.pk, user.pk, day, day, programme.division]
    text = _standing()
    for kind, column in _NAMES.items():
        if team:
            text += f" UNION ALL {_walked(kind, column)}"
            parameters += [programme.pk, programme.pk]
        else:
            names, more = people.exclude(**{column: ""}).order_by().values(column).distinct().query.sql_with_params()
            text += f" UNION ALL SELECT '{kind}', {column}, '', '' FROM ({names}) AS {kind}_names"  # noqa: S608  our own names; every value is a parameter
            parameters += more
    if not team:
        # A provider reads of no other one but where its own people have been accepted (domain 8).
        theirs, more = Organisation.objects.filter(pk__in=people.filter(allocation_response__in=ACCEPTED).values("incoming_provider")).order_by().values("public_id", "name").query.sql_with_params()
        text += f" UNION ALL SELECT 'seen', public_id, name, '' FROM ({theirs}) AS seen_providers"  # noqa: S608  our own names; every value is a parameter
        parameters += more
    found = Around()
    owners = set()
    with connection.cursor() as cursor:
        cursor.execute(text, parameters)
        for kind, key, label, more_said in cursor.fetchall():
            if kind == ("provider" if team else "seen"):
                found.providers.append((key, label))
            elif kind == "wave":
                found.waves.append(key)
            elif kind == "view":
                found.views.append((key, label))
                if more_said:
                    found.first.append((key, more_said))
            elif kind == "unread":
                found.unread = int(key)
            elif kind == "calendar":
                found.calendar = key
            elif kind in _NAMES:
                owners.add(key)
    for pairs in (found.providers, found.views, found.first):
        pairs.sort(key=lambda pair: pair[1])
    found.waves.sort()
    found.owners = sorted(owners)
    return found


def _table(model: Any) -> str:
    return connection.ops.quote_name(model._meta.db_table)


@cache
def _standing() -> str:
    """Providers, views, unread notices and the stamp of the calendar: kind, key, label, more."""
    contracts = connection.ops.quote_name(Programme.contracts.through._meta.db_table)
    # What ``RoleAssignmentQuerySet.active`` says of the user who asks, whose account is open.
    mine = f"SELECT programme_id FROM {_table(RoleAssignment)} WHERE user_id = %s AND starts_on <= %s AND (ends_on IS NULL OR ends_on >= %s) AND ended_at IS NULL"  # noqa: S608  our own names; every value is a parameter
    parts = (
        f"SELECT 'provider', public_id, name, '' FROM {_table(Organisation)} WHERE id IN (SELECT party.organisation_id FROM {_table(ContractParty)} party JOIN {contracts} of_programme ON of_programme.contract_id = party.contract_id WHERE of_programme.programme_id = %s AND party.role = 'incoming')",  # noqa: S608  as above
        f"SELECT 'view', public_id, name, default_for FROM {_table(SavedView)} WHERE programme_id = %s AND (owner_id = %s OR (shared AND %s))",  # noqa: S608  as above
        f"SELECT 'unread', CAST(count(*) AS text), '', '' FROM {_table(Notification)} WHERE user_id = %s AND read_at IS NULL AND (programme_id IS NULL OR programme_id IN ({mine}))",  # noqa: S608  as above
        f"SELECT 'calendar', {CALENDAR_STAMP}, '', '' FROM {_table(CalendarDay)} WHERE division = %s",  # noqa: S608  as above
    )
    return " UNION ALL ".join(parts)


@cache
def _walked(kind: str, column: str) -> str:
    """The different values of ``column`` in one programme, each found behind the one before it; an index gives the next at once."""
    table = _table(PersonTransfer)
    following = f"(SELECT min({column}) FROM {table} WHERE programme_id = %s AND {column} > {{}})"  # noqa: S608  as above
    return (
        f"SELECT '{kind}', name, '', '' FROM (WITH RECURSIVE walked(name) AS (SELECT {following.format(chr(39) * 2)} UNION ALL SELECT {following.format('walked.name')} FROM walked WHERE walked.name IS NOT NULL) "  # noqa: S608  as above
        f"SELECT name FROM walked WHERE name IS NOT NULL) AS {kind}_names"
    )
