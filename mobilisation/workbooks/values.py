"""Values as people write them → values as we hold them.

A parser is called as ``parser(cell, context)``, never with an empty cell; it returns the value or raises
:class:`Fault` with a sentence that says what is wrong and what to do. Parsers are plain frozen records, so an
importer may build them from the programme (``Named`` with its providers).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from mobilisation.workbooks import dates
from mobilisation.workbooks.cells import Cell, CellFault, control_character, shown
from mobilisation.workbooks.codes import without_codes
from mobilisation.workbooks.dates import Order
from mobilisation.workbooks.words import CODE_NO, normal, yes_or_no


class Fault(ValueError):
    """The value cannot be used; ``str()`` is the sentence shown beside row, column and value."""


@dataclass(frozen=True)
class Context:
    """What a parser may know: today, and which way round written dates are."""

    today: date
    order: Order = "dmy"


def _text(cell: Cell) -> str:
    if isinstance(cell, CellFault):
        raise Fault(cell.problem)
    return shown(cell)


@dataclass(frozen=True)
class Text:
    """Trimmed text of at most ``longest`` characters. Codes of key safes and doors are taken out."""

    longest: int = 200
    takes_any_text: bool = field(default=True, init=False)

    def __call__(self, cell: Cell, context: Context) -> str:
        text = _text(cell).replace("\r\n", "\n").replace("\r", "\n")
        if bad := control_character(text):
            raise Fault(f"It holds a character that cannot be kept ({bad}). Type the text again.")
        if len(text) > self.longest:
            raise Fault(f"It has {len(text):,} characters; at most {self.longest:,} are allowed. Shorten it.")
        return without_codes(text)


@dataclass(frozen=True)
class Date:
    """A day. Text is read day first (unless the whole column is month first), Excel dates as they are."""

    not_future: bool = False
    not_past: bool = False
    earliest: date = date(1900, 1, 1)
    latest: date = date(2100, 12, 31)
    is_date: bool = field(default=True, init=False)

    def __call__(self, cell: Cell, context: Context) -> date:
        if isinstance(cell, CellFault):
            raise Fault(cell.problem)
        found = dates.read(cell, context.order, pivot=context.today if self.not_future else None)
        if found is None:
            raise Fault("It is not a date. Write day/month/year, for example 03/12/2026." if context.order == "dmy" else "It is not a date in the chosen order.")
        if self.not_future and found > context.today:
            raise Fault(f"{found:%d/%m/%Y} is in the future. Check the date.")
        if self.not_past and found < context.today:
            raise Fault(f"{found:%d/%m/%Y} is in the past. Check the date.")
        if not self.earliest <= found <= self.latest:
            raise Fault(f"{found:%d/%m/%Y} is outside {self.earliest.year} to {self.latest.year}. Check the year.")
        return found


@dataclass(frozen=True)
class CheckpointDate:
    """A day, ``W`` (waived) or ``N/A``: the cells of c01_on … c20_on (domain 7.4)."""

    not_future: bool = True
    is_date: bool = field(default=True, init=False)

    def __call__(self, cell: Cell, context: Context) -> date | Literal["W", "N/A"]:
        if isinstance(cell, str):
            word = normal(cell)
            if word in {"w", "waived"}:
                return "W"
            if word in {"n a", "na", "not applicable"}:
                return "N/A"
        return Date(not_future=self.not_future)(cell, context)


@dataclass(frozen=True)
class Time:
    """A time of day: ``08:00``, ``8.30``, ``0830``, an Excel time."""

    def __call__(self, cell: Cell, context: Context) -> time:
        if isinstance(cell, time):
            return cell
        if isinstance(cell, timedelta):
            cell = shown(cell)
        if isinstance(cell, float) and 0 <= cell < 1:
            minutes = round(cell * 1440) % 1440
            return time(minutes // 60, minutes % 60)
        found = re.fullmatch(r"(\d{1,2})[:.]?(\d{2})(?::\d{2})?", _text(cell))
        if found and int(found[1]) < 24 and int(found[2]) < 60:
            return time(int(found[1]), int(found[2]))
        raise Fault("It is not a time. Write hours:minutes, for example 08:30.")


@dataclass(frozen=True)
class YesNo:
    """Yes or no in the words of ``words.YES`` and ``words.NO``: Y, N, yes, no, 1, 0, true, false, x …"""

    def __call__(self, cell: Cell, context: Context) -> bool:
        if isinstance(cell, bool):
            return cell
        found = yes_or_no(_text(cell))
        if found is None:
            raise Fault("It is not yes or no. Write Y or N.")
        return found


@dataclass(frozen=True)
class CodePresence:
    """A column of key-safe or access codes: only whether there is one is kept, the code is dropped."""

    holds_codes: bool = field(default=True, init=False)

    def __call__(self, cell: Cell, context: Context) -> bool:
        return normal(shown(cell)) not in CODE_NO


@dataclass(frozen=True)
class Number:
    """A decimal number; ``places`` rounds nothing away but refuses more. Thousands separators and a unit such as ``14 hrs`` are read."""

    least: float | None = 0
    most: float | None = None
    places: int = 2

    def __call__(self, cell: Cell, context: Context) -> Decimal:
        if isinstance(cell, timedelta):
            cell = cell.total_seconds() / 3600
        text = re.sub(r"(?i)\s*(hours?|hrs?|h|%)\.?$", "", _text(cell)).replace("£", "").strip()
        if "," in text:
            if not re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", text):
                raise Fault("A comma stands where a decimal point is needed. Write it like 14.5.")
            text = text.replace(",", "")
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise Fault("It is not a number. Write digits only.") from None
        if not number.is_finite() or (number and not -9 < number.adjusted() < 13):
            raise Fault("It is not a number that can be kept. Write digits only.")
        if self.least is not None and number < Decimal(str(self.least)):
            raise Fault("It is below nought. Check the figure." if self.least == 0 else f"It is below {self.least:g}. Check the figure.")
        if self.most is not None and number > Decimal(str(self.most)):
            raise Fault(f"It is above {self.most:g}. Check the figure.")
        rounded = round(number, self.places)
        if abs(rounded - number) > Decimal("1e-9"):
            raise Fault(f"It has more than {self.places} decimal places. Round it.")
        return rounded


@dataclass(frozen=True)
class Whole:
    """A whole number between ``least`` and ``most``."""

    least: int | None = 0
    most: int | None = None

    def __call__(self, cell: Cell, context: Context) -> int:
        number = Number(self.least, self.most, places=6)(cell, context)
        if number != int(number):
            raise Fault("It is not a whole number.")
        return int(number)


@dataclass(frozen=True)
class Percent:
    """0 to 100; Excel's 0.25 formatted as per cent cannot be told from a quarter of one, so only the figure counts."""

    def __call__(self, cell: Cell, context: Context) -> Decimal:
        return Number(0, 100)(cell, context)


