"""The columns of the daily grid: one table for heading, chooser, cells, sorting, saved views and what is pasted. Pure.

A column says how it is shown and how it is edited; the drawing is in ``transfers.tables.grid``, the writing in the services.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mobilisation.roles import Can
from transfers.rules.gates import CHECKPOINTS, may_mark


@dataclass(frozen=True)
class Column:
    """``show``: how the cell is drawn. ``edit``: how it is typed, "" | text | day | number | choice | mark (a checkpoint); the value
    goes to ``field`` of the person. ``reads``: other fields of the person the cell is drawn from. ``sort``: fields in order.
    ``see``: the permission without which the column is not there; ``team``: not for providers. ``by_provider``: a provider may type
    it for its own people; ``roles``: nobody else types it."""

    key: str
    heading: str
    group: str
    show: str = "text"
    edit: str = ""
    field: str = ""
    reads: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    hint: str = ""
    default: bool = False
    see: Can = Can.PEOPLE_VIEW
    team: bool = False
    by_provider: bool = False
    roles: frozenset[str] = frozenset()
    print: bool = True

    @property
    def title(self) -> str:
        """The heading in full, as a label or a sentence needs it."""
        return f"{self.key} {self.hint}" if self.edit == "mark" else self.heading

    @property
    def told(self) -> tuple[str, ...]:
        """Fields of the person whose history is the history of this cell; () for a checkpoint, which is a record of its own."""
        return _TOLD.get(self.key, () if self.edit == "mark" or not self.field else (self.field,))

    @property
    def has_history(self) -> bool:
        return self.edit == "mark" or bool(self.told)


_TOLD: dict[str, tuple[str, ...]] = {
    "person": ("surname", "forename", "case_system_id"), "priority": ("priority",), "providers": ("exiting_provider", "incoming_provider", "allocation_response"), "stage": ("ending",),
    "owner": ("next_action_owner",),
}
FROZEN, NOW, END = "frozen", "now", "end"
GROUPS: dict[str, str] = {"prepare": "Prepare", "tell": "Tell", "meet": "Meet", "move": "Move", "check": "Check"}
"""Key in the address → heading of a group of checkpoints that folds."""
_LAST = (("prepare", "C03"), ("tell", "C06"), ("meet", "C12"), ("move", "C15"), ("check", "C20"))
OPEN = ("tell", "move")
"""Groups that are unfolded while nobody has said otherwise."""
SETS: dict[str, str] = {NOW: "Where they stand", "move-more": "Move", "needs": "Package and needs", "who": "Who", "orders": "Orders", END: "Last change"}
"""Headings of the column chooser."""


def group_of(code: str) -> str:
    """The folding group of a checkpoint."""
    return next(group for group, last in _LAST if code <= last)


def _text(key: str, heading: str, group: str, field: str, edit: str = "text", **more: object) -> Column:
    return Column(key, heading, group, more.pop("show", "day" if edit == "day" else "text"), edit, field, (field,), **({"sort": (field,)} | more))  # type: ignore[arg-type]


COLUMNS: tuple[Column, ...] = (
    Column("person", "Person", FROZEN, "person", reads=("case_system_id", "plan_status"), sort=("surname", "forename"), default=True),
    Column("priority", "Priority", FROZEN, "priority", "choice", "priority", sort=("priority",), default=True, roles=frozenset({"OL", "ASM", "CM"})),
    Column("progress", "Progress", FROZEN, "progress", sort=("colour",), default=True),
    Column("providers", "From → to", FROZEN, "providers", reads=("allocation_response",), sort=("incoming_provider__name",), default=True),
    Column("stage", "Stage", NOW, "stage", reads=("status", "ending", "in_hospital", "on_hold", "settled_codes"), sort=("settled_codes",), default=True),
    Column("next", "Next step", NOW, "next", reads=("next_checkpoint",), sort=("next_checkpoint",), default=True),
    Column("due", "Due", NOW, "due", reads=("next_due",), sort=("next_due",), default=True),
    Column("over", "Days over", NOW, "over", reads=("overdue_from", "ending"), sort=("overdue_from",), hint="Days since the first open checkpoint became overdue", default=True),
    Column("owner", "Owner", NOW, "owner", "text", "next_action_owner", ("next_action_owner", "case_manager"), ("next_action_owner", "case_manager"), hint="Owner of the next action, else the case manager", default=True),
    Column("hold", "Hold", NOW, "hold", reads=("on_hold", "in_hospital", "ending"), sort=("-on_hold",), default=True),
    _text("transfer", "Transfer (T)", NOW, "planned_transfer_date", "day", default=True),
    _text("wave", "Wave", "move-more", "wave"),
    _text("action", "Next action", NOW, "next_action"),
    _text("action_due", "Action due", NOW, "next_action_due", "day"),
    _text("manager", "Case manager", NOW, "case_manager"),
    _text("baseline", "T when allocated", "move-more", "baseline_transfer_date", "", show="day"),
    _text("moved", "First visit", "move-more", "actual_transfer_date", "", show="day"),
    _text("sharing", "Sharing", "move-more", "sharing_basis", "", show="word"),
    _text("plan", "Care plan", "move-more", "plan_status", "", show="word"),
    _text("funding", "Funding", "needs", "funding_type", "choice", show="word"),
    _text("body", "Responsible body", "needs", "responsible_body"),
    _text("hours", "Hours a week", "needs", "weekly_hours", "number", show="number"),
    _text("visits", "Visits a day", "needs", "visits_per_day", "number", show="number"),
    _text("times", "Visit times", "needs", "visit_times", by_provider=True),
    _text("medication", "Medication", "needs", "medication_level", "choice", show="word"),
    _text("format", "Format", "needs", "communication_format", "choice", show="word"),
    _text("language", "Language", "needs", "language"),
    _text("at_home", "Not in hospital on", "needs", "hospital_asked_on", "day", hint="The day on which it was asked and the person was not in hospital; C02 waits for it", team=True),
    _text("case_id", "Case-system ID", "who", "case_system_id", ""),
    _text("nhs", "NHS number", "who", "nhs_number", "", show="nhs", sort=()),
    _text("born", "Born", "who", "date_of_birth", "", show="day"),
    _text("zone", "Zone", "who", "zone"),
    _text("postcode", "Postcode", "who", "postcode", ""),
    _text("phone", "Phone", "who", "phone", by_provider=True),
    _text("old_order", "Old order", "orders", "old_order_ref", see=Can.ORDERS_VIEW, team=True),
    _text("old_end", "Old order ends", "orders", "old_order_end", "day", see=Can.ORDERS_VIEW, team=True),
    _text("new_order", "New order", "orders", "new_order_ref", see=Can.ORDERS_VIEW, team=True),
    _text("new_start", "New order starts", "orders", "new_order_start", "day", see=Can.ORDERS_VIEW, team=True),
    _text("payment", "Payment", "orders", "payment_ref", see=Can.ORDERS_VIEW, team=True),
    _text("orders_shared", "Orders shared", "orders", "orders_shared_on", "day", see=Can.ORDERS_VIEW, team=True),
    *(Column(c.code, c.code, group_of(c.code), "mark", "mark", hint=c.title, default=True) for c in CHECKPOINTS),
    Column("changed", "Last changed", END, "short_day", reads=("touched_on",), sort=("touched_on",), default=True),
    Column("by", "By", END, "by", default=True, team=True),
)
BY_KEY: dict[str, Column] = {column.key: column for column in COLUMNS}
SHORT = {c.code: c.short for c in CHECKPOINTS}
CODES_OF: dict[str, tuple[str, ...]] = {group: tuple(c.code for c in CHECKPOINTS if group_of(c.code) == group) for group in GROUPS}
EDITED: dict[str, Column] = {column.field: column for column in COLUMNS if column.field and column.edit}
"""Field of the person → the column in which it is typed."""
CELLS: dict[str, Column] = EDITED | {column.key: column for column in COLUMNS if column.edit == "mark"}
"""What an address calls a cell (the field, or the code of the checkpoint) → its column."""


@dataclass(frozen=True)
class Viewer:
    """Who looks: ``provider`` stands for one organisation only; ``roles`` as in the role table."""

    can: frozenset[Can]
    roles: frozenset[str] = frozenset()
    provider: bool = False
    unrestricted: bool = False

    def sees(self, column: Column) -> bool:
        return column.see in self.can and not (column.team and self.provider)

    def edits(self, column: Column) -> bool:
        """Whether the cell opens. A checkpoint opens for the whole team, which is told who marks it; for a provider only where it may state it."""
        if not column.edit or not self.sees(column) or Can.PEOPLE_EDIT not in self.can:
            return False
        if column.roles and not self.unrestricted and self.roles.isdisjoint(column.roles):
            return False
        return not self.provider or column.by_provider or (column.edit == "mark" and may_mark(column.key, self.roles))

    def remembers(self, column: Column) -> bool:
        """Whether the history of the cell may be read. Which other providers were asked is not a provider's business (domain 8)."""
        return self.sees(column) and column.has_history and not (self.provider and column.key == "providers")


