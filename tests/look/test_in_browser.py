"""The look in a real browser: axe without findings, no sideways scrolling, the policy kept, typed words kept."""

from __future__ import annotations

import pytest

from tests.factories import people
from transfers.models import PersonTransfer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ACCOUNT_PAGES = ["/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"]
OWN_PAGES = ["/accounts/2fa/", "/accounts/password/change/", "/accounts/sessions/", "/accounts/logout/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/add/", "/accounts/2fa/recovery-codes/generate/", "/no-such-page/", "/accessibility/", "/glossary/", "/privacy/"]


@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize("path", ["/gallery/", "/gallery/errors/"])
def test_gallery_has_no_findings(gallery, tab, sign_in, width, path):
    page = tab(width, sign_in("OL"))
    page.open(path)
    assert page.axe() == []
    assert page.overflow() == 0
    assert page.complaints == []


@pytest.mark.parametrize("width", [1440, 320])
def test_account_pages_have_no_findings(gallery, tab, sign_in, width):
    signed_out = tab(width)
    found = {}
    for path in ACCOUNT_PAGES:
        signed_out.open(path)
        found[path] = (signed_out.axe(), signed_out.overflow())
    client = sign_in("OL")
    session = client.session
    from time import time

    session["account_authentication_methods"] = [{"method": "password", "at": time(), "email": client.user.email, "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(client.user.pk)
    session.save()
    signed_in = tab(width, client)
    for path in OWN_PAGES:
        signed_in.open(path)
        assert signed_in.page.url == signed_in.url + path
        found[path] = (signed_in.axe(), signed_in.overflow())
    assert found == dict.fromkeys(ACCOUNT_PAGES + OWN_PAGES, ([], 0))
    assert [text for text in signed_in.complaints if "404" not in text] == []


def test_at_double_size_and_320_px_nothing_is_lost(gallery, tab, sign_in):
    page = tab(320, sign_in("OL"), height=560)
    page.open("/gallery/")
    assert page.overflow() == 0
    assert page.page.locator("h1").inner_text() == "People"
    assert page.page.evaluate("getComputedStyle(document.querySelector('.app-header')).position") == "static"


def test_without_scripts_the_menu_opens_and_the_form_is_whole(gallery, tab, sign_in):
    page = tab(1440, sign_in("OL"), java_script_enabled=False)
    page.open("/gallery/")
    page.page.locator("details.app-menu > summary").click()
    assert page.page.get_by_role("button", name="Sign out").is_visible()
    assert page.page.locator(".app-form").get_by_label("Name of the provider").is_visible()


def test_menu_closes_with_escape_and_gives_the_focus_back(gallery, tab, sign_in):
    page = tab(1440, sign_in("OL"))
    page.open("/gallery/")
    page.page.locator("details.app-menu > summary").press("Enter")
    assert page.page.locator("details.app-menu[open]").count() == 1
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("Escape")
    assert page.page.locator("details.app-menu[open]").count() == 0
    assert page.page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_error_summary_takes_the_focus_and_leads_to_the_field(gallery, tab, sign_in):
    page = tab(1440, sign_in("OL"))
    page.open("/gallery/errors/")
    assert page.page.evaluate("document.activeElement.id") == "error-summary"
    page.page.get_by_role("link", name="Name of the provider: Enter a name").click()
    assert page.page.evaluate("document.activeElement.id") == "id_name"
    page.page.get_by_role("link", name="Has consent been given?: This field is required.").click()
    assert page.page.evaluate("document.activeElement.id") == "id_radios_0"


def test_what_was_typed_comes_back_after_the_session_ended(gallery, tab, sign_in):
    client = sign_in("OL")
    page = tab(1440, client)
    page.open("/gallery/draft/")
    page.page.fill("#text", "Called the daughter, she agrees")
    page.page.fill("#code", "secret")
    page.page.wait_for_timeout(400)
    page.open("/accounts/login/?next=/gallery/draft/")
    page.page.context.clear_cookies()
    page.open("/accounts/login/?next=/gallery/draft/")
    page.page.get_by_label("Email").fill(client.user.email)
    page.page.get_by_label("Password").fill("correct horse battery")
    page.page.get_by_role("button", name="Sign in", exact=True).click()
    page.page.wait_for_url("**/gallery/draft/")
    assert page.page.input_value("#text") == "Called the daughter, she agrees"
    assert page.page.input_value("#code") == ""
    assert page.page.get_by_text("What you typed here before is back.").is_visible()


def test_what_was_saved_does_not_come_back(gallery, tab, sign_in):
    page = tab(1440, sign_in("OL"))
    page.open("/gallery/draft/")
    page.page.fill("#text", "Saved words")
    page.page.get_by_role("button", name="Save").click()
    page.page.wait_for_selector("#saved")
    assert page.page.input_value("#text") == ""
    page.open("/gallery/draft/")
    assert page.page.input_value("#text") == ""


def test_another_user_of_the_same_tab_gets_nothing(gallery, tab, sign_in, client):
    from tests.factories import ground

    page = tab(1440, sign_in("OL"))
    page.open("/gallery/draft/")
    page.page.fill("#text", "Not for others")
    page.page.wait_for_timeout(400)
    client.logout()
    client.force_login(ground.user_in("MT"))
    page.page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": page.url}])
    page.open("/gallery/draft/")
    assert page.page.input_value("#text") == ""
    assert page.page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('draft'))") == []


def test_a_warning_comes_before_the_session_ends(gallery, tab, sign_in):
    page = tab(1440, sign_in("OL"))
    page.page.clock.install()
    page.open("/gallery/draft/")
    page.page.clock.fast_forward("12:00")
    assert page.page.locator("dialog.app-idle").count() == 0
    page.page.clock.fast_forward("01:30")
    assert page.page.get_by_role("button", name="Stay signed in").is_visible()
    assert page.axe() == []
    page.page.get_by_role("button", name="Stay signed in").click()
    page.page.wait_for_selector("dialog.app-idle", state="detached")
    with page.page.expect_request("**/accounts/login/?next=%2Fgallery%2Fdraft%2F"):
        page.page.clock.fast_forward("16:00")


def _code(secret: str) -> str:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_second_factor_from_switching_on_to_signing_in(gallery, settings, tab, client):
    from tests.factories import ground

    user = ground.user_in("OL")
    page = tab(360)

    def enter_password():
        page.page.locator("main").get_by_label("Password").fill("correct horse battery")
        page.page.locator("main button[type=submit]").first.click()

    page.open("/accounts/login/?next=/accounts/2fa/totp/activate/")
    page.page.get_by_label("Email").fill(user.email)
    enter_password()
    page.page.wait_for_url("**/totp/activate/")
    assert (page.axe(), page.overflow()) == ([], 0)
    page.page.get_by_label("Authenticator code").fill(_code(page.page.input_value("#authenticator_secret")))
    page.page.get_by_role("button", name="Turn the app on").click()
    page.page.wait_for_url("**/2fa/recovery-codes/")
    assert (page.axe(), page.overflow()) == ([], 0)
    recovery = page.page.input_value("#recovery_codes").split()
    assert len(recovery) == 10
    page.open("/accounts/2fa/")
    assert (page.axe(), page.overflow()) == ([], 0)
    page.open("/accounts/2fa/totp/deactivate/")
    assert (page.axe(), page.overflow()) == ([], 0)
    page.page.context.clear_cookies()
    page.open("/accounts/login/?next=/glossary/")
    page.page.get_by_label("Email").fill(user.email)
    enter_password()
    page.page.wait_for_url("**/accounts/2fa/authenticate/**")
    assert (page.axe(), page.overflow()) == ([], 0)
    page.page.locator("main input[name=code]").fill(recovery[0])
    page.page.get_by_role("button", name="Sign in", exact=False).first.click()
    page.page.wait_for_url(lambda address: "authenticate" not in address)
    assert page.page.url.endswith("/glossary/")
    assert page.complaints == []


def test_a_passkey_from_adding_it_to_signing_in(gallery, tab):
    """With an authenticator inside the browser, as a laptop with a fingerprint reader has."""
    from tests.factories import ground

    user = ground.user_in("OL")
    page = tab(1024, name="localhost")
    keys = page.page.context.new_cdp_session(page.page)
    keys.send("WebAuthn.enable")
    keys.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    page.open("/accounts/login/?next=/accounts/2fa/webauthn/add/")
    page.page.get_by_label("Email").fill(user.email)
    page.page.locator("main").get_by_label("Password").fill("correct horse battery")
    page.page.locator("main button[type=submit]").first.click()
    page.page.wait_for_url("**/webauthn/add/")
    assert (page.axe(), page.overflow()) == ([], 0)
    page.page.get_by_label("Name of the key").fill("Work laptop")
    page.page.get_by_role("button", name="Add the key").click()
    page.page.wait_for_url("**/2fa/recovery-codes/")
    page.open("/accounts/2fa/webauthn/")
    assert "Work laptop Passkey" in " ".join(page.page.inner_text("main table tbody").split())
    page.page.context.clear_cookies()
    page.open("/accounts/login/?next=/glossary/")
    page.page.get_by_role("button", name="Sign in with a passkey").click()
    page.page.wait_for_url(lambda address: "login" not in address)
    assert str(user) in page.page.inner_text("header")
    assert page.complaints == []


def test_a_cell_typed_while_the_session_ended_comes_back_in_the_list(tab, sign_in, programme):
    """The whole page goes to the sign-in and back to the same list; what was typed waits in its cell."""
    people.person(programme, wave="1")
    client = sign_in("MT", programme)
    page = tab(1440, client)
    page.open(f"/programmes/{programme.ref}/people/?cols=wave")
    cell = page.page.locator("#grid a[href$='/cell/wave/']")
    cell.click()
    page.page.fill(".app-cell__input", "Wave 7")
    session = client.session
    session["seen_at"] = 1
    session.save()
    page.page.keyboard.press("Enter")
    page.page.wait_for_url("**/accounts/login/?next=*")
    assert (page.page.locator("h1").count(), page.page.locator(".app-cell__form").count()) == (1, 0)
    page.page.get_by_label("Email").fill(client.user.email)
    page.page.get_by_label("Password").fill("correct horse battery")
    page.page.get_by_role("button", name="Sign in", exact=True).click()
    page.page.wait_for_url(f"**/programmes/{programme.ref}/people/?cols=wave")
    page.page.get_by_text("Typed before, not saved yet.").wait_for()
    assert (page.page.input_value(".app-cell__input"), PersonTransfer.objects.get().wave) == ("Wave 7", "1")
    page.page.focus(".app-cell__input")
    page.page.keyboard.press("Enter")
    page.page.locator(".app-cell__saved").wait_for()
    assert PersonTransfer.objects.get().wave == "Wave 7"
    page.open(f"/programmes/{programme.ref}/people/")
    page.page.wait_for_timeout(500)
    assert page.page.locator(".app-cell__form").count() == 0
    assert [text for text in page.complaints if "401" not in text] == []
