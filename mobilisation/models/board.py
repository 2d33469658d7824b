"""Board, meetings, decisions, actions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from mobilisation.choices import ABOUT_PEOPLE, ActionStatus, BoardKind, DecisionStatus, MeetingKind
from mobilisation.models.accounts import RoleAssignment
from mobilisation.models.base import Entity, ScopedQuerySet
from mobilisation.models.organisations import Organisation
from mobilisation.models.programmes import Programme


class FromMeetings(ScopedQuerySet):
    """What a wash-up, a huddle or a review wrote down about people reaches who sees everybody on the list, and an action also whoever it was given to: no other role reads free text about people (domain 8)."""

    kind_path: ClassVar[str] = "meeting__kind"

    def visible_to(self, user: Any) -> Any:
        team = RoleAssignment.objects.active().filter(user=user).showing_everybody()
        closed = Q(**{f"{self.kind_path}__in": ABOUT_PEOPLE})
        open_to = ~closed | Q(**{f"{self.kind_path}__isnull": True}) | Q(**{f"{self.programme_path}__in": team.values("programme_id")})
        return super().visible_to(user).filter(open_to | Q(owner=user) if self.model is Action else open_to)


class MeetingQuerySet(FromMeetings):
    kind_path = "kind"


class Board(Entity):
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="boards")
    kind = models.CharField(max_length=20, choices=BoardKind.choices, default=BoardKind.MOBILISATION_BOARD)
    terms = models.TextField("terms of reference", blank=True)
    quorum = models.PositiveSmallIntegerField(default=3)
    cadence = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.get_kind_display()


class BoardMember(Entity):
    board = models.ForeignKey(Board, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    named = models.CharField("name", max_length=150, blank=True)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    voting = models.BooleanField(default=True)

    class BoardMemberQuerySet(ScopedQuerySet):
        programme_path = "board__programme"

    objects = BoardMemberQuerySet.as_manager()

    class Meta:
        ordering = ["id"]


class Meeting(Entity):
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="meetings")
    board = models.ForeignKey(Board, null=True, blank=True, on_delete=models.PROTECT, related_name="meetings")
    kind = models.CharField(max_length=20, choices=MeetingKind.choices, default=MeetingKind.BOARD)
    at = models.DateTimeField("when")
    attendees = models.TextField(blank=True)
    notes = models.TextField(blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.get_kind_display()


class AgendaItem(Entity):
    """``standing`` items may not be removed (domain 5.10)."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="agenda")
    title = models.CharField(max_length=200)
    standing = models.BooleanField(default=False)
    notes = models.TextField(blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class AgendaItemQuerySet(FromMeetings):
        programme_path = "meeting__programme"

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        ordering = ["order", "id"]


class Decision(Entity):
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="decisions")
    meeting = models.ForeignKey(Meeting, null=True, blank=True, on_delete=models.PROTECT, related_name="decisions")
    text = models.CharField(max_length=500)
    rationale = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=DecisionStatus.choices, default=DecisionStatus.NEEDED)
    needed_by = models.DateField(null=True, blank=True)
    made_by = models.CharField(max_length=150, blank=True)
    made_on = models.DateField(null=True, blank=True)

    objects = FromMeetings.as_manager()

    class Meta:
        ordering = ["needed_by", "id"]

    def __str__(self) -> str:
        return self.text


class Action(Entity):
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="actions")
    meeting = models.ForeignKey(Meeting, null=True, blank=True, on_delete=models.PROTECT, related_name="actions")
    text = models.CharField(max_length=500)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    owner_name = models.CharField(max_length=150, blank=True)
    due = models.DateField()
    due_time = models.TimeField("time of day", null=True, blank=True)
    urgent = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=ActionStatus.choices, default=ActionStatus.OPEN)
    done_on = models.DateField(null=True, blank=True)

    objects = FromMeetings.as_manager()

    class Meta:
        ordering = ["due", "id"]

    def __str__(self) -> str:
        return self.text

    @property
    def owner_label(self) -> str:
        return str(self.owner) if self.owner_id else self.owner_name
