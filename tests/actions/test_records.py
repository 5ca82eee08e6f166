"""One act or nothing: what is saved, what is refused, what is merged."""

from decimal import Decimal

import pytest

from tests.factories import (
    CategoryFactory,
    CitationFactory,
    CountryFactory,
    EditionTechnologyFactory,
    EngagementFactory,
    OrganisationFactory,
    ParticipationFactory,
    ScoreFactory,
    SourceFactory,
    StatusFactory,
    TechnologyFactory,
    UserFactory,
)
from tests.history.acting import act, change
from tracker.actions import records
from tracker.actions.records import (
    ChangedSince,
    Conflict,
    Draft,
    New,
    Refused,
    delete,
    dependents,
    newest_number,
    numbers_of,
    save,
    shown_for_deletion,
)
from tracker.actions.reverts import CannotRevert, revert_revision
from tracker.history.recording import RecordingError
from tracker.models import (
    Act,
    Category,
    Citation,
    Engagement,
    FormerAddress,
    Participation,
    Revision,
    Score,
    Source,
    Status,
    Technology,
)

pytestmark = pytest.mark.django_db
WHY = {"cause": Act.Cause.CORRECTION, "note": "The table on page 7"}


@pytest.fixture
def anna():
    return UserFactory(display_name="Anna Li")


@pytest.fixture
def category():
    with act():
        return CategoryFactory(name="Energy")


@pytest.fixture
def score():
    with act():
        score = ScoreFactory(share=Decimal("16.4"), share_decimals=1)
        CitationFactory(kind="score", record=score.pk, record_key=score.key())
    return score


def number(record):
    return numbers_of(record.record_kind(), [record.pk])[record.pk]


def draft(record, **values):
    return Draft("main", type(record), values, pk=record.pk, based_on=number(record))


def test_save_records_who_why_and_the_state_after(category, anna):
    saved = save(drafts=[draft(category, name="Energy and environment")], by=anna, **WHY)

    revision = Revision.objects.latest("number")
    assert (revision.act, revision.act.by, revision.act.by_name) == (saved.act, anna, "Anna Li")
    assert (revision.act.cause, revision.act.note, revision.act.origin) == (
        "correction", "The table on page 7", "web",
    )  # fmt: skip
    assert revision.state["name"] == Category.objects.get().name == "Energy and environment"


def test_save_without_a_difference_makes_no_act(category, anna):
    before = Act.objects.count()

    assert save(drafts=[draft(category, name="Energy")], by=anna, **WHY).act is None
    assert Act.objects.count() == before


@pytest.mark.parametrize("note", ["", "   "])
def test_save_without_a_note_is_refused(category, anna, note):
    with pytest.raises(Refused) as refused:
        save(drafts=[draft(category, name="X")], by=anna, cause=Act.Cause.CORRECTION, note=note)

    assert refused.value.errors == {"": {"note": ["Say why: every change has a note."]}}
    assert Category.objects.get().name == "Energy"


def test_save_makes_a_record_its_parts_and_their_source_as_one_act(anna):
    with act():
        channel = EngagementFactory().channel
        organisation = OrganisationFactory()
    drafts = [
        Draft("claims-0", Citation, {"source": New("source"), "field": "", "position": 1}, of="main"),
        Draft("source", Source, {"slug": "tass", "title": "Report", "kind": "primary", "reuse": "fact"}),
        Draft("party", Participation, {"engagement": New("main"), "side": "chinese", "organisation": organisation}),
        Draft(
            "main", Engagement,
            {"slug": "a-fund", "code": "CR900", "title": "A fund", "channel": channel, "description": "A fund."},
        ),
    ]  # fmt: skip

    saved = save(drafts=drafts, by=anna, **WHY)

    assert set(saved.records) == {"claims-0", "source", "party", "main"}
    assert saved.act.revisions.count() == 4
    engagement = Engagement.objects.get(slug="a-fund")
    assert [(party.organisation, party.position) for party in engagement.parties.all()] == [(organisation, 1)]
    assert Citation.objects.get(kind="engagement", record=engagement.pk).record_key == "a-fund"


