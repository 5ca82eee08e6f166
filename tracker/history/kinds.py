"""The kinds of records that researchers edit: one registration each. Forms, imports and exports follow from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet

from tracker.history.tracked import tracked_models
from tracker.models import (
    Alias,
    Assessment,
    Bloc,
    BlocMembership,
    Case,
    CaseParty,
    Category,
    Channel,
    Citation,
    Claim,
    Control,
    ControlItem,
    Country,
    Disagreement,
    Edition,
    EditionTechnology,
    Engagement,
    EngagementTechnology,
    FlowPlace,
    Good,
    Institution,
    InstitutionScore,
    ListedGood,
    ListEdition,
    Listing,
    ListingEntry,
    MissingYears,
    Organisation,
    OrganisationAlias,
    ParticipatingState,
    Participation,
    Record,
    Relevance,
    RetirableRecord,
    Score,
    Series,
    Source,
    Status,
    TalentFlow,
    Tally,
    Technology,
    TradeFlow,
    WiderField,
    Window,
)


@dataclass(frozen=True)
class Number:
    """A number with the decimals it was published with: two columns that are typed as one."""

    value: str
    decimals: str


@dataclass(frozen=True)
class Part:
    """Records of `kind` that are edited in the form of what they belong to.

    `link`: the column that points there; "" where the record is named by kind and number (citations, claims).
    `one`: what a row is called on the button that adds one.
    """

    kind: str
    link: str
    title: str
    one: str


SOURCES = Part("citation", "", "Sources", "a source")
CLAIMS = Part("claim", "", "Claims and denials", "a claim")
TECHNOLOGIES = Part("relevance", "", "Technologies it concerns (our mapping)", "a technology")

# Columns that are never typed: they name the record that a citation or a claim speaks of.
SPOKEN_OF = frozenset({"kind", "record", "record_key"})


@dataclass(frozen=True)
class Kind:
    """One kind of record for its form.

    `groups`: the columns under their headings, in order. `labels`: words for columns whose own name is none.
    `limits`: conditions on what a reference may point to. `room`: the first part of its page's address.
    `adds`: what can be added from its page, as (kind, column that points back). `added_from`: the lists that offer
    a new one, by the first part of their address. `slug_from`: the columns that a slug is made of, all of them, or
    where `slug_is` stands (with {} for the column) the first that is filled. `code_begins`: the capitals before our
    running number, the code of a new record. `topic` and `about`: where lists of kinds put it, and what one is.
    """

    model: type[Record]
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    noun: str
    plural: str = ""
    numbers: tuple[Number, ...] = ()
    parts: tuple[Part, ...] = ()
    label: Callable[[Any], str] = str
    labels: dict[str, str] = field(default_factory=dict)
    limits: dict[str, dict[str, Any]] = field(default_factory=dict)
    rooms: tuple[str, ...] = ()
    slug_from: tuple[str, ...] = ()
    slug_is: dict[str, str] = field(default_factory=dict)
    code_begins: str = ""
    adds: tuple[tuple[str, str], ...] = ()
    short: tuple[str, ...] = ()
    added_from: tuple[str, ...] = ()
    topic: str = ""
    about: str = ""

    @property
    def name(self) -> str:
        return self.model.record_kind()

    @property
    def many(self) -> str:
        return self.plural or f"{self.noun}s"

    @property
    def a_noun(self) -> str:
        return f"{'an' if self.noun[0] in 'aeiou' else 'a'} {self.noun}"

    @property
    def retirable(self) -> bool:
        return issubclass(self.model, RetirableRecord)

    @property
    def all_parts(self) -> tuple[Part, ...]:
        """Its parts and its sources. Sources themselves, and what ties them to records, are not cited."""
        return self.parts if self.model in (Source, Citation) else (*self.parts, SOURCES)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns that are typed in its form: everything that can be edited but the decimals of a number."""
        return tuple(name for _, names in self.groups for name in names)

    @cached_property
    def related(self) -> tuple[str, ...]:
        """What its label and its key read of other records, for `select_related`."""
        return tuple(dict.fromkeys(_references(self.model, self.model.key_fields)))

    def slug_words(self, values: Mapping[str, Any]) -> str:
        """The words that a slug is made of, from the record's own by column."""
        said = {name: str(values.get(name) or "").strip() for name in self.slug_from}
        for name, words in self.slug_is.items():
            if said.get(name):
                return words.format(said[name])
        return " ".join(filter(None, said.values()))

    def column_label(self, name: str) -> str:
        if name in self.labels:
            return self.labels[name]
        words = str(getattr(self.model._meta.get_field(name), "verbose_name", name))
        return words[:1].upper() + words[1:]

    def column_of(self, column: str) -> str:
        """The typed column that holds a stored one: the number of its decimals."""
        return next((number.value for number in self.numbers if number.decimals == column), column)

    def rows(self) -> QuerySet[Any]:
        """Its records with what their labels read."""
        return self.model._default_manager.using("default").select_related(*self.related)

    def searched(self, words: str) -> QuerySet[Any]:
        """The records in whose key or name every word stands."""
        found = self.rows()
        for word in words.split():
            anywhere = Q()
            for path in self._texts:
                anywhere |= Q(**{f"{path}__icontains": word})
            found = found.filter(anywhere)
        return found.order_by(*self.model._meta.ordering or ["pk"])

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        own = [
            column.name for column in self.model._meta.concrete_fields
            if column.name in ("name", "title", "speaker", "unnamed", "passage", *self.model.key_fields)
            and not column.is_relation
        ]  # fmt: skip
        beside = []
        for path in self.related:
            model: Any = self.model
            for step in path.split("__"):
                model = model._meta.get_field(step).related_model
            names = {column.name for column in model._meta.concrete_fields}
            beside += [f"{path}__{name}" for name in ("slug", "code", "name", "title", "first_year") if name in names]
        return tuple(dict.fromkeys([*own, *beside]))


