"""Every address × role × {GET, POST} × {own, other programme}: the expected answers are data beside this file.

``crossed`` is one's own programme with one id of another's, each id of an address in turn (trust A1, A2). A provider at neither end is tried as
``IP-elsewhere`` and ``XP-elsewhere``. A new address fails the sweep until it is listed. After a change that is meant:
``ACCESS_MATRIX=write pytest tests/mobilisation/test_access_matrix.py`` writes the file anew, and the difference is read like code.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from unittest import mock

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, include, path, reverse

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.models import Action, AgendaItem, ConditionPrecedent, Decision, ImportRun, Job, Meeting, RoleAssignment
from mobilisation.models.programmes import ProgrammeQuerySet
from mobilisation.roles import ROLES
from mobilisation.views import errors
from reporting.models import BoardPack, WeeklySnapshot
from reporting.position import codec
from risks.services import escalation as ladder
from tests.factories import ground, people, risks, staff, workstreams
from tests.factories import reporting as factory
from transfers.models import (
    Allocation,
    AllocationSheet,
    Batch,
    CarePlanCheck,
    Checkpoint,
    ContactLog,
    Discrepancy,
    FileTransfer,
    Hold,
    InterimOption,
    LetterItem,
    LetterRun,
    ListFinding,
    MoneyHeld,
    OrderVisit,
    PeopleExport,
    PersonContact,
    PersonTransfer,
    ProviderCapacity,
    Review,
    SavedView,
    ServiceOrder,
    UpdateLink,
    WashUp,
)
from transfers.models.person import PersonQuerySet
from transfers.views.people.scope import PeopleScope
from workstreams.models import Enquiry, ReadinessCriterion

pytestmark = pytest.mark.django_db
FILE = Path(__file__).with_name("access_matrix.json")
ROLES_TRIED = ("SRO", "BCH", "BM", "ML", "MLD", "DL", "CL", "OL", "MT", "XP", "IP", "QL", "WL", "DA", "WSL", "COM", "FIN", "CMS", "IGO", "ADM", "IP-elsewhere", "XP-elsewhere")
LIKE = {"CO": "MT", "ASM": "MT", "CM": "MT", "PO": "MT", "TA": "MT", "CG": "IGO", "PRO": "CMS", "LEG": "CMS", "EPO": "CMS"}
"""Roles that may what another may: tried by that one."""
OURS = ("mobilisation", "risks", "transfers", "workstreams", "reporting")
OPEN = {"mobilisation:health", "mobilisation:ready", "mobilisation:setup", "mobilisation:accessibility", "mobilisation:glossary", "mobilisation:privacy", "mobilisation:favicon", "transfers:update-link"}
"""Pages without sign-in; ``setup`` answers 404 once anybody has an account, an update link to every token that opens nothing."""
API = "reporting:api-"
"""Says 401 instead of leading to the sign-in, and 405 to everything but reading."""


IDS = frozenset({"public_id", "record", "run", "batch", "hold", "sheet", "link", "finding", "export", "action_id", "escalation_id", "party"})
"""Parameters that name a row; the others name a field, an act, a kind."""
CROSSING = ("ML", "WL", "QL", "XP", "IP")
"""Those who may most in their own programme: for them alone an id of another is tried there."""
LEADS_BACK = {"risks:action-end", "risks:escalation-acknowledge", "transfers:link-revoke", "workstreams:step-row"}
"""Acts: whoever reads them is led to the page they stand on, before any id is looked up."""
ABOVE_PROGRAMMES = {"transfers:provider-check"}
"""Its id is an organisation's, which is a party of several programmes."""


