"""Position and editions: exact round trip, small numbers, a fixed number of queries."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mobilisation.models import Action, Decision, Meeting
from reporting.documents import html
from reporting.editions import edition
from reporting.position import from_json, position, to_json
from risks.choices import ABOUT_A_PERSON
from tests.factories import ground, staff
from tests.factories import reporting as made
from tests.factories.risks import issue as issue_factory

DAY = date(2027, 3, 1)


def test_a_position_reads_back_exactly():
    given = made.position()
    assert from_json(json.loads(json.dumps(to_json(given)))) == given


@pytest.mark.parametrize("name", ["board", "commissioner", "provider", "public"])
def test_an_edition_reads_back_exactly(name):
    given = edition(made.position(), name)
    assert from_json(json.loads(json.dumps(to_json(given)))) == given


def test_an_old_snapshot_without_a_new_field_still_opens():
    kept = to_json(made.position())
    del kept["people"]["updated_pct"]
    assert from_json(kept).people.updated_pct is None


def test_the_board_edition_counts_exactly_in_one_way_tables_only():
    given = made.position()
    shown = edition(given, "board")
    assert shown.people.in_hospital == 3
    assert shown.people.by_colour == given.people.by_colour
    assert all(value == "*" or value == 0 or value > 7 for group in shown.people.by_wave for value in group.done.values())
    assert any(value == "*" for group in shown.people.by_wave for value in group.done.values())


def test_the_commissioner_edition_hides_small_counts_and_what_gives_them_away():
    people = edition(made.position(), "commissioner").people
    assert (people.in_hospital, people.past_t, people.safety_overdue, people.on_hold, people.red_safety_overdue) == ("*", "*", "*", 9, 0)
    # Red is 3 and hidden; Grey 17 is the next smallest and hides with it; Amber and Red together would tell.
    assert people.by_colour == {"B": 0, "G": 90, "A": 30, "R": "*", "N": "*"}
    assert people.at_risk == "*"
    assert people.endings == {"withdrawn": "*", "died": "*", "moved_away": 0}


def _numbers(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from _numbers(item)
    elif isinstance(value, list):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value


@pytest.mark.parametrize("name", ["commissioner", "provider", "public"])
def test_no_count_of_people_from_one_to_seven_is_left(name):
    counts = list(_numbers(to_json(replace(edition(made.position(), name).people, burn_up=()))))
    assert [number for number in counts if 1 <= number <= 7] == []
    if name == "public":
        assert [number for number in counts if number % 5] == []


def test_reasons_and_needs_do_not_say_the_hidden_number():
    shown = edition(made.position(), "commissioner")
    assert shown.dimension("people").reasons[0] == "People past their transfer date without a first visit (a small number, not shown)."
    assert not any("1 person" in need.text for need in shown.needs)


def test_the_public_edition_carries_nobodys_name_and_sentence():
    text = json.dumps(to_json(edition(made.position(), "public")))
    for said in ("Priya Nair", "Tom Baines", "Lead of", "Alex Ode", "Broker confirmed", "carers on Sunday evenings", "two rounds", "Bluebell"):
        assert said not in text, said


def test_a_provider_sees_its_own_rows_and_shared_risks_only():
    given = made.position()
    hidden = replace(given.risks.top[0], shared=False)
    shown = edition(replace(given, risks=replace(given.risks, top=(hidden, *given.risks.top[1:]))), "provider", organisation="Oyster Bay Care Ltd")
    assert [group.name for group in shown.people.by_provider] == ["Oyster Bay Care Ltd"]
    assert hidden.ref not in [row.ref for row in shown.risks.top]
    text = json.dumps(to_json(shown))
    for other in ("Seasalter Home Support", "Meadowgate to Bluebell", "Agree to move wave 3"):
        assert other not in text, other


def test_an_edition_is_made_from_the_full_position_only():
    with pytest.raises(ValueError):
        edition(edition(made.position(), "public"), "board")


@pytest.mark.django_db
def test_an_empty_programme_is_grey_and_says_so():
    found = position(ground.programme(scd=date(2027, 4, 1)), DAY)
    assert {d.code: d.rag.computed for d in found.dimensions} == {"plan": "N", "people": "N", "workforce": "N", "risk": "N", "readiness": "N"}
    assert found.overall.computed == "G"
    assert found.needs == ()
    assert from_json(to_json(found)) == found


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "colour", "why"), [(date(2027, 3, 4), "A", "its first date is 28 Jan 2027"), (date(2027, 3, 5), "R", "ELI was due by 4 Mar 2027")])
def test_listed_staff_without_a_tupe_record_are_never_on_their_dates_in_any_edition_page_or_document(day, colour, why):
    programme = ground.provider_exit("FIX", staff_transfer_date=date(2027, 4, 1))
    for _ in range(9):
        staff.member(programme)
    found = position(programme, day)
    told = (f"Staff are listed without a TUPE record; {why}", "The lead commissioning manager or the workforce lead opens it under Staff")
    for read in (found, from_json(to_json(found)), edition(found, "commissioner")):
        dimension = next(d for d in read.dimensions if d.code == "workforce")
        assert (dimension.rag.computed, dimension.rag.shown, dimension.rag.reasons) == (colour, colour, told)
    stamp = html.Stamp(version=1, week="week ending 7 Mar 2027", edition_word="Board", data_at=found.data_at)
    for drawn, said in ((html.dashboard_html(found, stamp), "No TUPE record is open."), (html.pack_html(found, stamp), "No TUPE record is open, so no dates of a staff transfer are watched.")):
        assert (told[0] in drawn, said in drawn, "on their dates" in drawn) == (True, True, False)


@pytest.mark.django_db
def test_staff_of_whom_nobody_transfers_are_grey():
    programme = ground.provider_exit("FIX", staff_transfer_date=date(2027, 4, 1))
    staff.member(programme, assigned=False)
    dimension = next(d for d in position(programme, DAY).dimensions if d.code == "workforce")
    assert (dimension.rag.computed, dimension.rag.reasons) == ("N", ("No staff transfer is recorded yet.",))


POSITION_QUERIES = 37


@pytest.mark.django_db
def test_position_costs_the_same_with_one_and_with_several():
    programme = ground.provider_exit("FIX")

    def fill(number: int) -> None:
        for n in range(number):
            Decision.objects.create(programme=programme, text=f"Decide {n}", needed_by=DAY - timedelta(days=1))
            Action.objects.create(programme=programme, text=f"Do {n}", due=DAY - timedelta(days=1), owner_name="Somebody")

    fill(1)
    with CaptureQueriesContext(connection) as one:
        position(programme, DAY)
    fill(5)
    with CaptureQueriesContext(connection) as several:
        found = position(programme, DAY)
    assert (len(one), len(several)) == (POSITION_QUERIES, POSITION_QUERIES)
    own = [q["sql"] for q in several if any(f'FROM "{table}"' in q["sql"] for table in ("reporting_weeklysnapshot", "reporting_ragoverride", "mobilisation_decision", "mobilisation_action"))]
    assert len(own) == 4
    assert sum('FROM "mobilisation_calendarday"' in q["sql"] for q in several) == 1
    assert (found.board.actions_overdue, len(found.board.decisions_needed), found.needs[0].late) == (6, 6, True)


@pytest.mark.django_db
def test_what_is_asked_for_about_single_people_is_counted_and_never_worded():
    programme = ground.programme(scd=date(2027, 4, 1))
    about = {kind: Meeting.objects.create(programme=programme, kind=kind, at=datetime(2027, 2, 26, 9, tzinfo=UTC)) for kind in ("board", "washup", "mdt")}
    for kind, meeting in about.items():
        Action.objects.create(programme=programme, meeting=meeting, text=f"Act after {kind}", due=DAY - timedelta(days=1), owner_name="Somebody")
        Decision.objects.create(programme=programme, meeting=meeting, text=f"Decide after {kind}", needed_by=DAY)
    for title, source in (("Rota system is late", ""), ("Safety check raised a concern (ABC)", ABOUT_A_PERSON)):
        issue_factory(programme, title, source=source)
    found = position(programme, DAY)
    assert [row.text for row in found.board.actions] == ["Act after board"]
    assert (found.board.actions_open, found.board.actions_overdue, found.board.actions_unlisted) == (3, 3, 2)
    assert ([row.text for row in found.board.decisions_needed], found.board.decisions_unlisted) == (["Decide after board"], 2)
    assert ([row.title for row in found.risks.issues], found.risks.issues_open, found.risks.issues_unlisted) == (["Rota system is late"], 2, 1)
    for name in ("board", "commissioner", "provider", "public"):
        text = json.dumps(to_json(edition(found, name)))
        assert not any(said in text for said in ("after washup", "after mdt", "Safety check raised")), name
