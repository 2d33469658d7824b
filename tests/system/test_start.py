"""Production settings answer on real services."""

import json
import re

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


def test_what_the_readme_says_is_enough_to_show_the_first_page_and_prepare_may_run_again(site):
    """The fixture does what "Production" in the README says for any host: ``manage.py prepare``, then gunicorn."""
    browser = site.browser()
    assert browser.get("/accounts/login/")[0] == 200
    named = re.findall(r'(?:href|src)="(/static/[^"]+)"', browser.page)
    assert any("favicon" in name for name in named)
    assert [name for name in named if browser.get(name)[0] != 200] == []
    site.manage("prepare")
    assert browser.get("/accounts/login/")[0] == 200
