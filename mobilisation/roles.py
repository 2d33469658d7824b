"""Who may do what: the role table of the domain guide (sections 2, 8, 10.8, 10.9) as data.

Lay this page beside the table; a test walks every cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Can(StrEnum):
    """One permission. A page, service or export asks for exactly one."""

    DASHBOARD = "read dashboards"
    PEOPLE_VIEW = "see people"
    PEOPLE_EDIT = "change people"
    PEOPLE_IMPORT = "import people"
    PEOPLE_EXPORT = "export people"
    ORDERS_VIEW = "see orders and payments"
    STAFF_VIEW = "see staff"
    STAFF_EDIT = "change staff"
    PLAN_VIEW = "see the plan"
    PLAN_EDIT = "change the plan"
    PLAN_REPORT = "report on own workstream"
    RISK_VIEW = "see risks"
    RISK_EDIT = "change risks"
    ISSUE_RAISE = "raise issues"
    RAG_OVERRIDE = "override a colour"
    RAG_OVERRIDE_BETTER = "override to a better colour"
    HOLD = "hold transfers"
    PACK_DRAFT = "draft packs"
    PACK_APPROVE = "approve packs"
    PACK_PUBLISH = "publish packs"
    PACK_READ = "download published packs"
    BOARD_VIEW = "see board papers"
    BOARD_EDIT = "keep board papers"
    DECISION_RECORD = "record decisions in meetings"
    READINESS_VIEW = "see readiness"
    READINESS_EDIT = "change readiness"
    ROLES_MANAGE = "manage roles and parties"
    PROGRAMME_CREATE = "create programmes"
    PROGRAMME_MANAGE = "manage the programme"
    AUDIT_VIEW = "read access logs and history"
    SITE_ADMIN = "settings and accounts"


class PeopleScope(StrEnum):
    """Whose person records a role reaches."""

    ALL = "all"
    EXITING = "exiting"
    INCOMING = "incoming"
    NONE = "none"


@dataclass(frozen=True)
class Role:
    """``edition`` is the form of packs and dashboards the role reads."""

    code: str
    title: str
    can: frozenset[Can]
    people: PeopleScope = PeopleScope.NONE
    site_wide: bool = False
    edition: str = "board"
    shared_risks_only: bool = False


_READ = {Can.DASHBOARD, Can.PACK_READ}
_MEMBER = _READ | {Can.PLAN_VIEW, Can.RISK_VIEW, Can.READINESS_VIEW, Can.BOARD_VIEW, Can.ISSUE_RAISE}
_PEOPLE = {Can.PEOPLE_VIEW, Can.PEOPLE_EDIT, Can.PEOPLE_IMPORT, Can.PEOPLE_EXPORT, Can.ORDERS_VIEW}
_STAFF = {Can.STAFF_VIEW, Can.STAFF_EDIT}
_DELIVER = _MEMBER | {Can.PLAN_EDIT, Can.PLAN_REPORT, Can.RISK_EDIT, Can.BOARD_EDIT, Can.DECISION_RECORD, Can.READINESS_EDIT}
_LEAD = _DELIVER | {Can.PACK_DRAFT, Can.PACK_PUBLISH, Can.ROLES_MANAGE, Can.PROGRAMME_MANAGE, Can.PROGRAMME_CREATE}
_TEAM = _DELIVER | _PEOPLE


def _role(code: str, title: str, can: set[Can], **extra: object) -> Role:
    return Role(code, title, frozenset(can), **extra)  # type: ignore[arg-type]


ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        _role("SRO", "Senior responsible owner", _LEAD | {Can.RAG_OVERRIDE, Can.RAG_OVERRIDE_BETTER, Can.PACK_APPROVE}),
        _role("BCH", "Mobilisation board chair", _MEMBER | {Can.PACK_APPROVE, Can.PACK_PUBLISH, Can.BOARD_EDIT, Can.DECISION_RECORD}),
        _role("BM", "Board member", _MEMBER | {Can.DECISION_RECORD}),
        _role("ML", "Mobilisation lead", _LEAD | _PEOPLE | _STAFF | {Can.RAG_OVERRIDE, Can.HOLD}, people=PeopleScope.ALL),
        _role("MLD", "Deputy mobilisation lead", _LEAD | {Can.RAG_OVERRIDE}),
        _role("DL", "Delivery lead", _DELIVER),
        _role("CL", "Lead commissioning manager", _LEAD | _PEOPLE | _STAFF, people=PeopleScope.ALL),
        _role("OL", "Lead operational manager", _LEAD | _PEOPLE | _STAFF | {Can.HOLD}, people=PeopleScope.ALL),
        _role("CO", "Commissioning officer", _TEAM, people=PeopleScope.ALL),
        _role("MT", "Mobilisation team", _TEAM, people=PeopleScope.ALL),
        _role("ASM", "Area support manager", _TEAM, people=PeopleScope.ALL),
        _role("CM", "Case manager", _TEAM, people=PeopleScope.ALL),
        _role("PO", "Purchasing officer", _TEAM, people=PeopleScope.ALL),
        _role("TA", "Team administrator", _TEAM, people=PeopleScope.ALL),
        _role("XP", "Exiting provider lead", _READ | {Can.PLAN_VIEW, Can.RISK_VIEW, Can.PEOPLE_VIEW, Can.PEOPLE_EDIT, Can.STAFF_VIEW, Can.STAFF_EDIT}, people=PeopleScope.EXITING, edition="provider", shared_risks_only=True),
        _role("IP", "Incoming provider lead", _READ | {Can.PLAN_VIEW, Can.RISK_VIEW, Can.PEOPLE_VIEW, Can.PEOPLE_EDIT, Can.STAFF_VIEW}, people=PeopleScope.INCOMING, edition="provider", shared_risks_only=True),
        _role("QL", "Clinical and quality lead", _DELIVER | {Can.PEOPLE_VIEW, Can.PEOPLE_EDIT}, people=PeopleScope.ALL),
        _role("WL", "Workforce lead", _DELIVER | _STAFF),
        _role("DA", "Data lead", _TEAM | {Can.PACK_DRAFT}, people=PeopleScope.ALL),
        _role("WSL", "Workstream lead", _MEMBER | {Can.PLAN_REPORT, Can.RISK_EDIT}),
        _role("COM", "Commissioner", _READ, edition="commissioner"),
        _role("FIN", "Finance", _MEMBER | {Can.ORDERS_VIEW}),
        _role("PRO", "Procurement", _MEMBER),
        _role("LEG", "Legal", _MEMBER),
        _role("CMS", "Communications", _MEMBER),
        _role("EPO", "Emergency planning", _MEMBER),
        _role("IGO", "Information governance officer", {Can.AUDIT_VIEW}, site_wide=True),
        _role("CG", "Caldicott Guardian", {Can.AUDIT_VIEW}, site_wide=True),
        _role("ADM", "System administrator", {Can.SITE_ADMIN, Can.PROGRAMME_CREATE, Can.ROLES_MANAGE}, site_wide=True),
    )
}

MANDATORY: dict[str, tuple[str, ...]] = {
    "live_service": ("SRO", "BCH", "ML", "CL", "QL", "WL", "DA"),
    "homecare_start": ("SRO", "BCH", "ML", "CL", "QL", "WL", "DA"),
    "provider_exit": ("SRO", "CL", "OL", "MT", "XP", "IP"),
}
"""Roles without which a programme is not complete (domain 10.9)."""

MT_CODES = frozenset({"MT", "ASM", "CM", "PO", "TA"})
"""The mobilisation team with its sub-roles (domain 10.9)."""

PEOPLE_GRANTABLE = frozenset({"SRO", "DL", "MLD", "WL", "PRO", "LEG", "CMS", "EPO"})
"""Roles that may be granted sight of people with a reason (domain 8, 10.8); nobody else, whoever asks."""

RECORDS = frozenset(
    {
        Can.PEOPLE_EDIT, Can.PEOPLE_IMPORT, Can.STAFF_EDIT, Can.PLAN_EDIT, Can.PLAN_REPORT, Can.RISK_EDIT, Can.ISSUE_RAISE, Can.RAG_OVERRIDE, Can.RAG_OVERRIDE_BETTER, Can.HOLD, Can.BOARD_EDIT,
        Can.DECISION_RECORD, Can.READINESS_EDIT,
    }
)
"""What adds to the record of a programme: nobody may once it is closed, archived or cancelled (domain 3.7). Reading, exports, packs, roles and archiving go on."""

SHOWS_PEOPLE = frozenset({Can.PEOPLE_VIEW, Can.STAFF_VIEW, Can.AUDIT_VIEW})

ROLE_CHOICES = [(role.code, role.title) for role in ROLES.values()]


def codes_with(can: Can) -> list[str]:
    """Role codes that hold ``can``, for use inside a scope sub-query."""
    return [code for code, role in ROLES.items() if can in role.can]


def codes_seeing(scope: PeopleScope) -> list[str]:
    """Role codes whose person scope is ``scope``."""
    return [code for code, role in ROLES.items() if role.people is scope]


def sees_people(code: str) -> bool:
    """Whether the role shows people, staff or who looked at them."""
    return not ROLES[code].can.isdisjoint(SHOWS_PEOPLE)
