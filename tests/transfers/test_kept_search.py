"""A number says which rows its link opens, whatever was searched for before: the address says whether a search applies, and which."""

import io
import re

import openpyxl
import pytest
import time_machine
from django.urls import reverse

from tests.factories import ground, people
from tests.factories import staff as staff_factory
from transfers.models import Batch, PersonTransfer, SavedView
from transfers.services import saved_views

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def at(name, programme, query="", *args):
    return reverse(f"transfers:{name}", args=[programme.ref, *args]) + query


def search(client, programme, words, query=""):
    """The address of the list that shows what was found."""
    answer = client.post(at("person-list", programme, query), {"term": words})
    assert answer.status_code == 302
    assert words.lower() not in answer.url.lower()
    return answer.url


def names(answer):
    return [person.surname for person, _ in answer.context["rows"]]


def counters(answer):
    return {counter.label: (counter.count, counter.url) for counter in answer.context["counters"]}


@pytest.fixture
def three(programme):
    return [people.person(programme, surname=name, wave=wave) for name, wave in (("Ashdown", "1"), ("Ashworth", "2"), ("Birch", "2"))]


def test_a_link_without_a_search_shows_what_its_number_says(programme, sign_in, three):
    client = sign_in("OL", programme)
    search(client, programme, "Ash")
    dashboard = client.get(reverse("reporting:dashboard", args=[programme.ref]))
    number, link = dashboard.context["p"].people.no_incoming, dashboard.context["links"]["no_provider"]
    assert (number, names(client.get(link))) == (3, ["Ashdown", "Ashworth", "Birch"])


def test_counter_rows_pages_export_print_and_everybody_of_the_filter_agree(programme, sign_in, three):
    client = sign_in("MT", programme)
    found = search(client, programme, "Ash", "?wave=2&rows=50&page=3")
    page = client.get(found)
    query = found.partition("?")[2]
    assert (names(page), counters(page)["All"][0], page.context["page_obj"].paginator.count, "page=" in found) == (["Ashworth"], 1, 1, False)
    count, url = counters(page)["No incoming provider"]
    assert (count, names(client.get(at("person-list", programme) + url))) == (1, ["Ashworth"])
    assert f'href="{at("person-export", programme)}?{query}"' in page.content.decode().replace("&amp;", "&")
    answer = client.post(at("person-export", programme, f"?{query}"), {"reason": "wash-up", "file_format": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0]
    assert sheet.max_row == 2
    paper = client.get(at("person-print", programme, f"?{query}"))
    assert (paper.context["count"], paper.context["searched"]) == (1, True)
    client.post(at("person-bulk", programme, f"?{query}"), {"act": "wave", "all": "1", "filled": "wave", "bulk-wave": "9"})
    assert Batch.objects.get().changed == 1


def test_two_windows_keep_two_searches_and_one_link_clears(programme, sign_in, three):
    client = sign_in("MT", programme)
    one, other = search(client, programme, "Ashdown"), search(client, programme, "Birch")
    assert (names(client.get(one)), names(client.get(other))) == (["Ashdown"], ["Birch"])
    assert search(client, programme, "Ashdown") == one
    text = client.get(one).content.decode()
    assert "1 person found for “Ashdown”" in text
    (clear,) = re.findall(r'href="([^"]*)">Clear the search</a>', text)
    assert names(client.get(at("person-list", programme) + clear)) == ["Ashdown", "Ashworth", "Birch"]


def test_a_search_without_words_takes_the_search_out_of_the_address(programme, sign_in, three):
    client = sign_in("MT", programme)
    found = search(client, programme, "Ash", "?wave=2")
    assert client.post(found, {"term": " "}).url == at("person-list", programme, "?wave=2")


def test_a_search_of_somebody_else_shows_nobody_and_says_so(programme, sign_in, three):
    found = search(sign_in("MT", programme), programme, "Ash")
    client = sign_in("OL", programme)
    page = client.get(found)
    assert (names(page), {count for count, _ in counters(page).values()}) == ([], {0})
    assert "The address asks for a search that is not kept here any more." in page.content.decode()
    query = "?" + found.partition("?")[2]
    assert "0 people as the list shows" in client.get(at("person-export", programme, query)).content.decode()
    client.post(at("person-bulk", programme, query), {"act": "wave", "all": "1", "filled": "wave", "bulk-wave": "9"})
    assert (Batch.objects.count(), PersonTransfer.objects.filter(wave="9").count()) == (0, 0)


def test_a_view_keeps_no_search_and_the_page_says_so(programme, sign_in, three):
    client = sign_in("MT", programme)
    query = search(client, programme, "Ash", "?wave=2").partition("?")[2]
    assert "Save what is shown, without the search, as" in client.get(at("person-list", programme, f"?{query}")).content.decode()
    opened = client.post(at("view-list", programme), {"name": "Two", "address": query}).url
    assert (SavedView.objects.get().filters, names(client.get(opened))) == ({"wave": "2"}, ["Ashworth", "Birch"])


def test_all_opens_all_where_a_view_stands_first(programme, sign_in, three):
    saved_views.save(programme, "Wave one", {"wave": ["1"]}, actor=ground.actor("OL", programme), default_for="MT")
    client = sign_in("MT", programme)
    page = client.get(at("person-list", programme, "?show=hold"))
    count, url = counters(page)["All"]
    assert (count, len(client.get(at("person-list", programme) + url, follow=True).context["rows"])) == (3, 3)


def test_the_counters_of_staff_count_what_they_open(programme, sign_in):
    for name in ("Ashdown", "Birch"):
        staff_factory.member(programme, surname=name)
    client = sign_in("OL", programme)
    found = client.post(at("staff-list", programme), {"term": "Ash"}).url
    page = client.get(found)
    assert (len(page.context["rows"]), counters(page)["All"][0], counters(page)["No introductory contact"][0]) == (1, 1, 1)
    assert len(client.get(counters(page)["No introductory contact"][1]).context["rows"]) == 1
    assert len(client.get(at("staff-list", programme)).context["rows"]) == 2


def test_a_search_that_is_kept_no_more_counts_nobody_and_says_nothing_of_matches(programme, sign_in, three):
    client = sign_in("MT", programme)
    lost = client.get(at("person-list", programme, "?q=elsewhere")).content.decode()
    found = client.get(search(client, programme, "Zeppelin")).content.decode()
    assert [(words in lost, words in found) for words in ("that is not kept here any more", "Nobody matches", 'aria-label="Show people"')] == [(True, False), (False, True), (False, True)]


def test_a_search_of_staff_that_is_kept_no_more_says_nothing_of_none_being_there(programme, sign_in):
    staff_factory.member(programme, surname="Ashdown")
    client = sign_in("OL", programme)
    lost = client.get(at("staff-list", programme, "?q=elsewhere")).content.decode()
    found = client.post(at("staff-list", programme), {"term": "Zeppelin"}, follow=True).content.decode()
    assert [(words in lost, words in found) for words in ("that is not kept here any more", "No staff here", 'aria-label="Show staff"')] == [(True, False), (False, True), (False, True)]
