"""Accounts and roles: opened, invited, given, ended; the first administrator."""

import json
import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.clock import today
from mobilisation.errors import NotPermitted, Refused
from mobilisation.models import Change, Job, Organisation, RoleAssignment, User
from mobilisation.roles import ROLES
from mobilisation.services import accounts, jobs
from tests.factories import ground, workstreams
from workstreams.models import Workstream

pytestmark = pytest.mark.django_db
OPERATOR = Actor.operator()
WORDS = "meadow river tractor"


def test_an_account_is_opened_once_and_with_a_real_address():
    user = accounts.open_account(" New.Person@Example.org ", actor=OPERATOR, name="New Person")
    assert (user.email, user.has_usable_password()) == ("new.person@example.org", False)
    for email in ("new.person@EXAMPLE.org", "nobody"):
        with pytest.raises(Refused):
            accounts.open_account(email, actor=OPERATOR)
    assert User.objects.count() == 1
    assert Change.objects.filter(entity="mobilisation.user").values_list("action", flat=True).get() == "account opened"


@pytest.mark.parametrize(("password", "said"), [("short", "at least 12"), ("password1234", "too common"), ("new.person@example.org", "too similar")])
def test_a_weak_password_is_refused(password, said):
    with pytest.raises(Refused, match=said):
        accounts.open_account("new.person@example.org", actor=OPERATOR, password=password)
    assert not User.objects.exists()


def test_everything_that_is_wrong_with_a_role_is_said_at_once(programme):
    with pytest.raises(Refused) as refused:
        accounts.assign(None, "IP", actor=OPERATOR, starts_on=date(2027, 2, 1), ends_on=date(2027, 1, 1), people_granted=True)
    assert [reason.field for reason in refused.value.reasons] == ["programme", "organisation", "user", "people_granted", "grant_reason", "ends_on"]
    assert not RoleAssignment.objects.exists()


def test_only_an_administrator_gives_roles_of_the_whole_site(programme):
    lead = ground.actor("ML", programme)
    with pytest.raises(Refused, match="Only a system administrator"):
        accounts.assign(ground.user(), "IGO", actor=lead)
    with pytest.raises(NotPermitted):
        accounts.assign(ground.user(), "MT", actor=ground.actor("MT", programme), programme=programme)
    assert accounts.assign(ground.user(), "IGO", actor=ground.actor("ADM")).programme is None


@pytest.mark.parametrize(("role", "to", "granted"), [("ADM", "OL", False), ("ADM", "IGO", False), ("MLD", "MT", False), ("SRO", "LEG", True)])
def test_nobody_gives_themselves_sight_of_people(programme, role, to, granted):
    actor = ground.actor(role, None if role == "ADM" else programme)
    where = None if to == "IGO" else programme
    before = RoleAssignment.objects.count()
    with pytest.raises(Refused, match="Nobody gives themselves sight of personal data"):
        accounts.assign(actor.user, to, actor=actor, programme=where, people_granted=granted, grant_reason="to see")
    assert RoleAssignment.objects.count() == before
    assert accounts.assign(actor.user, "DL", actor=actor, programme=programme).role == "DL"


def test_an_ended_role_ends_access_at_the_next_request(programme, sign_in):
    client = sign_in("ML", programme)
    page = reverse("mobilisation:people-and-roles", kwargs={"ref": programme.ref})
    assert client.get(page).status_code == 200
    accounts.end_assignment(RoleAssignment.objects.get(user=client.user), actor=OPERATOR, why="moved on")
    assert client.get(page).status_code == 404
    assert client.post(page, {}).status_code == 404
    assert Change.objects.get(action="ended").why == "moved on"
    with pytest.raises(Refused, match="ended already"):
        accounts.end_assignment(RoleAssignment.objects.get(user=client.user), actor=OPERATOR)


def test_a_closed_account_is_signed_out_at_the_next_request(programme, sign_in):
    client = sign_in("ML", programme)
    page = reverse("mobilisation:people-and-roles", kwargs={"ref": programme.ref})
    assert client.get(page).status_code == 200
    with pytest.raises(Refused, match="Say why"):
        accounts.disable(client.user, actor=ground.actor("ADM"))
    accounts.disable(client.user, actor=ground.actor("ADM"), why="left")
    assert client.get(page).url == f"/accounts/login/?next={page}"
    accounts.enable(User.objects.get(pk=client.user.pk), actor=ground.actor("ADM"))
    client.force_login(User.objects.get(pk=client.user.pk))
    assert client.get(page).status_code == 200


def test_an_administrator_does_not_close_the_own_account():
    actor = ground.actor("ADM")
    with pytest.raises(Refused, match="your own account"):
        accounts.disable(actor.user, actor=actor, why="tired")