def addresses(resolver=None):
    """{name: [names of its parameters]} of every page of ours."""
    found = {}

    def walk(resolver, namespace=""):
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                walk(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
            elif namespace.rstrip(":") in OURS:
                found[f"{namespace}{entry.name}"] = list(entry.pattern.converters)

    walk(resolver or get_resolver())
    return found


def world(reference):
    """A programme with one of each thing that has a page; {address name: parameters}."""
    programme = ground.provider_exit(reference)
    contract = programme.contracts.get()
    person = people.person(programme)
    blue = people.incoming(programme)
    offered = people.person(programme, incoming_provider=blue, allocation_response="offered")
    Allocation.objects.create(person=offered, provider=blue, proposed_on=date(2027, 1, 4))
    risk = risks.risk(programme)
    action = risks.action(risk)
    escalation = ladder.raise_to(programme, 3, "late", actor=Actor.system("test"), risk=risk)
    issue = risks.issue(programme)
    step_up = ladder.raise_to(programme, 3, "late", actor=Actor.system("test"), issue=issue)
    meeting = Meeting.objects.create(programme=programme, kind="board", at="2027-02-01T09:00Z")
    AgendaItem.objects.create(meeting=meeting, title="One")
    step = workstreams.step(programme)
    holder = RoleAssignment.objects.create(programme=programme, named="Somebody", role="FIN", starts_on=date(2020, 1, 1))
    run = ImportRun.objects.create(programme=programme, kind="tracker", file_name="x.csv", stored_name="none.csv")
    snapshot = WeeklySnapshot.objects.create(
        programme=programme, week_ending=date(2027, 2, 7), as_of=date(2027, 2, 7), taken_at=now(), taken_by="test", overall="G", position=codec.to_json(factory.position()),
    )
    pack = BoardPack.objects.create(programme=programme, snapshot=snapshot)
    ids = {
        "mobilisation:job-detail": Job.objects.create(kind="import", programme=programme).public_id,
        "mobilisation:role-end": holder.public_id, "mobilisation:role-deputy": holder.public_id,
        "mobilisation:contract-detail": contract.public_id, "mobilisation:contract-edit": contract.public_id, "mobilisation:party-remove": contract.public_id,
        "mobilisation:organisation-edit": contract.parties.first().organisation.public_id,
        "mobilisation:meeting-detail": meeting.public_id, "mobilisation:meeting-edit": meeting.public_id,
        "mobilisation:decision-edit": Decision.objects.create(programme=programme, text="Decide").public_id,
        "mobilisation:action-edit": Action.objects.create(programme=programme, text="Do", owner_name="Ops", due=date(2027, 2, 8)).public_id,
        "risks:issue-edit": issue.public_id, "risks:issue-acknowledge": issue.public_id, "risks:opportunity-edit": risks.opportunity(programme).public_id,
        "workstreams:step-detail": step.public_id, "workstreams:step-row": step.public_id,
        "workstreams:condition-edit": ConditionPrecedent.objects.create(programme=programme, title="Insurance").public_id,
        "workstreams:criterion-edit": ReadinessCriterion.objects.create(programme=programme, deliverable=1, code="D1", text="Ready").public_id,
        "transfers:offer-answer": offered.public_id, "transfers:offer-again": offered.public_id, "transfers:offer-withdraw": offered.public_id,
        "transfers:tupe-edit": staff.tupe(programme).public_id, "transfers:staff-detail": staff.member(programme).public_id,
        "transfers:washup-record": WashUp.objects.create(programme=programme, meeting=Meeting.objects.create(programme=programme, kind="washup", at="2027-02-01T09:00Z"), day=date(2027, 2, 1), open=False, finished_at=now()).public_id,
        "transfers:provider-check": people.incoming(programme).public_id,
        "workstreams:enquiry-answer": Enquiry.objects.create(programme=programme, question="Why?", received_at=now()).public_id,
        "reporting:snapshot-detail": snapshot.public_id, "reporting:api-snapshot": snapshot.public_id,
        **{f"reporting:{name}": pack.public_id for name in ("pack-detail", "pack-preview", "pack-download", "pack-act")},
    }
    common = {
        "ref": programme.ref, "kind": "tracker", "run": run.public_id, "number": ground.user().pk, "slug": step.workstream.slug, "code": "C02", "how": "mark", "act": "hold", "field": "zone", "key": "zone",
        "action_id": action.public_id, "escalation_id": escalation.public_id, "party": contract.parties.get(role="exiting").public_id,
        "batch": Batch.objects.create(programme=programme, kind="change", what="Wave: 2", made_as="Team", made_at=now(), state="done").public_id,
        "hold": Hold.objects.create(programme=programme, scope="wave", wave="2", reason="Snow", from_date=date(2027, 2, 1)).public_id,
        "sheet": AllocationSheet.objects.create(programme=programme, provider=blue, side="incoming", number=1, rows=0, sha256="0" * 64, stored_name="none.xlsx", made_at=now(), by_label="Team").public_id,
        "link": UpdateLink.objects.create(programme=programme, provider=blue, contact="Rota desk", fields=["contact"], token_hash=programme.public_id, expires_at=now(), by_label="Team").public_id,
        "token": "x" * 43, "finding": ListFinding.objects.create(programme=programme, source="exiting", kind="only_ours", subject="one", person=person).public_id,
        "export": PeopleExport.objects.create(programme=programme, owner=ground.user(), file_format="csv", reason="audit").public_id,
    }
    records = around(programme, person)
    letters = LetterRun.objects.create(programme=programme, code="K05", title="Change")
    ids["transfers:letter-item"] = LetterItem.objects.create(run=letters, person=person).public_id

    def parameters(name, wanted):
        app = name.split(":")[0]
        values = dict(common) | {"record": records.get(name, "none")}
        if name == "risks:issue-acknowledge":
            values["escalation_id"] = step_up.public_id
        if name == "transfers:order-add":
            values["kind"] = "new"
        if name == "transfers:mapping-entry":
            values["kind"] = "recommendation"
        if name.startswith("transfers:letter"):
            values["run"] = letters.public_id
        if name == "transfers:contact-act":
            values["how"] = "end"
        values["public_id"] = ids.get(name) or (person.public_id if app == "transfers" else risk.public_id if app == "risks" else "none")
        return {key: values[key] for key in wanted}

    return programme, parameters


def around(programme, person):
    """One of each record that hangs on the person; {address name: its public id}."""
    contact = PersonContact.objects.create(person=person, name="Somebody", main=True)
    order = ServiceOrder.objects.create(person=person, kind="old", external_ref="SO-1", shared_exiting_on=date(2027, 1, 4), shared_incoming_on=date(2027, 1, 4))
    visit = OrderVisit.objects.create(order=order, days="1", start="08:00", minutes=30)
    CarePlanCheck.objects.create(person=person, tier="other")
    return {
        "transfers:contact-edit": contact.public_id, "transfers:contact-act": contact.public_id, "transfers:order-edit": order.public_id, "transfers:visit-add": order.public_id,
        "transfers:visit-edit": visit.public_id, "transfers:visit-remove": visit.public_id, "transfers:file-edit": FileTransfer.objects.create(person=person, route="transfer").public_id,
        "transfers:money-edit": MoneyHeld.objects.create(person=person, holder="Finance").public_id,
        "transfers:discrepancy-edit": Discrepancy.objects.create(person=person, kind="other", found_on=date(2027, 1, 4)).public_id,
        "transfers:review-edit": Review.objects.create(person=person, asked_on=date(2027, 1, 4)).public_id,
        **dict.fromkeys(("transfers:view-edit", "transfers:view-remove"), SavedView.objects.create(programme=programme, owner=ground.user(), name="Team", shared=True).public_id),
        "transfers:capacity-edit": ProviderCapacity.objects.create(programme=programme, provider=people.incoming(programme), weekly_hours=40, from_date=date(2027, 1, 4)).public_id,
        "transfers:call-follow": ContactLog.objects.create(person=person, at="2027-02-01T09:00Z", follow_up_due=date(2027, 2, 2)).public_id,
        "transfers:interim-edit": InterimOption.objects.create(programme=programme, kind="transport", name="Wheels").public_id,
    }


def taken_over(programme, provider):
    """The person of the pages is handed to ``provider``, which sees them from now on."""
    person = PersonTransfer.objects.get(programme=programme, incoming_provider=None)
    PersonTransfer.objects.filter(pk=person.pk).update(incoming_provider=provider, allocation_response="accepted", sharing_basis="direct_care")
    Checkpoint.objects.create(person=person, code="C06", state="done", done_on=date(2027, 1, 4), by_label="test")
    Allocation.objects.create(person=person, provider=provider, proposed_on=date(2027, 1, 4), response="accepted", responded_on=date(2027, 1, 5))


def signed_in(role, programme):
    """A client in ``role``; a provider acts for the one that has the person, ``elsewhere`` for one that has nobody."""
    client = Client(raise_request_exception=False)
    if role != "signed-out":
        code, _, elsewhere = role.partition("-")
        own = {"XP": staff.exiting, "IP": people.incoming}.get(code)
        organisation = people.incoming(programme, "Oyster Bay Care Ltd") if elsewhere else own(programme) if own else None
        client.force_login(ground.user_in(code, None if ROLES[code].site_wide else programme, organisation))
    return client


def answer_to(client, method, address, role):
    """The status, ``login`` where it leads there; whatever was written is taken back."""
    with transaction.atomic():
        answer = getattr(client, method.lower())(address)
        transaction.set_rollback(True)
    if answer.status_code == 302 and "/accounts/login/" in answer.url:
        return "login"
    assert role == "signed-out" or "no-store" in answer.headers.get("Cache-Control", ""), address
    return str(answer.status_code)


def sweep(roles: Iterable[str] = (*ROLES_TRIED, "signed-out"), names: Iterable[str] = ()):
    """{(address, "GET own"|"POST own"|"GET other" …, role): code}; of several ids that were crossed all codes.

    Who gets 404 at home for what they would do there does not try it elsewhere; providers that have nobody try the tracker only.
    """
    own, own_parameters = world("OWN-1")
    _, other_parameters = world("OTHER-1")
    taken_over(own, people.incoming(own))
    found: dict[tuple[str, str, str], set[str]] = {}
    # The page that says 404 has tests of its own; drawing it thousands of times would be half of the time.
    with mock.patch.object(errors, "render", lambda request, template, status: HttpResponse(status=status)):
        for role in roles:
            client = signed_in(role, own)

            def ask(name, method, where, parameters, role=role, client=client):
                code = answer_to(client, method, reverse(name, kwargs=parameters), role)
                found.setdefault((name, f"{method} {where}", role), set()).add(code)
                return code

            for name, wanted in addresses().items():
                if (names and name not in names) or ("elsewhere" in role and not name.startswith("transfers:")):
                    continue
                mine, theirs = own_parameters(name, wanted), other_parameters(name, wanted)
                for method in ("GET", "POST"):
                    inside = ask(name, method, "own", mine) != "404"
                    if {"ref", "public_id"} & set(wanted) and (inside or method == "GET"):
                        ask(name, method, "other", theirs)
                    if inside and "ref" in wanted and role in CROSSING:
                        for one in IDS & set(wanted):
                            ask(name, method, "crossed", mine | {one: theirs[one]})
    return {cell: "+".join(sorted(codes)) for cell, codes in found.items()}


def written(found):
    """As it stands in the file: {address: {"GET own": {code: "ROLE ROLE"}}}."""
    told: dict[str, dict[str, dict[str, list[str]]]] = {name: {} for name in sorted(addresses())}
    for (name, what, role), code in found.items():
        told[name].setdefault(what, {}).setdefault(code, []).append(role)
    return {name: {what: {code: " ".join(roles) for code, roles in sorted(codes.items())} for what, codes in sorted(cells.items())} for name, cells in told.items()}


def read():
    """The file as :func:`sweep` gives it."""
    return {(name, what, role): code for name, cells in json.loads(FILE.read_text()).items() for what, codes in cells.items() for code, roles in codes.items() for role in roles.split()}


def unlike(found, expected):
    """{cell: (as written, as found)} of the cells that were tried."""
    return {cell: (expected.get(cell, "unlisted"), code) for cell, code in found.items() if expected.get(cell) != code}


def unlisted(known, listed):
    """Addresses without a line, and lines without an address."""
    return sorted(set(known) ^ set(listed))


def test_every_address_answers_each_role_as_written_down():
    found = sweep()
    if os.environ.get("ACCESS_MATRIX") == "write":
        FILE.write_text(json.dumps(written(found), indent=1) + "\n")
    assert unlisted(addresses(), json.loads(FILE.read_text())) == []
    expected = read()
    assert unlike(found, expected) == {}
    assert set(expected) - set(found) == set(), "lines about what was not tried"


def test_every_role_is_tried_or_may_exactly_what_a_tried_one_may():
    assert set(ROLES) - set(ROLES_TRIED) == set(LIKE)
    for code, other in LIKE.items():
        assert (ROLES[code].can, ROLES[code].people, ROLES[code].edition, ROLES[code].site_wide) == (ROLES[other].can, ROLES[other].people, ROLES[other].edition, ROLES[other].site_wide), code


def test_what_is_written_down_holds_the_rules():
    expected = json.loads(FILE.read_text())
    for name, cells in expected.items():
        for what, codes in cells.items():
            assert not [code for code in codes if code.startswith("5")], (name, what)
            if what.endswith("crossed"):
                may = {"404", "302+404", "302"} if name in LEADS_BACK and what.startswith("GET") else {"404", "405"} if what.startswith("POST") else {"404"}
                assert name in ABOVE_PROGRAMMES or set(codes) <= may, (name, what, codes)
                continue
            if name in OPEN:
                continue
            if name.startswith(API):
                assert codes.get("401" if what.startswith("GET") else "405", "").endswith("signed-out"), (name, what)
            else:
                assert codes.get("login") == "signed-out", (name, what)
            if what.endswith("other"):
                insiders = {"mobilisation:people-and-roles", "mobilisation:role-end", "mobilisation:role-deputy", "mobilisation:organisation-edit"}
                inside = set(codes) - {"login", "401", "404"} - ({"405"} if name.startswith(API) else set())
                assert not inside or (name in insiders and all(codes[code] == "ADM" for code in inside)), (name, what, codes)
    for name in ("transfers:person-list", "transfers:person-detail", "transfers:person-export", "reporting:api-people"):
        refused = set(expected[name]["GET own"]["404"].split())
        assert {"SRO", "BCH", "BM", "MLD", "DL", "WL", "WSL", "COM", "FIN", "CMS", "IGO", "ADM"} <= refused


def of_a_person():
    """Addresses below a person's page."""
    return sorted(name for name, wanted in addresses().items() if "public_id" in wanted and "/people/one/" in reverse(name, kwargs=dict.fromkeys(wanted, "one") | ({"number": 1} if "number" in wanted else {})))


def test_a_provider_at_neither_end_finds_no_page_of_a_person_and_their_own_do():
    expected = read()
    assert len(of_a_person()) > 30
    for name in of_a_person():
        assert {expected[name, f"{method} own", role] for method in ("GET", "POST") for role in ("IP-elsewhere", "XP-elsewhere")} <= {"404", "405"}, name
        assert expected[name, "GET own", "IP-elsewhere"] == expected[name, "GET own", "XP-elsewhere"] == "404", name
    assert [expected["transfers:person-detail", "GET own", role] for role in ("IP", "XP", "MT")] == ["200"] * 3


FEW = ("transfers:person-detail", "transfers:person-list", "transfers:contact-edit", "transfers:staff-detail", "transfers:batch-detail", "risks:risk-detail")
"""What the tests below try with a guard taken away."""


def let_in(role):
    """{(address, cell): code} of what ``role`` is answered and should not be."""
    return {(name.partition(":")[2], what): got for (name, what, _), (_, got) in unlike(sweep((role,), FEW), read()).items() if got != "404"}


def test_without_the_scope_of_people_the_matrix_finds_a_provider_at_neither_end(monkeypatch):
    monkeypatch.setattr(PersonQuerySet, "visible_to", lambda self, user, *, team_of=None: self.all())
    assert let_in("IP-elsewhere") == {("person-detail", "GET own"): "200"}


def test_without_permissions_the_matrix_finds_a_role_without_people(monkeypatch):
    monkeypatch.setattr(Actor, "can", lambda self, permission: True)
    assert let_in("BM") == {("person-list", "GET own"): "200", ("person-list", "POST own"): "302", ("person-detail", "POST own"): "405"}


@pytest.mark.parametrize("both", [False, True])
def test_without_the_scope_of_programmes_the_matrix_finds_the_other_one(monkeypatch, both):
    """Two guards stand one behind the other: the programme is not found, and nobody has a right in it."""
    monkeypatch.setattr(ProgrammeQuerySet, "visible_to", lambda self, user: self.all())
    if both:
        monkeypatch.setattr(Actor, "of", classmethod(lambda cls, user, programme: cls.opening(user)))
    assert let_in("OL") == ({("person-detail", "GET other"): "200", ("person-detail", "POST other"): "405"} if both else {})


def test_without_the_programme_of_the_row_the_matrix_finds_ids_that_were_crossed(monkeypatch):
    monkeypatch.setattr(PeopleScope, "people", property(lambda self: PersonTransfer.objects.all()))
    assert let_in("ML") == {("person-detail", "GET crossed"): "200"}


def test_an_address_without_a_line_is_found():
    more = [path("", include("transfers.urls")), path("", include(([path("people-of-all/", errors.bad_request, name="everybody")], "transfers"), namespace="transfers"))]
    known = addresses(mock.Mock(url_patterns=more))
    listed = [name for name in json.loads(FILE.read_text()) if name.startswith("transfers:")]
    assert unlisted(known, listed) == ["transfers:everybody"]
    assert unlisted(addresses(), json.loads(FILE.read_text())) == []


def test_every_post_without_a_token_is_forbidden(programme):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ground.user_in("ML", programme))
    _, parameters = world("CSRF-1")
    codes = {name: client.post(reverse(name, kwargs=parameters(name, wanted)), {"a": "b"}).status_code for name, wanted in addresses().items()}
    assert {name: code for name, code in codes.items() if code != (405 if name.startswith(API) else 403)} == {}
