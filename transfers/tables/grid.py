"""The rows of the daily grid as HTML. A thousand cells stand on a page, so they are written in Python, one short string each, and
say nothing twice: what a column is stands on its heading, end tags that HTML does without are left out.

Every text that people typed goes through ``escape``. ``data-v`` on a cell is the value behind it where the script of the grid cannot read it off what is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

from django.utils.safestring import SafeString, mark_safe

from mobilisation.clock import today
from mobilisation.components import PRIORITY, PROGRESS, short_date
from transfers.models import PersonTransfer
from transfers.rules.gates import SETTLED
from transfers.rules.grid import BY_KEY, CODES_OF, Column, Layout, Viewer
from transfers.rules.grid import SHORT as SHORTS

NONE = '<i>–</i>'
HIDDEN = '<span class="nhsuk-u-visually-hidden">'


class Mark(NamedTuple):
    """A checkpoint as far as its cell shows it: a thousand stand on a page."""

    person_id: int
    code: str
    pk: int
    version: int
    state: str
    done_on: date | None
    by_label: str
    marked_at: datetime | None
    from_file: bool
    risk_assessment: str


@dataclass
class Row:
    """One person with what their cells are drawn from. ``was``: {key of a column: what its cell said before, in words}, for the overlay."""

    person: PersonTransfer
    marks: Mapping[str, Mark]
    dues: Mapping[str, date]
    colour: str
    was: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=4096)
def day_words(day: date, year: int) -> str:
    """``3 Mar``; with its year when that is another one."""
    return f"{day.day} {day:%b}" if day.year == year else f"{day.day} {day:%b} {day:%y}"


@lru_cache(maxsize=1024)
def initials(label: str) -> str:
    """Of a name or an e-mail address, at most three letters."""
    words = label.split("@")[0].replace(".", " ").replace("_", " ").replace("-", " ").split()
    return "".join(word[0] for word in words if word[0].isalpha())[:3].upper()


@dataclass
class Grid:
    """Draws cells for one viewer on one day. ``base``: the address of the list, when it is not the page itself. ``named``: with the
    name, else the case-system ID alone; ``paper``: nothing that leads anywhere."""

    layout: Layout
    viewer: Viewer
    as_of: date = field(default_factory=today)
    base: str = ""
    many_exiting: bool = True
    choose: bool = False
    named: bool = True
    paper: bool = False

    def __post_init__(self) -> None:
        self.year = self.as_of.year
        self._rates, self._owns = (self.viewer.edits(BY_KEY[key]) for key in ("priority", "owner"))
        self._drawers: list[tuple[str, Callable[[Row], str]]] = [self._drawer(one) for one in self.layout.cells if isinstance(one, str) or one.key != "person"]

    def _drawer(self, one: Column | str) -> tuple[str, Callable[[Row], str]]:
        if isinstance(one, str):
            return one, lambda row: self._folded(row, one)
        edits = self.viewer.edits(one)
        if one.edit == "mark":
            return one.key, lambda row: self._mark(row, one.key, edits)
        if one.show in OWN:
            draw: Callable[[Row], str] = getattr(self, f"_{one.show}")
            return one.key, draw
        return one.key, lambda row: self._plain(row, one, edits)

    def row(self, row: Row) -> SafeString:
        """The ``<tr>`` of one person."""
        person = row.person
        head = f"<tr data-p={person.public_id} data-n={person.version}>{_ROW_HEAD}{self._person(row)}"
        if self.choose:
            head += f'<td class=g-pick><input type=checkbox form=bulk name=person value={person.public_id} aria-label="Choose {escape(person.name)}">'
        if row.was:
            return mark_safe(_before(head, row.was.get("person")) + "".join([_before(draw(row), row.was.get(key)) for key, draw in self._drawers]))
        return mark_safe(head + "".join([draw(row) for _, draw in self._drawers]))

    def rows(self, rows: Iterable[Row]) -> SafeString:
        return mark_safe("\n".join(map(self.row, rows)))

    # One cell each

    def _person(self, row: Row) -> str:
        person = row.person
        number = f" <small>{escape(person.case_system_id)}</small>" if person.case_system_id else ""
        plan = ' <span class="app-tag app-tag--amber">Care plan PROVISIONAL</span>' if person.plan_provisional else ""
        if not self.named:
            return f"{escape(person.case_system_id) or person.public_id}{plan}"
        return f"{escape(person.name)}{number}{plan}" if self.paper else f"<a href={self.base}{person.public_id}/>{escape(person.name)}</a>{number}{plan}"

    def _priority(self, row: Row) -> str:
        letter = row.person.priority
        shown = _PRIORITIES.get(letter, _UNRATED)
        if not self._rates:
            return f"<td class=g-priority>{shown}"
        return f'<td class=g-priority data-v="{letter}"><a href={self.base}{row.person.public_id}/cell/priority/>{shown}</a>'

    def _progress(self, row: Row) -> str:
        return _PROGRESSES.get(row.colour, "<td>")

    def _providers(self, row: Row) -> str:
        person = row.person
        left: str = getattr(person, "exiting_name", "") or ""
        to: str = getattr(person, "incoming_name", "") or ""
        right = escape(to) if to else "<small>none yet</small>"
        offered = " <small>offered</small>" if person.allocation_response == "offered" else ""
        return f'<td class=g-providers>{f"<i>{escape(left)}</i> → " if self.many_exiting and left else "→ "}{right}{offered}'

    def _stage(self, row: Row) -> str:
        return f"<td class=g-stage>{row.person.stage_word} <small>{row.person.settled_codes}/20</small>"

    def _next(self, row: Row) -> str:
        code = row.person.next_checkpoint
        return f"<td class=g-next>{code} {SHORTS[code]}" if code else f"<td class=g-next>{NONE}"

    def _due(self, row: Row) -> str:
        day = row.person.next_due
        if day is None:
            return f"<td class=g-due>{NONE}"
        left = (day - self.as_of).days
        word = f" <b>{-left} d late</b>" if left < 0 else " <b>today</b>" if left == 0 else " <b>tomorrow</b>" if left == 1 else f" <b>in {left} d</b>" if left <= 7 else ""
        look = '"g-due l"' if left < 0 else '"g-due s"' if left <= 7 else "g-due"
        return f"<td class={look}>{day_words(day, self.year)}{word}"

    def _over(self, row: Row) -> str:
        since = row.person.overdue_from
        days = (self.as_of - since).days + 1 if since and not row.person.ending else 0
        return f"<td class=g-over><b>{days}</b>" if days > 0 else f"<td class=g-over>{NONE}"

    def _hold(self, row: Row) -> str:
        person = row.person
        words = "" if person.ending else " · ".join(word for flag, word in ((person.on_hold, "On hold"), (person.in_hospital, "Hospital")) if flag)
        return f'<td class=g-hold><span class="app-tag app-tag--amber">{words}</span>' if words else f"<td class=g-hold>{NONE}"

    def _owner(self, row: Row) -> str:
        own, manager = row.person.next_action_owner, row.person.case_manager
        text = escape(own) if own else f"<small>{escape(manager)}</small>" if manager else NONE
        return self._td(row, "next_action_owner", text, None if own else "", self._owns)

    def _by(self, row: Row) -> str:
        at, label = row.person.updated_at, getattr(row.person, "by_name", "") or getattr(row.person, "by_email", "") or ""
        for mark in row.marks.values():
            if mark.marked_at is not None and mark.marked_at > at:
                at, label = mark.marked_at, mark.by_label
        return f"<td>{escape(label) if label else NONE}"

    def _short_day(self, row: Row) -> str:
        return f"<td>{day_words(row.person.touched_on, self.year)}"

    def _nhs(self, row: Row) -> str:
        return f"<td>{row.person.nhs_shown or NONE}"

    def _plain(self, row: Row, column: Column, edits: bool) -> str:
        value: Any = getattr(row.person, column.field)
        raw: str | None = None
        if value is None or value == "":
            text = NONE
        elif column.show == "day":
            text = short_date(value)
        elif column.show == "word":
            text, raw = escape(str(getattr(row.person, f"get_{column.field}_display")())), str(value)
        elif column.show == "number":
            text = f"{float(value):g}"
        else:
            text = escape(value)
        return self._td(row, column.field, text, raw, edits, " class=num" if column.show == "number" else "")

    def _td(self, row: Row, slug: str, text: str, raw: str | None, edits: bool, look: str = "") -> str:
        if not edits:
            return f"<td{look}>{text}"
        value = "" if raw is None or text is NONE else f' data-v="{escape(raw)}"' if raw else " data-v"
        return f"<td{look}{value}><a href={self.base}{row.person.public_id}/cell/{slug}/>{text}</a>"

    def _mark(self, row: Row, code: str, edits: bool) -> str:
        mark = row.marks.get(code)
        state = mark.state if mark is not None else "not_started"
        look, text = self._state(row, code, mark, state)
        cell = f"<td class={look}" if look else "<td"
        if mark is not None:
            cell += f" data-r={mark.pk}.{mark.version}"
        return f"{cell}><a href={self.base}{row.person.public_id}/cell/{code}/>{text}</a>" if edits else f"{cell}>{text}"

    def _state(self, row: Row, code: str, mark: Mark | None, state: str) -> tuple[str, str]:
        """(class, text) of a checkpoint. The word or sign says it; the colour only repeats it."""
        if mark is not None and state == "done" and mark.done_on:
            who = "file" if mark.from_file else escape(initials(mark.by_label))
            return "d", f"✓ {day_words(mark.done_on, self.year)} <small>{who}</small>"
        if state in _WORDS:
            return _WORDS[state]
        if row.person.ending:
            return "", NONE
        asked = ""
        if mark is not None and state == "in_progress":
            asked = "W? " if mark.risk_assessment else "stated "
        elif state == "reopened":
            asked = "reopened "
        due = row.dues.get(code)
        if due is None:
            return "", asked or NONE
        if due < self.as_of:
            return "l", f"{asked}<b>late</b> {day_words(due, self.year)}"
        return ("s" if (due - self.as_of).days <= 7 else ""), f"{asked}{day_words(due, self.year)}"

    def _folded(self, row: Row, group: str) -> str:
        codes = CODES_OF[group]
        marks, dues = row.marks, row.dues
        done = late = 0
        for code in codes:
            mark = marks.get(code)
            if mark is not None and mark.state in SETTLED:
                done += 1
            elif (due := dues.get(code)) is not None and due < self.as_of and (mark is None or mark.state != "paused"):
                late += 1
        if row.person.ending:
            late = 0
        look = '"f f--whole"' if done == len(codes) else "f"
        return f"<td class={look}>{done}/{len(codes)}{f' <b>{late} late</b>' if late else ''}"


OWN = frozenset({"person", "priority", "progress", "providers", "stage", "next", "due", "over", "hold", "owner", "by", "short_day", "nhs"})
"""Ways of showing that have a method of their own; the others are plain values."""
_WORDS = {
    "waived": ("o", '<abbr title="Waived">W</abbr>'), "not_applicable": ("o", '<abbr title="Not applicable">N/A</abbr>'),
    "paused": ("p", '<abbr title="Paused while in hospital">paused</abbr>'),
}
_ROW_HEAD = "<th scope=row>"
_PRIORITIES = {letter: f"<b class={letter}>{word}</b>" for letter, (_, word) in PRIORITY.items()}
_UNRATED = "<b class=U>Not rated</b>"
_PROGRESSES = {letter: f"<td class=g-progress><b class={letter}>{letter}<i> {word}</i></b>" for letter, (_, word) in PROGRESS.items()}


def _before(cell: str, words: str | None) -> str:
    """``cell`` with what it said before, struck through, in front of what it says now."""
    if words is None:
        return cell
    opening = cell.index(_ROW_HEAD) + len(_ROW_HEAD) if cell.startswith("<tr") else cell.index(">") + 1
    return f"{cell[:opening]}<del>{HIDDEN}was </span>{escape(words)}</del>{cell[opening:]}"