def test_vacant_mandatory_roles_are_named(programme):
    assert accounts.vacant(programme) == [(code, "") for code in ("SRO", "CL", "OL", "MT", "XP", "IP")]
    ground.user_in("CM", programme)
    ground.user_in("SRO", programme, ends_on=today() - timedelta(days=1))
    ground.user_in("XP", programme, starts_on=today() + timedelta(days=1))
    ground.user_in("OL", programme, who=ground.user(is_active=False))
    assert accounts.vacant(programme) == [(code, "") for code in ("SRO", "CL", "OL", "XP", "IP")]


def test_each_incoming_provider_needs_a_lead_of_its_own(programme):
    first, second, third = Organisation.objects.filter(party_to__contract__programmes=programme, party_to__role="incoming").order_by("name")
    for code in ("SRO", "CL", "OL", "MT", "XP"):
        ground.user_in(code, programme)
    ground.user_in("IP", programme, first)
    assert accounts.vacant(programme) == [("IP", "Oyster Bay Care Ltd"), ("IP", "Seasalter Home Support CIC")]
    ground.user_in("IP", programme, second)
    ground.user_in("IP", programme, third)
    assert accounts.vacant(programme) == []


def test_an_invitation_opens_the_door_once(client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks():
        user = accounts.invite("guest@example.org", actor=OPERATOR, name="Guest")
    job = Job.objects.get(kind="invitation")
    assert job.args == {"user": user.pk}
    assert jobs.run(job.pk).state == "done"
    (letter,) = mail.outbox
    assert (letter.to, "guest" in letter.subject.lower()) == (["guest@example.org"], False)
    path = re.search(r"http://127.0.0.1:8000(/\S+)", letter.body)[1]
    assert path not in json.dumps([job.args, Job.objects.get(pk=job.pk).result])
    form = client.get(path, follow=True)
    assert client.post(form.redirect_chain[-1][0], {"password1": WORDS, "password2": WORDS}).status_code == 302
    user.refresh_from_db()
    assert user.check_password(WORDS)
    client.logout()
    assert b"password1" not in client.get(path, follow=True).content


def test_a_mail_server_that_is_away_is_said_and_nothing_is_lost(settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", 1
    user = accounts.invite("guest@example.org", actor=OPERATOR)
    job = jobs.run(Job.objects.get().pk)
    assert (job.state, "Send the link again" in job.reason) == ("failed", True)
    assert User.objects.filter(pk=user.pk).exists()


def test_the_first_administrator_only_in_an_empty_office(client):
    page = reverse("mobilisation:setup")
    assert client.get(page).status_code == 200
    data = {"name": "Ada", "email": "ada@example.org", "password": WORDS, "again": WORDS}
    assert client.post(page, data | {"again": "other"}).status_code == 422
    assert client.post(page, data | {"password": "short", "again": "short"}).status_code == 422
    assert not User.objects.exists()
    assert client.post(page, data).url == reverse("account_login")
    assert RoleAssignment.objects.get().role == "ADM"
    assert client.get(page).status_code == 404
    assert client.post(page, data | {"email": "eve@example.org"}).status_code == 404
    with pytest.raises(Refused):
        accounts.first_administrator("eve@example.org", WORDS)
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_first_administrators_at_the_same_moment():
    import threading

    from django.db import connection

    start, outcomes = threading.Barrier(2), []

    def make(email):
        start.wait()
        try:
            outcomes.append(accounts.first_administrator(email, WORDS).email)
        except Refused:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=make, args=(email,)) for email in ("a@example.org", "b@example.org")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "told" in outcomes
    assert User.objects.count() == 1


def test_a_lead_gives_and_ends_a_role_on_the_page(programme, sign_in):
    client = sign_in("ML", programme)
    page = reverse("mobilisation:people-and-roles", kwargs={"ref": programme.ref})
    data = {"email": "new@example.org", "name": "New", "role": "CL", "starts_on": "2026-01-05"}
    assert client.post(page, data | {"role": "ADM"}).status_code == 422
    assert client.post(page, data | {"role": "IP"}).status_code == 422
    assert not User.objects.filter(email="new@example.org").exists()
    assert client.post(page, data).status_code == 302
    given = RoleAssignment.objects.get(role="CL")
    shown = client.get(page)
    assert [code for code, _, _ in shown.context["vacant"]] == ["SRO", "OL", "MT", "XP", "IP"]
    end = reverse("mobilisation:role-end", kwargs={"ref": programme.ref, "public_id": given.public_id})
    assert client.get(end).status_code == 200
    assert client.post(end, {"reason": "wrong person"}).status_code == 302
    given.refresh_from_db()
    assert given.ended_at is not None
    other = ground.provider_exit()
    assert client.post(reverse("mobilisation:role-end", kwargs={"ref": other.ref, "public_id": given.public_id})).status_code == 404


def held(user, programme, role):
    return RoleAssignment.objects.get(user=user, programme=programme, role=role)


def test_a_deputy_is_named_shown_and_gains_nothing(programme, sign_in):
    lead, ann, bo = (ground.user_in(role, programme) for role in ("OL", "CO", "DL"))
    client = sign_in("ML", programme)
    page = reverse("mobilisation:people-and-roles", kwargs={"ref": programme.ref})
    of = held(lead, programme, "OL")
    form = reverse("mobilisation:role-deputy", kwargs={"ref": programme.ref, "public_id": of.public_id})
    assert {row.user for row in client.get(form).context["form"].fields["deputy"].queryset} == {ann, bo, client.user}
    vacant = accounts.vacant(programme)
    assert client.post(form, {"deputy": held(ann, programme, "CO").pk}).status_code == 302
    shown = client.get(page)
    assert {row.role: [deputy.user for deputy in row.standing_in] for row in shown.context["assignments"]} == {"CO": [], "DL": [], "ML": [], "OL": [ann]}
    assert f"Deputy: <span>{ann}</span>, CO" in shown.content.decode()
    assert (accounts.vacant(programme), Actor.of(ann, programme).roles) == (vacant, frozenset({"CO"}))
    assert client.post(form, {"deputy": held(bo, programme, "DL").pk}).status_code == 302
    assert list(of.deputies.values_list("role", flat=True)) == ["DL"]
    assert client.post(form, {"deputy": ""}).status_code == 302
    assert not of.deputies.exists()
    rows = Change.objects.filter(entity="mobilisation.roleassignment", action__contains="deputy").order_by("pk")
    assert [(row.object_label, row.action) for row in rows] == [
        ("Commissioning officer (CO)", "named deputy"), ("Delivery lead (DL)", "named deputy"), ("Commissioning officer (CO)", "no longer deputy"), ("Delivery lead (DL)", "no longer deputy"),
    ]


def test_a_vacant_role_stays_vacant_whoever_stands_in(programme):
    ann, lead = ground.user_in("CO", programme), ground.user_in("OL", programme)
    accounts.name_deputy(held(lead, programme, "OL"), held(ann, programme, "CO"), actor=OPERATOR)
    assert "OL" not in dict(accounts.vacant(programme))
    accounts.end_assignment(held(lead, programme, "OL"), actor=OPERATOR)
    assert "OL" in dict(accounts.vacant(programme))


def test_a_deputy_is_refused_without_a_trace(programme):
    lead, ann = ground.user_in("OL", programme), ground.user_in("CO", programme)
    ground.user_in("CL", programme, who=lead)
    of, co = held(lead, programme, "OL"), held(ann, programme, "CO")
    ended, elsewhere = held(ground.user_in("DL", programme, ends_on=today() - timedelta(days=1)), programme, "DL"), ground.user_in("CO", other := ground.provider_exit())

    def refused(one, deputy, said, kind=Refused, actor=OPERATOR):
        before = list(RoleAssignment.objects.order_by("pk").values()), Change.objects.count()
        with pytest.raises(kind, match=said):
            accounts.name_deputy(one, deputy, actor=actor)
        assert (list(RoleAssignment.objects.order_by("pk").values()), Change.objects.count()) == before

    refused(of, co, "not allow", NotPermitted, ground.actor("CM", programme))
    refused(of, held(lead, programme, "CL"), "holds this role. Choose somebody else")
    refused(of, ended, "Choose somebody who holds a role on this programme")
    refused(of, held(elsewhere, other, "CO"), "Choose somebody who holds a role on this programme")
    refused(ended, co, "This role has ended")
    accounts.name_deputy(of, co, actor=OPERATOR)
    refused(held(lead, programme, "CL"), co, f"As CO {ann} is the deputy of {lead}, OL, already")


def test_a_deputy_of_another_programme_is_not_found(programme, sign_in):
    lead = ground.user_in("OL", other := ground.provider_exit())
    client = sign_in("ML", programme)
    for ref in (programme.ref, other.ref):
        assert client.get(reverse("mobilisation:role-deputy", kwargs={"ref": ref, "public_id": held(lead, other, "OL").public_id})).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_people_and_roles_costs_the_same(programme, sign_in, django_assert_num_queries, number):
    for _ in range(number):
        ground.user_in("CO", programme, Organisation.objects.first())
    client = sign_in("ML", programme)
    client.get("/glossary/")
    with django_assert_num_queries(12):
        page = client.get(reverse("mobilisation:people-and-roles", kwargs={"ref": programme.ref}))
    assert len(page.context["assignments"]) == number + 1


def test_an_administrator_gives_roles_everywhere_and_sees_nothing_else(programme, sign_in):
    client = sign_in("ADM")
    assert client.get(reverse("mobilisation:people-and-roles", kwargs={"ref": programme.ref})).status_code == 200
    for name in ("board", "history", "programme-settings"):
        assert client.get(reverse(f"mobilisation:{name}", kwargs={"ref": programme.ref})).status_code == 404


@pytest.mark.parametrize(("email", "name", "said"), [("x" * 250 + "@b.example", "", "e-mail address may have 254 characters at most; this one has 260"), ("b@b.example", "n" * 151, "name may have 150 characters at most; this one has 151")])
def test_what_is_too_long_is_said_on_every_database(email, name, said):
    with pytest.raises(Refused, match=said):
        accounts.open_account(email, actor=OPERATOR, name=name)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("role", "name", "words"), [("IP", "Kent County Council", "is not incoming provider"), ("XP", "Bluebell Care Partners", "is not exiting provider"), ("IP", "Bluebell Care Partners", None)]
)
def test_a_provider_lead_acts_for_a_party_of_the_right_side(programme, role, name, words):
    organisation, actor = Organisation.objects.get(name=name), ground.actor("CL", programme)
    if words is None:
        assert accounts.assign(ground.user(), role, actor=actor, programme=programme, organisation=organisation).organisation == organisation
        return
    with pytest.raises(Refused, match=words):
        accounts.assign(ground.user(), role, actor=actor, programme=programme, organisation=organisation)
    assert RoleAssignment.objects.filter(role=role).count() == 0


