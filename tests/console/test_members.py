"""Signing in and out: guessing, passwords, sessions, members and their roles."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from connections import clock
from connections.domain.choices import AccessKeyStatus, Role
from connections.domain.refusals import Invalid, Refused
from connections.models import AccessKey, Cen, Event, SignInFailure, User
from connections.services import members, sign_ins
from connections.services.cens import create_cen
from connections.services.operations import Actor
from tests.console.conftest import signed_in
from vpnconsole.testing import factories
from vpnconsole.testing.pages import forms, main_form

WRONG = {"username": "alice", "password": "wrong"}
RIGHT = {"username": "alice", "password": factories.PASSWORD}


def sign_in(data, address="192.0.2.1", client=None):
    return (client or Client(REMOTE_ADDR=address)).post("/login/", data)


def test_guessing_has_to_wait_and_then_may_go_on(alice, clock):
    for _ in range(sign_ins.PER_PERSON_AND_PLACE):
        assert sign_in(WRONG).status_code == 200
    refused = sign_in(RIGHT)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 15 * 60 + 1
    assert "Wait 15 minutes" in refused.content.decode()
    # The limit affects neither other users at the same address nor the same user elsewhere.
    factories.make_user(alice.account, "carol")
    assert sign_in({**RIGHT, "username": "carol"}).status_code == 302
    assert sign_in(RIGHT, "192.0.2.2").status_code == 302
    clock.tick(15 * 60 + 1)
    assert sign_in(RIGHT).status_code == 302
    assert not SignInFailure.objects.exists()


def test_failures_before_the_clock_was_set_back_do_not_count(alice, clock):
    for _ in range(sign_ins.PER_PERSON_AND_PLACE):
        sign_in(WRONG)
    clock.tick(-24 * 3600)
    assert sign_in(WRONG).status_code == 200
    assert SignInFailure.objects.count() == 1
    assert sign_in(RIGHT).status_code == 302


def test_a_place_that_tries_many_names_has_to_wait(alice, clock):
    for number in range(sign_ins.PER_PLACE):
        assert sign_in({"username": f"user{number}", "password": "x"}).status_code == 200
    assert sign_in(RIGHT).status_code == 429
    assert sign_in(RIGHT, "192.0.2.2").status_code == 302


def test_many_places_that_try_one_name_have_to_wait(alice, clock):
    for number in range(sign_ins.PER_PERSON):
        sign_ins.failed("Alice ", f"198.51.100.{number}")
    assert sign_in(RIGHT).status_code == 429


def test_who_knows_the_password_may_mistype_again(alice, clock):
    for _ in range(3):
        for _ in range(sign_ins.PER_PERSON_AND_PLACE - 1):
            sign_in(WRONG)
        assert sign_in(RIGHT).status_code == 302


def test_a_wrong_name_and_a_wrong_password_are_told_alike(alice):
    """Neither the message nor the time reveals which users exist: unknown names are hashed too."""
    unknown = sign_in({"username": "nobody", "password": "x"}).content.decode()
    known = sign_in(WRONG).content.decode()
    assert [line for line in unknown.splitlines() if "alert" in line or "incorrect" in line.lower()] == [
        line for line in known.splitlines() if "alert" in line or "incorrect" in line.lower()
    ]


def test_a_refused_sign_in_says_what_it_is_about(alice):
    told = sign_in(WRONG).content.decode()
    assert "You are not signed in." in told
    assert "Nothing has been saved" not in told


class CountingHasher(MD5PasswordHasher):
    """A fast hasher that counts its calls."""

    used = 0

    def encode(self, password, salt):
        type(self).used += 1
        return super().encode(password, salt)


def test_names_are_hashed_alike_whether_somebody_has_them_or_not(alice, settings):
    """Hashing takes the time, and happens once for an active, an unknown and a disabled user."""
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    alice.set_password(factories.PASSWORD)
    alice.save()
    factories.make_user(alice.account, "gone", is_active=False)
    used = {}
    for name in ("alice", "nobody", "gone"):
        CountingHasher.used = 0
        sign_in({"username": name, "password": "x"})
        used[name] = CountingHasher.used
    assert used == {"alice": 1, "nobody": 1, "gone": 1}


def test_signing_in_begins_a_new_session(alice):
    client = Client()
    client.get("/connections/?region=cn-beijing")
    session = client.session
    session["planted"] = True
    session.save()
    before = client.cookies["sessionid"].value
    assert sign_in(RIGHT, client=client).status_code == 302
    assert client.cookies["sessionid"].value != before
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_a_session_ends_after_its_hours(alice, settings):
    client = Client()
    sign_in(RIGHT, client=client)
    assert settings.SESSION_COOKIE_AGE == 12 * 3600
    assert 0 <= settings.SESSION_COOKIE_AGE - client.cookies["sessionid"]["max-age"] <= 60
    session = client.session
    session.set_expiry(-1)
    session.save()
    assert client.get("/cens/").status_code == 302


def test_the_hours_count_from_signing_in(alice):
    """Counting from the last save would let a stolen session last forever."""
    client = Client()
    sign_in(RIGHT, client=client)
    (ends,) = Session.objects.values_list("expire_date", flat=True)
    # Changing the region an hour before the end saves the session.
    session = client.session
    session.set_expiry(clock.now() + timedelta(hours=1))
    session.save()
    assert client.get("/cens/?region=cn-beijing").status_code == 200
    assert client.session["region"] == "cn-beijing"
    assert Session.objects.get().expire_date <= clock.now() + timedelta(hours=1) < ends


def test_a_stranger_leaves_no_session_behind(db):
    for path in ("/login/?region=cn-beijing", "/cn-beijing/connections/", "/?region=cn-beijing"):
        assert "sessionid" not in Client().get(path).cookies
    assert not Session.objects.exists()


def test_personas_end_with_the_demo(alice, settings):
    """The documentation contains their password."""
    alice.is_demo = True
    alice.save()
    client = signed_in(alice)
    assert client.get("/cens/").status_code == 200
    settings.DEMO_MODE = False
    assert client.get("/cens/").status_code == 302
    assert sign_in(RIGHT).status_code == 200
    settings.DEMO_MODE = True
    assert sign_in(RIGHT).status_code == 302


def test_guessing_the_present_password_has_to_wait_as_well(alice, clock):
    """In an unattended browser."""
    console, page = signed_in(alice), reverse("own-password")
    for _ in range(sign_ins.PER_PERSON_AND_PLACE):
        assert b"This is not your password" in console.post(page, {"before": "x", "after": "a long phrase"}).content
    right = {"before": factories.PASSWORD, "after": "a quite long phrase"}
    assert b"Wait 15 minutes" in console.post(page, right).content
    assert Client(REMOTE_ADDR="127.0.0.1").post("/login/", RIGHT).status_code == 429
    clock.tick(15 * 60 + 1)
    assert console.post(page, right).status_code == 302
    assert not SignInFailure.objects.exists()


def _demote(user):
    User.objects.filter(pk=user.pk).update(role=Role.READ_ONLY)


def _disable(user):
    User.objects.filter(pk=user.pk).update(is_active=False)


def _switch_off(user):
    user.access_keys.update(status=AccessKeyStatus.INACTIVE)


def _delete_key(user):
    user.access_keys.all().delete()


@pytest.mark.parametrize("lose", [_demote, _disable, _switch_off, _delete_key])
def test_what_somebody_loses_while_their_operation_waits_it_does_without(alice, lose):
    """The request has passed the view's check and waits for another writer of the account."""
    key = AccessKey.objects.create(user=alice)
    actor = Actor.of(User.objects.get(pk=alice.pk), key=key)
    lose(alice)
    with pytest.raises(Refused) as refused:
        create_cen(actor, Cen(name="too late"))
    assert refused.value.code == "forbidden"
    assert not Cen.objects.exists()
    assert Event.objects.get().outcome == "refused"


