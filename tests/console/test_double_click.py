"""A double click has the effect of one: the operation runs once, and the second response equals the first."""

import inspect
from functools import partial

import pytest
from django.urls import reverse

from connections.domain.choices import Outcome, Role
from connections.models import AccessKey, Connection, CustomerGateway, Event, Submission, User
from connections.services.access_keys import create_access_key
from connections.services.members import set_active
from tests.addresses import addresses
from tests.console.conftest import htmx, signed_in
from vpnconsole.testing import factories
from vpnconsole.testing.pages import forms
from vpnconsole.testing.together import at_once

# Every confirmation and small form that redirects: its address, with arguments from the estate below, and values.
FORMS = {
    "connection-delete": (["region_id", "free"], {}),
    "customer-gateway-delete": (["region_id", "unused"], {}),
    "customer-gateway-modify": (["region_id", "unused"], {"name": "renamed"}),
    "cen-delete": (["empty_cen"], {}),
    "transit-router-delete": (["cen", "empty_router"], {}),
    "cen-modify": (["cen"], {"name": "renamed"}),
    "transit-router-modify": (["cen", "router"], {"name": "renamed"}),
    "router-cidr-create": (["cen", "router"], {"cidr": "10.202.0.0/24"}),
    "router-cidr-modify": (["cen", "router", "cidr"], {"name": "renamed"}),
    "router-cidr-delete": (["cen", "router", "cidr"], {}),
    "resource-group": (["free"], {}),
    "attachment-modify": (["cen", "router", "attachment"], {"name": "renamed"}),
    "attachment-delete": (["cen", "router", "attachment"], {"dissociate": "on", "withdraw": "on", "force": "on"}),
    "attachment-tables": (["cen", "router", "attachment"], {"route_table": ""}),
    "route-table-create": (["cen", "router"], {"name": "new"}),
    "route-table-modify": (["cen", "router", "table"], {"name": "renamed"}),
    "route-table-delete": (["cen", "router", "table"], {}),
    "authorization-create": (["region_id", "free"], {"peer_uid": "2" * 16, "peer_cen_id": "cen-ofsomebodyelse"}),
    "authorization-payer": (["region_id", "free", "peer_cen"], {"order_type": "PayByResourceOwner"}),
    "authorization-delete": (["region_id", "free", "peer_cen"], {}),
    "route-create": (["region_id", "attached"], {"destination": "172.21.0.0/16"}),
    "route-delete": (["region_id", "attached"], {}),
    "resource-tags": (["free"], {"tag_key": "site", "tag_value": "Hamburg"}),
    "access-key-delete": (["key"], {}),
    "member-create": ([], {"username": "newcomer", "password": "a long way to harbour"}),
    "member-role": (["operator"], {"role": Role.READ_ONLY}),
    "member-active": (["operator"], {}),
    "member-sign-out": (["operator"], {}),
    "account-settings": ([], {"new_devices": "configured"}),
    "own-password": ([], {"before": factories.PASSWORD, "after": "a long way to harbour"}),
}
QUERIES = {"route-delete": "?destination=172.20.0.0/16"}


@pytest.fixture
def estate(alice, gateway):
    account = alice.account
    router = factories.make_transit_router(account, cidrs=["10.200.0.0/24"])
    empty_router = factories.make_transit_router(account, cen=router.cen, region_id="cn-hangzhou")
    attached = factories.make_connection(account, gateway=gateway, router=router)
    factories.make_route(attached, "172.20.0.0/16", weight=100)
    free = factories.make_connection(account, gateway=gateway, name="free")
    free.authorizations.create(peer_uid="1" * 16, peer_cen_id="cen-ofsomebody")
    operator = factories.make_user(account, "op", role=Role.OPERATOR)
    return {
        "region_id": factories.REGION,
        "free": free.resource_id,
        "attached": attached.resource_id,
        "attachment": attached.attachment.resource_id,
        "unused": factories.make_customer_gateway(account, name="unused").resource_id,
        "empty_cen": factories.make_cen(account).resource_id,
        "cen": router.cen.resource_id,
        "router": router.resource_id,
        "cidr": router.cidrs.get().resource_id,
        "table": factories.make_route_table(router).resource_id,
        "empty_router": empty_router.resource_id,
        "peer_cen": "cen-ofsomebody",
        "operator": operator.username,
        "key": create_access_key(factories.make_actor(account), operator).access_key_id,
    }


def filled(client, name, estate, **headers) -> tuple[str, dict]:
    """The action of a form, and its data with these values."""
    arguments, values = FORMS[name]
    address = reverse(name, args=[estate[argument] for argument in arguments]) + QUERIES.get(name, "")
    page = client.get(address, **headers)
    assert page.status_code == 200
    # The page's own form is the last one; those of the frame come before it.
    form = forms(page.content.decode())[-1]
    return address, form | {field: [value] for field, value in values.items()}


def led_to(answer) -> str:
    return answer.headers.get("HX-Redirect") or answer.headers.get("Location", "")


def said(page) -> list[str]:
    return [str(message) for message in page.context["messages"]]


# The form of customer-gateway-modify is a page, not a dialog.
@pytest.mark.parametrize(
    ("name", "headers"),
    [(name, {}) for name in FORMS]
    + [(name, {"headers": htmx()}) for name in FORMS if name != "customer-gateway-modify"],
)
def test_the_second_answer_is_that_of_the_first(console, estate, name, headers):
    address, form = filled(console, name, estate, **headers)
    before = Event.objects.count()
    first, second = (console.post(address, form, **headers) for _ in range(2))
    assert led_to(first)
    assert (second.status_code, led_to(second)) == (first.status_code, led_to(first))
    assert Event.objects.count() == before + 1
    assert Event.objects.latest("id").outcome == Outcome.SUCCESS
    # Whichever response the browser follows, the page shows the message once.
    words = said(console.get(led_to(second), follow=True))
    assert len(words) == 1
    assert "twice" not in words[0]


