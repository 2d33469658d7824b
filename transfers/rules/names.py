"""Names as lists write them: of people, and of waves. Pure."""

from __future__ import annotations

_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "rev", "sir", "lady", "mx"})
_BEFORE_SURNAMES = frozenset({"de", "da", "di", "du", "van", "von", "der", "den", "la", "le", "el", "al", "bin", "st", "mac", "mc"})


def split_name(text: str) -> tuple[str, str]:
    """``"Hartle, Margaret"`` and ``"Mrs Margaret Hartle"`` → ("Hartle", "Margaret"); one word is a surname."""
    if "," in text:
        surname, _, forename = text.partition(",")
        return surname.strip(), _without_title(forename.split())
    words = text.split()
    while words and words[0].rstrip(".").casefold() in _TITLES:
        words = words[1:]
    if len(words) < 2:
        return " ".join(words) or text.strip(), ""
    at = len(words) - 1
    while at > 1 and words[at - 1].casefold() in _BEFORE_SURNAMES:
        at -= 1
    return " ".join(words[at:]), " ".join(words[:at])


def wave_name(wave: str) -> str:
    """``"2"`` → "Wave 2"; a list that writes ``"Wave 2"`` or ``"wave 2"`` says so once."""
    return wave[:1].upper() + wave[1:] if wave.casefold().startswith("wave") else f"Wave {wave}"


def _without_title(words: list[str]) -> str:
    return " ".join(word for word in words if word.rstrip(".").casefold() not in _TITLES)
