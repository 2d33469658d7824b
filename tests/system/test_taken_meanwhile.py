"""Two save the same thing at the same moment: one is kept, the other is told what it would be told a moment later, at its field."""

from contextlib import contextmanager
from datetime import date

import pytest
import time_machine
from django.db.models.query import QuerySet

from mobilisation.access import Actor
from mobilisation.errors import Refused
from mobilisation.models import CalendarDay, Change, ContractParty, Organisation, Programme, User
from mobilisation.services import accounts, organisations, programmes
from reporting.models import RagOverride
from reporting.position import position
from reporting.services import overrides
from tests.at_once import together
from tests.factories import ground, people
from transfers.models import PersonTransfer, ProviderCheck, SavedView
from transfers.models.staff import CompetenceRecord, StaffTransfer, TrainingRequirement, TupeProcess
from transfers.services import people as people_services
from transfers.services import provider_checks, saved_views, staff
from workstreams.services.programmes import NewProgramme, Party, create_programme

OPERATOR = Actor.operator()
DAY = date(2027, 3, 15)


@pytest.fixture(autouse=True)
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=True):
        yield


@pytest.fixture
def programme(db):
    made = ground.provider_exit()
    made.lead = ground.user_in("ML", made)
    made.unnumbered, made.unnamed = [people.person(made) for _ in range(4)], [ground.organisation() for _ in range(4)]
    made.stands = position(made, DAY)
    return made


@contextmanager
def unseen(monkeypatch, model):
    """The first look for rows of ``model`` finds none: the other save came between it and the own one."""
    exists, fetch, looked = QuerySet.exists, QuerySet._fetch_all, []

    def no(query):
        looked.append(query.model)
        return looked.count(model) == 1 and query.model is model

    def fetched(query):
        if query._result_cache is None and no(query):
            query._result_cache = []
        fetch(query)

    with monkeypatch.context() as patch:
        patch.setattr(QuerySet, "exists", lambda query: not no(query) and exists(query))
        patch.setattr(QuerySet, "_fetch_all", fetched)
        yield


def check(programme):
    provider_checks.record(programme, people.incoming(programme), {"visits_received_on": DAY}, actor=OPERATOR)


def tupe(programme):
    exiting = Organisation.objects.get(name="Meadowgate Homecare Ltd")
    staff.open_tupe(programme, transferor=exiting, transferee=people.incoming(programme), transfer_date=date(2027, 4, 30), actor=OPERATOR)


def worker(programme, number="E1"):
    return staff.add_staff(StaffTransfer(programme=programme, exiting=Organisation.objects.get(name="Meadowgate Homecare Ltd"), surname="Field", staff_ref=number), actor=OPERATOR)


def skill(programme):
    held = StaffTransfer.objects.filter(programme=programme).first() or worker(programme)
    staff.record_competence(held, "medication", "booked", actor=OPERATOR)


def view(programme, name="Mine", **more):
    return saved_views.save(programme, name, {}, actor=Actor.of(programme.lead, programme), **more)


def number(programme):
    """One of two people gets the number that the other has just been given."""
    people_services.update_person(programme.unnumbered.pop(), {"nhs_number": "9434765919"}, actor=OPERATOR)


def number_of_staff(programme):
    held = worker(programme, f"E{StaffTransfer.objects.count() + 10}")
    staff.update_staff(held, {"staff_ref": "E1"}, actor=OPERATOR)


def party(programme):
    organisations.add_party(programme.contracts.get(), "Thanet Care", "incoming", actor=OPERATOR)


def renamed(programme):
    organisations.update(programme.unnamed.pop(), {"name": "One Name"}, actor=OPERATOR)


def opened(programme):
    create_programme(NewProgramme("TWICE", "provider_exit", "Twice", d0=date(2027, 4, 5), end=date(2027, 9, 30), parties=(Party("exiting", "Meadowgate Homecare Ltd"),)), actor=OPERATOR)


def stated(programme):
    overrides.state(programme, programme.stands, subject="programme", stated="R", reason="Two partners have not signed.", actor=Actor.of(programme.lead, programme))


def account(programme):
    accounts.open_account("new@council.example", actor=OPERATOR)


def holiday(programme):
    programmes.add_day(CalendarDay(division="england-and-wales", date=date(2027, 6, 9), title="Local day", kind="local"), actor=OPERATOR)


def first_view(programme):
    view(programme, f"View {SavedView.objects.count()}", default_for="OL")


