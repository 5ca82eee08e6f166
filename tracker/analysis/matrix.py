"""Technologies (or fields) by countries: what is known of every cell of an edition, by one measure at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, make_dataclass, replace
from decimal import Decimal
from functools import lru_cache

from tracker.analysis.leadership import (
    ScoreRow,
    Standing,
    ratio_to_leader,
    share_value,
)
from tracker.analysis.read_model import (
    EditionRef,
    Facet,
    Link,
    PageModel,
    Place,
    Ranks,
    Value,
    written,
)
from tracker.analysis.technologies import (
    category_slug,
    start,
    the,
)

# What a cell can show, and how a reader chooses it.
METRICS = {"share": "Share, %", "rank": "Rank", "ratio": "Ratio to the leader"}

# The least share (per cent) and the least ratio of each step of the tint, and the worst rank; step 5 first.
SHARE_STEPS = tuple(map(Decimal, ("40", "20", "10", "5", "1")))
RATIO_STEPS = tuple(map(Decimal, ("1", "0.5", "0.25", "0.1", "0.05")))
RANK_STEPS = (1, 2, 3, 5, 10)
STEPS_IN_WORDS = {
    "share": ("40\u202f% and more", "20 to 40", "10 to 20", "5 to 10", "1 to 5"),
    "rank": ("first", "second", "third", "4 to 5", "6 to 10"),
    "ratio": ("1, the leader's own", "0.5 to 1", "0.25 to 0.5", "0.1 to 0.25", "0.05 to 0.1"),
}

INSTEAD_IN_WORDS = {
    "share": "only the rank is known to us",
    "rank": "only the share is known to us",
    "ratio": "no ratio: what else is known to us",
}


@dataclass(frozen=True)
class CellValue(Value):
    """A cell: its value by the chosen measure, and how it is drawn.

    `heat`: the step of its tint, 1 (faint) to 5 (strong), 0 for none. `instead`: where the value is unknown,
    what is known by another measure, in short ("1st", "12.9 %"); `note` then says it in a sentence.
    """

    heat: int = 0
    instead: str = ""


NOT_KNOWN = Value()
NOTHING_KNOWN = CellValue()


@dataclass(frozen=True)
class Known:
    """What an edition says of a place in a technology: share in per cent, rank or range of ranks."""

    share: Value = NOT_KNOWN
    rank: Value = NOT_KNOWN

    @property
    def anything(self) -> bool:
        return self.share.known or self.rank.known

    @property
    def withheld(self) -> bool:
        return not self.anything and (self.share.withheld or self.rank.withheld)

    @property
    def leads(self) -> bool:
        return self.rank.content == Ranks(1, 1)


Cells = Mapping[Place, Known]


@dataclass(frozen=True)
class Column:
    """A place's column: its name in addresses and files, and what its header says."""

    name: str
    header: str
    place: Place


@dataclass(frozen=True, kw_only=True)
class MatrixPage(PageModel):
    """`steps`: the steps of the tint in words, the strongest first. `known` of `cells` cells are known.

    `instead`: an example of what stands in a cell that is known only by another measure, and what it means;
    None where no cell is. `remarks`: how cells are known that are not stated, where that is said cell by cell;
    empty where all are known alike.
    """

    metric: str
    steps: tuple[tuple[int, str], ...]
    instead: tuple[str, str] | None
    remarks: tuple[str, ...]
    known: int
    cells: int


def known_cells(scores: Sequence[ScoreRow], now: Standing) -> dict[Place, Known]:
    """What is known of each place in one technology: its score, and the leader and second known otherwise.

    An exact rank goes before a range. Places of which neither share nor rank is known are left out.
    """
    found = {row.place: Known(share_value(row), row.rank) for row in scores}
    for rank, value in ((1, now.leader), (2, now.second)):
        if isinstance(value.content, Place):
            known = found.get(value.content, Known())
            if not isinstance(known.rank.content, Ranks) or known.rank.content.first != known.rank.content.last:
                found[value.content] = replace(known, rank=replace(value, content=Ranks(rank, rank)))
    return {place: known for place, known in found.items() if known.anything or known.withheld}


