"""A double click writes once; going back and sending something else writes again."""

import re

import pytest
from django.contrib import messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.cache import cache
from django.shortcuts import redirect
from django.test import Client, RequestFactory
from django.urls import reverse

from mobilisation.middleware import SentTwice
from mobilisation.models import Decision
from tests.factories import ground

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(programme):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ground.user_in("OL", programme))
    url = reverse("mobilisation:decision-add", args=[programme.ref])
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(url).content.decode()).group(1)
    return client, url, {"csrfmiddlewaretoken": token, "text": "Move the start", "status": "needed", "needed_by": "2027-03-20"}


def encoded(data):
    return "&".join(f"{name}={value}" for name, value in data.items())


def send(page, **changed):
    client, url, data = page
    return client.post(url, encoded(data | changed), content_type="application/x-www-form-urlencoded")


def test_the_same_page_sent_twice_is_one_decision_and_leads_to_the_same_place(page):
    first, second = send(page), send(page)
    assert (first.status_code, second.status_code, first["Location"], Decision.objects.count()) == (302, 302, second["Location"], 1)


def test_going_back_and_typing_something_else_is_another_decision(page):
    send(page)
    send(page, text="Move the end")
    assert sorted(Decision.objects.values_list("text", flat=True)) == ["Move the end", "Move the start"]


def test_the_page_asked_for_again_is_another_form(page):
    client, url, _ = page
    send(page)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(url).content.decode()).group(1)
    send(page, csrfmiddlewaretoken=token)
    assert Decision.objects.count() == 2


def test_a_refusal_is_said_again_and_not_remembered(page):
    assert [send(page, text="").status_code for _ in range(2)] == [422, 422]
    assert Decision.objects.count() == 0


def test_a_refusal_in_words_that_leads_back_to_a_list_is_tried_again(programme):
    client = Client()
    user = ground.user_in("OL", programme)
    client.force_login(user)
    said = []

    def view(request):
        messages.error(request, "Too early")
        said.append(1)
        return redirect("/there/")

    for _ in range(2):
        request = RequestFactory().post("/act/", "csrfmiddlewaretoken=x&a=b", content_type="application/x-www-form-urlencoded")
        request.user, request.session = user, client.session
        request._messages = FallbackStorage(request)
        SentTwice(view)(request)
        assert [message.message for message in request._messages] == ["Too early"]
    assert len(said) == 2


def test_a_busy_morning_of_others_does_not_make_it_forgotten(page):
    send(page)
    for number in range(320):
        cache.set(f"z{number}", "", 600)
    send(page)
    assert Decision.objects.count() == 1


def test_while_the_first_still_works_the_second_waits_and_writes_nothing(page, monkeypatch):
    monkeypatch.setattr(SentTwice, "PATIENCE", 0.2)
    monkeypatch.setattr(cache, "add", lambda *a, **k: False)
    monkeypatch.setattr(cache, "get", lambda *a, **k: "")
    answer = send(page)
    assert (answer.status_code, answer["Location"], Decision.objects.count()) == (302, page[1], 0)
