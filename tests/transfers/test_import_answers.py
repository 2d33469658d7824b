"""A name and a date of birth only offer somebody; who it is, a person says in the preview (domain 7.4)."""

import json
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.models import ImportRun, Job, SavedMapping
from mobilisation.services import jobs
from tests.factories import ground, people, workbooks
from transfers.imports.tracker import TrackerImporter
from transfers.models import PersonTransfer

pytestmark = pytest.mark.django_db
BORN = date(1940, 2, 1)


@pytest.fixture
def listed(programme):
    return people.person(programme, surname="Hartley", forename="Ann", date_of_birth=BORN, case_system_id="", nhs_number="", funding_type="council")


def upload(client, programme, *rows):
    data = workbooks.xlsx(("People", [["Surname", "First name", "DOB", "NHS number", "Funding", "Case manager"], *rows]))
    client.post(reverse("mobilisation:import-start", args=[programme.ref, "tracker"]), {"file": SimpleUploadedFile("people.xlsx", data)})
    return reverse("mobilisation:import-preview", args=[programme.ref, "tracker", ImportRun.objects.latest("id").public_id])


def write(client, url):
    client.post(url)
    assert jobs.run(Job.objects.get().pk).state == "done"


def plan(client, url):
    context = client.get(url).context
    return context["counts"]["created"], context["counts"]["updated"], context["counts"]["unchanged"], context["counts"]["refused"]


ANN = ["Hartley", "Ann", "01/02/1940", "", "Council", "J. Patel"]


@pytest.mark.parametrize(("number", "unsaid"), [("", (0, 0, 0, 1)), ("9434765919", (1, 0, 0, 0))])
def test_the_same_person_is_changed_and_another_is_added_as_somebody_says(programme, listed, sign_in, number, unsaid):
    client = sign_in("OL", programme)
    url = upload(client, programme, [*ANN[:3], number, *ANN[4:]])
    assert plan(client, url) == unsaid
    text = client.get(url).content.decode()
    assert f"The same as {listed.public_id}: Hartley Ann, born 01/02/1940" in text
    client.post(url, {"answers": "given", "who-2": listed.public_id})
    assert plan(client, url) == (0, 1, 0, 0)
    client.post(url, {"answers": "given", "who-2": "another"})
    assert plan(client, url) == (1, 0, 0, 0)
    client.post(url, {"answers": "given", "who-2": ""})
    assert plan(client, url) == unsaid


def test_the_answer_holds_when_the_file_is_written(programme, listed, sign_in):
    client = sign_in("OL", programme)
    url = upload(client, programme, ANN)
    client.post(url, {"answers": "given", "who-2": listed.public_id})
    write(client, url)
    listed.refresh_from_db()
    assert (PersonTransfer.objects.count(), listed.case_manager) == (1, "J. Patel")


def test_all_at_once_are_those_with_one_offer(programme, listed, sign_in):
    people.person(programme, surname="Moss", forename="Ben", date_of_birth=BORN, case_system_id="", nhs_number="")
    people.person(programme, surname="Wood", forename="Cy", date_of_birth=BORN, case_system_id="", nhs_number="")
    people.person(programme, surname="Wood", forename="Cy", date_of_birth=BORN, case_system_id="", nhs_number="")
    client = sign_in("OL", programme)
    url = upload(client, programme, ANN, ["Moss", "Ben", *ANN[2:]], ["Wood", "Cy", *ANN[2:]])
    assert client.get(url).context["unsaid"] == 3
    client.post(url, {"answers": "all"})
    assert (plan(client, url), client.get(url).context["unsaid"]) == ((0, 2, 0, 1), 1)


def test_somebody_not_offered_cannot_be_chosen(programme, listed, sign_in):
    other = people.person(programme, surname="Moss", forename="Ben", date_of_birth=BORN)
    client = sign_in("OL", programme)
    url = upload(client, programme, ANN)
    client.post(url, {"answers": "given", "who-2": other.public_id})
    assert plan(client, url) == (0, 0, 0, 1)


OTHERS = [
    (["Moss", "Cy", "03/03/1950", "9434765919", "", ""], "It belongs to", ["first"]),
    (["Hartley", "Ann", "", "9434765919", "", "", "LAS 70002"], "The NHS number belongs to one person on the list and the case-system ID to another.", ["first", "second"]),
]


@pytest.mark.parametrize(("row", "said", "named"), OTHERS)
def test_whose_number_it_is_stands_there_by_name_for_who_sees_them_and_is_not_kept(programme, sign_in, row, said, named):
    people_ = {
        "first": people.person(programme, surname="Hartley", forename="Ann", date_of_birth=BORN, case_system_id="LAS 70001", nhs_number="9434765919"),
        "second": people.person(programme, surname="Wood", forename="Dee", date_of_birth=BORN, case_system_id="LAS 70002", nhs_number=""),
    }
    client = sign_in("OL", programme)
    data = workbooks.xlsx(("People", [["Surname", "First name", "DOB", "NHS number", "Funding", "Case manager", "Case ID"], row]))
    client.post(reverse("mobilisation:import-start", args=[programme.ref, "tracker"]), {"file": SimpleUploadedFile("people.xlsx", data)})
    run = ImportRun.objects.get()
    url = reverse("mobilisation:import-preview", args=[programme.ref, "tracker", run.public_id])
    page = client.get(url).content.decode()
    assert said in page
    links = {key: f'<a href="{reverse("transfers:person-detail", args=[programme.ref, one.public_id])}">{one.name}, {one.case_system_id}</a>' for key, one in people_.items()}
    assert {key: page.count(link) for key, link in links.items()} == {key: 2 if key in named else 0 for key in links}, "among the faults, and in the row that is refused"
    client.post(url)
    jobs.run(Job.objects.get().pk)
    run.refresh_from_db()
    kept = json.dumps(run.summary)
    assert (said in kept, "Wood" in kept, "LAS 70001" in kept) == (True, False, False)
    assert links["first"] not in client.get(reverse("mobilisation:import-run", args=[programme.ref, "tracker", run.public_id])).content.decode()


def test_nobody_is_named_to_who_does_not_see_them(programme, listed):
    told = [TrackerImporter(programme, actor).told([listed.public_id, "nobody"]) for actor in (ground.actor("OL", programme), ground.actor("COM", programme), Actor.operator())]
    assert [[one.who for one in found] for found in told] == [["Hartley, Ann"], [], []]


def test_what_headings_mean_is_remembered_when_it_is_chosen_and_may_be_chosen_anew(programme, sign_in):
    client = sign_in("OL", programme)
    url = upload(client, programme, ANN)
    mapping = {f"c{at}": name for at, name in enumerate(("surname", "forename", "date_of_birth", "nhs_number", "funding_type", "notes"))}
    client.post(url.replace("preview", "columns"), mapping)
    assert SavedMapping.objects.get().mapping["Case manager"] == "notes"
    client.post(url.replace("preview", "columns"), mapping | {"c5": "case_manager"})
    assert SavedMapping.objects.get().mapping["Case manager"] == "case_manager"
    write(client, url)
    assert SavedMapping.objects.get().mapping["Case manager"] == "case_manager"
