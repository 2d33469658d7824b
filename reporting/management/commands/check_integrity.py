"""manage.py check_integrity: every invariant over the whole database; exit 1 with a list if one fails."""

from __future__ import annotations

from typing import Any

from mobilisation.commands import InterfaceCommand
from mobilisation.errors import Refused
from reporting.integrity import check_all


class Command(InterfaceCommand):
    help = "Check every invariant over the whole database. Ends 1 with a list if one fails."

    def work(self, **options: Any) -> dict[str, Any]:
        found = check_all()
        for title, faults in found.items():
            self.say(f"{title}: {'holds' if not faults else f'{len(faults)} faults'}", options)
        faults = [fault for rows in found.values() for fault in rows]
        if faults:
            raise Refused(faults)
        return {"ok": True, "checks": list(found)}
