"""The repository keeps its own promises. The order of the rooms is checked by import-linter in `make test`."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOP_LEVEL = {
    "manage.py", "tracker", "templates", "fixtures", "tests", "requirements.txt", "README.md", "LICENSE",
    "CHANGELOG.md", "Makefile", "pyproject.toml", "docs", ".ci", ".gitignore",
}  # fmt: skip
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
READERS = {"setting", "switched_on", "whole_number"}


def git(*arguments: str) -> list[str]:
    if shutil.which("git") is None:
        pytest.skip("no git")
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return done.stdout.splitlines()


def modules() -> list[Path]:
    return [path for room in ("tracker", "tests") for path in sorted((ROOT / room).rglob("*.py"))]


# Names and imports


def test_no_module_or_folder_has_a_name_that_says_nothing():
    paths = [path.relative_to(ROOT) for room in ("tracker", "tests") for path in (ROOT / room).rglob("*")]

    assert [str(path) for path in paths if path.stem.strip("_") in NO_NAMES] == []


def test_pyplot_is_imported_nowhere():
    importing = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            else:
                continue
            if any(name.startswith(("matplotlib.pyplot", "matplotlib.pylab", "pylab")) for name in names):
                importing.append(str(path))

    assert importing == []


def test_top_level_of_the_repository_holds_what_is_known():
    found = {path.split("/")[0] for path in git("ls-files")}

    assert found - TOP_LEVEL == set()


def test_nothing_made_by_the_tracker_is_in_the_repository():
    made = [
        path for path in git("ls-files") if path.endswith((".sqlite3", ".pyc", ".log")) or path.startswith("var/")
    ]

    assert made == []


# Requirements


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pinned(file: str) -> dict[str, str]:
    """Each requirement's whole entry by its name."""
    text = (ROOT / file).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"(?m)^\s*#.*\n", "", text).strip())
    return {re.match(r"[A-Za-z0-9._-]+", entry)[0].lower(): entry for entry in entries}


def normal(requirement: str) -> str:
    return re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower().replace("_", "-")


@pytest.mark.parametrize("file", ["requirements.txt", "tests/requirements.txt"])
def test_requirements_have_one_version_and_a_hash(file):
    loose = [
        name
        for name, entry in pinned(file).items()
        if not re.match(r"^[a-z0-9._-]+(\[[a-z,]+\])?==[^ ]+( ;[^\\]+)? \\\n +--hash=sha256:[0-9a-f]{64}", entry)
    ]

    assert loose == []


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("requirements.txt", lambda: project()["project"]["dependencies"]),
        ("tests/requirements.txt", lambda: project()["dependency-groups"]["dev"]),
    ],
    ids=["requirements", "tests"],
)
def test_requirements_pin_every_direct_dependency_within_its_range(file, wanted):
    versions = {name: re.search(r"==([^ ]+)", entry)[1] for name, entry in pinned(file).items()}

    outside = []
    for requirement in wanted():
        # ~=3.10 admits 3.10 and later, below 4
        least = re.search(r"~=([0-9.]+)", requirement)[1].split(".")
        version = versions.get(normal(requirement), "").split(".")
        if version[: len(least) - 1] != least[:-1] or int(version[len(least) - 1]) < int(least[-1]):
            outside.append((requirement, ".".join(version)))

    assert outside == []


def test_requirements_of_tests_agree_with_those_of_a_deployment():
    deployed, tested = pinned("requirements.txt"), pinned("tests/requirements.txt")

    different = [name for name in deployed.keys() & tested.keys() if deployed[name] != tested[name]]

    assert different == []


def test_every_direct_dependency_says_what_it_is_for():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    names = [*project()["project"]["dependencies"], *project()["dependency-groups"]["dev"]]

    assert [name for name in names if not re.search(rf'"{re.escape(name)}",? +# \w', text)] == []


# Settings


def variables_read() -> set[str]:
    tree = ast.parse((ROOT / "tracker" / "settings.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return {
        call.args[0].value for call in calls if call.func.id in READERS and isinstance(call.args[0], ast.Constant)
    }


def test_every_variable_is_documented_and_every_documented_one_is_read():
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| `")]

    assert {row[0].strip("`") for row in rows} == variables_read()
    assert all(len(row) == 3 and all(row) for row in rows)


def test_only_settings_and_the_door_of_the_server_read_the_environment():
    allowed = {"tracker/settings.py", "tracker/wsgi.py", "tracker/celery.py"}
    reading = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "tracker").rglob("*.py")
        if re.search(r"\bos\.(environ|getenv)\b", path.read_text(encoding="utf-8"))
    }

    assert reading - allowed == set()


PRODUCTION = {
    "TRACKER_ENV": "production",
    "SECRET_KEY": "k" * 50,
    "ALLOWED_HOSTS": "tracker.example.org",
    "PUBLIC_URL": "https://tracker.example.org",
    "DATABASE_URL": "postgres://tracker@localhost/tracker",
    "TRACKER_BUILD": "2026.11-3-gf1ae764",
}


START = ("-c", "import django; django.setup(); print('started')")


