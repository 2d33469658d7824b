"""``create_programme REF --kind … --title … --d0|--scd|--go-live DATE``: a programme with its built-in plan."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from mobilisation.choices import BankHolidayDivision, ExitType, Pace, PartyRole, ProgrammeKind
from mobilisation.commands import InterfaceCommand, Usage, actor_named
from workstreams.models import PlanStep, Workstream
from workstreams.services.programmes import NewProgramme, Party, create_programme, party_role

NEEDED = {"provider_exit": ("d0", "--d0"), "live_service": ("scd", "--scd"), "homecare_start": ("go_live", "--go-live")}


def read_date(text: str, flag: str) -> date:
    """ISO or day/month/year."""
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text.strip())
    british = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text.strip())
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if british:
            return date(int(british[3]), int(british[2]), int(british[1]))
    except ValueError:
        pass
    raise Usage(f"{flag} “{text}” is not a date. Write it like 2027-04-01 or 01/04/2027.")


class Command(InterfaceCommand):
    help = "Make a programme from its built-in plan template, with real dates on working days."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("reference", metavar="REF")
        parser.add_argument("--kind", required=True, choices=ProgrammeKind.values)
        parser.add_argument("--title", required=True)
        parser.add_argument("--exit-type", default="", choices=ExitType.values)
        parser.add_argument("--pace", default="", choices=Pace.values)
        parser.add_argument("--award", help="award date (A)")
        parser.add_argument("--division", default="", choices=BankHolidayDivision.values, help="whose bank holidays count")
        parser.add_argument("--d0", help="decision or notice date")
        parser.add_argument("--scd", help="service commencement date")
        parser.add_argument("--go-live", help="go-live day")
        parser.add_argument("--end", help="last day of the exiting provider, or of the contract")
        parser.add_argument("--staff-transfer", help="staff transfer date (X)")
        parser.add_argument("--party", action="append", default=[], metavar="ROLE=NAME", help=f"one of {', '.join(PartyRole.values)}; may be given several times")
        parser.add_argument("--user", help="e-mail of the person who acts; without it the operator of the machine")

    def work(self, **options: Any) -> dict[str, Any]:
        days = {name: read_date(options[name], f"--{name.replace('_', '-')}") for name in ("d0", "award", "scd", "go_live", "end", "staff_transfer") if options[name]}
        needed, flag = NEEDED[options["kind"]]
        if needed not in days:
            raise Usage(f"A programme of kind {options['kind']} needs {flag} DATE.")
        if options["exit_type"] and options["kind"] != "provider_exit":
            raise Usage("--exit-type goes with --kind provider_exit.")
        programme = create_programme(
            NewProgramme(
                reference=options["reference"], kind=options["kind"], title=options["title"], exit_type=options["exit_type"], pace=options["pace"], division=options["division"],
                parties=tuple(self._party(text) for text in options["party"]), **days,
            ),
            actor=actor_named(options["user"], None, opening=True),
        )
        steps = PlanStep._base_manager.filter(programme=programme).count()
        streams = Workstream._base_manager.filter(programme=programme).count()
        self.say(f"{programme.reference} is ready: {streams} workstreams, {steps} steps, pace {programme.pace}.", options)
        return {"reference": programme.reference, "kind": programme.kind, "pace": programme.pace, "status": programme.status, "workstreams": streams, "steps": steps}

    def _party(self, text: str) -> Party:
        role, sign, name = text.partition("=")
        if not sign or not name.strip():
            raise Usage(f"--party “{text}” is not ROLE=NAME, for example --party incoming=\"Bluebell Care\".")
        value = party_role(role)
        if value not in PartyRole.values:
            raise Usage(f"--party “{role}” is not a role. Use one of {', '.join(PartyRole.values)}.")
        return Party(value, name.strip())
