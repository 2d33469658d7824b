"""The integrated transition plan and go-live readiness."""

from workstreams.models.calls import Enquiry, ScriptVersion
from workstreams.models.plan import Dependency, EvidenceFile, Interface, PlanStep, ResourceLine, VariationItem, Workstream, WorkstreamReport
from workstreams.models.readiness import GoLiveDecision, ReadinessCriterion

__all__ = [
    "Dependency", "Enquiry", "EvidenceFile", "GoLiveDecision", "Interface", "PlanStep", "ReadinessCriterion", "ResourceLine", "ScriptVersion", "VariationItem", "Workstream",
    "WorkstreamReport",
]
