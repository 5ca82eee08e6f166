"""Pages of text: methodology, about, licence, place names, data. Their tables are read models like any other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from django.db.models import F

from tracker.analysis.engagements import CLOCK, CREDIBILITY, NOT_A_MEASURE, RELIABILITY
from tracker.analysis.home import counted
from tracker.analysis.read_model import Link, TableData
from tracker.analysis.texts import KindRow, MarkRow, MeasureRow, PartRow, PlaceNameRow, SeriesRow, TextPage
from tracker.history.past import Moment
from tracker.models import (
    Assessment,
    Control,
    Country,
    Edition,
    Engagement,
    FlowPlace,
    Good,
    Listing,
    Organisation,
    Record,
    Score,
    Series,
    Source,
    Technology,
    TradeFlow,
)
from tracker.pages.control_rows import closed_columns, hidden
from tracker.pages.engagement_rows import engagement_parts
from tracker.pages.exports import public_files, public_files_digest
from tracker.pages.organisation_rows import read_mentions
from tracker.pages.rows import CitedBy, RecordReader, all_to_cite, country_place, reading_record
from tracker.pages.trade_rows import ESSENTIAL
from tracker.pages.union import union_rows

HOME = (Link("Home", "/"),)

MEASURES = (
    MeasureRow(
        "Share (ASPI)",
        "A country's part of the world's most cited publications of a technology, over the years of a window.",
        "100 × high-impact publications credited to the country ÷ all high-impact publications; high impact = the "
        "10 % most cited of the technology. How a paper of several countries is divided has not been published.",
    ),
    MeasureRow(
        "Share (fields)",
        "A country's part of the world's 1 % most cited articles of a research field; computed by us.",
        "100 × Σ articles × own top-1 % share ÷ Σ (1 % of the world's articles), over the five years of a window; only "
        "where all five are known.",
    ),
    MeasureRow(
        "Leader", "The country with the highest share; where only ranks are public, the one ranked first.", "rank 1"
    ),
    MeasureRow("Gap", "The leader's share less the second's, in percentage points.", "share₁ − share₂"),
    MeasureRow("Lead ratio (r)", "The leader's share divided by the second's.", "share₁ ÷ share₂"),
    MeasureRow(
        "Firmness",
        "“Clear” where the published digits separate the two shares, “too close to call” where they do not. "
        "37 stands for anything from 36.5 to 37.5.",
        "clear if share₁ − ½ last digit > share₂ + ½ last digit",
    ),
    MeasureRow(
        "Monopoly risk (technology monopoly risk, TMR)",
        "ASPI's technology monopoly risk, stated by the publisher or computed from k and r as far as they are known; "
        "“not high” = medium or low. Where the stated and the computed risk disagree, both are shown.",
        "high if k ≥ 8 and r ≥ 3; else medium if k ≥ 5 and r ≥ 2; else low; k = institutions of the world's top 10 in "
        "the lead country",
    ),
    MeasureRow(
        "Bloc's share",
        "The sum of the known shares of those who are members on the day of the page. It says “at least” where a "
        "member's share is unknown.",
        "Σ share of members",
    ),
    MeasureRow(
        "Bands of a comparison",
        "Gap known: every side has a share. Only the leader or a rank known: who is ahead, without a number. Nothing "
        "known of these sides. The three add up to the edition.",
        "—",
    ),
    MeasureRow(
        "Firmness between sides",
        "“Clear” where the first side's least possible share is above the greatest possible one of every other; "
        "“members unknown” where an unknown share of a bloc's member could turn it (in fields it is at most what the known "
        "shares of all leave of 106). A sum with an unknown member makes the gap “at least” or “at most”.",
        "clear if least share₁ > greatest share of each other",
    ),
    MeasureRow(
        "Movement between two editions of one series",
        "“Changed hands”: another is ahead. “Extended”, “narrowed”: the gap moved by more than the published digits "
        "leave open; “held”: by less, or it is not known in both. “Revised”: both editions speak of the same years, so "
        "nothing moved but the figure.",
        "extended if gap₂ − gap₁ > Σ ½ last digit of the four shares",
    ),
    MeasureRow(
        "Crossover",
        "Where one line passes another: between the last window in which the other was ahead and the first in which it "
        "is itself. Unknown, bounded and equal windows are skipped. “Clear” where the digits separate both before and "
        "after.",
        "sign of share₁ − share₂ changes",
    ),
    MeasureRow(
        "What would turn a lead",
        "The second leads if it alone gains, or the leader alone loses, more than the gap; or, the smallest change, if "
        "more than half the gap passes from one to the other. All else stays as published.",
        "gap; gap ÷ 2",
    ),
    MeasureRow(
        "What would change the monopoly risk",
        "The least change of k or of r that alone changes the level, or the levels still possible where one is unknown. "
        "The nearest is the one that is the smallest part of the threshold it crosses.",
        "whole institutions ÷ 5 or 8; change of r ÷ 2 or 3",
    ),
    MeasureRow(
        "Ratio to the leader",
        "In the matrix: a country's share divided by the leader's; 1 for the leader. The second's is 1 ÷ r.",
        "share ÷ share₁",
    ),
    MeasureRow(
        "Similar countries",
        "How far two countries divide their research over the fields alike, whatever their size (after Finger and "
        "Kreinin 1979). Compared are countries with a value in every field and of comparable weight.",
        "100 × Σ min(part₁, part₂); part = share in a field ÷ sum of the shares over all fields",
    ),
    MeasureRow(
        "Counted and stated",
        "Counts from our rows stand beside the counts that an edition states of itself; neither overwrites the other.",
        "—",
    ),
    MeasureRow(
        "Basis",
        "How a value is known: stated, implied by a text, derived by us, known by elimination, computed from public data.",
        "—",
    ),
    MeasureRow(
        "Coverage",
        "Known cells among technologies × the countries that occur anywhere in the series.",
        "known ÷ all cells",
    ),
    MeasureRow(
        "Engagements, counted",
        f"How many engagements of China and Russia are in our collection. {NOT_A_MEASURE} What only withheld sources "
        "speak of is in no count.",
        "records that fit; one that touches two technologies or categories counts in each",
    ),
    MeasureRow(
        "Not confirmed since",
        f"A state that is neither completed nor cancelled, and that no source we have seen has confirmed for {CLOCK} "
        "months, may no longer hold. It is worked out on the day of the page and stored nowhere.",
        f"last day that the state's date can mean + {CLOCK} months < day of the page",
    ),
    MeasureRow(
        "Dates known in part",
        "“2019” is the whole year and “June 2019” the whole month. Each is drawn as long as it is, and stands before "
        "the months and days within it, everywhere alike.",
        "2019 < 2019-01 < 2019-01-05 < 2019-02",
    ),
    MeasureRow(
        "Amounts of engagements",
        "As announced or reported, by year of start and currency, each fund once; nothing is converted, and what was "
        "paid is not known. What is left out is listed with its reason.",
        "Σ amounts that count; “at least”, “about” and ranges pass on to the sum",
    ),
    MeasureRow(
        "China and Russia together",
        "The sum of the two shares in a technology or field; “at least” where one of them is not known to us, unknown "
        "where both are not.",
        "share of China + share of Russia",
    ),
    MeasureRow(
        "Listed on a day",
        "Whether an organisation is on a list on a day: listed, not listed, or it cannot be said. A first or last date "
        "known in part leaves its days open, and no edition ends a listing by its silence: only a removal that a source "
        "states does.",
        "listed if last day that the first date can mean ≤ day < first day that the removal can mean",
    ),
    MeasureRow(
        "Controls, listings, goods and figures of trade, counted",
        "How many are in our collection; they are not all there are. What only withheld sources speak of is in no "
        "count.",
        "records that may be shown",
    ),
    MeasureRow(
        "Transcribed second-hand",
        "A record of which we have seen no original: every open source that speaks of it is a transcription or a copy of "
        "another publication.",
        "all open sources of these two kinds",
    ),
    MeasureRow(
        "Figures of trade that are drawn together",
        "As published, each with its bound (“more than”, “about”). Nothing is converted, added up or divided, and legs "
        "that no source joins are not joined.",
        "same good, product, sort of trade, route, measure, unit, span and records",
    ),
)

GIVEN_FOR = {
    "A": "A body on its own act.",
    "B": "A news agency, a paper of record, a think tank, or state media on a signing.",
    "C": "A reprint, an aggregator, a trade site.",
    "D": "A machine translation.",
    "1": "A second source seen, which need not be an independent one.",
    "2": "One source seen.",
    "3": "A plan, a claim, or a contested matter.",
}
MARKS = tuple(
    MarkRow(mark, of, words, GIVEN_FOR.get(mark, "Of the code; we have set down nothing that we give it for."))
    for of, marks in (("the source", RELIABILITY), ("what it says", CREDIBILITY))
    for mark, words in marks.items()
)


def methodology(*, at: Moment | None = None) -> TextPage:
    """How everything is computed, and what is not known of the publishers' methods."""
    with reading_record(at, editions=False) as reader:
        series = tuple(Series.objects.order_by("pk"))
        reader.show("series", [one.pk for one in series])
        return TextPage(
            title="Methodology",
            sentence="How shares, leads and risks come about, what we compute ourselves, and what the publishers have "
            "not made known.",
            address="/methodology/",
            trail=HOME,
            tables=(
                TableData("measures", "Measures, and how each is computed", MEASURES, MeasureRow),
                TableData(
                    "series",
                    "Series: editions are compared only within one",
                    tuple(
                        SeriesRow(one.name, one.publisher, one.indicator, one.unit, one.method, one.note)
                        for one in series
                    ),
                    SeriesRow,
                ),
                TableData("marks", "The marks of the Admiralty code, and what we give them for", MARKS, MarkRow),
            ),
            stamp=reader.stamp(),
        )


