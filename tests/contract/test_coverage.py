"""Every gap between the official SDKs' models and the operations here is named."""

from connections.api.actions import ACTIONS
from tests.contract.coverage import of

# Certificates of SM gateways.
NOT_ANSWERED = {
    "DescribeVpnConnection": {"TunnelOptionsSpecification.TunnelOptions[].RemoteCaCertificate"},
    "DescribeVpnConnections": {
        "VpnConnections.VpnConnection[].TunnelOptionsSpecification.TunnelOptions[].RemoteCaCertificate"
    },
}
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
    assert {one.operation: set(one.not_answered) for one in coverages if one.not_answered} == NOT_ANSWERED


def test_the_comparison_sees_nested_fields():
    describe = next(of(action) for action in ACTIONS.values() if action.name == "DescribeVpnConnection")
    assert {"IkeConfig.Psk", "Tags.Tag[].Key", "VcoHealthCheck.Status"} <= set(describe.answered)
    assert describe.parameters == "2 of 2"
