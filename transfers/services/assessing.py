"""Assessment, care and support plan, reviews, and the decision how somebody is told: one function a use case."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Change
from mobilisation.services import changes
from transfers.models import Assessment, PersonTransfer, Review
from transfers.rules import assessing as rules
from transfers.rules import gates
from transfers.services import turning
from transfers.services.rights import locked, require_team
from transfers.services.seen import Seen, refuse_stale

FUTURE = "The day is in the future. Enter the day it was done."


def of(person: PersonTransfer) -> Assessment | None:
    return Assessment.objects.filter(person=person).first()


def lacking(person: PersonTransfer, code: str) -> list[Reason]:
    """What C07 or C08 asks of the recorded assessment and does not find; one statement for these two, none for others."""
    return lacking_of(of(person), code) if code in {"C07", "C08"} else []


def lacking_of(assessment: Assessment | None, code: str) -> list[Reason]:
    """The same of an assessment that was read; None where there is none yet."""
    held = assessment or Assessment()
    if code == "C07":
        lacks = rules.assessment_lacks(held.needs, held.impact, held.assessors)
        return [Reason("C07 rests on the assessment: " + " ".join(words for _, words in lacks), solve=("C07",))] if lacks else []
    open_ones = rules.plan_lacks(held.headings)
    return [Reason("C08 rests on the care and support plan. It does not yet speak of: " + "; ".join(open_ones) + ".", solve=("C08",))] if open_ones else []


@transaction.atomic
def record(person: PersonTransfer, values: Mapping[str, Any], *, code: str, actor: Actor, expected_version: int | None = None) -> Change | Assessment | None:
    """What was assessed (``code`` C07) or what the plan speaks of (C08); whoever may mark the checkpoint records it."""
    require_team(person, actor, "the assessment")
    if not actor.unrestricted and not gates.may_mark(code, actor.roles):
        raise NotPermitted(f"{code} {gates.BY_CODE[code].title} is recorded by {gates.who_may(code)}.")
    row = locked(person)
    day = values.get("assessed_on" if code == "C07" else "plan_on")
    if day and day > today():
        raise Refused(Reason(FUTURE, field="assessed_on" if code == "C07" else "plan_on"))
    held = of(row)
    if held is None:
        if not any(values.values()):
            raise Refused("Enter at least one of these.")
        made = changes.create(Assessment(person=row, **values), actor=actor, action="assessment recorded")
        turning.refresh(row)
        return made
    record = changes.apply(held, values, actor=actor, expected_version=expected_version, programme=row.programme, action="assessment changed")
    if record is not None:
        turning.refresh(row)
    return record


@transaction.atomic
def decide_telling(person: PersonTransfer, how: str, deciders: Collection[str], *, actor: Actor, on: date | None = None, seen: Seen | None = None) -> None:
    """How somebody with cognitive impairment or a learning disability is told, decided by team, provider and case manager."""
    require_team(person, actor, "this decision")
    row = locked(person)
    refuse_stale(seen, row, ("telling_decision", "cognitive_or_ld"))
    day = on or today()
    found = [Reason(words, field=name) for name, words in rules.telling_lacks(how, deciders)]
    if day > today():
        found.append(Reason(FUTURE, field="on"))
    if found:
        raise Refused(found)
    changes.apply(row, {"telling_decision": how.strip()[:300], "telling_decided_on": day}, actor=actor, why="decided by the mobilisation team, the provider and the case manager", action="how to tell decided")
    turning.refresh(row)
    person.refresh_from_db()


@transaction.atomic
def offer_advice(person: PersonTransfer, offer: str, *, actor: Actor, on: date | None = None, seen: Seen | None = None) -> None:
    """Somebody not known to the council was offered an assessment, or information, advice and advocacy (domain 5.3)."""
    require_team(person, actor, "this offer")
    row = locked(person)
    refuse_stale(seen, row, ("advice_offer",))
    day = on or today()
    if day > today():
        raise Refused(Reason(FUTURE, field="on"))
    if row.known_to_council is not False:
        raise Refused("This person is not recorded as unknown to the council. Change that in the record first.")
    changes.apply(row, {"advice_offer": offer, "advice_offered_on": day}, actor=actor, action="assessment or advice offered")
    turning.refresh(row)
    person.refresh_from_db()


@transaction.atomic
def add_review(person: PersonTransfer, values: Mapping[str, Any], *, actor: Actor) -> Review:
    """A review that was asked for, or offered; for everybody, whoever pays."""
    require_team(person, actor, "the reviews")
    row = locked(person)
    _refuse_days(values)
    made = changes.create(Review(person=row, **values), actor=actor, action="review asked for")
    turning.refresh(row)
    return made


@transaction.atomic
def change_review(review: Review, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> Change | None:
    """Held, with what came of it."""
    require_team(review.person, actor, "the reviews")
    row = locked(review.person)
    _refuse_days({name: getattr(review, name) for name in ("asked_on", "held_on", "outcome")} | dict(values))
    record = changes.apply(review, values, actor=actor, expected_version=expected_version, programme=row.programme, action="review changed")
    if record is not None:
        turning.refresh(row)
    return record


def _refuse_days(values: Mapping[str, Any]) -> None:
    asked, held = values.get("asked_on"), values.get("held_on")
    found = [Reason(FUTURE, field=name) for name, day in (("asked_on", asked), ("held_on", held)) if day and day > today()]
    if asked and held and held < asked:
        found.append(Reason(f"That lies before the day it was asked for, {asked.day} {asked:%b %Y}.", field="held_on"))
    if held and not (values.get("outcome") or "").strip():
        found.append(Reason("Say what came of the review.", field="outcome"))
    if found:
        raise Refused(found)
