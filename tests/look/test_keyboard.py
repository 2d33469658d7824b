"""From the workbook to the safety check, a letter run and a change to many, by keys alone: in a real browser, with no click anywhere."""

from __future__ import annotations

from datetime import datetime

import openpyxl
import pytest
import time_machine
from django.test import Client

from mobilisation.models import ImportRun
from mobilisation.services import jobs
from tests.factories import ground, people, workbooks
from transfers.models import Allocation, Checkpoint, ContactLog, LetterItem, PersonTransfer, ProviderCapacity

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FOCUS = """() => { const a = document.activeElement; if (!a || a === document.body) return {tag: 'BODY', name: '', kind: ''};
  const label = a.labels && a.labels.length ? a.labels[0].textContent : ''; const set = a.closest('fieldset');
  return {tag: a.tagName, id: a.id, kind: a.type || '', set: set && set.querySelector('legend') ? set.querySelector('legend').textContent.trim() : '',
          name: (a.getAttribute('aria-label') || label || a.textContent || '').trim().replace(/\\s+/g, ' ')}; }"""


@pytest.fixture(autouse=True)
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=True):
        yield


class Keys:
    """A page driven by keys; ``tab`` walks on until the focus is on what is named, and fails where it cannot be reached."""

    def __init__(self, tab, client):
        self.tab = tab(1440, client)
        self.page = self.tab.page

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def focus(self):
        return self.page.evaluate(FOCUS)

    def open(self, path, skip="main"):
        """A page, and past its head by the skip link: to the list with ``skip="list"``."""
        self.tab.open(path)
        self.press("Tab", *(["Tab"] if skip == "list" else []))
        assert self.focus["name"] == ("Skip to the list" if skip == "list" else "Skip to main content")
        self.press("Enter")

    def tab_to(self, name, tag="", most=60):
        for _ in range(most):
            self.press("Tab")
            found = self.focus
            if name in found["name"] and (not tag or found["tag"] == tag):
                return found
        raise AssertionError(f"not reached by Tab: {name}")

    def choose(self, path):
        """A file, at the field for it. Chromium drops the key now and then when the machine is busy, as a person would see and press again."""
        from playwright.sync_api import TimeoutError as TooLate

        for patience in (8_000, 8_000, 30_000):
            try:
                with self.page.expect_file_chooser(timeout=patience) as chooser:
                    self.press("Space")
            except TooLate:
                continue
            chooser.value.set_files(path)
            return
        raise AssertionError("the field opens no choice of files")

    def enter(self):
        """Enter, and the page it leads to."""
        with self.page.expect_navigation(wait_until="load"):
            self.press("Enter")

    def follow(self, name, tag="A", most=60):
        self.tab_to(name, tag, most)
        self.enter()

    def heard(self, text):
        self.page.wait_for_function("text => document.querySelector('#status').textContent.includes(text)", arg=text)

    def skip(self):
        """Past the head of the page that has just come."""
        self.press("Tab")
        assert self.focus["name"] == "Skip to main content"
        self.press("Enter")

    def tick_rows(self, number):
        """From the cell of the focus downwards, and what is heard of it."""
        self.press("Shift+Space", *["Shift+ArrowDown"] * (number - 1))
        self.heard(f"{number} ticked")

    def tick(self, code):
        """In the row of the focus: arrow to the column of ``code`` and tick it."""
        self.press("Home")
        for _ in range(60):
            if self.page.inner_text("[data-where]").split("· ")[-1].startswith(code):
                break
            self.press("ArrowRight")
        self.press("Space")
        self.heard(f"{code} marked as done")
        assert self.focus["tag"] == "TD"


