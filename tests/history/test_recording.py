import datetime
import itertools
from decimal import Decimal

import pytest
from django.db import IntegrityError

from tests.factories import (
    BlocFactory,
    CategoryFactory,
    CountryFactory,
    EditionFactory,
    ScoreFactory,
    TechnologyFactory,
    UserFactory,
    WindowFactory,
)
from tests.history.acting import act, change, create, delete, noon, now
from tracker.history.past import PastIsReadOnly, reading
from tracker.history.recording import RecordingError, digest_of, rebuild_intervals
from tracker.models import Act, Category, Country, Interval, Revision, RevisionCounter, Score, Technology

pytestmark = pytest.mark.django_db


def revisions(record=None):
    found = Revision.objects.order_by("number")
    return list(found if record is None else found.filter(kind=record.record_kind(), record=record.pk))


def intervals():
    return list(Interval.objects.order_by("since").values_list("revision", "kind", "record", "since", "until"))


@pytest.fixture
def category():
    return create(Category(slug="energy", name="Energy", position=1))


@pytest.fixture
def eventful_record():
    """A few acts of every sort."""
    first = create(Category(slug="energy", name="Energy", position=1))
    second = create(Category(slug="space", name="Space", position=2))
    with act() as recording:
        countries = [Country(code=code, name=code) for code in ("AA", "BB", "CC")]
        recording.bulk_create(countries)
    change(first, name="Energy and environment")
    with act() as recording:
        for country in countries:
            country.region = "Asia"
        recording.bulk_update(countries, ["region"])
    delete(second)
    delete(countries[0])
    create(Category(slug="space", name="Space", position=2))


# What is recorded


def test_recorded_create_has_the_state_after():
    country = create(Country(code="CN", name="China", alpha3="CHN"))

    (revision,) = revisions()
    assert (revision.action, revision.kind, revision.record, revision.name) == ("create", "country", country.pk, "CN")
    assert revision.state == {
        "id": country.pk, "code": "CN", "name": "China", "other_names": "",
        "alpha3": "CHN", "region": "", "note": "",
    }  # fmt: skip


def test_recorded_name_is_that_of_what_was_saved_not_of_what_was_watched(category):
    with act(category):
        same = Category.objects.get(pk=category.pk)
        same.slug = "renamed"
        same.save()

    assert revisions(category)[-1].name == "renamed"


def test_recorded_update_has_the_state_after(category):
    change(category, name="Energy and environment")

    first, second = revisions(category)
    assert (first.state["name"], second.state["name"]) == ("Energy", "Energy and environment")
    assert second.action == "update"


def test_recorded_update_reads_the_state_before_from_the_database(category):
    category.name = "Changed by a form already"

    with act(category):
        category.save()

    assert [revision.action for revision in revisions(category)] == ["create", "update"]


def test_recorded_delete_has_no_state_and_keeps_the_name(category):
    pk = category.pk

    delete(category)

    last = Revision.objects.get(kind="category", record=pk, action="delete")
    assert (last.state, last.name) == (None, "energy")


def test_recorded_delete_of_a_query_is_recorded_when_it_was_watched(category):
    with act(category):
        Category.objects.all().delete()

    assert [revision.action for revision in revisions()] == ["create", "delete"]


def test_recorded_references_are_kept_by_id_and_name(category):
    technology = create(Technology(slug="lasers", name="Lasers", category=category))

    assert revisions(technology)[0].state["category"] == {"id": category.pk, "key": "energy"}


def test_recorded_name_joins_the_keys_of_the_related_records():
    score = ScoreFactory.build(
        window=WindowFactory(edition=EditionFactory(slug="aspi-2023-03")),
        technology=TechnologyFactory(slug="lasers"),
        country=CountryFactory(code="CN"),
    )  # fmt: skip

    create(score)

    assert revisions(score)[0].name == "aspi-2023-03/2018/2022/lasers/CN/"


