"""What the plan offers to lower floors."""

from mobilisation import registry
from mobilisation.roles import Can


def register() -> None:
    registry.menu("Plan", "workstreams:plan", Can.PLAN_VIEW, 10)
    registry.menu("Readiness", "workstreams:readiness", Can.READINESS_VIEW, 50)
    registry.menu("Enquiries", "workstreams:enquiry-list", Can.BOARD_VIEW, 65)
    registry.panel("call-script", "workstreams/_script.html", "workstreams.facts.calls.current_script")
    registry.subject("workstreams.enquiry", "Enquiries", Can.BOARD_VIEW)
    registry.subject("workstreams.scriptversion", "Call scripts", Can.BOARD_VIEW)
    registry.subject("workstreams.planstep", "Plan", Can.PLAN_VIEW)
    registry.subject("workstreams.workstream", "Workstreams", Can.PLAN_VIEW)
    registry.subject("workstreams.workstreamreport", "Workstream reports", Can.PLAN_VIEW)
    registry.subject("workstreams.readinesscriterion", "Go-live criteria", Can.READINESS_VIEW)
    registry.subject("workstreams.golivedecision", "Go-live decisions", Can.READINESS_VIEW)
    registry.fact("workstreams", "workstreams.facts.plan.workstreams_of")
    registry.importer("plan", "Transition plan", "workstreams.imports.plan.PlanImporter", Can.PLAN_EDIT, "workstreams:plan")
    registry.dates("plan", "workstreams.services.moving.follow_dates")
    registry.recompute("plan", "workstreams.services.moving.follow")
    registry.my_day("plan", "workstreams.services.day.parts", 40)
    registry.tick("plan", "workstreams.services.moving.tick")
    registry.tick("plan-escalations", "workstreams.services.escalating.tick")
