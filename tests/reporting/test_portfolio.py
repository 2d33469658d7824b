"""The portfolio: the last frozen week, and what has turned Red since (domain 5.8, 8)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from mobilisation.access import Actor
from mobilisation.models import ConditionPrecedent
from reporting.documents import build
from reporting.portfolio import positions_summary
from reporting.position import position
from reporting.services import overrides, packs, snapshots
from tests.factories import ground, people
from workstreams.facts import readiness_facts
from workstreams.facts.readiness import missed

pytestmark = pytest.mark.django_db
OPERATOR = Actor.operator()
SUNDAY, MONDAY = date(2027, 2, 28), date(2027, 3, 1)


@pytest.fixture(autouse=True)
def _monday(settings, tmp_path, monkeypatch):
    settings.FILES_DIR = tmp_path
    monkeypatch.setattr(build, "pdf_of", lambda pack: build.Made(b"%PDF " + pack.edition.encode(), 3))
    with time_machine.travel(datetime(2027, 3, 1, 9, tzinfo=UTC), tick=False):
        yield


def card(programme, **more):
    return positions_summary([programme], MONDAY, **more)[0]


def test_a_programme_that_turned_red_since_its_last_week_stands_as_red(sign_in):
    programme = ground.provider_exit()
    snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    assert (card(programme).colour, card(programme).since, card(programme).trend) == ("G", "", "")
    people.person(programme, done=people.ready_up_to("C14"), planned_transfer_date=MONDAY - timedelta(days=1))
    found = card(programme)
    assert position(programme, MONDAY).overall.shown == "R"
    assert (found.colour, found.frozen, found.since, found.trend) == ("R", "G", "People is Red.", "down")
    page = sign_in("BM", programme).get("/")
    assert (page.context["red"], "now: People is Red." in page.content.decode()) == (1, True)


def test_what_the_senior_owner_stated_stands_in_the_portfolio_too():
    programme = ground.provider_exit()
    snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    people.person(programme, done=people.ready_up_to("C14"), planned_transfer_date=MONDAY - timedelta(days=1))
    overrides.state(programme, position(programme, MONDAY), subject="people", stated="A", reason="Visited, not yet written down", actor=ground.actor("SRO", programme))
    assert (position(programme, MONDAY).overall.shown, card(programme).since) == ("A", "")


def stated_red(programme, *subjects):
    for subject in subjects:
        overrides.state(programme, position(programme, MONDAY), subject=subject, stated="R", reason="The chair is leaving", actor=ground.actor("ML", programme))


@pytest.mark.parametrize(("subjects", "since"), [
    (("programme",), "stated Red."), (("people",), "People is Red."), (("risk", "workforce"), "Workforce and Risk are Red."), (("risk",), ""), (("risk", "programme"), "stated Red."),
])
def test_a_red_that_was_stated_since_stands_in_the_portfolio_as_on_the_dashboard(sign_in, subjects, since):
    programme = ground.provider_exit()
    people.person(programme, done=people.ready_up_to("C14"), planned_transfer_date=MONDAY + timedelta(days=1))
    snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    assert (card(programme).colour, card(programme).since) == ("G", "")
    stated_red(programme, *subjects)
    found = card(programme)
    assert (position(programme, MONDAY).overall.shown == "R") is bool(since)
    assert (found.colour, found.frozen, found.since, found.trend) == (("R", "G", since, "down") if since else ("G", "G", "", ""))
    page = sign_in("BM", programme).get("/")
    assert (page.context["red"], f"now: {since}" in page.content.decode(), "The chair is leaving" in page.content.decode()) == (int(bool(since)), bool(since), False)


def test_a_red_that_waits_for_a_second_person_is_not_stated_yet():
    programme = ground.provider_exit()
    snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    overrides.state(programme, position(programme, MONDAY), subject="programme", stated="R", reason="Why", actor=ground.actor("OL", programme))
    assert (position(programme, MONDAY).overall.shown, card(programme).colour, card(programme).since) == ("G", "G", "")


def test_what_is_stated_costs_the_portfolio_no_statement_more(django_assert_num_queries):
    first, second = ground.provider_exit("ONE"), ground.provider_exit("TWO")
    with django_assert_num_queries(6):
        positions_summary([first], MONDAY)
    stated_red(first, "programme", "people")
    stated_red(second, "risk")
    with django_assert_num_queries(6):
        assert [c.colour for c in positions_summary([first, second], MONDAY)] == ["R", "N"]


@pytest.mark.parametrize(("fields", "count"), [
    ({}, 0), ({"forecast": date(2027, 4, 9)}, 1), ({"forecast": date(2027, 3, 9)}, 0), ({"longstop": date(2027, 2, 26)}, 1), ({"status": "failed"}, 1),
    ({"status": "waived", "forecast": date(2027, 4, 9)}, 0),
])
def test_what_will_be_missed_is_counted_as_on_the_page_of_readiness(fields, count):
    programme, other = ground.programme("live_service", scd=date(2027, 4, 1)), ground.programme("live_service", scd=date(2027, 4, 1))
    ConditionPrecedent.objects.create(programme=programme, title="Insurance", **fields)
    assert (missed([programme, other], MONDAY)[programme.pk], missed([programme, other], MONDAY)[other.pk]) == (count, 0)
    assert len(readiness_facts(programme, MONDAY).will_miss) == count
    assert card(programme).since == ("Readiness is Red." if count else "")


def test_the_last_published_pack_is_the_one_this_reader_has():
    programme = ground.programme("live_service", scd=date(2027, 4, 1))
    week, _ = snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    for snapshot, edition in ((week, "board"), (snapshots.interim(programme, actor=OPERATOR), "commissioner")):
        pack = packs.build_pack(packs.draft(snapshot, edition, actor=OPERATOR), actor=OPERATOR)
        packs.approve(pack, actor=OPERATOR)
        packs.publish(pack, actor=OPERATOR)
    said = [card(programme, editions={programme.pk: edition}).published for edition in ("board", "commissioner", "provider")]
    assert said == ["week ending 28 Feb 2027", "interim figures of 1 Mar 2027, 09:00", ""]
