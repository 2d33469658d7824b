"""The tracker: the list with its counters, one person with the chain of checkpoints, and the acts on a person."""

from transfers.views.people.acts import ACTS, Act, acts_for
from transfers.views.people.listing import PAGE, PeopleGrid, PersonList
from transfers.views.people.page import ChainRow, PersonPage, chain_row
from transfers.views.people.panel import PersonPanel
from transfers.views.people.printed import PeoplePrint
from transfers.views.people.rows import PeopleRows
from transfers.views.people.scope import PeopleScope
from transfers.views.people.writing import PersonAct, PersonAdd, PersonCheckpoint, PersonEdit, PersonForms

__all__ = [
    "ACTS", "PAGE", "Act", "ChainRow", "PeopleGrid", "PeoplePrint", "PeopleRows", "PeopleScope", "PersonAct", "PersonAdd", "PersonCheckpoint", "PersonEdit", "PersonForms", "PersonList", "PersonPage", "PersonPanel", "acts_for", "chain_row",
]
