"""How the API says no: one catalogue of codes, and which rule or refusal of ours ends in which of them.

Codes that could not be found in any public document or client are this project's own and are marked as invented.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from connections.api.codec import HIDDEN
from connections.domain.problems import Problem
from connections.messages import Message
from connections.persistence.database_outages import Why, fate, reason
from connections.request_context import Saved
from connections.wire.groups import GROUPS
from connections.wire.names import wire_name

INVENTED = True


class Wire(Enum):
    """A code with its HTTP status and its sentence."""

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
    DUAL_TUNNEL = (
        "OperationUnsupported.DualTunnel", 400,
        "{name}: connections have a single tunnel here. Use IkeConfig, IpsecConfig and BgpConfig.", INVENTED,
    )  # fmt: skip
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


# Facts that repeat what was sent. The string to sign holds all parameters, keys among them.
_SENT = frozenset({"string", "version", "action", "what"})


@dataclass(frozen=True)
class Failure:
    """An answer that says no, as it goes out. `brief` is the message without any text that was sent: it is kept."""

    code: str
    status: int
    message: str
    brief: str
    retry_after: int | None = None


class ApiError(Exception):
    """A refusal by the door itself or by an operation, in the catalogue's words."""

    def __init__(self, wire: Wire, *, retry_after: int | None = None, **facts):
        self.wire, self.facts, self.retry_after = wire, facts, retry_after
        super().__init__(wire.name)

    @property
    def failure(self) -> Failure:
        message = self.wire.sentence.format(**self.facts)
        brief = self.wire.sentence.format(**self.facts | {name: HIDDEN for name in _SENT & self.facts.keys()})
        return Failure(self.wire.code.format(**self.facts), self.wire.status, message, brief, self.retry_after)


# --- rules -------------------------------------------------------------------------------------------------------

# By field and code of the problem, else by field; what is not named here is IllegalParam with the parameter's name.
PROBLEMS: dict[tuple[str, str] | str, Wire] = {
    "name": Wire.NAME,
    "description": Wire.DESCRIPTION,
    "ip_address": Wire.IP_FORMAT,
    ("ip_address", "reserved"): Wire.IP_RESERVED,
    "local_subnet": Wire.LOCAL_SUBNET,
    "remote_subnet": Wire.REMOTE_SUBNET,
    ("customer_gateway", "not_found"): Wire.GATEWAY_NOT_FOUND,
    ("customer_gateway", "other_region"): Wire.GATEWAY_NOT_FOUND,
    ("customer_gateway", "null"): Wire.GATEWAY_NOT_FOUND,
    ("network_type", "locked"): Wire.NETWORK_TYPE,
    ("tags", "duplicate"): Wire.DUPLICATE_TAG,
    ("transit_router", "not_found"): Wire.ROUTER_NOT_FOUND,
    ("transit_router", "no_cidr"): Wire.ALLOCATE,
    "region_id": Wire.ROUTER_EXISTS,
    "cidrs": Wire.ROUTER_CIDR,
    ("cidrs", "overlap"): Wire.CIDR_OVERLAP,
    ("cidrs", "taken"): Wire.CIDR_CONFLICT,
    ("entry_destination", "duplicate"): Wire.ENTRY_THERE,
    ("peer_cen_id", "duplicate"): Wire.GRANT_EXISTS,
}
# Where the API's name of a field does not follow from the field's own.
NAMES = {
    **{
        field: f"{group.name}.{key}" for group in GROUPS for field, key in group.keys.items() if key != wire_name(field)
    },
    "customer_gateway": "CustomerGatewayId",
    "destination": "RouteDest",
    "peer_uid": "CenOwnerId",
    "peer_cen_id": "CenId",
    "entry_destination": "TransitRouterRouteEntryDestinationCidrBlock",
    "zone": "ZoneId",
    "transit_router": "TransitRouterId",
}

