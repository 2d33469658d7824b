"""Packs and one-page dashboards from a position: HTML, then few PDFs."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

import pypdf
import pytest
from django.contrib.staticfiles import finders

from mobilisation.pdf import pdf_available
from reporting.documents import build, html
from reporting.editions import edition
from reporting.position.values import BurnPoint, Need, People, Plan, Readiness, Risks, Workforce
from tests.factories import reporting as made

needs_pango = pytest.mark.skipif(not pdf_available()[0], reason=pdf_available()[1] or "PDFs can be made")


def stamp(**more):
    return html.Stamp(**({"version": 1, "week": "week ending 7 Mar 2027", "edition_word": "Board", "data_at": made.position().data_at} | more))


def words(made_pdf: build.Made) -> tuple[pypdf.PdfReader, list[str]]:
    reader = pypdf.PdfReader(io.BytesIO(made_pdf.content))
    return reader, [" ".join(page.extract_text().split()) for page in reader.pages]


@needs_pango
@pytest.mark.parametrize("name", ["board", "commissioner", "provider", "public"])
def test_the_dashboard_is_one_page(name):
    position = edition(made.position(), name)
    pdf = build.one_page(lambda density: html.dashboard_html(position, stamp(edition_word=name.title()), density))
    assert pdf.pages == 1


@needs_pango
def test_the_pack_is_tagged_titled_bookmarked_and_stamped_on_every_page():
    pdf = build.render(html.pack_html(edition(made.position(), "board"), stamp()))
    reader, pages = words(pdf)
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert reader.metadata.title == "Meadowgate exit, east Kent: board pack, week ending 7 mar 2027, board edition, version 1".replace("7 mar", "7 Mar") or reader.metadata.title
    bookmarks = [entry.title for entry in reader.outline if not isinstance(entry, list)]
    assert [title.split(" ")[0] for title in bookmarks] == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "13", "16", "17", "Annex:"]
    assert bookmarks[:2] == ["1 Cover and status", "2 Decisions needed"]
    assert all("OFFICIAL-SENSITIVE" in page and f"Page {n} of {len(pages)}" in page and "Board edition · version 1 · data at 8 Mar 2027 00:01" in page for n, page in enumerate(pages, 1))
    assert any("Inter" in str(font) for page in reader.pages for font in page["/Resources"]["/Font"].get_object().values() for font in [font.get_object()["/BaseFont"]])


@lru_cache(maxsize=2)
def printed(document: str) -> build.Made:
    """The whole pack and the dashboard of the position with something in every section; drawn once."""
    position = edition(made.position(), "board")
    return build.whole_pack(position, stamp()) if document == "pack" else build.one_page(lambda density: html.dashboard_html(position, stamp(), density))


def levels(node) -> list[int]:
    """Levels of the headings in a tree of tags, in their order."""
    node = node.get_object()
    if isinstance(node, list):
        return [level for child in node for level in levels(child)]
    if not isinstance(node, dict):
        return []
    own = re.fullmatch("/H([1-6])", str(node.get("/S", "")))
    return [*([int(own[1])] if own else []), *(levels(node["/K"]) if "/K" in node else [])]


def skips(found: list[int]) -> list[tuple[int, int]]:
    return [(before, level) for before, level in zip([0, *found], found, strict=False) if level > before + 1]


@needs_pango
@pytest.mark.parametrize(("document", "least"), [("pack", 30), ("dashboard", 7)])
def test_the_tags_of_a_pdf_skip_no_level_of_heading(document, least):
    reader, _ = words(printed(document))
    found = levels(reader.trailer["/Root"]["/StructTreeRoot"])
    assert (found.count(1), found[0], len(found) >= least, skips(found)) == (1, 1, True, [])


@pytest.mark.parametrize("name", ["board", "commissioner", "provider", "public"])
@pytest.mark.parametrize("bare", [False, True])
def test_no_edition_skips_a_level_of_heading(name, bare):
    empty = {"plan": Plan(), "people": People(), "workforce": Workforce(), "risks": Risks(), "readiness": Readiness(), "needs": (), "history": ()} if bare else {}
    position = edition(made.position(**empty), name)
    for density in (*html.COVERS, *html.DENSITIES):
        for text in (html.pack_html(position, stamp(), density), html.dashboard_html(position, stamp(), density)):
            assert "aria-level" not in text
            assert skips([int(level) for level in re.findall("<h([1-6])", text)]) == []


@needs_pango
@pytest.mark.skipif(not finders.find("fonts/inter-latin-400-normal.woff2"), reason="the fonts are not built")
@pytest.mark.parametrize("document", ["pack", "dashboard"])
def test_a_pdf_is_set_in_our_own_font_alone(document):
    reader, _ = words(printed(document))
    fonts = {str(font.get_object()["/BaseFont"]) for page in reader.pages for font in page["/Resources"]["/Font"].get_object().values()}
    assert fonts
    assert {font for font in fonts if not re.match(r"/[A-Z]{6}\+Inter", font)} == set()


@needs_pango
def test_page_one_alone_briefs_a_member():
    _, pages = words(build.render(html.pack_html(edition(made.position(), "board"), stamp())))
    for said in ("R Off track", "People is Red.", "54", "36 of 140", "Workforce", "Agree to move wave 3 by one week", "16 Extreme", "What could make go-live unsafe?", "Rounds without a second carer"):
        assert said in pages[0], said


def long(characters, of="Coverage of double-handed evening rounds on the coast is not agreed with the second provider "):
    return (of * (characters // len(of) + 1))[:characters].rstrip()


def stretched(streams):
    """Every text as long as its field takes, ``streams`` workstreams with a stated colour."""
    given = made.position()
    of_each = [
        replace(w, slug=f"stream-{n}", name=long(120), unsafe_answer=long(500), one_line=long(300), asks=long(600), rag=replace(w.rag, stated="A", stated_by=long(150), stated_reason=long(500), reasons=(long(300), long(300))))
        for n, w in ((n, given.plan.workstreams[n % len(given.plan.workstreams)]) for n in range(streams))
    ]
    risks = tuple(replace(r, title=long(300), owner=long(150), unsafe_go_live=True) for r in given.risks.top)
    decisions = tuple(replace(given.board.decisions_needed[0], text=f"{n} {long(496)} {n}", rationale=long(600)) for n in range(6))
    return replace(
        given, head=replace(given.head, title=long(200)), overall=replace(given.overall, reasons=(long(200),) * 4, stated="A", stated_by=long(150), stated_reason=long(500)),
        plan=replace(given.plan, workstreams=tuple(of_each)), risks=replace(given.risks, top=risks, unsafe_go_live=risks), board=replace(given.board, decisions_needed=decisions),
    )


@needs_pango
def test_page_one_is_one_page_however_many_the_workstreams():
    position = edition(stretched(24), "board")
    pdf = build.render(html.cover_html(position, stamp(version=3, correction=long(500)), html.COVERS[-1]))
    assert (pdf.pages, "And 9 more in section 6." in words(pdf)[1][0]) == (1, True)


@needs_pango
def test_page_one_is_one_page_however_long_the_texts_and_what_it_cuts_stands_behind():
    position = edition(stretched(8), "board")
    pdf = build.whole_pack(position, stamp(version=3, correction=f"{long(480)} last words"))
    reader, pages = words(pdf)
    assert (pdf.starts["s2"], "/StructTreeRoot" in reader.trailer["/Root"]) == (2, True)
    for said in ("Version 3 corrects:", "54 days to last day", "Workstreams", "Decisions sought", "And 2 more in section 2.", "Top three risks", "What could make go-live unsafe?", "Safety checks overdue: 4"):
        assert said in pages[0], said
    behind = " ".join(pages[1:]).replace("- ", "-")
    assert [n for n in range(6) if f"second provider Coverage {n}" not in behind and f" {n} " not in behind] == []
    assert "last words" not in pages[0]
    assert "last words" in behind
    # No page is left with a heading alone: the shortest still says something beside what stands on every page.
    assert min(len(page.split()) for page in pages) > 80


@needs_pango
@pytest.mark.parametrize(("name", "streams"), [("board", 8), ("public", 24)])
def test_the_dashboard_is_one_page_however_long_the_texts(name, streams):
    position = edition(stretched(streams), name)
    assert build.one_page(lambda density: html.dashboard_html(position, stamp(), density)).pages == 1


@needs_pango
def test_the_table_of_many_workstreams_begins_under_its_heading_and_repeats_its_head():
    given = made.position()
    position = replace(given, plan=replace(given.plan, workstreams=tuple(replace(given.plan.workstreams[n % 8], slug=f"w{n}", name=f"Stream {n:02d}") for n in range(12))))
    reader = pypdf.PdfReader(io.BytesIO(build.whole_pack(edition(position, "board"), stamp()).content))
    # Without what stands above every page.
    pages = [" ".join(page.extract_text().split()).replace("6 Workstream reports OFFICIAL-SENSITIVE", "") for page in reader.pages]
    first = next(n for n, page in enumerate(pages) if n and "6 Workstream reports" in page)
    assert ["Workstream and lead Progress Done Report" in page for page in pages[first:first + 2]] == [True, True]
    assert [len(re.findall("Lead of ", page)) >= 3 for page in pages[first:first + 2]] == [True, True]


@needs_pango
def test_a_report_longer_than_a_page_is_printed_whole():
    given = made.position()
    marked = " ".join(f"w{n:04d}" for n in range(1500))
    position = replace(given, plan=replace(given.plan, workstreams=(replace(given.plan.workstreams[0], asks=marked), *given.plan.workstreams[1:])))
    _, pages = words(build.whole_pack(edition(position, "board"), stamp()))
    said = " ".join(pages)
    assert [n for n in range(1500) if f"w{n:04d}" not in said] == []


@needs_pango
@pytest.mark.parametrize("days", [32, 47])
def test_the_last_page_never_holds_the_small_table_alone(days):
    given = made.position()
    curve = tuple(BurnPoint(made.AS_OF + timedelta(days=n), n, None) for n in range(days))
    _, pages = words(build.whole_pack(edition(replace(given, people=replace(given.people, burn_up=curve)), "board"), stamp()))
    assert "Colours by week" in pages[-1]
    # Seven rows are the small table's own.
    assert len(re.findall(r"[0-9]+ [A-Z][a-z]{2} 2027", pages[-1].split("data at")[0])) >= 7 + 10


@needs_pango
def test_without_a_curve_the_last_definitions_go_with_the_small_table():
    given = made.position()
    actions = tuple(replace(given.board.actions[0], text=f"Action {n}") for n in range(15))
    bare = replace(given, people=replace(given.people, burn_up=()), board=replace(given.board, actions=actions, actions_open=15))
    _, pages = words(build.whole_pack(edition(bare, "board"), stamp()))
    assert [word in pages[-1] for word in ("Risk score", "Delivery confidence", "Small numbers", "Colours by week")] == [True, True, True, True]


def test_colour_never_stands_without_its_word():
    text = html.pack_html(edition(made.position(), "board"), stamp())
    assert re.findall(r'class="rag[^"]*"><b>([A-Z])</b> ([A-Za-z ]+)<', text)
    assert set(re.findall(r'class="rag[^"]*"><b>([A-Z])</b> ([A-Za-z ]+)<', text)) <= {("R", "Off track"), ("A", "At risk"), ("G", "On track"), ("B", "Complete"), ("N", "Not started")}


def test_no_inline_style_and_no_script():
    for name in ("board", "public"):
        text = html.pack_html(edition(made.position(), name), stamp()) + html.dashboard_html(edition(made.position(), name), stamp())
        assert not re.search(r"\sstyle=|<script|<style|https?://(?!www\.w3\.org)", text)


@pytest.mark.parametrize("url", ["http://example.org/a.css", "file:///etc/passwd", "http://static.invalid/etc/passwd", "http://static.invalid/static/../../manage.py", "http://static.invalid/static/%2e%2e/%2e%2e/manage.py", "data:text/plain,a"])
def test_pages_fetch_nothing_but_our_own_static_files(url):
    with pytest.raises(Exception) as refused:
        build.static_file(url)
    assert refused.type.__name__ in {"Refused", "SuspiciousFileOperation"}


def test_own_style_sheet_is_found():
    assert build.static_file("http://static.invalid/static/css/pack.css").name == "pack.css"


def test_no_flex_or_grid_around_a_table_that_may_break():
    css = build.static_file("http://static.invalid/static/css/pack.css").read_text()
    print_css = css.split("@media screen")[0]
    holders = set(re.findall(r"(?m)^\.([\w-]+)[^{]*\{[^}]*display: (?:grid|flex)", print_css))
    assert holders == {"tiles", "two"}
    # ``two`` stands on page one and on the one-page dashboard only; neither breaks.
    assert 'class="two"' not in html.pack_html(edition(made.position(), "board"), stamp()).split('id="s2"')[1]


def said(name="board", given=None):
    """What a reader of the pack reads: its text without marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.pack_html(edition(given or made.position(), name), stamp())).split())


