"""Every address × role × {GET, POST} × {own, other programme}: the expected answers are data beside this file.

A new address fails the sweep until it is listed. After a change that is meant:
``ACCESS_MATRIX=write pytest tests/mobilisation/test_access_matrix.py`` writes the file anew, and the difference is read like code.
"""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from mobilisation.access import Actor
from mobilisation.clock import now
from mobilisation.models import Action, AgendaItem, ConditionPrecedent, Decision, ImportRun, Job, Meeting, RoleAssignment
from mobilisation.roles import ROLES
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
    ProviderCapacity,
    Review,
    SavedView,
    ServiceOrder,
    UpdateLink,
    WashUp,
)
from workstreams.models import Enquiry, ReadinessCriterion

pytestmark = pytest.mark.django_db
FILE = Path(__file__).with_name("access_matrix.json")
ROLES_TRIED = ("SRO", "BCH", "BM", "ML", "MLD", "DL", "CL", "OL", "MT", "XP", "IP", "QL", "WL", "DA", "WSL", "COM", "FIN", "IGO", "ADM")
OURS = ("mobilisation", "risks", "transfers", "workstreams", "reporting")
OPEN = {"mobilisation:health", "mobilisation:ready", "mobilisation:setup", "mobilisation:accessibility", "mobilisation:glossary", "mobilisation:privacy", "mobilisation:favicon", "transfers:update-link"}
"""Pages without sign-in; ``setup`` answers 404 once anybody has an account, an update link to every token that opens nothing."""
API = "reporting:api-"
"""Says 401 instead of leading to the sign-in, and 405 to everything but reading."""


def addresses():
    """{name: [names of its parameters]} of every page of ours."""
    found = {}

    def walk(resolver, namespace=""):
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                walk(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
            elif namespace.rstrip(":") in OURS:
                found[f"{namespace}{entry.name}"] = list(entry.pattern.converters)

    walk(get_resolver())
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


def sweep():
    """{address: {"GET own"|"POST own"|"GET other": {code: "ROLE ROLE"}}}"""
    own, own_parameters = world("OWN-1")
    _, other_parameters = world("OTHER-1")
    exiting = staff.exiting(own)
    incoming = people.incoming(own)
    found: dict[str, dict[str, dict[str, list[str]]]] = {name: {} for name in addresses()}
    for role in (*ROLES_TRIED, "signed-out"):
        client = Client(raise_request_exception=False)
        if role != "signed-out":
            organisation = {"XP": exiting, "IP": incoming}.get(role)
            client.force_login(ground.user_in(role, None if ROLES[role].site_wide else own, organisation))
        for name, wanted in addresses().items():
            tries = [("GET", "own"), ("POST", "own")] + ([("GET", "other")] if {"ref", "public_id"} & set(wanted) else [])
            for method, where in tries:
                path = reverse(name, kwargs=(own_parameters if where == "own" else other_parameters)(name, wanted))
                with transaction.atomic():
                    answer = getattr(client, method.lower())(path)
                    if answer.status_code == 302 and "/accounts/login/" in answer.url:
                        code = "login"
                    else:
                        code = str(answer.status_code)
                        assert role == "signed-out" or "no-store" in answer.headers.get("Cache-Control", ""), path
                    transaction.set_rollback(True)
                found[name].setdefault(f"{method} {where}", {}).setdefault(code, []).append(role)
    return {name: {what: {code: " ".join(roles) for code, roles in sorted(codes.items())} for what, codes in cells.items()} for name, cells in sorted(found.items())}


def test_every_address_answers_each_role_as_written_down():
    found = sweep()
    if os.environ.get("ACCESS_MATRIX") == "write":
        FILE.write_text(json.dumps(found, indent=1) + "\n")
    expected = json.loads(FILE.read_text())
    assert sorted(found) == sorted(expected), "an address is not listed in access_matrix.json"
    assert {name: cells for name, cells in found.items() if cells != expected[name]} == {name: expected[name] for name, cells in found.items() if cells != expected[name]}


def test_what_is_written_down_holds_the_rules():
    expected = json.loads(FILE.read_text())
    for name, cells in expected.items():
        for what, codes in cells.items():
            assert not [code for code in codes if code.startswith("5")], (name, what)
            if name in OPEN:
                continue
            if name.startswith(API):
                assert codes.get("401" if what.startswith("GET") else "405", "").endswith("signed-out"), (name, what)
            else:
                assert codes.get("login") == "signed-out", (name, what)
            if what.endswith("other"):
                insiders = {"mobilisation:people-and-roles", "mobilisation:role-end", "mobilisation:role-deputy", "mobilisation:organisation-edit"}
                inside = set(codes) - {"login", "401", "404"}
                assert not inside or (name in insiders and all(codes[code] == "ADM" for code in inside)), (name, what, codes)
    for name in ("transfers:person-list", "transfers:person-detail", "transfers:person-export", "reporting:api-people"):
        refused = set(expected[name]["GET own"]["404"].split())
        assert {"SRO", "BCH", "BM", "MLD", "DL", "WL", "WSL", "COM", "FIN", "IGO", "ADM"} <= refused


def test_every_post_without_a_token_is_forbidden(programme):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ground.user_in("ML", programme))
    _, parameters = world("CSRF-1")
    codes = {name: client.post(reverse(name, kwargs=parameters(name, wanted)), {"a": "b"}).status_code for name, wanted in addresses().items()}
    assert {name: code for name, code in codes.items() if code != (405 if name.startswith(API) else 403)} == {}
