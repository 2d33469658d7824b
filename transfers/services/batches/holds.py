"""Holds of many people, each a hold of their own, as one hold of one person is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Refused
from mobilisation.roles import Can
from mobilisation.services import changes
from transfers.models import BatchLine, Hold
from transfers.services import people, turning
from transfers.services.batches.cells import BACK, DONE, KEPT, REFUSED, SAME, WILL, Frame, Key, Part, Verdict, Wish, stamp

NAME = "hold"


def _open(pks: set[int], *, locked: bool = False) -> dict[int, Hold]:
    """{person: the open hold of their own}, the first where there were several."""
    rows = Hold.objects.filter(person__in=pks, lifted_on__isnull=True).order_by("-pk")
    return {hold.person_id: hold for hold in (rows.select_for_update() if locked else rows) if hold.person_id}


def _not_permitted(frame: Frame) -> str:
    try:
        frame.actor.require(Can.HOLD)
    except NotPermitted as refusal:
        return str(refusal)
    return ""


def judge(frame: Frame, wishes: Sequence[Wish]) -> dict[Key, Verdict]:
    """``value``: True holds, False lifts."""
    held, no = _open({wish.person for wish in wishes}), _not_permitted(frame)
    others = turning.Frame.of(frame.programme)
    found = {}
    for wish in wishes:
        person = frame.people[wish.person]
        own = held.get(person.pk)
        same = (own is not None) == wish.value
        words = no or ("\n".join(reason.text for reason in people.ended_refused(person)) if wish.value and not same else "")
        if not words and same:
            through = [hold for hold in others.hold_on(person) if isinstance(hold, Hold) and hold.scope != "person"]
            words = "On hold already." if wish.value else f"Held through {through[0].whom}; lift that on the page of holds." if through else "Not on hold."
            found[person.pk, NAME] = Verdict(SAME, words, own is not None, wish.value, {NAME: stamp(own)})
        else:
            found[person.pk, NAME] = Verdict(REFUSED if words else WILL, words, own is not None, wish.value, {NAME: stamp(own)})
    return found


def seen(frame: Frame, lines: Sequence[BatchLine]) -> dict[Key, dict[str, Any]]:
    held = _open({line.person_id for line in lines})
    return {(line.person_id, NAME): {NAME: stamp(held.get(line.person_id))} for line in lines}


def write(frame: Frame, lines: Sequence[BatchLine]) -> dict[Key, Verdict]:
    if words := _not_permitted(frame):
        raise NotPermitted(words)
    common: dict[str, Any] = {"actor": frame.actor, "why": frame.why, "programme": frame.programme}
    refused = {line.person_id: "\n".join(reason.text for reason in people.ended_refused(frame.people[line.person_id])) for line in lines if line.new}
    going = [frame.people[line.person_id] for line in lines if line.new and not refused[line.person_id]]
    review = frame.asked.get("review_on")
    made = [
        Hold(programme=frame.programme, scope="person", person=person, reason=frame.said, from_date=today(), review_on=date.fromisoformat(review) if review else None) for person in going
    ]
    changes.bulk_create(made, **common)
    changes.bulk_mark(going, "put on hold", **common)
    lifting = [line.person_id for line in lines if not line.new]
    lifted = _open(set(lifting), locked=True) if lifting else {}
    changes.bulk_apply([(hold, {"lifted_on": today(), "lifted_why": frame.said}) for hold in lifted.values()], **common)
    changes.bulk_mark([frame.people[pk] for pk in lifted], "hold lifted", **common)
    turning.refresh_many([*going, *(frame.people[pk] for pk in lifted)], frame=turning.Frame.of(frame.programme))
    written = {hold.person_id: hold for hold in made} | lifted
    found: dict[Key, Verdict] = {}
    for line in lines:
        hold = written.get(line.person_id)
        found[line.person_id, NAME] = Verdict(DONE, record=hold.pk, version=hold.version) if hold else Verdict(REFUSED, refused.get(line.person_id) or "Not on hold any more.")
    return found


def back(frame: Frame, lines: Sequence[BatchLine]) -> dict[Key, Verdict]:
    records = Hold.objects.in_bulk([line.record for line in lines])
    again = _open({line.person_id for line in lines})
    found = {}
    for line in lines:
        hold, own = records.get(line.record), again.get(line.person_id)
        untouched = hold is not None and hold.version == line.left_at and (own is not None and own.pk == hold.pk if line.new else own is None)
        found[line.person_id, NAME] = Verdict(BACK if untouched else KEPT, old=line.old, new=own is not None)
    return found


def put_back(frame: Frame, lines: Sequence[BatchLine]) -> None:
    """What was held is lifted; what was lifted is held again, by the same hold."""
    if words := _not_permitted(frame):
        raise Refused(words)
    common: dict[str, Any] = {"actor": frame.actor, "why": frame.why, "programme": frame.programme}
    records = {hold.pk: hold for hold in Hold.objects.select_for_update(of=("self",)).filter(pk__in=[line.record for line in lines])}
    for new, values, act in ((True, {"lifted_on": today(), "lifted_why": frame.said}, "hold lifted"), (False, {"lifted_on": None, "lifted_why": ""}, "put on hold again")):
        own = [line for line in lines if line.new is new]
        changes.bulk_apply([(records[line.record], values) for line in own if line.record is not None], action=act, **common)
        changes.bulk_mark([frame.people[line.person_id] for line in own], act, **common)
    turning.refresh_many([frame.people[line.person_id] for line in lines], frame=turning.Frame.of(frame.programme))


PART = Part(judge, seen, write, back, put_back)
