"""Two organisations that are one: everything of one becomes the other's, and nothing withheld comes to light."""

import pytest

from tests.factories import (
    CasePartyFactory,
    CitationFactory,
    ClaimFactory,
    EngagementFactory,
    ListingEntryFactory,
    ListingFactory,
    OrganisationAliasFactory,
    OrganisationFactory,
    ParticipationFactory,
    SourceFactory,
    UserFactory,
)
from tests.history.acting import act
from tracker.actions.organisations import merge_organisations, what_moves
from tracker.actions.records import Draft, Refused, numbers_of, save
from tracker.actions.reverts import revert_act
from tracker.history.states import state_now
from tracker.history.tracked import tracked_models
from tracker.history.verification import verify
from tracker.models import Act, CaseParty, Citation, Claim, FormerAddress, Listing, Organisation, Participation

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return UserFactory(display_name="Anna Li")


@pytest.fixture
def pair():
    with act():
        keep = OrganisationFactory(slug="sberbank", name="Sberbank")
        gone = OrganisationFactory(slug="sber", name="Sber", parent=keep)
        child = OrganisationFactory(name="Sber AI", parent=gone)
        party = ParticipationFactory(organisation=gone)
        CitationFactory(kind="organisation", record=gone.pk, record_key="sber")
    return keep, gone, child, party


@pytest.fixture
def two():
    """Two of which nothing is said yet."""
    with act():
        return OrganisationFactory(slug="keep"), OrganisationFactory(slug="gone", name="Gone name")


@pytest.fixture
def withheld():
    with act():
        return SourceFactory(reuse="no")


def everything():
    """Every record of every kind, by its kind and number."""
    return {
        (kind, record.pk): state_now(record)
        for kind, model in tracked_models().items()
        for record in model._default_manager.all()
    }


def merge(keep, gone, by):
    return merge_organisations(keep=keep, gone=gone, by=by, cause=Act.Cause.CORRECTION, note="One bank")


def test_merged_organisations_are_one_under_the_kept_address(pair, anna):
    keep, gone, child, party = pair
    assert {moving.record.record_kind() for moving in what_moves(keep=keep, gone=gone)} == {
        "organisation", "participation", "citation",
    }  # fmt: skip

    merge(keep, gone, anna)

    for row in (child, party):
        row.refresh_from_db()
    assert not Organisation.objects.filter(slug="sber").exists()
    assert (child.parent, party.organisation) == (keep, keep)
    assert [alias.name for alias in keep.aliases.all()] == ["Sber"]
    assert Citation.objects.get(kind="organisation").record == keep.pk
    assert FormerAddress.objects.get().record == keep.pk
    assert verify().findings == []


def test_a_merge_is_taken_back_as_one_act(pair, anna):
    keep, gone, _, _ = pair
    before = everything()
    merged = merge(keep, gone, anna)

    revert_act(act=merged, by=anna, note="They are two")

    assert everything() == before


def test_an_organisation_is_not_merged_with_itself(pair, anna):
    keep, *_ = pair
    with pytest.raises(Refused):
        merge(keep, keep, anna)


# What is withheld stays so


@pytest.mark.parametrize("the_withheld", [0, 1], ids=["it stays", "it goes"])
def test_a_name_that_its_source_withholds_is_not_published_by_a_merge(two, withheld, anna, the_withheld):
    with act():
        CitationFactory(cited=two[the_withheld], source=withheld)
        CitationFactory(cited=two[1 - the_withheld])
    before = everything()

    with pytest.raises(Refused, match="Merging would publish a name that its source withholds"):
        merge(*two, anna)

    assert everything() == before


def test_one_that_only_withheld_engagements_name_is_not_published_by_a_merge(two, withheld, anna):
    keep, gone = two
    with act():
        CitationFactory(cited=keep)
        party = ParticipationFactory(organisation=gone)
        CitationFactory(cited=party.engagement, source=withheld)

    with pytest.raises(Refused, match="its source withholds"):
        merge(keep, gone, anna)


