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


def test_every_page_of_the_demonstration(demonstration, tab, client):
    found, visited = {}, {}
    for role, width in (("ml", 360), ("bm", 1440), ("ip", 1440), ("mt", 1440), ("igo", 1440), ("adm", 1440)):
        client.force_login(User.objects.get(email=f"{role}@demo.example"))
        done = walk(tab(width, client), STARTS if role != "adm" else ["/"], limit=120 if role == "ml" else 30)
        visited[role] = len(done.visited)
        found.update({f"{role} at {width}: {path}": faults for path, faults in done.faults.items()})
    assert found == {}
    assert visited["ml"] > 60
    assert all(number >= 5 for number in visited.values())