@pytest.mark.parametrize(
    ("first", "last", "refused"), [(0, None, True), (0, 20, True), (0, 5, False), (40, None, False), (25, 60, True)]
)
def test_a_role_is_held_once_at_a_time(programme, first, last, refused):
    """The role is held from day 10 to day 30."""
    user, actor = ground.user(), ground.actor("CL", programme)
    day = today()
    accounts.assign(user, "BM", actor=actor, programme=programme, starts_on=day + timedelta(days=10), ends_on=day + timedelta(days=30))
    again = {"starts_on": day + timedelta(days=first), "ends_on": None if last is None else day + timedelta(days=last)}
    if refused:
        with pytest.raises(Refused, match="holds this role already"):
            accounts.assign(user, "BM", actor=actor, programme=programme, **again)
    else:
        accounts.assign(user, "BM", actor=actor, programme=programme, **again)
    assert RoleAssignment.objects.filter(user=user).count() == (1 if refused else 2)


def test_a_role_that_is_over_already_is_not_given(programme):
    with pytest.raises(Refused, match="has passed already"):
        accounts.assign(ground.user(), "BM", actor=ground.actor("CL", programme), programme=programme, starts_on=today() - timedelta(days=9), ends_on=today() - timedelta(days=1))


def test_a_workstream_lead_leads_one_workstream(sign_in):
    programme = workstreams.planned("live_service")
    client = sign_in("CL", programme)
    page = reverse("mobilisation:people-and-roles", args=[programme.ref])
    wanted = {"email": "lead@example.org", "role": "WSL", "starts_on": today().isoformat()}
    answer = client.post(page, wanted)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["workstream"])
    assert ("WSL", "Finance") in accounts.vacant(programme)
    assert client.post(page, wanted | {"workstream": "finance"}).status_code == 302
    assert (RoleAssignment.objects.get(role="WSL").workstream_slug, ("WSL", "Finance") in accounts.vacant(programme)) == ("finance", False)
    assert client.post(page, wanted | {"role": "BM", "workstream": "finance"}).status_code == 422


