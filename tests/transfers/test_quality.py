"""What the tracker does not say: each number is exactly the rows its link opens, and everybody of every funding is counted."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.roles import Can
from tests.factories import ground, people
from transfers.choices import Funding
from transfers.facts.quality import LACKS, lacking, quality
from transfers.models import Checkpoint, HospitalEpisode, OrderVisit, PersonNeed, PersonTransfer, ServiceOrder
from transfers.services import contents

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
DAY = date(2027, 3, 15)
WHOLE = {
    "case_system_id": "A1", "date_of_birth": date(1940, 3, 3), "address": "1 High Street", "postcode": "CT5 1AR", "zone": "Coastal", "phone": "01227 000001", "source": "council list",
    "representative_name": "A Niece", "representative_phone": "01227 000002", "communication_format": "standard", "case_manager": "C Manager", "funding_type": "council", "known_to_council": True,
    "old_order_ref": "SO-1", "legal_basis": "s18", "priority": "G", "lives_alone": False, "dementia": False, "cognitive_or_ld": False, "double_handed": False, "medication_level": "none", "safeguarding_open": False,
    "weekly_hours": 14, "visit_times": "08:00", "planned_transfer_date": date(2027, 3, 29), "wave": "1",
}


@pytest.fixture
def monday():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def whole(programme, **fields):
    made = people.person(programme, **WHOLE | fields)
    PersonNeed.objects.create(person=made, allergies_known=True)
    return made


def counted(programme, may=frozenset(Can)):
    found = quality(PersonTransfer.objects.filter(programme=programme), DAY, may)
    return found, {line.query: line.n for _, lines in found.sections for line in lines} | {line.query: line.n for line in found.follow_up}


def test_whoever_lacks_nothing_is_counted_nowhere(programme):
    whole(programme)
    found, numbers = counted(programme)
    assert (found.total, found.complete, {query: n for query, n in numbers.items() if n}) == (1, 1, {"show=not-updated": 1, "show=overdue": 1})


BROKEN = {
    "number": {"case_system_id": ""}, "born": {"date_of_birth": None}, "address": {"address": ""}, "postcode": {"postcode": ""}, "zone": {"zone": ""}, "phone": {"phone": ""}, "source": {"source": ""},
    "representative": {"representative_name": "", "representative_phone": ""}, "representative-phone": {"representative_phone": ""}, "format": {"communication_format": ""}, "manager": {"case_manager": ""},
    "funding": {"funding_type": ""}, "body": {"funding_type": "chc"}, "known": {"known_to_council": None}, "old-order": {"old_order_ref": ""}, "new-order": {"allocation_response": "accepted"},
    "priority": {"priority": ""}, "alone": {"lives_alone": None}, "dementia": {"dementia": None}, "cognitive": {"cognitive_or_ld": None}, "double": {"double_handed": None}, "medication": {"medication_level": ""},
    "safeguarding": {"safeguarding_open": None}, "exiting": {"exiting_provider": None}, "hours": {"weekly_hours": None}, "times": {"visit_times": ""}, "transfer": {"planned_transfer_date": None},
    "hospital-asked": {"hospital_asked_on": None}, "legal": {"legal_basis": ""}, "legal-reason": {"legal_basis": "s19_3"}, "wave": {"wave": ""}, "action-owner": {"next_action": "Ring", "next_action_due": date(2027, 3, 20), "case_manager": ""}, "action-due": {"next_action": "Ring"},
}


@pytest.mark.parametrize("key", sorted(set(LACKS) - {"allergies", "hospital", "same-worker", "orders-gone", "pack-gone"}))
def test_each_gap_is_counted_by_itself(programme, key):
    broken = whole(programme, **BROKEN[key])
    whole(programme, case_system_id="A2")
    found, numbers = counted(programme)
    lacked = {query for query, n in numbers.items() if n and query.startswith("lacks=")}
    assert (f"lacks={key}" in lacked, found.complete) == (True, 1)
    assert lacked - {f"lacks={key}"} <= {"lacks=manager"}
    assert list(lacking(PersonTransfer.objects.filter(programme=programme), key)) == [broken]


def test_allergies_and_the_day_of_admission_are_asked_in_their_records(programme):
    unasked = people.person(programme, **WHOLE)
    admitted = whole(programme, case_system_id="A2")
    HospitalEpisode.objects.create(person=admitted)
    _, numbers = counted(programme)
    everybody = PersonTransfer.objects.filter(programme=programme)
    assert (numbers["lacks=allergies"], list(lacking(everybody, "allergies"))) == (1, [unasked])
    assert (numbers["lacks=hospital"], list(lacking(everybody, "hospital"))) == (1, [admitted])


def test_visits_of_an_order_are_visit_times(programme):
    person = whole(programme, visit_times="")
    assert counted(programme)[1]["lacks=times"] == 1
    OrderVisit.objects.create(order=ServiceOrder.objects.get(person=person), days="1", start="08:00", minutes=30)
    assert counted(programme)[1]["lacks=times"] == 0


def test_what_does_not_apply_is_not_missing(programme):
    alone = whole(programme, representative_name="", representative_phone="", funding_type="self", old_order_ref="", allocation_response="accepted")
    Checkpoint.objects.create(person=alone, code="C05", state="not_applicable", note="nobody")
    whole(programme, case_system_id="A2", ending="died", ended_on=date(2027, 3, 1), address="")
    found, numbers = counted(programme)
    assert (found.total, found.complete, {query for query, n in numbers.items() if n}) == (1, 1, {"show=not-updated", "show=overdue"})


def test_every_number_opens_exactly_its_rows(programme, sign_in):
    for n, key in enumerate(BROKEN):
        whole(programme, **{"case_system_id": f"B{n}"} | BROKEN[key])
    whole(programme, case_system_id="Z1", next_action="Ring", next_action_due=date(2027, 3, 12))
    client = sign_in("OL", programme)
    page = client.get(reverse("transfers:quality", args=[programme.ref]))
    shown = page.context["quality"]
    lines = [line for _, some in shown.sections for line in some] + list(shown.follow_up)
    assert {line.query: line.n for line in lines}["show=action-overdue"] == 1
    for line in lines:
        rows = client.get(f"{reverse('transfers:person-list', args=[programme.ref])}?{line.query}")
        assert (line.query, rows.context["page_obj"].paginator.count) == (line.query, line.n)
    assert f"{len(BROKEN) + 1} rows" in page.content.decode()


def test_people_at_risk_whom_nobody_has_decided_how_to_tell_are_a_list(programme, sign_in):
    open_one = whole(programme, cognitive_or_ld=True)
    whole(programme, case_system_id="A2", cognitive_or_ld=True, telling_decision="Easy read, with her sister")
    whole(programme, case_system_id="A3", cognitive_or_ld=True, ending="moved_away", ended_on=date(2027, 3, 1))
    whole(programme, case_system_id="A4")
    assert counted(programme)[1]["show=telling"] == 1
    rows = sign_in("OL", programme).get(reverse("transfers:person-list", args=[programme.ref]) + "?show=telling").context["rows"]
    assert [row.public_id for row, _ in rows] == [open_one.public_id]


def test_only_known_gaps_narrow_the_list(programme, sign_in):
    whole(programme)
    answer = sign_in("OL", programme).get(reverse("transfers:person-list", args=[programme.ref]) + "?lacks=surname")
    assert (answer.context["page_obj"].paginator.count, "it is left out: lacks." in answer.content.decode()) == (1, True)


def test_orders_are_counted_for_who_sees_orders(programme, sign_in):
    whole(programme, old_order_ref="")
    _, numbers = counted(programme, frozenset({Can.PEOPLE_VIEW}))
    assert {"lacks=old-order", "lacks=new-order"}.isdisjoint(numbers)
    assert counted(programme)[1]["lacks=old-order"] == 1


@pytest.mark.parametrize("role", ["XP", "IP"])
def test_a_provider_has_neither_the_page_nor_the_filter(programme, client, role):
    person = whole(programme)
    client.force_login(ground.user_in(role, programme, people.incoming(programme) if role == "IP" else person.exiting_provider))
    assert client.get(reverse("transfers:quality", args=[programme.ref])).status_code == 404
    page = client.get(reverse("transfers:person-list", args=[programme.ref]) + "?lacks=phone")
    assert (page.status_code, 'id="id_lacks"' in page.content.decode()) == (200, False)


@pytest.mark.parametrize("several", [1, 6])
def test_the_page_costs_the_same_however_many(programme, sign_in, django_assert_num_queries, several):
    for n in range(several):
        whole(programme, case_system_id=f"C{n}", phone="")
    client, url = sign_in("OL", programme), reverse("transfers:quality", args=[programme.ref])
    client.get(url)
    with django_assert_num_queries(6):
        client.get(url)


def test_people_of_every_funding_are_on_the_list_and_in_its_counts(programme, sign_in):
    """Whoever pays, nobody is left out (council, NHS, joint, self-funding, direct payment, other authority, and not known yet)."""
    made = {funding: whole(programme, case_system_id=f"F{funding}", funding_type=funding) for funding in ("", *Funding.values)}
    client, url = sign_in("OL", programme), reverse("transfers:person-list", args=[programme.ref])
    assert {row.funding_type for row, _ in client.get(url + "?cols=funding").context["rows"]} == {"", *Funding.values}
    for funding in Funding.values:
        assert [row.public_id for row, _ in client.get(f"{url}?cols=funding&funding={funding}").context["rows"]] == [made[funding].public_id]
    assert counted(programme)[0].total == len(Funding.values) + 1 == 7


def test_the_page_is_of_one_programme(programme, sign_in):
    other = ground.provider_exit("OTHER-1")
    whole(other)
    assert sign_in("OL", programme).get(reverse("transfers:quality", args=[programme.ref])).context["quality"].total == 0


ORDERED = {"old_order_end": date(2027, 3, 28), "new_order_ref": "SO-2", "new_order_start": date(2027, 3, 29), "payment_ref": "P-1", "orders_shared_on": date(2027, 3, 12)}


@pytest.mark.parametrize("name", sorted(ORDERED))
def test_a_c10_whose_contents_went_is_counted_and_one_whose_contents_are_there_is_not(programme, name):
    whole(programme, **ORDERED, done=people.ready_up_to("C10"))
    broken = whole(programme, case_system_id="A2", **ORDERED | {name: "" if isinstance(ORDERED[name], str) else None}, done=people.ready_up_to("C10"))
    whole(programme, case_system_id="A3", **{name: "" if isinstance(ORDERED[name], str) else None}, done=people.ready_up_to("C09"))
    assert contents.missing(broken, "C10") != []
    assert counted(programme)[1]["lacks=orders-gone"] == 1
    assert list(lacking(PersonTransfer.objects.all(), "orders-gone")) == [broken]


def test_a_self_funders_c10_asks_for_the_sharing_only(programme):
    whole(programme, funding_type="self", orders_shared_on=date(2027, 3, 12), done=people.ready_up_to("C10"))
    broken = whole(programme, case_system_id="A2", funding_type="self", done=people.ready_up_to("C10"))
    assert list(lacking(PersonTransfer.objects.all(), "orders-gone")) == [broken]


def test_a_pack_whose_person_refused_sharing_afterwards_is_counted(programme):
    refused = whole(programme, sharing_basis="refused", done=people.ready_up_to("C11"))
    whole(programme, case_system_id="A2", sharing_basis="refused", safe_without_sharing="The nurse hands over by phone", done=people.ready_up_to("C11"))
    assert list(lacking(PersonTransfer.objects.all(), "pack-gone")) == [refused]


def test_who_is_ready_and_whose_order_loses_its_contents_is_an_exception_until_it_is_back(programme, sign_in):
    person = whole(programme, **ORDERED, done=people.ready_up_to("C14"), incoming_provider=people.incoming(programme), allocation_response="accepted")
    client = sign_in("OL", programme)

    def told():
        page = client.get(reverse("transfers:person-detail", args=[programme.ref, person.public_id]))
        washup = client.get(reverse("transfers:washup", args=[programme.ref])).context["exceptions"]
        section = next((block.section for block in washup if block.section.key == "ready-missing"), None)
        return page.context["gone_since_c14"], [line.state for line in section.lines] if section else []

    assert told() == ([], [])
    PersonTransfer.objects.filter(pk=person.pk).update(payment_ref="")
    words = "C10 is marked, and this is missing now: set up the payment: enter the payment reference of the new order."
    assert told() == ([words], [words])
    rows = client.get(reverse("transfers:person-list", args=[programme.ref]) + "?show=ready-missing").context["page_obj"].paginator.count
    assert rows == 1
    PersonTransfer.objects.filter(pk=person.pk).update(payment_ref="P-1")
    assert told() == ([], [])


def test_a_provider_is_not_told_what_the_orders_of_the_team_lack(programme, sign_in):
    person = whole(programme, done=people.ready_up_to("C14"), incoming_provider=people.incoming(programme), allocation_response="accepted", sharing_basis="direct_care")
    client = sign_in("IP", programme, organisation=person.incoming_provider)
    page = client.get(reverse("transfers:person-detail", args=[programme.ref, person.public_id]))
    assert (page.status_code, page.context["gone_since_c14"]) == (200, [])
