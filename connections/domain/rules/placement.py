"""Placement of connections: transit router and zone, and suitable customer gateways."""

from collections.abc import Iterable, Iterator

from connections.domain.choices import NetworkType
from connections.domain.parsing import is_private_address
from connections.domain.problems import Problem
from connections.messages import message as _


def placement_problems(
    *, region: str, zones: Iterable[str], cen: str | None, router: str | None, router_cen: str | None,
    router_region: str | None, zone: str, has_zone: bool = True
) -> Iterator[Problem]:  # fmt: skip
    """Judge the transit router of a new connection, and its zone if it has one. [P20, P21, P25, P172]"""
    if not cen:
        yield Problem("cen", "missing", _("Choose the CEN instance to associate with, or Do Not Associate."))
    if not router:
        yield Problem("transit_router", "missing", _("Choose a transit router of the CEN instance."))
    elif cen and router_cen != cen:
        yield Problem(
            "transit_router", "other_cen", _("This transit router does not belong to the chosen CEN instance.")
        )
    elif router_region != region:
        yield Problem("transit_router", "other_region", _("The transit router must be in the connection's region."))
    if has_zone:
        yield from zone_problems(zone, zones)


def zone_problems(zone: str, zones: Iterable[str]) -> Iterator[Problem]:
    """Judge the zone of a connection with one tunnel, which is one of these. [P21]"""
    if not zone:
        yield Problem("zone", "missing", _("Choose the zone in which resources are created."))
    elif zone not in zones:
        yield Problem("zone", "other_region", _("This zone is not one of the connection's region."))


def private_router_problems(network_type: str, router: str, has_cidr: bool) -> Iterator[Problem]:
    """A private connection needs a transit router with a CIDR block, from which it gets its gateway address [P26]."""
    if network_type == NetworkType.PRIVATE and not has_cidr:
        yield Problem(
            "transit_router",
            "no_cidr",
            _(
                "A private connection takes its gateway address from the transit router's CIDR block, and {router} has "
                "none. Choose a transit router with a CIDR block.",
                router=router,
            ),
        )


def gateway_exchange_problems(before: str, after: str) -> Iterator[Problem]:
    """An unassociated connection keeps the type of its customer gateway's address. [P107]"""
    if is_private_address(before) != is_private_address(after):
        kind = _("private") if is_private_address(before) else _("public")
        yield Problem(
            "customer_gateway",
            "other_type",
            _(
                "While the connection is not associated, its customer gateway can only be exchanged for another one "
                "with a {kind} address; {after} is not one.",
                kind=kind,
                after=after,
            ),
        )


def gateway_type_warnings(network_type: str, gateway_ip: str) -> Iterator[Problem]:
    """Public connections meet public addresses, private ones private addresses [P11]."""
    if not gateway_ip:
        return
    private = is_private_address(gateway_ip)
    if network_type == NetworkType.PUBLIC and private:
        yield Problem(
            "customer_gateway",
            "private_address",
            _(
                "{gateway_ip} is a private address. For a device behind NAT, the gateway needs the NAT's public "
                "address.",
                gateway_ip=gateway_ip,
            ),
        )
    if network_type == NetworkType.PRIVATE and not private:
        yield Problem(
            "customer_gateway",
            "public_address",
            _("{gateway_ip} is a public address; a private connection expects a private one.", gateway_ip=gateway_ip),
        )
