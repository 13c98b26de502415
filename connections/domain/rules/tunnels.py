"""What two tunnels of one connection must not share, and what they should."""

from collections.abc import Iterator, Mapping
from typing import Any

from connections.domain.applicability import Applicability
from connections.domain.parsing import parse_cidr
from connections.domain.problems import Problem
from connections.messages import message as _


def pair_problems(first_cidr: str, second_cidr: str) -> Iterator[Problem]:
    """Each of two tunnels has a block of its own. [P177]"""
    block = parse_cidr(second_cidr)
    if block is not None and block == parse_cidr(first_cidr):
        yield Problem(
            "tunnel_cidr", "same_block", _("Tunnel 1 uses {block} already. Choose another block.", block=block), 2
        )


def pair_warnings(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Problem]:
    """Advice on two tunnels, from the values that `connection_warnings` takes for each of them. [P179, P181]"""
    asns = [values.get("gateway_asn") for values in (first, second)]
    if Applicability(first).applies("local_asn") and None not in asns and asns[0] != asns[1]:
        yield Problem(
            "customer_gateway",
            "different_asns",
            _(
                "The customer gateways have different ASNs, {first} and {second}. For two ways to one data center, "
                "one ASN is advised.",
                first=asns[0],
                second=asns[1],
            ),
            2,
        )
    gateways, keys = ([values.get(name) for values in (first, second)] for name in ("customer_gateway", "psk"))
    if gateways[0] and gateways[0] == gateways[1] and all(keys) and keys[0] != keys[1]:
        yield Problem(
            "psk",
            "different_keys",
            _("Both tunnels lead to one address of the device. Many devices have one key for each address."),
            2,
        )
