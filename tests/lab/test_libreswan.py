"""Libreswan negotiates with what the console prints for it, as far as the kernel goes: see tests/lab/pluto.py."""

import itertools
import re

import pytest

from tests.lab import cloud as table
from tests.lab.namespaces import LabError
from tests.lab.pluto import NO_ESP
from tests.lab.stage import CENTER_NETWORKS, CLOUD_NETWORKS, TALLY, connection_of, host, text
from tests.lab.test_bgp import bgp_connection
from tests.lab.test_keys import LONG, TRAPS
from tests.lab.test_tunnels import IDENTITIES, MODES, tunnel_of
from vpnconsole.testing.waiting import wait_for

# Libreswan lacks the groups that the product has by default.
STRONG = {"ike_pfs": "group14", "ipsec_pfs": "group14"}


def full(*values):
    """Parameters for the full lab alone."""
    return [pytest.param(value, marks=pytest.mark.full) for value in values]


def negotiate(lab, connection, change=lambda files: files):
    """Load the text, send a packet between each pair of networks, and check what both ends agree on."""
    cloud, center = table.selectors(connection)
    lab.offer(connection)
    lab.load(connection, change)
    for number, pair in enumerate(itertools.product(center, cloud), start=1):
        if connection.routing_mode == "protected" and not connection.enable_bgp:
            send(lab, *pair)
        wait_for(lambda count=number: agreed(lab, connection) >= count, for_what="an agreement", patience=lab.patience)
    check_phase_1(lab, connection)
    check_phase_2(lab, connection)
    TALLY["tunnels"] += 1


def send(lab, source, target):
    """One packet, for which the kernel asks pluto. It may get lost."""
    policies = ("xfrm", "policy", "list", "src", source, "dst", target, "dir", "out")
    wait_for(lambda: lab.center_space.ip(*policies), for_what="the kernel has a policy", patience=lab.patience)
    lab.center_space.run("ping", "-n", "-q", "-c1", "-W0.05", "-I", host(source), host(target), check=False)


def agreed(lab, connection) -> int:
    """How many pairs both ends have agreed on. IKEv1 needs a last message, which pluto sends after the kernel."""
    if connection.tunnel.ike_version == "ikev2":
        return len(lab.cloud.installed())
    return lab.center.tail(1000).count(NO_ESP) or len(lab.cloud.installed())


def check_phase_1(lab, connection):
    tunnel = connection.tunnel
    encryption, size = table.ENCRYPTION[tunnel.ike_enc_alg]
    # The kernel knows of a tunnel a moment before the daemon calls it established.
    wait_for(
        lambda: {text(sa, "state") for sa in lab.cloud.sas()} == {"ESTABLISHED"},
        for_what="phase 1 is established", patience=lab.patience,
    )  # fmt: skip
    for sa in lab.cloud.sas():
        assert text(sa, "version") == tunnel.ike_version.removeprefix("ikev")
        assert (text(sa, "encr-alg"), text(sa, "encr-keysize")) == (encryption, size)
        assert text(sa, "integ-alg") == table.INTEGRITY[tunnel.ike_auth_alg]
        assert text(sa, "dh-group") == table.GROUP[tunnel.ike_pfs]
    mode = "aggressive" if "AGGRESSIVE" in lab.cloud.tail(200) else "main"
    assert tunnel.ike_version == "ikev2" or mode == tunnel.ike_mode


def check_phase_2(lab, connection):
    tunnel = connection.tunnel
    encryption, size = table.ENCRYPTION[tunnel.ipsec_enc_alg]
    words = [f"{encryption}_{size}" if size else encryption, table.INTEGRITY[tunnel.ipsec_auth_alg]]
    with_group = "/".join([*words, *filter(None, [table.GROUP[tunnel.ipsec_pfs]])])
    # IKEv2 creates the first child with the group of phase 1.
    expected = {with_group} if tunnel.ike_version == "ikev1" else {with_group, "/".join(words)}
    selected = set(re.findall("selected proposal: ESP:(.*)/NO_EXT_SEQ", lab.cloud.tail(1000)))
    assert selected
    assert selected <= expected
    if tunnel.ike_version == "ikev2":
        children = lab.cloud.installed()
        pairs = {(child["local-ts"][0].decode(), child["remote-ts"][0].decode()) for child in children}
        assert pairs == set(itertools.product(*table.selectors(connection)))


def without_interface(files):
    """The same files for a kernel without XFRM interfaces."""
    return {name: re.sub("  ipsec-interface=.*\n", "", content) for name, content in files.items()}


@pytest.mark.parametrize("mode", MODES)
def test_every_mode(pluto_lab, mode):
    negotiate(pluto_lab, connection_of(tunnel_of(mode, **STRONG)))


@pytest.mark.parametrize("mode", ["aggressive", *full("main", "ikev2")])
@pytest.mark.parametrize("identities", ["names", *full("mail address")])
def test_names_as_identities(pluto_lab, mode, identities):
    local, remote = IDENTITIES[identities]
    negotiate(pluto_lab, connection_of(tunnel_of(mode, local_id=local, remote_id=remote, **STRONG)))


@pytest.mark.parametrize("count", [2, *full(3)])
def test_several_networks(pluto_lab, count):
    networks = {"local_subnet": CLOUD_NETWORKS[:count], "remote_subnet": CENTER_NETWORKS[:count]}
    negotiate(pluto_lab, connection_of(STRONG, **networks))


@pytest.mark.parametrize("mode", ["ikev2", *full("main", "aggressive")])
def test_routes_decide_in_destination_mode(pluto_lab, mode):
    connection = connection_of(tunnel_of(mode, **STRONG), routing_mode="destination", local_subnet=[], remote_subnet=[])
    negotiate(pluto_lab, connection, without_interface)


def test_bgp_negotiates_everything(pluto_lab):
    connection = bgp_connection()
    for name, value in STRONG.items():
        setattr(connection.tunnel, name, value)
    negotiate(pluto_lab, connection, without_interface)


@pytest.mark.full
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("encryption", ["aes", "aes192", "3des"])
@pytest.mark.parametrize("authentication", ["md5", "sha1", "sha384", "sha512"])
def test_algorithms(pluto_lab, mode, encryption, authentication):
    words = (encryption, authentication, "group5", encryption, authentication, "disabled")
    negotiate(pluto_lab, connection_of(tunnel_of(mode, words)))


@pytest.mark.full
@pytest.mark.parametrize("key", [*TRAPS, LONG[:100]], ids=lambda key: key[:12])
def test_keys_that_look_like_something_else(pluto_lab, key):
    negotiate(pluto_lab, connection_of(STRONG | {"psk": key}))


def test_ikev1_needs_its_policy(pluto_lab):
    connection = connection_of(tunnel_of("main", **STRONG))

    def as_before(files):
        return {name: content.replace("  ikev1-policy=accept\n", "") for name, content in files.items()}

    with pytest.raises(LabError, match="ikev1-policy does not allow IKEv1"):
        pluto_lab.load(connection, as_before)


@pytest.mark.full
def test_of_several_setup_sections_only_the_first_with_settings_counts(pluto_lab):
    """Why the text tells people with settings of their own to move the one that it brings."""
    stock = pluto_lab.center.conf.read_text()
    pluto_lab.center.conf.write_text(stock.replace("config setup\n", "config setup\n\tuniqueids=yes\n"))
    try:
        with pytest.raises(LabError, match="ikev1-policy does not allow IKEv1"):
            pluto_lab.load(connection_of(tunnel_of("main", **STRONG)))
    finally:
        pluto_lab.center.conf.write_text(stock)
