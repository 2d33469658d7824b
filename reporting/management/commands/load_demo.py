"""``manage.py load_demo``: invented programmes of any size, the same for the same seed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from mobilisation.commands import InterfaceCommand, Usage
from reporting.demo.load import AMONG_OTHERS, Size, load
from reporting.models import BoardPack, WeeklySnapshot
from transfers.models import PersonTransfer


class Command(InterfaceCommand):
    help = "Load the demonstration: a provider exit in full swing and a live-service start. Refused in production."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        default = Size()
        parser.add_argument("--programmes", type=int, default=default.programmes, help="how many programmes (2: the exit and the start)")
        parser.add_argument("--people", type=int, default=default.people, help="people in the exit")
        parser.add_argument("--staff", type=int, default=default.staff, help="staff in the exit")
        parser.add_argument("--risks", type=int, default=default.risks, help="risks on its register")
        parser.add_argument("--plan-items", type=int, default=default.plan_items, help="steps in its plan, 67 or more")
        parser.add_argument("--seed", default=default.seed, help="another seed gives other people; the same seed the same")

        parser.add_argument(AMONG_OTHERS, action="store_true", help="load it beside programmes and accounts that are no demonstration")

    def work(self, **options: Any) -> dict[str, Any]:
        for name, least in (("programmes", 1), ("people", 0), ("staff", 0), ("risks", 0), ("plan_items", 0)):
            if options[name] < least:
                raise Usage(f"--{name.replace('_', '-')} must be {least} or more.")
        programmes, new = load(Size(*(options[name] for name in ("programmes", "people", "staff", "risks", "plan_items")), seed=str(options["seed"])), among_others=options["among_others"])
        if not new:
            self.say("The demonstration is here already; nothing was changed.", options)
        people = PersonTransfer.objects.filter(programme__in=programmes).count()
        frozen = WeeklySnapshot.objects.filter(programme__in=programmes).count()
        published = BoardPack.objects.filter(programme__in=programmes, status="published").count()
        self.say(f"{', '.join(p.reference for p in programmes)}: {people} people, {frozen} frozen weeks, {published} published packs. Log-ins: manage.py demo_logins", options)
        return {"programmes": [p.reference for p in programmes], "new": new, "people": people, "snapshots": frozen, "published": published}
