"""Which error code and message the API answers with when a rule, a service or the database refuses a request."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from connections.api.codec import HIDDEN
from connections.domain import sections
from connections.domain.problems import Problem
from connections.messages import Message
from connections.persistence.database_outages import Why
from connections.request_context import Saved
from connections.wire import groups
from connections.wire.codes import ErrorCode
from connections.wire.names import wire_name

# Facts that repeat text of the request. The string to sign contains all parameters, keys among them.
_SENT = frozenset({"string", "version", "action", "what"})


@dataclass(frozen=True)
class Failure:
    """A refusal as it is answered. `brief`, which is recorded, is the message without text of the request."""

    code: str
    status: int
    message: str
    brief: str
    retry_after: int | None = None


class ApiError(Exception):
    """A refusal with one of the API's error codes. `facts` fill the gaps of its code and its sentence."""

    def __init__(self, code: ErrorCode, *, retry_after: int | None = None, **facts: object):
        self.code, self.facts, self.retry_after = code, facts, retry_after
        super().__init__(code.name)

    @property
    def failure(self) -> Failure:
        code, facts = self.code, self.facts
        message = code.sentence.format(**facts)
        brief = code.sentence.format(**facts | {name: HIDDEN for name in _SENT & facts.keys()})
        return Failure(code.code.format(**facts), code.status, message, brief, self.retry_after)


# --- rules -------------------------------------------------------------------------------------------------------

# By field and code of the problem, else by field. Any other problem is IllegalParam with the parameter's name.
PROBLEMS: dict[tuple[str, str] | str, ErrorCode] = {
    "name": ErrorCode.NAME,
    "description": ErrorCode.DESCRIPTION,
    "ip_address": ErrorCode.IP_FORMAT,
    ("ip_address", "reserved"): ErrorCode.IP_RESERVED,
    "local_subnet": ErrorCode.LOCAL_SUBNET,
    "remote_subnet": ErrorCode.REMOTE_SUBNET,
    ("customer_gateway", "not_found"): ErrorCode.GATEWAY_NOT_FOUND,
    ("customer_gateway", "other_region"): ErrorCode.GATEWAY_NOT_FOUND,
    ("customer_gateway", "null"): ErrorCode.GATEWAY_NOT_FOUND,
    ("network_type", "locked"): ErrorCode.NETWORK_TYPE,
    "tags": ErrorCode.TAG_KEY,
    ("tags", "duplicate"): ErrorCode.DUPLICATE_TAG,
    ("tags", "value_too_long"): ErrorCode.TAG_VALUE,
    ("tags", "value_reserved_prefix"): ErrorCode.TAG_VALUE,
    ("tags", "value_url"): ErrorCode.TAG_VALUE,
    ("tags", "value_unseen"): ErrorCode.TAG_VALUE,
    ("transit_router", "not_found"): ErrorCode.ROUTER_NOT_FOUND,
    ("transit_router", "no_cidr"): ErrorCode.ALLOCATE,
    ("zone", "missing"): ErrorCode.ZONE,
    "region_id": ErrorCode.ROUTER_EXISTS,
    **dict.fromkeys(("cidrs", "cidr"), ErrorCode.ROUTER_CIDR),
    **dict.fromkeys((("cidrs", "overlap"), ("cidr", "overlap")), ErrorCode.CIDR_OVERLAP),
    **dict.fromkeys((("cidrs", "taken"), ("cidr", "taken")), ErrorCode.CIDR_CONFLICT),
    ("entry_destination", "duplicate"): ErrorCode.ENTRY_THERE,
    ("peer_cen_id", "duplicate"): ErrorCode.GRANT_EXISTS,
}
# Where the API's name of a field does not follow from the field's own.
NAMES = {
    **{
        field: f"{group.name}.{key}"
        for group in groups.GROUPS
        for field, key in group.keys.items()
        if key != wire_name(field)
    },
    "customer_gateway": "CustomerGatewayId",
    "destination": "RouteDest",
    "peer_uid": "CenOwnerId",
    "peer_cen_id": "CenId",
    "entry_destination": "TransitRouterRouteEntryDestinationCidrBlock",
    "zone": "ZoneId",
    "transit_router": "TransitRouterId",
}