def about(*, at: Moment | None = None) -> TextPage:
    """What the tracker is, and how much it holds: one query a record kind; of cooperation, controls and trade what may
    be shown."""
    with reading_record(at, editions=False) as reader:
        # Each kind with the page on which its records stand.
        kinds: dict[type[Record], str] = {
            Technology: "/technologies/",
            Edition: "/editions/",
            Score: "/coverage/",
            Assessment: "/coverage/",
            Source: "/sources/",
        }
        reader.show_all(*(model.record_kind() for model in kinds))
        counts = {model: model._default_manager.count() for model in kinds}
        parts = engagement_parts(reader, subjects=False)
        mentions = read_mentions()
        for kind, pks in mentions.to_cite.items():
            reader.show(kind, pks)
        surrounding = _surrounding(reader)
        cited = reader.citations(all_to_cite(parts.to_cite, mentions.to_cite, surrounding))
        counts[Engagement] = len(parts.rows(cited))
        naming = mentions.naming(cited)
        counts[Organisation] = len(naming.whole) + len(naming.name_only)
        counts |= _shown(surrounding, cited)
        kinds |= {Engagement: "/engagements/", Organisation: "/organisations/"}
        kinds |= SURROUNDING
        rows = tuple(
            KindRow(str(model._meta.verbose_name_plural), counted(counts[model], address))
            for model, address in kinds.items()
        )
        return TextPage(
            title="About the tracker",
            sentence="The open reference for one question: who leads in the technologies that matter, by how much, "
            "since when, and how sure are we.",
            address="/about/",
            trail=HOME,
            tables=(TableData("records", "What the tracker holds", rows, KindRow),),
            stamp=reader.stamp(),
        )


