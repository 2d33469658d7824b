"""Calendar, contracts, organisations, accounts and settings of a programme, as pages and services."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from mobilisation import registry
from mobilisation.access import Actor
from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import CalendarDay, Change, Contract, ContractParty, Decision, Notification, Organisation, Programme, RoleAssignment, Slot, User
from mobilisation.roles import Can
from mobilisation.services import accounts, calendar, organisations, programmes
from tests.factories import ground, people
from transfers.models import PersonTransfer

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
recomputed: list[str] = []


def note(programme):
    recomputed.append(programme.reference)


@pytest.fixture
def follows(monkeypatch):
    recomputed.clear()
    monkeypatch.setattr(registry, "_recomputes", {"test": "tests.mobilisation.test_office.note"})
    return recomputed


def test_a_local_day_moves_the_programmes_of_its_division(programme, follows, sign_in):
    client = sign_in("ADM")
    page = reverse("mobilisation:calendar")
    data = {"save": "1", "division": "england-and-wales", "kind": "local", "date": "2027-02-08", "title": "Office closed"}
    assert client.post(page, data | {"until": "2027-02-01"}).status_code == 422
    assert client.post(page, data).status_code == 302
    assert client.post(page, data).status_code == 422
    assert follows == [programme.reference]
    day = CalendarDay.objects.get(kind="local")
    assert client.post(page, {"strike": day.public_id}).status_code == 302
    day.refresh_from_db()
    assert (day.removed, follows) == (True, [programme.reference] * 2)
    assert client.post(page, {"save": "1", "division": "scotland", "kind": "pre_election", "date": "2027-03-29", "until": "2027-05-06", "title": "Election"}).status_code == 302
    assert follows == [programme.reference] * 2
    assert Change.objects.filter(entity="mobilisation.calendarday").count() == 3


def test_the_calendar_is_read_by_all_and_kept_by_the_administrator(programme, sign_in):
    client = sign_in("BM", programme)
    page = client.get(reverse("mobilisation:calendar") + "?year=2027")
    assert [day.date for day in page.context["days"]] == ground.HOLIDAYS_2027
    assert b"Strike out" not in page.content
    assert client.post(reverse("mobilisation:calendar"), {"refresh": "1"}).status_code == 404


def test_a_struck_day_stays_struck_when_the_list_is_read_again():
    calendar.refresh(SYSTEM)
    known = CalendarDay.objects.count()
    day = CalendarDay.objects.filter(division="scotland").first()
    programmes.strike_day(day, actor=SYSTEM, removed=True)
    assert calendar.refresh(SYSTEM) == 0
    day.refresh_from_db()
    assert (day.removed, CalendarDay.objects.count()) == (True, known)


def test_once_a_month_the_list_is_read_and_its_end_told(follows):
    administrator = ground.user_in("ADM")
    for moment in (datetime(2031, 3, 1, 0, 30, tzinfo=UTC), datetime(2031, 3, 9, tzinfo=UTC)):
        calendar.tick(moment)
    assert Slot.objects.get().key == "2031-03"
    told = Notification.objects.get()
    assert (told.user, told.kind, told.body.count("the last day known is")) == (administrator, "calendar", 3)
    calendar.tick(datetime(2031, 4, 1, tzinfo=UTC))
    assert Notification.objects.count() == 2


@pytest.mark.parametrize("number", [1, 3])
def test_contracts_cost_the_same(programme, sign_in, django_assert_num_queries, number):
    for at in range(number - 1):
        programme.contracts.add(Contract.objects.create(reference=f"X-{at}", title="More"))
    client = sign_in("BM", programme)
    client.get("/glossary/")
    with django_assert_num_queries(8):
        page = client.get(reverse("mobilisation:contract-list"))
    assert len(page.context["page_obj"]) == number


def test_a_contract_is_changed_by_a_lead_of_its_programme_only(programme, sign_in):
    contract = programme.contracts.get()
    page = reverse("mobilisation:contract-detail", args=[contract.public_id])
    edit = reverse("mobilisation:contract-edit", args=[contract.public_id])
    board = sign_in("BM", programme)
    assert (board.get(page).status_code, board.get(edit).status_code, board.post(edit).status_code, board.post(page).status_code) == (200, 404, 404, 404)
    lead = sign_in("CL", programme)
    form = lead.get(edit).context["form"]
    sent = {name: "" if (value := form[name].value()) is None else value for name in form.fields}
    assert lead.post(edit, sent | {"expected_scd": "2027-05-01", "expiry_date": "2027-04-01"}).status_code == 422
    answer = lead.post(edit, sent | {"longstop_date": "2027-06-01", "status": "signed"})
    assert answer.status_code == 302, answer.context["form"].errors
    contract.refresh_from_db()
    assert (contract.longstop_date, contract.status, contract.version) == (date(2027, 6, 1), "signed", 2)
    assert lead.post(page, {"organisation": "bluebell care partners", "role": "subcontractor"}).status_code == 302
    assert lead.post(page, {"organisation": "Bluebell Care Partners", "role": "subcontractor"}).status_code == 422
    assert ContractParty.objects.filter(contract=contract, role="subcontractor").get().organisation.name == "Bluebell Care Partners"
    stranger = sign_in("CL", ground.provider_exit())
    assert stranger.get(page).status_code == 404


def test_a_condition_of_a_contract_names_who_owns_it_with_an_account(programme, sign_in):
    contract = programme.contracts.get()
    programme.conditions.create(title="Insurance", contract=contract, owner=ground.user(name="Rae Finch"))
    page = sign_in("CL", programme).get(reverse("mobilisation:contract-detail", args=[contract.public_id])).content.decode()
    assert f"{programme.reference} · <span>Rae Finch</span></span>" in page


def test_a_contract_has_a_term_with_its_extension_and_several_providers_with_a_lead(programme, sign_in):
    contract = programme.contracts.get()
    client, page, edit = sign_in("CL", programme), reverse("mobilisation:contract-detail", args=[contract.public_id]), reverse("mobilisation:contract-edit", args=[contract.public_id])
    form = client.get(edit).context["form"]
    sent = {name: "" if (value := form[name].value()) is None else value for name in form.fields}
    assert client.post(edit, sent | {"effective_date": "2027-04-01", "expiry_date": "2032-03-31", "extension_months": "24"}).status_code == 302
    for organisation, role in (("North Care", "lead_provider"), ("South Care", "provider"), ("East Care", "provider"), ("Kent and Medway ICB", "commissioner")):
        assert client.post(page, {"organisation": organisation, "role": role}).status_code == 302
    contract.refresh_from_db()
    assert (contract.expiry_date, contract.extension_months) == (date(2032, 3, 31), 24)
    text = client.get(page).content.decode()
    assert [name in text for name in ("North Care", "South Care", "East Care", "Kent and Medway ICB", "Lead provider", "31 Mar 2032", "24")] == [True] * 7


def test_a_party_named_by_mistake_goes_and_one_in_use_stays(programme, sign_in):
    contract = programme.contracts.get()
    lead = sign_in("CL", programme)
    lead.post(reverse("mobilisation:contract-detail", args=[contract.public_id]), {"organisation": "Old Care", "role": "exiting"})
    mistaken, real = (ContractParty.objects.get(contract=contract, role="exiting", organisation__name=name) for name in ("Old Care", "Meadowgate Homecare Ltd"))
    people.person(programme, exiting_provider=real.organisation)
    ground.user_in("XP", programme, real.organisation, who=ground.user(name="Gavin Mead"))

    def remove(client, party, **sent):
        return client.post(reverse("mobilisation:party-remove", args=[contract.public_id, party.public_id]), sent)

    lead.get(reverse("mobilisation:contract-detail", args=[contract.public_id]))
    refused = remove(lead, real, reason="a slip")
    assert [str(message) for message in refused.context["messages"]] == ["Meadowgate Homecare Ltd stays for now: Gavin Mead acts for it as XP.", "Meadowgate Homecare Ltd stays for now: 1 person leaves it."]
    assert (refused.status_code, remove(lead, mistaken).status_code, ContractParty.objects.filter(contract=contract, role="exiting").count()) == (422, 422, 2)
    assert remove(lead, mistaken, reason="a slip").status_code == 302
    assert ContractParty.objects.filter(contract=contract, role="exiting").get() == real
    told = Change.objects.get(entity="mobilisation.contract", action="party removed")
    assert (told.fields, told.why) == ({"party": ["Old Care (Exiting provider)", None]}, "a slip")
    assert remove(sign_in("BM", programme), real, reason="x").status_code == 404


def test_providers_and_commissioner_readers_see_no_contracts(programme, sign_in):
    for role in ("XP", "IP", "COM", "ADM", "IGO"):
        assert sign_in(role, None if role in {"ADM", "IGO"} else programme).get(reverse("mobilisation:contract-list")).status_code == 404


def test_an_organisation_keeps_one_name_and_a_right_code(programme):
    one, other = ground.organisation("One Ltd"), ground.organisation("Other Ltd")
    with pytest.raises(Refused) as refused:
        organisations.update(one, {"name": "other ltd", "ods_code": "a!", "valid_from": date(2027, 2, 1), "valid_to": date(2027, 1, 1)}, actor=SYSTEM)
    assert [reason.field for reason in refused.value.reasons] == ["ods_code", "name", "valid_to"]
    organisations.update(one, {"successor": other, "ods_code": "AB1"}, actor=SYSTEM)
    one.refresh_from_db()
    assert (one.successor, one.ods_code, one.version) == (other, "AB1", 2)


def test_the_administrator_invites_closes_and_opens(sign_in):
    client = sign_in("ADM")
    page = reverse("mobilisation:account-list")
    assert client.post(page, {"email": "new@example.org", "name": "New", "role": "IGO"}).status_code == 302
    assert client.post(page, {"email": "NEW@example.org"}).status_code == 422
    new = User.objects.get(email="new@example.org")
    edit = reverse("mobilisation:account-edit", args=[new.pk])
    shown = client.get(page + "?q=NEW")
    assert [row.email for row in shown.context["page_obj"]] == ["new@example.org"]
    assert [held.role for held in shown.context["page_obj"][0].held] == ["IGO"]
    client.post(edit, {"disable": "1"})
    assert User.objects.get(pk=new.pk).is_active
    client.post(edit, {"disable": "1", "reason": "left"})
    assert not User.objects.get(pk=new.pk).is_active
    client.post(edit, {"enable": "1"})
    assert User.objects.get(pk=new.pk).is_active
    client.post(edit, {"end": new.assignments.get().public_id})
    assert new.assignments.get().ended_at is None
    client.post(edit, {"end": new.assignments.get().public_id, "reason": "moved on"})
    assert (new.assignments.get().ended_at is not None, Change.objects.get(entity="mobilisation.roleassignment", action="ended").why) == (True, "moved on")


def test_the_last_administrator_stays_one(sign_in):
    client = sign_in("ADM")
    own = client.user.assignments.get()
    edit = reverse("mobilisation:account-edit", args=[client.user.pk])
    other = ground.user_in("ADM", ends_on=date(2021, 1, 1))
    answer = client.post(edit, {"end": own.public_id, "reason": "moved on"}, follow=True)
    own.refresh_from_db()
    assert (own.ended_at, ["Nobody else is administrator" in str(message) for message in answer.context["messages"]]) == (None, [True])
    accounts.assign(other, "ADM", actor=Actor.of(client.user, None))
    assert client.post(edit, {"end": own.public_id, "reason": "moved on"})["Location"] == reverse("mobilisation:account")
    own.refresh_from_db()
    assert (own.ended_at is not None, client.get(edit).status_code) == (True, 404)
    accounts.end_assignment(other.assignments.get(ended_at__isnull=True, ends_on__isnull=True), actor=SYSTEM, why="at the machine itself")


def test_an_account_that_is_there_is_given_a_role_of_the_whole_site(programme, sign_in):
    there = ground.user_in("FIN", programme)
    client = sign_in("ADM")
    refused = client.post(reverse("mobilisation:account-list"), {"email": there.email, "role": "IGO"})
    assert (refused.status_code, "A role is given to it on its own page" in refused.content.decode()) == (422, True)
    edit = reverse("mobilisation:account-edit", args=[there.pk])
    assert client.post(edit, {"give": "1", "role": "ML"}).status_code == 422
    for role in ("IGO", "CG", "ADM"):
        assert client.post(edit, {"give": "1", "role": role}).status_code == 302
    assert list(there.assignments.filter(programme=None).values_list("role", flat=True)) == ["ADM", "CG", "IGO"]
    again = client.post(edit, {"give": "1", "role": "IGO"}, follow=True)
    assert "holds this role already" in [str(message) for message in again.context["messages"]][-1]
    own = client.post(reverse("mobilisation:account-edit", args=[client.user.pk]), {"give": "1", "role": "IGO"}, follow=True)
    assert "Nobody gives themselves sight" in [str(message) for message in own.context["messages"]][-1]
    assert client.user.assignments.count() == 1


def test_contracts_of_other_programmes_are_not_counted(programme, sign_in):
    ground.provider_exit()
    client = sign_in("IP", programme, organisation=Organisation.objects.get(name="Bluebell Care Partners"))

    def counted():
        return {row.name: row.contracts for row in client.get(reverse("mobilisation:organisation-list")).context["page_obj"]}

    assert counted() == {"Kent County Council": 1, "Meadowgate Homecare Ltd": 1, "Bluebell Care Partners": 1, "Seasalter Home Support CIC": 1, "Oyster Bay Care Ltd": 1}
    ground.user_in("ADM", who=client.user)
    assert set(counted().values()) == {2}


@pytest.mark.parametrize("number", [1, 3])
def test_accounts_cost_the_same(programme, sign_in, django_assert_num_queries, number):
    for _ in range(number):
        ground.user_in("CO", programme)
    client = sign_in("ADM")
    client.get("/glossary/")
    with django_assert_num_queries(10):
        page = client.get(reverse("mobilisation:account-list"))
    assert len(page.context["page_obj"]) == number + 1


def test_the_own_account(programme, sign_in):
    client = sign_in("CO", programme)
    page = reverse("mobilisation:account")
    assert client.post(page, {"name": "Ann Other", "mail_choice": "hourly"}).status_code == 422
    assert client.post(page, {"name": "Ann Other", "mail_choice": "at_once", "email": "eve@example.org", "is_superuser": "on"}).status_code == 302
    user = User.objects.get(pk=client.user.pk)
    assert (user.name, user.mail_choice, user.email, user.is_superuser) == ("Ann Other", "at_once", client.user.email, False)


def test_a_status_follows_the_life_of_a_programme(programme):
    with pytest.raises(Refused, match="From Active a programme goes to: Cancelled, Live, Paused"):
        programmes.set_status(programme, "closed", actor=SYSTEM)
    with pytest.raises(Refused, match="Say why"):
        programmes.set_status(programme, "paused", actor=SYSTEM)
    for status in ("paused", "active", "live", "stabilising", "closed", "archived"):
        if status == "active":
            ground.user_in("CL", programme)
        programmes.set_status(programme, status, actor=SYSTEM, reason="as agreed")
    assert (programme.status, Change.objects.filter(entity="mobilisation.programme").count()) == ("archived", 6)
    with pytest.raises(Refused, match="nothing else"):
        programmes.set_status(programme, "active", actor=SYSTEM)


def test_dates_and_limits_are_followed_by_what_hangs_on_them(programme, follows, sign_in):
    programmes.update(programme, {"vision": "calm"}, actor=SYSTEM)
    assert follows == []
    with pytest.raises(Refused, match="before the decision"):
        programmes.update(programme, {"exit_date": date(2026, 1, 1)}, actor=SYSTEM)
    programmes.update(programme, {"exit_date": date(2027, 5, 31)}, actor=SYSTEM)
    assert follows == [programme.reference]
    client = sign_in("ML", programme)
    page = reverse("mobilisation:programme-settings", kwargs={"ref": programme.ref})
    limits = {name: field.initial for name, field in client.get(page).context["limits"].fields.items()}
    assert client.post(page, limits | {"set_limits": "1", "slip_red_w": "soon"}).status_code == 422
    assert client.post(page, limits | {"set_limits": "1", "slip_red_w": "12"}).status_code == 302
    found = Programme.objects.get(pk=programme.pk)
    assert (found.thresholds, found.threshold("slip_red_w"), follows) == ({"slip_red_w": 12}, 12, [programme.reference] * 2)


def test_every_limit_is_asked_for_in_words(programme, sign_in, settings):
    fields = sign_in("ML", programme).get(reverse("mobilisation:programme-settings", args=[programme.ref])).context["limits"].fields
    assert [name for name in settings.THRESHOLDS if fields[name].label == name.replace("_", " ")] == []


def test_two_people_set_limits_at_once_and_neither_loses(programme, sign_in):
    client = sign_in("ML", programme)
    page = reverse("mobilisation:programme-settings", kwargs={"ref": programme.ref})

    def shown():
        form = client.get(page).context["limits"]
        return {name: form[name].value() for name in form.fields} | {"set_limits": "1"}

    mine = shown()
    assert client.post(page, shown() | {"slip_red_w": "12", "undo_minutes": "7"}).status_code == 302
    answer = client.post(page, mine | {"slip_red_w": "14"})
    assert (answer.status_code, "changed this to 12" in str(answer.context["limits"].errors["slip_red_w"])) == (422, True)
    assert client.post(page, mine | {"due_soon_w": "3"}).status_code == 302
    assert Programme.objects.get(pk=programme.pk).thresholds == {"slip_red_w": 12, "undo_minutes": 7, "due_soon_w": 3}


def test_the_page_of_roles_is_the_table(programme, sign_in):
    page = sign_in("BM", programme).get(reverse("mobilisation:roles"))
    assert [role.code for role, _, _ in page.context["lines"]][:3] == ["SRO", "BCH", "BM"]
    assert len(page.context["lines"]) == 29


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("live_service", {"award_date": date(2029, 1, 1)}, "award_date"), ("live_service", {"staff_transfer_date": date(2001, 1, 1)}, "staff_transfer_date"), ("live_service", {"scd": None}, "scd"),
        ("live_service", {"pace": "emergency"}, "pace"), ("homecare_start", {"go_live_date": None}, "go_live_date"),
    ],
)
def test_settings_refuse_what_the_wizard_refuses(db, kind, values, field):
    programme = ground.programme(kind, award_date=date(2026, 12, 1), scd=date(2027, 4, 1) if kind == "live_service" else None, go_live_date=date(2027, 4, 1) if kind == "homecare_start" else None)
    before = Programme.objects.filter(pk=programme.pk).values().get()
    with pytest.raises(Refused) as refusal:
        programmes.update(programme, values, actor=SYSTEM)
    assert ([reason.field for reason in refusal.value.reasons], Programme.objects.filter(pk=programme.pk).values().get()) == ([field], before)


def test_a_pause_ends_where_it_began(programme):
    Programme.objects.filter(pk=programme.pk).update(status="active")
    programme.refresh_from_db()
    programmes.set_status(programme, "paused", actor=SYSTEM, reason="strike")
    with pytest.raises(Refused, match="It was active before the pause"):
        programmes.set_status(programme, "stabilising", actor=SYSTEM)
    ground.user_in("CL", programme)
    programmes.set_status(programme, "active", actor=SYSTEM)
    assert programme.status == "active"


@pytest.mark.parametrize(
    ("kind", "first", "last", "field"),
    [("bank_holiday", "2027-01-04", "2028-01-04", "until"), ("local", "2027-01-04", "2999-12-31", "until"), ("local", "2027-01-04", "2027-04-07", "until"), ("local", "0001-12-05", "", "date")],
)
def test_a_period_has_an_end_that_can_be_meant(sign_in, kind, first, last, field):
    days = CalendarDay.objects.count()
    answer = sign_in("ADM").post(reverse("mobilisation:calendar"), {"division": "england-and-wales", "kind": kind, "date": first, "until": last, "title": "Closed", "save": "1"})
    assert (answer.status_code, field in answer.context["form"].errors, CalendarDay.objects.count()) == (422, True, days)


@pytest.mark.parametrize("year", ["²", "x", "", "99999"])
def test_a_year_that_is_none_shows_this_one(sign_in, year):
    assert sign_in("ADM").get("/calendar/", {"year": year}).status_code == 200


@pytest.mark.parametrize("status", ["closed", "archived", "cancelled"])
def test_a_programme_that_is_over_stays_as_it_is(programme, status):
    Programme.objects.filter(pk=programme.pk).update(status=status)
    programme.refresh_from_db()
    before = Programme.objects.filter(pk=programme.pk).values().get()
    with pytest.raises(Refused, match=f"This programme is {status}"):
        programmes.update(programme, {"title": "Another"}, actor=ground.actor("OL", programme))
    assert Programme.objects.filter(pk=programme.pk).values().get() == before


KEEPS = {"DASHBOARD", "PACK_READ", "PLAN_VIEW", "RISK_VIEW", "READINESS_VIEW", "BOARD_VIEW", "PEOPLE_VIEW", "PEOPLE_EXPORT", "ORDERS_VIEW", "STAFF_VIEW", "PACK_DRAFT", "PACK_PUBLISH", "ROLES_MANAGE", "PROGRAMME_MANAGE", "PROGRAMME_CREATE"}


@pytest.mark.parametrize("status", ["closed", "archived", "cancelled"])
def test_nothing_is_added_to_the_record_of_a_programme_that_is_over(programme, sign_in, status):
    """Reading, exports, packs and roles go on; people, decisions and the like are neither added nor changed."""
    client = sign_in("ML", programme)
    person = people.person(programme, wave="1")
    assert {can.name for can in Can if Actor.of(client.user, programme).can(can)} > KEEPS
    Programme.objects.filter(pk=programme.pk).update(status=status)
    programme.refresh_from_db()
    actor = Actor.of(client.user, programme)
    assert {can.name for can in Can if actor.can(can)} == KEEPS
    for can in (Can.PEOPLE_EDIT, Can.PEOPLE_IMPORT, Can.DECISION_RECORD, Can.PLAN_EDIT, Can.RISK_EDIT, Can.READINESS_EDIT):
        with pytest.raises(NotPermitted, match=f"This programme is {status}; its record stays as it is"):
            actor.require(can)
    for page, sent in (("transfers:person-add", {"surname": "Test"}), ("mobilisation:decision-add", {"text": "Decide", "taken_on": "2027-01-04"})):
        assert client.post(reverse(page, args=[programme.ref]), sent).status_code == 404
    assert client.post(reverse("transfers:person-cell", args=[programme.ref, person.public_id, "wave"]), {"wave": "2"}).status_code == 404
    assert (PersonTransfer.objects.get().wave, Decision.objects.count()) == ("1", 0)
    assert client.get(reverse("transfers:person-list", args=[programme.ref])).status_code == 200
    with pytest.raises(NotPermitted, match="Your role does not allow you to change people"):
        Actor.of(ground.user_in("BM", programme), programme).require(Can.PEOPLE_EDIT)


def test_an_organisation_that_has_ended_becomes_no_party_and_its_successor_is_named(programme):
    after = ground.organisation("Kent and Medway ICB")
    Organisation.objects.create(name="Kent ICB", valid_to=date(2022, 6, 30), successor=after)
    with pytest.raises(Refused) as refusal:
        organisations.add_party(programme.contracts.first(), "kent icb", "commissioner", actor=SYSTEM)
    assert str(refusal.value) == "Kent ICB ended on 30 Jun 2022. It was followed by Kent and Medway ICB."
    assert not ContractParty.objects.filter(organisation__name="Kent ICB").exists()


@pytest.mark.parametrize(("role", "linked"), [("ADM", False), ("ML", True)])
def test_the_name_of_a_programme_leads_only_where_one_may_go(programme, sign_in, role, linked):
    client = sign_in(role, None if role == "ADM" else programme)
    held = RoleAssignment.objects.get(user=ground.user_in("BM", programme))
    home = reverse("reporting:dashboard", kwargs={"ref": programme.ref})
    assert client.get(home).status_code == (200 if linked else 404)
    for name, args in (("people-and-roles", []), ("role-deputy", [held.public_id]), ("role-end", [held.public_id])):
        answer = client.get(reverse(f"mobilisation:{name}", args=[programme.ref, *args]))
        assert (answer.status_code, f'<p class="app-programme__name"><a href="{home}">' in answer.content.decode()) == (200, linked), name
