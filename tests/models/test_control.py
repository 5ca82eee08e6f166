import pytest

from tests.factories import (
    ControlFactory,
    ControlItemFactory,
    ListEditionFactory,
    ParticipatingStateFactory,
)
from tests.models.rules import made_with, refused_by
from tracker.models import Control, ControlItem, ListEdition, ParticipatingState

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("column", ["issued", "since", "until"])
def test_control_of_a_date_that_is_none_is_refused(column):
    with refused_by(f"control_{column}_is_a_date", Control):
        ControlFactory(**{column: "early 2023"})


def test_control_ends_after_it_comes_into_force():
    with refused_by("control_ends_after_it_begins", Control):
        ControlFactory(since="2022-10-07", until="2021")
    # “2022” may be any day of 2022.
    assert made_with(ControlFactory, since="2022-10-07", until="2022").until == "2022"


def test_control_does_not_update_itself():
    control = ControlFactory()
    with refused_by("control_does_not_amend_itself", Control):
        Control.objects.filter(pk=control.pk).update(amends=control.pk)


def test_items_of_a_control_have_each_their_number():
    item = ControlItemFactory(code="5.1")
    with refused_by("control_item_once", ControlItem):
        ControlItemFactory(control=item.control, code="5.1")
    assert made_with(ControlItemFactory, code="5.1").code == "5.1"


def test_state_takes_part_once_since_a_date_and_leaves_after_it_came():
    state = ParticipatingStateFactory(since="1996")
    with refused_by("participating_state_once", ParticipatingState):
        ParticipatingStateFactory(control=state.control, country=state.country, since="1996")
    with refused_by("participating_state_leaves_after_it_came", ParticipatingState):
        ParticipatingStateFactory(since="2005", until="2004-12-31")


def test_edition_of_a_list_has_a_date_and_says_how_its_extent_is_known():
    with refused_by("list_edition_has_a_date", ListEdition):
        ListEditionFactory(date="")
    with refused_by("list_edition_extent_has_its_basis", ListEdition):
        ListEditionFactory(extent="whole")
    assert made_with(ListEditionFactory, extent="additions", extent_basis="derived").extent == "additions"
