"""MikroTik RouterOS 7. It has no tunnel interface for IPsec: policies decide, so only protected data flows will do.

Within double quotes a backslash escapes, and $ begins a variable. Packets that a policy covers are dropped while there
is no SA. Fasttrack passes IPsec by, so the rules that let the traffic through belong in front of it.
"""

from collections.abc import Iterator

from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IkeMode,
    IkeVersion,
    PfsGroup,
)
from connections.messages import message as _
from connections.peer_config.dialect import (
    EXEMPTION,
    NEXT_HOP,
    OUTSIDE,
    ROUTES_OUT,
    SEGMENTS,
    TUNNEL_MSS,
    Dialect,
    Note,
    first_packet_notes,
    key_notes,
    kind_of,
    lifetime_notes,
    pair_notes,
    site_notes,
    weak_notes,
)
from connections.peer_config.document import ANYWHERE, Document

TITLE = "MikroTik RouterOS"
VERSION = {IkeVersion.IKEV1: "", IkeVersion.IKEV2: "exchange-mode=ike2"}
MODE = {IkeMode.MAIN: "exchange-mode=main", IkeMode.AGGRESSIVE: "exchange-mode=aggressive"}
IKE_ENCRYPTION = {
    EncryptionAlgorithm.AES: "enc-algorithm=aes-128",
    EncryptionAlgorithm.AES192: "enc-algorithm=aes-192",
    EncryptionAlgorithm.AES256: "enc-algorithm=aes-256",
    EncryptionAlgorithm.DES: "enc-algorithm=des",
    EncryptionAlgorithm.TRIPLE_DES: "enc-algorithm=3des",
}
ENCRYPTION = {
    EncryptionAlgorithm.AES: "enc-algorithms=aes-128-cbc",
    EncryptionAlgorithm.AES192: "enc-algorithms=aes-192-cbc",
    EncryptionAlgorithm.AES256: "enc-algorithms=aes-256-cbc",
    EncryptionAlgorithm.DES: "enc-algorithms=des",
    EncryptionAlgorithm.TRIPLE_DES: "enc-algorithms=3des",
}
HASH = {
    AuthenticationAlgorithm.SHA1: "hash-algorithm=sha1",
    AuthenticationAlgorithm.MD5: "hash-algorithm=md5",
    AuthenticationAlgorithm.SHA256: "hash-algorithm=sha256",
    AuthenticationAlgorithm.SHA384: "hash-algorithm=sha384",
    AuthenticationAlgorithm.SHA512: "hash-algorithm=sha512",
}
AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "auth-algorithms=sha1",
    AuthenticationAlgorithm.MD5: "auth-algorithms=md5",
    AuthenticationAlgorithm.SHA256: "auth-algorithms=sha256",
    AuthenticationAlgorithm.SHA384: None,
    AuthenticationAlgorithm.SHA512: "auth-algorithms=sha512",
}
GROUP = {
    DhGroup.GROUP1: "dh-group=modp768",
    DhGroup.GROUP2: "dh-group=modp1024",
    DhGroup.GROUP5: "dh-group=modp1536",
    DhGroup.GROUP14: "dh-group=modp2048",
}
PFS = {
    PfsGroup.DISABLED: "pfs-group=none",
    PfsGroup.GROUP1: "pfs-group=modp768",
    PfsGroup.GROUP2: "pfs-group=modp1024",
    PfsGroup.GROUP5: "pfs-group=modp1536",
    PfsGroup.GROUP14: "pfs-group=modp2048",
}
IDENTITY = {"address": "address", "name": "fqdn", "email": "user-fqdn"}
# Segments that are larger than those which fit.
TOO_LARGE = f"{TUNNEL_MSS + 1}-65535"


def quoted(text: str) -> str:
    for sign in '\\"$?':
        text = text.replace(sign, f"\\{sign}")
    return f'"{text}"'


def identity(text: str) -> str:
    return f"{IDENTITY[kind_of(text)]}:{text}"


def phase_1(document: Document) -> Iterator[str]:
    ike, name, version_2 = document.ike, document.key, document.ike.version == IkeVersion.IKEV2
    dpd = "dpd-interval=10s dpd-maximum-failures=3" if document.dpd else "dpd-interval=disable-dpd"
    traversal = "yes" if document.nat_traversal else "no"
    algorithms = f"{IKE_ENCRYPTION[ike.encryption]} {HASH[ike.authentication]} {GROUP[ike.group]}"
    yield (
        f"/ip ipsec profile add name={name} {algorithms} lifetime={ike.lifetime}s nat-traversal={traversal} "
        f"proposal-check=obey {dpd}"
    )
    mode = VERSION[ike.version] if version_2 else MODE[ike.mode]
    yield f"/ip ipsec peer add name={name} address={document.remote_ip}/32 {mode} profile={name}"
    # With IKEv1 it can compare addresses only; the key authenticates the cloud.
    checked = version_2 or kind_of(document.remote_id) == "address"
    remote = identity(document.remote_id) if checked else "auto"
    if not checked:
        yield f"# This device does not compare the cloud's identity with {document.remote_id} in ikev1."
    yield (
        f"/ip ipsec identity add peer={name} auth-method=pre-shared-key secret={quoted(document.psk)} "
        f"my-id={identity(document.local_id)} remote-id={remote} generate-policy=no"
    )