def columns_of(rows: Iterable[Cells]) -> tuple[Column, ...]:
    """One column a place: countries before blocs, those of which most is known first, then by leads and mean share."""
    known: Counter[Place] = Counter()
    leads: Counter[Place] = Counter()
    shares: dict[Place, list[Decimal]] = {}
    for cells in rows:
        for place, cell in cells.items():
            known[place] += cell.anything
            leads[place] += cell.leads
            if isinstance(cell.share.content, Decimal):
                shares.setdefault(place, []).append(cell.share.content)

    def order(place: Place) -> tuple[bool, int, int, Decimal, str]:
        mean = sum(shares[place], Decimal(0)) / len(shares[place]) if place in shares else Decimal(0)
        return place.kind != "country", -known[place], -leads[place], -mean, place.name

    return tuple(Column(column_name(place), column_header(place), place) for place in sorted(known, key=order))


def column_name(place: Place) -> str:
    """A country's ISO code, a bloc's slug in upper case; BLOC_AU where that could be a country's code or no name.

    EU is reserved in ISO 3166 for the European Union.
    """
    name = place.code.upper().replace("-", "_")
    if place.kind == "bloc" and ((len(name) == 2 and name != "EU") or not name.isidentifier()):
        return f"BLOC_{name}"
    return name


def column_header(place: Place) -> str:
    """The place's name; of a bloc also that its source counts it as one place."""
    return place.name if place.kind == "country" else f"{place.name}, as one place"


@lru_cache(maxsize=64)
def matrix_row_type(columns: tuple[Column, ...], level: str) -> type:
    """A row type with one column a place: technology (or field), category, then CN, US … (metadata: its Column)."""
    header = "Field" if level == "field" else "Technology"
    names = [("technology", "Link", field(metadata={"header": header})), ("category", "Link | None", field())]
    return make_dataclass(
        "MatrixRow",
        [*names, *((column.name, "Value", field(metadata={"column": column})) for column in columns)],
        frozen=True,
    )


def cell(metric: str, known: Known | None, leader: Known) -> CellValue:
    """One cell by one measure. `leader`: what is known of the technology's leading country."""
    if known is None:
        return NOTHING_KNOWN
    value = measured(metric, known, leader)
    if value.known or value.withheld or not known.anything:
        return _drawn(value, heat=heat(value))
    if isinstance(known.rank.content, Ranks):
        said, instead = known.rank, known.rank.content.ordinal
        note = f"Only its rank is known to us: {known.rank.text}."
    else:
        said, instead = known.share, f"{known.share.text}\u202f%"
        note = f"Only its share is known to us: {instead}."
    if metric == "ratio" and known.share.known:
        note = f"Its share is {known.share.text}\u202f%; the leader's is not known to us."
    return CellValue(note=" ".join(filter(None, (note, said.note))), cited=said.cited, of=said.of, instead=instead)


def instead_key(metric: str, cells: Iterable[CellValue]) -> tuple[str, str] | None:
    """What stands in cells that are known only by another measure, and what it means; None where no cell is."""
    example = next((cell.instead for cell in cells if cell.instead), "")
    return (example, INSTEAD_IN_WORDS[metric]) if example else None


def remarks_in(cells: Iterable[CellValue]) -> tuple[str, ...]:
    """How cells are known that are not stated ("derived" …); empty where all known cells are known alike."""
    remarks = {cell.remark for cell in cells if cell.known}
    return tuple(sorted(remarks - {""})) if len(remarks) > 1 else ()


def _drawn(value: Value, *, heat: int) -> CellValue:
    return CellValue(
        value.content,
        unit=value.unit,
        bound=value.bound,
        basis=value.basis,
        note=value.note,
        cited=value.cited,
        withheld=value.withheld,
        of=value.of,
        heat=heat,
    )


def measured(metric: str, known: Known, leader: Known) -> Value:
    """The value of a cell by one measure; KeyError for an unknown one."""
    if metric == "ratio":
        return ratio_to_leader(known.share, leader.share, leads=known is leader)
    return {"share": known.share, "rank": known.rank}[metric]


def heat(value: Value) -> int:
    """The step of a value's tint: 5 for the largest share or ratio and the first rank, 0 for none."""
    content = value.content
    if isinstance(content, Ranks):
        reached = [content.last <= worst for worst in RANK_STEPS]
    elif isinstance(content, Decimal):
        reached = [content >= least for least in (SHARE_STEPS if value.unit == "%" else RATIO_STEPS)]
    else:
        return 0
    return 5 - reached.index(True) if True in reached else 0


