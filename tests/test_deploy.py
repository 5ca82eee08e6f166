"""What docs/deploy offers works: its settings start, its files name what exists."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.test_repository import variables_read

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))


def example() -> dict[str, str]:
    """The variables of the example as the documented shell reads them."""
    sourced = subprocess.run(
        ["env", "-i", "bash", "-c", 'set -a; . "$1"; set +a; exec env -0', "bash", str(DEPLOY / "tracker.env.example")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (sourced.returncode, sourced.stderr) == (0, "")
    said = dict(line.split("=", 1) for line in sourced.stdout.split("\0") if line)
    return {name: value for name, value in said.items() if name not in ("PWD", "SHLVL", "_")}


def lines_of_example() -> list[tuple[str, str]]:
    """Name and value of each line as it is written, with those that are commented out."""
    text = (DEPLOY / "tracker.env.example").read_text(encoding="utf-8")
    return re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE)


def managed(folder: Path, *arguments: str, **other: str) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if name not in variables_read()}
    own = {"TRACKER_VAR_DIR": str(folder), "SECRET_KEY": "".join(map(chr, range(48, 108)))}
    environment = bare | example() | own | other
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )  # fmt: skip


def test_every_name_of_the_example_is_one_that_is_read():
    assert {name for name, _ in lines_of_example()} - variables_read() == set()


def test_values_of_the_example_are_read_alike_by_shells_systemd_and_compose():
    """Where each letter stands for itself: bare words of plain letters, and single quotes with neither ' nor \\ within."""
    lines = lines_of_example()

    assert [(name, value) for name, value in lines if not re.fullmatch(r"[\w./:-]+|'[^'\\\\]*'", value)] == []
    assert {(name, value.strip("'")) for name, value in lines} >= set(example().items())


def test_settings_have_the_values_of_the_example_without_their_quotes(tmp_path):
    asked = (
        "from django.conf import settings as s; "
        "print(s.DEFAULT_FROM_EMAIL, s.CELERY_WORKER_CONCURRENCY, s.DATABASES['default']['OPTIONS'], sep='\\n')"
    )
    done = managed(tmp_path, "shell", "--no-imports", "--command", asked)

    sender, processes, options = done.stdout.splitlines()
    assert sender == "Technology Leadership Tracker <tracker@example.org>", done.stderr
    assert processes == example()["TRACKER_JOB_PROCESSES"]
    assert "connect_timeout" in options


def test_how_many_jobs_a_host_does_is_said_in_its_settings_only(tmp_path):
    worker = (DEPLOY / "tracker-worker.service").read_text(encoding="utf-8")
    command = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]["worker"]["command"]
    assert re.findall(r"^ExecStart=\S+ (.*)$", worker, re.MULTILINE) == ["manage.py work"]
    assert command == ["python", "manage.py", "work"]

    asked = (
        "from tracker.management.commands.work import Command; "
        "print(Command().create_parser('manage.py', 'work').get_default('processes'))"
    )
    done = managed(tmp_path, "shell", "--no-imports", "--command", asked, TRACKER_JOB_PROCESSES="7")
    assert done.stdout.strip() == "7", done.stderr


def test_example_passes_the_check_of_a_deployment_without_a_warning(tmp_path):
    done = managed(tmp_path, "check", "--deploy")

    assert done.returncode == 0, done.stderr
    assert done.stdout == "System check identified no issues (0 silenced).\n", done.stderr


def test_static_files_are_collected_under_names_that_nginx_takes_for_lasting(tmp_path):
    done = managed(tmp_path, "collectstatic", "--noinput")
    assert done.returncode == 0, done.stderr

    (lasting,) = re.findall(r'location ~ "(.+)" \{', (DEPLOY / "nginx.conf").read_text())
    names = [f"/static/{path.relative_to(tmp_path / 'static')}" for path in (tmp_path / "static").rglob("*.css")]
    assert len([name for name in names if re.search(lasting, name)]) == len(names) / 2 > 0
    site = next(name for name in names if re.search(r"/site\.[0-9a-f]+\.css$", name))
    assert (tmp_path / f"{site[1:]}.gz").exists()


