"""Signing in: lockout that tells nothing, second factor, idle time-out, single sign-on for accounts that exist."""

import re
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.test import Client
from django.urls import reverse

from mobilisation.accounts import AccountAdapter, SocialAccountAdapter
from mobilisation.models import User
from tests.factories import ground

pytestmark = pytest.mark.django_db
LOGIN, PASSWORD = "/accounts/login/", "correct horse battery"
NOON = datetime(2027, 2, 1, 12, tzinfo=UTC)
LOCKED = re.compile(r"Too many wrong tries\. Signing in opens again by \d\d:\d\d\.")


def enter(client, email, password=PASSWORD, **more):
    return client.post(LOGIN, {"login": email, "password": password} | more)


def errors(answer):
    return [text for texts in answer.context["form"].errors.values() for text in texts]


def test_by_e_mail_in_any_case_and_back_to_the_page_one_came_from(client):
    ground.user("ann@example.org")
    page = reverse("mobilisation:account")
    assert client.get(page).url == f"{LOGIN}?next={page}"
    assert enter(client, "Ann@Example.org", next=page).url == page
    assert client.get(page).status_code == 200


@pytest.mark.parametrize("known", [True, False])
def test_five_wrong_tries_lock_and_tell_nothing(client, known):
    if known:
        ground.user("ann@example.org")
    with time_machine.travel(NOON, tick=False) as clock:
        said = {tuple(errors(enter(client, "ann@example.org", "wrong"))) for _ in range(5)}
        assert said == {("The email address and/or password you specified are not correct.",)}
        assert errors(enter(client, "ann@example.org")) == ["Too many wrong tries. Signing in opens again by 12:05."]
        assert "_auth_user_id" not in client.session
        clock.move_to(NOON + timedelta(minutes=5, seconds=1))
        assert enter(client, "ann@example.org").status_code == (302 if known else 200)


def test_ten_wrong_tries_from_one_place_lock_the_place(client):
    ground.user("ann@example.org")
    for number in range(10):
        enter(client, f"somebody{number}@example.org", "wrong")
    assert LOCKED.fullmatch(*errors(enter(client, "ann@example.org")))
    assert enter(Client(REMOTE_ADDR="10.0.0.9"), "ann@example.org").status_code == 302


@pytest.mark.parametrize(
    ("forwarded", "place"),
    [("192.0.2.7", "192.0.2.7"), ("10.0.0.1, 192.0.2.7", "192.0.2.7"), ("192.0.2.7:4711", "192.0.2.7"), ("[2001:db8::7]:4711", "2001:db8::7"), ("2001:db8::7", "2001:db8::7"), ("nowhere", "127.0.0.1"), ("", "127.0.0.1")],
)
def test_behind_a_proxy_the_place_is_what_the_proxy_says_last(client, settings, forwarded, place):
    settings.BEHIND_PROXY = True
    assert client.get(LOGIN, HTTP_X_FORWARDED_FOR=forwarded).wsgi_request.META["REMOTE_ADDR"] == place


def test_behind_a_proxy_one_place_does_not_lock_the_others(client, settings):
    settings.BEHIND_PROXY = True
    ground.user("ann@example.org")
    for number in range(10):
        client.post(LOGIN, {"login": f"somebody{number}@example.org", "password": "wrong"}, HTTP_X_FORWARDED_FOR=f"198.51.100.{number}, 192.0.2.7")
    there = client.post(LOGIN, {"login": "ann@example.org", "password": PASSWORD}, HTTP_X_FORWARDED_FOR="192.0.2.7")
    assert LOCKED.fullmatch(*errors(there))
    assert client.post(LOGIN, {"login": "ann@example.org", "password": PASSWORD}, HTTP_X_FORWARDED_FOR="192.0.2.8").status_code == 302


def test_without_a_proxy_nobody_says_where_they_are(client):
    assert client.get(LOGIN, HTTP_X_FORWARDED_FOR="192.0.2.7").wsgi_request.META["REMOTE_ADDR"] == "127.0.0.1"