def test_every_form_that_leads_elsewhere_is_among_them():
    """Every view that confirms or edits is listed above; other forms have tests elsewhere."""
    views = {name: inspect.unwrap(view) for _, name, view in addresses() if name}
    leading = {
        name
        for name, view in views.items()
        if inspect.isfunction(view) and {"confirm", "edit"} & set(view.__code__.co_names)
    }
    # Personal operations leave no event; they are tested below.
    personal = {
        "columns-choose",
        "connection-filter-create",
        "customer-gateway-filter-create",
        "cen-filter-create",
        "event-filter-create",
        "own-sessions",
    }
    # Adding the same tags twice changes nothing.
    assert leading - personal - {"connections-tags"} <= set(FORMS)


def test_a_member_who_was_disabled_by_a_double_click_stays_disabled(console, estate):
    address, form = filled(console, "member-active", estate)
    for _ in range(2):
        console.post(address, form)
    assert not User.objects.get(username="op").is_active


def test_a_page_that_offers_to_disable_enables_nobody(console, alice, estate):
    """Another user has disabled the member since the page was opened."""
    address, form = filled(console, "member-active", estate)
    set_active(factories.make_actor(alice.account), User.objects.get(username="op"), False)
    answer = console.post(address, form, follow=True)
    assert not User.objects.get(username="op").is_active
    assert said(answer) == ["op can no longer sign in."]


def test_signing_out_everywhere_twice_leads_to_the_sign_in_page(console):
    address = reverse("own-sessions")
    form = forms(console.get(address).content.decode())[-1]
    answers = [console.post(address, form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert all(answer.headers["Location"].startswith("/login/") for answer in answers)
    assert Event.objects.filter(operation="SignOutUser").count() == 1


def test_a_filter_is_saved_once(console, alice):
    address = reverse("connection-filter-create", args=[factories.REGION]) + "?q=hamburg"
    form = forms(console.get(address).content.decode())[-1] | {"name": ["mine"]}
    first, second = (console.post(address, form) for _ in range(2))
    assert (second.status_code, led_to(second)) == (first.status_code, led_to(first)) != (302, "")
    assert alice.saved_filters.count() == 1


@pytest.mark.parametrize("headers", [{}, {"headers": htmx()}], ids=["page", "dialog"])
def test_several_that_were_deleted_are_told_to_be_deleted_again(console, alice, gateway, router, headers):
    gone = [factories.make_connection(alice.account, gateway=gateway, name=name).resource_id for name in ("a", "b")]
    stays = factories.make_connection(alice.account, gateway=gateway, router=router).resource_id
    address = reverse("connections-delete", args=[factories.REGION])
    page = console.get(address, {"id": [*gone, stays]}, **headers)
    form = forms(page.content.decode())[-1]
    first, second = (console.post(address, form, **headers) for _ in range(2))
    assert "2 of 3 deleted." in first.content.decode()

    def body(answer):
        return answer.content.decode().partition('role="status"')[2].partition("<form")[0]

    assert body(first) == body(second)
    assert Event.objects.filter(operation="DeleteVpnAttachment", outcome=Outcome.SUCCESS).count() == 2
    assert [one.resource_id for one in Connection.objects.all()] == [stays]


def test_ids_that_were_never_there_are_not_told_to_be_deleted(console, bob, alice):
    theirs = factories.make_connection(bob.account).resource_id
    answer = console.post(reverse("connections-delete", args=[factories.REGION]), {"id": [theirs, "vco-nothing"]})
    assert theirs not in answer.content.decode()
    assert Connection.objects.filter(resource_id=theirs).exists()


def test_a_secret_that_was_shown_is_not_shown_again(console, alice):
    address = reverse("access-key-create")
    form = forms(console.get(address).content.decode())[-1]
    first, second = (console.post(address, form) for _ in range(2))
    key = AccessKey.objects.get()
    assert key.secret in first.content.decode()
    assert (second.status_code, led_to(second)) == (302, reverse("access-key-list"))


def test_another_page_that_deletes_the_same_is_told_that_it_is_gone(console, estate):
    """Forms from two pages are different submissions."""
    (address, form), (_, other) = (filled(console, "customer-gateway-delete", estate) for _ in range(2))
    assert console.post(address, form).status_code == 302
    assert console.post(address, other).status_code == 404


def test_what_a_form_has_done_is_not_told_to_another_account(console, bobs, estate):
    address, form = filled(console, "customer-gateway-delete", estate)
    assert console.post(address, form).status_code == 302
    assert bobs.post(address, form).status_code == 404


def test_what_is_remembered_of_an_answer_is_not_forever(console, estate, clock):
    address, form = filled(console, "customer-gateway-delete", estate)
    console.post(address, form)
    clock.tick(25 * 3600)
    console.post(*filled(console, "cen-delete", estate))
    assert Submission.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["customer-gateway-delete", "authorization-create", "route-delete", "member-create"])
def test_four_clicks_at_once_are_one(alice, name, estate):
    """The second request may come before, during or after the operation of the first."""
    clients = [signed_in(alice) for _ in range(4)]
    address, form = filled(clients[0], name, estate)
    before = Event.objects.count()

    def click(client):
        answer = client.post(address, form)
        return answer.status_code, led_to(answer)

    answers = at_once(*(partial(click, client) for client in clients))
    assert len(set(answers)) == 1
    assert answers[0][0] == 302
    assert Event.objects.count() == before + 1
    if name == "customer-gateway-delete":
        assert not CustomerGateway.objects.filter(resource_id=estate["unused"]).exists()
