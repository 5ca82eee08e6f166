"""/compare/: two to four sides against each other, in one edition, over the windows of a series, or in two editions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Q

from tracker.analysis import movement
from tracker.analysis.compare_page import ComparePage, ReadyRow, SideRow, WithoutRow, place_list
from tracker.analysis.comparison import (
    GAP,
    NOTHING,
    READY_MADE,
    Case,
    Compared,
    RaceRow,
    TurnRow,
    bands,
    compared,
    compared_row,
    compared_row_type,
    in_order,
    race,
    races,
    turn,
)
from tracker.analysis.figure_model import comparison_rows
from tracker.analysis.finding import (
    comparison_alt,
    findings,
    lacking,
    now_sentence,
    opening,
    other_editions,
    over_the_fields,
    question_title,
    slope_alt,
    stated_leads,
    trajectory_alt,
    why_not,
)
from tracker.analysis.home import counted
from tracker.analysis.leadership import AssessmentRow, ScoreRow
from tracker.analysis.ordering import ordered
from tracker.analysis.read_model import EditionRef, FigureRef, Link, Place, TableData, Value
from tracker.analysis.scoreboard import scoreboard, scoreboard_row_type, totals
from tracker.analysis.side import Places, Side, SideRefused, capital, checked, listed, shared_members
from tracker.analysis.technologies import category_slug, joined, lower_first
from tracker.analysis.trajectory import CrossoverRow, crossover_rows, crossover_sentence
from tracker.history.past import Moment
from tracker.pages.home import stated_counts
from tracker.pages.not_found import Moved
from tracker.pages.question import (
    ADDRESS,
    Asked,
    Question,
    Refused,
    Subject,
    chooser,
    chosen_edition,
    form,
    read_places,
    read_subjects,
    resolved,
    words_of,
)
from tracker.pages.rows import (
    TOO_MUCH,
    CitedBy,
    Editions,
    EntryRow,
    RecordReader,
    WindowRow,
    all_withheld,
    assessment_row,
    cited_scores,
    reading_record,
)

TRAIL = (Link("Home", "/"),)


@dataclass(frozen=True)
class _Rows:
    """The record's rows for a question, by window and technology."""

    entries: tuple[EntryRow, ...]
    scores: dict[tuple[int, int], list[ScoreRow]]
    assessments: dict[tuple[int, int], AssessmentRow]
    remainders: dict[tuple[int, int], Decimal]
    stated: dict[Place, Value]


@dataclass(frozen=True)
class _Answer:
    """A question, the rows that answer it, and what the page's form offers."""

    reader: RecordReader
    question: Question
    rows: _Rows
    places: Places
    subjects: tuple[Subject, ...]
    sort: str

    def page(self, *, edition: EditionRef, notes: Sequence[str] = (), **own: Any) -> ComparePage:
        """The page with what every answer has: its place on the site, the form, who is on which side."""
        question = self.question
        return ComparePage(
            address=ADDRESS,
            trail=(*TRAIL, Link("Compare", ADDRESS)),
            edition=edition,
            chooser=chooser(question, self.reader.editions, self.places, self.subjects, self.rows.entries),
            sides=_side_rows(question.sides),
            notes=(*_notes(question.sides, question.level == "field"), *self._sums(), *notes),
            ready=_ready(self.places, question),
            stamp=self.reader.stamp(),
            **own,
        )

    def _sums(self) -> tuple[str, ...]:
        """Where the known shares of all countries add up to clearly more than 100 per cent."""
        names = {entry.technology_pk: lower_first(entry.technology.text) for entry in self.rows.entries}
        years = {window.pk: window.years for window in self.reader.editions.windows}
        most: dict[int, tuple[Decimal, str]] = {}
        for (window, technology), left in self.rows.remainders.items():
            if left < -TOO_MUCH and technology in names:
                most[technology] = max(most.get(technology, (Decimal(0), "")), (100 - left, years[window]))
        return tuple(
            f"The shares of all countries in {names[technology]} add up to about {total:.0f}\u202f% in {when}: shares of "
            "early windows are too high there by about as much."
            for technology, (total, when) in sorted(most.items(), key=lambda found: names[found[0]])
        )