@dataclass(frozen=True)
class Choice:
    """One of a few values, each with the words people use for it. ``what`` ends the sentence "It is not …"."""

    words: Mapping[str, str]
    what: str
    shown_options: tuple[str, ...] = ()

    def __call__(self, cell: Cell, context: Context) -> str:
        text = _text(cell)
        # A question mark is doubt, not an answer.
        found = None if "?" in text else self.words.get(normal(text))
        if found is None and "?" not in text and (head := re.split(r"\s+[-–—]\s+|\s*\(", text)[0]) != text:
            found = self.words.get(normal(head))
        if found is None:
            options = self.shown_options or tuple(dict.fromkeys(self.words.values()))
            raise Fault(f"It is not {self.what}. Use one of: {', '.join(options)}.")
        return found

    @classmethod
    def of(cls, words: Mapping[str, tuple[str, ...]], what: str, shown_options: tuple[str, ...] = ()) -> Choice:
        """From value → its words; the value itself is one of them."""
        return cls({normal(word): value for value, several in words.items() for word in (value, *several)}, what, shown_options)


@dataclass(frozen=True)
class Named:
    """A thing known by name (a provider of the programme): name → whatever stands for it. A near miss is offered, never taken.

    ``party``: the role in which an unknown name could become a party of the programme, where it could.
    """

    things: Mapping[str, Any]
    what: str
    party: str = ""

    def knows(self, name: str) -> bool:
        return self._find(name) is not None

    def _find(self, name: str) -> Any:
        """By its whole name; else by its name without the kind of company, where only one can be meant and the kinds do not differ."""
        whole = {normal(known): thing for known, thing in self.things.items()}
        if (found := whole.get(normal(name))) is not None:
            return found
        alike = {id(thing): thing for known, thing in self.things.items() if one_name(known, name)}
        return next(iter(alike.values())) if len(alike) == 1 else None

    def near(self, name: str) -> str:
        """The known name that is most like ``name``; empty when none is."""
        return next(iter(difflib.get_close_matches(name, list(self.things), n=1, cutoff=0.6)), "")

    def __call__(self, cell: Cell, context: Context) -> Any:
        text = _text(cell)
        found = self._find(text)
        if found is not None:
            return found
        alike = [known for known in self.things if one_name(known, text)]
        if len(alike) > 1:
            raise Fault(f"It may be {' or '.join(sorted(alike))}. Write the whole name.")
        near = self.near(text)
        raise Fault(f"It is not {self.what}." + (f" Did you mean {near}?" if near else " Check the name, or add it to the programme first."))


