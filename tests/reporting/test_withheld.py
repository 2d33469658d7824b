"""Who somebody on the list is, typed into every free text there is: no reader without sight of that person finds it on any address.

The veil stands once, before every answer (decision 14); the words themselves are tried in ``test_veil.py``.
"""

from __future__ import annotations

import html
from datetime import date
from html.parser import HTMLParser

import pytest
import time_machine
from django.apps import apps
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.models import (
    AccessLog,
    Action,
    AgendaItem,
    Board,
    BoardMember,
    Change,
    Decision,
    Meeting,
    Notification,
    Slot,
    Variation,
)
from mobilisation.models.base import Entity
from mobilisation.roles import ROLES
from mobilisation.services import changes
from mobilisation.veil.words import ADDRESS, NAME, NUMBER
from reporting.models import RagOverride
from risks.models import Incident, RiskScore, SafeguardingConcern
from tests.factories import ground, people, risks, workstreams
from tests.mobilisation.test_access_matrix import OURS, addresses, world
from transfers.models import PersonTransfer
from workstreams.models import EvidenceFile, GoLiveDecision, Interface, ResourceLine, ScriptVersion, WorkstreamReport

pytestmark = pytest.mark.django_db
DAY = date(2027, 2, 1)
FULL = "Zyxcanary Quellbird"
LONG = f"{FULL}, 14 Mallard Reach, TN23 9QQ, NHS 999 000 0018, SW123456, 07700 900123"
SHOWN = f"{NAME}, {ADDRESS}, {ADDRESS}, NHS {NUMBER}, {NUMBER}, {NUMBER}"
MARKS = ("zyxcanary", "quellbird", "mallard reach", "tn23 9", "999 000 0018", "9990000018", "sw123456", "900123")
BLIND = ("SRO", "BCH", "BM", "MLD", "WL", "WSL", "COM", "FIN", "IGO", "ADM", "XP", "IP")

CODES = frozenset({
    "action", "case_system_id", "code", "date_order", "email", "entity", "field", "file_name", "imported_ref", "key", "kind", "moment", "msoa_code", "next_checkpoint", "nhs_number", "ods_code", "cqc_location_id", "cqc_provider_id",
    "other_key", "overall", "password", "public_id", "recurrence", "ref", "reference", "row_key", "row_ref", "schedule", "sha256", "slug", "sort", "state_before_pause", "stored_name", "template_code", "token_hash", "trigger", "unique_key",
    "uprn", "url", "verb", "workstream_slug", "days", "checkpoints", "owner_role", "agreement_of", "computed", "wave", "zone", "skill", "mail_outcome", "asked", "postcode",
})
"""Text fields that hold codes."""
WHO = frozenset({"actor_label", "by", "by_label", "made_as", "named", "object_label", "requested_as", "stated_as", "taken_by", "undone_as", "user_label", "finished_by_label", "approved_by_label", "written_by_label", "answered_by_label", "taken_by_label", "resolved_as", "approved_as", "published_as"})
"""Who did it: written by the services from the account."""
NOT_TYPED = {
    "mobilisation.User": "the account itself", "mobilisation.Organisation": "registered names", "mobilisation.CalendarDay": "bank holidays", "mobilisation.Change": "written by changes.apply", "mobilisation.SavedMapping": "headings", "reporting.WeeklySnapshot": "veiled before it is frozen (test_veil.py)",
    "reporting.DownloadLog": "who took what", "mobilisation.Slot": "the clock's own", "risks.StandingFact": "keys", "mobilisation.ContractParty": "no text", "workstreams.Dependency": "no text", "workstreams.VariationItem": "no text",
    "transfers.SheetPerson": "no text", "transfers.LinkPerson": "no text", "transfers.StaffTransfer": "staff have a scope of their own", "transfers.CompetenceRecord": "staff",
}
OF_PEOPLE = frozenset({"surname", "forename", "address", "phone", "representative_name"})
"""Of the people of a provider these stand, and so does a name that they share with somebody whom it does not see."""


