"""Google Cloud VPN: with BGP an HA VPN gateway and a Cloud Router, without BGP a Classic VPN gateway.

HA VPN has no static routes, and Classic VPN no BGP with anybody outside. Algorithms can be chosen with IKEv2 alone;
with IKEv1 there is one of each.
"""

from collections.abc import Iterator

from connections.domain.choices import AuthenticationAlgorithm, DhGroup, EncryptionAlgorithm, IkeVersion, PfsGroup
from connections.messages import message as _
from connections.peer_config import clouds
from connections.peer_config.clouds import Expression, Value
from connections.peer_config.dialect import Dialect, Group, Note
from connections.peer_config.document import Document
from connections.peer_config.steps import Step, listed

CLOUD = "Google Cloud"

VERSION = {IkeVersion.IKEV1: "IKEv1", IkeVersion.IKEV2: "IKEv2"}
IKE_ENCRYPTION = {
    EncryptionAlgorithm.AES: "AES-CBC-128",
    EncryptionAlgorithm.AES192: "AES-CBC-192",
    EncryptionAlgorithm.AES256: "AES-CBC-256",
    EncryptionAlgorithm.DES: None,
    EncryptionAlgorithm.TRIPLE_DES: "3DES-CBC",
}
IPSEC_ENCRYPTION = IKE_ENCRYPTION | {EncryptionAlgorithm.TRIPLE_DES: None}
IKE_AUTHENTICATION = {
    AuthenticationAlgorithm.SHA1: "HMAC-SHA1-96",
    AuthenticationAlgorithm.MD5: "HMAC-MD5-96",
    AuthenticationAlgorithm.SHA256: "HMAC-SHA2-256-128",
    AuthenticationAlgorithm.SHA384: "HMAC-SHA2-384-192",
    AuthenticationAlgorithm.SHA512: "HMAC-SHA2-512-256",
}
IPSEC_AUTHENTICATION = IKE_AUTHENTICATION | {AuthenticationAlgorithm.MD5: None, AuthenticationAlgorithm.SHA384: None}
PRF = {
    AuthenticationAlgorithm.SHA1: "PRF-HMAC-SHA1",
    AuthenticationAlgorithm.MD5: "PRF-HMAC-MD5",
    AuthenticationAlgorithm.SHA256: "PRF-HMAC-SHA2-256",
    AuthenticationAlgorithm.SHA384: "PRF-HMAC-SHA2-384",
    AuthenticationAlgorithm.SHA512: "PRF-HMAC-SHA2-512",
}
GROUP = {
    DhGroup.GROUP1: None,
    DhGroup.GROUP2: "Group-2",
    DhGroup.GROUP5: "Group-5",
    DhGroup.GROUP14: "Group-14",
}
PFS = {
    PfsGroup.DISABLED: None,
    PfsGroup.GROUP1: None,
    PfsGroup.GROUP2: "Group-2",
    PfsGroup.GROUP5: "Group-5",
    PfsGroup.GROUP14: "Group-14",
}

ENCRYPTION_V1 = dict.fromkeys(EncryptionAlgorithm) | {EncryptionAlgorithm.AES: "AES-CBC-128"}
AUTHENTICATION_V1 = dict.fromkeys(AuthenticationAlgorithm) | {AuthenticationAlgorithm.SHA1: "HMAC-SHA1-96"}
GROUP_V1 = dict.fromkeys(DhGroup) | {DhGroup.GROUP2: "Group-2"}
PFS_V1 = dict.fromkeys(PfsGroup) | {PfsGroup.GROUP2: "Group-2"}

IKE_LIFETIMES = {IkeVersion.IKEV1: 36600, IkeVersion.IKEV2: 36000}
IPSEC_LIFETIME = 10800
PORTS = {"esp": ("ESP", ""), "ike": ("UDP", "500"), "nat": ("UDP", "4500")}


def name_of(document: Document) -> str:
    """Names are in small letters."""
    return document.key.lower()


