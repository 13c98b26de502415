"""VPC: what two tunnels add to the operations on connections, and the operation for one of them.

An entry of `TunnelOptionsSpecification` is found by the tunnel's ID, else by its number; its place in the list has no
meaning. What an entry of a modification leaves out stays. [P184]
"""

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connections.api.actions.lookups import connection, gateway
from connections.api.errors import ApiError
from connections.api.registry import VPC, Call, Flag, Ignored, Number, Object, Objects, Shape, Text, action, invalid
from connections.domain import limits, sections
from connections.domain.choices import ConnectionState, ProbeResult
from connections.models import Connection, Tunnel
from connections.services.connections import modify_tunnel
from connections.services.disclosures import keys_for_answer
from connections.wire import groups
from connections.wire.codes import ErrorCode
from connections.wire.groups import TUNNELS, Group

NUMBERS = ("ike_lifetime", "ipsec_lifetime", "local_asn")
# Fields for which empty text is a value: the identity follows from the address, the key is generated or stays.
BLANK = ("local_id", "remote_id", "psk")
# Parameters for one tunnel.
_SINGLE = ("CustomerGatewayId", "IkeConfig", "IpsecConfig", "BgpConfig", "HealthCheckConfig")


# --- requests --------------------------------------------------------------------------------------------------------


def _object(group: Group) -> Object:
    return Object(group.name, fields=tuple(_part(field, key) for field, key in group.keys.items()))


def _part(field: str, key: str) -> Text | Number:
    return Number(key) if field in NUMBERS else Text(key, secret=field in sections.SECRETS)


_OBJECTS = tuple(map(_object, groups.TUNNEL_GROUPS))
_ROLE = Ignored("Role", note="follows from the number")
_CERTIFICATE = Ignored("RemoteCaCertificate", note="certificates of SM gateways", secret=True)
_INDEX = Number("TunnelIndex", least=1, most=limits.MAX_TUNNELS)

BGP = Flag("EnableTunnelsBgp", note="of two tunnels, for both at once")
NEW = Objects(
    TUNNELS,
    note="the two tunnels, which differ in TunnelIndex",
    most=limits.MAX_TUNNELS,
    fields=(
        Number("TunnelIndex", required=True, least=1, most=limits.MAX_TUNNELS),
        Text("CustomerGatewayId", required=True),
        Flag("EnableDpd", default=True),
        Flag("EnableNatTraversal", default=True),
        *_OBJECTS,
        _ROLE,
    ),
)
_CHANGES = (Text("CustomerGatewayId"), Flag("EnableDpd"), Flag("EnableNatTraversal"), *_OBJECTS)
CHANGED = Objects(
    TUNNELS,
    note="one tunnel or both, by TunnelId or TunnelIndex; what is not sent stays",
    most=limits.MAX_TUNNELS,
    fields=(Text("TunnelId"), _INDEX, *_CHANGES, _ROLE),
)


def wanted(call: Call) -> bool:
    """Whether a request for a new connection is for two tunnels."""
    return bool(call[TUNNELS] or call[BGP.name])


def refuse_single(call: Call) -> None:
    """Refuse the parameters of a single tunnel beside two tunnels. [P183]"""
    for name in _SINGLE:
        values = call[name] if isinstance(call[name], Mapping) else {name: call[name]}
        if any(value not in ("", "false", None) for value in values.values()):
            why = f"is for connections with a single tunnel. Of two tunnels, send what each has in {TUNNELS}."
            raise ApiError(ErrorCode.SHAPE, name=name, why=why)


def refuse_dual(call: Call) -> None:
    """Refuse the parameters of two tunnels for a connection that has one."""
    for name in (TUNNELS, BGP.name):
        if call[name]:
            raise ApiError(ErrorCode.SHAPE, name=name, why="The connection has a single tunnel, and keeps it.")


def made(call: Call, row: Connection) -> list[Tunnel]:
    """The two tunnels of a new connection. [P171]"""
    refuse_single(call)
    entries = sorted(call[TUNNELS] or (), key=lambda entry: entry["TunnelIndex"])
    if [entry["TunnelIndex"] for entry in entries] != [1, 2]:
        why = f"{TUNNELS} has two entries, one with TunnelIndex 1 and one with TunnelIndex 2."
        raise ApiError(ErrorCode.TUNNEL_OPTIONS, why=why)
    row.enable_bgp = bool(call[BGP.name])
    tunnels = [Tunnel(connection=row, index=entry["TunnelIndex"]) for entry in entries]
    _write_all(call, row, zip(tunnels, entries, strict=True))
    return tunnels


def modified(call: Call, stored: Connection, row: Connection) -> list[Tunnel]:
    """Copies of the two tunnels of a stored connection with what the request changes."""
    refuse_single(call)
    if call[BGP.name] is not None:
        row.enable_bgp = call[BGP.name]
    tunnels = [copy.copy(tunnel) for tunnel in stored.tunnels.all()]
    named = [(_named(tunnels, entry), entry) for entry in call[TUNNELS] or ()]
    if len({tunnel.index for tunnel, _ in named}) < len(named):
        raise invalid(TUNNELS, "has two entries for the same tunnel.")
    for tunnel in tunnels:
        tunnel.connection = row
    _write_all(call, row, named)
    for before, after in zip(stored.tunnels.all(), tunnels, strict=True):
        keep_implied(before, after)
    return tunnels


