"""The printed configuration for strongSwan brings up the tunnel that the connection describes."""

import itertools

import pytest

from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IkeMode,
    IkeVersion,
    PfsGroup,
)
from tests.lab.stage import CENTER_NETWORKS, CLOUD_NETWORKS, connection_of

ENCRYPTION, AUTHENTICATION = list(EncryptionAlgorithm), list(AuthenticationAlgorithm)
GROUPS, PFS = list(DhGroup), list(PfsGroup)
MODES = {
    "main": (IkeVersion.IKEV1, IkeMode.MAIN),
    "aggressive": (IkeVersion.IKEV1, IkeMode.AGGRESSIVE),
    "ikev2": (IkeVersion.IKEV2, IkeMode.MAIN),
}
FIELDS = ("ike_enc_alg", "ike_auth_alg", "ike_pfs", "ipsec_enc_alg", "ipsec_auth_alg", "ipsec_pfs")


def pairwise():
    """25 combinations that contain every pair of options: an orthogonal array of six columns with five levels."""
    for i, j in itertools.product(range(5), repeat=2):
        columns = [i, j, *((i + factor * j) % 5 for factor in range(1, 5))]
        order = (ENCRYPTION, AUTHENTICATION, PFS, ENCRYPTION, AUTHENTICATION, GROUPS)
        ike_enc, ike_auth, pfs, enc, auth, group = (
            options[column % len(options)] for options, column in zip(order, columns, strict=True)
        )
        yield ike_enc, ike_auth, group, enc, auth, pfs


def every_ike():
    for combination in itertools.product(ENCRYPTION, AUTHENTICATION, GROUPS):
        yield *combination, EncryptionAlgorithm.AES, AuthenticationAlgorithm.SHA1, PfsGroup.GROUP2


def every_ipsec():
    for combination in itertools.product(ENCRYPTION, AUTHENTICATION, PFS):
        yield EncryptionAlgorithm.AES, AuthenticationAlgorithm.SHA1, DhGroup.GROUP2, *combination


def combinations(full: bool):
    found = itertools.chain(pairwise(), every_ike(), every_ipsec()) if full else pairwise()
    return list(dict.fromkeys(found))


def pytest_generate_tests(metafunc):
    if "combination" in metafunc.fixturenames:
        full = metafunc.config.getoption("--lab") == "full" and "lab" in metafunc.fixturenames
        metafunc.parametrize("combination", combinations(full), ids="-".join)


def tunnel_of(mode, combination=(), **changed):
    version, exchange = MODES[mode]
    return {"ike_version": version, "ike_mode": exchange, **dict(zip(FIELDS, combination, strict=False)), **changed}


def test_the_usual_run_lets_every_two_options_meet():
    order = (ENCRYPTION, AUTHENTICATION, GROUPS, ENCRYPTION, AUTHENTICATION, PFS)
    rows = list(pairwise())
    for (one, first), (other, second) in itertools.combinations(enumerate(order), 2):
        assert {(row[one], row[other]) for row in rows} == set(itertools.product(first, second))


@pytest.mark.parametrize("mode", MODES)
def test_every_combination_of_algorithms(lab, mode, combination):
    lab.prove(connection_of(tunnel_of(mode, combination)))


@pytest.mark.full
@pytest.mark.parametrize("mode", MODES)
def test_every_pair_of_algorithms_in_legacy_files(legacy_lab, mode, combination):
    legacy_lab.prove(connection_of(tunnel_of(mode, combination)))


@pytest.mark.parametrize("mode", MODES)
def test_legacy_files(legacy_lab, mode):
    legacy_lab.prove(connection_of(tunnel_of(mode)))


IDENTITIES = {
    "addresses": ("", ""),
    "other addresses": ("10.10.0.1", "192.168.50.1"),
    "names": ("gw.example.com", "dc.example.com"),
    "name and address": ("gw.example.com", ""),
    "address and name": ("", "dc-1.example.com"),
    "mail address": ("gw.example.com", "ops@example.com"),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("identities", IDENTITIES)
def test_addresses_and_names_as_identities(lab, mode, identities):
    local, remote = IDENTITIES[identities]
    lab.prove(connection_of(tunnel_of(mode, local_id=local, remote_id=remote)), rekey=False)


@pytest.mark.full
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("identities", IDENTITIES)
def test_addresses_and_names_as_identities_in_legacy_files(legacy_lab, mode, identities):
    local, remote = IDENTITIES[identities]
    legacy_lab.prove(connection_of(tunnel_of(mode, local_id=local, remote_id=remote)), rekey=False)


@pytest.mark.parametrize("count", [2, pytest.param(5, marks=pytest.mark.full)])
def test_several_networks(lab, count):
    lab.prove(connection_of(local_subnet=CLOUD_NETWORKS[:count], remote_subnet=CENTER_NETWORKS[:count]))


def test_several_networks_in_legacy_files(legacy_lab):
    legacy_lab.prove(connection_of(local_subnet=CLOUD_NETWORKS[:2], remote_subnet=CENTER_NETWORKS[:3]))


@pytest.mark.parametrize("mode", MODES)
def test_routes_decide_in_destination_mode(lab, mode):
    lab.prove(connection_of(tunnel_of(mode), routing_mode="destination", local_subnet=[], remote_subnet=[]))


def test_routes_decide_in_destination_mode_in_legacy_files(legacy_lab):
    legacy_lab.prove(connection_of(routing_mode="destination", local_subnet=[], remote_subnet=[]))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seconds", [0, 60, 3600])
def test_lifetimes(lab, mode, seconds):
    lab.prove(connection_of(tunnel_of(mode, ike_lifetime=seconds, ipsec_lifetime=seconds)), rekey=False)


def test_what_is_switched_off(lab):
    tunnel = tunnel_of("ikev2", enable_dpd=False, enable_nat_traversal=False, ipsec_pfs="disabled")
    lab.prove(connection_of(tunnel, effect_immediately=False))


@pytest.mark.parametrize("mode", MODES)
def test_the_file_for_opnsense(lab, monkeypatch, mode):
    """Only with protected data flows: no Linux has the tunnel interfaces of FreeBSD."""
    monkeypatch.setattr(lab.center, "DIALECT", "opnsense")
    lab.prove(connection_of(tunnel_of(mode)))