def tunnel(document: Document) -> dict[str, Value]:
    """What the tunnels of both kinds of gateway share; algorithms for IKEv2 alone."""
    ike, ipsec = document.ike, document.ipsec
    suite: dict[str, Value] = {}
    if ike.version == IkeVersion.IKEV2:
        first: dict[str, Value] = {
            "encryption": [IKE_ENCRYPTION[ike.encryption]],
            "integrity": [IKE_AUTHENTICATION[ike.authentication]],
            "prf": [PRF[ike.authentication]],
            "dh": [GROUP[ike.group]],
        }
        second: dict[str, Value] = {
            "encryption": [IPSEC_ENCRYPTION[ipsec.encryption]],
            "integrity": [IPSEC_AUTHENTICATION[ipsec.authentication]],
            "pfs": [PFS[ipsec.pfs]],
        }
        suite = {"cipher_suite": {"phase1": first, "phase2": second}}
    return {
        "name": name_of(document),
        "ike_version": int(VERSION[ike.version][-1]),
        "shared_secret": Expression(f"var.{clouds.KEY}"),
        **suite,
    }


def classic(document: Document) -> Iterator[str]:
    """A gateway with static routes."""
    name = name_of(document)
    gateway = Expression("google_compute_vpn_gateway.alibaba.id")
    yield clouds.networks_variable(document)
    yield clouds.resource("google_compute_address", name=name)
    yield clouds.resource("google_compute_vpn_gateway", name=name, network=Expression("var.network"))
    for label, (protocol, port) in PORTS.items():
        yield clouds.resource(
            "google_compute_forwarding_rule",
            label,
            name=f"{name}-{label}",
            ip_protocol=protocol,
            **({"port_range": port} if port else {}),
            ip_address=Expression("google_compute_address.alibaba.address"),
            target=gateway,
        )
    yield clouds.resource(
        "google_compute_vpn_tunnel",
        **tunnel(document),
        peer_ip=document.remote_ip,
        target_vpn_gateway=gateway,
        local_traffic_selector=document.local_selectors,
        remote_traffic_selector=document.remote_selectors,
        depends_on=[Expression(f"google_compute_forwarding_rule.{label}") for label in PORTS],
    )
    yield clouds.resource(
        "google_compute_route",
        for_each=Expression(f"toset(var.{clouds.NETWORKS})"),
        name=Expression(f'"{name}-${{replace(replace(each.value, ".", "-"), "/", "-")}}"'),
        network=Expression("var.network"),
        dest_range=Expression("each.value"),
        next_hop_vpn_tunnel=Expression("google_compute_vpn_tunnel.alibaba.id"),
    )


def dynamic(document: Document) -> Iterator[str]:
    """A gateway with BGP, of whose two addresses the first is used."""
    bgp, name = document.session, name_of(document)
    router = Expression("google_compute_router.alibaba.name")
    yield clouds.resource("google_compute_ha_vpn_gateway", name=name, network=Expression("var.network"))
    yield clouds.resource(
        "google_compute_external_vpn_gateway",
        name=name,
        redundancy_type="SINGLE_IP_INTERNALLY_REDUNDANT",
        interface={"id": 0, "ip_address": document.remote_ip},
    )
    yield clouds.resource(
        "google_compute_router", name=name, network=Expression("var.network"), bgp={"asn": bgp.local_asn}
    )
    yield clouds.resource(
        "google_compute_vpn_tunnel",
        **tunnel(document),
        vpn_gateway=Expression("google_compute_ha_vpn_gateway.alibaba.id"),
        vpn_gateway_interface=0,
        peer_external_gateway=Expression("google_compute_external_vpn_gateway.alibaba.id"),
        peer_external_gateway_interface=0,
        router=Expression("google_compute_router.alibaba.id"),
    )
    yield clouds.resource(
        "google_compute_router_interface",
        name=name,
        router=router,
        ip_range=f"{bgp.local_ip}/30",
        vpn_tunnel=Expression("google_compute_vpn_tunnel.alibaba.name"),
    )
    key: dict[str, Value] = {}
    if bgp.key:
        key = {"md5_authentication_key": {"name": name, "key": Expression(f"var.{clouds.BGP_KEY}")}}
    yield clouds.resource(
        "google_compute_router_peer",
        name=name,
        router=router,
        interface=Expression("google_compute_router_interface.alibaba.name"),
        peer_ip_address=bgp.peer_ip,
        peer_asn=bgp.peer_asn,
        **key,
    )


def blocks(document: Document) -> Iterator[str]:
    yield clouds.variable("network", "The VPC network to connect")
    yield from classic(document) if document.bgp is None else dynamic(document)


