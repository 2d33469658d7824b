"""Counts and stored moments of people, proved row by row: a second count that shares no condition with the first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q

from mobilisation.clock import today
from mobilisation.models import Programme
from reporting.portfolio import positions_summary
from reporting.position import sections
from transfers.facts import people_facts
from transfers.facts.groups import groups
from transfers.models import Checkpoint, ContactLog, Discrepancy, PersonConcern, PersonTransfer, SafetyCheck
from transfers.rules.gates import SETTLED
from transfers.rules.safety import TRIES
from transfers.services import columns, contents, turning

_COLUMNS = (
    "pk", "status", "ending", "in_hospital", "on_hold", "priority", "planned_transfer_date", "baseline_transfer_date", "incoming_provider_id", "plan_status", "next_due", "overdue_from",
    "safety_due", "touched_on", "cognitive_or_ld", "telling_decision", "next_action_due", "blue", "blue_until", "red_from", "amber_from", "grey_until",
)


def _with_people() -> list[Programme]:
    return list(Programme.objects.filter(pk__in=PersonTransfer.objects.values("programme")).order_by("pk"))


def people_stand_as_the_rules_say() -> Iterator[str]:
    """Stored status, dues and moments of people are what the rules make of the records."""
    for programme in _with_people():
        for person in turning.drift(programme):
            yield f"{programme.reference}: person {person.public_id} stands otherwise than the rules say."
        for person in columns.drift(programme):
            yield f"{programme.reference}: person {person.public_id}: a column of the tracker says something else than the contacts, orders, monies or care-plan check behind it."
        for person in columns.untold(programme):
            yield f"{programme.reference}: person {person.public_id} has a representative, and C05 says that it does not apply."


def numbers_stand_once() -> Iterator[str]:
    double = PersonTransfer.objects.exclude(nhs_number="").filter(ending="").values("programme__reference", "nhs_number").annotate(n=Count("pk")).filter(n__gt=1).order_by("programme__reference")
    for row in double:
        yield f"{row['programme__reference']}: {row['n']} rows hold one NHS number."


def everybody_counted_once() -> Iterator[str]:
    """Counters of the tracker, dashboard and portfolio say what the rows say; counts by colour and by priority add up."""
    as_of = today()
    programmes = _with_people()
    cards = {card.programme.pk: card for card in positions_summary(programmes, as_of)}
    for programme in programmes:
        facts = people_facts(programme, as_of)
        rows = _recount(programme, as_of)
        for title, counts in (("colour", facts.by_colour), ("priority", facts.by_priority)):
            if counts and sum(counts.values()) != facts.total:
                yield f"{programme.reference}: people by {title} add up to {sum(counts.values())}, not {facts.total}."
        for what, shown in (_counters(programme, as_of) | _dashboard(sections.people(facts, as_of)) | _portfolio(cards[programme.pk])).items():
            place, key = what
            if shown != rows[key]:
                yield f"{programme.reference}: {place} counts {shown} for “{key}”, the rows are {rows[key]}."


def _counters(programme: Programme, as_of: date) -> dict[tuple[str, str], int]:
    named = groups(as_of)
    people = PersonTransfer.objects.filter(programme=programme)
    found = people.aggregate(**{f"n{n}": Count("pk", filter=group.condition or Q(pk__isnull=False)) for n, group in enumerate(named.values())})
    return {("the tracker", key or "all"): found[f"n{n}"] for n, key in enumerate(named)}


def _dashboard(people: Any) -> dict[tuple[str, str], Any]:
    found = {
        "going": people.total, "ready": people.ready, "moved": people.transferred, "hospital": people.in_hospital, "hold": people.on_hold, "at-risk": people.at_risk, "past": people.past_t,
        "safety-overdue": people.safety_overdue, "safety-overdue-red": people.red_safety_overdue, "no-provider": people.no_incoming, "validated": people.plans_validated,
        "provisional": people.plans_provisional, **{f"priority {letter}": n for letter, n in people.by_priority.items()}, **{f"colour {letter}": n for letter, n in people.by_colour.items()},
        **{f"ended {ending}": n for ending, n in people.endings.items()}, **{f"settled {step.code}": step.done for step in people.funnel},
    }
    return {("the dashboard", key): n for key, n in found.items()}


def _portfolio(card: Any) -> dict[tuple[str, str], Any]:
    return {("the portfolio", "going"): card.people, ("the portfolio", "moved"): card.transferred, ("the portfolio", "colour R"): card.people_red}


def _recount(programme: Programme, as_of: date) -> Counter[str]:
    """{group: rows}, each row looked at once, by the words of the domain and not by the conditions of ``transfers.facts.groups``."""
    found: Counter[str] = Counter()
    checked, told = set(), set()
    going = PersonTransfer.objects.filter(programme=programme, ending="").values("pk")
    for person, code in Checkpoint.objects.filter(person__in=going, state__in=SETTLED).values_list("person_id", "code").iterator(chunk_size=5000):
        found[f"settled {code}"] += 1
        if code == "C16":
            checked.add(person)
        elif code == "C04":
            told.add(person)
    hanging = _hanging(programme, as_of)
    for row in PersonTransfer.objects.filter(programme=programme).values(*_COLUMNS).iterator(chunk_size=2000):
        found.update(_places(row, row["pk"] in checked, as_of))
        if not row["ending"]:
            found.update(key for key, people in hanging.items() if row["pk"] in people and key not in {"unreached", "unreached second"})
            found["untold"] += row["pk"] not in told
            found["unreached"] += _unreached(row, checked, hanging)
    return found


def _unreached(row: dict[str, Any], checked: set[int], hanging: dict[str, set[int]]) -> bool:
    """Nobody answered the check that is open: the first, or of somebody with priority Red the second."""
    if row["status"] not in {"transferred", "settled"} or row["in_hospital"]:
        return False
    return (row["priority"] == "R" and row["pk"] in hanging["unreached second"]) if row["pk"] in checked else row["pk"] in hanging["unreached"]


def _hanging(programme: Programme, as_of: date) -> dict[str, set[int]]:
    """{group: people} of what hangs on records beside the row; a statement each."""
    of = {"person__programme": programme}
    tries: Counter[tuple[int, int, date]] = Counter()
    answered = set()
    for person, number, outcome, day, moved in SafetyCheck.objects.filter(**of).values_list("person_id", "number", "outcome", "done_on", "person__actual_transfer_date"):
        if moved is not None and day < moved:
            continue
        if outcome == "unable_to_contact":
            tries[person, number, day] += 1
        elif number == 2:
            answered.add(person)
    ready = {person.pk: person for person in PersonTransfer.objects.filter(programme=programme, status="ready")}
    resting = Checkpoint.objects.filter(person__in=ready, code__in=contents.MAY_GO, state="done").values_list("person_id", "code")
    late = Discrepancy.objects.filter(**of, closed_on=None).values_list("person_id", "found_on", "officer_called_on", "plan_updated_on")
    return {
        "unreached": {person for (person, number, _), n in tries.items() if number == 1 and n >= TRIES},
        "unreached second": {person for (person, number, _), n in tries.items() if number == 2 and n >= TRIES} - answered,
        "discrepancy": {person for person, found_on, called, updated in late if found_on <= as_of and not (called and updated)},
        "ready-missing": {person for person, code in resting if contents.missing(ready[person], code)},
        "unowned": {one.person_id for one in PersonConcern.objects.filter(**of).select_related("concern") if one.concern.status == "open" and not one.concern.owner_id and not one.concern.owner_name},
        "stated": set(Checkpoint.objects.filter(**of, state="in_progress", risk_assessment="").values_list("person_id", flat=True)),
        "follow-up": {person for person, due in ContactLog.objects.filter(**of, followed_up_on=None).values_list("person_id", "follow_up_due") if due and due <= as_of},
    }


def _places(row: dict[str, Any], checked: bool, as_of: date) -> list[str]:
    """Every group that one row belongs to."""
    places = ["all"]
    if row["touched_on"] >= as_of - timedelta(days=1):
        places.append("changed")
    if row["ending"]:
        return [*places, f"ended {row['ending']}"]
    visited, moved = row["status"] in {"transferred", "settled"}, row["status"] in {"transferred", "settled", "closed"}
    stopped = row["in_hospital"] or row["on_hold"]
    late = row["safety_due"] is not None and row["safety_due"] < as_of
    overdue = visited and not checked and late and not row["in_hospital"]
    colour = _colour(row, as_of)
    asked = {
        "going": True, "today": row["next_due"] == as_of, "overdue": row["overdue_from"] is not None and row["overdue_from"] <= as_of, "hold": row["on_hold"], "hospital": row["in_hospital"],
        "no-provider": row["incoming_provider_id"] is None, "safety": visited and not checked, "ready": moved or row["status"] == "ready", "moved": moved and not row["in_hospital"],
        "past": row["planned_transfer_date"] is not None and row["planned_transfer_date"] < as_of and not stopped and not moved,
        "not-updated": colour != "B" and row["touched_on"] < as_of, "safety-overdue": overdue, "safety-overdue-red": overdue and row["priority"] == "R", "at-risk": colour in {"A", "R"}, "validated": row["plan_status"] == "validated",
        "telling": row["cognitive_or_ld"] is True and not row["telling_decision"], "action-overdue": row["next_action_due"] is not None and row["next_action_due"] < as_of,
        "provisional": row["plan_status"] not in {"", "validated"}, f"colour {colour}": True, f"priority {row['priority'] or 'unrated'}": True,
    }
    return [*places, *(key for key, holds in asked.items() if holds)]


def _colour(row: dict[str, Any], as_of: date) -> str:
    if row["blue"] and (row["blue_until"] is None or row["blue_until"] >= as_of):
        return "B"
    if row["red_from"] is not None and row["red_from"] <= as_of:
        return "R"
    if row["amber_from"] is not None and row["amber_from"] <= as_of:
        return "A"
    return "N" if row["grey_until"] is not None and row["grey_until"] >= as_of else "G"
