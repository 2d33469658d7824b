"""People and staff who move."""

from transfers.models.care_plan import CarePlanCheck
from transfers.models.checkpoint import Allocation, Checkpoint, Discrepancy, Hold, HospitalEpisode, SafetyCheck, SharingDecision
from transfers.models.concerns import PersonConcern
from transfers.models.contacts import PersonContact, PersonNeed
from transfers.models.exports import PeopleExport
from transfers.models.handover import FileTransfer, InterimOption, MoneyHeld
from transfers.models.lists import ComparedList, ListFinding, ListRow
from transfers.models.orders import OrderVisit, ServiceOrder
from transfers.models.person import PersonTransfer
from transfers.models.staff import CompetenceRecord, StaffTransfer, TrainingRequirement, TupeProcess

__all__ = [
    "Allocation", "CarePlanCheck", "Checkpoint", "ComparedList", "CompetenceRecord", "Discrepancy", "FileTransfer", "Hold", "HospitalEpisode", "InterimOption", "ListFinding", "ListRow", "MoneyHeld", "OrderVisit", "PeopleExport", "PersonConcern", "PersonContact",
    "PersonNeed", "PersonTransfer", "SafetyCheck", "ServiceOrder", "SharingDecision", "StaffTransfer", "TrainingRequirement", "TupeProcess",
]