def _references(model: type[Record], names: tuple[str, ...], depth: int = 0) -> Iterator[str]:
    for name in names:
        column = model._meta.get_field(name)
        target = column.related_model
        if column.is_relation and isinstance(target, type) and issubclass(target, Record):
            yield name
            if depth < 2:
                yield from (f"{name}__{step}" for step in _references(target, target.key_fields, depth + 1))


# Labels: how a record is named in lists, headings and choices.


def _window(window: Window) -> str:
    return f"{window.edition}, {window.years}"


def _score(score: Score) -> str:
    return f"{score.country or score.bloc} in {score.technology} ({_window(score.window)})"


def _assessment(row: Assessment) -> str:
    return f"{row.technology} ({_window(row.window)})"


def _tally(tally: Tally) -> str:
    who = tally.country or tally.bloc or tally.institution
    parts = [tally.get_metric_display(), *(str(part) for part in (who, tally.category, tally.scope) if part)]
    return f"{', '.join(parts)} ({_window(tally.window)})"


def _participation(party: Participation) -> str:
    return f"{party.get_side_display()}: {party.organisation or party.unnamed}"


def _citation(citation: Citation) -> str:
    where = ", ".join(filter(None, (citation.field.replace("_", " "), citation.page and f"p. {citation.page}")))
    return f"{_source(citation.source)}{f' ({where})' if where else ''}"


def _source(source: Source) -> str:
    said = ", ".join(filter(None, (source.publisher, source.date or source.date_note)))
    title = source.title if len(source.title) <= 110 else f"{source.title[:108]}…"
    return f"{title} ({said})" if said else title


def _membership(stay: BlocMembership) -> str:
    days = f"{stay.since or '?'} to {stay.until or 'today'}"
    return f"{stay.country} in {stay.bloc}, {days}"


