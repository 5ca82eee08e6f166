"""Pages of text: methodology, about, licence, place names, data. Their tables are read models like any other."""

from __future__ import annotations

from tracker.analysis.home import counted
from tracker.analysis.read_model import Link, TableData
from tracker.analysis.texts import KindRow, MeasureRow, PartRow, PlaceNameRow, SeriesRow, TextPage
from tracker.history.past import Moment
from tracker.models import Assessment, Country, Edition, Score, Series, Source, Technology
from tracker.pages.rows import country_place, reading_record

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
        "The sum of the members' known shares. It says “at least” where a member's share is unknown.",
        "Σ share of members",
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
            ),
            stamp=reader.stamp(),
        )


def about(*, at: Moment | None = None) -> TextPage:
    """What the tracker is, and how much it holds: one query a record kind."""
    with reading_record(at, editions=False) as reader:
        # Each kind with the page on which its records stand.
        kinds = {
            Technology: "/technologies/",
            Edition: "/editions/",
            Score: "/coverage/",
            Assessment: "/coverage/",
            Source: "/sources/",
        }
        reader.show_all(*(model.record_kind() for model in kinds))
        rows = tuple(
            KindRow(str(model._meta.verbose_name_plural), counted(model._default_manager.count(), address))
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


LICENCE = (
    PartRow("Code", "MIT licence.", None),
    PartRow(
        "Our texts, mappings and computed figures",
        "Creative Commons Attribution 4.0 (CC BY 4.0): definitions, civil and military uses, wider fields, computed "
        "shares, counts and derived values. Name “Technology Leadership Tracker” and the page.",
        Link("Methodology", "/methodology/"),
    ),
    PartRow(
        "Figures quoted from publishers",
        "Single published facts, each with its source. They are the publisher's findings; the tracker claims no right "
        "in them and carries no publisher's full data set.",
        Link("Sources", "/sources/"),
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


DATA = (
    PartRow(
        "Technologies and their leaders, one edition",
        "JSON, CSV; parameters: edition, category, leader, risk, q, sort",
        Link("/technologies.csv", "/technologies.csv"),
    ),
    PartRow(
        "One technology whole",
        "JSON; CSV a table (table=ranking, editions, institutions, fields)",
        Link("/technologies/electric-batteries.json", "/technologies/electric-batteries.json"),
    ),
    PartRow(
        "Research fields, one window",
        "JSON, CSV; edition=ncses-2003-2007 … ncses-2016-2020",
        Link("/fields.csv", "/fields.csv"),
    ),
    PartRow(
        "One field: every window and country",
        "JSON; CSV a table (table=windows, shares, countries, narrower, without)",
        Link("/fields/materials-science.csv?table=countries", "/fields/materials-science.csv?table=countries"),
    ),
    PartRow("Countries", "JSON, CSV", Link("/countries.csv", "/countries.csv")),
    PartRow(
        "One country",
        "JSON; CSV a table (table=technologies, categories, editions, fields)",
        Link("/countries/cn.json", "/countries/cn.json"),
    ),
    PartRow("Institutions, talent", "JSON, CSV", Link("/institutions.csv", "/institutions.csv")),
    PartRow("Editions and what each states of itself", "JSON, CSV", Link("/editions.csv", "/editions.csv")),
    PartRow("Sources, and what cites each", "JSON, CSV", Link("/sources.csv", "/sources.csv")),
    PartRow("Coverage", "JSON, CSV", Link("/coverage.csv", "/coverage.csv")),
    PartRow(
        "Figures",
        "SVG, PNG: leaderboard, matrix, ranking, trajectory, risk; parameters: edition, technology, "
        "field, size=narrow, theme=dark",
        Link("/charts/leaderboard.svg", "/charts/leaderboard.svg"),
    ),
)


def data(*, at: Moment | None = None) -> TextPage:
    with reading_record(at, editions=False) as reader:
        return TextPage(
            title="Take the data away",
            sentence="Every page has a JSON and a CSV twin at its own address: the path without its last slash, plus "
            ".json or .csv. Twins hold the same values as the page, whole, with the sources of each.",
            address="/data/",
            trail=HOME,
            tables=(TableData("downloads", "What can be downloaded, and where", DATA, PartRow),),
            stamp=reader.stamp(),
        )
