"""The two leads look over communications and transfers each week and say so, each once, with what they saw."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import Change
from mobilisation.services import day as days
from tests.factories import ground, people
from transfers.models import Assurance, LetterItem, LetterRun
from transfers.rules import assurance as rules
from transfers.services import assurance
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
MONDAY, SUNDAY = date(2027, 3, 15), date(2027, 3, 21)
TITLE = "Weekly assurance of communications and transfers"


@pytest.fixture
def monday():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def page(programme, name="assurance"):
    return reverse(f"transfers:{name}", args=[programme.ref])


@pytest.mark.parametrize("day", [MONDAY, date(2027, 3, 19), SUNDAY])
def test_a_week_ends_on_its_sunday(day):
    assert rules.week_of(day) == SUNDAY


def test_weeks_run_back_to_the_first_and_no_further_than_asked():
    assert rules.weeks(date(2027, 3, 3), MONDAY, 26) == [SUNDAY, date(2027, 3, 14), date(2027, 3, 7)]
    assert rules.weeks(date(2020, 1, 1), MONDAY, 2) == [SUNDAY, date(2027, 3, 14)]


@pytest.mark.parametrize(("sound", "note", "field"), [(None, "", "sound"), (False, " ", "note"), (False, "Letters late", None), (True, "", None)])
def test_what_is_not_in_order_is_written_down(sound, note, field):
    assert [name for name, _ in rules.refused(sound, note)] == ([field] if field else [])


def test_each_lead_gives_their_own_once_a_week_and_nobody_else_does(programme):
    ol, cl = ground.actor("OL", programme), ground.actor("CL", programme)
    assurance.give(programme, "OL", True, "", actor=ol)
    assurance.give(programme, "CL", False, "Letters late, sent today", actor=cl)
    for role, actor in (("CL", ol), ("OL", cl), ("OL", ground.actor("MT", programme))):
        with pytest.raises(NotPermitted):
            assurance.give(programme, role, True, "", actor=actor)
    with pytest.raises(Refused, match="The OL has given assurance for this week already"):
        assurance.give(programme, "OL", True, "", actor=ground.actor("OL", programme))
    with time_machine.travel("2027-03-22 09:00", tick=False):
        assurance.give(programme, "OL", True, "", actor=ol)
    assert list(Assurance.objects.values_list("role", "week_ending", "sound", "note")) == [
        ("OL", date(2027, 3, 28), True, ""), ("CL", SUNDAY, False, "Letters late, sent today"), ("OL", SUNDAY, True, ""),
    ]
    assert Change.objects.filter(entity="transfers.assurance", action="assurance given").count() == 3


def test_what_was_seen_is_kept_as_counts(programme):
    held = people.person(programme, done=("C01",))
    services.hold(held, actor=ground.actor("OL", programme), reason="Staff", review_on=date(2027, 4, 1))
    people.person(programme, done=people.ready_up_to("C05"))
    run = LetterRun.objects.create(programme=programme, code="K05", title="The change")
    LetterItem.objects.create(run=run, person=held, state="held", reason="No address is recorded")
    given = assurance.give(programme, "OL", True, "", actor=ground.actor("OL", programme))
    kept = {key: n for key, n in given.figures.items() if n}
    assert kept == {"untold": 1, "held": 1, "overdue": 1, "hold": 1}


def test_the_page_shows_the_figures_with_their_rows_takes_the_word_and_keeps_it_by_week(programme, sign_in):
    people.person(programme, surname="Canary", done=("C01",))
    client = sign_in("OL", programme)
    shown = client.get(page(programme))
    text = shown.content.decode()
    assert f'<li><strong>1</strong> <a href="{page(programme, "person-list")}?show=untold">Not told yet</a></li>' in text
    assert ("Canary" in text, text.count("Not given yet"), text.count(">Not given<")) == (False, 2, 20)
    empty = client.post(page(programme), {"role": "OL", "note": ""})
    assert (empty.status_code, "Say whether communications and transfers are in order" in empty.content.decode()) == (422, True)
    silent = client.post(page(programme), {"role": "OL", "sound": "no", "note": ""})
    assert (silent.status_code, "Write what is not in order" in silent.content.decode(), Assurance.objects.count()) == (422, True, 0)
    answer = client.post(page(programme), {"role": "OL", "sound": "no", "note": "Two letters late, sent today"}, follow=True)
    text = answer.content.decode()
    assert ("Kept for the week ending 21 March 2027." in text, "Two letters late, sent today" in text, 'name="sound"' in text) == (True, True, False)
    assert 'name="sound"' in sign_in("CL", programme).get(page(programme)).content.decode()
    assert 'name="sound"' not in sign_in("MT", programme).get(page(programme)).content.decode()


def test_both_leads_find_it_in_their_day_until_it_is_given(programme):
    ol, cl = ground.user_in("OL", programme), ground.user_in("CL", programme)

    def waits(user):
        return {part.title: [(item.reference, item.due) for item in part.items] for part in days.parts_for(user, MONDAY)}.get(TITLE)

    both = [(programme.reference, date(2027, 3, 19))]
    assert (waits(ol), waits(cl), waits(ground.user_in("MT", programme))) == (both, both, None)
    assurance.give(programme, "OL", True, "", actor=ground.Actor.of(ol, programme))
    assert (waits(ol), waits(cl)) == (None, both)


def test_nothing_is_given_for_a_programme_that_is_over(programme):
    actor = ground.actor("OL", programme)
    programme.status = "archived"
    programme.save()
    with pytest.raises(Refused):
        assurance.give(programme, "OL", True, "", actor=ground.Actor.of(actor.user, programme))


@pytest.mark.parametrize("role", ["XP", "BM", "COM", "SRO"])
def test_the_page_is_the_teams(programme, sign_in, role):
    organisation = people.person(programme).exiting_provider if role == "XP" else None
    assert sign_in(role, programme, organisation=organisation).get(page(programme)).status_code == 404


@pytest.mark.parametrize("number", [1, 9])
def test_the_page_costs_the_same_however_many(programme, sign_in, number, django_assert_num_queries):
    for n in range(number):
        people.person(programme)
        Assurance.objects.create(programme=programme, role="CL", week_ending=date(2027, 1, 10 + n), sound=True)
    client = sign_in("OL", programme)
    client.get(page(programme))
    with django_assert_num_queries(8):
        client.get(page(programme))
