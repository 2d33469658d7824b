"""The pages of staff transfers: employment kept apart from readiness, the matrix, the timeline, and who has met the new employer."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.errors import NotPermitted, Refused
from tests.factories import ground, people, staff
from transfers.models.staff import CompetenceRecord, StaffTransfer, TupeProcess
from transfers.services import staff as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def page(name, programme, *args):
    return reverse(f"transfers:{name}", args=[programme.ref, *args])


def change(client, url, **values):
    """What the page of a member of staff sends with ``values`` entered."""
    shown = client.get(url).context["form"]
    return client.post(url, {name: shown[name].value() if shown[name].value() is not None else "" for name in shown.fields} | values)


def test_employment_and_practice_readiness_are_two_records(programme, sign_in):
    lead, client = ground.actor("WL", programme), sign_in("WL", programme)
    needs = services.requirements(programme, lead)
    moves, ready = staff.member(programme, surname="Moves"), staff.member(programme, surname="Ready")
    for need in needs:
        services.record_competence(ready, need.skill, "completed", actor=lead)
        services.record_competence(ready, need.skill, "validated", actor=lead)
    services.record_competence(moves, "medication", "booked", actor=lead)
    services.update_staff(ready, {"objected_on": date(2027, 3, 12)}, actor=lead)
    text = {one.surname: client.get(page("staff-detail", programme, one.public_id)).content.decode() for one in (moves, ready)}
    assert "Not yet ready for independent work: Medication (booked);" in text["Moves"]
    assert "Every essential check is validated and in date." in text["Ready"]
    assert [("No medication-critical packages" in text[name]) for name in ("Moves", "Ready")] == [True, False]
    rows = client.get(page("staff-list", programme)).content.decode()
    assert (rows.count('data-label="Employment">Objected<'), rows.count('data-label="Employment">Transfers<')) == (1, 1)
    assert CompetenceRecord.objects.filter(staff=ready, state="validated").count() == len(needs)


def test_the_matrix_has_a_column_a_skill_and_the_timeline_its_stages(programme, sign_in):
    lead = ground.actor("WL", programme)
    services.requirements(programme, lead)
    member = staff.member(programme)
    services.record_competence(member, "safeguarding", "completed", actor=lead)
    services.record_competence(member, "safeguarding", "validated", actor=lead, expires_on=date(2028, 3, 1))
    staff.tupe(programme, date(2027, 4, 1), eli_received_on=date(2027, 3, 4))
    found = sign_in("WL", programme).get(page("staff-list", programme))
    text = found.content.decode()
    assert [need.title for need in found.context["requirements"]] == ["Medication", "Infection control", "Safeguarding", "Digital records"]
    assert '<td role="cell" data-label="Safeguarding">✓ Validated <span class="app-muted">to 1 Mar 2028</span></td>' in text
    assert text.count('<span class="app-muted">None</span>') == 3
    stages = found.context["facts"].tupe
    assert [(stage.due, stage.done_on) for stage in stages if stage.done_on] == [(date(2027, 3, 4), date(2027, 3, 4))]
    assert all(stage.title in text for stage in stages)


def test_whom_the_new_employer_has_not_met_is_a_list_until_the_day_is_entered(programme, sign_in):
    member, met = staff.member(programme, surname="Waits"), staff.member(programme, surname="Met", intro_on=date(2027, 3, 1))
    staff.member(programme, surname="Objects", objected_on=date(2027, 3, 1))
    client = sign_in("WL", programme)
    first = client.get(page("staff-list", programme))
    assert {counter.label: counter.count for counter in first.context["counters"]} == {"All": 3, "Objected": 1, "No introductory contact": 1, "Restricted": 0}
    assert f'href="{page("staff-list", programme)}?show=not-met"' in first.content.decode()
    assert [one for one, _ in client.get(page("staff-list", programme) + "?show=not-met").context["rows"]] == [member]
    assert change(client, page("staff-detail", programme, member.public_id), intro_on="2027-03-12").status_code == 302
    assert StaffTransfer.objects.get(pk=member.pk).intro_on == date(2027, 3, 12)
    assert client.get(page("staff-list", programme) + "?show=not-met").context["rows"] == []
    assert met.intro_on == date(2027, 3, 1)


def opened():
    return list(TupeProcess.objects.values_list("transferor__name", "transferee__name", "transfer_date", "division", "employer_headcount", "headcount"))


def filled(client, url, **values):
    """The form as it is shown, with ``values`` entered."""
    shown = client.get(url).context["form"]
    return {name: shown[name].value() if shown[name].value() not in (None, False) else "" for name in shown.fields} | values


@pytest.mark.parametrize("role", ["ML", "CL", "OL", "WL", "XP"])
def test_the_tupe_record_is_opened_from_the_empty_timeline_with_the_date_of_the_programme(sign_in, role):
    programme = ground.provider_exit(staff_transfer_date=date(2027, 4, 1))
    for _ in range(3):
        staff.member(programme)
    staff.member(programme, assigned=False)
    client = sign_in(role, programme, **({"organisation": staff.exiting(programme)} if role == "XP" else {}))
    empty = client.get(page("staff-list", programme)).content.decode()
    assert "No TUPE record yet" in empty and f'href="{page("tupe-open", programme)}">Open the TUPE record</a>' in empty
    sent = filled(client, page("tupe-open", programme), employer_headcount="78")
    assert (sent["transferor"], sent["transfer_date"], sent["headcount"]) == (staff.exiting(programme).pk, date(2027, 4, 1), 3)
    answer = client.post(page("tupe-open", programme), sent, follow=True)
    assert answer.redirect_chain == [(page("staff-list", programme), 302)]
    assert opened() == [("Meadowgate Homecare Ltd", None, date(2027, 4, 1), "england-and-wales", 78, 3)]
    text = answer.content.decode()
    assert "The TUPE record is open. Its dates are counted back from 1 Apr 2027." in text and "Open another TUPE record" in text
    assert {stage.title: stage.due for stage in answer.context["facts"].tupe}["Employee liability information received"] == date(2027, 3, 4)
    again = client.post(page("tupe-open", programme), sent)
    assert (again.status_code, len(opened())) == (422, 1)
    assert "There is a TUPE record for these employers already. Open that one." in again.content.decode()


def test_who_does_not_change_staff_is_told_who_opens_the_record(programme, sign_in):
    client = sign_in("IP", programme, organisation=people.incoming(programme))
    text = client.get(page("staff-list", programme)).content.decode()
    assert "The lead commissioning manager or the workforce lead opens the record." in text and "tupe/open" not in text
    assert [sign_in(role, programme).post(page("tupe-open", programme), {}).status_code for role in ("IP", "MT", "BM")] == [404, 404, 404]
    assert opened() == []


def test_a_provider_opens_no_record_of_another_and_nobody_of_one_employer_with_itself(programme, sign_in):
    blue = people.incoming(programme)
    client = sign_in("XP", programme, organisation=staff.exiting(programme))
    sent = filled(client, page("tupe-open", programme), employer_headcount="78", headcount="3", transfer_date="2027-04-01")
    assert client.post(page("tupe-open", programme), sent | {"transferor": blue.pk}).status_code == 422
    with pytest.raises(NotPermitted, match="your own organisation only"):
        services.open_tupe(programme, transferor=blue, transferee=None, transfer_date=date(2027, 4, 1), actor=ground.actor("XP", programme, staff.exiting(programme)))
    with pytest.raises(Refused, match="Choose the incoming employer"):
        services.open_tupe(programme, transferor=blue, transferee=blue, transfer_date=date(2027, 4, 1), actor=ground.actor("WL", programme))
    assert opened() == []


def test_without_an_exiting_employer_the_page_says_who_adds_one(sign_in):
    programme = ground.programme(scd=date(2027, 4, 1))
    assert "No exiting employer to choose" in sign_in("WL", programme).get(page("tupe-open", programme)).content.decode()


def test_the_number_of_all_staff_is_asked_and_not_taken_for_none(programme, sign_in):
    client = sign_in("CL", programme)
    form = client.get(page("tupe-open", programme)).context["form"]
    assert (form["employer_headcount"].value(), form.fields["employer_headcount"].required) == (None, True)
    before = TupeProcess.objects.count()
    answer = client.post(page("tupe-open", programme), filled(client, page("tupe-open", programme), employer_headcount=""))
    assert (answer.status_code, "employer_headcount" in answer.context["form"].errors, TupeProcess.objects.count()) == (422, True, before)
