"""AWS Site-to-Site VPN at a virtual private gateway.

AWS makes two tunnels for each VPN connection, both to the same customer gateway. Only the first is set up: the second
comes from another address, and a connection has one peer. At AWS, local is the customer gateway's side.
"""

from collections.abc import Iterator

from connections.domain import rules
from connections.domain.choices import AuthenticationAlgorithm, DhGroup, EncryptionAlgorithm, IkeVersion, PfsGroup
from connections.messages import message as _
from connections.peer_config import clouds
from connections.peer_config.clouds import Expression, Value, nearest
from connections.peer_config.dialect import Dialect, Group, Note
from connections.peer_config.document import Document
from connections.peer_config.steps import Step, listed

CLOUD = "AWS"

VERSION = {IkeVersion.IKEV1: "ikev1", IkeVersion.IKEV2: "ikev2"}
ENCRYPTION = {
    EncryptionAlgorithm.AES: "AES128",
    EncryptionAlgorithm.AES192: None,
    EncryptionAlgorithm.AES256: "AES256",
    EncryptionAlgorithm.DES: None,
    EncryptionAlgorithm.TRIPLE_DES: None,
}
AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "SHA1",
    AuthenticationAlgorithm.MD5: None,
    AuthenticationAlgorithm.SHA256: "SHA2-256",
    AuthenticationAlgorithm.SHA384: "SHA2-384",
    AuthenticationAlgorithm.SHA512: "SHA2-512",
}
GROUP = {DhGroup.GROUP1: None, DhGroup.GROUP2: "[2]", DhGroup.GROUP5: None, DhGroup.GROUP14: "[14]"}
PFS = {
    PfsGroup.DISABLED: None,
    PfsGroup.GROUP1: None,
    PfsGroup.GROUP2: "[2]",
    PfsGroup.GROUP5: "[5]",
    PfsGroup.GROUP14: "[14]",
}

PSK_FORBIDDEN = "".join(sign for sign in rules.PSK_SPECIALS if sign not in "._")
IKE_LIFETIMES = (900, 28800)
IPSEC_LIFETIMES = (900, 3600)
DPD_TIMEOUT = 30
# Larger AS numbers of a customer gateway go into another argument.
LARGEST_ASN = 2147483647
# The AS number that AWS gives to customer gateways without BGP.
UNUSED_ASN = 65000


def lifetimes(document: Document) -> tuple[int, int]:
    """The lifetimes of phase 1, which must be the longer one, and phase 2 in seconds."""
    second = nearest(document.ipsec.lifetime, *IPSEC_LIFETIMES)
    return max(nearest(document.ike.lifetime, *IKE_LIFETIMES), second + 1), second


def actions(document: Document) -> tuple[str, str]:
    """What AWS does at first, and after a dead peer. With IKEv1 it never starts a negotiation."""
    starts = document.ike.version == IkeVersion.IKEV2
    if not document.dpd:
        return "start" if starts else "add", "none"
    return ("start", "restart") if starts else ("add", "clear")


def tunnel(document: Document) -> dict[str, Value]:
    ike, ipsec = document.ike, document.ipsec
    first, second = lifetimes(document)
    startup, timeout = actions(document)
    values: dict[str, Value] = {"inside_cidr": document.bgp.cidr} if document.bgp is not None else {}
    values |= {
        "preshared_key": Expression(f"var.{clouds.KEY}"),
        "ike_versions": [VERSION[ike.version]],
        "phase1_encryption_algorithms": [ENCRYPTION[ike.encryption]],
        "phase1_integrity_algorithms": [AUTHENTICATION[ike.authentication]],
        "phase1_dh_group_numbers": Expression(GROUP[ike.group]),
        "phase1_lifetime_seconds": first,
        "phase2_encryption_algorithms": [ENCRYPTION[ipsec.encryption]],
        "phase2_integrity_algorithms": [AUTHENTICATION[ipsec.authentication]],
        "phase2_dh_group_numbers": Expression(PFS[ipsec.pfs]),
        "phase2_lifetime_seconds": second,
        "dpd_timeout_action": timeout,
        "dpd_timeout_seconds": DPD_TIMEOUT,
        "startup_action": startup,
    }
    return {f"tunnel1_{name}": value for name, value in values.items()}


