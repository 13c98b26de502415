"""The tab of tunnels follows negotiations, and Error Details lead to the field."""

from playwright.sync_api import expect

from connections.models import CustomerGateway
from tests.console.sites import BGP, load, tunnel_of
from vpn_console_kit.console import ConnectionDetails
from vpnconsole.testing import factories


def made(user, habits, **changed):
    gateway = CustomerGateway.objects.get(account=user.account)
    connection = factories.make_connection(user.account, gateway=gateway, **changed)
    load(connection, **habits)
    return connection, tunnel_of(connection).resource_id


def test_a_tunnel_comes_up_before_the_eyes(alice, app, user, clock, accessible):
    connection, _tunnel = made(user, {"ipsec_lifetime": 3600}, **BGP)
    app.open(connection.get_absolute_url())
    tunnel = ConnectionDetails(app).tunnel()
    expect(tunnel.status).to_have_text("Not Negotiated")
    clock.tick(60)
    expect(tunnel.status).to_have_text("Phase 2 Negotiation Succeeded")
    expect(tunnel.bgp).to_contain_text("Normal")
    # The page's head and the tab both tell it, whichever asks last.
    expect(alice.locator("#live")).to_contain_text("Phase 2 Negotiation Succeeded")
    expect(alice.locator("#tunnels[hx-get]")).to_have_count(0)
    for width in (390, 1440):
        alice.set_viewport_size({"width": width, "height": 900})
        accessible(alice)
        assert alice.evaluate("document.documentElement.scrollWidth") <= width


def test_error_details_lead_to_the_field_by_keyboard(alice, user, clock, accessible):
    connection, tunnel = made(user, {"ike_enc_alg": ["aes256"]})
    clock.tick(3600)
    alice.goto(f"{connection.get_absolute_url()}tunnels/")
    alice.get_by_test_id(f"tunnel-{tunnel}-details-status").focus()
    alice.keyboard.press("Enter")
    dialog = alice.get_by_role("dialog", name="Error Details")
    expect(dialog.get_by_test_id("error-code")).to_have_text("AlgorithmMismatch")
    accessible(alice)
    # The folded section opens for the field.
    dialog.get_by_test_id("difference-ike_enc_alg-edit").focus()
    alice.keyboard.press("Enter")
    expect(alice.get_by_test_id("field-tunnel1-ike_enc_alg")).to_be_focused()


def test_the_picture_follows_both_sides(alice, user, clock):
    connection, _tunnel = made(user, {}, **BGP)
    alice.goto(connection.get_absolute_url())
    wire = alice.locator("#topology .wires .wire").first
    expect(wire).to_contain_text("Not Negotiated")
    clock.tick(60)
    expect(wire).to_contain_text("BGP: Normal (Established)")
    expect(alice.locator("#topology")).to_contain_text("Simulated device: on")
    expect(alice.locator("#topology[hx-get]")).to_have_count(0)
