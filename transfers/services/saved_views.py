"""Saved views of the daily grid: kept by their owner, shared and locked by the leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.models import Change, Programme
from mobilisation.roles import Can
from mobilisation.services import changes
from mobilisation.services.meanwhile import refused_if_taken
from transfers.models import SavedView
from transfers.rules import grid

LEADS = ("ML", "OL")
NAME_TAKEN = "There is a view of this name already."
MOST = 50
"""Views of one person in one programme."""


def may_lead(actor: Actor) -> bool:
    """Whether ``actor`` shares, locks and sets the first view of a role."""
    return actor.has_role(*LEADS)


def may_change(view: SavedView, actor: Actor) -> bool:
    """The owner while nobody has locked it; a lead always, where it is shared."""
    own = actor.user is not None and view.owner_id == actor.user.pk
    return (own and view.locked_by_id is None) or (view.shared and may_lead(actor))


@transaction.atomic
def save(programme: Programme, name: str, address: Mapping[str, list[str]], *, actor: Actor, shared: bool = False, default_for: str = "") -> SavedView:
    """Keep what ``address`` ({parameter: values}) shows under ``name``. Only columns and filters that the registry knows are taken; a search never is."""
    actor.require(Can.PEOPLE_VIEW)
    if actor.user is None:
        raise Refused("A view belongs to somebody who signs in.")
    _refuse_name(programme, name, actor)
    if (shared or default_for) and not may_lead(actor):
        raise NotPermitted(Reason("The mobilisation lead (ML) or the lead operational manager (OL) shares a view.", field="shared"))
    if SavedView.objects.filter(programme=programme, owner=actor.user).count() >= MOST:
        raise Refused(f"You have {MOST} views here. Remove one first.")
    said = grid.kept(address)
    made = SavedView(programme=programme, owner=actor.user, name=name.strip(), columns=said.columns, unfolded=said.unfolded, filters=said.filters, sort=said.sort, shared=shared or bool(default_for), default_for=default_for)
    if default_for:
        _make_room(made, actor)
    with refused_if_taken(lambda: _refuse_taken(made, made.name, default_for)):
        return changes.create(made, actor=actor, programme=programme)


@transaction.atomic
def change(view: SavedView, values: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None) -> Change | None:
    """``values``: name, shared, locked, default_for, and ``address`` for other columns and filters."""
    actor.require(Can.PEOPLE_VIEW)
    if not may_change(view, actor):
        raise NotPermitted("This view is locked. Ask a lead, or save a view of your own." if view.locked_by_id else "Only its owner or a lead changes this view.")
    wanted = dict(values)
    if "name" in wanted and wanted["name"].strip() != view.name:
        _refuse_name(view.programme, wanted["name"], actor, owner=view.owner_id)
    leading = {name for name in ("shared", "locked", "default_for") if name in wanted and wanted[name] != {"shared": view.shared, "locked": view.locked_by_id is not None, "default_for": view.default_for}[name]}
    if leading and not may_lead(actor):
        raise NotPermitted("The mobilisation lead (ML) or the lead operational manager (OL) shares and locks views.")
    if "locked" in wanted:
        locked = bool(wanted.pop("locked"))
        wanted["locked_by"] = (view.locked_by or actor.user) if locked else None
    if (address := wanted.pop("address", None)) is not None:
        said = grid.kept(address)
        wanted |= {"columns": said.columns, "unfolded": said.unfolded, "filters": said.filters, "sort": said.sort}
    shared, lock, first = wanted.get("shared", view.shared), wanted.get("locked_by", view.locked_by), wanted.get("default_for", view.default_for)
    if not shared and (lock is not None or first):
        raise Refused(Reason("What is locked, or the first view of a role, is shared. Share it, or take the lock and the role off.", field="shared"))
    if first and first != view.default_for:
        view.default_for = first
        _make_room(view, actor)
    with refused_if_taken(lambda: _refuse_taken(view, wanted.get("name", view.name), first)):
        return changes.apply(view, wanted, actor=actor, expected_version=expected_version, programme=view.programme)


@transaction.atomic
def remove(view: SavedView, *, actor: Actor) -> None:
    """Gone from the list; history keeps what it was."""
    if not may_change(view, actor):
        raise NotPermitted("Only its owner or a lead removes this view.")
    kept = {name: [changes.as_json(getattr(view, name)), None] for name in ("name", "columns", "filters", "sort")}
    changes.mark(view, "view removed", actor=actor, fields=kept, programme=view.programme)
    view.delete()


def _refuse_name(programme: Programme, name: str, actor: Actor, owner: int | None = None) -> None:
    if not name.strip():
        raise Refused(Reason("Give the view a name.", field="name"))
    if SavedView.objects.filter(programme=programme, owner_id=owner or getattr(actor.user, "pk", None), name=name.strip()).exists():
        raise Refused(Reason(NAME_TAKEN, field="name"))


def _refuse_taken(view: SavedView, name: str, role: str) -> None:
    """What another save took meanwhile: the name, or the place as the first view of ``role``."""
    others = SavedView.objects.filter(programme=view.programme).exclude(pk=view.pk)
    if others.filter(owner_id=view.owner_id, name=name.strip()).exists():
        raise Refused(Reason(NAME_TAKEN, field="name"))
    if role and (first := others.filter(default_for=role).first()):
        raise Refused(Reason(f"“{first.name}” became the first view of {role} at the same moment. Look at it, then choose.", field="default_for"))


def _make_room(view: SavedView, actor: Actor) -> None:
    """One view is the first of a role: the one before it stays, shared as it was."""
    for other in SavedView.objects.select_for_update().filter(programme=view.programme, default_for=view.default_for).exclude(pk=view.pk):
        changes.apply(other, {"default_for": ""}, actor=actor, why=f"another view is the first of {view.default_for}", programme=view.programme)
