"""Forms of the import pages."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms

from mobilisation.workbooks import limits
from mobilisation.workbooks.columns import Column
from mobilisation.workbooks.read import ENDINGS
from mobilisation.workbooks.table import Table

LEAVE_OUT = "-"
"""What a select sends for a heading whose values are not read."""


class UploadForm(forms.Form):
    file = forms.FileField(label="The file", error_messages={"required": "Choose a file", "empty": "The file is empty. Choose it again.", "missing": "Choose a file"})

    def __init__(self, *args: Any, endings: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ",".join([*ENDINGS, *endings])
        self.fields["file"].help_text = f"XLSX, XLS, ODS or CSV{', ' + ', '.join(e.lstrip('.').upper() for e in endings) if endings else ''}: " + "; ".join(limits.current().in_words())
        self.helper = FormHelper()
        self.helper.add_input(Submit("upload", "Upload and look at it"))


class UndoForm(forms.Form):
    reason = forms.CharField(label="Why it is undone", max_length=300, error_messages={"required": "Say why it is undone"}, help_text="It is kept in the history of the programme and of each record")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.add_input(Submit("undo", "Undo this import"))


class SheetForm(forms.Form):
    """Which sheet, which row holds the headings, which way round dates are. An empty row means "find it"."""

    sheet = forms.ChoiceField(label="Sheet", required=False, widget=forms.RadioSelect)
    heading_row = forms.IntegerField(label="Row with the headings", required=False, min_value=1, max_value=100_000, help_text="The number at the left edge of the sheet. Leave it empty to have it found.")
    date_order = forms.ChoiceField(
        label="Dates written as text", required=False, widget=forms.RadioSelect,
        choices=[("", "Day first unless the column says otherwise"), ("dmy", "Day first: 25/12/2026"), ("mdy", "Month first: 12/25/2026"), ("ymd", "Year first: 26/12/25")],
    )

    def __init__(self, *args: Any, names: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(names) > 1:
            self.fields["sheet"].choices = names  # type: ignore[attr-defined]
            self.fields["sheet"].required = True
            self.fields["sheet"].error_messages["required"] = "Choose the sheet with the list"
        else:
            del self.fields["sheet"]
        self.helper = FormHelper()
        self.helper.add_input(Submit("go", "Continue"))


class ColumnsForm(forms.Form):
    """One select for each heading of the file: which of our columns it means."""

    def __init__(self, *args: Any, table: Table, columns: list[Column], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headings = {f"c{at}": heading for at, heading in enumerate(table.headings) if heading}
        choices = [(LEAVE_OUT, "Leave out"), *((c.name, c.title + (" (needed)" if c.required else "")) for c in columns if not c.read_only)]
        for name, heading in self.headings.items():
            at = int(name[1:])
            self.fields[name] = forms.ChoiceField(label=heading, choices=choices, required=False, initial=table.columns[at] or LEAVE_OUT, widget=forms.Select(attrs={"class": "nhsuk-select"}))

    @property
    def mapping(self) -> dict[str, str]:
        return {heading: "" if (chosen := self.cleaned_data.get(name) or LEAVE_OUT) == LEAVE_OUT else chosen for name, heading in self.headings.items()}
