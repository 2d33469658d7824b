"""The wizard that opens a programme."""

from __future__ import annotations

import pytest
import time_machine

from mobilisation.models import ContractParty, Job, Programme, RoleAssignment
from tests.factories import ground

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel("2027-03-01 12:00", tick=False):
        yield


def walk(client, answers):
    for step, data in answers:
        response = client.post(f"/programmes/new/?step={step}", data)
        assert response.status_code == 302, response.context["form"].errors
    return response


EXIT = [
    ("kind", {"kind": "provider_exit", "title": "Meadowgate exit", "reference": "mea-1"}),
    ("dates", {"exit_type": "enforced", "d0": "2027-03-01", "end": "2027-04-26", "pace": "", "staff_transfer": ""}),
    ("parties", {"lead_commissioner": "Kent County Council", "exiting": "Meadowgate Homecare Ltd", "incoming": "Bluebell Care\nOyster Bay Care"}),
    ("people", {"own": "CL", "role_SRO": "Pat Stone", "role_OL": ""}),
]


def test_wizard_opens_a_programme_with_its_plan(sign_in):
    client = sign_in("CL", ground.provider_exit())
    walk(client, EXIT)
    check = client.get("/programmes/new/?step=check").content.decode()
    assert "Compressed" in check
    assert "Bluebell Care (incoming provider); Oyster Bay Care (incoming provider)" in check
    assert Programme.objects.filter(reference="MEA-1").count() == 0
    assert client.post("/programmes/new/?step=check").headers["Location"] == "/programmes/mea-1/plan/"
    programme = Programme.objects.get(reference="MEA-1")
    assert (programme.pace, programme.steps.count(), programme.lead_organisation.name) == ("compressed", 68, "Kent County Council")
    assert sorted(RoleAssignment.objects.filter(programme=programme).values_list("role", "named")) == [("CL", ""), ("SRO", "Pat Stone")]
    assert client.get("/programmes/mea-1/plan/").status_code == 200


def test_wizard_proposes_the_bank_holidays_of_this_office(sign_in, settings):
    settings.DEFAULT_DIVISION = "scotland"
    client = sign_in("CL", ground.provider_exit())
    walk(client, EXIT[:1])
    assert client.get("/programmes/new/?step=dates").context["form"]["division"].value() == "scotland"
    walk(client, EXIT)
    client.post("/programmes/new/?step=check")
    assert Programme.objects.get(reference="MEA-1").division == "scotland"


def test_wizard_asks_for_a_lead_of_each_provider_and_keeps_whose_they_are(sign_in):
    client = sign_in("CL", ground.provider_exit())
    walk(client, [*EXIT[:3], ("people", {"own": "CL", "role_XP_0": "Gavin Mead", "role_IP_0": "Bella Thorne", "role_IP_1": "Olga Bayliss"})])
    assert "Olga Bayliss (incoming provider lead, Oyster Bay Care)" in client.get("/programmes/new/?step=check").content.decode()
    client.post("/programmes/new/?step=check")
    held = RoleAssignment.objects.filter(programme__reference="MEA-1", role__in=["XP", "IP"]).values_list("role", "named", "organisation__name")
    assert sorted(held) == [("IP", "Bella Thorne", "Bluebell Care"), ("IP", "Olga Bayliss", "Oyster Bay Care"), ("XP", "Gavin Mead", "Meadowgate Homecare Ltd")]


@pytest.mark.parametrize(("role", "offered"), [("ADM", ["", "SRO", "DL"]), ("CL", ["", "CL", "OL", "ML", "SRO", "MT", "DL", "DA"])])
def test_wizard_lets_nobody_give_themselves_sight_of_people(sign_in, role, offered):
    client = sign_in(role, None if role == "ADM" else ground.provider_exit())
    walk(client, EXIT[:3])
    form = client.get("/programmes/new/?step=people").context["form"]
    assert [code for code, _ in form.fields["own"].choices] == offered
    assert client.post("/programmes/new/?step=people", {"own": "OL", "role_CL": "Martin"}).status_code == (302 if role == "CL" else 422)


