"""A programme is not closed over somebody who is left."""

from datetime import date

import pytest

from mobilisation.errors import Refused
from mobilisation.models import Programme
from mobilisation.services import programmes
from tests.factories import ground, people
from transfers.models import Discrepancy, Hold, HospitalEpisode, MoneyHeld, PersonTransfer

pytestmark = pytest.mark.django_db


def stabilising(programme):
    Programme.objects.filter(pk=programme.pk).update(status="stabilising")
    programme.refresh_from_db()
    return programme


def refused(programme):
    with pytest.raises(Refused) as refusal:
        programmes.set_status(programme, "closed", actor=people.operator())
    programme.refresh_from_db()
    assert programme.status == "stabilising"
    return [reason.text for reason in refusal.value.reasons]


def test_everybody_is_closed_or_ended_and_everything_settled_first(programme):
    stabilising(programme)
    going, moved = people.person(programme), people.person(programme, done=people.ready_up_to("C15"))
    done = people.person(programme, done=people.ready_up_to("C20"))
    ended = people.person(programme)
    PersonTransfer.objects.filter(pk=ended.pk).update(ending="died", ended_on=date(2027, 2, 1))
    money = MoneyHeld.objects.create(person=ended, holder="Provider")
    HospitalEpisode.objects.create(person=going, open=True)
    difference = Discrepancy.objects.create(person=done, kind="other", found_on=date(2027, 2, 1))
    hold = Hold.objects.create(programme=programme, scope="wave", wave="2", reason="strike", from_date=date(2027, 2, 1))
    assert refused(programme) == [
        "2 people on the list with neither C20 nor an ending. Close or end each of them first.", "1 person without a completed safety check (C16).",
        "1 person in hospital. Record each discharge or ending.", "1 person with money held that is not settled.", "1 person with an open care-plan discrepancy.", "1 hold not lifted.",
    ]
    PersonTransfer.objects.filter(pk__in=[going.pk, moved.pk]).update(ending="withdrawn", ended_on=date(2027, 2, 1))
    assert refused(programme) == ["1 person with money held that is not settled.", "1 person with an open care-plan discrepancy.", "1 hold not lifted."]
    MoneyHeld.objects.filter(pk=money.pk).update(settled_on=date(2027, 2, 2))
    Discrepancy.objects.filter(pk=difference.pk).update(closed_on=date(2027, 2, 2))
    Hold.objects.filter(pk=hold.pk).update(lifted_on=date(2027, 2, 2))
    programmes.set_status(programme, "closed", actor=people.operator())
    programme.refresh_from_db()
    assert programme.status == "closed"


def test_another_programmes_people_stand_in_nobodys_way(programme):
    stabilising(programme)
    other = ground.provider_exit()
    people.person(other)
    programmes.set_status(programme, "closed", actor=people.operator())
    assert programme.status == "closed"
