"""Who may come in, as what, and who no longer may."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from tracker.actions import accounts
from tracker.models import Invitation, User
from tracker.models.user import ROLES

pytestmark = pytest.mark.django_db

GOOD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def _quick_hashes(settings):
    """A good password hash is slow on purpose; what these tests are about is not the hash."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def person(role, name=""):
    name = name or role
    return accounts.create_account(username=name, email=f"{name}@example.org", role=role, password=GOOD)


def refused(problem) -> dict[str, list[str]]:
    return problem.value.message_dict


# Groups


def test_fresh_database_has_the_groups_and_making_them_again_changes_nothing():
    assert sorted(Group.objects.values_list("name", flat=True)) == sorted(ROLES)
    assert accounts.create_groups() == ()

    Group.objects.get(name="editor").delete()

    assert accounts.create_groups() == ("editor",)


# Accounts


def test_account_has_its_role_alone_and_a_checked_address():
    user = person("editor")

    assert user.role == "editor"
    assert list(user.groups.values_list("name", flat=True)) == ["editor"]
    assert EmailAddress.objects.get(user=user).verified
    assert user.check_password(GOOD)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("role", {"role": "owner"}),
        ("username", {"username": "ADA"}),
        ("username", {"username": "bob@example.org"}),
        ("username", {"username": "bob smith"}),
        ("username", {"username": ""}),
        ("email", {"email": "Ada@Example.org"}),
        ("email", {"email": "nowhere"}),
        ("password", {"password": "short"}),
        ("password", {"password": "password123456"}),
        ("password", {"password": "bob@example.net"}),
    ],
)
def test_account_is_refused_with_the_field_that_is_wrong(field, values):
    person("researcher", "ada")

    with pytest.raises(ValidationError) as problem:
        accounts.create_account(
            **{"username": "bob", "email": "bob@example.net", "role": "editor", "password": GOOD, **values}
        )

    assert list(refused(problem)) == [field]
    assert User.objects.count() == 1


# Invitations


@pytest.mark.parametrize(
    ("by", "may"), [("researcher", set()), ("editor", {"researcher", "editor"}), ("admin", set(ROLES))]
)
def test_nobody_invites_above_their_own_role(by, may):
    inviter = person(by)
    invited = set()
    for role in ROLES:
        try:
            accounts.invite(by=inviter, email=f"new-{role}@example.org", role=role)
            invited.add(role)
        except (PermissionDenied, ValidationError):
            pass

    assert invited == may
    assert set(Invitation.objects.values_list("role", flat=True)) == may


def test_invitation_keeps_a_digest_of_its_link_and_not_the_link():
    invited = accounts.invite(by=person("editor"), email="New@Example.org", role="researcher", note="for chips")

    stored = Invitation.objects.values().get()
    assert invited.secret not in str(stored)
    assert stored["email"] == "new@example.org"
    assert stored["expires_at"] - stored["invited_at"] == timedelta(days=7)
    assert accounts.invitation_by(invited.secret) == invited.invitation
    assert accounts.invitation_by(stored["digest"]) is None


def test_accepting_makes_the_account_once():
    invited = accounts.invite(by=person("editor"), email="new@example.org", role="researcher")

    user = accounts.accept(secret=invited.secret, username="new", name="New Person", password=GOOD)

    assert (user.role, user.email, user.get_full_name()) == ("researcher", "new@example.org", "New Person")
    assert Invitation.objects.get().accepted_by == user
    with pytest.raises(accounts.NoLongerOpen, match="accepted"):
        accounts.accept(secret=invited.secret, username="second", name="", password=GOOD)
    assert User.objects.count() == 2


def test_refused_account_leaves_the_invitation_open():
    invited = accounts.invite(by=person("editor"), email="new@example.org", role="researcher")

    with pytest.raises(ValidationError):
        accounts.accept(secret=invited.secret, username="editor", name="", password=GOOD)

    assert Invitation.objects.get().state == "open"


def test_expired_and_withdrawn_invitations_make_no_account():
    editor = person("editor")
    old = accounts.invite(by=editor, email="old@example.org", role="researcher")
    Invitation.objects.update(expires_at=timezone.now())
    gone = accounts.invite(by=editor, email="gone@example.org", role="researcher")
    assert accounts.withdraw(invitation=gone.invitation, by=editor) is True
    assert accounts.withdraw(invitation=gone.invitation, by=editor) is False

    for invited, state in ((old, "expired"), (gone, "withdrawn")):
        with pytest.raises(accounts.NoLongerOpen, match=state):
            accounts.accept(secret=invited.secret, username="new", name="", password=GOOD)
    with pytest.raises(accounts.NoLongerOpen, match="unknown"):
        accounts.accept(secret="made up", username="new", name="", password=GOOD)
    assert User.objects.count() == 1


def test_editor_does_not_withdraw_what_only_an_administrator_could_give():
    invited = accounts.invite(by=person("admin"), email="chief@example.org", role="admin")

    with pytest.raises(PermissionDenied):
        accounts.withdraw(invitation=invited.invitation, by=person("editor"))


def test_one_open_invitation_an_address_and_none_for_who_has_an_account():
    editor = person("editor")
    accounts.invite(by=editor, email="new@example.org", role="researcher")

    for email in ("NEW@example.org", "editor@example.org"):
        with pytest.raises(ValidationError) as problem:
            accounts.invite(by=editor, email=email, role="researcher")
        assert list(refused(problem)) == ["email"]

    Invitation.objects.update(expires_at=timezone.now())
    accounts.invite(by=editor, email="new@example.org", role="researcher")


