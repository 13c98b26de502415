"""Sessions and the users they belong to."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from connections.console.backends import AccountBackend
from connections.console.sessions import SessionStore
from connections.models import User
from vpnconsole.testing import factories

pytestmark = pytest.mark.django_db


def test_a_user_comes_with_the_account_in_one_query(django_assert_num_queries):
    user = factories.make_user()
    with django_assert_num_queries(1):
        found = AccountBackend().get_user(user.pk)
        assert (found, found.account, found.account.name) == (user, user.account, user.account.name)
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


def test_a_key_that_opens_no_session_is_not_used_for_a_new_one():
    """Otherwise an attacker could choose the session key of another user (session fixation)."""
    store = SessionStore("a" * 32)
    store["region"] = "eu-central-1"
    store.save()
    assert store.session_key not in (None, "a" * 32)
    assert SessionStore("a" * 32).get("region") is None


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
