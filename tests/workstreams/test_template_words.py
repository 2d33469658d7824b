"""Steps that the guidance names are in the templates, with their words and their day."""

from __future__ import annotations

import pytest

from workstreams import plan_templates

STEPS = [
    ("provider_exit", "P02", "Exiting provider names its lead (else agreed with CQC and incoming)", "D0+3w"),
    ("provider_exit", "P09", "Inform procurement; termination route", "D0+3w"),
    ("provider_exit", "P20", "Tracker ready", "D0+10w"),
    ("provider_exit", "S08", "Social care primary need: family, VCSE, welcome message, same worker where TUPE", "T-5w"),
    ("provider_exit", "R01", "Tracker managed daily; hospital tracking", "daily"),
    ("provider_exit", "X01", "Tracker quality check; case system reconciled", "E+5w"),
    ("provider_exit", "R04", "Communications per plan", "per plan"),
    ("provider_exit", "X04", "Debrief within two weeks of E", "E+14c"),
    ("provider_exit", "X06", "Mapping refreshed for better rounds", "E+30w"),
    ("provider_exit", "X09", "Contract management of incoming providers reviewed", "E+20w"),
    ("live_service", "L15", "Estates works and reconfiguration (phased / complete)", "4 weeks before SCD"),
    ("live_service", "L17", "Logistics and equipment (phased / operational)", "4 weeks before SCD"),
    ("live_service", "L18", "IM&T ready (phased / full): access, records, data flows tested; DPIA", "3 weeks before SCD"),
    ("live_service", "L29", "Four-week record audit", "4 weeks after SCD"),
    ("homecare_start", "H12", "Commissioner call twice weekly in ramp-up", "Tue, Fri"),
]


@pytest.mark.parametrize(("kind", "code", "title", "when"), STEPS, ids=[code for _, code, _, _ in STEPS])
def test_a_step_the_guidance_names(kind, code, title, when):
    assert [(step.title, step.words) for step in plan_templates.steps(kind, "planned") if step.code == code] == [(title, when)]
