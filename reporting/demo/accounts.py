"""One account for each role, all with one password that is printed and worth nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.hashers import make_password

from mobilisation.access import Actor
from mobilisation.models import Organisation, Programme, RoleAssignment, User
from mobilisation.roles import ROLES
from mobilisation.services import changes

PASSWORD = "meadow-and-coast-27"  # noqa: S105  printed by demo_logins, for invented data only
DOMAIN = "demo.example"
COUNCIL, ICB = "Saltmarsh County Council", "Saltmarsh and Weald ICB"
EXITING = "Meadowgate Homecare Ltd"
INCOMING = ("Bluebell Care Partners", "Seasalter Home Support CIC", "Oyster Bay Care Ltd")
LONG_AGO = date(2020, 1, 1)
STARTING = "Coastline Community Health NHS Trust"


@dataclass(frozen=True)
class Login:
    email: str
    name: str
    role: str
    organisation: str = COUNCIL


_NAMES = {
    "SRO": "Helen Marlowe", "BCH": "Adrian Whitcombe", "BM": "Grace Oyelaran", "ML": "Priya Deshmukh", "MLD": "Tom Ashby", "DL": "Nadia Rourke", "CL": "Martin Fairweather",
    "OL": "Ruth Calloway", "CO": "Ben Hargreave", "MT": "Leila Novak", "ASM": "Owen Tregarth", "CM": "Sandra Bexley", "PO": "Imran Qadir", "TA": "Chloe Winterton",
    "XP": "Gavin Mead", "IP": "Bella Thorne-Reyes", "QL": "Dr Fiona Askew", "WL": "Marcus Adeleke", "DA": "Yan Lindqvist", "WSL": "Peter Holloway", "COM": "Judith Amberley",
    "FIN": "Colin Sterling", "PRO": "Anita Bahl", "LEG": "Rowan Justice", "CMS": "Eva Sinclair", "EPO": "Darren Stokes", "IGO": "Miriam Locke", "CG": "Dr Samuel Guard", "ADM": "Alex Keyes",
}
_PLACES = {"XP": EXITING, "IP": INCOMING[0], "COM": ICB, "BM": ICB, "QL": ICB}


def logins() -> list[Login]:
    """One for each role, and one more for each further incoming provider."""
    found = [Login(f"{code.lower()}@{DOMAIN}", _NAMES[code], code, _PLACES.get(code, COUNCIL)) for code in ROLES]
    return [*found, Login(f"ip2@{DOMAIN}", "Sean Waterman", "IP", INCOMING[1]), Login(f"ip3@{DOMAIN}", "Olga Bayliss", "IP", INCOMING[2])]


def open_accounts(actor: Actor) -> dict[str, User]:
    """{e-mail: account}; those that are there stay. The password is hashed once for all of them."""
    held = {user.email: user for user in User.objects.filter(email__in=[login.email for login in logins()])}
    hashed = make_password(PASSWORD)
    fresh = [User(email=login.email, name=login.name, demo=True, mail_choice="none", password=hashed) for login in logins() if login.email not in held]
    made = [changes.create(user, actor=actor, why="demonstration") for user in fresh]
    for user in made:
        held[user.email] = user
    site = [
        RoleAssignment(user=held[login.email], role=login.role, starts_on=LONG_AGO)
        for login in logins()
        if ROLES[login.role].site_wide and not RoleAssignment.objects.filter(user=held[login.email], role=login.role).exists()
    ]
    changes.bulk_create(site, actor=actor, why="demonstration")
    return held


class Cast:
    """Who acts in a demonstration programme: ``cast["OL"]`` is the actor in that role, rights and all."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self._users = {user.email: user for user in User.objects.filter(demo=True)}
        self._actors: dict[str, Actor] = {}

    def user(self, role: str) -> User:
        return self._users[f"{role.lower()}@{DOMAIN}"]

    def __getitem__(self, role: str) -> Actor:
        if role not in self._actors:
            self._actors[role] = Actor.of(self.user(role), self.programme)
        return self._actors[role]


def organisation(name: str) -> Organisation:
    return Organisation.objects.get(name=name)
