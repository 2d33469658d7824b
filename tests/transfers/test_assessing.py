"""Assessment, plan, reviews, the decision how to tell, the offer to people nobody knew, and the queue of plans to validate."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from mobilisation.errors import NotPermitted, Refused
from mobilisation.history import field_changes
from mobilisation.models import AccessLog, Change, Organisation
from tests.factories import ground, people
from transfers.models import Assessment, CarePlanCheck, Checkpoint, Discrepancy, PersonTransfer, Review
from transfers.rules.assessing import HEADINGS
from transfers.services import assessing, care_plans, checkpoints, contacts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
BOTH = {"assessed_on": date(2027, 3, 12), "needs": "Hoist for every move", "impact": "New faces frighten her", "well_being": "Her cat", "assessors": ["case_manager", "nursing"]}
ALL_IN = dict.fromkeys((key for key, _ in HEADINGS), "in")


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def address(name, programme, *args):
    return reverse(f"transfers:{name}", args=[programme.ref, *args])


def state_of(person, code):
    return Checkpoint.objects.filter(person=person, code=code).values_list("state", flat=True).first()


def test_c07_is_refused_until_both_parts_are_recorded(programme):
    person = people.person(programme, done=people.ready_up_to("C06"))
    cm = ground.actor("CM", programme)
    with pytest.raises(Refused) as refusal:
        checkpoints.mark(person, "C07", actor=cm)
    assert [reason.text for reason in refusal.value.reasons] == [
        "C07 rests on the assessment: Write the needs and risks that were found. Write what the exit and the change of provider mean for this person. Choose who took part in the assessment."
    ]
    assert state_of(person, "C07") is None
    assessing.record(person, {"needs": "Hoist"}, code="C07", actor=cm)
    with pytest.raises(Refused):
        checkpoints.mark(person, "C07", actor=cm)
    assessing.record(person, BOTH, code="C07", actor=cm)
    checkpoints.mark(person, "C07", actor=cm)
    assert state_of(person, "C07") == "done"
    assert Assessment.objects.get().assessors == ["case_manager", "nursing"]


def test_the_form_records_and_marks_in_one_act_or_does_neither(programme, sign_in):
    person = people.person(programme, done=("C01", "C02"))
    client = sign_in("CM", programme)
    sent = {"assessed_on": "2027-03-12", "needs": "Hoist", "impact": "New faces", "assessors": ["nursing"], "mark": "on"}
    answer = client.post(address("assessment", programme, person.public_id), sent)
    assert answer.status_code == 422
    assert "C07 Needs and impact-of-change risk assessed needs first: C03 Priority set." in answer.content.decode()
    assert "New faces" in answer.content.decode()
    assert (Assessment.objects.count(), state_of(person, "C07")) == (0, None)
    assert client.post(address("assessment", programme, person.public_id), sent | {"mark": ""}).status_code == 302
    assert (Assessment.objects.get().impact, state_of(person, "C07")) == ("New faces", None)


def test_c08_names_each_heading_the_plan_lacks(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C07"))
    client = sign_in("CM", programme)
    sent = {"plan_on": "2027-03-12", "mark": "on"} | ALL_IN | {"diet": ""}
    answer = client.post(address("plan-content", programme, person.public_id), sent)
    assert (answer.status_code, Assessment.objects.count()) == (422, 0)
    assert "It does not yet speak of: Diet." in answer.content.decode()
    assert client.post(address("plan-content", programme, person.public_id), sent | {"diet": "not_needed"}).status_code == 302
    assert (state_of(person, "C08"), Assessment.objects.get().headings["diet"]) == ("done", "not_needed")


def test_who_may_not_mark_does_not_record_and_a_provider_finds_no_page(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C06"))
    with pytest.raises(NotPermitted):
        assessing.record(person, BOTH, code="C07", actor=ground.actor("PO", programme))
    assert Assessment.objects.count() == 0
    meadowgate = Organisation.objects.get(name="Meadowgate Homecare Ltd")
    client = sign_in("XP", programme, organisation=meadowgate)
    assert [client.get(address(name, programme, person.public_id)).status_code for name in ("assessment", "plan-content", "review-add")] == [404] * 3


def test_the_assessment_is_read_by_the_incoming_provider_and_not_by_the_exiting_one(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C09"), incoming_provider=people.incoming(programme), allocation_response="accepted", sharing_basis="direct_care")
    assessing.record(person, BOTH, code="C07", actor=ground.actor("CM", programme))
    page = address("person-detail", programme, person.public_id)
    meadowgate = Organisation.objects.get(name="Meadowgate Homecare Ltd")
    seen = {}
    for role, organisation in (("IP", people.incoming(programme)), ("XP", meadowgate)):
        text = sign_in(role, programme, organisation=organisation).get(page).content.decode()
        seen[role] = [words in text for words in ("Hoist for every move", "New faces frighten her", "Her cat")]
    assert seen == {"IP": [True, True, True], "XP": [False, False, False]}


def test_two_who_write_the_assessment_lose_nothing(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C06"))
    cm = ground.actor("CM", programme)
    assessing.record(person, BOTH, code="C07", actor=cm)
    client = sign_in("OL", programme)
    page = client.get(address("assessment", programme, person.public_id))
    carried = {name: page.context["form"][name].value() for name in ("version", "was", "assessed_on", "needs", "impact", "well_being", "assessors")}
    carried["assessed_on"] = "2027-03-12"
    assessing.record(person, {"impact": "Theirs"}, code="C07", actor=cm)
    assert client.post(address("assessment", programme, person.public_id), carried | {"needs": "Mine"}).status_code == 302
    held = Assessment.objects.get()
    assert (held.needs, held.impact, held.assessors) == ("Mine", "Theirs", ["case_manager", "nursing"])
    answer = client.post(address("assessment", programme, person.public_id), carried | {"impact": "Mine too"})
    assert answer.status_code == 422
    assert "Mine too" in answer.content.decode() and "Theirs" in answer.content.decode()
    assert Assessment.objects.get().impact == "Theirs"


def test_with_cognitive_impairment_the_decision_comes_before_c04_one_by_one_and_in_bulk(programme, sign_in):
    waits, other = people.person(programme, done=("C01", "C02"), cognitive_or_ld=True), people.person(programme, done=("C01", "C02"))
    cl = ground.actor("CL", programme)
    outcome = checkpoints.bulk_mark([waits, other], "C04", programme=programme, actor=cl)
    assert [person.pk for person in outcome.marked] == [other.pk]
    assert outcome.refused[0][1] == ("With cognitive impairment or a learning disability, how the person is told is decided one by one. Record that decision first.",)
    with pytest.raises(Refused):
        assessing.decide_telling(waits, "With pictures", ["team"], actor=cl)
    assert PersonTransfer.objects.get(pk=waits.pk).telling_decision == ""
    client = sign_in("CM", programme)
    answer = client.post(address("person-act", programme, waits.public_id, "telling"), {"on": "2027-03-15", "how": "Her sister, with pictures", "deciders": ["team", "provider", "case_manager"]})
    assert answer.status_code == 302
    waits.refresh_from_db()
    assert (waits.telling_decision, waits.telling_decided_on) == ("Her sister, with pictures", date(2027, 3, 15))
    checkpoints.mark(waits, "C04", actor=cl)
    assert state_of(waits, "C04") == "done"


def test_a_plan_of_somebody_unknown_is_waived_only_after_the_offer(programme):
    person = people.person(programme, done=people.ready_up_to("C07"), known_to_council=False)
    ol = ground.actor("OL", programme)
    programme.pace = "emergency"
    programme.save()
    waive = {"reason": "No time", "risk_assessment": "Daughter is there"}
    with pytest.raises(Refused) as refusal:
        checkpoints.waive(person, "C08", actor=ol, **waive)
    assert "not known to the council" in refusal.value.reasons[0].text
    assert state_of(person, "C08") is None
    assessing.offer_advice(person, "declined", actor=ol)
    checkpoints.waive(person, "C08", actor=ol, **waive)
    assert state_of(person, "C08") == "waived"
    assert (person.advice_offer, person.advice_offered_on) == ("declined", date(2027, 3, 15))


def test_the_offer_is_for_people_the_council_does_not_know(programme):
    person = people.person(programme, known_to_council=True)
    with pytest.raises(Refused):
        assessing.offer_advice(person, "declined", actor=ground.actor("OL", programme))
    person.refresh_from_db()
    assert person.advice_offer == ""


def test_a_review_is_asked_for_held_and_kept(programme, sign_in):
    person = people.person(programme, done=people.ready_up_to("C16"), funding_type="self")
    client = sign_in("CM", programme)
    assert client.post(address("review-add", programme, person.public_id), {"about": "new_arrangements", "asked_by": "carer", "asked_on": "2027-03-10"}).status_code == 302
    review = Review.objects.get()
    url = address("review-edit", programme, person.public_id, review.public_id)
    assert client.post(url, {"about": "new_arrangements", "asked_by": "carer", "asked_on": "2027-03-10", "held_on": "2027-03-09", "outcome": "x", "version": 1}).status_code == 422
    assert client.post(url, {"about": "new_arrangements", "asked_by": "carer", "asked_on": "2027-03-10", "held_on": "2027-03-14", "outcome": "", "version": 1}).status_code == 422
    assert client.post(url, {"about": "new_arrangements", "asked_by": "carer", "asked_on": "2027-03-10", "held_on": "2027-03-14", "outcome": "Content", "version": 1}).status_code == 302
    review.refresh_from_db()
    assert (review.held_on, review.outcome) == (date(2027, 3, 14), "Content")
    assert Change.objects.filter(entity="transfers.review", object_id=review.pk).count() == 2
    text = client.get(address("person-detail", programme, person.public_id)).content.decode()
    assert "Held 14 Mar" in text and "by a carer" in text


def moved(programme, *, days_ago=5, **fields):
    day = date.fromordinal(date(2027, 3, 15).toordinal() - days_ago)
    person = people.person(
        programme, done=people.ready_up_to("C14"), incoming_provider=people.incoming(programme), allocation_response="accepted", sharing_basis="direct_care",
        planned_transfer_date=day, **fields,
    )
    checkpoints.mark(person, "C15", actor=people.operator(), on=day)
    return person


def test_plans_are_validated_in_the_order_of_risk(programme, sign_in):
    ordinary, late = moved(programme, surname="Ordinary"), moved(programme, surname="Late", days_ago=9, medication_level="administer")
    peg, differs = moved(programme, surname="Peg", peg_or_clinical=True), moved(programme, surname="Differs")
    care_plans.open_discrepancy(differs, "medication", actor=people.operator(), detail="Old medicine")
    done = moved(programme, surname="Done")
    CarePlanCheck.objects.filter(person=done).update(status="validated", validated_on=date(2027, 3, 15))
    PersonTransfer.objects.filter(pk=done.pk).update(plan_status="validated")
    answer = sign_in("QL", programme).get(address("validation", programme))
    rows = answer.context["rows"]
    assert [(row.person.pk, row.due, row.why) for row in rows] == [
        (differs.pk, date(2027, 4, 7), ""), (late.pk, date(2027, 3, 16), "medication"), (peg.pk, date(2027, 3, 20), "PEG or clinical task"), (ordinary.pk, date(2027, 4, 7), ""),
    ]
    log = AccessLog.objects.order_by("-pk").first()
    assert (log.subject, set(log.object_ids)) == ("plans to validate", {person.public_id for person in (ordinary, late, peg, differs)})


def test_the_incoming_provider_validates_its_own_and_the_exiting_one_does_not(programme, sign_in):
    mine = moved(programme, surname="Mine")
    other = moved(programme, surname="Zebrano")
    PersonTransfer.objects.filter(pk=other.pk).update(incoming_provider=people.incoming(programme, "Oyster Bay Care Ltd"))
    answer = sign_in("IP", programme, organisation=people.incoming(programme)).get(address("validation", programme))
    assert [row.person.pk for row in answer.context["rows"]] == [mine.pk]
    assert "Zebrano" not in answer.content.decode()
    meadowgate = Organisation.objects.get(name="Meadowgate Homecare Ltd")
    assert sign_in("XP", programme, organisation=meadowgate).get(address("validation", programme)).status_code == 404


def test_a_long_queue_comes_in_pages_and_who_is_shown_is_logged(programme, sign_in, monkeypatch):
    monkeypatch.setattr("transfers.views.assessing.PAGE", 2)
    first, second, third = (moved(programme, surname=surname) for surname in ("Ash", "Birch", "Cedar"))
    client = sign_in("QL", programme)
    pages = [client.get(address("validation", programme), {"page": number}) for number in (1, 2)]
    assert [[row.person.pk for row in answer.context["rows"]] for answer in pages] == [[first.pk, second.pk], [third.pk]]
    assert ["3 to validate" in answer.content.decode() for answer in pages] == [True, True]
    assert [entry.object_ids for entry in AccessLog.objects.filter(subject="plans to validate").order_by("pk")] == [[first.public_id, second.public_id], [third.public_id]]


@pytest.mark.parametrize("number", [1, 6])
def test_the_queue_costs_the_same_with_one_and_with_several(programme, sign_in, number, django_assert_num_queries):
    for _ in range(number):
        moved(programme, peg_or_clinical=True)
    client = sign_in("QL", programme)
    client.get(address("validation", programme))
    with django_assert_num_queries(11):
        answer = client.get(address("validation", programme))
    assert len(answer.context["rows"]) == number


def test_a_complex_case_goes_to_the_weekly_meeting(programme, sign_in):
    person = moved(programme)
    client = sign_in("QL", programme)
    url = address("person-act", programme, person.public_id, "mdt")
    assert client.post(url, {"on": "2027-03-12"}).status_code == 422
    assert client.post(url, {"on": "2027-03-18"}).status_code == 302
    assert CarePlanCheck.objects.get(person=person, current=True).mdt_on == date(2027, 3, 18)
    assert Discrepancy.objects.count() == 0


def test_the_form_of_agreement_is_printed_for_the_person_and_logged(programme, sign_in):
    person = people.person(programme, surname="Hartley", forename="Mae", incoming_provider=people.incoming(programme))
    text = sign_in("MT", programme).get(address("agreement", programme, person.public_id)).content.decode()
    assert "Hartley, Mae" in text and "Bluebell Care Partners" in text and "I do not agree" in text
    assert AccessLog.objects.order_by("-pk").first().subject == "form of agreement"
    assert sign_in("COM", programme).get(address("agreement", programme, person.public_id)).status_code == 404


def test_the_health_liaison_is_asked_for_and_shown(programme, sign_in):
    person = people.person(programme, funding_type="chc")
    client = sign_in("MT", programme)
    page = address("person-detail", programme, person.public_id)
    assert "Add the health liaison to the contacts." in client.get(page).content.decode()
    contacts.add(person, {"role": "health_liaison", "name": "Nurse Adeyemi"}, actor=ground.actor("OL", programme))
    text = client.get(page).content.decode()
    assert "Health liaison: Nurse Adeyemi." in text
    person.refresh_from_db()
    assert person.representative_name == ""


def test_history_tells_in_words_who_took_part_and_what_the_plan_speaks_of():
    fields = {"assessors": [None, ["case_manager", "imca"]], "headings": [{"diet": "in"}, {"diet": "not_needed", "views": "in"}]}
    told = field_changes(Change(entity="transfers.assessment", fields=fields))
    assert [(one.label, one.old, one.new) for one in told] == [
        ("Who took part", "", "Case manager, Independent mental capacity advocate (IMCA)"),
        ("What the plan speaks of", "Diet: in the plan", "Views of carers and relatives: in the plan, Diet: not needed"),
    ]


def test_history_tells_in_words_what_a_care_plan_was_checked_for_and_what_was_answered():
    checks = {"checks": [{}, {"moving_handling": "right", "medicines": "differs"}]}
    assert [(one.label, one.old, one.new) for one in field_changes(Change(entity="transfers.careplancheck", fields=checks))] == [
        ("Checks", "", "Medicines reconciled with pharmacy or family: differs, Moving and handling: as the plan says")
    ]
    answers = {"answers": [None, {"feels_safe": "no", "came": "yes"}]}
    assert [(one.label, one.old, one.new) for one in field_changes(Change(entity="transfers.safetycheck", fields=answers))] == [("Answers", "", "Did staff come? Yes, Does the person feel safe? No")]
