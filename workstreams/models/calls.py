"""What callers ask and what they are told: the script of the day, and enquiries that are about nobody in particular (domain 5.15)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from mobilisation.models import Entity, Programme, ScopedQuerySet
from workstreams.choices import EnquiryChannel, EnquiryFrom, EnquiryTopic


class ScriptQuerySet(ScopedQuerySet):
    def current(self, as_of: date) -> Any:
        """The one that is shown on ``as_of``: approved, begun, the latest."""
        return self.filter(approved_on__isnull=False, valid_from__lte=as_of).order_by("-valid_from", "-id").first()


class ScriptVersion(Entity):
    """A version of the call script; it is shown from ``valid_from`` on, once it is approved, until a later one takes its place."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="scripts")
    text = models.TextField("what is said")
    faqs = models.TextField("questions and answers", blank=True)
    valid_from = models.DateField("shown from")
    written_by_label = models.CharField("written by", max_length=150, blank=True)
    approved_on = models.DateField(null=True, blank=True)
    approved_by_label = models.CharField("approved by", max_length=150, blank=True)

    objects = ScriptQuerySet.as_manager()

    class Meta:
        ordering = ["-valid_from", "-id"]
        constraints = [models.CheckConstraint(condition=Q(approved_on__isnull=True) | ~Q(approved_by_label=""), name="script_approved_by_somebody")]

    def __str__(self) -> str:
        return f"call script from {self.valid_from.day} {self.valid_from:%b %Y}"


class Enquiry(Entity):
    """A question from outside that names nobody; a call about a person stands with that person. An answer has its day and its author."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="enquiries")
    channel = models.CharField(max_length=14, choices=EnquiryChannel.choices, default=EnquiryChannel.PHONE)
    asked_by = models.CharField("from", max_length=10, choices=EnquiryFrom.choices, default=EnquiryFrom.RELATIVE)
    topic = models.CharField(max_length=10, choices=EnquiryTopic.choices, default=EnquiryTopic.OTHER)
    question = models.TextField("what is asked")
    received_at = models.DateTimeField("received")
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField("answered", null=True, blank=True)
    answered_by_label = models.CharField("answered by", max_length=150, blank=True)

    class Meta:
        ordering = ["-received_at", "-id"]
        verbose_name_plural = "enquiries"
        constraints = [models.CheckConstraint(condition=Q(answered_at__isnull=True, answer="") | (Q(answered_at__isnull=False) & ~Q(answer="") & ~Q(answered_by_label="")), name="enquiry_answered_whole")]

    def __str__(self) -> str:
        return f"enquiry {self.public_id}"
