"""The timeline: nothing is drawn beyond what is known, nothing on anything else, and its words count rightly."""

import datetime
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.cooperation import FUNDS, RESEARCH, engagement, status
from tracker.analysis.cooperation_timeline import (
    BETWEEN_STEPS,
    LEAST_LANE_STEPS,
    MOST_TITLED,
    ROW_STEPS,
    TITLED_STEPS,
    room_of,
    timeline,
    timeline_ref,
    timeline_steps,
)

TODAY = "2026-11-22"


def day(text):
    return datetime.date.fromisoformat(text).toordinal()


def mark_of(start, *states, end="", today=TODAY, **said):
    """The one mark of an engagement; `states` are (state, as of), oldest first."""
    row = engagement(start=start, end=end, statuses=tuple(status(*one) for one in states), **said)
    [mark] = timeline([row], today).marks
    return mark


@pytest.mark.parametrize(
    ("start", "precision", "days"),
    [("2019", "year", 365), ("2020", "year", 366), ("2019-06", "month", 30), ("2019-06-05", "day", 1)],
)
def test_date_covers_all_days_that_it_may_mean(start, precision, days):
    mark = mark_of(start, ("announced", start))

    assert (mark.precision, mark.after - mark.begins) == (precision, days)
    assert mark.begins == day(f"{start}-01-01"[:10] if len(start) == 4 else f"{start}-01"[:10])


def test_active_one_without_an_end_reaches_to_the_last_day_it_was_seen():
    mark = mark_of("2019-06-05", ("announced", "2019-06-05"), ("active", "2020-12"))

    assert (mark.begins, mark.after) == (day("2019-06-05"), day("2021-01-01"))
    assert (mark.open, mark.planned) == (True, None)


def test_state_known_to_the_year_reaches_no_further_than_today():
    assert mark_of("2019", ("active", "2026")).after == day(TODAY) + 1


@pytest.mark.parametrize("state", ["announced", "signed", "stalled", "completed", "cancelled"])
def test_one_that_was_never_seen_active_stands_at_its_start_alone(state):
    mark = mark_of("2018-09-11", (state, "2023-06-05"))

    assert (mark.begins, mark.after, mark.open, mark.planned) == (day("2018-09-11"), day("2018-09-12"), False, None)


def test_completed_one_without_an_end_reaches_to_the_last_day_it_was_seen_active():
    mark = mark_of("2018-09-11", ("active", "2020-01-01"), ("completed", "2023-06-05"))

    assert (mark.after, mark.open, mark.state) == (day("2020-01-02"), True, "completed")
    assert mark.words == "11 September 2018, completed by 5 June 2023"


def test_period_reaches_from_start_to_end():
    mark = mark_of("2016-06-25", ("stalled", "2023"), end="2023-08")

    assert (mark.begins, mark.after, mark.planned) == (day("2016-06-25"), day("2023-09-01"), None)
    assert mark.words == "25 June 2016 – August 2023, stalled"


def test_end_named_ahead_is_planned_beyond_the_last_day_it_was_seen():
    mark = mark_of("2022-11-25", ("active", "2025-11"), end="2027")

    assert (mark.after, mark.planned, mark.open) == (day("2025-12-01"), day("2028-01-01"), False)
    assert timeline([engagement(end="2027", statuses=(status("active", "2025-11"),))], TODAY).last_year == 2027


def test_planned_end_that_has_passed_unseen_is_still_only_planned():
    mark = mark_of("2019-01", ("active", "2020-06-05"), end="2022")

    assert (mark.after, mark.planned) == (day("2020-06-06"), day("2023-01-01"))


def test_announced_period_is_known_in_its_start_only():
    mark = mark_of("2024-02", ("announced", "2024-02"), end="2026")

    assert (mark.after, mark.planned) == (day("2024-03-01"), day("2027-01-01"))


def test_announced_event_of_two_days_is_no_plan_where_both_lie_in_what_its_start_means():
    assert mark_of("2019-06", ("announced", "2019-06"), end="2019-06-10").planned is None


def test_one_without_a_state_is_drawn_at_its_start():
    mark = mark_of("2019-06-05")

    assert (mark.state, mark.after - mark.begins) == ("", 1)
    assert mark.words == "5 June 2019, state not known to us"


def test_lanes_are_in_the_channels_order_with_the_oldest_first():
    rows = [
        engagement("Late", start="2021", channel=RESEARCH),
        engagement("Early", start="2019", channel=RESEARCH),
        engagement("Fund", start="2020"),
    ]

    model = timeline(rows, TODAY)

    assert [(lane.name, lane.ours) for lane in model.lanes] == [(FUNDS.name, False), (RESEARCH.name, True)]
    assert [mark.title for mark in model.lanes[1].marks] == ["Early", "Late"]


def test_few_have_titles_and_a_row_each_and_many_are_packed():
    rows = [engagement(start=f"{2000 + number}-01-01") for number in range(MOST_TITLED)]

    few, many = timeline(rows, TODAY), timeline([*rows, engagement(start="2025")], TODAY)

    assert (few.titled, few.lanes[0].rows) == (True, MOST_TITLED)
    assert (many.titled, many.lanes[0].rows) == (False, 1)


def test_withheld_one_is_not_drawn_and_not_counted():
    model = timeline([engagement(), engagement("Secret", withheld=True, contested=True)], TODAY)

    assert len(model.marks) == 1
    assert model.title == "1 engagement in our collection, dated 2019"
    assert "contested" not in model.alt