@pytest.fixture(autouse=True)
def _monday(settings, tmp_path):
    settings.FILES_DIR = tmp_path
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def typed(model):
    """{free-text field: as much of the canary as it takes}."""
    found = {}
    for field in model._meta.concrete_fields:
        if field.get_internal_type() in {"CharField", "TextField"} and not field.choices and field.name not in CODES | WHO:
            room = field.max_length or 10_000
            if room >= len(FULL):
                found[field.name] = LONG if room >= len(LONG) else FULL
    return found


def canary(programme, **more):
    return people.person(programme, forename="Zyxcanary", surname="Quellbird", nhs_number="9990000018", case_system_id="SW123456", phone="07700 900 123 (mornings)", address="14 Mallard Reach, Ashford", postcode="TN23 9QQ", **more)


def more_records(programme):
    """What the access matrix needs no page of its own for."""
    board = Board.objects.create(programme=programme)
    BoardMember.objects.create(board=board, named="Somebody")
    Decision.objects.create(programme=programme, text="Made", made_by="Board", made_on=DAY, status="made")
    Variation.objects.create(programme=programme, title="Later", why="Snow")
    Notification.objects.create(user=ground.user(), programme=programme, kind="test", subject="One")
    AccessLog.objects.create(at=now(), user_label="Somebody", verb="view", subject="people", programme=programme)
    risk = risks.risk(programme, event="Another")
    RiskScore.objects.create(risk=risk, on=DAY, likelihood=2, consequence=2, score=4)
    for model in (SafeguardingConcern, Incident):
        model.objects.create(programme=programme, raised_on=DAY, category="Falls")
    step = workstreams.step(programme, "S2", is_milestone=True, baseline=date(2027, 3, 20), forecast=date(2027, 3, 22))
    EvidenceFile.objects.create(step=step, title="Minutes")
    Interface.objects.create(programme=programme, what="Rotas", from_organisation="One", to_organisation="Two")
    ResourceLine.objects.create(workstream=step.workstream, role="Lead", days_per_week=1)
    WorkstreamReport.objects.create(workstream=step.workstream, week=DAY, status="A", one_line="So")
    GoLiveDecision.objects.create(programme=programme, result="no_go", on=DAY)
    ScriptVersion.objects.create(programme=programme, text="Say", valid_from=DAY)
    RagOverride.objects.create(programme=programme, subject="programme", computed="A", stated="R", reason="So", stated_as="SRO", stated_on=DAY)


def type_it_everywhere(programme):
    """The canary in every free text of every row; ({kind of record that holds it now}, {field that only stands with another}). Tracked records go the way of every change, so history holds it too."""
    holding, refused = set(), set()
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            if model._meta.label in NOT_TYPED:
                continue
            texts = {name: text for name, text in typed(model).items() if app != "transfers" or name not in OF_PEOPLE}
            for row in model._base_manager.exclude(pk__in=PersonTransfer.objects.filter(surname="Quellbird").values("pk") if model is PersonTransfer else ()):
                refused |= {f"{model._meta.model_name}.{name}" for name in write(row, texts, programme)}
                holding.add(model._meta.label)
    return holding, refused


def write(row, texts, programme):
    """The names of those fields that a constraint of the row does not take."""
    refused = []
    for values in (texts, *({name: text} for name, text in texts.items())):
        try:
            with transaction.atomic():
                if isinstance(row, Entity) and getattr(row, "TRACKED", True):
                    changes.apply(row, values, actor=Actor.operator(), why=LONG, programme=programme)
                else:
                    type(row)._base_manager.filter(pk=row.pk).update(**values)
        except IntegrityError:
            row.refresh_from_db()
            refused += list(values) if values is not texts else []
        else:
            if values is texts:
                return []
    return refused


@pytest.fixture
def marked():
    programme, parameters = world("SWEEP")
    Slot.objects.all().delete()
    more_records(programme)
    canary(programme, exiting_provider=None)
    return programme, parameters, type_it_everywhere(programme)


def found_by(client, parameters):
    """{address name: which marks a reader finds there}."""
    found = {}
    for name, wanted in addresses().items():
        answer = client.get(reverse(name, kwargs=parameters(name, wanted)))
        text = html.unescape((b"".join(answer.streaming_content) if answer.streaming else answer.content).decode("utf-8", "replace")).casefold()
        if marks := [mark for mark in MARKS if mark in text]:
            found[name] = marks
    return found