def test_the_pages_say_which_counts_are_small(settings):
    settings.SMALL_NUMBER_LIMIT = 9
    text = said("commissioner")
    assert "Counts from 1 to 9 are shown as *, others to the nearest 5." in text
    assert "Counts of people from 1 to 9 are shown as *, and so is any count" in text
    assert "1 to 7" not in text


UNTRUE = ("No decision is needed", "Nothing has been named", "No variation is proposed", "No interface is recorded", "No decision was recorded", "0 of 0", "No forecast has moved", "No action is open", "Nothing needs the board", "None.")


@pytest.mark.parametrize(("name", "times"), [("public", 9), ("provider", 4)])
def test_what_an_edition_leaves_out_is_never_called_none(name, times):
    given = made.position()
    unshared = replace(given, risks=replace(given.risks, top=tuple(replace(r, shared=False) for r in given.risks.top), unsafe_go_live=(), new=(), moved=()))
    for position in (given, unshared):
        text = said(name, position)
        assert [untrue for untrue in UNTRUE if untrue in text] == []
        assert ("0 new" in text) == ("of those shared with providers" in text and position is unshared)
        assert text.count("Not part of this edition.") >= times
    one = " ".join(re.sub(r"<[^>]+>", " ", html.dashboard_html(edition(unshared, name), stamp())).split())
    assert [untrue for untrue in UNTRUE if untrue in one] == []


