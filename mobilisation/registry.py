"""What lower floors need from higher ones, registered from each app's ``apps.py``. Dotted paths are loaded when used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.module_loading import import_string

from mobilisation.roles import Can


@dataclass(frozen=True)
class MenuEntry:
    """A tab inside a programme, shown to whoever holds ``can``, and of these only to ``roles`` where any are named. ``order`` sorts. ``also``: addresses beside its own
    that belong to it, relative to the programme's (``letters/``)."""

    label: str
    url_name: str
    can: Can
    order: int
    roles: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class JobKind:
    """``handler``: dotted path to ``handle(run) -> dict``. ``retry``: how often a crashed job is tried again.

    ``long``: it keeps a processor busy for many seconds; where one process does everything it is done apart, one at a time.
    """

    kind: str
    title: str
    handler: str
    retry: int = 3
    long: bool = False


@dataclass(frozen=True)
class ImporterKind:
    """``url_name``: the page that lists what was brought in; ``undo``: dotted path to the :class:`mobilisation.services.import_undo.Undoer`
    of the kind, empty where an import cannot be taken back as a whole."""

    kind: str
    title: str
    importer: str
    can: Can
    url_name: str = ""
    undo: str = ""


@dataclass(frozen=True)
class Fact:
    """``reader``: dotted path to ``read(programme, codes) -> {code: (x, y)}``, in a fixed number of queries."""

    name: str
    reader: str


@dataclass(frozen=True)
class Panel:
    """A part of a page of the ground drawn by an app above. ``reader``: dotted path to ``read(programme, user, as_of) -> value``;
    ``template`` gets it as ``panel`` beside ``programme``."""

    place: str
    template: str
    reader: str


@dataclass(frozen=True)
class Tick:
    """Scheduled work: dotted path to ``run(now) -> None``; called by every tick, takes its own slots."""

    name: str
    run: str


@dataclass(frozen=True)
class Subject:
    """How history shows one entity: its plural title, and which permission sees its field values."""

    entity: str
    title: str
    can: Can
    personal: bool = False


_menu: dict[str, MenuEntry] = {}
_jobs: dict[str, JobKind] = {}
_importers: dict[str, ImporterKind] = {}
_facts: dict[str, Fact] = {}
_panels: dict[str, Panel] = {}
_ticks: dict[str, Tick] = {}
_subjects: dict[str, Subject] = {}
_digests: dict[str, str] = {}
_day: dict[str, tuple[int, str]] = {}
_recomputes: dict[str, str] = {}
_blockers: dict[str, str] = {}
_dates: dict[str, str] = {}


def menu(label: str, url_name: str, can: Can, order: int, roles: tuple[str, ...] = (), also: tuple[str, ...] = ()) -> None:
    _menu[url_name] = MenuEntry(label, url_name, can, order, roles, also)


def menu_entries() -> list[MenuEntry]:
    return sorted(_menu.values(), key=lambda entry: entry.order)


def job(kind: str, title: str, handler: str, retry: int = 3, *, long: bool = False) -> None:
    _jobs[kind] = JobKind(kind, title, handler, retry, long)


def job_kind(kind: str) -> JobKind:
    return _jobs[kind]


def job_kinds() -> dict[str, JobKind]:
    return dict(_jobs)


def importer(kind: str, title: str, importer: str, can: Can, url_name: str = "", undo: str = "") -> None:
    _importers[kind] = ImporterKind(kind, title, importer, can, url_name, undo)


def importers() -> dict[str, ImporterKind]:
    return dict(_importers)


def fact(name: str, reader: str) -> None:
    _facts[name] = Fact(name, reader)


def read_fact(name: str, *args: Any) -> Any:
    """The value of a registered fact, or None when no app offers it."""
    found = _facts.get(name)
    return load(found.reader)(*args) if found else None


def panel(place: str, template: str, reader: str) -> None:
    _panels[place] = Panel(place, template, reader)


def panel_at(place: str) -> Panel | None:
    return _panels.get(place)


def tick(name: str, run: str) -> None:
    _ticks[name] = Tick(name, run)


def ticks() -> list[Tick]:
    return list(_ticks.values())


def subject(entity: str, title: str, can: Can, *, personal: bool = False) -> None:
    _subjects[entity] = Subject(entity, title, can, personal)


def subjects() -> dict[str, Subject]:
    return dict(_subjects)


def recompute(name: str, path: str) -> None:
    """``path``: dotted path to ``recompute(programme)``, called when dates, calendar or limits of a programme change."""
    _recomputes[name] = path


def blocker(name: str, path: str) -> None:
    """``path``: dotted path to ``blocks(programme, status) -> list[str]``: what stands in the way of that status, in words, counts only."""
    _blockers[name] = path


def blockers(programme: Any, status: str) -> list[str]:
    return [words for path in _blockers.values() for words in load(path)(programme, status)]


def dates(name: str, path: str) -> None:
    """``path``: dotted path to ``follow(programme, before, *, actor)``; ``before``: {field: its value until now}, called before the recomputing."""
    _dates[name] = path


def dates_moved(programme: Any, before: dict[str, Any], *, actor: Any) -> None:
    for path in _dates.values():
        load(path)(programme, before, actor=actor)


def recompute_all(programme: Any) -> None:
    for path in _recomputes.values():
        load(path)(programme)


def digest(name: str, lines: str) -> None:
    """``lines``: dotted path to ``lines(user, as_of) -> list[str]``, ids and counts only."""
    _digests[name] = lines


def digests() -> dict[str, str]:
    return dict(_digests)


def my_day(name: str, reader: str, order: int) -> None:
    """``reader``: dotted path to ``read(user, as_of) -> list[mobilisation.day.Part]``, in a fixed number of queries. ``order`` sorts."""
    _day[name] = (order, reader)


def day_parts() -> list[str]:
    return [reader for _, reader in sorted(_day.values())]


def load(path: str) -> Callable[..., Any]:
    found: Callable[..., Any] = import_string(path)
    return found
