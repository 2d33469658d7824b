"""The live dashboard: numbers lead to their rows, and a phone reads it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.models import Action
from mobilisation.services import board
from reporting.services import snapshots
from tests.factories import ground
from tests.factories import risks as risk_factory
from tests.factories import workstreams as plan_factory

pytestmark = pytest.mark.django_db
OPERATOR = Actor.operator()
SUNDAY = date(2027, 2, 28)


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(datetime(2027, 3, 1, 9, tzinfo=UTC), tick=False):
        yield


def dashboard(programme):
    return reverse("reporting:dashboard", kwargs={"ref": programme.ref})


def test_every_number_of_the_dashboard_leads_to_its_rows(sign_in):
    programme = ground.provider_exit()
    plan_factory.step(programme, "A1", baseline=date(2027, 2, 1))
    plan_factory.step(programme, "A2", status="done", done_on=SUNDAY, is_milestone=True)
    risk_factory.risk(programme, 5, 4)
    risk_factory.risk(programme, 3, 3)
    action = board.add_action(Action(programme=programme, text="Write to the landlord", owner_name="A. Owner", due=date(2027, 2, 1)), actor=ground.actor("ML", programme))
    client = sign_in("ML", programme)
    text = client.get(dashboard(programme)).content.decode()
    base = f"/programmes/{programme.ref}"
    for link, number, found in (
        (f"{base}/plan/?workstream=governance&amp;flag=done", "1", 1), (f"{base}/plan/?workstream=governance&amp;due=overdue", "1", 1), (f"{base}/plan/?flag=milestone", "1 of 1 done", 1),
        (f"{base}/risks/?show=extreme", "1 Extreme", 1), (f"{base}/risks/?show=high", "1 High", 1), (f"{base}/risks/", "2 open", 2), (f"{base}/risks/?likelihood=5&amp;consequence=4", "1", 1),
    ):
        assert re.search(f'<a href="{re.escape(link)}"[^>]*>{number}</a>', text), link
        page = client.get(link.replace("&amp;", "&"))
        rows = page.context["rows"] if "/plan/" in link else page.context["table"].rows
        assert len(rows) == found, link
    assert f'<a href="{reverse("mobilisation:action-list", kwargs={"ref": programme.ref})}?show=overdue">1</a>' in text
    assert action.text in client.get(reverse("mobilisation:action-list", kwargs={"ref": programme.ref}), {"show": "overdue"}).content.decode()


def test_the_page_says_from_which_number_on_people_are_counted(sign_in, settings):
    settings.SMALL_NUMBER_LIMIT = 9
    programme = ground.provider_exit()
    assert "counts of people from 1 to 9 are shown as *" in sign_in("XP", programme).get(dashboard(programme)).content.decode()


def test_a_phone_reads_now_before_the_weeks_gone_by(sign_in):
    """The strip folds: each cell says what it is, and no drawing is wider than a phone."""
    programme = ground.programme(scd=date(2027, 4, 1))
    plan_factory.step(programme, "A1")
    snapshots.freeze_week(programme, SUNDAY, actor=OPERATOR)
    client = sign_in("BM", programme)
    text = client.get(dashboard(programme)).content.decode()
    strip = text[text.index('aria-labelledby="ws"'):text.index('aria-labelledby="dims"')]
    assert "app-table--fold" in strip
    assert re.findall(r'app-fold-only[^"]*">([^<]+)<', strip) == ["28 Feb", "Done ", "Overdue "]
    assert all(int(width) <= 344 for width in re.findall(r'<svg class="chart[^>]* width="(\d+)"', text))
