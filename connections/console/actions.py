"""What a user may do with a resource: the buttons of its page, the menu of its row, and commands of the palette."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from connections.console.words import Words
from connections.domain.choices import ConnectionState
from connections.domain.roles import Right
from connections.models import Attachment, Cen, Connection, CustomerGateway, RouteTable, TransitRouter, User


@dataclass(frozen=True)
class Action:
    """An action on a resource. `key` is its test id, `title` its label with the resource's name."""

    key: str
    label: str
    title: str
    url: str
    dialog: bool


@dataclass(frozen=True)
class _Kind:
    """An action as declared. `named` is its label with the resource's name; `dialog`: its page opens in the dialog."""

    key: str
    label: Words
    named: Words
    page: str
    needs: Right | None = None
    dialog: bool = True
    # Any resource of its model.
    applies: Callable[[Any], bool] = lambda resource: True
    address: Callable[[Any, str], str] = lambda resource, page: reverse(page, args=_ids(resource))


def _ids(resource: Any) -> list[str]:
    """The arguments of a resource's addresses."""
    match resource:
        case Connection() | CustomerGateway():
            return [resource.region_id, resource.resource_id]
        case TransitRouter():
            return [resource.cen.resource_id, resource.resource_id]
        case RouteTable() | Attachment():
            return [*_ids(resource.transit_router), resource.resource_id]
    return [resource.resource_id]


def _edit(page: str, *, dialog: bool = True) -> _Kind:
    return _Kind("edit", _("Edit"), _("Edit %(name)s"), page, Right.WRITE, dialog)


def _code(page: str, applies: Callable[[Any], bool] = lambda resource: True) -> _Kind:
    return _Kind("show-code", _("Show as code"), _("Show as code: %(name)s"), page, applies=applies)


def _delete(page: str, applies: Callable[[Any], bool] = lambda resource: True) -> _Kind:
    return _Kind("delete", _("Delete"), _("Delete %(name)s"), page, Right.WRITE, applies=applies)


def _is_own(table: RouteTable) -> bool:
    return not table.is_default


_TAGS = _Kind(
    "tags",
    _("Tags"),
    _("Tags of %(name)s"),
    "resource-tags",
    Right.WRITE,
    address=lambda resource, page: reverse(page, args=[resource.resource_id]),
)
_KINDS: dict[type[Model], tuple[_Kind, ...]] = {
    Connection: (
        _Kind(
            "peer-config",
            _("Peer Configuration"),
            _("Peer configuration of %(name)s"),
            "connection-peer-config",
            Right.PEER_CONFIG,
        ),
        _edit("connection-modify", dialog=False),
        _Kind(
            "clone",
            _("Clone"),
            _("Clone %(name)s"),
            "connection-create",
            Right.WRITE,
            dialog=False,
            address=lambda one, page: f"{reverse(page, args=[one.region_id])}?like={one.resource_id}",
        ),
        _Kind(
            "attach",
            _("Attach …"),
            _("Attach %(name)s"),
            "connection-attach",
            Right.WRITE,
            applies=lambda connection: connection.state == ConnectionState.INIT,
        ),
        _TAGS,
        _Kind("diagnose", _("Diagnose"), _("Diagnose %(name)s"), "connection-diagnosis", dialog=False),
        _Kind("logs", _("Logs"), _("Logs of %(name)s"), "connection-logs", dialog=False),
        _code("connection-code"),
        _delete("connection-delete"),
    ),
    CustomerGateway: (
        _edit("customer-gateway-modify", dialog=False),
        _TAGS,
        _code("customer-gateway-code"),
        _delete("customer-gateway-delete"),
    ),
    Cen: (
        _edit("cen-modify"),
        _Kind(
            "router-create",
            _("Create Transit Router"),
            _("Create Transit Router in %(name)s"),
            "transit-router-create",
            Right.WRITE,
            dialog=False,
        ),
        _TAGS,
        _code("cen-code"),
        _delete("cen-delete"),
    ),
    TransitRouter: (
        _Kind(
            "router-attach",
            _("Attach Connection"),
            _("Attach a connection to %(name)s"),
            "attachment-create",
            Right.WRITE,
            dialog=False,
        ),
        _edit("transit-router-modify"),
        _TAGS,
        _code("transit-router-code"),
        _delete("transit-router-delete"),
    ),
    RouteTable: (
        _edit("route-table-modify"),
        _TAGS,
        _code("route-table-code", _is_own),
        _delete("route-table-delete", _is_own),
    ),
    Attachment: (
        _edit("attachment-modify"),
        _code("attachment-code"),
        _Kind("delete", _("Detach"), _("Detach %(name)s"), "attachment-delete", Right.WRITE),
    ),
}


def allowed(user: User, resource: Model) -> list[Action]:
    """What a user may do with a resource now."""
    named = {"name": resource}
    return [
        Action(kind.key, str(kind.label), str(kind.named) % named, kind.address(resource, kind.page), kind.dialog)
        for kind in _KINDS[type(resource)]
        if (kind.needs is None or user.may(kind.needs)) and kind.applies(resource)
    ]


def without_verbs(words: Iterable[str]) -> list[str]:
    """Words that aren't part of an action's label: what "edit hamburg" is about."""
    verbs = " ".join(str(kind.named) % {"name": ""} for kinds in _KINDS.values() for kind in kinds).casefold()
    return [word for word in words if word not in verbs]
