"""NHS and telephone numbers, postcodes, e-mail addresses and dates of birth in what somebody typed. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mobilisation.veil.spelling import DASHES, UNSEEN, digits

_SIGNS = rf"[\s.,{DASHES}/_|(){UNSEEN}]{{0,8}}"
TEN = re.compile(rf"(?<!\d)\d(?:{_SIGNS}\d){{9}}(?!\d)")
"""An NHS number, or a telephone number whose nought a spreadsheet took away."""
PHONE = re.compile(rf"(?<!\d)(?:(?:\+|00)?44(?:\s?\(0\))?|\(?0){_SIGNS}\d(?:{_SIGNS}\d){{8,9}}(?!\d)")
POSTCODE = re.compile(rf"(?<![^\W_])[A-Z]{{1,2}}\d[A-Z\d]?[\s.,{DASHES}_{UNSEEN}]{{0,8}}\d[A-Z]{{2}}(?![^\W_])", re.IGNORECASE)
MAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE_START = re.compile(r"^(?:0044|44|0)0?")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_PART = rf"(?:\s?[./{DASHES}_]\s?|\s)"
_YEAR = r"(?:\d{4}|['’]?\d\d)(?!\d)"
_BORN = re.compile(
    r"(?P<called>(?:\b(?:born|d\s?[./]?\s?o\s?[./]?\s?b|date\s+of\s+birth|birth\s?da(?:te|y)|b)(?![^\W\d_])\.?[\s:=_,.(" + DASHES + r"]{0,6}(?:(?:is|was|on|the)\s+){0,2}(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?)?)(?P<day>(?<!\d)(?:"
    rf"(?P<y2>\d{{4}}){_PART}(?P<m2>\d{{1,2}}){_PART}(?P<d2>\d{{1,2}})(?!\d)"
    rf"|(?P<d>\d{{1,2}}){_PART}(?P<m>\d{{1,2}}){_PART}(?P<y>{_YEAR})"
    rf"|(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[\s{DASHES}/.]{{0,3}}(?P<m3>{_MONTH})[\s{DASHES}/.,]{{0,3}}(?P<y3>{_YEAR})"
    rf"|(?<![^\W_])(?P<m4>{_MONTH})\.?\s+(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y4>\d{{4}})(?!\d)"
    r"|(?P<d5>\d\d)(?P<m5>\d\d)(?P<y5>\d{4}|\d\d)(?!\d)))",
    re.IGNORECASE,
)
LONG_AGO = "2000"
"""A programme has no day of its own before this year: a whole date of somebody's birth before it needs nothing that calls it so."""


def phone(text: str) -> str:
    """Without the country and the nought before the area."""
    return _PHONE_START.sub("", digits(text))


def postcode(text: str) -> str:
    return "".join(letter for letter in text if letter.isascii() and letter.isalnum()).upper()


def phones_in(text: str) -> Iterable[str]:
    """The telephone numbers of a cell of the list, as :func:`phone` gives them."""
    for run in PHONE.findall(text):
        yield phone(run)
    for run in TEN.findall(text):
        if not digits(run).startswith("0"):
            yield digits(run)


def days_in(text: str) -> Iterable[tuple[str, int, int]]:
    """(YYYY-MM-DD, start, end) of every date that can be one of birth; a year of two digits is one of the last century."""
    for found in _BORN.finditer(text):
        day, month, year = next((found[f"d{n}"], found[f"m{n}"], found[f"y{n}"]) for n in ("", "2", "3", "4", "5") if found[f"d{n}"])
        number = month if month.isdigit() else str(_MONTHS.index(month[:3].lower()) + 1)
        whole = f"{year if len(year) == 4 else f'19{year[-2:]}'}-{number.zfill(2)}-{day.zfill(2)}"
        if found["called"] or (len(year) == 4 and whole < LONG_AGO and not found["d5"]):
            yield whole, found.start("day"), found.end("day")


def all_of(pattern: re.Pattern[str], text: str) -> Iterable[str]:
    """Every run of ``text`` that ``pattern`` could stand at, one within another too."""
    found = pattern.search(text)
    while found:
        yield found.group()
        found = pattern.search(text, found.start() + 1)
