"""People and staff who move."""

from transfers.models.staff import CompetenceRecord, StaffTransfer, TrainingRequirement, TupeProcess

__all__ = ["CompetenceRecord", "StaffTransfer", "TrainingRequirement", "TupeProcess"]
