"""Three stories, told from the first click to the mended tunnel: a wrong key, a tunnel that was fine, and BGP."""

import pytest
from playwright.sync_api import Page, expect

from connections.models import Connection, CustomerGateway
from tests.console.sites import BGP, tunnel_of
from vpn_console_kit.console import DeviceDetails
from vpnconsole.testing import factories

UP = ("data-status", "ipsec_sa_established")
PHASE_1_FAILED, PHASE_2_FAILED = ("data-status", "ike_sa_not_established"), ("data-status", "ipsec_sa_not_established")


@pytest.fixture
def site(user):
    """Make a connection of Alice's account; return it with the addresses of its tunnel's pages."""

    def made(**changed):
        gateway = CustomerGateway.objects.get(account=user.account)
        connection = factories.make_connection(user.account, gateway=gateway, **changed)
        stored = Connection.objects.get(pk=connection.pk)
        return stored, f"{stored.get_absolute_url()}tunnels/{tunnel_of(stored).resource_id}/device/"

    return made


def go(page: Page, name: str) -> None:
    """Reach a control with the keyboard, wherever it is, and press Enter."""
    page.get_by_test_id(name).focus()
    page.keyboard.press("Enter")


def same(page: Page) -> None:
    """Wait until the page says that both sides have the same settings."""
    expect(page.get_by_test_id("differences-count")).to_contain_text("exactly")


def test_a_wrong_key_is_found_and_mended_by_keyboard(alice, site, clock):
    connection, device = site(tunnel={"psk": "Autumn-Harbour-41"})
    alice.goto(connection.get_absolute_url())
    clock.tick(60)
    go(alice, "next-load")
    expect(alice.locator("#messages")).to_contain_text("has loaded the peer configuration")
    clock.tick(10)
    alice.goto(device)
    expect(alice.get_by_test_id("device-tunnel-status")).to_have_attribute(*UP)
    # Somebody types the key again at the device.
    go(alice, "device-edit")
    alice.get_by_test_id("replace-psk").press("Enter")
    alice.get_by_test_id("field-psk").focus()
    alice.keyboard.type("Autumn-harbour-41")
    alice.keyboard.press("Enter")
    expect(alice.get_by_test_id("differences-count")).to_contain_text("1 setting differs")
    clock.tick(10)
    status = alice.get_by_test_id("device-tunnel-status")
    expect(status).to_have_attribute(*PHASE_1_FAILED)
    expect(alice.get_by_test_id("device-tunnel-code")).to_have_text("PskMismatch")
    # The details say what differs and where, the log what was seen, the diagnosis more.
    alice.goto(f"{connection.get_absolute_url()}tunnels/")
    go(alice, f"tunnel-{tunnel_of(connection).resource_id}-details-status")
    dialog = alice.get_by_role("dialog", name="Error Details")
    expect(dialog.get_by_test_id("difference-psk")).to_contain_text("Not shown")
    alice.keyboard.press("Escape")
    alice.goto(f"{connection.get_absolute_url()}logs/")
    expect(alice.get_by_test_id("log-lines")).to_contain_text("authentication failure")
    alice.goto(connection.get_absolute_url())
    go(alice, "diagnose")
    expect(alice.locator("main")).to_contain_text("differ only in upper and lower case")
    assert "utumn-" not in alice.content()
    # The cloud's value mends it.
    alice.goto(device)
    go(alice, "device-take-psk")
    same(alice)
    clock.tick(10)
    expect(status).to_have_attribute(*UP)


def test_a_tunnel_that_was_fine_fails_at_its_first_rekey(alice, app, site, clock):
    _connection, address = site(tunnel={"ipsec_lifetime": 3600})
    clock.tick(60)
    app.open(address)
    device = DeviceDetails(app)
    device.load()
    device.edit().fill(ipsec_pfs=["group14"]).submit()
    expect(device.status).not_to_have_attribute(*UP)
    # After three minutes nothing is said of the time before the device answered.
    clock.tick(200)
    expect(device.status).to_have_attribute(*UP)
    expect(device.code).to_have_count(0)
    # At 90 % of the lifetime the keys are to be renewed: refused, but the old ones still work.
    clock.tick(0.9 * 3600)
    alice.reload()
    expect(device.status).to_have_attribute(*UP)
    expect(device.code).to_have_attribute("data-code", "PfsMismatch")
    clock.tick(0.1 * 3600)
    alice.reload()
    expect(device.status).to_have_attribute(*PHASE_2_FAILED)
    # A reset brings it back, for another hour.
    device.reset()
    expect(device.status).not_to_have_attribute(*PHASE_2_FAILED)
    clock.tick(10)
    expect(device.status).to_have_attribute(*UP)
    clock.tick(3600)
    alice.reload()
    expect(device.status).to_have_attribute(*PHASE_2_FAILED)
    device.take("ipsec_pfs")
    assert device.differences() == []
    clock.tick(10)
    expect(device.status).to_have_attribute(*UP)
    clock.tick(2 * 3600)
    alice.reload()
    expect(device.status).to_have_attribute(*UP)


def test_bgp_comes_up_and_its_routes_reach_the_transit_router(alice, app, user, site, clock):
    router = factories.make_transit_router(user.account, cidrs=["10.200.0.0/20"])
    connection, address = site(router=router, **BGP)
    clock.tick(60)
    app.open(address)
    device = DeviceDetails(app)
    device.load()
    # The device names itself by another AS number.
    device.edit().fill(local_asn=65011, announced=["10.40.0.0/16"]).submit()
    clock.tick(30)
    expect(device.status).to_have_attribute(*UP)
    routes = f"{connection.get_absolute_url()}bgp-routes/"
    app.open(routes)
    session = app.get(f"session-{tunnel_of(connection).resource_id}-status")
    expect(session).to_have_text("Abnormal")
    expect(alice.locator("main")).to_contain_text("65011")
    app.open(address)
    device.take("local_asn")
    assert device.differences() == ["announced"]
    clock.tick(30)
    app.open(routes)
    expect(session).to_have_text("Normal")
    expect(alice.get_by_role("row", name="10.40.0.0/16")).to_contain_text("Active")
    table = f"{router.get_absolute_url()}routes/"
    app.open(table)
    expect(alice.get_by_role("row", name="10.40.0.0/16")).to_be_visible()
    # With the line goes the session, and with the session the route.
    app.open(address)
    device.set_line(up=False)
    assert device.codes()["line"] == "false"
    clock.tick(60)
    app.open(table)
    expect(alice.get_by_role("row", name="10.40.0.0/16")).to_have_count(0)
