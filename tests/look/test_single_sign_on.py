"""Single sign-on in a real browser, which holds to the policy of our pages what the test client does not."""

import pytest

from tests.factories import ground, issuers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scripts", [True, False])
def test_an_issuer_that_forwards_to_another_host_is_reached_and_leads_back(tab, settings, scripts):
    user = ground.user("ann@example.org")
    with issuers.running(settings) as issuer:
        issuer.person = {"sub": "42", "email": user.email, "email_verified": True}
        opened = tab(java_script_enabled=scripts)
        opened.open("/accounts/login/")
        opened.page.get_by_role("link", name="Sign in with Kent account").click()
        opened.page.get_by_role("button", name="Go on").click()
        opened.page.wait_for_url(f"{opened.url}/")
        assert opened.open("/account/").status == 200
        assert user.email in opened.page.inner_text("main")
        assert opened.complaints == []
