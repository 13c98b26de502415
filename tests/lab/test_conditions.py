"""Tunnels in real conditions: a NAT on the path, and a peer that goes silent, is late, or initiates."""

import re

import pytest

from tests.lab.namespaces import LabError
from tests.lab.stage import CENTER_NETWORKS, CLOUD_NETWORKS, connection_of, host, text
from vpnconsole.testing.waiting import wait_for

SILENCE = (
    "add table ip f",
    "add chain ip f i { type filter hook input priority 0; }",
    "add rule ip f i ip protocol udp drop",
)


def silence(space):
    for words in SILENCE:
        space.run("nft", words)


def speak(space):
    space.run("nft", "delete table ip f")


@pytest.mark.parametrize("mode", ["main", "aggressive", "ikev2"])
def test_a_device_behind_nat(nat_lab, mode):
    """The customer gateway's address belongs to the NAT, not to the device."""
    tunnel = {"ike_version": "ikev2" if mode == "ikev2" else "ikev1", "ike_mode": mode.replace("ikev2", "main")}
    nat_lab.prove(connection_of(tunnel))
    (sa,) = nat_lab.cloud.sas()
    assert text(sa, "remote-host") == "203.0.113.20"
    (sa,) = nat_lab.center.sas()
    assert text(sa, "local-host") == "172.30.0.20"


def quickly(files):
    """The same files with 1 second instead of 10, and 3 instead of 30."""
    patient = {r"dpd_delay = 10s": "dpd_delay = 1s", r"dpd_timeout = 30s": "dpd_timeout = 3s"}
    patient |= {"dpddelay=10s": "dpddelay=1s", "dpdtimeout=30s": "dpdtimeout=3s"}
    for slow, quick in patient.items():
        files = {name: content.replace(slow, quick) for name, content in files.items()}
    return files


@pytest.mark.full
@pytest.mark.parametrize(("stage", "version"), [("lab", "ikev1"), ("lab", "ikev2"), ("legacy_lab", "ikev2")])
def test_a_silent_peer_is_noticed_and_the_tunnel_comes_back_by_itself(request, stage, version):
    lab, connection = request.getfixturevalue(stage), connection_of({"ike_version": version})
    lab.offer(connection)
    lab.load(connection, change=quickly)
    lab.await_tunnel()
    (before,) = (text(sa, "uniqueid") for sa in lab.center.sas())
    silence(lab.cloud_space)
    try:
        wait_for(
            lambda: before not in [text(sa, "uniqueid") for sa in lab.center.sas()], for_what="the silence is noticed"
        )
    finally:
        speak(lab.cloud_space)
    wait_for(lab.center.installed, for_what="a new tunnel")
    lab.ping(host(CENTER_NETWORKS[0]), host(CLOUD_NETWORKS[0]))


@pytest.mark.full
@pytest.mark.parametrize("stage", ["lab", "legacy_lab"])
def test_a_device_keeps_trying_until_the_cloud_is_there(request, stage):
    lab, connection = request.getfixturevalue(stage), connection_of()
    lab.offer(connection)
    silence(lab.cloud_space)
    try:
        lab.load(connection)
        wait_for(lambda: re.search("giving up after 6 retransmits", lab.center.tail(200)), for_what="the first despair")
    finally:
        speak(lab.cloud_space)
    wait_for(lab.center.installed, for_what="a tunnel")


@pytest.mark.parametrize("mode", ["main", "aggressive", "ikev2"])
def test_the_cloud_may_begin(lab, monkeypatch, mode):
    """With Effective Immediately the cloud initiates. The device's first attempt came too early."""
    tunnel = {"ike_version": "ikev2" if mode == "ikev2" else "ikev1", "ike_mode": mode.replace("ikev2", "main")}
    connection = connection_of(tunnel)
    lab.load(connection)
    with monkeypatch.context() as impatient:
        impatient.setattr(lab, "silence", 0.3)
        with pytest.raises(LabError, match="without a tunnel"):
            lab.await_tunnel()
    lab.offer(connection)
    list(lab.cloud.session.initiate({"child": "cloud1"}))
    lab.await_tunnel()
    lab.check_traffic(connection)
