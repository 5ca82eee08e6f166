"""The technologies of an edition: list and detail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tracker.analysis.leadership import RiskReading, ScoreRow, Standing
from tracker.analysis.read_model import EditionRef, Facet, Link, PageModel, Place, Value

RISKS = ("high", "not low", "medium", "not medium", "not high", "low")


@dataclass(frozen=True)
class TechnologyRow:
    """One line of the list of technologies. Shares per cent, gap in percentage points."""

    number: Value
    technology: Link
    category: Link | None
    leader: Value
    share: Value
    second: Value
    second_share: Value
    gap: Value
    ratio: Value
    firmness: str
    risk: Value

    @property
    def leader_code(self) -> str:
        return self.leader.content.code if isinstance(self.leader.content, Place) else ""

    @property
    def category_slug(self) -> str:
        return category_slug(self.category)


def category_slug(category: Link | None) -> str:
    """The category's name in addresses; '' where a technology has none."""
    return category.address.partition("category=")[2] if category else ""


def technology_row(
    number: Value, technology: Link, category: Link | None, standing: Standing, risk: RiskReading
) -> TechnologyRow:
    return TechnologyRow(
        number=number,
        technology=technology,
        category=category,
        leader=standing.leader,
        share=standing.leader_share,
        second=standing.second,
        second_share=standing.second_share,
        gap=standing.gap,
        ratio=standing.ratio,
        firmness=str(standing.firmness),
        risk=shown_risk(risk),
    )


def shown_risk(risk: RiskReading) -> Value:
    """The stated risk; where none is stated, the one computed from k and r."""
    return risk.stated if risk.stated.known else risk.computed


@dataclass(frozen=True, kw_only=True)
class TechnologyListPage(PageModel):
    known_leaders: int
    total: int


def filtered(
    rows: Iterable[TechnologyRow], *, category: str, leader: str, risk: str, q: str, names: dict[str, str]
) -> tuple[TechnologyRow, ...]:
    """Rows that fit every given filter. `names` maps an address to all its names, lower case, for `q`."""
    wanted = q.casefold().split()
    return tuple(
        row
        for row in rows
        if (not category or row.category_slug == category)
        and (not leader or (row.leader_code.casefold() or "unknown") == leader.casefold())
        and (not risk or (str(row.risk.content) if row.risk.known else "unknown") == risk)
        and all(word in names.get(row.technology.address, row.technology.text.casefold()) for word in wanted)
    )


def facets(
    rows: Sequence[TechnologyRow],
) -> dict[str, tuple[Facet, ...]]:
    """The choices of each filter with the number of rows they leave."""

    def counted(value: Callable[[TechnologyRow], tuple[str, str]]) -> Counter[tuple[str, str]]:
        return Counter(value(row) for row in rows)

    leaders = counted(
        lambda row: (row.leader_code.lower(), row.leader.text) if row.leader_code else ("unknown", "unknown")
    )
    categories = counted(lambda row: (row.category_slug, row.category.text if row.category else ""))
    risks = counted(lambda row: (str(row.risk.content),) * 2 if row.risk.known else ("unknown", "unknown"))
    order = {risk: position for position, risk in enumerate((*RISKS, "unknown"))}
    return {
        "category": tuple(
            Facet(value, label, count) for (value, label), count in sorted(categories.items()) if value
        ),
        "leader": tuple(Facet(value, label, count) for (value, label), count in leaders.most_common()),
        "risk": tuple(
            Facet(value, label, count)
            for (value, label), count in sorted(risks.items(), key=lambda item: order.get(item[0][0], 9))
        ),
    }


@dataclass(frozen=True)
class RankingRow:
    """One place in a technology, in one window. `counted_as`: country, or bloc where a source counts it as one."""

    place: Place
    counted_as: str
    rank: Value
    share: Value
    publications: Value
    h_index: Value
    note: str


@dataclass(frozen=True)
class EditionStandingRow:
    """A technology in one edition and window.

    `step`: what changed since an earlier edition of the same series, in a word; `step_said`: in a sentence.
    """

    edition: Link
    years: str
    name_there: str
    category_there: str
    leader: Value
    share: Value
    second: Value
    second_share: Value
    firmness: str
    step: str
    step_said: str
    risk: Value
    institutions: Value
    ratio: Value