def test_who_is_disabled_meanwhile_changes_no_password(alice):
    actor = Actor.of(alice)
    _disable(alice)
    with pytest.raises(Refused):
        members.change_password(actor, alice, factories.PASSWORD, "a quite long phrase")
    assert User.objects.get().check_password(factories.PASSWORD)


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"])
def test_signing_in_leads_nowhere_else(alice, elsewhere):
    assert sign_in({**RIGHT, "next": elsewhere}).url == "/"


def test_everybody_can_sign_themselves_out_everywhere(alice):
    rita = factories.make_user(alice.account, "rita", role=Role.READ_ONLY)
    one, other = signed_in(rita), signed_in(rita)
    assert other.get("/cens/").status_code == 200
    assert one.post(reverse("own-sessions")).url == "/login/"
    assert one.get("/cens/").status_code == 302
    assert other.get("/cens/").status_code == 302
    assert Event.objects.get(operation="SignOutUser").facts == {"user": "rita"}


def test_changing_the_password_ends_the_other_sessions(alice):
    one, other = signed_in(alice), signed_in(alice)
    page = reverse("own-password")
    refused = one.post(page, {"before": "wrong", "after": "a quite long phrase"})
    assert b"This is not your password" in refused.content
    for weak in ("short", "password123", "1234567890123", "alice"):
        assert one.post(page, {"before": factories.PASSWORD, "after": weak}).status_code == 200, weak
    assert one.post(page, {"before": factories.PASSWORD, "after": "a quite long phrase"}).status_code == 302
    assert one.get("/cens/").status_code == 200
    assert other.get("/cens/").status_code == 302
    assert User.objects.get(pk=alice.pk).check_password("a quite long phrase")
    assert "phrase" not in str(list(Event.objects.values()))


