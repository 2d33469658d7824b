"""A morning in the daily grid by keyboard alone, in a real browser; two people on one row; sizes and axe."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from mobilisation.access import Actor
from mobilisation.clock import today
from tests.factories import ground, people
from transfers.choices import Funding
from transfers.models import Checkpoint, PersonTransfer
from transfers.services.people import update_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
COLUMNS = "cols=due,owner,transfer,wave,action,funding&groups=prepare,tell,meet"


@pytest.fixture(autouse=True)
def spring():
    """The clock of the server goes on from a morning within the programme."""
    with time_machine.travel("2027-03-15 10:00", tick=True):
        yield


@pytest.fixture
def three(programme):
    """Three people in the order of their names; the first has C01 marked."""
    return [people.person(programme, surname=name, wave="1", done=("C01",)) for name in ("Adams", "Brown", "Clarke")]


class Keys:
    """A list open in a tab, driven by keys only."""

    def __init__(self, tab, programme, client, width=1440, query=COLUMNS):
        self.tab = tab(width, client)
        self.page = self.tab.page
        self.tab.open(f"/programmes/{programme.ref}/people/?{query}")
        self.page.focus("#grid [tabindex='0']")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def where(self):
        return self.page.inner_text("[data-where]")

    def go(self, column):
        """Arrow to ``column`` in the row of the focus."""
        self.press("Home")
        for _ in range(60):
            if self.where.split("· ")[-1].startswith(column):
                return
            self.press("ArrowRight")
        raise AssertionError(f"no column {column}: {self.where}")

    def heard(self, text):
        self.page.wait_for_function("text => document.querySelector('#status').textContent.includes(text)", arg=text)

    @property
    def focused(self):
        return self.page.evaluate("document.activeElement.closest('td, th') ? document.activeElement.tagName : 'lost'")


def test_a_morning_by_keyboard_alone(tab, sign_in, programme, three):
    adams, brown, _ = three
    keys = Keys(tab, programme, sign_in("OL", programme))
    assert keys.page.locator("#grid [tabindex='0']").count() == 1
    # Typing opens the cell with the typed character; Tab saves and goes on.
    keys.go("Wave")
    keys.press("7", "Tab")
    assert (keys.where, keys.focused) == ("Adams, Test · Next action", "TD")
    keys.heard("Wave saved")
    assert keys.page.locator(".app-cell__saved").inner_text() == "✓ saved"
    # Esc takes back, Enter saves and goes down.
    keys.press("x", "Escape")
    assert (keys.where, PersonTransfer.objects.get(pk=adams.pk).next_action) == ("Adams, Test · Next action", "")
    keys.page.keyboard.type("Ring the family")
    keys.press("Enter")
    keys.heard("Next action saved")
    assert (keys.where, keys.focused) == ("Brown, Test · Next action", "TD")
    # t puts today's date.
    keys.go("Transfer")
    keys.press("t")
    keys.heard("Transfer (T) saved")
    # Space ticks with today, and the cells of the row that follow from it move on.
    keys.go("C02")
    keys.press("Space")
    keys.heard("C02 marked as done")
    assert (keys.where.startswith("Brown"), keys.focused) == (True, "TD")
    # A refused tick says everything that is missing, beside what was asked for.
    keys.go("C11")
    keys.press("Space")
    keys.heard("Refused")
    why = keys.page.locator("#grid .app-cell__why")
    assert [code in why.inner_text() for code in ("C06", "C08", "C09")] == [True, True, True]
    assert keys.page.input_value("#grid .app-cell__input") == f"{today().day}/{today().month}/{today().year}"
    keys.press("Escape")
    assert (keys.page.locator("#grid .app-cell__why").count(), keys.focused) == (0, "TD")
    # Undo of one's own tick.
    keys.go("C02")
    keys.press("Delete")
    keys.heard("C02 undone")
    # A choice, by its first letter.
    keys.go("Funding")
    keys.press("s", "Enter")
    keys.heard("Funding saved")
    adams.refresh_from_db()
    brown.refresh_from_db()
    assert (adams.wave, adams.next_action, brown.planned_transfer_date, brown.funding_type) == ("7", "Ring the family", today(), "self")
    assert (Checkpoint.objects.get(person=brown, code="C02").state, Checkpoint.objects.filter(code="C11").exists()) == ("not_started", False)
    assert [text for text in keys.tab.complaints if "422" not in text] == []


def test_a_typed_date_is_read_as_people_write_it_and_a_wrong_one_stays(tab, sign_in, programme, three):
    keys = Keys(tab, programme, sign_in("MT", programme))
    keys.go("Transfer")
    keys.page.keyboard.type("3 apr 2027")
    keys.press("Enter")
    keys.heard("Transfer (T) saved")
    assert PersonTransfer.objects.get(pk=three[0].pk).planned_transfer_date == date(2027, 4, 3)
    keys.page.keyboard.type("31/31/2027")
    keys.press("Tab")
    keys.heard("Refused")
    assert keys.page.input_value("#grid .app-cell__input") == "31/31/2027"
    assert "enter a real date" in keys.page.inner_text("#grid .app-cell__why")
    assert keys.where == "Brown, Test · Wave"


def test_home_end_control_and_the_heading_are_reached_by_arrows(tab, sign_in, programme, three):
    keys = Keys(tab, programme, sign_in("MT", programme), query="groups=tell")
    keys.press("Control+End")
    assert keys.where == "Clarke, Test · By"
    keys.press("Control+Home")
    assert keys.where == "Adams, Test · Person"
    keys.press("Control+ArrowDown", "End")
    assert keys.where == "Clarke, Test · By"
    keys.press("Control+Home", "ArrowUp", "Enter")
    keys.page.wait_for_url("**sort=*")
    assert keys.page.locator("th[aria-sort]").count() == 1


def test_folding_by_keyboard_keeps_the_focus_and_the_address(tab, sign_in, programme, three):
    keys = Keys(tab, programme, sign_in("MT", programme), query="groups=tell")
    keys.page.focus("#fold-tell")
    keys.press("Enter")
    keys.page.wait_for_function("() => !document.querySelector('[data-k=C04]')")
    assert keys.page.evaluate("document.activeElement.closest('th').textContent.includes('Tell')")
    assert keys.page.url.endswith("groups=none")
    keys.press("Enter")
    keys.page.wait_for_function("() => document.querySelector('[data-k=C04]')")
    keys.page.focus("#grid tbody tr:nth-child(2) th")
    keys.go("C04")
    assert keys.where == "Brown, Test · C04 Person told"


def test_two_people_on_one_cell_see_theirs_and_mine(tab, sign_in, programme, three):
    mine = Keys(tab, programme, sign_in("OL", programme))
    mine.go("Wave")
    mine.press("F2")
    with_theirs = ground.user_in("MT", programme)
    def theirs(wave, zone="North"):
        update_person(PersonTransfer.objects.get(pk=three[0].pk), {"wave": wave, "zone": zone}, actor=Actor.of(with_theirs, programme))

    theirs("5")
    mine.page.keyboard.type("9")
    mine.press("Enter")
    mine.heard("Refused")
    assert ["changed it to “5”" in mine.page.inner_text("#grid .app-cell__why"), mine.page.input_value("#grid .app-cell__input")] == [True, "9"]
    mine.press("ArrowUp", "Enter", "Tab")
    assert mine.page.evaluate("document.activeElement.textContent") == "Keep theirs"
    mine.press("Enter")
    assert (mine.page.locator("#grid tbody tr").first.locator("a[href$='/cell/wave/']").inner_text(), mine.where) == ("5", "Adams, Test · Wave")
    mine.press("F2")
    theirs("6", "South")
    mine.page.keyboard.type("9")
    mine.press("Enter")
    mine.heard("You entered “9”")
    mine.press("ArrowUp", "Enter", "Tab", "Tab", "Enter")
    mine.heard("Wave saved")
    assert PersonTransfer.objects.get(pk=three[0].pk).wave == "9"
    # What does not clash merges without a question.
    mine.go("Next action")
    mine.press("F2")
    theirs("10", "West")
    mine.page.keyboard.type("Call")
    mine.press("Enter")
    mine.heard("Next action saved")
    row = PersonTransfer.objects.get(pk=three[0].pk)
    assert (row.wave, row.next_action) == ("10", "Call")


def test_the_person_beside_the_list_by_keyboard(tab, sign_in, programme, three):
    keys = Keys(tab, programme, sign_in("MT", programme))
    keys.press("Home", "Alt+Enter")
    keys.page.wait_for_function("() => document.activeElement.id === 'aside-title'")
    assert keys.page.inner_text("#aside-title") == "Adams, Test"
    assert keys.tab.axe() == []
    keys.press("Alt+ArrowDown")
    keys.page.wait_for_function("() => document.querySelector('#aside-title').textContent === 'Brown, Test'")
    keys.press("Escape")
    assert (keys.where.startswith("Brown"), keys.page.locator("#grid-side").is_hidden()) == (True, True)
    keys.go("Wave")
    keys.press("2", "Enter")
    keys.heard("Wave saved")
    keys.press("ArrowUp", "Alt+h")
    keys.page.wait_for_function("() => document.querySelector('#aside-title') && document.querySelector('#aside-title').textContent.includes('Wave: history')")
    assert "1" in keys.page.inner_text("#grid-side del")


@pytest.mark.parametrize(("width", "query"), [(1440, ""), (1440, "groups=none"), (1440, "groups=prepare,tell,meet,move,check&since=1"), (720, ""), (360, "")])
def test_the_grid_has_no_findings(tab, sign_in, programme, three, width, query):
    page = tab(width, sign_in("OL", programme))
    page.open(f"/programmes/{programme.ref}/people/?{query or 'show='}")
    assert (page.axe(), page.overflow(), page.complaints) == ([], 0, [])


def test_frozen_columns_and_head_do_not_hide_the_focus(tab, sign_in, programme):
    for number in range(30):
        people.person(programme, surname=f"Person{number:02d}")
    keys = Keys(tab, programme, sign_in("MT", programme), query="groups=prepare,tell,meet,move,check")
    keys.press("Control+End")
    covered = """() => { const box = document.activeElement.getBoundingClientRect(); const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2); return document.activeElement.contains(top); }"""
    for _ in range(38):
        keys.press("ArrowLeft")
        assert keys.page.evaluate(covered), keys.where
    keys.press("Control+End")
    for _ in range(29):
        keys.press("ArrowUp")
        assert keys.page.evaluate(covered), keys.where


def test_without_a_script_every_cell_leads_to_its_page_and_back(tab, sign_in, programme, three):
    page = tab(1440, sign_in("MT", programme), java_script_enabled=False)
    page.open(f"/programmes/{programme.ref}/people/?cols=wave&groups=prepare")
    page.page.locator("a[href$='/cell/wave/']").first.click()
    page.page.get_by_label("Wave").fill("4")
    page.page.get_by_role("button", name="Save").click()
    assert page.page.url.endswith("/people/?cols=wave&groups=prepare")
    page.page.locator("a[href$='/cell/C02/']").first.click()
    page.page.get_by_role("button", name="Mark as done").click()
    assert page.page.locator("tbody tr").first.locator("td.d").count() == 2
    page.page.get_by_role("link", name="Tell").click()
    assert page.page.locator("th[data-k=C04]").count() == 1


@pytest.mark.parametrize("width", [1440, 360])
def test_the_reason_of_a_refused_cell_is_read_whole(tab, programme, sign_in, three, width):
    """Also where the cell stands at the right edge and Enter has gone on to the next one."""
    page = Keys(tab, programme, sign_in("OL", programme), width).page
    wide = width > 640
    at = page.evaluate("""() => {
        const edge = document.querySelector(".app-sheet-box").getBoundingClientRect().right;
        const seen = [...document.querySelectorAll("#grid tbody tr:first-child > [data-k], #grid tbody tr:first-child > *")].filter((cell) => cell.getBoundingClientRect().right <= edge + 2);
        return seen[seen.length - 1].cellIndex;
    }""") if wide else None
    cell = page.locator("#grid tbody tr").first.locator(":scope > *").nth(at) if wide else page.locator("#grid tbody tr").first.locator("td.g-priority")
    cell.click()
    if wide:
        page.keyboard.type("1/1/2020")
    else:
        PersonTransfer.objects.update(peg_or_clinical=True)
        page.select_option("#grid select", "G")
    page.keyboard.press("Enter")
    page.wait_for_selector("#grid .app-cell__why li")
    page.wait_for_timeout(200)
    left, right, least, most = page.evaluate("""() => {
        const why = document.querySelector("#grid .app-cell__why").getBoundingClientRect(), box = document.querySelector(".app-sheet-box").getBoundingClientRect();
        return [why.left, why.right, Math.max(box.left, 0), Math.min(box.right, window.innerWidth)];
    }""")
    assert (left >= least, right <= most) == (True, True), (left, right, least, most)


@pytest.mark.parametrize("width", [1440, 360])
def test_no_button_of_the_bar_moves_when_a_part_of_it_is_opened(tab, programme, sign_in, three, width):
    page = Keys(tab, programme, sign_in("OL", programme), width).page
    places = "() => [...document.querySelectorAll('.app-sheet-bar > details > summary')].map((one) => { const at = one.getBoundingClientRect(); return [at.left, at.top + window.scrollY]; })"
    before = page.evaluate(places)
    for number in range(3):
        page.locator(".app-sheet-bar > details > summary").nth(number).click()
        assert page.evaluate(places) == before
    panels = page.locator(".app-sheet-bar > details > :not(summary)")
    lowest = max(top for _, top in before)
    assert [panels.nth(n).bounding_box()["y"] + page.evaluate("window.scrollY") > lowest for n in range(panels.count())] == [True, True, True]


@pytest.mark.parametrize(("typed", "stands"), [("Council", "council"), ("chc (n", "chc"), ("other a", "other_authority"), ("Councl", "council"), ("dirx", "direct_payment"), ("s", "self")])
def test_a_choice_is_the_one_that_was_typed(tab, sign_in, programme, three, typed, stands):
    """The browser's own search in a list begins anew after the letter that opened the cell: "Council" ended as another authority."""
    PersonTransfer.objects.update(funding_type="joint")
    grid = Keys(tab, programme, sign_in("OL", programme))
    grid.go("Funding")
    grid.press(*typed)
    chosen = dict(Funding.choices)[stands]
    grid.press("Enter")
    grid.heard("Funding saved")
    assert (PersonTransfer.objects.get(pk=three[0].pk).funding_type, grid.page.inner_text("#status")) == (stands, f"Funding saved: {chosen}")
