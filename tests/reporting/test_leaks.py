"""A canary in every personal field of one person and one member of staff: it is seen only where the role table allows.

Swept: every address that needs a programme alone (pages and JSON), packs and snapshots, history and logs as CSV, e-mail, notices. Each role and each
address with its ids is tried in ``test_canary.py``.
"""

from __future__ import annotations

import io
import logging
import re
from datetime import date

import pytest
import time_machine
from django.core import mail
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from mobilisation.access import Actor
from mobilisation.models import Notification
from mobilisation.pdf import pdf_available
from mobilisation.services import changes
from reporting.models import BoardPack, WeeklySnapshot
from reporting.services import packs, weekly
from tests.factories import people, staff
from transfers.models import (
    Batch,
    BatchLine,
    ComparedList,
    ContactLog,
    Discrepancy,
    FileTransfer,
    Hold,
    LetterItem,
    LetterRun,
    ListFinding,
    ListRow,
    MoneyHeld,
    OrderVisit,
    PersonContact,
    PersonNeed,
    PersonTransfer,
    ServiceOrder,
    StaffTransfer,
    UpdateLink,
    WashUpAction,
    WashUpNote,
)
from transfers.services import people as services
from transfers.services import washup

pytestmark = pytest.mark.django_db
CANARY = "Zyxcanary"


@pytest.fixture(autouse=True)
def _monday(settings, tmp_path):
    settings.FILES_DIR = tmp_path
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def texts(model):
    """{personal text field: canary}."""
    return {
        field.name: f"{CANARY} {field.name}"[: field.max_length or 200]
        for field in model._meta.concrete_fields
        if field.name in model.PERSONAL and field.get_internal_type() in {"CharField", "TextField"} and field.name not in {"nhs_number", "postcode", "uprn"}
    }


def around(person):
    """One of every record that hangs on a person, each personal text of it a canary."""
    order = ServiceOrder.objects.create(person=person, kind="old", current=False)
    own = {PersonContact: {}, PersonNeed: {}, FileTransfer: {"route": "transfer"}, MoneyHeld: {}, Discrepancy: {"kind": "other", "found_on": date(2027, 3, 14), "detail": f"{CANARY} detail"}, ContactLog: {"at": "2027-03-14T09:00Z"}}
    for model, values in own.items():
        changes.create(model(person=person, **{**texts(model), **values}), actor=Actor.operator())
    listed = ComparedList.objects.create(programme=person.programme, source="exiting", received_on=date(2027, 3, 14), count=1)
    ListRow.objects.create(list=listed, key=f"who:{CANARY}", number=2, **texts(ListRow))
    changes.create(ListFinding(programme=person.programme, source="exiting", kind="differs", subject="one", person=person, field="surname", resolution="kept", resolved_as="Team", resolved_at="2027-03-14T09:00Z", **texts(ListFinding)), actor=Actor.operator())
    made = changes.create(Batch(programme=person.programme, kind="change", made_as="Team", made_at="2027-03-14T09:00Z", state="done", asked={"astray": [CANARY]}, **texts(Batch)), actor=Actor.operator())
    BatchLine.objects.create(batch=made, person=person, field="case_manager", old=CANARY, new=f"{CANARY} new", seen={"case_manager": CANARY}, outcome="refused", reason=CANARY)
    changes.create(Hold(programme=person.programme, scope="person", person=person, reason=f"{CANARY} reason", from_date=date(2027, 3, 14)), actor=Actor.operator())
    changes.create(OrderVisit(order=order, days="1", start="08:00", minutes=30, **texts(OrderVisit)), actor=Actor.operator(), programme=person.programme)
    link = UpdateLink(programme=person.programme, provider=person.exiting_provider, fields=["note"], token_hash="0" * 64, expires_at="2027-03-20T09:00Z", by_label="Team", **texts(UpdateLink))
    changes.create(link, actor=Actor.operator())
    marked = {model: [name for name, value in model.objects.values().last().items() if CANARY in str(value)] for model in (*own, OrderVisit)}
    _the_day(person)
    marked = {model: [name for name, value in model.objects.values().last().items() if CANARY in str(value)] for model in (*own, OrderVisit, WashUpNote, WashUpAction, LetterItem)}
    assert {model: set(names) for model, names in marked.items()} == {
        PersonContact: {"name", "relationship", "address", "phone", "email", "note"}, PersonNeed: {"allergies", "moving_handling", "communication", "preferences"},
        FileTransfer: {"contents", "tracking_ref"}, MoneyHeld: {"holder", "note"}, Discrepancy: {"detail"}, OrderVisit: {"tasks"},
        ContactLog: {"who", "text"}, WashUpNote: {"text"}, WashUpAction: {"words"}, LetterItem: {"decided", "note"},
    }


def _the_day(person):
    """A finished wash-up with a note and an action about the person, and a letter to them."""
    team = Actor.operator()
    held = washup.start(person.programme, actor=team)
    washup.note(held, f"{CANARY} said", actor=team, person=person)
    washup.ask(held, {"words": f"Visit {CANARY}", "owner_name": "Team", "due": date(2027, 3, 15)}, actor=team, person=person)
    washup.finish(held, actor=team)
    run = changes.create(LetterRun(programme=person.programme, code="K05", title="The change"), actor=team)
    changes.create(LetterItem(run=run, person=person, **texts(LetterItem)), actor=team)


