"""Marking, waiving and undoing checkpoints: the one place where the gates of domain 5.2 are enforced."""

from transfers.services.checkpoints.bulk import BulkOutcome, bulk_mark, bulk_preview, marks_of, write
from transfers.services.checkpoints.gate import RESTS_ON, barred, beside, lacking, refusals
from transfers.services.checkpoints.hospital import IN_HOSPITAL, pause_for_hospital, pause_many, paused, restart_after_hospital
from transfers.services.checkpoints.marking import mark, record_safety_check, state, unstate
from transfers.services.checkpoints.offered import Beside, in_the_way, waits
from transfers.services.checkpoints.undoing import may_undo, needs_reason, undo
from transfers.services.checkpoints.waiving import decline_refused, decline_waiver, waive, waiver_asked, waiver_refused

__all__ = [
    "IN_HOSPITAL",
    "RESTS_ON",
    "Beside",
    "BulkOutcome",
    "barred",
    "beside",
    "bulk_mark",
    "bulk_preview",
    "decline_refused",
    "decline_waiver",
    "in_the_way",
    "lacking",
    "mark",
    "marks_of",
    "may_undo",
    "needs_reason",
    "pause_for_hospital",
    "pause_many",
    "paused",
    "record_safety_check",
    "refusals",
    "restart_after_hospital",
    "state",
    "undo",
    "unstate",
    "waits",
    "waive",
    "waiver_asked",
    "waiver_refused",
    "write",
]
