"""manage.py weekly_cycle [REF ...] [--as-of DATE]: freeze the week, render dashboards and drafts. Safe to run twice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.management.base import CommandParser

from mobilisation.clock import now, today
from mobilisation.commands import InterfaceCommand, Usage, actor_named, programme_named
from mobilisation.errors import Refused
from mobilisation.roles import Can
from reporting.choices import PackStatus
from reporting.rules import weeks
from reporting.services import weekly


def a_date(text: str | None) -> date | None:
    """``2027-03-07``; wrong usage says what was found."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Usage(f"--as-of {text} is no date; write it as 2027-03-07.") from None


class Command(InterfaceCommand):
    help = "Freeze the last week that has ended and render its dashboards and packs. Safe to run twice."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("references", nargs="*", metavar="REF", help="programmes; all running ones when none is named")
        parser.add_argument("--as-of", help="the day the last ended week is counted from (2027-03-08); today when not given")
        parser.add_argument("--user", help="e-mail of the person who acts; without it the operator of the machine")

    def work(self, **options: Any) -> dict[str, Any]:
        day = a_date(options["as_of"])
        week = weeks.last_ended(now()) if day is None or day > today() else weeks.last_ended_on(day + timedelta(days=1 if day.weekday() == 6 and weeks.frozen_at(day) <= now() else 0))
        if day is not None and day > today():
            self.say(f"{day:%d/%m/%Y} lies ahead: the last week that has ended is taken.", options)
        programmes = [programme_named(ref) for ref in options["references"]] or weekly.running()
        done: list[dict[str, Any]] = []
        problems: list[str] = []
        for programme in programmes:
            try:
                actor = actor_named(options.get("user"), programme)
                actor.require(Can.PACK_DRAFT)
                cycle = weekly.run_week(programme, week, actor=actor)
            except Refused as refusal:
                problems.append(f"{programme.reference}: {refusal}")
                continue
            if cycle.frozen_now and weeks.frozen_at(week) < programme.created_at:
                self.say(f"{programme.reference}: this week ended before the programme was set up here; it holds the figures of now.", options)
            failed = [f"{programme.reference}: {pack}: {pack.reason}" for pack in cycle.packs if pack.status == PackStatus.FAILED]
            problems += failed
            done.append({
                "programme": programme.reference, "week_ending": week.isoformat(), "frozen_now": cycle.frozen_now,
                "packs": [{"document": p.document, "edition": p.edition, "version": p.number, "status": p.status, "pages": p.pages, "sha256": p.sha256} for p in cycle.packs],
            })
            self.say(f"{programme.reference}: {weeks.week_name(week)} {'frozen' if cycle.frozen_now else 'was frozen already'}; {sum(p.status != PackStatus.FAILED for p in cycle.packs)} of {len(cycle.packs)} documents there.", options)
        if problems:
            raise Refused(problems)
        if not programmes:
            self.say("No programme is running: nothing to freeze.", options)
        return {"ok": True, "week_ending": week.isoformat(), "programmes": done}