# The kinds of controls and trade that are counted, with the page on which their records stand.
SURROUNDING: dict[type[Record], str] = {
    Control: "/controls/", Listing: "/controls/", Good: "/trade/", TradeFlow: "/trade/",
}  # fmt: skip
# What decides besides whether they may be shown.
WITH_PARTS: tuple[type[Record], ...] = (*SURROUNDING, FlowPlace)


def _surrounding(reader: RecordReader) -> dict[str, dict[int, int | None]]:
    """Every record of these kinds, and what it belongs to: kind -> primary key -> that of its owner. One query."""
    rows = union_rows(
        *(
            (
                model._default_manager.all(),
                {
                    "kind": model.record_kind(),
                    "pk": F("pk"),
                    "owner_pk": F(f"{model.belongs_to}_id") if model.belongs_to else None,
                },
            )
            for model in WITH_PARTS
        )
    )
    found: dict[str, dict[int, int | None]] = {model.record_kind(): {} for model in WITH_PARTS}
    for row in rows:
        found[row["kind"]][row["pk"]] = row["owner_pk"]
    for kind, pks in found.items():
        reader.show(kind, pks)
    return found


def _shown(found: Mapping[str, Mapping[int, int | None]], cited: CitedBy) -> Counter[type[Record]]:
    """How many of them may be shown. A figure that one of its places is withheld of is none."""
    counts: Counter[type[Record]] = Counter()
    placeless = {flow for pk, flow in found["flowplace"].items() if hidden(cited, "flowplace", pk)}
    for model in SURROUNDING:
        kind = model.record_kind()
        of = {"listing": "control", "tradeflow": "good"}.get(kind, "")
        needed = frozenset(ESSENTIAL if model is TradeFlow else ())
        counts[model] = sum(
            not hidden(cited, kind, pk)
            and not (owner is not None and hidden(cited, of, owner))
            and not closed_columns(cited.get((kind, pk), ())) & needed
            and not (model is TradeFlow and pk in placeless)
            for pk, owner in found[kind].items()
        )
    return counts


