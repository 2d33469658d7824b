"""The recommendation on the map of zones, and when the tools that buy care by it were brought up to date."""

from __future__ import annotations

from datetime import date

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Programme
from mobilisation.services import changes
from transfers.choices import MappingKind
from transfers.models import MappingRecord

KEEPERS = {MappingKind.RECOMMENDATION: ("CL", "CO"), MappingKind.PROTOCOL: ("CL", "CO", "PO"), MappingKind.TOOL: ("CL", "CO", "PO"), MappingKind.MATRIX: ("CL", "CO", "PO")}
"""Steps P13 and R06 are the lead commissioning manager's; the officer supports, the purchasing officer keeps the tools."""


def may_record(kind: str, actor: Actor) -> bool:
    return kind in KEEPERS and not actor.over and actor.has_role(*KEEPERS[MappingKind(kind)])


def record(programme: Programme, kind: str, on: date, text: str, *, actor: Actor) -> MappingRecord:
    """Nothing before it is changed: a correction is said anew."""
    actor.require_open()
    if not may_record(kind, actor):
        raise NotPermitted("The lead commissioning manager (CL) and the commissioning officer (CO) keep the map and its tools; the purchasing officer (PO) the tools.")
    reasons = []
    if on > today():
        reasons.append(Reason("Enter today or a day before: only what is done counts.", field="on"))
    if not text.strip():
        reasons.append(Reason("Say what is recommended, and why." if kind == MappingKind.RECOMMENDATION else "Say what was updated, and where it is kept.", field="text"))
    if reasons:
        raise Refused(reasons)
    return changes.create(MappingRecord(programme=programme, kind=kind, on=on, text=text.strip()[:2000], by_label=actor.label[:150]), actor=actor, action="recommended" if kind == MappingKind.RECOMMENDATION else "brought up to date")
