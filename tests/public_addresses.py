"""One address of every public page, and what its query may say. New pages must be added: a test compares."""

from tracker.urls import PUBLIC_PAGES

# Page name -> addresses that between them show every kind of content the page has.
ADDRESSES = {
    "home": ["/", "/?edition=aspi-2024-08", "/?edition=aspi-2025-12"],
    "technologies": [
        "/technologies/", "/technologies/?edition=aspi-2024-08", "/technologies/?edition=aspi-2025-12",
        "/technologies/?leader=us&sort=-share", "/technologies/?category=quantum&risk=low",
    ],
    "technology": [
        "/technologies/electric-batteries/", "/technologies/hypersonic-detection-and-tracking/?edition=aspi-2023-06",
        "/technologies/geoengineering/", "/technologies/small-satellites/?edition=aspi-2025-12",
        "/technologies/drones-swarming-and-collaborative-robots/",
    ],
    "fields": ["/fields/", "/fields/?edition=ncses-2003-2007"],
    "field": [
        "/fields/materials-science/", "/fields/computer-and-information-sciences/",
        "/fields/materials-science/?side=us&side=cn&side=jp",
    ],
    "matrix": [
        "/matrix/", "/matrix/?edition=aspi-2025-12&metric=rank", "/matrix/?edition=ncses-2016-2020&metric=rank",
        "/matrix/?edition=aspi-2024-08&metric=ratio&sort=-US", "/matrix/?edition=ncses-2003-2007&sort=-PL",
        "/matrix/?category=quantum&sort=technology",
    ],
    "compare": [
        "/compare/?side=cn&side=us&edition=aspi-2023-03", "/compare/", "/compare/?side=quad&side=cn&category=quantum",
        "/compare/?side=eu&side=cn&side=us&edition=ncses-2016-2020", "/compare/?side=us&side=cn&field=materials-science",
        "/compare/?side=cn&side=us&side=eu&side=custom:au,ca,nz&edition=ncses-2003-2007&sort=-gap",
        "/compare/?side=cn&side=us&technology=electric-batteries", "/compare/?side=in&side=ru&edition=aspi-2025-12",
        "/compare/?side=cn&side=us&from=aspi-2023-03&to=aspi-2024-08",
        "/compare/?side=nato&side=brics&from=ncses-2003-2007&to=ncses-2016-2020",
    ],
    "countries": ["/countries/", "/countries/?region=Asia&sort=best_field_rank"],
    "country": [
        "/countries/cn/", "/countries/us/?edition=aspi-2024-08", "/countries/au/?edition=aspi-2024-08", "/countries/ps/",
        "/countries/ru/",
    ],
    "blocs": ["/blocs/"],
    "bloc": ["/blocs/eu/", "/blocs/aukus/", "/blocs/brics/?edition=aspi-2024-08"],
    "institutions": ["/institutions/"],
    "talent": ["/talent/"],
    "cooperation": ["/cooperation/", "/cooperation/?edition=aspi-2024-08"],
    "channel": [
        "/cooperation/joint-investment-funds/", "/cooperation/military-technical-cooperation/?edition=aspi-2025-12",
        "/cooperation/industrial-science-and-technology-parks/",
    ],
    "organisations": [
        "/organisations/", "/organisations/?country=ru&side=russian&sort=organisation", "/organisations/?q=%E5%8D%8E%E4%B8%BA",
        "/organisations/?country=none&kind=fund", "/organisations/?listed=section-1260h-list&sort=-lists",
    ],
    "organisation": [
        "/organisations/roscosmos/", "/organisations/chemchina/", "/organisations/russia-china-investment-fund/",
        "/organisations/huawei-technologies/", "/organisations/dji/?on=2020-05-05",
    ],
    "case": ["/cases/blinken-non-lethal-support/", "/cases/balloon-zhuzhou-rubber/"],
    "engagements": [
        "/engagements/", "/engagements/?unconfirmed=yes", "/engagements/?recheck=yes&sort=-start",
        "/engagements/?organisation=roscosmos&side=russian&q=moon", "/engagements/?channel=joint-investment-funds&sort=marks",
        "/engagements/?q=no+such+words", "/engagements/?status=cancelled",
        "/engagements/?organisation=roscosmos&organisation=china-national-space-administration&sort=-state",
    ],
    "engagement": [
        "/engagements/garpiya-a1-attack-drone/", "/engagements/technology-innovation-fund-memorandum/",
        "/engagements/hit-spbu-joint-campus-harbin/", "/engagements/satellite-quantum-communication-link/",
        "/engagements/cr929-wide-body-airliner/", "/engagements/four-party-protocol-on-basic-research/",
    ],
    "controls": ["/controls/", "/controls/?country=us&sort=-dated", "/controls/?q=chip&kind=export+rule"],
    "control": [
        "/controls/wassenaar-arrangement/", "/controls/section-1260h-list/?on=2022-10-05",
        "/controls/common-high-priority-list/?sort=good", "/controls/entity-list/?sort=-since",
        "/controls/national-intelligence-law-of-china/",
    ],
    "trade": [
        "/trade/", "/trade/?kind=re-export&importer=ru&sort=-period", "/trade/?exporter=world&q=chips",
        "/trade/?technology=advanced-protection",
    ],
    "good": [
        "/trade/hs-2818/", "/trade/hs-8542/", "/trade/hs-854231/", "/trade/hs-8806/", "/trade/semiconductors-and-chips/",
        "/trade/common-high-priority-list-items/",
    ],
    "editions": ["/editions/"],
    "edition": ["/editions/aspi-2023-03/", "/editions/aspi-2026/", "/editions/ncses-2016-2020/"],
    "sources": ["/sources/", "/sources/?kind=primary"],
    "source": [
        "/sources/heidi/", "/sources/ncses-nsb202333/", "/sources/time-dual-use-2023/", "/sources/csis-alignment-2022/",
    ],
    "coverage": ["/coverage/"],
    "search": ["/search/", "/search/?q=quantum", "/search/?q=harbin", "/search/?q=8542.31"],
    "methodology": ["/methodology/"],
    "how-to-read": ["/how-to-read/"],
    "about": ["/about/"],
    "licence": ["/licence/"],
    "places": ["/places/"],
    "data": ["/data/"],
    "history": [
        "/history/", "/history/?kind=score&cause=edition", "/history/?record=technology/electric-batteries",
        "/history/?person=commands&after=2020-01-01&q=csv", "/history/?start=5",
    ],
    # Keys of seed data are the same everywhere (conftest).
    "act": ["/history/acts/8/", "/history/acts/20/", "/history/acts/31/"],
    "record-history": [
        "/records/technology/51/history/", "/records/score/5/history/", "/records/engagement/23/history/",
        "/records/organisation/23/history/", "/records/source/7/history/", "/records/bloc/1/history/",
    ],
    "changes": [
        "/history/changes/?after=r1", "/history/changes/?after=r22000&until=r23000",
        "/history/changes/?after=r22000&of=/engagements/garpiya-a1-attack-drone/",
        "/history/changes/?after=2020-01-01&kind=status&start=51",
    ],
    "releases": ["/releases/"],
    # The seed data names no release: tests/views/test_releases.py makes one.
    "release": [],
}  # fmt: skip
ALL = [address for addresses in ADDRESSES.values() for address in addresses]
ONE_EACH = [addresses[0] for addresses in ADDRESSES.values() if addresses]