@pytest.mark.parametrize(
    "name", ["Contract management", "IM&T", "Finance", "Estates and premises", "HR and workforce", "Procurement", "Communications and stakeholder engagement", "Operational", "Clinical", "Health, safety and fire", "Programme office"]
)
def test_each_workstream_of_a_live_service_has_a_lead_or_is_named_as_vacant(name):
    programme = workstreams.planned("live_service")
    assert ("WSL", name) in accounts.vacant(programme)
    ground.user_in("WSL", programme, workstream_slug=Workstream.objects.get(programme=programme, name=name).slug)
    assert ("WSL", name) not in accounts.vacant(programme)


@pytest.mark.parametrize("role", ["BCH", "ML"])
def test_the_lead_of_the_board_and_of_the_project_are_named_as_vacant(role):
    programme = workstreams.planned("live_service")
    assert (role, "") in accounts.vacant(programme)
    ground.user_in(role, programme)
    assert (role, "") not in accounts.vacant(programme)


def test_the_last_who_may_give_roles_stays(programme, sign_in):
    client = sign_in("CL", programme)
    own = RoleAssignment.objects.get(user=client.user)
    page = reverse("mobilisation:role-end", args=[programme.ref, own.public_id])
    other = ground.user_in("BM", programme)
    for sent, words in (({"reason": ""}, "Say why the role ends"), ({"reason": "moves on"}, "Nobody else could give roles")):
        answer = client.post(page, sent)
        assert (answer.status_code, [words in str(message) for message in answer.context["messages"]]) == (422, [True])
    ground.user_in("SRO", programme)
    assert client.post(page, {"reason": "moves on"})["Location"] == reverse("reporting:portfolio")
    assert (RoleAssignment.objects.get(pk=own.pk).ended_at is None, RoleAssignment.objects.get(user=other).ended_at) == (False, None)


