"""Libreswan's ipsec.conf and ipsec.secrets, as of release 4, which lacks DES and groups below 1536 bits."""

from collections.abc import Iterator

from connections.domain import parsing
from connections.domain.choices import (
    AuthenticationAlgorithm,
    DhGroup,
    EncryptionAlgorithm,
    IkeMode,
    IkeVersion,
    PfsGroup,
)
from connections.messages import message as _
from connections.peer_config import swanctl
from connections.peer_config.dialect import (
    CLOUD_NETWORK,
    Dialect,
    Group,
    Note,
    Proof,
    bgp_notes,
    lifetime_notes,
    pair_notes,
)
from connections.peer_config.document import Document
from connections.peer_config.linux import hops, interface_comments, site_comments

ENCRYPTION = {
    EncryptionAlgorithm.AES: "aes128",
    EncryptionAlgorithm.AES192: "aes192",
    EncryptionAlgorithm.AES256: "aes256",
    EncryptionAlgorithm.DES: None,
    EncryptionAlgorithm.TRIPLE_DES: "3des",
}
AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "sha1",
    AuthenticationAlgorithm.MD5: "md5",
    AuthenticationAlgorithm.SHA256: "sha2_256",
    AuthenticationAlgorithm.SHA384: "sha2_384",
    AuthenticationAlgorithm.SHA512: "sha2_512",
}
GROUP = {DhGroup.GROUP1: None, DhGroup.GROUP2: None, DhGroup.GROUP5: "modp1536", DhGroup.GROUP14: "modp2048"}
PFS = {
    PfsGroup.DISABLED: "pfs=no",
    PfsGroup.GROUP1: None,
    PfsGroup.GROUP2: None,
    PfsGroup.GROUP5: "modp1536",
    PfsGroup.GROUP14: "modp2048",
}
VERSION = {IkeVersion.IKEV1: "ikev2=no", IkeVersion.IKEV2: "ikev2=yes"}
MODE = {IkeMode.MAIN: "aggressive=no", IkeMode.AGGRESSIVE: "aggressive=yes"}

ALLOW_IKEV1 = (
    "# IKEv1 is off by default. If ipsec.conf already has settings under config setup, move this one there: of several",
    "# such sections only the first with settings counts, and Libreswan does not report the others.",
    "config setup",
    "  ikev1-policy=accept",
)


def identity(text: str) -> str:
    """An identity. Without a leading @, Libreswan would resolve a name and send the address."""
    return f"@{text}" if parsing.is_fqdn(text) and "@" not in text else text


def subnets(side: str, networks: tuple[str, ...]) -> str:
    return f"  {side}subnet={networks[0]}" if len(networks) == 1 else f"  {side}subnets={{{' '.join(networks)}}}"


def render(document: Document) -> dict[str, str]:
    name, ike, ipsec = document.key, document.ike, document.ipsec
    pfs = ipsec.pfs != PfsGroup.DISABLED
    esp = f"{ENCRYPTION[ipsec.encryption]}-{AUTHENTICATION[ipsec.authentication]}"
    lines = [
        *head(document),
        *(ALLOW_IKEV1 if ike.version == IkeVersion.IKEV1 else ()),
        f"conn {name}",
        f"  {VERSION[ike.version]}",
        *([f"  {MODE[ike.mode]}"] if ike.version == IkeVersion.IKEV1 else []),
        "  authby=secret",
        "  type=tunnel",
        "  left=%defaultroute",
        f"  leftid={identity(document.local_id)}",
        subnets("left", document.local_selectors),
        f"  right={document.remote_ip}",
        f"  rightid={identity(document.remote_id)}",
        subnets("right", document.remote_selectors),
        f"  ike={ENCRYPTION[ike.encryption]}-{AUTHENTICATION[ike.authentication]};{GROUP[ike.group]}",
        f"  phase2alg={esp};{PFS[ipsec.pfs]}" if pfs else f"  phase2alg={esp}",
        "  pfs=yes" if pfs else f"  {PFS[PfsGroup.DISABLED]}",
        f"  ikelifetime={ike.lifetime}s",
        f"  salifetime={ipsec.lifetime}s",
        f"  rekeymargin={min(ike.lifetime, ipsec.lifetime) // 20}s",
        "  keyingtries=%forever",
    ]
    if document.dpd:
        lines += [f"  dpddelay={swanctl.DPD_DELAY}", f"  dpdtimeout={swanctl.DPD_TIMEOUT}", "  dpdaction=restart"]
    if not document.nat_traversal:
        lines.append("  encapsulation=no")
    if document.is_route_based:
        lines += [f"  ipsec-interface={document.number}", "  auto=start"]
    else:
        # Only together do they keep packets back: with auto=start, failureshunt is not used while it keeps trying.
        lines += ["  failureshunt=drop", "  auto=ondemand"]
    ids = f"{identity(document.local_id)} {identity(document.remote_id)}"
    secrets = [
        f"# {document.label}: the key in base64, after 0s: base64 -d shows it",
        f"{ids} : PSK {swanctl.encoded(document.psk)}",
    ]
    return {f"{name}.ipsec.conf": "\n".join(lines) + "\n", f"{name}.ipsec.secrets": "\n".join(secrets) + "\n"}


def head(document: Document) -> Iterator[str]:
    """Comments for the person who installs the file."""
    yield f"# {document.label}: Libreswan on the data center's side"
    yield "# For Libreswan 4. Release 5 warns: ikev2 is now keyexchange; dpdaction and keyingtries are obsolete."
    if document.is_route_based:
        device = f"ipsec{document.number}"
        yield f"# Routes decide what enters the tunnel, through the interface {device}. Once it is there:"
        yield from interface_comments(document, device)
        if document.is_second and document.bgp is None:
            yield f"#   ip route replace {CLOUD_NETWORK} {hops(document, device)}"
        elif document.has_both and document.bgp is None:
            yield f"#   ip route add {CLOUD_NETWORK} dev {device}"
    else:
        yield "# The first packet between the networks starts the tunnel. Until it is up, the kernel drops them."
    yield from site_comments(document)


def limits(document: Document) -> Iterator[Note]:
    yield from lifetime_notes(document)
    yield from pair_notes(document)
    if document.has_both and document.is_route_based and document.bgp is None:
        text = _("Both ways stay while one tunnel is down, and what takes that one is lost. Choose BGP, which notices.")
        yield Note("untracked", text)
    yield from bgp_notes(document)


DIALECT = Dialect(
    key="libreswan",
    title="Libreswan",
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
