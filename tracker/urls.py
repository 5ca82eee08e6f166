"""Every address. A public page is one line, with its twins; a figure is one line."""

from django.contrib.auth import views as accounts
from django.urls import URLPattern, URLResolver, path

from tracker.filters.countries import CountryListQuery, CountryQuery
from tracker.filters.publications import FieldListQuery, InstitutionQuery, SearchQuery, SortedQuery, SourceQuery
from tracker.filters.query import EditionQuery
from tracker.filters.technologies import TechnologyQuery
from tracker.pages import (
    blocs,
    countries,
    coverage,
    editions,
    fields,
    figures,
    home,
    institutions,
    search,
    sources,
    talent,
    technologies,
    texts,
)
from tracker.tables import countries as country_tables
from tracker.tables import fields as field_tables
from tracker.tables import home as home_tables
from tracker.tables import publications as tables
from tracker.tables import technologies as technology_tables
from tracker.views import figures as figure_views
from tracker.views import health, public
from tracker.views.figures import Figure
from tracker.views.gallery import gallery
from tracker.views.public import PublicPage

PUBLIC_PAGES = (
    PublicPage(
        "home", "", home.home, "home.html",
        {"leaders": home_tables.LeaderTable, "changes": home_tables.ChangeTable}, EditionQuery,
    ),
    PublicPage(
        "technologies", "technologies/", technologies.technology_list, "technologies/list.html",
        {"technologies": technology_tables.TechnologyTable}, TechnologyQuery,
    ),
    PublicPage(
        "technology", "technologies/<slug:slug>/", technologies.technology, "technologies/detail.html",
        {
            "ranking": technology_tables.RankingTable, "editions": technology_tables.EditionStandingTable,
            "institutions": technology_tables.TechnologyInstitutionTable,
            "fields": technology_tables.WiderFieldTable,
        },
        EditionQuery,
    ),
    PublicPage(
        "fields", "fields/", fields.field_list, "fields/list.html", {"fields": field_tables.FieldTable},
        FieldListQuery,
    ),
    PublicPage(
        "field", "fields/<slug:slug>/", fields.field, "fields/detail.html",
        {
            "windows": field_tables.WindowTable, "shares": field_tables.shares_table,
            "countries": field_tables.FieldCountryTable, "narrower": field_tables.NarrowerTable,
            "without": field_tables.WithoutValueTable,
        },
    ),
    PublicPage(
        "countries", "countries/", countries.country_list, "countries/list.html",
        {"countries": country_tables.CountryTable}, CountryListQuery,
    ),
    PublicPage(
        "country", "countries/<slug:code>/", countries.country, "countries/detail.html",
        {
            "technologies": country_tables.CountryTechnologyTable, "categories": country_tables.CategoryTable,
            "editions": country_tables.CountryEditionTable, "fields": country_tables.CountryFieldTable,
        },
        CountryQuery,
    ),
    PublicPage("blocs", "blocs/", blocs.bloc_list, "blocs/list.html", {"blocs": country_tables.BlocTable}),
    PublicPage(
        "bloc", "blocs/<slug:slug>/", blocs.bloc, "blocs/detail.html",
        {
            "members": country_tables.MemberTable, "technologies": country_tables.BlocScoreTable,
            "tallies": tables.TallyTable, "fields": country_tables.BlocFieldTable,
        },
    ),
    PublicPage(
        "institutions", "institutions/", institutions.institution_list, "institutions/list.html",
        {"institutions": tables.InstitutionTable, "tallies": tables.TallyTable}, InstitutionQuery,
    ),
    PublicPage(
        "talent", "talent/", talent.talent_list, "talent/list.html", {"talent": tables.TalentTable}, SortedQuery
    ),
    PublicPage(
        "editions", "editions/", editions.edition_list, "editions/list.html", {"editions": tables.EditionTable},
        SortedQuery,
    ),
    PublicPage(
        "edition", "editions/<slug:slug>/", editions.edition, "editions/detail.html",
        {"tallies": tables.TallyTable, "technologies": tables.CoveredTable},
    ),
    PublicPage(
        "sources", "sources/", sources.source_list, "sources/list.html", {"sources": tables.SourceTable}, SourceQuery
    ),
    PublicPage(
        "source", "sources/<slug:slug>/", sources.source, "sources/detail.html", {"records": tables.CitingTable}
    ),
    PublicPage(
        "coverage", "coverage/", coverage.coverage, "coverage.html", {"coverage": tables.CoverageTable}, SortedQuery
    ),
    PublicPage("search", "search/", search.search, "search.html", {"results": tables.SearchTable}, SearchQuery),
    PublicPage(
        "methodology", "methodology/", texts.methodology, "texts/methodology.html",
        {"measures": tables.MeasureTable, "series": tables.SeriesTable},
    ),
    PublicPage("about", "about/", texts.about, "texts/about.html", {"records": tables.KindTable}),
    PublicPage("licence", "licence/", texts.licence, "texts/licence.html", {"parts": tables.PartTable}),
    PublicPage("places", "places/", texts.places, "texts/places.html", {"places": tables.PlaceNameTable}),
    PublicPage("data", "data/", texts.data, "texts/data.html", {"downloads": tables.PartTable}),
)  # fmt: skip

FIGURES = (
    Figure("leaderboard", figures.leaderboard, ("edition",)),
    Figure("matrix", figures.matrix, ("edition",)),
    Figure("ranking", figures.ranking, ("technology", "edition"), required=("technology",)),
    Figure("trajectory", figures.trajectory, ("field",), required=("field",)),
    Figure("risk", figures.risk, ("edition",)),
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
