"""``manage.py prepare``: bring the database to this version, fill the calendar and collect the files that pages load. Safe to run twice."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from mobilisation.access import Actor
from mobilisation.services import calendar


class Command(BaseCommand):
    help = "Migrate, make the cache table, fill the calendar, collect the files that pages load."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        added = calendar.refresh(Actor.system("calendar"))
        if added:
            self.stdout.write(f"{added} bank holidays added.")
        if settings.PRODUCTION:
            self._collect()

    def _collect(self) -> None:
        """The embedded way finds them where they lie; in production pages name each by its contents, so all must be collected first."""
        try:
            call_command("collectstatic", verbosity=0, interactive=False)
        except OSError as error:
            raise CommandError(f"The files that pages load cannot be collected in {settings.STATIC_ROOT}: {error.strerror}. Let this user write there, or name another folder: STATIC_ROOT=/srv/mobilisation/static") from None
