"""Rules that span rows, as database triggers: the same names and messages on SQLite and PostgreSQL.

- score_ranks_agree_with_shares: of two countries in one window and technology, the better ranked one has
  no smaller share; nobody has a larger share than the country ranked first.
- assessment_lead_agrees_with_rank_1: a stated lead is not another country than a known rank 1.
- bloc_membership_does_not_overlap, interval_does_not_overlap: stays and intervals of one record
  do not share a day or a revision.
- revision_is_never_changed: the log accepts new rows only.
"""

from django.db import migrations

# name, table, events, "a row is wrong when" (NEW is the row; the rest is plain SQL both databases know)
RULES = [
    (
        "score_ranks_agree_with_shares",
        "tracker_score",
        ("INSERT", "UPDATE"),
        """NEW.country_id IS NOT NULL AND NEW.share IS NOT NULL AND EXISTS (
            SELECT 1 FROM tracker_score other
            WHERE other.window_id = NEW.window_id AND other.technology_id = NEW.technology_id
              AND other.id <> NEW.id AND other.country_id IS NOT NULL AND other.share IS NOT NULL
              AND ((NEW.rank_to < other.rank_from AND NEW.share < other.share)
                OR (NEW.rank_from > other.rank_to AND NEW.share > other.share)
                OR (NEW.rank_to = 1 AND NEW.share < other.share)
                OR (other.rank_to = 1 AND NEW.share > other.share)))""",
    ),
    (
        "assessment_lead_agrees_with_rank_1",
        "tracker_assessment",
        ("INSERT", "UPDATE"),
        """NEW.lead_country_id IS NOT NULL AND EXISTS (
            SELECT 1 FROM tracker_score score
            WHERE score.window_id = NEW.window_id AND score.technology_id = NEW.technology_id
              AND score.country_id IS NOT NULL AND score.rank_to = 1
              AND score.country_id <> NEW.lead_country_id)""",
    ),
    (
        "score_rank_1_agrees_with_assessment",
        "tracker_score",
        ("INSERT", "UPDATE"),
        """NEW.country_id IS NOT NULL AND NEW.rank_to = 1 AND EXISTS (
            SELECT 1 FROM tracker_assessment stated
            WHERE stated.window_id = NEW.window_id AND stated.technology_id = NEW.technology_id
              AND stated.lead_country_id IS NOT NULL AND stated.lead_country_id <> NEW.country_id)""",
    ),
    (
        "bloc_membership_does_not_overlap",
        "tracker_blocmembership",
        ("INSERT", "UPDATE"),
        """EXISTS (
            SELECT 1 FROM tracker_blocmembership other
            WHERE other.bloc_id = NEW.bloc_id AND other.country_id = NEW.country_id AND other.id <> NEW.id
              AND (other.until = '' OR other.until >= NEW.since) AND (NEW.until = '' OR NEW.until >= other.since))""",
    ),
    (
        "interval_does_not_overlap",
        "tracker_interval",
        ("INSERT", "UPDATE"),
        """EXISTS (
            SELECT 1 FROM tracker_interval other
            WHERE other.kind = NEW.kind AND other.record = NEW.record AND other.id <> NEW.id
              AND (other.until IS NULL OR other.until > NEW.since) AND (NEW.until IS NULL OR NEW.until > other.since))""",
    ),
    ("revision_is_never_changed", "tracker_revision", ("UPDATE", "DELETE"), "1 = 1"),
]


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for name, table, events, wrong in RULES:
        if vendor == "sqlite":
            for event in events:
                schema_editor.execute(
                    f"CREATE TRIGGER {name}_{event.lower()} AFTER {event} ON {table} WHEN {wrong} "
                    f"BEGIN SELECT RAISE(ABORT, 'constraint failed: {name}'); END"
                )
        elif vendor == "postgresql":
            schema_editor.execute(
                f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  IF {wrong} THEN
                    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
                      MESSAGE = 'constraint failed: {name}', CONSTRAINT = '{name}';
                  END IF;
                  RETURN NULL;
                END $$"""
            )
            # AFTER each row: a statement that writes many rows is judged as a whole.
            schema_editor.execute(
                f"CREATE TRIGGER {name} AFTER {' OR '.join(events)} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
            )
        else:
            raise NotImplementedError(f"No rules are written for {vendor}.")


def drop(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for name, table, events, _ in RULES:
        if vendor == "sqlite":
            for event in events:
                schema_editor.execute(f"DROP TRIGGER {name}_{event.lower()}")
        else:
            schema_editor.execute(f"DROP TRIGGER {name} ON {table}")
            schema_editor.execute(f"DROP FUNCTION {name}()")


class Migration(migrations.Migration):
    dependencies = [("tracker", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
