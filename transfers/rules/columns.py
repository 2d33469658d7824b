"""The columns of the tracker that stand for contacts, orders, monies and the care-plan check. Pure.

Those are the truth; a column is what :func:`columns_of` makes of them. When a column is written (form, cell, workbook row),
:func:`contact_of`, :func:`orders_of` say what has to stand behind it, so that ``columns_of`` gives the same column again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

CONTACT = {"representative_name": "name", "relationship": "relationship", "representative_address": "address", "representative_phone": "phone"}
"""Column → field of the main contact."""
OLD = {"old_order_ref": "external_ref", "old_order_end": "end"}
NEW = {"new_order_ref": "external_ref", "new_order_start": "start"}
EITHER = {"care_item": "care_item", "budget_code": "budget_code"}
"""Columns of the new order, of the old one while the new one has none. ``payment_ref`` is the new order's as soon as there is one."""
SHARED = ("shared_exiting_on", "shared_incoming_on")
TOLD = frozenset({"old_order_ref", "old_order_end", "new_order_ref", "new_order_start", "payment_ref"})
"""What both providers were told when the orders were shared with them."""
PLAN = ("plan_status", "plan_validated_on")
ORDERS = (*OLD, *NEW, *EITHER, "payment_ref", "orders_shared_on")
COLUMNS = (*CONTACT, *ORDERS, "monies_held", *PLAN)
EMPTY: dict[str, Any] = {name: None if name.endswith(("_end", "_start", "_on")) else "" for name in (*CONTACT, *ORDERS)}


def columns_of(
    *, contact: Mapping[str, Any] | None, orders: Mapping[str, Mapping[str, Any]], money_open: bool, monies_said: bool | None, plan: tuple[str, date | None] | None
) -> dict[str, Any]:
    """Every column. ``orders``: kind → fields of the current order. ``monies_said``: what the column says now; "no" and "not
    known" are kept there, as nothing else can hold them. ``plan``: status and day of validation of the current check."""
    found = dict(EMPTY)
    if contact is not None:
        found |= {column: contact[name] for column, name in CONTACT.items()}
    old, new = orders.get("old"), orders.get("new")
    if old is not None:
        found |= {column: old[name] for column, name in OLD.items()}
    if new is not None:
        found |= {column: new[name] for column, name in NEW.items()}
    for column, name in EITHER.items():
        found[column] = (new[name] if new else "") or (old[name] if old else "")
    found["payment_ref"] = (new or old or {"payment_ref": ""})["payment_ref"]
    found["orders_shared_on"] = shared_on(list(orders.values()))
    found["monies_held"] = True if money_open else None if monies_said else monies_said
    found["plan_status"], found["plan_validated_on"] = plan if plan is not None else ("", None)
    return found


def shared_on(orders: list[Mapping[str, Any]]) -> date | None:
    """The day on which the last order reached the last provider; None while one of them lacks one."""
    days = [order[name] for order in orders for name in SHARED]
    return max(days) if days and all(days) else None


def outdates(changed: Iterable[str]) -> bool:
    """Whether a change of these columns leaves what was shared behind; whoever gives the day with it has shared it anew."""
    names = set(changed)
    return "orders_shared_on" not in names and not TOLD.isdisjoint(names)


def contact_of(columns: Mapping[str, Any]) -> dict[str, Any] | None:
    """Fields of the main contact behind ``columns``; None when there is none."""
    found = {name: columns[column] or "" for column, name in CONTACT.items()}
    return found if any(found.values()) else None


def orders_of(columns: Mapping[str, Any], has: frozenset[str], shared_now: date | None) -> dict[str, dict[str, Any]]:
    """Kind → fields that the current orders must have behind ``columns``.

    ``has``: kinds that exist already. ``shared_now``: what the days of the orders say as they stand; where it is the
    column's, they are left alone. A column that belongs to either order makes an old one where there is none.
    """
    found: dict[str, dict[str, Any]] = {}
    for kind, own in (("old", OLD), ("new", NEW)):
        values = {name: columns[column] or EMPTY[column] for column, name in own.items()}
        if kind in has or any(values.values()):
            found[kind] = values
    if not found and (columns["orders_shared_on"] or columns["payment_ref"] or any(columns[column] for column in EITHER)):
        found["old"] = {name: EMPTY[column] for column, name in OLD.items()}
    if found:
        found["new" if "new" in found else "old"]["payment_ref"] = columns["payment_ref"] or ""
    for kind, values in found.items():
        values |= {name: columns[column] or "" for column, name in EITHER.items() if kind == "new" or "new" not in found or not columns[column]}
        if columns["orders_shared_on"] != shared_now or (kind not in has and columns["orders_shared_on"]):
            values |= dict.fromkeys(SHARED, columns["orders_shared_on"])
    return found
