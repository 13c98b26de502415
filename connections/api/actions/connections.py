"""VPC: IPsec-VPN connections, which this API calls VPN attachments.

Its defaults are not the console's [P133], and stand here alone.
"""

import copy
from collections.abc import Iterable

from connections.api.actions.found import (
    connection,
    fill,
    gateway,
    group,
    milliseconds,
    narrowed,
    refuse_problems,
)
from connections.api.errors import ApiError, Wire
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
    Rows,
    SingleTunnelOnly,
    Text,
    action,
    page,
    tag_pairs,
    tagged,
)
from connections.domain import limits, parsing, sections
from connections.domain.choices import AuthenticationAlgorithm, IkeVersion, NetworkType, RoutingMode, TunnelBandwidth
from connections.domain.problems import Problem
from connections.models import Attachment, Connection, CustomerGateway, Tunnel
from connections.numbers import whole_number
from connections.services.accounts import move_to_group
from connections.services.connections import create_connection, delete_connection, modify_connection
from connections.services.disclosures import keys_for_answer
from connections.services.drafts import Draft
from connections.services.peer_config import peer_document
from connections.wire.names import wire_name

NO_GATEWAY = "vpn-not-exist"
SPECS = {TunnelBandwidth.STANDARD: "1000M", TunnelBandwidth.LARGE: "3000M"}

IKE_FIELDS = ("psk", *sections.IKE.fields)
IPSEC_FIELDS = tuple(name for name in sections.IPSEC.fields if name.startswith("ipsec_"))
BGP_FIELDS = ("enable_bgp", "local_asn", *sections.BGP.fields)


def _keys(fields: Iterable[str]) -> dict[str, str]:
    return {wire_name(name): name for name in fields}


def _health_check_key(name: str) -> str:
    short = name.removeprefix("health_check").removeprefix("_") or "enable"
    return "Policy" if short == "policy" else short


HEALTH_CHECK_KEYS = {_health_check_key(name): name for name in sections.HEALTH_CHECK.fields}

ID = Text("VpnConnectionId", required=True)
NAME = Text("Name")
EFFECT = Flag("EffectImmediately", default=False)
AUTO_ROUTE = Flag("AutoConfigRoute", default=True, note="makes the routes of protected data flows")
DPD, NAT = Flag("EnableDpd", default=True), Flag("EnableNatTraversal", default=True)
OBJECTS = (
    JsonObject("IkeConfig", keys=_keys(IKE_FIELDS), hidden=frozenset({"Psk"})),
    JsonObject("IpsecConfig", keys=_keys(IPSEC_FIELDS)),
    # Clients send back what they have read, what they cannot change included.
    JsonObject("BgpConfig", keys=_keys(BGP_FIELDS), ignored=frozenset({"PeerAsn", "PeerBgpIp", "AuthKey", "Status"})),
    JsonObject("HealthCheckConfig", keys=HEALTH_CHECK_KEYS, ignored=frozenset({"Status"})),
)
NOT_HERE = (
    SingleTunnelOnly("EnableTunnelsBgp", note="refused unless false"),
    SingleTunnelOnly("TunnelOptionsSpecification", note="refused"),
    Ignored("RemoteCaCert", note="certificates of SM gateways", secret=True),
)

_IKE_SHAPE = {wire_name(name): int if name == "ike_lifetime" else str for name in IKE_FIELDS}
_IPSEC_SHAPE = {wire_name(name): int if name == "ipsec_lifetime" else str for name in IPSEC_FIELDS}
_BGP_SHAPE = {"EnableBgp": str, "LocalAsn": int, "TunnelCidr": str, "LocalBgpIp": str, "PeerAsn": int,
              "PeerBgpIp": str, "Status": str}  # fmt: skip
_HEALTH_SHAPE = {"Enable": str, "Dip": str, "Sip": str, "Interval": int, "Retry": int, "Policy": str}
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
    "TunnelOptionsSpecification": {"TunnelOptions": []},
}  # fmt: skip
DONE = {"Code": str, "Message": str, "Success": bool}


def _done() -> dict:
    """What two operations say beside their result; one client takes any other code for an error."""
    return {"Code": "200", "Message": "successful", "Success": True}


# --- out ---------------------------------------------------------------------------------------------------------


def _subnets(row: Connection, field: str) -> str:
    networks = getattr(row, field) if row.routing_mode == RoutingMode.PROTECTED else [str(parsing.ANYWHERE)]
    return ",".join(networks)


def _keys_of(call: Call, rows: Iterable[Connection], *, bgp: bool = True) -> dict[str, str]:
    """The pre-shared keys of connections by tunnel, and their BGP keys by customer gateway."""
    tunnels = [row.tunnel for row in rows]
    gateways = [tunnel.customer_gateway for tunnel in tunnels if bgp and tunnel.connection.enable_bgp]
    return keys_for_answer(call.actor, [*tunnels, *gateways])


