"""The dates of a programme: what opening one refuses and what changing one refuses is the same."""

from datetime import date

import pytest

from mobilisation.errors import Refused
from mobilisation.models import Change, Programme
from mobilisation.services import programmes
from tests.factories import ground
from tests.factories import workstreams as factory
from workstreams.services.programmes import NewProgramme, date_faults, settled

NAMES = {"d0": "decision_date", "end": "exit_date", "award": "award_date", "staff_transfer": "staff_transfer_date", "go_live": "go_live_date"}
GOOD = {"provider_exit": {"d0": date(2027, 1, 4), "end": date(2027, 4, 30)}, "live_service": {"scd": date(2027, 4, 1)}, "homecare_start": {"go_live": date(2027, 4, 1)}}
"""As ``factory.planned`` opens them."""
WRONG = [
    ("provider_exit", {"d0": None}, [("d0", "Enter the decision or notice date (D0); the plan of an exit counts from it.")]),
    ("provider_exit", {"end": date(2027, 1, 3)}, [("end", "The last day of the exiting provider is before the decision date. Check both.")]),
    ("provider_exit", {"pace": "compressed", "end": None}, [("end", "Compressed pace is worked out from the last day of the exiting provider. Enter it.")]),
    ("provider_exit", {"staff_transfer": date(2027, 1, 3)}, [("staff_transfer", "The staff transfer is before the decision. Check both.")]),
    ("provider_exit", {"d0": date(1926, 1, 4)}, [("d0", "1926 is not a likely year. Check the date.")]),
    ("provider_exit", {"d0": date(2027, 5, 3), "staff_transfer": date(2201, 5, 1)}, [("end", "The last day of the exiting provider is before the decision date. Check both."), ("staff_transfer", "2201 is not a likely year. Check the date.")]),
    ("live_service", {"scd": None}, [("scd", "Enter the service commencement date; the plan of a live service counts back from it.")]),
    ("live_service", {"award": date(2027, 4, 2)}, [("award", "The award is after the service starts. Check both.")]),
    ("live_service", {"pace": "emergency"}, [("pace", "Emergency pace is for provider exits. Choose planned or compressed.")]),
    ("live_service", {"award": date(2026, 12, 1), "staff_transfer": date(2026, 11, 30)}, [("staff_transfer", "The staff transfer is before the award. Check both.")]),
    ("homecare_start", {"go_live": None}, [("go_live", "Enter the go-live day; the plan of a home care start counts from it.")]),
    ("homecare_start", {"award": date(2027, 4, 2), "pace": "emergency"}, [("pace", "Emergency pace is for provider exits. Choose planned or compressed."), ("award", "The award is after the service starts. Check both.")]),
    ("homecare_start", {"go_live": date(3027, 4, 1)}, [("go_live", "3027 is not a likely year. Check the date.")]),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "dates", "expected"), WRONG)
def test_opening_and_changing_a_programme_refuse_the_same(kind, dates, expected):
    new = settled(NewProgramme(**({"reference": "NEW-1", "kind": kind, "title": "A programme", "pace": "planned"} | GOOD[kind] | dates)))
    assert [(reason.field, reason.text) for reason in date_faults(new)] == expected
    programme = factory.planned(kind)
    before, told = Programme.objects.values().get(pk=programme.pk), Change.objects.count()
    with pytest.raises(Refused) as refused:
        programmes.update(programme, {NAMES.get(name, name): value for name, value in dates.items()}, actor=ground.actor("CL", programme))
    assert [(reason.field, reason.text) for reason in refused.value.reasons] == [(NAMES.get(field, field), words) for field, words in expected]
    assert (Programme.objects.values().get(pk=programme.pk), Change.objects.count()) == (before, told)


@pytest.mark.parametrize("kind", GOOD)
def test_good_dates_are_not_refused(kind):
    assert date_faults(settled(NewProgramme(reference="NEW-1", kind=kind, title="A programme", **GOOD[kind]))) == []


@pytest.mark.django_db
def test_what_was_wrong_before_does_not_stand_in_the_way_of_a_new_title():
    programme = ground.programme("live_service", award_date=date(2027, 5, 1), scd=date(2027, 4, 1), staff_transfer_date=date(2026, 1, 1))
    actor = ground.actor("CL", programme)
    programmes.update(programme, {"title": "A better title"}, actor=actor)
    assert Programme.objects.get(pk=programme.pk).title == "A better title"
    with pytest.raises(Refused) as refused:
        programmes.update(programme, {"scd": date(2027, 4, 2)}, actor=actor)
    assert [reason.field for reason in refused.value.reasons] == ["award_date"]


def test_a_contract_ends_after_it_begins_and_an_exiting_provider_may_leave_before_the_new_one_starts():
    new = NewProgramme(reference="NEW-1", kind="live_service", title="A programme", scd=date(2027, 4, 1), end=date(2027, 3, 31))
    assert [(reason.field, reason.text) for reason in date_faults(settled(new))] == [("end", "The end of the contract is before the service starts. Check both.")]
