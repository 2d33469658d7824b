"""What has happened: issues, escalations, safeguarding concerns and incidents. No person is named here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from mobilisation.components import short_date
from mobilisation.models import Entity, Organisation, Programme, ScopedQuerySet
from risks.choices import ConcernStatus, EscalationLevel, IssueStatus, RiskScope
from risks.models.register import CLOSED, Risk, ScopedByShare, full_register, scoped
from risks.rules import OF_THE_PROGRAMME


class IssueQuerySet(ScopedByShare):
    def open(self) -> IssueQuerySet:
        return self.filter(status=IssueStatus.OPEN)

    def overdue(self, as_of: date) -> IssueQuerySet:
        return self.open().filter(due__lt=as_of)


class Issue(Entity):
    """Something that has gone wrong and needs an answer. ``source`` says which part of the site raised it."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="issues")
    ref = models.CharField("reference", max_length=12)
    number = models.PositiveIntegerField(editable=False)
    title = models.CharField("issue", max_length=300)
    impact = models.TextField(blank=True)
    scope = models.CharField("whose", max_length=12, choices=RiskScope.choices, default=RiskScope.COMMISSIONER)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    owner_name = models.CharField("owner", max_length=150, blank=True)
    raised_on = models.DateField("raised")
    raised_by_name = models.CharField("raised by", max_length=150, blank=True)
    due = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=IssueStatus.choices, default=IssueStatus.OPEN)
    resolution = models.TextField(blank=True)
    resolved_on = models.DateField("resolved", null=True, blank=True)
    risk = models.ForeignKey(Risk, null=True, blank=True, on_delete=models.SET_NULL, related_name="issues")
    source = models.CharField(max_length=40, blank=True, editable=False)

    objects = IssueQuerySet.as_manager()

    class Meta:
        ordering = ["status", "due", "number"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="issue_number_once"),
            models.CheckConstraint(condition=Q(status="open", resolved_on__isnull=True) | (Q(status="resolved", resolved_on__isnull=False) & ~Q(resolution="")), name="issue_resolved_with_words"),
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def owner_label(self) -> str:
        return str(self.owner) if self.owner_id else self.owner_name


class IssueOwnQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> IssueOwnQuerySet:
        """As the issue it is about."""
        return self.filter(scoped(user, "programme", "issue__scope"))


class EscalationQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> EscalationQuerySet:
        """As the risk or issue it is about; one about neither is for those who see the whole register."""
        return self.filter(
            (Q(risk__isnull=False) & scoped(user, "programme", "risk__scope"))
            | (Q(issue__isnull=False) & scoped(user, "programme", "issue__scope"))
            | (Q(risk__isnull=True, issue__isnull=True) & scoped(user, "programme", "scope"))
        )

    def unacknowledged(self) -> EscalationQuerySet:
        """Waiting for somebody on the rung; what it was about is still open."""
        ended = Q(risk__status__in=CLOSED) | Q(issue__status=IssueStatus.RESOLVED)
        return self.filter(acknowledged_on__isnull=True).exclude(ended)


class Escalation(Entity):
    """A step up the ladder. ``due``: by when it must be acknowledged; ``due_at`` to the minute where the rung counts hours."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="escalations")
    risk = models.ForeignKey(Risk, null=True, blank=True, on_delete=models.CASCADE, related_name="escalations")
    issue = models.ForeignKey(Issue, null=True, blank=True, on_delete=models.CASCADE, related_name="escalations")
    scope = models.CharField(max_length=12, choices=RiskScope.choices, default=RiskScope.COMMISSIONER, editable=False)
    trigger = models.CharField(max_length=30, blank=True)
    from_level = models.PositiveSmallIntegerField("from", choices=EscalationLevel.choices, default=EscalationLevel.WORKSTREAM_LEAD)
    to_level = models.PositiveSmallIntegerField("to", choices=EscalationLevel.choices)
    why = models.CharField(max_length=300)
    on = models.DateField()
    due = models.DateField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    acknowledged_on = models.DateField(null=True, blank=True)
    acknowledged_by_name = models.CharField(max_length=150, blank=True)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]
        constraints = [models.CheckConstraint(condition=Q(to_level__range=(1, 4), from_level__range=(1, 4)), name="escalation_levels")]

    def __str__(self) -> str:
        return f"Escalation to {self.get_to_level_display()}"

    @property
    def due_words(self) -> str:
        """“27 Nov 2026”, with the hour where the rung counts hours; "" for the next meeting."""
        if self.due_at:
            at = timezone.localtime(self.due_at)
            return f"{at.day} {at:%b %Y, %H:%M}"
        return short_date(self.due) if self.due else ""

    def late(self, moment: datetime) -> bool:
        """Nobody acknowledged it in time."""
        return self.acknowledged_on is None and (self.due_at <= moment if self.due_at else bool(self.due and self.due < timezone.localdate(moment)))


class StandingFact(Entity):
    """A fact of the programme that went up the ladder by itself: the register holds the issue and its steps, this row which fact it
    was. ``subject``: key of what it is about. Of each one row is open while it stands, whatever became of its issue."""

    QUIET_IN_HISTORY = frozenset({"programme", "subject", "issue"})

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    trigger = models.CharField("what set it off", max_length=30, choices=[(str(one), one.replace("_", " ").capitalize()) for one in OF_THE_PROGRAMME])
    subject = models.CharField(max_length=40)
    since = models.DateField()
    issue = models.OneToOneField(Issue, on_delete=models.PROTECT, related_name="+")
    settled_on = models.DateField(null=True, blank=True)

    objects = IssueOwnQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["programme", "trigger", "subject"], condition=Q(settled_on__isnull=True), name="one_standing_fact")]

    def __str__(self) -> str:
        return f"{self.get_trigger_display()} ({self.issue.ref})"


class EventQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> EventQuerySet:
        """Those who see the whole register; providers do not read each other's events."""
        return self.filter(programme__in=full_register(user))

    def open(self) -> EventQuerySet:
        return self.filter(status=ConcernStatus.OPEN)


class Event(Entity):
    """What safeguarding concerns and incidents share. Their words tell of people, though they name nobody: history shows them to who sees the people (domain 8)."""

    PERSONAL = frozenset({"category", "what", "referred_to", "outcome", "theme", "learning"})

    raised_on = models.DateField("raised")
    category = models.CharField(max_length=100)
    what = models.TextField("what happened, without naming anybody", blank=True)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    owner_name = models.CharField("owner", max_length=150, blank=True)
    referred_to = models.CharField(max_length=200, blank=True)
    cqc_told_on = models.DateField("CQC told", null=True, blank=True)
    status = models.CharField(max_length=10, choices=ConcernStatus.choices, default=ConcernStatus.OPEN)
    outcome = models.TextField(blank=True)
    closed_on = models.DateField("closed", null=True, blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def owner_label(self) -> str:
        return str(self.owner) if self.owner_id else self.owner_name


class SafeguardingConcern(Event):
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="safeguarding_concerns")

    class Meta:
        ordering = ["-raised_on", "-id"]

    def __str__(self) -> str:
        return f"Safeguarding concern {self.public_id}"


class Incident(Event):
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="incidents")
    issue = models.OneToOneField(Issue, null=True, blank=True, on_delete=models.PROTECT, related_name="incident")
    near_miss = models.BooleanField(default=False)
    theme = models.CharField(max_length=100, blank=True)
    learning = models.TextField(blank=True)

    class Meta:
        ordering = ["-raised_on", "-id"]

    def __str__(self) -> str:
        return f"Incident {self.public_id}"
