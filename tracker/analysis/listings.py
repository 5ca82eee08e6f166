"""Who is on a list, since when and until when, as far as known.

A listing is one organisation's stay on a list. Its first and last dates may be known only to the month or the year,
or not at all; that a later edition does not repeat it ends nothing, though of the days after one that is the whole list
nobody can say that it is still there. So “was it listed on this day?” has three answers.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracker.analysis.cooperation import in_words
from tracker.analysis.engagements import OrganisationRef
from tracker.analysis.figure_model import FigureModel
from tracker.analysis.partial_date import first_day, last_day
from tracker.analysis.read_model import Cited, FigureRef, Link, Value, citing, long_date, stated
from tracker.analysis.second_hand import second_hand_mark

LISTED, NOT_LISTED, CANNOT_BE_SAID = "listed", "not listed", "cannot be said"
NO_REMOVAL = "no removal known to us"
ABSENCE = (
    "That an edition does not repeat an organisation does not remove it: some editions only add. A listing ends here "
    "only where a source states the removal; after an edition that is the whole list and leaves it out, it cannot be said."
)


@dataclass(frozen=True)
class ControlRef:
    """A control as others name it. `kind` is in words: 'entity list', 'list of organisations' …"""

    pk: int
    slug: str
    name: str
    short_name: str = ""
    kind: str = ""

    @property
    def address(self) -> str:
        return f"/controls/{self.slug}/"

    @property
    def called(self) -> str:
        return self.short_name or self.name

    @property
    def link(self) -> Link:
        return Link(self.name, self.address)

    @property
    def short_link(self) -> Link:
        return Link(self.called, self.address)


@dataclass(frozen=True)
class Entry:
    """That an edition of the list names the organisation. `date` is partial; `listed_as`: how it is written there."""

    date: str
    listed_as: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Stay:
    """One organisation's stay on one list. Dates are partial; '' = not known, of `until` no removal known to us.

    `entries`: the editions that name it, oldest first. `left_out`: the date of the first edition after them that is
    the whole list and does not name it, of a stay whose end is not known; '' where there is none.
    """

    pk: int
    organisation: OrganisationRef
    control: ControlRef
    since: str = ""
    until: str = ""
    date_note: str = ""
    note: str = ""
    entries: tuple[Entry, ...] = ()
    cited: tuple[Cited, ...] = ()
    left_out: str = ""

    @property
    def begins(self) -> str:
        """When it is first known to be listed: its first date, else that of the first edition that names it."""
        return self.since or min((entry.date for entry in self.entries), default="")

    @property
    def listed_as(self) -> tuple[str, ...]:
        """How the editions write its name, the newest first, where that is not its name here."""
        found = dict.fromkeys(entry.listed_as for entry in reversed(self.entries) if entry.listed_as)
        return tuple(name for name in found if name != self.organisation.name)


def on_day(stay: Stay, day: datetime.date, today: datetime.date) -> str:
    """LISTED, NOT_LISTED or CANNOT_BE_SAID: whether a stay covers a day, as far as known on `today`.

    It begins on one of the days that its first date may mean, and ends on one of those that its removal may mean: on
    the day of its removal it is not listed any more. Without a first date it is surely listed from the first edition
    that names it, and of the time before nothing can be said. What comes after `today` cannot be said, nor what comes
    after an edition that is the whole list and leaves it out.
    """
    if stay.until and day >= last_day(stay.until):
        return NOT_LISTED
    begins = stay.begins
    if stay.since and day < first_day(stay.since):
        return NOT_LISTED
    if not begins or day < last_day(begins) or day > today:
        return CANNOT_BE_SAID
    ends = stay.until or stay.left_out
    return CANNOT_BE_SAID if ends and day >= first_day(ends) else LISTED


def left_out_by(entries: Sequence[Entry], whole: Iterable[str]) -> str:
    """The first of the editions `whole` (partial dates of those that are the whole list) that comes after all `entries`
    and is none of them; '' where there is none, or no edition is known to name it at all."""
    if not entries:
        return ""
    last = max(last_day(entry.date) for entry in entries)
    return min((date for date in whole if first_day(date) > last), default="")


def on_list(stays: Iterable[Stay], day: datetime.date, today: datetime.date) -> str:
    """The same of all stays of one organisation on one list."""
    answers = {on_day(stay, day, today) for stay in stays}
    return next((answer for answer in (LISTED, CANNOT_BE_SAID) if answer in answers), NOT_LISTED)


def why(stay: Stay, day: datetime.date, today: datetime.date) -> str:
    """Why the answer is as it is, in a few words."""
    answer = on_day(stay, day, today)
    since, until = long_date(stay.since), long_date(stay.until)
    if answer == NOT_LISTED:
        if stay.until and day >= last_day(stay.until):
            return f"removed {on_or_in(stay.until)}"
        return f"listed only since {since}"
    if answer == LISTED:
        start = f"listed since {since}" if stay.since else f"named in the edition of {long_date(stay.begins)}"
        return f"{start}, removed {on_or_in(stay.until)}" if until else f"{start}, {NO_REMOVAL}"
    if day > today:
        return "this day lies after the state of the record"
    if not stay.begins:
        return "since when it is listed is not known to us"
    if day < last_day(stay.begins):
        if not stay.since:
            return (
                f"first seen in the edition of {long_date(stay.begins)}; since when it is listed is not known to us"
            )
        return f"listed since {since}: the day is not known to us"
    if stay.until:
        return f"removed {on_or_in(stay.until)}: the day is not known to us"
    return f"not named by the edition of {long_date(stay.left_out)}, by our reading the whole list; {NO_REMOVAL}"


def on_or_in(date: str) -> str:
    """'on 7 January 2025', 'in January 2025', 'in 2025'."""
    return f"{'on' if len(date) > 7 else 'in'} {long_date(date)}"


@dataclass(frozen=True)
class ListingRow:
    """One stay in a table. `on_day` is the answer for the day that was asked for, '' where none was, `why` its reason.

    `editions`: partial dates of those that name it.
    Of `since` and `until` an unknown content is a date that is not known to us.
    """

    organisation: Link
    control: Link
    since: Value
    until: Value
    on_day: str
    why: str
    editions: tuple[str, ...]
    listed_as: str
    date_note: str
    note: str
    mark: str


def listing_rows(stays: Iterable[Stay], day: datetime.date | None, today: datetime.date) -> tuple[ListingRow, ...]:
    """The stays in a table, in their order."""
    return tuple(
        ListingRow(
            stay.organisation.link,
            stay.control.short_link,
            stated(stay.since or None, citing(stay.cited, "since")),
            stated(stay.until or None, citing(stay.cited, "until")),
            on_day(stay, day, today) if day else "",
            why(stay, day, today) if day else "",
            tuple(entry.date for entry in stay.entries),
            "; ".join(stay.listed_as),
            stay.date_note,
            stay.note,
            second_hand_mark(stay.cited),
        )
        for stay in stays
    )


def by_date(stays: Iterable[Stay]) -> tuple[Stay, ...]:
    """Those listed longest first, then by name; without a first date last."""
    return tuple(sorted(stays, key=lambda one: (not one.begins, one.begins, one.organisation.name.casefold())))


def _of_one(stays: Iterable[Stay]) -> dict[tuple[int, int], list[Stay]]:
    found: dict[tuple[int, int], list[Stay]] = {}
    for stay in stays:
        found.setdefault((stay.control.pk, stay.organisation.pk), []).append(stay)
    return found


def day_sentence(stays: Sequence[Stay], day: datetime.date, today: datetime.date) -> str:
    """Who of a list was on it on a day: 'On 5 October 2022, of the 23 organisations of this list in our collection, 15
    are listed, 7 are not, as far as known to us; of 1 it cannot be said.'"""
    groups = _of_one(stays)
    answers = [on_list(own, day, today) for own in groups.values()]
    listed, cannot = answers.count(LISTED), answers.count(CANNOT_BE_SAID)
    said = long_date(day.isoformat())
    if day > today:
        return f"{said} lies after the state of the record, {long_date(today.isoformat())}: it cannot be said."
    of = f"the {len(groups)} organisations" if len(groups) != 1 else "the one organisation"
    was = "was" if listed == 1 else "were"
    text = f"On {said}, of {of} on this list in our collection, {listed or 'none'} {was} listed"
    others = len(groups) - listed - cannot
    if others:
        text += f" and {others} {'was' if others == 1 else 'were'} not"
    text += ", as far as known to us"
    if cannot:
        text += f"; of {cannot} it cannot be said"
    return f"{text}."


