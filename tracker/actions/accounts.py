"""Accounts of the research team."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db import transaction

from tracker.models import User
from tracker.models.user import ROLES


@dataclass(frozen=True)
class DemoAccount:
    username: str
    password: str


@transaction.atomic
def create_demo_accounts() -> tuple[DemoAccount, ...]:
    """One account a role, each with a fresh random password; nothing where any account exists.

    The passwords are returned this once and stored only as hashes.
    """
    if User.objects.exists():
        return ()
    accounts = []
    for role in ROLES:
        password = secrets.token_urlsafe(12)
        user = User.objects.create_user(
            username=role, password=password, display_name=f"Demo {role}", is_staff=role == "admin"
        )
        user.groups.add(Group.objects.get_or_create(name=role)[0])
        accounts.append(DemoAccount(role, password))
    return tuple(accounts)
