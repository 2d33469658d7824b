"""Where the work with people is done, beside the list: the pages of the team, in the order of a move."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from mobilisation.roles import Can
from transfers.services.rights import is_provider

WORK: tuple[tuple[str, tuple[tuple[str, str, Can], ...]], ...] = (
    ("Today", (("Wash-up", "transfers:washup", Can.PEOPLE_EDIT), ("Weekly assurance", "transfers:assurance", Can.PEOPLE_EDIT), ("Holds", "transfers:hold-list", Can.PEOPLE_EDIT), ("Changes to many", "transfers:batch-list", Can.PEOPLE_EDIT))),
    ("List", (("Compare lists", "transfers:lists", Can.PEOPLE_IMPORT), ("Paste from a spreadsheet", "transfers:person-paste", Can.PEOPLE_EDIT))),
    ("Tell", (("Letters", "transfers:letter-runs", Can.PEOPLE_EDIT),)),
    ("Allocate", (("Zones and mapping", "transfers:zones", Can.BOARD_VIEW), ("Waves", "transfers:waves", Can.PEOPLE_EDIT), ("Allocation", "transfers:allocation", Can.PEOPLE_EDIT), ("Offers", "transfers:offer-list", Can.PEOPLE_VIEW), ("Sheets", "transfers:sheet-list", Can.PEOPLE_EXPORT), ("Update links", "transfers:link-list", Can.PEOPLE_EDIT), ("Interim options", "transfers:interim-list", Can.PEOPLE_VIEW), ("Hours and staff left", "transfers:hours-left", Can.PEOPLE_EDIT))),
    ("Check", (("What is missing", "transfers:quality", Can.PEOPLE_EDIT), ("Care plans to validate", "transfers:validation", Can.PEOPLE_VIEW), ("Checks of providers", "transfers:provider-checks", Can.PEOPLE_EDIT))),
)


def work(view: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """[(group, [(label, address)])] of what the viewer may open; nothing for providers, whose work stands on "Your people"."""
    if is_provider(view.actor):
        return []
    shown = [(group, [(label, reverse(name, args=[view.programme.ref])) for label, name, can in pages if view.actor.can(can)]) for group, pages in WORK]
    return [(group, pages) for group, pages in shown if pages]
