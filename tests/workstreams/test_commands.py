"""create_programme and import_plan as the public interface fixes them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from mobilisation.models import Organisation, Programme
from tests.factories import ground

pytestmark = pytest.mark.django_db
PLAN = Path(__file__).parent.parent / "data" / "transition-plan.csv"


def run(*args: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(*args, stdout=out, stderr=err)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_exit_is_made_with_its_parties():
    ground.holidays()
    code, out, _ = run(
        "create_programme", "mea-1", "--kind", "provider_exit", "--title", "Meadowgate exit", "--d0", "04/01/2027", "--end", "2027-04-30", "--party", "exiting=Meadowgate Homecare Ltd",
        "--party", "incoming provider=Bluebell Care", "--json",
    )
    assert (code, json.loads(out.splitlines()[-1])) == (0, {"reference": "MEA-1", "kind": "provider_exit", "pace": "planned", "status": "active", "workstreams": 8, "steps": 68})
    assert set(Organisation.objects.values_list("name", flat=True)) == {"Meadowgate Homecare Ltd", "Bluebell Care"}


USAGE = [
    ("--kind", "provider_exit", "--title", "T"), ("--kind", "live_service", "--title", "T", "--d0", "2027-01-04"), ("--kind", "provider_exit", "--title", "T", "--d0", "31/02/2027"),
    ("--kind", "provider_exit", "--title", "T", "--d0", "2027-01-04", "--party", "Bluebell"), ("--kind", "provider_exit", "--title", "T", "--d0", "2027-01-04", "--party", "landlord=X"),
    ("--kind", "live_service", "--title", "T", "--scd", "2027-01-04", "--exit-type", "planned"),
]


@pytest.mark.parametrize("arguments", USAGE)
def test_wrong_usage_ends_2_and_writes_nothing(arguments):
    code, _, err = run("create_programme", "MEA-1", *arguments)
    assert code == 2
    assert err.strip()
    assert Programme.objects.count() == 0


def test_unknown_kind_is_wrong_usage():
    with pytest.raises(CommandError):
        run("create_programme", "MEA-1", "--kind", "party", "--title", "T")


@pytest.mark.parametrize("arguments", [("--d0", "2027-01-04", "--end", "2027-01-03"), ("--d0", "2027-01-04", "--pace", "compressed")])
def test_refusal_ends_1_and_writes_nothing(arguments):
    assert run("create_programme", "MEA-1", "--kind", "provider_exit", "--title", "T", *arguments)[0] == 1
    assert Programme.objects.count() == 0


def test_reference_twice_is_refused():
    ground.provider_exit("MEA-1")
    code, out, err = run("create_programme", "mea-1", "--kind", "provider_exit", "--title", "T", "--d0", "2027-01-04", "--json")
    assert (code, "MEA-1 already" in err, json.loads(out.splitlines()[-1])["ok"]) == (1, True, False)


def test_a_person_without_the_right_is_refused():
    programme = ground.provider_exit()
    user = ground.user_in("BM", programme)
    assert run("create_programme", "MEA-1", "--kind", "provider_exit", "--title", "T", "--d0", "2027-01-04", "--user", user.email)[0] == 1
    assert not Programme.objects.filter(reference="MEA-1").exists()


@pytest.mark.parametrize(("role", "code"), [("ML", 0), ("SRO", 0), ("ADM", 0), ("BM", 1), ("IGO", 1)])
def test_who_may_open_the_next_programme_on_the_page_may_by_command(role, code):
    user = ground.user_in(role, None if role in {"ADM", "IGO"} else ground.provider_exit())
    found, _, err = run("create_programme", "MEA-1", "--kind", "provider_exit", "--title", "T", "--d0", "2027-01-04", "--user", user.email)
    assert (found, "does not allow you to create programmes" in err, Programme.objects.filter(reference="MEA-1").count()) == (code, bool(code), 1 - code)


def test_who_has_no_role_opens_no_programme():
    ground.holidays()
    user = ground.user()
    code, _, err = run("create_programme", "MEA-1", "--kind", "provider_exit", "--title", "T", "--d0", "2027-01-04", "--user", user.email)
    assert (code, err.strip(), Programme.objects.count()) == (1, f"{user.email} has no role on any programme.", 0)


def test_plan_is_imported_by_command():
    programme = ground.provider_exit("MEA-1")
    code, out, _ = run("import_plan", "mea-1", str(PLAN), "--json")
    summary = json.loads(out.splitlines()[-1])
    assert (code, summary["created"], summary["milestones"], summary["links"]) == (0, 35, 7, 28)
    assert programme.steps.count() == 35