def keep_implied(before: Tunnel, after: Tunnel) -> None:
    """Leave identities that follow from addresses: clients send back what they have read."""
    for field, implied in (("local_id", before.identity), ("remote_id", before.peer_identity)):
        if not getattr(before, field) and getattr(after, field) == implied:
            setattr(after, field, "")


def _named(tunnels: Iterable[Tunnel], entry: Mapping[str, Any]) -> Tunnel:
    """The tunnel that an entry names by its ID, or else by its number."""
    tunnel_id, index = entry["TunnelId"], entry["TunnelIndex"]
    if not tunnel_id and index is None:
        raise invalid(TUNNELS, "needs a TunnelId or a TunnelIndex in each entry.")
    for tunnel in tunnels:
        if tunnel.resource_id == tunnel_id if tunnel_id else tunnel.index == index:
            if index not in (None, tunnel.index):
                raise invalid(TUNNELS, "has an entry whose TunnelId and TunnelIndex name different tunnels.")
            return tunnel
    raise ApiError(ErrorCode.TUNNEL_NOT_FOUND)


def _write_all(call: Call, row: Connection, named: Iterable[tuple[Tunnel, Mapping[str, Any]]]) -> None:
    asns = set()
    for tunnel, entry in named:
        _write(call, tunnel, entry)
        if asn := (entry[groups.TUNNEL_BGP.name] or {}).get("LocalAsn"):
            asns.add(asn)
    if len(asns) > 1:
        raise _different_asns()
    if asns and row.enable_bgp:
        row.local_asn = asns.pop()


def _different_asns() -> ApiError:
    return ApiError(ErrorCode.ILLEGAL, name="LocalAsn", why="LocalAsn: both tunnels have the ASN of the connection.")


def _write(call: Call, tunnel: Tunnel, entry: Mapping[str, Any]) -> None:
    """Write an entry into its tunnel, but for the ASN, which is the connection's."""
    if entry["CustomerGatewayId"]:
        tunnel.customer_gateway = gateway(call, entry["CustomerGatewayId"])
    for name, field in groups.SWITCHES.items():
        if entry[name] is not None:
            setattr(tunnel, field, entry[name])
    for group in groups.TUNNEL_GROUPS:
        for key, value in (entry[group.name] or {}).items():
            field = group.fields[key]
            if field != "local_asn" and value is not None and (value != "" or field in BLANK):
                setattr(tunnel, field, value)


# --- answers ---------------------------------------------------------------------------------------------------------


def _shape(number: type, flag: type, bgp: Shape) -> Shape:
    """What all answers have of a tunnel. Numbers and switches are text in some answers. [P184]"""
    ike, ipsec = (
        group.answered({field: number if field in NUMBERS else str for field in group.keys})
        for group in (groups.TUNNEL_IKE, groups.TUNNEL_IPSEC)
    )
    session = {"LocalAsn": number, "PeerAsn": number, "LocalBgpIp": str, "PeerBgpIp": str, "TunnelCidr": str}
    return {
        "TunnelId": str, "InternetIp": str, "CustomerGatewayId": str, "Role": str, "State": str, "EnableDpd": flag,
        "EnableNatTraversal": flag, groups.TUNNEL_IKE.name: ike, groups.TUNNEL_IPSEC.name: ipsec,
        groups.TUNNEL_BGP.name: session | bgp,
    }  # fmt: skip


DESCRIBED = _shape(str, str, {"BgpStatus": str}) | {"TunnelIndex": int, "ZoneNo": str, "Status": str}
AFTERWARDS = _shape(int, bool, {}) | {"TunnelIndex": int}
ALONE = _shape(int, bool, {"EnableBgp": bool}) | {"ZoneNo": str, "RemoteCaCertificate": str}


def _same(value: Any) -> Any:
    return value


def _text(value: Any) -> str:
    return str(value).lower()


def _tunnel(tunnel: Tunnel, keys: Mapping[str, str], spelled: Callable[[Any], Any] = _same) -> dict[str, Any]:
    """What all answers have of a tunnel. `spelled` writes numbers and switches."""
    row = tunnel.connection
    values = {name: getattr(tunnel, name) for group in groups.TUNNEL_GROUPS[:2] for name in group.keys}
    values |= {name: spelled(values[name]) for name in NUMBERS if name in values}
    values |= {"psk": keys.get(tunnel.resource_id, ""), "local_id": tunnel.identity}
    values |= {"remote_id": tunnel.peer_identity}
    moving = row.under_way in (ConnectionState.PROVISIONING, ConnectionState.UPDATING)
    return {
        "TunnelId": tunnel.resource_id,
        "InternetIp": tunnel.internet_ip,
        "CustomerGatewayId": tunnel.customer_gateway.resource_id,
        "Role": tunnel.role.value,
        "State": "updating" if moving else "active",
        **{name: spelled(getattr(tunnel, field)) for name, field in groups.SWITCHES.items()},
        groups.TUNNEL_IKE.name: groups.TUNNEL_IKE.answered(values),
        groups.TUNNEL_IPSEC.name: groups.TUNNEL_IPSEC.answered(values),
        groups.TUNNEL_BGP.name: {
            "LocalAsn": spelled(row.local_asn),
            "PeerAsn": spelled(tunnel.customer_gateway.asn),
            "LocalBgpIp": tunnel.local_bgp_ip,
            "PeerBgpIp": tunnel.peer_bgp_ip,
            "TunnelCidr": tunnel.tunnel_cidr,
        }
        if row.enable_bgp
        else {},
    }


