"""My day and the digest, as far as people are concerned; the list at 16:00 of rows nobody has updated (domain 7.5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from mobilisation.choices import ActionStatus, MeetingKind
from mobilisation.day import HORIZON_C, SHOWN, Item, Part, part
from mobilisation.models import Action, Programme, RoleAssignment, User
from mobilisation.roles import MT_CODES
from mobilisation.services import slots
from mobilisation.services.day import own, programmes_of, references
from mobilisation.services.notices import notify
from transfers.choices import Channel, PlanStatus, Response
from transfers.facts.assurance import outstanding
from transfers.facts.groups import GOING, VISITED, WORD_WAITS, groups, outstanding_checks
from transfers.models import Checkpoint, ContactLog, Discrepancy, PersonTransfer, WashUpAction
from transfers.models.person import at_high_risk
from transfers.rules import gates
from transfers.rules.assurance import week_of

LIST_AT = time(16, 0)
"""London time of the list of rows not updated (domain 7.5)."""
WATCH = ("OL", "CL", *sorted(MT_CODES))
ASSURING = ("OL", "CL")
PROVIDERS = ("IP", "XP")
DIGEST = ("past", "ready-missing", "unreached", "safety-overdue", "discrepancy", "unowned", "stated", "overdue", "hospital")
"""Groups of the tracker that the team's digest counts."""
_NOT_C10 = [code for code in gates.needs_of("C14") if code != "C10"]


def parts(user: Any, as_of: date) -> list[Part]:
    """What waits for ``user`` about people; each part within their scope. Fifteen queries where they hold every role."""
    held: dict[str, set[int]] = {}
    for role, programme in RoleAssignment.objects.active().filter(user=user, programme__in=programmes_of(user)).values_list("role", "programme_id"):
        held.setdefault(role, set()).add(programme)
    if not held:
        return []
    people = PersonTransfer.objects.visible_to(user).select_related("programme")

    def at(*roles: str) -> set[int]:
        return set().union(*(held.get(role, set()) for role in roles))

    found = [_washup_actions(user, as_of)]
    if cm := at("CM", "OL"):
        red = people.filter(outstanding_checks(), programme__in=cm, priority="R").order_by("safety_due", "id")
        found.append(_people("Safety checks of people with priority Red", red, "Record the check", "do/safety/", due="safety_due"))
    if leads := {role: programmes for role, programmes in held.items() if role in ASSURING}:
        found.append(_assurance(leads, as_of))
    if at("CO", "CL"):
        found.append(_discrepancies(user, at("CO"), at("CL")))
    if cl := at("CL"):
        found.append(_waivers(user, cl))
    if confirming := {role: programmes for role, programmes in held.items() if role not in PROVIDERS and _marked_by(role)}:
        found.append(_words_of_providers(user, confirming))
    if readers := at("OL", *MT_CODES):
        found.append(_notes(user, readers, as_of))
    if lead := at("OL", "ASM"):
        found.append(_people("Ready to transfer waits for you (C14)", _waiting_for_c14(people, lead, user), "Mark C14", "checkpoints/C14/mark/", due="planned_transfer_date"))
    if ip := at("IP"):
        asked = PersonTransfer.objects.offers_visible_to(user).filter(programme__in=ip, allocation_response=Response.OFFERED).select_related("programme").order_by("planned_transfer_date", "id")
        offers = [Item(one.programme.reference, one.public_id, f"Offer {one.public_id}", reverse("transfers:offer-list", args=[one.programme.ref]), "Open the offers", one.planned_transfer_date) for one in asked[:SHOWN]]
        found.append(Part("Offers that wait for your answer", tuple(offers), asked.count() if len(offers) == SHOWN else len(offers)))
    if ql := at("QL"):
        plans = people.filter(GOING, programme__in=ql, status__in=VISITED, plan_status__in=[PlanStatus.PROVISIONAL, PlanStatus.CHECKING, PlanStatus.DISCREPANCY])
        found.append(_people("Care plans to validate, high risk first", plans.annotate(risk=Count("pk", filter=at_high_risk())).order_by("-risk", "actual_transfer_date", "id"), "Open the plan", ""))
    found += [_mine(user, people, as_of), _calls(user, as_of)]
    return found


def _people(title: str, rows: QuerySet[PersonTransfer], act: str, path: str, due: str = "") -> Part:
    shown = list(rows[:SHOWN])
    items = [
        Item(
            one.programme.reference, one.public_id, f"{one.name}{f' ({one.case_system_id})' if one.case_system_id else ''}",
            f"{reverse('transfers:person-detail', args=[one.programme.ref, one.public_id])}{path}", act, getattr(one, due) if due else None, True,
        )
        for one in shown
    ]
    return Part(title, tuple(items), rows.count() if len(shown) == SHOWN else len(shown))


