"""Nobody lost: the council's tracker against the provider's list, each difference settled by somebody, and kept."""

import threading
from collections import Counter
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import AccessLog, Change, Programme
from mobilisation.services.imports import import_file
from tests.at_once import together
from tests.factories import ground, people, workbooks
from transfers.models import Checkpoint, ComparedList, ListFinding, ListRow, PersonTransfer
from transfers.services import lists
from transfers.services import people as people_services

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parent.parent / "data"
OPERATOR = Actor.operator()
HEAD = ["Client", "NHS Number", "D.O.B", "Post code", "Weekly hours", "Funded by", "Currently in hospital"]


def take(programme, *rows, source="exiting", actor=OPERATOR):
    """A list of the exiting provider: (client, NHS number, birthday, postcode, hours, funding, in hospital)."""
    outcome = import_file(f"list-{source}", programme, actor, workbooks.xlsx(("List", [HEAD, *map(list, rows)])), "list.xlsx")
    assert outcome.ok, outcome.summary["errors"]
    return ComparedList.objects.get(programme=programme, source=source, current=True)


def open_findings(**more):
    return list(ListFinding.objects.filter(resolution="", **more).order_by("kind", "field", "who", "id"))


@pytest.fixture
def hartley(programme):
    return people.person(programme, surname="Hartley", forename="Margaret", nhs_number="9990000018", date_of_birth="1968-09-07", postcode="CT5 1AR", weekly_hours=14)


def test_the_councils_tracker_against_the_providers_list():
    programme = ground.provider_exit()
    for name in ("Meadowgate Homecare Ltd",):
        ground.party(programme, name, "exiting")
    for name in ("Bluebell Care Partners", "Seasalter Home Support CIC", "Oyster Bay Care Ltd"):
        ground.party(programme, name, "incoming")
    assert import_file("tracker", programme, OPERATOR, (DATA / "council-tracker.xlsx").read_bytes(), "council-tracker.xlsx").summary["created"] == 140
    before = PersonTransfer.objects.count()

    outcome = import_file("list-exiting", programme, OPERATOR, (DATA / "provider-list.csv").read_bytes(), "provider-list.csv")

    assert (outcome.ok, outcome.summary["rows"], outcome.summary["created"], outcome.summary["errors"]) == (True, 140, 140, [])
    listed = ComparedList.objects.get()
    assert (listed.count, listed.matched) == (140, 133)
    kinds = Counter(ListFinding.objects.filter(resolution="").values_list("kind", "field"))
    assert kinds == {
        ("only_ours", ""): 6, ("only_theirs", ""): 6, ("likely", ""): 1, ("differs", "surname"): 10, ("differs", "in_hospital"): 8, ("differs", "weekly_hours"): 7, ("differs", "date_of_birth"): 4,
    }
    # Nobody is lost: everybody of both lists is matched, asked about, or named as missing.
    assert 133 + 1 + 6 == 140
    assert PersonTransfer.objects.count() == before, "comparing adds and changes nobody"


def test_a_person_on_their_list_only_is_added_with_who_and_why(programme, hartley):
    take(programme, ["Hartley, Margaret", "9990000018", "07/09/1968", "CT5 1AR", 14, "KCC", "No"], ["YATES, Pauline", "", "03/03/1940", "CT52AA", 7, "KCC", "No"])
    finding, = open_findings()
    assert (finding.kind, finding.who) == ("only_theirs", "YATES, Pauline")
    with pytest.raises(Refused, match="Say why"):
        lists.resolve(finding, "added", actor=OPERATOR, reason=" ")
    assert PersonTransfer.objects.count() == 1

    lists.resolve(finding, "added", actor=OPERATOR, reason="Rang Meadowgate: started on Monday")

    added = PersonTransfer.objects.exclude(pk=hartley.pk).get()
    assert (added.surname, added.forename, added.postcode, added.funding_type, added.weekly_hours, added.source) == ("YATES", "Pauline", "CT5 2AA", "council", 7, "Exiting provider's list")
    finding.refresh_from_db()
    assert (finding.resolution, finding.resolved_as, finding.reason) == ("added", OPERATOR.label, "Rang Meadowgate: started on Monday")
    assert open_findings() == []
    assert ComparedList.objects.get(current=True).matched == 2
    with pytest.raises(Refused, match="has settled this already"):
        lists.resolve(finding, "not_ours", actor=OPERATOR, reason="twice")


