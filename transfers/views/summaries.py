"""What is held about a person, in words: by card on the person's page, and what of it an offer may show."""

from __future__ import annotations

from datetime import date

from mobilisation.access import Actor
from mobilisation.components import hours_shown, short_date
from transfers.forms.people import FOUND_BY
from transfers.models import Allocation, PersonTransfer
from transfers.services.rights import is_provider


def flags(person: PersonTransfer) -> str:
    """Needs that are ticked, in words."""
    named = (
        (person.lives_alone, "lives alone"), (person.dementia, "dementia"), (person.cognitive_or_ld, "cognitive impairment or learning disability"), (person.double_handed, "double-handed"),
        (person.peg_or_clinical, "PEG or clinical task"), (person.time_critical, "time-critical"), (person.insulin_or_controlled, "insulin or controlled medication"), (person.end_of_life, "end of life"), (person.safeguarding_open, "safeguarding open"),
        (person.carer_strain, "carer under strain"), (person.no_other_help, "no other help"),
    )
    return ", ".join(words for flag, words in named if flag)


def package(person: PersonTransfer) -> str:
    """“14 hours a week, 4 visits a day, 08:00 12:30 17:00 21:00”"""
    numbers = ((person.weekly_hours, "hours a week"), (person.visits_per_day, "visits a day"))
    return ", ".join([*(f"{hours_shown(value)} {words if value != 1 else words.replace('hours', 'hour').replace('visits', 'visit')}" for value, words in numbers if value is not None), *([person.visit_times] if person.visit_times else [])])


def condition_of(allocation: Allocation | None, actor: Actor) -> str:
    """On what condition the provider accepts: for the team and for that provider, no other (domain 8)."""
    if allocation is None or (is_provider(actor) and allocation.provider_id not in actor.organisation_ids("IP")):
        return ""
    return allocation.condition


def _since(day: date | None) -> str:
    return f" ({short_date(day)})" if day else ""


def summaries(person: PersonTransfer, allocation: Allocation | None, *, hidden: bool = False, wish: str = "", condition: str = "", team: bool = True) -> dict[str, list[tuple[str, str]]]:
    """The record in words, by card. ``hidden``: not who is asked to take the person on.
    ``wish``: what the person wants, and ``condition``: on what the provider accepts, for who may read it. ``team``: not what is between the council and its own reasons."""

    def yes(value: bool | None) -> str:
        return "" if value is None else "Yes" if value else "No"

    answer = f", {person.get_allocation_response_display().lower()}" if person.allocation_response else ""
    return {
        "move": [
            ("From", str(person.exiting_provider or "")),
            ("To", f"{person.incoming_provider}{answer}" if person.incoming_provider and not hidden else ""),
            ("Planned transfer", short_date(person.planned_transfer_date) if person.planned_transfer_date else ""),
            ("First visit", short_date(person.actual_transfer_date) if person.actual_transfer_date else ""),
            *([("Their condition", condition)] if condition else []),
            ("Wave", person.wave),
            ("Sharing", person.get_sharing_basis_display()),
            ("Offered on", short_date(allocation.proposed_on) if allocation else ""),
            *([("The person wants", wish)] if wish else []),
        ],
        "needs": [
            ("Flags", flags(person)),
            ("Medication support", person.get_medication_level_display()),
            ("Equipment", person.equipment),
            ("Communication format", person.get_communication_format_display()),
            ("Key safe", "Yes, see provider" if person.key_safe else yes(person.key_safe)),
            ("In hospital", "Yes" if person.in_hospital else f"No{_since(person.hospital_asked_on)}" if person.hospital_asked_on else "Not asked yet"),
            ("Notes", person.notes),
        ],
        "contacts": [
            ("Address", ", ".join(part for part in (person.address, person.postcode) if part)),
            ("Phone", person.phone),
            ("Tell the representative first", yes(person.tell_representative_first)),
            *([("How the person is told", f"{person.telling_decision}{_since(person.telling_decided_on)}")] if person.cognitive_or_ld else []),
            *([("Offered by the council", f"{person.get_advice_offer_display()}{_since(person.advice_offered_on)}" if person.advice_offer else "")] if person.known_to_council is False else []),
            ("Case manager", person.case_manager),
            ("Listed from", dict(FOUND_BY).get(person.source, person.source)),
        ],
        "package": [
            ("Hours a week", hours_shown(person.weekly_hours) if person.weekly_hours is not None else ""),
            ("Visits a day", f"{float(person.visits_per_day):g}" if person.visits_per_day is not None else ""),
            ("Visit times", person.visit_times),
            ("Funding", " ".join(part for part in (person.get_funding_type_display(), f"({person.responsible_body})" if person.responsible_body else "") if part)),
            *([("Legal basis", ": ".join(part for part in (person.get_legal_basis_display(), person.legal_basis_reason) if part))] if team else []),
        ],
    }
