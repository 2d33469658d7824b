"""The week of reporting: it ends Sunday 24:00 Europe/London (domain 10.12). Clock changes cannot skip or repeat it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
DASHBOARD_AT = time(6, 0)
SHOWN_AT = time(7, 0)


def week_ending(day: date) -> date:
    """The Sunday of the week ``day`` is in."""
    return day + timedelta(days=6 - day.weekday())


def frozen_at(sunday: date) -> datetime:
    """The moment the week of ``sunday`` ends: Monday 00:00 London, as UTC."""
    return datetime.combine(sunday + timedelta(days=1), time(0), LONDON).astimezone(UTC)


def dashboard_at(sunday: date) -> datetime:
    """When dashboard and drafts of that week are due: Monday 06:00 London, as UTC."""
    return datetime.combine(sunday + timedelta(days=1), DASHBOARD_AT, LONDON).astimezone(UTC)


def shown_at(sunday: date) -> datetime:
    """When the dashboard of that week is shown to its readers: Monday 07:00 London, as UTC (domain 7.1)."""
    return datetime.combine(sunday + timedelta(days=1), SHOWN_AT, LONDON).astimezone(UTC)


def last_ended(moment: datetime) -> date:
    """The Sunday of the last week that has ended at ``moment`` (aware)."""
    local = moment.astimezone(LONDON)
    return local.date() - timedelta(days=local.weekday() + 1)


def last_ended_on(day: date) -> date:
    """The last week that has ended when ``day`` begins: on a Sunday the week still runs."""
    return day - timedelta(days=day.weekday() + 1)


def week_name(sunday: date) -> str:
    """``week ending Sun 7 Mar 2027``."""
    return f"week ending {sunday:%a} {sunday.day} {sunday:%b %Y}"