def test_a_line_with_a_name_only_is_not_asked_about_again_against_who_was_added_from_it(programme, hartley):
    line = ["YATES, Pauline", "", "", "", "", "", ""]
    take(programme, ["Hartley, Margaret", "9990000018", "07/09/1968", "CT5 1AR", 14, "KCC", "No"], line)
    finding, = open_findings()
    lists.resolve(finding, "added", actor=OPERATOR, reason="Rang Meadowgate: started on Monday")
    added = PersonTransfer.objects.exclude(pk=hartley.pk).get()
    finding.refresh_from_db()
    assert ([(one.kind, one.person) for one in open_findings()], finding.person, ComparedList.objects.get(current=True).matched) == ([], added, 2)

    take(programme, ["Hartley, Margaret", "9990000018", "07/09/1968", "CT5 1AR", 14, "KCC", "No"], line)
    assert [(one.kind, one.person) for one in open_findings()] == []

    lists.reopen(finding, actor=OPERATOR, why="It was somebody else")
    assert [(one.kind, one.person) for one in open_findings()] == [("likely", added)]


def test_an_answer_survives_the_next_upload_and_another_value_is_asked_again(programme, hartley):
    same = ["Hartley, Margaret", "9990000018", "07/09/1968", "CT5 1AR", 17.5, "KCC", "No"]
    take(programme, same)
    finding, = open_findings()
    assert (finding.field, finding.ours, finding.theirs) == ("weekly_hours", "14", "17.5")
    lists.resolve(finding, "kept", actor=OPERATOR, reason="The order says 14")

    take(programme, same)
    assert open_findings() == []
    take(programme, [*same[:4], 21, "KCC", "No"])
    asked, = open_findings()
    assert (asked.theirs, ListFinding.objects.get(pk=finding.pk).resolution) == ("21", "kept")
    assert [one.current for one in ComparedList.objects.order_by("id")] == [False, False, True]
    assert ListRow.objects.filter(list__current=True).count() == 1


def test_what_a_newer_list_no_longer_says_is_closed_by_it_and_comes_back_if_it_does(programme, hartley):
    take(programme, ["YATES, Pauline", "", "03/03/1940", "CT52AA", 7, "KCC", "No"])
    assert [one.kind for one in open_findings()] == ["only_ours", "only_theirs"]
    take(programme, ["Hartley, Margaret", "9990000018", "07/09/1968", "CT5 1AR", 14, "KCC", "No"])
    assert open_findings() == []
    assert set(ListFinding.objects.values_list("resolution", flat=True)) == {"gone"}
    take(programme, ["YATES, Pauline", "", "03/03/1940", "CT52AA", 7, "KCC", "No"])
    assert [one.kind for one in open_findings()] == ["only_ours", "only_theirs"]
    assert ListFinding.objects.count() == 2, "found again, not found anew"


@pytest.mark.parametrize(("row", "compared"), [(["Hartley, Margaret", "9990000018", "07/09/1968", "CT5 1AR", 17.5, "KCC", "No"], 0), (["Hartley, Margaret", "9990000018", "07/09/1968", "CT5 9ZZ", 14, "KCC", "No"], 1)])
def test_lists_are_compared_anew_only_where_the_value_taken_says_who_is_who(programme, hartley, monkeypatch, row, compared):
    take(programme, row)
    asked, = open_findings()
    calls = []
    monkeypatch.setattr(lists, "compare", lambda *a, **k: calls.append(a))
    lists.resolve(asked, "taken", actor=OPERATOR, reason="Rang them")
    asked.refresh_from_db()
    assert (asked.resolution, len(calls)) == ("taken", compared)