def compare(
    *,
    side: Sequence[str] = (),
    edition: str = "",
    technology: str = "",
    category: str = "",
    field: str = "",
    from_: str = "",
    to: str = "",
    in_: str = "",
    swap: str = "",
    sort: str = "",
    at: Moment | None = None,
) -> ComparePage:
    """A comparison; without sides the ready-made ones. What cannot be answered comes back `refused`, with the form.

    Raises Moved (to the address that names the same question by codes and slugs), UnknownSortKey.
    """
    asked = Asked(tuple(side), edition, technology, category, field, from_, to, in_, swap)
    with reading_record(at) as reader:
        places = read_places(reader)
        subjects = read_subjects(reader)
        try:
            if asked.empty:
                return _landing(reader, places, subjects, asked, sort)
            question = resolved(asked, reader.editions, places, subjects)
            if asked != question.asked:
                raise Moved(question.address, permanent=False)
            answer = _Answer(reader, question, _read(reader, question), places, subjects, sort)
            if question.two is not None:
                return _across_time(answer, *question.two)
            if question.subject is not None:
                return _over_windows(answer, question.subject)
            return _in_one_edition(answer)
        except Refused as refused:
            return _refused(refused, asked, reader, places, subjects)


def _read(reader: RecordReader, question: Question) -> _Rows:
    """What the editions of the question say of its sides and of the first two of all: four queries, and one for
    what an edition of technologies states of itself, or for what the known shares of fields leave of 100."""
    editions = reader.editions
    refs = question.editions
    windows = _windows(editions, question)
    codes = {member.code for side in question.sides for member in side.members}
    slugs = {side.place.code for side in question.sides if not side.single}
    of_sides = Q(country__code__in=codes) | Q(bloc__slug__in=slugs) | Q(rank_to__lte=2)
    one: dict[str, Any] = {"technology": question.subject.pk} if question.subject else {}
    entries = reader.entries(edition__in=[editions.pk(ref) for ref in refs], **one)
    pks = [window.pk for window in windows]
    keyed = reader.scores(of_sides, window__in=pks, **one)
    raw = reader.assessments(window__in=pks, **one)
    whole = question.level == "technology" and not question.over_time and question.two is None
    tallies = reader.tallies(window__in=pks, metric="led") if whole and not question.asked.category else ()
    cited = reader.citations(
        {
            "tally": [tally.pk for tally in tallies],
            "score": [score.pk for score in keyed],
            "assessment": [row.pk for row, _, _ in raw],
            "editiontechnology": [entry.pk for entry in entries],
        }
    )
    return _Rows(
        entries,
        cited_scores(keyed, cited, entries, editions),
        {
            (row.window_id, row.technology_id): assessment_row(
                row, lead, second, cited.get(("assessment", row.pk), ())
            )
            for row, lead, second in raw
        },
        _remainders(reader, question, pks, entries, cited),
        {place: value for (_, place), value in stated_counts(tallies, cited).items() if value.out_of is None},
    )


def _remainders(
    reader: RecordReader, question: Question, windows: Sequence[int], entries: Sequence[EntryRow], cited: CitedBy
) -> dict[tuple[int, int], Decimal]:
    """What the known shares of fields leave of 100 per cent. Of technologies it is not known how the publisher
    divides a paper between countries, so nothing is concluded from what is left."""
    if question.level != "field":
        return {}
    one = {"technology": question.subject.pk} if question.subject else {}
    edition_of = {window.pk: window.edition for window in reader.editions.windows}
    withheld = {
        (entry.edition, entry.technology_pk)
        for entry in entries
        if all_withheld(cited.get(("editiontechnology", entry.pk), ()))
    }
    return {
        (window, technology): left
        for (window, technology), left in reader.remainders(window__in=windows, **one).items()
        if (edition_of[window], technology) not in withheld
    }


