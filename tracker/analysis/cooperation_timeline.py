"""Engagements on an axis of time, in lanes by channel: which days each is drawn over, and in which row of its lane.

Nothing is drawn that is not known: a date of a year covers that year, an engagement of which only the beginning is
known stands there, one that was last seen active reaches to the last day that this was seen. Only an end that
sources name ahead is drawn beyond that, as planned.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tracker.analysis.engagements import (
    ENDED,
    STATES,
    EngagementRow,
    by_date,
    count_by_state,
    count_by_year,
    countable,
    standing_of,
)
from tracker.analysis.figure_model import FigureModel
from tracker.analysis.partial_date import first_day, last_day
from tracker.analysis.read_model import FigureRef, Link, long_date, written
from tracker.analysis.technologies import joined

NAME = "cooperation-timeline"
# Titles stand beside the marks of so many engagements; of more they would be an unreadable list.
MOST_TITLED = 25
LEAST_YEARS = 3
# The room a mark takes however short its time, and the air after a longer one, in parts of the axis: on a phone,
# where the axis is 358 pixels long, a mark is 8 wide.
SLOT, AIR = 1 / 38, 1 / 180
# How tall the drawing is, in steps: a row of marks, a row with its title, the least of a lane (its name takes three
# lines beside it) and what stands above or between lanes.
ROW_STEPS, TITLED_STEPS, LEAST_LANE_STEPS, BETWEEN_STEPS = 5, 14, 15, 5
OWN_CHANNEL = "added by us"
OUR_COLLECTION = "our collection; each record names its sources"
# States of which a known end is an end, not a plan.
DONE = (*ENDED, "stalled")
# So many engagements of one year are worth saying.
WORTH_SAYING = 3


@dataclass(frozen=True)
class TimelineMark:
    """One engagement as it is drawn. Days are proleptic ordinals; `after` is the first day no longer covered.

    `begins` to `after` is what is known: to its end, or to the last day on which it was seen active, or its start
    alone. `precision` is that of its start: day, month or year. `planned` is the day after an end that sources named
    ahead, None where there is none beyond what is known. `open`: it was seen active and no end is known. `row` counts
    from the top of its lane.
    """

    engagement: Link
    state: str
    words: str
    precision: str
    begins: int
    after: int
    planned: int | None = None
    open: bool = False
    contested: bool = False
    row: int = 0

    @property
    def title(self) -> str:
        return self.engagement.text

    @property
    def middle(self) -> float:
        """The middle of what is known."""
        return (self.begins + self.after) / 2

    @property
    def reach(self) -> int:
        """The day after all that is drawn of it."""
        return max(self.after, self.planned or 0)


@dataclass(frozen=True)
class TimelineLane:
    """A channel with its engagements, oldest first; `ours`: the channel is none of ASPI's five."""

    name: str
    ours: bool
    marks: tuple[TimelineMark, ...]

    @property
    def rows(self) -> int:
        return max((mark.row for mark in self.marks), default=-1) + 1


@dataclass(frozen=True, kw_only=True)
class TimelineModel(FigureModel):
    """Lanes in the channels' order. The axis runs over whole years, from `first_year` to the end of `last_year`.

    `today` is an ordinal. `undated` engagements have no known start and are not drawn.
    """

    lanes: tuple[TimelineLane, ...]
    first_year: int
    last_year: int
    today: int
    undated: int = 0

    @property
    def marks(self) -> tuple[TimelineMark, ...]:
        return tuple(mark for lane in self.lanes for mark in lane.marks)

    @property
    def titled(self) -> bool:
        """Whether each mark has its title beside it, and a row of its own."""
        return len(self.marks) <= MOST_TITLED

    @property
    def axis(self) -> tuple[int, int]:
        """The first day of the axis and the day after its last."""
        return _new_year(self.first_year), _new_year(self.last_year + 1)