def _described(tunnel: Tunnel, keys: Mapping[str, str]) -> dict[str, Any]:
    """A tunnel for the descriptions of connections."""
    answer = _tunnel(tunnel, keys, _text)
    answer |= {"TunnelIndex": tunnel.index, "ZoneNo": tunnel.zone, "Status": tunnel.status.documented.value}
    if tunnel.connection.enable_bgp:
        is_established = tunnel.shown.bgp == ProbeResult.NORMAL
        answer[groups.TUNNEL_BGP.name]["BgpStatus"] = "success" if is_established else "false"
    return answer


def _shared(row: Connection) -> dict[str, Any]:
    """What the top level tells instead of one tunnel's values. [P185]"""
    return {
        "CustomerGatewayId": "",
        "EnableDpd": True,
        "EnableNatTraversal": True,
        "EnableTunnelsBgp": row.enable_bgp,
        "Status": row.status.documented.value,
        "IkeConfig": {},
        "IpsecConfig": {},
        "VpnBgpConfig": {},
        "VcoHealthCheck": {},
    }


def described(row: Connection, keys: Mapping[str, str]) -> dict[str, Any]:
    """What differs in the description of a connection with two tunnels."""
    tunnels = [_described(tunnel, keys) for tunnel in row.tunnels.all()]
    return {**_shared(row), "InternetIp": "", "ZoneNo": "", TUNNELS: {"TunnelOptions": tunnels}}


def afterwards(row: Connection, keys: Mapping[str, str]) -> dict[str, Any]:
    """What differs in the answer to its modification."""
    return {**_shared(row), TUNNELS: [_tunnel(one, keys) | {"TunnelIndex": one.index} for one in row.tunnels.all()]}


# What the configuration for devices has of each of two tunnels, seen from the device.
DOWNLOADED: Shape = {
    "TunnelId": str, "Local": str, "Remote": str, groups.IKE.name: _shape(int, bool, {})[groups.TUNNEL_IKE.name],
    groups.IPSEC.name: _shape(int, bool, {})[groups.TUNNEL_IPSEC.name],
}  # fmt: skip


# --- one tunnel ------------------------------------------------------------------------------------------------------


def _alone(call: Call) -> dict[str, Any]:
    """A tunnel after its modification, with its key if the user may see keys."""
    row, tunnel = _pair(call)
    answer = _tunnel(tunnel, keys_for_answer(call.actor, [tunnel]))
    answer[groups.TUNNEL_BGP.name]["EnableBgp"] = row.enable_bgp
    return {**answer, "ZoneNo": tunnel.zone, "RemoteCaCertificate": ""}


def _pair(call: Call) -> tuple[Connection, Tunnel]:
    """The connection and the tunnel that the request names."""
    row = connection(call)
    if tunnel := row.tunnel_with(call["TunnelId"]):
        return row, tunnel
    raise ApiError(ErrorCode.TUNNEL_NOT_FOUND)


@action(
    VPC,
    Text("VpnConnectionId", required=True),
    Text("TunnelId", required=True),
    Object(TUNNELS, required=True, note="what is not sent stays", fields=(*_CHANGES, _CERTIFICATE)),
    writes=True,
    answer=ALONE,
    note="of connections with two tunnels; the other tunnel is not negotiated again",
    redraw=_alone,
)
def modify_tunnel_attribute(call: Call):
    """Change one of two tunnels."""
    row, stored = _pair(call)
    if not row.is_dual:
        raise ApiError(ErrorCode.SHAPE, name="TunnelId", why="The connection has a single tunnel.")
    entry, tunnel = call[TUNNELS], copy.copy(stored)
    session = entry[groups.TUNNEL_BGP.name] or {}
    if any(session.values()) and not row.enable_bgp:
        why = f"BGP is off. Switch it on for both tunnels: ModifyVpnAttachmentAttribute with {BGP.name}."
        raise ApiError(ErrorCode.ILLEGAL, name=groups.TUNNEL_BGP.name, why=why)
    if session.get("LocalAsn") not in (None, 0, row.local_asn):
        raise _different_asns()
    _write(call, tunnel, entry)
    keep_implied(stored, tunnel)
    modify_tunnel(call.actor, tunnel, row.revision)
    return _alone(call)
