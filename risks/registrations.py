"""What the register offers to the ground."""

from mobilisation import registry
from mobilisation.roles import Can


def register() -> None:
    registry.menu("Risks", "risks:risk-list", Can.RISK_VIEW, 40)
    registry.importer("risks", "Risk register", "risks.imports.RiskImporter", Can.RISK_EDIT, "risks:risk-list")
    registry.recompute("risks", "risks.services.register.recompute")
    registry.my_day("risks", "risks.services.day.parts", 30)
    registry.tick("escalations", "risks.tasks.tick")
    registry.panel("unsafe-go-live", "risks/_unsafe_go_live.html", "risks.facts.unsafe_go_live")
    registry.subject("risks.risk", "Risks", Can.RISK_VIEW)
    registry.subject("risks.riskaction", "Risk actions", Can.RISK_VIEW)
    registry.subject("risks.issue", "Issues", Can.RISK_VIEW)
    registry.subject("risks.opportunity", "Opportunities", Can.RISK_VIEW)
    registry.subject("risks.escalation", "Escalations", Can.RISK_VIEW)
    registry.subject("risks.standingfact", "Facts on the ladder", Can.RISK_VIEW)
    registry.subject("risks.safeguardingconcern", "Safeguarding concerns", Can.RISK_VIEW)
    registry.subject("risks.incident", "Incidents", Can.RISK_VIEW)