def test_save_refuses_all_where_one_draft_breaks_a_rule_and_says_where(category, anna):
    drafts = [
        draft(category, name="Changed"),
        Draft("other", Category, {"slug": "other", "name": "", "position": 2}),
        Draft("third", Category, {"slug": category.slug, "name": "Third", "position": 3}),
    ]

    with pytest.raises(Refused) as refused:
        save(drafts=drafts, by=anna, **WHY)

    assert list(refused.value.errors) == ["other", "third"]
    assert list(refused.value.errors["other"]) == ["name"]
    assert list(refused.value.errors["third"]) == ["slug"]
    assert [one.name for one in Category.objects.all()] == ["Energy"]


def test_save_says_a_rule_of_the_database_in_its_words(score, anna):
    with pytest.raises(Refused) as refused:
        save(drafts=[draft(score, share=Decimal("101"), share_decimals=0)], by=anna, **WHY)

    assert refused.value.errors == {"main": {"share": ["A share lies between 0 and 100 per cent."]}}


def test_a_new_value_needs_a_source(score, anna):
    values = {
        "window": score.window, "technology": score.technology, "share": Decimal(3), "share_decimals": 0,
        "basis": "stated",
    }  # fmt: skip
    with act():
        country = CountryFactory()

    with pytest.raises(Refused) as refused:
        save(drafts=[Draft("main", Score, {**values, "country": country})], by=anna, **WHY)

    assert refused.value.errors == {"main": {"": ["Name a source: nothing is stated here without one."]}}
    assert Score.objects.count() == 1


def test_the_last_source_of_a_value_cannot_be_taken_away(score, anna):
    citation = Citation.objects.get()
    drafts = [Draft("s", Citation, {}, pk=citation.pk, based_on=number(citation), delete=True, of=score)]

    with pytest.raises(Refused, match="Name a source"):
        save(drafts=drafts, by=anna, **WHY)

    assert Citation.objects.count() == 1


def test_the_source_of_a_value_may_be_exchanged(score, anna):
    citation = Citation.objects.get()
    with act():
        source = SourceFactory()
    drafts = [
        Draft("old", Citation, {}, pk=citation.pk, based_on=number(citation), delete=True, of=score),
        Draft("new", Citation, {"source": source, "position": 1}, of=score),
    ]

    save(drafts=drafts, by=anna, **WHY)

    assert Citation.objects.get().source == source


# Two people


def test_a_second_save_over_a_change_is_a_conflict_and_saves_nothing(category, anna):
    first = number(category)
    change(category, name="Theirs", position=7)

    with pytest.raises(Conflict) as conflict:
        save(drafts=[Draft("main", Category, {"name": "Mine"}, pk=category.pk, based_on=first)], by=anna, **WHY)

    (collision,) = conflict.value.collisions
    assert (collision.base["name"], collision.theirs["name"], collision.mine["name"]) == ("Energy", "Theirs", "Mine")
    assert collision.open == ("name",)
    assert collision.current == number(category)
    assert [(one.by_name, one.note) for one in collision.meanwhile] == [("A test", "A reason")]
    assert Category.objects.get().name == "Theirs"


def test_what_does_not_collide_is_merged(category, anna):
    first = number(category)
    change(category, position=7)

    with pytest.raises(Conflict) as conflict:
        save(drafts=[Draft("main", Category, {"name": "Mine"}, pk=category.pk, based_on=first)], by=anna, **WHY)

    (collision,) = conflict.value.collisions
    assert (collision.merged["name"], collision.merged["position"], collision.open) == ("Mine", 7, ())
    again = Draft("main", Category, {"name": "Mine", "position": 7}, pk=category.pk, based_on=collision.current)
    assert save(drafts=[again], by=anna, **WHY).act is not None


def test_the_same_change_by_both_is_no_conflict(category, anna):
    first = number(category)
    change(category, name="Both")

    saved = save(drafts=[Draft("main", Category, {"name": "Both"}, pk=category.pk, based_on=first)], by=anna, **WHY)

    assert saved.act is None


def test_a_change_of_what_was_deleted_meanwhile_is_a_conflict(category, anna):
    first = number(category)
    delete(record=category, expected=(), by=anna, **WHY)

    with pytest.raises(Conflict) as conflict:
        save(drafts=[Draft("main", Category, {"name": "Mine"}, pk=category.pk, based_on=first)], by=anna, **WHY)

    assert conflict.value.collisions[0].theirs is None


