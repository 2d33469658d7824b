"""What is typed into a form is read as a cell of the workbook is, so that a list that was exported comes back unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from mobilisation.clock import today
from mobilisation.forms.versioned import Versioned
from mobilisation.workbooks.codes import MARK_ALONE, REMOVED, says_only_removed
from mobilisation.workbooks.values import Context, Fault
from mobilisation.workbooks.words import names_nothing
from transfers.imports.tracker_columns import columns_for, name_and_relationship

_COLUMNS = {column.name: column for column in columns_for({}, {})}


class ReadAsTheList(Versioned):
    """Each changed text, number and day is given to its column; what stood there before is left alone.

    ``columns``: {field of the form: column of the list} where the two differ in name.
    """

    columns: ClassVar[Mapping[str, str]] = {}

    def clean(self) -> None:
        super().clean()
        self._parted: dict[str, str] = {}
        context = Context(today=today())
        for name, value in self.values.items():
            column = self.columns.get(name, name)
            if column not in _COLUMNS or name in self.errors or value in (None, "") or not isinstance(value, (str, Decimal, int, date)) or isinstance(value, bool) or hasattr(self.fields[name], "choices"):
                continue
            if _COLUMNS[column].names and isinstance(value, str) and names_nothing(value):
                self.add_error(name, f"{self.fields[name].label}: “{value}” names nobody and nothing. Leave it empty")
                continue
            if isinstance(value, str) and says_only_removed(value):
                self.add_error(name, f"{self.fields[name].label}: {MARK_ALONE}")
                continue
            try:
                read = _COLUMNS[column].parse(value, context)
            except Fault as fault:
                self.add_error(name, f"{self.fields[name].label}: {str(fault)[0].lower()}{str(fault)[1:]}")
                continue
            if REMOVED in str(read) and REMOVED not in str(value):
                self.add_error(name, f"{self.fields[name].label}: the code of a key safe or a door is never kept here. Take the digits out")
            else:
                self.cleaned_data[name] = read
                if column == "representative_name":
                    self._part(name)

    def _part(self, name: str) -> None:
        """``Jean Smith (niece)`` is a name and a relationship."""
        person, relationship = name_and_relationship(self.cleaned_data[name])
        if relationship and not self.cleaned_data.get("relationship"):
            self._parted = {name: person, "relationship": relationship[:60]}

    @property
    def values(self) -> dict[str, Any]:
        return super().values | getattr(self, "_parted", {})
