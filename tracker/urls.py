"""Every address. A public page is one line, with its twins; a figure is one line."""

from allauth.account import views as allauth_account
from allauth.mfa.base import views as allauth_two_factor
from allauth.mfa.recovery_codes import views as allauth_recovery_codes
from allauth.mfa.totp import views as allauth_app
from allauth.mfa.webauthn import views as allauth_passkeys
from django.urls import URLPattern, URLResolver, path, register_converter

from tracker.filters.blocs import BlocListQuery
from tracker.filters.comparison import CompareQuery
from tracker.filters.controls import ControlListQuery, ControlQuery
from tracker.filters.cooperation import CooperationQuery
from tracker.filters.countries import CountryListQuery, CountryQuery
from tracker.filters.engagements import EngagementQuery
from tracker.filters.fields import FieldListQuery, FieldQuery
from tracker.filters.history import ActPageQuery, ActQuery, ChangesQuery, RecordHistoryQuery
from tracker.filters.institutions import InstitutionQuery
from tracker.filters.matrix import MatrixQuery
from tracker.filters.organisations import OrganisationListQuery, OrganisationQuery
from tracker.filters.query import EditionQuery, SortedQuery
from tracker.filters.search import SearchQuery
from tracker.filters.sources import SourceQuery
from tracker.filters.technologies import TechnologyQuery
from tracker.filters.trade import TradeQuery
from tracker.pages import (
    blocs,
    cases,
    comparison,
    controls,
    cooperation,
    countries,
    coverage,
    editions,
    engagements,
    exports,
    fields,
    figures,
    history,
    home,
    how_to_read,
    institutions,
    matrix,
    organisations,
    releases,
    search,
    sources,
    talent,
    technologies,
    texts,
    trade,
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
from tracker.tables.controls import (
    ControlEditionTable,
    ControlKindTable,
    ControlTable,
    ControlTechnologyTable,
    ItemTable,
    ListedGoodTable,
    ListingTable,
    OwnListingTable,
    StateTable,
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
    CountryListingTable,
    CountryTable,
    CountryTechnologyTable,
    GuestTable,
    IssuedTable,
    LeadChangeTable,
    LeadStepTable,
    PeerTable,
    RecentTable,
    RegimeTable,
    SideChannelTable,
)
from tracker.tables.coverage import (
    ControlCoverageTable,
    CooperationCoverageTable,
    CoverageTable,
    TradeCoverageTable,
)
from tracker.tables.editions import CoveredTable, EditionScoreTable, EditionTable, TallyTable, YearsTable
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
from tracker.tables.history import ActTable, ChangedTable, KindCountTable
from tracker.tables.home import ChangeTable, LatestEngagementTable, LeaderTable
from tracker.tables.how_to_read import BoundTable, ListEditionTable, ReadingTable
from tracker.tables.institutions import InstitutionTable
from tracker.tables.matrix import matrix_table
from tracker.tables.organisations import (
    OrganisationEngagementTable,
    OrganisationTable,
    OwnRelevanceTable,
    OwnTechnologyTable,
    PartnerTable,
)
from tracker.tables.releases import KindTotalTable, ReleaseTable
from tracker.tables.search import SearchTable
from tracker.tables.sources import CitingTable, SourceTable
from tracker.tables.talent import TalentTable
from tracker.tables.technologies import (
    ConcerningControlTable,
    ConcerningListingTable,
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
from tracker.tables.trade import (
    ConcernedTable,
    ConcerningGoodTable,
    DisagreementTable,
    GoodTable,
    OnListTable,
    OwnFigureTable,
    TierTable,
    TradeFigureTable,
)
from tracker.views import accounts, health, public
from tracker.views import digests as digest_views
from tracker.views import exports as export_views
from tracker.views import figures as figure_views
from tracker.views import history as history_views
from tracker.views import imports as import_views
from tracker.views import jobs as job_views
from tracker.views import links as link_views
from tracker.views import records as record_views
from tracker.views import releases as release_views
from tracker.views import reports as report_views
from tracker.views.access import for_oneself, private
from tracker.views.figures import Figure
from tracker.views.gallery import gallery
from tracker.views.metrics import metrics
from tracker.views.public import PublicPage
from tracker.views.workbench import workbench


class NameConverter:
    """A name that a record has in an address: a slug, or the name of a release with its dots."""

    regex = "[0-9A-Za-z._-]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(NameConverter, "name")

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
            "controls": ConcerningControlTable, "listed": ConcerningListingTable, "goods": ConcerningGoodTable,
            "trade": TradeFigureTable,
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
            "regimes": RegimeTable, "listings": CountryListingTable, "issued": IssuedTable, "trade": TradeFigureTable,
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
            "listings": OwnListingTable, "engagements": OrganisationEngagementTable, "partners": PartnerTable,
            "technologies": OwnTechnologyTable, "concerned": OwnRelevanceTable, "claims": ClaimTable,
        },
        OrganisationQuery,
    ),
    PublicPage(
        "controls", "controls/", controls.control_list, "controls/list.html",
        {"controls": ControlTable, "kinds": ControlKindTable}, ControlListQuery,
    ),
    PublicPage(
        "control", "controls/<slug:slug>/", controls.control, "controls/detail.html",
        {
            "organisations": ListingTable, "states": StateTable, "goods": ListedGoodTable, "items": ItemTable,
            "editions": ControlEditionTable, "technologies": ControlTechnologyTable,
        },
        ControlQuery,
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
        "trade", "trade/", trade.trade, "trade/overview.html",
        {
            "figures": TradeFigureTable, "goods": GoodTable, "legs": TradeFigureTable, "disagreements": DisagreementTable,
            "lists": TierTable,
        },
        TradeQuery,
    ),
    PublicPage(
        "good", "trade/<slug:slug>/", trade.good, "trade/good.html",
        {
            "figures": OwnFigureTable, "disagreements": DisagreementTable, "parents": TradeFigureTable,
            "narrower": GoodTable, "lists": OnListTable, "technologies": ConcernedTable,
        },
    ),
    PublicPage(
        "editions", "editions/", editions.edition_list, "editions/list.html", {"editions": EditionTable},
        SortedQuery,
    ),
    PublicPage(
        "edition", "editions/<slug:slug>/", editions.edition, "editions/detail.html",
        {"tallies": TallyTable, "scores": EditionScoreTable, "years": YearsTable, "technologies": CoveredTable},
        SortedQuery,
    ),
    PublicPage(
        "sources", "sources/", sources.source_list, "sources/list.html", {"sources": SourceTable}, SourceQuery
    ),
    PublicPage(
        "source", "sources/<slug:slug>/", sources.source, "sources/detail.html", {"records": CitingTable}
    ),
    PublicPage(
        "coverage", "coverage/", coverage.coverage, "coverage.html",
        {
            "coverage": CoverageTable, "cooperation": CooperationCoverageTable, "controls": ControlCoverageTable,
            "trade": TradeCoverageTable,
        },
        SortedQuery,
    ),
    PublicPage("search", "search/", search.search, "search.html", {"results": SearchTable}, SearchQuery),
    PublicPage(
        "methodology", "methodology/", texts.methodology, "texts/methodology.html",
        {"measures": MeasureTable, "series": SeriesTable, "marks": MarkTable},
    ),
    PublicPage(
        "how-to-read", "how-to-read/", how_to_read.how_to_read, "texts/how_to_read.html",
        {"ratios": ReadingTable, "bounds": BoundTable, "mirror": ReadingTable, "editions": ListEditionTable},
    ),
    PublicPage("about", "about/", texts.about, "texts/about.html", {"records": KindTable}),
    PublicPage("licence", "licence/", texts.licence, "texts/licence.html", {"parts": PartTable}),
    PublicPage("places", "places/", texts.places, "texts/places.html", {"places": PlaceNameTable}),
    PublicPage(
        "data", "data/", texts.data, "texts/data.html", {"downloads": PartTable}, beside=exports.public_files_digest
    ),
    PublicPage(
        "history", "history/", history.act_list, "history/list.html", {"acts": ActTable}, ActQuery, names_people=True
    ),
    PublicPage(
        "act", "history/acts/<int:pk>/", history.act, "history/act.html", {"changes": ChangedTable}, ActPageQuery,
        names_people=True,
    ),
    PublicPage(
        "record-history", "records/<slug:kind>/<int:pk>/history/", history.record, "history/record.html",
        {"changes": ChangedTable}, RecordHistoryQuery, names_people=True,
    ),
    PublicPage(
        "changes", "history/changes/", history_views.changes, "history/changes.html",
        {"counts": KindCountTable, "changes": ChangedTable}, ChangesQuery,
    ),
    PublicPage("releases", "releases/", releases.release_list, "releases/list.html", {"releases": ReleaseTable}),
    PublicPage(
        "release", "releases/<name:name>/", releases.release, "releases/detail.html",
        {"records": KindTotalTable, "changes": KindCountTable}, beside=releases.files_digest,
    ),
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
    Figure("listings", figures.listings, ("control", "organisation", "on")),
    Figure(
        "cooperation-network",
        figures.cooperation_network,
        ("channel", "technology", "organisation"),
        drawn_by="cooperation_network",
    ),
    Figure("trade", figures.trade, ("good",), required=("good",)),
    Figure("reexports", figures.reexports, ()),
)

