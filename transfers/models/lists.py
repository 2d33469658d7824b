"""Lists of other organisations, compared with the tracker: nobody may be on one of them and nowhere here (ux 1.2)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from mobilisation.models import Entity, Programme, RoleAssignment, ScopedQuerySet
from transfers.choices import Finding, Funding, ListSource, Resolution
from transfers.models.person import PersonTransfer


class ListQuerySet(ScopedQuerySet):
    """Whole lists of people: for the roles that see everybody of the programme, never for a provider."""

    def visible_to(self, user: Any) -> Any:
        team = RoleAssignment.objects.active().filter(user=user).showing_everybody()
        return self.filter(**{f"{self.programme_path}__in": team.values("programme_id")})


class ComparedList(Entity):
    """One upload of a list; the newest of each source is the one compared."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="compared_lists")
    source = models.CharField(max_length=8, choices=ListSource.choices)
    received_on = models.DateField()
    count = models.PositiveIntegerField("people on it", default=0)
    matched = models.PositiveIntegerField(default=0)
    compared_at = models.DateTimeField("last compared with the tracker", null=True, blank=True, editable=False)
    current = models.BooleanField(default=True)

    objects = ListQuerySet.as_manager()

    class Meta:
        ordering = ["-received_on", "-id"]
        constraints = [models.UniqueConstraint(fields=["programme", "source"], condition=Q(current=True), name="one_current_list")]

    def __str__(self) -> str:
        return f"{self.get_source_display()} of {self.received_on:%d/%m/%Y}"


class ListRowQuerySet(ListQuerySet):
    programme_path = "list__programme"


class ListRow(Entity):
    """A person as the other list has them. ``key`` stays the same from upload to upload."""

    TRACKED = False
    PERSONAL = frozenset({"reference", "nhs_number", "surname", "forename", "date_of_birth", "postcode", "address", "phone"})

    list = models.ForeignKey(ComparedList, on_delete=models.CASCADE, related_name="rows")
    key = models.CharField(max_length=160)
    number = models.PositiveIntegerField("row in the file")
    reference = models.CharField(max_length=30, blank=True)
    nhs_number = models.CharField("NHS number", max_length=10, blank=True)
    surname = models.CharField(max_length=100)
    forename = models.CharField(max_length=100, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    address = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    funding_type = models.CharField("funding", max_length=15, choices=Funding.choices, blank=True)
    weekly_hours = models.DecimalField("hours a week", max_digits=5, decimal_places=2, null=True, blank=True)
    in_hospital = models.BooleanField(null=True, blank=True)

    objects = ListRowQuerySet.as_manager()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"row {self.number} of a list"


TRACKER = "tracker"
"""Source of a finding within the tracker itself: two of its rows that may be one person; ``other_key`` is the record ID of the second."""


FIELDS = (
    ("nhs_number", "NHS number"), ("surname", "Surname"), ("forename", "Forename"), ("date_of_birth", "Date of birth"), ("postcode", "Postcode"), ("funding_type", "Funding"), ("weekly_hours", "Weekly hours"),
    ("in_hospital", "In hospital"), ("case_system_id", "Case-system ID"), ("ending", "Ending"),
)
"""What a finding may be about, in words."""


class ListFinding(Entity):
    """One difference between a list and the tracker. ``subject`` names it for good, so that what was resolved stays so when the
    next list says the same again; another value is another finding."""

    PERSONAL = frozenset({"ours", "theirs", "who", "row_key", "other_key", "reason"})
    QUIET_IN_HISTORY = frozenset({"programme", "subject", "row_key", "other_key"})

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="list_findings")
    source = models.CharField(max_length=8, choices=[*ListSource.choices, (TRACKER, "The tracker itself")])
    kind = models.CharField(max_length=11, choices=Finding.choices)
    subject = models.CharField(max_length=64)
    person = models.ForeignKey(PersonTransfer, null=True, blank=True, on_delete=models.PROTECT, related_name="list_findings")
    row_key = models.CharField(max_length=160, blank=True)
    other_key = models.CharField(max_length=160, blank=True)
    field = models.CharField("what differs", max_length=30, choices=FIELDS, blank=True)
    who = models.CharField("name on the list", max_length=210, blank=True)
    ours = models.CharField("on the tracker", max_length=300, blank=True)
    theirs = models.CharField("on the list", max_length=300, blank=True)
    by = models.CharField("matched by", max_length=60, blank=True)
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    resolution = models.CharField(max_length=10, choices=Resolution.choices, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    resolved_as = models.CharField("resolved by", max_length=150, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)

    objects = ListQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "id"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "source", "subject"], name="finding_once"),
            models.CheckConstraint(
                condition=Q(resolution="", reason="", resolved_as="", resolved_at__isnull=True) | (~Q(resolution="") & ~Q(reason="") & ~Q(resolved_as="") & Q(resolved_at__isnull=False)), name="resolved_by_somebody_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["programme", "resolution", "kind"], name="finding_of_programme")]

    def __str__(self) -> str:
        """Names nobody: stands in history, logs and messages."""
        what = self.field_title or self.get_kind_display()
        return f"{what} of person {self.person.public_id}" if self.person else f"{what}: difference {self.public_id}"

    @property
    def field_title(self) -> str:
        """The field that differs, in words; empty for findings about whole lines."""
        return str(self.get_field_display()) if self.field else ""