@pytest.fixture
def marked(programme):
    """One person and one member of staff whose every personal text holds the canary; changed once, so history holds it too."""
    # A surname that were the canary alone would be withheld wherever the canary stands.
    names = {name: f"{CANARY}{name}" for name in ("surname", "forename")}
    person = people.person(programme, done=people.ready_up_to("C05"), **texts(PersonTransfer) | names)
    services.update_person(person, {"notes": f"{CANARY} again"}, actor=Actor.operator())
    around(person)
    member = staff.member(programme, surname=CANARY, forename=CANARY, staff_ref=f"{CANARY}1")
    assert PersonTransfer.objects.filter(surname__startswith=CANARY).count() == StaffTransfer.objects.filter(surname=CANARY).count() == 1
    return person, member


def addresses(programme):
    """Every address that can be made from the programme's reference, or from nothing."""

    def names(patterns, prefix=""):
        for entry in patterns:
            if isinstance(entry, URLResolver):
                yield from names(entry.url_patterns, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
            elif isinstance(entry, URLPattern) and entry.name:
                yield prefix + entry.name

    found = set()
    for name in names(get_resolver().url_patterns):
        for kwargs in ({"ref": programme.ref}, {}):
            try:
                found.add(reverse(name, kwargs=kwargs))
            except NoReverseMatch:
                continue
    return sorted(path for path in found if not path.startswith("/accounts/logout"))


def body(answer) -> str:
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode("utf-8", "replace")


def test_the_sweep_would_find_a_leak(programme, marked, sign_in):
    """The control: the mobilisation team sees the person, the lead the member of staff."""
    seen = [path for path in addresses(programme) if CANARY in body(sign_in("OL", programme).get(path))]
    assert reverse("transfers:person-list", args=[programme.ref]) in seen
    assert reverse("transfers:staff-list", args=[programme.ref]) in seen
    assert {reverse(f"transfers:{name}", args=[programme.ref]) for name in ("batch-list", "hold-list")} <= set(seen)
    assert reverse("reporting:api-people", args=[programme.ref]) in seen


def found_by(client, programme):
    """{page: which personal fields of the person, or of what hangs on it, stand there}."""
    pages = {path: set(re.findall(rf"{CANARY} ?([a-z_]+)", body(client.get(path)))) for path in addresses(programme)}
    return {path: names for path, names in pages.items() if names}


def test_an_incoming_provider_that_is_only_asked_reads_package_zone_and_needs(programme, marked, sign_in):
    person, _ = marked
    blue = people.incoming(programme)
    services.offer(person, blue, actor=Actor.operator())
    offers = reverse("transfers:offer-list", args=[programme.ref])
    assert found_by(sign_in("IP", programme, organisation=blue), programme) == {offers: {"visit_times", "equipment"}}
    assert found_by(sign_in("IP", programme, organisation=people.incoming(programme, "Oyster Bay Care Ltd")), programme) == {}
    answer = body(sign_in("IP", programme, organisation=blue).get(reverse("transfers:offer-answer", args=[programme.ref, person.public_id])))
    assert set(re.findall(rf"{CANARY} ?([a-z_]+)", answer)) == {"visit_times", "equipment"}
    services.respond(person, "declined", actor=Actor.operator(), reason="No carers")
    assert found_by(sign_in("IP", programme, organisation=blue), programme) == {}


def test_the_exiting_provider_reads_nothing_once_its_time_is_over(programme, marked, sign_in):
    person, _ = marked
    client = sign_in("XP", programme, organisation=person.exiting_provider)
    before = found_by(client, programme)
    assert {reverse("transfers:person-list", args=[programme.ref]), reverse("reporting:api-people", args=[programme.ref])} <= set(before)
    assert not [path for path in before if "allocation" in path or "links" in path or "offers" in path]
    PersonTransfer.objects.filter(pk=person.pk).update(exiting_sight_until=date(2027, 3, 14))
    assert found_by(client, programme) == {}


@pytest.mark.skipif(not pdf_available()[0], reason=pdf_available()[1] or "PDFs can be made")
def test_no_pack_snapshot_letter_or_log_names_anybody(programme, marked, caplog):
    from pypdf import PdfReader

    caplog.set_level(logging.DEBUG)
    weekly.run_week(programme, date(2027, 3, 14), actor=Actor.system("weekly cycle"))
    assert WeeklySnapshot.objects.count() == 1
    assert CANARY not in str(list(WeeklySnapshot.objects.values()))
    assert BoardPack.objects.count() == 4
    for pack in BoardPack.objects.all():
        reader = PdfReader(io.BytesIO(packs.content(pack)))
        text = "".join(page.extract_text() for page in reader.pages)
        assert len(text) > 500
        assert CANARY not in text + str(reader.metadata)
    assert CANARY not in str(list(Notification.objects.values())) + "".join(m.subject + m.body for m in mail.outbox)
    assert CANARY not in caplog.text