def reader(role, programme):
    organisation = {"XP": people.Organisation.objects.get(name="Meadowgate Homecare Ltd"), "IP": people.incoming(programme)}.get(role)
    user = ground.user_in(role, None if ROLES[role].site_wide else programme, organisation)
    client = Client()
    client.force_login(user)
    Notification.objects.filter(programme=programme).update(user=user)
    return client


def test_the_canary_stands_in_every_kind_of_record(marked):
    """A new kind of record that is about no person fails here until it is typed into, or said why nobody types there."""
    _, _, (holding, refused) = marked
    assert refused == {"enquiry.answer", "listfinding.reason", "providercapacity.confirmed_by", "providercapacity.staffing"}  # they stand only beside who answered or confirmed, and when
    kinds = {model._meta.label for app in OURS if app != "transfers" for model in apps.get_app_config(app).get_models()}
    assert kinds - holding - set(NOT_TYPED) == set()


@pytest.mark.parametrize("role", BLIND)
def test_no_address_says_who_somebody_is_to_a_reader_without_sight(marked, role):
    programme, parameters, _ = marked
    assert found_by(reader(role, programme), parameters) == {}


WITHOUT = {
    "BM": 41,
    "COM": 8,
    "IP": 29,
    "IGO": 4,
}


@pytest.mark.parametrize("role", WITHOUT)
def test_the_sweep_finds_it_where_nothing_is_withheld(marked, role, settings):
    """The control: with the veil taken off, so many addresses would say it."""
    programme, parameters, _ = marked
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if not one.endswith(".Withheld")]
    found = found_by(reader(role, programme), parameters)
    assert len(found) == WITHOUT[role]


def test_who_works_with_the_person_reads_the_words_as_typed(marked):
    programme, parameters, _ = marked
    found = found_by(reader("OL", programme), parameters)
    assert {"risks:risk-list", "risks:risk-detail", "mobilisation:action-list", "mobilisation:history", "workstreams:plan", "workstreams:step-detail", "transfers:person-list"} <= set(found)
    assert set(found["risks:risk-detail"]) >= {"zyxcanary", "mallard reach", "tn23 9", "sw123456", "900123"}


class Fields(HTMLParser):
    """What a browser would send of the form that keeps a version."""

    def __init__(self):
        super().__init__()
        self.sent, self.area, self.choice = {}, "", ""

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "input" and "name" in told and (told.get("type") not in {"checkbox", "radio", "submit"} or "checked" in told):
            self.sent[told["name"]] = told.get("value", "")
        elif tag == "textarea":
            self.area, self.sent[told["name"]] = told["name"], ""
        elif tag == "select":
            self.choice = told["name"]
        elif tag == "option" and "selected" in told:
            self.sent[self.choice] = told["value"]

    def handle_data(self, data):
        if self.area:
            self.sent[self.area] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.sent[self.area] = self.sent[self.area].removeprefix("\n")
            self.area = ""


def opened(client, url):
    read = Fields()
    read.feed(client.get(url).content.decode())
    return read.sent


def action(programme, text=f"Call {FULL} about keys", **fields):
    return Action.objects.create(programme=programme, text=text, due=date(2027, 3, 20), **({"owner_name": "Ops"} | fields))


def test_a_form_shows_the_text_withheld_and_its_save_loses_nothing(programme, sign_in):
    """The chair moves a day: the name, which the chair cannot read, is still there."""
    canary(programme)
    held = action(programme, f"{FULL}: keys.\n" + "x" * 470)
    client, url = sign_in("BCH", programme), reverse("mobilisation:action-edit", args=[programme.ref, held.public_id])
    sent = opened(client, url)
    assert sent["text"].startswith(f"{NAME}: keys.\n") and len(sent["text"]) == 470 + len(NAME) + 8
    assert "Quellbird" not in sent["was"]
    assert client.post(url, sent | {"due": "2027-03-22"}).status_code == 302
    held.refresh_from_db()
    assert (held.text, held.due) == (f"{FULL}: keys.\n" + "x" * 470, date(2027, 3, 22))
    assert Change.objects.get(entity="mobilisation.action", object_id=held.pk).fields == {"due": ["2027-03-20", "2027-03-22"]}