def _windows(editions: Editions, question: Question) -> tuple[WindowRow, ...]:
    """The editions' own windows; for one technology over time also the earlier ones they speak of."""
    slugs = {ref.slug for ref in question.editions}
    return tuple(
        sorted(
            (w for w in editions.windows if w.edition in slugs and (question.over_time or w.kind == "main")),
            key=lambda window: (window.last_year, window.first_year, window.pk),
        )
    )


def _case(rows: _Rows, label: Link, group: Link | None, window: int, technology: int) -> Case:
    key = (window, technology)
    left = rows.remainders.get(key)
    # The method's own error lets the sum of all run to 100 + TOO_MUCH: so much more may be left. Where the known
    # shares add up to more than that, they say nothing of the others.
    remainder = left + TOO_MUCH if left is not None and left >= -TOO_MUCH else None
    return Case(label, group, tuple(rows.scores.get(key, ())), rows.assessments.get(key), remainder)


def _cases(answer: _Answer, ref: EditionRef) -> dict[int, Case]:
    """The technologies of one edition by primary key, in its own order; of those that have the category asked for
    in one of the question's editions (13 change it from one edition to another)."""
    window, rows = answer.reader.editions.window(ref), answer.rows
    wanted = answer.question.asked.category
    fitting = {e.technology_pk for e in rows.entries if not wanted or category_slug(e.category) == wanted}
    return {
        entry.technology_pk: _case(
            rows, entry.technology, entry.category, window.pk if window else 0, entry.technology_pk
        )
        for entry in rows.entries
        if entry.edition == ref.slug and entry.technology_pk in fitting
    }


def _within(question: Question, rows: _Rows) -> str:
    """The category asked for by its name; empty where none is. Raises Refused for one that no edition has."""
    wanted = question.asked.category
    if not wanted:
        return ""
    names = {category_slug(entry.category): entry.category.text for entry in rows.entries if entry.category}
    if wanted not in names:
        there = f" It has {listed(sorted(names.values()), most=12)}." if names else ""
        raise Refused(
            f"No technology of the {question.edition.name} edition has the category “{wanted[:80]}”.{there}",
            unknown=True,
        )
    return names[wanted]


def _in_one_edition(answer: _Answer) -> ComparePage:
    """All technologies or fields of an edition, or those of a category."""
    question = answer.question
    within = _within(question, answer.rows)
    edition, sides = question.edition, question.sides
    found = in_order([compared(case, sides) for case in _cases(answer, edition).values()])
    field_level = question.level == "field"
    what = over_the_fields(edition)
    when = f"in {edition.years}" if field_level else f"in the {edition.name} edition"
    where = f"of {lower_first(within)} {when}" if within else when
    sentence = opening(found, sides, where, what)
    title = question_title(sides)
    counts = bands(found)
    board = scoreboard(found, sides, edition, f"{question.address}#table-comparison")
    return answer.page(
        title=title,
        sentence=sentence,
        edition=edition,
        missing=_missing(found, sides, edition),
        tables=(
            _comparison_table(answer, found, f"{title}, {within or what} {when}"),
            *_scoreboard_table(question, board),
            *_race_tables(*races(found), sides),
            _turn_table(found, sides, risk=not field_level),
            _without_table(found, sides),
        ),
        figures=_figure(question, found, sentence) if counts.gap or counts.rank else (),
        totals=totals(sides, board[-1], answer.rows.stated),
        bands=counts,
        findings=(*stated_leads(found, sides, answer.rows.stated), *findings(found, sides)),
    )