def blocks(document: Document) -> Iterator[str]:
    bgp = document.bgp
    named = {"tags": Expression(f'{{ Name = "{document.key}" }}')}
    yield clouds.variable("vpc_id", "The VPC to connect")
    yield clouds.variable("route_table_ids", "Route tables of the VPC that need the routes", kind="list(string)")
    if bgp is None:
        yield clouds.networks_variable(document)
    asn = bgp.peer_asn if bgp is not None else UNUSED_ASN
    yield clouds.resource(
        "aws_customer_gateway",
        type="ipsec.1",
        ip_address=document.remote_ip,
        **{"bgp_asn" if asn <= LARGEST_ASN else "bgp_asn_extended": asn},
        **named,
    )
    side: dict[str, Value] = {"amazon_side_asn": bgp.local_asn} if bgp is not None else {}
    yield clouds.resource("aws_vpn_gateway", vpc_id=Expression("var.vpc_id"), **side, **named)
    gateway = Expression("aws_vpn_gateway.alibaba.id")
    yield clouds.resource(
        "aws_vpn_gateway_route_propagation",
        for_each=Expression("toset(var.route_table_ids)"),
        vpn_gateway_id=gateway,
        route_table_id=Expression("each.value"),
    )
    selectors: dict[str, Value] = {}
    if not document.is_route_based:
        ((local, remote),) = document.pairs
        selectors = {"local_ipv4_network_cidr": remote, "remote_ipv4_network_cidr": local}
    yield clouds.resource(
        "aws_vpn_connection",
        vpn_gateway_id=gateway,
        customer_gateway_id=Expression("aws_customer_gateway.alibaba.id"),
        type="ipsec.1",
        static_routes_only=bgp is None,
        **selectors,
        **tunnel(document),
        **named,
    )
    if bgp is None:
        yield clouds.resource(
            "aws_vpn_connection_route",
            for_each=Expression(f"toset(var.{clouds.NETWORKS})"),
            vpn_connection_id=Expression("aws_vpn_connection.alibaba.id"),
            destination_cidr_block=Expression("each.value"),
        )


def by_hand(document: Document) -> Iterator[Step]:
    ike, ipsec, bgp = document.ike, document.ipsec, document.bgp
    name = {"Name tag": document.key}
    yield Step(
        "VPC, Customer gateways, Create customer gateway",
        name | {"BGP ASN": bgp.peer_asn if bgp is not None else UNUSED_ASN, "IP address": document.remote_ip},
    )
    yield Step(
        "VPC, Virtual private gateways, Create virtual private gateway; then Actions, Attach to VPC. A VPC has one at "
        "most: use the one that is there.",
        name | ({"Autonomous System Number (ASN)": f"Custom ASN, {bgp.local_asn}"} if bgp is not None else {}),
    )
    routing = {"Routing options": "Dynamic (requires BGP)"} if bgp is not None else {"Routing options": "Static"}
    if bgp is None:
        routing["Static IP prefixes"] = clouds.routed(document)
    yield Step(
        "VPC, Site-to-Site VPN connections, Create VPN connection",
        {
            **name,
            "Target gateway type": "Virtual private gateway, the one of step 2",
            "Customer gateway": "Existing, the one of step 1",
            **routing,
            "Local IPv4 network CIDR": listed(document.remote_selectors),
            "Remote IPv4 network CIDR": listed(document.local_selectors),
        },
    )
    first, second = lifetimes(document)
    startup, timeout = actions(document)
    yield Step(
        "There, Tunnel 1 options, Edit tunnel 1 options",
        {
            **({"Inside IPv4 CIDR": bgp.cidr} if bgp is not None else {}),
            "Pre-shared key": document.psk,
            "Phase 1 encryption algorithms": ENCRYPTION[ike.encryption],
            "Phase 2 encryption algorithms": ENCRYPTION[ipsec.encryption],
            "Phase 1 integrity algorithms": AUTHENTICATION[ike.authentication],
            "Phase 2 integrity algorithms": AUTHENTICATION[ipsec.authentication],
            "Phase 1 DH group numbers": str(GROUP[ike.group]).strip("[]"),
            "Phase 2 DH group numbers": str(PFS[ipsec.pfs]).strip("[]"),
            "IKE version": VERSION[ike.version],
            "Phase 1 lifetime (seconds)": first,
            "Phase 2 lifetime (seconds)": second,
            "DPD timeout (seconds)": DPD_TIMEOUT,
            "DPD timeout action": timeout.capitalize(),
            "Startup action": startup.capitalize(),
        },
    )
    yield Step(
        "VPC, Route tables, for each that needs the routes: Route propagation, Edit route propagation",
        {"Virtual private gateway": "Enable"},
    )
    yield Step(
        "VPC, Site-to-Site VPN connections, Tunnel details: read the outside IP address of tunnel 1. Tunnel 2 stays "
        "down.",
        {},
    )


