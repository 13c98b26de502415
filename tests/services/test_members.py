"""User names are unique regardless of case, and an account keeps an administrator. For pages see `tests/console`."""

import getpass
from importlib import import_module
from io import StringIO
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db import connection as database

from connections.domain.choices import Role
from connections.domain.refusals import Refused
from connections.models import Account, User
from connections.services.members import change_role, set_active
from vpnconsole.testing import factories

pytestmark = pytest.mark.django_db
PASSWORD = "a long way to harbour"


@pytest.mark.parametrize(
    ("username", "password", "message"),
    [
        ("ALICE", PASSWORD, "This user name is taken."),
        ("al ice", PASSWORD, "Enter a valid username."),
        ("x" * 151, PASSWORD, "at most 150 characters"),
        ("carol", "short", "This password is too short."),
    ],
)
def test_an_account_is_opened_with_its_first_user_or_not_at_all(monkeypatch, username, password, message):
    factories.make_user(username="alice")
    monkeypatch.setattr(getpass, "getpass", lambda prompt: password)
    with pytest.raises(CommandError, match=message):
        call_command("create_account", "Summit Retail", username)
    assert not Account.objects.filter(name="Summit Retail").exists()


def test_the_first_user_of_an_account_signs_in(monkeypatch, client):
    monkeypatch.setattr(getpass, "getpass", lambda prompt: PASSWORD)
    call_command("create_account", "Summit Retail", "carol", stdout=StringIO())
    assert client.login(username="carol", password=PASSWORD)


def test_installations_with_names_that_differ_in_case_alone_are_told_so_before_they_migrate():
    account = factories.make_account()
    factories.make_user(account, "sam")
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.make_user(account, "Sam")
    with database.cursor() as cursor:
        cursor.execute("DROP INDEX username_once_in_any_case")
    migration = import_module("connections.migrations.0021_usernames_in_any_case")
    ready = SimpleNamespace(connection=database)
    migration.refuse_names_that_differ_in_case_alone(apps, ready)
    factories.make_user(account, "Sam")
    with pytest.raises(CommandError, match="differ in case alone: sam, Sam"):
        migration.refuse_names_that_differ_in_case_alone(apps, ready)
    assert User.objects.count() == 2


@pytest.mark.parametrize("lose", [lambda actor, user: change_role(actor, user, Role.OPERATOR),
                                  lambda actor, user: set_active(actor, user, False)],
                         ids=["demoted", "disabled"])  # fmt: skip
@pytest.mark.parametrize(
    "other",
    [{"role": Role.OPERATOR}, {"role": Role.ADMINISTRATOR, "is_active": False}],
    ids=["operator", "disabled administrator"],
)
def test_the_last_administrator_who_can_sign_in_stays(lose, other):
    alice = factories.make_user()
    bob = factories.make_user(alice.account, "bob", **other)
    factories.make_user(factories.make_account("Summit Retail"), "carol")
    with pytest.raises(Refused, match="only administrator"):
        lose(factories.make_actor(alice.account), alice)
    User.objects.filter(pk=bob.pk).update(role=Role.ADMINISTRATOR, is_active=True)
    lose(factories.make_actor(alice.account), alice)
    alice.refresh_from_db()
    assert (alice.role, alice.is_active) != (Role.ADMINISTRATOR, True)
