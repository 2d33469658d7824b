"""The public command-line interface: exit codes and messages as the design fixes them.

0 done; 1 the input was refused and nothing written; 2 wrong usage; 3 a choice only a person can make.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError, connection
from django.db.migrations.executor import MigrationExecutor

from mobilisation.access import Actor
from mobilisation.errors import ChoiceNeeded, NotPermitted, Refused
from mobilisation.models import Programme, User


class Usage(Exception):
    """The call itself is off: exit 2."""


class InterfaceCommand(BaseCommand):
    """``work(**options) -> dict``; its dict is what ``--json`` prints as the last line of standard output."""

    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")

    def execute(self, *args: Any, **options: Any) -> Any:
        try:
            return super().execute(*args, **options)
        except CommandError:
            raise
        except (OperationalError, ProgrammingError):
            if not _unprepared():
                raise
            self._end(1, "The database is not set up for this version yet. First: manage.py prepare", options, {"reasons": ["The database is not set up for this version yet."]})
        except ChoiceNeeded as choice:
            self._end(3, str(choice), options, {"choice": choice.flag, "options": list(choice.options)})
        except Usage as error:
            self._end(2, str(error), options, {})
        except Refused as refusal:
            self._end(1, "\n".join(f"{r.where + ': ' if r.where else ''}{r.text}" for r in refusal.reasons), options, {"reasons": [r.text for r in refusal.reasons]})

    def _end(self, code: int, message: str, options: dict[str, Any], extra: dict[str, Any]) -> None:
        self.stderr.write(message)
        if options.get("json"):
            self.stdout.write(json.dumps({"ok": False, "message": message, **extra}, ensure_ascii=False))
        self.stdout._out.flush() if hasattr(self.stdout, "_out") else None
        raise SystemExit(code)

    def handle(self, *args: Any, **options: Any) -> None:
        result = self.work(**options)
        if options.get("json"):
            self.stdout.write(json.dumps(result, ensure_ascii=False, default=str))

    def work(self, **options: Any) -> dict[str, Any]:
        raise Usage("This command has nothing to do.")

    def say(self, message: str, options: dict[str, Any]) -> None:
        """A line for people; kept off standard output when a program reads it."""
        (self.stderr if options.get("json") else self.stdout).write(message)


def _unprepared() -> bool:
    """Whether migrations are still to be done; False where the database does not answer at all."""
    try:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except OperationalError:
        return False


def programme_named(reference: str, user: User | None = None) -> Programme:
    """The programme of either case; ``user`` narrows to what that person sees."""
    programmes = Programme.objects.visible_to(user) if user else Programme.objects.all()
    found = programmes.filter(reference=reference.upper()).first()
    if found is None:
        raise Refused(f"There is no programme {reference.upper()}. Make it with create_programme, or check the reference.")
    return found


def actor_named(email: str | None, programme: Programme | None, *, opening: bool = False) -> Actor:
    """``--user`` is held to that person's rights; without it the operator of the machine acts. ``opening``: a programme that is not there yet."""
    if not email:
        return Actor.operator()
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        raise Refused(f"There is no account {email}. Make it with create_user.")
    actor = Actor.opening(user) if opening else Actor.of(user, programme)
    if not actor.roles:
        raise NotPermitted(f"{email} has no role on {'any' if opening else 'this'} programme.")
    return actor


