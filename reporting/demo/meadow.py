"""A provider exit in full swing: seven weeks behind it, six of them frozen, six to go."""

from __future__ import annotations

import random
from datetime import date, timedelta

from django.db import transaction

from mobilisation import clock
from mobilisation.access import Actor
from mobilisation.calendars import calendar_for
from mobilisation.errors import Conflict
from mobilisation.models import Programme, RoleAssignment
from mobilisation.roles import ROLES
from mobilisation.services import changes
from mobilisation.working_days import WorkingCalendar
from reporting.demo import packages, papers
from reporting.demo.accounts import COUNCIL, EXITING, ICB, INCOMING, Cast, logins
from reporting.demo.papers import moment
from reporting.demo.people import Crowd, Way
from reporting.demo.plan import Plan
from reporting.demo.register import Register
from reporting.demo.staff import Team
from reporting.services import snapshots
from transfers.models import PersonTransfer
from transfers.rules import priority
from transfers.services import assurance, escalating, turning
from transfers.services import people as person_services
from transfers.services.people import needs_of
from workstreams.models import Workstream
from workstreams.services.programmes import NewProgramme, Party, Person, create_programme

WEEKS = 6
WATCH = Actor.system("escalation of people")


def build(reference: str, title: str, *, people: int, staff: int, risks: int, plan_items: int, seed: str, operator: Actor, packs: bool = True) -> Programme:
    """Everything as it would have been done, on the day it would have been done."""
    today = clock.today()
    monday = today - timedelta(days=today.weekday())
    d0 = monday - timedelta(days=49)
    e = monday + timedelta(days=42)
    with transaction.atomic():
        with clock.at(moment(d0, 9)):
            programme = create_programme(
                NewProgramme(
                    reference=reference, kind="provider_exit", title=title, exit_type="planned", pace="planned", d0=d0, end=e, staff_transfer=monday + timedelta(days=30), demo=True,
                    objectives="Every person keeps safe care through the move; nobody is missed; staff move with their work where they wish to.",
                    parties=(Party("lead_commissioner", COUNCIL), Party("commissioner", ICB), Party("exiting", EXITING), *(Party("incoming", name) for name in INCOMING)), people=roles(),
                ),
                actor=operator,
            )
            lead_workstreams(programme, operator)
            cast = Cast(programme)
            calendar = calendar_for(programme)
            plan = Plan(programme, cast, random.Random(f"{seed}:plan"), calendar)
            crowd = Crowd(programme, cast, random.Random(f"{seed}:people"))
            team = Team(programme, cast, random.Random(f"{seed}:staff"))
            register = Register(programme, cast, random.Random(f"{seed}:risks"), risks)
            papers.seat_board(programme, cast)
            plan.extend(plan_items, e + timedelta(days=60))
        with clock.at(moment(d0 + timedelta(days=4), 16)):
            crowd.list_all(people, monday, calendar)
            plan.date_transfers()
            team.list_all(staff)
            register.open(d0 + timedelta(days=2))
            _mark_exceptions(crowd, monday, calendar)
        first = d0
        for week in range(WEEKS + 1):
            sunday = d0 + timedelta(days=6 + 7 * week)
            _week(week, first, sunday, crowd, team, plan, register, cast)
            if week:
                with clock.at(moment(sunday + timedelta(days=1), 0)):
                    snapshots.freeze_week(programme, sunday, actor=Actor.system("weekly cycle"))
            first = sunday + timedelta(days=1)
        _today(crowd, plan, cast, first, today)
    snapshot = snapshots.freeze_week(programme, monday - timedelta(days=1), actor=Actor.system("weekly cycle"))[0]
    if packs:
        papers.publish(snapshot, cast)
    return programme


def roles(kinds: tuple[str, ...] = ()) -> tuple[Person, ...]:
    """Every demonstration account in its role, but for those of the whole site."""
    return tuple(Person(login.role, login.email, login.name, login.organisation) for login in logins() if not ROLES[login.role].site_wide and login.role not in kinds)


LEADS = {
    "contract": "Martin Fairweather", "contract-management": "Martin Fairweather", "finance": "Colin Sterling", "workforce": "Marcus Adeleke", "hr-workforce": "Marcus Adeleke", "data-and-systems": "Yan Lindqvist",
    "imt": "Yan Lindqvist", "people": "Ruth Calloway", "operational": "Ruth Calloway", "communications": "Eva Sinclair", "business-continuity": "Darren Stokes", "health-safety-fire": "Darren Stokes",
    "estates": "Nadia Rourke", "procurement": "Anita Bahl", "clinical": "Dr Fiona Askew", "programme-office": "Tom Ashby",
}
"""Who leads which workstream: whoever the organisation has for that work anyway."""


