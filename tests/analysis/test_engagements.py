"""Engagements: the clock of 24 months, marks in words, order, counts; nothing withheld is counted."""

import datetime

import pytest

from tests.analysis.cooperation import FUNDS, RESEARCH, cited, engagement, party, status, subject
from tracker.analysis.engagements import (
    admiralty,
    by_date,
    count_by_channel,
    count_by_state,
    count_by_year,
    countable,
    longest_unconfirmed,
    main_citation,
    newest,
    standing_of,
    unconfirmed,
)

TODAY = "2026-11-22"


@pytest.mark.parametrize(
    ("state", "as_of", "old"),
    [
        ("announced", "2024-11-21", True),
        ("announced", "2024-11-22", False),  # 24 months to the day are not more than 24 months
        ("active", "2024-10", True),
        ("active", "2024-11", False),  # may mean the 30th
        ("active", "2023", True),
        ("active", "2024", False),  # may mean 31 December
        ("stalled", "2021-01-01", True),
        ("signed", "2014", True),
        ("completed", "2014", False),
        ("cancelled", "2014", False),
    ],
)
def test_clock_runs_from_the_last_day_that_the_date_can_mean(state, as_of, old):
    assert unconfirmed(status(state, as_of), TODAY) is old


def test_clock_of_a_leap_day_runs_out_after_the_last_of_february():
    assert not unconfirmed(status("active", "2024-02-29"), "2026-02-28")
    assert unconfirmed(status("active", "2024-02-29"), "2026-03-01")


@pytest.mark.parametrize(
    ("state", "as_of", "words", "since"),
    [
        ("announced", "2019-06", "announced; not confirmed since June 2019", "June 2019"),
        ("active", "2021", "active; not confirmed since 2021", "2021"),
        ("active", "2025-09-04", "active as of 4 September 2025", ""),
        ("completed", "2016-04-27", "completed as of 27 April 2016", ""),
    ],
)
def test_state_is_said_in_words_with_the_clock(state, as_of, words, since):
    now = standing_of(engagement(statuses=(status(state, as_of),)), TODAY)

    assert (now.words, now.unconfirmed_since) == (words, since)


def test_state_of_a_contested_engagement_is_only_reported():
    row = engagement("Drone", contested=True, statuses=(status("active", "2025-09-04"),))

    assert standing_of(row, TODAY).words == "reported active as of 4 September 2025"
    assert standing_of(row, TODAY).state == "active"


def test_contested_engagement_says_so_wherever_its_title_stands_alone():
    assert engagement("Drone", contested=True).link.text == "Drone (contested)"
    assert engagement("Fund").link.text == "Fund"


def test_page_of_a_past_day_is_read_by_the_clock_of_that_day():
    row = engagement(statuses=(status("announced", "2019-06"),))

    assert standing_of(row, "2021-06-30").unconfirmed_since == ""
    assert standing_of(row, "2021-07-01").unconfirmed_since == "June 2019"


def test_newest_state_is_the_current_one_and_of_one_day_the_last():
    life = (status("signed", "2019-06-05", 2), status("active", "2020"), status("announced", "2019-06-05", 1))

    assert engagement(statuses=life).status.state == "active"
    assert engagement(statuses=(life[0], life[2])).status.state == "signed"


def test_without_a_state_that_may_be_shown_the_state_is_not_known():
    now = standing_of(engagement(statuses=()), TODAY)

    assert (now.state, now.words, now.clock) == ("", "state not known to us", "")


@pytest.mark.parametrize(
    ("reliability", "credibility", "words"),
    [
        ("B", "2", "usually reliable source, probably true"),
        ("A", "1", "completely reliable source, confirmed by other sources"),
        ("D", "", "not usually reliable source"),
        ("", "3", "possibly true"),
        ("", "", ""),
    ],
)
def test_marks_are_said_in_words(reliability, credibility, words):
    assert admiralty(reliability, credibility) == words


def test_marks_with_their_codes():
    assert admiralty("B", "1", codes=True) == "usually reliable source (B), confirmed by other sources (1)"


def test_main_citation_is_preferred_else_rated_else_first_and_never_withheld_or_of_one_column():
    of_column = cited("a", field="start")
    withheld = cited("b", withheld=True, preferred=True)
    unrated = cited("c", reliability="", credibility="")
    rated, preferred = cited("d", reliability="A"), cited("e", preferred=True)

    assert main_citation((of_column, withheld, unrated, rated, preferred)) == preferred
    assert main_citation((of_column, withheld, unrated, rated)) == rated
    assert main_citation((of_column, withheld, unrated)) == unrated
    assert main_citation((of_column, withheld)) is None


def test_year_is_listed_before_its_days_and_what_has_no_date_last():
    dates = ["", "2019-06-05", "2018-12-31", "2019", "2019-01"]
    rows = [engagement(start=date) for date in dates]

    assert [row.start for row in by_date(rows)] == ["2018-12-31", "2019", "2019-01", "2019-06-05", ""]
    assert [row.start for row in newest(rows)] == ["2019-06-05", "2019-01", "2019", "2018-12-31"]


def test_engagement_is_drawn_over_the_days_its_dates_can_mean():
    assert engagement(start="2019").span.days == 365
    assert engagement(start="2017-11", end="2022").span.last == datetime.date(2022, 12, 31)
    assert engagement(start="").span is None


def test_withheld_engagements_are_in_no_count_and_no_list():
    shown = engagement(channel=RESEARCH, start="2020", subjects=(subject("Quantum sensors"),))
    hidden = engagement(channel=FUNDS, start="2021", subjects=(subject("Radar", category="sensing"),), withheld=True)
    rows = (hidden, shown)

    assert countable(rows) == (shown,)
    assert count_by_channel(rows) == {"joint-research": 1}
    assert count_by_year(rows) == {"2020": 1}
    assert count_by_state(rows) == {"announced": 1}
    assert newest(rows) == (shown,)
    assert longest_unconfirmed(rows, TODAY) == (shown,)


def test_counts_add_up_to_the_rows():
    rows = [
        engagement(start=date, channel=channel) for date in ("2019", "2019-05", "") for channel in (FUNDS, RESEARCH)
    ]

    assert count_by_channel(rows) == {"joint-investment-funds": 3, "joint-research": 3}
    assert count_by_year(rows) == {"2019": 4, "": 2}


def test_longest_unconfirmed_comes_first():
    rows = [engagement(statuses=(status("active", as_of),)) for as_of in ("2021", "2019-06", "2025-01-01")]

    assert longest_unconfirmed(rows, TODAY) == (rows[1], rows[0])


def test_party_that_is_not_named_leads_nowhere():
    named, unnamed = party("russian", "Roscosmos"), party("chinese")
    row = engagement(parties=(named, unnamed))

    assert row.of_side("russian") == (named,)
    assert named.link.address == "/organisations/roscosmos/"
    assert (unnamed.link.text, unnamed.link.address) == ("chinese side not named", "")