def organisation_day_sentence(stays: Sequence[Stay], day: datetime.date, today: datetime.date) -> str:
    """On which lists an organisation was on a day: 'On 5 October 2022: listed on Section 1260H; not listed on …'."""
    said = long_date(day.isoformat())
    if day > today:
        return f"{said} lies after the state of the record, {long_date(today.isoformat())}: it cannot be said."
    names: dict[str, list[str]] = {}
    for own in _of_one(stays).values():
        names.setdefault(on_list(own, day, today), []).append(f"the {own[0].control.called}")
    parts = []
    if LISTED in names:
        parts.append(f"listed on {_and(names[LISTED])}")
    if NOT_LISTED in names:
        parts.append(f"not listed on {_and(names[NOT_LISTED])}, as far as known to us")
    if CANNOT_BE_SAID in names:
        parts.append(f"of {_and(names[CANNOT_BE_SAID])} it cannot be said")
    return f"On {said}: {'; '.join(parts)}."


def listed_sentence(stays: Sequence[Stay], today: datetime.date) -> str:
    """'On two lists, no removal known to us: the Entity List (since May 2019) and the Section 1260H list (since …).';
    '' of none."""
    still: list[str] = []
    gone: list[str] = []
    for own in _of_one(by_date(stays)).values():
        last = own[-1]
        called = f"the {last.control.called}"
        if on_list(own, today, today) == NOT_LISTED:
            gone.append(f"{called} ({words_of(last)})")
        else:
            since = f"since {long_date(last.since)}" if last.since else "since when is not known to us"
            if last.left_out:
                since += f", though the edition of {long_date(last.left_out)} does not name it"
            still.append(f"{called} ({since})")
    said = []
    if still:
        number = "one list" if len(still) == 1 else f"{in_words(len(still))} lists"
        said.append(f"On {number}, {NO_REMOVAL}: {_and(still)}.")
    if gone:
        said.append(f"Was on {_and(gone)}.")
    return " ".join(said)


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


