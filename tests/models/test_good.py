import pytest

from tests.factories import GoodFactory, ListedGoodFactory
from tests.models.rules import made_with, refused_by
from tracker.models import Good, ListedGood

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("code", ["854", "8542.3", "85423", "abc"])
def test_hs_code_of_another_length_is_refused(code):
    with refused_by("good_hs_code_is_of_the_nomenclature", Good):
        GoodFactory(hs_code=code, hs_revision="")


def test_code_stands_once_in_a_revision():
    GoodFactory(hs_code="854231", hs_revision="2022")
    with refused_by("good_code_once_in_a_revision", Good):
        GoodFactory(hs_code="854231", hs_revision="2022")
    assert made_with(GoodFactory, hs_code="854231", hs_revision="2017").hs_revision == "2017"
    # Groups without a code are as many as are published of.
    assert GoodFactory(hs_code="", hs_revision="").pk != GoodFactory(hs_code="", hs_revision="").pk


def test_revision_is_of_a_code():
    with refused_by("good_revision_is_of_a_code", Good):
        GoodFactory(hs_code="", hs_revision="2022")


def test_good_does_not_contain_itself():
    good = GoodFactory()
    with refused_by("good_is_not_its_own_parent", Good):
        Good.objects.filter(pk=good.pk).update(parent=good.pk)


def test_item_names_a_good_once():
    listed = ListedGoodFactory()
    with refused_by("listed_good_once", ListedGood):
        ListedGoodFactory(item=listed.item, good=listed.good)
