"""Changes to a person's record, one function a use case. Form, cell edit, bulk edit and workbook row end here."""

from transfers.services.people.endings import end, may_take_back, take_back_ending
from transfers.services.people.offering import ASKED, answer_stated, c09_settled, offer, offer_refused, respond, standing
from transfers.services.people.pauses import admit, confirm_at_home, discharge, hold, lift, own_hold
from transfers.services.people.records import (
    CLEARED_FOR_PROVIDERS,
    COLUMNS,
    allowed_values,
    list_person,
    needs_of,
    record_sharing,
    refuse_parties,
    set_priority,
    update_person,
)
from transfers.services.rights import ended_refused
from transfers.services.telling import ACCEPTED, holders, tell_asked, tell_moved

__all__ = [
    "ACCEPTED", "ASKED", "CLEARED_FOR_PROVIDERS", "COLUMNS", "admit", "allowed_values", "answer_stated", "c09_settled", "confirm_at_home", "discharge", "end", "ended_refused", "hold", "holders", "lift", "list_person",
    "may_take_back", "needs_of", "offer", "offer_refused", "own_hold", "record_sharing", "refuse_parties", "respond", "set_priority", "standing", "take_back_ending", "tell_asked", "tell_moved", "update_person",
]