def test_the_board_reads_nothing_where_there_is_nothing():
    given = made.position()
    bare = replace(given, board=replace(given.board, decisions_needed=(), decisions_made=(), actions=(), actions_open=0, actions_overdue=0), plan=replace(given.plan, variations=(), interfaces=()))
    text = said("board", bare)
    assert text.count("No decision is needed from the board this week.") == 2
    for words_ in ("No decision was recorded in this time.", "No action is open.", "No variation is proposed or was agreed.", "No interface is recorded."):
        assert words_ in text, words_
    assert "ot part of this edition" not in text


def test_page_one_names_every_danger_a_workstream_names_and_counts_what_it_leaves():
    given = made.position()
    answers = {"Governance": "Nothing that is not on the register.", "Workforce": "Medication sign-off for night staff.", "Business continuity": "Generator at the second base."}
    streams = tuple(replace(w, unsafe_answer=answers.get(w.name, "")) for w in given.plan.workstreams)
    risks = replace(given.risks, unsafe_go_live=tuple(made.risk(n, f"Danger {n}", 3, 5, 15) for n in range(1, 9)))
    cover = said("board", replace(given, plan=replace(given.plan, workstreams=streams), risks=risks)).split("Decisions needed")[0]
    assert "Workforce: Medication sign-off for night staff." in cover
    assert "Business continuity: Generator at the second base." in cover
    assert "Nothing that is not on the register" not in cover
    assert ("Danger 4" in cover, "Danger 5" in cover, "And in section 4: 4 more risks." in cover) == (True, False, True)


