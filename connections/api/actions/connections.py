"""VPC: IPsec-VPN connections, which the API calls VPN attachments.

The defaults of the API differ from the console's [P133] and are declared here.
"""

import copy
from collections.abc import Iterable
from typing import Any

from django.db.models import IntegerField

from connections import diff
from connections.api.actions import tunnels
from connections.api.actions.lookups import connection, gateway, group, group_if_named, narrowed
from connections.api.actions.values import fill, milliseconds, tags
from connections.api.errors import ApiError
from connections.api.registry import (
    PAGED,
    PAGING,
    TAG,
    TAG_SHAPE,
    VPC,
    Call,
    Choice,
    Flag,
    Ignored,
    JsonObject,
    Objects,
    Shape,
    Text,
    action,
    page,
    tag_pairs,
    tagged,
)
from connections.domain import limits, parsing, sections
from connections.domain.choices import (
    AuthenticationAlgorithm,
    IkeVersion,
    NetworkType,
    ProbeResult,
    RoutingMode,
    TunnelBandwidth,
)
from connections.domain.problems import Problem
from connections.models import Attachment, Connection, CustomerGateway, Tunnel
from connections.numbers import whole_number
from connections.peer_config.console_json import tree, tree_of_both
from connections.services.accounts import move_to_group
from connections.services.connections import create_connection, delete_connection, modify_connection
from connections.services.disclosures import keys_for_answer
from connections.services.drafts import Draft
from connections.services.inserts import refuse_problems
from connections.services.peer_config import peer_documents
from connections.wire import groups
from connections.wire.codes import ErrorCode
from connections.wire.groups import Group
from connections.wire.names import wire_name

NO_GATEWAY = "vpn-not-exist"
SPECS = {TunnelBandwidth.STANDARD: "1000M", TunnelBandwidth.LARGE: "3000M"}

ID = Text("VpnConnectionId", required=True)
NAME = Text("Name")
EFFECT = Flag("EffectImmediately", default=False)
AUTO_ROUTE = Flag("AutoConfigRoute", default=True, note="creates the routes of protected data flows")
DPD, NAT = Flag("EnableDpd", default=True), Flag("EnableNatTraversal", default=True)
OBJECTS = (
    JsonObject(groups.IKE.name, keys=groups.IKE.fields, hidden=frozenset({groups.IKE.keys["psk"]})),
    JsonObject(groups.IPSEC.name, keys=groups.IPSEC.fields),
    # Clients send back what they have read, including what they cannot change.
    JsonObject(
        groups.BGP.name,
        keys=groups.BGP.fields,
        ignored=frozenset({"PeerAsn", "PeerBgpIp", "AuthKey", "Status"}),
    ),
    JsonObject(groups.HEALTH_CHECK.name, keys=groups.HEALTH_CHECK.fields, ignored=frozenset({"Status"})),
)
CERTIFICATE = Ignored("RemoteCaCert", note="certificates of SM gateways", secret=True)


def _shape(group: Group) -> Shape:
    """The types of an object's values in answers: numbers where the model has numbers, else text."""

    def kind(name: str) -> type:
        model = Connection if name in sections.CONNECTION_FIELDS else Tunnel
        return int if isinstance(model._meta.get_field(name), IntegerField) else str

    return group.answered({name: kind(name) for name in group.keys})


