"""Records for tests. Each factory makes a valid record with keys of its own; they are not recorded in history."""

from __future__ import annotations

from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from tracker import models


class UserFactory(DjangoModelFactory):
    class Meta:
        model = models.User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"researcher-{n}")
    display_name = factory.Sequence(lambda n: f"Researcher {n}")


class SourceFactory(DjangoModelFactory):
    class Meta:
        model = models.Source

    slug = factory.Sequence(lambda n: f"source-{n}")
    title = factory.Sequence(lambda n: f"Report {n}")
    publisher = "An institute"
    date = "2026-03"
    kind = models.Source.Kind.PRIMARY
    reuse = models.Source.Reuse.FACT


class CountryFactory(DjangoModelFactory):
    """Codes Q0A … are no ISO codes: AA, AB … as the sequence runs."""

    class Meta:
        model = models.Country

    code = factory.Sequence(lambda n: chr(65 + n // 26 % 26) + chr(65 + n % 26))
    name = factory.Sequence(lambda n: f"Country {n}")


class BlocFactory(DjangoModelFactory):
    class Meta:
        model = models.Bloc

    slug = factory.Sequence(lambda n: f"bloc-{n}")
    name = factory.Sequence(lambda n: f"Bloc {n}")
    short_name = factory.Sequence(lambda n: f"B{n}")


class BlocMembershipFactory(DjangoModelFactory):
    class Meta:
        model = models.BlocMembership

    bloc = factory.SubFactory(BlocFactory)
    country = factory.SubFactory(CountryFactory)
    since = "2010-01-01"


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = models.Category

    slug = factory.Sequence(lambda n: f"category-{n}")
    name = factory.Sequence(lambda n: f"Category {n}")
    position = factory.Sequence(lambda n: n + 1)


class TechnologyFactory(DjangoModelFactory):
    class Meta:
        model = models.Technology

    slug = factory.Sequence(lambda n: f"technology-{n}")
    name = factory.Sequence(lambda n: f"Technology {n}")
    level = models.Technology.Level.TECHNOLOGY
    category = factory.SubFactory(CategoryFactory)
    definition = "What it is, in a sentence."


class FieldFactory(TechnologyFactory):
    """A broad research field."""

    slug = factory.Sequence(lambda n: f"field-{n}")
    name = factory.Sequence(lambda n: f"Field {n}")
    level = models.Technology.Level.FIELD
    category = None


class AliasFactory(DjangoModelFactory):
    class Meta:
        model = models.Alias

    technology = factory.SubFactory(TechnologyFactory)
    name = factory.Sequence(lambda n: f"Another name {n}")


class WiderFieldFactory(DjangoModelFactory):
    class Meta:
        model = models.WiderField

    technology = factory.SubFactory(TechnologyFactory)
    field = factory.SubFactory(FieldFactory)
    reason = "It grew out of it."


class SeriesFactory(DjangoModelFactory):
    class Meta:
        model = models.Series

    slug = factory.Sequence(lambda n: f"series-{n}")
    name = factory.Sequence(lambda n: f"Series {n}")
    publisher = "An institute"
    level = models.Technology.Level.TECHNOLOGY
    indicator = "Share of the most cited publications"
    unit = "%"


class EditionFactory(DjangoModelFactory):
    class Meta:
        model = models.Edition

    series = factory.SubFactory(SeriesFactory)
    slug = factory.Sequence(lambda n: f"edition-{n}")
    name = factory.Sequence(lambda n: f"Edition {n}")
    released = "2026-03-01"


class WindowFactory(DjangoModelFactory):
    class Meta:
        model = models.Window

    edition = factory.SubFactory(EditionFactory)
    first_year = 2018
    last_year = 2022


class EditionTechnologyFactory(DjangoModelFactory):
    class Meta:
        model = models.EditionTechnology

    edition = factory.SubFactory(EditionFactory)
    technology = factory.SubFactory(TechnologyFactory)
    basis = models.Basis.STATED


class ScoreFactory(DjangoModelFactory):
    """A country's rank without a share; give `share` and `share_decimals` together."""

    class Meta:
        model = models.Score

    window = factory.SubFactory(WindowFactory)
    technology = factory.SubFactory(TechnologyFactory)
    country = factory.SubFactory(CountryFactory)
    rank_from = 1
    rank_to = 1
    basis = models.Basis.STATED


class MissingYearsFactory(DjangoModelFactory):
    class Meta:
        model = models.MissingYears

    series = factory.SubFactory(SeriesFactory)
    technology = factory.SubFactory(FieldFactory)
    country = factory.SubFactory(CountryFactory)
    years = "2003-2006"
    reason = "not estimated, too few articles"


class AssessmentFactory(DjangoModelFactory):
    class Meta:
        model = models.Assessment

    window = factory.SubFactory(WindowFactory)
    technology = factory.SubFactory(TechnologyFactory)
    risk_levels = "high"
    risk_basis = models.Basis.STATED


class InstitutionFactory(DjangoModelFactory):
    class Meta:
        model = models.Institution

    slug = factory.Sequence(lambda n: f"institution-{n}")
    name = factory.Sequence(lambda n: f"Institution {n}")
    country = factory.SubFactory(CountryFactory)


class InstitutionScoreFactory(DjangoModelFactory):
    class Meta:
        model = models.InstitutionScore

    window = factory.SubFactory(WindowFactory)
    technology = factory.SubFactory(TechnologyFactory)
    institution = factory.SubFactory(InstitutionFactory)
    rank_from = 1
    rank_to = 1
    basis = models.Basis.STATED


class TallyFactory(DjangoModelFactory):
    class Meta:
        model = models.Tally

    window = factory.SubFactory(WindowFactory)
    metric = models.Tally.Metric.LED
    country = factory.SubFactory(CountryFactory)
    value = 37
    out_of = 44
    basis = models.Basis.STATED


class TalentFlowFactory(DjangoModelFactory):
    class Meta:
        model = models.TalentFlow

    window = factory.SubFactory(WindowFactory)
    technology = factory.SubFactory(TechnologyFactory)
    working_in = factory.SubFactory(CountryFactory)
    trained_in_country = factory.SubFactory(CountryFactory)
    stage = models.TalentFlow.Stage.POSTGRADUATE
    population = "high-impact authors"
    percent = Decimal("14.2")
    percent_decimals = 1
    basis = models.Basis.STATED


class ChannelFactory(DjangoModelFactory):
    class Meta:
        model = models.Channel

    slug = factory.Sequence(lambda n: f"channel-{n}")
    name = factory.Sequence(lambda n: f"Channel {n}")
    description = "What counts as this channel."
    origin = models.Channel.Origin.ASPI
    position = factory.Sequence(lambda n: n % 30_000 + 1)


class OrganisationFactory(DjangoModelFactory):
    class Meta:
        model = models.Organisation

    slug = factory.Sequence(lambda n: f"organisation-{n}")
    name = factory.Sequence(lambda n: f"Organisation {n}")
    kind = models.Organisation.Kind.COMPANY
    country = factory.SubFactory(CountryFactory)


class OrganisationAliasFactory(DjangoModelFactory):
    class Meta:
        model = models.OrganisationAlias

    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.Sequence(lambda n: f"Another spelling {n}")


class EngagementFactory(DjangoModelFactory):
    """Without a value; give `value_from`, `value_to` and `currency` together."""

    class Meta:
        model = models.Engagement

    slug = factory.Sequence(lambda n: f"engagement-{n}")
    code = factory.Sequence(lambda n: f"ZZ{n:03}")
    title = factory.Sequence(lambda n: f"Engagement {n}")
    channel = factory.SubFactory(ChannelFactory)
    start = "2019-06"
    description = "What the two do together."


class EngagementTechnologyFactory(DjangoModelFactory):
    """Of a technology; for a topic give `technology=None` and `topic`."""

    class Meta:
        model = models.EngagementTechnology

    engagement = factory.SubFactory(EngagementFactory)
    technology = factory.SubFactory(TechnologyFactory)
    position = 1
    basis = models.Basis.DERIVED


class ParticipationFactory(DjangoModelFactory):
    """Of an organisation; for an unnamed party give `organisation=None` and `unnamed`."""

    class Meta:
        model = models.Participation

    engagement = factory.SubFactory(EngagementFactory)
    side = models.Participation.Side.CHINESE
    position = 1
    organisation = factory.SubFactory(OrganisationFactory)


class StatusFactory(DjangoModelFactory):
    class Meta:
        model = models.Status

    engagement = factory.SubFactory(EngagementFactory)
    state = models.Status.State.ANNOUNCED
    as_of = "2019-06-05"
    position = 1


class CaseFactory(DjangoModelFactory):
    class Meta:
        model = models.Case

    slug = factory.Sequence(lambda n: f"case-{n}")
    title = factory.Sequence(lambda n: f"Case {n}")
    summary = "What it is about."


class CasePartyFactory(DjangoModelFactory):
    class Meta:
        model = models.CaseParty

    case = factory.SubFactory(CaseFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    position = 1


class ClaimFactory(DjangoModelFactory):
    """About a case, unless `about` is an engagement or an organisation."""

    class Meta:
        model = models.Claim

    class Params:
        about = factory.SubFactory(CaseFactory)

    kind = factory.LazyAttribute(lambda made: made.about.record_kind())
    record = factory.LazyAttribute(lambda made: made.about.pk)
    record_key = factory.LazyAttribute(lambda made: made.about.key())
    position = 1
    speaker = factory.Sequence(lambda n: f"Speaker {n}")
    stance = models.Claim.Stance.ASSERTS
    statement = "That it is so."


class ControlFactory(DjangoModelFactory):
    class Meta:
        model = models.Control

    slug = factory.Sequence(lambda n: f"control-{n}")
    code = factory.Sequence(lambda n: f"CONTROL-{n}")
    name = factory.Sequence(lambda n: f"Control {n}")
    kind = models.Control.Kind.ENTITY_LIST
    issuer = "Issuing body"
    description = "What it does."


class ControlItemFactory(DjangoModelFactory):
    class Meta:
        model = models.ControlItem

    control = factory.SubFactory(ControlFactory)
    kind = models.ControlItem.Kind.CATEGORY
    code = factory.Sequence(lambda n: str(n + 1))
    name = factory.Sequence(lambda n: f"Item {n}")
    position = factory.Sequence(lambda n: n % 30_000 + 1)


class ParticipatingStateFactory(DjangoModelFactory):
    class Meta:
        model = models.ParticipatingState

    control = factory.SubFactory(ControlFactory)
    country = factory.SubFactory(CountryFactory)
    since = "1996"


class ListEditionFactory(DjangoModelFactory):
    class Meta:
        model = models.ListEdition

    control = factory.SubFactory(ControlFactory)
    date = factory.Sequence(lambda n: f"{2001 + n % 90}-06-03")


class ListingFactory(DjangoModelFactory):
    class Meta:
        model = models.Listing

    control = factory.SubFactory(ControlFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    since = "2021-06-03"


class ListingEntryFactory(DjangoModelFactory):
    """Of an edition of the listing's own list."""

    class Meta:
        model = models.ListingEntry

    listing = factory.SubFactory(ListingFactory)
    edition = factory.SubFactory(ListEditionFactory, control=factory.SelfAttribute("..listing.control"))


class GoodFactory(DjangoModelFactory):
    """A group of goods without a code."""

    class Meta:
        model = models.Good

    slug = factory.Sequence(lambda n: f"good-{n}")
    name = factory.Sequence(lambda n: f"Good {n}")


class ListedGoodFactory(DjangoModelFactory):
    class Meta:
        model = models.ListedGood

    item = factory.SubFactory(ControlItemFactory)
    good = factory.SubFactory(GoodFactory)


class TradeFlowFactory(DjangoModelFactory):
    class Meta:
        model = models.TradeFlow

    code = factory.Sequence(lambda n: f"ZF{n + 100}")
    good = factory.SubFactory(GoodFactory)
    good_basis = models.Basis.STATED
    product = factory.Sequence(lambda n: f"Product {n}")
    kind = models.TradeFlow.Kind.EXPORT
    period_start = "2022"
    period_end = "2022"
    span = models.TradeFlow.Span.YEAR
    measure = models.TradeFlow.Measure.VALUE
    value_from = Decimal(1_000_000)
    value_to = factory.SelfAttribute("value_from")
    unit = "USD"
    data_basis = "Customs"


class FlowPlaceFactory(DjangoModelFactory):
    class Meta:
        model = models.FlowPlace

    flow = factory.SubFactory(TradeFlowFactory)
    role = models.FlowPlace.Role.EXPORTER
    country = factory.SubFactory(CountryFactory)
    position = 1


class DisagreementFactory(DjangoModelFactory):
    class Meta:
        model = models.Disagreement

    first = factory.SubFactory(TradeFlowFactory)
    second = factory.SubFactory(TradeFlowFactory)
    reason = "Another period."


class RelevanceFactory(DjangoModelFactory):
    """Of a control, unless `about` is another record."""

    class Meta:
        model = models.Relevance

    class Params:
        about = factory.SubFactory(ControlFactory)

    kind = factory.LazyAttribute(lambda made: made.about.record_kind())
    record = factory.LazyAttribute(lambda made: made.about.pk)
    record_key = factory.LazyAttribute(lambda made: made.about.key())
    technology = factory.SubFactory(TechnologyFactory)
    basis = models.Basis.DERIVED
    reason = "What it names is made with this technology."
    position = 1


class CitationFactory(DjangoModelFactory):
    """Of a technology, unless `cited` is another record."""

    class Meta:
        model = models.Citation

    class Params:
        cited = factory.SubFactory(TechnologyFactory)

    kind = factory.LazyAttribute(lambda made: made.cited.record_kind())
    record = factory.LazyAttribute(lambda made: made.cited.pk)
    record_key = factory.LazyAttribute(lambda made: made.cited.key())
    source = factory.SubFactory(SourceFactory)
