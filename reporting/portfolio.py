"""Many programmes at once: frozen colours and live counts by grouped queries, as many for three as for three hundred.

The colour of a programme here is that of its last frozen week, named with that week; one older than a week reads
"not reported", never last week's green. It is never better than what the live counts alone make Red, nor than a Red that
somebody stated: a programme that turned Red since stands here as Red, with what did it. Counts are of now, from the same moments as list and dashboard.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q, Value, Window
from django.db.models.functions import RowNumber

from mobilisation.models import Programme, RoleAssignment, User
from mobilisation.moments import Colour
from mobilisation.roles import PEOPLE_GRANTABLE, ROLES, Can, PeopleScope
from reporting.choices import DocumentKind, PackStatus, SnapshotKind
from reporting.models import BoardPack, RagOverride, WeeklySnapshot
from reporting.position.stated import beside
from reporting.rules import colours, small_numbers
from reporting.rules.weeks import last_ended_on
from risks.models import Risk
from transfers.facts.groups import HAS_MOVED, groups
from transfers.models import PersonTransfer
from workstreams.facts.readiness import missed
from workstreams.models import PlanStep

FRESH = timedelta(days=8)
"""A frozen week is news until the next Sunday has passed and a day."""
STATED_RED = "stated Red."
"""Of a programme that is Red only as somebody stated it."""


@dataclass(frozen=True)
class Card:
    """One programme of the portfolio. ``colour`` is N with ``reported`` false where no fresh week is frozen; ``since`` says
    what has made it Red since ``frozen``. ``published`` names the last pack of the edition this reader has."""

    programme: Programme
    colour: str
    frozen: str
    since: str
    reported: bool
    week_ending: date | None
    trend: str
    history: tuple[tuple[date, str], ...]
    people: int | str
    transferred: int | str
    people_red: int | str
    steps: int
    steps_done: int
    steps_red: int
    extreme: int
    high: int
    published: str

    @property
    def days_to(self) -> int | None:
        day = self.programme.target[1]
        return None if day is None or self._as_of is None else (day - self._as_of).days

    _as_of: date | None = None


def positions_summary(programmes: Iterable[Programme], as_of: date, *, editions: dict[int, str] | None = None, limit: int = small_numbers.LIMIT) -> list[Card]:
    """Cards of ``programmes`` in their order; as many queries for one as for three hundred (six). ``editions``: {programme id: edition}, board where not named."""
    rows = list(programmes)
    ids = Programme.objects.filter(pk__in=[p.pk for p in rows]).values("pk") if len(rows) < 500 else Programme.objects.values("pk")
    weeks, stated = _weeks_and_stated(ids, as_of)
    named = groups(as_of)
    people = _grouped(
        PersonTransfer.objects.filter(programme__in=ids, ending="").with_colour(as_of), total=Count("pk"),
        transferred=Count("pk", filter=HAS_MOVED), red=Count("pk", filter=Q(colour="R")), ready=Count("pk", filter=named["ready"].condition),
        planned=Count("pk", filter=Q(baseline_transfer_date__lte=as_of)), past=Count("pk", filter=named["past"].condition),
        red_checks=Count("pk", filter=named["safety-overdue"].condition & Q(priority="R")),
    )
    steps = _grouped(
        PlanStep.objects.filter(programme__in=ids).exclude(status="not_applicable").with_colour(as_of), total=Count("pk"),
        done=Count("pk", filter=Q(status="done")), red=Count("pk", filter=Q(colour="R")), critical=Count("pk", filter=Q(colour="R", critical=True)),
    )
    risks = _grouped(
        Risk.objects.filter(programme__in=ids, status="open").with_colour(as_of), extreme=Count("pk", filter=Q(score__gte=15)),
        high=Count("pk", filter=Q(score__gte=8, score__lt=15)), bad=Count("pk", filter=Q(score__gte=15, colour="R")),
    )
    will_miss = missed(rows, as_of)
    since = {p.pk: _red_by(_known_red(p, people.get(p.pk, {}), steps.get(p.pk, {}), risks.get(p.pk, {}), will_miss[p.pk]), stated.get(p.pk, {})) for p in rows}
    published = _published(ids)
    editions = editions or {}
    return [
        _card(
            p, as_of, weeks.get(p.pk, []), people.get(p.pk, {}), steps.get(p.pk, {}), risks.get(p.pk, {}), published.get((p.pk, editions.get(p.pk, "board")), ""),
            editions.get(p.pk, "board"), limit, since.get(p.pk, ""),
        )
        for p in rows
    ]


def _weeks_and_stated(ids: Any, as_of: date) -> tuple[dict[int, list[tuple[date, str]]], dict[int, dict[str, RagOverride]]]:
    """{programme id: its last six frozen weeks with their colours, oldest first} and {programme id: {subject: what stands stated
    for it, with its two colours}}; one query."""
    weeks: dict[int, list[tuple[date, str]]] = {}
    stated: dict[int, dict[str, RagOverride]] = {}
    columns = ("programme_id", "day", "shown", "about", "under", "back")
    recent = WeeklySnapshot.objects.filter(programme__in=ids, kind=SnapshotKind.WEEKLY, week_ending__lte=as_of).annotate(
        day=F("week_ending"), shown=F("overall"), about=Value(""), under=Value(""), back=Window(RowNumber(), partition_by=F("programme_id"), order_by=F("week_ending").desc()),
    ).filter(back__lte=6).order_by().values_list(*columns)
    standing = RagOverride.objects.filter(programme__in=ids, ended_at__isnull=True, agreement_of="").order_by().annotate(
        day=F("stated_on"), shown=F("stated"), about=F("subject"), under=F("computed"), back=Value(0),
    ).values_list(*columns)
    for pk, day, shown, about, under, _ in recent.union(standing, all=True).order_by("day"):
        if about:
            stated.setdefault(pk, {})[about] = RagOverride(programme_id=pk, subject=about, stated=shown, computed=under)
        else:
            weeks.setdefault(pk, []).append((day, shown))
    return weeks, stated


def _known_red(programme: Programme, people: dict[str, int], steps: dict[str, int], risks: dict[str, int], will_miss: int) -> dict[str, Colour]:
    """Dimensions as far as the counts tell: People and Readiness by their own rule; Plan and Risk where one fact alone makes them Red."""
    total = people.get("total", 0)
    judged = colours.people(
        total=total, past_t=people.get("past", 0), red_checks_overdue=people.get("red_checks", 0), ready_pct=100 * people["ready"] / total if total else None,
        planned_pct=100 * people["planned"] / total if total else None, red=people.get("red", 0), amber_points=programme.threshold("ready_amber_points"),
        red_points=programme.threshold("ready_red_points"),
    )
    found = {"people": judged.colour}
    return found | {code: Colour.RED for code, count in (("plan", steps.get("critical", 0)), ("risk", risks.get("bad", 0)), ("readiness", will_miss)) if count}


def _red_by(computed: dict[str, Colour], stated: dict[str, RagOverride]) -> str:
    """What makes the programme Red now, as its dashboard says it; empty where neither these counts nor what is stated do, or somebody stated otherwise."""
    shown = {code: Colour(beside(colour, (), stated.get(code)).shown) for code, colour in computed.items()}
    # Red stands over every other colour, so it counts also where these counts do not tell the computed one.
    found = colours.programme(shown | {code: Colour.RED for code, row in stated.items() if row.stated == "R"})
    if beside(found.colour, (), stated.get("programme")).shown != "R":
        return ""
    return found.reasons[0] if found.colour is Colour.RED else STATED_RED


def _published(ids: Any) -> dict[tuple[int, str], str]:
    """{(programme id, edition): the figures of its newest published pack, in words}."""
    newest = BoardPack.objects.filter(programme__in=ids, document=DocumentKind.PACK, status=PackStatus.PUBLISHED).annotate(
        back=Window(RowNumber(), partition_by=[F("programme_id"), F("edition")], order_by=F("published_at").desc())
    ).filter(back=1).order_by()
    rows = newest.values_list("programme_id", "edition", "snapshot__kind", "snapshot__week_ending", "snapshot__taken_at")
    return {(pk, edition): WeeklySnapshot(kind=kind, week_ending=week, taken_at=taken).words for pk, edition, kind, week, taken in rows}


def _grouped(queryset: Any, **counts: Any) -> dict[int, dict[str, int]]:
    return {row.pop("programme_id"): row for row in queryset.order_by().values("programme_id").annotate(**counts)}


def _card(
    programme: Programme, as_of: date, weeks: list[tuple[date, str]], people: dict[str, int], steps: dict[str, int], risks: dict[str, int], published: str, edition: str, limit: int,
    since: str,
) -> Card:
    fresh = bool(weeks) and weeks[-1][0] + FRESH >= as_of
    frozen = weeks[-1][1] if fresh else "N"
    if frozen == "R":
        since = ""
    colour = "R" if since else frozen
    before = weeks[-1][1] if since and fresh else weeks[-2][1] if fresh and len(weeks) > 1 else None

    def shown(value: int) -> int | str:
        return value if edition == "board" else small_numbers.hide(value, limit=limit)

    going, moved = people.get("total", 0), people.get("transferred", 0)

    def of_all(part: int) -> int | str:
        """Beside the total: neither the part nor what is left of the total tells of few people."""
        return part if edition == "board" else small_numbers.nested(part, going, limit=limit, shown_total=shown(going))

    return Card(
        programme, colour, frozen, since, fresh, weeks[-1][0] if weeks else None, colours.trend(colour, before), _six(weeks, as_of),
        shown(going), of_all(moved), of_all(people.get("red", 0)), steps.get("total", 0), steps.get("done", 0), steps.get("red", 0),
        risks.get("extreme", 0), risks.get("high", 0), published, as_of,
    )


def _six(weeks: list[tuple[date, str]], as_of: date) -> tuple[tuple[date, str], ...]:
    """The last six weeks that have ended; a week that was not frozen stays empty."""
    known, last = dict(weeks), last_ended_on(as_of)
    return tuple((day, known.get(day, "")) for day in (last - timedelta(weeks=back) for back in range(5, -1, -1)))


def editions_of(user: User | Any) -> tuple[dict[int, str], bool, bool]:
    """{programme id: widest edition} of the user's roles, whether one of them creates programmes, and whether they show everybody on the lists of all of them; one query."""
    order = {"board": 2, "provider": 1, "commissioner": 0}
    found: dict[int, str] = {}
    creates = False
    whole: dict[int | None, bool] = {}
    for pk, code, granted in RoleAssignment.objects.active().filter(user=user).values_list("programme_id", "role", "people_granted"):
        role = ROLES.get(code)
        whole[pk] = whole.get(pk, False) or (role is not None and role.people is PeopleScope.ALL) or (granted and code in PEOPLE_GRANTABLE)
        creates = creates or (role is not None and Can.PROGRAMME_CREATE in role.can)
        if role is None or pk is None or Can.DASHBOARD not in role.can:
            continue
        if order[role.edition] >= order.get(found.get(pk, ""), -1):
            found[pk] = role.edition
    return found, creates, all(whole.values())