def test_nobody_opens_an_account_alone(client):
    assert AccountAdapter().is_open_for_signup(None) is False
    answer = client.post("/accounts/signup/", {"email": "eve@example.org", "password1": PASSWORD, "password2": PASSWORD})
    assert b"Accounts are given by invitation" in answer.content
    assert not User.objects.exists()


def test_a_forgotten_password_does_not_tell_who_has_an_account(client, mailoutbox):
    ground.user("ann@example.org")
    pages = [client.post("/accounts/password/reset/", {"email": email}).url for email in ("ann@example.org", "nobody@example.org")]
    assert pages[0] == pages[1]


def code_of(secret):
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


def test_a_code_from_the_app_is_asked_for(client):
    user = ground.user("ann@example.org")
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    assert enter(client, "ann@example.org").url.startswith("/accounts/2fa/authenticate/")
    assert client.get("/account/").status_code == 302
    wrong = "000000" if code_of(secret) != "000000" else "111111"
    assert client.post("/accounts/2fa/authenticate/", {"code": wrong}).status_code == 200
    assert client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)}).status_code == 302
    assert client.get("/account/").status_code == 200


def test_a_recovery_code_opens_once():
    user = ground.user("ann@example.org")
    totp.TOTP.activate(user, totp.generate_totp_secret())
    code = RecoveryCodes.activate(user).get_unused_codes()[0]
    for inside in (True, False):
        client = Client()
        enter(client, "ann@example.org")
        client.post("/accounts/2fa/authenticate/", {"code": code})
        assert (client.get("/account/").status_code == 200) is inside


@pytest.mark.parametrize("path", ["/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/add/", "/accounts/2fa/recovery-codes/generate/", "/accounts/sessions/", "/accounts/password/change/"])
def test_the_pages_of_an_account_are_there(client, path):
    ground.user("ann@example.org")
    enter(client, "ann@example.org")
    if "recovery" in path:
        totp.TOTP.activate(User.objects.get(), totp.generate_totp_secret())
    assert client.get(path).status_code == 200


def test_the_password_is_asked_for_again_only_a_while_after_signing_in(client):
    ground.user("ann@example.org")
    enter(client, "ann@example.org")
    with time_machine.travel(datetime.now(tz=UTC) + timedelta(minutes=4)):
        assert client.get("/accounts/2fa/totp/activate/").status_code == 200
    with time_machine.travel(datetime.now(tz=UTC) + timedelta(minutes=6)):
        answer = client.get("/accounts/2fa/totp/activate/")
        assert answer.url.startswith("/accounts/reauthenticate/")
        assert "signed in a while ago" in client.get(answer.url).content.decode()
        assert client.post(answer.url, {"password": "wrong"}).status_code == 200
        assert client.post(answer.url, {"password": PASSWORD}).url == "/accounts/2fa/totp/activate/"
        assert client.get("/accounts/2fa/totp/activate/").status_code == 200


def test_sessions_are_listed_and_the_others_ended(client):
    ground.user("ann@example.org")
    other = Client()
    for one in (client, other):
        enter(one, "ann@example.org")
        one.get("/account/")
    assert len(client.get("/accounts/sessions/").context["sessions"]) == 2
    client.post("/accounts/sessions/")
    assert other.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize(("role", "asked"), [("MT", True), ("IP", True), ("WL", True), ("IGO", True), ("BM", False), ("COM", False), ("ADM", False)])
def test_who_sees_personal_data_sets_up_a_second_factor_first(programme, settings, sign_in, role, asked):
    settings.REQUIRE_MFA = True
    client = sign_in(role, None if role in {"IGO", "ADM"} else programme)
    page = reverse("mobilisation:account")
    answer = client.get(page)
    assert (answer.status_code == 302 and answer.url == "/accounts/2fa/") is asked
    assert client.get("/accounts/2fa/").status_code == 200
    totp.TOTP.activate(client.user, totp.generate_totp_secret())
    assert client.get(page).status_code == 200