@dataclass(frozen=True)
class Layout:
    """What a grid shows: ``columns`` in the order of the registry, checkpoints only of the ``unfolded`` groups."""

    columns: tuple[Column, ...]
    unfolded: tuple[str, ...]

    @property
    def frozen(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.group == FROZEN)

    @property
    def before(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.group not in {FROZEN, END})

    @property
    def after(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.group == END)

    @property
    def cells(self) -> tuple[Column | str, ...]:
        """Every cell of a row in order; a folded group is one cell, told by its key."""
        middle: list[Column | str] = []
        for group in GROUPS:
            middle += [BY_KEY[code] for code in CODES_OF[group]] if group in self.unfolded else [group]
        return (*self.frozen, *self.before, *middle, *self.after)

    @property
    def reads(self) -> frozenset[str]:
        """Fields of the person the shown columns are drawn from."""
        return frozenset(name for column in self.columns for name in column.reads)


def choosable(viewer: Viewer) -> list[tuple[str, list[Column]]]:
    """The column chooser: (heading, columns) without what always stands and what this viewer does not see."""
    return [
        (heading, found) for group, heading in SETS.items() if (found := [column for column in COLUMNS if column.group == group and viewer.sees(column)])
    ]


def layout(viewer: Viewer, chosen: Iterable[str] | None = None, unfolded: Iterable[str] | None = None) -> Layout:
    """The grid for ``viewer``. ``chosen``: keys of the columns beside the frozen ones, None for the usual; what the viewer does not see, or
    what is no column, is left out. The frozen ones always stand."""
    wanted = None if chosen is None else set(chosen)
    shown = tuple(
        column for column in COLUMNS
        if column.edit != "mark" and viewer.sees(column) and (column.group == FROZEN or (column.default if wanted is None else column.key in wanted))
    )
    open_groups = set(OPEN if unfolded is None else unfolded)
    return Layout(shown, tuple(group for group in GROUPS if group in open_groups))


