"""Every address. A public page is one line, with its twins; a figure is one line."""

from django.contrib.auth import views as accounts
from django.urls import URLPattern, URLResolver, path

from tracker.filters.blocs import BlocListQuery
from tracker.filters.comparison import CompareQuery
from tracker.filters.cooperation import CooperationQuery
from tracker.filters.countries import CountryListQuery, CountryQuery
from tracker.filters.engagements import EngagementQuery
from tracker.filters.fields import FieldListQuery, FieldQuery
from tracker.filters.institutions import InstitutionQuery
from tracker.filters.matrix import MatrixQuery
from tracker.filters.organisations import OrganisationListQuery
from tracker.filters.query import EditionQuery, SortedQuery
from tracker.filters.search import SearchQuery
from tracker.filters.sources import SourceQuery
from tracker.filters.technologies import TechnologyQuery
from tracker.pages import (
    blocs,
    cases,
    comparison,
    cooperation,
    countries,
    coverage,
    editions,
    engagements,
    fields,
    figures,
    home,
    institutions,
    matrix,
    organisations,
    search,
    sources,
    talent,
    technologies,
    texts,
)
from tracker.tables.blocs import BlocFieldTable, BlocScoreTable, BlocTable, MemberTable
from tracker.tables.claims import ClaimTable
from tracker.tables.comparison import (
    RaceTable,
    ReadyTable,
    SideCrossoverTable,
    TurnTable,
    WithoutGapTable,
    scoreboard_table,
    table_of,
)
from tracker.tables.cooperation import (
    CaseTable,
    CategoryJoinTable,
    ChannelTable,
    FieldJoinTable,
    MarksTable,
    MoneyTable,
    TakingPartTable,
    TieTable,
    TouchedTable,
    ValuedTable,
    counts_table,
)
from tracker.tables.countries import (
    CategoryTable,
    CountryEditionTable,
    CountryFieldTable,
    CountryTable,
    CountryTechnologyTable,
    GuestTable,
    LeadChangeTable,
    LeadStepTable,
    PeerTable,
    RecentTable,
    SideChannelTable,
)
from tracker.tables.coverage import CooperationCoverageTable, CoverageTable
from tracker.tables.editions import CoveredTable, EditionScoreTable, EditionTable, TallyTable
from tracker.tables.engagements import (
    ChannelEngagementTable,
    EngagementTable,
    PartyTable,
    RelatedTable,
    SourceMarkTable,
    StatusTable,
    SubjectTable,
)
from tracker.tables.fields import (
    CrossoverTable,
    FieldCountryTable,
    FieldTable,
    NarrowerTable,
    WindowTable,
    WithoutValueTable,
    shares_table,
)
from tracker.tables.home import ChangeTable, LatestEngagementTable, LeaderTable
from tracker.tables.institutions import InstitutionTable
from tracker.tables.matrix import matrix_table
from tracker.tables.organisations import (
    OrganisationEngagementTable,
    OrganisationTable,
    OwnTechnologyTable,
    PartnerTable,
)
from tracker.tables.search import SearchTable
from tracker.tables.sources import CitingTable, SourceTable
from tracker.tables.talent import TalentTable
from tracker.tables.technologies import (
    EditionStandingTable,
    JointFieldTable,
    MarginTable,
    RankingTable,
    TechnologyEngagementTable,
    TechnologyInstitutionTable,
    TechnologyTable,
    WiderFieldTable,
)
from tracker.tables.texts import KindTable, MarkTable, MeasureTable, PartTable, PlaceNameTable, SeriesTable
from tracker.views import figures as figure_views
from tracker.views import health, public
from tracker.views.figures import Figure
from tracker.views.gallery import gallery
from tracker.views.public import PublicPage

