"""Page objects: what they say of names and values, and a connection from hand to hand."""

import pytest

from tests.kit.plugin import *  # noqa: F403
from vpn_console_kit.base import NoSuchField, NoSuchRow, NoSuchValue

pytestmark = pytest.mark.browser


def test_a_form_says_what_a_field_appears_with_and_what_it_offers(app):
    form = app.connections.create()
    with pytest.raises(NoSuchField, match=r"tunnel_cidr now: it appears with enable_bgp=True"):
        form.fill(tunnel_cidr="169.254.77.0/30")
    with pytest.raises(NoSuchField, match=r"appears with enable_bgp=True and tunnels='2'"):
        form.fill(tunnel2_tunnel_cidr="169.254.77.0/30")
    with pytest.raises(NoSuchField, match=r"no field 'tunnel'. It has tunnels, name"):
        form.fill(tunnel="1")
    with pytest.raises(NoSuchValue, match=r"hamburg-dc1"):
        form.fill(customer_gateway="nobody's")
    with pytest.raises(NoSuchValue, match=r"It offers ikev1, ikev2"):
        form.fill(ike_version="ikev3")
    assert form.submit().errors == {"customer_gateway": "required"}


def test_a_connection_is_handed_over_found_changed_and_deleted(app, as_persona, world):
    bob, name = as_persona("bob"), "paris-branch"
    form = app.connections.row(name).open().authorize()
    form.fill(peer_uid=world.members["bob"]["uid"], peer_cen_id=world.names.cens["summit-core"].id)
    assert form.submit().operation == "GrantInstanceToTransitRouter"
    attach = bob.cens.row("summit-core").open().router("core-frankfurt").attach()
    attach.fill(resource_owner="different", owner_uid=world.members["alice"]["uid"])
    attach.fill(connection=world.names.connections[name].id)
    assert attach.submit().operation == "CreateTransitRouterVpnAttachment"
    row = app.connections.row(name)
    assert row.state.get_attribute("data-state") == "attached"
    refused = row.delete()
    assert refused.refusal == "attached_elsewhere"
    refused.cancel()
    app.connections.row("hamburg-primary").edit().fill(name="hamburg-first").submit()
    assert "hamburg-first" in app.connections.names()
    with pytest.raises(NoSuchRow):
        app.connections.row("hamburg-primary").id  # noqa: B018 - the row is read then


def test_open_pages_follow_the_world(app, world):
    world.transitions("manual")
    app.connections.create().fill(name="slow", customer_gateway="hamburg-dc1").submit()
    state = app.connections.row("slow").state
    before = state.get_attribute("data-state")
    world.settle()
    assert (before, state.get_attribute("data-state")) == ("provisioning", "init")
