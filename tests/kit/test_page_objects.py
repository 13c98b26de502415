"""Page objects: every field of the form of a connection is set by its name, and what is stored equals it."""

import pytest

from tests.kit.plugin import *  # noqa: F403
from vpn_console_kit import pages
from vpn_console_kit.base import NoSuchField, NoSuchRow, NoSuchValue

pytestmark = pytest.mark.browser

# Neither is the value with which the form begins.
TUNNEL = {
    "ike_version": "ikev1",
    "ike_mode": "aggressive",
    "ike_enc_alg": "aes192",
    "ike_auth_alg": "sha384",
    "ike_pfs": "group5",
    "ike_lifetime": 4000,
    "local_id": "here",
    "remote_id": "there",
    "ipsec_enc_alg": "3des",
    "ipsec_auth_alg": "md5",
    "ipsec_pfs": "disabled",
    "ipsec_lifetime": 5000,
    "enable_dpd": False,
    "enable_nat_traversal": False,
}
SINGLE = {
    "associate_resource": "CEN",
    "resource_group": "Wide area network",
    "cen": "harbour-backbone",
    "transit_router": "backbone-frankfurt",
    "zone": "eu-central-1b",
    "auto_publish_route_enabled": False,
    "associate_default_route_table": False,
    "propagate_to_default_route_table": False,
    "customer_gateway": "hamburg-dc1",
    "psk": "only-for-tests-1",
    **TUNNEL,
    "routing_mode": "protected",
    "local_subnet": ["10.1.0.0/16"],
    "remote_subnet": ["192.168.0.0/16"],
    "effect_immediately": "True",
    "health_check": True,
    "health_check_dip": "192.168.0.1",
    "health_check_sip": "10.1.0.1",
    "health_check_interval": 7,
    "health_check_retry": 5,
    "health_check_policy": False,
    "tags": {"team": "net", "site": "hh"},
}
DUAL = {
    "tunnels": "2",
    "network_type": "private",
    "customer_gateway": "hamburg-dc1",
    "enable_bgp": True,
    "local_asn": 64999,
    "tunnel_cidr": "169.254.77.0/30",
    "local_bgp_ip": "169.254.77.1",
    "tunnel2_customer_gateway": "rotterdam-port",
    "tunnel2_psk": "only-for-tests-2",
    **{f"tunnel2_{name}": value for name, value in TUNNEL.items()},
    "tunnel2_tunnel_cidr": "169.254.78.0/30",
    "tunnel2_local_bgp_ip": "169.254.78.1",
}
# They filter what is offered, or are stored elsewhere.
ELSEWHERE = {"associate_resource", "cen", "resource_group", "tunnels", "psk"}


def stored(world, name: str) -> dict:
    """What is stored of a connection, by the names of fields."""
    found = world.state()["accounts"][world.members["alice"]["uid"]]
    (connection,) = (one for one in found["connections"] if one["name"] == name)
    first, *others = connection["tunnels"]
    values = {**connection, **(connection.get("attachment") or {}), **first, "name": connection["name"]}
    for second in others:
        values |= {f"tunnel2_{key}": value for key, value in second.items()}
    names = {named.id: name for name, named in [*world.names.gateways.items(), *world.names.routers.items()]}
    return {key: names.get(value, value) if isinstance(value, str) else value for key, value in values.items()}


def wanted(values: dict) -> dict:
    """The values of a form as they are stored."""
    words = {"effect_immediately": {"True": True}, "health_check_policy": {False: "reserve_route"}}
    return {
        name: words.get(name, {}).get(value, value) if name in words else value
        for name, value in values.items()
        if name.removeprefix("tunnel2_") not in ELSEWHERE
    }


def test_each_field_of_a_new_connection_is_set_by_its_name(app, world):
    fields = {field.name for field in pages.ConnectionForm.FIELDS}
    assert {*SINGLE, *DUAL, "name"} == fields
    for name, values in (("single", SINGLE), ("dual", DUAL)):
        form = app.connections.create().fill(name=name, **values)
        sent = form.submit()
        assert sent.operation == "CreateVpnAttachment", sent
        there = stored(world, name)
        expected = wanted(values)
        assert {key: there[key] for key in expected} == expected
    app.connections.row("single").open()
    app.press("show-psk")
    assert SINGLE["psk"] in app.page.locator("main").inner_text()


# Every field of every form that creates something else.
OTHERS = {
    "CustomerGatewayForm": {
        "name": "made",
        "ip_address": "203.0.113.99",
        "asn": 65099,
        "auth_key": "k3y-k3y-k3y",
        "description": "about",
        "resource_group": "Wide area network",
        "tags": {"a": "b"},
    },
    "CenForm": {"name": "made", "description": "about", "resource_group": "Wide area network", "tags": {"a": "b"}},
    "TransitRouterForm": {
        "region_id": "us-west-1",
        "name": "made",
        "description": "about",
        "cidrs": ["10.222.0.0/20"],
        "tags": {"a": "b"},
    },
    "RouterCidrForm": {"name": "made", "cidr": "10.223.0.0/20", "description": "about", "publish_cidr_route": False},
    "RouteTableForm": {"name": "made", "description": "about"},
    "RouteForm": {"destination": "10.99.0.0/16", "weight": "0", "description": "about"},
    "TagsForm": {"tags": {"x": "y"}},
    "MemberForm": {
        "username": "nina", "first_name": "Nina", "last_name": "Novak", "role": "operator",
        "password": "a-long-password-1",
    },
}  # fmt: skip


def test_each_field_of_the_other_forms_is_set_by_its_name(app, world):
    def send(form):
        name = type(form).__name__
        assert {field.name for field in form.FIELDS} == OTHERS[name].keys()
        sent = form.fill(**OTHERS[name]).submit()
        assert sent.operation, (name, sent)

    send(app.customer_gateways.create())
    send(app.cens.create())
    send(app.cens.row("harbour-backbone").open().create_router())
    router = app.cens.row("harbour-backbone").open().router("backbone-frankfurt")
    send(router.create_cidr())
    send(router.create_route_table())
    send(app.connections.row("hamburg-primary").open().add_route())
    send(app.connections.row("hamburg-primary").open().edit_tags())
    send(app.members.create())
    found = world.state()["accounts"][world.members["alice"]["uid"]]

    def holds(there: object, name: str, *left_out: str) -> bool:
        """Whether what is stored has a resource, or a part of one, with the values of a form."""
        wanted = {key: value for key, value in OTHERS[name].items() if key not in left_out}
        if isinstance(there, dict):
            return wanted.items() <= there.items() or any(holds(one, name, *left_out) for one in there.values())
        return isinstance(there, list) and any(holds(one, name, *left_out) for one in there)

    assert holds(found, "CustomerGatewayForm", "auth_key")
    assert holds(found, "CenForm")
    assert holds(found, "TransitRouterForm", "region_id", "cidrs", "tags")
    assert holds(found, "RouterCidrForm")
    assert holds(found, "RouteTableForm")
    assert holds(found, "RouteForm", "weight")
    assert holds(found, "TagsForm")
    assert world.state()["members"]["nina"]["role"] == OTHERS["MemberForm"]["role"]


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
