"""Who owns a step of a built-in plan, what it is called, where it sits and how it is marked (domain 6, 10.14)."""

from __future__ import annotations

from hashlib import sha256

import pytest

from workstreams import plan_templates

KINDS = ("provider_exit", "live_service", "homecare_start")

# The owner columns of section 6 of the domain guide: owners, then the codes.
OWNERS = {
    "provider_exit": {
        "CL": "P00 P08 P09 P10 P12 P13 P15 P16 P19 P20 K01 K02 K04 K05 K07 K10 K11 K12 K13 K14 R06 X03 X06 X09 X11",
        "SRO": "P01",
        "XP": "P02",
        "OL": "P03 P07 P18 K16 R02",
        "CL, OL": "P04 K08",
        "OL, CL": "P05 P06 P17 P21 P22 P23 R04 R08 X04 X08 X10 X12",
        "CL, FIN": "P11 X07",
        "CL, CMS": "P14 K09 K15",
        "CL, XP": "K03",
        "CL, MT": "K06",
        "MT": "S01 R01 R03 R05",
        "CM": "S02 S03 S07 X05",
        "IP": "S04 S05",
        "XP, MT": "S06",
        "CM, IP": "S08",
        "CL, DA": "R07",
        "MT, OL": "X01",
        "OL, FIN": "X02",
    },
    "live_service": {
        "SRO": "L01 L02 L04",
        "ML": "L03 L05 L07 L09 L28",
        "provider": "L06",
        "WL": "L08 L13 L14 L25",
        "CL": "L10 L11 L26 L31",
        "CL, FIN": "L12",
        "lead": "L15 L16 L17",
        "DA": "L18 L24",
        "CMS": "L19 L20",
        "QL": "L21 L22 L23 L29 L30",
        "BCH": "L27",
    },
    "homecare_start": {
        "ML": "H01 H08",
        "ML, CO": "H02 H07 H12 H20",
        "WL": "H03 H17 H19",
        "QL": "H04 H05 H13 H14 H18",
        "IP": "H06 H16",
        "supervisors": "H09",
        "scheduling": "H10 H11",
        "QL, CO": "H15",
    },
}
STREAMS = {
    "live_service": {
        "contract-management": "L01 L06 L10 L11 L12 L26 L31",
        "governance": "L02 L03 L04 L05 L07 L09 L27",
        "hr-workforce": "L08 L13 L14 L25",
        "estates": "L15",
        "health-safety-fire": "L16",
        "procurement": "L17",
        "imt": "L18",
        "communications": "L19 L20",
        "clinical": "L21 L22 L23 L29 L30",
        "finance": "L24",
        "operational": "L28",
    },
    "homecare_start": {
        "governance": "H01 H08 H12 H20",
        "capacity": "H02 H07 H10 H11",
        "workforce": "H03 H09 H17 H19",
        "care-planning": "H04 H06 H16",
        "quality-and-safeguarding": "H05 H13 H14 H15 H18",
    },
}
# The guide marks no step; these are the choices of the templates, held so that a change is meant.
MARKS = {
    "provider_exit": {
        "gate": "P16 P18 K13",
        "critical": "P08 P16 P17 P18 P19 P20 S02 R03 R05",
        "evidence": "P08 X12",
        "within": "X04",
    },
    "live_service": {
        "gate": "L18 L21 L25 L26 L27",
        "critical": "L11 L13 L25 L26 L27 L28",
        "evidence": "L11 L18 L21 L25 L26",
        "within": "",
    },
    "homecare_start": {
        "gate": "H02 H05",
        "critical": "H01 H02 H03 H05 H16 H17",
        "evidence": "H03 H05",
        "within": "H08 H16 H17 H18 H19",
    },
}
MILESTONES = {
    "provider_exit": {
        "P16": ("other", "full"),
        "P18": ("other", "full"),
        "P19": ("other", "full"),
        "P20": ("other", "full"),
        "P23": ("other", "full"),
        "K13": ("communications", "full"),
        "X04": ("other", "full"),
        "X08": ("other", "full"),
        "X12": ("other", "full"),
    },
    "live_service": {
        "L07": ("other", "full"),
        "L11": ("other", "full"),
        "L15": ("works_reconfiguration", "phased"),
        "L17": ("logistics", "phased"),
        "L18": ("imt", "phased"),
        "L20": ("communications", "full"),
        "L25": ("workforce", "full"),
        "L26": ("conditions_precedent", "full"),
        "L27": ("other", "full"),
        "L28": ("other", "full"),
    },
    "homecare_start": {
        "H01": ("other", "full"),
        "H03": ("workforce", "full"),
        "H05": ("other", "full"),
        "H07": ("logistics", "phased"),
        "H20": ("other", "full"),
    },
}
# Of the lines "code title": compared with the guide word by word but for L13, which spells out its reference to the guide.
TITLES = {"provider_exit": "ea7d4f77c7efd34a", "live_service": "90f5fee5b2c0b2d0", "homecare_start": "c67a4c8159b62721"}


def grouped(pairs) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for name, code in pairs:
        found.setdefault(name, []).append(code)
    return {name: " ".join(codes) for name, codes in found.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_owner_of_every_step(kind):
    assert grouped((step.owners, step.code) for step in plan_templates.steps(kind, "planned")) == OWNERS[kind]


@pytest.mark.parametrize("kind", STREAMS)
def test_workstream_of_every_step(kind):
    assert grouped((step.workstream, step.code) for step in plan_templates.steps(kind, "planned")) == STREAMS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_marks_of_every_step(kind):
    steps = plan_templates.steps(kind, "planned")
    assert {mark: " ".join(step.code for step in steps if getattr(step, mark)) for mark in MARKS[kind]} == MARKS[kind]
    assert {step.code: (step.milestone_kind, step.scale) for step in steps if step.milestone_kind or step.scale} == MILESTONES[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_title_of_every_step(kind):
    lines = "\n".join(f"{step.code} {step.title}" for step in plan_templates.steps(kind, "planned"))
    assert sha256(lines.encode()).hexdigest()[:16] == TITLES[kind]


@pytest.mark.parametrize("kind,number", [("provider_exit", 68), ("live_service", 31), ("homecare_start", 20)])
def test_number_of_steps(kind, number):
    assert len(plan_templates.steps(kind, "planned")) == number
