"""The ground: everything other apps stand on."""

from mobilisation.models.accounts import RoleAssignment, User
from mobilisation.models.base import Entity, HasMoments, MomentsQuerySet, ScopedQuerySet
from mobilisation.models.board import Action, AgendaItem, Board, BoardMember, Decision, Meeting
from mobilisation.models.calendar import CalendarDay
from mobilisation.models.imports import ImportRun, SavedMapping
from mobilisation.models.jobs import Job, Slot
from mobilisation.models.notices import Notification
from mobilisation.models.organisations import Contract, ContractParty, Organisation
from mobilisation.models.programmes import ConditionPrecedent, Programme, Variation
from mobilisation.models.records import AccessLog, Change

__all__ = [
    "AccessLog", "Action", "AgendaItem", "Board", "BoardMember", "CalendarDay", "Change", "ConditionPrecedent", "Contract",
    "ContractParty", "Decision", "Entity", "HasMoments", "ImportRun", "Job", "Meeting", "MomentsQuerySet", "Notification",
    "Organisation", "Programme", "RoleAssignment", "SavedMapping", "ScopedQuerySet", "Slot", "User", "Variation",
]
