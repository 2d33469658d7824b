"""Every page a role can reach by links in the demonstration: axe without findings, no sideways scrolling,
one heading of the first level, nothing in the console, no link that leads nowhere."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from mobilisation.models import User
from tests.look.walk import walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STARTS = ["/", "/programmes/meadow/", "/programmes/coast/"]


@pytest.fixture
def demonstration(settings, tmp_path):
    settings.FILES_DIR = settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path, "base_url": None}}}
    call_command("prepare", verbosity=0)
    call_command("load_demo", verbosity=0)


def test_every_page_the_mobilisation_lead_can_reach_on_a_phone(demonstration, tab, client):
    client.force_login(User.objects.get(email="ml@demo.example"))
    done = walk(tab(360, client), STARTS, limit=120)
    assert done.faults == {}
    assert len(done.visited) > 60


def test_first_pages_of_other_roles_on_a_desktop(demonstration, tab, client):
    found, visited = {}, {}
    for role in ("bm", "ip", "mt", "igo", "adm"):
        client.force_login(User.objects.get(email=f"{role}@demo.example"))
        done = walk(tab(1440, client), ["/"], limit=14)
        visited[role] = len(done.visited)
        found.update({f"{role}: {path}": faults for path, faults in done.faults.items()})
    assert found == {}
    assert all(number >= 5 for number in visited.values())