def ike_config(tunnel: Tunnel, keys: dict[str, str]) -> dict:
    values = {wire_name(name): getattr(tunnel, name) for name in IKE_FIELDS if name != "psk"}
    values["Psk"] = keys.get(tunnel.resource_id, "")
    return values | {"LocalId": tunnel.identity, "RemoteId": tunnel.peer_identity}


def ipsec_config(tunnel: Tunnel) -> dict:
    return {wire_name(name): getattr(tunnel, name) for name in IPSEC_FIELDS}


def _bgp(row: Connection, tunnel: Tunnel) -> dict:
    """EnableBgp is text: older Terraform providers stop at anything else."""
    if not row.enable_bgp:
        return {"EnableBgp": "false", "LocalAsn": row.local_asn, "Status": "false"}
    return {
        "EnableBgp": "true",
        "LocalAsn": row.local_asn,
        "TunnelCidr": tunnel.tunnel_cidr,
        "LocalBgpIp": tunnel.local_bgp_ip,
        "PeerAsn": tunnel.customer_gateway.asn,
        "PeerBgpIp": tunnel.peer_bgp_ip,
        "Status": "true" if tunnel.is_up else "false",
    }


def _health_check(row: Connection) -> dict:
    if not row.health_check:
        return {"Enable": "false"}
    return {
        "Enable": "true",
        "Dip": row.health_check_dip,
        "Sip": row.health_check_sip,
        "Interval": row.health_check_interval,
        "Retry": row.health_check_retry,
        "Policy": row.health_check_policy,
    }


def _probed(row: Connection, tunnel: Tunnel) -> dict[str, str]:
    """How a health check that is on has ended: by whether probes get through the tunnel."""
    return {"Status": "success" if tunnel.is_up else "failed"} if row.health_check else {}


def _router_name(attachment: Attachment) -> str:
    """What a transit router is called; to the owner of the connection nothing, if it is another account's."""
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
        "Status": tunnel.status.value,
        "ResourceGroupId": row.resource_group.resource_id,
        "IkeConfig": ike_config(tunnel, keys),
        "IpsecConfig": ipsec_config(tunnel),
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
        "VcoHealthCheck": _health_check(row) | _probed(row, tunnel),
        "TunnelOptionsSpecification": {"TunnelOptions": []},
    }


def _tags(row) -> list[dict[str, str]]:
    return [{"Key": tag.key, "Value": tag.value} for tag in row.tags.all()]


# --- in ----------------------------------------------------------------------------------------------------------


def _write_subnets(row: Connection, local: str | None, remote: str | None) -> None:
    """0.0.0.0/0 on both sides is destination routing; the wire has no other word for it."""
    anywhere = str(parsing.ANYWHERE)
    local = _subnets(row, "local_subnet") if local is None else local
    remote = _subnets(row, "remote_subnet") if remote is None else remote
    if local == anywhere and remote == anywhere:
        row.routing_mode, row.local_subnet, row.remote_subnet = RoutingMode.DESTINATION, [], []
    else:
        row.routing_mode = RoutingMode.PROTECTED
        row.local_subnet, row.remote_subnet = parsing.networks_of(local), parsing.networks_of(remote)


def _write_objects(call: Call, row: Connection, tunnel: Tunnel) -> list[Problem]:
    """The four objects of JSON text into both rows; a key that is not sent stays as it is."""
    problems = []
    for parameter in OBJECTS:
        for name, text in (call[parameter.name] or {}).items():
            target = row if name in sections.CONNECTION_FIELDS else tunnel
            clears = name in ("local_id", "remote_id", "psk")
            if text or clears:
                problems += fill(target, {name: text})
    return problems


@action(
    VPC,
    Text("CustomerGatewayId", required=True),
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
    Rows("Tags", fields=TAG),
    *NOT_HERE,
    writes=True,
    dry_run=True,
    answer={"VpnConnectionId": str, "Name": str, "CreateTime": int} | DONE,
    note="ikev1 and md5 unless IkeConfig and IpsecConfig say otherwise",
)
def create_vpn_attachment(call: Call):
    """Make a connection that is bound to nothing."""
    device = gateway(call)
    row = Connection(
        account=call.account,
        region_id=call.region_id,
        name=call["Name"] or "",
        network_type=call["NetworkType"],
        effect_immediately=call["EffectImmediately"],
        auto_config_route=call["AutoConfigRoute"],
        tunnel_bandwidth=call["TunnelBandwidth"],
        resource_group=group(call),
    )
    tunnel = Tunnel(
        connection=row,
        customer_gateway=device,
        enable_dpd=call["EnableDpd"],
        enable_nat_traversal=call["EnableNatTraversal"],
        ike_version=IkeVersion.IKEV1,
        ike_auth_alg=AuthenticationAlgorithm.MD5,
        ipsec_auth_alg=AuthenticationAlgorithm.MD5,
    )
    _write_subnets(row, call["LocalSubnet"], call["RemoteSubnet"])
    refuse_problems(_write_objects(call, row, tunnel))
    made = create_connection(call.actor, Draft(row, [tunnel], None, tag_pairs(call["Tags"])))
    return {
        "VpnConnectionId": made.resource_id,
        "Name": made.name,
        "CreateTime": milliseconds(made.created_at),
        **_done(),
    }