@pytest.mark.parametrize("role", ["ADM", "SRO"])
def test_wizard_takes_the_own_address_for_no_role_that_sees_people(sign_in, role):
    client = sign_in(role, None if role == "ADM" else ground.provider_exit())
    walk(client, EXIT[:3])
    answer = client.post("/programmes/new/?step=people", {"own": "", "role_CL": "Martin", "role_OL": client.user.email.upper(), "role_SRO": client.user.email})
    assert (answer.status_code, "You cannot give yourself OL" in answer.content.decode(), "give yourself SRO" in answer.content.decode()) == (422, True, False)
    assert client.get("/programmes/new/?step=check")["Location"].endswith("step=people")


@pytest.mark.parametrize(
    ("kind", "dates", "field", "words"),
    [
        ("provider_exit", {"exit_type": "planned", "d0": "2027-03-01", "staff_transfer": "2020-01-02"}, "staff_transfer", "before the decision"),
        ("provider_exit", {"exit_type": "planned", "d0": "1926-03-01"}, "d0", "not a likely year"),
        ("live_service", {"award": "2027-06-01", "scd": "2027-03-01"}, "award", "after the service starts"),
    ],
)
def test_wizard_says_at_once_which_dates_do_not_fit(sign_in, kind, dates, field, words):
    client = sign_in("CL", ground.provider_exit())
    walk(client, [("kind", {"kind": kind, "title": "T", "reference": "T-1"})])
    answer = client.post("/programmes/new/?step=dates", dates)
    assert (answer.status_code, list(answer.context["form"].errors), words in str(answer.context["form"].errors)) == (422, [field], True)


@pytest.mark.parametrize(
    ("people", "field", "words"),
    [
        ({"own": "OL"}, "role_CL", "Name the lead commissioning manager (CL)"),
        ({"own": "", "role_CL": "Martin"}, "own", "Choose your own role"),
    ],
)
def test_wizard_opens_no_programme_without_its_lead_or_its_maker(sign_in, people, field, words):
    client = sign_in("CL", ground.provider_exit())
    walk(client, EXIT[:3])
    answer = client.post("/programmes/new/?step=people", {name: client.user.email if value == "SELF" else value for name, value in people.items()})
    said = answer.context["form"].errors
    assert (answer.status_code, list(said), words in str(said)) == (422, [field], True)


def test_wizard_takes_whoever_names_themselves_in_a_line_too_once(sign_in):
    client = sign_in("CL", ground.provider_exit())
    walk(client, [*EXIT[:3], ("people", {"own": "CL", "role_CL": client.user.email.upper(), "role_SRO": client.user.email})])
    assert client.get("/programmes/new/?step=people").context["form"]["role_CL"].value() == client.user.email.upper()
    client.post("/programmes/new/?step=check")
    assert sorted(RoleAssignment.objects.filter(programme__reference="MEA-1").values_list("role", "user")) == [("CL", client.user.pk), ("SRO", client.user.pk)]


def test_wizard_says_optional_of_no_field_that_it_then_refuses(sign_in):
    client = sign_in("CL", ground.provider_exit())
    walk(client, EXIT[:2])
    nobody_exits = client.post("/programmes/new/?step=parties", {"lead_commissioner": "Kent County Council"})
    assert (nobody_exits.status_code, list(nobody_exits.context["form"].errors)) == (422, ["exiting"])
    walk(client, [EXIT[2]])
    page = client.get("/programmes/new/?step=people").content.decode()
    assert ['Your own role in it <span class="app-optional">' in page, '(CL) <span class="app-optional">' in page, '(OL) <span class="app-optional">' in page] == [False, False, True]


