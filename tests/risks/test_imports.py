"""A register that comes in as a workbook (domain 10.15)."""

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.models import ImportRun, Job
from mobilisation.services import jobs
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


ROW = ("R-01", "Keys", "a", "b", "Ops", 4, 5, 20, "c", 1, 1, None, "Open")


def held(risk):
    risk.refresh_from_db()
    return risk.event, risk.likelihood, risk.consequence, risk.version, risk.imported_ref


def test_a_row_with_the_number_of_a_risk_of_ours_changes_nothing_unsaid(programme):
    """Every register counts from R-01."""
    ours = factory.risk(programme, event="Ours")
    outcome = bring(programme, book(ROW))
    assert (outcome.ok, figures(outcome)) == (False, (1, 0, 0, 0, 0, 1))
    assert [(e["row"], e["column"], e["problem"]) for e in outcome.summary["errors"]] == [
        (2, "No.", "R-01 is a risk of this register already, with other words: “Ours”. Say in the preview whether it is the same risk, or give the row another number.")
    ]
    assert (held(ours), Risk.objects.count()) == (("Ours", 3, 3, 1, ""), 1)


def test_a_number_of_ours_is_no_decision_for_a_risk_that_came_in_under_another_number(programme):
    bring(programme, book((7, "Keys of ours", "a", "b", "Ops", 2, 3, 6, "c", 1, 1, None, "Open")))
    outcome = bring(programme, book(ROW))
    assert (outcome.ok, figures(outcome)) == (False, (1, 0, 0, 0, 0, 1))
    assert held(Risk.objects.get()) == ("Keys of ours", 2, 3, 1, "7")


def test_the_same_number_and_the_same_words_are_the_same_risk(programme):
    ours = factory.risk(programme, event="Keys")
    outcome = bring(programme, book(ROW))
    assert (outcome.ok, figures(outcome)) == (True, (1, 0, 1, 0, 0, 0))
    assert held(ours)[:3] == ("Keys", 4, 5)


def upload(client, programme, data):
    client.post(reverse("mobilisation:import-start", args=[programme.ref, "risks"]), {"file": SimpleUploadedFile("register.xlsx", data)})
    return reverse("mobilisation:import-preview", args=[programme.ref, "risks", ImportRun.objects.latest("id").public_id])


def told(page):
    return " ".join(page.content.decode().split())


@pytest.mark.parametrize(("answer", "counts"), [("R-01", (0, 1, 0, 0)), ("another", (1, 0, 0, 0))])
def test_somebody_says_in_the_preview_whether_it_is_the_same_risk(programme, sign_in, answer, counts):
    ours = factory.risk(programme, event="Ours")
    client = sign_in("ML", programme)
    url = upload(client, programme, book(ROW))
    page = client.get(url)
    assert "1 row has the number of a risk that is here already" in told(page)
    assert "The same as R-01: “Ours”, score 9, owner Ops lead" in told(page)
    client.post(url, {"answers": "given", "who-2": answer})
    page = client.get(url)
    assert tuple(page.context["counts"][name] for name in ("created", "updated", "unchanged", "refused")) == counts
    if answer == "R-01":
        assert "<strong>Risk</strong> <del>Ours</del> → <ins>Keys</ins>" in told(page)
    client.post(url)
    assert jobs.run(Job.objects.get().pk).state == "done"
    if answer == "R-01":
        assert (held(ours), Risk.objects.count()) == (("Keys", 4, 5, 2, "R-01"), 1)
    else:
        assert (held(ours), Risk.objects.count(), Risk.objects.get(imported_ref="R-01").ref) == (("Ours", 3, 3, 1, ""), 2, "R-02")
    again = bring(programme, book(ROW))
    assert (again.ok, figures(again)) == (True, (1, 0, 0, 1, 0, 0))