PUBLIC_PAGES = (
    PublicPage(
        "home", "", home.home, "home.html",
        {"leaders": LeaderTable, "changes": ChangeTable, "engagements": LatestEngagementTable}, EditionQuery,
    ),
    PublicPage(
        "technologies", "technologies/", technologies.technology_list, "technologies/list.html",
        {"technologies": TechnologyTable}, TechnologyQuery,
    ),
    PublicPage(
        "technology", "technologies/<slug:slug>/", technologies.technology, "technologies/detail.html",
        {
            "ranking": RankingTable, "margin": MarginTable, "editions": EditionStandingTable,
            "institutions": TechnologyInstitutionTable,
            "fields": WiderFieldTable,
            "engagements": TechnologyEngagementTable, "joint_fields": JointFieldTable,
        },
        EditionQuery,
    ),
    PublicPage(
        "fields", "fields/", fields.field_list, "fields/list.html", {"fields": FieldTable},
        FieldListQuery,
    ),
    PublicPage(
        "field", "fields/<slug:slug>/", fields.field, "fields/detail.html",
        {
            "windows": WindowTable, "shares": shares_table,
            "crossovers": CrossoverTable, "margin": MarginTable,
            "countries": FieldCountryTable, "narrower": NarrowerTable,
            "without": WithoutValueTable,
        },
        FieldQuery,
    ),
    PublicPage("matrix", "matrix/", matrix.matrix, "matrix.html", {"matrix": matrix_table}, MatrixQuery),
    PublicPage(
        "compare", "compare/", comparison.compare, "compare.html",
        {
            "comparison": table_of, "scoreboard": scoreboard_table, "closest": RaceTable, "widest": RaceTable,
            "without": WithoutGapTable, "crossovers": SideCrossoverTable, "changes": table_of, "ready": ReadyTable,
            "margins": TurnTable,
        },
        CompareQuery,
    ),
    PublicPage(
        "countries", "countries/", countries.country_list, "countries/list.html",
        {"countries": CountryTable}, CountryListQuery,
    ),
    PublicPage(
        "country", "countries/<slug:code>/", countries.country, "countries/detail.html",
        {
            "technologies": CountryTechnologyTable, "categories": CategoryTable,
            "editions": CountryEditionTable, "fields": CountryFieldTable,
            "steps": LeadStepTable, "changes": LeadChangeTable, "peers": PeerTable,
            "channels": SideChannelTable, "recent": RecentTable, "organisations": GuestTable,
        },
        CountryQuery,
    ),
    PublicPage("blocs", "blocs/", blocs.bloc_list, "blocs/list.html", {"blocs": BlocTable}, BlocListQuery),
    PublicPage(
        "bloc", "blocs/<slug:slug>/", blocs.bloc, "blocs/detail.html",
        {
            "members": MemberTable, "technologies": BlocScoreTable,
            "tallies": TallyTable, "fields": BlocFieldTable, "categories": CategoryTable,
            "steps": LeadStepTable, "changes": LeadChangeTable, "peers": PeerTable,
        },
        EditionQuery,
    ),
    PublicPage(
        "institutions", "institutions/", institutions.institution_list, "institutions/list.html",
        {"institutions": InstitutionTable, "tallies": TallyTable}, InstitutionQuery,
    ),
    PublicPage(
        "talent", "talent/", talent.talent_list, "talent/list.html", {"talent": TalentTable}, SortedQuery
    ),
    PublicPage(
        "cooperation", "cooperation/", cooperation.cooperation, "cooperation/overview.html",
        {
            "channels": ChannelTable, "years": counts_table, "ties": TieTable, "matrix": counts_table,
            "categories": CategoryJoinTable, "technologies": TouchedTable, "untouched": TouchedTable, "fields": FieldJoinTable,
            "newest": EngagementTable, "unconfirmed": EngagementTable, "contested": EngagementTable,
            "cases": CaseTable, "money": MoneyTable, "valued": ValuedTable, "marks": MarksTable,
        },
        CooperationQuery,
    ),
    PublicPage(
        "channel", "cooperation/<slug:slug>/", cooperation.channel, "cooperation/channel.html",
        {
            "engagements": ChannelEngagementTable, "technologies": TouchedTable, "organisations": TakingPartTable,
            "money": MoneyTable, "valued": ValuedTable,
        },
        CooperationQuery,
    ),
    PublicPage(
        "organisations", "organisations/", organisations.organisation_list, "organisations/list.html",
        {"organisations": OrganisationTable}, OrganisationListQuery,
    ),
    PublicPage(
        "organisation", "organisations/<slug:slug>/", organisations.organisation, "organisations/detail.html",
        {
            "engagements": OrganisationEngagementTable, "partners": PartnerTable, "technologies": OwnTechnologyTable,
            "claims": ClaimTable,
        },
    ),
    PublicPage("case", "cases/<slug:slug>/", cases.case, "cases/detail.html", {"claims": ClaimTable}),
    PublicPage(
        "engagements", "engagements/", engagements.engagement_list, "engagements/list.html",
        {"engagements": EngagementTable}, EngagementQuery,
    ),
    PublicPage(
        "engagement", "engagements/<slug:slug>/", engagements.engagement, "engagements/detail.html",
        {
            "parties": PartyTable, "statuses": StatusTable, "technologies": SubjectTable, "claims": ClaimTable,
            "programme": RelatedTable, "sources": SourceMarkTable,
        },
    ),
    PublicPage(
        "editions", "editions/", editions.edition_list, "editions/list.html", {"editions": EditionTable},
        SortedQuery,
    ),
    PublicPage(
        "edition", "editions/<slug:slug>/", editions.edition, "editions/detail.html",
        {"tallies": TallyTable, "scores": EditionScoreTable, "technologies": CoveredTable},
    ),
    PublicPage(
        "sources", "sources/", sources.source_list, "sources/list.html", {"sources": SourceTable}, SourceQuery
    ),
    PublicPage(
        "source", "sources/<slug:slug>/", sources.source, "sources/detail.html", {"records": CitingTable}
    ),
    PublicPage(
        "coverage", "coverage/", coverage.coverage, "coverage.html",
        {"coverage": CoverageTable, "cooperation": CooperationCoverageTable}, SortedQuery,
    ),
    PublicPage("search", "search/", search.search, "search.html", {"results": SearchTable}, SearchQuery),
    PublicPage(
        "methodology", "methodology/", texts.methodology, "texts/methodology.html",
        {"measures": MeasureTable, "series": SeriesTable, "marks": MarkTable},
    ),
    PublicPage("about", "about/", texts.about, "texts/about.html", {"records": KindTable}),
    PublicPage("licence", "licence/", texts.licence, "texts/licence.html", {"parts": PartTable}),
    PublicPage("places", "places/", texts.places, "texts/places.html", {"places": PlaceNameTable}),
    PublicPage("data", "data/", texts.data, "texts/data.html", {"downloads": PartTable}),
)  # fmt: skip