NAME = "listings"
LEAST_YEARS = 3
OUR_COLLECTION = "our collection; each listing names its sources"


@dataclass(frozen=True)
class Tick:
    """An edition of a list on the axis of time. `date` is partial; `whole`: it repeats the whole list."""

    date: str
    whole: bool = False


@dataclass(frozen=True)
class Bar:
    """One stay as it is drawn. Days are proleptic ordinals; `after` are the first days no longer covered.

    Listed for sure from `sure` to `sure_after`, on days unknown to us between `first` and `sure` and between
    `sure_after` and `after` it begins and ends. `open`: no removal is known to us. `unknown_start`: since when it is
    listed is not known, only that an edition names it.
    """

    first: int
    sure: int
    sure_after: int
    after: int
    open: bool = False
    unknown_start: bool = False


@dataclass(frozen=True)
class BarRow:
    """An organisation, or a list: its bars, what is written beside them, and the days of editions that name it.

    `answer` is that for the day asked for; '' where none was.
    """

    label: str
    words: str
    bars: tuple[Bar, ...]
    named: tuple[int, ...]
    answer: str = ""


@dataclass(frozen=True, kw_only=True)
class ListingsModel(FigureModel):
    """Stays on an axis of whole years, from `first_year` to the end of `last_year`. `today` and `on` are ordinals.

    `ticks`: the editions of the list, as (ordinal, whether it repeats the whole list).
    """

    rows: tuple[BarRow, ...]
    ticks: tuple[tuple[int, bool], ...]
    first_year: int
    last_year: int
    today: int
    on: int | None = None
    on_said: str = ""

    @property
    def axis(self) -> tuple[int, int]:
        """The first day of the axis and the day after its last."""
        return datetime.date(self.first_year, 1, 1).toordinal(), datetime.date(self.last_year + 1, 1, 1).toordinal()


def bar(stay: Stay, today: datetime.date) -> Bar | None:
    """How a stay is drawn; None where neither its first date nor an edition that names it is known."""
    if not stay.begins:
        return None
    sure = last_day(stay.begins).toordinal()
    first = first_day(stay.since).toordinal() if stay.since else sure
    if not stay.until:
        after = max(today.toordinal() + 1, sure + 1)
        if stay.left_out:
            return Bar(first, sure, first_day(stay.left_out).toordinal(), after, unknown_start=not stay.since)
        return Bar(first, sure, after, after, open=True, unknown_start=not stay.since)
    after = max(last_day(stay.until).toordinal(), first + 1)
    sure_after = min(max(first_day(stay.until).toordinal(), sure), after)
    return Bar(first, min(sure, sure_after), sure_after, after, unknown_start=not stay.since)


