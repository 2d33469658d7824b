"""A form that knows what its user was looking at, so that a stale save merges instead of overwriting."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.core.exceptions import ValidationError

from mobilisation.errors import Conflict, Reason, Refused
from mobilisation.forms.fields import FOUR_DIGITS, likely_year, plain_text
from mobilisation.veil.words import INSTEAD

_CARRIED = frozenset({"version", "was"})
_BARE = frozenset({"from", "to", "until", "since", "on"})
"""Labels of days that name nothing to be entered."""


class Versioned(forms.ModelForm):
    """``values``: what the person changed, compared with what the page showed them (not with what stands now).

    The service writes; the form never touches its instance, so a refusal leaves everything as it was.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    was = forms.CharField(widget=forms.HiddenInput, required=False, max_length=50_000)
    submit = "Save"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, (forms.DateField, forms.DateTimeField)):
                field.validators.append(likely_year)
            elif isinstance(field, forms.CharField):
                field.validators.append(plain_text)
                if field.max_length:
                    field.error_messages["max_length"] = f"{field.label}: {field.max_length} characters at most"
            if isinstance(field, forms.DateField):
                field.widget = forms.DateInput(attrs={"type": "date", **FOUR_DIGITS}, format="%Y-%m-%d")
                field.error_messages["invalid"] = f"{field.label}: enter a real date, like 27 3 2027"
            elif isinstance(field, forms.DateTimeField):
                field.widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
                field.input_formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
            elif isinstance(field.widget, forms.Textarea):
                field.widget.attrs.setdefault("rows", 3)
            if name not in _CARRIED and field.label:
                field.label = str(field.label)[0].upper() + str(field.label)[1:]
                if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                    words = f"{str(field.label)[0].lower()}{str(field.label)[1:]}"
                    field.error_messages["required"] = "Enter a day" if words in _BARE else f"Enter {words}"
        if self.instance.pk and not self.is_bound:
            self.initial["version"] = self.instance.version
        self.helper = FormHelper()
        self.helper.add_input(Submit("save", self.submit))

    def get_initial_for_field(self, field: Any, field_name: str) -> Any:
        """What the page shows is written down when it is drawn: a field that a form takes away for its reader, who may not know it, is not sent along."""
        if field_name == "was" and self.instance.pk and not self.is_bound and "was" not in self.initial and field.initial is None:
            return json.dumps({name: self._stands(name) for name in self._own_fields()}, ensure_ascii=False)
        return super().get_initial_for_field(field, field_name)

    def _own_fields(self) -> list[str]:
        return [name for name in self.fields if name not in _CARRIED]

    def _stands(self, name: str) -> str:
        """What the field holds before anything is typed, as its widget writes it."""
        return self._written(name, self.get_initial_for_field(self.fields[name], name))

    def _written(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(field.widget, forms.CheckboxInput):
            return "True" if field.to_python(value) else ""
        value = field.prepare_value(value)
        value = field.widget.format_value(value) if hasattr(field.widget, "format_value") else value
        if isinstance(value, (list, tuple)):
            value = value[0] if value else ""
        return "" if value is None else str(value)

    @property
    def values(self) -> dict[str, Any]:
        """{field: new value} of what was changed; everything for a new entity."""
        mine = {name: value for name, value in self.cleaned_data.items() if name not in _CARRIED}
        if not self.instance.pk:
            return mine
        was = self._was()
        return {name: value for name, value in mine.items() if name not in was or self._changed(name, str(was[name]))}

    def _was(self) -> dict[str, Any]:
        try:
            was = json.loads(self.cleaned_data.get("was") or "{}")
        except ValueError:
            return {}
        return was if isinstance(was, dict) else {}

    def _changed(self, name: str, was: str) -> bool:
        field = self.fields[name]
        if isinstance(field, forms.BooleanField):
            return self._written(name, self.cleaned_data[name]) != was
        return _plain(was) != _plain(self._sent(name))

    def _sent(self, name: str) -> str:
        raw = self.fields[name].widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
        return "" if raw is None else str(raw)

    def _put_back_withheld(self) -> None:
        """A text shown with a part withheld and left alone is what stands there: longer or shorter than what was shown, and none of the reader's doing."""
        try:
            was = json.loads(self.data.get(self.add_prefix("was")) or "{}")
        except ValueError:
            return
        if not self.instance.pk or not isinstance(was, dict) or not INSTEAD.search(str(was)):
            return
        left = {name: self._stands(name) for name in self._own_fields() if INSTEAD.search(str(was.get(name, ""))) and _plain(str(was[name])) == _plain(self._sent(name))}
        if left:
            self.data = data = self.data.copy()  # type: ignore[assignment]
            for name, stands in left.items():
                data[self.add_prefix(name)] = stands
            data[self.add_prefix("was")] = json.dumps(was | left, ensure_ascii=False)

    def after_conflict(self, conflict: Conflict) -> None:
        """Show what stands now beside what was typed, so that the next save is the person's answer and not a stale one again.

        What they had left alone takes the value it has now; what they changed keeps theirs.
        """
        standing = type(self.instance)._base_manager.filter(pk=self.instance.pk).first()
        if standing is None:  # made by somebody else while this was sent: the next save is compared with theirs
            return
        mine = set(self.values)
        self.initial |= forms.model_to_dict(standing, self._meta.fields, self._meta.exclude)
        self.data = data = self.data.copy()  # type: ignore[assignment]
        was = self._was()
        for name in self._own_fields():
            was[name] = stands = self._stands(name)
            if name in mine:
                continue
            if getattr(self.fields[name].widget, "allow_multiple_selected", False):
                data.setlist(self.add_prefix(name), list(stands))
            elif isinstance(self.fields[name].widget, forms.CheckboxInput) and not stands:
                data.pop(self.add_prefix(name), None)
            else:
                data[self.add_prefix(name)] = stands
        data[self.add_prefix("version")] = str(conflict.current_version)
        data[self.add_prefix("was")] = json.dumps(was, ensure_ascii=False)

    def _clean_fields(self) -> None:
        """Line ends as they are kept and compared everywhere else: browsers send two characters for one."""
        self._put_back_withheld()
        super()._clean_fields()
        self.cleaned_data |= {name: value.replace("\r\n", "\n").replace("\r", "\n") for name, value in self.cleaned_data.items() if isinstance(value, str)}

    def _post_clean(self) -> None:
        """The limits of the model's own fields, for what was changed. Constraints across fields are held and worded by the service."""
        own = {field.name: field for field in self._meta.model._meta.concrete_fields}
        for name, value in self.values.items():
            if name in own and name not in self.errors and value not in (None, "") and not own[name].is_relation:
                try:
                    own[name].run_validators(value)
                except ValidationError as error:
                    self.add_error(name, error)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def show_refusal(form: forms.BaseForm, refusal: Refused, ways: Callable[[Reason], Sequence[tuple[str, str]]] | None = None) -> None:
    """Every reason at its field, or above the form when the form lacks it; there with ``ways``, [(words, address)] of where else it is put right."""
    # First: a field with an error is no longer among the clean ones.
    if isinstance(refusal, Conflict) and isinstance(form, Versioned):
        form.after_conflict(refusal)
    elif isinstance(refusal, Conflict) and "version" in form.fields:
        form.data = form.data.copy()  # type: ignore[attr-defined]
        form.data[form.add_prefix("version")] = str(refusal.current_version)  # type: ignore[index]
    led: dict[str, Sequence[tuple[str, str]]] = {}
    for reason in refusal.reasons:
        here = reason.field in form.fields
        form.add_error(reason.field if here else None, reason.text)
        if ways is not None and not here:
            led[reason.text] = ways(reason)
    form.ways = led  # type: ignore[attr-defined]
