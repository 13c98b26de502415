"""Access keys in the console: the secret is shown once, and only keys of the account are listed."""

import json

import pytest
from django.urls import reverse

from connections import demo
from connections.domain.choices import AccessKeyStatus, Role
from connections.models import AccessKey, Event
from tests.console.conftest import HTMX, signed_in
from tests.operations.test_demo import said
from vpnconsole.testing import factories

LIST, CREATE = "/access-keys/", "/access-keys/create/"


@pytest.fixture
def key(alice):
    return AccessKey.objects.create(user=alice)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "dialog"])
def test_a_secret_is_shown_once(console, alice, headers):
    answer = console.post(CREATE, {"user": "alice"}, headers=headers)
    made = AccessKey.objects.get()
    assert made.user == alice
    assert made.secret in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    for address in (LIST, CREATE, "/api/", "/events/"):
        text = console.get(address).content.decode()
        assert made.secret not in text
    assert made.access_key_id in console.get(LIST).content.decode()
    event = Event.objects.get()
    assert event.operation == "CreateAccessKey"
    assert made.secret not in json.dumps(event.facts)
    # The next request does not contain it either.
    assert made.secret not in json.dumps(dict(console.session))


def test_nothing_on_the_page_of_a_new_secret_draws_it_again(console):
    """Without scripts the language switch would redraw the page and lose the secret."""
    assert 'data-testid="language"' in console.get(CREATE).content.decode()
    assert 'data-testid="language"' not in console.post(CREATE, {"user": "alice"}).content.decode()


def test_a_dialog_has_the_list_behind_it_read_again(console):
    text = console.post(CREATE, {"user": "alice"}, headers=HTMX).content.decode()
    assert "data-changed" in text
    assert AccessKey.objects.get().access_key_id in text


def test_a_key_is_for_a_member_of_the_account(console, alice, bob):
    other = factories.make_user(alice.account, "omar", role=Role.OPERATOR)
    console.post(CREATE, {"user": "omar"})
    assert AccessKey.objects.get().user == other
    answer = console.post(CREATE, {"user": "bob"})
    assert answer.status_code == 200
    assert answer.context["form"].errors["user"]
    assert AccessKey.objects.count() == 1


def test_disable_and_enable(console, key):
    address = reverse("access-key-status", args=[key.access_key_id])
    assert "refused" in console.post(address, {"status": "Inactive"}, follow=True).content.decode()
    key.refresh_from_db()
    assert key.status == AccessKeyStatus.INACTIVE
    page = console.get(LIST).content.decode()
    assert f"Enable {key.access_key_id}" in page
    assert f"Disable {key.access_key_id}" not in page
    console.post(address, {"status": "Active"})
    key.refresh_from_db()
    assert key.status == AccessKeyStatus.ACTIVE
    console.post(address, {"status": "nonsense"})
    key.refresh_from_db()
    assert key.status == AccessKeyStatus.INACTIVE


def test_delete(console, key):
    address = reverse("access-key-delete", args=[key.access_key_id])
    assert "at once" in console.get(address).content.decode()
    assert console.post(address).url == LIST
    assert not AccessKey.objects.exists()


def test_the_list_says_when_a_key_was_used_last(console, key, clock):
    assert "Never" in console.get(LIST).content.decode()
    key.last_used_at = "2026-11-20T10:11:12Z"
    key.save()
    assert "10:11:12" in console.get(LIST).content.decode()


def test_who_may_not_manage_sees_keys_and_no_buttons(alice, key):
    rita = signed_in(factories.make_user(alice.account, "rita", role=Role.READ_ONLY))
    text = rita.get(LIST).content.decode()
    assert key.access_key_id in text
    assert "Create AccessKey" not in text
    assert f"Disable {key.access_key_id}" not in text
    assert f"Delete {key.access_key_id}" not in text
    assert key.secret not in text


def test_nobody_elses_keys(bobs, key):
    assert key.access_key_id not in bobs.get(LIST).content.decode()
    assert key.access_key_id not in bobs.get("/api/").content.decode()
    assert bobs.post(reverse("access-key-status", args=[key.access_key_id]), {"status": "Inactive"}).status_code == 404
    assert bobs.post(reverse("access-key-delete", args=[key.access_key_id])).status_code == 404


def test_without_keys_the_page_says_what_they_are_for(console):
    assert "No access keys yet" in console.get(LIST).content.decode()


@pytest.mark.django_db
def test_the_documented_pairs_are_on_the_sign_in_page_of_the_demo_only(client, settings):
    said("seed_demo")
    text = client.get("/login/").content.decode()
    for tenant in demo.TENANTS:
        assert tenant.access_key_id in text
        assert tenant.access_key_secret in text
    AccessKey.objects.filter(access_key_id=demo.SUMMIT.access_key_id).update(status=AccessKeyStatus.INACTIVE)
    assert demo.SUMMIT.access_key_secret not in client.get("/login/").content.decode()
    settings.DEMO_MODE = False
    assert demo.HARBOUR.access_key_secret not in client.get("/login/").content.decode()
