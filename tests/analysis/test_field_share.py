import csv
from decimal import Decimal, localcontext
from pathlib import Path

import pytest

from tracker.analysis.field_share import (
    CountryYear,
    FieldShare,
    MissingYears,
    UnknownWorldTotalError,
    Window,
    field_shares,
    rolling_windows,
    rounded,
)

FIXTURES = Path(__file__).parents[2] / "fixtures"
WINDOW = Window(2003, 2007)
WORLD = {("physics", year): Decimal(1000) for year in range(2003, 2021)}


def country_years(country, *shares, articles="100", first_year=2003):
    """One row a year from first_year: a share in percent, or the table's mark where there is none."""
    return [
        CountryYear(
            field="physics",
            country=country,
            year=year,
            articles=Decimal(articles),
            top1_share=None if share in ("na", "ne", "") else Decimal(share),
            note=share if share in ("na", "ne") else "",
        )
        for year, share in enumerate(shares, start=first_year)
    ]


def test_share_is_highly_cited_articles_over_one_percent_of_the_world():
    rows = country_years("DE", "1", "2", "3", "4", "5")  # 1 + 2 + 3 + 4 + 5 of 5 × 10 highly cited articles

    shares, missing = field_shares(rows, world=WORLD, windows=[WINDOW])

    assert shares == [FieldShare("physics", "DE", WINDOW, Decimal(30), rank=1)]
    assert missing == []


def test_share_weighs_years_by_their_articles():
    rows = [
        *country_years("DE", "1", articles="900"),
        *country_years("DE", "0", "0", "0", "0", articles="100", first_year=2004),
    ]

    [share], _ = field_shares(rows, world=WORLD, windows=[WINDOW])

    # 9 of 50 highly cited articles; an unweighted mean of 0.2 % of 1300 articles would give 2.6 of 50.
    assert share.share == 18


def test_share_of_nothing_highly_cited_is_zero_not_missing():
    rows = country_years("DE", "0.0", "0.0", "0.0", "0.0", "0.0")

    [share], missing = field_shares(rows, world=WORLD, windows=[WINDOW])

    assert (share.share, share.rounded_share, missing) == (0, Decimal("0.000"), [])


def test_share_does_not_depend_on_the_callers_precision():
    rows = country_years("DE", "1.01", "1.02", "1.03", "1.04", "1.05", articles="123456.78")

    with localcontext() as context:
        context.prec = 3
        [share], _ = field_shares(rows, world=WORLD, windows=[WINDOW])

    assert share.share == Decimal("123456.78") * Decimal("5.15") / 50


@pytest.mark.parametrize(
    ("mark", "reason"),
    [("ne", "not estimated, too few articles"), ("na", "not available"), ("", "not given in the table")],
)
def test_missing_year_gives_a_reason_and_no_share(mark, reason):
    rows = country_years("DE", "1", "1", mark, "1", "1")

    shares, missing = field_shares(rows, world=WORLD, windows=[WINDOW])

    assert shares == []
    assert missing == [MissingYears("physics", "DE", ((2005, reason),))]


def test_missing_year_without_a_line_of_its_own_is_missing_too():
    rows = country_years("DE", "1", "1", "1", "1")

    shares, [missing] = field_shares(rows, world=WORLD, windows=[WINDOW])

    assert shares == []
    assert (missing.years, missing.reason) == ("2007", "not given in the table")


def test_missing_year_leaves_the_windows_without_it_alone():
    rows = country_years("DE", "ne", "1", "1", "1", "1", "1")
    windows = [WINDOW, Window(2004, 2008)]

    shares, [missing] = field_shares(rows, world=WORLD, windows=windows)

    assert [share.window for share in shares] == [Window(2004, 2008)]
    assert missing.years == "2003"


def test_missing_years_of_one_reason_are_a_compact_list():
    rows = country_years("DE", "ne", "ne", "ne", "ne", "1", "1", "1", "1", "ne")

    _, [missing] = field_shares(rows, world=WORLD, windows=[WINDOW, Window(2007, 2011)])

    assert missing.years == "2003-2006 2011"
    assert missing.reason == "not estimated, too few articles"


def test_missing_years_of_two_reasons_name_the_years_of_each():
    rows = country_years("DE", "na", "ne", "ne", "1", "na")

    _, [missing] = field_shares(rows, world=WORLD, windows=[WINDOW])

    assert missing.years == "2003-2005 2007"
    assert missing.reason == "2003 2007: not available; 2004-2005: not estimated, too few articles"


def test_ranks_follow_the_unrounded_share():
    rows = [
        *country_years("DE", "1.00", "1.00", "1.00", "1.00", "1.00", articles="1000.00"),
        *country_years("FR", "1.00", "1.00", "1.00", "1.00", "1.00", articles="1000.01"),
    ]

    shares, _ = field_shares(rows, world=WORLD, windows=[WINDOW])

    assert [(share.country, share.rank) for share in shares] == [("FR", 1), ("DE", 2)]
    assert shares[0].rounded_share == shares[1].rounded_share


