"""Who was spoken to about a person, and what was asked of a provider before people come to it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from mobilisation.models import Entity, Organisation, Programme
from transfers.choices import Channel, ContactTopic, Direction, SpokenTo
from transfers.models.checkpoint import OfPerson
from transfers.models.lists import ListQuerySet


class ContactLogQuerySet(ListQuerySet):
    programme_path = "person__programme"


class ContactLog(OfPerson):
    """One call, letter or visit. Kept by the team and read by it alone (domain 10.16)."""

    PERSONAL = frozenset({"who", "text"})
    QUIET_IN_HISTORY = frozenset({"person"})
    GOVERNED = frozenset({"at", "channel", "direction", "topic", "spoken_to", "reached", "follow_up_due", "followed_up_on"})

    at = models.DateTimeField("when")
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.PHONE)
    direction = models.CharField(max_length=3, choices=Direction.choices, default=Direction.OUT)
    spoken_to = models.CharField("spoken to", max_length=14, choices=SpokenTo.choices, default=SpokenTo.PERSON)
    who = models.CharField("name of who was spoken to", max_length=150, blank=True)
    reached = models.BooleanField("somebody answered", default=True)
    topic = models.CharField(max_length=14, choices=ContactTopic.choices, default=ContactTopic.OTHER)
    text = models.TextField("what was said", blank=True)
    by_label = models.CharField("by", max_length=150, blank=True)
    follow_up_due = models.DateField("follow-up due", null=True, blank=True)
    followed_up_on = models.DateField(null=True, blank=True)

    objects = ContactLogQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.CheckConstraint(condition=Q(followed_up_on__isnull=True) | Q(follow_up_due__isnull=False), name="follow_up_was_due")]

    def __str__(self) -> str:
        return f"contact about person {self.person.public_id}"


class ProviderCheck(Entity):
    """Safety checks cover the provider too (domain 5.6): the list of first-week visits is here, the on-call number works."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="provider_checks")
    provider = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    visits_received_on = models.DateField("list of first-week visits received on", null=True, blank=True)
    on_call_tried_on = models.DateField("on-call number tried on", null=True, blank=True)
    on_call_works = models.BooleanField("on-call number works", null=True, blank=True)
    payment_set_up_on = models.DateField("set up on the payment systems on", null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    by_label = models.CharField("checked by", max_length=150, blank=True)

    objects = ListQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "provider"], name="provider_check_once"),
            models.CheckConstraint(condition=Q(on_call_works__isnull=True) | Q(on_call_tried_on__isnull=False), name="on_call_tried_says_when"),
        ]

    def __str__(self) -> str:
        return f"check of {self.provider}"