def _comparison_table(answer: _Answer, found: Sequence[Compared], caption: str) -> TableData:
    question = answer.question
    risk = question.level == "technology"
    what = {
        ("technology", False): "Technology",
        ("technology", True): "Edition and years",
        ("field", False): "Field",
        ("field", True): "Window",
    }[question.level, question.over_time]
    row_type = compared_row_type(question.names, what, risk, question.singles, grouped=not question.over_time)
    rows = [compared_row(row_type, one, question.sides, risk=risk) for one in found]
    return TableData("comparison", caption, ordered(rows, answer.sort, row_type), row_type)


def _scoreboard_table(question: Question, board: Sequence[Any]) -> tuple[TableData, ...]:
    """Nothing where all stand in one category: the totals above say the same."""
    if len(board) < 2:
        return ()
    caption = f"Who leads, and who is ahead, by category: {question.edition.name}"
    return (TableData("scoreboard", caption, tuple(board), scoreboard_row_type(question.names)),)


def _race_tables(
    closest: Sequence[Compared], widest: Sequence[Compared], sides: Sequence[Side]
) -> tuple[TableData, ...]:
    tables = [TableData("closest", "Closest races", tuple(race(one, sides) for one in closest), RaceRow,
                        empty="No gap is known to us.")]  # fmt: skip
    if widest:
        tables.append(TableData("widest", "Widest gaps", tuple(race(one, sides) for one in widest), RaceRow))
    return tuple(tables)


def _turn_table(found: Sequence[Compared], sides: Sequence[Side], *, risk: bool) -> TableData:
    rows = tuple(row for one in found if (row := turn(one, sides, risk=risk)) is not None)
    return TableData(
        "margins",
        "What would change it: the points that turn the lead, the nearest change of the monopoly risk",
        rows,
        TurnRow,
        empty="No gap, and nothing of a risk, is known to us.",
    )


def _without_table(found: Sequence[Compared], sides: Sequence[Side]) -> TableData:
    rows = tuple(WithoutRow(one.case.label, why_not(one, sides), one.now.leader) for one in found if one.band != GAP)
    return TableData(
        "without",
        "What cannot be compared by its gap, and why",
        rows,
        WithoutRow,
        empty="Every gap is known.",
    )


def _figure(question: Question, found: Sequence[Compared], sentence: str) -> tuple[FigureRef, ...]:
    counts = bands(found)
    return (
        FigureRef(
            "comparison",
            question.asked.query(),
            f"{question_title(question.sides)}, {over_the_fields(question.edition)}",
            comparison_alt(found, question.sides, sentence),
            "comparison",
            comparison_rows(counts.gap, counts.rank),
        ),
    )


def _side_rows(sides: Sequence[Side]) -> tuple[SideRow, ...]:
    return tuple(
        SideRow(side.place, counted(len(side.members), side.place.address or "/countries/"), place_list(side))
        for side in sides
    )


def _notes(sides: Sequence[Side], field_level: bool) -> tuple[str, ...]:
    """What to know before reading: how blocs are added up, who stands on two sides."""
    notes = []
    if any(not side.single for side in sides):
        notes.append(
            "A bloc's share is the sum of the shares of its members of today, in every edition alike; it says “at "
            "least” where a member's share is not known to us. Where the source counts a bloc as one place, its "
            "own figure stands."
        )
    both = shared_members(sides)
    if both:
        notes.append(
            f"{capital(joined([place.name for place in both]))} {'are' if len(both) > 1 else 'is'} counted on more than one "
            "side."
        )
    if field_level:
        notes.append(
            "Fields are broader than technologies and measured otherwise: share of the world's top-1\u202f% cited "
            "articles. The two are never added or compared."
        )
    return tuple(notes)


def _missing(found: Sequence[Compared], sides: Sequence[Side], edition: EditionRef) -> tuple[str, ...]:
    counts, what = bands(found), over_the_fields(edition)
    missing = list(lacking(found, sides, f"{counts.total} {what}"))
    if counts.unknown:
        missing.append(f"Any share or rank of these sides in {counts.unknown} of {counts.total} {what}.")
    return tuple(missing)