# By the code of a service's refusal.
REFUSALS: dict[str, ErrorCode] = {
    "configuring": ErrorCode.CONNECTION_BUSY,
    "changed_meanwhile": ErrorCode.CHANGED_MEANWHILE,
    "gateway_in_use": ErrorCode.GATEWAY_IN_USE,
    "cen_has_transit_routers": ErrorCode.CEN_IN_USE,
    "transit_router_has_attachments": ErrorCode.ROUTER_IN_USE,
    "cidr_in_use": ErrorCode.CIDR_IN_USE,
    "transit_router_has_route_tables": ErrorCode.ROUTER_HAS_TABLES,
    "too_many_route_tables": ErrorCode.TABLE_QUOTA,
    "default_route_table": ErrorCode.DEFAULT_TABLE,
    "route_table_of_another_router": ErrorCode.TABLE_NOT_FOUND,
    "associated": ErrorCode.ASSOCIATION_EXISTS,
    "not_associated": ErrorCode.NOT_ASSOCIATED,
    "not_propagated": ErrorCode.NOT_PROPAGATED,
    "attached": ErrorCode.CONNECTION_ATTACHED,
    "attached_elsewhere": ErrorCode.CONNECTION_ATTACHED,
    "already_attached": ErrorCode.ALREADY_ATTACHED,
    "not_attached": ErrorCode.CONNECTION_NOT_ATTACHED,
    "gone": ErrorCode.GONE,
    "not_found": ErrorCode.VPN_NOT_FOUND,
    "authorization_in_use": ErrorCode.GRANT_IN_USE,
    "automatic_route": ErrorCode.AUTOMATIC_ROUTE,
    "no_route": ErrorCode.ROUTE_NOT_FOUND,
    "no_authorization": ErrorCode.GRANT_NOT_FOUND,
    "own_payer": ErrorCode.PAYER,
    "payer_not_agreed": ErrorCode.PAYER,
    "payer_too_soon": ErrorCode.PAYER,
    "no_free_address": ErrorCode.ALLOCATE,
    "single_tunnel": ErrorCode.TUNNEL_OPTIONS,
    "no_gateway_ip": ErrorCode.NO_ADDRESS,
    "attachment_in_use": ErrorCode.ASSOCIATION_EXISTS,
    "forbidden": ErrorCode.FORBIDDEN,
}
# Where CBN has another code than VPC.
IN_CBN = {
    ErrorCode.CONNECTION_BUSY: ErrorCode.STATUS,
    ErrorCode.TAG_KEY: ErrorCode.CBN_TAG_KEY,
    ErrorCode.TAG_VALUE: ErrorCode.CBN_TAG_VALUE,
}


# The names of a tunnel's fields below `TunnelOptionsSpecification`.
TUNNEL_NAMES = {field: f"{group.name}.{key}" for group in groups.TUNNEL_GROUPS for field, key in group.keys.items()}


def parameter_name(field: str, tunnel: int = 0) -> str:
    """The API's name of a field. `tunnel`: which of two has it."""
    name = NAMES.get(field) or wire_name(field)
    if tunnel and field in sections.TUNNEL_FIELDS:
        return f"{groups.TUNNELS} with TunnelIndex {tunnel}, {TUNNEL_NAMES.get(field, name)}"
    return name


def _code_of(problem: Problem) -> ErrorCode:
    return PROBLEMS.get((problem.field, problem.code)) or PROBLEMS.get(problem.field) or ErrorCode.ILLEGAL


def _in_product(code: ErrorCode, *, is_cbn: bool) -> ErrorCode:
    return IN_CBN.get(code, code) if is_cbn else code


def of_problems(problems: list[Problem], *, is_cbn: bool, is_dual: bool = False) -> Failure:
    """Answer with the code of the first problem and the sentences of all. `is_dual`: each names its tunnel."""
    first = problems[0]
    code, name = _in_product(_code_of(first), is_cbn=is_cbn), parameter_name(first.field).rpartition(".")[2]

    def failure(sentence: Callable[[Problem], str]) -> Failure:
        names = [parameter_name(each.field, each.tunnel if is_dual else 0) for each in problems]
        said = (f"{name}: {sentence(each)}" for name, each in zip(names, problems, strict=True))
        why = " ".join(dict.fromkeys(said))
        return ApiError(code, why=why, name=name).failure

    return replace(failure(lambda problem: str(problem.message)), brief=failure(_without_values).message)


def _without_values(problem: Problem) -> str:
    """The sentence of a rule without the values that it quotes. Other sentences may quote them anywhere."""
    message = problem.message
    if not isinstance(message, Message):
        return problem.code
    return str(_without_text(message))


def _without_text(value: object) -> object:
    if isinstance(value, Message):
        return value.filled(**{name: _without_text(one) for name, one in value.params.items()})
    return HIDDEN if type(value) is str else value


def of_refusal(code: str, message: str, *, is_cbn: bool) -> Failure:
    """Answer a service's refusal with the code of the product that was called."""
    return ApiError(_in_product(REFUSALS.get(code, ErrorCode.REFUSED), is_cbn=is_cbn), why=message).failure


# --- outages of the database ------------------------------------------------------------------------------

_OUTAGES = {
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
# Milliseconds, as long as pages wait.
_RETRY_AFTER = 5000


def of_outage(why: Why, saved: Saved) -> Failure:
    """Say what is wrong with the database, and whether the client may send the request again."""
    if why is Why.TOO_MUCH:
        return ApiError(ErrorCode.TOO_LARGE).failure
    facts = {"why": _OUTAGES[why], "fate": _FATES[saved]}
    return ApiError(ErrorCode.UNAVAILABLE, retry_after=_RETRY_AFTER, **facts).failure
