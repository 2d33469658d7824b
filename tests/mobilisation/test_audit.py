"""The two logs of information governance, the history of a programme, notices, health, and faults of the database."""

import csv
import io
import json
import os
import smtplib
import subprocess
import sys
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.urls import reverse

from mobilisation.access import Actor
from mobilisation.accounts import AccountAdapter
from mobilisation.clock import now
from mobilisation.models import AccessLog, Change, Notification, RoleAssignment, Slot, User
from mobilisation.models.records import AppendOnly
from mobilisation.roles import ROLES, Can
from mobilisation.services import access_log, accounts, changes, notices, organisations, slots
from tests.factories import ground, people

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
SYSTEM = Actor.system("test")


def look(programme, who="ann@example.org", verb="view", **fields):
    return access_log.record(Actor(label=who), verb, programme, "people", ids=["abc"], **fields)


def test_the_access_log_is_filtered_and_taken_out_as_csv_which_is_itself_logged(programme, sign_in):
    look(programme)
    look(programme, "=cmd|' /C calc'!A0", "export", reason="monthly return")
    client = sign_in("IGO")
    page = client.get(reverse("mobilisation:access-log") + "?who=ann")
    assert [line[1] for line in page.context["lines"]] == ["ann@example.org"]
    answer = client.get(reverse("mobilisation:access-log-csv") + "?what=export")
    text = b"".join(answer.streaming_content).decode()
    assert (len(text.splitlines()), "'=cmd" in text, "attachment" in answer["Content-Disposition"]) == (3, True, True)
    own = AccessLog.objects.first()
    assert (own.user, own.verb, own.subject, own.count) == (client.user, "export", "access-log", 1)
    assert client.get(reverse("mobilisation:access-log") + "?until=2020-01-01").context["lines"] == []


@pytest.mark.parametrize("who", ["\uff1dcmd|' /C calc'!A0", "#N/A", "\n=1+1"])
def test_the_file_of_a_log_runs_nothing_that_any_other_file_would_not(programme, sign_in, who):
    look(programme, who)
    file = b"".join(sign_in("IGO").get(reverse("mobilisation:access-log-csv"), {"what": "view"}).streaming_content).decode()
    assert list(csv.reader(io.StringIO(file.removeprefix("\ufeff"))))[1][1] == "'" + who


def test_an_export_without_a_reason_is_refused(programme):
    with pytest.raises(Exception, match="Say why"):
        look(programme, verb="export")
    assert not AccessLog.objects.exists()


@pytest.mark.parametrize("role", [code for code, role in ROLES.items() if Can.AUDIT_VIEW not in role.can])
def test_nobody_else_reads_the_logs(programme, sign_in, role):
    client = sign_in(role, None if ROLES[role].site_wide else programme)
    for name in ("access-log", "access-log-csv", "history-log", "history-log-csv"):
        assert client.get(reverse(f"mobilisation:{name}")).status_code == 404


def test_values_of_personal_fields_are_not_shown_to_who_does_not_see_people(programme, sign_in):
    person = people.person(programme, surname="Zanzibar")
    changes.apply(person, {"surname": "Quokkason"}, actor=SYSTEM)
    assert Change.objects.filter(entity="transfers.persontransfer").count() == 1
    log = sign_in("CG").get(reverse("mobilisation:history-log"))
    text = "".join(b"".join(sign_in("CG").get(reverse("mobilisation:history-log-csv")).streaming_content).decode())
    page = reverse("mobilisation:history", kwargs={"ref": programme.ref})
    board, lead = sign_in("BM", programme).get(page).content.decode(), sign_in("ML", programme).get(page).content.decode()
    for shown in (log.content.decode(), text, board):
        assert "Quokkason" not in shown
        assert "Zanzibar" not in shown
    assert "Quokkason" in lead


def test_the_logs_are_append_only(programme):
    row = look(programme)
    for act in (row.save, row.delete, AccessLog.objects.all().delete, lambda: AccessLog.objects.update(reason="x"), Change.objects.all().delete):
        with pytest.raises(AppendOnly):
            act()
    assert AccessLog.objects.get().reason == ""


@pytest.mark.parametrize("log", ["access-log", "history-log"])
def test_a_day_that_cannot_be_read_gives_no_row_and_no_file(programme, sign_in, log):
    look(programme)
    client = sign_in("IGO")
    page = client.get(reverse(f"mobilisation:{log}"), {"since": "soon"})
    assert (page.status_code, page.context["lines"], "enter a real date" in page.content.decode()) == (422, [], True)
    file = client.get(reverse(f"mobilisation:{log}-csv"), {"since": "soon"})
    assert (file.status_code, file["Content-Type"].split(";")[0], AccessLog.objects.filter(verb="export").count()) == (422, "text/html", 0)


