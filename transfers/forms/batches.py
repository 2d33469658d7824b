"""What can be done to many people at once: a form for each act, which says what it wishes for whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from django import forms

from mobilisation.clock import today
from mobilisation.components import short_date
from mobilisation.forms.fields import Day, plain_text
from mobilisation.models import Organisation
from mobilisation.roles import Can
from mobilisation.workbooks import Fault
from transfers.choices import BatchKind
from transfers.forms.people import ActForm, DayInput
from transfers.imports.paste import read_one
from transfers.models import PersonTransfer
from transfers.rules.gates import CHECKPOINTS
from transfers.rules.names import wave_name
from transfers.services.batches import Wish


class TogetherForm(forms.Form):
    """``read``: fields that are read as the same column of a workbook. The prefix keeps its names apart from those of cells."""

    title: ClassVar[str]
    kind: ClassVar[BatchKind] = BatchKind.CHANGE
    can: ClassVar[Can] = Can.PEOPLE_EDIT
    read: ClassVar[tuple[str, ...]] = ()

    def __init__(self, data: Any = None, *, providers: Any = None, **kwargs: Any) -> None:
        super().__init__(data, prefix="bulk", **kwargs)
        for field in self.fields.values():
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = f"Enter {str(field.label)[0].lower()}{str(field.label)[1:]}"
            if isinstance(field, forms.DateField):
                field.error_messages["invalid"] = f"{field.label}: enter a real date, like 27 3 2027"
            elif isinstance(field, forms.CharField):
                field.validators.append(plain_text)
                field.widget.attrs["autocomplete"] = "off"
            elif isinstance(field, forms.ModelChoiceField):
                field.queryset = providers
                field.error_messages |= {"required": "Choose a provider", "invalid_choice": "Choose one of the incoming providers"}
        self.helper = FormHelper()
        self.helper.form_tag = False

    def clean(self) -> None:
        for name in self.read:
            if name not in self.errors and (text := self.cleaned_data.get(name)):
                try:
                    self.cleaned_data[name] = read_one(name, text)
                except Fault as fault:
                    self.add_error(name, f"{self.fields[name].label}: {str(fault)[0].lower()}{str(fault)[1:]}")

    def values(self) -> dict[str, Any]:
        """{field of the person: value}."""
        return dict(self.cleaned_data)

    def wishes(self, people: Sequence[PersonTransfer]) -> list[Wish]:
        return [Wish(person.pk, name, value) for person in people for name, value in self.values().items()]

    @property
    def what(self) -> str:
        """In words, as the list of batches says it."""
        return "; ".join(f"{self.fields[name].label}: {_words(value)}" for name, value in self.values().items())

    why = ""
    asked: ClassVar[dict[str, Any]] = {}


def _words(value: Any) -> str:
    return short_date(value) if hasattr(value, "year") else str(value or "taken off")


def _day(label: str, *, required: bool = False, **more: Any) -> forms.DateField:
    return Day(label=label, required=required, widget=DayInput(), **more)


class MarkTogether(TogetherForm):
    title, kind = "Tick a checkpoint", BatchKind.MARK
    code = forms.ChoiceField(label="Checkpoint", choices=[(c.code, f"{c.code} {c.title}") for c in CHECKPOINTS if c.bulk])
    on = _day("Done on", required=True, initial=today)
    note = forms.CharField(label="Note", required=False, max_length=300)

    def values(self) -> dict[str, Any]:
        return {self.cleaned_data["code"]: self.cleaned_data["on"]}

    @property
    def what(self) -> str:
        code = next(c for c in CHECKPOINTS if c.code == self.cleaned_data["code"])
        return f"{code.code} {code.title}: {short_date(self.cleaned_data['on'])}"

    @property
    def why(self) -> str:  # type: ignore[override]
        return str(self.cleaned_data["note"])


class WaveTogether(TogetherForm):
    title, read = "Set the wave", ("wave",)
    wave = forms.CharField(label="Wave", required=False, max_length=30, help_text="Empty takes it off")


class TransferTogether(TogetherForm):
    title = "Set the planned transfer date"
    planned_transfer_date = _day("Planned transfer (T)", help_text="Empty takes it off")


class AtHomeTogether(TogetherForm):
    title = "Confirm that they are not in hospital"
    hospital_asked_on = _day("Asked on", required=True, initial=today, help_text="C02 waits for it; people with an open stay are refused")


class OfferTogether(TogetherForm):
    title, kind = "Offer to an incoming provider", BatchKind.OFFER
    incoming_provider = forms.ModelChoiceField(Organisation._base_manager.none(), label="Incoming provider", empty_label="Choose a provider")

    @property
    def what(self) -> str:
        return f"Offered to {self.cleaned_data['incoming_provider']}"


class ManagerTogether(TogetherForm):
    title, read = "Set the case manager", ("case_manager",)
    case_manager = forms.CharField(label="Case manager", required=False, max_length=100, help_text="Empty takes it off")


class ActionTogether(TogetherForm):
    title, read = "Set the next action", ("next_action", "next_action_owner")
    next_action = forms.CharField(label="Next action", required=False, max_length=300)
    next_action_owner = forms.CharField(label="Its owner", required=False, max_length=100)
    next_action_due = _day("Due", help_text="What is left empty here stays as it is")

    def clean(self) -> None:
        super().clean()
        if not self.errors and not self.values():
            self.add_error(None, "Enter an action, its owner or its day")

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


class LetterTogether(TogetherForm):
    """Leads to the page of letters with the people chosen: who gets one is seen there before anything is kept."""

    title = "Begin a letter run"


class HoldTogether(TogetherForm):
    title, kind, can = "Put on hold", BatchKind.HOLD, Can.HOLD
    reason = forms.CharField(label="Reason", max_length=300)
    review_on = _day("Review on", required=True)

    def clean_review_on(self) -> Any:
        day = self.cleaned_data["review_on"]
        if day < today():
            raise forms.ValidationError("The review lies in the past. Choose the day on which you look again")
        return day

    def values(self) -> dict[str, Any]:
        return {"hold": True}

    @property
    def what(self) -> str:
        return f"Put on hold, to be reviewed on {short_date(self.cleaned_data['review_on'])}"

    @property
    def why(self) -> str:  # type: ignore[override]
        return str(self.cleaned_data["reason"])

    @property
    def asked(self) -> dict[str, Any]:  # type: ignore[override]
        return {"review_on": self.cleaned_data["review_on"].isoformat()}


class LiftTogether(TogetherForm):
    title, kind, can = "Lift the hold", BatchKind.LIFT, Can.HOLD
    why_lifted = forms.CharField(label="Why it is lifted", max_length=300)

    def values(self) -> dict[str, Any]:
        return {"hold": False}

    @property
    def what(self) -> str:
        return "Hold lifted"

    @property
    def why(self) -> str:  # type: ignore[override]
        return str(self.cleaned_data["why_lifted"])


TOGETHER: dict[str, type[TogetherForm]] = {
    "mark": MarkTogether, "at-home": AtHomeTogether, "wave": WaveTogether, "transfer": TransferTogether, "offer": OfferTogether, "manager": ManagerTogether, "action": ActionTogether, "hold": HoldTogether, "lift": LiftTogether, "letter": LetterTogether,
}
"""Key in the address → act."""


class BatchUndoForm(ActForm):
    submit = "Undo it"
    reason = forms.CharField(label="Reason", required=False, max_length=300, help_text="The author may leave it empty within ten minutes, while nothing depends on it")


class PasteForm(ActForm):
    """``first``: keys of the columns that take what is pasted."""

    submit = "Show what would change"
    text = forms.CharField(label="What you copied", widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}), max_length=1_000_000, help_text="One person a line, cells as the spreadsheet copies them", strip=False)
    by = forms.ChoiceField(
        label="Who stands in each line", widget=forms.RadioSelect, initial="reference",
        choices=[("reference", "The first cell of each line is the case-system ID, the NHS number or our record ID"), ("order", "The people in the order of the list as it is filtered and sorted now")],
    )
    first = forms.ChoiceField(label="Column of the first cell", help_text="After the reference, where there is one. The next cells go into the columns that follow in this list")
    start = forms.IntegerField(label="Begin with row", required=False, min_value=1, max_value=100_000, initial=1, help_text="In the order of the list")

    def __init__(self, *args: Any, columns: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first"].choices = columns


class GroupHoldForm(ActForm):
    submit = "Put on hold"
    whom = forms.ChoiceField(label="Whose transfers")
    reason = forms.CharField(label="Reason", max_length=300)
    review_on = Day(label="Review on", widget=DayInput())

    def __init__(self, *args: Any, providers: Sequence[tuple[str, str]], waves: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [("Providers", [(f"provider:{key}", name) for key, name in providers]), ("Waves", [(f"wave:{wave}", wave_name(wave)) for wave in waves])]
        self.fields["whom"].choices = [("", "Choose a provider or a wave"), *((title, choices) for title, choices in groups if choices)]
        self.fields["whom"].error_messages["required"] = "Choose a provider or a wave"
