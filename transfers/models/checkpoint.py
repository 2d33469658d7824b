"""What happened on a person's way: marks, stays, holds, decisions, checks. Rows are sparse (domain 10.2)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from mobilisation.models import Entity, Organisation, Programme, ScopedQuerySet
from transfers.choices import CheckpointState, HoldScope, Response, SafetyOutcome, SharingBasis
from transfers.models.person import PersonTransfer
from transfers.rules import safety
from transfers.rules.gates import CHECKPOINTS
from transfers.rules.names import wave_name


class OfPersonQuerySet(ScopedQuerySet):
    programme_path = "person__programme"

    def visible_to(self, user: Any) -> Any:
        return self.filter(person__in=PersonTransfer.objects.visible_to(user))


class OfPerson(Entity):
    person = models.ForeignKey(PersonTransfer, on_delete=models.PROTECT, related_name="%(class)ss")

    objects = OfPersonQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def history_programme(self) -> Programme:
        return self.person.programme


class Checkpoint(OfPerson):
    """A row exists once something was marked, waived, paused or noted. ``due``: the day it was due by when it was settled, which stays
    when T or the pace moves; what is open is due as worked out now (domain 5.2)."""

    NAMED_IN_HISTORY = True
    QUIET_IN_HISTORY = frozenset({"person", "code", "by", "by_label", "marked_at", "state_before_pause", "from_file", "due"})
    GOVERNED = frozenset({"code", "state", "done_on", "due", "marked_at", "from_file"})

    code = models.CharField(max_length=3, choices=[(c.code, c.title) for c in CHECKPOINTS])
    state = models.CharField(max_length=14, choices=CheckpointState.choices, default=CheckpointState.NOT_STARTED)
    done_on = models.DateField(null=True, blank=True)
    due = models.DateField("due when it was settled", null=True, blank=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    by_label = models.CharField(max_length=150, blank=True)
    marked_at = models.DateTimeField(null=True, blank=True)
    from_file = models.BooleanField("reported by file", default=False)
    note = models.CharField(max_length=500, blank=True)
    risk_assessment = models.CharField(max_length=500, blank=True)
    state_before_pause = models.CharField(max_length=14, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["person", "code"], name="checkpoint_once"),
            models.CheckConstraint(condition=~Q(state="done") | Q(done_on__isnull=False), name="done_has_date"),
            models.CheckConstraint(condition=~Q(state="waived") | (~Q(note="") & ~Q(risk_assessment="")), name="waived_has_reason"),
            models.CheckConstraint(condition=~Q(state="waived") | ~Q(code__in=["C06", "C14", "C15", "C16"]), name="never_waived"),
        ]

    def __str__(self) -> str:
        return f"{self.code} of person {self.person.public_id}"


class HospitalEpisode(OfPerson):
    """``admitted_on`` may be unknown when a file says only "yes" (domain 10.4)."""

    GOVERNED = frozenset({"admitted_on", "expected_discharge", "discharged_on", "open", "restart"})

    hospital = models.CharField(max_length=150, blank=True)
    admitted_on = models.DateField(null=True, blank=True)
    expected_discharge = models.DateField(null=True, blank=True)
    discharged_on = models.DateField(null=True, blank=True)
    open = models.BooleanField(default=True, editable=False)
    restart = models.CharField(max_length=14, blank=True, choices=[("same_package", "Same package"), ("changed", "Changed package"), ("none", "No restart")])
    slot_renewed_on = models.DateField("slot renewed", null=True, blank=True)
    # What has been told of already, so that it is told once.
    discharge_told_for = models.DateField(null=True, blank=True, editable=False)
    slot_told_for = models.DateField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(open=True), name="one_open_stay"),
            models.CheckConstraint(condition=Q(discharged_on__isnull=True) | Q(admitted_on__isnull=True) | Q(discharged_on__gte=F("admitted_on")), name="discharge_after_admission"),
            models.CheckConstraint(condition=Q(open=True) | Q(discharged_on__isnull=False), name="closed_stay_has_discharge"),
        ]

    def __str__(self) -> str:
        return f"hospital stay of person {self.person.public_id}"


class Hold(Entity):
    """Stops C14 and C15 of a person, a provider's people or a wave until lifted."""

    GOVERNED = frozenset({"scope", "provider", "from_date", "review_on", "lifted_on"})

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="holds")
    scope = models.CharField(max_length=10, choices=HoldScope.choices, default=HoldScope.PERSON)
    person = models.ForeignKey(PersonTransfer, null=True, blank=True, on_delete=models.PROTECT, related_name="holds")
    provider = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    wave = models.CharField(max_length=30, blank=True)
    reason = models.CharField(max_length=300)
    from_date = models.DateField()
    review_on = models.DateField(null=True, blank=True)
    lifted_on = models.DateField(null=True, blank=True)
    lifted_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(scope="person", person__isnull=False) | Q(scope="provider", provider__isnull=False) | (Q(scope="wave") & ~Q(wave=""))), name="hold_has_scope"
            )
        ]

    def __str__(self) -> str:
        return f"hold on {self.get_scope_display().lower()}"

    @property
    def reach(self) -> Q:
        """The people it stops, as a condition on them."""
        if self.scope == HoldScope.PERSON:
            return Q(pk=self.person_id)
        return Q(wave=self.wave) if self.scope == HoldScope.WAVE else Q(incoming_provider=self.provider_id) | Q(exiting_provider=self.provider_id)

    @property
    def whom(self) -> str:
        """Whom it stops, without naming a person: "Wave 2", a provider, "this person"."""
        return wave_name(self.wave) if self.scope == HoldScope.WAVE else str(self.provider) if self.scope == HoldScope.PROVIDER else "this person"