def _ready(places: Places, question: Question | None) -> tuple[Link, ...]:
    """The ready-made comparisons, in the edition of the question."""
    edition = question.edition.slug if question and not question.two and not question.subject else ""
    here = tuple(side.key for side in question.sides) if question else ()
    return tuple(
        Link(question_title(sides), f"{ADDRESS}?{Asked(keys, edition).query()}")
        for keys, sides in _ready_made(places)
        if keys != here
    )


def _ready_made(places: Places) -> Iterator[tuple[tuple[str, ...], tuple[Side, ...]]]:
    """Those of the ready-made comparisons that can be made: a record may lack a bloc, or its members."""
    for keys in READY_MADE:
        try:
            yield keys, checked([places.side(key) for key in keys])
        except SideRefused:
            continue


def _over_windows(answer: _Answer, subject: Subject) -> ComparePage:
    """One technology edition by edition, or one field window by window."""
    question, rows, sides = answer.question, answer.rows, answer.question.sides
    editions, field_level = answer.reader.editions, question.level == "field"
    windows = _known_windows(answer, subject)
    found = []
    for window in windows:
        ref = editions.get(window.edition)
        label = Link(window.years if field_level else f"{ref.name}: {window.years}", _window_address(subject, ref))
        found.append(compared(_case(rows, label, None, window.pk, subject.pk), sides))
    covering = [window.edition for window in windows]
    chosen = question.edition if question.edition.slug in covering else editions.get(covering[-1])
    now = next(one for one, slug in zip(reversed(found), reversed(covering), strict=True) if slug == chosen.slug)
    sentence = now_sentence(now, sides, subject.name, chosen)
    title = f"{question_title(sides)}: {subject.name}"
    newest_first = tuple(reversed(found))
    if not field_level:
        series = chosen.series_name.partition(":")[0]
        elsewhere = [(editions.get(w.edition), one) for w, one in zip(windows, found, strict=True) if one is not now]
        return answer.page(
            title=title,
            sentence=" ".join((sentence, *other_editions(now, elsewhere, sides, subject.name))),
            edition=chosen,
            missing=lacking(found, sides, f"{len(found)} windows"),
            tables=(_comparison_table(answer, newest_first, f"{title}, edition by edition"),),
            figures=_figure(question, newest_first, sentence) if any(one.band != NOTHING for one in found) else (),
            bands=bands(found),
            notes=(
                f"Only editions of one series ({series}) are set side by side, each as its own step: no line is drawn "
                "between editions, and none to another series.",
            ),
        )
    lines = {side.place: [one.sides[number].share for one in found] for number, side in enumerate(sides)}
    crossings = crossover_rows([window.years for window in windows], lines)
    said = crossover_sentence(crossings)
    return answer.page(
        title=title,
        sentence=f"{sentence} {said}".strip(),
        edition=chosen,
        missing=lacking(found, sides, f"{len(found)} windows"),
        tables=(
            _comparison_table(answer, newest_first, f"{title}, window by window"),
            TableData(
                "crossovers",
                f"{subject.name}: where one side passed the other",
                crossings,
                CrossoverRow,
                empty="No side passed another in these windows, as far as both shares are known.",
            ),
        ),
        figures=(
            FigureRef(
                "sides",
                replace(question.asked, edition="").query(),
                title,
                trajectory_alt(subject.name, found, sides, said),
                "comparison",
            ),
        ),
        bands=bands(found),
    )


