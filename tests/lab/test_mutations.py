"""The lab can fail: it does if one value of the device's document is changed."""

import pytest
from django.db import models

from connections.peer_config import both_tunnels, from_connection
from tests.documents import paths, put
from tests.lab.namespaces import LabError
from tests.lab.routers import Bird, Frr
from tests.lab.stage import CENTER_NETWORKS, CLOUD_NETWORKS, Lab, connection_of, dual_of
from tests.lab.test_bgp import KEY, bgp_connection
from tests.lab.test_bgp import prove as prove_session
from tests.lab.test_two_tunnels import dual_bgp, routed, static
from vpnconsole.testing.waiting import TooLate

pytestmark = pytest.mark.full

# Values of a tunnel, by path in the document, with another value for each.
TUNNEL = {
    "connection_id": "vco-gw8somethingelse0000",
    "tunnel_id": "tun-gw8somethingelse0000",
    "name": "another",
    "local_ip": "203.0.113.21",
    "remote_ip": "198.18.255.1",
    "local_id": "other.example.com",
    "remote_id": "198.18.255.1",
    "psk": "correct~horse{battery}stapla",
    "routing_mode": "destination",
    "local_networks": tuple(CENTER_NETWORKS[:2]),
    "remote_networks": tuple(CLOUD_NETWORKS[1:2]),
    "destinations": (),
    "cloud_initiates": False,
    "ike.version": "ikev1",
    "ike.encryption": "aes192",
    "ike.authentication": "sha512",
    "ike.group": "group5",
    "ike.lifetime": 28800,
    "ipsec.encryption": "3des",
    "ipsec.authentication": "sha512",
    "ipsec.pfs": "disabled",
    "ipsec.lifetime": 3600,
    "dpd": False,
    "nat_traversal": False,
    "bgp": None,
    "health_check.source": "10.10.0.8",
    "health_check.destination": "192.168.50.8",
}
# IKEv2 has no modes.
MODE = {"ike.mode": "aggressive"}
SESSION = {
    "local_networks": (CENTER_NETWORKS[1],),
    "remote_networks": tuple(CLOUD_NETWORKS[:1]),
    "destinations": tuple(CENTER_NETWORKS[:2]),
    "bgp.local_asn": 65011,
    "bgp.local_ip": "169.254.11.3",
    "bgp.peer_asn": 64513,
    "bgp.peer_ip": "169.254.11.3",
    "bgp.cidr": "169.254.12.0/30",
    "bgp.key": "another",
}
# Values of the first or second of two tunnels, with whether BGP or static routes show them.
OF_TWO = {"index": (0, 2, False), "has_both": (0, False, False), "bgp.device_id": (1, "169.254.12.2", True)}
# Values without which there is no tunnel, no rekeying or no session; a check detects all others.
NO_TUNNEL = {
    "remote_ip",
    "local_id",
    "remote_id",
    "psk",
    "remote_networks",
    "ike.version",
    "ike.encryption",
    "ike.authentication",
    "ike.group",
    "ipsec.encryption",
    "ipsec.authentication",
    "ipsec.pfs",
}
NO_SESSION = {"local_networks", "remote_networks", "bgp.local_asn", "bgp.peer_asn", "bgp.peer_ip", "bgp.key"}


def broken(caught) -> bool:
    """Whether tunnel or session failed to come up, as opposed to a failed check."""
    return isinstance(caught.value, LabError | TooLate)


@pytest.fixture
def impatience(monkeypatch):
    """Shorten the waits, only for tunnels that must fail; others may be slow on a busy machine."""

    def begin():
        monkeypatch.setattr(Lab, "patience", 2)
        monkeypatch.setattr(Lab, "silence", 0.3)

    return begin


def tunnel_connection(**tunnel):
    return connection_of(
        {"remote_id": "dc.example.com", "psk": "correct~horse{battery}staple"} | tunnel,
        health_check=True,
        health_check_sip="10.10.0.9",
        health_check_dip="192.168.50.9",
    )


def changed(document, path, value):
    """A copy with another value, converted to the type at that path."""
    before = document
    for name in path.split("."):
        before = getattr(before, name)
    if isinstance(before, models.TextChoices):
        value = type(before)(value)
    assert value != before or path == "bgp"
    return put(document, path, value)


@pytest.mark.django_db
def test_every_place_of_the_document_is_changed_somewhere():
    plain, bgp = tunnel_connection(), bgp_connection(auth_key=KEY)
    places = {*paths(from_connection(plain)), *paths(from_connection(bgp))}
    assert places - {"health_check"} == {*TUNNEL, *MODE, *SESSION, *OF_TWO}


@pytest.mark.parametrize("stage", ["lab", "legacy_lab"])
@pytest.mark.parametrize("path", [path for path in TUNNEL if path != "bgp"])
def test_another_value_on_the_device_is_noticed(request, stage, path, impatience):
    if path in NO_TUNNEL:
        impatience()
    lab, connection = request.getfixturevalue(stage), tunnel_connection()
    document = changed(from_connection(connection), path, TUNNEL[path])
    with pytest.raises(AssertionError) as caught:
        lab.prove(connection, document)
    assert broken(caught) == (path in NO_TUNNEL), caught.value


@pytest.mark.parametrize("stage", ["lab", "legacy_lab"])
@pytest.mark.parametrize(("mode", "other"), [("main", "aggressive"), ("aggressive", "main")])
def test_another_mode_on_the_device_is_noticed(request, stage, mode, other, impatience):
    impatience()
    lab = request.getfixturevalue(stage)
    connection = tunnel_connection(ike_version="ikev1", ike_mode=mode)
    with pytest.raises((LabError, TooLate)):
        lab.prove(connection, changed(from_connection(connection), "ike.mode", other))


USUAL: dict[type, float] = {}


@pytest.mark.parametrize("router", [Frr, Bird])
@pytest.mark.parametrize("path", SESSION)
def test_another_value_in_the_session_is_noticed(lab, router, path):
    """The session fails if it takes several times as long as an unchanged one."""
    connection = bgp_connection("64512", "65010", KEY)
    if router not in USUAL:
        USUAL[router] = prove_session(lab, connection, router)
        lab.reset()
    document = changed(from_connection(connection), path, SESSION[path])
    # A session that must come up may be slow.
    patience = max(1.5, 3 * USUAL[router]) if path in NO_SESSION else lab.patience
    with pytest.raises(AssertionError) as caught:
        prove_session(lab, connection, router, document, patience=patience)
    assert broken(caught) == (path in NO_SESSION), caught.value
    print(f"{router.__name__} usually takes {USUAL[router]:.1f} s")


@pytest.mark.parametrize("path", OF_TWO)
def test_another_value_of_one_of_two_tunnels_is_noticed(tunnels, path):
    number, value, has_bgp = OF_TWO[path]
    connection = dual_bgp() if has_bgp else dual_of()
    documents = both_tunnels(connection)
    documents[number] = changed(documents[number], path, value)
    # That both ways are there takes no time once both tunnels are.
    proof = routed(tunnels, connection, documents, Frr) if has_bgp else static(tunnels, connection, documents, 2)
    with pytest.raises(AssertionError), proof:
        pass


def test_nothing_changed_is_no_mistake(lab):
    lab.prove(tunnel_connection())
