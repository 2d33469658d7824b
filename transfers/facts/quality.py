"""What the tracker does not say about people going on: the counts of the quality page and the rows behind each come from here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from mobilisation.roles import Can
from transfers.choices import Funding
from transfers.facts.groups import GOING, HAS_MOVED, groups, orders_gone, pack_gone
from transfers.facts.hours_left import TUPE_APPLIES
from transfers.models import Checkpoint, HospitalEpisode, OrderVisit, PersonNeed, PersonTransfer
from transfers.rules.legal import URGENT
from transfers.rules.orders import NO_ORDER

_NO_REPRESENTATIVE = Checkpoint.objects.filter(person=OuterRef("pk"), code="C05", state="not_applicable")  # scope: only inside Exists() of people already scoped
_ADMITTED_WHEN = HospitalEpisode.objects.filter(person=OuterRef("pk"), open=True, admitted_on__isnull=True)  # scope: only inside Exists() of people already scoped
_ALLERGIES_SAID = PersonNeed.objects.filter(person=OuterRef("pk"), allergies_known__isnull=False)  # scope: only inside Exists() of people already scoped
_VISITS = OrderVisit.objects.filter(order__person=OuterRef("pk"), order__current=True)  # scope: only inside Exists() of people already scoped
_OTHER_BODY = (Funding.CHC, Funding.JOINT, Funding.OTHER_AUTHORITY)


@dataclass(frozen=True)
class Lack:
    """``label``: what is missing, as a line of the page; ``why``: what waits for it; ``condition`` on people going; ``see``: who may know."""

    section: str
    label: str
    why: str
    condition: Q
    see: Can = Can.PEOPLE_VIEW


def _empty(section: str, label: str, why: str, field: str, also: Q | None = None, see: Can = Can.PEOPLE_VIEW) -> Lack:
    return Lack(section, label, why, Q(**{field: ""}) & (also or Q()), see)


def _unsaid(section: str, label: str, why: str, field: str, also: Q | None = None, see: Can = Can.PEOPLE_VIEW) -> Lack:
    return Lack(section, label, why, Q(**{f"{field}__isnull": True}) & (also or Q()), see)


_OF_COUNCIL = ~Q(funding_type__in=sorted(NO_ORDER))
_PRIORITY = "The suggested priority counts it"
LACKS: dict[str, Lack] = {
    "number": Lack("Who", "NHS number and case-system ID", "Without either, lists are matched by name alone", Q(nhs_number="", case_system_id="")),
    "born": _unsaid("Who", "Date of birth", "Two people of one name are told apart by it", "date_of_birth"),
    "address": _empty("Who", "Address", "Letters and the first visit go there", "address"),
    "postcode": _empty("Who", "Postcode", "Zone and travel follow from it", "postcode"),
    "zone": _empty("Who", "Zone", "Who is proposed to whom goes by zone", "zone"),
    "phone": _empty("Who", "Phone", "Safety checks and calls", "phone"),
    "source": _empty("Who", "Source of the listing", "C01 says where the person was found", "source"),
    "representative": Lack("Contacts", "Representative", "C05; not counted where C05 does not apply", Q(representative_name="") & ~Q(Exists(_NO_REPRESENTATIVE))),
    "representative-phone": _empty("Contacts", "Phone of the representative", "Two tries without an answer lead to them", "representative_phone", ~Q(representative_name="")),
    "format": _empty("Contacts", "Communication format", "Letters go out in it", "communication_format"),
    "manager": _empty("Contacts", "Case manager", "The person's named contact", "case_manager"),
    "funding": _empty("Funding and orders", "Funding", "File route, orders and letters follow from it", "funding_type"),
    "body": _empty("Funding and orders", "Responsible body, where another body pays", "It leads and confirms for its own people", "responsible_body", Q(funding_type__in=_OTHER_BODY)),
    "known": _unsaid("Funding and orders", "Known to the council or not", "Who is not known is offered an assessment", "known_to_council"),
    "legal": _empty("Funding and orders", "Legal basis", "Which duty or power the care rests on", "legal_basis"),
    "legal-reason": _empty("Funding and orders", "Reason for Care Act s.19(3)", "The power to meet urgent needs is used for a reason", "legal_basis_reason", Q(legal_basis=URGENT)),
    "old-order": _empty("Funding and orders", "Old order", "C10; not asked where the person buys the care", "old_order_ref", _OF_COUNCIL, Can.ORDERS_VIEW),
    "new-order": _empty("Funding and orders", "New order, where a provider has accepted", "C10; not asked where the person buys the care", "new_order_ref", _OF_COUNCIL & Q(allocation_response__startswith="accepted"), Can.ORDERS_VIEW),
    "orders-gone": Lack("Funding and orders", "What C10 rests on, where C10 is marked", "An order's day, its payment or the day it was shared: C14 asks for it again", orders_gone(), Can.ORDERS_VIEW),
    "pack-gone": Lack("Funding and orders", "How care stays safe without sharing, where C11 is marked", "The person refused sharing after the pack was marked: C14 asks for it again", pack_gone()),
    "priority": _empty("Needs", "Priority", "C03: who is assessed and moved first", "priority"),
    "alone": _unsaid("Needs", "Lives alone or not", _PRIORITY, "lives_alone"),
    "dementia": _unsaid("Needs", "Dementia or not", _PRIORITY, "dementia"),
    "cognitive": _unsaid("Needs", "Cognitive impairment or learning disability or not", "How the person is told is decided first", "cognitive_or_ld"),
    "double": _unsaid("Needs", "Double-handed or not", "Two carers at each visit", "double_handed"),
    "medication": _empty("Needs", "Medication support", "High-risk plans are validated first", "medication_level"),
    "allergies": Lack("Needs", "Allergies known or not", "The plan check asks for it", Q(~Exists(_ALLERGIES_SAID))),
    "safeguarding": _unsaid("Needs", "Open safeguarding or not", _PRIORITY, "safeguarding_open"),
    "hospital": Lack("Needs", "Day of admission, of people in hospital", "The slot is held from that day", Q(Exists(_ADMITTED_WHEN))),
    "hospital-asked": _unsaid("Needs", "In hospital or not", "C02 waits for it", "hospital_asked_on", Q(in_hospital=False)),
    "exiting": _unsaid("Package and move", "Exiting provider", "Sheets and files", "exiting_provider"),
    "hours": _unsaid("Package and move", "Hours a week", "Capacity is counted in hours", "weekly_hours"),
    "times": Lack("Package and move", "Visit times, or visits of an order", "The first rota", Q(visit_times="") & ~Q(Exists(_VISITS))),
    "transfer": _unsaid("Package and move", "Planned transfer date (T)", "Due dates count from it", "planned_transfer_date"),
    "same-worker": Lack("Package and move", "Same care worker or not, where staff moved too (TUPE)", "Whether people keep their care worker is counted", HAS_MOVED & Q(TUPE_APPLIES) & Q(same_worker__isnull=True)),
    "wave": _empty("Package and move", "Wave", "Letters, batches and holds by wave", "wave"),
    "action-owner": Lack("Follow-up", "Owner of the next action", "Somebody does it", ~Q(next_action="") & Q(next_action_owner="", case_manager="")),
    "action-due": Lack("Follow-up", "Day of the next action", "It is never overdue", ~Q(next_action="") & Q(next_action_due__isnull=True)),
}
"""Key in the address of the tracker (``?lacks=``) → what is missing."""


@dataclass(frozen=True)
class Line:
    """``url``: query of the tracker that lists exactly these ``n`` people."""

    label: str
    why: str
    n: int
    query: str


@dataclass(frozen=True)
class Quality:
    """``total``: people going; ``sections``: (heading, lines); ``follow_up``: what is outstanding, whatever it lacks."""

    total: int
    complete: int
    sections: tuple[tuple[str, tuple[Line, ...]], ...]
    follow_up: tuple[Line, ...]


def lacking(people: QuerySet[PersonTransfer], key: str) -> QuerySet[PersonTransfer]:
    """People going who lack ``key``; nobody is left out for a key that is not known."""
    return people.filter(GOING, LACKS[key].condition) if key in LACKS else people


def offered(may: Collection[Can]) -> dict[str, Lack]:
    """What a reader with these permissions may filter by and count."""
    return {key: lack for key, lack in LACKS.items() if lack.see in may}


def quality(people: QuerySet[PersonTransfer], as_of: date, may: Collection[Can]) -> Quality:
    """Of ``people`` (within somebody's scope) how many lack what; one statement."""
    known, named = offered(may), groups(as_of)
    follow = (("action-overdue", "The next action is outstanding"), ("not-updated", "The team updates every row each day"), ("overdue", "A checkpoint is past its day"), ("telling", "Cognitive impairment or learning disability: team, provider and case manager decide first"))
    wanted = {f"lack{n}": Count("pk", filter=lack.condition) for n, lack in enumerate(known.values())}
    wanted |= {f"follow{n}": Count("pk", filter=named[key].condition) for n, (key, _) in enumerate(follow)}
    nothing = Q()
    for lack in known.values():
        nothing &= ~lack.condition
    counted = people.filter(GOING).aggregate(total=Count("pk"), complete=Count("pk", filter=nothing), **wanted)
    sections: dict[str, list[Line]] = {}
    for n, (key, lack) in enumerate(known.items()):
        sections.setdefault(lack.section, []).append(Line(lack.label, lack.why, counted[f"lack{n}"], f"lacks={key}"))
    return Quality(
        counted["total"], counted["complete"], tuple((heading, tuple(lines)) for heading, lines in sections.items()),
        tuple(Line(named[key].label, why, counted[f"follow{n}"], f"show={key}") for n, (key, why) in enumerate(follow)),
    )
