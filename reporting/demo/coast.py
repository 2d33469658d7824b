"""A live-service start at its beginning: plan, conditions, criteria, a small register, three frozen weeks."""

from __future__ import annotations

import random
from datetime import timedelta

from django.db import transaction

from mobilisation import clock
from mobilisation.access import Actor
from mobilisation.calendars import calendar_for
from mobilisation.models import Programme
from mobilisation.services import changes
from reporting.demo import papers
from reporting.demo.accounts import COUNCIL, ICB, STARTING, Cast
from reporting.demo.meadow import lead_workstreams, roles
from reporting.demo.papers import moment
from reporting.demo.plan import Plan
from reporting.demo.register import Register
from reporting.services import snapshots
from workstreams.models import ReadinessCriterion
from workstreams.services import readiness
from workstreams.services.programmes import NewProgramme, Party, create_programme

CONDITIONS = (
    ("Insurance certificates", "Anita Bahl", True), ("CQC registration for the new locations", "Dr Fiona Askew", True), ("Data protection impact assessment signed", "Yan Lindqvist", False),
    ("Lease of the Harbour clinic", "Colin Sterling", False), ("Business continuity plan tested", "Darren Stokes", False),
)
WEEKS = 3


def build(reference: str, title: str, *, seed: str, operator: Actor) -> Programme:
    """Opened six weeks ago, commencement in ten."""
    today = clock.today()
    monday = today - timedelta(days=today.weekday())
    scd = monday + timedelta(days=72)
    opened = monday - timedelta(days=42)
    with transaction.atomic():
        with clock.at(moment(opened, 9)):
            programme = create_programme(
                NewProgramme(
                    reference=reference, kind="live_service", title=title, scd=scd, award=opened - timedelta(days=7), d0=opened, staff_transfer=scd, demo=True,
                    objectives="Urgent community response from two sites, without a break for anybody in treatment.",
                    parties=(Party("lead_commissioner", ICB), Party("commissioner", COUNCIL), Party("lead_provider", STARTING)), people=roles(("XP", "IP")),
                ),
                actor=operator,
            )
            lead_workstreams(programme, operator)
            cast = Cast(programme)
            plan = Plan(programme, cast, random.Random(f"{seed}:coast"), calendar_for(programme), role="ML")
            register = Register(programme, cast, random.Random(f"{seed}:coast-risks"), 6, role="ML")
            register.open(opened)
            for conditions_title, owner, _ in CONDITIONS:
                readiness.add_condition(programme, conditions_title, actor=cast["CL"], owner_name=owner, due=scd - timedelta(days=14), longstop=scd - timedelta(days=2))
        for week in range(6 - WEEKS, 6):
            sunday = opened + timedelta(days=6 + 7 * week)
            with clock.at(moment(sunday, 18)):
                plan.advance(sunday)
                plan.report(sunday, week)
                register.advance(week, sunday - timedelta(days=3))
            with clock.at(moment(sunday + timedelta(days=1), 0)):
                snapshots.freeze_week(programme, sunday, actor=Actor.system("weekly cycle"))
        _now(programme, cast)
    return programme


def _now(programme: Programme, cast: Cast) -> None:
    for condition, (_, _, satisfied) in zip(programme.conditions.order_by("id"), CONDITIONS, strict=True):
        if satisfied:
            readiness.update_condition(condition, {"evidence": "Seen by procurement"}, actor=cast["CL"])
            readiness.update_condition(condition, {"status": "satisfied"}, actor=cast["ML"])
    for criterion in ReadinessCriterion.objects.filter(programme=programme).order_by("deliverable", "code")[:6]:
        readiness.update_criterion(criterion, {"evidence": "Paper to the clinical group", "status": "partly_met"}, actor=cast["QL"])
    for criterion in ReadinessCriterion.objects.filter(programme=programme, status="partly_met").order_by("deliverable", "code")[:3]:
        readiness.update_criterion(criterion, {"status": "met"}, actor=cast["ML"])
    papers.seat_board(programme, cast)
    papers.hold_meeting(programme, cast, "board", papers.in_days(-5), items=("Integrated plan", "Conditions precedent"))
    papers.hold_meeting(programme, cast, "weekly_mobilisation", papers.in_days(1))
    papers.asked(programme, cast, "Agree phased opening of the second site", papers.in_days(14))
    papers.action(programme, cast, "Send the provider's resource narrative to the board", "WL", papers.in_days(6))
    changes.apply(programme, {"delivery_confidence": "AG", "delivery_confidence_reason": "Probable; the lease needs constant attention."}, actor=cast["ML"], why="weekly judgement")
