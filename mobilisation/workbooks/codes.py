"""Codes of key safes and doors in free text: they are never held, only whether there is one (domain 4, PersonNeed).

A code stands beside the thing it opens, is called one with words between (“Key safe code for carers 4471”), also in a later
sentence (“Keysafe in porch. Code: 4471”), stands alone behind a comma (“Keysafe left of door, 2580”) or before the thing
(“4471 for the key safe”). Doses, weights, times, days, telephone numbers, amounts, postcodes and numbers of houses stand in
the same sentence too, and stay: a dose that is lost harms more than a code that is kept.
"""

from __future__ import annotations

import re

REMOVED = "[code removed]"
JUST_REMOVED = "[code removed\u2060]"
"""In the rows that an import keeps between its steps: taken out of this very file, so that it is said once. What stood in the file as
``REMOVED`` was written by us, and brings nothing new."""
MARK_ALONE = f"“{REMOVED}” stands where a code was taken out. By itself it says nothing, so what is here stays. Write what is meant."
_ACCESS = "Access code: "
_DIGIT = re.compile(r"\d")

_THING = re.compile(
    r"(?i)\b(?:key[\s-]*(?:safe|pad|box)|lock[\s-]*box|k/s|door[\s-]*entry|safe[\s-]*key|keys?\s+(?:is\s+|are\s+)?in\s+(?:an?\s+|the\s+)?(?:\w+\s+)?box|(?:access|door|entry|gate|alarm|key)[\s-]*(?:code|pin)|ks(?=\W{0,3}(?:codes?|no|number|pin|\d)))s?\b"
)
_MAY_BE_THING = re.compile(r"(?i)\b(?:key|lock|k/s|ks|door|safe|access|entry|gate|alarm)")
"""How each thing begins: most cells of a list are told at a glance to name none."""
_CODE = re.compile(r"(?i)(?<![\w£€$@+])(?<!\d[/:.\-])(?:[A-Z]{0,2}\d(?:[ .\-]?\d){2,9}[A-Z]{0,2}|[A-Z](?=[A-Z\d]*\d[A-Z\d]*\d)[A-Z\d]{3,9}|\d(?=[A-Z\d]*[A-Z])(?=[A-Z\d]*\d)[A-Z\d]{3,9})(?![\w@%])(?![/:.\-]\d)")
_SAYS_CODE = re.compile(r"(?i)\b(?:codes?|combination|combo|number|num|no|pin|is|digits?|press|enter|dial)\b[\s.:=#(“\"'-]*(?:\w+[\s,:]+){0,3}\Z")
_SENTENCE = re.compile(r"[.!?;]\s|\n")
_SENTENCE_BEFORE = re.compile(r"(?:[.!?;]\s|\n)\s*\Z")
_SENTENCE_AFTER = re.compile(r"\s*(?:[.!?;]|\n|\Z)")
_REACH, _REACH_BACK = 120, 40

_NO_CODE = re.compile(
    r"""(?ix)
    (?:\+44|\b0)[\d ]{9,}                                              # telephone
    | \d{1,2}[./-]\d{1,2}[./-](?:\d\d){1,2}                           # day
    | (?:[01]?\d|2[0-4])[.:]?[0-5]\d\s*-\s*(?:[01]?\d|2[0-4])[.:]?[0-5]\d # from, to
    | [A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}                               # postcode
    """
)
_BEFORE_NO_CODE = re.compile(
    r"(?i)(?:\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*|\b(?:since|in|until|by|during|from|at|before|after|room|flat|bay|tel|telephone|phone|ring|call|mobile|mob|times?|order|sdo|ref|invoice|fan)\.?|£|:\s*\d\d\s*-)\s*\Z"
)
_MEASURE = re.compile(r"(?i)\s*(?:hours?|hrs?|minutes?|mins?|weeks?|days?|years?|yrs?|mg|mcg|ml|kg|miles?|metres?|am|pm)\b")
_AFTER_NO_CODE = re.compile(r"(?i)\s*(?:times?|visits?|calls?|carers?|x|steps?)\b|\s+(?:[A-Z][a-z]+\s+){1,2}(?:Street|Road|Lane|Avenue|Close|Drive|Way|Court|Place|Gardens|Terrace|Hill|Rd|St|Ave|Ln)\b")
_GLUED = re.compile(r"(?i)\b(key[\s-]*(?:safe|pad|box)s?)(\d{3,10})\b")
_QUANTITY = re.compile(r"[\d.]+[A-Za-z]{2,}|\d+[A-Za-z]")
_CONNECTS = re.compile(r"(?i)[\s(){}\[\]:=,\"'“”-]*(?:(?:is|the|for|code|of|a|to|opens?|her|his|our)\b[\s(){}\[\]:=,\"'“”-]*)*")
_HOUSE = re.compile(r"(?i)\b(?:at|with|from|to|of)\s+(?:number|no|num|nr)\b\.?\s*\Z")
_STANDS_ALONE = re.compile(r"(?:[,:;(–—=-]\s*|(?i:\b(?:door|gate|wall|porch|left|right|side)\b)\s+)\Z")
_TIME = re.compile(r"(?:[01]?\d|2[0-3])\.[0-5]\d")
_YEAR = re.compile(r"(?:19|20)\d\d")