_COMPANY = re.compile(r"(.*?)(?: (ltd|limited|plc|llp|cic))?")


def plain_name(name: str) -> tuple[str, str]:
    """("aster care", "ltd"): as names are compared, without case, accents and punctuation; what kind of company it is apart."""
    found = _COMPANY.fullmatch(normal(name))
    return (found[1], (found[2] or "").replace("limited", "ltd")) if found else (normal(name), "")


def one_name(a: str, b: str) -> bool:
    """Aster Care and Aster Care Ltd are one; Aster Care CIC and Aster Care Ltd are two."""
    (first, kind), (second, other) = plain_name(a), plain_name(b)
    return first == second and (kind == other or not kind or not other)


@dataclass(frozen=True)
class NHSNumber:
    """Ten digits as text without spaces, check digit right (domain 7.6). Never a float."""

    def __call__(self, cell: Cell, context: Context) -> str:
        digits = re.sub(r"[\s\-]", "", _text(cell))
        if not re.fullmatch(r"[0-9]{10}", digits):
            raise Fault("It is not an NHS number: ten digits are needed.")
        if not nhs_check_digit_right(digits):
            raise Fault("It is not an NHS number: its check digit is wrong. Compare it with the case system.")
        return digits


def nhs_check_digit_right(digits: str) -> bool:
    """943 476 5919 → True: sum 299, remainder 2, check 9."""
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
    return (11 - total % 11) % 11 == int(digits[9])


_POSTCODE = re.compile(r"(GIR0AA|[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9]|[A-HK-Y][0-9](?:[0-9]|[ABEHMNPRV-Y])|[0-9][A-HJKPS-UW])[0-9][ABD-HJLNP-UW-Z]{2})")


@dataclass(frozen=True)
class Postcode:
    """Upper case, one space before the inward part: ``CT6 5BS``."""

    def __call__(self, cell: Cell, context: Context) -> str:
        text = re.sub(r"\s+", "", _text(cell)).upper()
        if not _POSTCODE.fullmatch(text):
            raise Fault("It is not a full postcode. Write it like CT6 5BS.")
        return f"{text[:-3]} {text[-3:]}"


@dataclass(frozen=True)
class UPRN:
    def __call__(self, cell: Cell, context: Context) -> str:
        text = _text(cell).replace(" ", "")
        if not re.fullmatch(r"[0-9]{1,12}", text):
            raise Fault("It is not a UPRN: 1 to 12 digits are needed.")
        return text


@dataclass(frozen=True)
class MSOA:
    def __call__(self, cell: Cell, context: Context) -> str:
        text = _text(cell).upper()
        if not re.fullmatch(r"[EW]02[0-9]{6}", text):
            raise Fault("It is not an MSOA code. Write it like E02005005.")
        return text


def display(value: Any) -> str:
    """A held value as the preview shows it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, (list, tuple)):
        return ", ".join(display(one) for one in value)
    return str(value)
