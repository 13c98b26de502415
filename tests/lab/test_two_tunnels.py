"""What the console prints for two tunnels brings both up, and traffic takes the other one while one is cut."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from connections.domain import parsing
from connections.peer_config import DIALECTS, both_tunnels, from_connection, generate, generate_both
from tests.lab import cloud as table
from tests.lab.routers import Bird, Frr, Router
from tests.lab.stage import CENTRE_ADDRESS, CENTRE_NETWORKS, TALLY, dual_of, host
from tests.lab.test_bgp import ANNOUNCED, KEY, device_key
from tests.lab.two import PATIENCE, Ping, Tunnels, hops
from vpnconsole.testing.waiting import wait_for

BLOCKS = ("169.254.11.0/30", "169.254.12.0/30")
SITE, CLOUD = CENTRE_NETWORKS[0], ANNOUNCED[0]


def dual_bgp(*addresses, **changed):
    gateway = {"asn": 65010, "auth_key": KEY}
    values = {"enable_bgp": True, "local_asn": parsing.parse_asn("64086.59905"), "blocks": BLOCKS}
    # Each tunnel has a key of its own, which the factory draws.
    values |= {"routing_mode": "protected", "local_subnet": ANNOUNCED, "remote_subnet": [SITE]}
    return dual_of(*addresses, gateway=gateway, **values | changed)


def apart(connection):
    """The documents of two devices with a tunnel each."""
    return [from_connection(connection, tunnel) for tunnel in connection.tunnels.all()]


@contextmanager
def sessions(tunnels: Tunnels, connection, documents, *kinds: type[Router]) -> Iterator[tuple[list[Router], Bird]]:
    """BGP on the device that has both tunnels or on two, as the console prints it, and in the cloud."""
    dialects = [DIALECTS[device_key(kind)] for kind in kinds]
    if documents[0].has_both:
        made = [generate_both(dialects[0], documents)]
    else:
        made = [generate(dialect, document) for dialect, document in zip(dialects, documents, strict=True)]
    with ExitStack() as stack:
        devices = []
        for kind, space, configuration in zip(kinds, tunnels.devices, made, strict=True):
            assert not configuration.refused, configuration.notes
            devices.append(kind(space))
            stack.callback(devices[-1].close)
            devices[-1].start("".join(configuration.files.values()))
        other = Bird(tunnels.cloud)
        stack.callback(other.close)
        other.start(table.bird(connection, [*ANNOUNCED, "0.0.0.0/0"]))
        yield devices, other


def check_sessions(connection, documents, devices, other, patience=PATIENCE):
    """Check that both sessions are there, from one router or two, and what is learned over them."""
    each = 2 // len(devices)
    wait_for(lambda: other.established == 2, for_what="two sessions", patience=patience)
    wait_for(lambda: all(one.established == each for one in devices), for_what="sessions", patience=patience)
    for one, learned in [(other, {SITE}), *((device, set(ANNOUNCED)) for device in devices)]:
        wait_for(lambda one=one, learned=learned: one.learned == learned, for_what="networks", patience=patience)
    addresses = [table.device_bgp_ip(tunnel) for tunnel in connection.tunnels.all()]
    # One device has one name in both sessions.
    assert other.neighbours == (addresses[:1] * 2 if documents[0].has_both else addresses)
    TALLY["sessions"] += 2


def await_ways(space, network, expected, *where, patience=PATIENCE):
    """Wait until packets for a network leave by these interfaces."""
    wait_for(
        lambda: hops(space, network, *where) == expected, for_what=f"ways {expected}", patience=patience,
        evidence=lambda: space.ip("route", "show", "table", "all"),
    )  # fmt: skip


def prove(tunnels: Tunnels, connection, documents, kind, patience=PATIENCE):
    """Check a device with both tunnels: two sessions, two ways to everything, and each tunnel carries packets."""
    tunnels.check_loaded(connection, documents)
    xfrm = [f"xfrm{document.number}" for document in documents]
    (device,) = tunnels.devices
    with sessions(tunnels, connection, documents, kind) as (devices, other):
        check_sessions(connection, documents, devices, other, patience)
        for network in ANNOUNCED:
            await_ways(device, network, set(xfrm), patience=patience)
        await_ways(tunnels.cloud, SITE, {"t1", "t2"}, patience=patience)
        check_each_tunnel(tunnels, connection, device)
        yield device, xfrm


def check_each_tunnel(tunnels, connection, *devices):
    """Check that a packet for the other end of a tunnel goes through that one."""
    for lab, tunnel, device in zip(tunnels.labs, connection.tunnels.all(), devices * (2 // len(devices)), strict=True):
        before = lab.packets(lab.cloud)
        device.run("ping", "-n", "-q", "-c1", "-w5", tunnel.local_bgp_ip)
        assert lab.packets(lab.cloud) > before


@pytest.mark.parametrize("kind", [Frr, pytest.param(Bird, marks=pytest.mark.full)])
def test_with_bgp_one_device_uses_both_and_does_without_one(tunnels, kind, tmp_path):
    connection = dual_bgp()
    documents = both_tunnels(connection)
    with (
        tunnels.up(connection, documents),
        contextmanager(prove)(tunnels, connection, documents, kind) as (device, xfrm),
    ):
        ping = Ping(device, tmp_path, host(SITE), host(CLOUD))
        ping.await_more()
        for lost, left in ((0, 1), (1, 0)):
            with tunnels.cut(lost):
                await_ways(device, CLOUD, {xfrm[left]})
                await_ways(tunnels.cloud, SITE, {f"t{left + 1}"})
                ping.await_more()
            await_ways(device, CLOUD, set(xfrm))
            await_ways(tunnels.cloud, SITE, {"t1", "t2"})
            ping.await_more()
        check_each_tunnel(tunnels, connection, device)


def test_with_bgp_each_device_has_a_tunnel_and_the_cloud_does_without_one(tunnels, tmp_path):
    """Two customer gateways. The devices are of different kinds, and know nothing of each other."""
    connection = dual_bgp(CENTRE_ADDRESS, "203.0.113.21")
    documents = apart(connection)
    with tunnels.up(connection, documents), sessions(tunnels, connection, documents, Frr, Bird) as (devices, other):
        tunnels.check_loaded(connection, documents)
        check_sessions(connection, documents, devices, other)
        check_each_tunnel(tunnels, connection, *tunnels.devices)
        await_ways(tunnels.cloud, SITE, {"t1", "t2"})
        ping = Ping(tunnels.cloud, tmp_path, host(CLOUD), host(SITE))
        with tunnels.cut(0):
            await_ways(tunnels.cloud, SITE, {"t2"})
            ping.await_more()
        await_ways(tunnels.cloud, SITE, {"t1", "t2"})
        ping.await_more()


def test_with_static_routes_the_device_does_without_one(tunnels, tmp_path):
    """The daemon takes the interface down with its tunnel, and the kernel leaves it out."""
    connection = dual_of()
    documents = both_tunnels(connection)
    lead_to = "replace", SITE
    with tunnels.up(connection, documents):
        tunnels.check_loaded(connection, documents)
        (device,), cloud = tunnels.devices, tunnels.cloud
        names = list(tunnels.names)
        way = ("table", f"{10000 + documents[0].number}")
        await_ways(device, "default", set(names), *way)
        cloud.ip("route", *lead_to, "nexthop", "dev", "t1", "nexthop", "dev", "t2")
        ping = Ping(device, tmp_path, host(SITE), host(CLOUD))
        ping.await_more()
        with tunnels.cut(0):
            await_ways(device, "default", {names[1]}, *way)
            # How the cloud finds out is its own business.
            cloud.ip("route", *lead_to, "dev", "t2")
            ping.await_more()
            with tunnels.cut(1):
                await_ways(device, "default", set(), *way)
                # Nothing takes another way out.
                assert device.run("ip", "route", "get", host(CLOUD), check=False).returncode
        await_ways(device, "default", set(names), *way)
        ping.await_more()
