"""One cell saved where it stands; two people on one row see both values."""

import pytest
import time_machine
from django.urls import reverse

from mobilisation.models import Change
from tests.factories import people
from transfers.models import PersonTransfer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def address(programme, person, field="wave"):
    return reverse("transfers:person-cell", args=[programme.ref, person.public_id, field])


def sent(client, url):
    """What the form of the cell would send."""
    form = client.get(url, **HTMX).context["form"]
    return {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}


def test_a_cell_is_saved_and_swapped(programme, sign_in):
    person = people.person(programme, wave="1")
    client = sign_in("MT", programme)
    url = address(programme, person)
    answer = client.post(url, sent(client, url) | {"wave": "2"}, **HTMX)
    assert (answer.status_code, "Saved" in answer.content.decode(), PersonTransfer.objects.get().wave) == (200, True, "2")
    assert Change.objects.get(entity="transfers.persontransfer").fields == {"wave": ["1", "2"]}


def test_without_a_script_the_same_form_is_a_page_that_leads_back(programme, sign_in):
    person = people.person(programme)
    client = sign_in("MT", programme)
    url = address(programme, person, "planned_transfer_date")
    assert "<h1" in client.get(url).content.decode()
    answer = client.post(url, sent(client, url) | {"planned_transfer_date": "2027-04-01"})
    assert (answer.status_code, answer.url) == (302, reverse("transfers:person-list", args=[programme.ref]))
    assert str(PersonTransfer.objects.get().planned_transfer_date) == "2027-04-01"


def test_a_clash_shows_both_values_keeps_the_typed_one_and_a_second_save_decides(programme, sign_in, client):
    person = people.person(programme, wave="1")
    first = sign_in("MT", programme)
    url = address(programme, person)
    stale = sent(first, url)
    first.post(url, sent(first, url) | {"wave": "2"}, **HTMX)
    answer = first.post(url, stale | {"wave": "3"}, **HTMX)
    text = answer.content.decode()
    assert (answer.status_code, "changed it to “2”" in text, 'value="3"' in text, PersonTransfer.objects.get().wave) == (422, True, True, "2")
    form = answer.context["form"]
    again = {name: form[name].value() or "" for name in form.fields}
    assert first.post(url, again, **HTMX).status_code == 200
    assert PersonTransfer.objects.get().wave == "3"


def test_a_wrong_date_stays_in_the_cell_with_its_reason(programme, sign_in):
    person = people.person(programme)
    client = sign_in("MT", programme)
    url = address(programme, person, "planned_transfer_date")
    answer = client.post(url, sent(client, url) | {"planned_transfer_date": "31/31/2027"}, **HTMX)
    assert (answer.status_code, "31/31/2027" in answer.content.decode(), PersonTransfer.objects.get().planned_transfer_date) == (422, True, None)


@pytest.mark.parametrize("field", ["priority", "surname", "status", "exiting_provider", "allocation_response"])
def test_only_the_cells_of_the_list_are_cells(programme, sign_in, field):
    person = people.person(programme)
    assert sign_in("OL", programme).post(address(programme, person, field), {field: "x"}).status_code == 404


@pytest.mark.parametrize("role", ["BM", "COM", "SRO", "ADM", "WSL"])
def test_roles_without_people_get_404(programme, sign_in, role):
    person = people.person(programme)
    assert sign_in(role, programme).get(address(programme, person)).status_code == 404


def test_the_field_of_a_cell_has_an_id_of_its_own_beside_the_filters(programme, sign_in):
    person = people.person(programme, wave="1")
    client = sign_in("MT", programme)
    page = client.get(reverse("transfers:person-list", args=[programme.ref])).content.decode()
    cell = client.get(address(programme, person), **HTMX)
    own = cell.context["form"]["wave"].id_for_label
    assert ('id="id_wave"' in page, f'id="{own}"' in page, f'id="{own}"' in cell.content.decode(), f'for="{own}"' in cell.content.decode()) == (True, False, True, True)
