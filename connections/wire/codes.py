"""The error codes of the API. Those that no public document or client has are this project's own: `invented`."""

from enum import Enum

INVENTED = True


class ErrorCode(Enum):
    """A code with its HTTP status and its sentence; both texts may have gaps, which an `ApiError` fills."""

    # The request itself.
    MISSING_ACCESS_KEY = "MissingAccessKeyId", 400, "AccessKeyId is mandatory for this action."
    MISSING_SIGNATURE = "MissingSignature", 400, "The request carries no signature."
    MISSING_NONCE = "MissingSignatureNonce", 400, "SignatureNonce is mandatory for this action."
    MISSING_TIMESTAMP = "MissingTimestamp", 400, "Timestamp is mandatory for this action."
    SIGNATURE_METHOD = (
        "InvalidSignatureMethod", 400,
        "Sign with HMAC-SHA1 (SignatureVersion 1.0) or ACS3-HMAC-SHA256. Nothing else is understood here.", INVENTED,
    )  # fmt: skip
    INCOMPLETE_SIGNATURE = "IncompleteSignature", 400, "The Authorization header lacks {what}."
    BODY_HASH = (
        "InvalidContentSha256", 400, "x-acs-content-sha256 is not the SHA-256 of the body as it arrived.", INVENTED,
    )  # fmt: skip
    # The legacy core splits this sentence at its colon.
    SIGNATURE_DOES_NOT_MATCH = (
        "SignatureDoesNotMatch", 400,
        "Specified signature does not match our calculation. server string to sign is:{string}",
    )  # fmt: skip
    KEY_NOT_FOUND = "InvalidAccessKeyId.NotFound", 404, "Specified access key is not found."
    KEY_INACTIVE = "InvalidAccessKeyId.Inactive", 400, "Specified access key is disabled."
    TOKEN_NOT_TAKEN = (
        "InvalidSecurityToken.MismatchWithAccessKey", 400, "There are no temporary credentials here; send none.",
    )  # fmt: skip
    TIMESTAMP_FORMAT = "InvalidTimeStamp.Format", 400, "Write the time as 2026-01-02T03:04:05Z, in UTC."
    TIMESTAMP_EXPIRED = (
        "InvalidTimeStamp.Expired", 400, "The clocks of client and server are more than 15 minutes apart.",
    )  # fmt: skip
    NONCE_TOO_LONG = "InvalidSignatureNonce", 400, "A nonce has at most {maximum} characters.", INVENTED
    NONCE_USED = "SignatureNonceUsed", 400, "Specified signature nonce was used already."
    ACTION_NOT_FOUND = "InvalidAction.NotFound", 404, "Version {version} has no action {action} here."
    VERSION_NOT_FOUND = "InvalidVersion", 404, "Specified version is not served here: {version}.", INVENTED
    MISSING_ACTION = "MissingAction", 400, "Action is mandatory."
    MISSING_VERSION = "MissingVersion", 400, "Version is mandatory for this action."
    FORMAT = "UnsupportedFormat", 400, "Answers are JSON; set Format to JSON.", INVENTED
    UNREADABLE = "InvalidParameter.Encoding", 400, "{why}", INVENTED
    PATH_NOT_FOUND = "InvalidPath.NotFound", 404, "API requests go to the path /.", INVENTED
    HOST = "InvalidHost", 400, "This server does not answer for the host that the request names.", INVENTED
    PLAIN_HTTP = "InvalidProtocol.NeedSsl", 400, "Your request is denied as lack of ssl protect."
    METHOD = "UnsupportedHTTPMethod", 405, "API requests are sent by GET or POST."
    TOO_LARGE = "RequestEntityTooLarge", 413, "The body is too large.", INVENTED
    CUT_OFF = "IncompleteBody", 400, "The body ended before it was whole.", INVENTED
    THROTTLED = "Throttling.User", 400, "Request was denied due to user flow control: {limit} a minute."
    TOO_MANY = "Throttling", 429, "This client sends more requests than this server takes."
    INTERNAL = "InternalError", 500, "The request processing has failed due to some unknown error."
    UNAVAILABLE = "ServiceUnavailable", 503, "The database {why}. {fate}"
    # What goes for every operation.
    MISSING = "Missing{name}", 400, "{name} is mandatory for this action."
    INVALID_PARAMETER = "InvalidParameter", 400, "{name}: {why}"
    ZONE = "MissingZone", 400, "{why}"
    TUNNEL_OPTIONS = "VpnConnection.InvalidCreateTunnelOptions", 400, "{why}"
    SHAPE = "OperationUnsupported.DualTunnel", 400, "{name}: {why}", INVENTED
    DRY_RUN = "DryRunOperation", 400, "Request validation has been passed with DryRun flag set."
    TOKEN_MISMATCH = (
        "IdempotentParameterMismatch", 400, "The client token was used with other parameters.",
    )  # fmt: skip
    FORBIDDEN = "Forbidden", 403, "{why}"
    # What is not there.
    REGION_NOT_FOUND = "InvalidRegionId.NotFound", 404, "The specified region does not exist."
    ILLEGAL_REGION = "IllegalParam.RegionId", 400, "The specified region does not exist."
    CONNECTION_NOT_FOUND = (
        "InvalidVpnConnectionInstanceId.NotFound", 404, "The specified VPN connection does not exist.",
    )  # fmt: skip
    TUNNEL_NOT_FOUND = "InvalidTunnelId.NotFound", 404, "The connection has no such tunnel.", INVENTED
    GATEWAY_NOT_FOUND = (
        "InvalidCustomerGatewayInstanceId.NotFound", 404, "The specified customer gateway does not exist.",
    )  # fmt: skip
    GROUP_NOT_FOUND = "IllegalParam.ResourceGroupId", 400, "The specified resource group does not exist."
    RESOURCE_NOT_FOUND = "InvalidResourceId.NotFound", 404, "The specified resource does not exist: {what}.", INVENTED
    GONE = "InvalidResourceId.NotFound", 404, "{why}", INVENTED
    ROUTE_NOT_FOUND = "InvalidRouteEntry.NotFound", 404, "{why}", INVENTED
    CEN_NOT_FOUND = "ParameterCenInstanceId", 400, "The specified CEN instance does not exist."
    ROUTER_NOT_FOUND = "InvalidTransitRouterId.NotFound", 400, "The specified transit router does not exist."
    TABLE_NOT_FOUND = (
        "InvalidTransitRouterRouteTableId.NotFound", 400, "The specified route table does not exist.", INVENTED,
    )  # fmt: skip
    CIDR_NOT_FOUND = "InvalidTransitRouterCidrId.NotFound", 400, "The specified CIDR block does not exist.", INVENTED
    ENTRY_NOT_FOUND = "InvalidRouteEntryId.NotFound", 400, "The specified route entry does not exist.", INVENTED
    ATTACHMENT_NOT_FOUND = (
        "InvalidTransitRouterAttachmentId.NotFound", 400, "The specified attachment does not exist.",
    )  # fmt: skip
    GRANT_NOT_FOUND = "InvalidGrantRule.NotFound", 400, "{why}", INVENTED
    VPN_NOT_FOUND = "InvalidVpnId.NotFound", 400, "{why}", INVENTED
    NEXT_TOKEN = "IllegalParam.NextToken", 400, "The specified NextToken is not one of this list."
    ROUTER_COMBINATION = (
        "InvalidParameterCombination.TransitRouter", 400, "Give a region, a transit router or a CEN instance.",
    )  # fmt: skip
    TABLE_COMBINATION = (
        "MissingParam.TransitRouterIdOrTransitRouterRouteTables", 400, "Give a transit router or route tables.",
    )  # fmt: skip
    # States that forbid an operation.
    CONNECTION_BUSY = "VpnConnection.Configuring", 400, "{why}"
    STATUS = "IncorrectStatus.Status", 400, "{why}"
    CHANGED_MEANWHILE = "OperationConflict", 400, "{why}"
    CONNECTION_ATTACHED = "VpnConnection.Attached", 400, "{why}", INVENTED
    CONNECTION_NOT_ATTACHED = "VpnConnection.NotAttached", 400, "{why}", INVENTED
    GATEWAY_IN_USE = "CustomerGateway.InUse", 400, "{why}", INVENTED
    CEN_IN_USE = "DependencyViolation.TransitRouter", 400, "{why}", INVENTED
    ROUTER_IN_USE = "DependencyViolation.Attachment", 400, "{why}", INVENTED
    CIDR_IN_USE = "DependencyViolation.GatewayIp", 400, "{why}", INVENTED
    ROUTER_HAS_TABLES = "DependencyViolation.RouteTable", 400, "{why}", INVENTED
    TABLE_QUOTA = "QuotaExceeded.TransitRouterRouteTable", 400, "{why}", INVENTED
    DEFAULT_TABLE = "OperationDenied.SystemRouteTable", 400, "{why}", INVENTED
    ALREADY_ATTACHED = "InstanceExist.TransitRouterAttachment", 400, "{why}", INVENTED
    ASSOCIATION_EXISTS = "OperationFailed.RouteTableAssociationExist", 400, "{why}"
    PROPAGATION_EXISTS = "OperationFailed.RouteTablePropagationExist", 400, "{why}"
    ENTRY_EXISTS = "OperationFailed.RouteEntryExist", 400, "{why}"
    NOT_ASSOCIATED = "InvalidAssociation.NotFound", 400, "{why}", INVENTED
    NOT_PROPAGATED = "InvalidPropagation.NotFound", 400, "{why}", INVENTED
    ALLOCATE = "OperationFailed.AllocateCidrFailed", 400, "{why}"
    GRANT_IN_USE = "OperationFailed.GrantInUse", 400, "{why}", INVENTED
    AUTOMATIC_ROUTE = "OperationDenied.AutomaticRoute", 400, "{why}", INVENTED
    PAYER = "OperationDenied.OrderType", 400, "{why}", INVENTED
    NO_ADDRESS = "OperationDenied.NoGatewayIp", 400, "{why}", INVENTED
    REFUSED = "OperationDenied", 400, "{why}", INVENTED
    # Values that break rules.
    NAME = "InvalidName", 400, "{why}"
    DESCRIPTION = "InvalidDescription", 400, "{why}"
    IP_FORMAT = "InvalidIpAddress.WrongFormat", 400, "{why}"
    IP_RESERVED = "InvalidIpAddress.Reserved", 400, "{why}", INVENTED
    LOCAL_SUBNET = "IllegalParam.LocalSubnet", 400, "{why}"
    REMOTE_SUBNET = "IllegalParam.RemoteSubnet", 400, "{why}"
    ILLEGAL = "IllegalParam.{name}", 400, "{why}", INVENTED
    NETWORK_TYPE = "OperationDenied.NetworkType", 400, "{why}", INVENTED
    DUPLICATE_TAG = "Duplicated.TagKey", 400, "{why}"
    TAG_KEY = "InvalidParameter.TagKey", 400, "{why}"
    TAG_VALUE = "InvalidParameter.TagValue", 400, "{why}"
    CBN_TAG_KEY = "IllegalParam.TagKey", 400, "{why}"
    CBN_TAG_VALUE = "IllegalParam.TagValue", 400, "{why}"
    ROUTER_EXISTS = "InstanceExist.TransitRouterInstance", 400, "{why}"
    ROUTER_CIDR = "IllegalParam.Cidr", 400, "{why}"
    CIDR_OVERLAP = "OverLappingExist.Cidr", 400, "{why}"
    CIDR_CONFLICT = "OperationFailed.CidrConflict", 400, "{why}"
    ENTRY_THERE = "InstanceExist.RouteEntry", 400, "{why}", INVENTED
    GRANT_EXISTS = "InstanceExist.GrantRule", 400, "{why}", INVENTED

    def __init__(self, code: str, status: int, sentence: str, invented: bool = False):
        self.code, self.status, self.sentence, self.invented = code, status, sentence, invented
