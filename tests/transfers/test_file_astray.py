"""A file that was lost or went to the wrong place is an incident, told to the information governance officer the same day (domain 5.4)."""

from datetime import date

import pytest
import time_machine

from mobilisation.models import Notification, RoleAssignment
from risks.models import Incident, Issue
from risks.services import issues
from tests.factories import ground, people
from transfers.models import FileTransfer
from transfers.services import handover

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("outcome", "category", "words"), [("lost", "File lost", "was lost"), ("misdirected", "File misdirected", "went to the wrong place")])
def test_it_is_an_incident_until_its_issue_is_resolved(programme, outcome, category, words):
    officer = ground.user("igo@example.org")
    RoleAssignment.objects.create(user=officer, role="IGO", starts_on=date(2026, 11, 1))
    with time_machine.travel("2027-03-15 10:00", tick=False):
        person = people.person(programme, surname="Canary", done=people.ready_up_to("C06"))
        lead = ground.actor("OL", programme)
        journey = handover.record_file(person, {"sent_on": date(2027, 3, 12), "method": "tracked_courier", "tracking_ref": "TR-1"}, actor=lead)
        handover.change_file(FileTransfer.objects.get(pk=journey.pk), {"outcome": outcome}, actor=lead)
        incident, issue = Incident.objects.get(), Issue.objects.get()
        assert (incident.category, incident.issue, incident.status, incident.organisation) == (category, issue, "open", person.exiting_provider)
        assert incident.what == f"The file of a person {words} ({person.public_id})."
        note = Notification.objects.get(user=officer)
        assert (note.subject, note.body, note.at_once) == (f"{programme.reference}: a file {words}", f"{issue.ref}, person {person.public_id}. Ask the mobilisation team today.", True)
        assert list(Notification.objects.visible_to(officer)) == [note]
        issues.resolve(issue, "Found at the old office", actor=lead)
        incident.refresh_from_db()
        assert (incident.status, incident.outcome, incident.closed_on) == ("closed", "Found at the old office", date(2027, 3, 15))
        issues.update_issue(issue, {"status": "open"}, actor=lead)
        incident.refresh_from_db()
        assert (incident.status, incident.outcome, incident.closed_on) == ("open", "", None)