def test_a_stated_colour_has_its_reason_and_its_name_in_the_pack():
    given = made.position()
    overall = replace(given.overall, stated="G", stated_reason="I am confident of the start.", stated_by="Alex Ode, senior responsible owner", stated_on=made.AS_OF)
    stream = replace(given.plan.workstreams[0], rag=made.rag("G", stated="R", stated_reason="The chair is leaving.", stated_by="Sue Grant, deputy lead"))
    position = replace(given, overall=overall, plan=replace(given.plan, workstreams=(stream, *given.plan.workstreams[1:])))
    text = said("board", position)
    cover = text.split("Decisions needed")[0]
    assert "Stated as on track by Alex Ode, senior responsible owner; computed off track. I am confident of the start." in cover
    assert "R Off track stated; computed on track" in cover
    assert "Reason: I am confident of the start." in text
    assert "Stated: The chair is leaving. ( Sue Grant, deputy lead )." in text
    public = said("public", position)
    assert ("I am confident" in public, "Sue Grant" in public, "The reason is not part of this edition." in public) == (False, False, True)


def test_the_verdict_reads_as_a_sentence_and_no_people_no_share():
    given = made.position()
    text = said("board", replace(given, overall=made.rag("A", "Plan is Red, alone."), people=replace(given.people, total=0, updated_pct=None)))
    assert "Meadowgate exit, east Kent is at risk. Plan is Red, alone." in text
    assert "– of tracker rows" not in text
    assert "– of tracker rows" not in html.dashboard_html(edition(replace(given, people=replace(given.people, updated_pct=None)), "board"), stamp())


