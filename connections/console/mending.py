"""Where users mend what is wrong with a tunnel: addresses of forms and pages, at the field."""

from collections.abc import Iterable

from django.urls import reverse

from connections.domain import device_sections, sections
from connections.models import Tunnel
from connections.negotiation.diagnosis import Mend, Place, mends_of

# Forms by place: the name of their address.
_FORMS = {
    Place.CONNECTION: "connection-modify",
    Place.CUSTOMER_GATEWAY: "customer-gateway-modify",
    Place.DEVICE: "device-modify",
    Place.DEVICE_ACTIONS: "device-detail",
    Place.ROUTES: "connection-routes",
}


def address_of(mend: Mend, tunnel: Tunnel) -> str:
    """The address of the page on which something is mended, at the field."""
    connection, name = tunnel.connection, mend.field
    args = [connection.region_id, connection.resource_id]
    if mend.place == Place.CONNECTION:
        name = _decider(tunnel, name)
        if sections.scope(name):
            name = f"{sections.tunnel_prefix(tunnel.index)}-{name}"
    elif mend.place == Place.CUSTOMER_GATEWAY:
        args = [connection.region_id, tunnel.customer_gateway.resource_id]
    elif mend.place in (Place.DEVICE, Place.DEVICE_ACTIONS):
        args.append(tunnel.resource_id)
        name = _shown_of_device(tunnel, name)
    anchor = f"#div_id_{name}" if name else ""
    return f"{reverse(_FORMS[mend.place], args=args)}{anchor}"


def _shown_of_device(tunnel: Tunnel, name: str) -> str:
    """The field itself, or the one that decides that the form does not show it."""
    deciders = {decider: getattr(tunnel.device, decider) for decider in device_sections.DECIDERS}
    return name if device_sections.applies(name, deciders) else device_sections.APPLIES_WHEN[name][0]


def _decider(tunnel: Tunnel, name: str) -> str:
    """The field of the connection's form that decides about networks, which routes make meaningless."""
    connection = tunnel.connection
    has_networks = bool(connection.phase_2_networks)
    return "routing_mode" if not has_networks and name in ("local_subnet", "remote_subnet") else name


def edit_url(tunnel: Tunnel, name: str, *places: Place) -> str:
    """The address at which a field, named as in a `Difference`, is edited in one of these places; blank for none."""
    found: Iterable[Mend] = (mend for mend in mends_of([name]) if mend.place in places)
    return next((address_of(mend, tunnel) for mend in found), "")
