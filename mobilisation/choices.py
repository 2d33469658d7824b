"""Enumerations of the ground; a leaf, imports nothing of ours (domain section 4)."""

from django.db import models


class OrganisationKind(models.TextChoices):
    ICB = "icb", "Integrated care board"
    COUNCIL = "council", "Council"
    OTHER_COUNCIL = "other_council", "Other council"
    NHS_TRUST = "nhs_trust", "NHS trust"
    COMMUNITY_PROVIDER = "community_provider", "Community provider"
    HOMECARE_PROVIDER = "homecare_provider", "Home care provider"
    GP_FEDERATION = "gp_federation", "GP federation"
    VCSE = "vcse", "Voluntary, community or social enterprise"
    REGULATOR = "regulator", "Regulator"
    SUPPORT_UNIT = "support_unit", "Support unit"


class BankHolidayDivision(models.TextChoices):
    ENGLAND_AND_WALES = "england-and-wales", "England and Wales"
    SCOTLAND = "scotland", "Scotland"
    NORTHERN_IRELAND = "northern-ireland", "Northern Ireland"


class ServiceType(models.TextChoices):
    HOMECARE = "homecare", "Home care"
    COMMUNITY = "community", "Community"
    URGENT = "urgent", "Urgent care"
    MENTAL_HEALTH = "mental_health", "Mental health"
    SUPPORTED_LIVING = "supported_living", "Supported living"
    OTHER = "other", "Other"


class ContractForm(models.TextChoices):
    NHS_FULL = "nhs_full", "NHS Standard Contract, full"
    NHS_SHORTER = "nhs_shorter", "NHS Standard Contract, shorter form"
    COUNCIL_FRAMEWORK = "council_framework", "Council framework"
    SPOT = "spot", "Spot"
    OTHER = "other", "Other"


class ContractStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    AWARDED = "awarded", "Awarded"
    STANDSTILL = "standstill", "Standstill"
    SIGNED = "signed", "Signed"
    LIVE = "live", "Live"
    SUSPENDED = "suspended", "Suspended"
    ENDING = "ending", "Ending"
    ENDED = "ended", "Ended"


class PartyRole(models.TextChoices):
    LEAD_COMMISSIONER = "lead_commissioner", "Lead commissioner"
    COMMISSIONER = "commissioner", "Commissioner"
    LEAD_PROVIDER = "lead_provider", "Lead provider"
    PROVIDER = "provider", "Provider"
    SUBCONTRACTOR = "subcontractor", "Subcontractor"
    EXITING = "exiting", "Exiting provider"
    INCOMING = "incoming", "Incoming provider"
    PARTNER = "partner", "Partner"


class ProgrammeKind(models.TextChoices):
    LIVE_SERVICE = "live_service", "Live-service mobilisation"
    PROVIDER_EXIT = "provider_exit", "Provider exit"
    HOMECARE_START = "homecare_start", "Home care start"


class ExitType(models.TextChoices):
    PLANNED = "planned", "Planned"
    ENFORCED = "enforced", "Enforced"
    EMERGENCY = "emergency", "Emergency"


class Pace(models.TextChoices):
    PLANNED = "planned", "Planned"
    COMPRESSED = "compressed", "Compressed"
    EMERGENCY = "emergency", "Emergency"


class Phase(models.TextChoices):
    MOBILISATION = "mobilisation", "Mobilisation"
    OPERATIONAL = "operational", "Operational"
    EXIT = "exit", "Exit"


class ProgrammeStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Active"
    LIVE = "live", "Live"
    STABILISING = "stabilising", "Stabilising"
    CLOSED = "closed", "Closed"
    ARCHIVED = "archived", "Archived"
    PAUSED = "paused", "Paused"
    CANCELLED = "cancelled", "Cancelled"


OVER = frozenset({ProgrammeStatus.CLOSED, ProgrammeStatus.ARCHIVED, ProgrammeStatus.CANCELLED})
"""A programme in one of these is a record; nothing is added to it any more."""


class DeliveryConfidence(models.TextChoices):
    GREEN = "G", "Green"
    AMBER_GREEN = "AG", "Amber/Green"
    AMBER = "A", "Amber"
    AMBER_RED = "AR", "Amber/Red"
    RED = "R", "Red"


class BoardKind(models.TextChoices):
    MOBILISATION_BOARD = "mobilisation_board", "Mobilisation board"
    TASK_FORCE = "task_force", "Task force"


class MeetingKind(models.TextChoices):
    BOARD = "board", "Board"
    WEEKLY_MOBILISATION = "weekly_mobilisation", "Weekly mobilisation meeting"
    STRATEGY = "strategy", "Strategy meeting"
    EXITING_PROVIDER = "exiting_provider", "Exiting provider meeting"
    INCOMING_PROVIDER = "incoming_provider", "Incoming provider meeting"
    WASHUP = "washup", "Wash-up"
    HUDDLE = "huddle", "Huddle"
    MOBILISATION_CALL = "mobilisation_call", "Mobilisation call"
    WAITING_LIST_HUDDLE = "waiting_list_huddle", "Waiting-list huddle"
    SAFEGUARDING_REVIEW = "safeguarding_review", "Safeguarding review"
    MDT = "mdt", "MDT"
    DEBRIEF = "debrief", "Debrief"
    CONTRACT_REVIEW = "contract_review", "Contract review"


ABOUT_PEOPLE = frozenset({MeetingKind.WASHUP, MeetingKind.HUDDLE, MeetingKind.WAITING_LIST_HUDDLE, MeetingKind.SAFEGUARDING_REVIEW, MeetingKind.MDT})
"""Meetings that go through people one by one. What they ask for is counted in dashboards and packs and never worded there (domain 8)."""


class DecisionStatus(models.TextChoices):
    NEEDED = "needed", "Decision needed"
    MADE = "made", "Made"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ActionStatus(models.TextChoices):
    OPEN = "open", "Open"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"


class ConditionStatus(models.TextChoices):
    OPEN = "open", "Open"
    SUBMITTED = "submitted", "Submitted"
    SATISFIED = "satisfied", "Satisfied"
    WAIVED = "waived", "Waived"
    FAILED = "failed", "Failed"


class VariationStatus(models.TextChoices):
    PROPOSED = "proposed", "Proposed"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"


class CalendarDayKind(models.TextChoices):
    BANK_HOLIDAY = "bank_holiday", "Bank holiday"
    PRE_ELECTION = "pre_election", "Pre-election period"
    LOCAL = "local", "Local"


class JobState(models.TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", "Uploaded"
    PREVIEWED = "previewed", "Previewed"
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"
    FAILED = "failed", "Failed"
    ABANDONED = "abandoned", "Abandoned"
