"""Registers at 360 px: every value in sight beside the name of its column, and a table still for those who hear it."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.conf import settings as site

from tests.factories import ground, people
from tests.factories import risks as register
from tests.factories import workstreams as plan
from transfers.models import ServiceOrder

CARDS = sorted(path for path in (site.BASE_DIR / "templates").rglob("*.html") if "app-table--register" in path.read_text())
ROWS = [*CARDS, *(site.BASE_DIR / "templates/workstreams").glob("_step_*.html")]
HIDDEN = """() => [...document.querySelectorAll('.app-table--register tbody tr > *')].filter(cell => cell.textContent.trim()).filter(cell => {
  const box = cell.getBoundingClientRect();
  return box.left < 0 || box.right > window.innerWidth || !box.height || cell.scrollWidth > cell.clientWidth + 1;
}).map(cell => cell.textContent.trim())"""
SAID = """() => [...document.querySelectorAll('.app-table--register tbody tr')].map(row => [...row.children].map(cell => [getComputedStyle(cell, '::before').content.split(' / ')[0].replaceAll('"', ''), cell.innerText.trim()]))"""


def test_registers_are_found():
    assert {"risk_list.html", "table.html", "plan.html", "_pack_rows.html", "report_list.html", "staff_list.html"} - {path.name for path in CARDS} == {"risk_list.html"}


@pytest.mark.parametrize("path", ROWS, ids=lambda path: str(path.relative_to(site.BASE_DIR / "templates")))
def test_a_table_that_folds_keeps_its_roles_and_names_each_value(path):
    text = path.read_text()
    tables = re.findall(r"<table[^>]*app-table--register[^>]*>.*?</table>", text, re.S) or [text]
    for table in tables:
        tags = re.findall(r"<(table|thead|tbody|tr|th|td)\b([^>]*)>", table.replace("{{ ", "").replace(" }}", ""))
        assert [tag for tag in tags if "role=" not in tag[1]] == []
        cells = [rest for name, rest in tags if name == "td" and "app-table__empty" not in rest and "column.attrs.tf" not in rest]
        unnamed = [rest for rest in cells if not re.search(r'data-label="[^"]+"', rest)]
        assert len(unnamed) <= path.name.startswith("_step_row")  # the link to change the row says itself what it does


def a_programme():
    programme = ground.provider_exit()
    register.risk(programme, 4, 5, event="Evening rounds in the coastal zone cannot be staffed", unsafe_go_live=True)
    register.issue(programme)
    plan.step(programme, "A1", title="Appoint lead managers and officer; open the exit checklist and tell everybody", baseline=date(2027, 3, 12), forecast=date(2027, 3, 19), start=date(2027, 3, 1), note="Waits for the council")
    return programme


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("page", ["risks/", "risks/issues/", "risks/matrix/", "plan/", "workstreams/governance/", "reports/", "board/actions/", "colours/", "risks/{risk}/"])
def test_nothing_of_a_register_lies_beyond_the_edge_of_a_phone(tab, sign_in, page):
    programme = a_programme()
    phone = tab(360, sign_in("ML", programme))
    phone.open(f"/programmes/{programme.ref}/{page.format(risk=programme.risks.get().public_id)}")
    assert (phone.overflow(), phone.axe(), phone.page.evaluate(HIDDEN)) == (0, [], [])
    assert phone.page.evaluate("[...document.querySelectorAll('.app-scroll')].filter(box => box.scrollWidth > box.clientWidth + 1).length") == 0


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_card_says_what_each_value_is_and_how_the_rows_are_ordered(tab, sign_in):
    programme = a_programme()
    phone = tab(360, sign_in("ML", programme))
    phone.open(f"/programmes/{programme.ref}/risks/")
    assert phone.page.evaluate(SAID) == [[
        ["none", "R-01"], ["Risk", "Evening rounds in the coastal zone cannot be staffed Unsafe go-live"], ["Owner", "Ops lead"], ["Initial", "20 Extreme"], ["Now", "20 Extreme"], ["Target", "None"],
        ["Care", phone.page.locator("td[data-label=Care]").inner_text().strip()], ["Next review", phone.page.locator("td[data-label='Next review']").inner_text().strip()],
    ]]
    assert phone.page.locator("thead a", has_text="Owner").is_visible()
    assert phone.page.get_by_role("row").count() == 2
    assert phone.page.get_by_role("cell").count() == 8
    desk = tab(1440, sign_in("ML", programme))
    desk.open(f"/programmes/{programme.ref}/risks/")
    assert {content for row in desk.page.evaluate(SAID) for content, _ in row} == {"none"}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_on_a_phone_the_name_of_a_step_stands_above_its_bar(tab, sign_in):
    programme = a_programme()
    phone = tab(360, sign_in("ML", programme))
    phone.open(f"/programmes/{programme.ref}/plan/gantt/")
    assert (phone.overflow(), phone.axe(), phone.page.locator(".app-gantt--wide").is_visible()) == (0, [], False)
    drawing = phone.page.locator(".app-gantt--narrow svg")
    name, bar = drawing.locator("text", has_text="A1 Appoint").bounding_box(), drawing.locator("rect").bounding_box()
    assert 0 < name["y"] + name["height"] - 6 < bar["y"] < name["y"] + 40
    assert 0 < bar["x"] < bar["x"] + bar["width"] < 360
    assert 0 < name["x"] < name["x"] + name["width"] < 360


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_list_of_people_begins_on_the_first_screen_and_the_work_bar_stays_hidden(tab, sign_in):
    programme = ground.provider_exit()
    people.person(programme)
    address, link = f"/programmes/{programme.ref}/people/", ".app-work__groups a >> nth=0"
    client = sign_in("OL", programme)
    phone = tab(360, client)
    phone.open(address)
    assert (phone.page.is_visible(link), phone.overflow(), phone.axe()) == (False, 0, [])
    assert phone.page.locator("#grid-box tbody tr").bounding_box()["y"] < 740
    phone.page.click(".app-work > summary")
    assert phone.page.is_visible(link)
    desk = tab(1440, client)
    desk.open(address)
    assert desk.page.is_visible(link)
    assert desk.page.locator("#grid-box").bounding_box()["y"] < 480
    desk.page.click(".app-work > summary")
    desk.open(address)
    assert (desk.page.is_visible(link), desk.page.locator(".app-work > summary").inner_text()) == (False, "Work with people")
    desk.page.click(".app-work > summary")
    desk.open(address)
    assert (desk.page.is_visible(link), desk.axe()) == (True, [])


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_an_order_on_a_phone_is_a_few_lines_with_a_word_to_each_figure(tab, sign_in):
    programme = ground.provider_exit()
    person = people.person(programme)
    ServiceOrder.objects.create(person=person, kind="new", external_ref="SO-60002", start=date(2027, 4, 1), weekly_hours=7, payment_ref="PA-60002", care_item="Home care, standard", budget_code="ASC-4410")
    phone = tab(360, sign_in("OL", programme))
    phone.open(f"/programmes/{programme.ref}/orders/")
    row = phone.page.locator(".app-table--lines tbody tr")
    assert row.bounding_box()["height"] < 125
    assert [words for words in ("from 1 Apr 2027", "7 hours a week", "payment PA-60002", "not yet shared") if words not in row.inner_text()] == []
    assert (phone.overflow(), phone.axe()) == (0, [])
