"""The vendors' own parsers accept every kind of configuration, with any user input, without a tunnel."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connections.domain import limits, rules
from connections.domain.choices import AuthenticationAlgorithm, DhGroup, EncryptionAlgorithm, IkeVersion, PfsGroup
from connections.peer_config import DIALECTS, generate
from connections.peer_config.dialect import value_at
from tests.documents import BGP, KINDS, make_document, put
from tests.lab.namespaces import LabError, run
from tests.lab.routers import Bird, Frr
from vpnconsole.testing.machine import find_libreswan

pytestmark = pytest.mark.usefixtures("_able")

names = st.text(max_size=40)
keys = st.text(st.sampled_from(sorted(rules.PSK_CHARACTERS)), min_size=1, max_size=limits.PSK_LENGTH)
identities = st.from_regex(r"\A[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?(\.[a-z]{2,6}){0,2}\Z")
bgp_keys = st.text(
    st.sampled_from([chr(code) for code in range(0x21, 0x7F) if chr(code) != "?"]), max_size=limits.AUTH_KEY_LENGTH
)
few = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
KINDS_OF_BGP = {
    "destination": KINDS["bgp"],
    "protected": make_document(bgp=BGP),
    "several": put(KINDS["several networks"], "bgp", BGP),
    "no key": put(KINDS["bgp"], "bgp.key", ""),
    "nothing to announce": put(KINDS["bgp"], "destinations", ()),
}


def written(tmp_path, key, document):
    """Write the files of a dialect."""
    configuration = generate(DIALECTS[key], document)
    assert not configuration.refused, configuration.notes
    paths = []
    for name, content in configuration.files.items():
        path = tmp_path / name
        path.write_text(content)
        paths.append(path)
    return paths


@pytest.mark.parametrize(("key", "router"), [("frr", Frr), ("bird", Bird)])
@pytest.mark.parametrize("kind", KINDS_OF_BGP)
def test_routers_read_every_kind(tmp_path, key, router, kind):
    (path,) = written(tmp_path, key, KINDS_OF_BGP[kind])
    router.check(path)


@pytest.mark.parametrize(("key", "router"), [("frr", Frr), ("bird", Bird)])
def test_routers_do_not_read_nonsense(tmp_path, key, router):
    (path,) = written(tmp_path, key, KINDS_OF_BGP["protected"])
    path.write_text(path.read_text().replace("neighbor", "nieghbor"))
    with pytest.raises(LabError):
        router.check(path)


@pytest.mark.parametrize(("key", "router"), [("frr", Frr), ("bird", Bird)])
@few
@given(name=names, bgp_key=bgp_keys)
def test_routers_read_whatever_people_type(tmp_path, key, router, name, bgp_key):
    document = put(make_document(name=name, bgp=BGP), "bgp.key", bgp_key)
    if generate(DIALECTS[key], document).refused:
        assert '"' in bgp_key
        return
    (path,) = written(tmp_path, key, document)
    router.check(path)


def addconn(path):
    run(find_libreswan("addconn"), "--config", path, "--checkconfig")


LIBRESWANS = [kind for kind, one in KINDS.items() if not generate(DIALECTS["libreswan"], one).refused]


@pytest.mark.parametrize("kind", LIBRESWANS)
def test_libreswan_reads_every_kind(tmp_path, kind):
    conf, _secrets = written(tmp_path, "libreswan", KINDS[kind])
    addconn(conf)


def test_libreswan_does_not_read_nonsense(tmp_path):
    conf, _secrets = written(tmp_path, "libreswan", KINDS["protected"])
    conf.write_text(conf.read_text().replace("  rightid", "  wrongid"))
    with pytest.raises(LabError):
        addconn(conf)


@few
@given(name=names, local=identities, remote=identities, key=keys)
def test_libreswan_reads_whatever_people_type(tmp_path, name, local, remote, key):
    document = make_document(name=name, local_id=local, remote_id=remote, psk=key)
    conf, _secrets = written(tmp_path, "libreswan", document)
    addconn(conf)


# checkconfig does not check proposals; another program of Libreswan does.
PLACES = {
    "ike.encryption": EncryptionAlgorithm,
    "ike.authentication": AuthenticationAlgorithm,
    "ike.group": DhGroup,
    "ipsec.encryption": EncryptionAlgorithm,
    "ipsec.authentication": AuthenticationAlgorithm,
    "ipsec.pfs": PfsGroup,
}


@pytest.mark.parametrize("version", IkeVersion)
@pytest.mark.parametrize("path", PLACES)
def test_libreswan_has_what_is_offered_for_it_and_lacks_what_is_refused(tmp_path, version, path):
    dialect = DIALECTS["libreswan"]
    for member in PLACES[path]:
        document = put(make_document(ike__version=version), path, member)
        word = dialect.keywords[path][member]
        if word is None:
            # strongSwan's keyword, which is also Libreswan's if it has one.
            word = DIALECTS["strongswan"].keywords[path][value_at(document, path)]
            proposal = {"ike.encryption": f"ike={word}-sha1;modp2048", "ike.group": f"ike=aes128-sha1;{word}"}.get(
                path, f"esp={word}-sha1" if path == "ipsec.encryption" else f"esp=aes128-sha1;{word}"
            )
            with pytest.raises(LabError, match="not supported"):
                algparse(version, proposal, pfs=True)
            continue
        conf, _secrets = written(tmp_path, "libreswan", document)
        settings_of = dict(line.strip().split("=", 1) for line in conf.read_text().splitlines() if "=" in line)
        algparse(version, f"ike={settings_of['ike']}")
        algparse(version, f"esp={settings_of['phase2alg']}", pfs=settings_of["pfs"] == "yes")


def algparse(version, proposal, pfs=False):
    done = run(find_libreswan("algparse"), f"-v{version[-1]}", f"-pfs={'yes' if pfs else 'no'}", proposal)
    if "ERROR" in done.stdout + done.stderr or "ignoring" in done.stdout + done.stderr:
        raise LabError(done.stdout + done.stderr)


@few
@given(name=names, local=identities, remote=identities, key=keys)
def test_swanctl_reads_whatever_people_type(lab, name, local, remote, key):
    document = make_document(name=name, local_id=local, remote_id=remote, psk=key)
    lab.center.load_files(dict(generate(DIALECTS["swanctl"], document).files))
    (conn,) = lab.center.connections().values()
    assert conn["local-1"]["id"].decode() == local
    assert conn["remote-1"]["id"].decode() == remote
    assert lab.center.session.get_shared()["keys"] == [f"ike-{document.connection_id}".encode()]


@pytest.mark.parametrize("stage", ["lab", "legacy_lab"])
@pytest.mark.parametrize("kind", KINDS)
def test_strongswan_reads_every_kind(request, stage, kind):
    lab, document = request.getfixturevalue(stage), KINDS[kind]
    lab.center.load_files(dict(generate(DIALECTS[lab.center.DIALECT], document).files))
    (conn,) = lab.center.connections().values()
    (child,) = conn["children"].values()
    assert tuple(value.decode() for value in child["local-ts"]) == document.local_selectors
    assert tuple(value.decode() for value in child["remote-ts"]) == document.remote_selectors


def test_ikev1_takes_several_networks_one_pair_at_a_time(request, lab):
    document = put(KINDS["several networks"], "ike.version", IkeVersion.IKEV1)
    lab.center.load_files(dict(generate(DIALECTS["swanctl"], document).files))
    (conn,) = lab.center.connections().values()
    pairs = [(child["local-ts"][0].decode(), child["remote-ts"][0].decode()) for child in conn["children"].values()]
    assert pairs == document.pairs


def test_swanctl_does_not_read_nonsense(lab):
    files = dict(generate(DIALECTS["swanctl"], KINDS["protected"]).files)
    for good, bad in (("mobike", "mobyke"), ("  children {", "  children"), ("secret = .*", "secret = 0s!!")):
        with pytest.raises(LabError):
            lab.center.load_files({name: re.sub(good, bad, content) for name, content in files.items()})
