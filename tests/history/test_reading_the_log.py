"""Reading the log: acts that fit, steps, what hangs on a record, what differs between two moments."""

import datetime

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import (
    CaseFactory,
    CategoryFactory,
    CitationFactory,
    ClaimFactory,
    CountryFactory,
    EngagementFactory,
    ParticipationFactory,
    SourceFactory,
    StatusFactory,
)
from tests.history.acting import act, change, create, delete, noon, now
from tracker.history.belonging import belongs_to
from tracker.history.timeline import (
    ActFilter,
    Difference,
    Life,
    acts,
    citations_ever,
    differing_between,
    hanging_on,
    names_digest,
    number_at,
    of_records,
    states_at,
    steps,
)
from tracker.models import Act, Category, Citation, Country, Revision, User

pytestmark = pytest.mark.django_db


def notes(**wanted) -> list[str]:
    return [one.note for one in acts(ActFilter(**wanted))]


@pytest.fixture
def log():
    ada = User.objects.create(username="ada", display_name="Ada Lovelace", shown_as=User.ShownAs.NAME)
    bob = User.objects.create(username="bob", display_name="Bob")
    energy = create(CategoryFactory.build(slug="energy"), at=noon(3, 1), note="By a command", cause="edition")
    change(energy, name="Power", at=noon(3, 2))
    with act(energy, at=noon(3, 3), by=ada, note="Ada was here", origin="web"):
        energy.name = "Energy and environment"
        energy.save()
    create(CountryFactory.build(code="AA"), at=noon(3, 4), by=bob, by_name="Bob", note="A country", cause="world")
    return energy


def test_acts_come_newest_first(log):
    assert notes() == ["A country", "Ada was here", "A reason", "By a command"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"person": 0}, ["A reason", "By a command"]),
        ({"unnamed": True}, ["A country"]),
        ({"kind": "country"}, ["A country"]),
        ({"kind": "category", "cause": "edition"}, ["By a command"]),
        ({"cause": "world"}, ["A country"]),
        ({"origin": "web"}, ["Ada was here"]),
        ({"q": "HERE ada"}, ["Ada was here"]),
        ({"after": datetime.date(2090, 3, 3)}, ["A country", "Ada was here"]),
        ({"until": datetime.date(2090, 3, 2)}, ["A reason", "By a command"]),
        ({"after": datetime.date(2090, 3, 2), "until": datetime.date(2090, 3, 2)}, ["A reason"]),
        ({"until": datetime.date.max}, ["A country", "Ada was here", "A reason", "By a command"]),
        ({"records": ()}, []),
    ],
)
def test_acts_that_fit(log, wanted, found):
    assert notes(**wanted) == found


def test_acts_of_a_person_and_on_a_record(log):
    ada = User.objects.get(username="ada")

    assert notes(person=ada.pk) == ["Ada was here"]
    assert notes(records=(("category", log.pk),)) == ["Ada was here", "A reason", "By a command"]
    assert notes(records=(("category", log.pk), ("country", -1)), cause="correction") == ["Ada was here", "A reason"]


def test_step_has_the_state_before_and_how_long_each_lasted(log):
    found = steps(of_records([("category", log.pk)]))

    assert [(one.number, one.previous) for one in found] == [(3, 2), (2, 1), (1, None)]
    assert [one.before and one.before["name"] for one in found][:2] == ["Power", found[2].after["name"]]
    first, second, third = (one.act.pk for one in reversed(found))
    assert found[1].lived_before == Life(first, second)
    assert found[1].lives == Life(second, third)
    assert (found[0].lives, found[2].lived_before) == (Life(third, None), None)


def test_steps_are_one_query_however_many(log, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert len(steps(of_records([("category", log.pk)]))) == 3


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (Life(1, 3), Life(2, 5), True), (Life(1, 3), Life(3, 5), False), (Life(3, None), Life(1, 3), False),
        (Life(3, None), Life(9, None), True), (Life(1, 9), Life(4, 5), True), (Life(2, 3), Life(2, 3), True),
    ],
)  # fmt: skip
def test_lives_meet_where_a_time_belongs_to_both(one, other, meet):
    assert one.meets(other) is other.meets(one) is meet


# What hangs on a record


def test_what_hangs_on_an_engagement_is_found_also_when_it_is_gone():
    deal = EngagementFactory()
    with act() as recording:
        made = [ParticipationFactory.build(engagement=deal, organisation=None, unnamed="A bank")]
        made += [StatusFactory.build(engagement=deal), ClaimFactory.build(about=deal)]
        for one in made:
            recording.watch(one)
            one.save()
    cited = [create(CitationFactory.build(cited=one, source=SourceFactory())) for one in (deal, *made)]
    other = create(StatusFactory.build(engagement=EngagementFactory()))
    for one in (*cited[1:], *made):
        delete(one)
    keys = {("citation", one.pk) for one in cited}

    found = hanging_on([("engagement", deal.pk)])

    # Django empties the key of what it deletes.
    kinds = sorted(kind for kind, _ in found)
    assert kinds == ["citation"] * 4 + ["claim", "participation", "status"]
    assert ("status", other.pk) not in found
    assert keys


def test_nothing_hangs_on_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert hanging_on([]) == ()
        assert citations_ever([]) == {}


