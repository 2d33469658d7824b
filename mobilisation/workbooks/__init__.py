"""Workbooks in and out: safe reading, headings, values, the typed import pipeline, writing.

Nothing here knows a model; an app plugs in an :class:`mobilisation.workbooks.pipeline.Importer`.

A whole importer, for a list of wards with a code and a name::

    class WardImporter(Importer[Ward]):
        kind, noun, can = "wards", ("ward", "wards"), Can.PLAN_EDIT
        once_in_file = ("code",)

        def columns(self):
            return [
                Column("code", "Ward code", Text(20), ("ward", "ward ref"), required=True),
                Column("name", "Name", Text(100), ("ward name",), required=True),
                Column("opens", "Opens", Date(), ("opening date",)),
            ]

        def load(self, rows):
            self.wards = {w.code: w for w in Ward.objects.filter(programme=self.programme)}

        def match(self, row):
            return self.wards.get(row.values.get("code"))

        def current(self, record):
            return {"code": record.code, "name": record.name, "opens": record.opens}

        def write(self, plan, job=None):
            changes.bulk_create([Ward(programme=self.programme, **p.row.given) for p in plan.created], actor=self.actor, job=job)
            changes.bulk_apply([(p.record, p.new_values) for p in plan.updated], actor=self.actor, job=job)
            return Written(created=len(plan.created), updated=len(plan.updated))
"""

from mobilisation.workbooks.columns import Column
from mobilisation.workbooks.pipeline import Importer, ParsedRow, Plan, PlannedRow, Problem, Written
from mobilisation.workbooks.values import (
    MSOA,
    UPRN,
    CheckpointDate,
    Choice,
    CodePresence,
    Context,
    Date,
    Fault,
    Named,
    NHSNumber,
    Number,
    Percent,
    Postcode,
    Text,
    Time,
    Whole,
    YesNo,
)

__all__ = [
    "MSOA", "UPRN", "CheckpointDate", "Choice", "CodePresence", "Column", "Context", "Date", "Fault", "Importer", "NHSNumber", "Named", "Number",
    "ParsedRow", "Percent", "Plan", "PlannedRow", "Postcode", "Problem", "Text", "Time", "Whole", "Written", "YesNo",
]
