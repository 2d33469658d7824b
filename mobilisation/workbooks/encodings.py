"""Which encoding a text file without a mark is in: by what its bytes spell in each, over all its letters beyond ASCII or the first 200,000 of them.

Windows-1252 and Mac Roman give every byte above 127 another character, so either reading always succeeds. What tells
them apart is the shape of words: “BrontÎ” and “MonñFri” are no words, “Brontë” and “Mon–Fri” are. Windows-1252 is the
rule; Mac Roman needs proof, and where only a suspicion remains the reader is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from mobilisation.errors import Refused

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_LETTERS = "ÁÀÂÄÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØÚÙÛÜÝÞáàâäãåæçéèêëíìîïðñóòôöõøœúùûüýÿþßŠšŽžŒ"
_USUAL = frozenset(_LETTERS + "£€§–—‘’“”…•©®™°²³·×½¼¾\u00a0")
"""What British lists hold beyond ASCII; anything else is a sign of the wrong reading."""
LOOKED_AT = 200_000
"""More letters beyond ASCII say nothing that these do not; a file full of them would hold the page for a minute."""
_BEYOND = re.compile(r"[^\x00-\x7f]")
_WORD = re.compile(r"[^\W\d_]+")
_INSIDE_NO_WORD = frozenset("£€§“”©®™°²³·×½¼¾•")
_OWNERS = re.compile(r"(?:s|t|d|m|ll|re|ve)(?![^\W\d_])")
"""What may follow an apostrophe: carer’s, don’t, we’ll."""
_PREFIX = re.compile(r"\b(?:Mc|Mac|De|Di|Du|La|Le)\Z")


@dataclass(frozen=True)
class Signs:
    """How often a reading cannot be right (``wrong``), and how often it is only odd; ``odd_words`` are examples of either."""

    wrong: int = 0
    odd: int = 0
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decoded:
    """The text, the encoding it was read in, and what a person should look at (empty: nothing)."""

    text: str
    encoding: str
    doubt: str = ""


def decode(data: bytes, name: str) -> Decoded:
    """By mark, then UTF-16 by its noughts, UTF-8, and Windows-1252 or Mac Roman by what makes words. Raises ``Refused``."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return Decoded(_decode(data, encoding, name), encoding)
    head = data[:4000]
    if len(head) >= 4 and head.count(0) > len(head) // 4:
        encoding = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        return Decoded(_decode(data, encoding, name), encoding)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        if b"\x00" in data:  # no text in any of these encodings, and spelling it out would take minutes: refused as damaged by who reads it
            return Decoded(data.decode("cp1252", errors="replace"), "cp1252")
        return _by_words(data, name)


def _by_words(data: bytes, name: str) -> Decoded:
    """Mac Roman only where the Windows reading is wrong somewhere and the Mac reading less often."""
    windows, mac = signs(data.decode("cp1252", errors="replace")), signs(data.decode("mac_roman"))
    if mac.wrong < windows.wrong:
        chosen, other, encoding, reading, program = mac, windows, "mac_roman", "an older Mac file (Mac Roman)", "Windows"
    else:
        chosen, other, encoding, reading, program = windows, mac, "cp1252", "a Windows file (Windows-1252)", "an older Mac program"
    doubtful = chosen.wrong > 0 or (chosen.odd > 0 and other.wrong == 0 and other.odd <= chosen.odd)
    doubt = (
        f"The file does not say how its letters are written; it was read as {reading}, and then it holds {', '.join(f'“{word}”' for word in chosen.words)}. "
        f"If that is wrong, it was saved by {program}: save it as “CSV UTF-8” and import that instead."
    ) if doubtful else ""
    return Decoded(_decode(data, encoding, name), encoding, doubt)


def signs(text: str) -> Signs:
    """What speaks against ``text`` being read rightly, character by character beyond ASCII."""
    wrong = odd = 0
    words: dict[str, None] = {}
    for found in islice(_BEYOND.finditer(text), LOOKED_AT):
        at = found.start()
        start = max(at - 20, 0)
        word = next((w for w in _WORD.finditer(text, start, at + 21) if w.start() <= at < w.end()), None)
        bad = _letter_wrong(text, at, word[0]) if word is not None else _sign_wrong(text, at)
        if bad is None:
            continue
        wrong, odd = wrong + bad, odd + (not bad)
        if len(words) < 3:
            words[_around(text, at)] = None
    return Signs(wrong, odd, tuple(words))


def _letter_wrong(text: str, at: int, word: str) -> bool | None:
    """True: no word is written so; False: odd; None: nothing against it."""
    char = text[at]
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if char not in _USUAL or after.isdigit():
        return True
    plain = [letter for letter in word if letter < "\x7f"]
    if char.isupper():
        # BrontÎ, RenÈe, MŸller, OÕBrien; but McÉvoy, and SIMÕES beside the Mac's O’BRIEN
        if not before.isalpha():
            return None
        if any(letter.islower() for letter in plain):
            return not (_PREFIX.search(text, max(at - 4, 0), at) and after.islower())
        return False if char == "Õ" and after.isalpha() else None
    # MonñFri, OíBrien, ZOè
    if after.isupper() or (len(plain) > 1 and all(letter.isupper() for letter in plain)):
        return True
    return False if char in "œšž" and before.isalpha() and after.isalpha() else None


def _sign_wrong(text: str, at: int) -> bool | None:
    char = text[at]
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    inside = before.isalpha() and after.isalpha()
    if char not in _USUAL or (inside and char in _INSIDE_NO_WORD):
        return True
    if char in "‘“":
        return True if before.isalpha() else None
    if not inside:
        return None
    if char in "–—…":
        return False if after.islower() else None
    if char == "’" and after.islower() and text[at - 3 : at].isalpha():
        return None if _OWNERS.match(text, at + 1) else False
    return None


def _around(text: str, at: int) -> str:
    start, end = at, at + 1
    while start > 0 and at - start < 20 and not (text[start - 1].isspace() or text[start - 1] in ",;|\""):
        start -= 1
    while end < len(text) and end - at < 20 and not (text[end].isspace() or text[end] in ",;|\""):
        end += 1
    return text[start:end]


def _decode(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Refused(
            f"{name} is written in an encoding that is not known here (byte {error.start + 1:,} makes no letter). In Excel choose “CSV UTF-8” and save it again."
        ) from None
