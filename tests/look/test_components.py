"""What the components say, in words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from mobilisation.components import Countdown, Counter, Event, FieldChange, SummaryRow
from mobilisation.icons import ICONS
from mobilisation.moments import Colour
from mobilisation.templatetags import components
from tests.look import gallery as shop


class _Words(HTMLParser):
    def __init__(self):
        super().__init__()
        self.words = []

    def handle_data(self, data):
        self.words.append(data)


def words(html: str) -> str:
    reader = _Words()
    reader.feed(str(html))
    return " ".join(" ".join(reader.words).split())


def draw(source: str, **context) -> str:
    return Template("{% load components %}" + source).render(Context(context))


@pytest.mark.parametrize("colour", list(Colour))
def test_progress_prints_letter_and_word(colour):
    assert words(components.rag(colour)) == f"{colour.value} {colour.word}"
    assert words(components.rag(colour.value, size="letter")) == f"{colour.value} {colour.word}"


def test_progress_gives_its_reason_and_escapes_it():
    html = components.rag("R", reason="<b>late</b>")
    assert words(html) == "R Off track <b>late</b>"
    assert "<b>" not in html


def test_no_colour_draws_nothing():
    assert components.rag("") == ""
    assert components.rag(None) == ""
    assert components.rag("Z") == ""


def test_priority_names_itself_and_is_drawn_otherwise_than_progress():
    assert words(components.priority("R")) == "Priority: Red"
    assert words(components.priority("A", short=True)) == "Priority: Amber"
    assert words(components.priority("")) == "Priority: not rated"
    assert components.rag("G", kind="priority") == components.priority("G")
    assert "app-rag" not in components.priority("R")
    assert "app-priority" not in components.rag("R")


def test_stated_stands_beside_computed_only_when_it_differs():
    assert words(components.rag_pair("R", "A", "agreed")) == "Stated A At risk Computed R Off track agreed"
    assert components.rag_pair("R", "R") == components.rag("R")
    assert components.rag_pair("R", "") == components.rag("R")


@pytest.mark.parametrize("day,state,text", [
    (date(2027, 2, 26), "over", "3 days over"), (date(2027, 2, 28), "over", "1 day over"), (date(2027, 3, 1), "today", "today"), (date(2027, 3, 2), "soon", "tomorrow"),
    (date(2027, 3, 8), "soon", "in 7 days"), (date(2027, 3, 9), "ahead", "in 8 days"),
])
def test_countdown(day, state, text):
    count = Countdown(day, date(2027, 3, 1))
    assert (count.state, count.text) == (state, text)


def test_due_is_a_date_with_words():
    assert words(components.due(date(2027, 3, 4), date(2027, 3, 1))) == "4 Mar 2027 in 3 days"
    assert words(components.due(date(2027, 2, 4), date(2027, 3, 1), done=date(2027, 2, 3))) == "4 Feb 2027 done 3 Feb 2027"
    assert words(components.due(date(2027, 2, 4), date(2027, 3, 1), done=True)) == "4 Feb 2027 done"
    assert words(components.due(datetime(2027, 6, 30, 23, 30, tzinfo=UTC), date(2027, 7, 1))) == "1 Jul 2027 today"
    assert words(components.due(None)) == "No date"


def test_dates_as_words():
    assert components.short_day(date(2027, 3, 4)) == "4 Mar 2027"
    assert components.long_day(date(2027, 3, 4)) == "Thu 4 Mar 2027"
    assert components.moment(datetime(2027, 6, 30, 23, 30, tzinfo=UTC)) == "1 Jul 2027, 00:30"
    assert components.moment(None) == ""


def test_counters_mark_the_active_one_and_colour_only_above_nought():
    html = draw("{% counters items %}", items=[Counter("All", 5009, "?", True), Counter("Overdue", 0, "?o", tone="red"), Counter("Held", 2, "?h", tone="amber")])
    assert words(html) == "All 5,009 Overdue 0 Held 2"
    assert html.count('aria-current="true"') == 1
    assert "app-counter--red" not in html
    assert "app-counter--amber" in html


def test_summary_list_takes_rows_and_pairs_and_says_what_is_missing():
    html = draw("{% summary_list rows %}", rows=[SummaryRow("Name", "Ann", url="/x"), ("Phone", "")])
    assert words(html) == "Name Ann Change Name Phone Not given"
    assert draw("{% summary_list rows %}", rows=[("Visits", 0)]).count("Not given") == 0


def test_timeline_tells_old_and_new():
    events = [Event(date(2027, 3, 1), "Moved", who="A. Mason", why="asked", changes=(FieldChange("Date", "1 Mar", "8 Mar"),))]
    assert words(draw("{% timeline events %}", events=events)) == "Moved 1 Mar 2027 · A. Mason Date from 1 Mar to 8 Mar Why asked"
    assert words(draw("{% timeline events %}", events=[])) == "Nothing has happened yet."


def test_empty_state_offers_what_to_do():
    assert words(draw('{% empty "No risks" "Add the first." "/add" "Add a risk" %}')) == "No risks Add the first. Add a risk"


def test_confirm_sends_a_post_with_the_token_and_a_way_out():
    html = draw('{% confirm "Close it?" submit="Close" cancel_url="/back" reason="Why" %}', csrf_token="tok")
    assert 'method="post"' in html
    assert 'value="tok"' in html
    assert 'name="reason"' in html
    assert words(html) == "Close it? Why Close Cancel"


def test_meter_says_how_many_of_how_many():
    assert words(components.meter(1200, 1400, "Moved", planned=1300)) == "86% 1,200 of 1,400 plan 1300"
    assert words(components.meter(0, 0, "Moved")) == "0% 0 of 0"


def test_job_asks_again_only_while_it_runs():
    running, done, failed = (draw('{% job_progress job url="/j/" %}', job=shop.job(state)) for state in ("running", "done", "failed"))
    assert 'hx-trigger="every 2s"' in running
    assert '"X-Background": "1"' in running
    assert "hx-get" not in done
    assert "hx-get" not in failed
    assert words(running) == "Running Row 40 of 140 40 of 140 (29%) Ask again how far it is"


def test_pager_keeps_the_filter_and_is_silent_for_one_page():
    request = RequestFactory().get("/x/?colour=R&page=2")
    html = Template("{% load components %}{% pager page %}").render(Context({"request": request, "page": Paginator(range(120), 50).page(2)}))
    assert 'href="?colour=R&amp;page=3"' in html
    assert words(html) == "Previous page Page 1 Page 2 Page 3 Next page 51 to 100 of 120"
    assert draw("{% pager page %}", page=Paginator(range(3), 50).page(1)).strip() == ""


@pytest.mark.parametrize("name", sorted(ICONS))
def test_icons_are_decoration_unless_named(name):
    assert 'aria-hidden="true"' in components.icon(name)
    assert words(components.icon(name, "Said")) == "Said"
