"""All advice on a connection as a whole."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from connections.domain.applicability import Applicability
from connections.domain.problems import Problem
from connections.domain.rules.bgp import bgp_warnings
from connections.domain.rules.health_check import health_check_warnings
from connections.domain.rules.ike import identity_warnings, strength_warnings
from connections.domain.rules.networks import network_warnings
from connections.domain.rules.placement import gateway_type_warnings


def connection_warnings(values: Mapping[str, object], tunnel: int = 1) -> Iterator[Problem]:
    """All advice on one tunnel of a connection, from the flat values of both and the gateway's facts.

    Beside the fields' own names, `gateway_ip` and `gateway_asn` describe the customer gateway. Values that
    are missing or not valid yet are ignored.
    """
    applicability = Applicability(values)

    def get(field: str) -> Any:
        return values.get(field) if applicability.applies(field) else None

    bgp = bool(get("enable_bgp"))
    warnings: list[Iterator[Problem]] = [
        strength_warnings(values),
        gateway_type_warnings(get("network_type") or "", get("gateway_ip") or ""),
    ]
    warnings.append(network_warnings(get("local_subnet") or (), get("remote_subnet") or ()))
    for field in ("local_id", "remote_id"):
        warnings.append(identity_warnings(get("ike_version") or "", get("ike_mode") or "", field, get(field) or ""))
    if bgp:
        warnings.append(
            bgp_warnings(
                get("tunnel_cidr") or "",
                get("local_asn"),
                get("gateway_asn"),
                get("routing_mode") or "",
                bool(get("health_check")),
            )
        )
    if get("health_check"):
        warnings.append(
            health_check_warnings(
                get("health_check_dip") or "",
                get("health_check_sip") or "",
                get("local_subnet") or (),
                get("remote_subnet") or (),
            )
        )
    for problem in chain(*warnings):
        yield replace(problem, tunnel=tunnel)
