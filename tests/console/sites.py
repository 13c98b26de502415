"""What people do with the simulated devices of connections."""

from connections.models import Connection, Device, Tunnel
from connections.services import devices
from vpnconsole.testing import factories

BGP = {
    "enable_bgp": True, "local_asn": 64512,
    "tunnel": {"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"},
}  # fmt: skip
HEALTH_CHECK = {"health_check": True, "health_check_dip": "192.168.1.1", "health_check_sip": "10.0.0.1"}


def tunnel_of(connection: Connection) -> Tunnel:
    return Tunnel.objects.whole().get(connection__resource_id=connection.resource_id)


def do(connection: Connection, name: str, *args, **options) -> Device | None:
    """Call a service for the connection's device."""
    actor = factories.make_actor(connection.account)
    return getattr(devices, name)(actor, tunnel_of(connection), *args, **options)


def load(connection: Connection, **changed) -> None:
    """Let the device load the peer configuration, and change some of its settings."""
    do(connection, "load_configuration")
    if changed:
        edited = tunnel_of(connection).device
        for name, value in changed.items():
            setattr(edited, name, value)
        devices.edit_device(factories.make_actor(connection.account), edited, edited.revision)
