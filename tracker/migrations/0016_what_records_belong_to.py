"""What a record belonged to stands in the index of intervals: a new kind of record needs no new index.

Until now an index on an expression named every kind that belongs to another (0010).
"""

from django.db import migrations, models

# Kind -> the column that names what it belongs to, as it was before 0015.
BELONGS = {
    "participation": "engagement", "status": "engagement", "engagementtechnology": "engagement", "caseparty": "case",
    "organisationalias": "organisation", "alias": "technology", "widerfield": "technology",
    "blocmembership": "bloc", "window": "edition",
}  # fmt: skip
SPEAKING = ("citation", "claim", "formeraddress")


def fill(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        number = "json_extract(r.state, '$.{0}.id')"
        other = "json_extract(r.state, '$.kind') || ':' || json_extract(r.state, '$.record')"
    else:
        number = "((r.state -> '{0}') ->> 'id')"
        other = "(r.state ->> 'kind') || ':' || (r.state ->> 'record')"
    whens = [f"WHEN '{kind}' THEN '{column}:' || {number.format(column)}" for kind, column in BELONGS.items()]
    kinds = ", ".join(f"'{kind}'" for kind in (*BELONGS, *SPEAKING))
    schema_editor.execute(
        "UPDATE tracker_interval SET subject = (SELECT CASE r.kind "
        f"{' '.join(whens)} ELSE {other} END FROM tracker_revision r WHERE r.number = tracker_interval.revision_id) "
        f"WHERE kind IN ({kinds})"
    )
    schema_editor.execute("DROP INDEX IF EXISTS revision_by_subject")


def nothing(apps, schema_editor):
    """The column goes with its index; that of 0010 is not made again: only its code would read it."""


class Migration(migrations.Migration):
    dependencies = [("tracker", "0015_controls_and_trade")]
    operations = [
        migrations.AddField(
            model_name='interval',
            name='subject',
            field=models.CharField(help_text='What the record belonged to meanwhile: “engagement:12”; null = nothing.', max_length=60, null=True),
        ),
        migrations.RunPython(fill, nothing),
    ]
