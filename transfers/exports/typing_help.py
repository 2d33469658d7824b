"""What helps whoever types into the tracker as a workbook: lists to choose from, checks of days, widths, and a sheet that explains."""

from __future__ import annotations

from typing import Any

from mobilisation.models import ContractParty, Programme
from mobilisation.workbooks import CheckpointDate, Choice, CodePresence, Column, Date, Named, YesNo
from mobilisation.workbooks.validation import Cells
from transfers.imports.tracker_columns import LAST_UPDATED, RECORD_ID, Certain, columns_for
from transfers.models import PersonTransfer

FROZEN = 5
"""References and name stay in sight."""
_COLUMNS = columns_for({}, {})
_WIDE = {"address": 30, "representative_address": 30, "notes": 44, "next_action": 30, "equipment": 24, "visit_times": 22}
_LEAVE = "Worked out or recorded in the system. It is shown here and not read when the workbook comes back."
_UPDATED = "This says how new the row is: what is changed in the system after it is not overwritten by an older copy. Leave it as it is."
_RECORD = "This says whose row it is, whatever else you correct. Leave it as it is; leave it empty in a new row."


def _width(column: Column) -> float:
    if column.name in _WIDE:
        return _WIDE[column.name]
    if isinstance(column.parse, (Date, CheckpointDate)):
        return 12
    return 9 if isinstance(column.parse, YesNo) else 15


WIDTHS = {column.name: _width(column) for column in _COLUMNS}


def cells_of(programme: Programme) -> dict[str, Cells]:
    """{heading: what its cells take}; two queries."""
    by_role: dict[str, dict[str, Any]] = {"exiting": {}, "incoming": {}}
    for party in ContractParty.objects.filter(contract__programmes=programme, role__in=by_role).select_related("organisation").order_by("organisation__name"):  # scope: names of the parties, which everybody of the programme reads
        by_role[party.role][party.organisation.name] = party.organisation
    waves = tuple(PersonTransfer.objects.filter(programme=programme).exclude(wave="").order_by("wave").values_list("wave", flat=True).distinct())  # scope: names of waves only
    found = {column.name: _cells(column) for column in columns_for(by_role["exiting"], by_role["incoming"])}
    found["wave"] = Cells(options=waves, others=True)
    return found


def _cells(column: Column) -> Cells:
    parse: Any = column.parse.choice if isinstance(column.parse, Certain) else column.parse
    if column.name == RECORD_ID:
        return Cells(locked=True, hint=_RECORD)
    if column.name == LAST_UPDATED:
        return Cells(locked=True, hint=_UPDATED)
    if column.read_only:
        return Cells(locked=True, hint=_LEAVE)
    if isinstance(parse, CheckpointDate):
        return Cells(day=True, words=("W", "N/A"), hint=f"{column.title}: the day it was done. It goes through the same gates as on the page.")
    if isinstance(parse, Date):
        return Cells(day=True)
    if isinstance(parse, (YesNo, CodePresence)):
        return Cells(options=("Y", "N"))
    if isinstance(parse, Choice):
        return Cells(options=tuple(dict.fromkeys(parse.words.values())))
    if isinstance(parse, Named):
        return Cells(options=tuple(parse.things))
    return Cells()


def _takes(column: Column) -> str:
    of = _cells(column)
    if of.locked:
        return of.hint
    if of.words:
        return "A day as 31/12/2026, W where it is waived in the system, N/A where it does not apply."
    if of.day:
        return "A day as 31/12/2026."
    if of.options:
        return "One of: " + ", ".join(of.options)
    if isinstance(column.parse, Named):
        return "The name of a provider of the programme; choose it from the list."
    return "Text" if column.name != "wave" else "One of the waves, or a new one."


HOW_TO: tuple[tuple[str, ...], ...] = (
    ("Heading", "Meaning", "What to write"),
    ("", "Change cells, save, and bring the workbook back under People, Import workbook.", "You see every change before it is made. Only cells you changed are written; an empty cell never takes out a filled one."),
    ("", "This workbook holds personal data.", "Keep it where your organisation allows, and delete it when it has served."),
    ("", "What somebody changed in the system after this workbook was made stays.", "Such a cell is left out and named. One that both of you changed, each to something else, is refused until you have looked. Take a new workbook after each one you bring back."),
    *((column.name, column.title, _takes(column)) for column in _COLUMNS),
)