def test_from_the_workbook_to_the_safety_check_by_keys_alone(tab, sign_in, programme, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = sign_in("OL", programme)
    keys, root = Keys(tab, client), f"/programmes/{programme.ref}"
    # Import: choose the file, look, confirm. The page comes anew by itself, and the way on has the focus.
    book = tmp_path / "tracker.xlsx"
    rows = [[f"S{n:04d}", name, "Ann", "03/03/1940", 14, "Meadowgate Homecare Ltd", "N"] for n, name in enumerate(("Adams", "Brown", "Clarke"))]
    book.write_bytes(workbooks.xlsx(("List", [["Swift ID", "Surname", "First name", "DOB", "Hrs pw", "Current provider", "In hospital"], *rows])))
    keys.open(f"{root}/import/tracker/")
    keys.tab_to("The file", "INPUT")
    keys.choose(book)
    keys.follow("Upload and look at it", "BUTTON")
    assert "#main" not in keys.page.url
    keys.press("Tab", "Enter")
    keys.follow("Import 3 rows", "BUTTON")
    if PersonTransfer.objects.count() == 0:
        jobs.run(ImportRun.objects.get().job_id)
    keys.page.wait_for_selector("h1:has-text('Import done')")
    keys.page.wait_for_function("() => document.activeElement.textContent === 'See the list'")
    keys.enter()
    adams = PersonTransfer.objects.get(surname="Adams")
    person = f"{root}/people/{adams.public_id}"
    # Rate in the grid.
    keys.open(f"{root}/people/", skip="list")
    assert keys.page.inner_text("[data-where]") == "Adams, Ann · Person"
    keys.press("ArrowUp", "ArrowUp", "ArrowRight", "ArrowRight")
    assert keys.focus["name"].endswith("unfold C01 to C03")
    keys.press("Enter")
    keys.page.wait_for_selector("th[data-k=C02]")
    assert keys.focus["name"].endswith("fold C01 to C03"), "unfolding from the heading keeps the focus there"
    keys.press("Control+Home")
    while not keys.page.inner_text("[data-where]").endswith("Priority"):
        keys.press("ArrowRight")
    keys.press("a", "Enter")
    keys.heard("Priority saved")
    keys.press("ArrowUp", "Home")
    keys.tick("C02")
    # Allocate: what a provider can take, the proposal, the offer.
    keys.open(f"{root}/people/allocation/capacity/add/")
    keys.tab_to("Provider", "SELECT")
    keys.page.keyboard.type("Blue")
    keys.tab_to("Hours a week", "INPUT")
    keys.page.keyboard.type("400")
    keys.tab_to("From", "INPUT")
    keys.page.keyboard.type("03012027")
    keys.tab_to("Confirmed on", "INPUT")
    keys.page.keyboard.type("11012026")
    keys.tab_to("Confirmed by", "INPUT")
    keys.page.keyboard.type("Rota desk")
    keys.tab_to("Staffing the hours rest on", "INPUT")
    keys.page.keyboard.type("Rota of November")
    keys.follow("Save", "BUTTON")
    assert [(one.weekly_hours, one.from_date.year, one.confirmed, one.staffing) for one in ProviderCapacity.objects.all()] == [(400, 2027, True, "Rota of November")]
    keys.open(f"{root}/people/allocation/")
    keys.follow("Check what would be offered", "BUTTON")
    keys.press("Tab", "Enter")
    keys.follow("Offer 3", "BUTTON")
    assert Allocation.objects.filter(current=True, provider=people.incoming(programme)).count() == 3
    # Tell and call; the answer of the provider.
    keys.open(f"{root}/people/?groups=prepare,tell", skip="list")
    for code in ("C04", "C05"):
        keys.tick(code)
    keys.open(f"{person}/calls/add/")
    keys.tab_to("We called")
    keys.press("Space")
    keys.tab_to("The person")
    keys.press("Space")
    keys.tab_to("What was said", "TEXTAREA")
    keys.page.keyboard.type("She agrees")
    keys.follow("Record it", "BUTTON")
    assert list(ContactLog.objects.values_list("text", flat=True)) == ["She agrees"]
    keys.open(f"{person}/do/respond/")
    keys.tab_to("Accepted")
    keys.press("Space")
    keys.follow("Save", "BUTTON")
    # What was made ready on other pages; then ready, moved and checked.
    Checkpoint.objects.bulk_create([Checkpoint(person=adams, code=code, state="done", done_on=people.LISTED, by_label="test") for code in ("C06", "C07", "C08", "C10", "C11")])
    adams.refresh_from_db()
    PersonTransfer.objects.filter(pk=adams.pk).update(planned_transfer_date="2027-03-15", sharing_basis="direct_care", **people.ORDERS)
    keys.open(f"{root}/people/?groups=meet,move", skip="list")
    keys.tick("C12")
    manager = Client()
    manager.force_login(ground.user_in("ASM", programme))
    ready = Keys(tab, manager)
    ready.open(f"{root}/people/?groups=move", skip="list")
    ready.tick("C14")
    keys.tick("C15")
    keys.open(f"{person}/do/safety/")
    # A refusal takes the focus to what is wrong, though the skip link was used.
    keys.follow("Record the check", "BUTTON")
    assert keys.focus["id"] == "error-summary"
    while True:
        keys.press("Tab")
        found = keys.focus
        if found["name"] == "Record the check":
            break
        if found["kind"] == "radio":
            keys.press("Space")
    keys.enter()
    assert Checkpoint.objects.get(person=adams, code="C16").state == "done"
    assert {text for text in keys.tab.complaints if "422" not in text} == set()


def marked(code):
    return sorted(Checkpoint.objects.filter(code=code, state="done").values_list("person__surname", flat=True))


def test_a_letter_run_and_many_at_once_by_keys_alone(tab, sign_in, programme, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    for name, done in (("Adams", ("C01", "C02")), ("Brown", ("C01", "C02")), ("Clarke", ("C01",))):
        people.person(programme, surname=name, done=done, address="1 High Street", postcode="CT1 2AB", representative_name="Sam Ames", case_system_id=f"S-{name}")
    keys, root = Keys(tab, sign_in("OL", programme)), f"/programmes/{programme.ref}"
    # Unfolding fetches the grid anew; the buttons of the cell come along.
    keys.open(f"{root}/people/", skip="list")
    keys.press("ArrowUp", "ArrowUp", "ArrowRight", "ArrowRight", "Enter")
    keys.page.wait_for_selector("th[data-k=C02]")
    assert keys.page.is_visible("#cell-bar button[data-do=keys]")
    # Tell: a run for those ticked. What it leads to has the focus, and the gate is told before anything is sent.
    keys.press("Control+Home")
    keys.tick_rows(3)
    keys.tab_to("What to change", "SELECT")
    keys.page.keyboard.type("Begin")
    keys.page.wait_for_selector("#bulk-fields input[name=filled][value=letter]", state="attached")
    keys.follow("Show what would change", "BUTTON")
    assert keys.focus["id"] == "new"
    for field, typed in (("Code of the communication", "K05"), ("What the letter is about", "A new provider"), ("Fulfils", "C04")):
        keys.tab_to(field)
        keys.page.keyboard.type(typed)
    keys.follow("See who would get it", "BUTTON")
    assert keys.focus == keys.focus | {"id": "preview", "name": "3 people chosen: 3 would get it, 0 held back, 0 left out"}
    assert "1 person: C04 Person told needs first: C02 Data checked against the provider's list." in keys.page.inner_text("main")
    keys.follow("Begin this run", "BUTTON")
    keys.heard("The run is begun for 3 people. Nothing was sent yet.")
    # Out as a workbook, and the results back in it.
    keys.skip()
    keys.follow("Mail merge")
    keys.skip()
    keys.tab_to("Why you are taking", "INPUT")
    keys.page.keyboard.type("Print shop")
    assert keys.tab_to("Export")["kind"] == "submit"
    with keys.page.expect_download() as got:
        keys.press("Enter")
    got.value.save_as(tmp_path / "letters.xlsx")
    keys.heard("The file is being made; your browser keeps it with its downloads.")
    book = openpyxl.load_workbook(tmp_path / "letters.xlsx")
    for row in book.active.iter_rows(min_row=2):
        row[10].value, row[11].value = "Sent", datetime(2027, 3, 15)
    book.save(tmp_path / "letters.xlsx")
    keys.follow("Back to the letter run")
    run = keys.page.url.removeprefix(keys.tab.url)
    keys.skip()
    keys.follow("Bring results back")
    keys.skip()
    keys.tab_to("The file", "INPUT")
    keys.choose(tmp_path / "letters.xlsx")
    keys.follow("Upload and look at it", "BUTTON")
    keys.skip()
    keys.follow("Import 3 rows", "BUTTON")
    if LetterItem.objects.filter(state="to_send").exists():
        jobs.run(ImportRun.objects.get().job_id)
    keys.page.wait_for_selector("h1:has-text('Import done')")
    assert set(LetterItem.objects.values_list("state", flat=True)) == {"sent"}
    keys.open(run)
    keys.follow("Mark C04 for them", "BUTTON")
    keys.heard("C04 marked for 2; 1 refused. Each reason stands below.")
    assert (keys.focus["id"], "Clarke, Test S-Clarke: C04 Person told needs first" in keys.page.inner_text("main"), marked("C04")) == ("refused", True, ["Adams", "Brown"])
    # Many at once: who changes and who is refused, then all of it and back.
    keys.open(f"{root}/people/", skip="list")
    keys.tick_rows(3)
    keys.tab_to("Checkpoint", "SELECT")
    keys.page.keyboard.type("C05")
    keys.follow("Show what would change", "BUTTON")
    said = keys.page.inner_text("main")
    assert ("2 people will change: 0 stand so already, 1 is refused." in said, "1 person: C05 Representative told needs first" in said, marked("C05")) == (True, True, [])
    keys.skip()
    keys.follow("Change 2 people", "BUTTON")
    keys.heard("done for 2 people")
    assert marked("C05") == ["Adams", "Brown"]
    keys.skip()
    keys.follow("Undo")
    keys.skip()
    keys.follow("Undo it", most=2, tag="BUTTON")
    keys.heard("Undone: 2 changes are put back.")
    assert (marked("C05"), marked("C04")) == ([], ["Adams", "Brown"])
    assert set(keys.tab.complaints) == set()
