"""What `manage.py load_seed` says, of a copy of the seed files in which one line is changed."""

import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.conftest import FIXTURES
from tracker.models import Country, Revision

pytestmark = pytest.mark.seed


@pytest.fixture
def folder(tmp_path) -> Path:
    return Path(shutil.copytree(FIXTURES, tmp_path / "fixtures", ignore=shutil.ignore_patterns("raw", "*.md")))


def change(file: Path, old: str, new: str) -> int:
    """Puts `new` for the one `old` in the file; returns the line's number."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_load_seed_of_loaded_files_says_that_nothing_is_new(folder, capsys):
    call_command("load_seed", folder=folder)

    assert capsys.readouterr().out == "Seed data: nothing new.\n"


def test_load_seed_counts_what_it_did_in_each_file(folder, capsys):
    change(folder / "countries.csv", "\nAD,Andorra,", "\nAD,The Valleys of Andorra,")

    call_command("load_seed", folder=folder)

    said, rows = capsys.readouterr().out.splitlines(), Country.objects.count()
    assert f"countries.csv: {rows} rows: 0 created, 1 changed, {rows - 1} unchanged" in said
    assert [line for line in said if "0 created, 0 changed" not in line] == [said[1]]
    assert Country.objects.get(code="AD").name == "The Valleys of Andorra"


def test_load_seed_names_file_line_and_column_of_every_damage_and_changes_nothing(folder, capsys):
    change(folder / "countries.csv", "\nAE,United Arab Emirates,", "\nAE,The Emirates,")
    line = change(folder / "windows.csv", "\naspi-2023-03,2018,2022,main,", "\naspi-2023-03,2018,soon,main,") + 1
    later = change(folder / "windows.csv", "\naspi-2023-06,2018,2022,main,", "\naspi-2023-06,then,2022,main,") + 1
    before = Revision.objects.count()

    with pytest.raises(CommandError) as refused:
        call_command("load_seed", folder=folder)

    said = str(refused.value).splitlines()
    assert said[0] == "Nothing was changed."
    assert [entry.partition(":")[0] for entry in said[1:]] == [
        f"windows.csv, line {line}, column last_year",
        f"windows.csv, line {later}, column first_year",
    ]
    assert ["“soon”" in said[1], "“then”" in said[2]] == [True, True]
    assert capsys.readouterr().out == ""
    assert Revision.objects.count() == before
    assert Country.objects.get(code="AE").name == "United Arab Emirates"


def test_load_seed_names_a_file_that_is_missing(folder):
    (folder / "windows.csv").unlink()

    with pytest.raises(CommandError, match=r"Nothing was changed\.\n.*windows\.csv"):
        call_command("load_seed", folder=folder)
