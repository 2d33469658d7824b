"""A form sent while the database is away, or the site closed: nothing pretends it was saved, and what was typed waits."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client

from mobilisation.models import User

pytestmark = pytest.mark.django_db
FORM = "/account/"
HERE = f"http://testserver{FORM}"


@pytest.fixture
def away(monkeypatch):
    def lost(*args, **kwargs):
        raise OperationalError("server closed the connection")

    def cut():
        monkeypatch.setattr(BaseDatabaseWrapper, "cursor", lost)

    yield cut
    monkeypatch.undo()


@pytest.fixture
def inside(sign_in, programme):
    """A browser that checks the token of its forms, with the form open."""
    user = sign_in("BM", programme).user
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(user)
    client.user, client.page = user, client.get(FORM).content.decode()
    client.token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.page)[1]
    return client


def fields(answer):
    return {name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.content.decode())}


def test_it_is_not_saved_says_so_and_is_sent_again_from_the_page(inside, away, monkeypatch):
    away()
    answer = inside.post(
        FORM, f"name=Ann+%3COther%3E&mail_choice=none&csrfmiddlewaretoken={inside.token}", content_type="application/x-www-form-urlencoded", headers={"Referer": HERE}
    )
    text = answer.content.decode()
    assert answer.status_code == 503
    assert "What you sent just now was not saved." in text
    assert "Nothing is lost" not in text
    assert f'<a href="{HERE}">Back to the form</a>' in text
    assert f'<form method="post" action="{FORM}">' in text
    sent = fields(answer)
    assert sent.pop("csrfmiddlewaretoken") not in ("", inside.token)
    assert sent == {"name": "Ann <Other>", "mail_choice": "none"}
    assert 'src="/static/js/drafts.js"' in text
    monkeypatch.undo()
    assert User.objects.get(pk=inside.user.pk).mail_choice == "digest"
    again = inside.post(FORM, urlencode(fields(answer)), content_type="application/x-www-form-urlencoded")
    assert again.status_code == 302
    assert (User.objects.get(pk=inside.user.pk).mail_choice, User.objects.get(pk=inside.user.pk).name) == ("none", "Ann <Other>")


@pytest.mark.parametrize("token", ["", "x" * 64])
def test_a_form_of_another_site_is_not_offered_to_be_sent_again(inside, away, token):
    away()
    answer = inside.post(FORM, f"name=Eve&mail_choice=none&csrfmiddlewaretoken={token}", content_type="application/x-www-form-urlencoded", headers={"Referer": "http://evil.example/"})
    assert (answer.status_code, fields(answer)) == (503, {})
    assert "evil.example" not in answer.content.decode()
    assert "was not saved" in answer.content.decode()


def test_a_password_comes_back_on_no_page(inside, away):
    away()
    answer = inside.post("/accounts/login/", f"login=a%40b.example&password=correct-horse&csrfmiddlewaretoken={inside.token}", content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, fields(answer)) == (503, {})
    assert "correct-horse" not in answer.content.decode()


def test_a_page_asked_for_is_tried_again_where_it_is(inside, away):
    away()
    answer = inside.get("/account/?part=2")
    assert answer.status_code == 503
    assert 'href="/account/?part=2">Try again</a>' in answer.content.decode()
    assert "was not saved" not in answer.content.decode()


def test_a_form_sent_into_maintenance_is_kept_as_well(inside, settings):
    settings.MAINTENANCE = True
    answer = inside.post(FORM, f"name=Ann&mail_choice=none&csrfmiddlewaretoken={inside.token}", content_type="application/x-www-form-urlencoded", headers={"Referer": HERE})
    assert answer.status_code == 503
    assert "Closed for maintenance" in answer.content.decode()
    assert "What you sent just now was not saved." in answer.content.decode()
    assert set(fields(answer)) == {"name", "mail_choice", "csrfmiddlewaretoken"}