def lead_workstreams(programme: Programme, operator: Actor) -> None:
    """Each workstream has a named lead; the account of the role leads the first."""
    account = next(login for login in logins() if login.role == "WSL")
    held = RoleAssignment.objects.get(programme=programme, role="WSL", user__email=account.email)
    streams = list(Workstream.objects.filter(programme=programme).order_by("order"))
    changes.apply(held, {"workstream_slug": streams[0].slug}, actor=operator)
    changes.bulk_create(
        [RoleAssignment(programme=programme, role="WSL", named=LEADS[s.slug], organisation=held.organisation, workstream_slug=s.slug, starts_on=clock.today()) for s in streams[1:]],
        actor=operator, programme=programme,
    )


def _week(week: int, first: date, sunday: date, crowd: Crowd, team: Team, plan: Plan, register: Register, cast: Cast) -> None:
    with clock.at(moment(sunday, 18)):
        crowd.advance(first, sunday)
        _happen(week, crowd, cast, sunday)
        escalating.watch(crowd.programme, actor=WATCH)
        if week == 0:
            papers.script(crowd.programme, cast)
        plan.advance(sunday)
        team.advance(week, sunday - timedelta(days=2))
        if week:
            register.advance(week, sunday - timedelta(days=3))
            plan.report(sunday, week, ambers=("people", "workforce") if week in (3, 5) else ("finance",) if week == 4 else ())
        if week == WEEKS:
            _asks(crowd.programme, cast, plan, register)
        meeting = papers.hold_meeting(
            crowd.programme, cast, "weekly_mobilisation", sunday - timedelta(days=4),
            minutes={"What could make go-live unsafe?": "Each workstream asked. " + ("Evening double-handed rounds in the coastal zone." if week > 1 else "Nothing beyond the register."), "Actions of the last meeting": "All closed or carried."},
            items=("Waves and numbers",),
        )
        papers.action(crowd.programme, cast, ("Agree who answers a declined offer", "Check the hospital list with the hub", "Send wave letters", "Confirm key hand-over")[week % 4], ("CL", "MT", "CMS", "XP")[week % 4], sunday + timedelta(days=3), done_on=sunday if week < WEEKS else None, meeting=meeting)
        if week in (2, 4):
            papers.decided(
                crowd.programme, cast, "Move wave 3 a week later in the coastal zone" if week == 4 else "Pay Meadowgate weekly in advance until the exit",
                "Seasalter has two carers in induction; moving earlier would leave evenings thin." if week == 4 else "Keeps the provider trading to its last day.", sunday - timedelta(days=4), meeting,
            )
        for role in ("OL", "CL") if week else ():
            late = role == "CL" and week == 4
            assurance.give(crowd.programme, role, not late, "Two letters came back; new addresses are with the team" if late else "", actor=cast[role])


def _asks(programme: Programme, cast: Cast, plan: Plan, register: Register) -> None:
    """What the last frozen week brings before the board, so that its pack has something to decide."""
    plan.trouble()
    register.raise_issues()
    papers.asked(programme, cast, "Agree overtime for two weekends in the coastal zone", papers.in_days(4))
    papers.asked(programme, cast, "Approve a second supervisor for Seasalter until the new year", papers.in_days(10))
    papers.action(programme, cast, "Close the safety checks of last week before Friday", "MT", papers.in_days(1), urgent=True)
    papers.action(programme, cast, "Bring a second offer round for the coastal zone to the task force", "CL", papers.in_days(-2))
    changes.apply(
        programme, {"delivery_confidence": "A", "delivery_confidence_reason": "Two waves have moved safely; coastal evenings and late training need prompt action."}, actor=cast["ML"], why="weekly judgement"
    )


def _mark_exceptions(crowd: Crowd, monday: date, calendar: WorkingCalendar) -> None:
    """Who will not go by the book; chosen by place on the list, so the same for a seed."""
    wave = {name: [way for way in crowd.ways if way.person.wave == name] for name in ("Wave 1", "Wave 2", "Wave 3", "Wave 4")}
    due = {way.person.row_ref: calendar.add(way.t, 1 if priority.suggest(needs_of(way.person)).letter == "A" else 3) for way in crowd.ways}
    unchecked = [way for way in wave["Wave 1"] + wave["Wave 2"] if due[way.person.row_ref] < monday and priority.suggest(needs_of(way.person)).letter != "R"]
    for way in sorted(unchecked, key=lambda way: (due[way.person.row_ref], way.person.row_ref))[-1:]:
        for code in ("C16", "C17", "C18"):
            way.days.pop(code)
    for way in [way for way in wave["Wave 1"][2:] if way not in unchecked[-1:]][:1]:
        for code in ("C15", "C16", "C17", "C18"):
            way.days[code] = calendar.add(max(way.days[code], way.t), 4)
    for way in wave["Wave 3"][:1]:
        way.stop = monday - timedelta(days=3)
    for way in wave["Wave 3"][1:2]:
        way.stop = monday - timedelta(days=6)
    for way in wave["Wave 4"][:3]:
        for code in [code for code in way.days if code >= "C09"]:
            way.days.pop(code)
    for way in wave["Wave 1"][:1] + wave["Wave 2"][:1]:
        way.stop = monday - timedelta(days=31)


