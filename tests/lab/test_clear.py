"""Nothing between protected networks leaves in clear: not with a wrong key, not before a tunnel, not without a daemon.

The policies are the kernel's. Without ESP in it the tunnel itself stays down, which changes nothing about that.
"""

import pytest

from connections.peer_config import from_connection
from tests.documents import put
from tests.lab.stage import CENTER_NETWORKS, CLOUD_NETWORKS, connection_of, host
from tests.lab.test_libreswan import STRONG, send
from vpnconsole.testing.waiting import wait_for

# What the texts said before, which starts the tunnel and holds nothing back.
OPEN = {
    "swanctl": ("start_action = trap|start", "start_action = start"),
    "strongswan": ("auto=route", "auto=start"),
    "libreswan": ("auto=ondemand", "auto=start"),
}


@pytest.fixture
def lab(kernel_lab):
    return kernel_lab


@pytest.fixture
def arrived(lab):
    with lab.counted() as count:
        yield count


def refused(lab) -> bool:
    """Whether the cloud has refused the device's key."""
    return "MAC mismatched" in lab.cloud.tail(1000)


def load_with_a_wrong_key(lab, change=lambda files: files):
    connection = connection_of(STRONG)
    lab.offer(connection)
    lab.load(connection, change, document=put(from_connection(connection), "psk", "not-this-one"))


def test_with_a_wrong_key_no_packet_leaves(lab, arrived):
    load_with_a_wrong_key(lab)
    send(lab, CENTER_NETWORKS[0], CLOUD_NETWORKS[0])
    wait_for(lambda: refused(lab), for_what="the cloud refuses the key", patience=lab.patience)
    send(lab, CENTER_NETWORKS[0], CLOUD_NETWORKS[0])
    assert arrived() == 0


def test_before_packets_left_in_clear(lab, arrived):
    """Otherwise the test above would not show anything."""
    before = OPEN[lab.center.DIALECT]
    load_with_a_wrong_key(lab, lambda files: {name: text.replace(*before) for name, text in files.items()})
    wait_for(lambda: refused(lab), for_what="the cloud refuses the key", patience=lab.patience)
    ping(lab.center_space, CENTER_NETWORKS[0], CLOUD_NETWORKS[0])
    assert arrived() == 1


def test_with_the_right_key_the_tunnel_starts(lab, arrived):
    """With swanctl at once, with the others by the first packet."""
    connection = connection_of(STRONG)
    lab.offer(connection)
    lab.load(connection)
    if lab.center.DIALECT != "swanctl":
        send(lab, CENTER_NETWORKS[0], CLOUD_NETWORKS[0])
    # If the kernel lacks ESP, the device deletes it at once.
    wait_for(lambda: "established with SPIs" in lab.cloud.tail(1000), for_what="a tunnel", patience=lab.patience)
    assert arrived() == 0


def ping(space, source, target):
    space.run("ping", "-n", "-q", "-c1", "-W0.05", "-I", host(source), host(target), check=False)
