"""The shape of a position. Colours are letters B, R, A, N, G; dates are Europe/London days.

A ``Count`` is a number of people, or ``*`` in the editions that hide small numbers. Nothing here names a person who
receives care. ``SCHEMA`` rises when a field changes its meaning; new fields have defaults, so that old snapshots open.
"""

from reporting.position.values.board import ActionLine, BoardPapers, DecisionLine
from reporting.position.values.head import Confidence, Dimension, Head, Need, Rag, Week
from reporting.position.values.people import BurnPoint, Count, FunnelGroup, FunnelStep, People
from reporting.position.values.plan import NOTHING, Interface, Milestone, Plan, Slip, Variation, Workstream, says_nothing
from reporting.position.values.readiness import Condition, Deliverable, GoDecision, Readiness
from reporting.position.values.risks import Escalation, IssueLine, OpportunityLine, RiskLine, Risks
from reporting.position.values.whole import SCHEMA, Position
from reporting.position.values.workforce import Skill, TupeStage, Workforce

__all__ = [
    "NOTHING", "SCHEMA", "ActionLine", "BoardPapers", "BurnPoint", "Condition", "Confidence", "Count", "DecisionLine", "Deliverable", "Dimension", "Escalation",
    "FunnelGroup", "FunnelStep", "GoDecision", "Head", "Interface", "IssueLine", "Milestone", "Need", "OpportunityLine", "People", "Plan", "Position",
    "Rag", "Readiness", "RiskLine", "Risks", "Skill", "Slip", "TupeStage", "Variation", "Week", "Workforce", "Workstream", "says_nothing",
]