LICENCE = (
    PartRow("Code", "MIT licence.", None),
    PartRow(
        "Our texts, mappings and computed figures",
        "Creative Commons Attribution 4.0 (CC BY 4.0): definitions, civil and military uses, wider fields, which "
        "technology a control, good, figure or organisation concerns, computed shares, counts and derived values. "
        "Name “Technology Leadership Tracker” and the page.",
        Link("Methodology", "/methodology/"),
    ),
    PartRow(
        "Figures quoted from publishers",
        "Single published facts, each with its source. They are the publisher's findings; the tracker claims no right "
        "in them and carries no publisher's full data set.",
        Link("Sources", "/sources/"),
    ),
    PartRow(
        "Official lists, acts and customs figures",
        "Names, dates and numbers as governments published them or as others transcribed or reported them: facts, each "
        "with where we read it. Quote the act or the statistics itself; ours is no official copy.",
        Link("How to read this", "/how-to-read/"),
    ),
    PartRow(
        "NCSES tables",
        "Statistics of the US federal government, in the public domain in the United States unless marked otherwise; "
        "only figures computed from them are published here.",
        Link("Research fields", "/fields/"),
    ),
    PartRow("Fonts", "Source Serif 4 and Source Sans 3: SIL Open Font Licence 1.1.", None),
)


def licence(*, at: Moment | None = None) -> TextPage:
    with reading_record(at, editions=False) as reader:
        return TextPage(
            title="Licence",
            sentence="Free to read, cite, download and host: the code under MIT, our own data under CC BY 4.0, quoted "
            "facts with their sources.",
            address="/licence/",
            trail=HOME,
            tables=(TableData("parts", "What is under which terms", LICENCE, PartRow),),
            stamp=reader.stamp(),
        )


def places(*, at: Moment | None = None) -> TextPage:
    """The names of places, as displayed, with what is to be said of contested ones."""
    with reading_record(at, editions=False) as reader:
        countries = tuple(Country.objects.order_by("name", "pk"))
        reader.show("country", [country.pk for country in countries])
        return TextPage(
            title="Names of places",
            sentence="Names and codes of places follow ISO 3166 in their common English form. They say what a source "
            "counts, and nothing about the status of a territory.",
            address="/places/",
            trail=HOME,
            tables=(
                TableData(
                    "places",
                    "Places, their codes and names",
                    tuple(
                        PlaceNameRow(
                            country_place(country.code, country.name), country.alpha3, country.region, country.note
                        )
                        for country in countries
                    ),
                    PlaceNameRow,
                ),
            ),
            stamp=reader.stamp(),
        )


