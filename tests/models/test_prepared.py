"""Queries whose SQL is written once answer as if it were written each time."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from connections.console.backends import AccountBackend
from connections.console.sessions import SessionStore
from connections.models import CustomerGateway, User
from connections.prepared import Prepared
from vpnconsole.testing import factories

pytestmark = pytest.mark.django_db


def test_other_values_find_other_rows():
    ask = Prepared(lambda account, name: CustomerGateway.objects.filter(account=account, name=name))
    gateway = factories.make_customer_gateway(factories.make_account(), name="north", auth_key="k")
    other = factories.make_customer_gateway(gateway.account, name="south", ip_address="203.0.113.99")
    assert ask.first(gateway.account.pk, "north") == gateway
    assert ask(gateway.account.pk, "south") == [other]
    assert ask.first(gateway.account.pk, "west") is None
    found = ask.first(gateway.account.pk, "north")
    assert (found.auth_key, found.created_at, found.asn) == ("k", gateway.created_at, gateway.asn)


@pytest.mark.parametrize("given", [("north", 1), (1,), (1, "north", 2)])
def test_values_have_to_be_given_as_they_stand_in_the_query(given):
    ask = Prepared(lambda *_: CustomerGateway.objects.filter(account=1, name="north"))
    with pytest.raises(ValueError, match="order"):
        ask(*given)


def test_a_query_of_a_varying_number_of_values_is_written_for_each():
    ask = Prepared(lambda *names: CustomerGateway.objects.filter(name__in=names).order_by("name"))
    account = factories.make_account()
    for number, name in enumerate(("a", "b", "c")):
        factories.make_customer_gateway(account, name=name, ip_address=f"203.0.113.{number + 1}")
    assert [row.name for row in ask("a", "b")] == ["a", "b"]
    assert [row.name for row in ask("b", "c", "d")] == ["b", "c"]


def test_a_user_comes_with_the_account_in_one_query(django_assert_num_queries):
    user = factories.make_user()
    AccountBackend().get_user(user.pk)
    with django_assert_num_queries(1):
        found = AccountBackend().get_user(user.pk)
        assert (found.account.uid, found.account.name, found.account) == (
            user.account.uid, user.account.name, user.account,
        )  # fmt: skip
    assert {name: getattr(found, name) for name in vars(user) if not name.startswith("_")} == {
        name: value for name, value in vars(user).items() if not name.startswith("_")
    }
    assert AccountBackend().get_user(user.pk + 1) is None
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert AccountBackend().get_user(user.pk) is None


def test_a_session_is_found_until_it_has_ended():
    store = SessionStore()
    store["region"] = "eu-central-1"
    store.create()
    assert SessionStore(store.session_key)["region"] == "eu-central-1"
    assert SessionStore("a" * 32).get("region") is None
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    ended = SessionStore(store.session_key)
    assert ended.get("region") is None
    assert ended.session_key is None


def test_a_session_is_not_opened_by_what_is_stored_of_it():
    store = SessionStore()
    store["region"] = "eu-central-1"
    store.create()
    (stored,) = Session.objects.values_list("session_key", flat=True)
    assert store.session_key not in stored
    assert SessionStore(stored).get("region") is None
    assert store.exists(store.session_key)
    before = store.session_key
    store.cycle_key()
    assert (SessionStore(before).get("region"), SessionStore(store.session_key)["region"]) == (None, "eu-central-1")
    SessionStore().delete(store.session_key)
    assert not Session.objects.exists()
