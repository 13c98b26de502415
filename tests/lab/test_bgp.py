"""What the console prints for FRR and BIRD brings up a session inside the tunnel, and traffic follows its routes."""

import re
import time
from contextlib import contextmanager

import pytest

from connections.domain import parsing
from connections.models import Route
from connections.peer_config import DIALECTS, from_connection, generate
from connections.services.routes import create_route
from tests.lab import cloud
from tests.lab.namespaces import LabError
from tests.lab.routers import Bird, Frr
from tests.lab.stage import CENTER_ADDRESS, CENTER_NETWORKS, CLOUD_NETWORKS, TALLY, Lab, connection_of, host
from vpnconsole.testing import factories
from vpnconsole.testing.waiting import wait_for

ROUTERS = {"frr": Frr, "bird": Bird}
TUNNEL = {"tunnel_cidr": "169.254.11.0/30", "local_bgp_ip": "169.254.11.1"}
# The cloud announces only these, not all of its connected networks.
ANNOUNCED = CLOUD_NETWORKS[:2]
KEY = "aB3#!$%&'()*+,-./:;<=>@[]^_`{|}~\\"


def bgp_connection(local_asn="64086.59905", asn="65010", auth_key="", **changed):
    """A BGP connection, with AS numbers as users type them, with or without a dot."""
    gateway = {"asn": parsing.parse_asn(asn), "auth_key": auth_key}
    values = {"enable_bgp": True, "local_asn": parsing.parse_asn(local_asn), "tunnel": TUNNEL, "gateway": gateway}
    values["local_subnet"] = ANNOUNCED
    return connection_of(**values | changed)


@contextmanager
def sessions(lab: Lab, connection, router, document=None):
    """A tunnel with BGP daemons: the cloud's is configured independently, the device's as the console prints it.

    Only routes learned by BGP lead into the tunnel.
    """
    lab.establish(connection, document)
    device = router(lab.center_space)
    other = Bird(lab.cloud_space)
    block = connection.tunnel.tunnel_cidr.removesuffix("0/30")
    try:
        for space, address in ((lab.cloud_space, f"{block}1/30"), (lab.center_space, f"{block}2/30")):
            space.ip("addr", "add", address, "dev", "ipsec0")
            space.ip("route", "add", "unreachable", "default", "metric", "9999")
        with pytest.raises(LabError):
            lab.ping(host(CENTER_NETWORKS[0]), host(CLOUD_NETWORKS[0]), "-W0.3")
        configuration = generate(DIALECTS[device_key(router)], document or from_connection(connection))
        assert not configuration.refused, configuration.notes
        (content,) = configuration.files.values()
        # The user has to set the address; the first line contains it.
        assert f" {block}2/30." in content.splitlines()[0]
        device.start(content)
        # The device must not accept a default route from the cloud.
        other.start(cloud.bird(connection, [*ANNOUNCED, "0.0.0.0/0"]))
        yield device, other
    finally:
        device.close()
        other.close()
        for space in (lab.cloud_space, lab.center_space):
            space.ip("route", "flush", "proto", "bird")
            space.ip("route", "flush", "proto", "bgp")
            space.ip("route", "del", "unreachable", "default", "metric", "9999")
            space.ip("addr", "flush", "dev", "ipsec0")


def device_key(router) -> str:
    return next(key for key, kind in ROUTERS.items() if kind is router)


def prove(lab: Lab, connection, router, document=None, announced=(CENTER_NETWORKS[0],), patience=Lab.patience) -> float:
    """Check the session, the networks that both sides learn, and that a ping works only then.

    Returns the seconds that the daemons needed.
    """
    lab.check_not_loaded(connection, document or from_connection(connection))
    with sessions(lab, connection, router, document) as (device, other):
        began = time.monotonic()
        wait_for(lambda: device.established and other.established, for_what="a session", patience=patience)
        wait_for(lambda: device.learned == set(ANNOUNCED), for_what="the cloud's networks", patience=patience)
        wait_for(lambda: other.learned == set(announced), for_what="the device's networks", patience=patience)
        took = time.monotonic() - began
        for space, network in ((lab.center_space, ANNOUNCED[0]), *((lab.cloud_space, one) for one in announced)):
            wait_for(lambda s=space, n=network: s.ip("route", "show", n), for_what="a route", patience=patience)
        for network in ANNOUNCED:
            lab.ping(host(CENTER_NETWORKS[0]), host(network))
        TALLY["sessions"] += 1
    return took


@pytest.mark.parametrize("router", ROUTERS.values(), ids=ROUTERS)
@pytest.mark.parametrize(
    ("local_asn", "asn", "key"),
    [
        ("64086.59905", "64086.59910", KEY),
        pytest.param("64512", "65010", "", marks=pytest.mark.full),
        pytest.param("64512", "65010", KEY, marks=pytest.mark.full),
        pytest.param("4200000001", "65010", "", marks=pytest.mark.full),
        pytest.param("45104", "4294967294", "k" * 64, marks=pytest.mark.full),
        pytest.param("64512", "64512", "", marks=pytest.mark.full),
    ],
    ids=["four bytes with a key", "two bytes", "two bytes with a key", "mixed", "longest key", "internal"],
)
def test_a_session_and_traffic_along_its_routes(lab, router, local_asn, asn, key):
    connection = bgp_connection(local_asn, asn, key)
    configuration = generate(DIALECTS[device_key(router)], from_connection(connection))
    (content,) = configuration.files.values()
    assert not re.search(r"\b(as|bgp|remote-as) \d+\.\d+\b", content)
    assert re.search(rf"\b(as|remote-as) {parsing.parse_asn(local_asn)}\b", content)
    prove(lab, connection, router)


@pytest.mark.full
@pytest.mark.parametrize("router", ROUTERS.values(), ids=ROUTERS)
def test_networks_that_were_routed_by_hand_are_announced(lab, router):
    account = factories.make_account()
    gateway = factories.make_customer_gateway(account, ip_address=CENTER_ADDRESS)
    connection = factories.make_connection(
        account, gateway=gateway, router=factories.make_transit_router(account), enable_bgp=True, tunnel=TUNNEL
    )
    for network in CENTER_NETWORKS[:2]:
        create_route(factories.make_actor(account), Route(connection=connection, destination=network))
    prove(lab, connection, router, announced=CENTER_NETWORKS[:2])


@pytest.mark.full
@pytest.mark.parametrize("router", ROUTERS.values(), ids=ROUTERS)
@pytest.mark.parametrize("key", ["#k", "!k", "\\"])
def test_keys_that_look_like_comments(lab, router, key):
    prove(lab, bgp_connection(auth_key=key), router)


@pytest.mark.full
@pytest.mark.parametrize("key", ['a"b', '"', '"ab"', KEY])
def test_frr_keeps_a_key_as_it_is(lab, key):
    """BIRD cannot use a key with a quote, so check the key that FRR itself shows."""
    device = Frr(lab.center_space)
    try:
        (content,) = generate(DIALECTS["frr"], from_connection(bgp_connection(auth_key=key))).files.values()
        device.start(content)
        assert f" neighbor 169.254.11.1 password {key}\n" in device.tell("show running-config")
    finally:
        device.close()
