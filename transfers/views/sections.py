"""What stands around a person on the page: contacts, needs, orders with visits, file, monies, care-plan check.

A fixed number of statements, each within the reader's scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Model, Prefetch, Q

from mobilisation.components import short_date
from mobilisation.models import Change
from mobilisation.roles import Can
from mobilisation.services.changes import entity_name
from transfers.facts.changes import ASKED, told_of_c09
from transfers.models import (
    Assessment,
    CarePlanCheck,
    Checkpoint,
    ContactLog,
    Discrepancy,
    FileTransfer,
    LetterItem,
    MoneyHeld,
    OrderVisit,
    PersonConcern,
    PersonContact,
    PersonEscalation,
    PersonNeed,
    PersonTransfer,
    Review,
    SafetyCheck,
    ServiceOrder,
    WashUpNote,
)
from transfers.rules import assessing, care_plans, columns, orders, sharing
from transfers.services.checkpoints import Beside
from transfers.services.contents import of_orders, uncovered
from transfers.services.orders import visit_of
from transfers.services.provider_checks import paid, payment_refused
from transfers.services.rights import is_provider, on_coming_side, on_leaving_side

_MARK = entity_name(Checkpoint)
TEAM_COLUMNS = frozenset({"monies_held", "budget_code", "legal_basis", "legal_basis_reason"})
"""Not a provider's business, in history either."""


@dataclass(frozen=True)
class OrderShown:
    order: ServiceOrder
    visits: list[tuple[OrderVisit, str]]
    facts: list[tuple[str, str]]
    carer_hours: Any
    hours_differ: bool