def ciphers(document: Document) -> dict[str, object]:
    ike, ipsec = document.ike, document.ipsec
    first = (IKE_ENCRYPTION[ike.encryption], IKE_AUTHENTICATION[ike.authentication], GROUP[ike.group])
    second = (IPSEC_ENCRYPTION[ipsec.encryption], IPSEC_AUTHENTICATION[ipsec.authentication], PFS[ipsec.pfs])
    fixed = "" if ike.version == IkeVersion.IKEV2 else "always "
    return {
        "IKE version": VERSION[ike.version],
        "IKE pre-shared key": document.psk,
        "Phase 1": fixed + listed(map(str, first)),
        "Phase 2": fixed + listed(map(str, second)),
    }


def by_hand(document: Document) -> Iterator[Step]:
    bgp, name = document.bgp, name_of(document)
    if bgp is None:
        routing: dict[str, object] = {"Routing options": "Route-based"}
        selectors: dict[str, object] = {}
        if not document.is_route_based:
            routing = {"Routing options": "Policy-based"}
            selectors = {"Local IP ranges": listed(document.local_networks)}
        yield Step(
            "VPN, Create VPN connection, Classic VPN: the gateway",
            {"Name": name, "Network": "the VPC network to connect", "IP address": f"Create IP address, {name}"},
        )
        yield Step(
            "There, Tunnels",
            {
                "Name": name,
                "Remote peer IP address": document.remote_ip,
                **ciphers(document),
                **routing,
                "Remote network IP ranges": clouds.routed(document),
                **selectors,
            },
        )
        yield Step("VPN, Cloud VPN gateways: read the IP address of the gateway.", {})
        return
    yield Step(
        "VPN, Create VPN connection, High-availability (HA) VPN: the gateway",
        {"VPN gateway name": name, "Network": "the VPC network to connect", "VPN gateway IP stack type": "IPv4"},
    )
    yield Step("There, read the IP address of interface 0.", {})
    yield Step(
        "There, Add VPN tunnels: On-prem or non-Google Cloud, Create new peer VPN gateway",
        {"Name": name, "Peer VPN gateway interfaces": "one interface", "Interface 0 IP address": document.remote_ip},
    )
    yield Step(
        "There, Create a single VPN tunnel; Cloud Router, Create new router",
        {
            "Cloud Router name": name,
            "Google ASN": bgp.local_asn,
            "Associated Cloud VPN gateway interface": "0",
            "Name": name,
            **ciphers(document),
        },
    )
    key: dict[str, object] = {"MD5 authentication": "Disabled"}
    if bgp.key:
        key = {"MD5 authentication": "Enabled", "MD5 authentication key": bgp.key}
    yield Step(
        "There, Configure BGP sessions",
        {
            "Name": name,
            "Peer ASN": bgp.peer_asn,
            "Allocate BGP IPv4 address": "Manually",
            "Cloud Router BGP IPv4 address": bgp.local_ip,
            "BGP peer IPv4 address": bgp.peer_ip,
            **key,
        },
    )


def render(document: Document) -> dict[str, str]:
    address = "google_compute_address.alibaba.address"
    if document.bgp is not None:
        address = "google_compute_ha_vpn_gateway.alibaba.vpn_interfaces[0].ip_address"
    text = clouds.terraform(document, CLOUD, "hashicorp/google", ">= 7.0", address, blocks(document))
    return clouds.files(document, "google", text, clouds.steps(document, CLOUD, "the gateway", by_hand(document)))


def limits(document: Document) -> Iterator[Note]:
    yield from clouds.private_asn_notes(document, CLOUD)
    if document.ike.version == IkeVersion.IKEV1 and len(document.pairs) > 1:
        text = _("Google Cloud negotiates one network on each side with ikev1. Choose ikev2.")
        yield Note("networks", text, True)
    yield from clouds.lifetime_notes(
        CLOUD,
        (document.ike.lifetime, IKE_LIFETIMES[document.ike.version]),
        (document.ipsec.lifetime, IPSEC_LIFETIME),
    )
    yield from clouds.watched_notes(document, CLOUD)
    if document.bgp is None:
        yield Note("classic", _("Without BGP this is a Classic VPN gateway: HA VPN of Google Cloud needs BGP."))
    yield from clouds.cloud_notes(document, CLOUD)


DIALECT = Dialect(
    key="google-cloud",
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
    ikev1={
        "ike.encryption": ENCRYPTION_V1,
        "ike.authentication": AUTHENTICATION_V1,
        "ike.group": GROUP_V1,
        "ipsec.encryption": ENCRYPTION_V1,
        "ipsec.authentication": AUTHENTICATION_V1,
        "ipsec.pfs": PFS_V1,
    },
    render=render,
    limits=limits,
    group=Group.CLOUDS,
)