ONCE = {
    "provider_checks.record": (check, ProviderCheck, "", f"{OPERATOR.label} entered the checks of Bluebell Care Partners at the same moment. Open the page again to see what stands, then add yours."),
    "staff.open_tupe": (tupe, TupeProcess, "transferee", "There is a TUPE record for these employers already. Open that one."),
    "staff.add_staff": (worker, StaffTransfer, "staff_ref", "Employee number E1 is on the list already."),
    "staff.record_competence": (skill, CompetenceRecord, "state", "Somebody recorded this skill as booked at the same moment. Open the page again to see what stands, then record yours."),
    "saved_views.save": (view, SavedView, "name", "There is a view of this name already."),
    "people.update_person": (number, PersonTransfer, "nhs_number", "This NHS number is on the list already. Open that person instead."),
    "organisations.add_party": (party, ContractParty, "organisation", "Thanet Care is incoming provider already."),
    "organisations.update": (renamed, Organisation, "name", "There is an organisation “One Name” already."),
    "create_programme": (opened, Programme, "reference", "There is a programme TWICE already. Choose another reference."),
    "accounts.open_account": (account, User, "email", "There is an account new@council.example already. A role is given to it on its own page, or in the programme."),
    "programmes.add_day": (holiday, CalendarDay, "date", "This day stands in the calendar already."),
}


ONLY = pytest.mark.only("postgresql", "SQLite cannot keep once what may be empty")
NULLS = {"staff.open_tupe", "staff.add_staff"}


@pytest.mark.django_db
@pytest.mark.parametrize("what", [pytest.param(name, marks=ONLY) if name in NULLS else name for name in ONCE])
def test_who_comes_second_is_told_at_the_field_and_leaves_nothing(programme, monkeypatch, what):
    save, model, field, words = ONCE[what]
    save(programme)
    stood = model.objects.count(), Change.objects.count()
    with unseen(monkeypatch, model), pytest.raises(Refused) as refused:
        save(programme)
    assert [(reason.field, reason.text) for reason in refused.value.reasons] == [(field, words)]
    assert (model.objects.count(), Change.objects.count()) == stood


@pytest.mark.django_db
def test_an_employee_number_is_changed_to_none_that_another_has(programme):
    worker(programme)
    with pytest.raises(Refused) as refused:
        number_of_staff(programme)
    assert [(reason.field, reason.text) for reason in refused.value.reasons] == [("staff_ref", "Employee number E1 is on the list already.")]
    assert sorted(StaffTransfer.objects.values_list("staff_ref", flat=True)) == ["E1", "E11"]


@pytest.mark.django_db
def test_a_colour_stated_at_the_same_moment_is_named(programme, monkeypatch):
    stated(programme)
    with unseen(monkeypatch, RagOverride), pytest.raises(Refused) as refused:
        stated(programme)
    theirs = RagOverride.objects.get()
    assert [(reason.field, reason.text) for reason in refused.value.reasons] == [("stated", f"{theirs.stated_as} stated Red for this at the same moment. Look at it, then state yours.")]


@pytest.mark.django_db
def test_a_view_that_became_the_first_of_a_role_is_named(programme, monkeypatch):
    first_view(programme)
    real = saved_views._make_room
    monkeypatch.setattr(saved_views, "_make_room", lambda view, actor: None)
    with pytest.raises(Refused) as refused:
        first_view(programme)
    assert [(reason.field, reason.text) for reason in refused.value.reasons] == [("default_for", "“View 0” became the first view of OL at the same moment. Look at it, then choose.")]
    monkeypatch.setattr(saved_views, "_make_room", real)
    assert list(SavedView.objects.values_list("name", "default_for")) == [("View 0", "OL")]


@pytest.mark.django_db
def test_the_training_requirements_of_a_new_programme_are_made_once(programme, monkeypatch):
    made = staff.requirements(programme, OPERATOR)
    with unseen(monkeypatch, TrainingRequirement):
        again = staff.requirements(programme, OPERATOR)
    assert [one.pk for one in again] == [one.pk for one in made]


@pytest.mark.django_db
def test_an_organisation_added_at_the_same_moment_is_taken(programme, monkeypatch):
    Organisation.objects.create(name="Thanet Care", kind="homecare_provider")
    with unseen(monkeypatch, Organisation):
        party(programme)
    assert ContractParty.objects.filter(organisation__name="Thanet Care", role="incoming").count() == 1


TRULY = [name for name in ONCE if name not in ("create_programme",)]


@pytest.mark.only("postgresql", "SQLite has one lock")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", TRULY)
def test_of_two_at_once_one_is_kept_and_nobody_sees_a_fault(programme, what):
    save, model, field, _ = ONCE[what]
    if what == "staff.record_competence":
        worker(programme)
    found = together(*[lambda: save(programme)] * 4)
    assert [type(one) for one in found if one is not None and not isinstance(one, (Refused, model))] == []
    told = [one.reasons[0].field for one in found if isinstance(one, Refused)]
    assert set(told) <= {field}
