"""Pages and lists are sent packed to browsers that take them so; what is packed already is sent as it is."""

from __future__ import annotations

import gzip

import pytest
from django.urls import reverse

from tests.factories import ground, people

pytestmark = pytest.mark.django_db
TAKES = {"accept-encoding": "gzip"}


@pytest.fixture
def programme():
    programme = ground.provider_exit("PACKED")
    for number in range(20):
        people.person(programme, surname=f"Surname{number}", forename="Given")
    return programme


def test_a_page_is_sent_packed_and_says_the_same(programme, sign_in):
    client, url = sign_in("ML", programme), reverse("transfers:person-list", args=[programme.ref])
    plain, packed = client.get(url), client.get(url, headers=TAKES)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Length"] == str(len(packed.content))
    assert "Accept-Encoding" in packed.headers["Vary"]
    told = gzip.decompress(packed.content).decode()
    assert [told.count(f"Surname{number}, Given") for number in range(20)] == [plain.content.decode().count(f"Surname{number}, Given") for number in range(20)]
    assert len(packed.content) < len(plain.content) / 3


def test_two_pages_alike_differ_in_size(programme, sign_in):
    client, url = sign_in("ML", programme), reverse("transfers:person-list", args=[programme.ref])
    assert len({len(client.get(url, headers=TAKES).content) for _ in range(12)}) > 1


def test_a_streamed_list_is_packed_and_a_workbook_is_not(programme, sign_in):
    client = sign_in("ML", programme)
    found = {}
    for kind in ("csv", "xlsx"):
        answer = client.post(f"{reverse('transfers:person-export', args=[programme.ref])}", {"file_format": kind, "reason": "For the board"}, headers=TAKES)
        found[kind] = (answer.status_code, answer.headers.get("Content-Encoding"), b"".join(answer.streaming_content) if answer.streaming else answer.content)
    assert found["csv"][:2] == (200, "gzip")
    assert gzip.decompress(found["csv"][2]).decode("utf-8-sig").count("Given") == 20
    assert (found["xlsx"][0], found["xlsx"][1], found["xlsx"][2][:2]) == (200, None, b"PK")
