"""strongSwan's current configuration, swanctl.conf.

As negotiated with strongSwan 5.9 (tests/lab): with rekey_time alone it offers 1.1 times that as the lifetime; IKEv1
has one pair of networks per child; only in base64 are all keys safe.
"""

import base64
from collections.abc import Iterable, Iterator

from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IkeMode,
    IkeVersion,
    PfsGroup,
)
from connections.messages import message as _
from connections.peer_config.dialect import OUTSIDE, Dialect, Group, Note, Proof, bgp_notes
from connections.peer_config.document import Document
from connections.peer_config.linux import interface_comments, site_comments, table_comments, tracking

ENCRYPTION = {
    EncryptionAlgorithm.AES: "aes128",
    EncryptionAlgorithm.AES192: "aes192",
    EncryptionAlgorithm.AES256: "aes256",
    EncryptionAlgorithm.DES: "des",
    EncryptionAlgorithm.TRIPLE_DES: "3des",
}
AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "sha1",
    AuthenticationAlgorithm.MD5: "md5",
    AuthenticationAlgorithm.SHA256: "sha256",
    AuthenticationAlgorithm.SHA384: "sha384",
    AuthenticationAlgorithm.SHA512: "sha512",
}
GROUP = {
    DhGroup.GROUP1: "modp768",
    DhGroup.GROUP2: "modp1024",
    DhGroup.GROUP5: "modp1536",
    DhGroup.GROUP14: "modp2048",
}
PFS = {PfsGroup.DISABLED: ""} | {PfsGroup(group.value): word for group, word in GROUP.items()}
VERSION = {IkeVersion.IKEV1: "version = 1", IkeVersion.IKEV2: "version = 2"}
MODE = {IkeMode.MAIN: "", IkeMode.AGGRESSIVE: "aggressive = yes"}

DPD_DELAY = 10
DPD_TIMEOUT = 30


def quoted(text: str) -> str:
    """A string value. Within quotes only these two characters are special."""
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))


def encoded(secret: str) -> str:
    """A key in base64. In quotes, keys that begin with 0x or 0s would be decoded."""
    return "0s" + base64.b64encode(secret.encode()).decode()


def ike_proposal(document: Document) -> str:
    ike = document.ike
    return f"{ENCRYPTION[ike.encryption]}-{AUTHENTICATION[ike.authentication]}-{GROUP[ike.group]}"


def esp_proposal(document: Document) -> str:
    ipsec = document.ipsec
    words = [ENCRYPTION[ipsec.encryption], AUTHENTICATION[ipsec.authentication], PFS[ipsec.pfs]]
    return "-".join(filter(None, words))


def renewal(lifetime: int) -> int:
    """When to renew an SA, in seconds: after nine tenths of its lifetime. 0: never."""
    return lifetime * 9 // 10


def children(document: Document) -> Iterator[tuple[str, str, str]]:
    """Name, local and remote selectors of each child. IKEv1 negotiates one pair per child."""
    if document.ike.version == IkeVersion.IKEV2 or len(document.pairs) == 1:
        yield "net", ",".join(document.local_selectors), ",".join(document.remote_selectors)
        return
    for number, (local, remote) in enumerate(document.pairs, start=1):
        yield f"net-{number}", local, remote


def head(document: Document) -> Iterator[str]:
    """Comments for the person who installs the file."""
    yield f"# {document.label}: strongSwan on the data center's side"
    if document.is_aggressive:
        yield "# If this side is to answer in aggressive mode, strongswan.conf must say so, in its section charon:"
        yield "#   i_dont_care_about_security_and_use_aggressive_mode_psk = yes"
    if document.is_route_based:
        device = f"xfrm{document.number}"
        yield "# Routes decide what enters the tunnel. Its interface (Linux 4.19 or newer):"
        yield f"#   ip link add {device} type xfrm dev {OUTSIDE} if_id {document.number}"
        yield from interface_comments(document, device)
        yield from table_comments(document)
    else:
        yield "# The kernel drops packets between the networks while there is no tunnel (strongSwan 5.9.6 or newer)."
    yield from site_comments(document)


