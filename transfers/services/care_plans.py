"""Care plans from provisional to validated (domain 5.7). C15 begins, the check and its discrepancies follow, C18 validates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import Reason, Refused
from mobilisation.models import Change, Programme, RoleAssignment
from mobilisation.services import changes
from mobilisation.services.notices import notify
from transfers.choices import RiskTier
from transfers.models import CarePlanCheck, Discrepancy, PersonTransfer
from transfers.rules import care_plans as rules
from transfers.services import columns, turning
from transfers.services.rights import locked, require_coming
from transfers.services.seen import Seen, refuse_stale


def current(person: PersonTransfer) -> CarePlanCheck | None:
    return CarePlanCheck.objects.filter(person=person, current=True).first()


@dataclass(frozen=True)
class Standing:
    """What C18 asks of a plan; the defaults are a plan nobody has looked at."""

    open_discrepancies: int = 0
    tier: str = ""
    checks: Mapping[str, str] = field(default_factory=dict)

    def refusals(self) -> list[Reason]:
        """Why the plan is not validated yet; empty when it may be."""
        told = (("discrepancy", rules.validation_refused(self.open_discrepancies)), ("plan check", rules.check_refused(self.tier, self.checks)))
        return [Reason(words, solve=(key,)) for key, words in told if words]


def standings(people: Any) -> dict[int, Standing]:
    """{person: standing} of those with a check or an open discrepancy; two statements. ``people``: ids or a queryset."""
    open_ones = dict(Discrepancy.objects.filter(person__in=people, closed_on__isnull=True).order_by().values_list("person").annotate(n=Count("pk")))
    checked = {pk: (tier, checks) for pk, tier, checks in CarePlanCheck.objects.filter(person__in=people, current=True).values_list("person", "tier", "checks")}
    return {pk: Standing(open_ones.get(pk, 0), *checked.get(pk, ("", {}))) for pk in open_ones.keys() | checked.keys()}


def fresh(person: PersonTransfer, received_on: date | None = None) -> CarePlanCheck:
    """A provisional plan's check (unsaved)."""
    return CarePlanCheck(person=person, tier=RiskTier.HIGH if person.high_risk else RiskTier.OTHER, received_on=received_on, status="provisional")


@transaction.atomic
def receive(person: PersonTransfer, *, actor: Actor, on: date | None = None) -> CarePlanCheck:
    """The plan is here and is provisional until checked."""
    row = locked(person)
    require_coming(row, actor, "the care-plan check")
    day = on or today()
    if day > today():
        raise Refused(Reason("The day is in the future. Enter the day the plan came.", field="on"))
    held = current(row)
    if held is None:
        held = changes.create(fresh(row, day), actor=actor, action="care plan received")
    elif held.received_on is None:
        changes.apply(held, {"received_on": day}, actor=actor, programme=row.programme, action="care plan received")
    else:
        raise Refused(f"The care plan was received on {held.received_on.day} {held.received_on:%b %Y} already.")
    _follow(row, actor, "care plan received")
    return held


def begin(row: PersonTransfer, *, actor: Actor, again: bool = False) -> None:
    """A first visit, or a changed package (``again``): the plan is provisional. The caller refreshes the moments."""
    held = current(row)
    if held is not None and not again:
        return
    if held is not None:
        changes.apply(held, {"current": False}, actor=actor, why="the package changed", programme=row.programme)
    changes.create(fresh(row), actor=actor, action="care plan provisional")
    columns.project(row, actor=actor, why="care plan provisional")


def validated(row: PersonTransfer, on: date, *, actor: Actor) -> None:
    """C18 was marked."""
    held = current(row) or changes.create(fresh(row), actor=actor, action="care plan provisional")
    changes.apply(held, {"status": "validated", "validated_on": on, "by_label": actor.label[:150]}, actor=actor, programme=row.programme, action="care plan validated")
    columns.project(row, actor=actor, why="C18 marked")