def _known_windows(answer: _Answer, subject: Subject) -> tuple[WindowRow, ...]:
    """The windows of the editions that cover the technology: their own, and earlier ones of which they say
    something; oldest first. Raises Refused where the edition asked for, or every one, does not cover it."""
    question, rows = answer.question, answer.rows
    covered = {entry.edition for entry in rows.entries}
    windows = tuple(
        window
        for window in _windows(answer.reader.editions, question)
        if window.edition in covered
        and (
            window.kind == "main"
            or (subject.level == "technology" and (window.pk, subject.pk) in {*rows.scores, *rows.assessments})
        )
    )
    asked_for = question.asked.edition
    if not windows or (asked_for and asked_for not in {window.edition for window in windows}):
        names = [ref.name for ref in question.editions if ref.slug in covered]
        there = f"; {joined(names)} {'do' if len(names) > 1 else 'does'}" if names else ""
        raise Refused(
            f"The {question.edition.name} edition does not cover {lower_first(subject.name)}{there}.", unknown=True
        )
    return windows


def _window_address(subject: Subject, ref: EditionRef) -> str:
    return f"/fields/?edition={ref.slug}" if subject.level == "field" else f"{subject.address}?edition={ref.slug}"


def _across_time(answer: _Answer, then: EditionRef, now: EditionRef) -> ComparePage:
    """Two editions of one series, technology by technology."""
    question, sides, editions = answer.question, answer.question.sides, answer.reader.editions
    within = _within(question, answer.rows)
    before, after = _cases(answer, then), _cases(answer, now)
    if not before and not after:
        what = lower_first(question.subject.name) if question.subject else over_the_fields(now)
        raise Refused(f"Neither {then.name} nor {now.name} covers {what}.", unknown=True)
    windows = editions.window(then), editions.window(now)
    same_years = bool(windows[0] and windows[1] and windows[0].years == windows[1].years)
    moved = movement.in_order(
        [
            movement.Moved(
                (after.get(pk) or before[pk]).label,
                (after.get(pk) or before[pk]).group,
                compared(before[pk], sides) if pk in before else None,
                compared(after[pk], sides) if pk in after else None,
                same_years,
            )
            for pk in dict.fromkeys((*after, *before))
        ]
    )
    field_level = question.level == "field"
    names = _edition_names(then, now, field_level=field_level)
    what = over_the_fields(now)
    of = f": {question.subject.name}" if question.subject else ""
    title = f"{question_title(sides)}{of}, {names[0]} to {names[1]}"
    sentence = movement.movement_sentence(moved, sides, *names, what)
    row_type = movement.moved_row_type(question.names, "Field" if field_level else "Technology", names[0], names[1])
    lines = [movement.moved_row(row_type, one, sides) for one in moved]
    panels = [one for one in moved if slope_known(one)]
    figure = FigureRef(
        "slope", question.asked.query(), title, slope_alt(panels, sides, names, sentence), "changes", len(panels)
    )
    caption = f"{title}: what moved" + ("" if question.subject else f" in {within or what}")
    return answer.page(
        title=title,
        sentence=sentence,
        edition=now,
        missing=(
            *_missing_movement(moved, within or what),
            *lacking([one for m in moved for one in (m.then, m.now) if one], sides),
        ),
        tables=(TableData("changes", caption, ordered(lines, answer.sort, row_type), row_type),),
        figures=(figure,) if panels else (),
        findings=movement.hand_overs(moved, sides),
        labels=names,
        notes=_notes_on_years(then, now, windows),
    )


def _notes_on_years(
    then: EditionRef, now: EditionRef, windows: tuple[WindowRow | None, WindowRow | None]
) -> tuple[str, ...]:
    """What two windows of years allow to say: the same years are no movement, shared ones are counted twice."""
    if windows[0] is None or windows[1] is None:
        return ()
    shared = min(windows[0].last_year, windows[1].last_year) - max(windows[0].first_year, windows[1].first_year) + 1
    length = windows[1].last_year - windows[1].first_year + 1
    if windows[0].years == windows[1].years:
        return (
            f"Both editions speak of the same years ({now.years}): where they differ, the publisher revised its figures, "
            "or we know more of one; the world did not move.",
        )
    if shared > 0:
        return (
            f"{then.years} and {now.years} share {shared} of {length} years, and with them the publications of these.",
        )
    return ()


