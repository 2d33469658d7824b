"""One person with a mark of its own in every personal field, and in every record that hangs on them: which role finds which mark where (trust A3).

Looked at: every address with its ids, what is taken away as a file, what other people are told, what is kept about the reading itself.
Free text elsewhere that names the person is tried in ``test_withheld.py``.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
import zipfile
from datetime import date

import pytest
import time_machine
from django.apps import apps
from django.core import mail
from django.test import Client
from django.urls import reverse

from mobilisation import registry
from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.models import AccessLog, Change, Job, Notification
from mobilisation.services import changes
from reporting.models import WeeklySnapshot
from risks.models import SafeguardingConcern
from tests.factories import people, risks
from tests.mobilisation.test_access_matrix import ROLES_TRIED, addresses, of_a_person, signed_in, taken_over, world
from tests.reporting.test_withheld import CODES, WHO
from transfers.models import (
    Assessment,
    Batch,
    BatchLine,
    ComparedList,
    Hold,
    HospitalEpisode,
    LinkPerson,
    ListFinding,
    ListRow,
    PersonConcern,
    PersonEscalation,
    PersonNeed,
    PersonTransfer,
    SafetyCheck,
    SharingDecision,
    StaffTransfer,
    UpdateLink,
    WashUp,
    WashUpAction,
    WashUpNote,
)
from transfers.models.person import PersonQuerySet
from transfers.services import sheets

pytestmark = pytest.mark.django_db
DAY = date(2027, 3, 15)
TOKEN = "k" * 43
SEES_PEOPLE = {"ML", "CL", "OL", "MT", "QL", "DA", "XP", "IP"}
"""Of the roles that the access matrix tries, those that see people by domain 8."""
BLIND = tuple(role for role in ROLES_TRIED if role not in SEES_PEOPLE)
NUMBERS = {
    "nhs_number": ("9990000018", ("9990000018", "999 000 0018")), "date_of_birth": (date(1931, 2, 27), ("27 Feb 1931", "1931-02-27", "27/02/1931", "27 February 1931")),
    "postcode": ("ZX9 9XZ", ("ZX9 9XZ",)), "uprn": ("987654321098", ("987654321098",)),
}


@pytest.fixture(autouse=True)
def _monday(settings, tmp_path):
    settings.FILES_DIR = tmp_path
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path, "base_url": None}}}
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


class Marks:
    """A short mark for each field that is marked: ``Zyx001q`` and so on."""

    def __init__(self) -> None:
        self.field_of: dict[str, str] = {}

    def of(self, field: str) -> str:
        mark = f"Zyx{len(self.field_of):03d}q"
        self.field_of[mark] = field
        return mark

    def found(self, text: str) -> set[str]:
        seen = {self.field_of[mark] for mark in re.findall(r"Zyx\d{3}q", text)}
        return seen | {f"persontransfer.{name}" for name, (_, forms) in NUMBERS.items() if any(form in text for form in forms)}


def texts(model):
    """Names of the fields of ``model`` that people type into; of codes only those that its model calls personal."""
    personal = getattr(model, "PERSONAL", frozenset())
    return [
        field.name for field in model._meta.concrete_fields
        if field.get_internal_type() in {"CharField", "TextField"} and not field.choices and (field.name in personal or field.name not in CODES | WHO) and not (model is PersonTransfer and field.name in NUMBERS)
        and not (model is not PersonTransfer and field.name in {"nhs_number", "postcode"})
    ]


def rows_about(person):
    """Every row of every model that points to the person, or to one of their orders or lists."""
    yield person
    for model in apps.get_app_config("transfers").get_models():
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model is PersonTransfer:
                yield from model._base_manager.filter(**{field.name: person})
    for order in person.serviceorders.all():
        yield from order.visits.all()
    yield from ListRow.objects.filter(key="who:canary")


def more_about(person, programme):
    """What ``world`` makes none of."""
    PersonNeed.objects.create(person=person)
    Assessment.objects.create(person=person, assessed_on=DAY)
    SafetyCheck.objects.create(person=person, done_on=DAY, outcome="concern", method="phone")
    HospitalEpisode.objects.create(person=person, admitted_on=DAY, open=False, discharged_on=DAY)
    SharingDecision.objects.create(person=person, basis="direct_care", explained_on=DAY)
    PersonConcern.objects.create(person=person, concern=SafeguardingConcern.objects.create(programme=programme, raised_on=DAY, category="Falls"))
    PersonEscalation.objects.create(person=person, trigger="no_first_visit", since=DAY, issue=risks.issue(programme))
    Hold.objects.create(programme=programme, scope="person", person=person, reason="x", from_date=DAY)
    BatchLine.objects.create(batch=Batch.objects.get(programme=programme), person=person, field="case_manager", outcome="refused")
    held = WashUp.objects.get(programme=programme)
    WashUpNote.objects.create(washup=held, person=person, text="x")
    action = apps.get_model("mobilisation.Action").objects.create(programme=programme, meeting=held.meeting, text="Of the wash-up", owner_name="Team", due=DAY)
    WashUpAction.objects.create(washup=held, person=person, action=action, words="x")
    ListRow.objects.create(list=ComparedList.objects.create(programme=programme, source="exiting", received_on=DAY, count=1), key="who:canary", number=2, surname="x")
    ListFinding.objects.create(programme=programme, source="exiting", kind="differs", subject="two", person=person, field="surname", resolution="kept", reason="x", resolved_as="Team", resolved_at=now())
    link = UpdateLink.objects.create(programme=programme, provider=person.incoming_provider, contact="Desk", fields=["contact", "visit"], token_hash=hashlib.sha256(TOKEN.encode()).hexdigest(), expires_at="2027-03-20T09:00Z", by_label="Team")
    LinkPerson.objects.create(link=link, person=person)


class Canary:
    """The programme, its addresses and the marks; ``people`` and ``orders`` are changed through the services, so history has them too."""

    def __init__(self) -> None:
        self.programme, self.parameters = world("CANARY")
        taken_over(self.programme, people.incoming(self.programme))
        self.person = PersonTransfer.objects.get(public_id=self.parameters("transfers:person-detail", ["public_id"])["public_id"])
        more_about(self.person, self.programme)
        self.marks = Marks()
        self.marked = [self.mark(row) for row in list(rows_about(self.person))]
        self.person.refresh_from_db()
        self.mark(StaffTransfer.objects.get(programme=self.programme))
        for side, provider in (("incoming", self.person.incoming_provider), ("exiting", self.person.exiting_provider)):
            sheets.make(self.programme, provider, side, actor=Actor.operator())

    def mark(self, row):
        model = type(row)
        lacks = {"reason"} if getattr(row, "resolved_at", row) is None else set()  # it stands only beside who decided
        values = {name: self.marks.of(f"{model._meta.model_name}.{name}") for name in texts(model) if name not in lacks}
        if model is PersonTransfer:
            values |= {name: value for name, (value, _) in NUMBERS.items()}
        if getattr(row, "TRACKED", True) and hasattr(row, "version"):
            changes.apply(row, values, actor=Actor.operator(), programme=self.programme)
        else:
            model._base_manager.filter(pk=row.pk).update(**values)
        return model._meta.label

    def read_by(self, role, *, names=()):
        """{address: marked fields} that ``role`` finds on the pages."""
        return self.pages(signed_in(role, self.programme), names)

    def pages(self, client, names=()):
        found = {}
        for name, wanted in addresses().items():
            if (not names or name in names) and (seen := self.marks.found(body(client.get(reverse(name, kwargs=self.parameters(name, wanted)))))):
                found[name] = seen
        return found

    def taken_by(self, role):
        """{what: marked fields} of what ``role`` takes away as a file, or finds by searching."""
        return self.taken_with(signed_in(role, self.programme))

    def taken_with(self, client):
        ref, found = self.programme.ref, {}
        asked = {f"export {file_format}": ("person-export", {"file_format": file_format}) for file_format in ("csv", "xlsx")} | {"workbook": ("whole-tracker", {"file_format": "xlsx"})}
        for what, (name, fields) in asked.items():
            found[what] = self.marks.found(body(client.post(reverse(f"transfers:{name}", args=[ref]), {"reason": "audit"} | fields)))
        for sheet in self.programme.allocation_sheets.filter(stored_name__startswith="sheets"):
            found[f"sheet {sheet.side}"] = self.marks.found(body(client.post(reverse("transfers:sheet-take", args=[ref, sheet.public_id]), {"reason": "audit"})))
        run = self.parameters("transfers:letter-file", ["run"])["run"]
        found["letters"] = self.marks.found(body(client.post(reverse("transfers:letter-file", args=[ref, run]), {"reason": "audit"})))
        found["search"] = self.marks.found(body(client.post(reverse("transfers:person-list", args=[ref]), {"term": "Zyx"}, follow=True)))
        return {what: seen for what, seen in found.items() if seen}


def body(answer) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return "\n".join(book.read(part).decode("utf-8", "replace") for part in book.namelist())
    return content.decode("utf-8", "replace")


def kept_about_it():
    """What stands in rows that are no record of the person, in mail and in notices, as text."""
    rows = [*AccessLog.objects.values(), *Job.objects.values(), *Notification.objects.values(), *WeeklySnapshot.objects.values(), *Change.objects.values("object_label", "why", "action")]
    return "\n".join([*map(str, rows), *(m.subject + m.body + str(m.to) for m in mail.outbox)])


@pytest.fixture
def canary():
    return Canary()


STAFF = {f"stafftransfer.{name}" for name in ("staff_ref", "surname", "forename", "job_role")}
MAY = {
    "FIN": {"transfers:order-list": {f"serviceorder.{name}" for name in ("external_ref", "payment_ref", "care_item", "budget_code")}},
    "WL": {"transfers:staff-list": STAFF, "transfers:staff-detail": STAFF | {"stafftransfer.buddy", "stafftransfer.restriction"}},
}


@pytest.mark.parametrize("role", [*BLIND, "signed-out"])
def test_who_sees_no_people_finds_no_mark(canary, caplog, role):
    """Of other records finance reads the fields of orders and payments, the workforce lead the staff (domain 8)."""
    caplog.set_level(logging.DEBUG)
    assert canary.read_by(role) == MAY.get(role, {})
    assert canary.taken_by(role) == {}
    assert canary.marks.found(caplog.text + kept_about_it()) == set()


UNSHOWN = {"listfinding.subject", "listfinding.row_key", "listfinding.other_key", *(f"listrow.{name}" for name in ("reference", "surname", "forename", "address", "phone"))}
"""Stands on no page: how lists are compared."""


def test_the_team_finds_every_mark_so_none_is_overlooked(canary, caplog):
    """The control of the marks; and what the team reads leaves none in logs, addresses, notices, mail or the record of who looked."""
    caplog.set_level(logging.DEBUG)
    assert {model._meta.label for model in apps.get_app_config("transfers").get_models() if points_to_a_person(model)} <= set(canary.marked)
    found = canary.read_by("OL")
    every = set(canary.marks.field_of.values()) | {f"persontransfer.{name}" for name in NUMBERS}
    assert every - set().union(*found.values()) == UNSHOWN
    taken = canary.taken_by("OL")
    assert set(taken) == {"export csv", "export xlsx", "workbook", "sheet exiting", "sheet incoming", "letters", "search"}
    assert all({"persontransfer.surname", "persontransfer.forename"} <= seen for seen in taken.values())
    with time_machine.travel("2027-03-16 16:30", tick=False):
        for tick in registry.ticks():
            registry.load(tick.run)(now())
    assert Notification.objects.filter(programme=canary.programme).exists()
    assert canary.marks.found(caplog.text + kept_about_it()) == set()


def points_to_a_person(model):
    return model.__name__ not in {"SheetPerson"} and any(field.is_relation and field.related_model is PersonTransfer for field in model._meta.concrete_fields)


OTHERS = {
    "XP": {"allocation", "assessment", "contactlog", "letteritem", "listfinding", "listrow", "review", "washupnote", "washupaction", "batchline"},
    "IP": {"moneyheld", "contactlog", "letteritem", "listfinding", "listrow", "review", "washupnote", "washupaction", "batchline"},
}
"""Kinds of record of which a provider reads nothing, also of its own people."""
NOT_THEIRS = {"persontransfer.new_order_ref", "persontransfer.payment_ref", "persontransfer.budget_code", "persontransfer.legal_basis_reason", "serviceorder.budget_code"}
"""The other provider's order and what it is paid from: no page, form, file or answer in JSON shows these to a provider."""


