"""Starting, stopping and being refused, as a person at a terminal meets it."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = {"demo", "run", "setup", "test", "lint", "bench"}


@pytest.fixture
def environment(tmp_path):
    kept = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}}
    return kept | {"VAR_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1", "C_FORCE_ROOT": "1"}


@pytest.fixture
def taken():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_taken_port_is_one_clear_line_and_nothing_is_made(environment, taken, tmp_path):
    done = subprocess.run([sys.executable, "manage.py", "serve", "--port", str(taken)], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [f"CommandError: Port {taken} is taken by another program. Choose another: make demo PORT={taken + 1}"]
    assert done.stdout == ""
    assert not (tmp_path / "db.sqlite3").exists()


@pytest.mark.parametrize("port", ["0", "-1", "99999", "eight"])
def test_what_is_no_port_is_said(environment, port):
    done = subprocess.run([sys.executable, "manage.py", "serve", f"--port={port}"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert f"'{port}' is no port. Give a number from 1 to 65535" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_running_site_is_never_started_afresh_from_beside(environment, tmp_path):
    kept = tmp_path / "files" / "pack.pdf"
    kept.parent.mkdir()
    kept.write_text("a published pack")
    with (tmp_path / "serve.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = subprocess.run([sys.executable, "manage.py", "serve", "--port", str(free_port()), "--reset"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "runs already. Stop it first" in done.stderr
    assert kept.read_text() == "a published pack"


def test_a_taken_port_deletes_nothing(environment, taken, tmp_path):
    kept = tmp_path / "db.sqlite3"
    kept.write_text("somebody's work")
    done = subprocess.run([sys.executable, "manage.py", "serve", "--port", str(taken), "--reset"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, kept.read_text()) == (1, "somebody's work")


def test_make_with_an_empty_folder_name_means_the_usual_one():
    if not shutil.which("make"):
        pytest.skip("make is not installed")
    clean = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}} | {"VAR_DIR": ""}
    done = subprocess.run(["make", "--dry-run", "demo", "setup", "RESET=1"], cwd=ROOT, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "serve --port 8000 --demo --reset" in done.stdout
    assert "mkdir -p var" in done.stdout
    assert "rm -" not in done.stdout


def test_an_empty_office_starts_answers_and_stops_on_ctrl_c(environment):
    port = free_port()
    process = subprocess.Popen([sys.executable, "manage.py", "serve", "--port", str(port)], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + 180
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                    assert answer.status == 200
                break
            except OSError:
                assert time.monotonic() < end, "the pages did not answer"
                assert process.poll() is None, process.stderr.read()
                time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        said, complaints = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0
    assert said.splitlines()[0] == "Bringing the database to this version …"
    assert f"Mobilisation runs at http://localhost:{port}/" in said
    assert f"Make the first administrator at http://localhost:{port}/setup/" in said
    assert said.rstrip().endswith("Stopped.")
    assert complaints == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("demo", "held", "said"),
    [(False, "both", "Accounts of the demonstration stand beside this office's own; .*"),
     (False, True, "This is the demonstration, which .* An empty office: RESET=1 make run \\(deletes the demonstration\\), or beside it: VAR_DIR=another make run"),
     (True, False, "This is an office of its own, not the demonstration: .* stays as it is. A demonstration beside it: VAR_DIR=another make demo"),
     (True, True, "Every demonstration account has the password: .*"), (False, False, "")],
)
def test_who_gets_another_office_than_asked_for_is_told(demo, held, said, capsys):
    from mobilisation.management.commands.serve import Command
    from mobilisation.models import User

    User.objects.create_user("sro@demo.example" if held else "ann@example.org", demo=bool(held))
    if held == "both":
        User.objects.create_user("ann@example.org")
    Command()._say_which_office(demo=demo)
    assert re.fullmatch(said, "".join(capsys.readouterr().out.splitlines()[:1]))


def test_a_command_on_a_database_without_tables_names_the_first_step(environment):
    done = subprocess.run([sys.executable, "manage.py", "load_demo", "--json"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["The database is not set up for this version yet. First: manage.py prepare"]
    assert json.loads(done.stdout.splitlines()[-1])["ok"] is False


def test_make_has_the_commands_that_the_readme_names():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z]+)`", (ROOT / "README.md").read_text()))
    assert targets >= COMMANDS
    assert named <= targets
    assert named >= COMMANDS


def test_the_scripts_of_make_may_be_run():
    assert [name for name in ("run", "setup.sh", "test.sh", "lint.sh") if not os.access(ROOT / ".ci" / name, os.X_OK)] == []


def test_too_old_a_python_is_named():
    done = subprocess.run(["sh", ".ci/setup.sh", "run"], cwd=ROOT, env={"PATH": os.environ["PATH"], "PYTHON": "no-such-python"}, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == ["Python 3.11 or newer is needed and there is no 'no-such-python'. Install it, or say where it is: make PYTHON=/path/to/python3"]


def test_the_compose_file_holds_no_secret():
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD"):
        assert re.findall(rf"^\s+{name}: (?!\$\{{{name}:\?)", text, re.MULTILINE) == []
    assert "${SECRET_KEY:?" in text


def test_every_lasting_service_of_compose_has_a_health_check():
    text = (ROOT / "docker-compose.yml").read_text()
    services = dict(re.findall(r"^  (\w+):\n((?:    .*\n|\n)+)", text[text.index("\nservices:") : text.index("\nvolumes:") + 1], re.MULTILINE))
    assert list(services) == ["prepare", "web", "worker", "beat", "db", "redis"]
    from mobilisation.settings.env import VARIABLES

    image = (ROOT / "Dockerfile").read_text()
    assert [name for name in VARIABLES if f"    {name}: " not in text and name not in ("DEBUG", "ALLOW_SQLITE") and f" {name}=" not in image and name != "FILES_DIR"] == [], "every setting reaches the containers"
    assert [name for name, body in services.items() if "healthcheck: {disable: true}" in body] == ["prepare"]
    assert [name for name, body in services.items() if "healthcheck:\n" in body] == ["worker", "beat", "db", "redis"], "web has the one of the image"
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize(
    ("setting", "host"),
    [(None, "localhost"), ("a.example, b.example", "a.example"), (".council.example", "council.example"), ("[::1],a.example", "[::1]"), ("*", "localhost")],
)
def test_the_health_check_of_the_image_names_a_host_the_site_answers_to(setting, host, monkeypatch):
    from django.http.request import split_domain_port, validate_host

    from mobilisation.settings.env import hosts

    program = json.loads(re.search(r"^HEALTHCHECK .* CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE).group(1))
    asked = []
    monkeypatch.setattr("urllib.request.urlopen", lambda request, timeout: asked.append((request.full_url, request.get_header("Host"))))
    monkeypatch.setenv("ALLOWED_HOSTS", setting) if setting else monkeypatch.delenv("ALLOWED_HOSTS", raising=False)
    exec(program[2], {})
    assert (program[:2], asked) == (["python", "-c"], [("http://127.0.0.1:8000/healthz", host)])
    assert validate_host(split_domain_port(host)[0], hosts(setting or "localhost"))


def test_the_secrets_of_compose_are_not_sent_along_with_what_the_image_is_built_from():
    assert ".env" in (ROOT / ".dockerignore").read_text().split()


def test_compose_opens_the_site_to_this_machine_only_where_nothing_else_is_said():
    ports = re.findall(r"^    ports: (.*)$", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE)
    assert ports == ['["${PORT:-127.0.0.1:8000}:8000"]'], "forwarded headers are believed: only the proxy may reach the site"


def compose():
    """The command of Compose, as plugin or as program of its own; None where neither is installed."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) and subprocess.run([*command, "version"], capture_output=True, check=False).returncode == 0:
            return command
    return None


@pytest.mark.parametrize(
    ("secrets", "code", "said"), [({"SECRET_KEY": "k" * 50, "POSTGRES_PASSWORD": "p"}, 0, ""), ({"POSTGRES_PASSWORD": "p"}, 1, "set SECRET_KEY to at least 50 random characters")]
)
def test_compose_accepts_the_file_and_asks_for_the_secrets(secrets, code, said):
    command = compose()
    if command is None:
        pytest.skip("Docker Compose is not installed, neither as plugin nor as docker-compose")
    done = subprocess.run(
        [*command, "--file", "docker-compose.yml", "config", "--quiet"], cwd=ROOT, env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")} | secrets, capture_output=True, text=True, check=False
    )
    assert (min(done.returncode, 1), said in done.stderr) == (code, True), done.stderr
