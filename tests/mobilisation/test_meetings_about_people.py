"""Minutes of wash-ups, huddles and reviews are free text about people: who does not see the people reads none of it (domain 8)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from mobilisation.choices import ABOUT_PEOPLE, MeetingKind
from mobilisation.models import Action, AgendaItem, Decision, Meeting
from mobilisation.services import changes
from tests.factories import ground

pytestmark = pytest.mark.django_db
AT = datetime(2027, 3, 12, 9, tzinfo=UTC)


@pytest.fixture
def held(programme):
    """{"washup" or "board": its meeting}, each with a word of its own in notes, agenda, an action and a decision."""
    found, actor = {}, ground.actor("ML", programme)
    for kind in ("washup", "board"):
        meeting = found[kind] = changes.create(Meeting(programme=programme, kind=kind, at=AT, notes=f"The lady by the {kind} river fell"), actor=actor)
        changes.create(AgendaItem(meeting=meeting, title=f"The {kind} river"), actor=actor)
        changes.create(Action(programme=programme, meeting=meeting, text=f"Ask her son at the {kind} river", due=date(2027, 3, 20), owner_name="T. Obi"), actor=actor)
        changes.create(Decision(programme=programme, meeting=meeting, text=f"Stay by the {kind} river?"), actor=actor)
    return found


@pytest.mark.parametrize(("role", "sees"), [("ML", True), ("MT", True), ("OL", True), ("BM", False), ("BCH", False), ("SRO", False), ("WSL", False), ("COM", False), ("FIN", False), ("IP", False), ("XP", False)])
def test_who_sees_no_people_reads_nothing_of_them(programme, sign_in, held, role, sees):
    client = sign_in(role, programme)
    reads = {"washup": 0, "board": 0}
    for name, args in (("board", []), ("meeting-list", []), ("decision-list", []), ("action-list", []), ("history", []), ("meeting-detail", [held["washup"].public_id]), ("meeting-detail", [held["board"].public_id])):
        answer = client.get(reverse(f"mobilisation:{name}", args=[programme.ref, *args]))
        for kind in reads:
            reads[kind] += answer.content.decode().count(f"{kind} river")
    assert (reads["washup"] > 0) is sees
    if role in ("BM", "BCH", "SRO"):
        assert reads["board"] >= 4


def test_the_page_of_such_a_meeting_is_outside_their_scope(programme, sign_in, held):
    url = reverse("mobilisation:meeting-detail", args=[programme.ref, held["washup"].public_id])
    assert [sign_in(role, programme).get(url).status_code for role in ("ML", "BM", "SRO")] == [200, 404, 404]


@pytest.mark.parametrize("kind", sorted(MeetingKind))
def test_the_kinds_are_those_the_position_leaves_out(programme, kind):
    Meeting.objects.create(programme=programme, kind=kind, at=AT)
    board = ground.user_in("BM", programme)
    assert Meeting.objects.visible_to(board).exists() is (kind not in ABOUT_PEOPLE)


def test_whoever_was_given_an_action_reads_it(programme, held):
    lead = ground.user_in("WSL", programme)
    asked = Action.objects.get(meeting=held["washup"])
    assert list(Action.objects.visible_to(lead).values_list("meeting__kind", flat=True)) == ["board"]
    Action.objects.filter(pk=asked.pk).update(owner=lead)
    assert set(Action.objects.visible_to(lead).values_list("meeting__kind", flat=True)) == {"board", "washup"}
    assert Action.objects.visible_to(ground.user_in("BM", ground.provider_exit("ELSE"))).count() == 0


def test_an_action_of_no_meeting_stands(programme):
    Action.objects.create(programme=programme, text="Fetch keys", due=date(2027, 3, 20))
    assert Action.objects.visible_to(ground.user_in("BM", programme)).count() == 1