@pytest.mark.parametrize("role", ["XP", "IP"])
def test_a_provider_finds_of_its_own_person_what_is_its_own(canary, role):
    pages, taken = canary.read_by(role), canary.taken_by(role)
    seen = set().union(*pages.values(), *taken.values())
    assert "persontransfer.nhs_number" in pages["transfers:person-detail"]
    assert set(taken) == {"search", "sheet exiting" if role == "XP" else "sheet incoming"}
    assert {field.partition(".")[0] for field in seen} & OTHERS[role] == set()
    assert seen & NOT_THEIRS == set()
    assert pages["transfers:person-edit"] == {"persontransfer.surname", "persontransfer.forename", "persontransfer.phone", "persontransfer.visit_times"}


def test_an_update_link_shows_the_reference_and_no_other_mark(canary):
    answer = Client().get(reverse("transfers:update-link", args=[TOKEN]))
    assert (answer.status_code, canary.person.public_id in body(answer), canary.marks.found(body(answer))) == (200, True, {"persontransfer.case_system_id"})


LOST = {
    "IP": {"incoming_provider": None, "allocation_response": "declined"},
    "XP": {"exiting_sight_until": date(2027, 3, 14)},
}


@pytest.mark.parametrize("role", LOST)
def test_a_provider_that_loses_the_person_reads_nothing_from_the_next_request_on(canary, role):
    """Pages, answers in JSON, search, the sheet it may have taken a moment ago and the link of its rota desk (trust A5)."""
    client = signed_in(role, canary.programme)
    before, taken = canary.pages(client), canary.taken_with(client)
    side = "incoming" if role == "IP" else "exiting"
    assert ({"transfers:person-detail", "transfers:person-list", "reporting:api-people"} <= set(before), set(taken)) == (True, {"search", f"sheet {side}"})
    PersonTransfer.objects.filter(pk=canary.person.pk).update(**LOST[role])
    still = set().union(*canary.pages(client, names=before).values())
    assert {field for field in still if not field.startswith("stafftransfer.")} == set()  # its own staff stay its own
    assert canary.taken_with(client) == {}
    below = [name for name in before if name in of_a_person()]
    assert len(below) > 8
    assert {name: client.get(reverse(name, kwargs=canary.parameters(name, addresses()[name]))).status_code for name in below} == dict.fromkeys(below, 404)
    if role == "IP":
        assert canary.person.public_id not in body(Client().get(reverse("transfers:update-link", args=[TOKEN])))


