"""Who is acting, and what they may do. Rights come from role assignments in force today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mobilisation.choices import OVER, ProgrammeStatus
from mobilisation.errors import NotPermitted
from mobilisation.roles import PEOPLE_GRANTABLE, RECORDS, ROLES, Can, PeopleScope, sees_people

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
    over: str = ""
    """How the programme ended, in words: its record stays as it is, so nobody holds a permission of ``RECORDS`` there any more."""

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
        return cls._with(user, programme, RoleAssignment.objects.active().filter(scope, user=user).values("role", "organisation_id", "workstream_slug", "people_granted"))

    @classmethod
    def entering(cls, user: User | Any, reference: str) -> tuple[Programme | None, Actor]:
        """The programme called ``reference``, None where the user has no role in it today, and who they are there: what
        ``Programme.objects.visible_to`` and :meth:`of` say, in one query for the two."""
        from django.db.models import Q

        from mobilisation.models import RoleAssignment

        if not getattr(user, "is_authenticated", False):
            return None, cls(label="stranger")
        held = list(RoleAssignment.objects.active().filter(Q(programme__isnull=True) | Q(programme__reference=reference), user=user).select_related("programme"))
        programme = next((row.programme for row in held if row.programme is not None), None)
        return programme, cls._with(user, programme, [vars(row) for row in held])

    @classmethod
    def _with(cls, user: User, programme: Programme | None, assignments: Iterable[Mapping[str, Any]]) -> Actor:
        roles: set[str] = set()
        granted: set[Can] = set()
        organisations: dict[str, set[int]] = {}
        workstreams: set[str] = set()
        for row in assignments:
            roles.add(row["role"])
            organisations.setdefault(row["role"], set())
            if row["organisation_id"]:
                organisations[row["role"]].add(row["organisation_id"])
            if row["workstream_slug"]:
                workstreams.add(row["workstream_slug"])
            if row["people_granted"] and row["role"] in PEOPLE_GRANTABLE:
                granted.add(Can.PEOPLE_VIEW)
        return cls(
            label=str(user), user=user, roles=frozenset(roles), granted=frozenset(granted), workstreams=frozenset(workstreams),
            organisations={code: frozenset(ids) for code, ids in organisations.items()},
            over=ProgrammeStatus(programme.status).label.lower() if programme is not None and programme.status in OVER else "",
        )

    @classmethod
    def opening(cls, user: User) -> Actor:
        """For what stands in no programme yet: who holds the right in any of theirs may open the next."""
        from mobilisation.models import RoleAssignment

        roles = RoleAssignment.objects.active().filter(user=user).values_list("role", flat=True)
        return cls(label=str(user), user=user, roles=frozenset(roles))

    @classmethod
    def operator(cls) -> Actor:
        """Somebody at the machine's own command line; history says so."""
        return cls(label="operator of the machine", unrestricted=True)

    @classmethod
    def system(cls, name: str) -> Actor:
        """Scheduled work; ``name`` says which."""
        return cls(label=f"system: {name}", unrestricted=True)

    def can(self, permission: Can) -> bool:
        return self.unrestricted or (not (self.over and permission in RECORDS) and self._holds(permission))

    def _holds(self, permission: Can) -> bool:
        return permission in self.granted or any(permission in ROLES[code].can for code in self.roles if code in ROLES)

    def require(self, permission: Can) -> None:
        if permission in RECORDS and self._holds(permission):
            self.require_open()
        if not self.can(permission):
            raise NotPermitted(f"Your role does not allow you to {permission.value}. Ask the mobilisation lead.")

    def require_open(self) -> None:
        """For what hangs on a role or an owner instead of a permission of ``RECORDS``."""
        if self.over and not self.unrestricted:
            raise NotPermitted(f"This programme is {self.over}; its record stays as it is.")

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
    from mobilisation.models.accounts import PEOPLE_GRANTED

    codes = [code for code in ROLES if sees_people(code)]
    found: bool = RoleAssignment.objects.active().filter(Q(role__in=codes) | PEOPLE_GRANTED, user=user).exists()
    return found
