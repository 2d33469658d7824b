"""Allocation sheets: the columns of 7.3, only the provider's people, bytes that never change, who took them."""

import hashlib
import io
from datetime import date

import openpyxl
import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import AccessLog
from mobilisation.veil.words import NAME, NUMBER
from tests.factories import ground, people
from transfers.exports.sheets import HEADINGS, write_sheet
from transfers.models import Allocation, AllocationSheet, OrderVisit, PersonTransfer, ServiceOrder, SheetTaken
from transfers.services import people as services
from transfers.services import sheets

pytestmark = pytest.mark.django_db
EXPECTED = [
    "Ref", "Name", "Date of birth", "NHS number", "Address", "Postcode", "MSOA", "Zone", "Phone", "Representative", "Representative address", "Communication format", "Funding", "Priority",
    "Visits (day, start, minutes, carers, band)", "Weekly hours", "Tasks", "Order ref", "Payment ref", "Care item", "Exiting provider", "Incoming provider", "Key worker continuing (TUPE)", "Equipment",
    "Medication support", "Access note", "Planned transfer", "Wave", "Case manager", "Hospital state", "Notes",
]


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILES_DIR = tmp_path
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path, "base_url": None}}}


@pytest.fixture
def blue(programme):
    return people.incoming(programme)


def opened(programme, provider, surname="Quillfeather", **more):
    values = {"sharing_basis": "direct_care", "allocation_response": "accepted", "incoming_provider": provider, "forename": "Wilma", "key_safe": True, "row_ref": "", "zone": "Coastal"} | more
    person = people.person(programme, done=people.ready_up_to("C11"), surname=surname, **values)
    Allocation.objects.create(person=person, provider=provider, proposed_on=date(2026, 11, 2), response="accepted")
    return person


def orders(person):
    ServiceOrder.objects.filter(person=person).delete()
    old = ServiceOrder.objects.create(person=person, kind="old", external_ref="SO-OLD", payment_ref="PAY-OLD", care_item="Old item")
    new = ServiceOrder.objects.create(person=person, kind="new", external_ref="SO-NEW", payment_ref="PAY-NEW", care_item="New item 27.40")
    for order in (old, new):
        OrderVisit.objects.create(order=order, days="12345", start="08:00", minutes=45, carers=2, band_minutes=30, tasks="Wash and dress")


def read(data):
    rows = list(openpyxl.load_workbook(io.BytesIO(data)).active.values)
    at = next(n for n, row in enumerate(rows) if row[0] == "Ref")
    return [row[0] for row in rows[:at]], [dict(zip(rows[at], row, strict=True)) for row in rows[at + 1 :]], list(rows[at])


def make(programme, provider, side="incoming"):
    return sheets.make(programme, provider, side, actor=ground.actor("CL", programme))


def content(sheet):
    with default_storage.open(sheet.stored_name) as file:
        return file.read()


def test_the_columns_are_those_of_the_guide_in_their_order(programme, blue):
    opened(programme, blue)
    _, _, headings = read(content(make(programme, blue)))
    assert headings == EXPECTED == list(HEADINGS)


def test_a_sheet_of_the_small_hours_bears_the_day_of_london(programme, blue):
    opened(programme, blue)
    with time_machine.travel("2027-06-14T23:30Z", tick=False):
        above, *_ = read(content(make(programme, blue)))
    assert above[0] == f"{programme.reference} allocation sheet, incoming provider {blue}, version 1, 15/06/2027"


def test_only_the_providers_people_whose_record_is_open_are_on_it(programme, blue):
    mine = opened(programme, blue)
    opened(programme, people.incoming(programme, "Oyster Bay Care Ltd"), "Otherperson")
    opened(programme, blue, "Onlyoffered", allocation_response="offered")
    opened(programme, blue, "Refusedsharing", sharing_basis="refused")
    services.end(opened(programme, blue, "Hasdied"), "died", actor=ground.actor("OL", programme), on=date(2026, 11, 1), why="the family rang")
    sheet = make(programme, blue)
    _, rows, _ = read(content(sheet))
    assert ([row["Name"] for row in rows], sheet.rows) == (["Quillfeather, Wilma (care plan PROVISIONAL)"], 1)
    assert list(sheet.people.values_list("person_id", flat=True)) == [mine.pk]