def test_a_text_longer_with_what_is_said_instead_is_no_fault_of_the_reader(programme, sign_in):
    people.person(programme, forename="Al", surname="Li")
    held = action(programme, "Al Li " + "x" * 494)
    client, url = sign_in("BCH", programme), reverse("mobilisation:action-edit", args=[programme.ref, held.public_id])
    sent = opened(client, url)
    assert len(sent["text"]) == 500 - len("Al Li") + len(NAME)
    assert client.post(url, sent | {"urgent": "on"}).status_code == 302
    held.refresh_from_db()
    assert (held.text, held.urgent) == ("Al Li " + "x" * 494, True)


@pytest.mark.parametrize(("typed_text", "kept"), [
    (f"Ring {NAME} on Monday ({NUMBER})", f"Ring {FULL} on Monday (999 000 0018)"),
    ("Ring the family", "Ring the family"),
    (f"Ring {NAME}", None),
    (f"{NUMBER} is {NAME}", None),
    (f"{NAME}, {NAME} and {NUMBER}", None),
])
def test_words_changed_around_a_part_withheld(programme, sign_in, typed_text, kept):
    """Each part stands for what it hides; where it cannot be told, nothing is saved and what was typed stays."""
    canary(programme)
    held = action(programme, f"Call {FULL} (999 000 0018)")
    client, url = sign_in("BCH", programme), reverse("mobilisation:action-edit", args=[programme.ref, held.public_id])
    answer = client.post(url, opened(client, url) | {"text": typed_text})
    held.refresh_from_db()
    assert (answer.status_code, held.text) == ((302, kept) if kept else (422, f"Call {FULL} (999 000 0018)"))
    if not kept:
        page = html.unescape(answer.content.decode())
        assert "stands for something you are not shown" in page and f">\n{typed_text}</textarea>" in page
        assert "Quellbird" not in page


def test_what_a_reader_typed_comes_back_as_typed_when_refused(programme, sign_in):
    canary(programme)
    client, url = sign_in("BCH", programme), reverse("mobilisation:action-add", args=[programme.ref])
    answer = client.post(url, {"text": f"Call {FULL}", "owner_name": "", "due": "", "status": "open"})
    assert answer.status_code == 422
    assert f">\nCall {FULL}</textarea>" in answer.content.decode()


def test_whoever_edits_a_text_that_changed_meanwhile_is_told_so_first(programme, sign_in):
    """Somebody added another name: the parts withheld no longer match, and the reason is the other's change."""
    canary(programme)
    people.person(programme, surname="Underhay", forename="Svetlana")
    held = action(programme, f"Ring {FULL}")
    client, url = sign_in("BCH", programme), reverse("mobilisation:action-edit", args=[programme.ref, held.public_id])
    sent = opened(client, url)
    changes.apply(held, {"text": f"Ring {FULL} and Svetlana Underhay"}, actor=ground.actor("OL", programme))
    answer = client.post(url, sent | {"text": f"{sent['text']} today"})
    page = html.unescape(answer.content.decode())
    assert (answer.status_code, "stands for something you are not shown" in page, "changed it" in page or "changed this" in page) == (422, False, True)
    held.refresh_from_db()
    assert held.text == f"Ring {FULL} and Svetlana Underhay"


def test_minutes_kept_without_a_form_of_ours_lose_nothing_either(programme, sign_in):
    canary(programme)
    item = AgendaItem.objects.create(meeting=Meeting.objects.create(programme=programme, kind="board", at="2027-03-01T10:00Z"), title="Staff", order=1, notes=f"{FULL} settled.")
    url = reverse("mobilisation:meeting-detail", args=[programme.ref, item.meeting.public_id])
    sent = {"item": item.public_id, "version": item.version, "save": "1"}
    client = sign_in("BCH", programme)
    assert f"{NAME} settled." in client.get(url).content.decode()
    assert client.post(url, sent | {"notes": f"{NAME} settled."}).status_code == 302
    item.refresh_from_db()
    assert (item.notes, item.version) == (f"{FULL} settled.", sent["version"])
    assert client.post(url, sent | {"notes": f"{NAME} settled. Closed."}).status_code == 302
    item.refresh_from_db()
    assert item.notes == f"{FULL} settled. Closed."


