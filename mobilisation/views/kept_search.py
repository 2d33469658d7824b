"""Searching for somebody by name: the words are kept in the session, the address carries only which search it is.

So no name stands in an address or a log, and yet an address alone says which rows it opens: one without a search shows
everybody, whatever was searched for before.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.crypto import get_random_string

SEARCH = "q"
"""The parameter that names a kept search."""
_MOST = 20
"""Searches kept for one list and one session; the oldest goes first."""
_LONGEST = 100


class KeptSearch:
    """Mixin of pages with ``kwargs["ref"]``. ``search_key``: under which the session keeps the searches of this list."""

    request: HttpRequest
    kwargs: dict[str, Any]
    search_key: ClassVar[str]

    @property
    def asked_search(self) -> str:
        """What the address names, known here or not; "" where it asks for no search."""
        return self.request.GET.get(SEARCH, "")

    @property
    def term(self) -> str:
        """The words of the search that the address asks for; "" where it asks for none, or for one that is not kept here."""
        return next((words for name, words in self._kept if name == self.asked_search), "")

    @property
    def search_lost(self) -> bool:
        """The address asks for a search of another session, or of long ago. Nobody is shown then: everybody would be more than was asked for."""
        return bool(self.asked_search) and not self.term

    def keep_search(self, words: str) -> str:
        """Keep ``words`` for this session; what the address is to carry, "" for no words."""
        words = words.strip()[:_LONGEST]
        if not words:
            return ""
        name = next((name for name, known in self._kept if known == words), "") or get_random_string(8)
        self.request.session[self._place] = [[name, words], *(one for one in self._kept if one[0] != name)][:_MOST]
        return name

    @property
    def _place(self) -> str:
        return f"{self.search_key}:{self.kwargs['ref']}"

    @property
    def _kept(self) -> list[list[str]]:
        found: list[list[str]] = self.request.session.get(self._place, [])
        return found
