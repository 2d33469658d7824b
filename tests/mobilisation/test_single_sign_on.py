"""Single sign-on by settings, against an issuer of our own on the loopback address: the whole way round, and what is refused."""

import base64
import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from mobilisation.models import User
from mobilisation.services import accounts
from tests.factories import ground, issuers

pytestmark = pytest.mark.django_db


@pytest.fixture
def issuer(settings):
    with issuers.running(settings) as server:
        yield server


def round_trip(client, issuer, *, code="one-code", **person):
    """From our button to the issuer and back with ``code``; the answer after every redirect."""
    issuer.person = {"sub": "42", "email_verified": True} | person
    start = client.post("/accounts/oidc/sso/login/")
    assert start.status_code == 200
    ways = {unescape(found) for found in re.findall(r'(?:url=|href=")(http[^"]+)"', start.content.decode())}
    (where,) = ways
    asked = parse_qs(urlsplit(where).query)
    assert where.startswith(f"{issuer.home}/authorize?")
    assert (asked["client_id"], sorted(asked["scope"][0].split()), asked["response_type"]) == (["mobilisation"], ["email", "openid", "profile"], ["code"])
    return client.get(urlsplit(asked["redirect_uri"][0]).path, {"code": code, "state": asked["state"][0]}, follow=True)


def signed_in(client):
    return client.get("/account/").status_code == 200


def test_an_account_that_exists_is_opened_and_its_second_factor_is_the_issuers(client, issuer, programme, settings):
    settings.REQUIRE_MFA = True
    user = ground.user_in("MT", programme)
    answer = round_trip(client, issuer, email=user.email)
    assert answer.status_code == 200
    assert signed_in(client)
    assert client.get(f"/programmes/{programme.ref}/people/").status_code == 200, "no second factor of ours is asked for"
    assert issuer.asked[0]["client_secret"] == ["s"]


@pytest.mark.parametrize(
    "person", [{"email": "stranger@example.org"}, {"email": "ann@example.org", "email_verified": False}, {}], ids=["unknown address", "address not verified", "no address"]
)
def test_others_are_refused_with_a_sentence_and_get_no_account(client, issuer, person):
    ground.user("ann@example.org")
    answer = round_trip(client, issuer, **person)
    assert "account" in answer.content.decode()
    assert b"Traceback" not in answer.content
    assert not signed_in(client)
    assert list(User.objects.values_list("email", flat=True)) == ["ann@example.org"]


def test_a_closed_account_stays_closed(client, issuer):
    user = ground.user("ann@example.org")
    accounts.disable(user, actor=ground.actor("ADM"), why="left")
    round_trip(client, issuer, email="ann@example.org")
    assert not signed_in(client)


def test_a_wrong_code_or_state_and_an_issuer_that_is_away_are_said(client, issuer):
    ground.user("ann@example.org")
    assert "Single sign-on did not work" in round_trip(client, issuer, code="another", email="ann@example.org").content.decode()
    made_up = client.get("/accounts/oidc/sso/login/callback/", {"code": "one-code", "state": "made-up"})
    assert "Single sign-on did not work" in made_up.content.decode()
    assert "You have not signed in" in client.get("/accounts/3rdparty/login/cancelled/").content.decode()
    issuer.shutdown()
    issuer.server_close()
    answer = client.post("/accounts/oidc/sso/login/", follow=True)
    assert answer.status_code == 200
    assert "cannot be reached" in answer.content.decode()
    assert not signed_in(client)


def test_the_token_is_no_part_of_the_record(client, issuer):
    user = ground.user("ann@example.org")
    round_trip(client, issuer, email=user.email, name="Ann Other")
    kept = base64.b64encode(b"one-token").decode()
    from allauth.socialaccount.models import SocialAccount, SocialToken

    assert SocialAccount.objects.get().user == user
    assert not SocialToken.objects.exists()
    assert kept not in json.dumps(SocialAccount.objects.get().extra_data)


def test_a_form_of_ours_goes_nowhere_else_and_only_a_form_of_ours_begins(client, issuer):
    from django.test import Client

    page = client.get("/accounts/oidc/sso/login/")
    assert "form-action 'self'" in page["Content-Security-Policy"].split("; ")
    assert issuer.home not in page.content.decode()
    assert Client(enforce_csrf_checks=True).post("/accounts/oidc/sso/login/").status_code == 403
    assert client.post("/accounts/oidc/another/login/").status_code == 404