def test_a_granted_board_member_needs_it_and_single_sign_on_counts(programme, settings, sign_in):
    settings.REQUIRE_MFA = True
    client = sign_in("SRO", programme, people_granted=True, grant_reason="serious incident")
    assert client.get("/account/").url == "/accounts/2fa/"
    session = client.session
    session["account_authentication_methods"] = [{"method": "socialaccount", "at": 0, "provider": "sso"}]
    session.save()
    assert client.get("/account/").status_code == 200


PART = {"HX-Request": "true", "HX-Current-URL": "http://testserver/account/?tab=1"}


def test_a_part_of_a_page_that_meets_the_sign_in_sends_the_whole_page_there(client):
    """The sign-in never stands in a cell of a list, and leads back to where the page stood (A12)."""
    ground.user("ann@example.org")
    back = f"{LOGIN}?{urlencode({'next': '/account/?tab=1'})}"
    with time_machine.travel(NOON, tick=False) as clock:
        enter(client, "ann@example.org")
        client.get("/account/")
        clock.move_to(NOON + timedelta(minutes=16))
        for answer in (client.post("/notifications/", {"read": "1"}, headers=PART), client.get("/notifications/", headers=PART | {"X-Background": "1"})):
            assert (answer.status_code, answer.headers.get("HX-Redirect"), answer.content, "Location" in answer.headers) == (401, back, b"", False)
        assert b"nothing had happened for a while" in client.get(back).content
        elsewhere = client.get("/notifications/", headers=PART | {"HX-Current-URL": "https://evil.example/"})
        assert elsewhere.headers["HX-Redirect"] == f"{LOGIN}?next=/notifications/"
        assert client.get("/notifications/").status_code == 302


def test_a_part_of_a_page_that_meets_the_second_factor_sends_the_whole_page_there(client, settings, programme):
    settings.REQUIRE_MFA = True
    client.force_login(ground.user_in("OL", programme))
    answer = client.get("/notifications/", headers=PART)
    assert (answer.status_code, answer.headers.get("HX-Redirect")) == (401, reverse("mfa_index"))


def test_fifteen_idle_minutes_end_the_session(client):
    ground.user("ann@example.org")
    with time_machine.travel(NOON, tick=False) as clock:
        enter(client, "ann@example.org")
        client.get("/account/")
        clock.move_to(NOON + timedelta(minutes=14))
        assert client.get("/account/").status_code == 200
        clock.move_to(NOON + timedelta(minutes=29))
        assert client.get("/account/").status_code == 200
        clock.move_to(NOON + timedelta(minutes=44, seconds=1))
        answer = client.get("/account/?tab=1")
        assert answer.url == f"{LOGIN}?next=/account/%3Ftab%3D1"
        page = client.get(answer.url)
        assert b"nothing had happened for a while" in page.content
        assert enter(client, "ann@example.org", next="/account/?tab=1").url == "/account/?tab=1"
        assert client.get("/account/").status_code == 200


def sent_too_late(client, clock, **data):
    """A form of the account page opened, left for twenty minutes and sent; the answer."""
    page = client.get("/account/")
    clock.move_to(NOON + timedelta(minutes=20))
    return client.post("/account/", urlencode({"csrfmiddlewaretoken": str(page.context["csrf_token"]), **data}), content_type="application/x-www-form-urlencoded")


def test_what_is_sent_after_the_time_out_waits_for_the_same_person():
    client = Client(enforce_csrf_checks=True)
    ann, ben = ground.user("ann@example.org"), ground.user("ben@example.org")
    with time_machine.travel(NOON, tick=False) as clock:
        client.force_login(ann, "django.contrib.auth.backends.ModelBackend")
        answer = sent_too_late(client, clock, name="Ann of <Wye>", digest="daily")
        kept = parse_qs(urlsplit(answer.url).query)["next"][0]
        assert client.get(kept).url == f"{LOGIN}?next={kept}"
        client.force_login(ben, "django.contrib.auth.backends.ModelBackend")
        assert client.get(kept).status_code == 404
        client.force_login(ann, "django.contrib.auth.backends.ModelBackend")
        text = client.get(kept).content.decode()
        assert ('<form method="post" action="/account/">' in text, 'name="name" value="Ann of &lt;Wye&gt;"' in text, "csrfmiddlewaretoken" in text.split("<dl")[1]) == (True, True, False)
        ann.refresh_from_db()
        assert ann.name != "Ann of <Wye>"
        clock.move_to(NOON + timedelta(minutes=51))
        later = Client()
        later.force_login(ann, "django.contrib.auth.backends.ModelBackend")
        assert later.get(kept).status_code == 404


