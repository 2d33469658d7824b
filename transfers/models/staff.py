"""Staff who move with the service: the TUPE process, and practice readiness kept apart from it (domain 5.9, 5.16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from mobilisation.choices import BankHolidayDivision
from mobilisation.clock import today
from mobilisation.models import Entity, Organisation, Programme, RoleAssignment, ScopedQuerySet
from mobilisation.roles import Can, codes_with
from transfers.rules.tupe import ELI_DAYS


class ConsultationRoute(models.TextChoices):
    UNION = "union", "Recognised union"
    EXISTING = "existing", "Existing representatives"
    ELECTED = "elected", "Elected representatives"
    DIRECT = "direct", "Directly with staff"


class CompetenceState(models.TextChoices):
    BOOKED = "booked", "Booked"
    COMPLETED = "completed", "Completed"
    VALIDATED = "validated", "Validated"


SKILLS = (
    ("medication", "Medication", True),
    ("infection_control", "Infection control", False),
    ("safeguarding", "Safeguarding", False),
    ("digital_records", "Digital records", False),
)
"""Essential checks for home care (code, title, high risk): the requirements of a new programme (domain 5.16)."""


class TupeQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> TupeQuerySet:
        """Leads of the programme see all; an employer what its own staff leave or come by (domain 8)."""
        mine = RoleAssignment.objects.active().filter(user=user)
        leads = mine.filter(role__in=[code for code in codes_with(Can.STAFF_VIEW) if code not in {"XP", "IP"}])
        leaving = mine.filter(role="XP", programme=OuterRef("programme"), organisation=OuterRef("transferor"))
        taking_on = mine.filter(role="IP", programme=OuterRef("programme"))
        coming = Exists(taking_on.filter(organisation=OuterRef("transferee"))) | (Q(transferee__isnull=True) & Exists(taking_on))
        return self.filter(Q(programme__in=leads.values("programme_id")) | Exists(leaving) | coming)


class TupeProcess(Entity):
    """One transferor to one transferee. Only dates of ELI are kept, never its contents."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="tupe_processes")
    transferor = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    transferee = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    transfer_date = models.DateField("staff transfer date (X)")
    division = models.CharField("law of", max_length=20, choices=BankHolidayDivision.choices, default=BankHolidayDivision.ENGLAND_AND_WALES)
    special_circumstances = models.BooleanField("emergency: special circumstances", default=False)
    employer_headcount = models.PositiveIntegerField("staff of the exiting employer", default=0)
    headcount = models.PositiveIntegerField("staff assigned", default=0)
    route = models.CharField("consultation route", max_length=10, choices=ConsultationRoute.choices, blank=True)
    asked_on = models.DateField("asked whether TUPE applies", null=True, blank=True)
    route_chosen_on = models.DateField("consultation route chosen", null=True, blank=True)
    measures_received_on = models.DateField("measures letter received", null=True, blank=True)
    information_given_on = models.DateField("written information given", null=True, blank=True)
    eli_received_on = models.DateField("ELI received", null=True, blank=True)
    eli_complete_on = models.DateField("ELI complete", null=True, blank=True)
    consultation_closed_on = models.DateField("consultation completed", null=True, blank=True)
    employment_moved_on = models.DateField("employment moved", null=True, blank=True)

    objects = TupeQuerySet.as_manager()

    class Meta:
        ordering = ["transfer_date", "id"]
        constraints = [models.UniqueConstraint(fields=["programme", "transferor", "transferee"], name="tupe_process_once", nulls_distinct=False)]

    def __str__(self) -> str:
        return f"TUPE {self.transferor} to {self.transferee or 'incoming employers'}"


class StaffQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> StaffQuerySet:
        """Leads of the programme see all; the exiting employer its own; the incoming employer those coming to it,
        from receipt of ELI and not before X less the days of the law (domain 10.8)."""
        mine = RoleAssignment.objects.active().filter(user=user)
        leads = mine.filter(role__in=[code for code in codes_with(Can.STAFF_VIEW) if code not in {"XP", "IP"}])
        exiting = mine.filter(role="XP", programme=OuterRef("programme"), organisation=OuterRef("exiting"))
        incoming = mine.filter(role="IP", programme=OuterRef("programme"), organisation=OuterRef("incoming"))
        law = Q()
        for division, days in ELI_DAYS.items():
            law |= Q(division=division, transfer_date__lte=today() + timedelta(days=days))
        told = TupeProcess.objects.filter(law, programme=OuterRef("programme"), transferor=OuterRef("exiting"), eli_received_on__lte=today()).filter(
            Q(transferee=OuterRef("incoming")) | Q(transferee__isnull=True)
        )
        return self.filter(Q(programme__in=leads.values("programme_id")) | Exists(exiting) | (Exists(incoming) & Exists(told)))

    def transferring(self) -> StaffQuerySet:
        """Who moves: assigned, not objected, and not left before."""
        return self.filter(objected_on__isnull=True, objected_by_file=False, assigned=True).exclude(left_on__isnull=False, left_on__lte=today())


