"""manage.py check_integrity: every invariant over the whole database; exit 1 with a list of ids if one fails."""

from __future__ import annotations

from typing import Any

from mobilisation.commands import InterfaceCommand
from reporting.integrity import check_all


class Command(InterfaceCommand):
    help = "Check every invariant over the whole database. Ends 1 with a list (ids only) if one fails."

    def work(self, **options: Any) -> dict[str, Any]:
        found = check_all()
        for title, faults in found.items():
            self.say(f"{title}: {'holds' if not faults else f'{len(faults)} faults'}", options)
        faults = [fault for rows in found.values() for fault in rows]
        if faults:
            self._end(1, "\n".join(faults), options, {"reasons": faults, "checks": {title: rows for title, rows in found.items() if rows}})
        return {"ok": True, "checks": list(found)}
