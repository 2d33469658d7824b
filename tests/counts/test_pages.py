"""Every page, with one and with several of everything: one literal number of statements each.

A new address fails until it is in the table, or is named as one that shows no page. Where a row names a word, the page shows one such thing and then five (``Newby-1``, then ``Newby-1`` to ``Newby-5``), so
the number counts a list that grew and no empty page; without a word it shows one thing, or figures, and costs the same whatever there is around it. One number holds on both databases, but for a page that reads within a savepoint on one of them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection, reset_queries, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.counts.crowd import Crowd, models_of_ours
from tests.mobilisation.test_access_matrix import addresses

pytestmark = pytest.mark.django_db
MATRIX = Path(__file__).parent.parent / "mobilisation" / "access_matrix.json"
SEVERAL = 5

COUNTED: tuple[tuple[Any, ...], ...] = (
    # (address, who looks, statements, the word that numbers what is shown); by database where PostgreSQL opens a savepoint that SQLite does without
    # mobilisation
    ("mobilisation:health", "OL", 2),
    ("mobilisation:ready", "OL", 4),
    ("mobilisation:job-list", "OL", 6, "Job"),
    ("mobilisation:job-list", "XP", 6, "Job"),
    ("mobilisation:job-detail", "ML", 5),
    ("mobilisation:my-day", "OL", 24, "Moved"),
    ("mobilisation:my-day", "ML", 17, "Act"),
    ("mobilisation:my-day", "CM", 20, "Moved"),
    ("mobilisation:my-day", "CL", 21, "Programme"),
    ("mobilisation:my-day", "QL", 19, "Moved"),
    ("mobilisation:my-day", "IP", 16),
    ("mobilisation:notifications", "OL", 6, "Notice"),
    ("mobilisation:access-log", "IGO", 8, "Look"),
    ("mobilisation:access-log-csv", "IGO", 9, "Look"),
    ("mobilisation:history-log", "IGO", 12, "Risk"),
    ("mobilisation:history-log-csv", "IGO", 14, "Provider"),
    ("mobilisation:people-and-roles", "OL", 13, "User"),
    ("mobilisation:people-and-roles", "ADM", 14, "User"),
    ("mobilisation:role-deputy", "OL", 13, "User"),
    ("mobilisation:role-end", "OL", 8),
    ("mobilisation:programme-settings", "OL", 5),
    ("mobilisation:history", "OL", 14, "Note"),
    ("mobilisation:history", "BM", 13, "Risk"),
    ("mobilisation:account", "OL", 7, "Programme"),
    ("mobilisation:account-list", "ADM", 10, "User"),
    ("mobilisation:account-edit", "ADM", 9, "Programme"),
    ("mobilisation:organisation-list", "OL", 7, "Provider"),
    ("mobilisation:organisation-edit", "ADM", 7, "Provider"),
    ("mobilisation:calendar", "OL", 8, "Day"),
    ("mobilisation:contract-list", "OL", 8, "Contract"),
    ("mobilisation:contract-detail", "OL", 11, "Provider"),
    ("mobilisation:party-remove", "OL", 9),
    ("mobilisation:contract-edit", "OL", 8),
    ("mobilisation:roles", "OL", 5),
    ("mobilisation:accessibility", "OL", 3),
    ("mobilisation:glossary", "OL", 3),
    ("mobilisation:privacy", "OL", 3),
    ("mobilisation:board", "OL", 11, "Decide"),
    ("mobilisation:meeting-list", "OL", 7, r"/board/meetings/((?!add)\w+)/"),
    ("mobilisation:meeting-add", "OL", 5),
    ("mobilisation:meeting-detail", "OL", 11, "Agenda"),
    ("mobilisation:meeting-edit", "OL", 8),
    ("mobilisation:decision-list", "OL", 8, "Decide"),
    ("mobilisation:decision-add", "OL", 6),
    ("mobilisation:decision-edit", "OL", 9),
    ("mobilisation:action-list", "OL", 8, "Act"),
    ("mobilisation:action-add", "OL", 6),
    ("mobilisation:action-edit", "OL", 9),
    ("mobilisation:import-start", "OL", 7, "File"),
    ("mobilisation:import-run", "OL", 6),
    ("mobilisation:import-undo", "OL", 8),
    ("mobilisation:import-sheet", "OL", 12, "Import"),
    ("mobilisation:import-columns", "OL", 12),
    ("mobilisation:import-preview", "OL", {"sqlite": 20, "postgresql": 22}, "Import"),
    # risks
    ("risks:risk-list", "OL", 8, "Risk"),
    ("risks:risk-list", "XP", 9, "Risk"),
    ("risks:matrix", "OL", 6),
    ("risks:risk-add", "OL", 7, "Provider"),
    ("risks:issue-list", "OL", 9, "Issue"),
    ("risks:issue-list", "IP", 10, "Issue"),
    ("risks:issue-add", "OL", 5),
    ("risks:issue-edit", "OL", 12),
    ("risks:opportunity-list", "OL", 7, "Chance"),
    ("risks:opportunity-add", "OL", 5),
    ("risks:opportunity-edit", "OL", 9),
    ("risks:risk-detail", "OL", 15, "Mitigate"),
    ("risks:risk-edit", "OL", 8, "Provider"),
    # transfers
    ("transfers:person-list", "OL", 9, "Newby"),
    ("transfers:person-list", "XP", 9, "Newby"),
    ("transfers:person-list", "IP", 9, "Moved"),
    ("transfers:person-add", "OL", 6),
    ("transfers:person-export", "OL", 7),
    ("transfers:export-page", "ML", 6),
    ("transfers:whole-tracker", "OL", 6),
    ("transfers:lists", "OL", 11, "Newby"),
    ("transfers:lists-beside", "OL", 14, "Newby"),
    ("transfers:finding", "OL", 9),
    ("transfers:batch-list", "OL", 7, "Batch"),
    ("transfers:person-bulk", "OL", 4),
    ("transfers:batch-detail", "OL", 9, "Newby"),
    ("transfers:batch-undo", "OL", 10, "Newby"),
    ("transfers:hold-list", "OL", 13, "Hold"),
    ("transfers:hold-lift", "OL", 7),
    ("transfers:person-paste", "OL", 4),
    ("transfers:view-list", "OL", 6, "View"),
    ("transfers:view-list", "XP", 7, "View"),
    ("transfers:view-edit", "OL", 6),
    ("transfers:view-remove", "OL", 6),
    ("transfers:person-print", "OL", 8, "Newby"),
    ("transfers:person-print", "IP", 9, "Moved"),
    ("transfers:quality", "OL", 6),
    ("transfers:validation", "OL", 11, "Moved"),
    ("transfers:validation", "IP", 12, "Moved"),
    ("transfers:allocation", "OL", 14, "Fresh"),
    ("transfers:capacity-list", "OL", 7, "Capacity"),
    ("transfers:capacity-add", "OL", 7, "Provider"),
    ("transfers:capacity-edit", "OL", 8, "Provider"),
    ("transfers:waves", "OL", 7),
    ("transfers:zones", "OL", 8, "Zone"),
    ("transfers:zones", "BM", 9, "Zone"),
    ("transfers:mapping-entry", "CL", 5),
    ("transfers:sheet-list", "OL", 9, "Sheet"),
    ("transfers:sheet-list", "IP", 7),
    ("transfers:sheet-list", "XP", 7),
    ("transfers:sheet-take", "OL", 6),
    ("transfers:link-list", "OL", 6, "Desk"),
    ("transfers:link-add", "OL", 6, "Provider"),
    ("transfers:washup", "OL", 34, "Moved"),
    ("transfers:washup-record", "OL", 9, "Jotted"),
    ("transfers:person-detail", "OL", 31, "Contact"),
    ("transfers:person-detail", "XP", 24, "Order"),
    ("transfers:person-cell", "OL", 6),
    ("transfers:cell-history", "OL", 8),
    ("transfers:person-panel", "OL", 32, "Contact"),
    ("transfers:person-edit", "OL", 8),
    ("transfers:person-act", "OL", 8),
    ("transfers:checkpoint", "OL", 11),
    ("transfers:contact-add", "OL", 7),
    ("transfers:contact-edit", "OL", 8),
    ("transfers:contact-act", "OL", 8),
    ("transfers:needs-edit", "OL", 8),
    ("transfers:order-add", "OL", 9),
    ("transfers:order-share", "OL", 7),
    ("transfers:order-edit", "OL", 8),
    ("transfers:visit-add", "OL", 8),
    ("transfers:visit-edit", "OL", 8),
    ("transfers:visit-remove", "OL", 8),
    ("transfers:file-arrived", "OL", 8),
    ("transfers:file-add", "OL", 7),
    ("transfers:file-edit", "OL", 8),
    ("transfers:money-add", "OL", 7),
    ("transfers:money-edit", "OL", 8),
    ("transfers:plan-check", "OL", 8),
    ("transfers:plan-receive", "OL", 7),
    ("transfers:discrepancy-add", "OL", 7),
    ("transfers:discrepancy-edit", "OL", 8),
    ("transfers:assessment", "OL", 9),
    ("transfers:plan-content", "OL", 9),
    ("transfers:agreement", "OL", 7),
    ("transfers:review-add", "OL", 7),
    ("transfers:review-edit", "OL", 8),
    ("transfers:call-add", "OL", 10, "Contact"),
    ("transfers:call-follow", "OL", 8),
    ("transfers:concern-add", "OL", 7),
    ("transfers:concern-edit", "OL", 9),
    ("transfers:letter-runs", "OL", 8, "Letters"),
    ("transfers:letter-leads", "OL", 6, "Lead"),
    ("transfers:letter-run", "OL", 15, "Newby"),
    ("transfers:letter-file", "OL", 10),
    ("transfers:letter-item", "OL", 8),
    ("transfers:provider-checks", "OL", 8, "Check"),
    ("transfers:provider-check", "OL", 7),
    ("transfers:offer-list", "OL", 13, "Zone"),
    ("transfers:offer-list", "IP", 10, "Zone"),
    ("transfers:offer-answer", "IP", 9),
    ("transfers:offer-again", "OL", 16, "Offer"),
    ("transfers:offer-withdraw", "OL", 9, "Offer"),
    ("transfers:assurance", "OL", 8, "Assured"),
    ("transfers:hours-left", "OL", 9),
    ("transfers:your-people", "XP", 15, "Newby"),
    ("transfers:your-people", "IP", 16, "Moved"),
    ("transfers:order-list", "OL", 10, "Newby"),
    ("transfers:order-list", "FIN", 11, "Order"),
    ("transfers:interim-list", "OL", 6, "Interim"),
    ("transfers:interim-add", "OL", 5),
    ("transfers:interim-edit", "OL", 6),
    ("transfers:update-link", "OL", 9, r"id_(\w+)-file_in"),
    ("transfers:staff-list", "OL", 17, "Worker"),
    ("transfers:staff-list", "XP", 18, "Worker"),
    ("transfers:staff-list", "IP", 17, "Worker"),
    ("transfers:staff-list", "WL", 18, "Worker"),
    ("transfers:tupe-edit", "OL", 8),
    ("transfers:tupe-open", "OL", 10, "Provider"),
    ("transfers:staff-detail", "OL", 13, "Skill"),
    ("transfers:staff-detail", "XP", 14, "Skill"),
    # workstreams
    ("workstreams:programme-create", "OL", 6),
    ("workstreams:plan", "OL", 10, "Step"),
    ("workstreams:plan", "XP", 11, "Step"),
    ("workstreams:gantt", "OL", 10, "Step"),
    ("workstreams:gantt", "IP", 11, "Step"),
    ("workstreams:variation-list", "OL", 7, "Variation"),
    ("workstreams:step-detail", "OL", 12, "Evidence"),
    ("workstreams:step-row", "OL", 6),
    ("workstreams:workstream-detail", "OL", 17, "Step"),
    ("workstreams:workstream-detail", "WSL", 18, "Step"),
    ("workstreams:workstream-detail", "XP", 18, "Step"),
    ("workstreams:enquiry-list", "OL", 9, "Enquiry"),
    ("workstreams:script", "OL", 7, "Script"),
    ("workstreams:enquiry-answer", "OL", 9),
    ("workstreams:readiness", "OL", 13, "Criterion"),
    ("workstreams:condition-add", "OL", 5),
    ("workstreams:condition-edit", "OL", 8),
    ("workstreams:criterion-edit", "OL", 8),
    # reporting
    ("reporting:portfolio", "OL", 11, "Programme"),
    ("reporting:portfolio", "COM", 12, "Programme"),
    ("reporting:portfolio", "ADM", 7),
    ("reporting:portfolio", "XP", 12, "Programme"),
    ("reporting:dashboard", "OL", 44, "Stream"),
    ("reporting:dashboard", "BM", 45, "Stream"),
    ("reporting:dashboard", "COM", 45, "Risk"),
    ("reporting:dashboard", "XP", 46, "Risk"),
    ("reporting:colours", "OL", 46, "Override"),
    ("reporting:report-list", "OL", 8, r"/reports/weeks/(\w+)/"),
    ("reporting:report-list", "BM", 8, r"/reports/weeks/(\w+)/"),
    ("reporting:report-list", "COM", 7, r"/reports/packs/(\w+)/download"),
    ("reporting:report-list", "XP", 7, r"/reports/packs/(\w+)/download"),
    ("reporting:snapshot-detail", "OL", 7),
    ("reporting:pack-detail", "OL", 10, "Reader"),
    ("reporting:pack-preview", "OL", 6),
    ("reporting:api-programmes", "OL", 5, "Programme"),
    ("reporting:api-position", "OL", 42, "Risk"),
    ("reporting:api-position", "COM", 43, "Risk"),
    ("reporting:api-position", "XP", 44, "Risk"),
    ("reporting:api-snapshots", "OL", 6, r'"week_ending": "([\d-]+)"'),
    ("reporting:api-snapshot", "OL", 5),
    ("reporting:api-people", "OL", 12, "Newby"),
    ("reporting:api-people", "XP", 13, "Newby"),
    ("reporting:api-plan", "OL", 8, "Step"),
    ("reporting:api-risks", "OL", 6, "Risk"),
    ("reporting:api-risks", "IP", 7, "Risk"),
    ("reporting:api-description", "OL", 3),
)

NO_PAGE = {
    "mobilisation:favicon": "leads to a file",
    "mobilisation:setup": "not there once somebody has an account",
    "mobilisation:typed": "one form that was kept, from the cache",
    "risks:action-end": "leads back to the risk",
    "risks:escalation-acknowledge": "leads back to the risk",
    "risks:issue-acknowledge": "leads back to the issue",
    "transfers:export-file": "one file that a job wrote: test_files counts the job",
    "transfers:file-route": "only while the file of that one person has no route",
    "transfers:link-revoke": "leads back to the links",
    "reporting:pack-act": "only for what may be done with that one pack",
    "reporting:pack-download": "one file that a job wrote: test_files counts the job",
    "reporting:pack-draft": "leads back to the reports",
}
"""What answers a GET of nobody with a page, in the ordinary run of things; and why."""
PARTS = {"transfers:person-panel", "transfers:person-bulk", "workstreams:step-row"}
"""Asked for by a page of its own, and only so."""
ASKED = {"mobilisation:history-log": "?what=risk", "transfers:person-bulk": "?act=hold", "transfers:person-panel": "?at=1"}
IN_STEPS = {"mobilisation:import-sheet", "mobilisation:import-columns", "mobilisation:import-preview"}
"""Pages of a file that waits to be imported, and holds as many rows as there are of everything else."""
UNSEEN = {"Slot", "SavedMapping", "StandingFact"}
"""Models of which nothing shows the rows."""


@pytest.fixture
def crowd(settings, tmp_path):
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path, "base_url": None}}}
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield Crowd()


Found = dict[tuple[str, str], tuple[int, int, dict[str, int]]]


def seen(crowd: Crowd, rows: int) -> Found:
    """{(address, role): (status, statements, {word: how many things it numbers})}; what looking writes is taken back."""
    run, clients, found = crowd.upload(rows), {}, {}
    for name, role, _, *word in COUNTED:
        if role not in clients:
            clients[role] = Client()
            clients[role].force_login(crowd.users[role])
            clients[role].get("/glossary/")  # the first page of a session writes the session down
        path = crowd.address(name, addresses()[name], run if name in IN_STEPS else None) + ASKED.get(name, "")
        with transaction.atomic():
            reset_queries()  # the log of a connection holds 9,000 and then counts no more
            with CaptureQueriesContext(connection) as queries:
                answer = clients[role].get(path, headers={"HX-Request": "true"} if name in PARTS else {})
                text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()
            transaction.set_rollback(True)
        numbered = Counter(named for named, _ in set(re.findall(r"\b([A-Z][a-z]+)-(\d)\b", text)))
        found[name, role] = (answer.status_code, len(queries), {**numbered, **{one: len(set(re.findall(one, text))) for one in word if "(" in one}})
    return found


def test_every_page_costs_the_same_with_one_and_with_several_of_everything(crowd):
    costs = {(name, role): (200, cost[connection.vendor] if isinstance(cost, dict) else cost) for name, role, cost, *_ in COUNTED}
    lists = {(name, role): word[0] for name, role, _, *word in COUNTED if word}
    assert len(costs) == len(COUNTED)
    crowd.more(1)
    one = seen(crowd, 1)
    assert {key: row for key, (*row, _) in one.items() if tuple(row) != costs[key]} == {}
    for number in range(2, SEVERAL + 1):
        crowd.more(number)
    several = seen(crowd, SEVERAL)
    assert {key: row for key, (*row, _) in several.items() if tuple(row) != costs[key]} == {}
    grown = {key: {word for word, number in numbered.items() if number == SEVERAL * one[key][2].get(word, 0) and one[key][2][word] in (1, 2)} for key, (_, _, numbered) in several.items()}
    assert {key: word for key, word in lists.items() if word not in grown[key]} == {}
    assert {key: words for key, words in grown.items() if words and key not in lists} == {}, "this is a list: name the word in its row"
    assert [model.__name__ for model in models_of_ours() if model.__name__ not in UNSEEN and model._base_manager.count() < SEVERAL] == []


def test_every_address_is_counted_or_shows_no_page():
    counted = {name for name, *_ in COUNTED}
    assert sorted(addresses()) == sorted(counted | set(NO_PAGE)), "count the new page in the table, or say in NO_PAGE why it has none"
    assert counted & set(NO_PAGE) == set()
    # What the access matrix saw as a page is none of those without one.
    matrix = json.loads(MATRIX.read_text())
    assert [name for name in NO_PAGE if "200" in matrix[name]["GET own"]] == []
