"""Redactions: what is taken out is nowhere, the chain holds, and nothing else can be changed under their cover."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.factories import (
    CasePartyFactory,
    CategoryFactory,
    CitationFactory,
    OrganisationFactory,
    ParticipationFactory,
    ScoreFactory,
    SourceFactory,
    UserFactory,
)
from tests.history.acting import act, change
from tests.history.test_verification import past_the_triggers
from tracker.actions.records import delete, dependents, leave_address
from tracker.actions.redactions import CannotRedact, redact_notes, redact_revisions, withdraw_name
from tracker.history.recording import recorded
from tracker.history.timeline import removal_of
from tracker.history.verification import named_rows, verify
from tracker.models import Act, Category, Citation, FormerAddress, Redacted, Redaction, Revision, Source

pytestmark = pytest.mark.django_db
WHY = {"what": "A sentence about a person", "grounds": "Court order 7 of 2026"}


@pytest.fixture
def boss():
    return UserFactory(display_name="Boss")


@pytest.fixture
def anna():
    return UserFactory(display_name="Anna Li")


@pytest.fixture
def log():
    with act():
        energy = CategoryFactory(name="Energy")
        ScoreFactory()
    change(energy, name="Energy and environment")


@pytest.fixture
def libel(log):
    with act():
        source = SourceFactory(title="A report", note="An untruth about somebody")
    number = last_number()
    change(source, note="")
    return source, number


@pytest.fixture
def named(log, anna):
    """Two acts of Anna's; the number of the first revision."""
    for name in ("One", "Two"):
        category = Category.objects.first()
        with recorded(category, by=anna, cause=Act.Cause.CORRECTION, note=f"Because {name}", origin="web"):
            category.name = name
            category.save()
    return last_number() - 1


def last_number():
    return Revision.objects.latest("number").number


def whole_log():
    rows = [*Revision.objects.values_list("name", "state"), *Act.objects.values_list("note", "by_name")]
    return str([rows, list(Redaction.objects.values()), list(Redacted.objects.values())])


def test_a_takedown_leaves_place_digest_and_reason(libel, boss):
    _source, number = libel
    before = Revision.objects.get(number=number)

    redaction = redact_revisions(numbers=[number], fields=["note"], by=boss, **WHY)

    after = Revision.objects.get(number=number)
    assert after.state["note"] == "[removed]"
    assert {**after.state, "note": before.state["note"]} == before.state
    assert after.digest == before.digest
    assert (redaction.rows, redaction.reason) == (f"r{number}", "law")
    result = verify()
    assert (result.findings, result.redacted) == ([], 1)
    assert "untruth" not in whole_log()


def test_what_still_stands_is_changed_first(log, boss):
    with act():
        source = SourceFactory(note="An untruth")

    with pytest.raises(CannotRedact, match="change or delete the record first"):
        redact_revisions(numbers=[last_number()], fields=["note"], by=boss, **WHY)

    assert Source.objects.get(pk=source.pk).note == "An untruth"


def test_a_value_that_a_later_revision_still_holds_is_refused(log, boss):
    with act():
        source = SourceFactory(note="An untruth")
    number = last_number()
    change(source, title="Another title")

    with pytest.raises(CannotRedact, match=f"r{number + 1} is what stands today"):
        redact_revisions(numbers=[number], fields=["note"], by=boss, **WHY)


def test_neighbouring_revisions_lose_the_same_value_and_are_named(log, boss):
    with act():
        source = SourceFactory(note="An untruth")
    number = last_number()
    change(source, title="Another title")
    change(source, note="Better")

    redaction = redact_revisions(numbers=[number], fields=["note"], by=boss, **WHY)

    assert redaction.rows == f"r{number}-{number + 1}"
    assert "untruth" not in whole_log()
    assert Revision.objects.get(number=number + 2).state["note"] == "Better"
    assert verify().findings == []


def test_nothing_to_take_out_is_refused(libel, boss):
    _source, number = libel
    with pytest.raises(CannotRedact, match=f"r{number + 1} holds nothing"):
        redact_revisions(numbers=[number + 1], fields=["note"], by=boss, **WHY)


# Tampering under cover of a redaction


def test_a_redaction_hides_no_tampering_elsewhere(libel, boss):
    _, number = libel
    redact_revisions(numbers=[number], fields=["note"], by=boss, **WHY)
    past_the_triggers("UPDATE tracker_revision SET name = 'x' WHERE number = 2")

    assert len(verify().findings) == 1


def test_a_row_that_only_the_side_table_names_is_tampering(libel, boss):
    _source, number = libel
    redact_revisions(numbers=[number], fields=["note"], by=boss, **WHY)
    redaction = "(SELECT max(id) FROM tracker_redaction)"
    past_the_triggers(
        f"INSERT INTO tracker_redacted (redaction_id, revision_id) VALUES ({redaction}, 2)",
        "UPDATE tracker_revision SET name = 'x' WHERE number = 2",
    )

    assert any(said.startswith("r2 ") for said in verify().findings)


