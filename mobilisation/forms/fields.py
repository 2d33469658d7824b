"""What every field of a form holds to, whatever its model says."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from django import forms

FIRST_YEAR, LAST_YEAR = 1900, 2100
FOUR_DIGITS = {"max": "9999-12-31"}
"""Of a field for a day: without a last one browsers take years of six digits, and a digit too many goes unseen."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def likely_year(value: date | datetime) -> None:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise forms.ValidationError(f"{value.year} is not a likely year. Check the date")


def plain_text(value: Any) -> None:
    if isinstance(value, str) and _CONTROL.search(value):
        raise forms.ValidationError("Take out the characters that cannot be seen; they came along when it was copied")


class Day(forms.DateField):
    """A date of a likely year."""

    default_validators = [likely_year]

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | (FOUR_DIGITS if getattr(widget, "input_type", "") == "date" else {})
