"""A pack from schedule to download with the settings of production: gunicorn, worker and beat as processes."""

import hashlib
import re
import time
from datetime import date, timedelta

import pytest

pytestmark = pytest.mark.system

PASSWORD = "correct horse battery 9"
PATIENCE = 180
"""Seconds; beat ticks once a minute."""


@pytest.fixture
def programme(site):
    """A provider exit with its built-in plan, a board chair and a commissioner."""
    today = date.today()
    site.manage(
        "create_programme", "MEAD", "--kind", "provider_exit", "--exit-type", "planned", "--title", "Meadowgate exit",
        "--d0", str(today - timedelta(weeks=4)), "--end", str(today + timedelta(weeks=8)),
        "--party", "lead_commissioner=Kent County Council", "--party", "exiting=Meadowgate Homecare Ltd", "--party", "incoming=Bluebell Care Partners",
    )
    for email, role in (("chair@example.org", "BCH"), ("lead@example.org", "OL"), ("commissioner@example.org", "COM")):
        site.manage("create_user", email, "--programme", "MEAD", "--organisation", "Kent County Council", "--role", role, "--password-stdin", stdin=PASSWORD + "\n")
    return "/programmes/mead/"


def signed_in(site, email):
    browser = site.browser()
    browser.sign_in(email, PASSWORD)
    return browser


def packs_of(browser, programme):
    """Addresses of the packs that the library shows this reader."""
    assert browser.get(f"{programme}reports/")[0] == 200
    return sorted(set(re.findall(rf"{programme}reports/packs/[a-z0-9]+/", browser.page)))


def facts(browser, address):
    """The page of one pack as words."""
    assert browser.get(address)[0] == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", browser.page))


def drafted(site, browser, programme):
    """{edition: address} of the pack drafts that the schedule made, once both editions are there."""
    found = {}

    def ready():
        for address in packs_of(browser, programme):
            said = facts(browser, address)
            if "Draft ready" in said and f"{address}approve/" in browser.page:
                found["commissioner" if "Edition Commissioner" in said else "board"] = address
        return len(found) == 2

    site.wait(ready, "the schedule to freeze the week and draft the packs", PATIENCE)
    return found


def test_a_pack_goes_from_schedule_to_download(site, programme):
    # The worker first, then beat: whatever beat sends is taken at once.
    site.start("worker")
    site.start("beat")
    chair = signed_in(site, "chair@example.org")
    drafts = drafted(site, chair, programme)
    assert min(time.time() - path.stat().st_mtime for path in site.var.glob("celerybeat-schedule*")) < 120, "the health check of beat goes by the age of its file"
    pack = drafts["commissioner"]
    commissioner = signed_in(site, "commissioner@example.org")
    assert commissioner.get(pack)[0] == 404

    for act in ("approve", "publish"):
        chair.get(f"{pack}{act}/")
        assert chair.post(f"{pack}{act}/")[0] == 200

    status, content, headers = commissioner.get(f"{pack}download/")
    assert (status, headers["Content-Type"], content[:5]) == (200, "application/pdf", b"%PDF-")
    assert headers["X-Content-SHA256"] == hashlib.sha256(content).hexdigest()
    assert commissioner.get(drafts["board"])[0] == 404
    said = facts(chair, pack)
    assert "Published" in said
    assert hashlib.sha256(content).hexdigest() in said
    assert "commissioner@example.org" in said

    # The same bytes after the pages were restarted, and the week frozen once however often it is asked for.
    before = packs_of(chair, programme)
    site.kill("web")
    site.start("web")
    assert commissioner.get(f"{pack}download/")[1] == content
    site.manage("weekly_cycle", "MEAD")
    assert packs_of(chair, programme) == before


def test_work_waits_for_a_worker_and_for_the_queue(site, programme):
    """Asked for while no worker runs; a worker that starts later does it, one that is killed loses nothing."""
    lead = signed_in(site, "lead@example.org")
    assert packs_of(lead, programme) == []
    assert lead.post(f"{programme}reports/draft/", snapshot="now", edition="board", document="pack")[0] == 200
    (pack,) = packs_of(lead, programme)
    assert "Not built yet" in facts(lead, pack)

    site.start("worker")
    site.kill("worker")
    site.start("worker")
    site.start("beat")
    site.wait(lambda: "Draft ready" in facts(lead, pack), "the pack to be built after the worker came back", 240)
    assert lead.get(f"{pack}download/")[1][:5] == b"%PDF-"


def test_the_queue_and_the_database_go_away_and_work_resumes_by_itself(site, programme):
    site.start("worker")
    site.start("beat")
    lead = signed_in(site, "lead@example.org")

    site.wires["queue"].cut()
    assert lead.get(f"{programme}people/")[0] == 200, "pages need no queue"
    assert lead.post(f"{programme}reports/draft/", snapshot="now", edition="board", document="pack")[0] == 200
    (pack,) = packs_of(lead, programme)
    assert "Not built yet" in facts(lead, pack)
    site.wires["queue"].mend()
    site.wait(lambda: "Draft ready" in facts(lead, pack), "the pack to be built once the queue is back", 240)

    site.wires["database"].cut()
    status, content, _ = lead.get(f"{programme}people/")
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content.decode()))
    assert status == 503
    assert "The database does not answer. Nothing is lost" in said
    assert "Traceback" not in said
    assert (site.browser().get("/healthz")[0], site.browser().get("/readyz")[0]) == (200, 503)
    time.sleep(3)
    site.wires["database"].mend()
    site.wait(lambda: lead.get(f"{programme}people/")[0] == 200, "the pages to come back", 60)
    assert lead.post(f"{programme}reports/draft/", snapshot="now", edition="commissioner", document="pack")[0] == 200
    other = next(address for address in packs_of(lead, programme) if address != pack)
    site.wait(lambda: "Draft ready" in facts(lead, other), "the worker to go on with the database back", 240)
    assert all(process.poll() is None for process in site.processes.values()), "nobody had to start anything again"
