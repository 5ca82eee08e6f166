"""verify_history: whatever is changed behind the application's back is found."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.factories import CategoryFactory, CitationFactory, ScoreFactory
from tests.history.acting import act, change
from tracker.history.verification import verify
from tracker.models import Act, Revision

pytestmark = pytest.mark.django_db


@pytest.fixture
def log():
    with act():
        energy = CategoryFactory(name="Energy")
        ScoreFactory()
    change(energy, name="Energy and environment")
    with act():
        CitationFactory()
    return energy


def past_the_triggers(*statements):
    """What somebody with the database's own password does."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%never_changed%'"
            )
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            # An altered table may have no events that wait.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE tracker_revision DISABLE TRIGGER USER")
            cursor.execute("ALTER TABLE tracker_act DISABLE TRIGGER USER")
            triggers = ()
        for statement in statements:
            cursor.execute(statement)
        for _, sql in triggers:
            cursor.execute(sql)
        if connection.vendor != "sqlite":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE tracker_revision ENABLE TRIGGER USER")
            cursor.execute("ALTER TABLE tracker_act ENABLE TRIGGER USER")


def test_a_sound_log_is_sound(log):
    result = verify()

    assert (result.findings, result.revisions) == ([], Revision.objects.count())
    assert result.records > 5
    out = StringIO()
    call_command("verify_history", stdout=out)
    assert out.getvalue().startswith("Sound: ")


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE tracker_revision SET state = '{\"id\": 1, \"name\": \"X\"}' WHERE number = 1", "r1 "),
        ("UPDATE tracker_revision SET name = 'x' WHERE number = 2", "r2 "),
        ("UPDATE tracker_act SET note = 'Another reason' WHERE id = (SELECT min(id) FROM tracker_act)", "r1 "),
        ("UPDATE tracker_act SET by_name = 'B' WHERE id = (SELECT max(id) FROM tracker_act)", "digest differs"),
        ("UPDATE tracker_category SET name = 'Silent' WHERE name = 'Energy and environment'", "is not what its last"),
        ("DELETE FROM tracker_citation", "is gone, and no revision says so"),
        ("DELETE FROM tracker_interval WHERE until IS NOT NULL", "index of intervals"),
        ("UPDATE tracker_revisioncounter SET last_number = 1", "its end was cut off"),
    ],
)  # fmt: skip
def test_tampering_is_found(log, statement, finding):
    past_the_triggers(statement)

    result = verify()

    assert any(finding in said for said in result.findings), result.findings
    with pytest.raises(CommandError, match="not sound"):
        call_command("verify_history", stderr=StringIO())


def test_a_removed_row_is_found(log):
    past_the_triggers(
        "DELETE FROM tracker_interval WHERE revision_id = 2", "DELETE FROM tracker_revision WHERE number = 2"
    )

    assert "r2 is missing from the log." in verify().findings


def test_a_log_made_anew_is_found_by_a_digest_known_from_elsewhere(log):
    last = Revision.objects.latest("number")

    assert verify([(last.number, last.digest)]).is_sound
    assert not verify([(last.number, "0" * 64)]).is_sound
    assert not verify([(last.number + 1, last.digest)]).is_sound


def test_the_application_cannot_change_the_log(log):
    from django.db import IntegrityError, transaction

    for rows, change_ in (
        (Revision.objects, {"name": "x"}), (Act.objects, {"note": "x"}), (Act.objects, {"by_name": "x"}),
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change_)
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.all()._raw_delete("default")