def listings_figure(
    stays: Sequence[Stay],
    ticks: Sequence[Tick],
    today: str,
    *,
    about: str,
    of_organisation: bool = False,
    on: datetime.date | None = None,
    date: str = "",
) -> ListingsModel:
    """The stays on one list, a row an organisation; or with `of_organisation` those of one, a row a list.

    `about` is the list or organisation; `today` the ISO day of the page.
    """
    now = datetime.date.fromisoformat(today)
    groups: dict[int, list[Stay]] = {}
    for stay in by_date(stays):
        groups.setdefault(stay.control.pk if of_organisation else stay.organisation.pk, []).append(stay)
    rows = []
    for own in groups.values():
        named = [last_day(entry.date).toordinal() for stay in own for entry in stay.entries]
        rows.append(
            BarRow(
                own[0].control.called if of_organisation else own[0].organisation.name,
                "; ".join(words_of(stay) for stay in own),
                tuple(one for stay in own if (one := bar(stay, now)) is not None),
                tuple(dict.fromkeys(named)),
                on_list(own, on, now) if on else "",
            )
        )
    bars = [one for row in rows for one in row.bars]
    days = [*(one.first for one in bars), *(last_day(tick.date).toordinal() for tick in ticks)]
    first = min((datetime.date.fromordinal(day).year for day in days), default=now.year)
    last = max((datetime.date.fromordinal(one.after - 1).year for one in bars), default=now.year)
    last = max(last, now.year)
    first = min(first, last - LEAST_YEARS + 1)
    # A day far away would press the bars together: then it is told, and not drawn.
    drawn = on is not None and first <= on.year <= last
    asked = f". Names in bold: listed on {long_date(on.isoformat())}; with “?”: it cannot be said" if on else ""
    return ListingsModel(
        title=figure_title(stays, about, today, of_organisation=of_organisation),
        subtitle=f"Each bar is a stay on the list, as far as its dates are known to us{asked}",
        source=OUR_COLLECTION,
        date=date,
        alt=figure_alt(rows, ticks, about),
        rows=tuple(rows),
        ticks=tuple((last_day(tick.date).toordinal(), tick.whole) for tick in ticks),
        first_year=first,
        last_year=last,
        today=now.toordinal(),
        on=on.toordinal() if on and drawn else None,
        on_said=long_date(on.isoformat()) if on and drawn else "",
    )


def words_of(stay: Stay) -> str:
    """'since 3 June 2021, no removal known to us'; 'October 2022 – 7 January 2025'."""
    if stay.until:
        begin = long_date(stay.begins) if stay.begins else "since when is not known"
        return f"{begin} – {long_date(stay.until)}, removed"
    if stay.left_out:
        begin = f"since {long_date(stay.since)}" if stay.since else f"named {on_or_in(stay.begins)}"
        return f"{begin}, not named by the edition of {long_date(stay.left_out)}, {NO_REMOVAL}"
    if stay.since:
        return f"since {long_date(stay.since)}, {NO_REMOVAL}"
    return f"named {on_or_in(stay.begins)}, {NO_REMOVAL}" if stay.begins else f"dates not known, {NO_REMOVAL}"


def figure_title(stays: Sequence[Stay], about: str, today: str, *, of_organisation: bool = False) -> str:
    """'Section 1260H list: 23 organisations of our collection are or were on it, 3 were removed'."""
    groups = list(_of_one(stays).values())
    now = datetime.date.fromisoformat(today)
    still = sum(on_list(own, now, now) != NOT_LISTED for own in groups)
    if of_organisation:
        if len(groups) == 1:
            called = groups[0][0].control.called
            return f"{about}: on one list, {called}" if still else f"{about}: was on one list, {called}"
        return (
            f"{about}: on {still} of {len(groups)} lists, as far as known to us"
            if still < len(groups)
            else (f"{about}: on {len(groups)} lists, no removal known to us")
        )
    number = f"{len(groups)} organisation{'' if len(groups) == 1 else 's'} of our collection"
    gone = len(groups) - still
    if not gone:
        return f"{about}: {number}, no removal known to us"
    return f"{about}: {number}, {gone} of them removed"


def figure_alt(rows: Sequence[BarRow], ticks: Sequence[Tick], about: str) -> str:
    """What the figure shows, in sentences: each row with its dates."""
    if not rows:
        return "No listing is recorded, so nothing is drawn."
    parts = [f"{about}, listings over time."]
    parts += [f"{row.label}: {row.words}." for row in rows]
    if ticks:
        parts.append(f"Editions: {'; '.join(long_date(tick.date) for tick in ticks)}.")
    return " ".join(parts)


def listings_ref(model: ListingsModel, query: str, table: str) -> FigureRef:
    """The figure as a page names it; `query` holds what /charts/ takes."""
    return FigureRef(NAME, query, model.title, model.alt, table, len(model.rows))