def names_a_thing(text: str) -> bool:
    """Whether ``text`` may name what a code opens, so that it must be read; where it does not, :func:`without_codes` leaves it as it is."""
    return _MAY_BE_THING.search(text) is not None


def says_only_removed(text: str) -> bool:
    """Whether ``text`` is nothing but what stands in place of codes: it never takes the place of what somebody wrote."""
    left = text.casefold().replace("\u2060", "")
    return REMOVED in left and not any(char.isalnum() for char in left.replace(REMOVED, ""))


def without_codes(text: str, *, way_in: bool = False) -> str:
    """``text`` with the codes of key safes and doors taken out; the same text when there are none.

    ``way_in``: its heading says that it tells how carers get in (“Door entry”), so the text need not name the thing.
    """
    if way_in:
        return without_codes(_ACCESS + text)[len(_ACCESS) :] if _DIGIT.search(text) else text
    if not _DIGIT.search(text) or not names_a_thing(text):
        return text
    text = _GLUED.sub(rf"\1 {REMOVED}", text)
    if not (things := list(_THING.finditer(text))):
        return text
    spared = [found.span() for found in _NO_CODE.finditer(text)]
    parts, last = [], 0
    for found in _CODE.finditer(text):
        if any(start < found.end() and found.start() < end for start, end in spared) or not _is_code(text, found, things):
            continue
        parts += [text[last : found.start()], REMOVED]
        last = found.end()
    return "".join([*parts, text[last:]])


def _is_code(text: str, found: re.Match[str], things: list[re.Match[str]]) -> bool:
    before = text[max(found.start() - 40, 0) : found.start()]
    said = _SAYS_CODE.search(before) is not None and not _HOUSE.search(before)
    if _MEASURE.match(text, found.end()) or (_QUANTITY.fullmatch(found[0]) and not said):
        return False
    alone = _STANDS_ALONE.search(before) is not None
    for thing in things:
        if 0 <= found.start() - thing.end() <= _REACH:
            between = text[thing.end() : found.start()]
            beside = not between.strip(" \n\t:=#(,-“\"'")
            if beside or said or _whole_sentence(text, found) or (alone and not _SENTENCE.search(between) and not _other_number(text, found, before)):
                return True
        elif 0 <= thing.start() - found.end() <= _REACH_BACK:
            between = text[found.end() : thing.start()]
            if not _SENTENCE.search(between) and (said or (_CONNECTS.fullmatch(between) and not _other_number(text, found, before))):
                return True
    return False


def _whole_sentence(text: str, found: re.Match[str]) -> bool:
    """The number is all that a sentence says (“Key safe at rear. 4471”)."""
    return bool(_SENTENCE_BEFORE.search(text, 0, found.start())) and bool(_SENTENCE_AFTER.match(text, found.end())) and not _YEAR.fullmatch(found[0])


def _other_number(text: str, found: re.Match[str], before: str) -> bool:
    """A year, a time, an amount, a house: told by the words around it."""
    if _TIME.fullmatch(found[0]) or _BEFORE_NO_CODE.search(before) or _AFTER_NO_CODE.match(text, found.end()):
        return True
    return _YEAR.fullmatch(found[0]) is not None and re.search(r"(?i)\b(?:fitted|installed|new|moved|changed)\W*\Z", before) is not None
