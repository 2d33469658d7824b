"""Which people a page lists and in which order, by its address: the list, the export and the JSON take the same."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import NullIf
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property

from mobilisation.roles import Can
from mobilisation.views.kept_search import KeptSearch
from transfers.facts import narrowing
from transfers.facts.groups import groups
from transfers.facts.narrowing import Around
from transfers.facts.quality import lacking, offered
from transfers.forms import people as forms
from transfers.models import PersonTransfer
from transfers.rules.grid import COLUMNS
from transfers.services.people import ACCEPTED
from transfers.services.rights import is_provider
from transfers.views.people.scope import PeopleScope

_BY_NAME = ("surname", "forename")
SORTS: dict[str, tuple[str, ...]] = {column.key: column.sort for column in COLUMNS if column.sort} | {
    "name": _BY_NAME, "updated": ("touched_on",),
}
"""Key in the address → fields. The name and the number of the row end every order, so that pages never overlap."""
_RANKED = {"colour": "RANGB", "priority": "RAG"}
"""Fields of one letter → what stands on top: how bad it is, not the alphabet."""
_BLANK_LAST = frozenset({"next_checkpoint"})


def _sorted_by(field: str) -> Any:
    if letters := _RANKED.get(field):
        return Case(*(When(**{field: letter}, then=Value(rank)) for rank, letter in enumerate(letters)))
    return NullIf(F(field), Value("")) if field in _BLANK_LAST else F(field)


def key_of(name: str) -> str:
    """What stands for the name of a member of staff in an address: says nothing to who reads it elsewhere."""
    return salted_hmac("people-owner", name).hexdigest()[:12]


def found_by(term: str) -> Q:
    """Whom a search finds: pieces of names, whole numbers. Every part has an index of its own (``person_by_piece`` for the names)."""
    words = Q()
    for word in term.replace(",", " ").split():
        words &= Q(surname__icontains=word) | Q(forename__icontains=word)
    return words | Q(case_system_id__iexact=term) | Q(nhs_number="".join(term.split())) | Q(public_id=term.lower())


class PeopleRows(KeptSearch, PeopleScope):
    search_key = "people-searches"

    def filtered(self, form: forms.PeopleFilter, as_of: date) -> QuerySet[PersonTransfer]:
        """Exactly the rows the page shows, in its order."""
        named = groups(as_of)
        people = self.narrowed(form, self.people.with_colour(as_of))
        return people.filter(named.get(self.request.GET.get("show", ""), named[""]).condition).order_by(*self._order())

    def counted(self, form: forms.PeopleFilter, as_of: date) -> QuerySet[PersonTransfer]:
        """Among whom the counters count: what is filtered and searched for stays, so that each says how many rows it opens."""
        return self.narrowed(form, self.people.with_colour(as_of) if form.chosen.get("progress") else self.people)

    def narrowed(self, form: forms.PeopleFilter, people: QuerySet[PersonTransfer]) -> QuerySet[PersonTransfer]:
        """Filters and search, without the counter; by progress only with their colour."""
        chosen = form.chosen
        if value := chosen.get("priority"):
            people = people.filter(priority="" if value == "none" else value)
        if value := chosen.get("progress"):
            people = people.filter(colour=value)
        if value := chosen.get("provider"):
            people = people.filter(self._coming_to(value))
        if value := chosen.get("wave"):
            people = people.filter(wave=value)
        if value := chosen.get("funding"):
            people = people.filter(funding_type=value)
        if value := chosen.get("stage"):
            people = people.filter(Q(status=value, ending="") | Q(ending=value))
        if value := chosen.get("hold"):
            people = people.filter(on_hold=value == "yes")
        if value := chosen.get("owner"):
            people = people.filter(self._owned_by(value))
        if value := chosen.get("lacks"):
            people = lacking(people, value)
        if self.search_lost:
            # Not none(): the counters ask the database, and are to be told 0.
            people = people.filter(public_id="")
        elif self.term:
            people = people.filter(found_by(self.term))
        return people

    def _order(self) -> list[Any]:
        asked = self.request.GET.get("sort", "name")
        fields = SORTS.get(asked.removeprefix("-"), _BY_NAME)
        # Nobody without a date or a name is first, whichever way round: what is asked for stands on top.
        order: list[Any] = []
        for name in fields:
            down = name.startswith("-") != asked.startswith("-")
            field = _sorted_by(name.removeprefix("-"))
            order.append(field.desc(nulls_last=True) if down else field.asc(nulls_last=True))
        return [*order, *(name for name in _BY_NAME if name not in fields), "id"]

    def _coming_to(self, key: str) -> Q:
        nobody, there = Q(incoming_provider__isnull=True), Q(incoming_provider__public_id=key)
        if not is_provider(self.actor):
            return nobody if key == "none" else there
        # Who else is asked is between the team and who is asked: to another provider the row says nobody yet.
        told = Q(allocation_response__in=ACCEPTED) | Q(incoming_provider__in=self.actor.organisation_ids("IP"))
        return nobody | ~told if key == "none" else there & told

    def _owned_by(self, key: str) -> Q:
        if key == "none":
            return Q(next_action_owner="", case_manager="")
        names = {str(self.request.user)} if key == "me" else {name for name in self.around.owners if key_of(name) == key}
        return Q(next_action_owner__in=names) | Q(next_action_owner="", case_manager__in=names)

    @cached_property
    def around(self) -> Around:
        """What filters and views offer, the viewer's unread notices and the state of the calendar: one statement."""
        return narrowing.read(self.programme, self.request.user, self.people, team=self.actor.sees_all_people)

    @property
    def lacks(self) -> list[tuple[str, str]]:
        """What the list may be narrowed by that is missing: for the team, and of orders for who sees orders."""
        return [] if is_provider(self.actor) else [(key, lack.label) for key, lack in offered({can for can in Can if self.actor.can(can)}).items()]

    def filter_form(self) -> forms.PeopleFilter:
        around = self.around
        owners = [(key_of(name), name) for name in around.owners]
        return forms.PeopleFilter(self.request.GET or None, providers=around.providers, waves=around.waves, owners=owners, lacks=self.lacks)
