"""The daily grid: its table of columns, what each viewer sees of it, filters, saved views, what changed, paper and the panel."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import AccessLog, Change
from mobilisation.roles import ROLES, Can
from tests.factories import ground, people
from transfers.models import PersonTransfer, SavedView
from transfers.rules import grid
from transfers.rules.gates import CODES
from transfers.services import checkpoints, saved_views
from transfers.services import people as services

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("spring")]
TEAM = grid.Viewer(frozenset({Can.PEOPLE_VIEW, Can.PEOPLE_EDIT, Can.ORDERS_VIEW}), frozenset({"MT"}))
PROVIDER = grid.Viewer(frozenset({Can.PEOPLE_VIEW, Can.PEOPLE_EDIT}), frozenset({"XP"}), provider=True)
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def spring():
    with time_machine.travel("2027-03-15 10:00", tick=False):
        yield


def listed(programme, query=""):
    return reverse("transfers:person-list", args=[programme.ref]) + query


def names(page):
    return [person.surname for person, _ in page.context["rows"]]


# The table of columns


def test_every_checkpoint_stands_in_one_group_in_order():
    assert [code for group in grid.GROUPS for code in grid.CODES_OF[group]] == list(CODES)
    assert {group: (codes[0], codes[-1]) for group, codes in grid.CODES_OF.items()} == {
        "prepare": ("C01", "C03"), "tell": ("C04", "C06"), "meet": ("C07", "C12"), "move": ("C13", "C15"), "check": ("C16", "C20"),
    }


def test_about_twenty_cells_stand_at_first_the_frozen_ones_left():
    cells = [one if isinstance(one, str) else one.key for one in grid.layout(TEAM).cells]
    assert cells[:4] == ["person", "priority", "progress", "providers"]
    assert (len(cells), cells[-2:]) == (22, ["changed", "by"])


def test_a_folded_group_is_one_cell():
    cells = [one if isinstance(one, str) else one.key for one in grid.layout(TEAM, [], ["check"]).cells]
    assert cells == ["person", "priority", "progress", "providers", "prepare", "tell", "meet", "move", "C16", "C17", "C18", "C19", "C20"]


def test_a_provider_has_no_column_of_orders_and_types_what_is_its_own():
    everything = [column.key for column in grid.COLUMNS]
    seen = {column.key for column in grid.layout(PROVIDER, everything).columns}
    assert seen.isdisjoint({"old_order", "old_end", "new_order", "new_start", "payment", "orders_shared", "by"})
    assert {column.key for column in grid.COLUMNS if PROVIDER.edits(column)} == {"times", "phone", "C13"}
    assert not any(grid.Viewer(frozenset({Can.PEOPLE_VIEW})).edits(column) for column in grid.COLUMNS)


def test_the_team_without_sight_of_orders_sees_none_of_their_columns():
    ql = grid.Viewer(frozenset({Can.PEOPLE_VIEW, Can.PEOPLE_EDIT}), frozenset({"QL"}))
    assert {column.key for column in grid.COLUMNS if TEAM.sees(column)} - {column.key for column in grid.COLUMNS if ql.sees(column)} == {"old_order", "old_end", "new_order", "new_start", "payment", "orders_shared"}


def test_an_address_keeps_no_name_and_no_search():
    said = grid.kept({"cols": ["due,owner", "nonsense"], "groups": ["tell"], "owner": ["T. Obi"], "term": ["Hartley"], "wave": ["Wave 2"], "show": ["overdue"], "sort": ["-due"], "x": ["y"]})
    assert said == grid.Kept(["due", "owner"], ["tell"], {"wave": "Wave 2", "show": "overdue"}, "-due")
    assert grid.kept({key: [value] for key, value in grid.parameters(said).items()}) == said


# Rows


def test_cells_say_state_in_words_and_signs(programme, sign_in):
    person = people.person(programme, done=("C01", "C02"), surname="O'Brien <b>", priority="R", planned_transfer_date=date(2027, 3, 31))
    client = sign_in("OL", programme)
    checkpoints.mark(person, "C03", actor=Actor.operator(), on=date(2027, 3, 12))
    text = client.get(listed(programme, "?groups=prepare,tell,meet,move,check")).content.decode()
    row = text[text.index("<tbody>"):]
    assert "O&#x27;Brien &lt;b&gt;" in row and "<b>O" not in row
    assert "✓ 12 Mar <small>OOT</small>" in row
    assert re.search(rf"<td class=d data-r=\d+\.1><a href={person.public_id}/cell/C03/>✓ 12 Mar", row)
    assert "<b>late</b>" in row


def test_what_is_folded_says_how_many_are_done(programme, sign_in):
    people.person(programme, done=("C01", "C02"))
    row = sign_in("OL", programme).get(listed(programme, "?groups=none")).content.decode()
    assert ">2/3" in row and ">0/6" in row


def test_owner_and_hold_narrow_the_list_and_no_name_stands_in_the_address(programme, sign_in):
    people.person(programme, surname="Action", next_action_owner="T. Obi", case_manager="S. Bexley")
    people.person(programme, surname="Manager", case_manager="T. Obi")
    people.person(programme, surname="Other", next_action_owner="S. Bexley", case_manager="T. Obi")
    held = people.person(programme, surname="Held")
    services.hold(held, actor=ground.actor("OL", programme), reason="Wait", review_on=date(2027, 4, 1))
    client = sign_in("MT", programme)
    page = client.get(listed(programme))
    key = next(key for key, name in page.context["form"].fields["owner"].choices if name == "T. Obi")
    assert "Obi" not in key
    assert names(client.get(listed(programme, f"?owner={key}"))) == ["Action", "Manager"]
    assert names(client.get(listed(programme, "?owner=none"))) == ["Held"]
    assert names(client.get(listed(programme, "?hold=yes"))) == ["Held"]


def test_me_is_who_is_signed_in(programme, sign_in):
    client = sign_in("CM", programme)
    people.person(programme, surname="Mine", case_manager=str(client.user))
    people.person(programme, surname="Theirs", case_manager="Somebody")
    assert names(client.get(listed(programme, "?owner=me"))) == ["Mine"]


@pytest.mark.parametrize(("sort", "first"), [("wave", "A"), ("-wave", "B"), ("transfer", "B"), ("-transfer", "A"), ("nonsense", "A")])
def test_a_heading_sorts_and_says_so(programme, sign_in, sort, first):
    people.person(programme, surname="A", wave="1", planned_transfer_date=date(2027, 4, 9))
    people.person(programme, surname="B", wave="2", planned_transfer_date=date(2027, 4, 1))
    people.person(programme, surname="C", wave="", planned_transfer_date=None, case_manager="x")
    page = sign_in("MT", programme).get(listed(programme, f"?sort={sort}&cols=wave,transfer"))
    found = names(page)
    assert (found[0] if sort != "wave" else next(name for name in found if name != "C")) == first
    if sort != "nonsense":
        assert f'aria-sort="{"descending" if sort.startswith("-") else "ascending"}"' in page.content.decode()


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("progress", ["Red", "Amber", "Grey", "Green", "Blue"]), ("-progress", ["Blue", "Green", "Grey", "Amber", "Red"]),
        ("priority", ["Red", "Amber", "Green", "Blue", "Grey"]), ("-priority", ["Green", "Amber", "Red", "Blue", "Grey"]),
        ("next", ["Grey", "Red", "Amber", "Green", "Blue"]), ("-next", ["Green", "Amber", "Red", "Grey", "Blue"]),
    ],
)
def test_progress_priority_and_the_next_step_sort_by_what_is_worst_or_first(programme, sign_in, sort, order):
    """Red before Amber, whatever the alphabet; who has no priority, and who has no next step, is last either way."""
    for surname, priority, code, moments in (
        ("Red", "R", "C05", {"red_from": date(2027, 3, 1)}), ("Amber", "A", "C06", {"amber_from": date(2027, 3, 1)}), ("Green", "G", "C09", {"grey_until": None}), ("Grey", "", "C02", {"grey_until": date(2027, 4, 1)}),
        ("Blue", "", "", {"blue": True}),
    ):
        person = people.person(programme, surname=surname, priority=priority)
        clear = {"blue": False, "blue_until": None, "red_from": None, "amber_from": None, "grey_until": None}
        PersonTransfer.objects.filter(pk=person.pk).update(next_checkpoint=code, **(clear | moments))
    page = sign_in("MT", programme).get(listed(programme, f"?sort={sort}"))
    assert names(page) == order
    assert f'aria-sort="{"descending" if sort.startswith("-") else "ascending"}"' in page.content.decode()


@pytest.mark.parametrize("number", [1, 7])
def test_two_hundred_rows_cost_what_fifty_cost(programme, sign_in, number, django_assert_num_queries):
    for _ in range(number):
        people.person(programme, done=("C01",), incoming_provider=people.incoming(programme))
    client = sign_in("MT", programme)
    client.get(listed(programme))
    for query in ("?rows=50", "?rows=200", "?groups=prepare,tell,meet,move,check&sort=-due", "?sort=progress"):
        with django_assert_num_queries(8):
            client.get(listed(programme, query))


# What changed


def test_since_yesterday_shows_old_beside_new_and_only_that(programme, sign_in, django_assert_num_queries):
    person, other = people.person(programme, wave="1", done=("C01",)), people.person(programme, wave="7")
    with time_machine.travel("2027-03-13 12:00", tick=False):
        services.update_person(person, {"zone": "North"}, actor=Actor.operator())
    with time_machine.travel("2027-03-14 09:00", tick=False):
        services.update_person(person, {"wave": "2"}, actor=Actor.operator())
        checkpoints.mark(person, "C02", actor=Actor.operator(), on=date(2027, 3, 14))
    services.update_person(person, {"wave": "3"}, actor=Actor.operator())
    services.update_person(other, {"wave": "8"}, actor=Actor.operator())
    services.update_person(other, {"wave": "7"}, actor=Actor.operator())
    client = sign_in("MT", programme)
    client.get(listed(programme))
    with django_assert_num_queries(10):
        text = client.get(listed(programme, "?since=1&cols=wave,zone&groups=prepare")).content.decode()
    assert (text.count("<del>"), ">was </span>1</del>" in text, ">was </span>open</del>" in text) == (2, True, True)
    assert "<del>" not in client.get(listed(programme, "?cols=wave,zone&groups=prepare")).content.decode()


def test_the_history_of_a_cell_says_who_when_from_to_why_and_is_logged_once(programme, sign_in):
    person = people.person(programme, wave="1")
    services.update_person(person, {"wave": "2", "zone": "North"}, actor=ground.actor("OL", programme), why="Rota")
    client = sign_in("MT", programme)
    before = AccessLog.objects.count()
    text = client.get(reverse("transfers:cell-history", args=[programme.ref, person.public_id, "wave"]), **HTMX).content.decode()
    assert [word in text for word in ("from </span>1</del>", "to </span>2</ins>", "Rota", "@example.org", "North")] == [True, True, True, True, False]
    assert (AccessLog.objects.count() - before, AccessLog.objects.latest("pk").subject) == (1, "history of a cell")


def test_a_provider_reads_no_history_of_who_was_asked(programme, sign_in):
    person = people.person(programme, incoming_provider=people.incoming(programme))
    client = sign_in("XP", programme, organisation=person.exiting_provider)
    assert client.get(reverse("transfers:cell-history", args=[programme.ref, person.public_id, "times"])).status_code == 200
    for key in ("providers", "old_order", "nothing"):
        assert client.get(reverse("transfers:cell-history", args=[programme.ref, person.public_id, key])).status_code == 404


# Beside the list, and on paper


def test_the_panel_walks_in_the_order_of_the_filtered_list_and_is_logged(programme, sign_in):
    made = [people.person(programme, surname=name, wave=wave) for name, wave in (("A", "1"), ("B", "2"), ("C", "1"), ("D", "1"))]
    client = sign_in("MT", programme)
    part = reverse("transfers:person-panel", args=[programme.ref, made[2].public_id])
    before = AccessLog.objects.count()
    page = client.get(f"{part}?wave=1&at=2", **HTMX)
    assert (made[0].public_id in page.context["previous_url"], made[3].public_id in page.context["next_url"], "wave=1" in page.context["next_url"]) == (True, True, True)
    assert (AccessLog.objects.count() - before, AccessLog.objects.latest("pk").object_ids) == (1, [made[2].public_id])
    last = client.get(page.context["next_url"], **HTMX)
    assert (last.context["next_url"], made[2].public_id in last.context["previous_url"]) == ("", True)
    assert client.get(part).url == reverse("transfers:person-detail", args=[programme.ref, made[2].public_id])


def test_the_panel_leads_from_the_open_safety_check_to_its_questions(programme, sign_in):
    moved, waits = people.person(programme, done=tuple(f"C{n:02d}" for n in range(1, 16))), people.person(programme)
    PersonTransfer.objects.filter(pk=moved.pk).update(status="transferred")
    client = sign_in("MT", programme)
    check = reverse("transfers:person-act", args=[programme.ref, moved.public_id, "safety"])
    text = client.get(reverse("transfers:person-panel", args=[programme.ref, moved.public_id]), **HTMX).content.decode()
    assert f'<a href="{check}">Check<span class="nhsuk-u-visually-hidden"> C16</span></a>' in text
    assert client.get(check).status_code == 200
    assert "/do/safety/" not in client.get(reverse("transfers:person-panel", args=[programme.ref, waits.public_id]), **HTMX).content.decode()


def test_paper_says_filters_who_and_when_keeps_provisional_and_is_logged(programme, sign_in):
    people.person(programme, surname="Hartley", priority="R", plan_status="provisional", case_system_id="SW1")
    people.person(programme, surname="Moss", priority="G")
    client = sign_in("MT", programme)
    text = client.get(reverse("transfers:person-print", args=[programme.ref]) + "?priority=R").content.decode()
    body = text[text.index("app-paper__head"):]
    assert [word in body for word in ("Priority: Red", str(client.user), "15 Mar 2027, 10:00", "Hartley", "PROVISIONAL", "Moss", "/cell/")] == [True, True, True, True, True, False, False]
    log = AccessLog.objects.latest("pk")
    assert (log.verb, log.subject, log.count) == ("view", "people list on paper", 1)
    unnamed = client.get(reverse("transfers:person-print", args=[programme.ref]) + "?priority=R&names=no").content.decode()
    assert ("Hartley" in unnamed, "SW1" in unnamed, "PROVISIONAL" in unnamed) == (False, True, True)


# Saved views


def test_a_view_is_saved_from_the_address_and_opens_the_same_rows(programme, sign_in):
    people.person(programme, surname="Two", wave="2")
    people.person(programme, surname="One", wave="1")
    client = sign_in("MT", programme)
    answer = client.post(reverse("transfers:view-list", args=[programme.ref]), {"name": "Wave two", "address": "wave=2&cols=wave,due&groups=meet&sort=-due&term=Two"})
    view = SavedView.objects.get()
    assert answer.url == listed(programme, f"?view={view.public_id}&cols=due,wave&groups=meet&sort=-due&wave=2")
    assert names(client.get(answer.url)) == ["Two"]
    assert client.get(listed(programme, f"?view={view.public_id}")).url == answer.url
    assert Change.objects.get(entity="transfers.savedview").action == "created"


def test_a_view_is_its_owners_until_a_lead_shares_it_and_a_lock_keeps_it(programme):
    mt, other, ol = ground.actor("MT", programme), ground.actor("MT", programme), ground.actor("OL", programme)
    view = saved_views.save(programme, "Mine", {"wave": ["1"]}, actor=mt)
    assert not SavedView.objects.visible_to(other.user).exists()
    with pytest.raises(NotPermitted):
        saved_views.change(view, {"shared": True}, actor=mt)
    with pytest.raises(NotPermitted):
        saved_views.change(view, {"name": "Theirs"}, actor=ol)
    team = saved_views.save(programme, "Team", {"show": ["overdue"]}, actor=ol, shared=True)
    assert list(SavedView.objects.visible_to(other.user)) == [team]
    saved_views.change(team, {"locked": True}, actor=ol)
    with pytest.raises(NotPermitted):
        saved_views.change(team, {"name": "Other"}, actor=other)
    team.refresh_from_db()
    assert (team.name, team.locked_by, team.shared) == ("Team", ol.user, True)
    with pytest.raises(Refused, match="is shared"):
        saved_views.change(team, {"shared": False}, actor=ol)


def test_the_first_view_of_a_role_opens_by_itself_for_that_role_alone(programme, sign_in):
    ol = ground.actor("OL", programme)
    saved_views.save(programme, "Old", {"show": ["today"]}, actor=ol, default_for="CM")
    saved_views.save(programme, "New", {"show": ["overdue"]}, actor=ol, default_for="CM")
    assert list(SavedView.objects.filter(default_for="CM").values_list("name", flat=True)) == ["New"]
    client = sign_in("CM", programme)
    assert client.get(listed(programme)).url.endswith("&show=overdue")
    assert client.get(listed(programme, "?show=")).status_code == 200
    assert sign_in("MT", programme).get(listed(programme)).status_code == 200


def test_views_of_another_programme_are_not_there(programme, sign_in):
    elsewhere = ground.provider_exit()
    view = saved_views.save(elsewhere, "Far", {"show": ["today"]}, actor=ground.actor("OL", elsewhere), shared=True)
    client = sign_in("OL", programme)
    assert client.get(reverse("transfers:view-edit", args=[programme.ref, view.public_id])).status_code == 404
    assert client.get(reverse("transfers:view-edit", args=[elsewhere.ref, view.public_id])).status_code == 404
    assert client.get(listed(programme, f"?view={view.public_id}")).status_code == 200


def test_a_view_is_changed_and_removed_on_its_page_with_history(programme, sign_in):
    client = sign_in("OL", programme)
    client.post(reverse("transfers:view-list", args=[programme.ref]), {"name": "Mine", "address": "show=hold"})
    view = SavedView.objects.get()
    page = reverse("transfers:view-edit", args=[programme.ref, view.public_id])
    form = client.get(page).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields}
    assert client.post(page, sent | {"name": "Ours", "shared": "on", "locked": "on", "default_for": "MT"}).status_code == 302
    view.refresh_from_db()
    assert (view.name, view.shared, view.locked_by, view.default_for) == ("Ours", True, client.user, "MT")
    assert client.post(reverse("transfers:view-remove", args=[programme.ref, view.public_id])).status_code == 302
    assert (SavedView.objects.exists(), Change.objects.filter(entity="transfers.savedview").latest("pk").action) == (False, "view removed")


@pytest.mark.parametrize("number", [1, 5])
def test_the_list_of_views_costs_the_same(programme, sign_in, number, django_assert_num_queries):
    client = sign_in("OL", programme)
    actor = Actor.of(client.user, programme)
    for one in range(number):
        saved_views.save(programme, f"View {one}", {"show": ["today"]}, actor=actor, shared=True)
    client.get(reverse("transfers:view-list", args=[programme.ref]))
    with django_assert_num_queries(6):
        assert client.get(reverse("transfers:view-list", args=[programme.ref])).status_code == 200


def test_two_clocks_agree_on_yesterday():
    from transfers.facts.changes import yesterday

    assert yesterday(date(2027, 3, 28)).isoformat() == "2027-03-27T08:00:00+00:00"
    assert yesterday(date(2027, 3, 30)).utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize("role", sorted(ROLES))
def test_whoever_is_found_to_see_everybody_sees_whom_the_scope_lets_them(programme, role):
    people.person(programme)
    people.person(ground.provider_exit())
    actor = ground.actor(role, None if ROLES[role].site_wide else programme)
    actor = Actor.of(actor.user, programme)
    slow = set(PersonTransfer.objects.visible_to(actor.user).filter(programme=programme))
    assert actor.sees_all_people == (len(slow) == 1)
    if actor.sees_all_people:
        assert set(PersonTransfer.objects.visible_to(actor.user, team_of=programme)) == slow