# allauth reverses its own names; what it has beyond these has no address (sign-up, e-mail management, social logins).
ACCOUNT_PAGES = [
    path("login/", private(accounts.Login.as_view()), name="account_login"),
    path("login/", private(accounts.Login.as_view()), name="login"),
    path("logout/", private(allauth_account.logout), name="account_logout"),
    path("logout/", private(allauth_account.logout), name="logout"),
    path("accounts/", accounts.account, name="account"),
    path("accounts/inactive/", private(allauth_account.account_inactive), name="account_inactive"),
    path("accounts/confirm/", private(allauth_account.reauthenticate), name="account_reauthenticate"),
    path("accounts/password/", private(allauth_account.password_change), name="account_change_password"),
    path("accounts/password/set/", private(allauth_account.password_set), name="account_set_password"),
    path("accounts/password/reset/", private(allauth_account.password_reset), name="account_reset_password"),
    path(
        "accounts/password/reset/sent/", private(allauth_account.password_reset_done),
        name="account_reset_password_done",
    ),
    path(
        "accounts/password/reset/done/", private(allauth_account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path(
        "accounts/password/reset/<slug:uidb36>/<str:key>/", private(allauth_account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("accounts/digest/", digest_views.choose, name="digest"),
    path("accounts/digest/off/<str:token>/", digest_views.stop, name="digest-off"),
    path("accounts/sessions/", accounts.sessions, name="usersessions_list"),
    path("accounts/two-factor/", for_oneself(accounts.TwoFactor.as_view()), name="mfa_index"),
    path("accounts/two-factor/code/", private(allauth_two_factor.authenticate), name="mfa_authenticate"),
    path("accounts/two-factor/confirm/", private(allauth_two_factor.reauthenticate), name="mfa_reauthenticate"),
    path("accounts/two-factor/app/", private(allauth_app.activate_totp), name="mfa_activate_totp"),
    path("accounts/two-factor/app/remove/", private(allauth_app.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "accounts/two-factor/recovery-codes/", private(allauth_recovery_codes.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "accounts/two-factor/recovery-codes/new/", private(allauth_recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "accounts/two-factor/recovery-codes/download/", private(allauth_recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("accounts/two-factor/passkeys/", private(allauth_passkeys.list_webauthn), name="mfa_list_webauthn"),
    path("accounts/two-factor/passkeys/add/", private(allauth_passkeys.add_webauthn), name="mfa_add_webauthn"),
    path(
        "accounts/two-factor/passkeys/confirm/", private(accounts.ConfirmByPasskey.as_view()),
        name="mfa_reauthenticate_webauthn",
    ),
    path("accounts/two-factor/passkeys/login/", private(allauth_passkeys.login_webauthn), name="mfa_login_webauthn"),
    path(
        "accounts/two-factor/passkeys/<int:pk>/rename/", private(allauth_passkeys.edit_webauthn),
        name="mfa_edit_webauthn",
    ),
    path(
        "accounts/two-factor/passkeys/<int:pk>/remove/", private(allauth_passkeys.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
    path("accounts/invitations/", accounts.invitations, name="invitations"),
    path("accounts/invitations/<int:pk>/withdraw/", accounts.withdraw_invitation, name="withdraw_invitation"),
    path("accounts/invitation/<str:secret>/", private(accounts.invitation), name="invitation"),
    path("accounts/team/", accounts.team, name="team"),
    path("accounts/team/<int:pk>/", accounts.change_account, name="change_account"),
]  # fmt: skip

urlpatterns: list[URLPattern | URLResolver] = [
    # Before the release that might be called so.
    path("releases/new/", release_views.new, name="release-new"),
    path("releases/<name:name>/records.sqlite3", release_views.file, name="release-file"),
    *(pattern for page in PUBLIC_PAGES for pattern in public.urls(page)),
    *(pattern for figure in FIGURES for pattern in figure_views.urls(figure)),
    *ACCOUNT_PAGES,
    path("report/", report_views.report, name="report"),
    path("report/<slug:code>/", report_views.outcome, name="report-outcome"),
    path("workbench/", workbench, name="workbench"),
    path("workbench/jobs/", job_views.job_list, name="jobs"),
    path("workbench/jobs/<int:pk>/", job_views.job, name="job"),
    path("workbench/jobs/<int:pk>/cancel/", job_views.cancel, name="job-cancel"),
    path("workbench/jobs/<int:pk>/again/", job_views.try_again, name="job-again"),
    path("workbench/jobs/<int:pk>/file/", job_views.file, name="job-file"),
    path("workbench/links/", link_views.links, name="links"),
    path("workbench/reports/", report_views.queue, name="reports"),
    path("workbench/reports/<slug:code>/", report_views.answer, name="report-answer"),
    path("workbench/exports/", export_views.index, name="exports"),
    *(
        path(f"workbench/exports/<slug:kind>.{ending}", export_views.one_kind, {"format": ending}, f"export-{ending}")
        for ending in ("csv", "xlsx")
    ),
    *(
        path(
            f"workbench/imports/templates/<slug:kind>.{ending}",
            export_views.template,
            {"format": ending},
            f"import-template-{ending}",
        )
        for ending in ("csv", "xlsx")
    ),
    path("data/everything.zip", export_views.everything, {"format": "csv"}, "everything-zip"),
    path("data/everything.xlsx", export_views.everything, {"format": "xlsx"}, "everything-xlsx"),
    path("workbench/imports/", import_views.index, name="imports"),
    path("workbench/imports/<int:pk>/", import_views.detail, name="import"),
    path("workbench/imports/<int:pk>/file/", import_views.file, name="import-file"),
    path("workbench/imports/<int:pk>/columns/", import_views.columns, name="import-columns"),
    path("workbench/imports/<int:pk>/check/", import_views.check, name="import-check"),
    path("workbench/imports/<int:pk>/submit/", import_views.submit, name="import-submit"),
    path("workbench/imports/<int:pk>/decide/", import_views.decide, name="import-decide"),
    path("workbench/imports/<int:pk>/withdraw/", import_views.withdraw, name="import-withdraw"),
    path("workbench/imports/<int:pk>/again/", import_views.again, name="import-again"),
    path("workbench/imports/<int:pk>/progress/", import_views.progress, name="import-progress"),
    path("workbench/imports/<int:pk>/original/", import_views.original, name="import-original"),
    path("workbench/imports/<int:pk>/errors/", import_views.with_errors, name="import-errors"),
    path("records/", record_views.index, name="records"),
    path("records/behind/", record_views.behind, name="records-behind"),
    path("records/refill/", record_views.refill, name="record-refill"),
    path("records/<slug:kind>/", record_views.kind_list, name="record-list"),
    path("records/<slug:kind>/new/", record_views.new, name="record-new"),
    path("records/<slug:kind>/<int:pk>/edit/", record_views.edit, name="record-edit"),
    path("records/<slug:kind>/<int:pk>/delete/", record_views.delete, name="record-delete"),
    path("records/<slug:kind>/<int:pk>/retire/", record_views.retire, name="record-retire"),
    path("records/<slug:kind>/<int:pk>/presence/", record_views.presence, name="record-presence"),
    path("records/organisation/<int:pk>/merge/", record_views.merge, name="organisation-merge"),
    path("history.atom", history_views.feed, name="history-feed"),
    path("history/revisions/<int:number>/revert/", history_views.take_back_revision, name="revert-revision"),
    path("history/acts/<int:pk>/revert/", history_views.take_back_act, name="revert-act"),
    path("<slug:room>/<name:name>/history/", history_views.of_page, name="page-history"),
    path("gallery/", gallery, name="gallery"),
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
    path("metrics", metrics, name="metrics"),
    path("robots.txt", health.robots, name="robots"),
]

handler400 = "tracker.views.imports.too_big"
handler404 = "tracker.views.public.page_not_found"
# Django knows no such name; allauth asks for it.
handler429 = "tracker.views.accounts.too_many_requests"
