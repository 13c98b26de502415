"""Every gap between the official SDKs' models and the operations here is named."""

from connections.api.actions import ACTIONS
from tests.contract.coverage import of

# Fields of the dual-tunnel mode, which does not exist here; the objects around them are present, but empty.
DUAL_TUNNEL = (
    "TunnelOptionsSpecification",
    "VpnConnectionConfig.TunnelsConfig",
    "VpnConnections.VpnConnection[].Tunnel",
)
# Read operations are idempotent anyway, so their tokens have no effect.
NOT_READ = {
    "CheckTransitRouterService": {"ClientToken"},
    "CheckVpnBgpEnabled": {"ClientToken"},
    "DescribeVcoRouteEntries": {"ClientToken"},
    "DescribeVpnCrossAccountAuthorizations": {"ClientToken"},
    "DescribeGrantRulesToCen": {"EnabledIpv6"},
    "ListTransitRouterCidr": {"ClientToken"},
}
PASSED_OVER = {
    "CreateVpnAttachment": {"RemoteCaCert"},
    "ModifyVpnAttachmentAttribute": {"RemoteCaCert"},
    "DescribeZones": {"ZoneType"},
    "DescribeVpnGatewayAvailableZones": {"GatewayType"},
    "CreateTransitRouterRouteTable": {"RouteTableOptions"},
    "ListTransitRouterRouteTables": {"RouteTableOptions"},
    "UpdateTransitRouterRouteTable": {"RouteTableOptions"},
}


def test_every_gap_is_named():
    coverages = [of(action) for action in ACTIONS.values()]
    assert {one.operation: set(one.not_read) for one in coverages if one.not_read} == NOT_READ
    assert {one.operation: set(one.passed_over) for one in coverages if one.passed_over} == PASSED_OVER
    gaps = {one.operation: {path for path in one.not_answered if not path.startswith(DUAL_TUNNEL)} for one in coverages}
    assert not {operation: paths for operation, paths in gaps.items() if paths}


def test_what_is_refused_is_dual_tunnel_mode():
    refused = {one.operation: set(one.refused) for one in map(of, ACTIONS.values()) if one.refused}
    dual = {"EnableTunnelsBgp", "TunnelOptionsSpecification"}
    assert refused == {"CreateVpnAttachment": dual, "ModifyVpnAttachmentAttribute": dual}


def test_the_comparison_sees_nested_fields():
    describe = next(of(action) for action in ACTIONS.values() if action.name == "DescribeVpnConnection")
    assert {"IkeConfig.Psk", "Tags.Tag[].Key", "VcoHealthCheck.Status"} <= set(describe.answered)
    assert describe.parameters == "2 of 2"
