"""BIRD's part of a connection: the BGP session inside the tunnel, for BIRD 2.

BIRD takes AS numbers plain only, refuses a channel without import and export, and cannot hold a quote in a key.
"""

from collections.abc import Iterator

from connections.messages import message as _
from connections.peer_config import frr
from connections.peer_config.dialect import Dialect, Group, Note, Proof
from connections.peer_config.document import ANYWHERE, Document


def shared(document: Document) -> Iterator[str]:
    """What a router has once, whatever its sessions."""
    yield f"router id {document.session.router_id};"
    yield "protocol device {"
    yield "}"
    yield "protocol kernel {"
    if document.is_multipath:
        yield "  merge paths on;"
    yield "  ipv4 {"
    yield "    import none;"
    yield "    export where source = RTS_BGP;"
    yield "  };"
    yield "}"
    yield f"protocol static {networks(document)} {{"
    yield "  ipv4;"
    yield from (f"  route {network} unreachable;" for network in document.announced)
    yield "}"


def networks(document: Document) -> str:
    """The protocol with the networks to announce. One for both sessions: of equal routes BIRD offers only the best."""
    return f"{document.first_key.replace('-', '_')}_networks"


def render(document: Document) -> dict[str, str]:
    # Names with dashes would need quotes everywhere.
    name, bgp = document.key.replace("-", "_"), document.session
    if document.learnable_networks:
        accepted = f"net ~ [ {', '.join(network + '+' for network in document.learnable_networks)} ]"
    else:
        accepted = f"net != {ANYWHERE}"
    lines = [
        f"# {document.label}: BGP of the data center's side. Its address in the tunnel is {bgp.local_ip}/30.",
        *([] if document.is_second else shared(document)),
        f"protocol bgp {name} {{",
        f"  local {bgp.local_ip} as {bgp.local_asn};",
        f"  neighbor {bgp.peer_ip} as {bgp.peer_asn};",
        # Within one AS, BIRD would otherwise resolve the neighbor by routes that it does not have.
        "  direct;",
        # Routes over a lost tunnel would otherwise stay for minutes, although there is another one; and once it is
        # back, BIRD would refuse the session for minutes.
        *(["  graceful restart off;", "  error wait time 5, 60;"] if document.index else []),
    ]
    if bgp.key:
        lines.append(f'  password "{bgp.key}";')
    lines += [
        "  ipv4 {",
        f"    import where {accepted};",
        f'    export where proto = "{networks(document)}";',
        "    next hop self;",
        "  };",
        "}",
    ]
    return {f"{document.key}.bird.conf": "\n".join(lines) + "\n"}


def limits(document: Document) -> Iterator[Note]:
    yield from frr.limits(document)
    if document.bgp is not None and '"' in document.bgp.key:
        yield Note("quote", _('BIRD cannot hold a key with the character ". Use another BGP key.'), True)


DIALECT = Dialect(
    key="bird",
    title="BIRD (BGP)",
    render=render,
    limits=limits,
    bgp_only=True,
    proof=Proof.DAEMON,
    group=Group.LINUX,
)
