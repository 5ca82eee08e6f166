"""Who was on a list on a day: three answers, by dates known to the day, the month, the year, or not at all."""

import datetime
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.cooperation import organisation
from tracker.analysis.listings import (
    CANNOT_BE_SAID,
    LISTED,
    NOT_LISTED,
    ControlRef,
    Entry,
    Stay,
    Tick,
    bar,
    day_sentence,
    left_out_by,
    listed_sentence,
    listing_rows,
    listings_figure,
    on_day,
    on_list,
    organisation_day_sentence,
    why,
)
from tracker.analysis.partial_date import first_day, last_day

TODAY = datetime.date(2026, 11, 22)
LIST = ControlRef(1, "a-list", "A list of names", "List A")
OTHER = ControlRef(2, "another", "Another list", "List B")


BODIES = {name: organisation(name) for name in ("Hikvision", "Huawei", "DJI", "A", "B")}


def stay(since="2021-06-03", until="", *entries, body="Hikvision", control=LIST, **said):
    return Stay(1, BODIES[body], control, since, until, entries=tuple(Entry(date) for date in entries), **said)


def day(text):
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("since", "until", "entries", "on", "answer"),
    [
        ("2022-10-05", "", (), "2022-10-04", NOT_LISTED),
        ("2022-10-05", "", (), "2022-10-05", LISTED),
        ("2022-10-05", "", (), "2026-11-22", LISTED),
        # What comes after the record cannot be said.
        ("2022-10-05", "", (), "2026-11-23", CANNOT_BE_SAID),
        # Removed on a day: on that day it is not listed any more.
        ("2022-10-05", "2025-01-07", (), "2025-01-06", LISTED),
        ("2022-10-05", "2025-01-07", (), "2025-01-07", NOT_LISTED),
        ("2022-10-05", "2025-01-07", (), "2030-01-01", NOT_LISTED),
        # A month, and a year.
        ("2019-05", "", (), "2019-04-30", NOT_LISTED),
        ("2019-05", "", (), "2019-05-01", CANNOT_BE_SAID),
        ("2019-05", "", (), "2019-05-10", CANNOT_BE_SAID),
        ("2019-05", "", (), "2019-05-31", LISTED),
        ("2020", "", (), "2020-12-30", CANNOT_BE_SAID),
        ("2020", "", (), "2020-12-31", LISTED),
        ("2019-05", "2021", (), "2020-12-31", LISTED),
        ("2019-05", "2021", (), "2021-01-01", CANNOT_BE_SAID),
        ("2019-05", "2021", (), "2021-12-31", NOT_LISTED),
        ("2019", "2019", (), "2019-06-01", CANNOT_BE_SAID),
        # Not known since when: from the first edition that names it, and of the time before nothing is said.
        ("", "", ("2021-06-03", "2025-01-07"), "2021-06-02", CANNOT_BE_SAID),
        ("", "", ("2021-06-03", "2025-01-07"), "2021-06-03", LISTED),
        ("", "", (), "2021-06-03", CANNOT_BE_SAID),
        ("", "2020-01-01", (), "2020-01-01", NOT_LISTED),
    ],
)
def test_answer_for_a_day(since, until, entries, on, answer):
    one = stay(since, until, *entries)

    assert on_day(one, day(on), TODAY) == answer
    assert why(one, day(on), TODAY)


@pytest.mark.parametrize(
    ("entries", "whole", "left_out"),
    [
        (("2021-06-03",), ("2021-06-03",), ""),
        (("2021-06-03",), ("2021-06-03", "2025-01-07", "2026-06-08"), "2025-01-07"),
        # A later edition names it again.
        (("2021-06-03", "2026-06-08"), ("2021-06-03", "2025-01-07", "2026-06-08"), ""),
        # Which of the two came first nobody knows.
        (("2025",), ("2025-01-07",), ""),
        (("2025-01-07",), ("2025",), ""),
        ((), ("2025-01-07",), ""),
    ],
)
def test_whole_edition_leaves_out_whom_it_and_none_after_it_names(entries, whole, left_out):
    assert left_out_by([Entry(date) for date in entries], whole) == left_out


def test_after_an_edition_that_leaves_it_out_it_cannot_be_said():
    one = replace(stay("2021-06-03", "", "2021-06-03"), left_out="2025-01-07")

    assert [on_day(one, day(on), TODAY) for on in ("2025-01-06", "2025-01-07")] == [LISTED, CANNOT_BE_SAID]
    assert "7 January 2025" in why(one, day("2025-01-07"), TODAY)
    drawn = bar(one, TODAY)
    assert drawn.sure_after == day("2025-01-07").toordinal()
    assert drawn.after == TODAY.toordinal() + 1


partial = st.dates(datetime.date(1996, 1, 1), datetime.date(2026, 11, 22)).flatmap(
    lambda found: st.sampled_from([found.isoformat(), found.isoformat()[:7], found.isoformat()[:4]])
)


@given(partial, partial | st.just(""), st.dates(datetime.date(1995, 1, 1), datetime.date(2026, 11, 22)), st.data())
def test_answer_is_sure_only_where_every_meaning_of_the_dates_gives_it(since, until, on, data):
    """Whatever days the partial dates stand for, a sure answer is theirs."""
    begins = data.draw(st.dates(first_day(since), last_day(since)))
    ends = data.draw(st.dates(first_day(until), last_day(until))) if until else datetime.date.max

    answer = on_day(stay(since, until), on, TODAY)

    if begins < ends:
        truth = LISTED if begins <= on < ends else NOT_LISTED
        assert answer in (truth, CANNOT_BE_SAID)
    if len(since) == 10 and len(until) in (0, 10) and begins < ends:
        assert answer != CANNOT_BE_SAID


