"""Taking back: an ordinary act, or a refusal in words."""

import pytest

from tests.factories import (
    CategoryFactory,
    CitationFactory,
    EngagementFactory,
    ParticipationFactory,
    StatusFactory,
    UserFactory,
)
from tests.history.acting import act, change
from tracker.actions.records import delete, dependents
from tracker.actions.reverts import CannotRevert, preview_revert, revert_act, revert_revision
from tracker.history.states import state_now
from tracker.history.tracked import tracked_models
from tracker.models import Act, Category, Engagement, Participation, Revision

pytestmark = pytest.mark.django_db
NOTE = "It was a slip"


@pytest.fixture
def anna():
    return UserFactory(display_name="Anna Li")


@pytest.fixture
def category():
    with act():
        return CategoryFactory(name="Energy", position=1)


def everything():
    """Every record of every kind, by its kind and number."""
    return {
        (kind, record.pk): state_now(record)
        for kind, model in tracked_models().items()
        for record in model._default_manager.all()
    }


def last_act():
    return Act.objects.latest("pk")


def test_a_change_goes_back_to_what_was_and_says_so(category, anna):
    change(category, name="Slip", position=9)
    number = Revision.objects.latest("number").number

    done = revert_revision(number=number, by=anna, note=NOTE)

    category.refresh_from_db()
    assert (category.name, category.position) == ("Energy", 1)
    assert (done.by, done.note, done.cause) == (anna, f"Reverts r{number}: It was a slip", "correction")


def test_what_others_changed_since_stays(category, anna):
    change(category, name="Slip")
    slip = last_act()
    change(category, position=9)

    revert_act(act=slip, by=anna, note=NOTE)

    category.refresh_from_db()
    assert (category.name, category.position) == ("Energy", 9)


def test_a_field_changed_again_since_is_refused_in_words(category, anna):
    change(category, name="Slip")
    slip = last_act()
    change(category, name="Later")

    with pytest.raises(CannotRevert) as refused:
        revert_act(act=slip, by=anna, note=NOTE)

    (reason,) = refused.value.reasons
    assert "“name”" in reason
    assert "changed again since" in reason
    assert Category.objects.get().name == "Later"


def test_what_was_created_is_deleted_and_what_was_deleted_comes_back_under_its_number(anna):
    with act():
        engagement = EngagementFactory()
        ParticipationFactory(engagement=engagement)
        status = StatusFactory(engagement=engagement)
        CitationFactory(kind="status", record=status.pk)
    before = everything()
    found = dependents(engagement)
    gone = delete(
        record=engagement, expected={(one.kind, one.record.pk) for one in found}, by=anna,
        cause=Act.Cause.CORRECTION, note="By mistake",
    )  # fmt: skip
    assert not Engagement.objects.exists()

    back = revert_act(act=gone, by=anna, note=NOTE)

    assert everything() == before
    again = revert_act(act=back, by=anna, note="It was right after all")
    assert not Engagement.objects.exists()
    assert again.revisions.count() == 4


def test_a_creation_that_others_built_on_is_not_taken_back(anna):
    with act():
        engagement = EngagementFactory()
    made = last_act()
    with act():
        ParticipationFactory(engagement=engagement)

    with pytest.raises(CannotRevert, match="refers to it"):
        revert_act(act=made, by=anna, note=NOTE)

    assert Engagement.objects.exists()


def test_a_deletion_is_not_taken_back_where_what_it_belonged_to_is_gone(anna):
    with act():
        engagement = EngagementFactory()
        party = ParticipationFactory(engagement=engagement)
    why = {"by": anna, "cause": Act.Cause.CORRECTION, "note": "x"}
    first = delete(record=party, expected=(), **why)
    delete(record=engagement, expected=(), **why)

    with pytest.raises(CannotRevert, match="no longer there"):
        revert_act(act=first, by=anna, note=NOTE)

    assert not Participation.objects.exists()


def test_a_name_taken_meanwhile_is_refused_in_the_words_of_the_rule(category, anna):
    gone = delete(record=category, expected=(), by=anna, cause=Act.Cause.CORRECTION, note="x")
    with act():
        CategoryFactory(name="Energy")

    with pytest.raises(CannotRevert, match="Stands already at another record"):
        revert_act(act=gone, by=anna, note=NOTE)


def test_taking_back_twice_is_refused(category, anna):
    change(category, name="Slip")
    slip = last_act()
    revert_act(act=slip, by=anna, note=NOTE)

    with pytest.raises(CannotRevert, match="as it was before already"):
        revert_act(act=slip, by=anna, note=NOTE)


def test_the_preview_says_what_would_happen_and_does_nothing(category, anna):
    change(category, name="Slip")
    number = Revision.objects.latest("number").number

    (reversal,) = preview_revert(number=number).reversals

    assert (reversal.kind, reversal.pk, reversal.action) == ("category", category.pk, "update")
    assert [(one.field, one.before, one.after) for one in reversal.changes] == [("name", "Slip", "Energy")]
    assert Category.objects.get().name == "Slip"