def test_taking_over_goes_the_way_of_every_change(programme, hartley):
    take(programme, ["Hartley, Margaret", "9990000018", "07/09/1968", "CT5 1AR", 17.5, "KCC", "Yes"])
    stay, hours = open_findings()
    lists.resolve(hours, "taken", actor=OPERATOR, reason="New order since Monday")
    hartley.refresh_from_db()
    assert hartley.weekly_hours == 17.5
    change = Change.objects.filter(entity="transfers.persontransfer", object_id=hartley.pk).latest("id")
    assert (change.fields, change.why) == ({"weekly_hours": ["14.00", "17.50"]}, "Exiting provider's list: New order since Monday")
    with pytest.raises(Refused, match="Record the stay in hospital on the person's page"):
        lists.resolve(stay, "taken", actor=OPERATOR, reason="The provider says so")
    stay.refresh_from_db()
    assert (stay.resolution, PersonTransfer.objects.get().in_hospital) == ("", False)
    people_services.admit(hartley, actor=OPERATOR)
    lists.compare(programme, "exiting", actor=OPERATOR)
    assert open_findings() == []


def test_who_is_likely_the_same_is_asked_once(programme, hartley):
    PersonTransfer.objects.update(nhs_number="")
    row = ["Hartle, Margaret", "", "08/09/1968", "CT5 1AR", 14, "KCC", "No"]
    take(programme, row)
    finding, = open_findings()
    assert (finding.kind, finding.score) == ("likely", 86)
    lists.resolve(finding, "same", actor=OPERATOR, reason="Same address and carer")
    assert sorted(one.field for one in open_findings()) == ["date_of_birth", "surname"]
    take(programme, row)
    assert sorted((one.kind, one.field) for one in open_findings()) == [("differs", "date_of_birth"), ("differs", "surname")]
    lists.reopen(ListFinding.objects.get(pk=finding.pk), actor=OPERATOR, why="It is her sister")
    asked = next(one for one in open_findings() if one.kind == "likely")
    lists.resolve(asked, "different", actor=OPERATOR, reason="Sisters")
    assert [one.kind for one in open_findings()] == ["only_ours", "only_theirs"]


def test_nobody_leaves_the_list_without_an_ending(programme, hartley):
    take(programme, ["YATES, Pauline", "", "03/03/1940", "CT52AA", 7, "KCC", "No"])
    missing = open_findings(kind="only_ours")[0]
    with pytest.raises(Refused, match="Record the ending on the person's page first"):
        lists.resolve(missing, "ended", actor=OPERATOR, reason="Died")
    missing.refresh_from_db()
    assert missing.resolution == ""
    people_services.end(hartley, "died", actor=OPERATOR, on=today(), why="Daughter rang")
    lists.resolve(missing, "ended", actor=OPERATOR, reason="Daughter rang")
    assert open_findings(kind="only_ours") == []


def test_somebody_recorded_as_gone_who_is_still_on_a_list_is_a_difference(programme, hartley):
    people_services.end(hartley, "died", actor=OPERATOR, on=today(), why="Hospital rang")
    listed = take(programme, ["Hartley, Margaret", "9990000018", "07/09/1968", "CT5 1AR", 9, "KCC", "No"])
    found = open_findings()
    assert [(one.kind, one.field, one.ours, one.theirs, one.person) for one in found] == [("differs", "ending", "Died", "Still on the list", hartley)]
    assert listed.matched == 1
    with pytest.raises(Refused, match="Take the ending back on the person's page"):
        lists.resolve(found[0], "taken", actor=OPERATOR, reason="She is alive")
    lists.resolve(found[0], "kept", actor=OPERATOR, reason="Their list is older")
    assert open_findings() == []


