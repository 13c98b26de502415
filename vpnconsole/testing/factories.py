"""Valid rows with some values changed, created through the services."""

from connections.domain.choices import Role
from connections.models import (
    Account,
    Attachment,
    Cen,
    Connection,
    CustomerGateway,
    Device,
    Route,
    RouteTable,
    TransitRouter,
    TransitRouterCidr,
    Tunnel,
    User,
)
from connections.services import derived
from connections.services.accounts import create_account
from connections.services.cens import create_cen, create_transit_router
from connections.services.connections import create_connection
from connections.services.customer_gateways import create_customer_gateway
from connections.services.devices import edit_device, load_configuration
from connections.services.drafts import Draft
from connections.services.operations import Actor
from connections.services.route_tables import create_route_table

REGION = "eu-central-1"
PASSWORD = "correct horse battery"


def make_account(name="Harbour Logistics") -> Account:
    return create_account(name, "Wide area network")


def make_user(account=None, username="alice", **changed) -> User:
    user = User(account=account or make_account(), username=username, **{"role": Role.ADMINISTRATOR} | changed)
    user.set_password(PASSWORD)
    user.save()
    return user


def make_actor(account=None) -> Actor:
    """A new actor, with a request ID of its own."""
    return Actor(account or make_account(), "alice")


def make_customer_gateway(account, *, tags=(), **changed) -> CustomerGateway:
    values = {"region_id": REGION, "name": "hamburg", "ip_address": "203.0.113.10", "asn": 65010} | changed
    return create_customer_gateway(make_actor(account), CustomerGateway(**values), tags)


def make_cen(account, *, tags=(), **changed) -> Cen:
    return create_cen(make_actor(account), Cen(**{"name": "backbone"} | changed), tags)


def make_transit_router(account, *, cen=None, cidrs=(), **changed) -> TransitRouter:
    values = {"cen": cen or make_cen(account), "region_id": REGION, "name": "frankfurt"} | changed
    blocks = [TransitRouterCidr(cidr=cidr) for cidr in cidrs]
    return create_transit_router(make_actor(account), TransitRouter(**values), blocks)


def make_route_table(router, *, tags=(), **changed) -> RouteTable:
    """A custom route table of a transit router."""
    values = {"account": router.account, "transit_router": router, "name": "branches"} | changed
    return create_route_table(make_actor(router.account), RouteTable(**values), tags)


def make_draft(account, *, gateway=None, router=None, zone="eu-central-1a", tunnel=None, tags=(), **changed) -> Draft:
    """A connection with default values; with a transit router it gets an attachment."""
    gateway = gateway or make_customer_gateway(account)
    connection = Connection(account=account, **{"region_id": gateway.region_id, "name": "hq"} | changed)
    tunnels = [Tunnel(connection=connection, customer_gateway=gateway, **(tunnel or {}))]
    attachment = Attachment(account=account, transit_router=router, zone=zone) if router else None
    return Draft(connection, tunnels, attachment, list(tags))


def make_connection(account, **changed) -> Connection:
    return create_connection(make_actor(account), make_draft(account, **changed))


def make_dual_draft(account, *, gateways=(), router=None, second=None, first=None, tags=(), **changed) -> Draft:
    """A connection with two tunnels, to two customer gateways. `first`, `second`: values of the tunnels."""
    gateways = gateways or [make_customer_gateway(account, ip_address=f"203.0.113.{last}") for last in (1, 2)]
    draft = make_draft(account, gateway=gateways[0], router=router, zone="", tunnel=first, tags=tags, **changed)
    draft.tunnels = [
        *draft.tunnels, Tunnel(connection=draft.connection, index=2, customer_gateway=gateways[-1], **(second or {}))
    ]  # fmt: skip
    return draft


def make_dual(account, **changed) -> Connection:
    return create_connection(make_actor(account), make_dual_draft(account, **changed))


def configured_device(**changed) -> Device:
    """A configured device with BGP that is not stored."""
    values = {
        "address": "203.0.113.10", "peer_address": "47.1.2.3", "psk": "key", "local_id": "here", "remote_id": "there",
        "ike_version": ["ikev2", "ikev1"], "ike_enc_alg": ["aes256", "aes"], "ike_auth_alg": ["sha256"],
        "ike_pfs": ["group14"], "ipsec_enc_alg": ["aes"], "ipsec_auth_alg": ["sha1"],
        "ipsec_pfs": ["disabled", "group14"], "local_subnet": ["192.168.0.0/16"],
        "remote_subnet": ["10.0.0.0/8", "172.16.0.0/12"], "enable_bgp": True, "local_asn": 65010,
        "local_bgp_ip": "169.254.10.2", "peer_asn": 45104, "peer_bgp_ip": "169.254.10.1",
        "announced": ["192.168.0.0/16", "10.1.0.0/16 65020 65021"],
    }  # fmt: skip
    return Device(is_configured=True, **values | changed)


def configure_device(tunnel, **changed) -> Device:
    """Store a configured device of a tunnel in place of its own."""
    stored = Device.objects.get(tunnel=tunnel)
    device = configured_device(tunnel=tunnel, pk=stored.pk, **changed)
    device.save()
    return device


def make_bgp_connection(account, number: int = 1, **changed) -> Connection:
    """A connection with BGP; connections with different numbers have different tunnel blocks."""
    addresses = {"tunnel_cidr": f"169.254.{9 + number}.0/30", "local_bgp_ip": f"169.254.{9 + number}.1"}
    return make_connection(account, **{"enable_bgp": True, "tunnel": addresses} | changed)


def load_device(connection, **changed) -> Device:
    """Let the device of a connection load the peer configuration, then change some of its settings."""
    device = load_configuration(make_actor(connection.account), connection.tunnel)
    for name, value in changed.items():
        setattr(device, name, value)
    return edit_device(make_actor(connection.account), device, device.revision) if changed else device


def make_route(connection, destination: str, **changed) -> Route:
    """A stored route, in any state of the connection."""
    route = Route(connection=connection, destination=destination, **changed)
    derived.fill([route])
    route.save()
    return route


def rest(*rows) -> None:
    """End the transitions of these rows."""
    for row in rows:
        row.transition, row.transition_ends = "", None
        row.save(update_fields=["transition", "transition_ends"])