class SharingDecision(OfPerson):
    GOVERNED = frozenset({"basis", "explained_on"})
    what = models.CharField(max_length=200, default="Care and support plan, needs and contacts")
    basis = models.CharField(max_length=20, choices=SharingBasis.choices)
    explained_on = models.DateField()
    why_not_agreed = models.CharField("why agreement was not possible", max_length=300, blank=True)
    safe_without = models.CharField("how care stays safe", max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"sharing decision of person {self.person.public_id}"


class Allocation(OfPerson):
    """An offer to one provider and its answer; the latest stands on the person."""

    PERSONAL = frozenset({"preference"})
    QUIET_IN_HISTORY = frozenset({"batch", "stood_before"})  # batch: of acts from before offers made together were changes to many
    GOVERNED = frozenset({"provider", "proposed_on", "response", "responded_on", "current"})

    provider = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    wave = models.CharField(max_length=30, blank=True)
    proposed_on = models.DateField()
    response = models.CharField(max_length=26, choices=Response.choices, default=Response.OFFERED)
    responded_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    preference = models.CharField("what the person wants", max_length=300, blank=True)
    current = models.BooleanField(default=True)
    stood_before = models.JSONField(default=dict, blank=True, help_text="Of an offer made alone: what it replaced. A batch keeps the same with its line.")

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["person"], condition=Q(current=True), name="one_current_allocation")]

    def __str__(self) -> str:
        return f"allocation of person {self.person.public_id}"

    @property
    def condition(self) -> str:
        """What the provider made its acceptance depend on; "" where it made it depend on nothing."""
        return self.reason if self.response == Response.CONDITIONS else ""


class SafetyCheck(OfPerson):
    """``number`` 1 completes C16 when the outcome does; 2 is the second check of a Red person."""

    GOVERNED = frozenset({"number", "due", "done_on", "method", "outcome"})
    WORDS_IN_HISTORY: ClassVar[dict[str, dict[str, str]]] = {"answers": dict(safety.QUESTIONS) | safety.ANSWERS}

    number = models.PositiveSmallIntegerField(default=1)
    due = models.DateField(null=True, blank=True)
    done_on = models.DateField()
    by_label = models.CharField(max_length=150, blank=True)
    method = models.CharField(max_length=10, choices=[("phone", "Phone"), ("visit", "Visit"), ("video", "Video")], default="phone")
    answers = models.JSONField(default=dict, blank=True)
    outcome = models.CharField(max_length=24, choices=SafetyOutcome.choices)
    confirmed_by = models.CharField(max_length=150, blank=True)
    follow_up = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=~Q(outcome="confirmed_by_other_body") | ~Q(confirmed_by=""), name="confirmed_names_body")]

    def __str__(self) -> str:
        return f"safety check of person {self.person.public_id}"

    @property
    def in_words(self) -> str:
        """What was answered with “no”."""
        return safety.in_words(self.answers) if isinstance(self.answers, dict) else ""


class Discrepancy(OfPerson):
    """Found at the start-of-care check; call and plan update the same day (domain 5.7)."""

    PERSONAL = frozenset({"detail"})
    QUIET_IN_HISTORY = frozenset({"person"})
    GOVERNED = frozenset({"found_on", "officer_called_on", "plan_updated_on", "closed_on"})

    kind = models.CharField(
        max_length=16,
        choices=[("medication", "Medication"), ("moving_handling", "Moving and handling"), ("allergy", "Allergy"), ("equipment", "Equipment"), ("visit_times", "Visit times"), ("contact", "Contact"), ("other", "Other")],
    )
    found_on = models.DateField()
    detail = models.CharField(max_length=300, blank=True)
    officer_called_on = models.DateField(null=True, blank=True)
    plan_updated_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "discrepancies"

    def __str__(self) -> str:
        return f"discrepancy of person {self.person.public_id}"
