"""What reporting registers with the ground."""

from mobilisation import registry
from mobilisation.roles import Can


def register() -> None:
    registry.menu("Dashboard", "reporting:dashboard", Can.DASHBOARD, 0)
    registry.menu("Reports", "reporting:report-list", Can.PACK_READ, 70)
    registry.job("pack", "Board pack", "reporting.services.packs.handle", long=True)
    registry.job("freeze", "Weekly snapshot", "reporting.services.weekly.handle_freeze")
    registry.job("weekly_packs", "Weekly dashboard and drafts", "reporting.services.weekly.handle_packs", long=True)
    registry.tick("weekly", "reporting.services.weekly.tick")
    registry.tick("red-weeks", "reporting.services.red_weeks.tick")
    registry.fact("readiness", "reporting.position.read.readiness_shown")
    registry.fact("stated", "reporting.position.stated.shown")
    registry.subject("reporting.ragoverride", "Stated colours", Can.DASHBOARD)
    registry.subject("reporting.weeklysnapshot", "Weekly snapshots", Can.DASHBOARD)
    registry.subject("reporting.boardpack", "Board packs", Can.PACK_READ)
