"""The groups that are the roles, and the table in which tries to log in are counted (settings: the default cache)."""

from django.core.management import call_command
from django.db import migrations

ROLES = ("researcher", "editor", "admin")


def create_groups(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    for name in ROLES:
        groups.get_or_create(name=name)


def create_counters(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [
        ("tracker", "0008_the_log_is_append_only"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunPython(create_groups, migrations.RunPython.noop),
        migrations.RunPython(create_counters, migrations.RunPython.noop),
    ]