def test_without_the_scope_of_people_the_marks_are_found(canary, monkeypatch):
    """The guard off: a provider at neither end reads what the two of the person read."""
    monkeypatch.setattr(PersonQuerySet, "visible_to", lambda self, user, *, team_of=None: self.all())
    found = canary.read_by("IP-elsewhere", names=("transfers:person-detail", "transfers:person-list", "reporting:api-people", "mobilisation:programme-detail"))
    assert set(found) == {"transfers:person-detail", "transfers:person-list", "reporting:api-people"}
    assert {"persontransfer.nhs_number", "persontransfer.date_of_birth", "personcontact.phone", "personneed.allergies"} <= found["transfers:person-detail"]
    assert set(canary.taken_by("IP-elsewhere")) == {"search"}


def test_without_permissions_the_marks_are_found(canary, monkeypatch):
    monkeypatch.setattr(Actor, "can", lambda self, permission: True)
    monkeypatch.setattr(PersonQuerySet, "visible_to", lambda self, user, *, team_of=None: self.all())
    found = canary.read_by("BM", names=("transfers:person-detail", "transfers:person-list", "transfers:letter-run"))
    assert {"transfers:person-detail", "transfers:person-list"} <= set(found)
    assert set(canary.taken_by("BM")) >= {"export csv", "export xlsx", "workbook"}


def test_were_a_person_called_by_name_logs_and_the_record_of_looking_would_show_it(canary, monkeypatch, caplog):
    """The guard off: what stands in messages and history is the reference, never the name."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(PersonTransfer, "__str__", lambda self: self.name)
    logging.getLogger("transfers").warning("kept %s", canary.person)
    changes.mark(canary.person, "viewed", actor=Actor.operator(), programme=canary.programme)
    assert canary.marks.found(caplog.text) == {"persontransfer.surname", "persontransfer.forename"}
    assert canary.marks.found(kept_about_it()) == {"persontransfer.surname", "persontransfer.forename"}
