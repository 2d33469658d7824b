"""The house as it was agreed: top level, lock files, settings that refuse with help."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP = {
    "manage.py", "mobilisation", "workstreams", "transfers", "risks", "reporting", "templates", "static", "tests", "requirements.txt", "docker-compose.yml",
    "README.md", "Makefile", "Dockerfile", "pyproject.toml", "requirements.in", "requirements-dev.in", "requirements-dev.txt",
    "package.json", "package-lock.json", "docs", ".ci", "LICENSE", "CHANGELOG.md",
}
DOTFILES = {".gitignore", ".dockerignore", ".editorconfig", ".env.example", ".npmrc"}
KEY = "7f3Kq9-Zp2Wd8_Lr5Xv1.Tn6Hs4,Jc0Bm~Gy3Ue7Qa9Ri5Ot2Nk"


def tracked():
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout:
        pytest.skip("not a git checkout")
    return done.stdout.splitlines()


def test_the_top_level_is_as_agreed():
    assert {name.split("/")[0] for name in tracked()} - DOTFILES == TOP


def test_no_third_party_code_and_no_drawers():
    assert [name for name in tracked() if re.search(r"(^|/)(utils|helpers|misc)\.py$|node_modules/|\.min\.(js|css)$", name)] == []


def test_lock_files_name_no_host():
    for name in ("requirements.txt", "requirements-dev.txt", ".ci/assets.txt", "package-lock.json"):
        assert re.findall(r"https?://[^\s\"]*(?:registry|pypi|simple)[^\s\"]*|\"resolved\"|index-url", (ROOT / name).read_text()) == []


def test_every_requirement_says_why():
    for name in ("requirements.in", "requirements-dev.in"):
        silent = [line for line in (ROOT / name).read_text().splitlines() if line.strip() and not line.startswith(("#", "-r")) and "#" not in line]
        assert silent == []


def start(**environment):
    clean = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, capture_output=True, text=True, check=False, env=clean | {"VAR_DIR": os.environ.get("VAR_DIR", "var")} | environment
    )


PRODUCTION = {"ENVIRONMENT": "production", "SECRET_KEY": KEY, "DATABASE_URL": "postgres://postgres@127.0.0.1:5432/x", "ALLOW_DEMO": "no", "ALLOWED_HOSTS": "mobilisation.council.example", "SITE_URL": "https://mobilisation.council.example"}


def test_production_starts_when_all_is_said():
    assert start(**PRODUCTION).returncode == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"DEBUG": "yes"}, "production refuses it. Set DEBUG=no"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing, the default, shorter than 50 characters or hardly random"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is missing, the default, shorter than 50 characters or hardly random"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY is missing, the default, shorter than 50 characters or hardly random"),
        ({"SECRET_KEY": "embedded-only-not-secret-" + "0" * 40}, "SECRET_KEY is missing, the default, shorter than 50 characters or hardly random"),
        ({"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS is missing: the site would answer to nobody but this machine"),
        ({"SITE_URL": ""}, "SITE_URL is missing: e-mails would lead nowhere"),
        ({"DATABASE_URL": "sqlite:////tmp/x.sqlite3"}, "DATABASE_URL names SQLite: production wants PostgreSQL"),
        ({"ALLOW_DEMO": "yes"}, "ALLOW_DEMO is on: production refuses demonstration data"),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL must name PostgreSQL or SQLite"),
        ({"IDLE_MINUTES": "soon"}, "IDLE_MINUTES='soon' is not usable: expected a whole number. Example: IDLE_MINUTES=15"),
        ({"HTTPS": "perhaps"}, "HTTPS='perhaps' is not usable: expected yes or no. Example: HTTPS=yes"),
        ({"ENVIRONMENT": "staging"}, "expected one of embedded, production"),
        ({"OIDC_SERVER_URL": "https://x"}, "OIDC_SERVER_URL, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET belong together"),
        ({"OIDC_SERVER_URL": "https://x", "OIDC_CLIENT_ID": "y"}, "OIDC_SERVER_URL, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET belong together"),
        ({"OIDC_SERVER_URL": "x"}, "OIDC_SERVER_URL='x' is not usable: expected https://host or http://host"),
        ({"EMAIL_URL": "mail.example"}, "EMAIL_URL is not usable: expected smtp://host or smtps://host"),
        ({"EMAIL_URL": "smtp://me:hush@host:abc"}, "EMAIL_URL is not usable: expected smtp://host or smtps://host"),
        ({"REDIS_URL": "http://x"}, "REDIS_URL is not usable: expected redis://host or rediss://host"),
        ({"SITE_URL": "foo"}, "SITE_URL='foo' is not usable: expected https://host or http://host"),
        ({"FROM_EMAIL": "nonsense"}, "FROM_EMAIL='nonsense' is not usable: expected an e-mail address"),
        ({"IDLE_MINUTES": "0"}, "IDLE_MINUTES='0' is not usable: expected 1 to 1,440. Example: IDLE_MINUTES=15"),
        ({"SESSION_HOURS": "-3"}, "SESSION_HOURS='-3' is not usable: expected 1 to 168"),
        ({"UPLOAD_MAX_MB": "0"}, "UPLOAD_MAX_MB='0' is not usable: expected 1 to 200"),
        ({"SMALL_NUMBER_LIMIT": "-1"}, "SMALL_NUMBER_LIMIT='-1' is not usable: expected 1 to 100"),
        ({"SESSION_HOURS": "99999999"}, "SESSION_HOURS='99999999' is not usable: expected 1 to 168"),
        ({"CSRF_TRUSTED_ORIGINS": "mobilisation.council.example"}, "CSRF_TRUSTED_ORIGINS='mobilisation.council.example' is not usable: “mobilisation.council.example” is not an origin; write https://"),
        ({"CSRF_TRUSTED_ORIGINS": "https://a.example/path"}, "is not an origin"),
        ({"ALLOWED_HOSTS": "https://mobilisation.council.example"}, "is not a host name; write it without https://"),
        ({"ALLOWED_HOSTS": "a.example, b c"}, "“b c” is not a host name"),
        ({"SITE_URL": "https://a.example/path%20x"}, "SITE_URL='https://a.example/path%20x' is not usable: expected https:// and the host name"),
        ({"DATABASE_URL": "postgres://"}, "DATABASE_URL names no database"),
        ({"VAR_DIR": "/etc/passwd"}, "VAR_DIR='/etc/passwd' is not usable: it cannot be used as a folder (file exists)"),
        ({"FILES_DIR": "/etc/passwd"}, "FILES_DIR='/etc/passwd' is not usable: it cannot be used as a folder (file exists)"),
    ],
)
def test_a_bad_setting_stops_the_start_with_a_sentence(change, sentence):
    done = start(**(PRODUCTION | change))
    assert done.returncode == 1
    assert done.stderr.startswith("The site does not start. ")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1, "one sentence, no traceback"
    assert "hush" not in done.stderr


def test_names_and_origins_as_people_write_them_start():
    said = {"ALLOWED_HOSTS": ".council.example, 10.0.0.4, [::1], localhost", "CSRF_TRUSTED_ORIGINS": "https://*.council.example, http://localhost:8443", "SITE_URL": "https://council.example:8443/mobilisation/"}
    assert start(**(PRODUCTION | said)).returncode == 0


@pytest.mark.parametrize(("address", "port"), [("smtps://mail.example", 465), ("smtp://mail.example", 587), ("smtps://mail.example:2465", 2465)])
def test_mail_without_a_port_goes_where_its_scheme_is_spoken(address, port):
    clean = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}} | {"VAR_DIR": os.environ.get("VAR_DIR", "var"), "EMAIL_URL": address}
    asked = "from django.conf import settings; print(settings.EMAIL_PORT)"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=False, env=clean | {"DJANGO_SETTINGS_MODULE": "mobilisation.settings"})
    assert done.stdout.strip() == str(port), done.stderr


def test_sqlite_in_production_with_an_explicit_yes(tmp_path):
    assert start(**(PRODUCTION | {"DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite3", "ALLOW_SQLITE": "yes"})).returncode == 0


def readme_row(variable):
    return f"| `{variable.name}` | {variable.what} | {variable.default} | `{variable.example}` |"


def test_the_readme_lists_every_setting_as_it_is():
    from mobilisation.settings.env import VARIABLES

    lines = (ROOT / "README.md").read_text().splitlines()
    table = lines[lines.index("| setting | what it does | default | example |") + 2 :]
    table = table[: table.index("")]
    assert table == [readme_row(variable) for variable in VARIABLES.values()]


def test_no_process_of_production_starts_without_a_broker():
    clean = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}} | {"VAR_DIR": os.environ.get("VAR_DIR", "var")}
    binaries = Path(sys.executable).parent
    for command, code in (
        ([sys.executable, "-c", "import mobilisation.wsgi"], 3), ([binaries / "gunicorn", "mobilisation.wsgi:application", "--bind", "127.0.0.1:0", "--workers", "1"], 3),
        ([binaries / "celery", "-A", "mobilisation", "worker"], 1), ([binaries / "celery", "-A", "mobilisation", "beat"], 1),
    ):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=clean | PRODUCTION, timeout=60)
        assert done.returncode == code, command
        assert "The site does not start. REDIS_URL is missing" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.fixture
def scope_check():
    sys.path.insert(0, str(ROOT / ".ci"))
    try:
        import scope_check
    finally:
        sys.path.pop(0)
    return scope_check


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("rows = Risk.objects.filter(x=1)", "rows without visible_to(user)"),
        ("rows = Risk.objects.all()[:5]", "rows without visible_to(user)"),
        ("filter = ModelChoiceFilter(queryset=Risk._default_manager.all())", "rows without visible_to(user)"),
        ("queryset = Risk.objects", "rows without visible_to(user)"),
        ("risk = get_object_or_404(Risk, pk=1)", "get_object_or_404 with the bare model"),
        ("class RiskView(DetailView): model = Risk", "a view of a bare model"),
        ("rows = Risk.objects.all()  # scope:", "rows without visible_to(user)"),
        ("rows = Risk.objects.visible_to(user).filter(x=1)", None),
        ("rows = Risk.objects.filter(x=1).visible_to(user)", None),
        ("rows = Risk.objects.none()", None),
        ("mine = RoleAssignment.objects.active().filter(user=user).values('role')", None),
        ("mine = RoleAssignment.objects.active().filter(user=self.request.user)", None),
        ("rows = RoleAssignment.objects.filter(user=1, role='BCH')", "rows without visible_to(user)"),
        ("rows = getattr(Risk, 'objects').all()", "rows without visible_to(user)"),
        ("rows = connection.cursor().execute('SELECT 1')", "SQL of its own"),
        ("rows = RoleAssignment.objects.active().filter(role='BCH')", "rows without visible_to(user)"),
        ("risk = get_object_or_404(self.rows(), pk=1)", None),
        ("rows = Division.objects.all()  # scope: a public list", None),
        ("rows = programme.people.filter(ending='')", "rows without visible_to(user)"),
        ("rows = [mark for mark in person.checkpoints.all()]", "rows without visible_to(user)"),
        ("total = self.programme.risks.count()", "rows without visible_to(user)"),
        ("rows = self.people.filter(ending='')", None),
        ("rows = programme.people.visible_to(user).filter(ending='')", None),
        ("word = facts.people.total", None),
        ("rows = PersonTransfer.objects.offers_visible_to(user).filter(x=1)", None),
    ],
)
def test_scope_check_finds_rows_that_nobody_scoped(scope_check, tmp_path, monkeypatch, line, fault):
    monkeypatch.setattr(scope_check, "ROOT", tmp_path)
    (tmp_path / "views.py").write_text(line + "\n")
    said = scope_check.faults(tmp_path / "views.py")
    assert [text.split(";")[0] for text in said] == ([f"views.py:1: {fault}"] if fault else [])


def test_a_related_manager_is_no_way_round(scope_check, tmp_path, monkeypatch):
    monkeypatch.setattr(scope_check, "ROOT", tmp_path)
    (tmp_path / "views.py").write_text("rows = programme.persontransfer_set.filter(pk=1)\nfine = programme.persontransfer_set.visible_to(user)\n")
    assert [text.split(";")[0] for text in scope_check.faults(tmp_path / "views.py")] == ["views.py:1: rows without visible_to(user)"]


@pytest.mark.parametrize(("room", "line", "named"), [("models", "from django import forms", "django.forms"), ("services", "from django.http import HttpRequest", "django.http.HttpRequest"), ("services", "from django.db import models", "")])
def test_what_does_not_belong_into_a_room_is_named(scope_check, tmp_path, monkeypatch, room, line, named):
    monkeypatch.setattr(scope_check, "ROOT", tmp_path)
    (tmp_path / "room.py").write_text(line + "\n")
    assert scope_check.misplaced(tmp_path / "room.py", room) == ([f"room.py:1: {named} does not belong into {room}"] if named else [])


def test_scope_check_reads_the_rooms_of_every_app(scope_check):
    read = {path.relative_to(ROOT).parts[:2] for path in scope_check.files()}
    assert {(app, "views") for app in scope_check.APPS} <= read
    assert scope_check.main() == 0


def test_what_the_readme_points_to_is_there():
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text())
    assert "docs/images/dashboard.png" in links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_no_two_files_stand_on_each_other():
    """Also not by an import inside a function, which only hides the circle."""
    import grimp

    graph = grimp.build_graph("mobilisation", "risks", "workstreams", "transfers", "reporting", cache_dir=None)
    left = {module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules}
    while done := {module for module, needs in left.items() if not needs & left.keys()}:
        left = {module: needs for module, needs in left.items() if module not in done}
    while done := {module for module in left if not any(module in needs for needs in left.values())}:
        left = {module: needs for module, needs in left.items() if module not in done}
    assert sorted(left) == []