def test_belonging_is_told_by_the_state():
    assert belongs_to("status", {"engagement": {"id": 3, "key": "x"}}) == ("engagement", 3)
    assert belongs_to("claim", {"kind": "case", "record": 4}) == ("case", 4)
    assert belongs_to("technology", {"category": {"id": 1, "key": "x"}}) is None
    assert belongs_to("alias", {"technology": None}) is None
    assert belongs_to("listedgood", {"item": {"id": 7, "key": "x/1"}}) == ("controlitem", 7)


def test_what_hangs_on_a_record_is_looked_up_in_the_index():
    """Among many revisions the database reads those alone. PostgreSQL reads so small a table whole."""
    case = CaseFactory()
    with act() as recording:
        letters = "ABCDEFGHIJ"
        recording.bulk_create([Country(code=a + b, name=a + b) for a in letters for b in letters])
    create(CitationFactory.build(cited=case, source=SourceFactory()))
    asked: list[tuple[str, object]] = []

    def listen(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        found = hanging_on([("case", case.pk)])
        ever = citations_ever([("case", case.pk)])

    assert (len(found), len(ever), len(asked)) == (1, 1, 2)
    if connection.vendor == "sqlite":
        for sql, params in asked:
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
                plan = "\n".join(str(row[3]) for row in cursor.fetchall())
            assert "interval_by_subject" in plan
            assert not any(f"SCAN {table}" in plan for table in ("tracker_revision", "tracker_interval"))


def test_citations_ever_say_how_long_each_was_so():
    category = CategoryFactory()
    first = create(CitationFactory.build(cited=category, source=SourceFactory(slug="one")))
    change(first, source=SourceFactory(slug="two"))
    delete(first)
    one, two, three = Act.objects.order_by("pk").values_list("pk", flat=True)

    (found,) = citations_ever([("category", category.pk)]).values()

    assert sorted((one.source_key, one.life.since, one.life.until) for one in found) == [
        ("one", one, two),
        ("two", two, three),
    ]


# Between two moments


def test_record_differs_by_what_it_is_then_and_now(log):
    found = differing_between(1, 4)

    assert set(found) == {Difference("category", log.pk, 1, 3), Difference("country", _country(), None, 4)}
    assert differing_between(3, 3) == ()
    assert [one.action for one in differing_between(0, 4)] == ["created", "created"]


def _country() -> int:
    return Country.objects.get(code="AA").pk


def test_what_was_changed_and_changed_back_does_not_differ(log):
    change(log, name="Other")
    change(log, name="Energy and environment")

    assert differing_between(4, now().number) == ()


def test_what_came_and_went_does_not_differ(log):
    delete(create(CountryFactory.build(code="BB")))

    assert differing_between(4, now().number) == ()


def test_what_was_deleted_differs(log):
    pk = log.pk
    delete(log)

    (found,) = differing_between(4, 5)
    assert found == Difference("category", pk, 3, None)
    assert found.action == "deleted"


STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["x", "y", "z", "gone"])), min_size=1, max_size=14)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(done=STEPS)
def test_differences_are_those_of_the_states_themselves(done):
    """Against a copy of every state, taken on the way."""
    start = now().number
    copies = {start: {pk: state for (kind, pk), state in _standing(start).items() if kind == "category"}}
    for slug, name in done:
        found = Category.objects.filter(slug=slug).first()
        if name == "gone":
            if found:
                delete(found)
        elif found:
            change(found, name=f"{slug} {name}")
        else:
            create(CategoryFactory.build(slug=slug, name=f"{slug} {name}"))
        copies[now().number] = {one.pk: (one.slug, one.name) for one in Category.objects.all()}

    for first, before in copies.items():
        for last, after in copies.items():
            if first <= last:
                found = {one.record: one.action for one in differing_between(first, last) if one.kind == "category"}
                assert found == _brute_force(before, after)


def _standing(number: int) -> dict:
    found = {}
    for one in Revision.objects.filter(number__lte=number).order_by("number"):
        if one.state is None:
            found.pop((one.kind, one.record), None)
        else:
            found[one.kind, one.record] = (one.state.get("slug"), one.state.get("name"))
    return found


def _brute_force(before: dict, after: dict) -> dict[int, str]:
    found = dict.fromkeys(after.keys() - before.keys(), "created")
    found |= dict.fromkeys(before.keys() - after.keys(), "deleted")
    return found | {pk: "changed" for pk in before.keys() & after.keys() if before[pk] != after[pk]}


def test_states_at_numbers(log):
    state, life = states_at([2])[2]

    assert state is not None
    assert state["name"] == "Power"
    assert life.until is not None
    assert number_at("category", log.pk, 99) == 3
    assert number_at("category", log.pk, 2) == 2
    assert number_at("country", _country(), 3) is None


# Names


def test_names_digest_changes_with_what_people_show_and_with_nothing_else(log):
    before = names_digest()
    User.objects.filter(username="bob").update(display_name="Robert")
    assert names_digest() == before

    User.objects.filter(username="ada").update(display_name="A. Lovelace")
    renamed = names_digest()
    User.objects.filter(username="bob").update(shown_as=User.ShownAs.NAME)

    assert len({before, renamed, names_digest()}) == 3


def test_citation_of_today_is_no_history():
    CitationFactory(cited=CategoryFactory())

    assert Citation.objects.exists()
    assert hanging_on([("category", 1)]) == ()