def test_two_withheld_ones_of_which_an_open_engagement_names_one_are_not_merged(two, withheld, anna):
    keep, gone = two
    with act():
        for one in two:
            CitationFactory(cited=one, source=withheld, field="")
        CitationFactory(cited=ParticipationFactory(organisation=gone).engagement)

    with pytest.raises(Refused, match="its source withholds"):
        merge(keep, gone, anna)


def test_two_withheld_ones_and_two_open_ones_are_merged(withheld, anna):
    for reuse in ("no", "fact"):
        with act():
            keep, gone = OrganisationFactory(), OrganisationFactory()
            for one in (keep, gone):
                CitationFactory(cited=one, source=SourceFactory(reuse=reuse))
            CitationFactory(cited=gone, field="original_name", source=withheld)

        merge(keep, gone, anna)

        assert not Organisation.objects.filter(pk=gone.pk).exists()


def test_an_own_name_that_is_withheld_becomes_no_spelling(two, withheld, anna):
    keep, gone = two
    with act(gone):
        gone.original_name, gone.original_language = "Тайна", "ru"
        gone.save()
        for one in two:
            CitationFactory(cited=one)
        CitationFactory(cited=gone, field="original_name", source=withheld)

    merge(keep, gone, anna)

    assert [alias.name for alias in keep.aliases.all()] == ["Gone name"]


def test_a_column_that_one_source_withholds_and_another_tells_is_not_mixed(two, withheld, anna):
    keep, gone = two
    with act():
        for one in two:
            CitationFactory(cited=one)
        CitationFactory(cited=keep, field="description", source=withheld)
        CitationFactory(cited=gone, field="description")

    with pytest.raises(Refused, match="what a source withholds: description"):
        merge(keep, gone, anna)


# Parents


def test_one_that_lies_two_steps_below_takes_the_place_of_the_other(anna):
    with act():
        top = OrganisationFactory()
        gone = OrganisationFactory(parent=top)
        between = OrganisationFactory(parent=gone)
        keep = OrganisationFactory(parent=between)

    merge(keep, gone, anna)

    for one in (keep, between):
        one.refresh_from_db()
    assert (keep.parent, between.parent) == (top, keep)


def test_no_form_makes_a_loop_of_parents(anna):
    with act():
        top = OrganisationFactory()
        below = OrganisationFactory(parent=OrganisationFactory(parent=top))
    draft = Draft(
        "main", Organisation, {"parent": below}, pk=top.pk, based_on=numbers_of("organisation", [top.pk])[top.pk]
    )

    with pytest.raises(Refused) as refused:
        save(drafts=[draft], by=anna, cause=Act.Cause.CORRECTION, note="x")

    assert refused.value.errors["main"]["parent"] == ["It is itself a part of this organisation: choose another one."]


# What both have


def test_parties_of_the_same_engagement_become_one_with_its_role_and_sources(two, anna):
    keep, gone = two
    with act():
        engagement = EngagementFactory()
        kept = ParticipationFactory(engagement=engagement, organisation=keep, position=1)
        doubled = ParticipationFactory(engagement=engagement, organisation=gone, position=2, role="Lender")
        both, one = SourceFactory(), SourceFactory()
        CitationFactory(cited=kept, source=both)
        CitationFactory(cited=doubled, source=both)
        CitationFactory(cited=doubled, source=one)
    (moving,) = what_moves(keep=keep, gone=gone)
    assert (moving.doubled, moving.twin) == (True, kept)

    merged = merge(keep, gone, anna)

    party = Participation.objects.get()
    assert (party.pk, party.role) == (kept.pk, "Lender")
    cited = Citation.objects.filter(kind="participation")
    assert sorted(cited.values_list("record", "source")) == [(kept.pk, both.pk), (kept.pk, one.pk)]
    assert verify().findings == []
    revert_act(act=merged, by=anna, note="They are two")
    assert Participation.objects.count() == 2


def test_a_party_for_readers_and_a_withheld_one_both_stay(two, withheld, anna):
    keep, gone = two
    with act():
        engagement = EngagementFactory()
        CitationFactory(cited=engagement)
        ParticipationFactory(engagement=engagement, organisation=keep)
        hidden = ParticipationFactory(engagement=engagement, organisation=gone, position=2, role="Secret")
        CitationFactory(cited=hidden, source=withheld)
        for one in two:
            CitationFactory(cited=one)

    merge(keep, gone, anna)

    assert sorted(Participation.objects.values_list("organisation", "role")) == [(keep.pk, ""), (keep.pk, "Secret")]


