"""Meetings with their minutes, decisions and actions, and the packs of a week."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from mobilisation.clock import today
from mobilisation.models import Action, AgendaItem, Board, BoardMember, Decision, Meeting, Programme
from mobilisation.services import board, changes
from reporting.choices import DocumentKind, Edition, PackStatus
from reporting.demo.accounts import COUNCIL, ICB, Cast, organisation
from reporting.models import BoardPack, WeeklySnapshot
from reporting.rules.weeks import LONDON
from reporting.services import packs


def moment(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, time(hour), LONDON)


def seat_board(programme: Programme, cast: Cast) -> Board:
    """Terms and members of the board the programme was opened with."""

    found = Board.objects.filter(programme=programme).first()
    if found is None:
        return board.open_board(programme, kind="mobilisation_board", actor=cast["BCH"], cadence="weekly")
    changes.apply(found, {"terms": "Watches progress of provider and partners; decides what is brought to it."}, actor=cast["BCH"])
    places = {"BCH": COUNCIL, "SRO": COUNCIL, "CL": COUNCIL, "OL": COUNCIL, "BM": ICB, "QL": ICB}
    changes.bulk_create([BoardMember(board=found, user=cast.user(role), organisation=organisation(place), voting=role != "QL") for role, place in places.items()], actor=cast["BCH"], programme=programme)
    return found


def _weekday(day: date) -> date:
    """Boards do not meet at the weekend: the Monday after."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def hold_meeting(programme: Programme, cast: Cast, kind: str, day: date, *, minutes: dict[str, str] | None = None, items: tuple[str, ...] = ()) -> Meeting:
    made = board.call_meeting(Meeting(programme=programme, kind=kind, at=moment(_weekday(day)), attendees="Ruth Calloway, Martin Fairweather, Gavin Mead, Bella Thorne-Reyes, Dr Fiona Askew"), actor=cast["OL"], items=items)
    for item in AgendaItem.objects.filter(meeting=made, title__in=minutes or {}).select_related("meeting__programme"):
        board.minute_item(item, (minutes or {})[item.title], actor=cast["OL"])
    return made


def decided(programme: Programme, cast: Cast, text: str, why: str, day: date, meeting: Meeting | None = None) -> Decision:
    return board.add_decision(Decision(programme=programme, meeting=meeting, text=text, status="made", rationale=why, made_by="Task force", made_on=day), actor=cast["OL"])


def asked(programme: Programme, cast: Cast, text: str, by: date) -> Decision:
    return board.add_decision(Decision(programme=programme, text=text, needed_by=by), actor=cast["OL"])


def action(programme: Programme, cast: Cast, text: str, owner: str, due: date, *, done_on: date | None = None, urgent: bool = False, meeting: Meeting | None = None) -> Action:
    made = board.add_action(Action(programme=programme, meeting=meeting, text=text, owner=cast.user(owner), owner_name=str(cast.user(owner)), due=due, urgent=urgent), actor=cast["OL"])
    if done_on:
        board.update_action(made, {"status": "done", "done_on": done_on}, actor=cast["OL"])
    return made


def publish(snapshot: WeeklySnapshot, cast: Cast) -> list[BoardPack]:
    """Draft, build, approve by the chair, publish: for the board and for commissioners. Without PDFs the drafts say why."""
    made = []
    for edition in (Edition.BOARD, Edition.COMMISSIONER):
        pack = packs.build_pack(packs.draft(snapshot, edition, actor=cast["ML"], document=DocumentKind.PACK), actor=cast["ML"])
        if pack.status == PackStatus.READY:
            packs.approve(pack, actor=cast["BCH"])
            packs.publish(pack, actor=cast["BCH"])
        made.append(pack)
    return made


def in_days(number: int) -> date:
    return today() + timedelta(days=number)
