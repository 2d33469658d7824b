"""Hours of care a leaving provider still has to give against its staff, week by week; and who keeps their care worker (TUPE)."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from tests.factories import ground, people, staff
from transfers.facts.hours_left import hours_left, same_worker
from transfers.facts.staff import staff_facts
from transfers.models import PersonTransfer
from transfers.models.staff import StaffTransfer
from transfers.rules import hours_left as rules
from transfers.services import people as services
from transfers.services import staff as staff_services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
MONDAY = date(2027, 3, 15)


@pytest.fixture
def monday():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def page(programme, name="hours-left"):
    return reverse(f"transfers:{name}", args=[programme.ref])


@pytest.mark.parametrize(
    ("moved", "planned", "ended", "gone"),
    [
        (None, None, None, None), (None, date(2027, 4, 1), None, date(2027, 4, 1)), (None, date(2027, 3, 15), None, None), (None, date(2027, 3, 1), None, None),
        (date(2027, 3, 2), date(2027, 3, 1), None, date(2027, 3, 2)), (None, date(2027, 4, 1), date(2027, 3, 9), date(2027, 3, 9)), (date(2027, 3, 2), None, date(2027, 3, 9), date(2027, 3, 2)),
    ],
)
def test_when_somebody_is_no_longer_with_the_provider_they_leave(moved, planned, ended, gone):
    assert rules.gone_on(moved, planned, ended, MONDAY) == gone


def test_weeks_run_from_four_weeks_ago_to_the_last_day_of_the_provider():
    assert rules.sundays(MONDAY, date(2027, 3, 31)) == [date(2027, 2, 21), date(2027, 2, 28), date(2027, 3, 7), date(2027, 3, 14), date(2027, 3, 21), date(2027, 3, 28), date(2027, 4, 4)]
    assert (rules.sundays(MONDAY, None)[-1], rules.sundays(MONDAY, date(2026, 1, 1))[-1], len(rules.sundays(MONDAY, date(2030, 1, 1)))) == (date(2027, 6, 13), date(2027, 3, 21), 27)


def test_care_falls_as_people_move_and_staff_as_they_leave():
    hours = [rules.Share(Decimal(10), date(2027, 3, 25)), rules.Share(Decimal(14), None)]
    team = [rules.Share(Decimal(20), date(2027, 3, 22)), rules.Share(Decimal("7.5"), None)]
    found = rules.weeks(hours, team, [date(2027, 3, 14), date(2027, 3, 21), date(2027, 3, 28)], MONDAY)
    assert [(week.people, week.care, week.staff, week.there, week.short, week.past) for week in found] == [
        (2, 24, 2, Decimal("27.5"), 0, True), (2, 24, 2, Decimal("27.5"), 0, False), (1, 14, 1, Decimal("7.5"), Decimal("6.5"), False),
    ]
    assert (rules.first_short(found), found[2].short_words) == (found[2], "6.5 hours short")


@pytest.fixture
def leaving(programme):
    """Two people, one of whom moves on 25 March, and two members of staff, one of whom leaves on the 22nd."""
    people.person(programme, weekly_hours=10, planned_transfer_date=date(2027, 3, 25))
    people.person(programme, weekly_hours=14)
    staff.member(programme, hours=20, left_on=date(2027, 3, 22))
    staff.member(programme, hours=15, percent_assigned=50)
    staff.member(programme, hours=40, assigned=False)
    return programme


def lines(programme):
    [one] = hours_left(programme, PersonTransfer.objects.filter(programme=programme), MONDAY)
    return one, {week.day: (week.people, week.care, week.there) for week in one.weeks}


def test_a_provider_is_short_from_the_first_week_its_staff_no_longer_carry(leaving):
    one, weeks = lines(leaving)
    assert weeks[date(2027, 3, 21)] == (2, Decimal(24), Decimal("27.5"))
    assert weeks[date(2027, 3, 28)] == (1, Decimal(14), Decimal("7.5"))
    assert (one.short.day, one.undated, one.unknown, one.moves_on) == (date(2027, 3, 28), 1, 0, None)


def test_moving_the_day_moves_the_hours_and_the_due_dates(leaving):
    person, ol = PersonTransfer.objects.get(planned_transfer_date__isnull=False), ground.actor("OL", leaving)
    before = person.next_due
    services.update_person(person, {"planned_transfer_date": date(2027, 4, 15)}, actor=ol)
    assert lines(leaving)[1][date(2027, 3, 28)] == (2, Decimal(24), Decimal("7.5"))
    assert PersonTransfer.objects.get(pk=person.pk).next_due == before  # C01 counts from D0
    moved = people.person(leaving, done=people.ready_up_to("C08"), planned_transfer_date=date(2027, 4, 1))
    assert (moved.next_checkpoint, moved.next_due) == ("C09", date(2027, 3, 16))
    services.update_person(moved, {"planned_transfer_date": date(2027, 4, 15)}, actor=ol)
    assert PersonTransfer.objects.get(pk=moved.pk).next_due == date(2027, 4, 1)


def test_staff_who_go_over_are_no_longer_there(leaving):
    staff.tupe(leaving, transfer_date=date(2027, 3, 20))
    one, weeks = lines(leaving)
    assert (one.moves_on, weeks[date(2027, 3, 14)][2], weeks[date(2027, 3, 21)][2]) == (date(2027, 3, 20), Decimal("27.5"), 0)


def test_without_a_staff_list_nothing_is_called_short(programme, sign_in):
    people.person(programme, weekly_hours=10)
    one, _ = lines(programme)
    text = sign_in("OL", programme).get(page(programme)).content.decode()
    assert (one.short, "No staff list" in text, "hours short" in text) == (None, True, False)


def test_the_page_says_it_and_links_to_the_rows(leaving, sign_in):
    people.person(leaving, weekly_hours=None)
    text = sign_in("OL", leaving).get(page(leaving)).content.decode()
    assert "Short of staff from the week ending 28 Mar 2027" in text
    assert "6.5 hours short" in text
    assert f'<a href="{page(leaving, "person-list")}?lacks=hours">' in text


def test_who_leaves_is_entered_on_the_page_of_the_member_and_does_not_transfer(programme, sign_in):
    member = staff.member(programme)
    staff.member(programme)
    client = sign_in("WL", programme)
    url = reverse("transfers:staff-detail", args=[programme.ref, member.public_id])
    shown = client.get(url).context["form"]
    sent = {name: shown[name].value() if shown[name].value() is not None else "" for name in shown.fields} | {"left_on": "2027-03-12"}
    assert client.post(url, sent).status_code == 302
    assert StaffTransfer.objects.get(pk=member.pk).left_on == date(2027, 3, 12)
    facts = staff_facts(programme, MONDAY)
    assert (facts.total, facts.transferring) == (2, 1)
    staff_services.update_staff(StaffTransfer.objects.get(pk=member.pk), {"left_on": date(2027, 3, 20)}, actor=ground.actor("WL", programme))
    assert staff_facts(programme, MONDAY).transferring == 2


# The same care worker


def moved(programme, provider, **fields):
    return people.person(programme, done=people.ready_up_to("C15"), incoming_provider=provider, allocation_response="accepted", **fields)


def test_who_keeps_their_worker_is_counted_where_staff_go_over_and_nowhere_else(programme, sign_in):
    blue, other = people.incoming(programme), people.incoming(programme, "Oyster Bay Care Ltd")
    staff.tupe(programme, transferee=blue)
    for kept in (True, True, False):
        moved(programme, blue, same_worker=kept)
    unsaid = moved(programme, blue)
    moved(programme, other, same_worker=False)
    people.person(programme, incoming_provider=blue, same_worker=True)
    people.person(programme, incoming_provider=blue)
    people.person(programme, ending="died", ended_on=MONDAY, incoming_provider=blue, same_worker=True)
    found = same_worker(PersonTransfer.objects.filter(programme=programme))
    assert (found.moved, found.kept, found.changed, found.unsaid, found.to_move, found.planned) == (4, 2, 1, 1, 2, 1)
    assert round(found.percent, 2) == 66.67
    client = sign_in("OL", programme)
    text = client.get(page(programme)).content.decode()
    assert "<strong>67 %</strong> of those moved keep their care worker: 2 of 3 of whom it is known." in text
    assert f'Not recorded for 1 who moved: <a href="{page(programme, "person-list")}?lacks=same-worker">' in text
    rows = client.get(page(programme, "person-list") + "?lacks=same-worker").context["rows"]
    assert [person for person, _ in rows] == [unsaid]


def test_an_employer_that_takes_over_for_all_counts_for_each(programme):
    staff.tupe(programme)
    moved(programme, people.incoming(programme), same_worker=True)
    assert same_worker(PersonTransfer.objects.filter(programme=programme)).percent == 100


def test_without_tupe_nothing_is_counted(programme):
    moved(programme, people.incoming(programme), same_worker=True)
    assert same_worker(PersonTransfer.objects.filter(programme=programme)).percent is None


@pytest.mark.parametrize("role", ["XP", "BM", "COM"])
def test_the_page_is_the_teams(programme, sign_in, role):
    organisation = staff.exiting(programme) if role == "XP" else None
    assert sign_in(role, programme, organisation=organisation).get(page(programme)).status_code == 404


@pytest.mark.parametrize("number", [1, 9])
def test_the_page_costs_the_same_however_many(programme, sign_in, number, django_assert_num_queries):
    staff.tupe(programme)
    for _ in range(number):
        people.person(programme, weekly_hours=10)
        staff.member(programme)
    client = sign_in("OL", programme)
    client.get(page(programme))
    with django_assert_num_queries(9):
        client.get(page(programme))