def test_a_provider_reads_its_own_people_by_name_and_no_others(programme, sign_in):
    """Whom two of them share, a postcode or a name, stands; of somebody else's person nothing does."""
    leaving = people.Organisation.objects.get(name="Meadowgate Homecare Ltd")
    own = people.person(programme, forename="Ada", surname="Keepsake", postcode="TN23 9QQ", notes=f"Sister of {FULL}, same house")
    people.person(programme, forename="Ada", surname="Keepsake", exiting_provider=None)
    canary(programme, exiting_provider=None)
    risks.risk(programme, scope="shared", other_owner="Rota desk", event=f"Ada Keepsake and {FULL} share TN23 9QQ")
    client = sign_in("XP", programme, organisation=leaving)
    register = client.get(reverse("risks:risk-list", args=[programme.ref])).content.decode()
    assert f"Ada Keepsake and {NAME} share TN23 9QQ" in register and "Quellbird" not in register
    page = client.get(reverse("transfers:person-detail", args=[programme.ref, own.public_id])).content.decode()
    assert "Keepsake, Ada" in page and "TN23 9QQ" in page and f"Sister of {NAME}, same house" in page
    assert "Quellbird" not in page


def test_who_answers_by_name_stands_though_somebody_on_the_list_has_the_name_too(programme, sign_in):
    people.person(programme, forename="Ruth", surname="Calloway")
    held = action(programme, "Ask Ruth Calloway", owner=ground.user("ruth@example.org", name="Ruth Calloway"), owner_name="")
    page = sign_in("BM", programme).get(reverse("mobilisation:action-list", args=[programme.ref])).content.decode()
    assert f"Ask {NAME}" in page and "Ask Ruth" not in page
    assert "Ruth Calloway" in page and held.owner_label == "Ruth Calloway"


def test_who_answers_by_name_stands_beside_a_day_and_behind_a_word_of_ours(programme, sign_in):
    people.person(programme, forename="Ruth", surname="Calloway")
    ground.user("ruth@example.org", name="Ruth Calloway")
    Decision.objects.create(programme=programme, text="Moved after Ruth Calloway called, Ruth Calloway", status="made", made_by="Ruth Calloway", made_on=date(2027, 3, 1))
    page = sign_in("BM", programme).get(reverse("mobilisation:decision-list", args=[programme.ref]) + "?show=made").content.decode()
    assert f"Moved after {NAME} called, {NAME}" in page
    assert "1 Mar 2027, <span>Ruth Calloway</span>" in page
    assert page.count("Ruth Calloway") == 1


@pytest.mark.parametrize("number", [1, 4])
def test_the_list_is_read_once_and_only_for_who_does_not_see_it(programme, sign_in, django_assert_num_queries, number):
    for _ in range(number):
        people.person(programme)
        action(programme)
    url = reverse("mobilisation:action-list", args=[programme.ref])
    client = sign_in("OL", programme)
    with django_assert_num_queries(ACTIONS):
        assert FULL in client.get(url).content.decode()
    canary(programme)
    client = sign_in("BM", programme)
    with django_assert_num_queries(ACTIONS + 1):
        assert FULL not in client.get(url).content.decode()


ACTIONS = 17


@pytest.mark.parametrize(("role", "word", "found"), [
    ("BM", "Quellbird", (0, 0)), ("BM", "quell", (0, 0)), ("BM", "999 000", (0, 0)), ("BM", "moves", (1, 1)), ("BM", "withheld", (0, 0)), ("OL", "quell", (1, 1)), ("OL", "moves", (1, 1)),
])
def test_a_search_finds_nothing_by_what_its_reader_is_not_shown(programme, sign_in, role, word, found):
    people.person(programme, surname="Quellbird", forename="Zyxcanary", nhs_number="9990000018")
    risks.risk(programme, event=f"{FULL} moves late, NHS 999 000 0018")
    workstreams.step(programme, "S1", title="Moves", note=f"Ring {FULL}, 999 000 0018, before she moves")
    client = sign_in(role, programme)
    register = client.get(reverse("risks:risk-list", args=[programme.ref]), {"q": word}).content.decode()
    plan = client.get(reverse("workstreams:plan", args=[programme.ref]), {"q": word}).content.decode()
    assert (register.count(" moves late"), plan.count("/plan/steps/") > 0) == (found[0], bool(found[1]))
