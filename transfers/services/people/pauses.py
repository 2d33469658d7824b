"""What stops the clocks of one person: a hold, a stay in hospital."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Reason, Refused
from mobilisation.roles import Can
from mobilisation.services import changes
from transfers.models import Hold, HospitalEpisode, PersonTransfer
from transfers.rules import hospital as hospital_rules
from transfers.rules.hospital import Stay
from transfers.services import care_plans, checkpoints, turning
from transfers.services import hospital as hospital_stays
from transfers.services.people.records import update_person
from transfers.services.rights import brought_up, is_provider, refuse_ended, require_edit
from transfers.services.seen import Seen, refuse_stale
from transfers.services.telling import tell_moved


def own_hold(person: PersonTransfer) -> Hold | None:
    """The open hold on this person alone."""
    return Hold.objects.filter(person=person, lifted_on__isnull=True).order_by("pk").first()


@transaction.atomic
def hold(person: PersonTransfer, *, actor: Actor, reason: str, review_on: date | None = None, seen: Seen | None = None) -> Hold:
    """ML or OL stop C14 and C15 of this person."""
    actor.require(Can.HOLD)
    row = brought_up(person)
    refuse_ended(row)
    refuse_stale(seen, row, (), own_hold(row))
    if not reason.strip():
        raise Refused(Reason("Say why transfers are held.", field="reason"))
    if own_hold(row) is not None:
        raise Refused("This person is on hold already.")
    if review_on is not None and review_on < today():
        raise Refused(Reason("The review lies in the past. Choose the day on which you look again.", field="review_on"))
    made = changes.create(Hold(programme=person.programme, scope="person", person=person, reason=reason, from_date=today(), review_on=review_on), actor=actor, why=reason)
    changes.mark(person, "put on hold", actor=actor, why=reason)
    turning.refresh(person)
    return made


@transaction.atomic
def lift(held: Hold, *, actor: Actor, why: str, seen: Seen | None = None) -> None:
    """Transfers go on. What was lifted stays as it is."""
    actor.require(Can.HOLD)
    if held.person is not None:
        refuse_stale(seen, brought_up(held.person), (), own_hold(held.person))
    standing = Hold.objects.select_for_update(of=("self",), no_key=True).get(pk=held.pk)
    if standing.lifted_on is not None:
        raise Refused(f"This hold was lifted already, on {standing.lifted_on.day} {standing.lifted_on:%b %Y}: {standing.lifted_why}")
    if not why.strip():
        raise Refused(Reason("Say why the hold is lifted.", field="why"))
    changes.apply(held, {"lifted_on": today(), "lifted_why": why}, actor=actor, why=why)
    if held.person is not None:
        changes.mark(held.person, "hold lifted", actor=actor, why=why)
        turning.refresh(held.person)
    else:
        turning.recompute(held.programme, among=held.reach)


@transaction.atomic
def admit(person: PersonTransfer, *, actor: Actor, hospital: str = "", admitted_on: date | None = None, expected_discharge: date | None = None, seen: Seen | None = None) -> HospitalEpisode:
    """Into hospital: one open stay at most; what may not go on is paused."""
    row = brought_up(person)
    require_edit(row, actor)
    refuse_ended(row)
    refuse_stale(seen, row, (), hospital_stays.open_stay(row))
    if HospitalEpisode.objects.filter(person=person, open=True).exists():
        raise Refused("A hospital stay is open already. Record the discharge first.")
    ended = [Stay(*days) for days in HospitalEpisode.objects.filter(person=person, discharged_on__isnull=False).values_list("admitted_on", "discharged_on")]
    if refused := hospital_rules.refusals(admitted_on, expected_discharge, ended=ended, today=today()):
        raise Refused(refused)
    stay = changes.create(HospitalEpisode(person=person, hospital=hospital, admitted_on=admitted_on, expected_discharge=expected_discharge), actor=actor)
    person.in_hospital = True
    checkpoints.pause_for_hospital(person, actor=actor)
    changes.mark(person, "admitted to hospital", actor=actor)
    turning.refresh(person)
    hospital_stays.tell(person.programme, today(), stay)
    return stay


@transaction.atomic
def confirm_at_home(person: PersonTransfer, *, actor: Actor, on: date | None = None, seen: Seen | None = None) -> None:
    """Asked, and the person is not in hospital: the answer that C02 waits for."""
    require_edit(person, actor)
    if is_provider(actor):
        raise NotPermitted("The mobilisation team checks the list.")
    row = brought_up(person)
    refuse_ended(row)
    refuse_stale(seen, row, ("hospital_asked_on",), hospital_stays.open_stay(row))
    update_person(person, {"hospital_asked_on": on or today()}, actor=actor, why="asked whether the person is in hospital")


@transaction.atomic
def discharge(person: PersonTransfer, *, actor: Actor, discharged_on: date, restart_on: date | None = None, restart: str = "same_package", seen: Seen | None = None) -> HospitalEpisode:
    """Home again: T becomes the restart date, C12 and C14–C16 restart, a changed package makes the plan provisional."""
    row = brought_up(person)
    require_edit(row, actor)
    if is_provider(actor) and restart_on:
        raise NotPermitted(Reason("The mobilisation team sets the day on which care restarts. Leave it empty and tell them.", field="restart_on"))
    refuse_ended(row)
    stay = hospital_stays.open_stay(row)
    refuse_stale(seen, row, (), stay)
    if stay is None:
        raise Refused("There is no open hospital stay.")
    if discharged_on > today():
        raise Refused(Reason("The discharge is in the future.", field="discharged_on"))
    if stay.admitted_on and discharged_on < stay.admitted_on:
        raise Refused(Reason(f"The discharge lies before the admission on {stay.admitted_on.day} {stay.admitted_on:%b %Y}.", field="discharged_on"))
    if words := hospital_rules.restart_refused(restart_on, discharged_on):
        raise Refused(Reason(words, field="restart_on"))
    changes.apply(stay, {"discharged_on": discharged_on, "open": False, "restart": restart}, actor=actor)
    # The first visit starts again, so nobody who comes home counts as moved.
    values: dict[str, Any] = {"actual_transfer_date": None, "hospital_asked_on": discharged_on}
    if restart_on:
        values["planned_transfer_date"] = restart_on
    was = person.planned_transfer_date
    changes.apply(person, values, actor=actor, why="discharged from hospital")
    tell_moved(row.programme, [(person, was)])
    if restart == "changed":
        care_plans.begin(person, actor=actor, again=True)
    person.in_hospital = False
    checkpoints.restart_after_hospital(person, actor=actor, package_changed=restart == "changed")
    changes.mark(person, "discharged from hospital", actor=actor)
    turning.refresh(person)
    return stay