def _edition_names(then: EditionRef, now: EditionRef, *, field_level: bool) -> tuple[str, str]:
    return (then.years, now.years) if field_level else (then.name, now.name)


def slope_known(one: movement.Moved) -> bool:
    """Whether a slope figure has anything to draw: a side's share in both editions."""
    if one.then is None or one.now is None:
        return False
    pairs = zip(one.then.sides, one.now.sides, strict=True)
    return any(before.share.known and after.share.known for before, after in pairs)


def _missing_movement(moved: Sequence[movement.Moved], what: str) -> tuple[str, ...]:
    unknown = movement.counts(moved)[movement.Movement.UNKNOWN]
    drawn = sum(slope_known(one) for one in moved)
    missing = []
    if unknown:
        missing.append(f"Which side was ahead in both editions, for {unknown} of {len(moved)} {what}.")
    if drawn < len(moved):
        missing.append(
            f"A share of one and the same side in both editions, for {len(moved) - drawn} of {len(moved)} {what}."
        )
    return tuple(missing)


def _landing(
    reader: RecordReader, places: Places, subjects: tuple[Subject, ...], asked: Asked, sort: str
) -> ComparePage:
    """The form, and the ready-made comparisons with their answers for the edition."""
    editions = reader.editions
    level = next((ref.level for ref in editions.refs if ref.slug == asked.edition), "technology")
    edition = chosen_edition(editions, asked.edition, level)
    ready = tuple(_ready_made(places))
    everyone = tuple({side.key: side for _, sides in ready for side in sides}.values())
    question = Question(asked, everyone, level, None, edition, (edition,), None)
    answer = _Answer(reader, question, _read(reader, question), places, subjects, sort)
    cases = _cases(answer, edition)
    where = f"in {edition.years}" if level == "field" else f"in the {edition.name} edition"
    lines = []
    for keys, sides in ready:
        found = [compared(case, sides) for case in cases.values()]
        address = f"{ADDRESS}?{replace(asked, side=keys).query()}"
        lines.append(
            ReadyRow(
                Link(question_title(sides), address),
                opening(found, sides, where, over_the_fields(edition)).partition(". ")[0] + ".",
                counted(bands(found).gap, address),
                counted(len(found), address),
            )
        )
    return ComparePage(
        title="Compare",
        sentence="Any country or bloc against any other, in one technology or all of them, with how firm each lead is and "
        "how it moved.",
        address=ADDRESS,
        trail=TRAIL,
        edition=edition,
        tables=(
            TableData("ready", f"Ready-made comparisons, {edition.name}", ordered(lines, sort, ReadyRow), ReadyRow),
        ),
        chooser=chooser(question, editions, places, subjects, answer.rows.entries),
        stamp=reader.stamp(),
    )


def _refused(
    refused: Refused, asked: Asked, reader: RecordReader, places: Places, subjects: Sequence[Subject]
) -> ComparePage:
    """The form as it was filled in, and why it has no answer."""
    editions = reader.editions
    named = next((ref for ref in editions.refs if ref.slug == asked.edition and ref.stage == "published"), None)
    level = "field" if asked.field or (named and named.level == "field") or asked.in_ == "fields" else "technology"
    fitting = editions.of_fields if level == "field" else editions.of_technologies
    default = next((ref for ref in fitting if ref.featured), next(iter(reversed(fitting)), None))
    edition = named if named in fitting else default
    sides = []
    for word in asked.side:
        try:
            sides.append(words_of(places.side(word)))
        except SideRefused:
            sides.append(word)
    return ComparePage(
        title="Compare",
        sentence="This comparison has no answer.",
        address=ADDRESS,
        trail=TRAIL,
        refused=refused.reasons,
        names_unknown=refused.unknown,
        chooser=form(sides, asked, level, edition.slug if edition else "", editions, places, subjects, ()),
        ready=_ready(places, None),
        stamp=reader.stamp(),
    )
