"""The same facts as JSON: what each address answers, to whom, at what cost, and that the description tells the truth."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.models import AccessLog, RoleAssignment
from reporting.position import position, to_json
from reporting.services import snapshots
from reporting.views import api
from reporting.views.shown import edition_for
from tests.factories import ground, people, risks, workstreams
from transfers.exports.tracker import HEADINGS, LISTED

pytestmark = pytest.mark.django_db
SUNDAY = date(2027, 3, 14)


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(datetime(2027, 3, 15, 10, tzinfo=UTC), tick=False):
        yield


def at(name, programme, *more):
    return reverse(f"reporting:api-{name}", args=[programme.ref, *more])


def frozen(programme, day=SUNDAY):
    return snapshots.freeze_week(programme, day, actor=Actor.operator())[0]


def filled(programme, number=1):
    """``number`` of everything that an answer lists, the weeks frozen last."""
    for n in range(number):
        people.person(programme, surname=f"Someone{n}", done=("C01",), weekly_hours="10.50", notes="Keeps a dog")
        workstreams.step(programme, f"A{n}", baseline=date(2027, 3, 1), owner=ground.user(), checkpoints="C07")
        risks.risk(programme, owner=ground.user(), organisation=ground.organisation())
    return [frozen(programme, SUNDAY - timedelta(weeks=n)) for n in reversed(range(min(number, 2)))]


# What an answer looks like


def fits(value, schema, document, where="answer"):
    """Every way in which ``value`` is not what ``schema`` says."""
    if "$ref" in schema:
        found = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return fits(value, found, document, where)
    if "anyOf" in schema:
        tried = [fits(value, option, document, where) for option in schema["anyOf"]]
        return [] if any(not faults for faults in tried) else tried[0]
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}
    named = schema.get("type")
    wanted = [named] if isinstance(named, str) else named or []
    if wanted and not any(isinstance(value, kinds[kind]) and (kind == "boolean" or not isinstance(value, bool)) for kind in wanted):
        return [f"{where}: {value!r} is no {named}"]
    if isinstance(value, str) and (reader := {"date": date, "date-time": datetime}.get(schema.get("format"))):
        reader.fromisoformat(value)
    if isinstance(value, list):
        parts = schema.get("prefixItems") or [schema["items"]] * len(value)
        return [fault for n, (one, part) in enumerate(zip(value, parts, strict=True)) for fault in fits(one, part, document, f"{where}[{n}]")]
    if isinstance(value, dict):
        own, more = schema.get("properties", {}), schema.get("additionalProperties")
        faults = [f"{where}: {name} is missing" for name in schema.get("required", []) if name not in value]
        faults += [f"{where}: {name} is not described" for name in value if name not in own and more is False]
        return faults + [fault for name, one in value.items() if name in own or isinstance(more, dict) for fault in fits(one, own.get(name, more), document, f"{where}.{name}")]
    return []


def test_every_path_of_the_description_answers_as_described(programme, sign_in):
    (week,) = filled(programme)
    client = sign_in("OL", programme)
    answer = client.get("/api/v1/openapi.json")
    document = answer.json()
    assert (answer.status_code, answer["Content-Type"], document["openapi"]) == (200, "application/json", "3.1.0")
    assert sorted(document["paths"]) == [
        "/api/v1/programmes/", *(f"/api/v1/programmes/{{ref}}/{name}/" for name in ("people", "plan", "position", "risks", "snapshots", "snapshots/{public_id}")),
    ]
    seen = {}
    for path, item in document["paths"].items():
        operation = item["get"]
        assert [name for name in re.findall(r"{(\w+)}", path)] == [one["name"] for one in operation["parameters"] if one["in"] == "path"]
        got = client.get(path.format(ref=programme.ref, public_id=week.public_id))
        assert got.status_code == 200, path
        faults = fits(got.json(), operation["responses"]["200"]["content"]["application/json"]["schema"], document)
        assert faults == [], path
        seen[path] = len(got.json().get("results", got.json()))
    assert min(seen.values()) >= 1, "nothing was looked at"
    refused = client.get("/api/v1/programmes/none/plan/").json()
    assert fits(refused, document["components"]["responses"]["404"]["content"]["application/json"]["schema"], document) == []


def test_the_description_notices_what_does_not_fit(programme):
    document = api.document()
    schema = document["paths"]["/api/v1/programmes/"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    good = {"count": 0, "page": 1, "pages": 1, "next": None, "previous": None, "results": []}
    assert fits(good, schema, document) == []
    assert fits(good | {"count": "0"}, schema, document) == ["answer.count: '0' is no integer"]
    assert fits(good | {"more": 1}, schema, document) == ["answer: more is not described"]
    assert fits({**good, "results": [{}]}, schema, document)[0] == "answer.results[0]: reference is missing"


def test_the_description_holds_each_column_and_each_field_of_the_position():
    shapes = api.document()["components"]["schemas"]
    assert set(HEADINGS) <= set(shapes["Person"]["properties"])
    assert shapes["Person"]["properties"]["date_of_birth"] == {"title": "Date of birth", "type": ["string", "null"], "format": "date"}
    assert shapes["People"]["properties"]["total"] == {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    assert shapes["Position"]["properties"]["head"] == {"$ref": "#/components/schemas/Head"}
    assert shapes["Interface"]["properties"]["between"] == {"type": "array", "prefixItems": [{"type": "string"}, {"type": "string"}], "minItems": 2, "maxItems": 2}
    parameters = {one["name"]: one["schema"] for one in api.document()["paths"]["/api/v1/programmes/{ref}/people/"]["get"]["parameters"]}
    assert (parameters["priority"]["enum"], parameters["provider"].get("enum"), "page" in parameters) == (["R", "A", "G", "none"], None, True)


# Who is answered


def every(programme, week):
    return [reverse("reporting:api-programmes"), reverse("reporting:api-description"), *(at(name, programme) for name in ("position", "snapshots", "people", "plan", "risks")), at("snapshot", programme, week.public_id)]


def test_signed_out_is_told_so_in_json_and_nothing_is_kept(programme, client):
    for path in every(programme, frozen(programme)):
        answer = client.get(path)
        assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"], answer.json()["error"]["status"]) == (401, "application/json", "no-store", 401), path


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_it_can_only_be_read(programme, method):
    week = frozen(programme)
    client = Client(enforce_csrf_checks=True)
    client.force_login(ground.user_in("OL", programme))
    for path in every(programme, week):
        answer = getattr(client, method)(path)
        assert (answer.status_code, answer["Allow"], answer["Cache-Control"], answer.json()["error"]["status"]) == (405, "GET, HEAD", "no-store", 405), path
    assert {client.head(path).status_code for path in every(programme, week)} == {200}


def test_somebody_elses_programme_is_not_there(programme, sign_in):
    other = ground.provider_exit()
    week = frozen(other)
    client = sign_in("OL", programme)
    for path in every(other, week)[2:]:
        answer = client.get(path)
        assert (answer.status_code, answer["Cache-Control"], answer.json()["error"]["status"]) == (404, "no-store", 404), path
    assert client.get(at("snapshot", programme, week.public_id)).status_code == 404
    assert [row["reference"] for row in client.get(reverse("reporting:api-programmes")).json()["results"]] == [programme.reference]
    nowhere = client.get("/api/v1/nowhere/")
    assert (nowhere.status_code, nowhere.json()["error"]["status"]) == (404, 404)


def test_who_sees_personal_data_needs_the_second_factor_here_too(programme, sign_in, settings):
    settings.REQUIRE_MFA = True
    answer = sign_in("OL", programme).get(at("people", programme))
    assert (answer.status_code, answer["Content-Type"], "second factor" in answer.json()["error"]["text"]) == (403, "application/json", True)
    assert not AccessLog.objects.exists()


def test_maintenance_and_time_out_are_said_in_json(programme, sign_in, settings):
    client = sign_in("OL", programme)
    client.get(at("position", programme))
    with time_machine.travel(datetime(2027, 3, 15, 11, tzinfo=UTC), tick=False):
        assert client.get(at("position", programme)).status_code == 401
    settings.MAINTENANCE = True
    answer = client.get(at("position", programme))
    assert (answer.status_code, answer.json()["error"]["status"]) == (503, 503)


# The position


@pytest.mark.parametrize(("role", "edition"), [("BM", "board"), ("OL", "board"), ("COM", "commissioner"), ("XP", "provider"), ("IP", "provider")])
def test_the_position_is_that_of_the_same_persons_dashboard(programme, sign_in, role, edition):
    for n in range(3):
        people.person(programme, surname=f"P{n}", in_hospital=not n)
    client = sign_in(role, programme, organisation=people.incoming(programme) if role == "IP" else None)
    answer = client.get(at("position", programme)).json()
    page = client.get(reverse("reporting:dashboard", args=[programme.ref])).context["p"]
    assert answer == json.loads(json.dumps(to_json(page)))
    assert (answer["edition"], answer["people"]["in_hospital"], answer["people"]["total"]) == ((edition, 1, 3) if edition == "board" else (edition, "*", "*"))


def test_the_position_is_the_edition_of_the_one_position(programme, sign_in):
    client = sign_in("COM", programme)
    full = position(programme, date(2027, 3, 15))
    assert client.get(at("position", programme)).json() == json.loads(json.dumps(to_json(edition_for(full, Actor.of(client.user, programme)))))


def test_a_frozen_week_is_the_page_of_it(programme, sign_in):
    people.person(programme)
    week = frozen(programme)
    people.person(programme, surname="Later")
    for role, total in (("OL", 1), ("COM", "*")):
        client = sign_in(role, programme)
        answer = client.get(at("snapshot", programme, week.public_id)).json()
        page = client.get(reverse("reporting:snapshot-detail", args=[programme.ref, week.public_id])).context["p"]
        assert answer["position"] == json.loads(json.dumps(to_json(page)))
        assert (answer["week_ending"], answer["words"], answer["position"]["people"]["total"]) == ("2027-03-14", "week ending 14 Mar 2027", total)


def test_the_weeks_are_those_of_the_library(programme, sign_in):
    weeks = [frozen(programme, date(2027, 3, day)) for day in (7, 14)]
    answer = sign_in("BM", programme).get(at("snapshots", programme)).json()
    assert [(row["id"], row["week_ending"], row["kind"]) for row in answer["results"]] == [(week.public_id, week.week_ending.isoformat(), "weekly") for week in reversed(weeks)]
    assert answer["results"][0]["position_url"] == at("snapshot", programme, weeks[1].public_id)
    assert sign_in("COM", programme).get(at("snapshots", programme)).json()["results"] == []


# People


def test_people_with_the_columns_of_the_export_logged_as_a_view(programme, sign_in):
    person = people.person(programme, done=("C01",), surname="Hartley", weekly_hours="10.50", lives_alone=True, date_of_birth=date(1940, 2, 3))
    client = sign_in("OL", programme)
    answer = client.get(at("people", programme)).json()
    (row,) = answer["results"]
    assert list(row) == ["id", "url", "stage", "colour", "reason", *HEADINGS]
    assert (row["id"], row["surname"], row["weekly_hours"], row["lives_alone"], row["date_of_birth"], row["dementia"]) == (person.public_id, "Hartley", 10.5, True, "1940-02-03", None)
    assert (row["c01_on"], row["c02_on"]) == (person.checkpoints.get().done_on.isoformat(), None)
    log = AccessLog.objects.get()
    assert (log.verb, log.subject, log.object_ids, log.user, log.programme) == ("view", "people list", [person.public_id], client.user, programme)


def test_without_the_right_to_export_only_what_the_list_shows(programme, sign_in):
    bluebell = people.incoming(programme)
    mine = people.person(programme, done=people.ready_up_to("C06"), incoming_provider=bluebell, allocation_response="accepted", sharing_basis="direct_care", notes="Keeps a dog")
    people.person(programme, surname="Elsewhere")
    for role, number in (("IP", 1), ("QL", 2)):
        rows = sign_in(role, programme, organisation=bluebell if role == "IP" else None).get(at("people", programme)).json()["results"]
        assert (len(rows), mine.public_id in {row["id"] for row in rows}) == (number, True)
        assert {name for row in rows for name in row} == {"id", "url", "stage", "colour", "reason", *LISTED}
        assert "Keeps a dog" not in str(rows)


@pytest.mark.parametrize("role", ["SRO", "BCH", "BM", "MLD", "DL", "WL", "WSL", "COM", "FIN"])
def test_roles_without_people_are_told_it_is_not_there(programme, sign_in, role):
    people.person(programme)
    answer = sign_in(role, programme).get(at("people", programme))
    assert (answer.status_code, answer.json()["error"]["status"], AccessLog.objects.count()) == (404, 404, 0)


def test_people_are_narrowed_as_on_the_page_and_what_was_searched_there_stays_there(programme, sign_in):
    people.person(programme, surname="Ward", in_hospital=True, priority="R")
    people.person(programme, surname="Home", wave="2", priority="A")
    client = sign_in("OL", programme)
    searched = client.post(reverse("transfers:person-list", args=[programme.ref]), {"term": "Ward"}).url.partition("?")[2]

    def names(query):
        return [row["surname"] for row in client.get(f"{at('people', programme)}?{query}").json()["results"]]

    assert names("") == names(searched) == ["Home", "Ward"]
    assert names("sort=-name") == ["Ward", "Home"]
    assert (names("show=hospital"), names("priority=A"), names("wave=2"), names("priority=R&wave=2"), names("priority=Z")) == (["Ward"], ["Home"], ["Home"], [], ["Home", "Ward"])
    assert {log.verb for log in AccessLog.objects.all()} == {"view"}


def test_fifty_to_a_page_with_the_way_on(programme, sign_in):
    for n in range(51):
        people.person(programme, surname=f"P{n:02d}", wave="1")
    client = sign_in("OL", programme)
    first = client.get(f"{at('people', programme)}?wave=1").json()
    assert (first["count"], first["page"], first["pages"], len(first["results"]), first["previous"]) == (51, 1, 2, 50, None)
    assert first["next"] == f"{at('people', programme)}?wave=1&page=2"
    second = client.get(first["next"]).json()
    assert ([row["surname"] for row in second["results"]], second["next"], second["previous"]) == (["P50"], None, f"{at('people', programme)}?wave=1&page=1")
    assert list(AccessLog.objects.order_by("pk").values_list("count", flat=True)) == [50, 1]


# Plan and register


def test_the_plan_says_colour_and_reason(programme, sign_in):
    workstreams.step(programme, "A1", baseline=date(2027, 3, 1), critical=True, title="Inform CQC")
    workstreams.step(programme, "A2", baseline=date(2027, 4, 1), is_milestone=True)
    client = sign_in("BM", programme)
    rows = client.get(at("plan", programme)).json()["results"]
    assert [(row["code"], row["colour"], row["reason"], row["due"], row["milestone"]) for row in rows] == [
        ("A1", "R", "Critical, and overdue since 1 Mar 2027", "2027-03-01", False), ("A2", "G", "", "2027-04-01", True),
    ]
    assert [row["code"] for row in client.get(at("plan", programme) + "?flag=milestone").json()["results"]] == ["A2"]
    assert sign_in("COM", programme).get(at("plan", programme)).status_code == 404


def test_a_provider_reads_the_shared_risks_only(programme, sign_in):
    shared, own = risks.risk(programme, scope="shared", event="Rounds without a second carer", other_owner="Bella Thorne"), risks.risk(programme, scope="commissioner", event="Ours alone")
    assert {row["event"] for row in sign_in("OL", programme).get(at("risks", programme)).json()["results"]} == {shared.event, own.event}
    (row,) = sign_in("XP", programme).get(at("risks", programme)).json()["results"]
    assert (row["event"], row["score"], row["band"], row["status"], row["url"]) == (shared.event, shared.score, shared.band.value, "open", reverse("risks:risk-detail", args=[programme.ref, shared.public_id]))
    assert sign_in("OL", programme).get(at("risks", programme) + "?show=closed").json()["results"] == []


# What it costs

COST = {"programmes": 5, "position": 41, "snapshots": 6, "snapshot": 5, "people": 12, "plan": 10, "risks": 6}


@pytest.mark.parametrize("number", [1, 6])
def test_answers_cost_the_same_for_one_and_for_several(programme, sign_in, number):
    week = filled(programme, number)[-1]
    client = sign_in("OL", programme)
    for _ in range(number - 1):
        more = ground.provider_exit()
        RoleAssignment.objects.create(programme=more, user=client.user, role="OL", starts_on=date(2020, 1, 1))
    client.get(at("plan", programme))
    found = {}
    for name in COST:
        path = reverse("reporting:api-programmes") if name == "programmes" else at(name, programme, *([week.public_id] if name == "snapshot" else []))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        found[name] = len(queries)
    assert found == COST


def test_the_reports_page_leads_here(programme, sign_in):
    frozen(programme)
    for role, weeks in (("BM", True), ("COM", False)):
        text = sign_in(role, programme).get(reverse("reporting:report-list", args=[programme.ref])).content.decode()
        assert [f'href="{path}"' in text for path in (at("position", programme), at("snapshots", programme), reverse("reporting:api-description"))] == [True, weeks, True]
