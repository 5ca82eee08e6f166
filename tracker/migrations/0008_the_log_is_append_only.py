"""The log accepts new rows only: acts as well as revisions. One exception: what a redaction names loses its text.

What identifies a row, and its digest, never change: the chain goes on through them.
"""

from django.db import migrations

NAMED = "EXISTS (SELECT 1 FROM tracker_redacted named WHERE named.{column} = OLD.{key})"
# name, table, the key of the row, the column of tracker_redacted, what an allowed change keeps
LOGS = [
    (
        "revision_is_never_changed", "tracker_revision", "number", "revision_id",
        ("number", "act_id", "kind", "record", "action", "digest"),
    ),
    (
        "act_is_never_changed", "tracker_act", "id", "act_id",
        ("id", "at", "cause", "origin", "input_digest"),
    ),
]  # fmt: skip


def _wrong(key, column, kept):
    same = " AND ".join(f"NEW.{name} = OLD.{name}" for name in kept)
    return f"NOT ({same} AND {NAMED.format(column=column, key=key)})"


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for name, table, key, column, kept in LOGS:
        wrong = _wrong(key, column, kept)
        if vendor == "sqlite":
            for event in ("update", "delete"):
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}_{event}")
                schema_editor.execute(
                    f"CREATE TRIGGER {name}_{event} AFTER {event.upper()} ON {table} "
                    f"WHEN {wrong if event == 'update' else '1 = 1'} "
                    f"BEGIN SELECT RAISE(ABORT, 'constraint failed: {name}'); END"
                )
        else:
            # One body for both events: in a deletion NEW is empty.
            schema_editor.execute(
                f"""CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  IF TG_OP = 'UPDATE' THEN
                    IF NOT ({wrong}) THEN RETURN NULL; END IF;
                  END IF;
                  RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
                    MESSAGE = 'constraint failed: {name}', CONSTRAINT = '{name}';
                END $$"""
            )
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            schema_editor.execute(
                f"CREATE TRIGGER {name} AFTER UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
            )


class Migration(migrations.Migration):
    dependencies = [("tracker", "0007_editing")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
