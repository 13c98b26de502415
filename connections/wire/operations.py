"""The API's products and operations. Events are recorded under the same names, so Show as code can repeat them."""

from enum import StrEnum


class Product(StrEnum):
    """The two products behind the one endpoint, by the version that requests to each name."""

    VPC = "2016-04-28"
    CBN = "2017-09-12"

    @property
    def word(self) -> str:
        return self.name.capitalize()

    @property
    def version(self) -> str:
        return self.value


class Operation(StrEnum):
    """An operation by its name in requests and events."""

    # VPC.
    CHECK_VPN_BGP_ENABLED = "CheckVpnBgpEnabled"
    CREATE_CUSTOMER_GATEWAY = "CreateCustomerGateway"
    CREATE_VCO_ROUTE_ENTRY = "CreateVcoRouteEntry"
    CREATE_VPN_ATTACHMENT = "CreateVpnAttachment"
    DELETE_CUSTOMER_GATEWAY = "DeleteCustomerGateway"
    DELETE_VCO_ROUTE_ENTRY = "DeleteVcoRouteEntry"
    DELETE_VPN_ATTACHMENT = "DeleteVpnAttachment"
    DESCRIBE_CUSTOMER_GATEWAY = "DescribeCustomerGateway"
    DESCRIBE_CUSTOMER_GATEWAYS = "DescribeCustomerGateways"
    DESCRIBE_REGIONS = "DescribeRegions"
    DESCRIBE_VCO_ROUTE_ENTRIES = "DescribeVcoRouteEntries"
    DESCRIBE_VPN_ATTACHMENTS = "DescribeVpnAttachments"
    DESCRIBE_VPN_CONNECTION = "DescribeVpnConnection"
    DESCRIBE_VPN_CONNECTION_LOGS = "DescribeVpnConnectionLogs"
    DESCRIBE_VPN_CONNECTIONS = "DescribeVpnConnections"
    DESCRIBE_VPN_CROSS_ACCOUNT_AUTHORIZATIONS = "DescribeVpnCrossAccountAuthorizations"
    DESCRIBE_VPN_GATEWAY_AVAILABLE_ZONES = "DescribeVpnGatewayAvailableZones"
    DESCRIBE_ZONES = "DescribeZones"
    DIAGNOSE_VPN_CONNECTIONS = "DiagnoseVpnConnections"
    DOWNLOAD_VPN_CONNECTION_CONFIG = "DownloadVpnConnectionConfig"
    MODIFY_CUSTOMER_GATEWAY_ATTRIBUTE = "ModifyCustomerGatewayAttribute"
    MODIFY_TUNNEL_ATTRIBUTE = "ModifyTunnelAttribute"
    MODIFY_VCO_ROUTE_ENTRY_WEIGHT = "ModifyVcoRouteEntryWeight"
    MODIFY_VPN_ATTACHMENT_ATTRIBUTE = "ModifyVpnAttachmentAttribute"
    MOVE_VPN_RESOURCE_GROUP = "MoveVpnResourceGroup"
    UN_TAG_RESOURCES = "UnTagResources"
    # CBN.
    ASSOCIATE_TRANSIT_ROUTER_ATTACHMENT_WITH_ROUTE_TABLE = "AssociateTransitRouterAttachmentWithRouteTable"
    CHECK_TRANSIT_ROUTER_SERVICE = "CheckTransitRouterService"
    CREATE_CEN = "CreateCen"
    CREATE_TRANSIT_ROUTER = "CreateTransitRouter"
    CREATE_TRANSIT_ROUTER_CIDR = "CreateTransitRouterCidr"
    CREATE_TRANSIT_ROUTER_ROUTE_ENTRY = "CreateTransitRouterRouteEntry"
    CREATE_TRANSIT_ROUTER_ROUTE_TABLE = "CreateTransitRouterRouteTable"
    CREATE_TRANSIT_ROUTER_VPN_ATTACHMENT = "CreateTransitRouterVpnAttachment"
    DELETE_CEN = "DeleteCen"
    DELETE_TRANSIT_ROUTER = "DeleteTransitRouter"
    DELETE_TRANSIT_ROUTER_CIDR = "DeleteTransitRouterCidr"
    DELETE_TRANSIT_ROUTER_ROUTE_ENTRY = "DeleteTransitRouterRouteEntry"
    DELETE_TRANSIT_ROUTER_ROUTE_TABLE = "DeleteTransitRouterRouteTable"
    DELETE_TRANSIT_ROUTER_VPN_ATTACHMENT = "DeleteTransitRouterVpnAttachment"
    DESCRIBE_CENS = "DescribeCens"
    DESCRIBE_GRANT_RULES_TO_CEN = "DescribeGrantRulesToCen"
    DESCRIBE_GRANT_RULES_TO_RESOURCE = "DescribeGrantRulesToResource"
    DISABLE_TRANSIT_ROUTER_ROUTE_TABLE_PROPAGATION = "DisableTransitRouterRouteTablePropagation"
    DISSOCIATE_TRANSIT_ROUTER_ATTACHMENT_FROM_ROUTE_TABLE = "DissociateTransitRouterAttachmentFromRouteTable"
    ENABLE_TRANSIT_ROUTER_ROUTE_TABLE_PROPAGATION = "EnableTransitRouterRouteTablePropagation"
    GRANT_INSTANCE_TO_TRANSIT_ROUTER = "GrantInstanceToTransitRouter"
    LIST_TRANSIT_ROUTER_AVAILABLE_RESOURCE = "ListTransitRouterAvailableResource"
    LIST_TRANSIT_ROUTER_CIDR = "ListTransitRouterCidr"
    LIST_TRANSIT_ROUTER_ROUTE_ENTRIES = "ListTransitRouterRouteEntries"
    LIST_TRANSIT_ROUTER_ROUTE_TABLE_ASSOCIATIONS = "ListTransitRouterRouteTableAssociations"
    LIST_TRANSIT_ROUTER_ROUTE_TABLE_PROPAGATIONS = "ListTransitRouterRouteTablePropagations"
    LIST_TRANSIT_ROUTER_ROUTE_TABLES = "ListTransitRouterRouteTables"
    LIST_TRANSIT_ROUTER_VPN_ATTACHMENTS = "ListTransitRouterVpnAttachments"
    LIST_TRANSIT_ROUTERS = "ListTransitRouters"
    MODIFY_CEN_ATTRIBUTE = "ModifyCenAttribute"
    MODIFY_GRANT_INSTANCE_TO_TRANSIT_ROUTER = "ModifyGrantInstanceToTransitRouter"
    MODIFY_TRANSIT_ROUTER_CIDR = "ModifyTransitRouterCidr"
    MOVE_RESOURCE_GROUP = "MoveResourceGroup"
    REVOKE_INSTANCE_FROM_TRANSIT_ROUTER = "RevokeInstanceFromTransitRouter"
    UNTAG_RESOURCES = "UntagResources"
    UPDATE_TRANSIT_ROUTER = "UpdateTransitRouter"
    UPDATE_TRANSIT_ROUTER_ROUTE_ENTRY = "UpdateTransitRouterRouteEntry"
    UPDATE_TRANSIT_ROUTER_ROUTE_TABLE = "UpdateTransitRouterRouteTable"
    UPDATE_TRANSIT_ROUTER_VPN_ATTACHMENT_ATTRIBUTE = "UpdateTransitRouterVpnAttachmentAttribute"
    # Both products.
    LIST_TAG_RESOURCES = "ListTagResources"
    TAG_RESOURCES = "TagResources"
    # Events alone: no request does these.
    CHANGE_PASSWORD = "ChangePassword"  # noqa: S105 - the name of an operation
    CHANGE_USER_ROLE = "ChangeUserRole"
    CREATE_ACCESS_KEY = "CreateAccessKey"
    CREATE_USER = "CreateUser"
    CUT_LINE = "CutLine"
    DELETE_ACCESS_KEY = "DeleteAccessKey"
    DISABLE_USER = "DisableUser"
    ENABLE_USER = "EnableUser"
    IMPORT_RESOURCES = "ImportResources"
    LOAD_DEVICE_CONFIGURATION = "LoadDeviceConfiguration"
    MODIFY_ACCOUNT_SETTINGS = "ModifyAccountSettings"
    MODIFY_DEVICE = "ModifyDevice"
    RESET_TUNNEL = "ResetTunnel"
    RESTART_DEVICE = "RestartDevice"
    RESTORE_LINE = "RestoreLine"
    SEND_TRAFFIC = "SendTraffic"
    SHOW_KEY = "ShowKey"
    SIGN_OUT_USER = "SignOutUser"
    STOP_TRAFFIC = "StopTraffic"
    SWITCH_DEVICE_OFF = "SwitchDeviceOff"
    SWITCH_DEVICE_ON = "SwitchDeviceOn"
    UPDATE_ACCESS_KEY = "UpdateAccessKey"


# The two products spell this operation differently.
UNTAG = {Product.VPC: Operation.UN_TAG_RESOURCES, Product.CBN: Operation.UNTAG_RESOURCES}


class ResourceType(StrEnum):
    """The kinds of resources that have tags, by their names in requests."""

    CUSTOMER_GATEWAY = "CUSTOMERGATEWAY"
    # The two names of a connection.
    VPN_ATTACHMENT = "VPNATTACHMENT"
    VPN_CONNECTION = "VPNCONNECTION"
    CEN = "CEN"
    TRANSIT_ROUTER = "TRANSITROUTER"
    TRANSIT_ROUTER_ROUTE_TABLE = "TRANSITROUTERROUTETABLE"
    TRANSIT_ROUTER_VPN_ATTACHMENT = "TRANSITROUTERVPNATTACHMENT"
