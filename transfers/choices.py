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
    DECLINED = "declined", "Offered, and declined by the self-funder"


class HoldScope(models.TextChoices):
    PERSON = "person", "Person"
    PROVIDER = "provider", "Provider"
    WAVE = "wave", "Wave"


class ContactRole(models.TextChoices):
    REPRESENTATIVE = "representative", "Representative"
    NEXT_OF_KIN = "next_of_kin", "Next of kin"
    ATTORNEY = "attorney", "Attorney"
    DEPUTY = "deputy", "Deputy"
    ADVOCATE = "advocate", "Advocate"
    IMCA = "imca", "Independent mental capacity advocate (IMCA)"
    CASE_MANAGER = "case_manager", "Case manager of another body"
    GP = "gp", "GP"
    HEALTH = "health_liaison", "Health liaison (ICB)"


class Preferred(models.TextChoices):
    PHONE = "phone", "Phone"
    LETTER = "letter", "Letter"
    EMAIL = "email", "E-mail"
    VISIT = "visit", "Visit"


class OrderKind(models.TextChoices):
    OLD = "old", "Old order"
    NEW = "new", "New order"


class FileRoute(models.TextChoices):
    TRANSFER = "transfer", "To the incoming provider"
    AWAIT = "await_instruction", "Waits for the placing authority's instruction"
    CHOICE = "person_choice", "The person chooses"


class FileMethod(models.TextChoices):
    SECURE_EMAIL = "secure_email", "Secure e-mail"
    PORTAL = "portal", "Portal"
    HAND = "hand_delivery", "Hand delivery with receipt"
    COURIER = "tracked_courier", "Tracked courier"


class FileOutcome(models.TextChoices):
    UNDER_WAY = "", "Under way"
    RECEIVED = "received", "Received"
    RETAINED = "retained", "Kept by the exiting provider"
    LOST = "lost", "Lost"
    MISDIRECTED = "misdirected", "Went to the wrong place"


class MoneyPurpose(models.TextChoices):
    PILOT = "pilot", "Pilot"
    PERSON = "person", "The person's own money"
    OTHER = "other", "Other"


class RiskTier(models.TextChoices):
    HIGH = "high", "High: within 10 days"
    OTHER = "other", "Other: within 28 days"


class InterimKind(models.TextChoices):
    ENABLEMENT = "in_house_enablement", "In-house enablement"
    BED = "short_term_bed", "Short-term bed"
    ACCOMMODATION = "accommodation", "Accommodation"
    VCSE = "vcse_search", "Voluntary sector search"
    ADVOCACY = "advocacy", "Advocacy"
    FAITH = "faith", "Faith group"
    TRANSPORT = "transport", "Transport"


class ListSource(models.TextChoices):
    COUNCIL = "council", "Council's case system"
    EXITING = "exiting", "Exiting provider's list"
    BILLING = "billing", "Finance or billing list"


class Finding(models.TextChoices):
    """What a comparison of a list with the tracker found."""

    ONLY_OURS = "only_ours", "On the tracker only"
    ONLY_THEIRS = "only_theirs", "On the other list only"
    LIKELY = "likely", "May be the same person"
    DIFFERS = "differs", "Says something else"
    TWICE = "twice", "Twice in the list"


class Resolution(models.TextChoices):
    ADDED = "added", "Added to the tracker"
    SAME = "same", "It is the same person"
    DIFFERENT = "different", "They are two people"
    NOT_OURS = "not_ours", "Not part of this transfer"
    LIST_WRONG = "list_wrong", "The other list is wrong"
    ENDED = "ended", "Ended on the person's page"
    TAKEN = "taken", "Taken over from the other list"
    KEPT = "kept", "What the tracker says stays"
    GONE = "gone", "No longer found by the newest list"


class ReviewAbout(models.TextChoices):
    NEEDS = "needs", "Needs"
    PROVIDER = "provider", "Choice of provider"
    ARRANGEMENTS = "new_arrangements", "New care arrangements"


class ReviewAskedBy(models.TextChoices):
    OFFERED = "offered", "Offered by us"
    PERSON = "person", "The person"
    CARER = "carer", "A carer"
    REPRESENTATIVE = "representative", "The representative"