@pytest.mark.parametrize("change_", ["name = 'forged'", "state = '{\"id\": 1}'", f"digest = '{'0' * 64}'"])
def test_a_redacted_row_that_is_changed_again_is_found(libel, boss, change_):
    _source, number = libel
    redact_revisions(numbers=[number], fields=["note"], by=boss, **WHY)
    past_the_triggers(f"UPDATE tracker_revision SET {change_} WHERE number = {number}")

    assert any("was redacted is not what was left of it" in said for said in verify().findings)
    with pytest.raises(CannotRedact, match="verify_history"):
        redact_notes(acts=[Act.objects.first().pk], by=boss, **WHY)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tracker_revision SET state = '{{\"id\": 1}}' WHERE number = {number}",
        "UPDATE tracker_act SET note = 'Another reason' WHERE by_name = 'name withdrawn'",
        "UPDATE tracker_act SET by_name = 'Somebody else' WHERE by_name = 'name withdrawn'",
    ],
)
def test_a_withdrawn_name_hides_no_tampering(named, anna, boss, statement):
    withdraw_name(user=anna, grounds="Asked on 3 March 2026", by=boss)
    past_the_triggers(statement.format(number=named))

    assert any("was redacted is not what was left of it" in said for said in verify().findings)


# Names and notes


def test_a_withdrawn_name_is_in_no_act_and_the_chain_holds(named, anna, boss):
    withdraw_name(user=anna, grounds="Asked on 3 March 2026", by=boss)

    assert not Act.objects.filter(by=anna).exists()
    assert "Anna Li" not in whole_log()
    assert verify().findings == []


def test_a_note_is_taken_out_by_the_command(named, boss):
    boss.is_superuser = True
    boss.save()
    note = Act.objects.get(note="Because One")
    out = StringIO()

    call_command("redact", act=[note.pk], by=boss.username, stdout=out, **WHY)

    note.refresh_from_db()
    assert (note.note, note.by_name) == ("[removed]", "Anna Li")
    assert out.getvalue() == f"X1: taken out of act {note.pk}.\n"
    assert "Because One" not in whole_log()
    assert verify().findings == []
    with pytest.raises(CommandError, match="taken out already"):
        call_command("redact", act=[note.pk], by=boss.username, **WHY)


@pytest.mark.parametrize("name_first", [True, False])
def test_an_act_loses_its_note_and_its_name_and_a_revision_of_it_a_value(named, anna, boss, name_first):
    note = Act.objects.get(note="Because One")

    def withdraw():
        withdraw_name(user=anna, grounds="Asked on 3 March", by=boss)

    if name_first:
        withdraw()
    redact_notes(acts=[note.pk], by=boss, **WHY)
    redact_revisions(numbers=[named], fields=["name"], by=boss, **WHY)
    if not name_first:
        withdraw()

    said = removal_of(Act.objects.select_related("redacted__redaction").get(pk=note.pk))
    assert "The name of the person" in said
    assert "Court order 7" in said
    assert Redacted.objects.get(act=note).redaction.reason == "name"
    assert "Anna Li" not in whole_log()
    assert verify().findings == []


# Natural keys


@pytest.fixture
def bank(boss):
    """An organisation whose address is itself what has to go, with everything that repeats it."""
    with act():
        bank = OrganisationFactory(slug="the-untruth", name="Bank")
        OrganisationFactory(slug="part", parent=bank)
        ParticipationFactory(organisation=bank)
        CitationFactory(cited=CasePartyFactory(organisation=bank))
        CitationFactory(cited=bank)
    return bank


def first_number(record):
    return Revision.objects.filter(kind=record.record_kind(), record=record.pk).earliest("number").number


def test_the_address_of_a_deleted_record_is_taken_out_wherever_it_is_repeated(bank, boss):
    pk = bank.pk
    number = first_number(bank)
    expected = {(one.kind, one.record.pk) for one in dependents(bank)}
    delete(record=bank, expected=expected, by=boss, cause=Act.Cause.CORRECTION, note="Untrue")
    assert "the-untruth" in whole_log()

    redaction = redact_revisions(numbers=[number], fields=["slug"], by=boss, **WHY)

    assert "the-untruth" not in whole_log()
    ended = Revision.objects.get(kind="organisation", record=pk, action="delete")
    assert (ended.name, ended.state) == ("[removed]", None)
    assert ended.number in named_rows(redaction.rows)[0]
    assert Revision.objects.get(number=number).state["slug"] == f"removed-{pk}"
    assert verify().findings == []


def test_a_deletion_alone_names_the_record_too(bank, boss):
    expected = {(one.kind, one.record.pk) for one in dependents(bank)}
    pk = bank.pk
    delete(record=bank, expected=expected, by=boss, cause=Act.Cause.CORRECTION, note="Untrue")
    ended = Revision.objects.get(kind="organisation", record=pk, action="delete")

    redact_revisions(numbers=[ended.number], fields=["slug"], by=boss, **WHY)

    assert "the-untruth" not in whole_log()


def test_the_former_address_of_a_record_that_stands_is_taken_out(bank, boss):
    with act(bank):
        bank.slug = "the-bank"
        bank.save()
        leave_address(bank, "the-untruth")

    redact_revisions(numbers=[first_number(bank)], fields=["slug"], by=boss, **WHY)

    assert "the-untruth" not in whole_log()
    assert not FormerAddress.objects.exists()
    assert set(Citation.objects.values_list("record_key", flat=True)) >= {"the-bank"}
    assert not Citation.objects.filter(record_key__contains="untruth").exists()
    assert verify().findings == []


def test_an_address_that_is_still_used_stays(bank, boss):
    change(bank, name="Another name")

    with pytest.raises(CannotRedact, match="is what stands today"):
        redact_revisions(numbers=[first_number(bank)], fields=["slug"], by=boss, **WHY)

    assert Citation.objects.filter(record_key="the-untruth").exists()
