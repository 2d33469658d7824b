"""Steps that the guidance names are in the templates, with their words and their day."""

from __future__ import annotations

import pytest

from workstreams import plan_templates

STEPS = [
    ("provider_exit", "P01", "Appoint lead managers and officer; open the exit checklist", "D0+1w"),
    ("provider_exit", "P03", "Name mobilisation team; send roles and contacts", "D0+3w"),
    ("provider_exit", "P06", "Strategy meeting or call", "D0+5w"),
    ("provider_exit", "P21", "Exiting provider meeting: CQC duties, behaviours, data-exchange checklist, monies held", "D0+8w"),
    ("provider_exit", "P22", "Incoming provider meeting", "D0+15w"),
    ("provider_exit", "K07", "Timing check: weekends, bank holidays, elections", "D0+8w"),
    ("provider_exit", "S01", "Safeguarding concerns raised, core group and CQC told", "same day"),
    ("provider_exit", "S05", "Incoming provider contacts each transferring worker", "X-10c"),
    ("homecare_start", "H09", "Shift-start huddle, 15 min, actions with owner and deadline", "daily"),
    ("homecare_start", "H14", "Weekly safeguarding review: themes, escalations, interim controls", "weekly"),
    ("homecare_start", "H20", "30-day review with commissioner; decide on stepping down", "G+30c"),
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
    ("provider_exit", "K05", "Who tells families; provider confirms", "D0+8w"),
    ("provider_exit", "K06", "Approach for cognitive impairment or learning disability", "D0+8w"),
    ("provider_exit", "K10", "Contact-centre and call-back resource", "D0+8w"),
    ("provider_exit", "K11", "Call script and FAQs", "D0+8w"),
    ("provider_exit", "K16", "Offer reviews to people and carers", "D0+12w"),
    ("provider_exit", "P04", "Form task force", "D0+5w"),
    ("provider_exit", "P12", "System plan: care items, budget codes", "D0+10w"),
    ("provider_exit", "P16", "List of people: all funding types, representatives, billing addresses, visit times", "D0+3w"),
    ("provider_exit", "P17", "Data checks against provider list; hospital list", "D0+8w"),
    ("provider_exit", "P18", "Priority rating; unknown people offered assessment; formats", "D0+10w"),
    ("provider_exit", "P19", "Allocation sheets", "D0+15w"),
    ("provider_exit", "R02", "Wash-ups daily or weekly", "weekly"),
    ("provider_exit", "R03", "Old orders ended, new raised and shared before start", "C10"),
    ("provider_exit", "R05", "Safety checks", "C16"),
    ("provider_exit", "S02", "Needs and risk assessment, right professionals", "C07"),
    ("provider_exit", "S03", "Care and support plan current; agreement to share", "C06; C08"),
    ("provider_exit", "S04", "Incoming provider contacts the person", "C12"),
    ("provider_exit", "S06", "Files and consent", "C13"),
    ("provider_exit", "S07", "Health primary need: joint working with the ICB", "T-15w"),
    ("provider_exit", "X05", "New-arrangements reviews, self-funders included", "T+42c"),
    ("live_service", "L15", "Estates works and reconfiguration (phased / complete)", "4 weeks before SCD"),
    ("live_service", "L17", "Logistics and equipment (phased / operational)", "4 weeks before SCD"),
    ("live_service", "L18", "IM&T ready (phased / full): access, records, data flows tested; DPIA", "3 weeks before SCD"),
    ("live_service", "L29", "Four-week record audit", "4 weeks after SCD"),
    ("homecare_start", "H12", "Commissioner call twice weekly in ramp-up", "Tue, Fri"),
]


@pytest.mark.parametrize(("kind", "code", "title", "when"), STEPS, ids=[code for _, code, _, _ in STEPS])
def test_a_step_the_guidance_names(kind, code, title, when):
    assert [(step.title, step.words) for step in plan_templates.steps(kind, "planned") if step.code == code] == [(title, when)]
