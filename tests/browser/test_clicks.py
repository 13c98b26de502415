"""How many clicks the usual tasks take, at most. Choosing from a list counts two; typing counts nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from connections import clock as clocks
from connections.models import Attachment, Authorization, Cen, Connection, CustomerGateway
from connections.services.connections import modify_tunnel
from vpnconsole.testing import factories

LIST = f"/{factories.REGION}/connections/"


class Hand:
    """Uses a page with the pointer, and counts."""

    def __init__(self, page: Page):
        self.page, self.clicks = page, 0

    def click(self, what: str | Locator) -> None:
        self.clicks += 1
        (self.page.get_by_test_id(what) if isinstance(what, str) else what).click()

    def choose(self, what: str, value: str) -> None:
        self.clicks += 2
        self.page.get_by_test_id(what).select_option(value)

    def type(self, what: str, text: str) -> None:
        self.page.get_by_test_id(what).fill(text)

    def switch(self, username: str) -> None:
        """Become another persona."""
        self.click("account-menu")
        self.click(f"persona-{username}")

    def sees(self, words: str) -> None:
        expect(self.page.locator("#messages")).to_contain_text(words)

    def opens(self, connection: str) -> str:
        """The test id of a connection's link, by its name."""
        return f"connection-{Connection.objects.get(name=connection).resource_id}"


@pytest.fixture
def world(user, settings):
    """Alice has transit routers and six connections, one of which is not attached, and a key was changed yesterday."""
    settings.TRANSITION_SECONDS = 0
    gateway = factories.make_customer_gateway(user.account, name="rotterdam", ip_address="203.0.113.44", asn=65020)
    routers = [factories.make_transit_router(user.account, name=name) for name in ("backbone", "lab")]
    with clocks.hold(clocks.now() - timedelta(days=1)):
        for number in range(5):
            made = factories.make_connection(user.account, gateway=gateway, name=f"site-{number}")
            factories.load_device(made)
        stored = Connection.objects.with_parts().get(pk=made.pk)
        (tunnel,) = stored.tunnels.all()
        tunnel.connection, tunnel.psk = stored, "another-key"
        modify_tunnel(factories.make_actor(user.account), tunnel, stored.revision)
    factories.make_connection(user.account, gateway=gateway, name="paris-branch")
    factories.make_connection(user.account, gateway=gateway, router=routers[0], name="attached")


@pytest.fixture
def neighbor(user):
    """The CEN instance of another account, which has a connection in the region."""
    bob = factories.make_user(factories.make_account("Summit Retail"), "bob", first_name="Bob", is_demo=True)
    router = factories.make_transit_router(bob.account, name="core-frankfurt")
    factories.make_connection(bob.account, router=router)
    return router.cen


def create_first(hand: Hand, cen) -> None:
    hand.page.context.clear_cookies()
    hand.page.goto("/login/")
    hand.click("persona-alice")
    hand.click("overview-create")
    hand.click("offer-tunnel1-customer_gateway")
    hand.type("field-ip_address", "203.0.113.99")
    hand.click("dialog-ok")
    expect(hand.page.get_by_role("dialog")).to_be_hidden()
    hand.click("form-ok")
    hand.sees("was created")


def create_full(hand: Hand, cen) -> None:
    """With BGP, a health check, two networks on either side and a tag."""
    page = hand.page
    page.goto(LIST)
    hand.click("create")
    hand.type("field-name", "full")
    hand.click("field-routing_mode-protected")
    for which in ("local", "remote"):
        hand.type(f"field-{which}_subnet-1", "10.1.0.0/16" if which == "local" else "192.168.1.0/24")
        hand.click(f"field-{which}_subnet-add")
        hand.type(f"field-{which}_subnet-2", "10.2.0.0/16" if which == "local" else "192.168.2.0/24")
    hand.choose("field-tunnel1-customer_gateway", CustomerGateway.objects.get(name="rotterdam").resource_id)
    hand.click("field-enable_bgp")
    expect(page.get_by_test_id("field-tunnel1-tunnel_cidr")).not_to_have_value("")
    hand.click("field-health_check")
    hand.type("field-health_check_dip", "192.168.1.1")
    hand.type("field-health_check_sip", "10.1.0.1")
    hand.type("field-tag_key-1", "env")
    hand.type("field-tag_value-1", "prod")
    hand.click("form-ok")
    hand.sees("was created")


