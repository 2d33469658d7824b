"""Read functions for the position: frozen dataclasses, a fixed number of queries."""

from transfers.facts.people import PeopleFacts, identifiers, people_facts
from transfers.facts.staff import StaffFacts, staff_facts

__all__ = ["PeopleFacts", "StaffFacts", "identifiers", "people_facts", "staff_facts"]
