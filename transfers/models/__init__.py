"""People and staff who move."""

from transfers.models.checkpoint import Allocation, Checkpoint, Discrepancy, Hold, HospitalEpisode, SafetyCheck, SharingDecision
from transfers.models.person import PersonTransfer
from transfers.models.staff import CompetenceRecord, StaffTransfer, TrainingRequirement, TupeProcess

__all__ = [
    "Allocation", "Checkpoint", "CompetenceRecord", "Discrepancy", "Hold", "HospitalEpisode", "PersonTransfer", "SafetyCheck", "SharingDecision", "StaffTransfer",
    "TrainingRequirement", "TupeProcess",
]