@dataclass
class Around:
    view: Any
    person: PersonTransfer
    contacts: list[PersonContact] = field(default_factory=list)
    needs: PersonNeed | None = None
    orders: list[ServiceOrder] = field(default_factory=list)
    files: list[FileTransfer] = field(default_factory=list)
    monies: list[MoneyHeld] = field(default_factory=list)
    check: CarePlanCheck | None = None
    discrepancies: list[Discrepancy] = field(default_factory=list)
    concerns: list[PersonConcern] = field(default_factory=list)
    assessment: Assessment | None = None
    reviews: list[Review] = field(default_factory=list)
    calls: list[ContactLog] = field(default_factory=list)
    escalations: list[PersonEscalation] = field(default_factory=list)
    notes: list[WashUpNote] = field(default_factory=list)
    letters: list[LetterItem] = field(default_factory=list)

    @classmethod
    def of(cls, view: Any, person: PersonTransfer) -> Around:
        user = view.request.user
        visits = Prefetch("visits", OrderVisit.objects.visible_to(user))
        return cls(
            view, person, list(PersonContact.objects.visible_to(user).filter(person=person)), PersonNeed.objects.visible_to(user).filter(person=person).first(),
            list(ServiceOrder.objects.visible_to(user).filter(person=person).prefetch_related(visits)), list(FileTransfer.objects.visible_to(user).filter(person=person)),
            list(MoneyHeld.objects.visible_to(user).filter(person=person)), CarePlanCheck.objects.visible_to(user).filter(person=person, current=True).first(),
            list(Discrepancy.objects.visible_to(user).filter(person=person)),
            [] if is_provider(view.actor) else list(PersonConcern.objects.visible_to(user).filter(person=person).select_related("concern__owner")),
            Assessment.objects.visible_to(user).filter(person=person).first(), [] if is_provider(view.actor) else list(Review.objects.visible_to(user).filter(person=person)),
            [] if is_provider(view.actor) else list(ContactLog.objects.visible_to(user).filter(person=person)[:100]),
            [] if is_provider(view.actor) else list(PersonEscalation.objects.visible_to(user).filter(person=person).select_related("issue")),
            [] if is_provider(view.actor) else list(WashUpNote.objects.visible_to(user).filter(person=person).select_related("washup").order_by("-pk")[:100]),
            [] if is_provider(view.actor) else list(LetterItem.objects.visible_to(user).with_out().filter(person=person).select_related("run", "contact").order_by("-run")[:100]),
        )

    def history(self) -> Q:
        """Changes of everything that is shown, and of visits that were taken out of a shown order."""
        found = Q(pk__in=[])
        shown: list[Model] = [*self.contacts, *self.orders, *self.files, *self.monies, *self.discrepancies, *self.calls, *self.letters, *self.reviews, *self.concerns, *(one.concern for one in self.concerns), *self.escalations, *self.notes, *(visit for order in self.orders for visit in order.visits.all())]  # scope: visits of the orders above
        shown += [one for one in (self.needs, self.check, self.assessment) if one is not None]
        by_entity: dict[str, list[int]] = {}
        for one in shown:
            by_entity.setdefault(entity_name(one), []).append(one.pk)
        for entity, ids in by_entity.items():
            found |= Q(entity=entity, object_id__in=ids)
        if not is_provider(self.view.actor):
            found |= Q(entity=entity_name(OrderVisit), object_label=f"visit of person {self.person.public_id}", action="visit removed")
        return found

    def shown(self, changes: Iterable[Change], c09: int | None) -> list[Change]:
        """For a provider without what is not its own: monies, orders it does not see, and who else was asked and why they declined. ``c09``: key of the mark."""
        if not is_provider(self.view.actor):
            return list(changes)
        kinds = {order.kind for order in self.orders}
        hidden = TEAM_COLUMNS | ASKED | (frozenset() if "new" in kinds else frozenset(columns.NEW) | {"payment_ref"}) | (frozenset() if "old" in kinds else frozenset(columns.OLD))
        found = []
        for change in changes:
            fields = {name: value for name, value in change.fields.items() if name not in hidden}
            if not ASKED.isdisjoint(change.fields):
                change.why = ""
            if change.entity == _MARK and change.object_id == c09:
                if not told_of_c09(change, coming=on_coming_side(self.person, self.view.actor)):
                    continue
                fields = change.fields
            if fields or not change.fields:
                change.fields = fields
                found.append(change)
        return found

    @cached_property
    def _paid(self) -> frozenset[int] | None:
        """Providers set up on the payment systems; to a provider it is no matter of its own."""
        return None if is_provider(self.view.actor) else paid(self.person.programme)

    def beside(self, checks: Sequence[SafetyCheck]) -> Beside:
        """What checkpoints rest on beside the person's own record."""
        orders_now = [order for order in self.orders if order.current]
        return Beside(
            self.assessment, self.check, sum(1 for one in self.discrepancies if one.closed_on is None), self.files[0].outcome if self.files else "",
            any(contact.role == "health_liaison" and contact.ended_on is None for contact in self.contacts),
            frozenset(order.kind for order in orders_now if order.visits.all()), self._paid, checks,  # scope: visits of the orders above
        )

    def context(self) -> dict[str, Any]:
        person, actor = self.person, self.view.actor
        # Calls, monies, orders and concerns of somebody who has left the list are still to be closed; the rest of the way is.
        closing = actor.can(Can.PEOPLE_EDIT)
        editing = closing and not person.ending
        team = editing and not is_provider(actor)
        sees_file = on_leaving_side(person, actor) or on_coming_side(person, actor)
        still = care_plans.still_to_check(self.check.checks) if self.check else []
        return {
            "people_around": [contact for contact in self.contacts if contact.ended_on is None],
            "contacts_ended": [contact for contact in self.contacts if contact.ended_on],
            "contacts_more": not any(contact.main for contact in self.contacts) and not person.representative_name,
            "more_needs": _needs(self.needs),
            "orders_now": [self._order(order, team) for order in self.orders if order.current],
            "orders_before": [self._order(order, team) for order in self.orders if not order.current],
            "missing_kinds": [kind for kind in ("old", "new") if kind not in {order.kind for order in self.orders}] if team else [],
            "c10_missing": [words for _, words in (*of_orders(person), *uncovered(person))] + [reason.text for reason in payment_refused(person, self._paid)] if team else [],
            "files": self.files if sees_file else [],
            "file_words": {"transfer": "To the incoming provider", "await_instruction": "Waits for the placing authority's instruction", "person_choice": "The person chooses"}.get(person.file_route, ""),
            "health_liaison": person.funding_type in sharing.HEALTH_LIAISON,
            "liaison": next((contact.name for contact in self.contacts if contact.role == "health_liaison" and contact.ended_on is None), ""),
            "assessment": self.assessment,
            "assessed": _assessed(self.assessment),
            "plan_speaks": [(title, self.assessment.headings.get(key, "") if self.assessment else "") for key, title in assessing.HEADINGS],
            "plan_silent": len(assessing.plan_lacks(self.assessment.headings if self.assessment else {})),
            "reviews": self.reviews,
            "file_decision": person.file_instruction if person.file_route == "await_instruction" else person.file_choice if person.file_route == "person_choice" else "",
            "file_open": "" if person.ending else sharing.file_refused(person.funding_type, person.file_instruction, person.file_choice),
            "may_file": editing and on_leaving_side(person, actor),
            "monies": self.monies,
            "money_shown": not is_provider(actor) or on_leaving_side(person, actor),
            "may_money": closing and on_leaving_side(person, actor),
            "plan_check": self.check,
            "plan_checks": [(title, (self.check.checks.get(key, "") if self.check else "")) for key, title in care_plans.CHECKS],
            "plan_left": len(still),
            "discrepancies": self.discrepancies,
            "concerns": self.concerns,
            "escalations": self.escalations,
            "may_issue": actor.can(Can.ISSUE_RAISE),
            "calls": self.calls,
            "notes": self.notes,
            "letters": self.letters,
            "may_check": editing and on_coming_side(person, actor),
            "may_keep": team,
            "may_close": closing and not is_provider(actor),
        }

    def _order(self, order: ServiceOrder, team: bool) -> OrderShown:
        visits = list(order.visits.all())  # scope: visits of the orders above
        plain = [visit_of(visit) for visit in visits]
        hours = orders.weekly_hours(plain) if plain else order.weekly_hours
        carers = orders.carer_hours(plain)
        facts = [
            ("Starts", short_date(order.start) if order.start else ""), ("Ends", short_date(order.end) if order.end else ""), ("Hours a week", f"{float(hours):g}" if hours is not None else ""),
            ("Payment", order.payment_ref), ("Care item", order.care_item), *([("Budget code", order.budget_code)] if team else []), ("Shared", _shared(order)),
        ]
        return OrderShown(
            order, [(visit, orders.days_shown(visit.days)) for visit in visits], [fact for fact in facts if fact[1] or fact[0] in {"Starts", "Ends"}], carers if carers != hours else None,
            hours is not None and self.person.weekly_hours is not None and abs(hours - self.person.weekly_hours) > 1,
        )


