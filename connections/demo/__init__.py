"""The demo data: two tenants, to show connections across accounts, and what has happened to their tunnels.

Addresses of devices are those for documentation (RFC 5737).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from connections.domain.choices import Role, Start
from connections.models import (
    Account,
    Attachment,
    Cen,
    Connection,
    CustomerGateway,
    TransitRouter,
    TransitRouterCidr,
    Tunnel,
)
from connections.negotiation import End
from connections.services import devices
from connections.services.drafts import Draft
from connections.services.operations import Actor

PASSWORD = "vpn-console-demo"  # noqa: S105 - documented, of demo users only


@dataclass(frozen=True)
class Member:
    """A user of the demo."""

    username: str
    first_name: str
    last_name: str
    role: str = Role.ADMINISTRATOR


@dataclass(frozen=True)
class Tenant:
    """An account of the demo and its members. The first one creates everything and owns the documented key."""

    name: str
    groups: tuple[str, ...]
    members: tuple[Member, ...]
    access_key_id: str
    access_key_secret: str


HARBOUR = Tenant(
    "Harbour Logistics",
    ("Wide area network",),
    (
        Member("alice", "Alice", "Berger"),
        Member("omar", "Omar", "Haddad", Role.OPERATOR),
        Member("rita", "Rita", "Lindgren", Role.READ_ONLY),
    ),
    access_key_id="LTAI5tHarbourLogistics01",
    access_key_secret="HarbourDemoSecretKeyForTests01",  # noqa: S106 - documented, of the demo only
)
SUMMIT = Tenant(
    "Summit Retail",
    ("Stores",),
    (Member("bob", "Bob", "Okafor"), Member("sofia", "Sofia", "Marin", Role.READ_ONLY)),
    access_key_id="LTAI5tSummitRetailDemo01",
    access_key_secret="SummitDemoSecretKeyForTests001",  # noqa: S106 - documented, of the demo only
)
TENANTS = (HARBOUR, SUMMIT)

FRANKFURT, HANGZHOU, SINGAPORE = "eu-central-1", "cn-hangzhou", "ap-southeast-1"

# Encryption stronger than the product's defaults.
_STRONG = {
    "ike_enc_alg": "aes256",
    "ike_auth_alg": "sha256",
    "ike_pfs": "group14",
    "ipsec_enc_alg": "aes256",
    "ipsec_auth_alg": "sha256",
    "ipsec_pfs": "group14",
}

_GATEWAYS = {
    HARBOUR: (
        # region, name, address, ASN, description, tags
        (FRANKFURT, "hamburg-dc1", "203.0.113.10", 65010, "Main data center, edge pair A", {"site": "hamburg"}),
        (FRANKFURT, "rotterdam-port", "203.0.113.44", 65020, "Terminal operations", {"site": "rotterdam"}),
        (FRANKFURT, "paris-branch", "198.51.100.7", None, "Branch office, no BGP", {"site": "paris"}),
        (FRANKFURT, "antwerp-depot", "203.0.113.77", None, "Container depot", {"site": "antwerp"}),
        (FRANKFURT, "munich-lab-private", "10.250.0.9", 65030, "Reached over a leased line", {}),
        (HANGZHOU, "ningbo-warehouse", "203.0.113.180", 64620, "", {"site": "ningbo"}),
        (SINGAPORE, "singapore-hub", "198.51.100.90", 4200000100, "", {"site": "singapore"}),
    ),
    SUMMIT: (
        (FRANKFURT, "vienna-hq", "192.0.2.20", 64900, "Head office", {"env": "prod"}),
        (SINGAPORE, "jurong-store", "192.0.2.77", None, "", {"env": "pilot"}),
    ),
}
_CENS = {
    HARBOUR: (("harbour-backbone", "Production network", 1), ("harbour-lab", "Experiments", 0)),
    SUMMIT: (("summit-core", "Stores and head office", 1),),
}
_ROUTERS = {
    HARBOUR: (
        ("harbour-backbone", FRANKFURT, "backbone-frankfurt", ("10.200.0.0/20",)),
        ("harbour-backbone", HANGZHOU, "backbone-hangzhou", ("10.200.16.0/20",)),
        ("harbour-backbone", SINGAPORE, "backbone-singapore", ()),
        ("harbour-lab", FRANKFURT, "lab-frankfurt", ()),
    ),
    SUMMIT: (("summit-core", FRANKFURT, "core-frankfurt", ("10.128.0.0/22",)),),
}


def gateways(tenant: Tenant) -> Iterator[tuple[CustomerGateway, list]]:
    for region, name, address, asn, description, tags in _GATEWAYS[tenant]:
        gateway = CustomerGateway(region_id=region, name=name, ip_address=address, asn=asn, description=description)
        yield gateway, list(tags.items())


def cens(tenant: Tenant, account: Account) -> Iterator[tuple[Cen, list]]:
    groups = list(account.resource_groups.all())
    for name, description, group in _CENS[tenant]:
        yield Cen(name=name, description=description, resource_group=groups[group]), []


def routers(tenant: Tenant, cens: dict[str, Cen]) -> Iterator[tuple[TransitRouter, list[TransitRouterCidr]]]:
    for cen, region, name, cidrs in _ROUTERS[tenant]:
        blocks = [TransitRouterCidr(cidr=cidr) for cidr in cidrs]
        yield TransitRouter(cen=cens[cen], region_id=region, name=name), blocks


def _draft(
    region: str,
    name: str,
    gateway: CustomerGateway,
    router: TransitRouter | None = None,
    tags: Mapping[str, str] | None = None,
    tunnel: Mapping[str, str] | None = None,
    zone: str = "",
    **connection: Any,
) -> Draft:
    return Draft(
        Connection(region_id=region, name=name, **connection),
        [Tunnel(customer_gateway=gateway, **(tunnel or {}))],
        Attachment(transit_router=router, zone=zone) if router else None,
        list((tags or {}).items()),
    )


def drafts(
    tenant: Tenant, gateways: Mapping[str, CustomerGateway], routers: Mapping[str, TransitRouter]
) -> list[Draft]:
    """Connections of every shape: both routing modes, BGP, health check, private, unassociated."""
    if tenant is SUMMIT:
        return [
            _draft(
                FRANKFURT,
                "vienna-to-core",
                gateways["vienna-hq"],
                routers["core-frankfurt"],
                {"env": "prod"},
                zone="eu-central-1a",
            ),
            _draft(SINGAPORE, "jurong-pilot", gateways["jurong-store"], tags={"env": "pilot"}),
        ]
    return [
        _draft(
            FRANKFURT,
            "hamburg-primary",
            gateways["hamburg-dc1"],
            routers["backbone-frankfurt"],
            {"env": "prod", "site": "hamburg", "owner": "network"},
            zone="eu-central-1a",
            enable_bgp=True,
            local_asn=64512,
            tunnel={
                "tunnel_cidr": "169.254.10.0/30",
                "local_bgp_ip": "169.254.10.1",
                **_STRONG,
            },
        ),
        _draft(
            FRANKFURT,
            "rotterdam-terminal",
            gateways["rotterdam-port"],
            routers["backbone-frankfurt"],
            {"env": "prod", "site": "rotterdam"},
            zone="eu-central-1b",
            routing_mode="protected",
            local_subnet=["10.10.0.0/16", "10.11.0.0/16"],
            remote_subnet=["192.168.40.0/24", "192.168.41.0/24"],
            health_check=True,
            health_check_dip="192.168.40.1",
            health_check_sip="10.10.0.10",
            tunnel={"ike_pfs": "group14", "ipsec_pfs": "group14"},
        ),
        _draft(FRANKFURT, "paris-branch", gateways["paris-branch"], tags={"site": "paris"}),
        _draft(
            FRANKFURT,
            "antwerp-depot",
            gateways["antwerp-depot"],
            routers["backbone-frankfurt"],
            {"env": "prod", "site": "antwerp"},
            zone="eu-central-1b",
            tunnel={"ike_pfs": "group14", "ipsec_pfs": "group14"},
        ),
        _draft(
            FRANKFURT,
            "munich-leased-line",
            gateways["munich-lab-private"],
            routers["backbone-frankfurt"],
            {"env": "lab"},
            zone="eu-central-1c",
            network_type="private",
        ),
        _draft(
            HANGZHOU,
            "ningbo-warehouse",
            gateways["ningbo-warehouse"],
            routers["backbone-hangzhou"],
            {"site": "ningbo"},
            zone="cn-hangzhou-h",
        ),
        _draft(
            SINGAPORE,
            "singapore-hub",
            gateways["singapore-hub"],
            routers["backbone-singapore"],
            {"site": "singapore"},
            zone="ap-southeast-1a",
            effect_immediately=False,
            tunnel={"ike_version": "ikev1", "ike_mode": "aggressive", "remote_id": "hub.example.com"},
        ),
    ]


def pair_gateways() -> Iterator[tuple[CustomerGateway, list]]:
    """Customer gateways of connections with two tunnels, beside those of `gateways`."""
    second = CustomerGateway(
        region_id=FRANKFURT,
        name="rotterdam-quay",
        ip_address="203.0.113.45",
        asn=65020,
        description="Terminal operations, second building",
    )
    yield second, [("site", "rotterdam")]


def pairs(gateways: Mapping[str, CustomerGateway], routers: Mapping[str, TransitRouter]) -> list[Draft]:
    """Connections with two tunnels of the first tenant: both to one customer gateway, and each to its own."""
    several = {
        "hamburg-two-tunnels": ("hamburg-dc1", "hamburg-dc1", 20, 64513, "hamburg"),
        "rotterdam-two-tunnels": ("rotterdam-port", "rotterdam-quay", 30, 64514, "rotterdam"),
    }
    drafts = []
    for name, (first, second, block, asn, site) in several.items():
        tunnels = [
            _STRONG | {"tunnel_cidr": f"169.254.{number}.0/30", "local_bgp_ip": f"169.254.{number}.1"}
            for number in (block, block + 1)
        ]
        tags = {"env": "prod", "site": site}
        router = routers["backbone-frankfurt"]
        draft = _draft(FRANKFURT, name, gateways[first], router, tags, tunnels[0], enable_bgp=True, local_asn=asn)
        draft.tunnels = [*draft.tunnels, Tunnel(customer_gateway=gateways[second], index=2, **tunnels[1])]
        drafts.append(draft)
    return drafts


@dataclass(frozen=True)
class Happening:
    """What a member did with the simulated device of a tunnel, so long before the demo was loaded."""

    before: timedelta
    connection: str
    do: Callable[[Actor, Tunnel], object]
    tunnel: int = 1
    # By default, the first member of the tenant.
    by: str = ""


def _set(actor: Actor, tunnel: Tunnel, **settings: Any) -> None:
    """Change settings of a device."""
    device = tunnel.device
    for name, value in settings.items():
        setattr(device, name, value)
    devices.edit_device(actor, device, device.revision)


def _sending(connection: str, cloud: int, device: int, **before: float) -> list[Happening]:
    """Steady traffic from both ends, in bit/s."""
    rates = ((End.CLOUD, cloud), (End.DEVICE, device))
    return [
        Happening(timedelta(**before), connection, partial(devices.send, sender=end, bits=bits, steadily=True))
        for end, bits in rates
    ]


def _loaded(connection: str, tunnel: int = 1, **before: float) -> Happening:
    return Happening(timedelta(**before), connection, devices.load_configuration, tunnel)


def _changed(connection: str, settings: Mapping[str, Any], tunnel: int = 1, **before: float) -> Happening:
    return Happening(timedelta(**before), connection, partial(_set, **settings), tunnel)


def _by(member: str, happenings: Iterable[Happening]) -> list[Happening]:
    return [replace(happening, by=member) for happening in happenings]


def pair_happenings() -> list[Happening]:
    """What has happened to the devices of connections with two tunnels, in this order."""
    one, two = "hamburg-two-tunnels", "rotterdam-two-tunnels"
    return [
        # Both tunnels up, with BGP over both.
        *(_loaded(one, number, days=23) for number in (1, 2)),
        *(_changed(one, {"announced": ["10.60.0.0/16", "10.61.0.0/16"]}, number, days=22) for number in (1, 2)),
        *_sending(one, 26_000_000, 11_000_000, days=21),
        # One of two tunnels up: somebody has changed the DH group at the second device.
        *_by(
            "omar",
            [
                *(_loaded(two, number, days=20) for number in (1, 2)),
                *(_changed(two, {"announced": ["10.70.0.0/16"]}, number, days=19) for number in (1, 2)),
                *_sending(two, 4_300_000, 1_600_000, days=18),
                _changed(two, {"ike_pfs": ["group2"]}, 2, hours=5),
            ],
        ),
    ]


def happenings(tenant: Tenant) -> list[Happening]:
    """What has happened to the devices, in this order. Those of unassociated connections are not configured."""
    if tenant is SUMMIT:
        return [
            _loaded("vienna-to-core", days=32),
            *_sending("vienna-to-core", 3_200_000, 1_100_000, days=31, hours=22),
        ]
    announced = ["10.40.0.0/16", "10.41.0.0/16", "172.20.8.0/22 65011"]
    return [
        # Up, with BGP. The line was cut for some minutes.
        _loaded("hamburg-primary", days=33),
        _changed("hamburg-primary", {"announced": announced}, days=32, hours=21),
        *_sending("hamburg-primary", 42_000_000, 18_000_000, days=32, hours=20),
        Happening(timedelta(hours=20, minutes=14), "hamburg-primary", partial(devices.set_line, up=False), by="omar"),
        Happening(timedelta(hours=20, minutes=2), "hamburg-primary", partial(devices.set_line, up=True), by="omar"),
        # Up, with a health check.
        _loaded("rotterdam-terminal", days=30),
        *_sending("rotterdam-terminal", 7_500_000, 2_400_000, days=29, hours=23),
        *_by(
            "omar",
            [
                # Fine until its first rekey: the device has another group for PFS.
                _loaded("munich-leased-line", hours=27),
                _changed("munich-leased-line", {"ipsec_pfs": ["group14"]}, hours=26),
                *_sending("munich-leased-line", 900_000, 400_000, hours=25),
                # A wrong key, since somebody has changed it at the device.
                _loaded("antwerp-depot", days=9),
                *_sending("antwerp-depot", 1_800_000, 650_000, days=8, hours=20),
                _changed("antwerp-depot", {"psk": "changed-at-the-depot"}, hours=3),
            ],
        ),
        # Waits for traffic.
        _loaded("singapore-hub", days=12),
        _changed("singapore-hub", {"starts": Start.TRAFFIC.value}, days=11, hours=23),
        # Up.
        _loaded("ningbo-warehouse", days=21),
        *_sending("ningbo-warehouse", 5_600_000, 5_100_000, days=20),
    ]