def test_the_access_log_is_asked_by_programme_and_by_record(programme, sign_in):
    actor = ground.actor("OL", programme)
    other = ground.provider_exit()
    for of, ids in ((programme, ["aaa", "bbb"]), (other, ["ccc"])):
        access_log.record(actor, "view", of, "person", ids=ids)
    client = sign_in("IGO")
    url = reverse("mobilisation:access-log")
    assert [line[4] for line in client.get(url, {"programme": other.reference.lower()}).context["lines"]] == [other.reference]
    assert [line[6] for line in client.get(url, {"record": "bbb"}).context["lines"]] == [("aaa", "bbb")]


def test_every_record_of_a_large_export_is_named(programme):
    ids = [f"p{n:04}" for n in range(900)]
    assert access_log.record(ground.actor("OL", programme), "export", programme, "people", ids=ids, reason="board").object_ids == ids


@pytest.mark.parametrize("number", [1, 3])
def test_the_logs_cost_the_same(programme, sign_in, django_assert_num_queries, number):
    for _ in range(number):
        look(programme)
    client = sign_in("IGO")
    client.get("/glossary/")
    with django_assert_num_queries(8):
        page = client.get(reverse("mobilisation:access-log"))
    assert len(page.context["lines"]) == number


def notice(user, **fields):
    notices.notify([user], None, "test", fields.pop("subject", "2 packs wait"), ["1 of 2"], "/glossary/", **fields)
    return Notification.objects.filter(user=user).first()


def test_the_digest_goes_once_after_half_past_seven_in_london():
    user = ground.user("ann@example.org")
    Slot.objects.create(schedule="digest", key="2027-06-30")
    notice(user)
    notice(user, subject="3 actions are late")
    notices.tick(datetime(2027, 7, 1, 6, 29, tzinfo=UTC))
    assert mail.outbox == []
    for _ in range(2):
        notices.tick(datetime(2027, 7, 1, 6, 31, tzinfo=UTC))
    (letter,) = mail.outbox
    assert (letter.to, "2 packs wait" in letter.body, "3 actions are late" in letter.body, "http://127.0.0.1:8000/glossary/" in letter.body) == (["ann@example.org"], True, True, True)
    assert set(Notification.objects.values_list("mail_state", "mail_attempts")) == {("sent", 1)}


def test_who_cannot_be_counted_keeps_nobody_elses_digest(monkeypatch, programme):
    first, second = ground.user_in("OL", programme), ground.user_in("OL", programme)

    def lines(user, as_of):
        if user == first:
            raise ValueError("a day that is none")
        return ["1 thing waits"]

    monkeypatch.setattr("mobilisation.services.day.lines_for", lines)
    notices.tick(datetime(2027, 7, 1, 6, 31, tzinfo=UTC))
    assert [letter.to for letter in mail.outbox] == [[second.email]]
    assert Slot.objects.get().outcome == "1 sent, 0 not delivered, 1 not written"


def test_a_digest_that_a_stopped_worker_left_is_sent_a_quarter_of_an_hour_later():
    notice(ground.user("ann@example.org"))
    slot = Slot.objects.create(schedule="digest", key="2027-07-01")
    notices.tick(datetime(2027, 7, 1, 6, 32, tzinfo=UTC))
    assert mail.outbox == []
    Slot.objects.filter(pk=slot.pk).update(taken_at=now() - timedelta(minutes=16))
    for _ in range(2):
        notices.tick(datetime(2027, 7, 1, 6, 48, tzinfo=UTC))
    assert ([letter.to for letter in mail.outbox], Slot.objects.get().outcome) == ([["ann@example.org"]], "1 sent, 0 not delivered")
    Slot.objects.update(taken_at=now() - timedelta(days=1))
    assert slots.take("digest", "2027-07-01") is None, "it ended"


def test_what_is_urgent_goes_at_once_and_nothing_to_who_wants_none():
    Slot.objects.create(schedule="digest", key="2027-06-30")
    notice(ground.user("a@example.org"), at_once=True)
    notice(ground.user("b@example.org", mail_choice="at_once"))
    notice(ground.user("c@example.org", mail_choice="none"), at_once=True)
    notice(ground.user("d@example.org"))
    notices.tick(datetime(2027, 7, 1, 3, tzinfo=UTC))
    assert sorted(letter.to[0] for letter in mail.outbox) == ["a@example.org", "b@example.org"]
    assert Notification.objects.get(user__email="c@example.org").mail_state == "not_wanted"


