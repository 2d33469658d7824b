"""Risks with their scores and actions; opportunities."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, F, Max, Q

from mobilisation.models import Entity, HasMoments, MomentsQuerySet, Organisation, Programme, RoleAssignment, ScopedQuerySet
from mobilisation.roles import ROLES, Can
from risks.choices import CONSEQUENCE, LIKELIHOOD, ActionStatus, OpportunityResponse, Proximity, Response, RiskDomain, RiskScope, RiskStatus
from risks.rules import Band, band_of, score_of

BAND_LIMITS = {Band.LOW: (1, 3), Band.MODERATE: (4, 6), Band.HIGH: (8, 12), Band.EXTREME: (15, 25)}
CLOSED = (RiskStatus.CLOSED, RiskStatus.BECAME_ISSUE)


FULL = [role.code for role in ROLES.values() if Can.RISK_VIEW in role.can and not role.shared_risks_only]
SHARED_ONLY = [role.code for role in ROLES.values() if Can.RISK_VIEW in role.can and role.shared_risks_only]


def full_register(user: Any) -> Any:
    """Programmes whose whole register the user reads, as a sub-query."""
    return RoleAssignment.objects.active().filter(user=user, role__in=FULL).values("programme_id")


def scoped(user: Any, programme: str = "programme", scope: str = "scope") -> Q:
    """Those with a full view of the register see all of it; providers what is shared."""
    shared = RoleAssignment.objects.active().filter(user=user, role__in=SHARED_ONLY).values("programme_id")
    return Q(**{f"{programme}__in": full_register(user)}) | Q(**{f"{programme}__in": shared, scope: RiskScope.SHARED})


class RiskQuerySet(MomentsQuerySet):
    def visible_to(self, user: Any) -> RiskQuerySet:
        return self.filter(scoped(user))

    def open(self) -> RiskQuerySet:
        return self.filter(status=RiskStatus.OPEN)

    def in_band(self, band: Band) -> RiskQuerySet:
        low, high = BAND_LIMITS[band]
        return self.filter(score__gte=low, score__lte=high)

    def with_overdue_actions(self, as_of: date) -> RiskQuerySet:
        """Annotates ``late_actions``, how many, and ``latest_late``, the due day of the last of them."""
        late = Q(actions__status=ActionStatus.OPEN, actions__due__lt=as_of)
        return self.annotate(late_actions=Count("actions", filter=late), latest_late=Max("actions__due", filter=late))


class Risk(Entity, HasMoments):
    """Cause → event → effect, scored before, now and after what is planned. ``score`` is current likelihood × consequence,
    kept beside its factors so that lists sort and count by it."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="risks")
    ref = models.CharField("reference", max_length=12)
    number = models.PositiveIntegerField(editable=False)
    imported_ref = models.CharField("number in the imported register", max_length=20, blank=True)
    cause = models.TextField("cause", blank=True)
    event = models.CharField("what could happen", max_length=300)
    effect = models.TextField("effect", blank=True)
    domain = models.CharField("what would suffer", max_length=15, choices=RiskDomain.choices, default=RiskDomain.QUALITY)
    scope = models.CharField("whose risk", max_length=12, choices=RiskScope.choices, default=RiskScope.COMMISSIONER)
    workstream_slug = models.CharField("workstream", max_length=60, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name="owner with an account")
    owner_name = models.CharField("owner", max_length=150, blank=True)
    other_owner = models.CharField("owner in the other party", max_length=150, blank=True)
    organisation = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    proximity = models.CharField(max_length=12, choices=Proximity.choices, default=Proximity.BEFORE_START)
    initial_likelihood = models.PositiveSmallIntegerField(choices=LIKELIHOOD, validators=[MinValueValidator(1), MaxValueValidator(5)])
    initial_consequence = models.PositiveSmallIntegerField(choices=CONSEQUENCE, validators=[MinValueValidator(1), MaxValueValidator(5)])
    likelihood = models.PositiveSmallIntegerField("current likelihood", choices=LIKELIHOOD, validators=[MinValueValidator(1), MaxValueValidator(5)])
    consequence = models.PositiveSmallIntegerField("current consequence", choices=CONSEQUENCE, validators=[MinValueValidator(1), MaxValueValidator(5)])
    score = models.PositiveSmallIntegerField("current score", editable=False)
    target_likelihood = models.PositiveSmallIntegerField(choices=LIKELIHOOD, null=True, blank=True)
    target_consequence = models.PositiveSmallIntegerField(choices=CONSEQUENCE, null=True, blank=True)
    response = models.CharField(max_length=10, choices=Response.choices, default=Response.TREAT)
    controls = models.TextField("controls in place", blank=True)
    gaps = models.TextField("gaps in control", blank=True)
    reviewed_on = models.DateField("last reviewed", null=True, blank=True)
    review_on = models.DateField("next review", null=True, blank=True)
    status = models.CharField(max_length=12, choices=RiskStatus.choices, default=RiskStatus.OPEN)
    unsafe_go_live = models.BooleanField("could make go-live unsafe", default=False)
    raised_on = models.DateField("raised")
    closed_on = models.DateField("closed", null=True, blank=True)
    close_reason = models.CharField("why closed", max_length=300, blank=True)

    objects = RiskQuerySet.as_manager()

    class Meta:
        ordering = ["-score", "number"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="risk_number_once"),
            models.UniqueConstraint(fields=["programme", "ref"], name="risk_ref_once"),
            models.UniqueConstraint(fields=["programme", "imported_ref"], condition=~Q(imported_ref=""), name="risk_imported_ref_once"),
            models.CheckConstraint(condition=Q(score=F("likelihood") * F("consequence")), name="risk_score_is_product"),
            models.CheckConstraint(
                condition=Q(likelihood__range=(1, 5), consequence__range=(1, 5), initial_likelihood__range=(1, 5), initial_consequence__range=(1, 5)), name="risk_factors_1_to_5"
            ),
            models.CheckConstraint(
                condition=Q(target_likelihood__isnull=True, target_consequence__isnull=True)
                | Q(target_likelihood__range=(1, 5), target_consequence__range=(1, 5)),
                name="risk_target_whole",
            ),
            models.CheckConstraint(condition=Q(target_likelihood__isnull=True) | Q(score__gte=F("target_likelihood") * F("target_consequence")), name="risk_target_not_above_current"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "open"], closed_on__isnull=True) | (Q(status__in=["closed", "became_issue"], closed_on__isnull=False) & ~Q(close_reason="")),
                name="risk_closed_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["programme", "status", "score"], name="risk_register"), models.Index(fields=["programme", "review_on"], name="risk_review")]

    def __str__(self) -> str:
        return f"{self.ref} {self.event}"

    @property
    def owner_label(self) -> str:
        """Who owns it: the account's name, else the name as given; empty when nobody does."""
        return str(self.owner) if self.owner_id else self.owner_name

    @property
    def band(self) -> Band:
        return band_of(self.score)

    @property
    def initial_score(self) -> int:
        return score_of(self.initial_likelihood, self.initial_consequence)

    @property
    def initial_band(self) -> Band:
        return band_of(self.initial_score)

    @property
    def target_score(self) -> int | None:
        return score_of(self.target_likelihood, self.target_consequence) if self.target_likelihood and self.target_consequence else None

    @property
    def target_band(self) -> Band | None:
        return band_of(self.target_score) if self.target_score else None

    @property
    def is_closed(self) -> bool:
        return self.status in CLOSED


