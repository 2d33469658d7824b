"""Production settings answer on real services."""

import json

import pytest

pytestmark = pytest.mark.system


def test_the_site_answers_and_says_what_it_stands_on(site):
    browser = site.browser()
    assert browser.get("/healthz")[0] == 200
    status, body, headers = browser.get("/readyz")
    assert (status, json.loads(body)["database"]["state"]) == (200, "ok")
    status, _, headers = browser.get("/")
    assert "/accounts/login/" in browser.url
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert browser.get("/static/nhsuk/nhsuk-frontend.min.css")[0] == 200