def test_the_incoming_version_has_the_new_order_and_the_exiting_one_no_price_of_it(programme, blue):
    person = opened(programme, blue)
    orders(person)
    opened(programme, people.incoming(programme, "Oyster Bay Care Ltd"), "Otherperson", exiting_provider=ground.party(programme, "Second Exiting Ltd", "exiting"))
    _, (incoming,), _ = read(content(make(programme, blue)))
    _, (exiting,), _ = read(content(make(programme, person.exiting_provider, "exiting")))
    assert (incoming["Order ref"], incoming["Payment ref"], incoming["Care item"]) == ("SO-NEW", "PAY-NEW", "New item 27.40")
    assert (exiting["Order ref"], exiting["Payment ref"], exiting["Care item"]) == ("SO-OLD", "PAY-OLD", "Old item")
    assert "NEW" not in str(exiting) and "27.40" not in str(exiting) and "Otherperson" not in str(exiting)
    for row in (incoming, exiting):
        assert (row["Tasks"], row["Visits (day, start, minutes, carers, band)"]) == ("Wash and dress", "Mon to Fri 08:00, 45 minutes, 2 carers, 30 either way")
        assert row["Access note"] == "Key safe: ask the person or the council for access"


def test_the_exiting_version_names_nobody_who_is_only_asked(programme, blue):
    person = opened(programme, blue, allocation_response="offered")
    _, (row,), _ = read(content(make(programme, person.exiting_provider, "exiting")))
    assert row["Incoming provider"] is None


def test_what_was_typed_names_nobody_who_is_not_on_the_sheet(programme, blue):
    own = opened(programme, blue, notes="Wilma Quillfeather lives beside Agnes Rowbotham, 01632 960111; ask Mrs Quillfeather", equipment="Hoist shared with Agnes Rowbotham")
    people.person(programme, surname="Rowbotham", forename="Agnes", phone="01632 960111")
    orders(own)
    OrderVisit.objects.update(tasks="After Agnes Rowbotham's visit")
    made = sheets.make(programme, blue, "incoming", actor=ground.actor("OL", programme))
    _, (row,), _ = read(default_storage.open(made.stored_name).read())
    assert (row["Name"].split(" (")[0], row["Notes"]) == ("Quillfeather, Wilma", f"Wilma Quillfeather lives beside {NAME}, {NUMBER}; ask Mrs Quillfeather")
    assert (row["Equipment"], row["Tasks"]) == (f"Hoist shared with {NAME}", f"After {NAME}'s visit")


def test_a_plan_that_is_not_validated_says_so_on_its_row_and_above(programme, blue):
    opened(programme, blue)
    opened(programme, blue, "Zebrafield", plan_status="validated")
    sheet = make(programme, blue)
    above, rows, _ = read(content(sheet))
    assert [row["Name"] for row in rows] == ["Quillfeather, Wilma (care plan PROVISIONAL)", "Zebrafield, Wilma"]
    assert (sheet.provisional, above[2]) == (1, "PROVISIONAL: 1 care plan is not validated; the names say whose. Check them at the start of care.")


@pytest.mark.parametrize("start", "=+-@\t")
def test_no_cell_is_run_as_a_formula(programme, blue, start):
    opened(programme, blue, notes=f"{start}HYPERLINK(1)", equipment=f"{start}1+1")
    book = openpyxl.load_workbook(io.BytesIO(content(make(programme, blue))))
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert all(not str(cell.value).startswith(tuple("=+@\t")) for cell in cells)


