import datetime
import re

import pytest
from django.apps import apps
from django.db import connection

from tests.models.rules import refused_by
from tracker.models import Act, Interval, Revision, RevisionCounter

pytestmark = pytest.mark.django_db


@pytest.fixture
def act():
    at = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
    return Act.objects.create(at=at, by_name="A person", cause="correction", note="A reason", origin="test")


@pytest.fixture
def revision(act):
    def make(number, **values):
        values = {"kind": "score", "record": 1, "name": "x", "action": "create", "state": {"id": 1}, **values}
        return Revision.objects.create(number=number, act=act, digest="0" * 64, **values)

    return make


@pytest.fixture
def interval(revision):
    def make(since, until, **values):
        made = revision(Revision.objects.count() + 1)
        return Interval.objects.create(
            revision=made, since=since, until=until, **{"kind": "score", "record": 1, **values}
        )

    return make


@pytest.mark.parametrize(("action", "state"), [("create", None), ("update", None), ("delete", {"id": 1})])
def test_revision_has_a_state_unless_deleted(revision, action, state):
    with refused_by("revision_has_a_state_unless_deleted", Revision):
        revision(1, action=action, state=state)


@pytest.mark.parametrize(("action", "state"), [("create", {"id": 1}), ("update", {}), ("delete", None)])
def test_revision_with_its_state_is_accepted(revision, action, state):
    made = revision(1, action=action, state=state)

    assert Revision.objects.get(pk=made.pk).state == state


@pytest.mark.parametrize("number", [0, -1])
def test_revision_number_below_1_is_refused(revision, number):
    with refused_by("revision_number_is_positive", Revision):
        revision(number)


def test_revision_that_is_changed_is_refused(revision):
    made = revision(1)

    with refused_by("revision_is_never_changed", Revision):
        Revision.objects.filter(pk=made.pk).update(name="y")


def test_revision_that_is_removed_is_refused(revision):
    made = revision(1)

    with refused_by("revision_is_never_changed", Revision):
        made.delete()


@pytest.mark.parametrize(("since", "until"), [(5, 5), (5, 4)])
def test_interval_that_does_not_run_forward_is_refused(interval, since, until):
    with refused_by("interval_runs_forward", Interval):
        interval(since, until)


def test_interval_that_begins_with_another_is_refused(interval):
    interval(1, 2)

    with refused_by("interval_begins_once", Interval):
        interval(1, 3)


def test_interval_that_is_current_beside_another_is_refused(interval):
    interval(1, None)

    with refused_by("interval_current_is_one", Interval):
        interval(2, None)


@pytest.mark.parametrize(("since", "until"), [(4, 6), (6, 9), (9, 12), (4, 12), (6, None)])
def test_interval_that_overlaps_another_is_refused(interval, since, until):
    interval(5, 10)

    with refused_by("interval_does_not_overlap", Interval):
        interval(since, until)


def test_interval_that_is_moved_into_another_is_refused(interval):
    interval(1, 5)
    second = interval(5, 10)

    with refused_by("interval_does_not_overlap", Interval):
        Interval.objects.filter(pk=second.pk).update(since=4)


def test_intervals_beside_each_other_and_of_other_records_are_accepted(interval):
    interval(5, 10)

    interval(1, 5)
    interval(10, None)
    interval(5, 10, record=2)
    interval(5, 10, kind="tally")

    assert Interval.objects.count() == 5


def test_revision_counter_is_one_row():
    RevisionCounter.objects.create(pk=1)

    with refused_by("revision_counter_is_one_row", RevisionCounter):
        RevisionCounter.objects.create(pk=2)


def test_every_trigger_of_the_migration_exists():
    """SQLite makes a table anew when a later migration alters it, and forgets its triggers."""
    expected = {
        "score_ranks_agree_with_shares": "tracker_score",
        "score_rank_1_agrees_with_assessment": "tracker_score",
        "assessment_lead_agrees_with_rank_1": "tracker_assessment",
        "bloc_membership_does_not_overlap": "tracker_blocmembership",
        "engagement_programme_is_no_part": "tracker_engagement",
        "interval_does_not_overlap": "tracker_interval",
        "revision_is_never_changed": "tracker_revision",
        "act_is_never_changed": "tracker_act",
    }
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
            second = dict.fromkeys(("revision_is_never_changed", "act_is_never_changed"), ("update", "delete"))
            expected = {
                f"{name}_{event}": table
                for name, table in expected.items()
                for event in second.get(name, ("insert", "update"))
            }
        else:
            cursor.execute("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")

        found = dict(cursor.fetchall())

    assert found == expected


def test_every_named_constraint_exists():
    models = apps.get_app_config("tracker").get_models()
    expected = {constraint.name for model in models for constraint in model._meta.constraints}
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        else:
            cursor.execute("SELECT conname FROM pg_constraint UNION ALL SELECT indexname FROM pg_indexes")
        found = {word for (text,) in cursor.fetchall() for word in re.findall(r"\w+", text)}

    assert expected <= found