_IKE_SHAPE, _IPSEC_SHAPE, _HEALTH_SHAPE = _shape(groups.IKE), _shape(groups.IPSEC), _shape(groups.HEALTH_CHECK)
_BGP_SHAPE = _shape(groups.BGP) | {"PeerAsn": int, "PeerBgpIp": str, "Status": str}
_COMMON = {
    "VpnConnectionId": str, "Name": str, "CreateTime": int, "CustomerGatewayId": str, "VpnGatewayId": str,
    "AttachType": str, "AttachInstanceId": str, "NetworkType": str, "LocalSubnet": str, "RemoteSubnet": str,
    "EffectImmediately": bool, "EnableDpd": bool, "EnableNatTraversal": bool, "EnableTunnelsBgp": bool, "Spec": str,
    "Status": str, "ResourceGroupId": str, "IkeConfig": _IKE_SHAPE, "IpsecConfig": _IPSEC_SHAPE,
}  # fmt: skip
_FULL = _COMMON | {
    "State": str, "InternetIp": str, "TransitRouterId": str, "TransitRouterName": str, "CrossAccountAuthorized": bool,
    "TunnelBandwidth": str, "RemoteCaCertificate": str,
    "VpnBgpConfig": _BGP_SHAPE | {"AuthKey": str}, "VcoHealthCheck": _HEALTH_SHAPE | {"Status": str},
    "TunnelOptionsSpecification": {"TunnelOptions": [tunnels.DESCRIBED]},
}  # fmt: skip
DONE = {"Code": str, "Message": str, "Success": bool}


def _done() -> dict:
    """A part of two operations' answers. One client takes any other code for an error."""
    return {"Code": "200", "Message": "successful", "Success": True}


# --- answers ---------------------------------------------------------------------------------------------------------


def _subnets(row: Connection, field: str) -> str:
    networks = getattr(row, field) if row.routing_mode == RoutingMode.PROTECTED else [str(parsing.ANYWHERE)]
    return ",".join(networks)


def _keys_of(call: Call, rows: Iterable[Connection], *, bgp: bool = True) -> dict[str, str]:
    """The pre-shared keys of connections by tunnel, and their BGP keys by customer gateway."""
    every = [tunnel for row in rows for tunnel in row.tunnels.all()]
    # Descriptions of two tunnels have no place for the key of BGP.
    sessions = [one for one in every if bgp and one.connection.enable_bgp and not one.connection.is_dual]
    return keys_for_answer(call.actor, [*every, *(tunnel.customer_gateway for tunnel in sessions)])


def _owner(name: str, row: Connection, tunnel: Tunnel) -> Connection | Tunnel:
    """The row that has a field of one of the four objects."""
    return row if name in sections.CONNECTION_FIELDS else tunnel


def _values(row: Connection, tunnel: Tunnel, names: Iterable[str]) -> dict[str, Any]:
    """Values of fields for answers. Flags are text, because older Terraform providers reject anything else."""
    values = {name: getattr(_owner(name, row, tunnel), name) for name in names}
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in values.items()}


def _ike(row: Connection, tunnel: Tunnel, keys: dict[str, str]) -> dict:
    secret = {"psk": keys.get(tunnel.resource_id, "")}
    implied = {"local_id": tunnel.identity, "remote_id": tunnel.peer_identity}
    stored = _values(row, tunnel, groups.IKE.keys.keys() - secret.keys() - implied.keys())
    return groups.IKE.answered(stored | secret | implied)


def _ipsec(row: Connection, tunnel: Tunnel) -> dict:
    return groups.IPSEC.answered(_values(row, tunnel, groups.IPSEC.keys))


def _bgp(row: Connection, tunnel: Tunnel) -> dict:
    if not row.enable_bgp:
        return groups.BGP.answered(_values(row, tunnel, ("enable_bgp", "local_asn"))) | {"Status": "false"}
    return groups.BGP.answered(_values(row, tunnel, groups.BGP.keys)) | {
        "PeerAsn": tunnel.customer_gateway.asn,
        "PeerBgpIp": tunnel.peer_bgp_ip,
        "Status": _bgp_status(tunnel),
    }


def _bgp_status(tunnel: Tunnel) -> str:
    """The state of a session that is enabled. [P156]"""
    return "success" if tunnel.shown.bgp == ProbeResult.NORMAL else "failed"


def _health_check(row: Connection, tunnel: Tunnel) -> dict:
    """A check that is off tells what it keeps."""
    return groups.HEALTH_CHECK.answered(_values(row, tunnel, groups.HEALTH_CHECK.keys))


def _probed(row: Connection, tunnel: Tunnel) -> dict[str, str]:
    """How a health check that is on has ended; blank before its first result. [P155]"""
    spelled = {ProbeResult.NORMAL: "success", ProbeResult.ABNORMAL: "failed", ProbeResult.UNKNOWN: ""}
    return {"Status": spelled[tunnel.shown.health]} if row.health_check else {}