def test_recorded_decimals_are_kept_as_the_column_holds_them():
    window, technology, country = WindowFactory(), TechnologyFactory(), CountryFactory()
    score = Score(
        window=window, technology=technology, country=country, share=Decimal("4.0"), share_decimals=1, basis="stated"
    )

    with act() as recording:
        recording.bulk_create([score])

    assert revisions(score)[0].state["share"] == "4.000000"
    with act(score):
        Score.objects.get(pk=score.pk).save()
    assert len(revisions(score)) == 1


def test_recorded_act_says_who_when_why_and_through_which_door(category):
    user = UserFactory(display_name="Ada Lovelace")

    with act(category, by=user, by_name="", cause=Act.Cause.EVIDENCE, note=" A page of the report. ", origin="web"):
        category.name = "Energy and environment"
        category.save()

    last = Act.objects.latest("pk")
    assert (last.by, last.by_name, last.cause, last.note, last.origin) == (
        user, "Ada Lovelace", "evidence", "A page of the report.", "web",
    )  # fmt: skip


def test_recorded_revisions_of_one_act_share_it():
    countries = [Country(code=code, name=code) for code in ("AA", "BB")]

    with act(*countries):
        for country in countries:
            country.save()

    assert Act.objects.count() == 1
    assert Act.objects.get().revisions.count() == 2


def test_recorded_without_a_change_leaves_no_row(category):
    with act(category) as recording:
        category.save()
        recording.bulk_update([category], ["name", "position"])

    assert Act.objects.count() == 1
    assert len(revisions()) == 1


def test_recorded_change_and_change_back_leaves_no_row(category):
    with act(category):
        for name in ("Changed", "Energy"):
            category.name = name
            category.save()

    assert len(revisions()) == 1


# Bulk writes


def test_bulk_create_records_each():
    with act() as recording:
        recording.bulk_create([Country(code=code, name=code) for code in ("AA", "BB", "CC")])

    assert [(revision.number, revision.name, revision.action) for revision in revisions()] == [
        (1, "AA", "create"),
        (2, "BB", "create"),
        (3, "CC", "create"),
    ]


def test_bulk_create_records_what_the_database_holds():
    category = Category(slug="energy", name="Energy", position="7")

    with act() as recording:
        recording.bulk_create([category])

    assert revisions(category)[0].state["position"] == 7


def test_bulk_create_of_nothing_leaves_no_row():
    with act() as recording:
        recording.bulk_create([])
        recording.bulk_update([], ["name"])

    assert Act.objects.count() == 0


def test_bulk_update_records_those_that_changed():
    with act() as recording:
        countries = [Country(code=code, name=code) for code in ("AA", "BB", "CC")]
        recording.bulk_create(countries)
    countries[1].region = "Asia"

    with act() as recording:
        recording.bulk_update(countries, ["region"])

    assert [(revision.name, revision.state["region"]) for revision in revisions()[3:]] == [("BB", "Asia")]


def test_bulk_update_records_only_what_was_written(category):
    category.name = "Not saved"
    category.position = 9

    with act() as recording:
        recording.bulk_update([category], ["position"])

    state = revisions(category)[-1].state
    assert (state["name"], state["position"]) == ("Energy", 9)
    assert Category.objects.get().name == "Energy"


def test_bulk_update_of_a_record_that_is_gone_is_refused(category):
    gone = Category(pk=category.pk + 1, slug="space", name="Space", position=2)

    with pytest.raises(RecordingError, match="no category"), act() as recording:
        recording.bulk_update([gone], ["name"])


@pytest.mark.parametrize("ways", [("bulk", "save"), ("save", "bulk"), ("bulk", "bulk"), ("save", "save")])
def test_record_written_twice_in_one_act_has_one_revision(category, ways):
    with act() as recording:
        for turn, way in enumerate(ways):
            category.name = f"Energy {turn}"
            if way == "bulk":
                recording.bulk_update([category], ["name"])
            else:
                recording.watch(category)
                category.save()

    assert [revision.state["name"] for revision in revisions(category)] == ["Energy", "Energy 1"]


