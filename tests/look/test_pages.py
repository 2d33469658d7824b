"""Pages of the frame: error pages stand alone, templates keep the policy, forms name what is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings as site
from django.template.loader import get_template
from django.urls import reverse

from tests.factories import people
from tests.look import gallery as shop

TEMPLATES = sorted((site.BASE_DIR / "templates").rglob("*.html"))
SHEETS = sorted((site.BASE_DIR / "static").rglob("*.css"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(site.BASE_DIR / "templates")))
def test_template_has_no_inline_script_or_style(path: Path):
    text = path.read_text()
    if "/pdf/" in str(path) or "/print/" in str(path) or "<!-- paper -->" in text:
        pytest.skip("for WeasyPrint, which no policy binds")
    assert re.findall(r"<[a-zA-Z][^>]*\sstyle\s*=", text) == []
    assert re.findall(r"<style\b", text) == []
    assert re.findall(r"\son[a-z]+\s*=\s*[\"']", text) == []
    assert re.findall(r"hx-on", text) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", text) == []


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "500.html", "503.html"])
def test_last_resort_pages_need_no_context_and_no_database(name):
    html = get_template(name).render({})
    assert html.count("<h1>") == 1
    assert "Mobilisation" in html


def test_maintenance_says_it_is_planned():
    assert "Closed for maintenance" in get_template("503.html").render({"planned": True})
    assert "Closed for maintenance" not in get_template("503.html").render({})


@pytest.mark.django_db
def test_unknown_page_is_our_own(client):
    answer = client.get("/no-such-page/")
    assert answer.status_code == 404
    assert b"Page not found" in answer.content


@pytest.mark.django_db
@pytest.mark.parametrize("term", ["Care Act", "CCG", "CFAO", "CHC", "CQC", "FAN", "IMCA", "KCC", "Mobilisation", "MSOA", "OLA", "NoK", "SCHW", "SDO", "VCS", "STP", "MCP", "ACO"])
def test_the_words_of_the_protocol_stand_in_the_glossary(client, term):
    found = re.findall(r'<div class="app-summary__row" id="[^"]+"><dt class="app-summary__key">(.*?)</dt><dd class="app-summary__value">(.*?)</dd>', client.get("/glossary/").content.decode())
    assert [words for words in found if re.search(rf"\b{term}\b", " ".join(words))] != []


@pytest.mark.django_db
@pytest.mark.parametrize("path,heading", [("/accessibility/", "Accessibility"), ("/glossary/", "Words and colours"), ("/privacy/", "Privacy")])
def test_public_pages_answer_anybody(client, path, heading):
    answer = client.get(path)
    assert answer.status_code == 200
    assert f'<h1 class="app-page-head__title">{heading}</h1>' in answer.content.decode()


@pytest.mark.django_db
def test_every_error_is_in_the_summary_and_at_its_field(gallery, client):
    html = client.get("/gallery/errors/").content.decode()
    for name in ("name", "number", "email", "kind", "start", "agreed"):
        assert f'id="id_{name}_error"' in html
        assert f'href="#id_{name}"' in html
        described = re.search(rf'<(?:input|select)[^>]*\bid="id_{name}"[^>]*>', html)
        assert f"id_{name}_error" in described.group(0)
    assert '<a href="#id_radios_0">' in html
    assert "<title>Error: Form" in html


@pytest.mark.django_db
def test_table_speaks_its_order_and_keeps_the_filter_when_turning_pages(gallery, sign_in):
    html = sign_in("OL").get("/gallery/?colour=a&sort=-due").content.decode()
    assert html.count("aria-sort=") == 1
    assert re.search(r'aria-sort="descending"><a class="app-table__sort" href="\?colour=a&amp;sort=due">Due', html)
    assert 'role="region" aria-label="People"' in html
    assert 'href="?colour=a&amp;sort=-due&amp;page=2"' in html
    assert "Nothing to show." in html


def test_layout_objects_of_crispy_are_all_drawn():
    packs = {path.name for path in (site.BASE_DIR / "templates/nhsuk/layout").glob("*.html")}
    assert {"baseinput.html", "button.html", "buttonholder.html", "column.html", "div.html", "fieldset.html", "formactions.html", "row.html", "radioselect.html", "checkboxselectmultiple.html"} <= packs
    assert shop.EveryField().helper.layout is not None


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_style_sheets_load_nothing_from_elsewhere(path: Path):
    assert re.findall(r"url\([\"']?(?:https?:)?//", path.read_text()) == []


@pytest.mark.parametrize(("role", "page", "tab"), [("MT", "letter-runs", "People"), ("MT", "provider-checks", "People"), ("MT", "offer-list", "People"), ("MT", "interim-list", "People"), ("IP", "offer-list", "Your people"), ("MT", "order-list", "Orders")])
def test_a_page_beside_the_list_marks_the_tab_it_belongs_to(programme, sign_in, role, page, tab):
    client = sign_in(role, programme, organisation=people.incoming(programme) if role == "IP" else None)
    text = client.get(reverse(f"transfers:{page}", args=[programme.ref])).content.decode()
    assert re.findall(r'aria-current="page">([^<]+)<', text) == [tab]


def test_a_field_that_says_itself_what_is_missing_is_heard(programme, sign_in):
    text = sign_in("MT", programme).post(reverse("transfers:link-add", args=[programme.ref]), {}).content.decode()
    assert [words in text for words in ("Tick what may be stated", "Enter who gets the link", "Enter what may be stated")] == [True, True, False]