def test_versions_are_kept_and_the_bytes_of_a_kept_one_never_change(programme, blue):
    person = opened(programme, blue)
    first = make(programme, blue)
    before = content(first)
    services.update_person(person, {"zone": "Inland"}, actor=ground.actor("OL", programme))
    second = make(programme, blue)
    first.refresh_from_db()
    assert (first.number, second.number, first.superseded_at is None, second.superseded_at) == (1, 2, False, None)
    assert content(first) == before
    assert hashlib.sha256(before).hexdigest() == first.sha256 != second.sha256
    assert first.stored_name.startswith("sheets/") and programme.ref not in first.stored_name


def test_a_new_sheet_says_what_the_tracker_says(programme, blue):
    """One source: a cell typed in the grid is what the next version of the sheet shows."""
    person = opened(programme, blue, wave="1", planned_transfer_date=date(2027, 4, 5))
    _, (before,), _ = read(content(make(programme, blue)))
    services.update_person(person, {"wave": "2", "planned_transfer_date": date(2027, 4, 12), "phone": "01227 000009"}, actor=ground.actor("OL", programme))
    _, (after,), _ = read(content(make(programme, blue)))
    assert [before[name] for name in ("Wave", "Phone")] == ["1", None]
    assert [after[name] for name in ("Wave", "Phone")] == ["2", "01227 000009"]
    assert {name for name in before if before[name] != after[name]} == {"Wave", "Phone", "Planned transfer"}


def test_a_file_that_was_changed_on_the_disk_is_not_handed_out(programme, blue):
    opened(programme, blue)
    sheet = make(programme, blue)
    default_storage.delete(sheet.stored_name)
    default_storage.save(sheet.stored_name, ContentFile(b"other"))
    with pytest.raises(Refused, match="not the one that was made"):
        sheets.take(sheet, "Start of care", actor=ground.actor("CL", programme))
    assert (SheetTaken.objects.count(), AccessLog.objects.filter(verb="export").count()) == (0, 0)


def test_a_sheet_whose_file_is_gone_says_so(programme, sign_in, blue):
    opened(programme, blue)
    sheet = make(programme, blue)
    default_storage.delete(sheet.stored_name)
    answer = sign_in("CL", programme).post(reverse("transfers:sheet-take", args=[programme.ref, sheet.public_id]), {"reason": "Start of care"})
    assert (answer.status_code, "The file of this sheet is no longer kept" in answer.content.decode()) == (422, True)
    assert (SheetTaken.objects.count(), AccessLog.objects.filter(verb="export").count()) == (0, 0)


def test_the_provider_takes_its_newest_sheet_with_a_reason_that_is_kept(programme, sign_in, blue):
    person = opened(programme, blue)
    old, new = make(programme, blue), make(programme, blue)
    client = sign_in("IP", programme, organisation=blue)
    assert [sheet.pk for sheet in client.get(reverse("transfers:sheet-list", args=[programme.ref])).context["sheets"]] == [new.pk]
    assert client.get(reverse("transfers:sheet-take", args=[programme.ref, old.public_id])).status_code == 404
    take = reverse("transfers:sheet-take", args=[programme.ref, new.public_id])
    asked = client.get(take).content.decode()
    assert ("pass it on to nobody" in asked, "Send it by secure e-mail" in asked) == (True, False)
    assert (client.post(take, {"reason": " "}).status_code, SheetTaken.objects.count()) == (422, 0)
    answer = client.post(take, {"reason": "Plan the rounds"})
    assert (answer.status_code, answer.content) == (200, content(new))
    assert "Quillfeather" not in answer.headers["Content-Disposition"]
    taken = SheetTaken.objects.get()
    assert (taken.sheet, taken.by_label, taken.reason) == (new, str(client.user), "Plan the rounds")
    log = AccessLog.objects.get(verb="export")
    assert (log.object_ids, log.reason, log.user) == ([person.public_id], "Plan the rounds", client.user)


