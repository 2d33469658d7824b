"""The veil over a page, a JSON answer and a line of a file. Pure.

``stands`` is asked once with every text that is nothing but a name: a column of owners, who did it. It answers those that
belong to people who answer for their part by name.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Set
from typing import Any
from urllib.parse import unquote_plus

from mobilisation.veil.words import NAME, Veil

Stands = Callable[[Set[str]], Set[str]]

_PARAGRAPH = "</p>\n\n<p>"
"""As texts that somebody typed are told in paragraphs, and nothing else."""
_TOKEN = re.compile(rf"<!--.*?-->|<(script|style)\b.*?</\1\s*>|(?P<text>(?:[^<]+|<br\s*/?>|{_PARAGRAPH})+)|<[^>]*>", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_BREAK_MARK, _PARAGRAPH_MARK = "\x0b", "\x0c"
"""White space, so that a name over two lines is one; and in no text that came through a form."""
_ATTRIBUTE = re.compile(r"(\s)([A-Za-z][\w:.-]*)(\s*=\s*)(?:\"([^\"]*)\"|'([^']*)')")
_CODES = frozenset({"aria-controls", "aria-describedby", "aria-labelledby", "class", "d", "for", "headers", "id", "lang", "name", "role", "style", "type"})
_ADDRESS = re.compile(r"(?:/|\?|https?:|tel:|mailto:)")
_AROUND = " \t\r\n\x0b\x0c·,:–-()"


def words_of_page(page: str) -> list[str]:
    """Everything that a reader of the markup could read, to find out who may stand there."""
    plain = html.unescape(_BREAK.sub(" ", page))
    found = [plain]
    if "\\n" in plain:
        found.append(plain.replace("\\n", "\n"))
    if "%" in plain:
        found.append(unquote_plus(plain))
    return found


def page_under(page: str, veil: Veil, *, given: Set[str] = frozenset(), stands: Stands = lambda names: frozenset()) -> str:
    """``page`` with its texts and attributes under the veil. ``given``: what the reader typed, which comes back in its field as it was."""
    out: list[str] = []
    names: dict[int, tuple[str, str]] = {}
    in_field = False
    for found in _TOKEN.finditer(page):
        token = found.group()
        if found.group("text") is None:
            in_field = token[:9].lower() == "<textarea"
            out.append(_tag(token, veil, given) if token[:2] not in ("</", "<!") else token)
            continue
        plain = html.unescape(_BREAK.sub(_BREAK_MARK, token.replace(_PARAGRAPH, _PARAGRAPH_MARK)))
        if in_field and _lines(plain).strip() in given:
            out.append(token)
            continue
        said = veil(plain)
        if said == plain:
            out.append(token)
            continue
        shown = html.escape(said).replace(_BREAK_MARK, "<br>").replace(_PARAGRAPH_MARK, _PARAGRAPH)
        if said.strip(_AROUND) == NAME:
            names[len(out)] = (plain.strip(_AROUND), token)
        out.append(shown)
    if names:
        standing = stands({name for name, _ in names.values()})
        for at, (name, token) in names.items():
            if name in standing:
                out[at] = token
    return "".join(out)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace(_BREAK_MARK, "\n")


def _tag(tag: str, veil: Veil, given: Set[str]) -> str:
    typed = given if tag[:6].lower() == "<input" else frozenset()

    def attribute(found: re.Match[str]) -> str:
        before, name, equals, double, single = found.groups()
        if name.lower() in _CODES:
            return found.group()
        plain = html.unescape(double if double is not None else single)
        if _lines(plain).strip() in typed:
            return found.group()
        said = _value(plain, veil)
        return found.group() if said == plain else f'{before}{name}{equals}"{html.escape(said)}"'

    return _ATTRIBUTE.sub(attribute, tag)


def _value(plain: str, veil: Veil) -> str:
    if plain[:1] in ("{", "["):
        try:
            return json.dumps(_walked(json.loads(plain), veil), ensure_ascii=False)
        except ValueError:
            return veil(plain)
    if _ADDRESS.match(plain):
        # A path holds references and codes; what somebody typed can stand in the question behind it.
        path, mark, question = plain.partition("?")
        if path.startswith(("tel:", "mailto:")):
            return "#" if veil(path) != path else plain
        return path if mark and veil(unquote_plus(question)) != unquote_plus(question) else plain
    return veil(plain)


def texts_of_json(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts_of_json(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from texts_of_json(item)


def json_under(value: Any, veil: Veil, *, stands: Stands = lambda names: frozenset()) -> Any:
    """``value`` with every text of it under the veil."""
    names = {text for text in texts_of_json(value) if veil(text) == NAME}
    standing = stands(names) if names else frozenset()
    return _walked(value, lambda text: text if text in standing else veil(text))


def _walked(value: Any, say: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return say(value)
    if isinstance(value, list):
        return [_walked(item, say) for item in value]
    if isinstance(value, dict):
        return {say(key): _walked(item, say) for key, item in value.items()}
    return value