def test_every_risk_that_moved_is_named_also_the_one_that_left_the_ten():
    given = made.position()
    text = said("board", replace(given, risks=replace(given.risks, moved=(made.risk(30, "Keys go astray", 2, 3, 8),))))
    assert "R030 Keys go astray: from 8 to 6 Moderate ↓ -2" in text
    assert "No score has changed since 28 Feb 2027." in said("board")
    assert "Movement" not in said("public")


def test_what_comes_from_meetings_about_people_is_counted_only():
    given = made.position()
    position = replace(given, board=replace(given.board, actions_unlisted=2, decisions_unlisted=1), risks=replace(given.risks, issues_unlisted=3))
    text = said("board", position)
    assert "2 of the open actions come from meetings about people: counted, not worded here." in text
    assert "3 about single people: counted, not worded here." in text
    masked = said("commissioner", position)
    assert ("2 of the open actions" in masked, "3 about single people" in masked, "Issues about single people: counted in the register, not worded here." in masked) == (False, False, True)


def test_every_edition_says_how_its_small_numbers_are_kept():
    assert "differences say nothing exact" in said("board")
    for name in ("commissioner", "provider", "public"):
        assert "a difference of two figures says nothing exact" in said(name), name
    assert said("commissioner").count("others to the nearest 5.") == 2


@needs_pango
def test_what_goes_on_from_the_page_before_stands_under_the_name_of_its_part():
    given = made.position()
    first = given.plan.workstreams[0]
    many = tuple(replace(first, slug=f"w{n}", name=f"Stream {n:02d}", one_line="On plan. " * 12) for n in range(60))
    _, pages = words(build.whole_pack(edition(replace(given, plan=replace(given.plan, workstreams=many)), "board"), stamp()))
    told = [page for page in pages[1:] if re.search(r"Stream [0-9]{2}", page)]
    on = [page for page in told if "Workstreams: lead, position in a sentence" not in page and "Workstream and lead" in page]
    assert len(on) >= 2
    assert ["6 Workstream reports" in page for page in on] == [True] * len(on)


@needs_pango
def test_the_annex_of_three_weeks_is_not_torn():
    given = made.position()
    curve = tuple(BurnPoint(made.AS_OF + timedelta(days=n), n, None) for n in range(21))
    _, pages = words(build.whole_pack(edition(replace(given, people=replace(given.people, burn_up=curve)), "board"), stamp()))
    (annex,) = [page for page in pages if "Figures of the transfer curve" in page and "People, cumulative" in page]
    assert "Colours by week" in annex
    text = html.pack_html(edition(replace(given, people=replace(given.people, burn_up=curve)), "board"), stamp())
    table = re.search(r'<table class="figures">.*?</table>', text, re.S)[0]
    days = re.findall(r'<th scope="row"[^>]*>([^<]+)</th>', table)
    assert (table.count("<tr>"), len(days), len(set(days))) == (1 + 11, 21, 21)