class OfRiskQuerySet(ScopedQuerySet):
    programme_path = "risk__programme"

    def visible_to(self, user: Any) -> OfRiskQuerySet:
        return self.filter(scoped(user, "risk__programme", "risk__scope"))


class RiskScore(Entity):
    """One assessment of a risk: what it scored from ``on``. Never changed."""

    risk = models.ForeignKey(Risk, on_delete=models.CASCADE, related_name="scores")
    on = models.DateField()
    likelihood = models.PositiveSmallIntegerField()
    consequence = models.PositiveSmallIntegerField()
    score = models.PositiveSmallIntegerField()
    why = models.CharField(max_length=300, blank=True)

    TRACKED = False
    objects = OfRiskQuerySet.as_manager()

    class Meta:
        ordering = ["on", "id"]
        indexes = [models.Index(fields=["risk", "on"], name="risk_score_on")]

    def __str__(self) -> str:
        return f"{self.score} on {self.on}"

    @property
    def band(self) -> Band:
        return band_of(self.score)

    @property
    def history_programme(self) -> Programme:
        return self.risk.programme


class RiskAction(Entity):
    """Something that lowers a risk."""

    risk = models.ForeignKey(Risk, on_delete=models.CASCADE, related_name="actions")
    text = models.CharField("action", max_length=300)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    owner_name = models.CharField("owner", max_length=150, blank=True)
    due = models.DateField()
    status = models.CharField(max_length=10, choices=ActionStatus.choices, default=ActionStatus.OPEN)
    done_on = models.DateField("done", null=True, blank=True)

    objects = OfRiskQuerySet.as_manager()

    class Meta:
        ordering = ["due", "id"]
        constraints = [models.CheckConstraint(condition=Q(status="done", done_on__isnull=False) | (~Q(status="done") & Q(done_on__isnull=True)), name="risk_action_done_has_day")]

    def __str__(self) -> str:
        return self.text

    @property
    def owner_label(self) -> str:
        return str(self.owner) if self.owner_id else self.owner_name

    @property
    def history_programme(self) -> Programme:
        return self.risk.programme


class ScopedByShare(ScopedQuerySet):
    def visible_to(self, user: Any) -> ScopedByShare:
        return self.filter(scoped(user))


class Opportunity(Entity):
    """A good thing that may happen, with what it would bring."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="opportunities")
    ref = models.CharField("reference", max_length=12)
    number = models.PositiveIntegerField(editable=False)
    title = models.CharField("opportunity", max_length=300)
    benefit = models.TextField()
    scope = models.CharField("whose", max_length=12, choices=RiskScope.choices, default=RiskScope.COMMISSIONER)
    owner_name = models.CharField("owner", max_length=150, blank=True)
    likelihood = models.PositiveSmallIntegerField(choices=LIKELIHOOD, default=3, validators=[MinValueValidator(1), MaxValueValidator(5)])
    size = models.PositiveSmallIntegerField("size of the benefit, 1 to 5", default=3, validators=[MinValueValidator(1), MaxValueValidator(5)])
    response = models.CharField(max_length=10, choices=OpportunityResponse.choices, default=OpportunityResponse.ENHANCE)
    open = models.BooleanField(default=True)
    outcome = models.CharField(max_length=300, blank=True)

    objects = ScopedByShare.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["programme", "number"], name="opportunity_number_once")]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def score(self) -> int:
        return self.likelihood * self.size
