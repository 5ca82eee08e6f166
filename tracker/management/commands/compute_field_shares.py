"""Computes `fixtures/field_scores.csv` and `fixtures/missing_years.csv` from the NCSES tables."""

import csv
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tracker.analysis import field_share
from tracker.ingest import ncses

SERIES = "ncses-top1"

SCORE_COLUMNS = (
    "edition",
    "first_year",
    "last_year",
    "technology",
    "country",
    "bloc",
    "rank_from",
    "rank_to",
    "share",
    "share_bound",
    "h_index",
    "publications",
    "basis",
    "note",
    "sources",
)
MISSING_COLUMNS = ("series", "technology", "country", "years", "reason")


class Command(BaseCommand):
    help = (
        "Computes each country's share of the world's 1 % most cited articles, by field and five-year "
        "window, from the NCSES tables, and writes it as seed files. The same input gives the same bytes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("raw", type=Path, help="the NCSES tables, one line a field, place and year (CSV)")
        parser.add_argument("--places", type=Path, required=True, help="place names → codes, or why left out")
        parser.add_argument("--scores", type=Path, required=True, help="where to write the shares")
        parser.add_argument("--missing", type=Path, required=True, help="where to write the missing years")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            places = ncses.read_places(options["places"])
            rows = [row for row in ncses.read_articles(options["raw"]) if row.field in ncses.FIELDS]
        except (OSError, ncses.DamagedLineError) as error:
            raise CommandError(str(error)) from error
        countries = [row for row in rows if row.kind == "country"]
        unruled = sorted({row.country for row in countries} - places.keys())
        if unruled:
            raise CommandError(f"{options['places']}: no rule for {', '.join(unruled)}")

        try:
            shares, missing = field_share.field_shares(
                (
                    field_share.CountryYear(
                        field=ncses.FIELDS[row.field],
                        country=places[row.country].code,
                        year=row.year,
                        articles=row.articles,
                        top1_share=row.top1_share,
                        note=row.note,
                    )
                    for row in countries
                    if places[row.country].code
                ),
                world={
                    (ncses.FIELDS[row.field], row.year): row.articles for row in rows if row.country == ncses.WORLD
                },
                windows=field_share.rolling_windows(ncses.FIRST_YEAR, ncses.LAST_YEAR),
            )
        except field_share.UnknownWorldTotalError as error:
            raise CommandError(str(error)) from error

        notes = {rule.code: rule.reason for rule in places.values() if rule.code and rule.reason}
        _write(options["scores"], SCORE_COLUMNS, (_score_line(share, notes) for share in shares))
        _write(
            options["missing"],
            MISSING_COLUMNS,
            ((SERIES, gap.field, gap.country, gap.years, gap.reason) for gap in missing),
        )
        self.stdout.write(f"{len(shares)} shares, {len(missing)} fields and countries with missing years.")
        left_out = sorted({row.country for row in countries if not places[row.country].code})
        for name in left_out:
            self.stdout.write(f"Left out: {name}. {places[name].reason}")


def _score_line(share: field_share.FieldShare, notes: dict[str, str]) -> tuple[object, ...]:
    # No sources: each edition-technology is cited, and its scores are computed from what is cited there.
    first_year, last_year = share.window.first_year, share.window.last_year
    return (
        f"ncses-{first_year}-{last_year}",
        first_year,
        last_year,
        share.field,
        share.country,
        "",
        share.rank,
        share.rank,
        share.rounded_share,
        "",
        "",
        "",
        "computed",
        notes.get(share.country, ""),
        "",
    )


def _write(path: Path, columns: tuple[str, ...], lines: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(lines)
