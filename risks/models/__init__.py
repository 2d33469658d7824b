"""The register and what came of it."""

from risks.models.events import Escalation, Incident, Issue, SafeguardingConcern, StandingFact
from risks.models.register import Opportunity, Risk, RiskAction, RiskScore

__all__ = ["Escalation", "Incident", "Issue", "Opportunity", "Risk", "RiskAction", "RiskScore", "SafeguardingConcern", "StandingFact"]