def phase_2(document: Document) -> Iterator[str]:
    ipsec, name = document.ipsec, document.key
    algorithms = f"{ENCRYPTION[ipsec.encryption]} {AUTHENTICATION[ipsec.authentication]} {PFS[ipsec.pfs]}"
    yield f"/ip ipsec proposal add name={name} {algorithms} lifetime={ipsec.lifetime}s"
    own = [network for network in document.local_networks if network != ANYWHERE]
    if own and (ANYWHERE in document.remote_networks or document.overlaps):
        yield "# Traffic within the site must not enter the tunnel. These policies come first:"
        for network in own:
            yield f"/ip ipsec policy add src-address={network} dst-address={network} action=none"
    for local, remote in document.pairs:
        yield (
            f"/ip ipsec policy add peer={name} src-address={local} dst-address={remote} tunnel=yes action=encrypt "
            f"level=unique proposal={name}"
        )


def firewall(document: Document) -> Iterator[str]:
    source = f"src-address={document.remote_ip}"
    yield "# In front of fasttrack and of rules that drop. place-before=0 is for the first place: without any rule yet,"
    yield "# leave it out."
    add = "/ip firewall filter add place-before=0"
    for local, remote in document.pairs:
        if remote != ANYWHERE:
            yield f"{add} chain=forward action=drop src-address={local} dst-address={remote} ipsec-policy=out,none"
        yield f"{add} chain=forward action=accept src-address={local} dst-address={remote} ipsec-policy=out,ipsec"
        yield f"{add} chain=forward action=accept src-address={remote} dst-address={local} ipsec-policy=in,ipsec"
    yield f"{add} chain=input action=accept {source} in-interface={OUTSIDE} protocol=udp dst-port=500,4500"
    yield f"{add} chain=input action=accept {source} in-interface={OUTSIDE} protocol=ipsec-esp"
    yield f"# {EXEMPTION}"
    for local, remote in document.pairs:
        yield (
            f"/ip firewall nat add place-before=0 chain=srcnat action=accept src-address={local} dst-address={remote}"
        )
    yield f"# {SEGMENTS}:"
    for local, remote in document.pairs:
        for addresses, policy in (
            (f"src-address={local} dst-address={remote}", "out,ipsec"),
            (f"src-address={remote} dst-address={local}", "in,ipsec"),
        ):
            yield (
                f"/ip firewall mangle add chain=forward action=change-mss new-mss={TUNNEL_MSS} protocol=tcp "
                f"tcp-flags=syn tcp-mss={TOO_LARGE} {addresses} ipsec-policy={policy}"
            )


def render(document: Document) -> dict[str, str]:
    lines = [
        f"# {document.label}: {TITLE} 7 on the data center's side",
        *phase_1(document),
        *phase_2(document),
        *firewall(document),
        f"# {ROUTES_OUT}",
        *(f"#  /ip route add dst-address={network} gateway={NEXT_HOP}" for network in document.routed_networks),
        "# Nothing is left to save: each command is saved at once.",
    ]
    return {f"{document.key}.routeros.rsc": "\n".join(lines) + "\n"}


def limits(document: Document) -> Iterator[Note]:
    if document.is_route_based:
        text = _(
            "This device has no tunnel interface for IPsec: its policies decide what enters the tunnel. Choose "
            "Protected Data Flows, without BGP."
        )
        yield Note("no_interface", text, True)
    yield from key_notes(document, forbidden="", hexadecimal=("0x", "0X"))
    yield from lifetime_notes(document, ike=(30, 86400), ipsec=(30, 86400))
    if not document.nat_traversal and document.ike.version == IkeVersion.IKEV2:
        text = _("{cloud} always offers NAT traversal; the connection has it off and will not use it.")
        yield Note("nat_traversal", text.filled(cloud=TITLE))
    if not document.dpd:
        yield Note(
            "no_renewal",
            _("Without DPD this device does not renew phase 1 at the end of its lifetime. Enable DPD."),
        )
    yield from pair_notes(document, has_interface=False)
    yield from first_packet_notes(document)
    yield from weak_notes(document)
    yield from site_notes(document)


DIALECT = Dialect(
    key="routeros",
    title=TITLE,
    keywords={
        "ike.version": VERSION,
        "ike.mode": MODE,
        "ike.encryption": IKE_ENCRYPTION,
        "ike.authentication": HASH,
        "ike.group": GROUP,
        "ipsec.encryption": ENCRYPTION,
        "ipsec.authentication": AUTHENTICATION,
        "ipsec.pfs": PFS,
    },
    render=render,
    limits=limits,
)