def _modified(call: Call) -> dict:
    """A connection as it is after a modification, with its key for those who may see it."""
    row = connection(call)
    return {
        **_common(row, _keys_of(call, [row], bgp=False)),
        "Description": "",
        "VcoHealthCheck": _health_check(row),
        "VpnBgpConfig": _bgp(row, row.tunnel),
    }


@action(
    VPC,
    ID,
    NAME,
    Text("LocalSubnet"),
    Text("RemoteSubnet"),
    Text("CustomerGatewayId"),
    Choice("NetworkType", options=tuple(NetworkType.values), note="only as it is"),
    Flag("EffectImmediately"),
    Flag("AutoConfigRoute"),
    Flag("EnableDpd"),
    Flag("EnableNatTraversal"),
    *OBJECTS,
    *NOT_HERE,
    writes=True,
    answer=_COMMON | {"Description": str, "VcoHealthCheck": _HEALTH_SHAPE, "VpnBgpConfig": _BGP_SHAPE},
    note="what is not sent stays, also within the JSON objects; a blank Psk keeps the key",
    redraw=_modified,
)
def modify_vpn_attachment_attribute(call: Call):
    """Change a connection. It is updating for a moment."""
    stored = connection(call)
    row, tunnel = copy.copy(stored), copy.copy(stored.tunnel)
    tunnel.connection = row
    for name, owner in (
        ("Name", row),
        ("NetworkType", row),
        ("EffectImmediately", row),
        ("AutoConfigRoute", row),
        ("EnableDpd", tunnel),
        ("EnableNatTraversal", tunnel),
    ):
        if call[name] is not None:
            setattr(owner, _FIELDS[name], call[name])
    if call["CustomerGatewayId"]:
        tunnel.customer_gateway = gateway(call)
    if call["LocalSubnet"] or call["RemoteSubnet"]:
        _write_subnets(row, call["LocalSubnet"] or None, call["RemoteSubnet"] or None)
    refuse_problems(_write_objects(call, row, tunnel))
    # Clients send back what they have read. An identity that was implied stays so, and follows another gateway.
    for field, implied in (("local_id", stored.tunnel.identity), ("remote_id", stored.tunnel.peer_identity)):
        if not getattr(stored.tunnel, field) and getattr(tunnel, field) == implied:
            setattr(tunnel, field, "")
    modify_connection(call.actor, Draft(row, [tunnel], None, None), stored.revision)
    return _modified(call)


_FIELDS = {wire_name(name): name for name in ("name", "network_type", "effect_immediately", "auto_config_route",
                                              "enable_dpd", "enable_nat_traversal")}  # fmt: skip


@action(VPC, ID, writes=True, answer=DONE)
def delete_vpn_attachment(call: Call):
    """Remove a connection that is bound to nothing, also while it is being created or updated."""
    delete_connection(call.actor, connection(call))
    return _done()


@action(VPC, ID, answer=_FULL | {"ZoneNo": str, "Tags": {"Tag": [TAG_SHAPE]}})
def describe_vpn_connection(call: Call):
    row = connection(call)
    return _full(row, _keys_of(call, [row])) | {"Tags": {"Tag": _tags(row)}}