@pytest.mark.parametrize("unit", UNITS, ids=[unit.stem for unit in UNITS])
def test_unit_runs_what_is_there_and_may_do_little(unit):
    text = unit.read_text(encoding="utf-8")
    said = dict(line.split("=", 1) for line in text.splitlines() if re.match(r"[A-Z]\w+=", line))

    assert said["NoNewPrivileges"] == "yes"
    assert said["ProtectSystem"] == "strict"
    assert said["User"] == "tracker"
    assert said["EnvironmentFile"] == "/etc/tracker/env"
    program = Path(said["ExecStart"].split()[0])
    assert (Path(sys.executable).with_name(program.name)).exists()
    if command := re.search(r"manage\.py (\w+)", said["ExecStart"]):
        assert (ROOT / "tracker" / "management" / "commands" / f"{command[1]}.py").exists()
    if shutil.which("systemd-analyze") is None:
        return
    # Beside the programs, which are not where they will be.
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if unit.name in line and "is not executable" not in line] == []


def test_compose_file_names_what_exists_and_gives_no_container_more_than_it_needs():
    said = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    services = said["services"]

    assert set(services) == {"db", "redis", "migrate", "web", "worker", "beat"}
    for name in ("migrate", "web", "worker", "beat"):
        one = services[name]
        assert one["cap_drop"] == ["ALL"], name
        assert one["read_only"] is True, name
        assert set(one["environment"]) - variables_read() == {"MPLCONFIGDIR"}, name
        assert (ROOT / one["build"]["dockerfile"]).exists()
    assert all("healthcheck" in services[name] for name in ("db", "redis", "web"))
    assert services["web"]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert set(said["volumes"]) == {"database", "backups"}


@pytest.mark.parametrize("service", ["web", "worker"])
def test_where_a_job_makes_files_its_container_can_write(service):
    one = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"][service]
    (var,) = re.findall(r"TRACKER_VAR_DIR=(\S+)", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
    assert example()["TRACKER_VAR_DIR"] == var
    mounts = [name.split(":")[0] for name in one["tmpfs"]] + [name.split(":")[1] for name in one.get("volumes", ())]

    asked = "from tracker.history.trial import rules_folder; print(rules_folder())"
    done = managed(Path(var), "shell", "--no-imports", "--command", asked)

    assert done.returncode == 0, done.stderr
    assert any(Path(done.stdout.strip()).is_relative_to(mount) for mount in mounts), (done.stdout, mounts)


def test_image_takes_files_that_exist_runs_without_rights_and_holds_no_secret():
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")

    copied = re.findall(r"^COPY (?!--from)(\S+)", text, re.MULTILINE)
    allowed = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert copied
    for name in copied:
        assert (ROOT / name).exists(), name
        assert f"!{name}" in allowed, name
    assert text.rindex("\nUSER tracker\n") > text.rindex("\nRUN ")
    assert not re.search(r"^\s*(?:ENV|ARG).*(?:SECRET|PASSWORD)", text, re.MULTILINE)


def test_every_file_of_the_folder_is_named_in_the_text():
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    own = {".env", "tracker.env", "Dockerfile.dockerignore"}

    assert [
        name for path in DEPLOY.iterdir() if (name := path.name) not in own and f"(deploy/{name})" not in text
    ] == []


def test_text_says_for_containers_what_it_says_for_hosts_and_names_commands_that_exist():
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    section = text[text.index("## In containers") : text.index("## How much of what")]
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]

    said = re.findall(r"run --rm (\w+) python manage\.py (\w+)", section)
    named = {command for _, command in said}
    assert {service for service, _ in said} == {"worker"}
    assert named == {"check", "load_seed", "create_account", "backup", "restore"}
    assert "backups:/var/lib/tracker/backups" in services["worker"]["volumes"]
    own = {path.stem for path in (ROOT / "tracker" / "management" / "commands").glob("*.py")}
    assert named - own == {"check"}
    # Units are copied by who may, from where they lie.
    (copied,) = re.findall(r"^    cp (\S+/tracker-\*\.service) /etc/systemd/system/$", text, re.MULTILINE)
    assert copied.startswith("/srv/tracker/app/docs/deploy/")
    assert text.index("As root again") < text.index(copied)
