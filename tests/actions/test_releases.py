"""Naming a state: once, with a checksum that anybody with the log can take again."""

import hashlib
import json

import pytest

from tests.factories import CategoryFactory, SourceFactory
from tests.history.acting import act, change, create, delete
from tracker.actions.releases import CannotRelease, checksum, release
from tracker.models import Act, Country, Release, Revision, RevisionCounter, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return User.objects.create(username="ada", display_name="Ada")


@pytest.fixture
def log():
    energy = create(CategoryFactory.build(slug="energy", name="Energy"))
    create(SourceFactory.build(slug="a-report", title="A “report” of 华为"))
    change(energy, name="Power")
    with act() as recording:
        recording.bulk_create([Country(code=code, name=code) for code in ("BB", "AA")])
    return energy


def recomputed(number: int) -> str:
    """As docs/history.md says: from the rows of the log alone, in another way than ours."""
    states: dict[tuple[str, int], object] = {}
    for one in Revision.objects.filter(number__lte=number).order_by("number"):
        states.pop((one.kind, one.record), None)
        if one.state is not None:
            states[one.kind, one.record] = one.state
    lines = [
        json.dumps([kind, record, states[kind, record]], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        for kind, record in sorted(states)
    ]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def test_release_names_the_state_before_it_and_is_recorded_itself(log, ada):
    before = RevisionCounter.objects.get(pk=1)

    made = release(name="2026.11", notes="The first.", by=ada)

    assert (made.number, made.digest) == (before.last_number, before.last_digest)
    newest = Revision.objects.order_by("-number").first()
    assert (newest.kind, newest.number, newest.act.by) == ("release", made.number + 1, ada)
    assert newest.act.cause == Act.Cause.VISIBILITY


def test_checksum_is_that_of_the_states_and_stays(log, ada):
    made = release(name="2026.11", notes="The first.", by=ada)
    delete(log)

    assert made.checksum == recomputed(made.number) == checksum(made.number)


def test_checksum_differs_with_every_state(log):
    assert len({checksum(number) for number in range(6)}) == 6
    assert all(checksum(number) == recomputed(number) for number in range(6))


@pytest.mark.seed
def test_checksum_of_the_seed_data_is_that_of_its_states():
    number = RevisionCounter.objects.get(pk=1).last_number

    assert checksum(number) == recomputed(number)


def test_name_is_used_once(log, ada):
    release(name="2026.11", notes="The first.", by=ada)
    change(log, name="Other")

    with pytest.raises(CannotRelease) as refused:
        release(name="2026.11", notes="Again.", by=ada)

    assert "name" in refused.value.problems
    assert Release.objects.count() == 1


def test_state_is_named_once(log, ada):
    release(name="2026.11", notes="The first.", by=ada)

    with pytest.raises(CannotRelease, match=r"2026\.11"):
        release(name="2026.12", notes="The same.", by=ada)

    change(log, name="Other")
    assert release(name="2026.12", notes="Another.", by=ada).number == 7


@pytest.mark.parametrize(
    ("name", "notes", "field"),
    [
        ("two words", "x", "__all__"),
        ("", "x", "name"),
        ("1", "", "notes"),
        ("New", "x", "name"),
        ("1.json", "x", "name"),
        ("1.csv", "x", "name"),
    ],
)
def test_release_without_name_or_notes_is_refused(log, ada, name, notes, field):
    with pytest.raises(CannotRelease) as refused:
        release(name=name, notes=notes, by=ada)

    assert field in refused.value.problems
    assert not Release.objects.exists()
    assert RevisionCounter.objects.get(pk=1).last_number == 5


def test_nothing_has_no_release(ada):
    with pytest.raises(CannotRelease, match="Nothing is recorded"):
        release(name="2026.11", notes="The first.", by=ada)