def configuration(document: Document, head: Iterable[str], interface: Iterable[str]) -> str:
    """The whole file. `interface`: settings that bind a child to the tunnel interface, for where routes decide."""
    name, ike, ipsec = document.key, document.ike, document.ipsec
    renew = "rekey_time" if ike.version == IkeVersion.IKEV2 else "reauth_time"
    lines = [
        *head,
        "connections {",
        f"  {name} {{",
        f"    {VERSION[ike.version]}",
        *([f"    {MODE[ike.mode]}"] if document.is_aggressive else []),
        "    local_addrs = %any",
        f"    remote_addrs = {document.remote_ip}",
        f"    proposals = {ike_proposal(document)}",
        f"    {renew} = {renewal(ike.lifetime)}s",
        f"    over_time = {ike.lifetime - renewal(ike.lifetime)}s",
    ]
    if document.dpd:
        lines.append(f"    dpd_delay = {DPD_DELAY}s")
        if ike.version == IkeVersion.IKEV1:
            lines.append(f"    dpd_timeout = {DPD_TIMEOUT}s")
    lines += [
        "    mobike = no",
        "    keyingtries = 0",
        "    local {",
        "      auth = psk",
        f"      id = {quoted(document.local_id)}",
        "    }",
        "    remote {",
        "      auth = psk",
        f"      id = {quoted(document.remote_id)}",
        "    }",
        "    children {",
    ]
    for child, local, remote in children(document):
        lines += [
            f"      {child} {{",
            f"        local_ts = {local}",
            f"        remote_ts = {remote}",
            f"        esp_proposals = {esp_proposal(document)}",
            f"        life_time = {ipsec.lifetime}s",
            f"        rekey_time = {renewal(ipsec.lifetime)}s",
            f"        start_action = {'start' if document.is_route_based else 'trap|start'}",
        ]
        if document.dpd:
            lines.append("        dpd_action = restart")
        if document.is_route_based:
            lines += [f"        {setting}" for setting in interface]
        lines.append("      }")
    lines += [
        "    }",
        "  }",
        "}",
        "secrets {",
        f"  ike-{name} {{",
        f"    id-1 = {quoted(document.local_id)}",
        f"    id-2 = {quoted(document.remote_id)}",
        "    # The key in base64, after 0s: base64 -d shows it.",
        f"    secret = {encoded(document.psk)}",
        "  }",
        "}",
    ]
    return "\n".join(lines) + "\n"


def render(document: Document) -> dict[str, str]:
    interface = [f"if_id_in = {document.number}", f"if_id_out = {document.number}"]
    if command := tracking(document, f"xfrm{document.number}"):
        interface.append(f"updown = {quoted(command)}")
    return {f"{document.key}.swanctl.conf": configuration(document, head(document), interface)}


def traversal_notes(document: Document) -> Iterator[Note]:
    if not document.nat_traversal:
        yield Note(
            "nat_traversal", _("strongSwan always offers NAT traversal; the connection has it off and will not use it.")
        )


def limits(document: Document) -> Iterator[Note]:
    """Notes that all configurations of strongSwan share."""
    yield from traversal_notes(document)
    if 0 in (document.ike.lifetime, document.ipsec.lifetime):
        yield Note("lifetime", _("A lifetime of 0 is written as no limit: keys are then never renewed by this side."))
    yield from bgp_notes(document)


DIALECT = Dialect(
    key="swanctl",
    title="strongSwan",
    keywords={
        "ike.version": VERSION,
        "ike.mode": MODE,
        "ike.encryption": ENCRYPTION,
        "ike.authentication": AUTHENTICATION,
        "ike.group": GROUP,
        "ipsec.encryption": ENCRYPTION,
        "ipsec.authentication": AUTHENTICATION,
        "ipsec.pfs": PFS,
    },
    render=render,
    limits=limits,
    proof=Proof.DAEMON,
    group=Group.LINUX,
)