def test_a_mistyped_number_leaves_nobody_out_of_the_comparison(programme, hartley):
    listed = take(programme, ["Hartley, Margaret", "9990000010", "07/09/1968", "CT5 1AR", 14, "KCC", "No"], ["NEWMAN, Zachary", "12", "31/02/1950", "nowhere", "many", "KCC", "No"])
    assert (listed.count, listed.matched) == (2, 1)
    assert [(one.kind, one.who) for one in open_findings()] == [("only_theirs", "NEWMAN, Zachary")]
    row = ListRow.objects.get(surname__iexact="newman")
    assert (row.nhs_number, row.date_of_birth, row.weekly_hours) == ("", None, None)


def test_twice_on_their_list_is_a_finding_not_a_fault(programme, hartley):
    row = ["Hartley, Margaret", "9990000018", "07/09/1968", "CT5 1AR", 14, "KCC", "No"]
    listed = take(programme, row, row)
    assert (listed.count, listed.matched) == (2, 1)
    assert [one.kind for one in open_findings()] == ["twice"]


@pytest.mark.parametrize("role", ["XP", "IP"])
def test_no_provider_sees_or_settles_whole_lists(programme, hartley, sign_in, role):
    take(programme, ["YATES, Pauline", "", "03/03/1940", "CT52AA", 7, "KCC", "No"])
    finding = open_findings()[0]
    client = sign_in(role, programme)
    assert client.get(reverse("transfers:lists", args=[programme.ref])).status_code == 404
    assert client.get(reverse("transfers:finding", args=[programme.ref, finding.public_id])).status_code == 404
    assert client.post(reverse("transfers:finding", args=[programme.ref, finding.public_id]), {"how": "not_ours", "reason": "x"}).status_code == 404
    with pytest.raises(NotPermitted):
        lists.resolve(finding, "not_ours", actor=Actor.of(client.user, programme), reason="x")
    assert ListFinding.objects.get(pk=finding.pk).resolution == ""


def test_before_a_list_is_there_the_page_does_not_say_that_everything_is_settled(programme, hartley, sign_in):
    client, page = sign_in("MT", programme), reverse("transfers:lists", args=[programme.ref])
    text = client.get(page).content.decode()
    assert ("No list to compare with yet" in text, "Every difference that was found is settled" in text) == (True, False)
    take(programme, ["HARTLEY, Margaret", "9990000018", "07/09/1968", "CT51AR", 14, "KCC", "No"])
    text = client.get(page).content.decode()
    assert ("No list to compare with yet" in text, "Every difference that was found is settled" in text) == (False, True)


def test_the_page_counts_what_it_lists_and_settling_leads_to_the_next(programme, hartley, sign_in):
    take(programme, *(["YATES, Pauline", "", "03/03/1940", "CT52AA", 7, "KCC", "No"], ["VARGA, Rosa", "", "05/03/1940", "CT52DA", 7, "KCC", "No"]))
    client = sign_in("MT", programme)
    page = client.get(reverse("transfers:lists", args=[programme.ref]))
    assert [(one.label, one.count) for one in page.context["counters"]] == [
        ("Open", 3), ("On the tracker only", 1), ("On the other list only", 2), ("May be the same person", 0), ("Says something else", 0), ("Twice in the list", 0), ("Settled", 0),
    ]
    assert len(page.context["findings"]) == 3
    assert AccessLog.objects.filter(user=client.user, subject="lists compared").latest("id").count == 3
    narrowed = client.get(reverse("transfers:lists", args=[programme.ref]) + "?kind=only_theirs&source=exiting")
    assert [one.who for one in narrowed.context["findings"]] == ["VARGA, Rosa", "YATES, Pauline"]
    first, second = narrowed.context["findings"]
    url = reverse("transfers:finding", args=[programme.ref, first.public_id])
    assert client.get(url).status_code == 200
    refused = client.post(url, {"how": "not_ours", "reason": ""})
    assert (refused.status_code, "Say how you know" in refused.content.decode()) == (422, True)
    done = client.post(url, {"how": "not_ours", "reason": "Moved in October"})
    assert done.headers["Location"] == reverse("transfers:finding", args=[programme.ref, second.public_id])
    settled = client.get(reverse("transfers:lists", args=[programme.ref]) + "?kind=settled")
    assert [(one.resolution, one.reason) for one in settled.context["findings"]] == [("not_ours", "Moved in October")]