def timeline(
    rows: Iterable[EngagementRow], today: str, *, about: str = "", source: str = "", date: str = ""
) -> TimelineModel:
    """The figure of these engagements as of `today` (ISO day). `about` names what they were chosen by, '' for all."""
    found = by_date(countable(rows))
    day = datetime.date.fromisoformat(today)
    dated = [row for row in found if row.start]
    drawn = [(row, _mark(row, day)) for row in dated]
    first, last = _years([mark for _, mark in drawn], day)
    axis = _new_year(last + 1) - _new_year(first)
    channels = sorted({row.channel for row in dated}, key=lambda channel: (channel.position, channel.name))
    lanes = []
    for channel in channels:
        own = [mark for row, mark in drawn if row.channel == channel]
        packed = one_a_row(own) if len(drawn) <= MOST_TITLED else packed_rows(own, axis)
        lanes.append(TimelineLane(channel.name, channel.origin == "ours", packed))
    return TimelineModel(
        title=_title(found, about),
        subtitle="Each mark is one engagement, drawn over the days that are known of it. Counting records is not "
        "measuring cooperation",
        source=source or OUR_COLLECTION,
        date=date,
        alt=_alt(found, today, about),
        lanes=tuple(lanes),
        first_year=first,
        last_year=last,
        today=day.toordinal(),
        undated=len(found) - len(dated),
    )


def timeline_ref(model: TimelineModel, query: str, table: str) -> FigureRef:
    """The figure as a page names it; `query` holds what the engagements were chosen by, as /charts/ takes it."""
    return FigureRef(NAME, query, model.title, model.alt, table, timeline_steps(model))


def timeline_steps(model: TimelineModel) -> int:
    """How tall the drawing is, in steps (see charts/dimensions.py); 0 where nothing is drawn."""
    each = TITLED_STEPS if model.titled else ROW_STEPS
    return sum(max(lane.rows * each, LEAST_LANE_STEPS) + BETWEEN_STEPS for lane in model.lanes)


def packed_rows(marks: Sequence[TimelineMark], axis: int) -> tuple[TimelineMark, ...]:
    """The marks, each in the first row from the top that is free where it stands; `axis` is its length in days."""
    ends: list[float] = []
    packed = []
    for mark in marks:
        left, right = room_of(mark, axis)
        row = next((at for at, end in enumerate(ends) if end <= left), len(ends))
        ends[row:] = [right, *ends[row + 1 :]]
        packed.append(replace(mark, row=row))
    return tuple(packed)


def one_a_row(marks: Sequence[TimelineMark]) -> tuple[TimelineMark, ...]:
    """Every mark in a row of its own: its title needs one."""
    return tuple(replace(mark, row=row) for row, mark in enumerate(marks))


def room_of(mark: TimelineMark, axis: int) -> tuple[float, float]:
    """The days that a mark takes in its row: what is drawn of it, but never less than a mark can be seen in."""
    half = axis * SLOT / 2
    return min(mark.begins, mark.middle - half), max(mark.reach + axis * AIR, mark.middle + half)


def _mark(row: EngagementRow, today: datetime.date) -> TimelineMark:
    state = row.status.state if row.status else ""
    first, start_over = first_day(row.start), last_day(row.start)
    end = max(last_day(row.end), start_over) if row.end else None
    seen = [
        min(last_day(status.as_of), today) for status in row.statuses if status.state == "active" and status.as_of
    ]
    known = max([start_over, *seen])
    if end is not None:
        known = end if state in DONE else min(known, end)
    return TimelineMark(
        engagement=row.link,
        state=state,
        words=_words(row, state),
        precision={4: "year", 7: "month"}.get(len(row.start), "day"),
        begins=first.toordinal(),
        after=known.toordinal() + 1,
        planned=end.toordinal() + 1 if end is not None and end > known else None,
        open=end is None and bool(seen),
        contested=row.contested,
    )


