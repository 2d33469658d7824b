"""Every page of the site with content, as somebody who sees it in full: axe without findings at 1440 and 360 px,
nothing wider than a window of 360 or 320 px (which is 1280 px at a zoom of 400 %), one heading of the first level."""

from __future__ import annotations

from pprint import pformat

import pytest

from tests.look import content, routes
from tests.look.test_walk import demonstration  # noqa: F401  a fixture
from tests.mobilisation.test_access_matrix import addresses

pytestmark = pytest.mark.django_db(transaction=True)
SEND = """([path, data]) => {
  const form = Object.assign(document.createElement('form'), { method: 'post', action: path });
  const add = (name, value) => form.append(Object.assign(document.createElement('textarea'), { name, value }));
  for (const [name, value] of Object.entries(data)) [].concat(value).forEach(one => add(name, one));
  add('csrfmiddlewaretoken', document.querySelector('[name=csrfmiddlewaretoken]').value);
  document.body.append(form);
  form.submit();
}"""


def test_every_route_is_a_page_of_the_walk_or_says_why_it_is_none():
    """The list fails when a route is added and nobody looks at its page, and when a reason stands for a route that is gone."""
    assert sorted([*routes.PAGES, *routes.NO_PAGE]) == sorted(addresses())


class Windows:
    """One window a role. ``look``: what is wrong with the page in it at each width, which is loaded once."""

    def __init__(self, tab, client):
        self.tab, self.client, self.open_ones = tab, client, {}

    def of(self, role):
        if role not in self.open_ones:
            if role != "signed-out":
                self.client.force_login(content.account(role))
            self.open_ones[role] = self.tab(1440, None if role == "signed-out" else self.client)
        return self.open_ones[role]

    @staticmethod
    def look(tab, answer):
        wrong = [] if answer is not None and answer.status in (200, 422) else [f"answered {answer and answer.status}"]
        if tab.page.locator("h1").count() != 1:
            wrong.append(f"{tab.page.locator('h1').count()} headings of the first level")
        for width in (1440, 360, 320):
            tab.page.set_viewport_size({"width": width, "height": 900})
            if width != 320:
                wrong += [f"{width} px: {found}" for found in tab.axe()]
            if width != 1440 and tab.overflow():
                wrong.append(f"{tab.overflow()} px wider than {width}")
        tab.page.set_viewport_size({"width": 1440, "height": 900})
        # The browser names a refused answer and a value that is no day; both are what the page is about.
        return wrong + [text for text in tab.complaints if "422" not in text and "does not conform to the required format" not in text]


@pytest.mark.browser
def test_every_page_with_content_has_no_findings_on_a_desktop_and_on_a_phone(demonstration, tab, client):  # noqa: F811
    there = content.fill()
    windows, found, seen = Windows(tab, client), {}, 0
    for role, name, path in routes.visits(there):
        window = windows.of(role)
        window.complaints.clear()
        if wrong := windows.look(window, window.page.goto(window.url + path, wait_until="load")):
            found[f"{role} {name} {path}"] = wrong
        seen += 1
    for role, name, path, data in routes.forms(there):
        window = windows.of(role)
        window.page.goto(f"{window.url}/my-day/", wait_until="load")
        window.complaints.clear()
        with window.page.expect_navigation(wait_until="load") as navigation:
            window.page.evaluate(SEND, [path, data])
        if wrong := windows.look(window, navigation.value):
            found[f"{role} {name} {path}"] = wrong
        seen += 1
    assert not found, pformat(found, width=200)
    assert seen == len(routes.PAGES) + len(routes.AGAIN) + 10


@pytest.mark.browser
def test_the_page_of_an_empty_office_has_no_findings(tab):
    window = tab(1440)
    assert Windows.look(window, window.page.goto(f"{window.url}/setup/", wait_until="load")) == []
