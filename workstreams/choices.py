"""Enumerations of the plan; a leaf, imports nothing of ours (domain section 4)."""

from django.db import models


class StepStatus(models.TextChoices):
    NOT_STARTED = "not_started", "Not started"
    IN_PROGRESS = "in_progress", "In progress"
    BLOCKED = "blocked", "Blocked"
    DONE = "done", "Done"
    NOT_APPLICABLE = "not_applicable", "Not applicable"


class MilestoneKind(models.TextChoices):
    CONDITIONS_PRECEDENT = "conditions_precedent", "Conditions precedent"
    WORKS_RECONFIGURATION = "works_reconfiguration", "Works and reconfiguration"
    LOGISTICS = "logistics", "Logistics"
    WORKFORCE = "workforce", "Staff"
    IMT = "imt", "IM&T"
    COMMUNICATIONS = "communications", "Communications plan"
    OTHER = "other", "Other"


class Scale(models.TextChoices):
    PHASED = "phased", "Phased"
    FULL = "full", "Full"


class LinkType(models.TextChoices):
    FINISH_START = "FS", "Finish to start"
    START_START = "SS", "Start to start"
    FINISH_FINISH = "FF", "Finish to finish"
    START_FINISH = "SF", "Start to finish"


class CriterionStatus(models.TextChoices):
    NOT_MET = "not_met", "Not met"
    PARTLY_MET = "partly_met", "Partly met"
    MET = "met", "Met"
    NOT_APPLICABLE = "not_applicable", "Not applicable"


class Deliverable(models.IntegerChoices):
    PATHWAY = 1, "Pathway clarity"
    WORKFORCE = 2, "Workforce readiness"
    RISK_CONTROLS = 3, "Risk controls"
    DATA = 4, "Data and reporting"
    GOVERNANCE = 5, "Governance rhythm"


class GoLiveResult(models.TextChoices):
    GO = "go", "Go"
    GO_WITH_CONDITIONS = "go_with_conditions", "Go with conditions"
    NO_GO = "no_go", "No go"
    POSTPONE = "postpone", "Postpone"


class Stated(models.TextChoices):
    """A colour a person states; Grey and Blue are never stated."""

    GREEN = "G", "Green: on track"
    AMBER = "A", "Amber: at risk"
    RED = "R", "Red: off track"


class EnquiryChannel(models.TextChoices):
    PHONE = "phone", "Phone"
    CONTACT_CENTRE = "contact_centre", "Contact centre"
    EMAIL = "email", "E-mail"
    LETTER = "letter", "Letter"
    WEB = "web", "Web form"
    IN_PERSON = "in_person", "In person"


class EnquiryFrom(models.TextChoices):
    PERSON = "person", "Somebody receiving care"
    RELATIVE = "relative", "Relative or friend"
    STAFF = "staff", "Care worker"
    PROVIDER = "provider", "Provider"
    HEALTH = "health", "Health service"
    COUNCILLOR = "councillor", "Councillor or MP"
    PRESS = "press", "Press"
    OTHER = "other", "Somebody else"


class EnquiryTopic(models.TextChoices):
    WHY = "why", "Why the provider leaves"
    CARE = "care", "Whether care goes on"
    WHO = "who", "Who will come"
    WHEN = "when", "When it changes"
    MONEY = "money", "Prices and charges"
    RIGHTS = "rights", "Rights, choice and complaints"
    JOBS = "jobs", "Jobs of care workers"
    OTHER = "other", "Something else"