def _words(row: EngagementRow, state: str) -> str:
    """'June 2016 – August 2023, stalled': its dates as known, and its state."""
    dates = long_date(row.start)
    if row.end and row.end != row.start:
        dates = f"{dates} – {long_date(row.end)}"
    said = state or "state not known to us"
    if row.status and state == "active":
        said = f"active, last seen {long_date(row.status.as_of)}"
    elif row.status and state in DONE and not row.end and row.status.as_of != row.start:
        said = f"{state} by {long_date(row.status.as_of)}"
    return f"{dates}, {said}" + (", contested" if row.contested else "")


def _years(marks: Sequence[TimelineMark], today: datetime.date) -> tuple[int, int]:
    """First and last year of the axis: all that is drawn, and today."""
    first = min((datetime.date.fromordinal(mark.begins).year for mark in marks), default=today.year)
    last = max((datetime.date.fromordinal(mark.reach - 1).year for mark in marks), default=today.year)
    last = max(last, today.year)
    return min(first, last - LEAST_YEARS + 1), last


def _new_year(year: int) -> int:
    return datetime.date(year, 1, 1).toordinal()


def engagements_said(number: int) -> str:
    """'1 engagement', '94 engagements'."""
    return f"{written(number)} engagement" + ("" if number == 1 else "s")


def busiest_years(rows: Iterable[EngagementRow]) -> tuple[tuple[str, ...], int]:
    """The years that most engagements date from, and how many do; none where no start is known."""
    years = {year: number for year, number in count_by_year(rows).items() if year}
    most = max(years.values(), default=0)
    return tuple(year for year, number in years.items() if number == most), most


def _title(rows: Sequence[EngagementRow], about: str) -> str:
    head = f"{about}: " if about else ""
    if not rows:
        return f"{head}no engagement in our collection" if about else "No engagement in our collection"
    number = engagements_said(len(rows))
    years = sorted({row.year for row in rows if row.year})
    if not years:
        return f"{head}{number} in our collection"
    if len(years) == 1:
        return f"{head}{number} in our collection, dated {years[0]}"
    busiest, most = busiest_years(rows)
    if len(busiest) == 1 and most >= WORTH_SAYING:
        said = f"of {number} in our collection, {most} date from {busiest[0]}, more than from any other year"
        return f"{head}{said}" if about else said[0].upper() + said[1:]
    return f"{head}{number} in our collection, dated from {years[0]} to {years[-1]}"


def _alt(rows: Sequence[EngagementRow], today: str, about: str) -> str:
    """What the figure shows, in sentences: channels, years, states, what is contested and what is old."""
    if not rows:
        return "No engagement is recorded, so nothing is drawn."
    channels = Counter(row.channel.name for row in rows)
    by_number = sorted(channels.items(), key=lambda pair: (-pair[1], pair[0]))
    where = ", ".join(f"{name} {number}" for name, number in by_number)
    parts = [
        f"{about + ': ' if about else ''}{engagements_said(len(rows))} recorded in our collection, by channel: {where}."
    ]
    starts = [row.start for row in rows if row.start]
    if len(starts) == 1:
        parts.append(f"It is dated {long_date(starts[0])}.")
    elif starts:
        parts.append(f"The first is dated {long_date(starts[0][:7])}, the last {long_date(starts[-1][:7])}.")
        busiest, most = busiest_years(rows)
        if most > 1 and len(busiest) <= WORTH_SAYING:
            parts.append(
                f"More date from {busiest[0]} than from any other year: {most}."
                if len(busiest) == 1
                else f"The years with most are {joined(busiest)}: {most} each."
            )
    states = count_by_state(rows)
    said = [f"{states[state]} {state or 'not known'}" for state in (*STATES, "") if states.get(state)]
    parts.append(f"State when last seen: {', '.join(said)}.")
    old = sum(bool(standing_of(row, today).unconfirmed_since) for row in rows)
    contested = sum(row.contested for row in rows)
    if old:
        parts.append(f"{old} not confirmed for 24 months.")
    if contested:
        parts.append(f"{contested} contested.")
    if undated := len(rows) - len(starts):
        parts.append(f"{undated} without a known start {'is' if undated == 1 else 'are'} not drawn.")
    return " ".join(parts)