# After it the line of one engagement stands.
LIST_OF_ENGAGEMENTS = "Engagements of China and Russia"
DATA = (
    PartRow(
        "Technologies and their leaders, one edition",
        "JSON, CSV; parameters: edition, category, leader, risk, q, sort",
        Link("/technologies.csv", "/technologies.csv"),
    ),
    PartRow(
        "One technology whole",
        "JSON; CSV a table (table=ranking, margin, editions, institutions, fields, engagements, joint_fields, controls, "
        "listed, goods, trade)",
        Link("/technologies/electric-batteries.json", "/technologies/electric-batteries.json"),
    ),
    PartRow(
        "Research fields, one window",
        "JSON, CSV; edition=ncses-2003-2007 … ncses-2016-2020",
        Link("/fields.csv", "/fields.csv"),
    ),
    PartRow(
        "One field: every window and country",
        "JSON; CSV a table (table=windows, shares, crossovers, margin, countries, narrower, without); side=cn&side=us "
        "chooses up to eight lines",
        Link("/fields/materials-science.csv?table=countries", "/fields/materials-science.csv?table=countries"),
    ),
    PartRow(
        "Two to four sides compared, in one edition or across time",
        "JSON; CSV a table (table=comparison, scoreboard, closest, widest, without, crossovers, changes); parameters: "
        "side (repeated), edition, category, technology, field, from, to",
        Link("/compare.json?side=cn&side=us", "/compare.json?side=cn&side=us"),
    ),
    PartRow(
        "Technologies or fields by countries",
        "JSON, CSV; parameters: edition, category, metric=share|rank|ratio, sort",
        Link("/matrix.csv", "/matrix.csv"),
    ),
    PartRow("Countries", "JSON, CSV", Link("/countries.csv", "/countries.csv")),
    PartRow(
        "One country",
        "JSON; CSV a table (table=technologies, categories, editions, fields; regimes, listings, issued, trade; channels, "
        "recent of China and Russia, organisations of others)",
        Link("/countries/cn.json", "/countries/cn.json"),
    ),
    PartRow(
        LIST_OF_ENGAGEMENTS,
        "JSON, CSV; parameters: q, channel, status, year, technology, category, organisation, side, reliability, "
        "credibility, contested, unconfirmed, recheck, sort; organisation may be repeated: all must be named in it",
        Link("/engagements.csv", "/engagements.csv"),
    ),
    PartRow(
        "Cooperation counted: channels, years, categories, technologies, money, ties",
        "JSON; CSV a table (table=channels, years, ties, matrix, categories, technologies, fields, newest, unconfirmed, "
        "contested, cases, money, valued, marks); parameter: edition. A channel alike at its own address",
        Link("/cooperation.json", "/cooperation.json"),
    ),
    PartRow(
        "Organisations named in engagements",
        "JSON, CSV; parameters: q, kind, country, side, sort. One organisation: JSON; CSV a table (table=listings, "
        "engagements, partners, technologies, concerned, claims)",
        Link("/organisations.csv", "/organisations.csv"),
    ),
    PartRow(
        "Cases: matters in question",
        "JSON, CSV; who said what of one of them: JSON, CSV at its own address",
        Link("/cooperation.csv?table=cases", "/cooperation.csv?table=cases"),
    ),
    PartRow(
        "Controls: regimes, lists, rules, laws",
        "JSON, CSV; parameters: q, kind, country, sort. One control: JSON; CSV a table (table=organisations, states, "
        "goods, items, editions, technologies); on=2022-10-05 says who was listed on that day, of an organisation too",
        Link("/controls.csv", "/controls.csv"),
    ),
    PartRow(
        "Published figures of trade",
        "JSON; CSV a table (table=figures, goods, legs, disagreements, lists); parameters: q, kind, exporter, importer, "
        "technology, sort. One good: JSON; CSV a table (table=figures, disagreements, parents, narrower, lists, "
        "technologies)",
        Link("/trade.csv", "/trade.csv"),
    ),
    PartRow("Institutions, talent", "JSON, CSV", Link("/institutions.csv", "/institutions.csv")),
    PartRow("Editions and what each states of itself", "JSON, CSV", Link("/editions.csv", "/editions.csv")),
    PartRow("Sources, and what cites each", "JSON, CSV", Link("/sources.csv", "/sources.csv")),
    PartRow(
        "Coverage",
        "JSON; CSV a table (table=coverage, cooperation, controls, trade)",
        Link("/coverage.csv", "/coverage.csv"),
    ),
    PartRow(
        "Figures",
        "SVG, PNG: leaderboard, matrix, ranking, trajectory, comparison, slope, sides, risk, cooperation-timeline, "
        "cooperation-network, listings, trade, reexports; parameters: the page's own (edition, technology, field, "
        "category, side, from, to, channel, organisation, control, on, good), size=narrow, theme=dark",
        Link("/charts/leaderboard.svg", "/charts/leaderboard.svg"),
    ),
)


def _one_engagement(reader: RecordReader) -> PartRow:
    """What one engagement holds, with one that may be shown: a contested one, where statements stand for and against."""
    parts = engagement_parts(reader, subjects=False)
    rows = sorted(parts.rows(reader.citations(parts.to_cite)), key=lambda row: (not row.contested, row.code))
    address = f"/engagements/{rows[0].slug}.json" if rows else "/engagements.json"
    return PartRow(
        "One engagement whole",
        "JSON; CSV a table (table=parties, statuses, technologies, claims, programme, sources)",
        Link(address, address),
    )


def _everything() -> tuple[PartRow, ...]:
    """The files of everything, as far as they are there."""
    sorts = {"csv": "ZIP of CSV files", "xlsx": "XLSX, one sheet a kind of record"}
    return tuple(
        PartRow(
            "Everything at once",
            f"{sorts[file.format]}, {file.size}: all records of state {file.state}, without what is withheld; made anew "
            "within an hour of a change",
            file.link,
        )
        for file in public_files()
    )


def data(*, at: Moment | None = None) -> TextPage:
    with reading_record(at, editions=False) as reader:
        place = [row.part for row in DATA].index(LIST_OF_ENGAGEMENTS) + 1
        rows = (*(_everything() if at is None else ()), *DATA[:place], _one_engagement(reader), *DATA[place:])
        stamp = reader.stamp()
        return TextPage(
            title="Take the data away",
            sentence="Every page has a JSON and a CSV twin at its own address: the path without its last slash, plus "
            ".json or .csv. Twins hold the same values as the page, whole, with the sources of each.",
            address="/data/",
            trail=HOME,
            tables=(TableData("downloads", "What can be downloaded, and where", rows, PartRow),),
            # Which files there are is no part of the record's version.
            stamp=replace(stamp, version=f"{stamp.version}~{public_files_digest()}"),
        )
