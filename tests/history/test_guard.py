"""No door past history: every model, every way to write."""

import ast
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories import CategoryFactory, OrganisationFactory
from tests.history.acting import act
from tracker.history import guard
from tracker.history.guard import RecordingError
from tracker.history.tracked import tracked_models
from tracker.models import Category, Revision

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def guarded(_guard):
    token = guard._guarded.set(True)
    yield
    guard._guarded.reset(token)


@pytest.mark.parametrize("kind", tracked_models())
def test_no_record_of_any_kind_is_written_past_history(kind):
    model = tracked_models()[kind]
    pk = model._meta.pk.column
    for write in (
        lambda: model._default_manager.create(),
        lambda: model._default_manager.bulk_create([model()]),
        lambda: model._default_manager.update(**{model._meta.concrete_fields[1].attname: None}),
        lambda: model._default_manager.all()._raw_delete("default"),
        lambda: model(pk=1).delete(),
        lambda: model(pk=1).save(force_update=True),
        lambda: model(pk=1).save(using="default", force_insert=True),
        lambda: connection.cursor().execute(f'DELETE FROM "{model._meta.db_table}"'),
        lambda: connection.cursor().execute(f"update {model._meta.db_table} set {pk} = {pk}"),
        lambda: connection.cursor().execute(f"/* a note */ UPDATE main.{model._meta.db_table} SET {pk} = {pk}"),
        lambda: connection.cursor().execute(f"WITH x AS (SELECT 1) DELETE FROM [{model._meta.db_table}]"),
        lambda: connection.cursor().execute(f"-- all\nTRUNCATE TABLE {model._meta.db_table}"),
        lambda: connection.cursor().executemany(f'DELETE FROM "{model._meta.db_table}" WHERE {pk} = %s', [[1]]),
    ):
        with pytest.raises(RecordingError), transaction.atomic():
            write()


def test_inside_an_act_what_nobody_watched_is_recorded_all_the_same():
    with act():
        category = CategoryFactory(name="Energy")
    again = Category.objects.get(pk=category.pk)
    with act():
        again.name = "Space"
        again.save()
    with act():
        Category.objects.get(pk=category.pk).delete()

    assert list(Revision.objects.order_by("number").values_list("action", "state__name")) == [
        ("create", "Energy"), ("update", "Space"), ("delete", None),
    ]  # fmt: skip


def test_a_record_saved_twice_in_an_act_is_created_once():
    with act():
        category = CategoryFactory(name="Energy")
        again = Category.objects.get(pk=category.pk)
        again.name = "Space"
        again.save()

    assert list(Revision.objects.values_list("action", "state__name")) == [("create", "Space")]


@pytest.mark.parametrize(
    "write",
    [
        lambda: Category.objects.update(name="X"),
        lambda: Category.objects.bulk_create([Category(slug="x", name="X", position=1)]),
        lambda: Category.objects.all()._raw_delete("default"),
        lambda: connection.cursor().execute("DELETE FROM tracker_category"),
    ],
)
def test_inside_an_act_many_rows_are_written_by_the_recording(write):
    with act():
        CategoryFactory()
    with pytest.raises(RecordingError), act():
        write()


def test_after_a_failed_save_many_rows_are_still_refused():
    with act():
        CategoryFactory(slug="energy")

    def fail_then_update():
        with pytest.raises(IntegrityError), transaction.atomic():
            CategoryFactory(slug="energy")
        Category.objects.update(name="Silent")

    with pytest.raises(RecordingError), act():
        fail_then_update()


def test_rows_of_another_record_reached_by_relation_are_not_changed_at_once():
    with act():
        parent = OrganisationFactory()
        OrganisationFactory(parent=parent)
    with pytest.raises(RecordingError), act():
        parent.children.update(note="Silent")


def test_nothing_in_the_application_lets_go_of_the_guard():
    """`unguarded` is for tests and for the one action that copies a whole database, records with their history; a write
    with `using=` gets past a router, never past the connection."""
    folder = Path(guard.__file__).resolve().parent.parent
    for path in folder.rglob("*.py"):
        names = {node.id for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Name)}
        imported = {
            alias.name
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        allowed = path.name in {"guard.py", "database_moves.py"}
        assert allowed or "unguarded" not in names | imported, path
