"""How django-allauth opens accounts: it does not; people are invited."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: Any, password: str) -> None:
        from mobilisation.access import Actor
        from mobilisation.services import changes

        super().set_password(user, password)
        changes.mark(user, "password set", actor=Actor(label=str(user), user=user))

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not within minutes of signing in: the password was asked for just now."""
        records = self.request.session.get("account_authentication_methods", ()) if self.request else ()
        fresh = any(time.time() - record.get("at", 0) < app_settings.REAUTHENTICATION_TIMEOUT for record in records)
        return not fresh and bool(super().is_reauthentication_required(app=app, **kwargs))


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Single sign-on opens only accounts that exist already, matched by verified e-mail."""
        return False