def _router_name(attachment: Attachment) -> str:
    """The name of a transit router; blank if it belongs to another account than the connection."""
    return "" if attachment.is_foreign else attachment.transit_router.name


def _common(row: Connection, keys: dict[str, str]) -> dict:
    tunnel, attachment = row.tunnel, row.living_attachment
    return {
        "VpnConnectionId": row.resource_id,
        "Name": row.name,
        "CreateTime": milliseconds(row.created_at),
        "CustomerGatewayId": tunnel.customer_gateway.resource_id,
        "VpnGatewayId": NO_GATEWAY,
        "AttachType": row.associate_resource.value,
        "AttachInstanceId": attachment.cen.resource_id if attachment else "",
        "NetworkType": row.network_type,
        "LocalSubnet": _subnets(row, "local_subnet"),
        "RemoteSubnet": _subnets(row, "remote_subnet"),
        "EffectImmediately": row.effect_immediately,
        "EnableDpd": tunnel.enable_dpd,
        "EnableNatTraversal": tunnel.enable_nat_traversal,
        "EnableTunnelsBgp": False,
        "Spec": SPECS[TunnelBandwidth(row.tunnel_bandwidth)],
        "Status": tunnel.status.documented.value,
        "ResourceGroupId": row.resource_group.resource_id,
        "IkeConfig": _ike(row, tunnel, keys),
        "IpsecConfig": _ipsec(row, tunnel),
    }


def _full(row: Connection, keys: dict[str, str]) -> dict:
    tunnel, attachment = row.tunnel, row.living_attachment
    key = keys.get(tunnel.customer_gateway.resource_id, "") if row.enable_bgp else ""
    return {
        **_common(row, keys),
        "State": row.state.value,
        "InternetIp": tunnel.internet_ip,
        **({"ZoneNo": attachment.zone} if attachment else {}),
        "TransitRouterId": attachment.transit_router.resource_id if attachment else "",
        "TransitRouterName": _router_name(attachment) if attachment else "",
        "CrossAccountAuthorized": attachment is not None and attachment.is_foreign,
        "TunnelBandwidth": row.tunnel_bandwidth,
        "RemoteCaCertificate": "",
        "VpnBgpConfig": _bgp(row, tunnel) | {"AuthKey": key},
        "VcoHealthCheck": _health_check(row, tunnel) | _probed(row, tunnel),
        "TunnelOptionsSpecification": {"TunnelOptions": []},
        **(tunnels.described(row, keys) if row.is_dual else {}),
    }


# --- requests --------------------------------------------------------------------------------------------------------


def _write_subnets(row: Connection, local: str | None, remote: str | None) -> None:
    """0.0.0.0/0 on both sides means destination routing: the API has no parameter for it."""
    networks = [
        parsing.networks_of(_subnets(row, field) if text is None else text)
        for field, text in (("local_subnet", local), ("remote_subnet", remote))
    ]
    is_protected = networks != [[str(parsing.ANYWHERE)]] * 2
    row.routing_mode = RoutingMode.PROTECTED if is_protected else RoutingMode.DESTINATION
    # The stubs know a field that is made of a CharField as text only.
    row.local_subnet, row.remote_subnet = networks if is_protected else ([], [])  # type: ignore[assignment]


# Fields in which 0 is no legal value: clients that leave them out send it, and get the default.
ZERO_IS_LEFT_OUT = ("local_asn", "health_check_interval", "health_check_retry")


def _write_objects(call: Call, row: Connection, tunnel: Tunnel) -> list[Problem]:
    """Write the four objects into both rows. Fields whose keys are not sent stay."""
    problems = []
    for parameter in OBJECTS:
        for name, text in (call[parameter.name] or {}).items():
            owner, clears = _owner(name, row, tunnel), name in ("local_id", "remote_id", "psk")
            if text == "0" and name in ZERO_IS_LEFT_OUT:
                setattr(owner, name, diff.default_of(owner, name))
            elif text or clears:
                problems += fill(owner, {name: text})
    return problems