def test_no_letter_goes_to_who_wants_none_meanwhile_nor_about_a_programme_one_has_left(programme):
    Slot.objects.create(schedule="digest", key="2027-06-30")
    chose, left, stays = ground.user_in("BM", programme), ground.user_in("BM", programme), ground.user_in("BM", programme)
    notices.notify([chose, left, stays], programme, "test", "2 packs wait", at_once=True)
    notices.choose_mail(chose, "none")
    RoleAssignment.objects.filter(user=left).update(ended_at=now())
    notices.tick(datetime(2027, 7, 1, 3, tzinfo=UTC))
    notices.tick(datetime(2027, 7, 1, 6, 31, tzinfo=UTC))
    assert [letter.to for letter in mail.outbox] == [[stays.email]]
    kept = {row.user: (row.mail_state, row.mail_outcome) for row in Notification.objects.select_related("user")}
    assert kept == {
        chose: ("not_wanted", "e-mail was switched off before it was sent"), left: ("not_wanted", "the role had ended before it was sent"), stays: ("sent", "handed to the mail server"),
    }


def test_notices_of_a_programme_one_has_left_are_out_of_sight(programme, sign_in):
    client = sign_in("BM", programme)
    notices.notify([client.user], programme, "test", "2 packs wait")
    notice(client.user, subject="of the whole site")
    page = reverse("mobilisation:notifications")
    assert ([row.subject for row in client.get(page).context["object_list"]], client.get(page).context["unread"]) == (["of the whole site", "2 packs wait"], 2)
    RoleAssignment.objects.filter(user=client.user).update(ended_at=now())
    assert ([row.subject for row in client.get(page).context["object_list"]], client.get(page).context["unread"]) == (["of the whole site"], 1)


def test_the_access_log_keeps_back_no_record_that_was_seen(programme, sign_in):
    seen = [f"record{number:02}" for number in range(12)]
    access_log.record(ground.actor("MT", programme), "view", programme, "people", ids=seen, count=12)
    client = sign_in("IGO")
    page = client.get(reverse("mobilisation:access-log"), {"what": "people"})
    shown = page.content.decode()
    assert ([one in shown for one in seen], "and 7 more" in shown) == ([True] * 12, True)
    file = b"".join(client.get(reverse("mobilisation:access-log-csv"), {"what": "people"}).streaming_content).decode()
    assert ", ".join(seen) in file


@pytest.mark.parametrize(("role", "seen"), [("CL", True), ("BM", True), ("XP", False), ("IP", False)])
def test_how_many_people_a_list_brought_is_no_history_for_providers(programme, sign_in, role, seen):
    """Exact counts of people stand in no edition but the board's (domain 8)."""
    changes.mark(programme, "imported", actor=SYSTEM, fields={"kind": "tracker", "created": 0, "updated": 3, "refused": 0})
    changes.apply(programme, {"vision": "calm"}, actor=SYSTEM)
    client = sign_in(role, programme, organisation=programme.contracts.get().parties.get(role="exiting").organisation)
    page = client.get(reverse("mobilisation:history", kwargs={"ref": programme.ref})).content.decode()
    assert ("calm" in page, "imported" in page) == (True, seen)


@pytest.mark.parametrize(("role", "answer", "seen"), [("CL", 200, True), ("BM", 200, True), ("FIN", 200, True), ("XP", 200, False), ("IP", 200, False), ("COM", 404, False)])
def test_terms_of_a_contract_are_read_in_history_only_by_who_reads_contracts(programme, sign_in, role, answer, seen):
    organisations.update_contract(programme.contracts.get(), {"annual_value": Decimal("1234567.89")}, actor=ground.actor("CL", programme), programme=programme)
    page = sign_in(role, programme, organisation=programme.contracts.get().parties.get(role="exiting").organisation).get(reverse("mobilisation:history", kwargs={"ref": programme.ref}))
    assert (page.status_code, "1234567.89" in page.content.decode()) == (answer, seen)