def test_an_administrator_adds_a_member_who_can_then_sign_in(console, alice):
    page = reverse("member-create")
    data = {"username": "nils", "first_name": "Nils", "last_name": "", "role": "operator", "password": "short"}
    refused = console.post(page, data)
    assert b"too short" in refused.content
    assert console.post(page, data | {"password": "a quite long phrase"}).status_code == 302
    made = User.objects.get(username="nils")
    assert (made.account, made.role, made.is_demo, made.is_superuser) == (alice.account, "operator", False, False)
    assert sign_in({"username": "nils", "password": "a quite long phrase"}).status_code == 302
    again = console.post(page, data | {"password": "a quite long phrase", "username": "NILS"})
    assert b"is taken" in again.content


def test_fields_that_are_not_on_the_form_are_not_taken_from_it(console, alice, bob):
    """Mass assignment: neither the account nor the flags of Django's users."""
    data = {"username": "nils", "role": "read_only", "password": "a quite long phrase", "is_superuser": "on"}
    data |= {"is_staff": "on", "account": str(bob.account.pk), "is_demo": "on", "session_epoch": "9"}
    assert console.post(reverse("member-create"), data).status_code == 302
    made = User.objects.get(username="nils")
    assert (made.account, made.is_superuser, made.is_staff, made.is_demo, made.session_epoch) == (
        alice.account, False, False, False, 1,
    )  # fmt: skip


def test_a_role_holds_from_the_next_request_on(console, alice):
    nils = factories.make_user(alice.account, "nils", role=Role.OPERATOR)
    his = signed_in(nils)
    assert his.get("/cens/create/").status_code == 200
    assert console.post(reverse("member-role", args=["nils"]), {"role": "read_only"}).status_code == 302
    assert his.get("/cens/create/").status_code == 403
    assert Event.objects.get(operation="ChangeUserRole").facts == {"user": "nils", "role": ["operator", "read_only"]}