@action(
    VPC,
    Text("CustomerGatewayId", note="needed, unless there are two tunnels"),
    Text("LocalSubnet", required=True, note="comma-separated; 0.0.0.0/0 on both sides is destination routing"),
    Text("RemoteSubnet", required=True),
    NAME,
    Choice("NetworkType", options=tuple(NetworkType.values), default=NetworkType.PUBLIC.value),
    EFFECT,
    AUTO_ROUTE,
    DPD,
    NAT,
    *OBJECTS,
    Choice("TunnelBandwidth", options=tuple(TunnelBandwidth.values), default=TunnelBandwidth.STANDARD.value),
    Text("ResourceGroupId"),
    Objects("Tags", fields=TAG),
    tunnels.BGP,
    tunnels.NEW,
    CERTIFICATE,
    writes=True,
    dry_run=True,
    answer={"VpnConnectionId": str, "Name": str, "CreateTime": int} | DONE,
    note="the defaults of IkeConfig and IpsecConfig are ikev1 and md5, those of two tunnels ikev2 and sha1; 0 as "
    "LocalAsn, interval or retry means the default",
)
def create_vpn_attachment(call: Call):
    """Create a connection without an attachment. TunnelOptionsSpecification makes it one with two tunnels."""
    row = Connection(
        account=call.account,
        region_id=call.region_id,
        name=call["Name"] or "",
        network_type=call["NetworkType"],
        effect_immediately=call["EffectImmediately"],
        auto_config_route=call["AutoConfigRoute"],
        tunnel_bandwidth=call["TunnelBandwidth"],
        resource_group=group_if_named(call),
    )
    made = tunnels.made(call, row) if tunnels.wanted(call) else [_single(call, row)]
    _write_subnets(row, call["LocalSubnet"], call["RemoteSubnet"])
    stored = create_connection(call.actor, Draft(row, made, None, tag_pairs(call["Tags"])))
    return {
        "VpnConnectionId": stored.resource_id,
        "Name": stored.name,
        "CreateTime": milliseconds(stored.created_at),
        **_done(),
    }


def _single(call: Call, row: Connection) -> Tunnel:
    """The only tunnel of a new connection."""
    if not call["CustomerGatewayId"]:
        raise ApiError(ErrorCode.MISSING, name="CustomerGatewayId")
    tunnel = Tunnel(
        connection=row,
        customer_gateway=gateway(call),
        enable_dpd=call["EnableDpd"],
        enable_nat_traversal=call["EnableNatTraversal"],
        ike_version=IkeVersion.IKEV1,
        ike_auth_alg=AuthenticationAlgorithm.MD5,
        ipsec_auth_alg=AuthenticationAlgorithm.MD5,
    )
    refuse_problems(_write_objects(call, row, tunnel))
    return tunnel


def _modified(call: Call) -> dict:
    """A connection after a modification, with its keys if the user may see keys."""
    row = connection(call)
    keys = _keys_of(call, [row], bgp=False)
    return {
        **_common(row, keys),
        "Description": "",
        "VcoHealthCheck": _health_check(row, row.tunnel),
        "VpnBgpConfig": _bgp(row, row.tunnel),
        **(tunnels.afterwards(row, keys) if row.is_dual else {}),
    }


@action(
    VPC,
    ID,
    NAME,
    Text("LocalSubnet"),
    Text("RemoteSubnet"),
    Text("CustomerGatewayId"),
    Choice("NetworkType", options=tuple(NetworkType.values), note="cannot be changed"),
    Flag("EffectImmediately"),
    Flag("AutoConfigRoute"),
    Flag("EnableDpd"),
    Flag("EnableNatTraversal"),
    *OBJECTS,
    tunnels.BGP,
    tunnels.CHANGED,
    CERTIFICATE,
    writes=True,
    answer=_COMMON
    | {
        "Description": str, "VcoHealthCheck": _HEALTH_SHAPE, "VpnBgpConfig": _BGP_SHAPE,
        "TunnelOptionsSpecification": [tunnels.AFTERWARDS],
    },
    note="what is not sent stays, also in the JSON objects; a blank Psk keeps the key",
    redraw=_modified,
)  # fmt: skip
def modify_vpn_attachment_attribute(call: Call):
    """Change a connection, which takes a moment."""
    stored = connection(call)
    row = copy.copy(stored)
    for field in ("name", "network_type", "effect_immediately", "auto_config_route"):
        if (value := call[wire_name(field)]) is not None:
            setattr(row, field, value)
    if call["LocalSubnet"] or call["RemoteSubnet"]:
        _write_subnets(row, call["LocalSubnet"] or None, call["RemoteSubnet"] or None)
    changed = tunnels.modified(call, stored, row) if stored.is_dual else [_single_modified(call, stored, row)]
    modify_connection(call.actor, Draft(row, changed, None, None), stored.revision)
    return _modified(call)


