"""``manage.py create_user EMAIL --role CODE [--programme REF] [--organisation NAME] [--password-stdin]``."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from mobilisation.access import Actor
from mobilisation.commands import InterfaceCommand, Usage, programme_named
from mobilisation.errors import Refused
from mobilisation.models import Organisation, User
from mobilisation.roles import ROLES
from mobilisation.services import accounts


class Command(InterfaceCommand):
    help = "Open an account and give it a role; an account that is there gets the role, and the password where one is given."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("email")
        parser.add_argument("--role", required=True, help=", ".join(ROLES))
        parser.add_argument("--programme", help="reference; not for ADM, IGO and CG")
        parser.add_argument("--organisation", help="name of a party")
        parser.add_argument("--workstream", default="", help="slug of the workstream a WSL leads")
        parser.add_argument("--name", default="")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input; at a terminal it is asked for, twice and unseen")

    def work(self, **options: Any) -> dict[str, Any]:
        role = options["role"].upper()
        if role not in ROLES:
            raise Usage(f"There is no role {role}. Roles: {', '.join(ROLES)}.")
        password = _password(options["email"]) if options["password_stdin"] else None
        actor = Actor.operator()
        with transaction.atomic():
            programme = programme_named(options["programme"]) if options["programme"] else None
            organisation = None
            if options["organisation"]:
                organisation = Organisation.objects.filter(name__iexact=options["organisation"].strip()).first()
                if organisation is None:
                    raise Refused(f"There is no organisation “{options['organisation']}”. Make it a party with create_programme --party, or check the name.")
            user = User.objects.filter(email__iexact=options["email"].strip()).first()
            opened, new_password = user is None, False
            if user is None:
                user = accounts.open_account(options["email"], actor=actor, name=options["name"], password=password)
            elif password is not None:
                new_password = accounts.set_password(user, password, actor=actor)
            accounts.assign(user, role, actor=actor, programme=programme, organisation=organisation, workstream_slug=options["workstream"].strip())
        self.say(f"{user.email}: {ROLES[role].title}{f' on {programme.reference}' if programme else ''}.{' The account was there; its password is the new one.' if new_password else ''}", options)
        return {"ok": True, "email": user.email, "role": role, "programme": programme.reference if programme else None, "created": opened}


def _password(email: str) -> str:
    """One line of standard input; from a terminal asked for twice, since nothing typed is shown."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    try:
        password, again = getpass.getpass(f"Password of {email}: "), getpass.getpass("The same again: ")
    except EOFError:
        raise Refused("No password was given. Nothing was changed.") from None
    if again != password:
        raise Refused("The two passwords differ. Nothing was changed.")
    return password
