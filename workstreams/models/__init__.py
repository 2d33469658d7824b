"""The integrated transition plan and go-live readiness."""

from workstreams.models.plan import Dependency, EvidenceFile, Interface, PlanStep, ResourceLine, VariationItem, Workstream, WorkstreamReport
from workstreams.models.readiness import GoLiveDecision, ReadinessCriterion

__all__ = [
    "Dependency", "EvidenceFile", "GoLiveDecision", "Interface", "PlanStep", "ReadinessCriterion", "ResourceLine", "VariationItem", "Workstream",
    "WorkstreamReport",
]
