"""Forms of what hangs on a person: contacts, needs, orders, visits, file, monies, care-plan check, interim options."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from crispy_forms.bootstrap import InlineCheckboxes, InlineRadios
from crispy_forms.layout import Div, Layout
from django import forms

from mobilisation.clock import today
from risks.models import SafeguardingConcern
from transfers.forms.people import ActForm, _day
from transfers.forms.reading import ReadAsTheList
from transfers.models import Assessment, CarePlanCheck, Discrepancy, FileTransfer, InterimOption, MoneyHeld, OrderVisit, PersonContact, PersonNeed, Review, ServiceOrder
from transfers.rules import assessing, care_plans
from transfers.rules.orders import DAYS

_YES_NO = [("unknown", "Not known"), ("true", "Yes"), ("false", "No")]


class RecordForm(ReadAsTheList):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.NullBooleanField):
                field.widget.choices = _YES_NO


class ContactForm(RecordForm):
    columns: ClassVar[Mapping[str, str]] = {"name": "representative_name", "phone": "representative_phone", "address": "representative_address"}

    class Meta:
        model = PersonContact
        fields = ("role", "name", "relationship", "phone", "email", "address", "preferred", "may_be_told", "note")
        help_texts = {"may_be_told": "Choose no where the person does not want this contact to know", "note": "For example, only after 17:00"}


class NeedForm(RecordForm):
    class Meta:
        model = PersonNeed
        fields = ("allergies_known", "allergies", "moving_handling", "communication", "preferences")
        help_texts = {"allergies": "With “known” on yes and nothing here, the person has none"}


class OrderForm(RecordForm):
    columns: ClassVar[Mapping[str, str]] = {"external_ref": "old_order_ref"}

    class Meta:
        model = ServiceOrder
        fields = ("external_ref", "start", "end", "weekly_hours", "care_item", "payment_ref", "budget_code")
        help_texts = {"weekly_hours": "Counted from the visits as soon as there are any", "end": "The last day on which this order pays for care"}


class VisitForm(RecordForm):
    days = forms.MultipleChoiceField(label="Days", choices=[(str(n), day) for n, day in enumerate(DAYS, 1)], widget=forms.CheckboxSelectMultiple, error_messages={"required": "Choose at least one day"})
    start = forms.TimeField(label="Starts at", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), error_messages={"invalid": "Starts at: enter a time, like 08:30"})

    class Meta:
        model = OrderVisit
        fields = ("days", "start", "minutes", "carers", "band_minutes", "tasks")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout("version", "was", InlineCheckboxes("days"), Div("start", "minutes", "carers", "band_minutes", css_class="app-form-row"), "tasks")

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        found = super().get_initial_for_field(field, field_name)
        return list(found) if field_name == "days" and isinstance(found, str) else found

    def clean_days(self) -> str:
        return "".join(sorted(set(self.cleaned_data["days"])))

    def _stands(self, name: str) -> str:
        return "".join(self.get_initial_for_field(self.fields[name], name) or []) if name == "days" else super()._stands(name)

    def _changed(self, name: str, was: str) -> bool:
        return bool(self.cleaned_data[name] != was) if name == "days" else super()._changed(name, was)


class ShareForm(ActForm):
    submit = "Record"
    on = _day("Shared with both providers on")


class EndContactForm(ActForm):
    submit = "End this contact"
    why = forms.CharField(label="Why", required=False, max_length=300)


class ConfirmForm(ActForm):
    submit = "Yes"


class FileForm(RecordForm):
    class Meta:
        model = FileTransfer
        fields = ("requested_on", "sent_on", "method", "tracking_ref", "contents", "received_on", "outcome")
        help_texts = {"method": "No other way is allowed", "outcome": "Lost, or at the wrong place: an issue is raised at once"}


class ArrivedForm(ActForm):
    on = _day("Received on")


class RouteForm(ActForm):
    words = forms.CharField(label="What was decided", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class MoneyForm(RecordForm):
    class Meta:
        model = MoneyHeld
        fields = ("holder", "amount", "purpose", "settled_on", "note")
        labels = {"holder": "Who holds it"}


class ReceiveForm(ActForm):
    submit = "Record"
    on = _day("Care plan received on")


class CheckForm(RecordForm):
    """The check list of domain 5.7: each item right, different with what differs, or not looked at yet."""

    class Meta:
        model = CarePlanCheck
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = []
        held = self.instance.checks if self.instance.pk else {}
        for key, title in care_plans.CHECKS:
            self.fields[key] = forms.ChoiceField(
                label=title, required=False, choices=[("right", "As the plan says"), ("differs", "Differs"), ("", "Not checked yet")], initial=held.get(key, ""), widget=forms.RadioSelect
            )
            hint = "Has a discrepancy already; change that one on the person's page" if held.get(key) == "differs" else ""
            self.fields[f"{key}_detail"] = forms.CharField(label=f"If it differs, how: {title[0].lower()}{title[1:]}", required=False, max_length=300, help_text=hint)
            shown.append(Div(InlineRadios(key), f"{key}_detail", css_class="app-form-row"))
        if self.instance.pk and not self.is_bound:
            self.initial["was"] = json.dumps({key: held.get(key, "") for key, _ in care_plans.CHECKS})
        self.helper.layout = Layout("version", "was", *shown)

    @property
    def seen(self) -> dict[str, str]:
        """What the page showed."""
        try:
            was = json.loads(self.cleaned_data.get("was") or "{}")
        except ValueError:
            was = {}
        return {key: str(was.get(key, "")) for key, _ in care_plans.CHECKS} if isinstance(was, dict) else {}

    @property
    def checks(self) -> dict[str, str]:
        """What was changed."""
        seen = self.seen
        return {key: self.cleaned_data[key] for key, _ in care_plans.CHECKS if self.cleaned_data[key] != seen.get(key, "")}

    @property
    def details(self) -> dict[str, str]:
        return {key: self.cleaned_data[f"{key}_detail"] for key, _ in care_plans.CHECKS}


class DiscrepancyForm(RecordForm):
    class Meta:
        model = Discrepancy
        fields = ("kind", "found_on", "detail", "officer_called_on", "plan_updated_on", "closed_on")
        labels = {"detail": "What differs", "officer_called_on": "Commissioning officer called on", "plan_updated_on": "Plan updated on", "closed_on": "Closed on"}
        help_texts = {"officer_called_on": "Due the same day", "plan_updated_on": "Due the same day"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["detail"].required = True
        self.fields["detail"].error_messages["required"] = care_plans.detail_refused("")
        if not self.instance.pk:
            self.initial["found_on"] = today()


class ConcernForm(RecordForm):
    """A safeguarding concern; ``status`` and ``outcome`` once it is there."""

    class Meta:
        model = SafeguardingConcern
        fields = ("category", "owner_name", "what", "referred_to", "cqc_told_on", "status", "outcome")
        labels = {"category": "Kind of concern", "owner_name": "Owner", "what": "What happened", "cqc_told_on": "CQC told on", "outcome": "What came of it"}
        help_texts = {
            "category": "For example, neglect, missed visits, medication", "owner_name": "Who sees to it; without an owner the person is Red",
            "what": "The register names nobody: leave out names and numbers", "referred_to": "For example, the safeguarding team", "outcome": "Needed to close it",
        }


class InterimForm(RecordForm):
    class Meta:
        model = InterimOption
        fields = ("kind", "name", "capacity", "contact", "available_until")


class AssessmentForm(RecordForm):
    """C07: both parts, the needs and what the change means."""

    mark = forms.BooleanField(label="Mark C07 as done on this day", required=False, initial=True)
    assessors = forms.MultipleChoiceField(label="Who took part", required=False, choices=assessing.ASSESSORS, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Assessment
        fields = ("assessed_on", "needs", "impact", "well_being", "assessors")
        widgets = {name: forms.Textarea(attrs={"rows": rows}) for name, rows in (("needs", 4), ("impact", 4), ("well_being", 2))}
        help_texts = {"impact": "For example, what a new worker, new times or a new place mean for them", "well_being": "What matters most to keep"}

    def _stands(self, name: str) -> str:
        return ",".join(sorted(self.get_initial_for_field(self.fields[name], name) or [])) if name == "assessors" else super()._stands(name)

    def _changed(self, name: str, was: str) -> bool:
        return bool(",".join(sorted(self.cleaned_data[name])) != was) if name == "assessors" else super()._changed(name, was)


class PlanContentForm(RecordForm):
    """C08: the ten headings a current care and support plan speaks of."""

    mark = forms.BooleanField(label="Mark C08 as done on this day", required=False, initial=True)

    class Meta:
        model = Assessment
        fields = ("plan_on",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = self.instance.headings if self.instance.pk else {}
        for key, title in assessing.HEADINGS:
            self.fields[key] = forms.ChoiceField(
                label=title, required=False, initial=held.get(key, ""), choices=[("in", "In the plan"), ("not_needed", "Not needed"), ("", "Missing")], widget=forms.RadioSelect
            )
        self.helper.layout = Layout("version", "was", "plan_on", *[InlineRadios(key) for key, _ in assessing.HEADINGS], "mark")

    @property
    def headings(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key, _ in assessing.HEADINGS if self.cleaned_data[key]}


class ReviewForm(RecordForm):
    class Meta:
        model = Review
        fields = ("about", "asked_by", "asked_on", "held_on", "outcome")
        widgets = {"outcome": forms.Textarea(attrs={"rows": 3})}