def _happen(week: int, crowd: Crowd, cast: Cast, sunday: date) -> None:
    """What befalls single people: two endings, a hold, a stay in hospital."""
    wave = {name: [way for way in crowd.ways if way.person.wave == name] for name in ("Wave 1", "Wave 2", "Wave 3")}
    if week == 2:
        for way, ending in zip(wave["Wave 1"][:1] + wave["Wave 2"][:1], ("died", "moved_away"), strict=False):
            person_services.end(_fresh(way), ending, actor=cast["MT"], on=sunday - timedelta(days=4), why="The family rang the contact centre")
    if week == 3:
        packages.mapped(crowd.programme, cast["CL"], again=True)
    if week == 5:
        for way in wave["Wave 3"][1:2]:
            person_services.hold(_fresh(way), actor=cast["OL"], reason="Family asks for a second meeting with the new provider", review_on=sunday + timedelta(days=12))
    if week == 6:
        for way in wave["Wave 3"][:1]:
            person_services.admit(_fresh(way), actor=cast["MT"], hospital="Queen Mary's, Ward 4", admitted_on=sunday - timedelta(days=2), expected_discharge=sunday + timedelta(days=9))
    for way in crowd.ways:
        if way.person.ending or way.person.on_hold or way.person.in_hospital:
            _fresh(way)


def _fresh(way: Way) -> PersonTransfer:
    programme = way.person.programme
    way.person.refresh_from_db()
    way.person.programme = programme
    return way.person


def _today(crowd: Crowd, plan: Plan, cast: Cast, first: date, today: date) -> None:
    """The week that runs: marks up to today, meetings to come, and two people who edited one row."""
    programme = crowd.programme
    crowd.advance(first, today)
    crowd.offer_ahead(6, today)
    escalating.watch(programme, actor=WATCH)
    plan.advance(today)
    _call_meetings(programme, cast)
    _without_wave(crowd, cast)
    _clash(crowd, cast, today)


def _without_wave(crowd: Crowd, cast: Cast) -> None:
    """A few whose wave was given up, Red and others, so that the priorities suggest one."""
    last = [way for way in crowd.ways if way.person.wave == "Wave 4" and not way.person.ending][3:]
    red = [way for way in last if priority.suggest(needs_of(way.person)).letter == "R"]
    for way in [*red[:2], *[way for way in last if way not in red][:2]]:
        person_services.update_person(_fresh(way), {"wave": ""}, actor=cast["OL"], why="day to be agreed anew")


def _call_meetings(programme: Programme, cast: Cast) -> None:
    papers.hold_meeting(programme, cast, "weekly_mobilisation", papers.in_days(2), items=("Waves and numbers", "Coastal evenings"))
    papers.hold_meeting(programme, cast, "board", papers.in_days(8), items=("Board pack", "Readiness of wave 4"))


def _clash(crowd: Crowd, cast: Cast, today: date) -> None:
    """Two people on one row: what does not clash is merged; what does is refused and noted on the row for the huddle."""
    way = next((way for way in reversed(crowd.ways) if not way.person.ending), None)
    if way is None:
        return
    person = _fresh(way)
    seen, planned = person.version, person.planned_transfer_date or today
    person_services.update_person(person, {"planned_transfer_date": planned + timedelta(days=1)}, actor=cast["OL"], why="agreed with the family", expected_version=seen)
    person_services.update_person(_fresh(way), {"phone": "01632 960777"}, actor=cast["MT"], expected_version=seen)
    try:
        person_services.update_person(_fresh(way), {"planned_transfer_date": planned + timedelta(days=2)}, actor=cast["MT"], expected_version=seen)
    except Conflict as conflict:
        theirs = conflict.fields[0]
        person = _fresh(way)
        person_services.update_person(
            person, {"next_action": f"Agree the transfer day: {theirs.by} set {theirs.theirs}, {cast['MT'].label} wanted {theirs.mine}", "next_action_owner": "Ruth Calloway", "next_action_due": today}, actor=cast["MT"]
        )
    turning.refresh(person)
