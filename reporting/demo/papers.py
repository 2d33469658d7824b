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
from workstreams.models import ScriptVersion
from workstreams.services import calls


def moment(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, time(hour), LONDON)


def seat_board(programme: Programme, cast: Cast) -> Board:
    """Terms and members of the board the programme was opened with."""
    found = Board.objects.get(programme=programme)
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


def script(programme: Programme, cast: Cast) -> ScriptVersion:
    """What is said on the phone about the exit, written by the team and approved by communications (domain 5.15)."""
    last = programme.exit_date
    text = (
        f"Good morning, you are through to the home care transfer team of {COUNCIL}. Meadowgate has decided to stop providing home care"
        + (f"; its last day is {last:%A} {last.day} {last:%B %Y}" if last else "")
        + ". Your care goes on without a break: the visits you have now continue until your new provider starts. We will tell you who the new provider is and on which day it begins at least ten days before. "
        "Your case manager goes through your care with you, and with whoever speaks for you. You need do nothing today. May I take your name and a number on which we reach you?"
    )
    faqs = (
        "Will I pay more? Nothing changes in what you pay because of the transfer. If you arrange and pay for your care yourself, your new provider tells you its prices before it starts.\n"
        "May I keep my carer? Many carers move with the people they care for. We ask the new provider and tell you.\n"
        "May I choose somebody else? Yes. We talk it through with you, direct payments too.\n"
        "I do not agree. You have the right to appeal and to complain: we send you the leaflet today.\n"
        "Nobody came this morning. Take the name and the time, tell the duty manager at once, and record the call on the page of the person."
    )
    made = calls.write_script(programme, text, faqs=faqs, actor=cast["MT"])
    calls.approve(made, actor=cast["CMS"])
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
