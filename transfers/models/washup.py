"""The daily wash-up: what was gone through, said and asked for. The board's papers know the meeting and who owes what by when;
the words, which are about people, stand here (domain 8)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from mobilisation.models import Action, Entity, Meeting, Programme
from transfers.models.lists import ListQuerySet
from transfers.models.person import PersonTransfer


class WashUp(Entity):
    """One open wash-up at most per programme. ``lists``: what stood on the page when it was finished, by section, with the
    public ids of people and never a name (``services.washup`` writes and reads it)."""

    QUIET_IN_HISTORY = frozenset({"programme", "meeting"})
    GOVERNED = frozenset({"day", "open", "finished_at"})

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="wash_ups")
    meeting = models.OneToOneField(Meeting, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    open = models.BooleanField(default=True, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True, editable=False)
    finished_by_label = models.CharField("finished by", max_length=150, blank=True)
    lists = models.JSONField(default=list, blank=True, editable=False)

    objects = ListQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["programme"], condition=Q(open=True), name="one_open_wash_up"),
            models.CheckConstraint(condition=Q(open=True) | Q(finished_at__isnull=False), name="finished_wash_up_says_when"),
        ]

    def __str__(self) -> str:
        return f"wash-up of {self.day:%d/%m/%Y}"


class OfWashUpQuerySet(ListQuerySet):
    programme_path = "washup__programme"


class OfWashUp(Entity):
    person = models.ForeignKey(PersonTransfer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = OfWashUpQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def history_programme(self) -> Programme:
        return self.washup.programme  # type: ignore[attr-defined]


class WashUpNote(OfWashUp):
    """A note each, so that two who write at once lose nothing."""

    PERSONAL = frozenset({"text"})
    QUIET_IN_HISTORY = frozenset({"washup", "person"})

    washup = models.ForeignKey(WashUp, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField("note")
    by_label = models.CharField("by", max_length=150, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"note {self.public_id} of a wash-up"


class WashUpAction(OfWashUp):
    """What an action of the wash-up asks for, in words. Owner, due and state are the action's own."""

    PERSONAL = frozenset({"words"})
    QUIET_IN_HISTORY = frozenset({"washup", "person", "action"})

    washup = models.ForeignKey(WashUp, on_delete=models.PROTECT, related_name="actions")
    action = models.OneToOneField(Action, on_delete=models.PROTECT, related_name="+")
    words = models.CharField("what is to be done", max_length=500)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"action {self.public_id} of a wash-up"
