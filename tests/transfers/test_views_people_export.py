"""Export of exactly what the list shows, with a reason, in the access log."""

import io

import openpyxl
import pytest
from django.urls import reverse

from mobilisation.models import AccessLog
from tests.factories import people

pytestmark = pytest.mark.django_db


def address(programme):
    return reverse("transfers:person-export", args=[programme.ref])


def names(answer):
    rows = list(openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0].iter_rows(values_only=True))
    return sorted(row[rows[0].index("surname")] for row in rows[1:])


def test_the_file_holds_exactly_the_filtered_rows_and_the_reason_is_kept(programme, sign_in):
    people.person(programme, surname="Ng", wave="1")
    people.person(programme, surname="Oh", wave="2")
    client = sign_in("MT", programme)
    assert "1 person as the list shows" in client.get(address(programme) + "?wave=1").content.decode()
    answer = client.post(address(programme) + "?wave=1", {"reason": "wash-up without a screen"})
    assert names(answer) == ["Ng"]
    log = AccessLog.objects.filter(verb="export").get()
    assert (log.count, log.reason, "Ng" in answer["Content-Disposition"]) == (1, "wash-up without a screen", False)


def test_the_search_of_the_session_narrows_the_file_too(programme, sign_in):
    people.person(programme, surname="Ng")
    people.person(programme, surname="Oh")
    client = sign_in("MT", programme)
    client.post(reverse("transfers:person-list", args=[programme.ref]), {"term": "Oh"})
    assert names(client.post(address(programme), {"reason": "asked by the OL"})) == ["Oh"]


def test_without_a_reason_nothing_leaves(programme, sign_in):
    client = sign_in("MT", programme)
    assert client.post(address(programme), {"reason": "  "}).status_code == 422
    assert not AccessLog.objects.filter(verb="export").exists()


@pytest.mark.parametrize("role", ["BM", "COM", "SRO", "XP", "IP", "QL"])
def test_roles_that_may_not_take_people_away_get_404(programme, sign_in, role):
    assert sign_in(role, programme).post(address(programme), {"reason": "curiosity"}).status_code == 404


def test_a_formula_leaves_as_text(programme, sign_in):
    people.person(programme, surname="=1+1")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(sign_in("MT", programme).post(address(programme), {"reason": "test"}).streaming_content)))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if "1+1" in str(cell.value)]
    assert [(cell.data_type, str(cell.value).startswith("=")) for cell in cells] == [("s", False)]
