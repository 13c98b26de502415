"""Golden files: what each vendor's dialect prints for representative connections, reviewed by a person.

`python3 dev.py test tests/unit/test_golden.py --write-golden` writes them again; then review the differences as an
engineer of that vendor would.
"""

from pathlib import Path

import pytest

from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IkeMode,
    IkeVersion,
    PfsGroup,
)
from connections.peer_config import DIALECTS, generate, generate_both
from connections.peer_config.dialect import Group, Proof
from tests.documents import BGP, CLOUD_BGP, CLOUD_KEY, HEALTH_CHECK, KINDS, both, make_document, put

FOLDER = Path(__file__).parent.parent / "golden"
OLD = {
    "ike__version": IkeVersion.IKEV1,
    "ike__encryption": EncryptionAlgorithm.AES,
    "ike__authentication": AuthenticationAlgorithm.SHA1,
    "ike__group": DhGroup.GROUP2,
    "ipsec__encryption": EncryptionAlgorithm.TRIPLE_DES,
    "ipsec__authentication": AuthenticationAlgorithm.MD5,
    "ipsec__pfs": PfsGroup.GROUP5,
}
CONNECTIONS = {
    "ikev2-protected": KINDS["several networks"],
    "ikev2-destination": put(KINDS["destination"], "health_check", HEALTH_CHECK),
    "ikev2-bgp": make_document(bgp=BGP, dpd=False, nat_traversal=False, ipsec__pfs=PfsGroup.DISABLED),
    "ikev2-names": make_document(local_id="dc.example.com", remote_id="ops@example.com", psk="a'b\\c;d#e!f|g$h%i"),
    "ikev1-main": make_document(**OLD, ipsec__lifetime=3600),
    "ikev1-aggressive": make_document(**OLD | {"ike__group": DhGroup.GROUP5}, ike__mode=IkeMode.AGGRESSIVE),
    "ikev1-bgp": put(make_document(**OLD), "bgp", BGP),
}
# Other clouds have fewer options, and keys and blocks of their own; the last one is refused for many reasons.
IN_CLOUD = {"psk": CLOUD_KEY}
OLD_IN_CLOUD = IN_CLOUD | {
    "ike__version": IkeVersion.IKEV1,
    "ike__encryption": EncryptionAlgorithm.AES,
    "ike__authentication": AuthenticationAlgorithm.SHA1,
    "ike__group": DhGroup.GROUP2,
    "ipsec__encryption": EncryptionAlgorithm.AES,
    "ipsec__authentication": AuthenticationAlgorithm.SHA1,
    "ipsec__pfs": PfsGroup.GROUP2,
}
CLOUD_CONNECTIONS = {
    "ikev2-protected": make_document(**IN_CLOUD),
    "ikev2-several": put(KINDS["several networks"], "psk", CLOUD_KEY),
    "ikev2-destination": put(put(KINDS["destination"], "health_check", HEALTH_CHECK), "psk", CLOUD_KEY),
    "ikev2-bgp": make_document(**IN_CLOUD, bgp=CLOUD_BGP, dpd=False, nat_traversal=False),
    "ikev1-main": make_document(**OLD_IN_CLOUD, ipsec__lifetime=3600, health_check=HEALTH_CHECK),
    "ikev1-bgp": make_document(**OLD_IN_CLOUD, bgp=CLOUD_BGP, ike__lifetime=0),
    "refused": make_document(
        **OLD | {"ipsec__pfs": PfsGroup.DISABLED},
        ike__mode=IkeMode.AGGRESSIVE,
        local_id="dc.example.com",
        psk="0-~",
        bgp=put(put(BGP, "local_asn", 23456), "peer_asn", 65515),
    ),
}


# These devices lack the old options; with those in their place their texts for ikev1 are worth reading.
NEWER = {"pfsense", "opnsense"}
NEWER_OPTIONS = {
    "ipsec.encryption": EncryptionAlgorithm.AES,
    "ipsec.authentication": AuthenticationAlgorithm.SHA1,
}


def newer(document):
    if document.ike.version == IkeVersion.IKEV1:
        for path, option in NEWER_OPTIONS.items():
            document = put(document, path, option)
    return document


# For a device with both tunnels.
TWO_TUNNELS = {
    "two-bgp": both(KINDS["bgp"]),
    "two-destination": both(KINDS["destination"]),
}


def connections_of(dialect):
    if dialect.key in NEWER:
        return {name: newer(document) for name, document in CONNECTIONS.items()}
    return CLOUD_CONNECTIONS if dialect.group == Group.CLOUDS else CONNECTIONS


CASES = [
    (key, name)
    for key, dialect in DIALECTS.items()
    if dialect.proof in (Proof.TABLE, Proof.SHAPE)
    for name in (*connections_of(dialect), *(() if dialect.group == Group.CLOUDS else TWO_TUNNELS))
]


def written(key, name) -> str:
    """Everything that a user gets: the files, which contain the notes, or the reasons of a refusal."""
    if name in TWO_TUNNELS:
        configuration = generate_both(DIALECTS[key], TWO_TUNNELS[name])
    else:
        configuration = generate(DIALECTS[key], connections_of(DIALECTS[key])[name])
    parts = [f"[refused] {note.text!s}\n" for note in configuration.notes if note.refuses]
    for file, text in configuration.files.items():
        parts.append(f"--- {file}\n{text}")
    return "".join(parts)


@pytest.mark.parametrize(("key", "name"), CASES)
def test_the_text_is_the_one_that_was_read_and_approved(pytestconfig, key, name):
    path = FOLDER / key / f"{name}.txt"
    if pytestconfig.getoption("--write-golden"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(written(key, name))
    assert written(key, name) == path.read_text()


def test_no_golden_file_is_left_over():
    kept = {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.txt")}
    assert kept == {f"{key}/{name}.txt" for key, name in CASES}
