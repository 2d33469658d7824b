"""Around a stay in hospital: who is told that somebody comes home soon, and the slot that is held meanwhile (domain 5.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import Refused
from mobilisation.models import Programme, RoleAssignment, User
from mobilisation.roles import MT_CODES
from mobilisation.services import changes, slots
from mobilisation.services.notices import notify
from transfers.models import HospitalEpisode, PersonTransfer
from transfers.rules import hospital as rules
from transfers.services import turning
from transfers.services.rights import locked, require_edit, require_team
from transfers.services.seen import Seen, refuse_stale


def open_stay(person: PersonTransfer) -> HospitalEpisode | None:
    return HospitalEpisode.objects.filter(person=person, open=True).first()


def slot_until(stay: HospitalEpisode, programme: Programme) -> date:
    """Last day on which the slot of ``stay`` is held; where the admission is not known it counts from the record."""
    return rules.slot_until(stay.admitted_on or timezone.localdate(stay.created_at), stay.slot_renewed_on, int(programme.threshold("hospital_slot_c")))


@transaction.atomic
def renew_slot(person: PersonTransfer, *, actor: Actor, seen: Seen | None = None) -> date:
    """Hold the slot on, counted from today; returns its last day."""
    row = locked(person)
    require_team(row, actor, "the slots held during a stay in hospital")
    stay = open_stay(row)
    refuse_stale(seen, row, (), stay)
    if stay is None:
        raise Refused("There is no open hospital stay.")
    if stay.slot_renewed_on == today():
        until = slot_until(stay, row.programme)
        raise Refused(f"The slot was renewed today. It is held until {until.day} {until:%b %Y}.")
    changes.apply(stay, {"slot_renewed_on": today()}, actor=actor, programme=row.programme, action="slot renewed")
    turning.refresh(row)
    person.refresh_from_db()
    return slot_until(stay, row.programme)


@transaction.atomic
def change_stay(person: PersonTransfer, values: Mapping[str, Any], *, actor: Actor, seen: Seen | None = None) -> None:
    """What was not known at the admission, or has changed: hospital, day of admission, expected discharge. Who must know of a near
    discharge is told at once."""
    row = locked(person)
    require_edit(row, actor)
    stay = open_stay(row)
    refuse_stale(seen, row, (), stay)
    if stay is None:
        raise Refused("There is no open hospital stay.")
    admitted, expected = values.get("admitted_on", stay.admitted_on), values.get("expected_discharge", stay.expected_discharge)
    ended = [rules.Stay(*days) for days in HospitalEpisode.objects.filter(person=row, discharged_on__isnull=False).values_list("admitted_on", "discharged_on")]
    if found := rules.refusals(admitted, expected, ended=ended, today=today()):
        raise Refused(found)
    if changes.apply(stay, values, actor=actor, programme=row.programme, action="stay changed") is None:
        raise Refused("Nothing is different, so nothing was saved.")
    turning.refresh(row)
    person.refresh_from_db()
    tell(row.programme, today(), stay)


def tick(moment: datetime) -> None:
    """Say what became due since the last look; each stay is told of once for each expected day and each lapse."""
    programmes = Programme.objects.open().filter(pk__in=HospitalEpisode.objects.filter(open=True).values("person__programme"))
    slots.each(programmes, lambda programme: tell(programme, timezone.localdate(moment)), "stays in hospital")


@transaction.atomic
def tell(programme: Programme, as_of: date, only: HospitalEpisode | None = None) -> None:
    """Tell the team and both providers who is expected home within two days, and whose slot has lapsed. ``only``: of this stay, which
    the caller has changed: two who change a stay each do not wait for each other's."""
    open_ones = HospitalEpisode.objects.filter(person__programme=programme, person__ending="", open=True, **({"pk": only.pk} if only else {}))
    stays = list(open_ones.select_for_update(of=("self",)).select_related("person").order_by("pk"))
    soon = [stay for stay in stays if rules.alert_due(stay.expected_discharge, stay.discharge_told_for, as_of)]
    lapsed = [stay for stay in stays if slot_until(stay, programme) < as_of and stay.slot_told_for != slot_until(stay, programme)]
    _tell(programme, soon, "hospital_discharge", ("person is expected home from hospital within two days", "people are expected home from hospital within two days"))
    _tell(programme, lapsed, "hospital_slot", ("slot held for a person in hospital has lapsed", "slots held for people in hospital have lapsed"))
    HospitalEpisode.objects.filter(pk__in=[stay.pk for stay in soon]).update(discharge_told_for=F("expected_discharge"))
    for stay in lapsed:
        HospitalEpisode.objects.filter(pk=stay.pk).update(slot_told_for=slot_until(stay, programme))


def _tell(programme: Programme, stays: Sequence[HospitalEpisode], kind: str, words: tuple[str, str]) -> None:
    """One notice to everybody of the team and of the two providers who may see one of these people; ids and counts only."""
    if not stays:
        return
    url = reverse("transfers:person-list", args=[programme.ref]) + "?show=hospital"
    roles = RoleAssignment.objects.active().filter(Q(role__in=MT_CODES) | Q(role__in=("XP", "IP")), programme=programme, user__isnull=False)
    for user in User.objects.filter(is_active=True, pk__in=roles.values("user_id")).order_by("pk"):
        mine = sorted(PersonTransfer.objects.visible_to(user).filter(pk__in=[stay.person_id for stay in stays]).values_list("public_id", flat=True))
        if mine:
            notify([user], programme, kind, f"{programme.reference}: {len(mine)} {words[len(mine) > 1]}", mine, url)