def test_a_letter_is_tried_three_times_recorded_and_sent_again_by_hand(monkeypatch, sign_in, programme):
    client = sign_in("BM", programme)
    row = notice(client.user, at_once=True)

    def broken(*args, **kwargs):
        raise smtplib.SMTPServerDisconnected("gone")

    with monkeypatch.context() as away:
        away.setattr(notices, "send_mail", broken)
        for _ in range(5):
            notices.tick(datetime(2027, 7, 1, 3, tzinfo=UTC))
    row.refresh_from_db()
    assert (row.mail_state, row.mail_attempts, row.mail_outcome) == ("failed", 3, "not delivered: SMTPServerDisconnected")
    page = reverse("mobilisation:notifications")
    assert b"Send the e-mail again" in client.get(page).content
    other = sign_in("BM", programme)
    other.post(page, {"resend": str(row.pk)})
    assert mail.outbox == []
    client.force_login(row.user)
    client.post(page, {"resend": str(row.pk)})
    row.refresh_from_db()
    assert (row.mail_state, len(mail.outbox)) == ("sent", 1)


def test_a_letter_cut_off_while_it_was_sent_is_sent_again_and_says_so(monkeypatch, sign_in, programme):
    """Whether the mail server has it nobody knows; a late alert that is not sent is a hazard (domain 8)."""
    client = sign_in("BM", programme)
    row, begun = notice(client.user, at_once=True), datetime(2027, 7, 1, 3, tzinfo=UTC)

    def killed(*args, **kwargs):
        raise SystemExit

    def tick(minutes, *, dies=False):
        with time_machine.travel(begun + timedelta(minutes=minutes), tick=False), monkeypatch.context() as process:
            if dies:
                process.setattr(notices, "send_mail", killed)
            with pytest.raises(SystemExit) if dies else nullcontext():
                notices.tick(begun)
        row.refresh_from_db()
        return row.mail_state, row.mail_attempts

    assert (tick(0, dies=True), tick(9)) == (("sending", 1), ("sending", 1)), "it may still be under way"
    assert tick(11, dies=True) == ("sending", 2)
    assert (tick(22), row.mail_outcome, len(mail.outbox)) == (("sent", 3), "handed to the mail server", 1)
    assert mail.outbox[0].body.startswith("You may have had this already: the first sending was cut off.\n\n")

    Notification.objects.filter(pk=row.pk).update(mail_state="waiting", mail_attempts=2)
    assert (tick(30, dies=True), tick(41), len(mail.outbox)) == (("sending", 3), ("perhaps", 3), 1)
    shown = client.get(reverse("mobilisation:notifications")).content.decode()
    assert "e-mail: perhaps sent (the sending was cut off, and it may have left)" in shown
    client.post(reverse("mobilisation:notifications"), {"resend": str(row.pk)})
    assert (Notification.objects.get(pk=row.pk).mail_state, len(mail.outbox)) == ("sent", 2)


def test_notices_are_read_and_are_ones_own(programme, sign_in):
    client = sign_in("BM", programme)
    notice(client.user)
    notice(ground.user("other@example.org"), subject="not mine")
    page = client.get(reverse("mobilisation:notifications"))
    assert (page.context["unread"], b"not mine" in page.content) == (1, False)
    client.post(reverse("mobilisation:notifications"))
    assert client.get(reverse("mobilisation:notifications")).context["unread"] == 0
    assert Notification.objects.get(subject="not mine").read_at is None


def test_health_without_a_session_asks_no_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok\n"
    states = client.get("/readyz").json()
    assert {name: state["state"] for name, state in states.items() if name != "pdf"} == {"database": "ok", "queue": "ok", "disk": "ok"}


def test_a_lost_database_is_a_friendly_page(monkeypatch, sign_in, programme):
    inside = sign_in("BM", programme)
    inside.raise_request_exception = False

    def lost(*args, **kwargs):
        raise OperationalError("server closed the connection: secret-host")

    with monkeypatch.context() as broken:
        broken.setattr(BaseDatabaseWrapper, "cursor", lost)
        answer = inside.get(reverse("mobilisation:board", kwargs={"ref": programme.ref}))
        ready = Client(raise_request_exception=False).get("/readyz")
    assert (answer.status_code, b"The database does not answer" in answer.content, b"secret-host" in answer.content) == (503, True, False)
    assert (ready.status_code, ready.json()["database"]["state"]) == (503, "away")


