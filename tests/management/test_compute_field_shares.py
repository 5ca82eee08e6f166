"""`manage.py compute_field_shares` on a table of one field, in which every share is known beforehand."""

import csv
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

HEADER = (
    "field,country,iso2,kind,year,articles_fractional,top1pct_share_of_own_output_pct,top1pct_note,ncses_table_ids"
)
PLACES = """source_name,code,reason
China,CN,
Germany,DE,without the Saarland
Kosovo,XK,
Atlantis,,It does not exist.
"""


def table() -> list[str]:
    """Physics for 2003 to 2020: China has 4 per cent of the world's most cited articles, Germany 1.5."""
    lines = [HEADER]
    for year in range(2003, 2021):
        kosovo = "0.5,,ne" if year == 2007 else "0.5,1.0,"
        lines += [
            f"Physics,World,,aggregate,{year},1000.0,1.0,,1",
            f"Physics,China,CN,country,{year},20.0,2.0,,1",
            f"Physics,Germany,DE,country,{year},10.0,1.5,,1",
            f"Physics,Kosovo,XK,country,{year},{kosovo},1",
            f"Physics,Atlantis,,country,{year},500.0,9.0,,1",
            f"All S&E fields,China,CN,country,{year},20.0,2.0,,1",
        ]
    return lines


class Run:
    """One run of the command, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.raw, self.places = folder / "articles.csv", folder / "places.csv"
        self.scores, self.missing = folder / "field_scores.csv", folder / "missing_years.csv"
        self.places.write_text(PLACES, encoding="utf-8")

    def __call__(self, lines: list[str]) -> None:
        self.raw.write_text("\n".join([*lines, ""]), encoding="utf-8")
        call_command(
            "compute_field_shares", self.raw, places=self.places, scores=self.scores, missing=self.missing
        )  # fmt: skip

    def rows(self, path: Path) -> list[dict[str, str]]:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def run(tmp_path) -> Run:
    return Run(tmp_path / "one")


def test_shares_of_every_window_are_written_in_order_of_rank(run, capsys):
    run(table())

    rows = run.rows(run.scores)
    first = [row for row in rows if row["edition"] == "ncses-2003-2007"]
    last = [row for row in rows if row["edition"] == "ncses-2016-2020"]
    assert [(row["country"], row["rank_from"], row["rank_to"], float(row["share"])) for row in first] == [
        ("CN", "1", "1", 4.0),
        ("DE", "2", "2", 1.5),
    ]
    assert [(row["country"], row["rank_from"], float(row["share"])) for row in last] == [
        ("CN", "1", 4.0),
        ("DE", "2", 1.5),
        ("XK", "3", 0.05),
    ]
    # 14 windows, of which those from 2003 to 2007 lack Kosovo.
    assert len(rows) == 14 * 2 + 9
    assert {(row["technology"], row["basis"]) for row in rows} == {("physics", "computed")}
    assert {row["country"]: row["note"] for row in rows} == {"CN": "", "DE": "without the Saarland", "XK": ""}


def test_years_for_want_of_which_there_is_no_share_are_written_with_their_reason(run):
    run(table())

    assert run.rows(run.missing) == [
        {
            "series": "ncses-top1",
            "technology": "physics",
            "country": "XK",
            "years": "2007",
            "reason": "not estimated, too few articles",
        }
    ]


def test_command_says_how_much_it_wrote_and_what_it_left_out(run, capsys):
    run(table())

    assert capsys.readouterr().out == (
        "37 shares, 1 fields and countries with missing years.\nLeft out: Atlantis. It does not exist.\n"
    )


def test_same_input_gives_the_same_bytes_in_whatever_order_its_lines_stand(run, tmp_path):
    again, turned = Run(tmp_path / "two"), Run(tmp_path / "three")

    run(table())
    again(table())
    turned([HEADER, *reversed(table()[1:])])

    for other in (again, turned):
        assert other.scores.read_bytes() == run.scores.read_bytes()
        assert other.missing.read_bytes() == run.missing.read_bytes()


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("Physics,Germany,DE,country,2003,10.0,", "Physics,Germany,DE,country,2003,ten,", ", column articles_fractional"),
        ("Physics,Germany,DE,country,2003,", "Physics,Germany,DE,country,year,", ", column year"),
        ("Physics,Germany,DE,country,2003,", "Physics,Germany,DE,2003,", ""),
    ],
)  # fmt: skip
def test_damaged_line_is_named_and_nothing_is_written(run, old, new, where):
    lines = [line.replace(old, new) for line in table()]

    with pytest.raises(CommandError) as refused:
        run(lines)

    assert str(refused.value).startswith(f"{run.raw}, line 4{where}: ")
    assert not run.scores.exists()
    assert not run.missing.exists()


def test_place_without_a_rule_is_named(run):
    with pytest.raises(CommandError, match=r"places\.csv: no rule for Lemuria$"):
        run([*table(), "Physics,Lemuria,,country,2003,1.0,1.0,,1"])

    assert not run.scores.exists()


def test_year_without_the_world_s_articles_is_named(run):
    with pytest.raises(CommandError, match="physics: the world's articles are not known for 2003"):
        run([line for line in table() if not line.startswith("Physics,World,,aggregate,2003,")])

    assert not run.scores.exists()


def test_table_that_does_not_exist_is_named(run):
    with pytest.raises(CommandError, match=r"nowhere\.csv"):
        call_command(
            "compute_field_shares", Path("nowhere.csv"), places=run.places, scores=run.scores, missing=run.missing
        )  # fmt: skip
