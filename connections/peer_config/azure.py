"""Azure VPN Gateway, route-based.

The gateway makes BGP sessions from an address in a small link-local range of its own, as soon as the other side has a
link-local address.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address

from connections.domain.choices import AuthenticationAlgorithm, DhGroup, EncryptionAlgorithm, IkeVersion, PfsGroup
from connections.messages import message as _
from connections.peer_config import clouds
from connections.peer_config.clouds import Expression, Value, nearest
from connections.peer_config.dialect import Dialect, Group, Note
from connections.peer_config.document import Document
from connections.peer_config.steps import Step, listed

CLOUD = "Azure"

VERSION = {IkeVersion.IKEV1: "IKEv1", IkeVersion.IKEV2: "IKEv2"}
IKE_ENCRYPTION = {
    EncryptionAlgorithm.AES: "AES128",
    EncryptionAlgorithm.AES192: "AES192",
    EncryptionAlgorithm.AES256: "AES256",
    EncryptionAlgorithm.DES: None,
    EncryptionAlgorithm.TRIPLE_DES: None,
}
IPSEC_ENCRYPTION = IKE_ENCRYPTION | {EncryptionAlgorithm.DES: "DES", EncryptionAlgorithm.TRIPLE_DES: "DES3"}
IKE_AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "SHA1",
    AuthenticationAlgorithm.MD5: "MD5",
    AuthenticationAlgorithm.SHA256: "SHA256",
    AuthenticationAlgorithm.SHA384: "SHA384",
    AuthenticationAlgorithm.SHA512: None,
}
IPSEC_AUTHENTICATION = IKE_AUTHENTICATION | {AuthenticationAlgorithm.SHA384: None}
GROUP = {
    DhGroup.GROUP1: "DHGroup1",
    DhGroup.GROUP2: "DHGroup2",
    DhGroup.GROUP5: None,
    DhGroup.GROUP14: "DHGroup14",
}
PFS = {
    PfsGroup.DISABLED: "None",
    PfsGroup.GROUP1: "PFS1",
    PfsGroup.GROUP2: "PFS2",
    PfsGroup.GROUP5: None,
    PfsGroup.GROUP14: "PFS2048",
}

IKE_LIFETIME = 28800
IPSEC_LIFETIMES = (300, 86400)
DPD_TIMEOUT = 45
BGP_ADDRESSES = (IPv4Address("169.254.21.0"), IPv4Address("169.254.22.255"))
# Kept by Azure and by IANA, for either side. 65515 is the default of Azure's own side.
OWN_ASN = 65515
RESERVED_ASNS = ((8074, 8075), (12076, 12076), (23456, 23456), (64496, 64511), (65515, 65515), (65517, 65520),
                 (65535, 65551), (4294967295, 4294967295))  # fmt: skip
LARGEST_ASN_OF_PORTAL = 65535
# The smallest size of gateway with zones, IKEv1 and BGP.
SIZE = "VpnGw1AZ"


def ipsec_lifetime(document: Document) -> int:
    return nearest(document.ipsec.lifetime, *IPSEC_LIFETIMES)


def is_reserved(asn: int) -> bool:
    return any(low <= asn <= high for low, high in RESERVED_ASNS)


def policy(document: Document) -> dict[str, Value]:
    ike, ipsec = document.ike, document.ipsec
    return {
        "ike_encryption": IKE_ENCRYPTION[ike.encryption],
        "ike_integrity": IKE_AUTHENTICATION[ike.authentication],
        "dh_group": GROUP[ike.group],
        "ipsec_encryption": IPSEC_ENCRYPTION[ipsec.encryption],
        "ipsec_integrity": IPSEC_AUTHENTICATION[ipsec.authentication],
        "pfs_group": PFS[ipsec.pfs],
        "sa_lifetime": ipsec_lifetime(document),
    }


def blocks(document: Document) -> Iterator[str]:
    bgp, name = document.bgp, document.key
    place = {
        "resource_group_name": Expression("var.resource_group_name"),
        "location": Expression("var.location"),
    }
    yield 'provider "azurerm" {\n  features {}\n}'
    yield clouds.variable("resource_group_name", "The resource group of the virtual network")
    yield clouds.variable("location", "Its region, such as germanywestcentral")
    yield clouds.variable("gateway_subnet_id", "The ID of the virtual network's subnet GatewaySubnet")
    zones = ["1", "2", "3"]
    yield clouds.variable("zones", "Zones of the region; [] if it has none", kind="list(string)", default=zones)
    if bgp is None:
        yield clouds.networks_variable(document)
    yield clouds.resource(
        "azurerm_public_ip",
        name=f"{name}-ip",
        **place,
        allocation_method="Static",
        sku="Standard",
        zones=Expression("var.zones"),
    )
    session: dict[str, Value] = {}
    if bgp is not None:
        session = {"bgp_settings": {"asn": bgp.local_asn, "peering_addresses": {"apipa_addresses": [bgp.local_ip]}}}
    yield clouds.resource(
        "azurerm_virtual_network_gateway",
        name=f"{name}-gateway",
        **place,
        type="Vpn",
        vpn_type="RouteBased",
        sku=SIZE,
        enable_bgp=bgp is not None,
        ip_configuration={
            "public_ip_address_id": Expression("azurerm_public_ip.alibaba.id"),
            "subnet_id": Expression("var.gateway_subnet_id"),
        },
        **session,
    )
    reached: dict[str, Value] = {"address_space": Expression(f"var.{clouds.NETWORKS}")}
    if bgp is not None:
        reached = {"bgp_settings": {"asn": bgp.peer_asn, "bgp_peering_address": bgp.peer_ip}}
    yield clouds.resource(
        "azurerm_local_network_gateway",
        name=f"{name}-alibaba",
        **place,
        gateway_address=document.remote_ip,
        **reached,
    )
    selectors: dict[str, Value] = {}
    if not document.is_route_based:
        selectors = {
            "use_policy_based_traffic_selectors": True,
            "traffic_selector_policy": {
                "local_address_cidrs": document.local_networks,
                "remote_address_cidrs": document.remote_networks,
            },
        }
    yield clouds.resource(
        "azurerm_virtual_network_gateway_connection",
        name=name,
        **place,
        type="IPsec",
        connection_protocol=VERSION[document.ike.version],
        virtual_network_gateway_id=Expression("azurerm_virtual_network_gateway.alibaba.id"),
        local_network_gateway_id=Expression("azurerm_local_network_gateway.alibaba.id"),
        shared_key=Expression(f"var.{clouds.KEY}"),
        enable_bgp=bgp is not None,
        dpd_timeout_seconds=DPD_TIMEOUT,
        **selectors,
        ipsec_policy=policy(document),
    )


def by_hand(document: Document) -> Iterator[Step]:
    bgp, name = document.bgp, document.key
    session: dict[str, object] = {"Configure BGP": "Disabled"}
    if bgp is not None:
        session = {
            "Configure BGP": "Enabled",
            "Autonomous system number (ASN)": bgp.local_asn,
            "Custom Azure APIPA BGP IP address": bgp.local_ip,
        }
    yield Step(
        "Virtual network gateways, Create. A virtual network has one at most: use the one that is there.",
        {
            "Name": f"{name}-gateway",
            "Gateway type": "VPN",
            "SKU": SIZE,
            "Public IP address": f"Create new, {name}-ip",
            "Enable active-active mode": "Disabled",
            **session,
        },
    )
    reached: dict[str, object] = {"Address Space(s)": clouds.routed(document)}
    if bgp is not None:
        reached = {
            "Configure BGP settings": "Yes",
            "Autonomous system number (ASN)": bgp.peer_asn,
            "BGP peer IP address": bgp.peer_ip,
        }
    yield Step(
        "Local network gateways, Create",
        {"Name": f"{name}-alibaba", "Endpoint": "IP address", "IP address": document.remote_ip, **reached},
    )
    selectors: dict[str, object] = {"Use policy based traffic selector": "Disable"}
    if not document.is_route_based:
        selectors = {
            "Use policy based traffic selector": "Enable",
            "Use custom traffic selectors": "Enable",
            "Local address range": listed(document.local_networks),
            "Remote address range": listed(document.remote_networks),
        }
    agreed = policy(document)
    yield Step(
        "Connections, Create, Site-to-site (IPsec)",
        {
            "Name": name,
            "Virtual network gateway": "the one of step 1",
            "Local network gateway": "the one of step 2",
            "Authentication method": "Shared Key (PSK)",
            "Shared key (PSK)": document.psk,
            "IKE Protocol": VERSION[document.ike.version],
            "Enable BGP": "Yes" if bgp is not None else "No",
            "IPsec / IKE policy": "Custom",
            "IKE Phase 1": listed(str(agreed[part]) for part in ("ike_encryption", "ike_integrity", "dh_group")),
            "IKE Phase 2(IPsec)": listed(
                str(agreed[part]) for part in ("ipsec_encryption", "ipsec_integrity", "pfs_group")
            ),
            "IPsec SA lifetime in seconds": agreed["sa_lifetime"],
            **selectors,
            "DPD timeout in seconds": DPD_TIMEOUT,
            "Connection Mode": "Default",
        },
    )
    yield Step(f"Public IP addresses, {name}-ip: read the IP address.", {})


def render(document: Document) -> dict[str, str]:
    address = "azurerm_public_ip.alibaba.ip_address"
    text = clouds.terraform(document, CLOUD, "hashicorp/azurerm", "~> 4.0", address, blocks(document))
    return clouds.files(document, "azure", text, clouds.steps(document, CLOUD, "the gateway", by_hand(document)))


def bgp_notes(document: Document) -> Iterator[Note]:
    bgp = document.session
    first, last = BGP_ADDRESSES
    if not all(first <= IPv4Address(address) <= last for address in (bgp.local_ip, bgp.peer_ip)):
        text = _("Azure has BGP addresses from {first} to {last} only. Choose another tunnel CIDR block.")
        yield Note("bgp_address", text.filled(first=first, last=last), True)
    if is_reserved(bgp.local_asn) and bgp.local_asn != OWN_ASN:
        text = _("Azure does not take {asn}, the AS number of the customer gateway: it is reserved.")
        yield Note("asn_local", text.filled(asn=bgp.local_asn), True)
    if is_reserved(bgp.peer_asn):
        text = _("Azure does not take {asn}, the local AS number here: it is reserved.")
        yield Note("asn_peer", text.filled(asn=bgp.peer_asn), True)
    if bgp.local_asn == bgp.peer_asn:
        yield Note("same_asn", _("Azure does not take the same AS number on both sides."), True)
    if max(bgp.local_asn, bgp.peer_asn) > LARGEST_ASN_OF_PORTAL:
        text = _("Azure's portal takes AS numbers up to {largest}; Terraform and the command line take larger ones.")
        yield Note("asn_portal", text.filled(largest=LARGEST_ASN_OF_PORTAL))
    yield Note("waits_bgp", _("From a link-local address, Azure waits until Alibaba Cloud opens the BGP session."))


def limits(document: Document) -> Iterator[Note]:
    yield from clouds.key_notes(document, CLOUD, forbidden="-~", longest=128)
    yield from clouds.no_bgp_key_notes(document, CLOUD)
    if document.bgp is not None:
        yield from bgp_notes(document)
    if document.ike.version == IkeVersion.IKEV1 and not document.is_route_based:
        text = _("Azure negotiates networks with ikev2 alone. Choose ikev2, or Destination Routing Mode.")
        yield Note("networks", text, True)
    elif len(document.pairs) > 1:
        text = _(
            "Azure negotiates each pair of networks, the connection all of them at once. If only one pair works, "
            "choose Destination Routing Mode."
        )
        yield Note("pairs", text)
    yield from clouds.lifetime_notes(
        CLOUD, (document.ike.lifetime, IKE_LIFETIME), (document.ipsec.lifetime, ipsec_lifetime(document))
    )
    yield from clouds.watched_notes(document, CLOUD)
    yield from clouds.cloud_notes(document, CLOUD)


DIALECT = Dialect(
    key="azure",
    title=CLOUD,
    keywords={
        "ike.version": VERSION,
        "ike.mode": clouds.MODE,
        "ike.encryption": IKE_ENCRYPTION,
        "ike.authentication": IKE_AUTHENTICATION,
        "ike.group": GROUP,
        "ipsec.encryption": IPSEC_ENCRYPTION,
        "ipsec.authentication": IPSEC_AUTHENTICATION,
        "ipsec.pfs": PFS,
    },
    render=render,
    limits=limits,
    group=Group.CLOUDS,
)