def test_a_database_that_is_not_there_at_all(tmp_path):
    code = "import django; django.setup(); from django.test import Client; c = Client(raise_request_exception=False); c.cookies['sessionid'] = 'x' * 32; print([c.get(p).status_code for p in ('/', '/readyz')]); c.cookies.clear(); print(c.get('/healthz').status_code)"
    environment = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}} | {"VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "mobilisation.settings", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "ALLOWED_HOSTS": "testserver"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.splitlines() == ["[503, 503]", "200"]


def test_maintenance_answers_all_but_the_health_checks(client, settings):
    settings.MAINTENANCE = True
    answer = client.get("/")
    assert (answer.status_code, b"Closed for maintenance" in answer.content) == (503, True)
    assert client.get("/healthz").status_code == 200


def test_production_settings_pass_the_deployment_check(tmp_path):
    environment = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}} | {
        "ENVIRONMENT": "production", "SECRET_KEY": "aB3$xY9!qW5-" * 5, "ALLOWED_HOSTS": "mobilisation.council.example", "SITE_URL": "https://mobilisation.council.example", "DATABASE_URL": "postgres://postgres@127.0.0.1:5432/x", "REDIS_URL": "redis://127.0.0.1:6379/0", "ALLOW_DEMO": "no", "VAR_DIR": str(tmp_path),
    }
    done = subprocess.run([sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, "0 silenced" in done.stdout) == (0, True), done.stderr


def test_pages_and_jobs_name_nobody(programme):
    person = people.person(programme, surname="Zanzibar")
    assert "Zanzibar" not in str(person)
    assert json.dumps([row.object_label for row in Change.objects.all()]).count("Zanzibar") == 0
    assert date(2027, 1, 4) == person.listed_on


def test_a_look_at_the_history_of_people_is_a_look_at_people(programme, sign_in):
    person = people.person(programme)
    changes.apply(person, {"phone": "01632 960001"}, actor=SYSTEM)
    client = sign_in("OL", programme)
    page = reverse("mobilisation:history", kwargs={"ref": programme.ref})
    assert "01632 960001" in client.get(page).content.decode()
    look = AccessLog.objects.get(subject="history")
    assert (look.verb, look.user, [person.public_id in label for label in look.object_ids]) == ("view", client.user, [True])
    sign_in("BM", programme).get(page)
    assert AccessLog.objects.filter(subject="history").count() == 1


def test_the_officer_reads_who_got_which_role_and_where(programme, sign_in):
    holder = ground.user("sight@example.org")
    accounts.assign(holder, "DL", actor=ground.actor("CL", programme), programme=programme, people_granted=True, grant_reason="covers the lead")
    client = sign_in("IGO")
    told = client.get(reverse("mobilisation:history-log"), {"what": "Roles", "programme": programme.reference.lower()}).context["lines"]
    fields = next(line[5] for line in told if "covers the lead" in line[5])
    assert (f"User: empty → {holder}" in fields, f"Programme: empty → {programme}" in fields) == (True, True)
    file = b"".join(client.get(reverse("mobilisation:history-log-csv"), {"what": "Roles"}).streaming_content).decode()
    assert f"User: empty → {holder}" in file


def test_a_contract_changes_in_the_history_of_its_programme(programme, sign_in):
    contract = programme.contracts.get()
    organisations.update_contract(contract, {"annual_value": Decimal("1200.00")}, actor=ground.actor("CL", programme), programme=programme)
    lines = sign_in("IGO").get(reverse("mobilisation:history-log"), {"what": "Contracts", "programme": programme.reference}).context["lines"]
    assert ["1200.00" in line[5] for line in lines] == [True]


def test_no_password_stands_in_a_history_and_setting_one_is_told(sign_in):
    user = User(email="ann@example.org", password="pbkdf2_sha256$secret")
    changes.create(user, actor=SYSTEM)
    assert "password" not in Change.objects.get(entity="mobilisation.user", object_id=user.pk).fields
    Change(at="2027-01-01T00:00Z", actor_label="x", entity="mobilisation.user", object_id=user.pk, action="old", fields={"password": [None, "pbkdf2_sha256$older"]}).save()
    client = sign_in("IGO")
    assert "pbkdf2" not in client.get(reverse("mobilisation:history-log")).content.decode()
    AccountAdapter().set_password(user, "a-quite-long-new-one")
    assert Change.objects.filter(entity="mobilisation.user", object_id=user.pk, action="password set").get().fields == {}


def test_nobody_changes_the_address_their_rights_hang_on(sign_in):
    client = sign_in("BM", ground.provider_exit())
    before = client.user.email
    for sent in ({"email": "new.ol@council.example", "action_add": ""}, {"email": "new.ol@council.example", "action_primary": ""}):
        answer = client.post("/accounts/email/", sent)
        assert (answer.status_code, answer["Location"]) == (302, reverse("mobilisation:account"))
    assert (User.objects.get(pk=client.user.pk).email, EmailAddress.objects.filter(email="new.ol@council.example").count()) == (before, 0)
    assert "/accounts/email/" not in client.get(reverse("mobilisation:account")).content.decode() + client.get("/accounts/2fa/").content.decode()