FIGURES = [
    "/charts/leaderboard.svg", "/charts/leaderboard.svg?edition=aspi-2025-12&theme=dark&size=narrow",
    "/charts/matrix.svg", "/charts/matrix.png?edition=aspi-2025-12", "/charts/risk.svg",
    "/charts/ranking.svg?technology=electric-batteries", "/charts/ranking.png?technology=geoengineering",
    "/charts/trajectory.svg?field=materials-science", "/charts/trajectory.svg?field=physics&size=narrow",
    "/charts/comparison.svg?side=cn&side=us&edition=aspi-2023-03",
    "/charts/comparison.png?side=eu&side=cn&side=us&edition=ncses-2016-2020&theme=dark&size=narrow",
    "/charts/slope.svg?side=cn&side=us&from=ncses-2003-2007&to=ncses-2016-2020",
    "/charts/sides.svg?side=us&side=cn&field=materials-science",
    "/charts/cooperation-timeline.svg", "/charts/cooperation-timeline.png?channel=academic-cooperation&size=narrow",
    "/charts/cooperation-timeline.svg?technology=small-satellites&theme=dark",
    "/charts/cooperation-timeline.svg?organisation=roscosmos&size=narrow&theme=dark",
    "/charts/cooperation-network.svg", "/charts/cooperation-network.png?channel=joint-investment-funds&theme=dark",
    "/charts/cooperation-network.svg?technology=small-satellites&size=narrow",
    "/charts/cooperation-network.svg?organisation=harbin-institute-of-technology",
    "/charts/trade.svg?good=hs-2818", "/charts/trade.png?good=semiconductors-and-chips&size=narrow&theme=dark",
    "/charts/reexports.svg", "/charts/reexports.png?size=narrow&theme=dark",
    "/charts/listings.svg?control=section-1260h-list&on=2022-10-05",
    "/charts/listings.png?organisation=dji&size=narrow&theme=dark",
]  # fmt: skip


def twin(address: str, ending: str) -> str:
    """The address of a page's twin: the path without its last slash plus the ending."""
    path, _, query = address.partition("?")
    stem = path.removesuffix("/") or "/index"
    return f"{stem}.{ending}" + (f"?{query}" if query else "")


def missing() -> set[str]:
    return {page.name for page in PUBLIC_PAGES} - set(ADDRESSES)