def test_a_number_and_its_decimals_are_decided_together():
    base = {"share": "16.400000", "share_decimals": 1, "note": ""}
    theirs = {"share": "17.000000", "share_decimals": 1, "note": "n"}
    mine = {"share": "16.450000", "share_decimals": 2, "note": ""}

    merged, undecided = records.merge(base, theirs, mine)

    assert undecided == ("share", "share_decimals")
    assert merged == {"share": "17.000000", "share_decimals": 1, "note": "n"}


# Addresses


def test_a_changed_slug_leaves_an_address_that_leads_on(anna):
    with act():
        technology = TechnologyFactory(slug="batteries")

    save(drafts=[draft(technology, slug="electric-batteries")], by=anna, **WHY)

    former = FormerAddress.objects.get()
    assert (former.kind, former.slug, former.record) == ("technology", "batteries", technology.pk)


# Deleting and retiring


def test_delete_takes_what_hangs_on_it_and_empties_what_only_names_it(anna):
    with act():
        programme = EngagementFactory()
        part = EngagementFactory(programme=programme)
        party = ParticipationFactory(engagement=programme)
        status = StatusFactory(engagement=programme)
        citation = CitationFactory(kind="status", record=status.pk)
    found = dependents(programme)

    assert {(one.kind, one.how) for one in found} == {
        ("engagement", "emptied"), ("participation", "deleted"), ("status", "deleted"), ("citation", "deleted"),
    }  # fmt: skip
    act_ = delete(record=programme, expected={(one.kind, one.record.pk) for one in found}, by=anna, **WHY)

    part.refresh_from_db()
    assert part.programme is None
    assert not Participation.objects.filter(pk=party.pk).exists()
    assert not Status.objects.exists()
    assert not Citation.objects.filter(pk=citation.pk).exists()
    assert act_.revisions.count() == 5


def test_delete_asks_again_where_more_hangs_on_it_than_was_shown(anna):
    with act():
        engagement = EngagementFactory()
        party = ParticipationFactory(engagement=engagement)

    with pytest.raises(ChangedSince) as changed:
        delete(record=engagement, expected=(), by=anna, **WHY)

    assert [one.record for one in changed.value.dependents] == [party]
    assert Engagement.objects.exists()


def test_retire_and_restore(category, anna):
    assert records.retire(record=category, by=anna, **WHY) is not None
    assert Category.objects.get().retired is not None
    assert records.retire(record=category, by=anna, **WHY) is None

    records.restore(record=category, by=anna, **WHY)

    assert Category.objects.get().retired is None
    assert [r.state["retired"] is None for r in Revision.objects.filter(kind="category").order_by("number")] == [
        True, False, True,
    ]  # fmt: skip


def test_no_trace_no_change(category, anna, monkeypatch):
    """Where the log cannot be written nothing is saved."""

    def broken(*_, **__):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(Revision.objects, "bulk_create", broken)
    with pytest.raises(RuntimeError):
        save(drafts=[draft(category, name="Changed")], by=anna, **WHY)

    assert Category.objects.get().name == "Energy"


def test_a_write_past_the_actions_is_refused(category):
    with pytest.raises(RecordingError):
        Category.objects.update(name="Silent")
    with pytest.raises(RecordingError):
        Technology.objects.create(slug="x", name="X", category=category)


# What a reviewer found


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "undecided"),
    [
        ({"rank_from": 1, "rank_to": 5}, {"rank_from": 2, "rank_to": 5}, {"rank_from": 1, "rank_to": 3},
         {"rank_from", "rank_to"}),
        ({"value_from": "1", "currency": "USD"}, {"value_from": "1", "currency": "CNY"},
         {"value_from": "2", "currency": "USD"}, {"value_from", "currency"}),
        ({"share": "37.000000", "share_decimals": 0}, {"share": "37.100000", "share_decimals": 1},
         {"share": "37.000000", "share_decimals": 1}, {"share"}),
        ({"share": "1", "rank_from": 1, "rank_to": 1}, {"share": "2", "rank_from": 1, "rank_to": 1},
         {"share": "1", "rank_from": 2, "rank_to": 2}, set()),
    ],
)  # fmt: skip
def test_what_says_one_thing_is_never_mixed(base, theirs, mine, undecided):
    merged, open_ones = records.merge(base, theirs, mine)

    assert set(open_ones) == undecided
    assert all(merged[name] == theirs[name] for name in undecided)


