"""A programme that stays Red over frozen weeks goes to the board, then to the SRO, once each (domain 5.13)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mobilisation.models import Notification
from reporting.models import WeeklySnapshot
from reporting.services import red_weeks
from risks.models import Escalation, Issue
from tests.factories import ground

pytestmark = pytest.mark.django_db
SUNDAY = date(2027, 2, 28)


def freeze(programme, number, colour, kind="weekly"):
    day = SUNDAY + timedelta(weeks=number)
    WeeklySnapshot(programme=programme, kind=kind, week_ending=day, as_of=day, taken_at=datetime(2027, 3, 1, tzinfo=UTC), taken_by="x", overall=colour, position={}).save()
    red_weeks.watch(programme)
    red_weeks.watch(programme)


def raised(programme):
    return list(Escalation.objects.filter(programme=programme).order_by("pk").values_list("trigger", "to_level"))


def test_two_weeks_go_to_the_board_and_three_to_the_sro_and_no_more(programme):
    chair, sro = ground.user_in("BCH", programme), ground.user_in("SRO", programme)
    freeze(programme, 0, "R")
    freeze(programme, 0, "R", "interim")
    assert raised(programme) == [], "one week, and figures of a moment count for none"
    freeze(programme, 1, "R")
    assert raised(programme) == [("programme_red_twice", 3)]
    freeze(programme, 2, "R")
    freeze(programme, 3, "R")
    assert raised(programme) == [("programme_red_twice", 3), ("programme_red_thrice", 4)]
    assert next((note.user, note.body) for note in Notification.objects.filter(kind="escalation").order_by("pk")) == (chair, "For the next meeting.")
    assert [note.user for note in Notification.objects.filter(kind="escalation").order_by("pk")] == [chair, sro]


def test_a_better_week_settles_both_and_the_count_begins_anew(programme):
    for number, colour in enumerate("RRRARR"):
        freeze(programme, number, colour)
    assert raised(programme) == [("programme_red_twice", 3), ("programme_red_thrice", 4), ("programme_red_twice", 3)]
    assert list(Issue.objects.order_by("pk").values_list("status", flat=True)) == ["resolved", "resolved", "open"]


def test_every_hour_the_programmes_that_report_are_looked_at(programme):
    for number in (0, 1):
        day = SUNDAY + timedelta(weeks=number)
        WeeklySnapshot(programme=programme, week_ending=day, as_of=day, taken_at=datetime(2027, 3, 1, tzinfo=UTC), taken_by="x", overall="R", position={}).save()
    red_weeks.tick(datetime(2027, 3, 8, 0, 5, tzinfo=UTC))
    assert raised(programme) == [("programme_red_twice", 3)]
