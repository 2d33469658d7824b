"""What the ground itself registers."""

from mobilisation import registry
from mobilisation.roles import Can


def register() -> None:
    registry.menu("Board", "mobilisation:board", Can.BOARD_VIEW, 60)
    registry.menu("History", "mobilisation:history", Can.PLAN_VIEW, 80)
    registry.menu("Settings", "mobilisation:programme-settings", Can.PROGRAMME_MANAGE, 90)
    registry.tick("notices", "mobilisation.services.notices.tick")
    registry.tick("calendar", "mobilisation.services.calendar.tick")
    registry.tick("uploads", "mobilisation.services.imports.tick")
    registry.my_day("actions", "mobilisation.services.day.actions", 20)
    registry.job("import", "Import of a workbook", "mobilisation.services.imports.handle")
    registry.job("invitation", "Letter to a new account", "mobilisation.services.accounts.handle_invitation")
    registry.subject("mobilisation.programme", "Programme", Can.DASHBOARD)
    registry.subject("mobilisation.contract", "Contracts", Can.BOARD_VIEW)
    registry.subject("mobilisation.job", "Background work", Can.PACK_DRAFT)
    registry.subject("mobilisation.conditionprecedent", "Conditions precedent", Can.READINESS_VIEW)
    registry.subject("mobilisation.decision", "Decisions", Can.BOARD_VIEW)
    registry.subject("mobilisation.contractparty", "Parties", Can.BOARD_VIEW)
    registry.subject("mobilisation.organisation", "Organisations", Can.ROLES_MANAGE)
    registry.subject("mobilisation.user", "Accounts", Can.SITE_ADMIN)
    registry.subject("mobilisation.calendarday", "Calendar", Can.SITE_ADMIN)
    registry.subject("mobilisation.variation", "Variations", Can.PLAN_VIEW)
    registry.subject("mobilisation.meeting", "Meetings", Can.BOARD_VIEW)
    registry.subject("mobilisation.action", "Actions", Can.BOARD_VIEW)
    registry.subject("mobilisation.roleassignment", "Roles", Can.ROLES_MANAGE)