def test_a_form_of_somebody_elses_page_is_not_kept():
    client = Client(enforce_csrf_checks=True)
    with time_machine.travel(NOON, tick=False) as clock:
        client.force_login(ground.user("ann@example.org"), "django.contrib.auth.backends.ModelBackend")
        client.get("/account/")
        clock.move_to(NOON + timedelta(minutes=20))
        answer = client.post("/account/", urlencode({"name": "Forged"}), content_type="application/x-www-form-urlencoded")
        assert (answer.status_code, "kept" in answer.headers.get("Location", "")) == (403, False)


def test_what_a_page_asks_by_itself_keeps_no_session_alive(client):
    ground.user("ann@example.org")
    with time_machine.travel(NOON, tick=False) as clock:
        enter(client, "ann@example.org")
        client.get("/account/")
        for minutes in (5, 10, 15):
            clock.move_to(NOON + timedelta(minutes=minutes))
            assert client.get("/account/", headers={"X-Background": "1"}).status_code == 200
        clock.move_to(NOON + timedelta(minutes=15, seconds=1))
        assert client.get("/account/", headers={"X-Background": "1"}).status_code == 302


def test_a_busy_session_ends_after_twelve_hours(client):
    ground.user("ann@example.org")
    with time_machine.travel(NOON, tick=False) as clock:
        enter(client, "ann@example.org")
        for minutes in range(0, 12 * 60 + 1, 10):
            clock.move_to(NOON + timedelta(minutes=minutes))
            assert client.get("/account/").status_code == 200
        clock.move_to(NOON + timedelta(hours=12, seconds=1))
        assert client.get("/account/").status_code == 302


@pytest.fixture
def sso(settings, monkeypatch):
    settings.OIDC_SERVER_URL = "https://login.council.example"
    app = {"provider_id": "sso", "name": "Kent account", "client_id": "mobilisation", "secret": "s", "settings": {"server_url": settings.OIDC_SERVER_URL}}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    found = {"authorization_endpoint": "https://login.council.example/authorize", "token_endpoint": "https://login.council.example/token", "userinfo_endpoint": "https://login.council.example/me"}
    monkeypatch.setattr(OpenIDConnectOAuth2Adapter, "openid_config", found)


def test_single_sign_on_starts_where_it_is_set(client, sso):
    assert b"Kent account" in client.get(LOGIN).content
    answer = client.post("/accounts/oidc/sso/login/")
    assert answer.status_code == 200
    assert 'http-equiv="refresh" content="0; url=https://login.council.example/authorize?client_id=mobilisation&amp;' in answer.content.decode()


def test_without_settings_there_is_no_button(client):
    assert b"/oidc/" not in client.get(LOGIN).content


def test_single_sign_on_opens_only_accounts_that_exist():
    assert SocialAccountAdapter().is_open_for_signup(None, None) is False


def test_a_page_asked_for_too_often_says_when_it_opens_again_and_nothing_of_any_account(client):
    ground.user("ann@example.org")
    with time_machine.travel(NOON + timedelta(seconds=10), tick=False):
        for number in range(30):
            client.post(LOGIN, {"login": f"somebody{number}@example.org"})
        answer = client.post(LOGIN, {"login": "ann@example.org", "password": PASSWORD})
        text = answer.content.decode()
        assert (answer.status_code, answer["Retry-After"]) == (429, "60")
        assert "It opens again at <strong>12:02</strong>" in text
        assert ('class="app-header' in text, "ann@example.org" in text, "_auth_user_id" in client.session) == (True, False, False)
    with time_machine.travel(NOON + timedelta(minutes=2), tick=False):
        assert enter(client, "ann@example.org").status_code == 302
