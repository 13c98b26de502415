"""The four objects in which the API carries fields of a connection and its tunnel, with their keys and their order.

The API reads and answers them, Show as code writes them, errors and the JSON peer configuration use their keys.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from connections.domain import sections
from connections.wire.names import wire_name

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Group:
    """One object: the name of its parameter, and the key of each field in a request."""

    name: str
    keys: Mapping[str, str]

    @property
    def fields(self) -> dict[str, str]:
        """The field behind each key."""
        return {key: field for field, key in self.keys.items()}

    def written(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """The values of this object's fields under the keys of a request."""
        return {key: values[field] for field, key in self.keys.items() if field in values}

    def answered(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """The values of this object's fields under the keys of an answer, all of which begin with a capital letter."""
        return {key[0].upper() + key[1:]: value for key, value in self.written(values).items()}


def _named_by_rule(name: str, fields: Iterable[str]) -> Group:
    return Group(name, {field: wire_name(field) for field in fields})


IKE = _named_by_rule("IkeConfig", ("psk", *sections.IKE.fields))
IPSEC = _named_by_rule("IpsecConfig", (field for field in sections.IPSEC.fields if field.startswith("ipsec_")))
# The switches of the section are parameters of their own.
SWITCHES = {wire_name(field): field for field in sections.IPSEC.fields if field not in IPSEC.keys}
BGP = _named_by_rule("BgpConfig", ("enable_bgp", "local_asn", *sections.BGP.fields))
# The one object whose keys follow no rule [P132].
HEALTH_CHECK = Group(
    "HealthCheckConfig",
    {
        "health_check": "enable",
        "health_check_dip": "dip",
        "health_check_sip": "sip",
        "health_check_interval": "interval",
        "health_check_retry": "retry",
        "health_check_policy": "Policy",
    },
)
GROUPS = (IKE, IPSEC, BGP, HEALTH_CHECK)
# The objects of each of two tunnels. BGP is switched for both at once.
TUNNEL_IKE, TUNNEL_IPSEC = replace(IKE, name="TunnelIkeConfig"), replace(IPSEC, name="TunnelIpsecConfig")
TUNNEL_BGP = _named_by_rule("TunnelBgpConfig", ("local_asn", *sections.BGP.fields))
TUNNEL_GROUPS = (TUNNEL_IKE, TUNNEL_IPSEC, TUNNEL_BGP)
# The parameter with two tunnels, or with one that is modified.
TUNNELS = "TunnelOptionsSpecification"