def started(
    changes: dict[str, str | None], folder: Path, command: tuple[str, ...] = START
) -> subprocess.CompletedProcess:
    known = variables_read()
    bare = {name: value for name, value in os.environ.items() if name not in known}
    values = {**PRODUCTION, "TRACKER_VAR_DIR": str(folder), **changes}
    return subprocess.run(
        [sys.executable, *command],
        env={
            **bare,
            "DJANGO_SETTINGS_MODULE": "tracker.settings",
            **{k: v for k, v in values.items() if v is not None},
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_everything_set(tmp_path):
    done = started({}, tmp_path)

    assert done.stdout == "started\n", done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY is missing or shorter than 50 characters. Make one with:"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is missing or shorter than 50 characters. Make one with:"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS must name the hosts you serve, e.g."),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name the hosts you serve, e.g."),
        ({"PUBLIC_URL": None}, "PUBLIC_URL must be the https address readers use, e.g."),
        ({"PUBLIC_URL": "http://tracker.example.org"}, "PUBLIC_URL must be the https address readers use, e.g."),
        ({"DATABASE_URL": None}, "DATABASE_URL must name the database, e.g."),
        (
            {"TRACKER_BUILD": None},
            "TRACKER_BUILD must name the code that is deployed, in letters, digits and . _ + -",
        ),
        (
            {"TRACKER_BUILD": 'a"b'},
            "TRACKER_BUILD must name the code that is deployed, in letters, digits and . _ + -",
        ),
        ({"TRACKER_DEBUG": "1"}, "TRACKER_DEBUG shows traces to the public: unset it."),
        ({"TRACKER_DEBUG": "perhaps"}, "TRACKER_DEBUG='perhaps' is not a switch: use 1 or 0."),
        ({"TRACKER_ENV": "prod"}, "TRACKER_ENV='prod': use 'local' or 'production'."),
        ({"TRACKER_PAST_FILES_KEPT": "-1"}, "TRACKER_PAST_FILES_KEPT='-1' is not a whole number of 0 or more."),
    ],
)
def test_production_does_not_start_and_says_what_to_do(tmp_path, changes, advice):
    done = started(changes, tmp_path)

    assert done.returncode == 1
    assert advice in done.stderr


def test_production_names_everything_that_is_missing_at_once(tmp_path):
    required = PRODUCTION.keys() - {"TRACKER_ENV"}

    done = started(dict.fromkeys(required), tmp_path)

    assert {name for name in required if f"- {name} " in done.stderr} == required


def test_one_s_own_machine_starts_without_settings(tmp_path):
    done = started(dict.fromkeys(PRODUCTION), tmp_path)

    assert done.stdout == "started\n", done.stderr
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("changes", "warned_of"),
    [
        ({}, set()),
        ({"SECURE_HSTS_INCLUDE_SUBDOMAINS": "0", "SECURE_HSTS_PRELOAD": "0"}, {"security.W005", "security.W021"}),
    ],
)
def test_deployment_passes_the_check_of_django(tmp_path, changes, warned_of):
    key = {"SECRET_KEY": "".join(chr(48 + n) for n in range(60))}

    done = started({**key, **changes}, tmp_path, ("manage.py", "check", "--deploy"))

    assert done.returncode == 0, done.stderr
    assert set(re.findall(r"\b[a-z0-9_]+\.[EW][0-9]+\b", done.stdout + done.stderr)) == warned_of


# The build of a working copy


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A working copy of a few files."""
    from tracker import settings

    for name in ("tracker/urls.py", "tracker/charts/style.mplstyle", "tracker/static/page.css", "templates/a.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one\n", encoding="utf-8")
    monkeypatch.setattr(settings, "BASE_DIR", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "name", ["tracker/urls.py", "tracker/charts/style.mplstyle", "tracker/static/page.css", "templates/a.html"]
)
def test_build_changes_with_every_kind_of_file_but_not_with_its_time(checkout, name):
    from tracker.settings import digest_of_files

    before, changed = digest_of_files(), checkout / name

    os.utime(changed, (1, 1))
    touched = digest_of_files()
    changed.write_text("two\n", encoding="utf-8")

    assert touched == before
    assert digest_of_files() != before


def test_build_changes_with_a_new_name_and_a_new_file_and_not_with_what_python_keeps(checkout):
    from tracker.settings import digest_of_files

    before = digest_of_files()

    (checkout / "tracker" / "__pycache__").mkdir()
    (checkout / "tracker" / "__pycache__" / "urls.cpython-311.pyc").write_bytes(b"kept")
    kept = digest_of_files()
    (checkout / "tracker" / "urls.py").rename(checkout / "tracker" / "addresses.py")
    renamed = digest_of_files()
    (checkout / "templates" / "b.html").touch()

    assert kept == before
    assert len({before, renamed, digest_of_files()}) == 3


def test_build_of_one_s_own_machine_is_the_digest_unless_it_is_named(tmp_path):
    show = ("-c", "from django.conf import settings; print(settings.BUILD)")
    here = dict.fromkeys(PRODUCTION)

    assert re.fullmatch(r"[0-9a-f]{12}\n", started(here, tmp_path, show).stdout)
    assert started({**here, "TRACKER_BUILD": "mine"}, tmp_path, show).stdout == "mine\n"


def test_migrations_are_up_to_date(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        env={**os.environ, "TRACKER_VAR_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/t.sqlite3"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_network_is_off():
    import socket

    with pytest.raises(RuntimeError, match="the network is off"), socket.socket() as outside:
        outside.connect(("192.0.2.1", 80))