def _waiting_for_c14(people: Any, programmes: Iterable[int], user: Any) -> Any:
    """Everything before it is settled, and it was somebody else who marked C09 (domain 5.2); nobody in hospital or on hold."""
    settled = Q(checkpoints__state__in=list(gates.SETTLED))
    return (
        people.filter(GOING, programme__in=programmes, in_hospital=False, on_hold=False, planned_transfer_date__isnull=False, incoming_provider__isnull=False)
        .annotate(
            before=Count("checkpoints", filter=settled & Q(checkpoints__code__in=_NOT_C10)), orders=Count("checkpoints", filter=settled & Q(checkpoints__code="C10")),
            ready=Count("checkpoints", filter=settled & Q(checkpoints__code="C14")), own_c09=Count("checkpoints", filter=Q(checkpoints__code="C09", checkpoints__by=user)),
        )
        .filter(Q(orders=1) | Q(programme__pace="emergency"), before=len(_NOT_C10), ready=0, own_c09=0)
        .order_by("planned_transfer_date", "id")
    )


def _assurance(held: dict[str, set[int]], as_of: date) -> Part:
    """The weekly word of the leads on communications and transfers, until it is given; due on the Friday."""
    missing = [(role, key) for role, programmes in held.items() for key in outstanding(programmes, role, as_of)]
    named = Programme.objects.in_bulk({key for _, key in missing}) if missing else {}
    friday = week_of(as_of) - timedelta(days=2)
    items = [Item(named[key].reference, named[key].reference, f"{named[key].title}, as {role}", reverse("transfers:assurance", args=[named[key].ref]), "Look and give it", friday) for role, key in missing]
    return part("Weekly assurance of communications and transfers", items)


def _discrepancies(user: Any, officer: Iterable[int], lead: Iterable[int]) -> Part:
    """What the commissioning officer is called about (domain 5.7), until the call is recorded; the CL's where nobody is the officer."""
    officers = RoleAssignment.objects.active().filter(programme=OuterRef("person__programme"), role="CO", user__is_active=True)
    rows = Discrepancy.objects.visible_to(user).filter(
        Q(person__programme__in=officer) | (Q(person__programme__in=lead) & ~Exists(officers)), person__ending="", closed_on__isnull=True, officer_called_on__isnull=True
    ).select_related("person__programme").order_by("found_on", "id")
    items = [
        Item(
            row.person.programme.reference, row.person.public_id, f"{row.person.name}: {row.get_kind_display().lower()}",
            reverse("transfers:discrepancy-edit", args=[row.person.programme.ref, row.person.public_id, row.public_id]), "Record the call", row.found_on, True,
        )
        for row in rows
    ]
    return part("Care-plan discrepancies to call about today", items)


def _waivers(user: Any, programmes: Iterable[int]) -> Part:
    """As ``checkpoints.waiver_asked``."""
    rows = Checkpoint.objects.visible_to(user).filter(person__programme__in=programmes, person__ending="", state="in_progress").exclude(risk_assessment="").select_related("person__programme").order_by("marked_at", "id")
    items = [
        Item(
            mark.person.programme.reference, mark.person.public_id, f"{mark.code} of {mark.person.name}, asked by {mark.by_label}",
            reverse("transfers:checkpoint", args=[mark.person.programme.ref, mark.person.public_id, mark.code, "waive"]), "Agree or not", None, True,
        )
        for mark in rows
    ]
    return part("Waivers that wait for you", items)


def _marked_by(role: str) -> list[str]:
    return [code for code in gates.CODES if gates.may_mark(code, frozenset({role}))]


def _words_of_providers(user: Any, held: dict[str, set[int]]) -> Part:
    """What a provider stated, for each who may mark that step."""
    may = Q()
    for role, programmes in held.items():
        may |= Q(person__programme__in=programmes, code__in=_marked_by(role))
    rows = Checkpoint.objects.visible_to(user).filter(may, WORD_WAITS, person__ending="").select_related("person__programme").order_by("marked_at", "id")
    items = [
        Item(
            mark.person.programme.reference, mark.person.public_id, f"{mark.code} {gates.BY_CODE[mark.code].short} of {mark.person.name}, stated by {mark.by_label}",
            reverse("transfers:checkpoint", args=[mark.person.programme.ref, mark.person.public_id, mark.code, "mark"]), f"Confirm {mark.code}", None, True,
        )
        for mark in rows[:SHOWN]
    ]
    return part("A provider's word waits for you", items, rows.count() if len(items) == SHOWN else None)


def _notes(user: Any, programmes: Iterable[int], as_of: date) -> Part:
    """Of providers' contacts, until somebody of the team has dealt with them."""
    rows = ContactLog.objects.visible_to(user).filter(
        channel=Channel.LINK, follow_up_due__lte=as_of, followed_up_on__isnull=True, person__ending="", person__programme__in=programmes
    ).select_related("person__programme").order_by("at", "id")
    items = [
        Item(
            row.person.programme.reference, row.person.public_id, f"{row.person.name}: {row.text}", reverse("transfers:call-follow", args=[row.person.programme.ref, row.person.public_id, row.public_id]), "Seen to",
            row.follow_up_due, True,
        )
        for row in rows[:SHOWN]
    ]
    return part("Notes sent by update link", items, rows.count() if len(items) == SHOWN else None)


