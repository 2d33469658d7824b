"""Whom a reader may not see, and what that means for an answer on its way to them and for a text on its way back."""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase

from mobilisation import registry
from mobilisation.access import Actor
from mobilisation.errors import Reason, Refused
from mobilisation.models import Organisation, Programme, RoleAssignment, User
from mobilisation.roles import Can
from mobilisation.veil.spelling import folded
from mobilisation.veil.texts import json_under, page_under, texts_of_json, words_of_page
from mobilisation.veil.words import INSTEAD, Identifiers, Veil, restored, veil_over

M = TypeVar("M", bound=models.Model)
PAGE, JSON, FILES = "text/html", "application/json", frozenset({"text/csv", "text/plain"})


@dataclass(frozen=True)
class Hidden:
    """Who stands on lists that ``user`` may know of. ``people``: those not to be named to the user; ``seen``: those the user works with."""

    user: Any
    people: tuple[Identifiers, ...]
    seen: tuple[Identifiers, ...]

    @classmethod
    def from_(cls, user: Any, programme: Programme | None, *, some_seen: bool = True) -> Hidden:
        """One query: everybody on the list of ``programme``, or of every programme whose records the user may come across. ``some_seen``: the user's roles show part of them."""
        rows = list(registry.read_fact("hidden_people", user, programme, some_seen) or ())
        return cls(user, tuple(Identifiers(*told) for seen, told in rows if not seen), tuple(Identifiers(*told) for seen, told in rows if seen))

    def veil(self, texts: Iterable[str] | None) -> Veil:
        roles = functools.cache(lambda: RoleAssignment.objects.visible_to(self.user))
        return veil_over(self.people, texts, self.seen, lambda surname: borne(surname, roles()))

    def stands(self, names: Set[str]) -> Set[str]:
        """Those of ``names`` that an account, a role or a member of staff the user may see has as well: they answer for their part by name."""
        found = accountable(names, RoleAssignment.objects.visible_to(self.user))
        return found | set(registry.read_fact("staff_named", self.user, names - found) or ()) if names - found else found


def accountable(names: Set[str], roles: QuerySet[RoleAssignment]) -> set[str]:
    """Those of ``names`` that an account, or one of ``roles``, has; two queries."""
    return set(User.objects.filter(name__in=names).values_list("name", flat=True)) | set(roles.filter(named__in=names).values_list("named", flat=True))


def borne(surname: str, roles: QuerySet[RoleAssignment]) -> bool:
    """Whether ``surname``, as written, is part of the name of an account, of one of ``roles`` or of an organisation: it need not be about anybody else. One query."""
    bearers: tuple[tuple[QuerySet[Any], str], ...] = ((User.objects.all(), "name"), (roles, "named"), (Organisation.objects.all(), "name"))
    first, *more = (rows.filter(**{f"{field}__icontains": surname}).order_by().values_list(field) for rows, field in bearers)
    wanted = set(folded(surname))
    return any(wanted <= set(folded(name)) for (name,) in first.union(*more))


def hidden_from(request: HttpRequest) -> Hidden | None:
    """Whom the answer to ``request`` must not name; None when its reader sees everybody it could. A page in a programme says who acts in it, and one that read all roles of its reader whether they show everybody."""
    programme, actor = getattr(request, "acting", (None, None))
    if getattr(request, "sees_everybody", False) or (actor is not None and actor.sees_all_people):
        return None
    if not hasattr(request, "hidden"):  # a search asks before the answer does
        request.hidden = Hidden.from_(request.user, programme, some_seen=actor is None or actor.can(Can.PEOPLE_VIEW))  # type: ignore[attr-defined]
    found: Hidden = request.hidden  # type: ignore[attr-defined]
    return found if found.people else None


def in_sight(request: HttpRequest, rows: QuerySet[M], word: str, *fields: str) -> QuerySet[M]:
    """``rows``, which a search for ``word`` in ``fields`` found, without those that hold it only in what their reader is not shown: a search would tell whom a text is about."""
    hidden = hidden_from(request) if word else None
    if hidden is None:
        return rows
    texts = {pk: told for pk, *told in rows.order_by().values_list("pk", *fields)}
    veil, wanted = hidden.veil([text for told in texts.values() for text in told]), word.casefold()
    out = [pk for pk, told in texts.items() if not any(wanted in veil(text).casefold() for text in told)]
    return rows.exclude(pk__in=out) if out else rows


def withhold(request: HttpRequest, response: HttpResponseBase) -> None:
    """Whatever ``response`` says about people its reader does not see, taken out of it."""
    kind = response.get("Content-Type", "").partition(";")[0]
    if kind not in (PAGE, JSON, *FILES) or not (response.streaming or response.content):  # type: ignore[attr-defined]
        return
    hidden = hidden_from(request)
    if hidden is None:
        return
    if response.streaming:
        response.streaming_content = _lines_under(response.streaming_content, hidden)  # type: ignore[attr-defined]
        return
    text = response.content.decode(response.charset)  # type: ignore[attr-defined]
    if kind == JSON:
        value = json.loads(text)
        if veil := hidden.veil(texts_of_json(value)):
            response.content = json.dumps(json_under(value, veil, stands=hidden.stands), ensure_ascii=False).encode()  # type: ignore[attr-defined]
    elif kind == PAGE:
        if veil := hidden.veil(words_of_page(text)):
            response.content = page_under(text, veil, given=_given(request), stands=hidden.stands).encode(response.charset)  # type: ignore[attr-defined]
    else:
        response.content = hidden.veil([text])(text).encode(response.charset)  # type: ignore[attr-defined]


AT_ONCE = 2000
"""Lines of a file that are looked through together: a veil for what stands in them is far sooner made than one for everybody."""


def _lines_under(lines: Iterable[bytes], hidden: Hidden) -> Iterator[str]:
    rest = iter(lines)
    while texts := [line.decode() for line in itertools.islice(rest, AT_ONCE)]:
        veil = hidden.veil(texts)
        yield from map(veil, texts)


def _given(request: HttpRequest) -> frozenset[str]:
    """What the reader typed in this very request: a form that was refused shows it again as it was."""
    typed = (value for fields in (request.GET, request.POST) for values in fields.lists() for value in values[1])
    return frozenset(text for value in typed if (text := str(value).replace("\r\n", "\n").strip()))


class AsMeant:
    """Texts from somebody to whom part of them was withheld, as they are to be kept: what they could not read is not lost by their saving.

    It asks nothing as long as no text holds a part withheld.
    """

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.held: dict[Any, Hidden] = {}

    def __call__(self, current: models.Model, values: Mapping[str, Any], programme: Programme | None) -> Mapping[str, Any]:
        asked = {
            name: old for name, value in values.items()
            if type(value) is str and INSTEAD.search(value) and isinstance(old := getattr(current, name, None), str) and old != value
        }
        if not asked or self.actor.user is None or self.actor.sees_all_people:
            return values
        key = programme.pk if programme else None
        if key not in self.held:
            self.held[key] = Hidden.from_(self.actor.user, programme)
        veil = self.held[key].veil(asked.values())
        meant = {name: restored(values[name], old, veil) for name, old in asked.items()}
        reasons = [Reason(f"{words} stands for something you are not shown. Leave each where it is, or write the text without any.", name) for name, text in meant.items() if text is None for words in INSTEAD.findall(values[name])[:1]]
        if reasons:
            raise Refused(reasons)
        return {**values, **meant}
