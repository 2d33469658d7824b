"""Chromium for the tests of the look; skipped with a reason where there is none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.conf import settings as site

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
TEMPLATES = [{**site.TEMPLATES[0], "DIRS": [*site.TEMPLATES[0]["DIRS"], Path(__file__).parent / "templates"]}]


@pytest.fixture
def gallery(settings):
    """The site with the gallery of components in it."""
    settings.TEMPLATES = TEMPLATES
    settings.ROOT_URLCONF = "tests.look.gallery"
    settings.ALLOWED_HOSTS = ["*"]
    return settings


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM:
        pytest.skip("no Chromium found: browser tests need it")
    if not (site.BASE_DIR / "assets/nhsuk/nhsuk-frontend.min.css").exists():
        pytest.skip("the front-end assets are not built: browser tests need them")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic"])
        yield browser
        browser.close()


class Tab:
    """A page that remembers what the console complained of."""

    def __init__(self, page, url):
        self.page, self.url, self.complaints = page, url, []
        page.on("console", lambda message: self.complaints.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str):
        return self.page.goto(f"{self.url}{path}", wait_until="networkidle")

    def axe(self) -> list[str]:
        from axe_playwright_python.sync_playwright import Axe

        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(Axe().axe_script)
        # What passed is most of the answer and read by nobody.
        found = self.page.evaluate("options => axe.run(options).then(answer => answer.violations)", {"runOnly": RULES, "resultTypes": ["violations"]})
        return [f"{item['id']}: {node['target']} {node.get('failureSummary', '')}" for item in found for node in item["nodes"]]

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.fixture
def tab(chromium, live_server):
    """``tab(width)``: a new page of that width, signed out. ``tab(width, client)``: with that client's session.
    ``name``: the host asked for; passkeys work at ``localhost`` and not at a bare number."""
    opened = []

    def open_one(width: int = 1440, client=None, height: int = 900, name: str = "", **options) -> Tab:
        url = live_server.url.replace("127.0.0.1", name) if name else live_server.url
        context = chromium.new_context(viewport={"width": width, "height": height}, locale="en-GB", **options)
        if client is not None:
            context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])
        opened.append(context)
        return Tab(context.new_page(), url)

    yield open_one
    for context in opened:
        context.close()
