"""``manage.py prepare``: bring the database to this version and fill the calendar. Safe to run twice."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from mobilisation.access import Actor
from mobilisation.services import calendar


class Command(BaseCommand):
    help = "Migrate, make the cache table, fill the calendar."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        added = calendar.refresh(Actor.system("calendar"))
        if added:
            self.stdout.write(f"{added} bank holidays added.")