def _talent(flow: TalentFlow) -> str:
    start = flow.trained_in_country or flow.trained_in_bloc
    what = flow.technology or flow.scope
    return f"{start} → {flow.working_in}, {flow.get_stage_display()}: {what} ({_window(flow.window)})"


def _subject(row: EngagementTechnology) -> str:
    return str(row.technology or row.topic)


RANKS = {"rank_from": "Rank, from", "rank_to": "Rank, to"}

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            Category,
            (("What it is", ("name", "slug", "position")),),
            "category", "categories", slug_from=("name",),
            topic="Technologies", about="a group of technologies",
        ),
        Kind(
            Country,
            (("What it is", ("name", "code", "alpha3", "region", "other_names", "note")),),
            "country", "countries", rooms=("countries",), labels={"alpha3": "ISO code of three letters"},
            topic="Places and institutions", about="a country by its ISO code",
            added_from=("countries",),
        ),
        Kind(
            Channel,
            (("What it is", ("name", "description", "origin")), ("On pages", ("slug", "position", "note"))),
            "channel", rooms=("cooperation",), slug_from=("name",), adds=(("engagement", "channel"),),
            topic="Cooperation", about="a way in which they cooperate",
            added_from=("cooperation",),
        ),
        Kind(
            Series,
            (
                ("What it is", ("name", "publisher", "level", "indicator", "unit", "method")),
                ("On pages", ("slug", "note")),
            ),
            "series", "series", slug_from=("name",), labels={"unit": "Unit of its values"},
            adds=(("edition", "series"),),
            topic="Series and editions", about="editions of one publisher, indicator and method",
            added_from=("editions",),
        ),
        Kind(
            Edition,
            (
                ("What it is", ("name", "series", "previous", "released", "released_note", "stage")),
                ("What it states of itself", ("technology_count", "count_note", "headline")),
                ("On pages", ("slug", "featured", "verification", "note")),
            ),
            "edition", rooms=("editions",), slug_from=("name",),
            labels={"previous": "Edition before it", "technology_count": "How many technologies",
                    "featured": "Shown where no edition is named"},
            parts=(Part("window", "edition", "Windows of years", "a window"),),
            adds=(("editiontechnology", "edition"), ("tally", "edition"), ("score", "edition")),
            topic="Series and editions", about="one release of a series",
            added_from=("editions",),
        ),
        Kind(
            Window,
            (("What it is", ("edition", "first_year", "last_year", "kind", "note")),),
            "window", label=_window,
            topic="Series and editions", about="the years that values of an edition speak of",
        ),
        Kind(
            Technology,
            (
                ("What it is", ("name", "level", "category", "definition")),
                ("Uses", ("civil_uses", "military_uses")),
                ("On pages", ("slug", "note")),
            ),
            "technology", "technologies", rooms=("technologies", "fields"), slug_from=("name",),
            parts=(
                Part("alias", "technology", "Other names", "a name"),
                Part("widerfield", "technology", "Wider fields (our mapping)", "a field"),
            ),
            adds=(("score", "technology"), ("assessment", "technology"), ("institutionscore", "technology")),
            topic="Technologies", about="a technology, or a broad field of research",
            added_from=("technologies", "fields",),
        ),
        Kind(Alias, (("What it is", ("technology", "name", "note")),), "alias", "aliases", label=lambda row: row.name,
            topic="Technologies", about="another name of a technology",
        ),
        Kind(
            WiderField,
            (("What it is", ("technology", "field", "reason")),),
            "wider field", label=lambda row: f"{row.technology} within {row.field}",
            limits={"technology": {"level": "technology"}, "field": {"level": "field"}},
            topic="Technologies", about="which field a technology belongs to",
        ),
        Kind(
            EditionTechnology,
            (("What it is", ("edition", "technology", "name", "category", "number", "basis", "note")),),
            "entry of an edition", "entries of editions", label=lambda row: f"{row.technology} in {row.edition}",
            labels={"name": "Its name there", "category": "Its category there", "number": "Its number there"},
            topic="Series and editions", about="that an edition covers a technology, and its name there",
        ),
        Kind(
            Bloc,
            (("What it is", ("name", "short_name", "description")), ("On pages", ("slug", "note"))),
            "bloc", rooms=("blocs",), slug_from=("short_name", "name"),
            parts=(Part("blocmembership", "bloc", "Members", "a member"),),
            adds=(("score", "bloc"),),
            topic="Places and institutions", about="a group of countries",
            added_from=("blocs",),
        ),
        Kind(
            BlocMembership,
            (("What it is", ("bloc", "country", "since", "until", "note")),),
            "membership", label=_membership, short=("country",),
            topic="Places and institutions", about="that a country belongs to a bloc, since and until when",
        ),
        Kind(
            Institution,
            (("What it is", ("name", "country", "slug", "note")),),
            "institution", slug_from=("name",), adds=(("institutionscore", "institution"),),
            topic="Places and institutions", about="a university, laboratory or company that is ranked",
            added_from=("institutions",),
        ),
        Kind(
            Score,
            (
                ("Of what", ("technology", "country", "bloc", "window")),
                ("What is known", ("share", "share_bound", "rank_from", "rank_to", "h_index", "publications", "basis")),
                ("For readers", ("note",)),
            ),
            "score", numbers=(Number("share", "share_decimals"),), label=_score,
            labels={**RANKS, "share": "Share, %", "share_bound": "The share is", "h_index": "H-index",
                    "window": "Edition and years", "basis": "How we know it"},
            topic="Who leads in what", about="a place’s rank, share or publications in one technology and window",
            added_from=("", "technologies", "matrix",),
        ),
        Kind(
            MissingYears,
            (("What it is", ("series", "technology", "country", "years", "reason")),),
            "gap in years", "gaps in years", label=lambda row: f"{row.country} in {row.technology}: {row.years}",
            topic="Who leads in what", about="years a series does not estimate for a country in a field",
        ),
        Kind(
            Assessment,
            (
                ("Of what", ("technology", "window")),
                ("Who leads", ("lead_country", "lead_basis", "second_country", "second_basis")),
                ("Monopoly risk", ("risk_levels", "risk_basis", "institutions_in_lead", "institutions_of",
                                   "institutions_basis", "lead_ratio", "ratio_basis")),
                ("For readers", ("verification", "note")),
            ),
            "assessment", numbers=(Number("lead_ratio", "lead_ratio_decimals"),), label=_assessment,
            labels={"window": "Edition and years", "lead_country": "Leader", "lead_basis": "How we know the leader",
                    "second_country": "Second", "second_basis": "How we know the second",
                    "risk_levels": "Monopoly risk", "risk_basis": "How we know the risk",
                    "institutions_in_lead": "Top institutions in the lead country",
                    "institutions_of": "Out of", "institutions_basis": "How we know their number",
                    "lead_ratio": "Lead ratio", "ratio_basis": "How we know the ratio",
                    "verification": "How far this is verified"},
            topic="Who leads in what", about="who leads in one technology and window, and the monopoly risk",
            added_from=("matrix",),
        ),
        Kind(
            InstitutionScore,
            (
                ("Of what", ("technology", "institution", "window")),
                ("What is known", ("rank_from", "rank_to", "share", "basis")),
                ("For readers", ("note",)),
            ),
            "score of an institution", "scores of institutions", numbers=(Number("share", "share_decimals"),),
            label=lambda row: f"{row.institution} in {row.technology} ({_window(row.window)})",
            labels={**RANKS, "share": "Share, %", "window": "Edition and years", "basis": "How we know it"},
            topic="Who leads in what", about="an institution’s rank or share in one technology and window",
            added_from=("institutions",),
        ),
        Kind(
            Tally,
            (
                ("Of what", ("window", "metric", "country", "bloc", "institution", "category", "scope")),
                ("What is stated", ("value", "out_of", "basis")),
                ("For readers", ("note",)),
            ),
            "stated count", label=_tally,
            labels={"window": "Edition and years", "metric": "What is counted", "value": "Count",
                    "out_of": "Out of", "basis": "How we know it"},
            topic="Who leads in what", about="a number an edition states, such as how many technologies a country leads",
        ),
        Kind(
            TalentFlow,
            (
                ("Of what", ("window", "technology", "scope", "stage", "population")),
                ("From where to where", ("trained_in_country", "trained_in_bloc", "working_in")),
                ("What is stated", ("percent", "basis")),
                ("For readers", ("note",)),
            ),
            "talent flow", numbers=(Number("percent", "percent_decimals"),), label=_talent,
            labels={"window": "Edition and years", "percent": "Share, %", "basis": "How we know it",
                    "trained_in_country": "Trained in, country", "trained_in_bloc": "Trained in, bloc"},
            topic="Who leads in what", about="the share of people trained in one place who work in another",
            added_from=("talent",),
        ),
        Kind(
            Organisation,
            (
                ("What it is", ("name", "kind", "country", "parent", "description")),
                ("Its own name", ("original_name", "original_language")),
                ("On pages", ("slug", "note")),
            ),
            "organisation", rooms=("organisations",), slug_from=("name",), labels={"kind": "Sort of body"},
            parts=(Part("organisationalias", "organisation", "Other spellings", "a spelling"), TECHNOLOGIES, CLAIMS),
            adds=(("listing", "organisation"), ("claim", "of"), ("relevance", "of")),
            topic="Cooperation", about="a body that takes part in cooperation",
            added_from=("organisations",),
        ),
        Kind(
            OrganisationAlias,
            (("What it is", ("organisation", "name", "note")),),
            "spelling of an organisation", "spellings of organisations", label=lambda row: row.name,
            topic="Cooperation", about="another spelling of an organisation",
        ),
        Kind(
            Engagement,
            (
                ("What it is", ("title", "channel", "programme", "description")),
                ("When", ("start", "start_note", "end", "end_note")),
                ("Value", ("value_from", "value_to", "currency", "value_bound", "value_note", "counts_in_totals",
                           "totals_note")),
                ("How sure", ("contested", "contested_note", "recheck")),
                ("On pages", ("code", "slug", "note")),
            ),
            "engagement", rooms=("engagements",), slug_from=("title",), code_begins="CR",
            labels={"programme": "Part of", "start": "Began", "end": "Ended", "value_from": "Value, from",
                    "value_to": "Value, to", "value_bound": "The value is", "counts_in_totals": "Counts in sums",
                    "totals_note": "Why it does not count", "contested_note": "What is contested",
                    "recheck": "To be checked", "code": "Our number"},
            parts=(
                Part("participation", "engagement", "Parties", "a party"),
                Part("engagementtechnology", "engagement", "What it is about", "a subject"),
                Part("status", "engagement", "How far it has come", "a status"),
                CLAIMS,
            ),
            adds=(("status", "engagement"), ("participation", "engagement"), ("claim", "of")),
            topic="Cooperation", about="one thing that two sides do together",
            added_from=("", "cooperation", "engagements",),
        ),
        Kind(
            EngagementTechnology,
            (("What it is", ("engagement", "technology", "topic", "basis", "position", "note")),),
            "subject of an engagement", "subjects of engagements", label=_subject,
            labels={"topic": "Or a topic, in words", "basis": "How we know it", "position": "Place in the list"},
            topic="Cooperation", about="a technology or topic of an engagement",
        ),
        Kind(
            Participation,
            (("What it is", ("engagement", "side", "organisation", "unnamed", "named_as", "role", "position", "note")),),
            "party", "parties", label=_participation,
            labels={"unnamed": "Or a party without a name", "position": "Place in the list"}, short=("organisation",),
            topic="Cooperation", about="a party of an engagement",
        ),
        Kind(
            Status,
            (("What it is", ("engagement", "state", "as_of", "position", "note")),),
            "status", "statuses", label=lambda row: f"{row.get_state_display()}, as of {row.as_of}",
            labels={"as_of": "As of", "position": "Place in the list"},
            topic="Cooperation", about="how far an engagement has come, as of a day",
        ),
        Kind(
            Case,
            (("What it is", ("title", "summary", "date", "date_note")), ("On pages", ("slug", "note"))),
            "case", rooms=("cases",), slug_from=("title",),
            parts=(Part("caseparty", "case", "Parties", "a party"), CLAIMS), adds=(("claim", "of"),),
            topic="Cooperation", about="a contested case",
            added_from=("cooperation",),
        ),
        Kind(
            CaseParty,
            (("What it is", ("case", "organisation", "role", "position")),),
            "party of a case", "parties of cases", label=lambda row: str(row.organisation),
            labels={"position": "Place in the list"},
            topic="Cooperation", about="an organisation in a case",
        ),
        Kind(
            Claim,
            (
                ("Who says it", ("speaker", "organisation", "country", "date", "date_note")),
                ("What is said", ("stance", "statement", "quote", "evidence_shown", "evidence", "position", "note")),
            ),
            "claim", label=lambda row: f"{row.speaker} {row.get_stance_display()}{f', {row.date}' if row.date else ''}",
            labels={"organisation": "For the organisation", "country": "For the country", "date": "Said on",
                    "stance": "What the speaker does", "quote": "Word for word", "evidence_shown": "Evidence",
                    "evidence": "What was shown", "position": "Place in the list"},
            topic="Cooperation", about="what a speaker says of a case, engagement or organisation",
        ),
        Kind(
            Control,
            (
                ("What it is", ("name", "kind", "issuer", "country", "amends", "description")),
                ("When", ("issued", "since", "until", "date_note")),
                ("What is stated", ("states_stated", "goods_stated")),
                ("On pages", ("short_name", "code", "slug", "note")),
            ),
            "control", rooms=("controls",), slug_from=("name",),
            labels={"kind": "Sort of act", "country": "Whose act it is", "amends": "It updates", "since": "In force from",
                    "until": "In force until", "states_stated": "States that take part, as stated",
                    "goods_stated": "Goods it names, as stated", "code": "Our name for it"},
            parts=(
                Part("controlitem", "control", "Categories and tiers", "an item"),
                Part("participatingstate", "control", "Participating states", "a state"),
                Part("listedition", "control", "Editions of the list", "an edition"),
                TECHNOLOGIES,
            ),
            adds=(("listing", "control"), ("controlitem", "control"), ("participatingstate", "control"),
                  ("listedition", "control"), ("relevance", "of")),
            topic="Controls and trade", about="a regime, list, rule, law or programme",
            added_from=("controls",),
        ),
        Kind(
            ControlItem,
            (("What it is", ("control", "kind", "code", "name", "description", "position", "note")),),
            "item of a control", "items of controls",
            label=lambda row: f"{row.control}, {row}",
            labels={"kind": "It is a", "code": "Its number there", "position": "Place in the list"},
            parts=(Part("listedgood", "item", "Goods it names", "a good"), TECHNOLOGIES),
            adds=(("listedgood", "item"), ("relevance", "of")),
            topic="Controls and trade", about="a category or tier of what a control covers",
        ),
        Kind(
            ParticipatingState,
            (("What it is", ("control", "country", "since", "until", "note")),),
            "participating state", label=lambda row: f"{row.country} in {row.control}", short=("country",),
            topic="Controls and trade", about="that a state takes part in a regime, since and until when",
        ),
        Kind(
            ListEdition,
            (("What it is", ("control", "date", "name", "extent", "extent_basis", "entries_stated", "note")),),
            "edition of a list", "editions of lists", label=str,
            labels={"extent": "It is", "extent_basis": "How we know that", "entries_stated": "Entries, as stated"},
            topic="Controls and trade", about="one publication of a list, whole or what was added to it",
        ),
        Kind(
            Listing,
            (("What it is", ("control", "organisation", "since", "until", "date_note", "note")),),
            "listing", label=lambda row: f"{row.organisation} on {row.control}{f', since {row.since}' if row.since else ''}",
            labels={"control": "On the list", "since": "Listed since", "until": "Removed on"},
            parts=(Part("listingentry", "listing", "Editions that name it", "an edition"),),
            adds=(("listingentry", "listing"),), added_from=("controls", "organisations"),
            topic="Controls and trade", about="an organisation’s stay on a list, from its first date to its removal",
        ),
        Kind(
            ListingEntry,
            (("What it is", ("listing", "edition", "listed_as", "note")),),
            "entry in an edition of a list", "entries in editions of lists",
            label=lambda row: f"{row.listing.organisation} in {row.edition}",
            topic="Controls and trade", about="that one edition of a list names an organisation, and as what",
        ),
        Kind(
            Good,
            (
                ("What it is", ("name", "hs_code", "hs_revision", "parent", "description")),
                ("On pages", ("short_name", "slug", "note")),
            ),
            "good", rooms=("trade",), slug_from=("hs_code", "short_name", "name"),
            slug_is={"hs_code": "hs {}", "short_name": "{}"},
            labels={"hs_code": "HS code", "hs_revision": "Revision of the HS", "parent": "Part of"},
            parts=(Part("listedgood", "good", "Lists that name it", "a list"), TECHNOLOGIES),
            adds=(("tradeflow", "good"), ("listedgood", "good"), ("relevance", "of")),
            topic="Controls and trade", about="an HS code, or a group of goods that figures are published of",
            added_from=("trade",),
        ),
        Kind(
            ListedGood,
            (("What it is", ("item", "good", "since", "until", "note")),),
            "good on a list", "goods on lists", label=lambda row: f"{row.good} in {row.item}",
            labels={"item": "Named by"},
            topic="Controls and trade", about="that a tier or category of a control names a good",
        ),
        Kind(
            TradeFlow,
            (
                ("Of what", ("good", "good_basis", "product", "kind")),
                ("When", ("period_start", "period_end", "span")),
                ("How much", ("measure", "value_from", "value_to", "unit", "bound")),
                ("Compared with", ("baseline_start", "baseline_end", "baseline_value", "baseline_bound", "baseline_note",
                                   "change_stated")),
                ("By whose count", ("data_basis", "data_by")),
                ("For readers", ("code", "note")),
            ),
            "figure of trade", "figures of trade", code_begins="TF",
            labels={"good_basis": "How we know the good", "product": "Of what, as the source says it",
                    "kind": "Sort of trade", "value_from": "Figure, from", "value_to": "Figure, to",
                    "bound": "The figure is", "baseline_value": "Figure it is compared with",
                    "baseline_bound": "That figure is", "baseline_note": "The comparison in words",
                    "change_stated": "The change, as stated", "data_basis": "Whose records", "data_by": "Who counted",
                    "code": "Our number"},
            parts=(
                Part("flowplace", "flow", "From where to where", "a place"),
                Part("disagreement", "first", "Figures that do not agree with it", "a figure"),
                TECHNOLOGIES,
            ),
            adds=(("flowplace", "flow"), ("disagreement", "first"), ("relevance", "of")), added_from=("trade",),
            topic="Controls and trade", about="one published figure: of what, from where to where, when, how much",
        ),
        Kind(
            FlowPlace,
            (("What it is", ("flow", "role", "country", "unnamed", "position")),),
            "place of a figure of trade", "places of figures of trade",
            label=lambda row: f"{row.get_role_display()}: {row.country or row.unnamed}",
            labels={"flow": "Figure", "unnamed": "Or a place that is no country", "position": "Place in the list"},
            short=("country",),
            topic="Controls and trade", about="an exporter, importer or place in between of a figure of trade",
        ),
        Kind(
            Disagreement,
            (("What it is", ("first", "second", "reason")),),
            "disagreement of two figures", "disagreements of figures",
            label=lambda row: f"{row.first.code} against {row.second.code}",
            labels={"first": "One figure", "second": "The other", "reason": "What lies between them"},
            topic="Controls and trade", about="two figures that do not say the same of one thing",
        ),
        Kind(
            Relevance,
            (("What it is", ("technology", "basis", "reason", "position")),),
            "technology concerned", "technologies concerned", label=lambda row: str(row.technology),
            labels={"basis": "How we know it", "reason": "Why it concerns it", "position": "Place in the list"},
            limits={"technology": {"level": "technology"}},
            topic="Controls and trade",
            about="that a control, an item, a good, an organisation or a figure concerns a technology",
        ),
        Kind(
            Source,
            (
                ("What it is", ("title", "publisher", "date", "date_note", "url")),
                ("How it may be used", ("kind", "kind_note", "reuse")),
                ("On pages", ("slug", "note")),
            ),
            "source", rooms=("sources",), slug_from=("publisher", "title", "date"), label=_source,
            labels={"url": "Address on the web", "kind": "Sort of source", "reuse": "May it be shown?"},
            topic="Sources", about="a publication, table or page",
            added_from=("sources",),
        ),
        Kind(
            Citation,
            (
                ("Which source", ("source", "field", "passage", "page", "stated_value", "preferred")),
                ("How sure", ("reliability", "credibility", "seen_through")),
                ("For readers", ("position", "note")),
            ),
            "citation", label=_citation,
            labels={"field": "Speaks of", "stated_value": "It prints", "preferred": "Its value is the one shown",
                    "seen_through": "Seen through", "passage": "Passage, word for word",
                    "position": "Place in the list"},
            topic="Sources", about="that a source says something of a record",
        ),
    )
}  # fmt: skip


