"""History names nothing that is withheld: no act, record, difference, feed or twin, also after a deletion."""

import re

import pytest

from tests.factories import CitationFactory, SourceFactory
from tests.history.catching_up import catch_up
from tests.pages.test_sealed import CODE, NAME, SEALS, SLUG, seal_claim, seal_columns, seal_engagement, withhold
from tracker.models import (
    Act,
    Case,
    CaseParty,
    Citation,
    Claim,
    Engagement,
    EngagementTechnology,
    Organisation,
    OrganisationAlias,
    Participation,
    Revision,
    Score,
    Source,
    Status,
)

pytestmark = pytest.mark.seed

MODELS = (
    Source, Organisation, OrganisationAlias, Engagement, EngagementTechnology, Participation, Status, Case, CaseParty,
    Claim, Citation,
)  # fmt: skip


@pytest.fixture
def sealed():
    return SourceFactory(slug="sealed", title="A closed report", reuse=Source.Reuse.NO)


def pages_of(*acts: Act) -> list[str]:
    """Every address of history that speaks of these acts."""
    revisions = Revision.objects.filter(act__in=acts)
    first = revisions.order_by("number").values_list("number", flat=True)[0]
    records = set(revisions.values_list("kind", "record"))
    # What is about or within these, too: their histories tell of them.
    for kind, pk in list(records):
        record = next((model for model in MODELS if model.record_kind() == kind), None)
        found = record.objects.filter(pk=pk).first() if record else None
        for name in ("engagement", "case", "organisation"):
            other = getattr(found, f"{name}_id", None)
            if other:
                records.add((name, other))
    assert records
    stems = ["/history", f"/history/changes?after=r{first - 1}"]
    stems += [f"/history/acts/{act.pk}" for act in acts]
    stems += [f"/records/{kind}/{pk}/history" for kind, pk in sorted(records)]
    found = ["/history.atom"]
    for stem in stems:
        path, mark, query = stem.partition("?")
        found += [f"{path}/{mark}{query}", f"{path}.json{mark}{query}", f"{path}.csv{mark}{query}"]
    return found


def named(answer) -> list[str]:
    assert answer.status_code == 200
    return re.findall(f"{NAME}|{SLUG}|{CODE}", answer.content.decode())


def crawl(client, *acts: Act) -> dict[str, list[str]]:
    return {page: found for page in pages_of(*acts) if (found := named(client.get(page)))}


@pytest.mark.parametrize("seal", SEALS)
def test_history_of_a_sealed_record_names_it_nowhere(client, sealed, seal):
    seal(sealed)

    act = catch_up(MODELS)

    assert Revision.objects.filter(act=act).count() > 1
    assert crawl(client, act) == {}
    for asked in (SLUG, "zanzibar", f"organisation/{SLUG}", f"engagement/{SLUG}", f"case/{SLUG}"):
        answer = client.get("/history/", {"record": asked})
        assert answer.status_code == 404
        assert NAME not in answer.content.decode()


def test_what_was_named_before_it_was_sealed_is_named_no_more(client, sealed):
    Engagement.objects.filter(slug="aero-hit-drone-production").update(title=NAME, slug=SLUG, code=CODE)
    open_act = catch_up(MODELS)
    assert crawl(client, open_act)

    withhold(Engagement.objects.get(slug=SLUG), sealed)
    act = catch_up(MODELS)

    assert crawl(client, open_act, act) == {}


def test_deleted_record_stays_sealed_by_its_last_citations(client, sealed):
    seal_engagement(sealed)
    act = catch_up(MODELS)
    deal = Engagement.objects.get(slug=SLUG)
    parts = [*deal.parties.all(), *deal.statuses.all(), *deal.subjects.all()]
    parts += list(Claim.objects.filter(kind="engagement", record=deal.pk))
    for one in (*parts, deal):
        Citation.objects.filter(kind=one.record_kind(), record=one.pk).delete()
    for one in parts:
        one.delete()
    Engagement.objects.filter(programme=deal).update(programme=None)
    pk = deal.pk
    deal.delete()

    gone = catch_up(MODELS)

    assert crawl(client, act, gone) == {}
    page = client.get(f"/records/engagement/{pk}/history/").content.decode()
    assert "withheld" in page
    assert "was deleted on" in page


def test_citation_of_a_withheld_source_says_only_that_it_cites(client, sealed):
    deal = Engagement.objects.get(slug="aero-hit-drone-production")
    CitationFactory(cited=deal, source=sealed, passage=NAME, page=CODE, stated_value=SLUG, note=NAME)

    act = catch_up(MODELS)

    assert crawl(client, act) == {}
    assert "A closed report" in client.get(f"/history/acts/{act.pk}/").content.decode()


def test_value_that_a_withheld_source_gave_before_an_open_one_is_withheld_in_the_past(client, sealed):
    score = Score.objects.filter(share__isnull=False).first()
    withhold(score, sealed)
    Score.objects.filter(pk=score.pk).update(share="77.7", share_decimals=1)
    catch_up([Source, Score, Citation])
    Score.objects.filter(pk=score.pk).update(share="12.3", share_decimals=1)
    Citation.objects.filter(kind="score", record=score.pk).delete()
    CitationFactory(cited=score, source=SourceFactory(slug="open"))

    act = catch_up([Source, Score, Citation])

    for page in pages_of(act):
        assert "77.7" not in client.get(page).content.decode(), page
    changed = client.get(f"/records/score/{score.pk}/history.json").json()["tables"]["changes"]["rows"]
    assert ("share", "withheld", "12.3") in [(row["field"], row["before"], row["after"]) for row in changed]


@pytest.mark.parametrize("seal", [seal_columns, seal_claim])
def test_past_of_history_is_sealed_like_the_present(client, sealed, seal):
    seal(sealed)
    act = catch_up(MODELS)
    last = Revision.objects.order_by("-number").values_list("number", flat=True)[0]

    for page in pages_of(act):
        if "atom" not in page:
            joined = f"{page}{'&' if '?' in page else '?'}as_of=r{last}"
            assert not named(client.get(joined)), joined


def test_open_history_says_what_it_may(client):
    """The crawl could find something."""
    Engagement.objects.filter(slug="aero-hit-drone-production").update(title=NAME, slug=SLUG, code=CODE)

    act = catch_up(MODELS)

    found = crawl(client, act)
    deal = Engagement.objects.get(slug=SLUG)
    assert f"/records/engagement/{deal.pk}/history/" in found
    assert f"/history/acts/{act.pk}.csv" in found
    assert any(page.startswith("/history/changes.json") for page in found)