FILTERS = ("show", "priority", "progress", "provider", "wave", "funding", "stage", "owner", "hold", "lacks")
"""What of an address narrows the list; the search is not among them, as it may name somebody."""
_PLAIN = re.compile(r"^[\w .\-/]{1,40}$")
_OWNER = re.compile(r"^(me|none|[0-9a-f]{12})$")


@dataclass(frozen=True)
class Kept:
    """What a saved view keeps of an address. ``columns`` and ``unfolded``: [] where the usual ones stand."""

    columns: list[str]
    unfolded: list[str]
    filters: dict[str, str]
    sort: str


def kept(address: Mapping[str, Sequence[str]]) -> Kept:
    """Of ``address`` ({parameter: values}) what the registry knows. An owner is kept by key, never by name."""

    def listed(name: str, known: Iterable[str]) -> list[str]:
        asked = {key for value in address.get(name, ()) for key in value.split(",")}
        return [key for key in known if key in asked] if name in address else []

    filters = {
        name: value for name in FILTERS if (value := next(iter(address.get(name, ())), "")) and (_OWNER if name == "owner" else _PLAIN).match(value)
    }
    sort = next(iter(address.get("sort", ())), "")
    return Kept(listed("cols", BY_KEY), listed("groups", (*GROUPS, "none")), filters, sort if sort.removeprefix("-") in {*BY_KEY, "name"} else "")


def parameters(view: Kept) -> dict[str, str]:
    """The address that shows ``view``: the twin of :func:`kept`."""
    found: dict[str, str] = {}
    if view.columns:
        found["cols"] = ",".join(view.columns)
    if view.unfolded:
        found["groups"] = ",".join(view.unfolded)
    if view.sort:
        found["sort"] = view.sort
    return found | view.filters