# Where lists of kinds put them, in order.
TOPICS = (
    "Who leads in what", "Series and editions", "Technologies", "Places and institutions", "Cooperation",
    "Controls and trade", "Sources",
)  # fmt: skip


@cache
def by_topic() -> tuple[tuple[str, tuple[Kind, ...]], ...]:
    """Every kind under its topic, in the order of TOPICS."""
    return tuple((topic, tuple(kind for kind in KINDS.values() if kind.topic == topic)) for topic in TOPICS)


@cache
def places_of_a_page() -> dict[str, str]:
    """The first part of a page's address -> the kind of record that it is about."""
    return {room: kind.name for kind in KINDS.values() for room in kind.rooms}


def record_of_page(path: str) -> Record | None:
    """The record that a page is about, by its address (one query); None for lists and pages about none."""
    parts = path.strip("/").split("/")
    kind = KINDS.get(places_of_a_page().get(parts[0], ""))
    if len(parts) != 2 or kind is None:
        return None
    named = parts[1].upper() if kind.model is Country else parts[1]
    found = kind.rows().filter(**{kind.model.key_fields[0]: named})
    return found.first()


def label_of(record: Record) -> str:
    """How a record is named; what it points to is read where it was not loaded."""
    kind = KINDS.get(record.record_kind())
    return kind.label(record) if kind else str(record)


def records_named(kind: str, pks: list[int]) -> dict[int, Record]:
    """Records of a kind by primary key, with what their labels read: one query."""
    if kind in KINDS:
        return KINDS[kind].rows().in_bulk(pks)
    return tracked_models()[kind]._default_manager.in_bulk(pks)


def editable_columns(model: type[Record]) -> tuple[str, ...]:
    """Every column of a model that a person may change."""
    return tuple(
        column.name for column in model._meta.concrete_fields
        if column.editable and not isinstance(column, models.AutoField) and column.name not in _spoken(model)
    )  # fmt: skip


def _spoken(model: type[Record]) -> frozenset[str]:
    return SPOKEN_OF if model.speaks_of else frozenset()
