"""What the programme agrees with providers: what each can take, sheets handed over, links for one contact."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q

from mobilisation import clock
from mobilisation.models import Entity, Organisation, Programme, RoleAssignment, ScopedQuerySet
from mobilisation.roles import PeopleScope, codes_seeing
from transfers.choices import LinkField, SheetSide
from transfers.models.lists import ListQuerySet
from transfers.models.person import PersonTransfer


class ProviderCapacity(Entity):
    """What one incoming provider says it can take in a zone from a day on. Rows of a provider add up. Only hours that the provider
    has confirmed from staff it has, never from planned recruits, are counted on (domain 5.11)."""

    PERSONAL = frozenset({"confirmed_by"})

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="provider_capacities")
    provider = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    zone = models.CharField(max_length=60, blank=True)
    weekly_hours = models.DecimalField("hours a week", max_digits=7, decimal_places=2, validators=[MinValueValidator(0), MaxValueValidator(20_000)])
    packages = models.PositiveIntegerField("people at most", null=True, blank=True, validators=[MaxValueValidator(20_000)])
    from_date = models.DateField("from")
    note = models.CharField(max_length=300, blank=True)
    confirmed_on = models.DateField(null=True, blank=True)
    confirmed_by = models.CharField("confirmed by", max_length=100, blank=True)
    staffing = models.CharField("staffing the hours rest on", max_length=200, blank=True)

    objects = ListQuerySet.as_manager()

    class Meta:
        ordering = ["provider__name", "zone", "from_date", "id"]
        verbose_name_plural = "provider capacities"
        constraints = [
            models.UniqueConstraint(fields=["programme", "provider", "zone", "from_date"], name="capacity_once"),
            models.CheckConstraint(condition=Q(weekly_hours__gte=0), name="capacity_not_negative"),
            models.CheckConstraint(
                condition=Q(confirmed_on__isnull=True, confirmed_by="", staffing="") | (Q(confirmed_on__isnull=False) & ~Q(confirmed_by="") & ~Q(staffing="")), name="capacity_confirmed_whole"
            ),
        ]

    def __str__(self) -> str:
        return f"capacity of {self.provider}{f' in {self.zone}' if self.zone else ''}"

    @property
    def confirmed(self) -> bool:
        return self.confirmed_on is not None


class SheetQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> SheetQuerySet:
        """The team every sheet; a provider its own newest one, while it sees everybody who is on it."""
        mine = RoleAssignment.objects.active().filter(user=user)
        team = mine.showing_everybody()
        own = mine.filter(programme=OuterRef("programme"), organisation=OuterRef("provider"))
        exiting, incoming = (own.filter(role__in=codes_seeing(scope)) for scope in (PeopleScope.EXITING, PeopleScope.INCOMING))
        lost = SheetPerson.objects.filter(sheet=OuterRef("pk")).exclude(person__in=PersonTransfer.objects.visible_to(user))
        newest = Q(superseded_at__isnull=True) & ((Q(side=SheetSide.EXITING) & Exists(exiting)) | (Q(side=SheetSide.INCOMING) & Exists(incoming)))
        return self.filter(Q(programme__in=team.values("programme_id")) | (newest & ~Exists(lost)))


class AllocationSheet(Entity):
    """A workbook for one provider (domain 7.3). Its bytes never change: a later state is a later version."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="allocation_sheets")
    provider = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=8, choices=SheetSide.choices)
    number = models.PositiveIntegerField("version of the sheet")
    rows = models.PositiveIntegerField("people on it")
    provisional = models.PositiveIntegerField("with a provisional plan", default=0)
    sha256 = models.CharField(max_length=64)
    stored_name = models.CharField(max_length=100)
    made_at = models.DateTimeField()
    by_label = models.CharField("made by", max_length=150)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = SheetQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "provider", "side", "number"], name="sheet_version_once"),
            models.UniqueConstraint(fields=["programme", "provider", "side"], condition=Q(superseded_at__isnull=True), name="one_newest_sheet"),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display().lower()} sheet of {self.provider}, version {self.number}"


class SheetPersonQuerySet(ScopedQuerySet):
    programme_path = "sheet__programme"

    def visible_to(self, user: Any) -> Any:
        return self.filter(sheet__in=AllocationSheet.objects.visible_to(user), person__in=PersonTransfer.objects.visible_to(user))


class SheetPerson(models.Model):
    """Who is on a sheet: kept, so that a provider that no longer sees one of them can no longer take it."""

    sheet = models.ForeignKey(AllocationSheet, on_delete=models.CASCADE, related_name="people")
    person = models.ForeignKey(PersonTransfer, on_delete=models.PROTECT, related_name="on_sheets")

    objects = SheetPersonQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet", "person"], name="once_on_a_sheet")]


class SheetTakenQuerySet(ListQuerySet):
    programme_path = "sheet__programme"


class SheetTaken(Entity):
    """One download of a sheet, with its reason."""

    TRACKED = False

    sheet = models.ForeignKey(AllocationSheet, on_delete=models.PROTECT, related_name="taken")
    at = models.DateTimeField()
    by_label = models.CharField(max_length=150)
    reason = models.CharField(max_length=300)

    objects = SheetTakenQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]


class UpdateLink(Entity):
    """Lets one contact of a provider, without an account, state named things about named people until it expires. The token
    itself is kept nowhere."""

    PERSONAL = frozenset({"contact"})
    QUIET_IN_HISTORY = frozenset({"token_hash"})

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="update_links")
    provider = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    contact = models.CharField("for whom", max_length=100)
    fields = models.JSONField("what may be stated", default=list)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    by_label = models.CharField("made by", max_length=150)
    opened = models.PositiveIntegerField("times opened", default=0)
    opened_at = models.DateTimeField("last opened", null=True, blank=True)
    saved = models.PositiveIntegerField("entries saved", default=0)

    objects = ListQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"update link {self.public_id}"

    @property
    def over(self) -> str:
        """Why it opens nothing any more, in one word; empty while it does."""
        return "revoked" if self.revoked_at else "expired" if self.expires_at <= clock.now() else ""

    @property
    def field_words(self) -> str:
        return ", ".join(str(LinkField(name).label) for name in self.fields).capitalize()


class LinkPersonQuerySet(ListQuerySet):
    programme_path = "link__programme"


class LinkPerson(models.Model):
    link = models.ForeignKey(UpdateLink, on_delete=models.CASCADE, related_name="people")
    person = models.ForeignKey(PersonTransfer, on_delete=models.PROTECT, related_name="on_links")

    objects = LinkPersonQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["link", "person"], name="once_on_a_link")]
