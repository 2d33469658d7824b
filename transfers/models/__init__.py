"""People and staff who move."""

from transfers.models.assessment import Assessment, Review
from transfers.models.assurance import Assurance
from transfers.models.batches import Batch, BatchLine
from transfers.models.care_plan import CarePlanCheck
from transfers.models.checkpoint import Allocation, Checkpoint, Discrepancy, Hold, HospitalEpisode, SafetyCheck, SharingDecision
from transfers.models.concerns import PersonConcern, PersonEscalation
from transfers.models.contacts import PersonContact, PersonNeed
from transfers.models.exports import PeopleExport
from transfers.models.handover import FileTransfer, InterimOption, MoneyHeld
from transfers.models.letters import FundingLead, LetterItem, LetterRun
from transfers.models.lists import ComparedList, ListFinding, ListRow
from transfers.models.mapping import MappingRecord
from transfers.models.orders import OrderVisit, ServiceOrder
from transfers.models.partners import AllocationSheet, LinkPerson, ProviderCapacity, SheetPerson, SheetTaken, UpdateLink
from transfers.models.person import PersonTransfer
from transfers.models.staff import CompetenceRecord, StaffTransfer, TrainingRequirement, TupeProcess
from transfers.models.talk import ContactLog, ProviderCheck
from transfers.models.views import SavedView
from transfers.models.washup import WashUp, WashUpAction, WashUpNote

__all__ = [
    "Allocation", "AllocationSheet", "Assessment", "Assurance", "Batch", "BatchLine", "CarePlanCheck", "Checkpoint", "ComparedList", "CompetenceRecord", "ContactLog", "Discrepancy",
    "FileTransfer", "FundingLead", "Hold", "HospitalEpisode", "InterimOption", "LetterItem", "LetterRun", "LinkPerson", "ListFinding", "ListRow", "MappingRecord", "MoneyHeld",
    "OrderVisit", "PeopleExport", "PersonConcern", "PersonContact", "PersonEscalation", "PersonNeed", "PersonTransfer", "ProviderCapacity", "ProviderCheck", "Review", "SafetyCheck", "SavedView",
    "ServiceOrder", "SharingDecision", "SheetPerson", "SheetTaken", "StaffTransfer", "TrainingRequirement", "TupeProcess", "UpdateLink", "WashUp", "WashUpAction", "WashUpNote",
]
