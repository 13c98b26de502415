"""What the console prints for two tunnels brings both up, and traffic takes the other one while one is cut."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from connections.domain import parsing
from connections.peer_config import DIALECTS, both_tunnels, from_connection, generate, generate_both
from connections.peer_config.linux import tracking
from tests.lab import cloud as table
from tests.lab.routers import Bird, Frr, Router
from tests.lab.stage import CENTER_ADDRESS, CENTER_NETWORKS, TALLY, dual_of, host, text
from tests.lab.test_bgp import ANNOUNCED, KEY, device_key
from tests.lab.test_tunnels import tunnel_of
from tests.lab.two import PATIENCE, Ping, Tunnels, has_both, hops
from vpnconsole.testing.waiting import wait_for

BLOCKS = ("169.254.11.0/30", "169.254.12.0/30")
pytestmark = pytest.mark.django_db

FULL = pytest.mark.full
SITE, CLOUD = CENTER_NETWORKS[0], ANNOUNCED[0]


def dual_bgp(*addresses, **changed):
    gateway = {"asn": 65010, "auth_key": KEY}
    values = {"enable_bgp": True, "local_asn": parsing.parse_asn("64086.59905"), "blocks": BLOCKS}
    # Each tunnel has a key of its own, which the factory draws.
    values |= {"routing_mode": "protected", "local_subnet": ANNOUNCED, "remote_subnet": [SITE]}
    return dual_of(*addresses, gateway=gateway, **values | changed)


@contextmanager
def sessions(tunnels: Tunnels, connection, documents, *kinds: type[Router]) -> Iterator[tuple[list[Router], Bird]]:
    """BGP on the device that has both tunnels or on two, as the console prints it, and in the cloud."""
    dialects = [DIALECTS[device_key(kind)] for kind in kinds]
    if has_both(documents):
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
    assert other.neighbors == (addresses[:1] * 2 if has_both(documents) else addresses)
    TALLY["sessions"] += 2


def await_ways(space, network, expected, *where, patience=PATIENCE):
    """Wait until packets for a network leave by these interfaces."""
    wait_for(
        lambda: hops(space, network, *where) == expected, for_what=f"ways {expected}", patience=patience,
        evidence=lambda: space.ip("route", "show", "table", "all"),
    )  # fmt: skip


def check_each_tunnel(tunnels, connection, *devices):
    """Check that a packet for the other end of a tunnel goes through that one."""
    for lab, tunnel, device in zip(tunnels.labs, connection.tunnels.all(), devices * (2 // len(devices)), strict=True):
        before = lab.packets(lab.cloud)
        device.run("ping", "-n", "-q", "-c1", "-w5", tunnel.local_bgp_ip)
        assert lab.packets(lab.cloud) > before


@contextmanager
def routed(tunnels: Tunnels, connection, documents, kind, patience=PATIENCE):
    """A device with both tunnels and BGP: two sessions, two ways to everything, and each tunnel carries packets."""
    with tunnels.up(connection, documents), sessions(tunnels, connection, documents, kind) as (devices, other):
        tunnels.check_loaded(connection, documents)
        check_sessions(connection, documents, devices, other, patience)
        (device,) = tunnels.devices
        for network in ANNOUNCED:
            await_ways(device, network, set(tunnels.names), patience=patience)
        await_ways(tunnels.cloud, SITE, {"t1", "t2"}, patience=patience)
        check_each_tunnel(tunnels, connection, device)
        yield device


@contextmanager
def static(tunnels: Tunnels, connection, documents, patience=PATIENCE):
    """A device with both tunnels and static routes: two ways to everything. Gives it with the words for its table."""
    with tunnels.up(connection, documents):
        tunnels.check_loaded(connection, documents)
        (device,) = tunnels.devices
        where = ("table", str(10000 + documents[0].number))
        await_ways(device, "default", set(tunnels.names), *where, patience=patience)
        assert " ".join(where) in device.ip("route", "get", host(CLOUD))
        tunnels.cloud.ip("route", "add", SITE, "nexthop", "dev", "t1", "nexthop", "dev", "t2")
        yield device, where


@pytest.mark.parametrize(("stage", "kind"), [("tunnels", Frr), pytest.param("legacy_tunnels", Bird, marks=FULL)])
def test_with_bgp_one_device_uses_both_and_does_without_one(request, stage, kind, tmp_path):
    tunnels, connection = request.getfixturevalue(stage), dual_bgp()
    with routed(tunnels, connection, both_tunnels(connection), kind) as device:
        first, second = tunnels.names
        ping = Ping(device, tmp_path, host(SITE), host(CLOUD))
        with tunnels.cut(0):
            await_ways(device, CLOUD, {second})
            await_ways(tunnels.cloud, SITE, {"t2"})
            ping.await_more()
        await_ways(device, CLOUD, {first, second})
        await_ways(tunnels.cloud, SITE, {"t1", "t2"})
        check_each_tunnel(tunnels, connection, device)
        ping.await_more()


@pytest.mark.full
def test_with_bgp_each_device_has_a_tunnel_and_the_cloud_does_without_one(tunnels, tmp_path):
    """Two customer gateways. The devices are of different kinds, and know nothing of each other."""
    connection = dual_bgp(CENTER_ADDRESS, "203.0.113.21")
    documents = [from_connection(connection, tunnel) for tunnel in connection.tunnels.all()]
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


@pytest.mark.parametrize("stage", ["tunnels", pytest.param("legacy_tunnels", marks=FULL)])
def test_with_static_routes_the_device_does_without_one(request, stage, tmp_path):
    """The daemon takes the interface down with its tunnel, and the kernel leaves it out."""
    tunnels, connection = request.getfixturevalue(stage), dual_of()
    documents = both_tunnels(connection)
    with static(tunnels, connection, documents) as (device, where):
        first, second = tunnels.names
        # An SA that was replaced takes nothing down with it.
        late = os.environ | {"PLUTO_VERB": "down-client", "PLUTO_UNIQUEID": "0"}
        device.run("sh", "-c", tracking(documents[0], first), env=late, check=False)
        assert hops(device, "default", *where) == {first, second}
        ping = Ping(device, tmp_path, host(SITE), host(CLOUD))
        with tunnels.cut(0):
            await_ways(device, "default", {second}, *where)
            # How the cloud finds out is its own business.
            tunnels.cloud.ip("route", "replace", SITE, "dev", "t2")
            ping.await_more()
            with tunnels.cut(1):
                await_ways(device, "default", set(), *where)
                # Nothing takes another way out.
                assert device.run("ip", "route", "get", host(CLOUD), check=False).returncode
        await_ways(device, "default", {first, second}, *where)
        ping.await_more()


@pytest.mark.parametrize("stage", ["lab", "legacy_lab"])
@pytest.mark.parametrize("mode", ["ikev2", pytest.param("main", marks=FULL)])
def test_one_daemon_holds_both_tunnels(request, stage, mode):
    """Each with its own key. Which of them carries a packet needs interfaces: see above."""
    lab, connection = request.getfixturevalue(stage), dual_of(tunnel=tunnel_of(mode))
    for tunnel in connection.tunnels.all():
        lab.offer(connection, tunnel)
    made = generate_both(DIALECTS[lab.center.DIALECT], both_tunnels(connection))
    assert not made.refused, made.notes
    lab.center.load_files(dict(made.files))
    names = {f"{connection.resource_id}-{tunnel.index}" for tunnel in connection.tunnels.all()}
    for side in lab.sides:
        wait_for(lambda side=side: len(side.installed()) == 2, for_what="two tunnels", patience=PATIENCE)
    assert {sa["name"] for sa in lab.center.sas()} == set(lab.center.connections()) == names
    addresses = {tunnel.internet_ip for tunnel in connection.tunnels.all()}
    assert {text(sa, "remote-host") for sa in lab.center.sas()} == addresses
    TALLY["tunnels"] += 2