def test_an_answer_sent_from_a_page_that_was_open_throws_nobodys_answer_open(programme, hartley, sign_in):
    """Two of the team work off the same list: the second is told who has settled it, and what the first said stands."""
    take(programme, ["YATES, Pauline", "", "03/03/1940", "CT52AA", 7, "KCC", "No"])
    finding = ListFinding.objects.get(kind="only_theirs")
    url = reverse("transfers:finding", args=[programme.ref, finding.public_id])
    second = sign_in("MT", programme)
    assert second.get(url).status_code == 200
    lists.resolve(finding, "not_ours", actor=OPERATOR, reason="Moved in October")
    before = ListFinding.objects.values().get(pk=finding.pk), Change.objects.count()

    answer = second.post(url, {"how": "added", "reason": "Rang Meadowgate"})

    assert answer.status_code == 422
    assert f"{OPERATOR.label} has settled this already: not part of this transfer." in answer.content.decode()
    assert "Rang Meadowgate" in answer.content.decode()
    assert (ListFinding.objects.values().get(pk=finding.pk), Change.objects.count(), PersonTransfer.objects.count()) == (*before, 1)
    assert second.post(url, {"reason": "It is ours after all"}).status_code == 302
    assert ListFinding.objects.get(pk=finding.pk).resolution == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.only("postgresql", "SQLite has one writer at a time")
def test_two_who_settle_differences_of_one_list_at_once_do_not_wait_for_each_other(monkeypatch):
    programme = ground.provider_exit()
    people.person(programme, surname="Hartley", forename="Margaret", nhs_number="9990000018")
    take(programme, ["HARTLEY, Margret", "", "07/09/1968", "CT51AR", 7, "KCC", "No"], ["YATES, Pauline", "", "03/03/1940", "CT52AA", 7, "KCC", "No"], ["VARGA, Rosa", "", "05/03/1940", "CT52DA", 7, "KCC", "No"])
    chosen = list(ListFinding.objects.filter(kind="only_theirs").order_by("who"))[-2:]
    both, compare = threading.Barrier(2), lists.compare

    def once_both_hold_theirs(*args, **more):
        with suppress(threading.BrokenBarrierError):
            both.wait(2)
        compare(*args, **more)

    monkeypatch.setattr(lists, "compare", once_both_hold_theirs)
    found = together(*[partial(lists.resolve, ListFinding.objects.get(pk=one.pk), "added", actor=OPERATOR, reason="Rang Meadowgate") for one in chosen])
    assert found == [None, None]
    assert set(ListFinding.objects.filter(pk__in=[one.pk for one in chosen]).values_list("resolution", flat=True)) == {"added"}


def test_the_history_of_a_difference_says_who_and_what_in_words(programme, hartley, sign_in):
    take(programme, ["Hartley, Margaret", "9990000018", "07/09/1968", "CT5 1AR", 17.5, "KCC", "No"])
    finding, = open_findings()
    assert str(finding) == f"Weekly hours of person {hartley.public_id}"
    lists.resolve(finding, "kept", actor=OPERATOR, reason="The order says 14")
    told = sign_in("MT", programme).get(reverse("transfers:finding", args=[programme.ref, finding.public_id])).context["timeline"]
    found = {change.label: change.new for change in told[-1].changes}
    assert {name: found.get(name) for name in ("Source", "Kind", "Person", "What differs", "On the tracker", "On the list")} == {
        "Source": "Exiting provider's list", "Kind": "Says something else", "Person": "Hartley, Margaret", "What differs": "Weekly hours", "On the tracker": "14", "On the list": "17.5",
    }
    assert set(found) - {"Source", "Kind", "Person", "What differs", "On the tracker", "On the list", "Name on the list", "Matched by", "Score"} == set(), "no fingerprint, no key"
    assert finding.subject not in str(told)
    assert [change.new for change in told[0].changes if change.label == "Resolution"] == ["What the tracker says stays"]
    history = sign_in("OL", programme).get(reverse("mobilisation:history", args=[programme.ref])).content.decode()
    assert (f"Weekly hours of person {hartley.public_id}" in history, finding.subject in history) == (True, False)