def test_a_change_that_says_not_what_it_read_overwrites_nothing(category, anna):
    change(category, name="Theirs")

    with pytest.raises(Conflict):
        save(drafts=[Draft("main", Category, {"name": "Mine"}, pk=category.pk)], by=anna, **WHY)

    assert Category.objects.get().name == "Theirs"


def test_no_door_leaves_a_value_without_a_source(score, anna):
    citation = Citation.objects.get()
    for record in (citation, citation.source):
        found = {(one.kind, one.record.pk) for one in dependents(record)}
        with pytest.raises(Refused, match="Without a source would stand"):
            delete(record=record, expected=found, by=anna, **WHY)
    number = Revision.objects.get(kind="citation").number
    with pytest.raises(CannotRevert, match="Without a source would stand"):
        revert_revision(number=number, by=anna, note="x")
    assert Citation.objects.get().source == citation.source


def test_a_stated_value_is_not_sourced_by_its_editions_entry(score, anna):
    with act():
        entry = EditionTechnologyFactory(edition=score.window.edition, technology=score.technology)
        CitationFactory(kind="editiontechnology", record=entry.pk)
        country, other = CountryFactory(), CountryFactory()
    values = {"window": score.window, "technology": score.technology, "share": Decimal(3), "share_decimals": 0}

    with pytest.raises(Refused, match="Name a source"):
        save(drafts=[Draft("main", Score, {**values, "country": country, "basis": "stated"})], by=anna, **WHY)

    computed = Draft("main", Score, {**values, "country": other, "basis": "computed"})
    assert save(drafts=[computed], by=anna, **WHY).act is not None


def test_delete_asks_again_where_what_was_shown_has_changed_since(anna):
    with act():
        engagement = EngagementFactory()
        status = StatusFactory(engagement=engagement)
    shown = shown_for_deletion(engagement, dependents(engagement))
    change(status, note="New evidence")

    with pytest.raises(ChangedSince):
        delete(record=engagement, expected=shown, by=anna, **WHY)

    shown = shown_for_deletion(engagement, dependents(engagement))
    assert delete(record=engagement, expected=shown, by=anna, **WHY).revisions.count() == 2


def test_deleting_a_copy_keeps_the_citations_that_were_seen_through_it(anna):
    with act():
        copy = SourceFactory()
        citation = CitationFactory(seen_through=copy)

    delete(record=copy, expected={("citation", citation.pk)}, by=anna, **WHY)

    citation.refresh_from_db()
    assert citation.seen_through is None


def test_what_hangs_on_a_record_is_found_with_few_queries(django_assert_max_num_queries, anna):
    with act():
        engagement = EngagementFactory()
        for status in (StatusFactory(engagement=engagement, as_of=f"20{n:02}") for n in range(30)):
            CitationFactory(kind="status", record=status.pk)

    with django_assert_max_num_queries(40):
        found = dependents(engagement)

    assert len(found) == 60


def test_an_address_that_leads_on_is_not_taken_by_another(anna):
    with act():
        technology, other = TechnologyFactory(slug="batteries"), TechnologyFactory(slug="other")
    save(drafts=[draft(technology, slug="electric-batteries")], by=anna, **WHY)

    with pytest.raises(Refused) as refused:
        save(drafts=[draft(other, slug="batteries")], by=anna, **WHY)

    assert list(refused.value.errors["main"]) == ["slug"]
    technology.refresh_from_db()
    save(drafts=[draft(technology, slug="batteries")], by=anna, **WHY)
    assert [one.slug for one in FormerAddress.objects.all()] == ["electric-batteries"]


def test_what_is_read_is_never_older_than_the_number_it_is_based_on(category):
    """A change that comes in while a form is filled is found as a conflict."""
    before, first = newest_number(), number(category)

    change(category, name="Theirs")

    assert numbers_of("category", [category.pk], at=before) == {category.pk: first}
    assert numbers_of("category", [category.pk]) == {category.pk: newest_number()}


def test_what_two_people_take_away_is_gone_and_no_error(anna):
    with act():
        engagement = EngagementFactory()
        party = ParticipationFactory(engagement=engagement)
    gone = Draft("party", Participation, {}, pk=party.pk, based_on=number(party), delete=True)
    save(drafts=[gone], by=anna, **WHY)

    again = save(drafts=[gone, draft(engagement, title="Renamed")], by=anna, **WHY)

    assert not Participation.objects.exists()
    assert [revision.kind for revision in again.act.revisions.all()] == ["engagement"]
