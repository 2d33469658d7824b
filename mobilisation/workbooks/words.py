"""Words people write in workbooks: yes and no, priority, funding, medication; and how headings are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

YES = frozenset({"y", "yes", "true", "t", "1", "x", "✓", "✔", "☑", "yep", "ticked", "done"})
NO = frozenset({"n", "no", "false", "f", "0", "none", "nil", "✗", "✘", "☐", "nope"})
DASHES = frozenset({"-", "--", "---", "–", "—", "."})
NOT_KNOWN = frozenset({"?", "??", "???", "tbc", "tba", "tbd", "to be confirmed", "to be advised", "n k", "nk", "not known", "unknown", "dont know", "not sure"})
"""What fills a cell without an answer: not a No, and no reason to overwrite what is held."""
_NOBODY = re.compile(
    r"n a|na|no|none|nil|nobody|no one|noone|has none|not applicable|(?:none|nobody|no one|not|un) ?(?:known|recorded|given|stated|listed|identified)"
    r"|(?:no|none|unknown)(?: known| recorded)? (?:nok|next of kin|representative|rep|relatives?|family|contacts?|number|case manager)(?: known| recorded| given)?|(?:nok|next of kin|representative|family|contact) (?:not known|unknown)"
)
_ASIDE = re.compile(r"\s+[-–—]\s+|\s*\(")
CODE_NO = frozenset({"", "n", "no", "none", "false", "0", "n a", "na", "nil", "not applicable", "no key safe", "no keysafe"})

PRIORITY: dict[str, tuple[str, ...]] = {
    "R": ("red", "high", "1 red", "urgent"),
    "A": ("amber", "yellow", "medium", "2 amber"),
    "G": ("green", "low", "3 green"),
}
"""Priority of a person: letter → its words. An empty cell is simply not rated."""

FUNDING: dict[str, tuple[str, ...]] = {
    "council": ("kcc", "la", "local authority", "council funded", "asc", "social care", "adult social care", "county council", "commissioned"),
    "chc": ("nhs", "nhs chc", "continuing health care", "continuing healthcare", "health", "icb", "ccg", "fully funded nhs"),
    "joint": ("joint funded", "jointly funded", "joint funding", "split", "s117", "section 117", "joint health and social care"),
    "self": ("self funder", "self funded", "self funding", "self fund", "private", "privately funded", "self pay"),
    "direct_payment": ("direct payment", "direct payments", "dp", "d p"),
    "other_authority": ("ola", "other la", "other local authority", "other authority", "out of area", "another authority"),
}
"""Funding type → words (domain 5.4). ``OLA - Medway`` is read by its part before the dash."""

MEDICATION: dict[str, tuple[str, ...]] = {
    "none": ("no", "n", "nil", "no support", "independent", "0", "level 0"),
    "prompt": ("prompting", "prompts", "remind", "level 1", "1"),
    "administer": ("administered", "administration", "admin", "give", "level 2", "2"),
    "specialist": ("specialist administration", "level 3", "3", "delegated"),
}


def normal(text: str) -> str:
    """Lower case, no accents, only letters, digits and single spaces: how words and headings are compared."""
    return _short_normal(text) if len(text) <= 60 else _normal(text)


_APART = re.compile(r"[\W_]+")


def _normal(text: str) -> str:
    if text.isascii() and text.isalnum():
        return text.lower()
    if text.isascii():
        plain = text.lower()
    else:
        plain = unicodedata.normalize("NFKD", text).casefold()
        plain = "".join(char for char in plain if not unicodedata.combining(char))
    symbol = plain.strip()
    if len(symbol) == 1 and not symbol.isalnum():
        return symbol
    plain = plain.replace("&", " and ").replace("%", " percent ").replace("'", "").replace("’", "")
    return _APART.sub(" ", plain).strip()


# A column holds the same few words thousands of times.
_short_normal = lru_cache(maxsize=4096)(_normal)


def says_nothing(text: str, free: bool) -> bool:
    """A dash stands for an empty cell everywhere; “tbc” and the like where any text would be taken (``free``)."""
    short = text.strip()
    return short in DASHES or (free and len(short) <= 20 and (short in NOT_KNOWN or normal(short) in NOT_KNOWN))


def names_nothing(text: str) -> bool:
    """“N/A”, “None”, “none known”, “No NOK (lives alone)” where a name or a number belongs: there is none, and nobody is called so."""
    short = text.strip()
    if len(short) > 60:
        return False
    head = _ASIDE.split(short)[0] or short
    return _NOBODY.fullmatch(normal(head)) is not None


def yes_or_no(text: str) -> bool | None:
    if "?" in text:
        return None
    word = normal(text)
    if word in YES:
        return True
    return False if word in NO else None
