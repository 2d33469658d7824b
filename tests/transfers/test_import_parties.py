"""A workbook that names providers the programme does not know yet: each shown once, added in one go, the file read again."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from mobilisation.models import Change, ContractParty, ImportRun, Notification
from mobilisation.workbooks.plan import Problem, together
from tests.factories import ground, workbooks
from transfers.models import PersonTransfer

pytestmark = pytest.mark.django_db
HEAD = ["Surname", "First name", "Case ID", "Funding", "Current provider", "New provider"]


def upload(client, programme, *rows):
    data = workbooks.xlsx(("People", [HEAD, *[["Person", f"N{n}", f"C{n}", "Council", *row] for n, row in enumerate(rows)]]))
    client.post(reverse("mobilisation:import-start", args=[programme.ref, "tracker"]), {"file": SimpleUploadedFile("people.xlsx", data)})
    return reverse("mobilisation:import-preview", args=[programme.ref, "tracker", ImportRun.objects.latest("id").public_id])


def parties(programme):
    return sorted(ContractParty.objects.filter(contract__programmes=programme).values_list("role", "organisation__name"))


@pytest.fixture
def bare(db):
    made = ground.programme("provider_exit", exit_type="planned")
    ground.party(made, "Bluebell Care Partners", "incoming")
    return made


ROWS = [("Old Care Ltd", "Aster Homecare"), ("Old Care", "Aster Homecare"), ("Old Care Ltd", "Aster Homecar"), ("Old Care Ltd", "Blubell Care Partners"), ("Old Care Ltd", "")]


def test_each_unknown_name_once_with_its_role_and_slips_not_ticked(bare, sign_in):
    client = sign_in("OL", bare)
    page = client.get(upload(client, bare, *ROWS))
    found = [(one.role, one.name, one.rows, one.near) for one in page.context["strangers"]]
    assert found == [("exiting", "Old Care Ltd", 5, ""), ("incoming", "Aster Homecare", 2, ""), ("incoming", "Aster Homecar", 1, "Aster Homecare"), ("incoming", "Blubell Care Partners", 1, "Bluebell Care Partners")]
    text = page.content.decode()
    assert [text.count(f'value="{role}:{name}" checked') for role, name, _, _ in found] == [1, 1, 0, 0]
    assert ("No row can be imported yet" in text, "just as the file says" in text) == (True, False)
    assert [(problem.row, problem.value) for problem in page.context["problems"]][:2] == [("2, 4, 5, 6", "Old Care Ltd"), ("2, 3", "Aster Homecare")]


def test_those_ticked_become_parties_and_their_rows_can_be_imported(bare, sign_in):
    client = sign_in("OL", bare)
    url = upload(client, bare, *ROWS)
    answer = client.post(url, {"add_parties": "1", "party": ["exiting:Old Care Ltd", "incoming:Aster Homecare", "incoming:Made Up"]}, follow=True)
    assert parties(bare) == [("exiting", "Old Care Ltd"), ("incoming", "Aster Homecare"), ("incoming", "Bluebell Care Partners")]
    assert (answer.context["counts"]["created"], answer.context["counts"]["refused"], PersonTransfer.objects.count()) == (3, 2, 0)
    assert "2 organisations are parties" in answer.content.decode()
    assert Change.objects.filter(entity="mobilisation.contractparty", action="created").count() == 2


def test_nothing_ticked_adds_nothing(bare, sign_in):
    client = sign_in("OL", bare)
    answer = client.post(upload(client, bare, *ROWS), {"add_parties": "1"}, follow=True)
    assert ("Tick at least one organisation" in answer.content.decode(), parties(bare)) == (True, [("incoming", "Bluebell Care Partners")])


def test_who_does_not_manage_the_programme_is_told_who_does(bare, sign_in):
    client = sign_in("MT", bare)
    url = upload(client, bare, *ROWS)
    text = client.get(url).content.decode()
    assert ('name="add_parties"' in text, "A lead of the programme adds them as parties" in text) == (False, True)
    client.post(url, {"add_parties": "1", "party": ["exiting:Old Care Ltd"]})
    assert parties(bare) == [("incoming", "Bluebell Care Partners")]


@pytest.mark.parametrize(
    ("rows", "shown"), [([0], ""), ([6], "6"), ([6, 7], "6, 7"), ([6, 7, 8], "6 to 8"), ([6, 8, 9], "6, 8, 9"), ([1, 3, 5, 7, 9, 11, 13, 15], "1, 3, 5, 7, 9, 11 and 2 more")]
)
def test_rows_that_share_a_fault_are_said_together(rows, shown):
    (one,) = together([Problem(row, "Wave", "x", "Wrong.") for row in rows])
    assert (one.row, one.column, one.value, one.problem) == (shown, "Wave", "x", "Wrong.")


def test_the_team_asks_the_leads_who_are_told_once_where_the_upload_waits(bare, sign_in):
    lead = ground.user_in("CL", bare)
    ground.user_in("BM", bare)
    client = sign_in("MT", bare)
    url = upload(client, bare, *ROWS)
    page = client.get(url).content.decode()
    assert ("Ask the leads to add them" in page, "Add to the programme and read again" in page, "import the good rows now" in page) == (True, False, False)
    for _ in range(2):
        assert "1 person is told" in client.post(url, {"ask_parties": "1"}, follow=True).content.decode()
    told = Notification.objects.get(kind="import")
    assert (told.user, told.url, told.subject) == (lead, url, f"{bare.reference}: a workbook waits, 4 organisations are not in the programme yet")
    assert ContractParty.objects.filter(contract__programmes=bare, organisation__name="Old Care Ltd").count() == 0