@dataclass(frozen=True)
class Counts:
    """What a matrix holds: its cells, how many are known at all, as shares, as ranks, and are withheld.

    `leads`: how many lines each country leads; `leaderless`: lines whose leader is not known.
    """

    lines: int
    countries: int
    blocs: int
    known: int
    shares: int
    ranks: int
    withheld: int
    leads: tuple[tuple[Place, int], ...]
    leaderless: int

    @property
    def cells(self) -> int:
        return self.lines * (self.countries + self.blocs)


def count(rows: Sequence[Cells], columns: Sequence[Column]) -> Counts:
    """Counts the cells of the rows; the leads of countries, not of blocs, which belong to another ranking."""
    cells = [known for row in rows for known in row.values()]
    leaders = [[place for place, known in row.items() if known.leads and place.kind == "country"] for row in rows]
    leads = Counter(place for row in leaders for place in row)
    return Counts(
        lines=len(rows),
        countries=sum(column.place.kind == "country" for column in columns),
        blocs=sum(column.place.kind != "country" for column in columns),
        known=sum(known.anything for known in cells),
        shares=sum(known.share.known for known in cells),
        ranks=sum(known.rank.known for known in cells),
        withheld=sum(known.withheld for known in cells),
        leads=tuple(sorted(leads.items(), key=lambda pair: (-pair[1], pair[0].name))),
        leaderless=sum(not row for row in leaders),
    )


def matrix_sentence(counts: Counts, edition: EditionRef, category: str = "") -> str:
    """'Of 44 technologies × 5 countries, 92 of 220 cells are known to us …: 15 shares, 92 ranks; China leads 37.'"""
    lines = _several(counts.lines, "field" if edition.level == "field" else "technology")
    across = _several(counts.countries, "country") + (
        f" and {_several(counts.blocs, 'bloc')}" if counts.blocs else ""
    )
    when = f"in {edition.years}" if edition.level == "field" else f"in the {edition.name} edition"
    of = f"{lines} of {category}" if category else lines
    if not counts.known:
        return f"Of {of}, neither a share nor a rank of any country is known to us {when}."
    text = f"Of {of} × {across}, {written(counts.known)} of {written(counts.cells)} cells are known to us {when}: "
    text += f"{_several(counts.shares, 'share')}, {_several(counts.ranks, 'rank')}"
    leads = [f"{the(place.name)} {number}" for place, number in counts.leads]
    if leads:
        (first, number), *_ = counts.leads
        text += f". {start(first.name)} leads {written(number)}{''.join(f', {said}' for said in leads[1:])}"
    if leads and counts.leaderless:
        text += f"; the leader of {written(counts.leaderless)} is not known to us"
    return f"{text}."


PLURALS = {"technology": "technologies", "country": "countries"}


def _several(number: int, noun: str) -> str:
    return f"{written(number)} {noun if number == 1 else PLURALS.get(noun, f'{noun}s')}"


def missing_sentences(counts: Counts, edition: EditionRef, hint: str = "") -> tuple[str, ...]:
    """What the matrix cannot say. `hint` goes after what is said of cells without a share."""
    missing = []
    unknown = counts.cells - counts.known - counts.withheld
    of_fields = edition.level == "field"
    if unknown:
        why = (
            "there the source lacks at least one of the five years; the page of each field says which."
            if of_fields
            else "no share and no rank has been seen by us. A country of which nothing is known has no column."
        )
        missing.append(f"{written(unknown)} of {written(counts.cells)} cells are unknown: {why}")
    if counts.known > counts.shares:
        missing.append(
            f"{written(counts.known - counts.shares)} of the {written(counts.known)} known cells are known by rank "
            f"only. {hint}".strip()
        )
    if counts.withheld:
        missing.append(f"{_several(counts.withheld, 'cell')} may not be shown: the source does not allow it.")
    if of_fields:
        missing.append(
            "Fields are broader than technologies and measured otherwise: they give context and are never added to "
            "the counts of technologies."
        )
    return tuple(missing)


def category_facets(categories: Iterable[Link | None]) -> tuple[Facet, ...]:
    """The categories of an edition's lines, each with how many it has, in order of name."""
    counted = Counter(category for category in categories if category is not None)
    return tuple(
        Facet(category_slug(category), category.text, number)
        for category, number in sorted(counted.items(), key=lambda pair: pair[0].text)
    )
