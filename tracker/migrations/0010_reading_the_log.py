"""Indexes for reading the log: what an act touched, what hangs on a record, and what was deleted.

Whatever names the record it belongs to (a citation, a claim, a party, a status …) is found by that record, also after
it was deleted. The expression must stand in `history.timeline` word for word, or the databases do not use the index.
"""

from django.db import migrations

# Kind -> the column that names what it belongs to, as it was in 2026.
BELONGS = {
    "participation": "engagement", "status": "engagement", "engagementtechnology": "engagement", "caseparty": "case",
    "organisationalias": "organisation", "alias": "technology", "widerfield": "technology",
    "blocmembership": "bloc", "window": "edition",
}  # fmt: skip
SPEAKING = ("citation", "claim", "formeraddress")


def subject(vendor):
    number = (lambda column: f"json_extract(state, '$.{column}.id')") if vendor == "sqlite" else (
        lambda column: f"(((state -> '{column}') ->> 'id'))"
    )  # fmt: skip
    of_kind, of_record = (
        ("json_extract(state, '$.kind')", "json_extract(state, '$.record')")
        if vendor == "sqlite"
        else ("(state ->> 'kind')", "(state ->> 'record')")
    )
    whens = [f"WHEN '{kind}' THEN '{column}:' || {number(column)}" for kind, column in BELONGS.items()]
    return f"(CASE kind {' '.join(whens)} ELSE {of_kind} || ':' || {of_record} END)"


def create(apps, schema_editor):
    kinds = ", ".join(f"'{kind}'" for kind in (*BELONGS, *SPEAKING))
    expression = subject(schema_editor.connection.vendor)
    schema_editor.execute(
        f"CREATE INDEX IF NOT EXISTS revision_by_subject ON tracker_revision ({expression}) WHERE kind IN ({kinds})"
    )
    schema_editor.execute("CREATE INDEX IF NOT EXISTS revision_of_an_act ON tracker_revision (act_id, kind)")
    schema_editor.execute(
        "CREATE INDEX IF NOT EXISTS revision_deleting ON tracker_revision (kind, record) WHERE action = 'delete'"
    )


def drop(apps, schema_editor):
    for name in ("revision_by_subject", "revision_of_an_act", "revision_deleting"):
        schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("tracker", "0009_accounts")]
    operations = [migrations.RunPython(create, drop)]