@pytest.mark.parametrize("count", [1, 12])
def test_the_page_costs_the_same_for_one_and_for_many(programme, hartley, sign_in, django_assert_num_queries, count):
    take(programme, *(["Hartley, Margaret", "9990000018", "07/09/1968", "CT5 1AR", 14, "KCC", "No"], *([f"YATES{n}, Pauline", "", f"{n + 1:02d}/03/1940", "CT52AA", 7, "KCC", "No"] for n in range(count))))
    client = sign_in("MT", programme)
    client.get(reverse("transfers:lists", args=[programme.ref]))
    with django_assert_num_queries(11):
        client.get(reverse("transfers:lists", args=[programme.ref]))


def test_a_list_of_another_shape_is_uploaded_on_the_page(programme, hartley, sign_in):
    with time_machine.travel("2027-03-15 10:00", tick=False):
        client = sign_in("MT", programme)
        start = client.post(reverse("mobilisation:import-start", args=[programme.ref, "list-billing"]), {"file": SimpleUploadedFile("bills.csv", b"Customer no;Customer;Born;Postcode\n77;Mrs Margaret Hartley;07/09/1968;CT5 1AR\n")})
        assert start.status_code == 302
        preview = client.get(client.get(start.headers["Location"]).headers["Location"])
        assert (preview.status_code, preview.context["counts"]["created"]) == (200, 1)


def test_the_preview_tells_each_line_apart_with_and_without_a_reference(programme, sign_in):
    client = sign_in("DA", programme)
    start = reverse("mobilisation:import-start", kwargs={"ref": programme.ref, "kind": "list-exiting"})
    head = ["Ref", *HEAD]
    rows = [["SU 17", "Hartle, Margaret", "", "08/09/1968", "CT5 1AR", 14, "KCC", "No"], ["", "O'CONNOR, Brian", "9990000026", "21/02/1931", "", 14, "KCC", "No"], ["", "", "", "", "CT5 2AA", 7, "KCC", "No"]]
    sent = client.post(start, {"file": SimpleUploadedFile("list.xlsx", workbooks.xlsx(("List", [head, *rows])))})
    preview = client.get(sent.url).url
    made, refused = (client.get(f"{preview}?show={show}") for show in ("created", "refused"))
    assert [row["label"] for row in made.context["rows"]] == ["SU 17", "O'CONNOR, Brian · 21/02/1931 · 9990000026"]
    assert '<span class="app-fold-only">Row </span>3</td><th scope="row">O&#x27;CONNOR, Brian · 21/02/1931 · 9990000026</th>' in made.content.decode()
    assert [row["label"] for row in refused.context["rows"]] == ["CT5 2AA"]
    assert '<td><span class="app-fold-only">Row </span>4</td>' in refused.content.decode()


def test_who_is_only_on_their_list_stands_on_their_side_and_is_listed_whole(programme, hartley, sign_in):
    Programme.objects.update(decision_date=today())
    take(programme, ["Hartley, Margaret", "9990000018", "07/09/1968", "CT5 1AR", 14, "KCC", "No"], ["YATES, Pauline", "", "03/03/1940", "CT52AA", 7, "KCC", "No"])
    finding, = open_findings()
    shown = sign_in("OL", programme).get(reverse("transfers:finding", args=[programme.ref, finding.public_id])).context["sides"]
    assert {one["title"]: (one["ours"], one["theirs"]) for one in shown}["Surname"] == ("", "YATES")
    assert [one["ours"] for one in shown if one["ours"]] == []
    lists.resolve(finding, "added", actor=ground.actor("OL", programme), reason="Rang Meadowgate: started on Monday")
    added = PersonTransfer.objects.exclude(pk=hartley.pk).get()
    assert (added.exiting_provider, list(Checkpoint.objects.filter(person=added).values_list("code", "state"))) == (hartley.exiting_provider, [("C01", "done")])