def look_at_key(hand: Hand, cen) -> None:
    hand.page.goto(LIST)
    hand.click(hand.opens("site-0"))
    hand.click("show-psk")
    expect(hand.page.get_by_test_id("hide-psk")).to_be_visible()


def copy_for_cisco(hand: Hand, cen) -> None:
    hand.page.goto(LIST)
    hand.click(f"{hand.opens('site-0')}-peer-config")
    hand.choose("peer-format", "cisco-ios")
    expect(hand.page.get_by_test_id("peer-text-1")).to_contain_text("crypto")
    hand.click("peer-copy-1")


def round_trip(hand: Hand, cen) -> None:
    """Authorize the other account, attach as the other account, and undo all."""
    page = hand.page
    page.goto("/")
    hand.switch("bob")
    hand.click(f"map-{cen.get_absolute_url()}")
    hand.click("copy-card")
    card = page.get_by_test_id("copy-card").get_attribute("data-copy")
    hand.switch("alice")
    free = Connection.objects.get(name="paris-branch")
    hand.click(f"attention-{free.resource_id}-do")
    hand.click("attach-elsewhere")
    hand.type("field-peer_uid", card)
    hand.click("dialog-ok")
    hand.sees("was authorized")
    hand.switch("bob")
    hand.click(f"waiting-{free.resource_id}")
    hand.click("form-ok")
    hand.sees("is being attached")
    hand.click(f"attachment-{Attachment.objects.get(connection=free).resource_id}-delete")
    hand.click("dialog-ok")
    hand.sees("is being detached")
    hand.switch("alice")
    hand.click(f"authorization-{cen.resource_id}-delete")
    hand.click("dialog-ok")
    hand.sees("was revoked")
    assert not Attachment.objects.living().filter(connection=free).exists()
    assert not Authorization.objects.exists()


def change_mode(hand: Hand, cen) -> None:
    hand.page.goto(LIST)
    hand.click(f"{hand.opens('attached')}-more")
    hand.click(f"{hand.opens('attached')}-edit")
    hand.click("field-routing_mode-protected")
    hand.type("field-local_subnet-1", "10.1.0.0/16")
    hand.type("field-remote_subnet-1", "192.168.1.0/24")
    hand.click("form-ok")
    hand.sees("was modified")


def change_zone(hand: Hand, cen) -> None:
    """By attaching again."""
    page = hand.page
    page.goto(LIST)
    hand.click(hand.opens("attached"))
    hand.click("edit")
    hand.click(page.get_by_role("link", name="Go to the attachment").first)
    hand.click("reattach")
    hand.click("dialog-ok")
    hand.click("attach")
    hand.click(page.locator("[data-testid^=attach-to-]").first)
    hand.choose("field-zone", "eu-central-1c")
    hand.click("form-ok")
    hand.sees("is being attached")


def delete_five(hand: Hand, cen) -> None:
    hand.page.goto(LIST)
    for number in range(5):
        hand.click(f"{hand.opens(f'site-{number}')}-pick")
    hand.click("delete-selected")
    hand.click("dialog-ok")
    hand.sees("5 connections deleted")


def find_who_changed_a_key(hand: Hand, cen) -> None:
    hand.page.goto(LIST)
    hand.click("nav-events")
    hand.click("days-yesterday")
    hand.type("search", "key")
    expect(hand.page.get_by_role("table")).to_contain_text("Pre-Shared Key")


def export(hand: Hand, cen) -> None:
    hand.page.goto(LIST)
    hand.click("export")
    with hand.page.expect_download():
        hand.click("export-csv")


# With what each took before there was an overview.
TASKS: dict[str, tuple[Callable[[Hand, Cen], None], int]] = {
    "create a first connection and its gateway": (create_first, 5),
    "create one with everything": (create_full, 13),
    "look at a key later": (look_at_key, 2),
    "copy the configuration for Cisco": (copy_for_cisco, 4),
    "attach across accounts and undo all": (round_trip, 19),
    "change the routing mode": (change_mode, 4),
    # It could not be changed.
    "change the zone": (change_zone, 10),
    "delete five": (delete_five, 8),
    "find who changed a key yesterday": (find_who_changed_a_key, 3),
    "export a list": (export, 2),
}


@pytest.mark.parametrize("task", TASKS)
def test_a_task_takes_few_clicks(alice, world, neighbor, task):
    do, most = TASKS[task]
    hand = Hand(alice)
    do(hand, neighbor)
    print(f"{task}: {hand.clicks}")
    assert hand.clicks <= most
