"""On PostgreSQL the rules across rows look up the other rows by index, whatever the planner believes.

A rule's plan is made when its first row is written and kept for the connection. Made while a table was small, it
reads the whole table for every further row: 15,000 intervals took 74 s to write, and take 0.6 s by index.
"""

from django.db import migrations

RULES = (
    "score_ranks_agree_with_shares",
    "assessment_lead_agrees_with_rank_1",
    "score_rank_1_agrees_with_assessment",
    "bloc_membership_does_not_overlap",
    "interval_does_not_overlap",
    "engagement_programme_is_no_part",
)


def _alter(schema_editor, words):
    if schema_editor.connection.vendor == "postgresql":
        for name in RULES:
            schema_editor.execute(f"ALTER FUNCTION {name}() {words}")


def by_index(apps, schema_editor):
    _alter(schema_editor, "SET enable_seqscan = off")


def as_before(apps, schema_editor):
    _alter(schema_editor, "RESET enable_seqscan")


class Migration(migrations.Migration):
    dependencies = [("tracker", "0004_programmes_are_no_parts")]
    operations = [migrations.RunPython(by_index, as_before)]
