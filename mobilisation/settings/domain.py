"""Values the field may want otherwise, marked (dc) in the domain guide: defaults of a new programme."""

from __future__ import annotations

from mobilisation.settings.env import between, one_of, read, text

SITE_NAME = read("SITE_NAME", text, "Mobilisation", what="The name in the header, on PDFs and in e-mails.", example="Kent mobilisation")
SITE_COLOUR = read("SITE_COLOUR", one_of("blue", "teal", "plum", "green", "slate"), "blue", what="Colour of the header: blue, teal, plum, green or slate.", example="teal")
DEFAULT_DIVISION = read(
    "DEFAULT_DIVISION", one_of("england-and-wales", "scotland", "northern-ireland"), "england-and-wales",
    what="Bank holidays of a new programme.", example="scotland",
)

# Limits of an upload (domain 10.17).
UPLOAD_MAX_MB = read("UPLOAD_MAX_MB", between(1, 200), 10, what="Largest upload in megabytes.", example="10")
UPLOAD_MAX_UNZIPPED_MB = 200
UPLOAD_MAX_RATIO = 100
UPLOAD_MAX_PARTS = 200
UPLOAD_MAX_ROWS = 20_000
UPLOAD_MAX_COLUMNS = 200
UPLOAD_MAX_CELL = 10_000

# Lists taken out of the system.
EXPORT_AT_ONCE = 3_000
"""Rows up to which a list is written while its reader waits; a longer one is made by a worker and kept for a day."""
EXPORTS_FLAGGED = 100
"""Exports by one account within an hour that are told to information governance."""

SMALL_NUMBER_LIMIT = read("SMALL_NUMBER_LIMIT", between(1, 100), 7, what="Counts of people from 1 to this number are hidden outside the board edition.", example="7")

# Per-programme thresholds start from these (a programme may change any of them): key -> default.
# w = working days, c = calendar days.
THRESHOLDS: dict[str, int | float] = {
    "due_soon_w": 2,
    "slip_amber_w": 3,
    "slip_red_w": 10,
    "overdue_red_w": 5,
    "critical_slip_red_w": 5,
    "blocked_red_w": 5,
    "stale_amber_w": 10,
    "workstream_red_share": 25,
    "workstream_window_w": 20,
    "person_overdue_red_w": 5,
    "person_stale_w": 5,
    "person_no_provider_w": 5,
    "no_due_before_listing_w": 1,
    "ready_amber_points": 5,
    "ready_red_points": 10,
    "high_risks_amber": 5,
    "readiness_amber_w": 10,
    "safety_amber_w": 1,
    "safety_green_w": 3,
    "safety_red_second_c": 7,
    "plan_high_risk_c": 10,
    "plan_other_c": 28,
    "hospital_slot_c": 14,
    "exiting_sight_days": 28,
    "link_days": 3,
    "payment_set_up_first": 0,
    "risk_review_low_c": 60,
    "risk_review_moderate_c": 30,
    "risk_review_high_c": 14,
    "risk_review_extreme_c": 7,
    "undo_minutes": 10,
    "escalation_day_begins_h": 8,
    "list_match_sure": 92,
    "list_match_likely": 72,
}