def render(document: Document) -> dict[str, str]:
    address = "aws_vpn_connection.alibaba.tunnel1_address"
    text = clouds.terraform(document, CLOUD, "hashicorp/aws", ">= 6.0", address, blocks(document))
    return clouds.files(document, "aws", text, clouds.steps(document, CLOUD, "tunnel 1", by_hand(document)))


def limits(document: Document) -> Iterator[Note]:
    yield from clouds.key_notes(document, CLOUD, forbidden=PSK_FORBIDDEN, shortest=8, longest=64)
    if document.psk.startswith("0"):
        yield Note("psk_zero", _("AWS takes no pre-shared key that begins with 0. Choose another key."), True)
    yield from clouds.no_bgp_key_notes(document, CLOUD)
    yield from clouds.private_asn_notes(document, CLOUD)
    if document.bgp is not None:
        first, second = rules.tunnel_hosts(document.bgp.cidr)
        if document.bgp.local_ip != first:
            text = _("AWS takes the first address of the block, {first}. Make the local BGP address here {second}.")
            yield Note("bgp_address", text.filled(first=first, second=second), True)
    if len(document.pairs) > 1:
        text = _(
            "AWS negotiates one network on each side. Protect one on each side, or choose Destination Routing Mode."
        )
        yield Note("networks", text, True)
    first_lifetime, second_lifetime = lifetimes(document)
    yield from clouds.lifetime_notes(
        CLOUD, (document.ike.lifetime, first_lifetime), (document.ipsec.lifetime, second_lifetime)
    )
    if document.ike.version == IkeVersion.IKEV1:
        yield Note("waits", _("With ikev1, AWS waits until Alibaba Cloud's side starts the tunnel."))
    yield Note(
        "second_tunnel",
        _(
            "AWS makes two tunnels, and the second stays down: this connection has one peer. For a second path make "
            "another connection here and at AWS."
        ),
    )
    yield from clouds.cloud_notes(document, CLOUD)


DIALECT = Dialect(
    key="aws",
    title=CLOUD,
    keywords={
        "ike.version": VERSION,
        "ike.mode": clouds.MODE,
        "ike.encryption": ENCRYPTION,
        "ike.authentication": AUTHENTICATION,
        "ike.group": GROUP,
        "ipsec.encryption": ENCRYPTION,
        "ipsec.authentication": AUTHENTICATION,
        "ipsec.pfs": PFS,
    },
    render=render,
    limits=limits,
    group=Group.CLOUDS,
)
