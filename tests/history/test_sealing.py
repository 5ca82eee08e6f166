"""A file that readers take away names nothing that only withheld sources say, by the same rules as the pages."""

import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from tests.factories import CitationFactory, SourceFactory
from tests.pages.test_sealed import CODE, NAME, SEALS, SLUG, withhold
from tracker.history import past
from tracker.history.sealing import seal
from tracker.history.tracked import tracked_models
from tracker.models import Engagement, Organisation, Score, Source, Technology

pytestmark = pytest.mark.seed


def file_of_today(folder: Path) -> Path:
    """A past file of the records as they are, written or not: the pages' tests of what is sealed write past history."""
    path = folder / "filled.sqlite3"
    with sqlite3.connect(path) as database:
        for statement in past._schema():
            database.execute(statement)
        for model in tracked_models().values():
            names = [column.column for column in model._meta.concrete_fields]
            rows = [
                [str(value) if isinstance(value, Decimal) else value for value in row]
                for row in model._default_manager.values_list(*[c.attname for c in model._meta.concrete_fields])
            ]
            columns = ", ".join(f'"{name}"' for name in names)
            marks = ", ".join("?" * len(names))
            database.executemany(f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({marks})', rows)
    database.close()
    return path


def sealed_file(folder: Path) -> Path:
    into = folder / "sealed.sqlite3"
    seal(file_of_today(folder), into)
    return into


def rows(file: Path, sql: str) -> list[tuple]:
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


@pytest.mark.parametrize("hide", SEALS)
def test_no_byte_of_the_file_names_what_is_sealed(tmp_path, hide):
    hide(SourceFactory(slug="sealed", title="A closed report", reuse=Source.Reuse.NO))

    before = file_of_today(tmp_path).read_bytes()
    assert NAME.encode() in before
    (tmp_path / "filled.sqlite3").unlink()
    content = sealed_file(tmp_path).read_bytes()

    for secret in (NAME, SLUG, CODE):
        assert secret.encode() not in content


def test_nothing_of_the_file_refers_to_what_has_left(tmp_path):
    Source.objects.exclude(slug="aspi-2023").update(reuse=Source.Reuse.NO)

    file = sealed_file(tmp_path)

    for model in tracked_models().values():
        for field in model._meta.concrete_fields:
            if field.is_relation:
                sql = (
                    f'SELECT count(*) FROM "{model._meta.db_table}" WHERE "{field.column}" IS NOT NULL AND '
                    f'"{field.column}" NOT IN (SELECT id FROM "{field.related_model._meta.db_table}")'
                )
                assert rows(file, sql) == [(0,)], f"{model.__name__}.{field.name}"
    for kind in ("tracker_citation", "tracker_claim"):
        for about, record in rows(file, f"SELECT DISTINCT kind, record FROM {kind}"):
            table = tracked_models()[about]._meta.db_table
            assert rows(file, f"SELECT 1 FROM {table} WHERE id = {record}"), (kind, about, record)


def test_where_every_source_is_withheld_no_value_is_left(tmp_path):
    Source.objects.update(reuse=Source.Reuse.NO)

    file = sealed_file(tmp_path)

    for table in ("score", "assessment", "tally", "institutionscore", "talentflow", "engagement", "status", "claim",
                  "participation", "case", "blocmembership"):  # fmt: skip
        assert rows(file, f'SELECT count(*) FROM "tracker_{table}"') == [(0,)], table
    assert rows(file, "SELECT count(*) FROM tracker_technology") == [(Technology.objects.count(),)]
    assert rows(file, "SELECT count(*) FROM tracker_source") == [(Source.objects.count(),)]
    said = rows(file, "SELECT passage, page, stated_value, note, record_key FROM tracker_citation")
    assert set(said) <= {("", "", "", "", "")}


def test_where_no_source_is_withheld_all_stays(tmp_path):
    Source.objects.filter(reuse=Source.Reuse.NO).update(reuse=Source.Reuse.FACT)

    filled = file_of_today(tmp_path)
    counts = {
        model: rows(filled, f'SELECT count(*) FROM "{model._meta.db_table}"') for model in tracked_models().values()
    }
    touched = seal(filled, tmp_path / "sealed.sqlite3")

    assert touched == 0
    for model, count in counts.items():
        assert rows(tmp_path / "sealed.sqlite3", f'SELECT count(*) FROM "{model._meta.db_table}"') == count


def test_column_of_a_withheld_source_is_empty_and_the_rest_of_the_record_stays(tmp_path):
    score = Score.objects.get(
        country__code="CN", technology__slug="materials-science", window__edition__slug="ncses-2016-2020"
    )
    CitationFactory(cited=score)
    CitationFactory(cited=score, field="share", source=SourceFactory(reuse=Source.Reuse.NO))

    file = sealed_file(tmp_path)

    ((share, decimals, rank),) = rows(
        file, f"SELECT share, share_decimals, rank_from FROM tracker_score WHERE id = {score.pk}"
    )
    assert (share, decimals, rank) == (None, None, score.rank_from)


def test_organisation_that_open_engagements_name_keeps_its_name_only(tmp_path):
    body = Organisation.objects.get(slug="roscosmos")
    Organisation.objects.filter(pk=body.pk).update(description="Secret words")
    withhold(body, SourceFactory(reuse=Source.Reuse.NO))

    file = sealed_file(tmp_path)

    ((name, description, country),) = rows(
        file, f"SELECT name, description, country_id FROM tracker_organisation WHERE id = {body.pk}"
    )
    assert (name, description, country) == (body.name, "", None)
    assert rows(file, f"SELECT count(*) FROM tracker_organisationalias WHERE organisation_id = {body.pk}") == [(0,)]


def test_file_holds_the_engagements_that_the_pages_list(client, tmp_path):
    deal = Engagement.objects.get(slug="aero-hit-drone-production")
    withhold(deal, SourceFactory(reuse=Source.Reuse.NO))

    told = client.get("/engagements.json").json()["tables"]["engagements"]["rows"]
    listed = {row["engagement"]["address"] for row in told}

    held = {f"/engagements/{slug}/" for (slug,) in rows(sealed_file(tmp_path), "SELECT slug FROM tracker_engagement")}
    assert listed == held