def test_record_made_and_changed_in_one_act_is_created_once():
    country = Country(code="AA", name="AA")

    with act() as recording:
        recording.bulk_create([country])
        country.region = "Asia"
        recording.bulk_update([country], ["region"])

    (revision,) = revisions()
    assert (revision.action, revision.state["region"]) == ("create", "Asia")


def test_record_made_and_deleted_in_one_act_leaves_no_row():
    country = Country(code="AA", name="AA")

    with act() as recording:
        recording.bulk_create([country])
        recording.watch(country)
        country.delete()

    assert (Revision.objects.count(), Interval.objects.count()) == (0, 0)


def test_many_records_deleted_in_one_act_are_no_longer_current():
    with act() as recording:
        countries = [
            Country(code=f"{chr(65 + n // 26)}{chr(65 + n % 26)}", name=f"Country {n}") for n in range(26 * 21)
        ]
        recording.bulk_create(countries)

    with act(*countries):
        Country.objects.all().delete()

    assert not Interval.objects.filter(until__isnull=True).exists()
    assert Revision.objects.filter(action="delete").count() == len(countries)


# All or nothing


def test_failure_of_the_log_leaves_nothing_saved(category):
    someone = Act.objects.get()
    Revision.objects.create(number=2, act=someone, kind="x", record=1, name="x", action="create", state={}, digest="")

    with pytest.raises(IntegrityError):
        change(category, name="Changed")

    assert Category.objects.get().name == "Energy"
    assert Act.objects.count() == 1
    assert RevisionCounter.objects.get().last_number == 1


def test_failure_inside_leaves_nothing_saved(category):
    def fail():
        with act(category):
            category.name = "Changed"
            category.save()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert Category.objects.get().name == "Energy"
    assert Revision.objects.count() == 1


def test_number_is_not_used_up_by_a_failure(category):
    def fail():
        with act() as recording:
            recording.bulk_create([Country(code="AA", name="AA")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    change(category, name="Changed")

    assert [revision.number for revision in revisions()] == [1, 2]


@pytest.mark.parametrize("note", ["", "  \n"])
def test_recorded_without_a_note_is_refused(category, note):
    with pytest.raises(RecordingError, match="note"), act(category, note=note):
        pass


def test_recorded_without_an_actor_is_refused(category):
    with pytest.raises(RecordingError, match="who made it"), act(category, by_name=""):
        pass


def test_recorded_new_record_that_is_never_saved_is_refused():
    with pytest.raises(RecordingError, match="never saved"), act(Country(code="AA", name="AA")):
        pass


def test_recorded_while_the_past_is_read_is_refused(category):
    with reading(now()), pytest.raises(RecordingError, match="past is being read"), act(category):
        pass


@pytest.mark.parametrize(
    "write",
    [
        lambda: Country.objects.create(code="AA", name="AA"),
        lambda: Country.objects.bulk_create([Country(code="AA", name="AA")]),
        lambda: Category.objects.update(name="Changed"),
        lambda: Category.objects.all().delete(),
        lambda: Category.objects.get().save(),
    ],
)
def test_writing_while_the_past_is_read_is_refused(category, write):
    with reading(now()), pytest.raises(PastIsReadOnly):
        write()

    assert list(Category.objects.values_list("name", flat=True)) == ["Energy"]
    assert Country.objects.count() == 0


def test_record_of_the_past_is_not_saved_over_the_present(category):
    with reading(now()):
        then = Category.objects.get()
    change(category, name="Changed")

    with pytest.raises(PastIsReadOnly):
        then.save()

    assert Category.objects.get().name == "Changed"


# Acts follow one another


def test_act_inside_an_act_counts_on(category):
    with act(category):
        create(Country(code="AA", name="AA"))
        category.name = "Changed"
        category.save()

    assert [(revision.number, revision.kind) for revision in revisions()] == [
        (1, "category"),
        (2, "country"),
        (3, "category"),
    ]


def test_act_before_the_last_one_is_refused(category):
    change(category, name="Changed", at=noon(3, 2))

    with pytest.raises(RecordingError, match="none can come before"):
        change(category, name="Changed again", at=noon(3, 1))

    assert Category.objects.get().name == "Changed"


def test_act_of_a_clock_that_was_set_back_takes_the_last_time(category):
    change(category, name="Changed", at=noon(3, 2))

    change(category, name="Changed again")

    assert list(Act.objects.order_by("pk").values_list("at", flat=True))[1:] == [noon(3, 2), noon(3, 2)]


def test_numbers_have_no_gaps(eventful_record):
    numbers = [revision.number for revision in revisions()]

    assert numbers == list(range(1, len(numbers) + 1))
    assert RevisionCounter.objects.get().last_number == numbers[-1]


def test_digest_chain_can_be_recomputed(eventful_record):
    before = ""
    for revision in Revision.objects.select_related("act").order_by("number"):
        assert revision.digest == digest_of(revision, revision.act, before)
        before = revision.digest

    assert RevisionCounter.objects.get().last_digest == before


def test_digest_can_be_recomputed_for_an_act_in_another_time_zone(category):
    tokyo = datetime.timezone(datetime.timedelta(hours=9))
    first = revisions()[0]

    change(category, name="Changed", at=noon(3, 1).astimezone(tokyo))

    last = Revision.objects.select_related("act").latest("number")
    assert last.digest == digest_of(last, last.act, first.digest)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("note", "Another reason"),
        ("by_name", "Another person"),
        ("cause", "world"),
        ("origin", "web"),
        ("input_digest", "0"),
    ],
)
def test_digest_shows_a_changed_act(category, column, value):
    revision = Revision.objects.select_related("act").get()

    setattr(revision.act, column, value)

    assert revision.digest != digest_of(revision, revision.act, "")


