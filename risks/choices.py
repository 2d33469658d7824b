"""Enumerations of the risk register; a leaf, imports nothing of ours (domain sections 4 and 5.13)."""

from django.db import models


class RiskStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
    BECAME_ISSUE = "became_issue", "Became an issue"


class RiskScope(models.TextChoices):
    SHARED = "shared", "Shared"
    PROVIDER = "provider", "Provider"
    COMMISSIONER = "commissioner", "Commissioner"


class RiskDomain(models.TextChoices):
    """The columns of the consequence table: what would suffer."""

    HARM = "harm", "Harm to people"
    QUALITY = "quality", "Service and quality"
    WORKFORCE = "workforce", "Workforce"
    STATUTORY = "statutory", "Statutory duty"
    PROGRAMME = "programme", "Cost and time of the programme"
    MONEY = "money", "Money"
    REPUTATION = "reputation", "Reputation"
    INTERRUPTION = "interruption", "Interruption"


class Proximity(models.TextChoices):
    NOW = "now", "Now"
    WEEKS = "weeks", "Within four weeks"
    BEFORE_START = "before_start", "Before go-live"
    AFTER_START = "after_start", "After go-live"


class Response(models.TextChoices):
    TREAT = "treat", "Treat"
    TOLERATE = "tolerate", "Tolerate"
    TRANSFER = "transfer", "Transfer"
    TERMINATE = "terminate", "Terminate"


class OpportunityResponse(models.TextChoices):
    EXPLOIT = "exploit", "Exploit"
    ENHANCE = "enhance", "Enhance"
    SHARE = "share", "Share"
    IGNORE = "ignore", "Ignore"


ABOUT_A_PERSON = "a person"
"""Source of an issue that stands for one person (a safety check with a concern, a lost file): counted in dashboards and packs, never worded there."""


class IssueStatus(models.TextChoices):
    OPEN = "open", "Open"
    RESOLVED = "resolved", "Resolved"


class ConcernStatus(models.TextChoices):
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


class EscalationLevel(models.IntegerChoices):
    WORKSTREAM_LEAD = 1, "Workstream lead"
    MOBILISATION_LEAD = 2, "Mobilisation lead with operational and commissioning leads"
    BOARD = 3, "Mobilisation board"
    SRO = 4, "Senior responsible owner and management team"


class ActionStatus(models.TextChoices):
    OPEN = "open", "Open"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"


LIKELIHOOD = [(1, "1 Rare"), (2, "2 Unlikely"), (3, "3 Possible"), (4, "4 Likely"), (5, "5 Almost certain")]
CONSEQUENCE = [(1, "1 Negligible"), (2, "2 Minor"), (3, "3 Moderate"), (4, "4 Major"), (5, "5 Catastrophic")]
