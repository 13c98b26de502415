"""The commands about forwarding and the firewall, in the comments of the texts for Linux, do what they are for."""

import re

import pytest

from connections.peer_config import DIALECTS, from_connection, generate
from connections.peer_config.dialect import TUNNEL_MSS
from tests.lab.namespaces import namespace
from tests.lab.stage import CLOUD_ADDRESS, CLOUD_NETWORKS, Lab, connection_of, host

OFFICE, OFFICE_ADDRESS = "172.31.9.0/24", "172.31.9.2"
# A usual firewall, with the tables and chains that the comments name.
FIREWALL = (
    "add table inet filter",
    "add chain inet filter forward { type filter hook forward priority 0; }",
    "add table ip nat",
    "add chain ip nat postrouting { type nat hook postrouting priority 100; }",
    "add rule ip nat postrouting oifname vb masquerade",
)


@pytest.fixture
def device(lab):
    """The device, which does not forward yet, with a host behind it."""
    device = lab.center_space
    for words in FIREWALL:
        device.run("nft", words)
    device.run("sysctl", "-qw", "net.ipv4.ip_forward=0")
    device.ip("route", "add", "10.0.0.0/8", "via", CLOUD_ADDRESS)
    yield device
    device.ip("route", "del", "10.0.0.0/8")
    device.run("nft", "flush ruleset")
    device.run("sysctl", "-qw", "net.ipv4.ip_forward=1")


@pytest.fixture
def office(device):
    with namespace("office") as office:
        Lab.wire(device, "vi", host(OFFICE), office, "vo", OFFICE_ADDRESS)
        office.ip("route", "add", "default", "via", host(OFFICE))
        yield office


def run_comments(device, **changed):
    text = next(iter(generate(DIALECTS["swanctl"], from_connection(connection_of(**changed))).files.values()))
    commands = re.findall(r"^#   (nft .*|sysctl -w net.ipv4.*)$", text, re.MULTILINE)
    assert len(commands) == text.count("#   nft") + 1
    for command in commands:
        device.run("sh", "-c", command)


def drop_last_rule(device):
    rules = device.run("nft", "-a", "list", "chain", "inet", "filter", "forward").stdout
    (handle,) = re.findall(r"rt ipsec missing drop # handle (\d+)", rules)
    device.run("nft", f"delete rule inet filter forward handle {handle}")


def test_without_a_daemon_nothing_is_forwarded_in_clear(lab, device, office):
    run_comments(device, local_subnet=CLOUD_NETWORKS[:2], remote_subnet=[OFFICE])
    ping = ("ping", "-n", "-q", "-c1", "-W0.05", host(CLOUD_NETWORKS[0]))
    with lab.counted() as arrived:
        office.run(*ping, check=False)
        assert arrived() == 0
        drop_last_rule(device)
        office.run(*ping, check=False)
        assert arrived() == 1


def test_the_source_stays_and_the_segment_size_is_the_tunnels(lab, device, office):
    run_comments(device, local_subnet=CLOUD_NETWORKS[:2], remote_subnet=[OFFICE])
    drop_last_rule(device)
    with lab.counted() as arrived:
        # Before the counter: other packets do not reach it.
        lab.cloud_space.run("nft", f"insert rule ip c i ip saddr != {OFFICE_ADDRESS} drop")
        lab.cloud_space.run("nft", f"insert rule ip c i tcp option maxseg size != {TUNNEL_MSS} drop")
        office.run("timeout", "0.1", "bash", "-c", f": < /dev/tcp/{host(CLOUD_NETWORKS[0])}/9", check=False)
        assert arrived() >= 1


def test_the_kernel_takes_the_rules_for_a_routed_tunnel(device):
    run_comments(device, routing_mode="destination", local_subnet=[], remote_subnet=[])
    assert "maxseg size set rt mtu" in device.run("nft", "list ruleset").stdout
