"""How django-allauth opens accounts: it does not; people are invited."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: Any, password: str) -> None:
        from mobilisation.access import Actor
        from mobilisation.services import changes

        super().set_password(user, password)
        changes.mark(user, "password set", actor=Actor(label=str(user), user=user))

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """A lockout says when it ends, at the latest; the same for addresses nobody has."""
        if code != "too_many_login_attempts":
            return super().validation_error(code, *args)
        by = timezone.localtime(timezone.now() + timedelta(minutes=settings.LOCKED_MINUTES, seconds=59))
        return ValidationError(f"Too many wrong tries. Signing in opens again by {by:%H:%M}.", code=code)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not within minutes of signing in: the password was asked for just now."""
        records = self.request.session.get("account_authentication_methods", ()) if self.request else ()
        fresh = any(time.time() - record.get("at", 0) < app_settings.REAUTHENTICATION_TIMEOUT for record in records)
        return not fresh and bool(super().is_reauthentication_required(app=app, **kwargs))


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Single sign-on opens only accounts that exist already, matched by verified e-mail."""
        return False