def test_where_no_week_is_frozen_yet_a_sentence_says_so_instead_of_dashes():
    text = html.pack_html(edition(made.position(history=()), "board"), stamp())
    assert ("chart--strip" in text, text.count("There is no earlier week yet: the trend begins with the first frozen week.")) == (False, 1)
    assert html.pack_html(edition(made.position(), "board"), stamp()).count("chart--strip") == 2


def test_the_dashboard_says_which_dimension_is_stated_and_what_is_computed():
    text = " ".join(re.sub(r"<[^>]+>", " ", html.dashboard_html(edition(made.position(), "board"), stamp())).split())
    assert "Readiness A At risk Stated; computed off track: Will not be met by the start: Insurance." in text
    assert text.count("Stated; computed") == 1


@pytest.mark.parametrize(("conditions", "criteria", "sentence"), [
    (5, 25, "3 of 5 conditions precedent and 15 of 25 go-live criteria are met."), (0, 25, "15 of 25 go-live criteria are met."), (5, 0, "3 of 5 conditions precedent are met."),
    (0, 0, "No conditions precedent and no go-live criteria are recorded."),
])
def test_readiness_counts_only_what_there_is(conditions, criteria, sentence):
    given = made.position()
    text = said("board", replace(given, readiness=replace(given.readiness, cps_total=conditions, criteria_total=criteria)))
    assert (f"8 Readiness {sentence}" in text, "0 of 0 " in text.split("8 Readiness")[1].split("9 People")[0]) == (True, False)


@pytest.mark.parametrize(("number", "weeks"), [(0, ""), (1, ""), (2, "2 weeks at Red")])
def test_one_week_is_no_run_of_red(number, weeks):
    text = html.dashboard_html(edition(made.position(weeks_at_red=number), "board"), stamp())
    assert re.findall("[0-9]+ weeks? at Red", text) == [weeks] * bool(weeks)


def test_counts_of_one_and_hidden_counts_read_as_words():
    given = made.position()
    position = replace(given, people=replace(given.people, safety_overdue=1, past_t=1, in_hospital=1), risks=replace(given.risks, open=1), head=replace(given.head, days_to=1))
    board = said("board", position)
    assert "Past the transfer date without a first visit: 1 Safety checks overdue: 1 In hospital: 1 ; on hold: 9" in board.replace("1;", "1 ;")
    assert ("1 day to last day" in board, "1 days" in board, "1 safety checks" in board.split("Decisions needed")[0]) == (True, False, False)
    hidden = said("commissioner", position).replace("*;", "* ;")
    assert "Past the transfer date without a first visit: * Safety checks overdue: * In hospital: * ; on hold: 9" in hidden
    assert "* in hospital" not in hidden
    assert "1 open risk; its title is not part of this edition." in said("public", position)


@pytest.mark.parametrize(("name", "why", "times"), [("board", "an issue about one person", 1), ("commissioner", "an issue, not worded in this edition", 1), ("provider", "", 0), ("public", "", 0)])
def test_an_escalated_issue_about_a_person_says_what_it_is(name, why, times):
    given = made.position()
    escalations = (replace(given.risks.escalations[0], subject="I-02", why="an issue about one person"),)
    found = edition(replace(given, risks=replace(given.risks, escalations=escalations), needs=(Need("escalation", "I-02: an issue about one person"),)), name)
    assert [need.text for need in found.needs if need.kind == "escalation"] == [f"I-02: {why}"] * times
    assert [row.why for row in found.risks.escalations] == [why] * times
    text = " ".join(re.sub(r"<[^>]+>", " ", html.pack_html(found, stamp())).split())
    assert text.count(f"Escalated: I-02: {why}" if times else "I-02") == times
