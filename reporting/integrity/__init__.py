"""Every invariant over the whole database: what constraints cannot say. Each check yields sentences with ids, none when all is well."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mobilisation.clock import today
from reporting.integrity.lists import everybody_compared_has_one_place
from reporting.integrity.papers import moments_agree, packs_have_their_bytes, plan_counted_once, rows_stay_in_their_programme, snapshots_read_back
from reporting.integrity.people import everybody_counted_once, numbers_stand_once, people_stand_as_the_rules_say
from transfers.facts.invariants import INVARIANTS, Invariant


def _of(invariant: Invariant) -> Callable[[], Iterator[str]]:
    return lambda: invariant.faults(today())


CHECKS: tuple[tuple[str, Callable[[], Iterator[str]]], ...] = (
    ("frozen weeks", snapshots_read_back), ("files of packs", packs_have_their_bytes), ("rows and programmes", rows_stay_in_their_programme),
    ("turning moments", moments_agree), *((invariant.title, _of(invariant)) for invariant in INVARIANTS), ("numbers", numbers_stand_once),
    ("people and rules", people_stand_as_the_rules_say), ("lists compared", everybody_compared_has_one_place), ("counts", everybody_counted_once), ("plan counts", plan_counted_once),
)


def check_all() -> dict[str, list[str]]:
    """{check: sentences}; an empty list is a check that holds."""
    return {title: list(check()) for title, check in CHECKS}
