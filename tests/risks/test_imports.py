"""A register that comes in as a workbook (domain 10.15)."""

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from django.core.management import call_command

from mobilisation.access import Actor
from mobilisation.services.imports import import_file
from risks.models import Risk
from risks.services import register
from tests.factories import risks as factory

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parent.parent / "data"
OPERATOR = Actor.operator()
HEADINGS = ("No.", "Risk", "Cause", "Impact", "Owner", "L", "I", "Score", "Mitigation", "Target L", "Target I", "Review", "Status")


def bring(programme, data, name="risk-register.xlsx", **options):
    return import_file("risks", programme, OPERATOR, data, name, **options)


def book(*rows):
    made = openpyxl.Workbook()
    for row in (HEADINGS, *rows):
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def figures(outcome):
    return tuple(outcome.summary[name] for name in ("rows", "created", "updated", "unchanged", "skipped", "refused"))


def test_the_register_comes_in_whole_and_again_without_change(programme):
    data = (DATA / "risk-register.xlsx").read_bytes()
    first = bring(programme, data)
    assert (first.ok, figures(first), first.summary["errors"]) == (True, (8, 8, 0, 0, 0, 0), [])
    risk = Risk.objects.get(imported_ref="3")
    assert (risk.ref, risk.event, risk.cause, risk.effect, risk.owner_label) == ("R-03", "Rotas cannot be built in coastal zone", "No carers with cars", "Late calls", "Ops lead")
    assert (risk.likelihood, risk.consequence, risk.score, risk.initial_score, risk.target_score, risk.review_on) == (4, 5, 20, 20, 10, date(2026, 11, 23))
    closed = Risk.objects.get(imported_ref="6")
    assert (closed.status, closed.close_reason, Risk.objects.open().count()) == ("closed", "closed in imported register", 7)
    again = bring(programme, data)
    assert figures(again) == (8, 0, 0, 8, 0, 0)
    assert Risk.objects.count() == 8


def test_a_register_never_touches_risks_it_did_not_make(programme):
    ours = factory.risk(programme, event="Ours")
    bring(programme, (DATA / "risk-register.xlsx").read_bytes())
    ours.refresh_from_db()
    assert (ours.event, ours.version, Risk.objects.count()) == ("Ours", 1, 9)


def test_a_changed_row_changes_its_risk_and_keeps_the_score(programme):
    bring(programme, book((1, "Keys", "a", "b", "Ops", 2, 3, 6, "c", 1, 1, None, "Open"), (2, "Staff", "a", "b", "Ops", 2, 3, 6, "c", 1, 1, None, "Open")))
    outcome = bring(programme, book((1, "Keys", None, "b", "Ops", 4, 3, 12, "c", 1, 1, None, "Open"), (2, "Staff", "a", "b", "Ops", 2, 3, 6, "c", 1, 1, None, "Closed")))
    assert figures(outcome) == (2, 0, 2, 0, 0, 0)
    keys, staff = Risk.objects.get(imported_ref="1"), Risk.objects.get(imported_ref="2")
    assert (keys.score, keys.cause, list(keys.scores.values_list("score", flat=True))) == (12, "a", [6, 12])
    assert (staff.status, staff.close_reason) == ("closed", "closed in imported register")


def test_every_fault_is_named_and_nothing_is_written(programme):
    outcome = bring(programme, book((1, "Keys", "a", "b", "Ops", 6, 3, 18, "c", 1, 1, None, "Open"), (1, None, "a", "b", "Ops", 2, 2, 4, "c", 3, 3, None, "Perhaps"), (3, "Good", "a", "b", "Ops", 1, 1, 1, "c", None, None, None, "Open")))
    assert not outcome.ok
    assert [(e["row"], e["column"]) for e in outcome.summary["errors"]] == [(2, "L"), (3, "Status"), (3, "No."), (3, "Risk"), (3, "Target L")]
    assert not Risk.objects.exists()
    accepted = bring(programme, book((1, "Keys", "a", "b", "Ops", 6, 3, 18, "c", 1, 1, None, "Open"), (3, "Good", "a", "b", "Ops", 1, 1, 1, "c", None, None, None, "Open")), accept_valid=True)
    assert (accepted.ok, [r.event for r in Risk.objects.all()]) == (True, ["Good"])


def test_a_score_that_does_not_multiply_is_noted_and_put_right(programme):
    outcome = bring(programme, book((1, "Keys", "a", "b", "Ops", 4, 3, 13, "c", 1, 1, None, "Open")))
    assert outcome.ok
    assert Risk.objects.get().score == 12
    assert [w["problem"] for w in outcome.summary["warnings"]] == ["4 times 3 is 12; that is what is kept."]


def test_what_was_closed_here_stays_closed(programme):
    row = (1, "Keys", "a", "b", "Ops", 2, 3, 6, "c", 1, 1, None, "Open")
    bring(programme, book(row))
    register.close(Risk.objects.get(), "Done", actor=factory.SYSTEM)
    outcome = bring(programme, book(row))
    assert figures(outcome) == (1, 0, 0, 1, 0, 0)
    assert Risk.objects.get().status == "closed"


def test_the_command(programme, capsys):
    call_command("import_risks", programme.reference.lower(), str(DATA / "risk-register.xlsx"), "--json")
    assert '"created": 8' in capsys.readouterr().out.strip().splitlines()[-1]
