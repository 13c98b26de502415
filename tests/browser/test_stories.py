"""Three stories, told from the first click to the mended tunnel: a wrong key, a tunnel that was fine, and BGP."""

import re

import pytest
from playwright.sync_api import Page, expect

from connections.models import Connection, CustomerGateway
from tests.console.sites import BGP, tunnel_of
from vpnconsole.testing import factories

UP, FAILED = "Phase 2 Negotiation Succeeded", "Phase 1 Negotiation Failed"


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


def load(page: Page) -> None:
    """Press the button that loads the peer configuration, and wait until it has been loaded."""
    go(page, "device-load")
    same(page)


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
    expect(alice.get_by_test_id("device-tunnel-status")).to_have_text(UP)
    # Somebody types the key again at the device.
    go(alice, "device-edit")
    alice.get_by_test_id("replace-psk").press("Enter")
    alice.get_by_test_id("field-psk").focus()
    alice.keyboard.type("Autumn-harbour-41")
    alice.keyboard.press("Enter")
    expect(alice.get_by_test_id("differences-count")).to_contain_text("1 setting differs")
    clock.tick(10)
    status = alice.get_by_test_id("device-tunnel-status")
    expect(status).to_have_text(FAILED)
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
    expect(status).to_have_text(UP)


def test_a_tunnel_that_was_fine_fails_at_its_first_rekey(alice, site, clock):
    _connection, device = site(tunnel={"ipsec_lifetime": 3600})
    clock.tick(60)
    alice.goto(device)
    load(alice)
    alice.get_by_test_id("device-edit").click()
    alice.get_by_test_id("field-ipsec_pfs-1").select_option("group14")
    alice.get_by_test_id("form-ok").click()
    status, code = alice.get_by_test_id("device-tunnel-status"), alice.get_by_test_id("device-tunnel-code")
    expect(status).not_to_have_text(UP)
    # After three minutes nothing is said of the time before the device answered.
    clock.tick(200)
    expect(status).to_have_text(UP)
    expect(code).to_have_count(0)
    # At 90 % of the lifetime the keys are to be renewed: refused, but the old ones still work.
    clock.tick(0.9 * 3600)
    alice.reload()
    expect(status).to_have_text(UP)
    expect(code).to_have_text("PfsMismatch")
    clock.tick(0.1 * 3600)
    alice.reload()
    expect(status).to_have_text("Phase 2 Negotiation Failed")
    # A reset brings it back, for another hour.
    alice.get_by_test_id("device-reset").click()
    expect(status).not_to_have_text("Phase 2 Negotiation Failed")
    clock.tick(10)
    expect(status).to_have_text(UP)
    clock.tick(3600)
    alice.reload()
    expect(status).to_have_text("Phase 2 Negotiation Failed")
    alice.get_by_test_id("device-take-ipsec_pfs").click()
    same(alice)
    clock.tick(10)
    expect(status).to_have_text(UP)
    clock.tick(2 * 3600)
    alice.reload()
    expect(status).to_have_text(UP)


def test_bgp_comes_up_and_its_routes_reach_the_transit_router(alice, user, site, clock):
    router = factories.make_transit_router(user.account, cidrs=["10.200.0.0/20"])
    connection, device = site(router=router, **BGP)
    clock.tick(60)
    alice.goto(device)
    load(alice)
    alice.get_by_test_id("device-edit").click()
    # The device names itself by another AS number.
    alice.get_by_test_id("field-local_asn").fill("65011")
    alice.get_by_test_id("field-announced-1").fill("10.40.0.0/16")
    alice.get_by_test_id("form-ok").click()
    expect(alice).to_have_url(re.compile(r"/device/$"))
    clock.tick(30)
    expect(alice.get_by_test_id("device-tunnel-status")).to_have_text(UP)
    routes = f"{connection.get_absolute_url()}bgp-routes/"
    alice.goto(routes)
    session = alice.get_by_test_id(f"session-{tunnel_of(connection).resource_id}-status")
    expect(session).to_have_text("Abnormal")
    expect(alice.locator("main")).to_contain_text("65011")
    alice.goto(device)
    alice.get_by_test_id("device-take-local_asn").click()
    expect(alice.get_by_test_id("side-local_asn")).not_to_contain_text("Differs")
    clock.tick(30)
    alice.goto(routes)
    expect(session).to_have_text("Normal")
    expect(alice.get_by_role("row", name="10.40.0.0/16")).to_contain_text("Active")
    table = f"{router.get_absolute_url()}routes/"
    alice.goto(table)
    expect(alice.get_by_role("row", name="10.40.0.0/16")).to_be_visible()
    # With the line goes the session, and with the session the route.
    alice.goto(device)
    alice.get_by_test_id("device-line").click()
    expect(alice.get_by_test_id("value-has_line")).to_have_text("Cut")
    clock.tick(60)
    alice.goto(table)
    expect(alice.get_by_role("row", name="10.40.0.0/16")).to_have_count(0)
