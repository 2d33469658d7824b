"""The first administrator of an empty office."""

from __future__ import annotations

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import TemplateView

from mobilisation.errors import Refused
from mobilisation.forms.versioned import show_refusal
from mobilisation.services import accounts


class FirstForm(forms.Form):
    name = forms.CharField(label="Your name", max_length=150, error_messages={"required": "Enter your name"})
    email = forms.EmailField(label="E-mail address", error_messages={"required": "Enter your e-mail address", "invalid": "Enter an e-mail address like name@council.example"})
    password = forms.CharField(
        label="Password", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), help_text="At least 12 characters. Three random words are good.", error_messages={"required": "Enter a password"}
    )
    again = forms.CharField(label="The password again", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), error_messages={"required": "Enter the password again"})

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.helper = FormHelper()
        self.helper.add_input(Submit("save", "Make the administrator"))

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", "The two passwords differ. Enter them again")
        return data


class Setup(TemplateView):
    template_name = "mobilisation/setup.html"

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not accounts.office_is_empty():
            raise Http404("set up already")
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[assignment]
        return response

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return self.render_to_response({"form": FirstForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = FirstForm(request.POST)
        if form.is_valid():
            try:
                accounts.first_administrator(form.cleaned_data["email"], form.cleaned_data["password"], form.cleaned_data["name"])
            except Refused as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, "The administrator is made. Sign in to begin.")
                return redirect("account_login")
        return self.render_to_response({"form": form}, status=422)
