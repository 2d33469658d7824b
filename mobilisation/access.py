"""Who is acting, and what they may do. Rights come from role assignments in force today."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mobilisation.errors import NotPermitted
from mobilisation.roles import ROLES, Can, PeopleScope, sees_people

if TYPE_CHECKING:
    from mobilisation.models import Programme, User


@dataclass(frozen=True)
class Actor:
    """A user within one programme, the operator of the machine, or the system itself.

    ``organisation_ids`` are those the user acts for, per role code.
    """

    label: str
    user: User | None = None
    roles: frozenset[str] = frozenset()
    granted: frozenset[Can] = frozenset()
    organisations: dict[str, frozenset[int]] = field(default_factory=dict, hash=False, compare=False)
    workstreams: frozenset[str] = frozenset()
    unrestricted: bool = False

    @classmethod
    def of(cls, user: User | Any, programme: Programme | None) -> Actor:
        """The user's roles on ``programme`` (and site-wide ones), read in one query."""
        from django.db.models import Q

        from mobilisation.models import RoleAssignment

        if not getattr(user, "is_authenticated", False):
            return cls(label="stranger")
        scope = Q(programme__isnull=True)
        if programme is not None:
            scope |= Q(programme=programme)
        roles: set[str] = set()
        granted: set[Can] = set()
        organisations: dict[str, set[int]] = {}
        workstreams: set[str] = set()
        for row in RoleAssignment.objects.active().filter(scope, user=user).values("role", "organisation_id", "workstream_slug", "people_granted"):
            roles.add(row["role"])
            organisations.setdefault(row["role"], set())
            if row["organisation_id"]:
                organisations[row["role"]].add(row["organisation_id"])
            if row["workstream_slug"]:
                workstreams.add(row["workstream_slug"])
            if row["people_granted"]:
                granted.add(Can.PEOPLE_VIEW)
        return cls(
            label=str(user), user=user, roles=frozenset(roles), granted=frozenset(granted), workstreams=frozenset(workstreams),
            organisations={code: frozenset(ids) for code, ids in organisations.items()},
        )

    @classmethod
    def operator(cls) -> Actor:
        """Somebody at the machine's own command line; history says so."""
        return cls(label="operator of the machine", unrestricted=True)

    @classmethod
    def system(cls, name: str) -> Actor:
        """Scheduled work; ``name`` says which."""
        return cls(label=f"system: {name}", unrestricted=True)

    def can(self, permission: Can) -> bool:
        return self.unrestricted or permission in self.granted or any(permission in ROLES[code].can for code in self.roles if code in ROLES)

    def require(self, permission: Can) -> None:
        if not self.can(permission):
            raise NotPermitted(f"Your role does not allow you to {permission.value}. Ask the mobilisation lead.")

    def has_role(self, *codes: str) -> bool:
        return self.unrestricted or not self.roles.isdisjoint(codes)

    @property
    def sees_all_people(self) -> bool:
        return self.unrestricted or bool(self.granted) or any(ROLES[c].people is PeopleScope.ALL for c in self.roles if c in ROLES)

    def organisation_ids(self, *codes: str) -> frozenset[int]:
        """Organisations the actor stands for in the given roles (all roles when none is given)."""
        wanted = codes or tuple(self.organisations)
        return frozenset().union(*(self.organisations.get(code, frozenset()) for code in wanted))

    @property
    def edition(self) -> str:
        """The widest edition of dashboards and packs the actor may read: board, provider or commissioner."""
        editions = {ROLES[code].edition for code in self.roles if code in ROLES and Can.DASHBOARD in ROLES[code].can}
        if self.unrestricted or "board" in editions:
            return "board"
        return "provider" if "provider" in editions else "commissioner"


def sees_personal_data(user: User | Any) -> bool:
    """Whether any role in force today shows people, staff or who looked at them; one query."""
    from django.db.models import Q

    from mobilisation.models import RoleAssignment

    codes = [code for code in ROLES if sees_people(code)]
    found: bool = RoleAssignment.objects.active().filter(Q(role__in=codes) | Q(people_granted=True), user=user).exists()
    return found