@pytest.mark.parametrize("role", ["IP", "XP", "BM", "FIN", "COM", "SRO", "QL"])
def test_nobody_else_takes_it(programme, sign_in, blue, role):
    person = opened(programme, blue)
    sheet = make(programme, blue)
    organisation = {"IP": people.incoming(programme, "Oyster Bay Care Ltd"), "XP": person.exiting_provider}.get(role)
    client = sign_in(role, programme, organisation=organisation)
    take = reverse("transfers:sheet-take", args=[programme.ref, sheet.public_id])
    assert (client.get(take).status_code, client.post(take, {"reason": "Because"}).status_code) == (404, 404)
    listed = client.get(reverse("transfers:sheet-list", args=[programme.ref]))
    assert (listed.context["sheets"] if role in {"IP", "XP"} else listed.status_code) == ([] if role in {"IP", "XP"} else 404)
    with pytest.raises(NotPermitted):
        sheets.take(sheet, "Because", actor=ground.actor(role, programme, organisation))


def test_who_lost_sight_of_somebody_can_no_longer_take_the_sheet_that_holds_them(programme, sign_in, blue):
    opened(programme, blue)
    leaver = opened(programme, blue, "Zebrafield")
    sheet = make(programme, blue)
    client = sign_in("IP", programme, organisation=blue)
    take = reverse("transfers:sheet-take", args=[programme.ref, sheet.public_id])
    assert client.get(take).status_code == 200
    PersonTransfer.objects.filter(pk=leaver.pk).update(incoming_provider=None, allocation_response="declined")
    assert (client.get(take).status_code, client.post(take, {"reason": "x"}).status_code) == (404, 404)
    with pytest.raises(NotPermitted, match="no longer"):
        sheets.take(sheet, "x", actor=ground.Actor.of(client.user, programme))
    team = ground.user_in("CO", programme)
    client.force_login(team)
    (shown,) = client.get(reverse("transfers:sheet-list", args=[programme.ref])).context["sheets"]
    assert shown.gone == 1
    newer = make(programme, blue)
    client.force_login(ground.user_in("IP", programme, blue))
    assert (newer.rows, client.get(reverse("transfers:sheet-take", args=[programme.ref, newer.public_id])).status_code) == (1, 200)


def test_a_sheet_for_nobody_is_refused_and_leaves_no_file(programme, sign_in, blue, tmp_path):
    client = sign_in("CO", programme)
    answer = client.post(reverse("transfers:sheet-list", args=[programme.ref]), {"side": "incoming", "incoming-provider": blue.pk})
    assert (answer.status_code, AllocationSheet.objects.count(), list(tmp_path.rglob("*.xlsx"))) == (422, 0, [])
    assert "has nobody whose record is open to it yet" in answer.content.decode()
    opened(programme, blue)
    assert client.post(reverse("transfers:sheet-list", args=[programme.ref]), {"side": "incoming", "incoming-provider": blue.pk}).status_code == 302
    assert AllocationSheet.objects.get().rows == 1
    with pytest.raises(NotPermitted):
        sheets.make(programme, blue, "incoming", actor=ground.actor("IP", programme, blue))


@pytest.mark.parametrize("number", [3, 30])
def test_a_sheet_costs_the_same_for_3_and_30_people(programme, blue, number, django_assert_num_queries):
    for n in range(number):
        person = opened(programme, blue, f"Person{n:02d}")
        orders(person) if n < 3 else None
    found = sheets.people_of(programme, blue, "incoming")
    with django_assert_num_queries(3):
        write_sheet(io.BytesIO(), "Sheet", found, "incoming", lambda texts: str)
    actor = ground.actor("CL", programme)
    with django_assert_num_queries(16):
        assert sheets.make(programme, blue, "incoming", actor=actor).rows == number


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_of_sheets_costs_the_same_however_many(programme, sign_in, blue, number, django_assert_num_queries):
    opened(programme, blue)
    for _ in range(number):
        sheets.take(make(programme, blue), "Rounds", actor=ground.actor("CL", programme))
    client = sign_in("CO", programme)
    client.get("/glossary/")
    with django_assert_num_queries(9):
        page = client.get(reverse("transfers:sheet-list", args=[programme.ref]))
    assert len(page.context["sheets"]) == number