def test_wizard_takes_a_provider_once_whatever_its_case_and_on_one_side_only(sign_in):
    client = sign_in("CL", ground.provider_exit())
    walk(client, EXIT[:2])
    both = client.post("/programmes/new/?step=parties", {"exiting": "Foo Care", "incoming": "Bar\nfoo care"})
    assert (both.status_code, "is named as the exiting and as an incoming provider" in both.content.decode()) == (422, True)
    walk(client, [("parties", {"exiting": "Foo Care", "incoming": "Bar\nBAR"})])
    fields = client.get("/programmes/new/?step=people").context["form"].fields
    assert [name for name in fields if name.startswith("role_IP")] == ["role_IP_0"]
    walk(client, [("people", {"own": "CL"})])
    client.post("/programmes/new/?step=check")
    assert sorted(ContractParty.objects.filter(contract__programmes__reference="MEA-1").values_list("role", "organisation__name")) == [("exiting", "Foo Care"), ("incoming", "Bar")]


def test_wizard_opens_an_account_for_an_address_without_one(sign_in):
    client = sign_in("CL", ground.provider_exit())
    walk(client, [*EXIT[:3], ("people", {"own": "CL", "role_OL": "New.One@example.org"})])
    client.post("/programmes/new/?step=check")
    held = RoleAssignment.objects.get(programme__reference="MEA-1", role="OL")
    assert (held.user.email, held.named, Job.objects.filter(kind="invitation", args={"user": held.user.pk}).count()) == ("new.one@example.org", "", 1)


def test_wizard_keeps_what_was_typed_and_does_not_skip(sign_in):
    client = sign_in("CL", ground.provider_exit())
    assert client.get("/programmes/new/?step=check").headers["Location"] == "/programmes/new/?step=kind"
    refused = client.post("/programmes/new/?step=kind", {"kind": "provider_exit", "title": "Kept words", "reference": "x"})
    assert (refused.status_code, 'value="Kept words"' in refused.content.decode()) == (422, True)
    walk(client, EXIT[:1])
    wrong = client.post("/programmes/new/?step=dates", {"exit_type": "planned", "d0": "2027-03-01", "end": "2027-02-01"})
    assert "before the decision date" in wrong.content.decode()
    assert 'value="Meadowgate exit"' in client.get("/programmes/new/").content.decode()


def test_wizard_answers_outlive_the_session(sign_in):
    client = sign_in("CL", ground.provider_exit())
    walk(client, EXIT[:3])
    who = client.user
    client.logout()
    client.force_login(who)
    assert client.get("/programmes/new/?step=people").status_code == 200
    client.force_login(ground.user_in("CL", ground.provider_exit()))
    assert client.get("/programmes/new/?step=people")["Location"].endswith("step=kind")


def test_wizard_says_no_to_whoever_may_not_open_one(sign_in):
    assert sign_in("BM", ground.provider_exit()).get("/programmes/new/").status_code == 404


def test_wizard_sends_strangers_to_sign_in(client):
    assert client.get("/programmes/new/").status_code == 302


@pytest.mark.parametrize("kind,dates", [("live_service", {"scd": "2027-09-01"}), ("homecare_start", {"go_live": "2027-05-03"})])
def test_wizard_opens_the_other_kinds(sign_in, kind, dates):
    client = sign_in("ADM")
    walk(client, [("kind", {"kind": kind, "title": "T", "reference": "T-1"}), ("dates", dates), ("parties", {}), ("people", {"own": "SRO", "role_CL": "Martin"})])
    client.post("/programmes/new/?step=check")
    assert Programme.objects.get(reference="T-1").status == "active"


@pytest.mark.parametrize(("step", "data", "field", "said"), [
    ("people", {"own": "CL", "role_SRO": "x@", "role_OL": "Ann"}, "role_SRO", "“x@” is not an e-mail address"),
    ("people", {"own": "CL", "role_SRO": "Ann\x01", "role_OL": "Ann"}, "role_SRO", "a character that cannot be kept"),
    ("parties", {"exiting": "Meadowgate", "incoming": "Bluebell\r\n" + "a" * 201}, "incoming", "at most"),
])
def test_wizard_says_what_is_wrong_with_a_line(sign_in, step, data, field, said):
    client = sign_in("CL", ground.provider_exit())
    walk(client, EXIT[: 2 if step == "parties" else 3])
    answer = client.post(f"/programmes/new/?step={step}", data)
    assert (answer.status_code, list(answer.context["form"].errors), said in str(answer.context["form"].errors)) == (422, [field], True)
