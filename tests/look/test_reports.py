"""The list of packs follows the work that is shown above it."""

import pytest
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.services import jobs
from reporting.documents import build
from reporting.services import packs, snapshots

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("pages", "said"), [(3, "Built: 3 pages."), (1, "Built: 1 page.")])
def test_a_draft_that_is_ready_stands_so_in_the_list_without_a_reload(tab, sign_in, programme, settings, monkeypatch, tmp_path, pages, said):
    settings.FILES_DIR = tmp_path
    monkeypatch.setattr(build, "pdf_of", lambda pack: build.Made(b"%PDF a small file stands for the pages", pages))
    client = sign_in("ML", programme)
    actor = Actor.of(client.user, programme)
    pack = packs.draft(snapshots.interim(programme, actor=actor), "board", actor=actor)
    job = packs.request_build(pack, actor=actor)
    opened = tab(client=client)
    opened.open(reverse("reporting:report-list", kwargs={"ref": programme.ref}))
    assert "Draft ready" not in opened.page.inner_text("#built")
    jobs.run(job.pk)
    opened.page.get_by_text(said).wait_for()
    opened.page.locator("#built").get_by_text("Draft ready").wait_for()
    assert "Build again" not in opened.page.inner_text("#built")
    assert opened.complaints == []
