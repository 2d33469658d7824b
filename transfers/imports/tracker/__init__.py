"""The tracker in and out again (domain 7.4, 10.1): a row that lists a person is taken as reported by the file;
a later row of the same person goes through the gates."""

from transfers.imports.tracker.cells import FIELDS, HOSPITAL, MARKS, cell_of
from transfers.imports.tracker.writing import TrackerImporter

__all__ = ["FIELDS", "HOSPITAL", "MARKS", "TrackerImporter", "cell_of"]