def unvalidated(row: PersonTransfer, *, actor: Actor) -> None:
    """C18 was taken back: the plan is where its check says."""
    held = current(row)
    if held is None or held.status != "validated":
        return
    changes.apply(held, {"status": rules.status_of(held.checks, _open(row)), "validated_on": None, "by_label": ""}, actor=actor, programme=row.programme, action="care plan provisional again")
    columns.project(row, actor=actor, why="C18 undone")


def write(programme: Programme, people: Sequence[tuple[PersonTransfer, Mapping[str, Any]]], *, actor: Actor) -> None:
    """Checks of many people at once: (person, fields). The rows' columns follow in the same few statements."""
    held = {check.person_id: check for check in CarePlanCheck.objects.select_for_update(of=("self",)).filter(person__in=[person.pk for person, _ in people], current=True)}
    made, moved = [], []
    for person, values in people:
        check = held.get(person.pk)
        if check is None:
            check = fresh(person)
            for name, value in values.items():
                setattr(check, name, value)
            made.append(check)
        else:
            check.person = person
            moved.append((check, values))
    changes.bulk_create(made, actor=actor, programme=programme, action="care plan provisional")
    changes.bulk_apply(moved, actor=actor, programme=programme, action="care plan checked")
    checks = [*made, *(check for check, _ in moved)]
    changes.bulk_apply([(check.person, {"plan_status": check.status, "plan_validated_on": check.validated_on}) for check in checks], actor=actor, programme=programme)


@transaction.atomic
def record(person: PersonTransfer, checks: Mapping[str, str], *, actor: Actor, details: Mapping[str, str] | None = None, seen: Mapping[str, str] | None = None) -> CarePlanCheck:
    """What was looked at: {key: "right" | "differs" | ""}, the others stay. Each that differs anew opens a discrepancy, with
    its detail; the call to the officer and the update of the plan are due the same day. ``seen``: what the person was
    looking at; what somebody else has changed since is refused with both values."""
    row = locked(person)
    require_coming(row, actor, "the care-plan check")
    held = current(row)
    if held is None:
        raise Refused("The care plan has not been received. Record that first.")
    if held.status == "validated":
        raise Refused("This plan is validated. Undo C18 first, with the reason.")
    known = {key for key, _ in rules.CHECKS}
    wanted = {key: value for key, value in checks.items() if key in known and value in {"", *rules.FOUND}}
    found = [
        Reason(f"{title}: somebody recorded “{rules.FOUND.get(held.checks.get(key, ''), 'not checked')}” while you were editing. You entered “{rules.FOUND.get(wanted[key], 'not checked')}”.", field=key)
        for key, title in rules.CHECKS
        if key in wanted and seen is not None and held.checks.get(key, "") not in {seen.get(key, ""), wanted[key]}
    ]
    found += [
        Reason(f"{title}: say what differs.", field=f"{key}_detail")
        for key, title in rules.CHECKS
        if wanted.get(key) == "differs" and held.checks.get(key) != "differs" and not (details or {}).get(key, "").strip()
    ]
    if found:
        raise Refused(found)
    new = [key for key in wanted if wanted[key] == "differs" and held.checks.get(key) != "differs"]
    standing = {key: value for key, value in (held.checks | wanted).items() if value}
    changes.apply(held, {"checks": standing, "by_label": actor.label[:150]}, actor=actor, programme=row.programme, action="care plan checked")
    for key in new:
        changes.create(Discrepancy(person=row, kind=rules.KIND_OF[key], found_on=today(), detail=(details or {}).get(key, "")[:300]), actor=actor, action="discrepancy found")
    _restate(row, held, actor)
    _follow(row, actor, "care plan checked")
    _tell_officer(row, len(new))
    return held


@transaction.atomic
def take_to_mdt(person: PersonTransfer, on: date, *, actor: Actor, seen: Seen | None = None) -> None:
    """A complex case goes to the weekly multidisciplinary slot of that day."""
    row = locked(person)
    require_coming(row, actor, "the care-plan check")
    held = current(row)
    refuse_stale(seen, row, (), held)
    if held is None or held.status == "validated":
        raise Refused("There is no provisional care plan to take there.")
    if on < today():
        raise Refused(Reason("That day has gone by. Enter the day of the next meeting.", field="on"))
    changes.apply(held, {"mdt_on": on}, actor=actor, programme=row.programme, action="taken to the multidisciplinary meeting")
    turning.refresh(row)


