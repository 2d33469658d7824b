"""One cell of the tracker as a form."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django import forms

from mobilisation.forms.fields import Day
from transfers.forms.people import ActForm, DayInput
from transfers.forms.reading import ReadAsTheList
from transfers.models import PersonTransfer
from transfers.rules.grid import EDITED

CELLS = tuple(EDITED)
"""What is typed in the list itself; everything else has its own page with its own questions."""


class CellForm(ReadAsTheList):
    """``cell`` names the one field of the form; with it go the version and what the page showed."""

    class Meta:
        model = PersonTransfer
        fields = ()

    def __new__(cls, *args: Any, cell: str, **kwargs: Any) -> CellForm:
        return super().__new__(_of(cls, cell))

    def __init__(self, *args: Any, cell: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            # What the page showed, for this one field only.
            self.initial["was"] = json.dumps({cell: self._stands(cell)})
        self.fields[cell].required = False
        self.auto_id = f"cell_{self.instance.public_id}_%s"  # the filters above the list have fields of the same names
        self.fields[cell].widget.attrs |= {"autofocus": True}
        if isinstance(self.fields[cell], forms.CharField):
            self.fields[cell].widget.attrs["autocomplete"] = "off"


@cache
def _of(form: type[CellForm], cell: str) -> type[CellForm]:
    """The form of one field: the others of a person are not even made."""
    return form if form._meta.fields else forms.modelform_factory(PersonTransfer, form=form, fields=[cell])


class MarkCellForm(ActForm):
    """One checkpoint in the grid: the day it was done."""

    submit = "Mark as done"
    on = Day(label="Done on", required=False, widget=DayInput())
    note = forms.CharField(label="Note", required=False, max_length=500)