def _mine(user: Any, people: Any, as_of: date) -> Part:
    """Whose case manager, or owner of the next action, one is, with something due or overdue."""
    name = str(user)
    rows = people.filter(
        Q(case_manager__iexact=name) | Q(next_action_owner__iexact=name), GOING, Q(overdue_from__lte=as_of) | Q(next_due__lte=as_of) | Q(next_action_due__lte=as_of), programme__in=programmes_of(user)
    ).order_by("next_due", "id")
    shown = list(rows[:SHOWN])
    items = []
    for one in shown:
        task = one.next_action if one.next_action and (one.next_action_owner or "").lower() == name.lower() else ""
        step = gates.BY_CODE.get(one.next_checkpoint)
        words = "; ".join(part for part in (f"{step.code} {step.short}" if step else "", task) if part)
        items.append(Item(one.programme.reference, one.public_id, f"{one.name}: {words}", reverse("transfers:person-detail", args=[one.programme.ref, one.public_id]), "Open", min((day for day in (one.next_due, one.next_action_due if task else None) if day), default=None), True))
    return Part("People you look after", tuple(items), rows.count() if len(shown) == SHOWN else len(shown))


def _washup_actions(user: Any, as_of: date) -> Part:
    """In words to who sees people; to anybody else as the board's papers say it."""
    rows = list(
        Action.objects.visible_to(user).filter(own(user), programme__in=programmes_of(user), status=ActionStatus.OPEN, meeting__kind=MeetingKind.WASHUP, due__lte=as_of + timedelta(days=HORIZON_C))
        .select_related("programme").order_by("due", "due_time", "id")
    )
    words = {one.action_id: one.words for one in WashUpAction.objects.visible_to(user).filter(action__in=[row.pk for row in rows])}
    items = [
        Item(
            row.programme.reference, f"action {row.public_id}", words.get(row.pk, row.text) + (f" (by {row.due_time:%H:%M})" if row.due_time else ""),
            reverse("transfers:washup", args=[row.programme.ref]) + "#asked" if row.pk in words else reverse("mobilisation:action-list", args=[row.programme.ref]), "Open", row.due,
        )
        for row in rows
    ]
    return part("Asked of you at a wash-up", items)


def _calls(user: Any, as_of: date) -> Part:
    rows = ContactLog.objects.visible_to(user).filter(created_by=user, follow_up_due__lte=as_of, followed_up_on__isnull=True, person__ending="", person__programme__in=programmes_of(user)).select_related("person__programme").order_by("follow_up_due", "id")
    items = [
        Item(
            row.person.programme.reference, row.person.public_id, f"{row.person.name}: {row.get_topic_display().lower()}",
            f"{reverse('transfers:person-detail', args=[row.person.programme.ref, row.person.public_id])}calls/{row.public_id}/", "Followed up", row.follow_up_due, True,
        )
        for row in rows
    ]
    return part("Calls to follow up", items)


def digest(user: Any, as_of: date) -> list[str]:
    """For the team: how many of each, and their references; the groups are those of the tracker and the wash-up."""
    lines = []
    for programme in Programme.objects.filter(pk__in=programmes_of(user, *WATCH)).order_by("reference"):
        people = PersonTransfer.objects.visible_to(user).filter(programme=programme)
        for key in DIGEST:
            group = groups(as_of)[key]
            rows = people.filter(group.condition).order_by("public_id")
            if total := rows.count():
                lines.append(f"{programme.reference}, {group.label.lower()}: {total} ({references(list(rows.values_list('public_id', flat=True)[:SHOWN]), total)})")
    return lines


def tick(moment: datetime) -> None:
    """Each day once, from 16:00 London on: the rows of people that nobody has updated that day."""
    local = timezone.localtime(moment)
    if local.time() < LIST_AT:
        return
    slot = slots.take("not-updated", local.date().isoformat())
    if slot is None:
        return
    waiting = PersonTransfer.objects.filter(groups(local.date())["not-updated"].condition)
    told: list[int] = []
    failed = slots.each(Programme.objects.open().filter(pk__in=waiting.values("programme_id")), lambda programme: told.append(_tell_not_updated(programme, local.date())), "rows not updated")
    slots.done(slot, slots.words(f"{sum(told)} told", failed))


def _tell_not_updated(programme: Programme, day: date) -> int:
    """Ids and counts to the lead operational manager and the team; by e-mail now to who wants e-mail."""
    rows = PersonTransfer.objects.filter(groups(day)["not-updated"].condition, programme=programme).order_by("touched_on", "public_id")
    if not (total := rows.count()):
        return 0
    roles = RoleAssignment.objects.active().filter(programme=programme, role__in=WATCH, user__isnull=False)
    users = User.objects.filter(pk__in=roles.values("user_id"), is_active=True)
    url = reverse("transfers:person-list", args=[programme.ref]) + "?show=not-updated"
    lines = [references(list(rows.values_list("public_id", flat=True)[:SHOWN]), total)]
    return notify(users, programme, "not_updated", f"{programme.reference}: {total} row{'' if total == 1 else 's'} not updated today", lines, url, at_once=True, unique_key=f"not-updated:{programme.pk}:{day}")
