"""Forms of django-allauth in our words."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm


class AddKeyForm(AddWebAuthnForm):
    """A passkey unless the person says otherwise: it signs in without the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "Name of the key"
        self.fields["name"].help_text = "So that you recognise it later, for example “Work laptop”."
        self.fields["passwordless"].initial = True
        self.fields["passwordless"].label = "Sign in with this key alone, without the password"
        self.fields["passwordless"].help_text = "The key then has to ask for a fingerprint, face or PIN. Leave it out for a plain key that is only touched."
