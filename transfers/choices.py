"""Enumerations of the tracker; a leaf, imports nothing of ours (domain section 4, 5.3–5.7)."""

from django.db import models


class Status(models.TextChoices):
    LISTED = "listed", "Listed"
    RATED = "rated", "Rated"
    INFORMED = "informed", "Informed"
    ALLOCATED = "allocated", "Allocated"
    READY = "ready", "Ready"
    TRANSFERRED = "transferred", "Transferred"
    SETTLED = "settled", "Settled"
    CLOSED = "closed", "Closed"


class Ending(models.TextChoices):
    WITHDRAWN = "withdrawn", "Withdrawn"
    DIED = "died", "Died"
    MOVED_AWAY = "moved_away", "Moved away"


class Priority(models.TextChoices):
    RED = "R", "Red"
    AMBER = "A", "Amber"
    GREEN = "G", "Green"


class Funding(models.TextChoices):
    COUNCIL = "council", "Council"
    CHC = "chc", "CHC (NHS)"
    JOINT = "joint", "Joint"
    SELF = "self", "Self-funder"
    DIRECT_PAYMENT = "direct_payment", "Direct payment"
    OTHER_AUTHORITY = "other_authority", "Other authority"


class LegalBasis(models.TextChoices):
    S18 = "s18", "Care Act s.18"
    S19_3 = "s19_3", "Care Act s.19(3)"
    S48 = "s48", "Care Act s.48"
    NHS = "nhs", "NHS"


class Medication(models.TextChoices):
    NONE = "none", "None"
    PROMPT = "prompt", "Prompt"
    ADMINISTER = "administer", "Administer"
    SPECIALIST = "specialist", "Specialist"


class Format(models.TextChoices):
    STANDARD = "standard", "Standard"
    LARGE_PRINT = "large_print", "Large print"
    EASY_READ = "easy_read", "Easy read"
    BRAILLE = "braille", "Braille"
    AUDIO = "audio", "Audio"
    TRANSLATED = "translated", "Translated"


class Response(models.TextChoices):
    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted"
    CONDITIONS = "accepted_with_conditions", "Accepted with conditions"
    DECLINED = "declined", "Declined"


class SharingBasis(models.TextChoices):
    DIRECT_CARE = "direct_care", "Direct care"
    EXPLICIT = "explicit_agreement", "Explicit agreement"
    BEST_INTERESTS = "best_interests", "Best interests"
    VITAL = "vital_interests", "Vital interests"
    REFUSED = "refused", "Refused"


class CheckpointState(models.TextChoices):
    NOT_STARTED = "not_started", "Not started"
    IN_PROGRESS = "in_progress", "In progress"
    DONE = "done", "Done"
    WAIVED = "waived", "Waived"
    NOT_APPLICABLE = "not_applicable", "Not applicable"
    PAUSED = "paused", "Paused"
    REOPENED = "reopened", "Reopened"


class PlanStatus(models.TextChoices):
    NOT_RECEIVED = "", "Not received"
    PROVISIONAL = "provisional", "Provisional"
    CHECKING = "checking", "Checking"
    DISCREPANCY = "discrepancy", "Discrepancy"
    VALIDATED = "validated", "Validated"


class SafetyOutcome(models.TextChoices):
    SAFE = "safe", "Safe"
    CONCERN = "concern", "Concern"
    UNABLE = "unable_to_contact", "Unable to contact"
    CONFIRMED = "confirmed_by_other_body", "Confirmed by the responsible body"


class HoldScope(models.TextChoices):
    PERSON = "person", "Person"
    PROVIDER = "provider", "Provider"
    WAVE = "wave", "Wave"
