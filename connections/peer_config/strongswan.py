"""strongSwan's older configuration, ipsec.conf with ipsec.secrets, for devices without swanctl.

Keywords and encodings are those of swanctl, except that keys are not quoted, since quoted ones would not be decoded.
"""

from collections.abc import Iterator

from connections.domain.choices import IkeMode, IkeVersion
from connections.messages import message as _
from connections.peer_config import swanctl
from connections.peer_config.dialect import OUTER_ADDRESS, Dialect, Group, Note, Proof
from connections.peer_config.document import Document
from connections.peer_config.linux import interface_comments, site_comments, table_comments, tracking
from connections.peer_config.swanctl import AUTHENTICATION, ENCRYPTION, GROUP, PFS

VERSION = {IkeVersion.IKEV1: "keyexchange=ikev1", IkeVersion.IKEV2: "keyexchange=ikev2"}
MODE = {IkeMode.MAIN: "aggressive=no", IkeMode.AGGRESSIVE: "aggressive=yes"}


def quoted(text: str) -> str:
    """An identity or a command. Quotes cannot be escaped, but neither contains one."""
    return f'"{text}"'


def head(document: Document) -> Iterator[str]:
    yield f"# {document.label}: strongSwan on the data center's side"
    if document.is_aggressive:
        yield "# If this side is to answer in aggressive mode, strongswan.conf must say so, in its section charon:"
        yield "#   i_dont_care_about_security_and_use_aggressive_mode_psk = yes"
    if document.is_route_based:
        device = f"vti{document.number}"
        ends = f"local {OUTER_ADDRESS} remote {document.remote_ip}"
        yield f"# Routes decide what enters the tunnel. Its interface ({OUTER_ADDRESS} is the outer one):"
        yield f"#   ip tunnel add {device} mode vti {ends} key {document.number}"
        yield f"#   sysctl -w net.ipv4.conf.{device}.disable_policy=1"
        yield from interface_comments(document, device)
        yield from table_comments(document)
        yield "# and in strongswan.conf, section charon: install_routes = no"
    else:
        yield "# The first packet between the networks starts the tunnel. Until it is up, the kernel drops them."
    yield from site_comments(document)


def render(document: Document) -> dict[str, str]:
    name, ike, ipsec = document.key, document.ike, document.ipsec
    proposal = f"{ENCRYPTION[ike.encryption]}-{AUTHENTICATION[ike.authentication]}-{GROUP[ike.group]}"
    words = [ENCRYPTION[ipsec.encryption], AUTHENTICATION[ipsec.authentication], PFS[ipsec.pfs]]
    shortest = min(ike.lifetime, ipsec.lifetime)
    lines = [
        *head(document),
        f"conn {name}",
        f"  {VERSION[ike.version]}",
        f"  {MODE[ike.mode] if document.is_aggressive else MODE[IkeMode.MAIN]}",
        "  authby=secret",
        "  type=tunnel",
        "  left=%any",
        f"  leftid={quoted(document.local_id)}",
        f"  right={document.remote_ip}",
        f"  rightid={quoted(document.remote_id)}",
        # The exclamation mark keeps strongSwan from proposing anything else.
        f"  ike={proposal}!",
        f"  esp={'-'.join(filter(None, words))}!",
        f"  ikelifetime={ike.lifetime}s",
        f"  lifetime={ipsec.lifetime}s",
        # The usual margin of nine minutes would spoil short lifetimes.
        f"  margintime={shortest // 20}s",
    ]
    if shortest == 0:
        lines.append("  rekey=no")
    lines += ["  reauth=no", "  mobike=no", "  keyingtries=%forever"]
    if document.dpd:
        lines += ["  dpdaction=restart", f"  dpddelay={swanctl.DPD_DELAY}s", f"  dpdtimeout={swanctl.DPD_TIMEOUT}s"]
    else:
        lines.append("  dpdaction=none")
    if document.is_route_based:
        lines.append(f"  mark={document.number}")
        if command := tracking(document, f"vti{document.number}"):
            lines.append(f"  leftupdown={quoted(command)}")
    start = "auto=start" if document.is_route_based else "auto=route"
    children = list(swanctl.children(document))
    if len(children) == 1:
        _child, local, remote = children[0]
        lines += [f"  leftsubnet={local}", f"  rightsubnet={remote}", f"  {start}"]
    for child, local, remote in children if len(children) > 1 else ():
        lines += [
            f"conn {name}-{child}",
            f"  also={name}",
            f"  leftsubnet={local}",
            f"  rightsubnet={remote}",
            f"  {start}",
        ]
    secrets = [
        f"# {document.label}: the key in base64, after 0s: base64 -d shows it",
        f"{quoted(document.local_id)} {quoted(document.remote_id)} : PSK {swanctl.encoded(document.psk)}",
    ]
    return {f"{name}.ipsec.conf": "\n".join(lines) + "\n", f"{name}.ipsec.secrets": "\n".join(secrets) + "\n"}


def limits(document: Document) -> Iterator[Note]:
    yield from swanctl.limits(document)
    if 0 in (document.ike.lifetime, document.ipsec.lifetime) and document.ike.lifetime != document.ipsec.lifetime:
        yield Note(
            "one_lifetime",
            _("ipsec.conf has one switch for both phases: because one lifetime is 0, this side renews neither."),
        )


DIALECT = Dialect(
    key="strongswan",
    title="strongSwan (ipsec.conf)",
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
