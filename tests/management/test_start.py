"""`make run` without serving, on a database that holds the seed data already."""

import re

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from tracker.models import Revision, User

pytestmark = pytest.mark.seed


def started(capsys) -> str:
    call_command("start", "--prepare-only")
    return capsys.readouterr().out


def test_start_creates_an_account_a_role_and_shows_its_password(capsys):
    shown = dict(re.findall(r"^  (\w+) +(\S{16})$", started(capsys), re.MULTILINE))

    assert shown.keys() == {"researcher", "editor", "admin"}
    assert len(set(shown.values())) == 3
    for name, password in shown.items():
        account = authenticate(username=name, password=password)
        assert list(account.groups.values_list("name", flat=True)) == [name]
        assert account.is_staff == (name == "admin")
        assert not account.is_superuser


def test_start_shows_the_passwords_once_and_changes_nothing_again(capsys):
    started(capsys)
    before = list(User.objects.order_by("pk").values()), Revision.objects.count()

    again = started(capsys)

    assert again == "Seed data: nothing new.\n"
    assert (list(User.objects.order_by("pk").values()), Revision.objects.count()) == before


def test_start_creates_no_account_where_somebody_has_one(capsys):
    User.objects.create_user("ada", password="a password of her own")

    assert "accounts" not in started(capsys)
    assert User.objects.count() == 1


def test_start_refuses_a_deployment_and_does_nothing(settings, capsys):
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match=r"one's own machine; docs/settings\.md says how to deploy"):
        started(capsys)

    assert capsys.readouterr().out == ""
    assert not User.objects.exists()
