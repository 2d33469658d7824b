"""The database goes away while somebody types: in a real browser nothing typed is lost, whichever way they go on."""

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from mobilisation.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("way", ["Back to the form", "Send it again"])
def test_what_was_typed_is_there_again_or_sent_again(tab, sign_in, programme, monkeypatch, way):
    client = sign_in("BM", programme)
    opened = tab(client=client)
    opened.open("/account/")
    opened.page.locator("input[name=name]").fill("Ann Other")

    def lost(*args, **kwargs):
        raise OperationalError("server closed the connection")

    with monkeypatch.context() as broken:
        broken.setattr(BaseDatabaseWrapper, "cursor", lost)
        opened.page.locator("main form button[type=submit]").first.click()
        opened.page.get_by_text("What you sent just now was not saved.").wait_for()
    opened.page.get_by_text(way, exact=True).click()
    opened.page.locator("input[name=name]").wait_for()
    assert opened.page.locator("input[name=name]").input_value() == "Ann Other"
    shown = opened.page.inner_text("main")
    assert ("What you typed here before is back" in shown, "Saved." in opened.page.inner_text("body")) == ((True, False) if way == "Back to the form" else (False, True))
    assert User.objects.get(pk=client.user.pk).name == ("" if way == "Back to the form" else "Ann Other")