def _single_modified(call: Call, stored: Connection, row: Connection) -> Tunnel:
    """A copy of the only tunnel of a stored connection with what the request changes."""
    tunnels.refuse_dual(call)
    tunnel = copy.copy(stored.tunnel)
    tunnel.connection = row
    for name, field in groups.SWITCHES.items():
        if call[name] is not None:
            setattr(tunnel, field, call[name])
    if call["CustomerGatewayId"]:
        tunnel.customer_gateway = gateway(call)
    refuse_problems(_write_objects(call, row, tunnel))
    tunnels.keep_implied(stored.tunnel, tunnel)
    return tunnel


@action(VPC, ID, writes=True, answer=DONE)
def delete_vpn_attachment(call: Call):
    """Delete a connection without an attachment, even while it is being created or updated."""
    delete_connection(call.actor, connection(call))
    return _done()


@action(VPC, ID, answer=_FULL | {"ZoneNo": str, "Tags": {"Tag": [TAG_SHAPE]}})
def describe_vpn_connection(call: Call):
    row = connection(call)
    return _full(row, _keys_of(call, [row])) | {"Tags": {"Tag": tags(row)}}


@action(
    VPC,
    Text("VpnConnectionId"),
    Text("CustomerGatewayId"),
    Text("VpnGatewayId", note=f"{NO_GATEWAY} is the only one"),
    Text("ResourceGroupId"),
    Objects("Tag", fields=TAG, most=limits.MAX_TAGS),
    *PAGING,
    answer=PAGED | {"VpnConnections": {"VpnConnection": [_FULL | {"Tag": {"Tag": [TAG_SHAPE]}}]}},
)
def describe_vpn_connections(call: Call):
    rows = Connection.objects.of(call.account).filter(region_id=call.region_id)
    rows = narrowed(rows, call, VpnConnectionId="resource_id", ResourceGroupId="resource_group__resource_id")
    if call["CustomerGatewayId"]:
        # Both tunnels may have the same one, so a join would repeat rows.
        ways = narrowed(Tunnel.objects.all(), call, CustomerGatewayId="customer_gateway__resource_id")
        rows = rows.filter(pk__in=ways.values("connection"))
    if call["VpnGatewayId"] not in (None, "", NO_GATEWAY):
        rows = rows.none()
    connections, totals = page(call, tagged(rows, call["Tag"]).with_parts().order_by("-id"))
    keys = _keys_of(call, connections)
    items = []
    for row in connections:
        item = _full(row, keys) | {"Tag": {"Tag": tags(row)}}
        item.pop("ZoneNo", None)
        items.append(item)
    return {"VpnConnections": {"VpnConnection": items}, **totals}


