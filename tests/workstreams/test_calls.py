"""Enquiries that name nobody, and the script of the day (domain 5.15)."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import Change
from tests.factories import ground
from workstreams.facts.calls import current_script
from workstreams.models import Enquiry, ScriptVersion
from workstreams.services import calls

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
MONDAY = date(2027, 3, 15)


@pytest.fixture
def monday():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def page(programme, name="enquiry-list", *rest):
    return reverse(f"workstreams:{name}", args=[programme.ref, *rest])


ASKED = {"channel": "phone", "asked_by": "relative", "topic": "money", "question": "Does it cost more?", "answer": ""}


def test_an_enquiry_is_taken_and_answered(programme, sign_in):
    client = sign_in("MT", programme)
    assert client.post(page(programme), ASKED).status_code == 302
    row = Enquiry.objects.get()
    assert (row.received_at, row.answered_at, row.topic) == (datetime(2027, 3, 15, 10, tzinfo=UTC), None, "money")
    answer = page(programme, "enquiry-answer", row.public_id)
    empty = client.post(answer, {"topic": "money", "answer": " ", "version": row.version})
    assert (empty.status_code, Enquiry.objects.get().answered_at) == (422, None)
    assert client.post(answer, {"topic": "rights", "answer": "No", "version": row.version}).status_code == 302
    row.refresh_from_db()
    assert (row.answer, row.answered_at, row.answered_by_label, row.topic) == ("No", datetime(2027, 3, 15, 10, tzinfo=UTC), str(client.user), "rights")
    assert [change.action for change in Change.objects.filter(entity="workstreams.enquiry")] == ["enquiry answered", "enquiry taken"]


def test_one_is_answered_at_once(programme):
    made = calls.take(programme, ASKED | {"answer": "No"}, actor=ground.actor("MT", programme))
    assert (made.answer, made.answered_by_label != "") == ("No", True)


def test_counts_are_those_of_the_rows(programme, sign_in):
    mt = ground.actor("MT", programme)
    for topic, answer in (("money", ""), ("money", "No"), ("who", ""), ("who", ""), ("jobs", "Yes")):
        calls.take(programme, ASKED | {"topic": topic, "answer": answer}, actor=mt)
    calls.take(ground.provider_exit(), ASKED, actor=ground.actor("MT", ground.provider_exit()))
    context = sign_in("MT", programme).get(page(programme)).context
    assert [(counter.label, counter.count) for counter in context["counters"]] == [("Open", 3), ("Answered", 2), ("All", 5)]
    assert {label: (row["open"], row["answered"]) for label, row, *_ in context["topics"] if row["open"] or row["answered"]} == {"Who will come": (2, 0), "Prices and charges": (1, 1), "Jobs of care workers": (0, 1)}
    client = sign_in("MT", programme)
    for counter in context["counters"]:
        assert client.get(counter.url).context["page_obj"].paginator.count == counter.count
    money = client.get(f"{page(programme)}?topic=money&show=all").context
    assert ([counter.count for counter in money["counters"]], money["page_obj"].paginator.count) == ([1, 1, 2], 2)


@pytest.mark.parametrize(("fields", "field", "said"), [
    ({"question": " "}, "question", "Write what is asked."), ({"question": "About 999 000 0018"}, "question", "NHS number"), ({"answer": "See 9990000018."}, "answer", "NHS number"),
    ({"received_at": datetime(2027, 3, 15, 10, 1, tzinfo=UTC)}, "received_at", "in the future"),
])
def test_what_names_somebody_or_says_nothing_is_refused(programme, fields, field, said):
    with pytest.raises(Refused) as refusal:
        calls.take(programme, ASKED | fields, actor=ground.actor("MT", programme))
    assert [(reason.field, said in reason.text) for reason in refusal.value.reasons] == [(field, True)]
    assert Enquiry.objects.count() == 0


def test_a_phone_number_names_nobody_by_itself(programme):
    assert calls.take(programme, ASKED | {"question": "Call back 01632 960123"}, actor=ground.actor("MT", programme)).pk


def test_only_the_latest_approved_script_of_the_day_is_shown(programme):
    cms = ground.actor("CMS", programme)
    old = calls.write_script(programme, "Old", actor=cms, valid_from=date(2027, 3, 1))
    assert current_script(programme, cms.user, MONDAY) is None
    calls.approve(old, actor=cms)
    calls.write_script(programme, "Draft", actor=cms, valid_from=MONDAY)
    later = calls.write_script(programme, "Later", actor=cms, valid_from=date(2027, 3, 16))
    calls.approve(later, actor=cms)
    assert current_script(programme, cms.user, MONDAY) == old
    assert current_script(programme, cms.user, date(2027, 3, 16)) == later
    with pytest.raises(Refused, match="approved it already"):
        calls.approve(later, actor=cms)


def test_communications_approves_and_where_there_is_none_the_cl(programme, sign_in):
    client = sign_in("CL", programme)
    script = calls.write_script(programme, "Words", actor=ground.actor("MT", programme))
    with pytest.raises(NotPermitted):
        calls.approve(script, actor=ground.actor("MT", programme))
    ground.user_in("CMS", programme)
    client.post(page(programme, "script"), {"approve": script.public_id})
    assert ScriptVersion.objects.get().approved_on is None
    answer = sign_in("CMS", programme).post(page(programme, "script"), {"approve": script.public_id})
    assert (answer.status_code, ScriptVersion.objects.get().approved_on) == (302, MONDAY)


def test_a_new_version_begins_with_the_words_of_the_current_one(programme, sign_in):
    cms = ground.actor("CMS", programme)
    calls.approve(calls.write_script(programme, "Words <b>", actor=cms, faqs="Q and A"), actor=cms)
    client = sign_in("CMS", programme)
    text = client.get(page(programme, "script")).content.decode()
    assert "Words &lt;b&gt;" in text
    assert "<b>" not in text.split("<main")[1].split("Words")[1][:20]
    assert client.post(page(programme, "script"), {"text": "New", "faqs": "", "valid_from": "2027-03-20"}).status_code == 302
    assert (ScriptVersion.objects.count(), client.post(page(programme, "script"), {"text": " ", "valid_from": "2027-03-20"}).status_code) == (2, 422)


@pytest.mark.parametrize(("role", "read", "write"), [("MT", 200, 302), ("CMS", 200, 302), ("BM", 200, 404), ("FIN", 200, 404), ("XP", 404, 404), ("IP", 404, 404), ("COM", 404, 404)])
def test_who_reads_and_who_writes(programme, sign_in, role, read, write):
    client = sign_in(role, programme)
    assert [client.get(page(programme, name)).status_code for name in ("enquiry-list", "script")] == [read, read]
    assert client.post(page(programme), ASKED).status_code == write
    assert Enquiry.objects.count() == (write == 302)


def test_the_list_asks_as_often_for_many(programme, sign_in, django_assert_num_queries):
    client, mt = sign_in("MT", programme), ground.actor("MT", programme)
    calls.take(programme, ASKED, actor=mt)
    client.get(page(programme))
    with django_assert_num_queries(9):
        client.get(page(programme))
    for _ in range(6):
        calls.take(programme, ASKED, actor=mt)
    with django_assert_num_queries(9):
        client.get(page(programme))


def test_a_closed_programme_takes_no_enquiry(programme):
    programme.status = "closed"
    programme.save()
    with pytest.raises(NotPermitted):
        calls.take(programme, ASKED, actor=ground.actor("CMS", programme))