@transaction.atomic
def open_discrepancy(person: PersonTransfer, kind: str, *, actor: Actor, detail: str, found_on: date | None = None) -> Discrepancy:
    """Found outside the list, or after it."""
    row = locked(person)
    require_coming(row, actor, "the discrepancies")
    day = found_on or today()
    _refuse_days(found_on=day)
    if words := rules.detail_refused(detail):
        raise Refused(Reason(words, field="detail"))
    made = changes.create(Discrepancy(person=row, kind=kind, found_on=day, detail=detail), actor=actor, action="discrepancy found")
    held = current(row)
    if held is not None:
        _restate(row, held, actor)
    _follow(row, actor, "discrepancy found")
    _tell_officer(row, 1)
    return made


def _tell_officer(row: PersonTransfer, found: int) -> None:
    """The commissioning officer is called at once (domain 2): told here too, by the reference only. Where nobody is, the CL, whom they support."""
    if not found:
        return
    held = RoleAssignment.objects.active().filter(programme=row.programme, role__in=("CO", "CL"), user__isnull=False, user__is_active=True).select_related("user")
    by_role = {role: [one.user for one in held if one.role == role and one.user] for role in ("CO", "CL")}
    words = "a care-plan discrepancy was found" if found == 1 else f"{found} care-plan discrepancies were found"
    url = reverse("transfers:person-detail", args=[row.programme.ref, row.public_id])
    notify(by_role["CO"] or by_role["CL"], row.programme, "discrepancy", f"{row.programme.reference}: {words}: call today", [row.public_id], url, at_once=True)


@transaction.atomic
def change_discrepancy(discrepancy: Discrepancy, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> Change | None:
    """Officer called, plan updated, closed: closing needs both."""
    row = locked(discrepancy.person)
    require_coming(row, actor, "the discrepancies")
    discrepancy.refresh_from_db()
    days = {name: values.get(name, getattr(discrepancy, name)) for name in ("found_on", "officer_called_on", "plan_updated_on", "closed_on")}
    _refuse_days(**days)
    if words := rules.detail_refused(values.get("detail", "-")):
        raise Refused(Reason(words, field="detail"))
    if days["closed_on"]:
        missing = rules.missing_to_close(bool(days["officer_called_on"]), bool(days["plan_updated_on"]))
        if missing:
            raise Refused([Reason(f"Before it is closed: {words[0].lower()}{words[1:]}", field="closed_on") for words in missing])
    record = changes.apply(discrepancy, values, actor=actor, expected_version=expected_version, programme=row.programme, action="discrepancy changed")
    if record is not None:
        held = current(row)
        if held is not None:
            _restate(row, held, actor)
        _follow(row, actor, "discrepancy changed")
    return record


def _refuse_days(*, found_on: date | None, officer_called_on: date | None = None, plan_updated_on: date | None = None, closed_on: date | None = None) -> None:
    found = []
    for name, day in (("found_on", found_on), ("officer_called_on", officer_called_on), ("plan_updated_on", plan_updated_on), ("closed_on", closed_on)):
        if day and day > today():
            found.append(Reason("The day is in the future. Enter the day it happened.", field=name))
        elif day and found_on and day < found_on:
            found.append(Reason(f"That lies before the day it was found, {found_on.day} {found_on:%b %Y}.", field=name))
    if found:
        raise Refused(found)


def _open(row: PersonTransfer) -> int:
    return Discrepancy.objects.filter(person=row, closed_on__isnull=True).count()


def _restate(row: PersonTransfer, held: CarePlanCheck, actor: Actor) -> None:
    if held.status != "validated":
        changes.apply(held, {"status": rules.status_of(held.checks, _open(row))}, actor=actor, programme=row.programme)


def _follow(row: PersonTransfer, actor: Actor, why: str) -> None:
    columns.project(row, actor=actor, why=why)
    turning.refresh(row)
