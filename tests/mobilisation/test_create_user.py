"""``create_user``: an account with a role, from the command line."""

import json
from io import StringIO
from unittest.mock import Mock

import pytest
from django.core.management import call_command

from mobilisation.models import Change, RoleAssignment, User
from tests.factories import ground

pytestmark = pytest.mark.django_db
WORDS = "meadow river tractor"


def command(*arguments, stdin="", monkeypatch=None):
    out, err = StringIO(), StringIO()
    if monkeypatch:
        monkeypatch.setattr("sys.stdin", StringIO(stdin))
    try:
        call_command("create_user", *arguments, stdout=out, stderr=err)
        code = 0
    except SystemExit as end:
        code = end.code
    return code, out.getvalue(), err.getvalue()


def test_create_user_opens_an_account_with_a_role(programme, monkeypatch):
    code, out, _ = command("a@example.org", "--programme", programme.ref, "--organisation", "kent county council", "--role", "ol", "--password-stdin", "--json", stdin=f"{WORDS}\n", monkeypatch=monkeypatch)
    assert code == 0
    assert json.loads(out.splitlines()[-1]) == {"ok": True, "email": "a@example.org", "role": "OL", "programme": programme.reference, "created": True}
    row = RoleAssignment.objects.get()
    assert (row.user.check_password(WORDS), row.organisation.name, row.programme) == (True, "Kent County Council", programme)
    assert Change.objects.filter(entity="mobilisation.roleassignment").get().actor_label == "operator of the machine"
    code, out, _ = command("a@example.org", "--role", "ADM", "--json")
    assert (code, json.loads(out)["created"], RoleAssignment.objects.filter(role="ADM", programme=None).count()) == (0, False, 1)


def test_create_user_asks_a_person_at_the_terminal_for_the_password_unseen_and_twice(monkeypatch):
    asked, answers = [], []
    monkeypatch.setattr("sys.stdin", Mock(isatty=lambda: True, readline=Mock(side_effect=AssertionError("the terminal shows what is typed"))))

    def typed(prompt):
        asked.append(prompt)
        if not answers:
            raise EOFError
        return answers.pop(0)

    monkeypatch.setattr("getpass.getpass", typed)
    for given, expected in (
        ([WORDS, "another harbour light"], (1, "The two passwords differ. Nothing was changed.", 0)),
        ([WORDS], (1, "No password was given. Nothing was changed.", 0)),
        ([WORDS, WORDS], (0, "", 1)),
    ):
        answers[:] = given
        code, _, err = command("a@example.org", "--role", "ADM", "--password-stdin")
        assert (code, err.strip(), User.objects.count()) == expected
    assert asked == ["Password of a@example.org: ", "The same again: "] * 3
    assert User.objects.get().check_password(WORDS)


def test_create_user_gives_an_account_that_is_there_the_password_and_says_so(programme, monkeypatch):
    user = ground.user("a@example.org")
    give = ("a@example.org", "--programme", programme.ref, "--password-stdin", "--role")
    code, _, err = command(*give, "CO", stdin="short\n", monkeypatch=monkeypatch)
    user.refresh_from_db()
    assert (code, "at least 12" in err, user.check_password("correct horse battery"), RoleAssignment.objects.count()) == (1, True, True, 0)
    code, out, _ = command(*give, "CO", stdin=f"{WORDS}\n", monkeypatch=monkeypatch)
    user.refresh_from_db()
    assert (code, "its password is the new one" in out, user.check_password(WORDS)) == (0, True, True)
    assert Change.objects.filter(entity="mobilisation.user", object_id=user.pk).values_list("action", "actor_label").get() == ("password set", "operator of the machine")
    code, out, _ = command(*give, "MT", stdin=f"{WORDS}\n", monkeypatch=monkeypatch)
    assert (code, "password" in out, Change.objects.filter(entity="mobilisation.user").count()) == (0, False, 1)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("a@example.org", "--role", "XX"), 2, "There is no role XX"),
        (("a@example.org", "--role", "OL"), 1, "needs a programme"),
        (("a@example.org", "--role", "OL", "--programme", "NO-1"), 1, "There is no programme NO-1"),
        (("a@example.org", "--role", "ADM", "--programme", "HOME-1"), 1, "role of the whole site"),
        (("a@example.org", "--role", "IP", "--programme", "HOME-1"), 1, "name it"),
        (("not-an-address", "--role", "OL", "--programme", "HOME-1"), 1, "is not an e-mail address"),
        (("a@example.org", "--role", "OL", "--programme", "HOME-1", "--organisation", "Nobody Ltd"), 1, "There is no organisation"),
    ],
)
def test_create_user_refuses_and_writes_nothing(arguments, code, said):
    ground.provider_exit("HOME-1")
    found, _, err = command(*arguments)
    assert (found, said in err, User.objects.count(), RoleAssignment.objects.count()) == (code, True, 0, 0)
