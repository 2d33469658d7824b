"""``manage.py demo_logins``: who can sign in to the demonstration."""

from __future__ import annotations

from typing import Any

from mobilisation.commands import InterfaceCommand
from mobilisation.errors import Refused
from mobilisation.models import User
from mobilisation.roles import ROLES
from reporting.demo import accounts


class Command(InterfaceCommand):
    help = "Print one log-in per role of the demonstration."

    def work(self, **options: Any) -> dict[str, Any]:
        held = set(User.objects.filter(demo=True).values_list("email", flat=True))
        shown = [login for login in accounts.logins() if login.email in held]
        if not shown:
            raise Refused("There is no demonstration here. Load it with manage.py load_demo.")
        self.say(f"Every demonstration account has the password: {accounts.PASSWORD}", options)
        for login in shown:
            self.say(f"  {login.email:<22} {ROLES[login.role].title} ({login.name}, {login.organisation})", options)
        return {"password": accounts.PASSWORD, "logins": [{"email": login.email, "role": login.role} for login in shown]}
