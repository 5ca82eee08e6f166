import pytest
from django.core.exceptions import ValidationError

from tests.factories import ListEditionFactory, ListingEntryFactory, ListingFactory
from tests.models.rules import made_with, refused_by
from tracker.models import Listing, ListingEntry

pytestmark = pytest.mark.django_db


def test_organisation_is_listed_once_since_a_date():
    listing = ListingFactory()
    with refused_by("listing_once", Listing):
        ListingFactory(control=listing.control, organisation=listing.organisation)
    # It may come back.
    again = made_with(ListingFactory, control=listing.control, organisation=listing.organisation, since="2025-01-07")
    assert again.pk != listing.pk


def test_organisation_is_removed_after_it_was_listed():
    with refused_by("listing_ends_after_it_begins", Listing):
        ListingFactory(since="2022-10-05", until="2022-10-04")
    assert made_with(ListingFactory, since="2022-10-05", until="2025-01-07").until == "2025-01-07"


def test_edition_names_an_organisation_once_and_is_of_its_own_list():
    entry = ListingEntryFactory()
    with refused_by("listing_entry_once", ListingEntry):
        ListingEntryFactory(listing=entry.listing, edition=entry.edition)

    entry.edition = ListEditionFactory()
    with pytest.raises(ValidationError, match="an edition of another list"):
        entry.clean()