# The refusals of the services, by their codes: in the words of VPC and of CBN.
REFUSALS: dict[str, tuple[Wire, Wire]] = {
    "configuring": (Wire.CONNECTION_BUSY, Wire.STATUS),
    "changed_meanwhile": (Wire.CHANGED_MEANWHILE, Wire.CHANGED_MEANWHILE),
    "gateway_in_use": (Wire.GATEWAY_IN_USE, Wire.GATEWAY_IN_USE),
    "cen_has_transit_routers": (Wire.CEN_IN_USE, Wire.CEN_IN_USE),
    "transit_router_has_attachments": (Wire.ROUTER_IN_USE, Wire.ROUTER_IN_USE),
    "attached": (Wire.CONNECTION_ATTACHED, Wire.CONNECTION_ATTACHED),
    "attached_elsewhere": (Wire.CONNECTION_ATTACHED, Wire.CONNECTION_ATTACHED),
    "already_attached": (Wire.ALREADY_ATTACHED, Wire.ALREADY_ATTACHED),
    "not_attached": (Wire.CONNECTION_NOT_ATTACHED, Wire.CONNECTION_NOT_ATTACHED),
    "gone": (Wire.GONE, Wire.GONE),
    "not_found": (Wire.VPN_NOT_FOUND, Wire.VPN_NOT_FOUND),
    "authorization_in_use": (Wire.GRANT_IN_USE, Wire.GRANT_IN_USE),
    "automatic_route": (Wire.AUTOMATIC_ROUTE, Wire.AUTOMATIC_ROUTE),
    "no_route": (Wire.ROUTE_NOT_FOUND, Wire.ROUTE_NOT_FOUND),
    "no_authorization": (Wire.GRANT_NOT_FOUND, Wire.GRANT_NOT_FOUND),
    "own_payer": (Wire.PAYER, Wire.PAYER),
    "payer_not_agreed": (Wire.PAYER, Wire.PAYER),
    "payer_too_soon": (Wire.PAYER, Wire.PAYER),
    "no_free_address": (Wire.ALLOCATE, Wire.ALLOCATE),
    "no_gateway_ip": (Wire.NO_ADDRESS, Wire.NO_ADDRESS),
    "attachment_in_use": (Wire.ASSOCIATION_EXISTS, Wire.ASSOCIATION_EXISTS),
    "forbidden": (Wire.FORBIDDEN, Wire.FORBIDDEN),
}


def parameter_name(field: str) -> str:
    """How a field is called on the wire."""
    return NAMES.get(field) or wire_name(field)


def _wire_of_problem(problem: Problem, is_cbn: bool) -> Wire:
    if problem.field == "tags" and problem.code != "duplicate":
        about_value = problem.message.startswith("The value")
        if is_cbn:
            return Wire.CBN_TAG_VALUE if about_value else Wire.CBN_TAG_KEY
        return Wire.TAG_VALUE if about_value else Wire.TAG_KEY
    return PROBLEMS.get((problem.field, problem.code)) or PROBLEMS.get(problem.field) or Wire.ILLEGAL


def of_problems(problems: list[Problem], *, is_cbn: bool) -> Failure:
    """All problems in one answer: the code of the first, the sentences of all."""
    first = problems[0]
    wire, name = _wire_of_problem(first, is_cbn), parameter_name(first.field).rpartition(".")[2]

    def said(words: Callable[[Problem], str]) -> Failure:
        why = " ".join(dict.fromkeys(f"{parameter_name(one.field)}: {words(one)}" for one in problems))
        return ApiError(wire, why=why, name=name).failure

    return replace(said(lambda one: str(one.message)), brief=said(_without_values).message)


def _without_values(problem: Problem) -> str:
    """What a rule says, without what it says it of. A sentence that is not a rule's own may quote it anywhere."""
    message = problem.message
    if not isinstance(message, Message):
        return problem.code
    return str(message.filled(**{name: _without_text(value) for name, value in message.params.items()}))


def _without_text(value: object) -> object:
    return HIDDEN if type(value) is str else value


def of_refusal(code: str, message: str, *, is_cbn: bool) -> Failure:
    """A service's refusal in the words of the product that was called."""
    pair = REFUSALS.get(code, (Wire.REFUSED, Wire.REFUSED))
    return ApiError(pair[1 if is_cbn else 0], why=message).failure


# --- a database that does not serve ------------------------------------------------------------------------------

_WANTS = {
    Why.AWAY: "cannot be reached",
    Why.BUSY: "is busy",
    Why.SLOW: "did not finish in time",
    Why.FULL: "has no room left on its disk",
    Why.READ_ONLY: "is read-only at the moment",
    Why.DAMAGED: "or its disk is damaged",
}
_FATES = {
    Saved.NOTHING: "Nothing was saved; try again.",
    Saved.UNSURE: "It is not known whether this was saved: look before you send it again, unless it has a ClientToken.",
    Saved.SOMETHING: "Something was saved before this happened: look before you send it again.",
}
# Milliseconds, as long as pages ask for.
_RETRY_AFTER = 5000


def of_trouble(error: BaseException) -> Failure:
    """What is wrong with the database, and what that means for who sends the request again."""
    why = reason(error)
    if why is Why.TOO_MUCH:
        return ApiError(Wire.TOO_LARGE).failure
    return ApiError(Wire.UNAVAILABLE, retry_after=_RETRY_AFTER, why=_WANTS[why], fate=_FATES[fate(error)]).failure