def test_one_without_a_start_is_not_drawn_and_said():
    model = timeline([engagement(), engagement(start="")], TODAY)

    assert (len(model.marks), model.undated) == (1, 1)
    assert "1 without a known start is not drawn" in model.alt


def test_nothing_recorded_is_said():
    model = timeline([], TODAY, about="Radar")

    assert (model.lanes, timeline_steps(model)) == ((), 0)
    assert model.title == "Radar: no engagement in our collection"
    assert (model.first_year, model.last_year) == (2024, 2026)


def test_title_names_the_year_that_most_date_from():
    rows = [engagement(start=start) for start in ("2018", "2019-01", "2019-02", "2019-02-03", "2021")]

    assert timeline(rows, TODAY).title == (
        "Of 5 engagements in our collection, 3 date from 2019, more than from any other year"
    )
    assert timeline(rows[:2] + rows[4:], TODAY, about="Funds").title == (
        "Funds: 3 engagements in our collection, dated from 2018 to 2021"
    )


def test_alt_gives_channels_years_states_and_what_is_old_or_contested():
    rows = [
        engagement(start="2018-05", statuses=(status("active", "2020"),)),
        engagement(start="2019", contested=True, channel=RESEARCH),
        engagement(start="2019-07-01", statuses=(status("completed", "2019"),)),
    ]

    assert timeline(rows, TODAY).alt == (
        "3 engagements recorded in our collection, by channel: Joint investment funds 2, Joint research 1. The first is "
        "dated May 2018, the last July 2019. More date from 2019 than from any other year: 2. State when last seen: "
        "1 announced, 1 active, 1 completed. 2 not confirmed for 24 months. 1 contested."
    )


def test_page_names_the_figure_by_the_models_own_words_and_height():
    model = timeline([engagement(), engagement(channel=RESEARCH)], TODAY)

    ref = timeline_ref(model, "channel=x", "engagements")

    assert (ref.name, ref.query, ref.title, ref.alt) == ("cooperation-timeline", "channel=x", model.title, model.alt)
    assert ref.size == timeline_steps(model) == 2 * (LEAST_LANE_STEPS + BETWEEN_STEPS)


def test_height_follows_the_rows_of_the_lanes():
    titled = timeline([engagement() for _ in range(9)], TODAY)
    crowded = timeline([engagement() for _ in range(MOST_TITLED + 1)], TODAY)

    assert timeline_steps(titled) == 9 * TITLED_STEPS + BETWEEN_STEPS
    assert timeline_steps(crowded) == (MOST_TITLED + 1) * ROW_STEPS + BETWEEN_STEPS


YEARS = st.integers(2005, 2030)
DATES = st.one_of(
    YEARS.map(str),
    st.tuples(YEARS, st.integers(1, 12)).map(lambda d: f"{d[0]}-{d[1]:02}"),
    st.dates(datetime.date(2005, 1, 1), datetime.date(2030, 12, 31)).map(str),
)
STATES = st.sampled_from(["announced", "signed", "active", "stalled", "completed", "cancelled"])


@st.composite
def rows_of(draw, most=60):
    rows = []
    for number in range(draw(st.integers(0, most))):
        start, end = draw(DATES), draw(st.one_of(st.just(""), DATES))
        states = draw(
            st.lists(st.tuples(STATES, DATES), max_size=3).map(lambda found: sorted(found, key=lambda s: s[1]))
        )
        rows.append(
            engagement(
                f"Engagement {number}",
                start=start,
                end=max(start, end) if end else "",
                statuses=tuple(status(*one) for one in states),
                channel=draw(st.sampled_from([FUNDS, RESEARCH])),
                contested=draw(st.booleans()),
            )
        )
    return rows


@given(rows_of())
def test_no_two_marks_of_a_row_take_the_same_days(rows):
    model = timeline(rows, TODAY)
    axis = model.axis[1] - model.axis[0]

    for lane in model.lanes:
        for one, other in combinations(lane.marks, 2):
            if one.row == other.row:
                (left, right), (start, end) = room_of(one, axis), room_of(other, axis)
                assert right <= start or end <= left


@given(rows_of(most=30))
def test_no_row_of_a_lane_is_empty_and_every_engagement_is_drawn_once(rows):
    model = timeline(rows, TODAY)

    assert sorted(mark.title for mark in model.marks) == sorted(row.link.text for row in rows)
    for lane in model.lanes:
        assert {mark.row for mark in lane.marks} == set(range(lane.rows))


@given(rows_of(most=12))
def test_nothing_is_known_after_today_but_what_a_date_itself_names(rows):
    for row in rows:
        [mark] = timeline([row], TODAY).marks
        [only_start] = timeline([replace(row, end="", statuses=())], TODAY).marks
        assert mark.begins == only_start.begins
        ended = row.end and row.status and row.status.state in ("completed", "cancelled", "stalled")
        assert mark.after <= max(day(TODAY) + 1, only_start.after) or ended
        assert mark.planned is None or mark.planned > mark.after


@given(rows_of(most=12), st.randoms())
def test_order_of_the_rows_given_changes_nothing(rows, random):
    mixed = random.sample(rows, len(rows))

    assert timeline(mixed, TODAY) == timeline(rows, TODAY)