class StaffTransfer(Entity):
    """A member of staff. Employment and practice readiness are two records, not one."""

    PERSONAL = frozenset({"surname", "forename", "staff_ref"})
    GOVERNED = frozenset({"exiting", "incoming", "assigned", "objected_on", "intro_on", "left_on", "shadow_shifts_done"})

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="staff")
    exiting = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="present employer")
    incoming = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="new employer")
    staff_ref = models.CharField("employee number", max_length=30)
    surname = models.CharField(max_length=100)
    forename = models.CharField(max_length=100, blank=True)
    job_role = models.CharField("job role", max_length=100, blank=True)
    hours = models.DecimalField("contracted hours a week", max_digits=5, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(168)])
    started_on = models.DateField("start date", null=True, blank=True)
    percent_assigned = models.DecimalField("% on this contract", max_digits=5, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(100)])
    union_member = models.BooleanField("union member", null=True, blank=True)
    assigned = models.BooleanField("assigned to the service", default=True)
    objected_on = models.DateField("objected to the transfer", null=True, blank=True)
    objected_by_file = models.BooleanField("objection reported by file, date unknown", default=False)
    intro_on = models.DateField("introductory contact", null=True, blank=True)
    left_on = models.DateField("left, or leaves, before the transfer on", null=True, blank=True)
    restriction = models.CharField("may not be rostered to", max_length=200, blank=True)
    buddy = models.CharField(max_length=100, blank=True)
    shadow_shifts_done = models.PositiveSmallIntegerField(default=0)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["surname", "forename", "id"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "exiting", "staff_ref"], name="staff_ref_once", nulls_distinct=False),
            models.CheckConstraint(condition=Q(percent_assigned__isnull=True) | Q(percent_assigned__gte=0, percent_assigned__lte=100), name="staff_percent"),
            models.CheckConstraint(condition=Q(hours__isnull=True) | Q(hours__gte=0, hours__lte=168), name="staff_hours"),
        ]

    def __str__(self) -> str:
        """Names nobody."""
        return f"staff member {self.public_id}"

    @property
    def name(self) -> str:
        return f"{self.surname}, {self.forename}" if self.forename else self.surname


class TrainingRequirement(Entity):
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="training_requirements")
    skill = models.SlugField(max_length=40)
    title = models.CharField(max_length=100)
    mandatory = models.BooleanField(default=True)
    high_risk = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["programme", "skill"], name="training_requirement_once")]

    def __str__(self) -> str:
        return self.title


class CompetenceQuerySet(ScopedQuerySet):
    programme_path = "staff__programme"

    def visible_to(self, user: Any) -> CompetenceQuerySet:
        return self.filter(staff__in=StaffTransfer.objects.visible_to(user))

    def counting(self, as_of: Any) -> CompetenceQuerySet:
        """Validated and in date: twin of ``rules.competence.counts``."""
        return self.filter(Q(expires_on__isnull=True) | Q(expires_on__gte=as_of), state=CompetenceState.VALIDATED)


class CompetenceRecord(Entity):
    """booked → completed → validated; only the last counts, signed off by somebody else."""

    staff = models.ForeignKey(StaffTransfer, on_delete=models.CASCADE, related_name="competence")
    skill = models.SlugField(max_length=40)
    state = models.CharField(max_length=10, choices=CompetenceState.choices, default=CompetenceState.BOOKED)
    completed_on = models.DateField(null=True, blank=True)
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    assessor_name = models.CharField("assessor", max_length=150, blank=True)
    signed_off_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)

    objects = CompetenceQuerySet.as_manager()

    class Meta:
        ordering = ["skill"]
        constraints = [
            models.UniqueConstraint(fields=["staff", "skill"], name="competence_once"),
            models.CheckConstraint(condition=~Q(state="validated") | (Q(signed_off_on__isnull=False) & ~Q(assessor_name="")), name="validated_is_signed_off"),
            models.CheckConstraint(condition=Q(expires_on__isnull=True) | Q(signed_off_on__isnull=True) | Q(expires_on__gte=F("signed_off_on")), name="competence_expires_after"),
        ]

    @property
    def history_programme(self) -> Programme:
        return self.staff.programme

    def __str__(self) -> str:
        return f"{self.skill}: {self.get_state_display()}"
