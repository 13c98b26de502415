"""How a request's IDs become rows of its account, and what the catalogue says where there are none."""

from django.core.exceptions import ValidationError

from connections.api import codec
from connections.api.errors import ApiError
from connections.api.registry import Call
from connections.domain import parsing
from connections.domain.problems import Problem
from connections.domain.refusals import Invalid
from connections.models import Attachment, Cen, Connection, CustomerGateway, ResourceGroup, TransitRouter
from connections.numbers import LARGEST, whole_number
from connections.persistence.fields import AsnField, CidrListField
from connections.wire.codes import ErrorCode


def gateway(call: Call) -> CustomerGateway:
    """The gateway that the request names, of the account and the region."""
    rows = CustomerGateway.objects.of(call.account).filter(region_id=call.region_id)
    return _first(rows.select_related("resource_group"), call["CustomerGatewayId"], ErrorCode.GATEWAY_NOT_FOUND)


def connection(call: Call, name: str = "VpnConnectionId") -> Connection:
    """The connection that the request names, with its parts."""
    rows = Connection.objects.of(call.account)
    if region_id := call.values.get("RegionId"):
        rows = rows.filter(region_id=region_id)
    return _first(rows.with_parts(), call[name], ErrorCode.CONNECTION_NOT_FOUND)


def cen(call: Call) -> Cen:
    return _first(Cen.objects.of(call.account), call["CenId"], ErrorCode.CEN_NOT_FOUND)


def router(call: Call) -> TransitRouter:
    rows = TransitRouter.objects.of(call.account).select_related("cen")
    return _first(rows, call["TransitRouterId"], ErrorCode.ROUTER_NOT_FOUND)


def router_of_table(call: Call) -> TransitRouter:
    """The transit router whose default route table the request names; there are no others."""
    rows = TransitRouter.objects.of(call.account).select_related("cen")
    found = rows.filter(route_table_id=call["TransitRouterRouteTableId"]).first()
    if found is None:
        raise ApiError(ErrorCode.TABLE_NOT_FOUND)
    return found


def attachment(call: Call) -> Attachment:
    """The living attachment that the request names, of a transit router of the account."""
    rows = Attachment.objects.living().filter(account=call.account)
    rows = rows.select_related("connection__account", "account", "transit_router__cen")
    return _first(rows, call["TransitRouterAttachmentId"], ErrorCode.ATTACHMENT_NOT_FOUND)


def group(call: Call, name: str = "ResourceGroupId") -> ResourceGroup | None:
    """The resource group that the request names, or None where it names none."""
    if not call[name]:
        return None
    return _first(ResourceGroup.objects.filter(account=call.account), call[name], ErrorCode.GROUP_NOT_FOUND)


def _first(rows, resource_id: str, code: ErrorCode):
    row = rows.filter(resource_id=resource_id).first()
    if row is None:
        raise ApiError(code)
    return row


def narrowed(rows, call: Call, **fields: str):
    """Rows by the filters that were sent: `CustomerGatewayId="resource_id"`."""
    wanted = {field: call[name] for name, field in fields.items() if call[name]}
    return rows.filter(**wanted)


# --- values ------------------------------------------------------------------------------------------------------


def fill(row, values: dict[str, str]) -> list[Problem]:
    """Write texts of a request into fields of a row. Return a problem for each that is not of its field's type."""
    problems = []
    for name, text in values.items():
        field = row._meta.get_field(name)
        try:
            setattr(row, name, _python(field, text))
        except (ValidationError, ValueError):
            problems.append(Problem(name, "malformed", "This is not a value of this kind."))
    return problems


def _python(field, text: str):
    if isinstance(field, AsnField):
        asn = parsing.parse_asn(text)
        if asn is None:
            raise ValueError(text)
        return asn
    if field.get_internal_type() == "BooleanField":
        flag = codec.boolean(text)
        if flag is None:
            raise ValueError(text)
        return flag
    if isinstance(field, CidrListField):
        return parsing.networks_of(text)
    if field.get_internal_type() == "PositiveIntegerField":
        number = whole_number(text.strip(), least=-LARGEST)
        if number is None:
            raise ValueError(text)
        return number
    return text


def refuse_problems(problems: list[Problem]) -> None:
    if problems:
        raise Invalid(problems)


def milliseconds(moment) -> int:
    return int(moment.timestamp() * 1000)


def iso(moment) -> str:
    """The time as CBN writes it: UTC, to the minute."""
    return f"{moment:%Y-%m-%dT%H:%MZ}"
