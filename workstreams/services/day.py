"""My day, as far as the plan is concerned: steps one owns, go-live criteria one has to show."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models.functions import Coalesce
from django.urls import reverse

from mobilisation.day import HORIZON_C, Item, Part, part
from mobilisation.services.day import own, programmes_of
from workstreams.choices import CriterionStatus
from workstreams.models import PlanStep, ReadinessCriterion


def parts(user: Any, as_of: date) -> list[Part]:
    """Two parts, two queries. A step that goes round has its day on the page of the plan."""
    soon, running = as_of + timedelta(days=HORIZON_C), programmes_of(user)
    steps = PlanStep.objects.visible_to(user).filter(own(user), programme__in=running).open().annotate(day=Coalesce("forecast", "baseline")).filter(day__lte=soon).select_related("programme").order_by("day", "id")
    criteria = (
        ReadinessCriterion.objects.visible_to(user).filter(own(user), programme__in=running, due__lte=soon).exclude(status__in=[CriterionStatus.MET, CriterionStatus.NOT_APPLICABLE])
        .select_related("programme").order_by("due", "id")
    )
    return [
        part("Steps you own", [Item(one.programme.reference, one.code, f"{one.code} {one.title}", reverse("workstreams:step-detail", args=[one.programme.ref, one.public_id]), "Report", one.due) for one in steps if not one.goes_round]),
        part("Go-live criteria you own", [Item(one.programme.reference, one.code, f"{one.code} {one.text}", reverse("workstreams:criterion-edit", args=[one.programme.ref, one.public_id]), "Show evidence", one.due) for one in criteria]),
    ]