def test_ranks_of_a_tie_are_equal_and_the_next_is_skipped():
    rows = [
        *country_years("FR", "2", "2", "2", "2", "2"),
        *country_years("DE", "1", "1", "2", "3", "3"),
        *country_years("IT", "1", "1", "1", "1", "1"),
        *country_years("US", "9", "9", "9", "9", "9"),
    ]

    shares, _ = field_shares(rows, world=WORLD, windows=[WINDOW])

    assert [(share.country, share.rank) for share in shares] == [("US", 1), ("DE", 2), ("FR", 2), ("IT", 4)]


def test_ranks_pass_over_a_country_with_a_missing_year():
    rows = [*country_years("DE", "9", "9", "9", "9", "ne"), *country_years("FR", "1", "1", "1", "1", "1")]

    [share], _ = field_shares(rows, world=WORLD, windows=[WINDOW])

    assert (share.country, share.rank) == ("FR", 1)


def test_order_is_by_window_field_rank_and_country_whatever_the_order_of_rows():
    rows = [
        *country_years("DE", "1", "1", "1", "1", "1", "1"),
        *country_years("FR", "2", "2", "2", "2", "2", "2"),
    ]
    windows = [WINDOW, Window(2004, 2008)]

    forwards = field_shares(rows, world=WORLD, windows=windows)
    backwards = field_shares(reversed(rows), world=WORLD, windows=windows[::-1])

    assert forwards == backwards


@pytest.mark.parametrize(
    ("world", "message"),
    [
        ({key: n for key, n in WORLD.items() if key[1] != 2005}, "physics: .* not known for 2005"),
        (dict.fromkeys(WORLD, Decimal(0)), "physics: the world has no articles in 2003-2007"),
    ],
)
def test_world_without_a_total_is_an_error(world, message):
    rows = country_years("DE", "1", "1", "1", "1", "1")

    with pytest.raises(UnknownWorldTotalError, match=message):
        field_shares(rows, world=world, windows=[WINDOW])


def test_rolling_windows_advance_by_a_year():
    windows = rolling_windows(2003, 2020)

    assert len(windows) == 14
    assert windows[:2] == (Window(2003, 2007), Window(2004, 2008))
    assert windows[-1] == Window(2016, 2020)


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        ("49.2468", "49.2"),
        ("10.05", "10.0"),  # half to even
        ("9.996", "10.0"),  # four figures after rounding would be 10.00
        ("9.994", "9.99"),
        ("1.005", "1.00"),
        ("0.9996", "1.00"),
        ("0.1235", "0.124"),
        ("0.0004", "0.000"),
        ("0", "0.000"),
    ],
)
def test_rounded_share_has_three_significant_figures_worth(share, expected):
    assert str(rounded(Decimal(share))) == expected


# Figures computed independently from the same tables, with one decimal: the first three countries, and the
# ratio of the first to the second.
LEADERS = [
    ("materials-science", "ncses-2003-2007", "US 49.2 JP 8.8 CN 8.4", "5.62"),
    ("materials-science", "ncses-2016-2020", "CN 36.4 US 17.4 DE 5.2", "2.09"),
    ("engineering", "ncses-2003-2007", "US 52.0 GB 6.5 CA 5.1", "8.06"),
    ("engineering", "ncses-2016-2020", "CN 29.9 US 19.6 GB 4.6", "1.53"),
    ("chemistry", "ncses-2003-2007", "US 31.8 CN 9.5 JP 7.9", "3.34"),
    ("chemistry", "ncses-2016-2020", "CN 37.8 US 16.0 IN 4.2", "2.36"),
    ("computer-and-information-sciences", "ncses-2003-2007", "US 51.3 GB 6.0 CN 5.8", "8.51"),
    ("computer-and-information-sciences", "ncses-2016-2020", "CN 28.2 US 25.2 GB 5.1", "1.12"),
    ("physics", "ncses-2003-2007", "US 42.9 DE 8.9 JP 7.1", "4.82"),
    ("physics", "ncses-2016-2020", "US 23.5 CN 18.9 DE 6.7", "1.24"),
    ("health-sciences", "ncses-2003-2007", "US 49.9 GB 9.6 DE 5.0", "5.18"),
    ("health-sciences", "ncses-2016-2020", "US 38.8 GB 8.9 CN 7.9", "4.35"),
]


@pytest.fixture(scope="module")
def seeded_scores():
    with (FIXTURES / "field_scores.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("technology", "edition", "leaders", "ratio"), LEADERS)
def test_seeded_scores_have_the_known_leaders(seeded_scores, technology, edition, leaders, ratio):
    cells = leaders.split()
    expected = list(zip(cells[::2], map(Decimal, cells[1::2]), strict=True))

    first_three = [
        row
        for row in seeded_scores
        if row["technology"] == technology and row["edition"] == edition and int(row["rank_from"]) <= 3
    ]

    assert [row["country"] for row in first_three] == [country for country, _ in expected]
    for row, (_, share) in zip(first_three, expected, strict=True):
        assert abs(Decimal(row["share"]) - share) <= Decimal("0.05")
    first, second = (Decimal(row["share"]) for row in first_three[:2])
    assert abs(first / second - Decimal(ratio)) < Decimal("0.01")


def test_seeded_scores_are_one_a_country_field_and_window(seeded_scores):
    keys = {(row["edition"], row["technology"], row["country"]) for row in seeded_scores}

    assert len(keys) == len(seeded_scores) == 14_881
    assert all(row["rank_from"] == row["rank_to"] and row["basis"] == "computed" for row in seeded_scores)