GRANTABLE = {"SRO", "DL", "MLD", "WL", "PRO", "LEG", "CMS", "EPO"}


@pytest.mark.parametrize("role", sorted(code for code in ROLES if not ROLES[code].site_wide))
def test_sight_of_people_is_granted_only_to_the_roles_the_guide_names(programme, role):
    """Domain 8 and 10.8: never to a provider's lead, a commissioner or a board member."""
    organisation = programme.contracts.get().parties.get(role="exiting").organisation if role == "XP" else Organisation.objects.get(name="Oyster Bay Care Ltd")
    more = {"programme": programme, "organisation": organisation, "workstream_slug": ""}
    if role == "WSL":
        more["workstream_slug"] = workstreams.workstream(programme).slug
    giver, holder = ground.actor("ML", programme), ground.user()
    if role in GRANTABLE:
        made = accounts.assign(holder, role, actor=giver, people_granted=True, grant_reason="Incident of 3 March", **more)
        assert (made.people_granted, Actor.of(holder, programme).sees_all_people) == (True, True)
        return
    with pytest.raises(Refused) as refused:
        accounts.assign(holder, role, actor=giver, people_granted=True, grant_reason="Incident of 3 March", **more)
    assert ([reason.field for reason in refused.value.reasons], "may be granted to SRO, MLD, DL, WL, PRO, LEG, CMS, EPO" in str(refused.value)) == (["people_granted"], True)
    assert not RoleAssignment.objects.filter(user=holder).exists()
    held = accounts.assign(holder, role, actor=giver, **more)
    with pytest.raises(Refused):
        accounts.assign(holder, role, actor=giver, people_granted=True, grant_reason="Incident of 3 March", **more)
    held.refresh_from_db()
    assert held.people_granted is False


def test_the_page_of_roles_says_who_may_be_granted_sight_of_people(programme, sign_in):
    client = sign_in("ML", programme)
    page = reverse("mobilisation:people-and-roles", args=[programme.ref])
    provider = Organisation.objects.get(name="Oyster Bay Care Ltd")
    sent = {"email": "lead@oysterbay.example", "role": "IP", "organisation": provider.pk, "starts_on": today().isoformat(), "people_granted": "on", "grant_reason": "test grant"}
    assert "Only for SRO, MLD, DL, WL, PRO, LEG, CMS, EPO" in client.get(page).content.decode()
    answer = client.post(page, sent)
    assert (answer.status_code, [str(text)[:34] for text in answer.context["form"].errors["people_granted"]]) == (422, ["IP Incoming provider lead is given"])
    assert not RoleAssignment.objects.filter(role="IP").exists() and not User.objects.filter(email="lead@oysterbay.example").exists()


def test_who_holds_a_role_already_may_be_granted_sight_of_people(programme):
    sro = ground.user_in("SRO", programme)
    giver = ground.actor("ML", programme)
    with pytest.raises(Refused, match="Say why this person may see people"):
        accounts.assign(sro, "SRO", actor=giver, programme=programme, people_granted=True)
    made = accounts.assign(sro, "SRO", actor=giver, programme=programme, people_granted=True, grant_reason="Incident of 3 March")
    assert [(row.pk, row.people_granted, row.grant_reason) for row in RoleAssignment.objects.filter(user=sro)] == [(made.pk, True, "Incident of 3 March")]
    with pytest.raises(Refused, match="holds this role already"):
        accounts.assign(sro, "SRO", actor=giver, programme=programme, people_granted=True, grant_reason="Again")
