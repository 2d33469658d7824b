"""What a provider is authorised to do for a person: the order that ends, the one that starts, and their visits."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q

from mobilisation.models import Entity, Programme, RoleAssignment, ScopedQuerySet
from mobilisation.models.accounts import PEOPLE_GRANTED
from mobilisation.roles import Can, PeopleScope, codes_seeing, codes_with
from transfers.choices import OrderKind
from transfers.models.checkpoint import OfPerson, OfPersonQuerySet
from transfers.models.person import PersonTransfer


class OrderQuerySet(OfPersonQuerySet):
    def visible_to(self, user: Any) -> OrderQuerySet:
        """The team and finance see both orders; a provider its own, and the other one once it was shared with it."""
        team, exiting, incoming = reach(user)
        leaving = exiting & (Q(kind=OrderKind.OLD) | Q(shared_exiting_on__isnull=False))
        # An order that no longer stands may have been made for another provider.
        coming = incoming & Q(current=True) & (Q(kind=OrderKind.NEW) | Q(shared_incoming_on__isnull=False))
        return self.filter(team | (Q(person__in=PersonTransfer.objects.visible_to(user)) & (leaving | coming)))


def reach(user: Any) -> tuple[Q, Q, Q]:
    """Conditions on what hangs on a person: the team's and finance's programmes (domain 8: order and payment fields, no
    needs); people who leave the user's organisation; people who come to it. The latter two within ``visible_to``."""
    mine = RoleAssignment.objects.active().filter(user=user)
    team = mine.filter(Q(role__in=codes_seeing(PeopleScope.ALL)) | Q(role__in=codes_with(Can.ORDERS_VIEW)) | PEOPLE_GRANTED)
    exiting = mine.filter(role__in=codes_seeing(PeopleScope.EXITING), programme=OuterRef("person__programme"), organisation=OuterRef("person__exiting_provider"))
    incoming = mine.filter(role__in=codes_seeing(PeopleScope.INCOMING), programme=OuterRef("person__programme"), organisation=OuterRef("person__incoming_provider"))
    return Q(person__programme__in=team.values("programme_id")), Q(Exists(exiting)), Q(Exists(incoming))


class ServiceOrder(OfPerson):
    """The ``current`` order of each kind stands in the columns of the tracker. Hours follow from the visits when there are any."""

    QUIET_IN_HISTORY = frozenset({"person", "current"})
    GOVERNED = frozenset({"kind", "start", "end", "shared_exiting_on", "shared_incoming_on"})

    kind = models.CharField(max_length=3, choices=OrderKind.choices)
    external_ref = models.CharField("order reference", max_length=40, blank=True)
    payment_ref = models.CharField("payment reference", max_length=40, blank=True)
    start = models.DateField("starts", null=True, blank=True)
    end = models.DateField("ends", null=True, blank=True)
    weekly_hours = models.DecimalField("hours a week", max_digits=5, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(168)])
    care_item = models.CharField(max_length=40, blank=True)
    budget_code = models.CharField(max_length=40, blank=True)
    shared_exiting_on = models.DateField("shared with the exiting provider", null=True, blank=True)
    shared_incoming_on = models.DateField("shared with the incoming provider", null=True, blank=True)
    current = models.BooleanField("stands in the tracker", default=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-current", "-kind", "-id"]
        constraints = [models.UniqueConstraint(fields=["person", "kind"], condition=Q(current=True), name="one_current_order")]

    def __str__(self) -> str:
        return f"{self.kind} order of person {self.person.public_id}"


class VisitQuerySet(ScopedQuerySet):
    programme_path = "order__person__programme"

    def visible_to(self, user: Any) -> VisitQuerySet:
        """Tasks are needs: only those who see the person, within the orders they see."""
        return self.filter(order__in=ServiceOrder.objects.visible_to(user), order__person__in=PersonTransfer.objects.visible_to(user))


class OrderVisit(Entity):
    """One visit on the same time of one or several days a week; ``days`` are digits, 1 Monday to 7 Sunday."""

    PERSONAL = frozenset({"tasks"})
    QUIET_IN_HISTORY = frozenset({"order"})

    order = models.ForeignKey(ServiceOrder, on_delete=models.CASCADE, related_name="visits")
    days = models.CharField(max_length=7, validators=[RegexValidator(r"^[1-7]{1,7}$")])
    start = models.TimeField("starts at")
    minutes = models.PositiveSmallIntegerField(validators=[MinValueValidator(5), MaxValueValidator(1440)])
    carers = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1), MaxValueValidator(4)])
    band_minutes = models.PositiveSmallIntegerField("minutes earlier or later", default=30, validators=[MaxValueValidator(240)])
    tasks = models.CharField(max_length=300, blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["start", "days", "id"]
        constraints = [models.CheckConstraint(condition=Q(minutes__gte=5, minutes__lte=1440, carers__gte=1), name="visit_has_length")]

    def __str__(self) -> str:
        return f"visit of person {self.order.person.public_id}"

    @property
    def history_programme(self) -> Programme:
        return self.order.person.programme