def test_invitation_is_worth_no_more_than_who_gave_it():
    boss, editor = person("admin"), person("editor")
    as_editor = accounts.invite(by=editor, email="one@example.org", role="editor").invitation
    accounts.invite(by=boss, email="three@example.org", role="editor")

    accounts.set_role(user=editor, role="researcher", by=boss)

    as_editor.refresh_from_db()
    assert as_editor.state == "withdrawn"
    assert [each.email for each in Invitation.objects.all() if each.state == "open"] == ["three@example.org"]


def test_mail_holds_the_link_and_a_failing_server_is_told(settings):
    invited = accounts.invite(by=person("editor"), email="new@example.org", role="researcher")

    assert accounts.mail_invitation(invitation=invited.invitation, link="https://x/secret/") is True
    assert mail.outbox[0].to == ["new@example.org"]
    assert "https://x/secret/" in mail.outbox[0].body

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert accounts.mail_invitation(invitation=invited.invitation, link="https://x/secret/") is False


# The team


@pytest.mark.parametrize("by", ["researcher", "editor"])
def test_only_administrators_change_accounts(by):
    person("admin")
    somebody, by = person("researcher", "somebody"), person(by, "by")

    for change in (
        lambda: accounts.set_role(user=somebody, role="admin", by=by),
        lambda: accounts.deactivate(user=somebody, by=by),
        lambda: accounts.reactivate(user=somebody, by=by),
        lambda: accounts.remove_two_factor(user=somebody, by=by),
    ):
        with pytest.raises(PermissionDenied):
            change()

    assert User.objects.get(pk=somebody.pk).role == "researcher"


def test_last_administrator_cannot_be_removed():
    first = person("admin")
    for change in (
        lambda: accounts.set_role(user=first, role="editor", by=first),
        lambda: accounts.deactivate(user=first, by=None),
    ):
        with pytest.raises(accounts.LastAdministrator):
            change()
    second = person("admin", "second")
    accounts.deactivate(user=first, by=second)

    with pytest.raises(accounts.LastAdministrator):
        accounts.set_role(user=second, role="researcher", by=second)
    # The one who is deactivated does not count.
    assert User.objects.get(pk=second.pk).role == "admin"
    assert User.objects.get(pk=first.pk).role == ""


def test_role_is_one_group_and_the_staff_s_pages_are_the_administrators():
    boss, user = person("admin"), person("researcher")
    User.objects.filter(pk=user.pk).update(is_superuser=True)

    accounts.set_role(user=user, role="editor", by=boss)
    user = User.objects.get(pk=user.pk)
    assert (user.role, user.is_staff, user.is_superuser) == ("editor", False, False)

    accounts.set_role(user=user, role="admin", by=boss)
    assert User.objects.get(pk=user.pk).is_staff
    with pytest.raises(ValidationError):
        accounts.set_role(user=user, role="owner", by=boss)


def test_details_are_the_person_s_own_and_a_shown_name_must_exist():
    user = person("researcher")

    with pytest.raises(ValidationError) as problem:
        accounts.set_own_details(by=user, name=" ", shown_as="name")
    assert list(refused(problem)) == ["display_name"]
    with pytest.raises(ValidationError):
        accounts.set_own_details(by=user, name="Ada", shown_as="king")

    accounts.set_own_details(by=user, name=" Ada Lovelace ", shown_as="name")
    assert User.objects.get(pk=user.pk).public_name == "Ada Lovelace"
    accounts.set_own_details(by=user, name="Ada Lovelace", shown_as="researcher")
    assert User.objects.get(pk=user.pk).public_name == "a researcher"


# The command line


def test_command_makes_an_account_with_a_password_shown_once(capsys):
    call_command(
        "create_account", "--username", "ada", "--email", "ada@example.org", "--role", "admin", "--name", "Ada"
    )

    said = capsys.readouterr().out
    password = said.split("password, shown only this once: ")[1].split()[0]
    user = User.objects.get()
    assert user.check_password(password)
    assert (user.role, user.get_full_name()) == ("admin", "Ada")


def test_command_makes_an_account_with_a_link_that_works(capsys, client, settings):
    settings.PUBLIC_URL = "https://tracker.example.org"
    call_command("create_account", "--username", "ada", "--email", "ada@example.org", "--role", "editor", "--link")

    link = next(word for word in capsys.readouterr().out.split() if word.startswith("https://"))
    assert not User.objects.get().has_usable_password()
    response = client.get(link.removeprefix("https://tracker.example.org"), follow=True)
    client.post(response.request["PATH_INFO"], {"password1": GOOD, "password2": GOOD})
    assert User.objects.get().check_password(GOOD)


def test_commands_say_what_is_wrong():
    for words in (
        ("create_account", "--username", "ada", "--email", "nowhere", "--role", "admin"),
        ("set_role", "nobody", "admin"),
        ("set_role", "admin", "researcher"),
        ("remove_two_factor", "nobody"),
    ):
        if not User.objects.exists():
            person("admin")
        with pytest.raises(CommandError) as problem:
            call_command(*words)
        assert str(problem.value)
    assert User.objects.get().role == "admin"


def test_commands_set_a_role_and_remove_a_second_factor(capsys):
    user = person("researcher")
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})

    call_command("set_role", "researcher", "admin")
    call_command("remove_two_factor", "researcher")
    call_command("create_groups")

    user = User.objects.get()
    assert user.role == "admin"
    assert not user.two_factor
    assert "researcher is admin now" in capsys.readouterr().out