@action(
    VPC,
    Choice("AttachType", options=("CEN",), default="CEN"),
    Text("VpnConnectionId"),
    *PAGING,
    answer=PAGED
    | {
        "VpnAttachments": [
            {"InstanceId": str, "Name": str, "Description": str, "AttachType": str, "TransitRouterId": str,
             "TransitRouterName": str, "CrossAccountAuthorized": bool, "TunnelBandwidth": str, "Tag": str,
             "Tags": [TAG_SHAPE]}
        ]
    },
)  # fmt: skip
def describe_vpn_attachments(call: Call):
    """The connections that are attached, attaching or detaching."""
    rows = Connection.objects.of(call.account).filter(region_id=call.region_id).bound()
    rows = narrowed(rows, call, VpnConnectionId="resource_id").with_parts().order_by("-id")
    connections, totals = page(call, rows)
    items = [
        {
            "InstanceId": row.resource_id,
            "Name": row.name,
            "Description": "",
            "AttachType": row.associate_resource.value,
            "TransitRouterId": row.living_attachment.transit_router.resource_id,
            "TransitRouterName": _router_name(row.living_attachment),
            "CrossAccountAuthorized": row.living_attachment.is_foreign,
            "TunnelBandwidth": row.tunnel_bandwidth,
            # The system's own tag.
            "Tag": '{"BGPSupport":"true"}',
            "Tags": tags(row),
        }
        for row in connections
    ]
    return {"VpnAttachments": items, **totals}


@action(
    VPC,
    ID,
    *PAGING,
    answer=PAGED
    | {
        "CrossAccountAuthorizations": [
            {"VpnConnectionId": str, "AliUid": int, "BindUid": int, "BindInstance": str, "BindProduct": str,
             "CreationTime": int}
        ]
    },
)  # fmt: skip
def describe_vpn_cross_account_authorizations(call: Call):
    """The CEN instances that the owner of a connection has authorized."""
    row = connection(call)
    authorizations, totals = page(call, row.authorizations.order_by("id"))
    items = [
        {
            "VpnConnectionId": row.resource_id,
            "AliUid": whole_number(row.account.uid),
            "BindUid": whole_number(authorization.peer_uid),
            "BindInstance": authorization.peer_cen_id,
            "BindProduct": "CEN",
            "CreationTime": milliseconds(authorization.created_at),
        }
        for authorization in authorizations
    ]
    return {"CrossAccountAuthorizations": items, **totals}


@action(VPC, answer={"BgpEnabled": bool})
def check_vpn_bgp_enabled(call: Call):
    """Every region here has BGP."""
    return {"BgpEnabled": True}


_MOVABLE: dict[str, type[Connection] | type[CustomerGateway]] = {
    "CustomerGateway": CustomerGateway,
    "VpnAttachment": Connection,
}


@action(
    VPC,
    Text("InstanceId", required=True),
    Choice("ResourceType", required=True, options=tuple(_MOVABLE)),
    Text("NewResourceGroupId", required=True),
    writes=True,
)
def move_vpn_resource_group(call: Call):
    """Move a connection or a customer gateway to another resource group."""
    kind = _MOVABLE[call["ResourceType"]]
    code = ErrorCode.CONNECTION_NOT_FOUND if kind is Connection else ErrorCode.GATEWAY_NOT_FOUND
    rows = kind.objects.of(call.account).filter(region_id=call.region_id, resource_id=call["InstanceId"])
    row = rows.first()
    if row is None:
        raise ApiError(code)
    move_to_group(call.actor, row, group(call, "NewResourceGroupId"))
    return {}


@action(
    VPC,
    ID,
    limit=30,
    answer={
        "VpnConnectionConfig": {
            "Local": str, "Remote": str, "LocalSubnet": str, "RemoteSubnet": str, "IkeConfig": _IKE_SHAPE,
            "IpsecConfig": _IPSEC_SHAPE, "TunnelsConfig": {"TunnelConfig": [tunnels.DOWNLOADED]},
            "BgpConfigs": {"BgpConfig": [{"LocalAsn": str, "LocalBgpIp": str, "PeerAsn": str, "PeerBgpIp": str,
                                          "TunnelCidr": str, "TunnelId": str}]},
        }
    },
)  # fmt: skip
def download_vpn_connection_config(call: Call):
    """The configuration for the device on the other side."""
    row = connection(call)
    absent: dict[str, Any] = {"BgpConfigs": {"BgpConfig": []}, "TunnelsConfig": {"TunnelConfig": []}}
    documents = peer_documents(call.actor, row)
    return {"VpnConnectionConfig": absent | (tree_of_both(documents) if len(documents) > 1 else tree(documents[0]))}
