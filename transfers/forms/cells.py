"""One cell of the tracker as a form."""

from __future__ import annotations

import json
from typing import Any

from django import forms

from transfers.forms.reading import ReadAsTheList
from transfers.models import PersonTransfer

CELLS = ("planned_transfer_date", "wave", "case_manager", "next_action", "next_action_owner", "next_action_due")
"""What is typed in the list itself; everything else has its own page with its own questions."""


class CellForm(ReadAsTheList):
    """``cell`` names the one field that stays; with it go the version and what the page showed."""

    class Meta:
        model = PersonTransfer
        fields = CELLS

    def __init__(self, *args: Any, cell: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in CELLS:
            if name != cell:
                del self.fields[name]
        if not self.is_bound:
            # What the page showed, for this one field only.
            self.initial["was"] = json.dumps({cell: self._stands(cell)})
        self.fields[cell].required = False
        self.auto_id = f"cell_{self.instance.public_id}_%s"  # the filters above the list have fields of the same names
        self.fields[cell].widget.attrs |= {"class": "nhsuk-input app-cell__input", "autofocus": True}
        if isinstance(self.fields[cell], forms.CharField):
            self.fields[cell].widget.attrs["autocomplete"] = "off"