def _shared(order: ServiceOrder) -> str:
    exiting, incoming = order.shared_exiting_on, order.shared_incoming_on
    if exiting and exiting == incoming:
        return f"with both on {short_date(exiting)}"
    return "; ".join(words for words in (f"with the exiting provider on {short_date(exiting)}" if exiting else "", f"with the incoming provider on {short_date(incoming)}" if incoming else "") if words) or "not yet"


def _needs(needs: PersonNeed | None) -> list[tuple[str, str]]:
    if needs is None:
        return [("Allergies", ""), ("What matters", "")]
    allergies = needs.allergies or ("None known" if needs.allergies_known else "Not known whether there are any" if needs.allergies_known is False else "")
    return [("Allergies", allergies), ("Moving and handling", needs.moving_handling), ("How to communicate", needs.communication), ("What matters", needs.preferences)]


def _assessed(held: Assessment | None) -> list[tuple[str, str]]:
    if held is None:
        return []
    titles = dict(assessing.ASSESSORS)
    return [
        ("Assessed on", short_date(held.assessed_on) if held.assessed_on else ""), ("Needs and risks", held.needs), ("Impact of the change", held.impact), ("Well-being", held.well_being),
        ("Took part", ", ".join(titles[key] for key in held.assessors if key in titles)),
    ]
