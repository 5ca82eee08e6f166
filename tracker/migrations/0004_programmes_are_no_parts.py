"""A rule that spans rows, as a database trigger: the same name and message on SQLite and PostgreSQL.

- engagement_programme_is_no_part: an engagement with parts is not a part of another one. So no programme
  contains itself, however many steps away.
"""

from django.db import migrations

NAME = "engagement_programme_is_no_part"
TABLE = "tracker_engagement"
EVENTS = ("INSERT", "UPDATE")
# "A row is wrong when": NEW is the row; the rest is plain SQL both databases know.
WRONG = """NEW.programme_id IS NOT NULL AND (
    EXISTS (SELECT 1 FROM tracker_engagement whole
            WHERE whole.id = NEW.programme_id AND whole.programme_id IS NOT NULL)
    OR EXISTS (SELECT 1 FROM tracker_engagement part WHERE part.programme_id = NEW.id))"""


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "sqlite":
        for event in EVENTS:
            schema_editor.execute(
                f"CREATE TRIGGER {NAME}_{event.lower()} AFTER {event} ON {TABLE} WHEN {WRONG} "
                f"BEGIN SELECT RAISE(ABORT, 'constraint failed: {NAME}'); END"
            )
    elif vendor == "postgresql":
        schema_editor.execute(
            f"""CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF {WRONG} THEN
                RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
                  MESSAGE = 'constraint failed: {NAME}', CONSTRAINT = '{NAME}';
              END IF;
              RETURN NULL;
            END $$"""
        )
        # AFTER each row: a statement that writes many rows is judged as a whole.
        schema_editor.execute(
            f"CREATE TRIGGER {NAME} AFTER {' OR '.join(EVENTS)} ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {NAME}()"
        )
    else:
        raise NotImplementedError(f"No rules are written for {vendor}.")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for event in EVENTS:
            schema_editor.execute(f"DROP TRIGGER {NAME}_{event.lower()}")
    else:
        schema_editor.execute(f"DROP TRIGGER {NAME} ON {TABLE}")
        schema_editor.execute(f"DROP FUNCTION {NAME}()")


class Migration(migrations.Migration):
    dependencies = [("tracker", "0003_cooperation_records")]
    operations = [migrations.RunPython(create, drop)]