@dataclass(frozen=True)
class TechnologyInstitutionRow:
    edition: Link
    years: str
    institution: Place
    country: Place
    rank: Value
    share: Value
    note: str


@dataclass(frozen=True)
class WiderFieldRow:
    """A field this technology is narrower than (our mapping), and who leads it now and led it first."""

    field: Link
    reason: str
    leader_first: Value
    share_first: Value
    leader_now: Value
    share_now: Value


@dataclass(frozen=True)
class TechnologyCooperation:
    """What China and Russia do together in a technology as far as recorded by us, beside what each holds of it.

    Shares are per cent, in the page's edition; `combined` adds the two as far as known. `listing`: None where nothing
    is recorded. `caveats`: how the engagements were collected, and how many sources they have.
    """

    sentence: str
    caveat: str
    engagements: Value
    listing: Link | None
    caveats: tuple[str, ...]
    china_share: Value
    russia_share: Value
    combined: Value


@dataclass(frozen=True)
class DualUse:
    """What surrounds a technology. `items`: the categories and tiers of controls that concern it, each on its page."""

    sentence: str
    items: tuple[Link, ...]
    caveat: str


@dataclass(frozen=True, kw_only=True)
class TechnologyPage(PageModel):
    definition: str
    civil_uses: str
    military_uses: str
    other_names: tuple[str, ...]
    category: Link | None
    standing: Standing
    risk: RiskReading
    risk_reason: str
    institutions: Value
    institutions_of: int | None
    notes: tuple[str, ...]
    shown_instead: str
    fields: tuple[Link, ...]
    would_change: str
    steps: tuple[str, ...]
    cooperation: TechnologyCooperation
    dual_use: DualUse


def standing_sentence(name: str, now: Standing, edition: EditionRef, blocs: Sequence[ScoreRow] = ()) -> str:
    """The one-sentence answer: who leads, by how much, how firmly; or that it is not known.

    `blocs` are those that the edition also ranks as one place.
    """
    when = f"in the {edition.name} edition" + (f" (publications {edition.years})" if edition.years else "")
    if not now.leader.known:
        text = f"Who leads in {lower_first(name)} {when} is not known to us"
    else:
        text = f"{start(now.leader.text)} leads {when}{_by_how_much(now)}"
    first = [the(row.place.name) for row in blocs if row.leads]
    if first:
        text += f". Counted as one place, {' and '.join(first)} comes first"
    return f"{text}."


def _by_how_much(now: Standing) -> str:
    second = the(now.second.text)
    if not now.leader_share.known:
        if now.second.known:
            return f"; {second} is second. Their shares are not known to us"
        return "; its share is not known to us"
    text = f" with {_said(now.leader_share)} of the most cited publications"
    if not now.second_share.known:
        return f"{text}; {second} is second" if now.second.known else text
    text += f", ahead of {second} with {_said(now.second_share)}"
    if now.firmness == "too close to call":
        return f"{text}: too close to call at the published precision"
    return f"{text}, a ratio of {now.ratio.text} to 1" if now.ratio.known else text


def _said(share: Value) -> str:
    """'65.4 %', and that it is ours where it is: '12.9 % (derived)'."""
    remark = f" ({share.remark})" if share.basis == "derived" else ""
    return f"{share.text}\u202f%{remark}"


WITH_ARTICLE = (
    "United ", "European Union", "Netherlands", "Philippines", "Group of ", "North Atlantic ", "Association of ",
    "Quad", "Five Eyes", "EU", "G7",
)  # fmt: skip


def the(name: str) -> str:
    """The name of a country or bloc within a sentence: 'the United States', 'the Quad'."""
    return f"the {name}" if name.startswith(WITH_ARTICLE) else name


def start(name: str) -> str:
    """A country's name at the start of a sentence: 'The United States'."""
    within = the(name)
    return within[0].upper() + within[1:]


def lower_first(name: str) -> str:
    """A technology's name within a sentence; abbreviations keep their capitals."""
    return name if name[:2].isupper() or not name else name[0].lower() + name[1:]


def joined(parts: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))