def test_several_stays_of_one_organisation_give_one_answer():
    stays = [stay("2019", "2020-05-01"), stay("2022-10-05")]

    assert on_list(stays, day("2019-06-01"), TODAY) == CANNOT_BE_SAID
    assert on_list(stays, day("2020-02-01"), TODAY) == LISTED
    assert on_list(stays, day("2021-02-01"), TODAY) == NOT_LISTED


def test_reason_says_what_is_known():
    assert why(stay("2019-05"), day("2019-05-10"), TODAY) == "listed since May 2019: the day is not known to us"
    assert why(stay(), day("2021-06-02"), TODAY) == "listed only since 3 June 2021"
    assert why(stay(), day("2021-06-03"), TODAY) == "listed since 3 June 2021, no removal known to us"
    assert why(stay(until="2024-01"), day("2024-02-01"), TODAY) == "removed in January 2024"
    assert "lies after" in why(stay(), day("2030-01-01"), TODAY)


def test_sentence_of_a_list_counts_organisations_not_stays():
    stays = [
        stay("2019", "2020-05-01"), stay("2022-10-05"), stay("2021-06-03", body="Huawei"), stay("2022", body="DJI"),
    ]  # fmt: skip

    assert day_sentence(stays, day("2022-10-05"), TODAY) == (
        "On 5 October 2022, of the 3 organisations on this list in our collection, 2 were listed, as far as known to "
        "us; of 1 it cannot be said."
    )
    assert day_sentence(stays, day("2021-01-01"), TODAY) == (
        "On 1 January 2021, of the 3 organisations on this list in our collection, none were listed and 3 were not, "
        "as far as known to us."
    )
    assert "lies after the state of the record" in day_sentence(stays, day("2027-01-01"), TODAY)


def test_sentences_of_an_organisation_say_on_which_lists():
    stays = [stay("2019-05"), stay("2022-10-05", control=OTHER)]

    assert organisation_day_sentence(stays, day("2019-05-10"), TODAY) == (
        "On 10 May 2019: not listed on the List B, as far as known to us; of the List A it cannot be said."
    )
    assert listed_sentence(stays, TODAY) == (
        "On two lists, no removal known to us: the List A (since May 2019) and the List B (since 5 October 2022)."
    )
    assert listed_sentence([stay(until="2024-01-31")], TODAY) == (
        "Was on the List A (3 June 2021 – 31 January 2024, removed)."
    )
    assert listed_sentence([], TODAY) == ""


def test_row_says_how_editions_write_the_name_and_answers_only_when_asked():
    one = stay("2022-10-05", "", "2022-10-05", "2026-06-08")

    (asked,) = listing_rows([one], day("2022-10-04"), TODAY)
    (plain,) = listing_rows([one], None, TODAY)

    assert (asked.on_day, asked.why) == (NOT_LISTED, "listed only since 5 October 2022")
    assert (plain.on_day, plain.why, plain.editions) == ("", "", ("2022-10-05", "2026-06-08"))
    assert plain.until.content is None  # no removal is known, which is no date


def test_bar_is_hatched_over_the_days_that_are_not_known():
    month = bar(stay("2019-05", "2021"), TODAY)
    going_on = bar(stay("2022-10-05"), TODAY)
    named = bar(stay("", "", "2021-06-03"), TODAY)

    assert month is not None
    assert (month.first, month.sure) == (day("2019-05-01").toordinal(), day("2019-05-31").toordinal())
    assert (month.sure_after, month.after) == (day("2021-01-01").toordinal(), day("2021-12-31").toordinal())
    assert going_on is not None
    assert going_on.open
    assert going_on.after == TODAY.toordinal() + 1
    assert named is not None
    assert named.unknown_start
    assert bar(stay(""), TODAY) is None


def test_bar_of_a_stay_within_one_year_is_unsure_throughout():
    one = bar(stay("2019", "2019"), TODAY)

    assert one is not None
    assert one.first < one.after
    assert one.sure >= one.sure_after


def test_figure_of_a_list_has_a_row_an_organisation_and_says_who_was_removed():
    model = listings_figure(
        [stay("2022-10-05", "2024-01-31", body="A"), stay("2025", body="A"), stay(body="B")],
        (Tick("2021-06-03", True), Tick("2022-10-05")),
        TODAY.isoformat(),
        about="List A",
        on=day("2022-10-05"),
    )

    assert [(row.label, len(row.bars), row.answer) for row in model.rows] == [("B", 1, LISTED), ("A", 2, LISTED)]
    assert model.title == "List A: 2 organisations of our collection, no removal known to us"
    assert model.ticks == ((day("2021-06-03").toordinal(), True), (day("2022-10-05").toordinal(), False))
    assert "B: since 3 June 2021, no removal known to us." in model.alt
    assert (model.first_year, model.last_year) == (2021, 2026)


def test_day_far_away_is_answered_and_not_drawn():
    model = listings_figure([stay()], (), TODAY.isoformat(), about="A", on=day("1850-01-01"))

    assert model.on is None
    assert model.rows[0].answer == NOT_LISTED
    assert model.first_year == 2021
