"""The map of zones: who lives where, who leaves and who comes there, and who could take more (P13, R06). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Member:
    """Somebody going; ``leaves`` and ``comes``: names of providers, "" for none."""

    zone: str
    msoa: str
    hours: Decimal | None
    moved: bool
    leaves: str
    comes: str


@dataclass(frozen=True)
class Offer:
    """What a provider has said of a zone ("" is any): hours ``confirmed``, of these ``free``, and ``hoped`` for beside them."""

    provider: str
    zone: str
    confirmed: Decimal
    free: Decimal
    hoped: Decimal


@dataclass(frozen=True)
class Place:
    """One MSOA within a zone; ``code`` is "" for who has none. ``elsewhere``: other zones that hold people of it."""

    code: str
    people: int
    to_move: int
    hours: Decimal
    elsewhere: tuple[str, ...]


@dataclass(frozen=True)
class Zone:
    """``name`` is "" for people without a zone. ``leaving``: providers with people still to move there, ``coming``: providers to
    which somebody goes or is offered, each (name, people). ``offers``: for this zone by name."""

    name: str
    people: int
    to_move: int
    hours: Decimal
    unknown: int
    places: tuple[Place, ...]
    leaving: tuple[tuple[str, int], ...]
    coming: tuple[tuple[str, int], ...]
    offers: tuple[Offer, ...]


@dataclass(frozen=True)
class Map:
    """``anywhere``: offers for any zone."""

    zones: tuple[Zone, ...]
    anywhere: tuple[Offer, ...]
    people: int

    @property
    def split(self) -> list[str]:
        """Codes that lie in more than one zone."""
        return sorted({place.code for zone in self.zones for place in zone.places if place.elsewhere})

    @property
    def without_zone(self) -> int:
        return next((zone.people for zone in self.zones if not zone.name), 0)

    @property
    def without_msoa(self) -> int:
        return sum(place.people for zone in self.zones for place in zone.places if not place.code)


def zone_map(people: Iterable[Member], offers: Iterable[Offer]) -> Map:
    """Zones by name, two spellings of one name together under the one used most; people without a zone last."""
    held: dict[str, list[Member]] = {}
    spelt: dict[str, Counter[str]] = {}
    at: dict[str, set[str]] = {}
    for one in people:
        key = _key(one.zone)
        held.setdefault(key, []).append(one)
        spelt.setdefault(key, Counter())[one.zone.strip()] += 1
        if one.msoa:
            at.setdefault(one.msoa, set()).add(key)
    said: dict[str, list[Offer]] = {}
    for offer in sorted(offers, key=lambda one: one.provider):
        said.setdefault(_key(offer.zone), []).append(offer)
        spelt.setdefault(_key(offer.zone), Counter({offer.zone.strip(): 1}))
    names = {key: min(words, key=lambda word: (-words[word], word)) for key, words in spelt.items()}
    keys = sorted({*held, *(key for key in said if key)}, key=lambda key: (not key, names[key].casefold()))
    return Map(tuple(_zone(key, names, held.get(key, []), at, said.get(key, []) if key else []) for key in keys), tuple(said.get("", [])), sum(map(len, held.values())))


def _key(zone: str) -> str:
    return zone.strip().casefold()


def _zone(key: str, names: dict[str, str], members: list[Member], at: dict[str, set[str]], offers: list[Offer]) -> Zone:
    places = [
        Place(code, len(here), sum(not one.moved for one in here), _hours(here), tuple(sorted(names[other] or "no zone" for other in at.get(code, set()) - {key})))
        for code in sorted({one.msoa for one in members}, key=lambda code: (not code, code))
        if (here := [one for one in members if one.msoa == code])
    ]
    leaving, coming = Counter(one.leaves for one in members if one.leaves and not one.moved), Counter(one.comes for one in members if one.comes)
    return Zone(
        names[key], len(members), sum(not one.moved for one in members), _hours(members), sum(one.hours is None for one in members), tuple(places), tuple(sorted(leaving.items())), tuple(sorted(coming.items())), tuple(offers)
    )


def _hours(members: Iterable[Member]) -> Decimal:
    return sum((one.hours or Decimal(0) for one in members), Decimal(0))