class AdviceOffer(models.TextChoices):
    """What somebody not known to the council was offered, and what they chose."""

    ASSESSMENT = "assessment", "Assessment, accepted"
    ADVICE = "advice", "Information, advice or advocacy, accepted"
    DECLINED = "declined", "Offered and declined"
    NO_ANSWER = "no_answer", "Offered, no answer yet"


class BatchKind(models.TextChoices):
    """One act on many people at once."""

    MARK = "mark", "Checkpoint ticked"
    CHANGE = "change", "Record changed"
    OFFER = "offer", "Offered to a provider"
    HOLD = "hold", "Put on hold"
    LIFT = "lift", "Hold lifted"
    PASTE = "paste", "Pasted from a spreadsheet"


class BatchState(models.TextChoices):
    PROPOSED = "proposed", "Shown, not done"
    DONE = "done", "Done"
    UNDONE = "undone", "Undone"
    DROPPED = "dropped", "Not done"


class LineOutcome(models.TextChoices):
    """What became of one cell of a batch. ``SAME`` stood so already; ``MOVED`` was changed by somebody between looking and
    doing, ``KEPT`` between doing and undoing."""

    WILL = "will", "Will change"
    SAME = "same", "Unchanged"
    REFUSED = "refused", "Refused"
    MOVED = "moved", "Left out: changed meanwhile"
    DONE = "done", "Changed"
    BACK = "back", "Put back"
    KEPT = "kept", "Not put back: changed since"


class SheetSide(models.TextChoices):
    INCOMING = "incoming", "Incoming"
    EXITING = "exiting", "Exiting"


class LinkField(models.TextChoices):
    """What an update link may let its holder state (domain 5.2: the provider states, the team confirms)."""

    CONTACT = "contact", "contact made"
    VISIT = "visit", "first visit"
    FILE = "file", "file sent"
    FILE_IN = "file_in", "file received"
    NOTE = "note", "note"


class Channel(models.TextChoices):
    PHONE = "phone", "Phone"
    VISIT = "visit", "Visit"
    LETTER = "letter", "Letter"
    EMAIL = "email", "E-mail"
    TEXT = "text", "Text message"
    VIDEO = "video", "Video"
    LINK = "link", "Update link"


class Direction(models.TextChoices):
    OUT = "out", "We called"
    IN = "in", "They called"


class SpokenTo(models.TextChoices):
    PERSON = "person", "The person"
    REPRESENTATIVE = "representative", "The representative"
    OTHER = "other", "Somebody else"


class ContactTopic(models.TextChoices):
    TELLING = "telling", "Telling about the change"
    PROVIDER = "provider", "The new provider"
    VISITS = "visits", "Visits and times"
    SAFETY = "safety", "Safety check"
    MONEY = "money", "Money and charges"
    COMPLAINT = "complaint", "Complaint"
    OTHER = "other", "Something else"


class LetterTo(models.TextChoices):
    PERSON = "person", "The person"
    REPRESENTATIVE = "representative", "The representative"


class LetterMarks(models.TextChoices):
    C04 = "C04", "C04 Person told"
    C05 = "C05", "C05 Representative told"


class LetterState(models.TextChoices):
    TO_SEND = "to_send", "To send"
    HELD = "held", "Held back"
    LEFT_OUT = "left_out", "Left out"
    SENT = "sent", "Sent"
    RETURNED = "returned", "Came back"
    CALLED = "called", "Told by phone or visit"


class AssuranceRole(models.TextChoices):
    """Who looks over communications and transfers each week."""

    OL = "OL", "Lead operational manager (OL)"
    CL = "CL", "Lead commissioning manager (CL)"


class MappingKind(models.TextChoices):
    """P13 asks for the first, R06 for the others."""

    RECOMMENDATION = "recommendation", "Recommendation"
    PROTOCOL = "protocol", "Purchasing protocol"
    TOOL = "tool", "Allocation tool"
    MATRIX = "matrix", "MSOA matrix"


class FileFormat(models.TextChoices):
    XLSX = "xlsx", "Excel workbook (XLSX), with lists to choose from; it can be brought back"
    CSV = "csv", "Comma-separated text (CSV)"
