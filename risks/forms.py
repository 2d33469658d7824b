"""Forms of the register."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Row, Submit
from django import forms

from mobilisation.forms import Versioned
from mobilisation.forms.fields import Day
from mobilisation.models import Organisation
from risks.choices import CONSEQUENCE, LIKELIHOOD, EscalationLevel, RiskStatus
from risks.models import Issue, Opportunity, Risk

_FACTORS = ("initial_likelihood", "initial_consequence", "likelihood", "consequence", "target_likelihood", "target_consequence")


def _date(label: str, *, required: bool = True) -> forms.DateField:
    return Day(label=label, required=required, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class RiskForm(Versioned):
    """``organisations``: those of the programme the user may see."""

    submit = "Save risk"

    class Meta:
        model = Risk
        fields = (
            "event", "cause", "effect", "domain", "scope", "workstream_slug", "owner_name", "other_owner", "organisation", "proximity",
            *_FACTORS, "response", "controls", "gaps", "review_on", "unsafe_go_live", "raised_on",
        )
        widgets = {"event": forms.Textarea(attrs={"rows": 2}), "initial_likelihood": forms.Select, "raised_on": forms.DateInput}

    def __init__(self, *args: Any, organisations: Any = None, workstreams: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = self.instance.workstream_slug
        gone = [(held, f"{held} (not in the plan)")] if held and held not in dict(workstreams) else []
        self.fields["workstream_slug"] = forms.ChoiceField(label="Workstream", required=False, choices=[("", "None"), *workstreams, *gone])
        self.fields["organisation"].queryset = organisations if organisations is not None else Organisation.objects.none()
        self.fields["cause"].help_text = "Because of …"
        self.fields["event"].help_text = "… this could happen …"
        self.fields["effect"].help_text = "… which would lead to …"
        self.fields["other_owner"].help_text = "Needed for a shared risk: an owner in each party."
        self.fields["review_on"].help_text = "At least every 7 days for Extreme, 14 for High, 30 for Moderate and 60 for Low, unless the programme has other limits."
        self.fields["raised_on"].required = False
        self.fields["controls"].help_text = "At least one control, or one action."
        for name in ("cause", "effect", "owner_name", "review_on"):
            # Needed, and asked for by the service together with everything else that is missing.
            self.fields[name].needed = True
        action: list[Any] = []
        if not self.instance.pk:
            self.fields |= {
                "action_text": forms.CharField(label="First action", max_length=300, required=False, help_text="What will be done about it."),
                "action_owner": forms.CharField(label="Who does it", max_length=150, required=False), "action_due": _date("By when", required=False),
            }
            action = [Fieldset("An action, if there is no control yet", "action_text", "action_owner", "action_due")]
        scores: list[Any] = [Row("likelihood", "consequence"), Row("target_likelihood", "target_consequence")]
        if self.instance.pk:
            del self.fields["raised_on"]
            del self.fields["initial_likelihood"]
            del self.fields["initial_consequence"]
        else:
            for name in ("initial_likelihood", "initial_consequence"):
                self.fields[name].required = False
                self.fields[name].help_text = "Before any control. The same as current when left empty."
            self.fields["raised_on"].help_text = "Today when left empty."
            scores = [Row("initial_likelihood", "initial_consequence"), *scores]
        self.helper = FormHelper()
        self.helper.layout = Layout(
            "version", "was",
            Fieldset("What could happen", "cause", "event", "effect", "domain", "unsafe_go_live"),
            Fieldset("Score: likelihood × consequence", *scores),
            Fieldset("Who and when", "scope", "owner_name", "other_owner", "organisation", "workstream_slug", "proximity", *([] if self.instance.pk else ["raised_on"]), "review_on"),
            Fieldset("Response", "response", "controls", "gaps"), *action,
            Submit("save", self.submit), *([] if self.instance.pk and self.instance.status != RiskStatus.DRAFT else [Submit("draft", "Save as draft", css_class="nhsuk-button--secondary")]),
        )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("action_text"):
            for name, words in (("action_owner", "Name who does it."), ("action_due", "Say by when.")):
                if not data.get(name):
                    self.add_error(name, words)
        return data


class ReviewForm(forms.Form):
    likelihood = forms.TypedChoiceField(label="Likelihood now", choices=LIKELIHOOD, coerce=int)
    consequence = forms.TypedChoiceField(label="Consequence now", choices=CONSEQUENCE, coerce=int)
    next_review = Day(label="Next review", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), help_text="The latest day allowed when left empty.")
    why = forms.CharField(label="What has changed and why", max_length=300, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, risk: Risk, **kwargs: Any) -> None:
        super().__init__(*args, prefix="review", initial={"likelihood": risk.likelihood, "consequence": risk.consequence, "version": risk.version}, **kwargs)
        self.helper = _helper("review", "Record review")


class ActionForm(forms.Form):
    text = forms.CharField(label="What is to be done", max_length=300)
    owner_name = forms.CharField(label="Who does it", max_length=150)
    due = _date("By when")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="action", **kwargs)
        self.helper = _helper("action", "Add action")


class CloseForm(forms.Form):
    close_reason = forms.CharField(label="Why is it closed?", max_length=300)
    became_issue = forms.BooleanField(label="It has happened: keep it as an issue", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="close", **kwargs)
        self.helper = _helper("close", "Close risk")


class ReopenForm(forms.Form):
    reason = forms.CharField(label="Why is it opened again?", max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="reopen", **kwargs)
        self.helper = _helper("reopen", "Open again")


class EscalateForm(forms.Form):
    to_level = forms.TypedChoiceField(label="To", choices=EscalationLevel.choices, coerce=int)
    why = forms.CharField(label="Why", max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="escalate", **kwargs)
        self.helper = _helper("escalate", "Escalate")


class IssueForm(Versioned):
    submit = "Save issue"

    class Meta:
        model = Issue
        fields = ("title", "impact", "scope", "owner_name", "due", "status", "resolution")
        widgets = {"title": forms.Textarea(attrs={"rows": 2})}
        help_texts = {"title": "Board packs print this line, for the board and for commissioners. Name no person who receives care, and nothing that tells who is meant."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            del self.fields["status"]
            del self.fields["resolution"]


class OpportunityForm(Versioned):
    submit = "Save opportunity"

    class Meta:
        model = Opportunity
        fields = ("title", "benefit", "scope", "owner_name", "likelihood", "size", "response", "open", "outcome")
        widgets = {"title": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            del self.fields["open"]
            del self.fields["outcome"]


def _helper(name: str, label: str) -> FormHelper:
    helper = FormHelper()
    helper.add_input(Submit(name, label))
    return helper