def test_sources_of_a_doubled_spelling_and_case_party_stay(two, anna):
    keep, gone = two
    with act():
        party = CasePartyFactory(organisation=keep)
        CitationFactory(cited=CasePartyFactory(case=party.case, organisation=gone, position=2, role="Bank"))
        alias = OrganisationAliasFactory(organisation=keep, name="SB")
        CitationFactory(cited=OrganisationAliasFactory(organisation=gone, name="SB"))
        CitationFactory(cited=OrganisationAliasFactory(organisation=gone, name=keep.name))

    merge(keep, gone, anna)

    assert sorted(Citation.objects.values_list("kind", "record")) == [
        ("caseparty", party.pk), ("organisationalias", alias.pk),
    ]  # fmt: skip
    assert CaseParty.objects.get().role == "Bank"
    assert verify().findings == []


def test_the_same_claim_stands_once_and_a_different_one_is_refused_in_words(two, anna):
    keep, gone = two
    said = {"speaker": "A minister", "statement": "It is so", "date": "2025"}
    with act():
        kept = ClaimFactory(about=keep, **said)
        doubled = ClaimFactory(about=gone, organisation=gone, **said)
        CitationFactory(cited=doubled)
        ClaimFactory(about=gone, organisation=gone, position=2, speaker="Another")
        different = ClaimFactory(about=gone, position=3, **{**said, "stance": "denies", "statement": "No"})
        ClaimFactory(about=keep, position=3, **{**said, "stance": "denies", "statement": "Never"})

    with pytest.raises(Refused, match=r"Both have a claim of A minister .* and they differ"):
        merge(keep, gone, anna)
    with act():
        different.delete()
    merge(keep, gone, anna)

    assert Claim.objects.filter(kind="organisation", record=keep.pk).count() == Claim.objects.count() == 3
    assert Claim.objects.get(speaker="Another").organisation == keep
    assert Citation.objects.get().record == kept.pk


def test_an_own_name_longer_than_a_spelling_is_left_out_and_the_note_says_so(two, anna):
    keep, gone = two
    with act(gone):
        gone.original_name, gone.original_language = "行" * 201, "zh"
        gone.save()

    done = merge(keep, gone, anna)

    assert [alias.name for alias in keep.aliases.all()] == ["Gone name"]
    assert done.note.startswith("One bank (Its own name is longer than another spelling may be")


# On lists


def test_two_stays_on_one_list_become_one_with_the_entries_and_the_removal_of_both(two, anna):
    keep, gone = two
    with act():
        stays = ListingFactory(organisation=keep)
        goes = ListingFactory(organisation=gone, control=stays.control, until="2024-01-31")
        later = ListingFactory(organisation=gone, control=stays.control, since="2025-01-07")
        entry = ListingEntryFactory(listing=goes)
        ListingEntryFactory(listing=stays, edition=entry.edition)
        moved = ListingEntryFactory(listing=goes)
        for listing in (stays, goes, later):
            CitationFactory(cited=listing, source=SourceFactory())

    merge(keep, gone, anna)

    assert dict(Listing.objects.filter(organisation=keep).values_list("pk", "until")) == {
        stays.pk: "2024-01-31", later.pk: "",
    }  # fmt: skip
    assert set(stays.entries.values_list("edition", flat=True)) == {entry.edition_id, moved.edition_id}
    assert Citation.objects.filter(kind="listing", record=stays.pk).count() == 2
    assert verify().findings == []


def test_two_stays_on_one_list_that_end_on_other_days_are_not_merged(two, anna):
    keep, gone = two
    with act():
        stays = ListingFactory(organisation=keep, until="2024-01-31")
        ListingFactory(organisation=gone, control=stays.control, until="2025-01-07")
        for listing in Listing.objects.all():
            CitationFactory(cited=listing, source=SourceFactory())

    with pytest.raises(Refused, match="other days"):
        merge(keep, gone, anna)