def test_the_list_says_what_members_did_last_and_what_roles_may_do(console, alice, settings):
    settings.READ_ONLY_PEER_CONFIG = False
    factories.make_user(alice.account, "idle")
    # A name that another account has as well.
    create_cen(Actor(factories.make_account("Other"), "alice", "r-1"), Cen(name="elsewhere"))
    create_cen(Actor(alice.account, alice.username, "r-2"), Cen(name="first"))
    create_cen(Actor(alice.account, alice.username, "r-3"), Cen(name="backbone"))
    answer = console.get("/members/")
    text = strip_tags(answer.content.decode())
    assert re.search(r"created CEN\s+backbone", text)
    assert "first" not in text
    assert "elsewhere" not in text
    assert [granted for _text, granted in answer.context["rights"]] == [
        [True, True, True], [True, True, False], [True, True, False], [True, True, False], [True, False, False],
    ]  # fmt: skip


def test_a_disabled_member_is_out_at_once_and_can_return(console, alice):
    nils = factories.make_user(alice.account, "nils", role=Role.OPERATOR)
    his = signed_in(nils)
    page = reverse("member-active", args=["nils"])
    console.post(page, forms(console.get(page).content.decode())[-1])
    assert his.get("/cens/").status_code == 302
    data = {"username": "nils", "password": factories.PASSWORD}
    assert sign_in(data).status_code == 200
    console.post(page, forms(console.get(page).content.decode())[-1])
    assert sign_in(data).status_code == 302


def test_the_last_administrator_stays(console, alice):
    answer = console.post(reverse("member-role", args=["alice"]), {"role": "operator"})
    assert b"only administrator" in answer.content
    other = factories.make_user(alice.account, "nils")
    actor = Actor.of(other)
    members.set_active(actor, alice, False)
    with pytest.raises(Refused, match="only administrator"):
        members.change_role(Actor.of(other), other, Role.READ_ONLY)


def test_another_accounts_members_are_nobody(bobs, alice, bob):
    for page in ("member-role", "member-active", "member-sign-out"):
        assert bobs.post(reverse(page, args=["alice"]), {"role": "read_only"}).status_code == 404
    with pytest.raises(Refused, match="not there any more"):
        members.change_role(Actor.of(bob), alice, Role.READ_ONLY)
    assert User.objects.get(pk=alice.pk).role == Role.ADMINISTRATOR


def test_a_name_that_django_would_not_take_is_refused(alice):
    with pytest.raises(Invalid):
        members.add_member(
            factories.make_actor(alice.account), User(username="a b", role="operator"), "a quite long phrase"
        )


# Forms of views that call services directly: their arguments and values.
SUBMITTED = {
    "cen-create": ([], {"name": "new"}),
    "customer-gateway-create": (["region_id"], {"name": "new", "ip_address": "198.51.100.9"}),
    "customer-gateway-modify": (["region_id", "gateway"], {"name": "new"}),
    "connection-create": (["region_id"], {"tunnel1-customer_gateway": "gateway"}),
    "connection-modify": (["region_id", "connection"], {"name": "new"}),
    "transit-router-create": (["cen"], {"region_id": "cn-hangzhou"}),
    "resource-tags": (["gateway"], {"tag_key": "new", "tag_value": ""}),
    "access-key-create": ([], {}),
}


@pytest.mark.parametrize("name", SUBMITTED)
def test_who_is_disabled_while_a_form_waits_for_its_turn_is_told_so(console, alice, gateway, router, name):
    names, values = SUBMITTED[name]
    estate = {"region_id": factories.REGION, "gateway": gateway.resource_id, "cen": router.cen.resource_id}
    estate["connection"] = factories.make_connection(alice.account, gateway=gateway).resource_id
    address = reverse(name, args=[estate[name] for name in names])
    form = main_form(console.get(address).content.decode())
    form |= {field: estate.get(value, value) for field, value in values.items()}
    before = Event.objects.filter(outcome="success").count()

    def disable_when_the_account_is_locked(execute, sql, params, many, context):
        if sql.startswith('SELECT "connections_account"'):
            User.objects.filter(pk=alice.pk).update(is_active=False)
        return execute(sql, params, many, context)

    with database.execute_wrapper(disable_when_the_account_is_locked):
        answer = console.post(address, form)
    assert "You may not act any more" in answer.content.decode()
    assert Event.objects.filter(outcome="success").count() == before