@action(
    VPC,
    Text("VpnConnectionId"),
    Text("CustomerGatewayId"),
    Text("VpnGatewayId", note=f"{NO_GATEWAY} is the only one there is"),
    Text("ResourceGroupId"),
    Rows("Tag", fields=TAG, most=limits.MAX_TAGS),
    *PAGING,
    answer=PAGED | {"VpnConnections": {"VpnConnection": [_FULL | {"Tag": {"Tag": [TAG_SHAPE]}}]}},
)
def describe_vpn_connections(call: Call):
    rows = Connection.objects.of(call.account).filter(region_id=call.region_id)
    rows = narrowed(rows, call, VpnConnectionId="resource_id", ResourceGroupId="resource_group__resource_id")
    if call["CustomerGatewayId"]:
        rows = rows.filter(tunnels__customer_gateway__resource_id=call["CustomerGatewayId"])
    if call["VpnGatewayId"] not in (None, "", NO_GATEWAY):
        rows = rows.none()
    found, totals = page(call, tagged(rows, call["Tag"]).with_parts().order_by("-id"))
    keys = _keys_of(call, found)
    items = []
    for row in found:
        item = _full(row, keys) | {"Tag": {"Tag": _tags(row)}}
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
    """The connections that are attached, or on their way there or back."""
    rows = Connection.objects.of(call.account).filter(region_id=call.region_id).bound()
    rows = narrowed(rows, call, VpnConnectionId="resource_id").with_parts().order_by("-id")
    found, totals = page(call, rows)
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
            # The system's own, which are none of anybody's tags.
            "Tag": '{"BGPSupport":"true"}',
            "Tags": _tags(row),
        }
        for row in found
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
    """Whom the owner has opened a connection to."""
    row = connection(call)
    found, totals = page(call, row.authorizations.order_by("id"))
    items = [
        {
            "VpnConnectionId": row.resource_id,
            "AliUid": whole_number(row.account.uid),
            "BindUid": whole_number(one.peer_uid),
            "BindInstance": one.peer_cen_id,
            "BindProduct": "CEN",
            "CreationTime": milliseconds(one.created_at),
        }
        for one in found
    ]
    return {"CrossAccountAuthorizations": items, **totals}


@action(VPC, answer={"BgpEnabled": bool})
def check_vpn_bgp_enabled(call: Call):
    """Every region here has BGP."""
    return {"BgpEnabled": True}


_MOVABLE = {"CustomerGateway": CustomerGateway, "VpnAttachment": Connection}


@action(
    VPC,
    Text("InstanceId", required=True),
    Choice("ResourceType", required=True, options=tuple(_MOVABLE)),
    Text("NewResourceGroupId", required=True),
    writes=True,
)
def move_vpn_resource_group(call: Call):
    """Put a connection or a customer gateway into another resource group."""
    kind = _MOVABLE[call["ResourceType"]]
    wire = Wire.CONNECTION_NOT_FOUND if kind is Connection else Wire.GATEWAY_NOT_FOUND
    rows = kind.objects.of(call.account).filter(region_id=call.region_id, resource_id=call["InstanceId"])
    row = rows.first()
    if row is None:
        raise ApiError(wire)
    move_to_group(call.actor, row, group(call, "NewResourceGroupId"))
    return {}


@action(
    VPC,
    ID,
    limit=30,
    answer={
        "VpnConnectionConfig": {
            "Local": str, "Remote": str, "LocalSubnet": str, "RemoteSubnet": str, "IkeConfig": _IKE_SHAPE,
            "IpsecConfig": _IPSEC_SHAPE, "TunnelsConfig": {"TunnelConfig": []},
            "BgpConfigs": {"BgpConfig": [{"LocalAsn": str, "LocalBgpIp": str, "PeerAsn": str, "PeerBgpIp": str,
                                          "TunnelCidr": str, "TunnelId": str}]},
        }
    },
)  # fmt: skip
def download_vpn_connection_config(call: Call):
    """The configuration as the device on the other side must see it."""
    row = connection(call)
    peer = peer_document(call.actor, row)
    anywhere = (str(parsing.ANYWHERE),)
    bgp = [] if peer.bgp is None else [
        {
            "LocalAsn": str(peer.bgp.local_asn), "LocalBgpIp": peer.bgp.local_ip, "PeerAsn": str(peer.bgp.peer_asn),
            "PeerBgpIp": peer.bgp.peer_ip, "TunnelCidr": peer.bgp.cidr, "TunnelId": peer.tunnel_id,
        }
    ]  # fmt: skip
    return {
        "VpnConnectionConfig": {
            "Local": peer.local_ip,
            "Remote": peer.remote_ip,
            "LocalSubnet": ",".join(peer.local_networks or anywhere),
            "RemoteSubnet": ",".join(peer.remote_networks or anywhere),
            "IkeConfig": {
                "IkeVersion": peer.ike.version.value,
                "IkeMode": row.tunnel.ike_mode,
                "IkeEncAlg": peer.ike.encryption.value,
                "IkeAuthAlg": peer.ike.authentication.value,
                "IkePfs": peer.ike.group.value,
                "IkeLifetime": peer.ike.lifetime,
                "LocalId": peer.local_id,
                "RemoteId": peer.remote_id,
                "Psk": peer.psk,
            },
            "IpsecConfig": {
                "IpsecEncAlg": peer.ipsec.encryption.value,
                "IpsecAuthAlg": peer.ipsec.authentication.value,
                "IpsecPfs": peer.ipsec.pfs.value,
                "IpsecLifetime": peer.ipsec.lifetime,
            },
            "BgpConfigs": {"BgpConfig": bgp},
            "TunnelsConfig": {"TunnelConfig": []},
        }
    }
