"""What the formats for Linux say around the tunnel. tests/lab proves what a daemon or a kernel can."""

import re

import pytest

from connections.domain.choices import IkeMode, IkeVersion
from connections.peer_config import DIALECTS, generate
from connections.peer_config.dialect import PLACEHOLDER, TUNNEL_MSS
from tests.documents import BGP, KINDS, PLAIN, POLICIES_ALONE, make_document, put, suited

TUNNELS = ("swanctl", "strongswan", "libreswan")
ROUTED = ("destination", "bgp")
IKEV1 = {
    "main": make_document(ike__version=IkeVersion.IKEV1),
    "aggressive": make_document(ike__version=IkeVersion.IKEV1, ike__mode=IkeMode.AGGRESSIVE),
}


def written(key, document) -> str:
    configuration = generate(DIALECTS[key], document)
    assert not configuration.refused, configuration.notes
    return "".join(configuration.files.values())


def settings(text) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def notes(key, document) -> set[str]:
    return {note.code for note in generate(DIALECTS[key], document).notes}


@pytest.mark.parametrize(
    ("key", "closed"),
    [
        ("swanctl", ["start_action = trap|start"]),
        ("strongswan", ["auto=route"]),
        ("libreswan", ["failureshunt=drop", "auto=ondemand"]),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_protected_networks_never_leave_in_clear(key, closed, kind):
    """Routes lead into an interface, which is closed without a tunnel; networks need a policy in the kernel."""
    document = KINDS[kind]
    lines = settings(written(key, document))
    started = {line for line in lines if re.match(r"start_action|auto=|failureshunt", line)}
    if document.is_route_based:
        assert started == {{"swanctl": "start_action = start"}.get(key, "auto=start")}
    else:
        assert started == set(closed)


@pytest.mark.parametrize("mode", IKEV1)
def test_libreswan_is_told_to_take_ikev1(mode):
    lines = settings(written("libreswan", IKEV1[mode]))
    assert lines[:3] == ["config setup", "ikev1-policy=accept", f"conn {PLAIN.connection_id}"]
    assert "config setup" not in settings(written("libreswan", PLAIN))


@pytest.mark.parametrize("key", TUNNELS)
def test_the_key_is_written_once(key):
    assert PLAIN.psk not in written(key, PLAIN)
    assert "base64 -d" in written(key, PLAIN)


@pytest.mark.parametrize("key", TUNNELS)
@pytest.mark.parametrize("kind", KINDS)
def test_comments_tell_what_the_site_needs_besides_the_tunnel(key, kind):
    document, text = KINDS[kind], written(key, KINDS[kind])
    assert "#   sysctl -w net.ipv4.ip_forward=1" in text
    if document.is_route_based:
        assert "tcp option maxseg size set rt mtu" in text
        assert "rt ipsec missing" not in text
        return
    own, other = (f"{{ {', '.join(networks)} }}" for networks in (document.local_networks, document.remote_networks))
    for rule in (
        f"insert rule ip nat postrouting ip saddr {own} ip daddr {other} accept",
        f"add rule inet filter forward ip daddr {other} tcp flags syn tcp option maxseg size set {TUNNEL_MSS}",
        f"add rule inet filter forward ip saddr {other} tcp flags syn tcp option maxseg size set {TUNNEL_MSS}",
        f"add rule inet filter forward ip daddr {other} rt ipsec missing drop",
    ):
        assert f"#   nft '{rule}'" in text


@pytest.mark.parametrize("key", TUNNELS)
@pytest.mark.parametrize("kind", ROUTED)
def test_what_the_site_fills_in_has_one_prefix(key, kind):
    text = written(key, KINDS[kind])
    assert not re.search(rf"(?<!{PLACEHOLDER})\b(eth0|ADDRESS|CLOUD-NETWORK|MASK|NAME)\b", text)
    filled_in = PLACEHOLDER in "".join(line for line in text.splitlines() if line.startswith("#   "))
    assert ("placeholders" in notes(key, KINDS[kind])) == filled_in


def test_libreswan_says_for_which_release_it_is_written():
    assert "Libreswan 4" in written("libreswan", PLAIN)


@pytest.mark.parametrize(
    "key", [key for key, one in DIALECTS.items() if not one.bgp_only and key not in POLICIES_ALONE]
)
def test_protected_networks_with_bgp_are_negotiated_as_everything(key):
    both, plain, bgp = (suited(DIALECTS[key], one) for one in (make_document(bgp=BGP), PLAIN, KINDS["bgp"]))
    assert "any_to_any" in notes(key, both)
    assert "any_to_any" not in notes(key, plain) | notes(key, bgp)


@pytest.mark.parametrize("key", ["frr", "bird"])
def test_routers_tell_what_a_session_lacks(key):
    keyless = put(KINDS["bgp"], "bgp.key", "")
    assert "no_bgp_key" in notes(key, keyless)
    assert "no_bgp_key" not in notes(key, KINDS["bgp"])
    assert "only_protected" in notes(key, make_document(bgp=BGP))
    assert "only_protected" not in notes(key, KINDS["bgp"])