@pytest.mark.parametrize(
    ("column", "value"),
    [("state", {"id": 1}), ("name", "space"), ("record", 99), ("kind", "bloc"), ("action", "update"), ("number", 2)],
)
def test_digest_shows_a_changed_revision(category, column, value):
    revision = Revision.objects.select_related("act").get()

    setattr(revision, column, value)

    assert revision.digest != digest_of(revision, revision.act, "")


# The interval index


def test_intervals_of_a_record_follow_one_another(category):
    change(category, name="Changed")
    create(Country(code="AA", name="AA"))
    delete(category)

    assert [(kind, since, until) for _, kind, _, since, until in intervals()] == [
        ("category", 1, 2),
        ("category", 2, 4),
        ("country", 3, None),
    ]


def test_intervals_do_not_overlap_and_have_no_holes(eventful_record):
    by_record: dict = {}
    for _, kind, record, since, until in intervals():
        by_record.setdefault((kind, record), []).append((since, until))

    for found in by_record.values():
        assert all(until == since for (_, until), (since, _) in itertools.pairwise(found))


def test_intervals_rebuilt_are_equal(eventful_record):
    kept = intervals()

    count = rebuild_intervals()

    assert intervals() == kept
    assert count == len(kept)


def test_intervals_lost_can_be_rebuilt(eventful_record):
    kept = intervals()
    Interval.objects.filter(kind="country").delete()

    rebuild_intervals()

    assert intervals() == kept


def test_recording_of_a_renamed_record_names_it_anew_in_others():
    category = create(CategoryFactory.build(slug="energy"))
    technology = create(Technology(slug="lasers", name="Lasers", category=category))
    change(category, slug="energies")

    change(technology, definition="Light.")

    keys = [revision.state["category"]["key"] for revision in revisions(technology)]
    assert keys == ["energy", "energies"]


def test_recording_takes_few_queries(django_assert_max_num_queries):
    bloc = create(BlocFactory.build())

    with django_assert_max_num_queries(13):
        change(bloc, note="x")