FIGURES = (
    Figure("leaderboard", figures.leaderboard, ("edition",)),
    Figure("matrix", figures.matrix, ("edition",)),
    Figure("ranking", figures.ranking, ("technology", "edition"), required=("technology",)),
    Figure("trajectory", figures.trajectory, ("field", "side"), required=("field",)),
    Figure("comparison", figures.comparison, ("side", "category", "technology", "edition"), required=("side",)),
    Figure("slope", figures.slope, ("side", "category", "technology", "field", "from_", "to"), required=("side",)),
    Figure("sides", figures.sides, ("side", "field"), required=("side", "field"), drawn_by="trajectory"),
    Figure("risk", figures.risk, ("edition",)),
    Figure(
        "cooperation-timeline",
        figures.cooperation_timeline,
        ("channel", "technology", "organisation"),
        drawn_by="cooperation_timeline",
    ),
    Figure(
        "cooperation-network",
        figures.cooperation_network,
        ("channel", "technology", "organisation"),
        drawn_by="cooperation_network",
    ),
)

urlpatterns: list[URLPattern | URLResolver] = [
    *(pattern for page in PUBLIC_PAGES for pattern in public.urls(page)),
    *(pattern for figure in FIGURES for pattern in figure_views.urls(figure)),
    path("login/", accounts.LoginView.as_view(template_name="accounts/login.html"), name="login"),
    path("logout/", accounts.LogoutView.as_view(), name="logout"),
    path("gallery/", gallery, name="gallery"),
    path("healthz", health.alive, name="alive"),
    path("robots.txt", health.robots, name="robots"),
]

handler404 = "tracker.views.public.page_not_found"
