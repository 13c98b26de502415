"""FRR's part of a connection: the BGP session inside the tunnel, as vtysh reads it.

FRR takes AS numbers plain only, exchanges nothing with another AS without policies both ways (RFC 8212), and announces
networks that are not in its routing table only if `import-check` is off.
"""

from collections.abc import Iterator

from connections.messages import message as _
from connections.peer_config.dialect import Dialect, Group, Note, Proof, session_notes
from connections.peer_config.document import ANYWHERE, Document

LARGEST_PREFIX = 32


def accepted(document: Document) -> Iterator[str]:
    """Prefix list entries for what the cloud announces: protected networks and subnets, or all but a default route."""
    if document.learnable_networks:
        for network in document.learnable_networks:
            # A single address has no subnets, and Cisco's parser refuses an `le` without effect.
            single = network.endswith(f"/{LARGEST_PREFIX}")
            yield f"permit {network}" if single else f"permit {network} le {LARGEST_PREFIX}"
        return
    yield f"deny {ANYWHERE}"
    yield f"permit {ANYWHERE} le {LARGEST_PREFIX}"


def render(document: Document) -> dict[str, str]:
    name, bgp = document.key, document.session
    announced = document.announced
    lines = [f"! {document.label}: BGP of the data center's side. Its address in the tunnel is {bgp.local_ip}/30."]
    policies = {
        f"{name}-in": list(accepted(document)),
        f"{name}-out": [f"permit {network}" for network in announced] or [f"deny {ANYWHERE} le {LARGEST_PREFIX}"],
    }
    for policy, entries in policies.items():
        for number, entry in enumerate(entries, start=1):
            lines.append(f"ip prefix-list {policy} seq {number * 5} {entry}")
    lines += [
        f"router bgp {bgp.local_asn}",
        f" bgp router-id {bgp.router_id}",
        " no bgp network import-check",
        f" neighbor {bgp.peer_ip} remote-as {bgp.peer_asn}",
    ]
    if bgp.key:
        lines.append(f" neighbor {bgp.peer_ip} password {bgp.key}")
    if document.index:
        # Routes over a lost tunnel would otherwise stay for minutes, although there is another one.
        lines.append(f" neighbor {bgp.peer_ip} graceful-restart-disable")
    lines.append(" address-family ipv4 unicast")
    if document.is_multipath:
        lines.append(f"  maximum-paths {'ibgp ' if bgp.local_asn == bgp.peer_asn else ''}2")
    lines += [f"  network {network}" for network in announced]
    lines += [
        f"  neighbor {bgp.peer_ip} activate",
        f"  neighbor {bgp.peer_ip} prefix-list {name}-in in",
        f"  neighbor {bgp.peer_ip} prefix-list {name}-out out",
        " exit-address-family",
        "exit",
    ]
    return {f"{name}.frr.conf": "\n".join(lines) + "\n"}


def limits(document: Document) -> Iterator[Note]:
    yield Note("tunnel", _("This sets up BGP alone. The tunnel needs one of the other formats as well."))
    yield from session_notes(document)


DIALECT = Dialect(
    key="frr",
    title="FRR (BGP)",
    render=render,
    limits=limits,
    bgp_only=True,
    comment="!",
    proof=Proof.DAEMON,
    group=Group.LINUX,
)
