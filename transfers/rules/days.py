"""Days of the week and lengths of visits as reports of other systems write them. Pure."""

from __future__ import annotations

import re

_NAMES = {name: str(n) for n, names in enumerate((("mon", "m"), ("tue", "tues", "tu"), ("wed", "weds", "w"), ("thu", "thur", "thurs", "th"), ("fri", "f"), ("sat", "sa"), ("sun", "su")), 1) for name in names}
_NAMES |= {name: str(n) for n, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), 1)}
_ALL = {word: "1234567" for word in ("daily", "every day", "everyday", "all", "all days", "all week", "7 days", "7 days a week", "seven days")} | {
    word: "12345" for word in ("weekdays", "weekday", "5 days", "monday to friday")
} | {word: "67" for word in ("weekends", "weekend")}


def read_days(text: str) -> str:
    """Digits 1 (Monday) to 7, in order: ``Mon-Fri`` → 12345, ``Mon, Wed & Sun`` → 137, ``Daily`` → 1234567, ``Fri to Mon`` → 1567.

    Raises ValueError for what is no days; letters that may be two days (T, S) are none.
    """
    plain = " ".join(text.replace(".", " ").split()).casefold()
    if plain in _ALL:
        return _ALL[plain]
    if re.fullmatch(r"[1-7](\s*,?\s*[1-7])*", plain):
        return "".join(sorted(set(re.findall(r"[1-7]", plain))))
    found: set[str] = set()
    for part in filter(None, re.split(r"\s*(?:,|;|/|&|\+|\band\b)\s*", plain)):
        ends = [_NAMES.get(word.strip()) for word in re.split(r"\s*(?:-|–|—|\bto\b)\s*", part)]
        if None not in ends and len(ends) == 2:
            first, last = int(ends[0] or 0), int(ends[1] or 0)
            found |= {str((day - 1) % 7 + 1) for day in range(first, (last if last >= first else last + 7) + 1)}
            continue
        words = [_NAMES.get(word) for word in part.split()]
        if None in words:
            raise ValueError(text)
        found |= {day for day in words if day}
    if not found:
        raise ValueError(text)
    return "".join(sorted(found))


def read_minutes(text: str) -> int:
    """``45``, ``45 mins``, ``0:45``, ``1 hr``, ``1h 30m``, ``1.5 hours`` → minutes. Raises ValueError for anything else, and where it is no whole minutes."""
    plain = " ".join(text.split()).casefold()
    if found := re.fullmatch(r"(\d{1,2}):(\d{2})(?::00)?", plain):
        if int(found[2]) > 59:
            raise ValueError(text)
        return int(found[1]) * 60 + int(found[2])
    found = re.fullmatch(r"(?:(\d+(?:\.\d+)?)\s*(?:h|hr|hrs|hour|hours))?\s*(?:(\d+)(?:\.0+)?\s*(?:m|min|mins|minute|minutes)?)?", plain)
    if not plain or not found or not (found[1] or found[2]):
        raise ValueError(text)
    minutes = float(found[1] or 0) * 60 + int(found[2] or 0)
    if minutes != int(minutes):
        raise ValueError(text)
    return int(minutes)
