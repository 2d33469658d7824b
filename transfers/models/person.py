"""A person who moves from one provider to another: one row, as in the tracker (domain 7.4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.apps import apps
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q

from mobilisation.clock import today
from mobilisation.models import Entity, HasMoments, MomentsQuerySet, Organisation, Programme, RoleAssignment
from mobilisation.roles import PeopleScope, codes_seeing
from transfers.choices import AdviceOffer, Ending, Format, Funding, LegalBasis, Medication, PlanStatus, Priority, Response, SharingBasis, Status
from transfers.rules import care_plans
from transfers.rules.sharing import file_route


def still_with_exiting() -> Q:
    """Not yet so long after the hand-over that the exiting provider has no business with the person any more."""
    return Q(exiting_sight_until__isnull=True) | Q(exiting_sight_until__gte=today())


def at_high_risk() -> Q:
    """The twin of ``PersonTransfer.high_risk``."""
    return Q(medication_level__in=care_plans.RISKY_MEDICATION) | Q(peg_or_clinical=True) | Q(double_handed=True) | Q(safeguarding_open=True)


def open_to_incoming() -> Q:
    """Accepted, and what may be shared is decided (domain 10.8)."""
    decided = apps.get_model("transfers.Checkpoint").objects.filter(person=OuterRef("pk"), code="C06", state="done")  # by name: checkpoints stand on this module
    return Q(allocation_response__in=[Response.ACCEPTED, Response.CONDITIONS]) & ~Q(sharing_basis__in=["", SharingBasis.REFUSED]) & Exists(decided)


class PersonQuerySet(MomentsQuerySet):
    def visible_to(self, user: Any, *, team_of: Programme | None = None) -> PersonQuerySet:
        """Domain 8 and 10.8: the team's roles see the people of their programme, the exiting provider its own until
        some days after the hand-over, the incoming provider whom it accepted once a sharing decision is recorded, others only
        when granted with a reason.

        ``team_of``: a programme of which the caller has just read that the user sees everybody (``Actor.sees_all_people``): its people
        then, without asking for the roles again in every statement."""
        if team_of is not None:
            return self.filter(programme=team_of)
        mine = RoleAssignment.objects.active().filter(user=user)
        team = mine.showing_everybody()
        exiting = mine.filter(role__in=codes_seeing(PeopleScope.EXITING), programme=OuterRef("programme"), organisation=OuterRef("exiting_provider"))
        incoming = mine.filter(role__in=codes_seeing(PeopleScope.INCOMING), programme=OuterRef("programme"), organisation=OuterRef("incoming_provider"))
        return self.filter(Q(programme__in=team.values("programme_id")) | (still_with_exiting() & Exists(exiting)) | (open_to_incoming() & Exists(incoming)))

    def offers_visible_to(self, user: Any) -> PersonQuerySet:
        """Offers a user may see: the team all that wait for an answer; an incoming provider its own, until the record itself opens.

        A page of these shows package, zone and needs without a name (domain 8).
        """
        mine = RoleAssignment.objects.active().filter(user=user)
        team = mine.showing_everybody()
        asked = mine.filter(role__in=codes_seeing(PeopleScope.INCOMING), programme=OuterRef("programme"), organisation=OuterRef("incoming_provider"))
        answered = Q(allocation_response__in=[Response.ACCEPTED, Response.CONDITIONS])
        opened = PersonTransfer.objects.visible_to(user).filter(pk=OuterRef("pk"))
        return self.filter(ending="").filter(
            Q(programme__in=team.values("programme_id"), allocation_response=Response.OFFERED) | (Q(allocation_response=Response.OFFERED) | answered) & Exists(asked) & ~Exists(opened)
        )

    def with_progress(self, as_of: date) -> PersonQuerySet:
        """``colour`` B R A N G on ``as_of``: the twin of ``person.moments.at``."""
        return self.with_colour(as_of)

    def going(self) -> PersonQuerySet:
        """Without those who died, withdrew or moved away."""
        return self.filter(ending="")


class PersonTransfer(Entity, HasMoments):
    """Package, needs and contacts stand on the row as people know them from their workbook; history is in ``Change``."""

    PERSONAL = frozenset(
        {
            "case_system_id", "nhs_number", "surname", "forename", "date_of_birth", "address", "postcode", "uprn", "phone", "representative_name", "relationship",
            "representative_address", "representative_phone", "equipment", "notes", "next_action", "case_manager", "visit_times", "file_instruction", "file_choice", "telling_decision", "legal_basis_reason",
        }
    )
    GOVERNED = frozenset({"status", "ending", "ended_on", "on_hold", "priority", "exiting_provider", "incoming_provider", "allocation_response", "planned_transfer_date", "baseline_transfer_date", "actual_transfer_date", "sharing_basis", "plan_status", "plan_validated_on", "orders_shared_on", "old_order_end", "new_order_start", "listed_on", "advice_offered_on", "telling_decided_on", "legal_basis", "hospital_asked_on"})

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="people")
    # Who
    row_ref = models.CharField("row reference", max_length=30, blank=True)
    case_system_id = models.CharField("case-system ID", max_length=30, blank=True)
    nhs_number = models.CharField("NHS number", max_length=10, blank=True)
    surname = models.CharField(max_length=100)
    forename = models.CharField(max_length=100, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    address = models.CharField(max_length=300, blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    uprn = models.CharField("UPRN", max_length=12, blank=True)
    msoa_code = models.CharField("MSOA", max_length=9, blank=True, validators=[RegexValidator(r"^[EW]02\d{6}$", "Enter E02 or W02 and six digits")])
    zone = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    source = models.CharField("source of the listing", max_length=40, blank=True)
    reported_status = models.CharField("status in the council's own list", max_length=60, blank=True)
    # Contacts
    representative_name = models.CharField("representative", max_length=150, blank=True)
    relationship = models.CharField(max_length=60, blank=True)
    representative_address = models.CharField(max_length=300, blank=True)
    representative_phone = models.CharField(max_length=60, blank=True)
    tell_representative_first = models.BooleanField(null=True, blank=True)
    communication_format = models.CharField(max_length=12, choices=Format.choices, blank=True)
    language = models.CharField(max_length=60, blank=True)
    advocate_needed = models.BooleanField(null=True, blank=True)
    # Funding
    funding_type = models.CharField("funding", max_length=16, choices=Funding.choices, blank=True)
    responsible_body = models.CharField(max_length=150, blank=True)
    legal_basis = models.CharField(max_length=6, choices=LegalBasis.choices, blank=True)
    legal_basis_reason = models.CharField("why under Care Act s.19(3)", max_length=300, blank=True)
    known_to_council = models.BooleanField(null=True, blank=True)
    direct_payment = models.BooleanField(null=True, blank=True)
    monies_held = models.BooleanField(null=True, blank=True)
    # Needs
    priority = models.CharField(max_length=1, choices=Priority.choices, blank=True)
    priority_reason = models.CharField(max_length=300, blank=True)
    lives_alone = models.BooleanField(null=True, blank=True)
    dementia = models.BooleanField(null=True, blank=True)
    cognitive_or_ld = models.BooleanField("cognitive impairment or learning disability", null=True, blank=True)
    double_handed = models.BooleanField("double-handed", null=True, blank=True)
    peg_or_clinical = models.BooleanField("PEG or clinical task", null=True, blank=True)
    medication_level = models.CharField("medication support", max_length=12, choices=Medication.choices, blank=True)
    time_critical = models.BooleanField("time-critical", null=True, blank=True)
    insulin_or_controlled = models.BooleanField("insulin or controlled medication", null=True, blank=True)
    end_of_life = models.BooleanField(null=True, blank=True)
    carer_strain = models.BooleanField("carer under strain", null=True, blank=True)
    no_other_help = models.BooleanField("no other help", null=True, blank=True)
    equipment = models.CharField(max_length=200, blank=True)
    safeguarding_open = models.BooleanField(null=True, blank=True)
    key_safe = models.BooleanField("key safe: see provider", null=True, blank=True)
    hospital_asked_on = models.DateField("known not to be in hospital on", null=True, blank=True)
    advice_offer = models.CharField("offer to somebody not known to the council", max_length=10, choices=AdviceOffer.choices, blank=True)
    advice_offered_on = models.DateField(null=True, blank=True)
    telling_decision = models.CharField("decision how the person is told", max_length=300, blank=True)
    telling_decided_on = models.DateField(null=True, blank=True)
    # Package
    exiting_provider = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    weekly_hours = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(168)])
    visits_per_day = models.DecimalField(max_digits=4, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)])
    visit_times = models.CharField(max_length=200, blank=True)
    old_order_ref = models.CharField("old order", max_length=40, blank=True)
    old_order_end = models.DateField(null=True, blank=True)
    new_order_ref = models.CharField("new order", max_length=40, blank=True)
    new_order_start = models.DateField(null=True, blank=True)
    payment_ref = models.CharField("payment reference", max_length=40, blank=True)
    care_item = models.CharField(max_length=40, blank=True)
    budget_code = models.CharField(max_length=40, blank=True)
    orders_shared_on = models.DateField("orders shared with both providers", null=True, blank=True)
    # Move
    wave = models.CharField(max_length=30, blank=True)
    incoming_provider = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    allocation_response = models.CharField(max_length=26, choices=Response.choices, blank=True)
    planned_transfer_date = models.DateField("planned transfer (T)", null=True, blank=True)
    baseline_transfer_date = models.DateField("planned transfer when allocated", null=True, blank=True, editable=False)
    actual_transfer_date = models.DateField("actual transfer", null=True, blank=True)
    same_worker = models.BooleanField("same care worker", null=True, blank=True)
    sharing_basis = models.CharField(max_length=20, choices=SharingBasis.choices, blank=True)
    safe_without_sharing = models.CharField("how care stays safe without sharing", max_length=300, blank=True)
    file_instruction = models.CharField("placing authority's instruction about the file", max_length=300, blank=True)
    file_choice = models.CharField("person's choice about the file", max_length=300, blank=True)
    # Assurance
    plan_status = models.CharField("care plan", max_length=12, choices=PlanStatus.choices, blank=True)
    plan_validated_on = models.DateField(null=True, blank=True)
    # Follow-up
    case_manager = models.CharField(max_length=100, blank=True)
    next_action = models.CharField(max_length=300, blank=True)
    next_action_owner = models.CharField(max_length=100, blank=True)
    next_action_due = models.DateField(null=True, blank=True)
    notes = models.TextField(blank=True)
    # Kept by the services
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.LISTED, editable=False)
    ending = models.CharField(max_length=12, choices=Ending.choices, blank=True, editable=False)
    ended_on = models.DateField(null=True, blank=True, editable=False)
    in_hospital = models.BooleanField(default=False, editable=False)
    on_hold = models.BooleanField(default=False, editable=False)
    listed_on = models.DateField(editable=False)
    touched_on = models.DateField("row last updated", editable=False)
    next_checkpoint = models.CharField(max_length=3, blank=True, editable=False)
    next_due = models.DateField(null=True, blank=True, editable=False)
    overdue_from = models.DateField("first day something is overdue", null=True, blank=True, editable=False)
    safety_due = models.DateField(null=True, blank=True, editable=False)
    exiting_sight_until = models.DateField("last day the exiting provider sees the record", null=True, blank=True, editable=False)
    sight_before_ending = models.DateField("the same, before the ending was recorded", null=True, blank=True, editable=False)
    settled_codes = models.PositiveSmallIntegerField("checkpoints settled", default=0, editable=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ["surname", "forename", "id"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "nhs_number"], condition=~Q(nhs_number=""), name="person_nhs_number_once"),
            models.UniqueConstraint(fields=["programme", "case_system_id"], condition=~Q(case_system_id=""), name="person_case_id_once"),
            models.CheckConstraint(condition=Q(weekly_hours__isnull=True) | Q(weekly_hours__gte=0, weekly_hours__lte=168), name="person_hours"),
            models.CheckConstraint(condition=Q(ending="") | Q(ended_on__isnull=False), name="person_ending_has_date"),
        ]
        indexes = [
            models.Index(fields=["programme", "planned_transfer_date", "id"], name="person_by_transfer"),
            models.Index(fields=["programme", "surname", "forename", "id"], name="person_by_name"),
            models.Index(fields=["programme", "next_due"], name="person_by_due"),
            # All that the counters ask, so that they are counted in the index; it gives the names of the waves as well.
            models.Index(
                fields=["programme", "wave", "ending", "next_due", "overdue_from", "on_hold", "in_hospital", "incoming_provider", "status", "touched_on", "id"], name="person_counted"
            ),
            models.Index(fields=["programme", "case_manager"], name="person_by_manager"),
            models.Index(fields=["programme", "next_action_owner"], name="person_by_owner"),
        ]

    def __str__(self) -> str:
        """Names nobody: stands in history, logs and messages."""
        return f"person {self.public_id}"

    @property
    def name(self) -> str:
        return f"{self.surname}, {self.forename}" if self.forename else self.surname

    @property
    def nhs_shown(self) -> str:
        """3-3-4."""
        number = self.nhs_number
        return f"{number[:3]} {number[3:6]} {number[6:]}" if number else ""

    @property
    def risks(self) -> list[str]:
        """What makes the plan high-risk, in words: it gets a structured check at the start of care (domain 5.7)."""
        return care_plans.risks(medication_level=self.medication_level, peg=self.peg_or_clinical, double_handed=self.double_handed, safeguarding=self.safeguarding_open)

    @property
    def high_risk(self) -> bool:
        return bool(self.risks)

    @property
    def plan_provisional(self) -> bool:
        """A care plan is here that nobody has validated: every page and print about the person says so (domain 5.7)."""
        return self.plan_status not in ("", PlanStatus.VALIDATED)

    @property
    def file_route(self) -> str:
        return file_route(self.funding_type)

    @property
    def stage_word(self) -> str:
        # By the table of words: asked for every row of a list, where ``get_…_display`` builds its table each time.
        if self.ending:
            return _ENDINGS[self.ending]
        if self.in_hospital:
            return "In hospital"
        return "On hold" if self.on_hold else _STATUSES[self.status]


_ENDINGS, _STATUSES = dict(Ending.choices), dict(Status.choices)
