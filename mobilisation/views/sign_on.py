"""The way from our button to the issuer of single sign-on."""

from __future__ import annotations

from urllib.parse import urlsplit

from allauth.socialaccount.providers.openid_connect import views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache


@login_not_required
@never_cache
def start(request: HttpRequest, provider_id: str) -> HttpResponse:
    """The form that begins it is answered with a page that goes on to the issuer, not with a redirect: browsers hold every redirect
    that follows a form to ``form-action``, and issuers forward to hosts that nobody can name before (decision 15)."""
    answer: HttpResponse = views.login(request, provider_id)
    if answer.status_code == 302 and urlsplit(answer["Location"]).netloc not in ("", request.get_host()):
        return render(request, "socialaccount/leaving.html", {"where": answer["Location"]})
    return answer
