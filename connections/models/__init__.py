"""The resources, one file each."""

from connections.models.access_keys import AccessKey
from connections.models.accounts import Account, ResourceGroup, ServiceLinkedRole, SignInFailure, User
from connections.models.api import ApiCall, ApiNonce, ApiRefusal, ApiToken, ApiUse
from connections.models.attachments import Attachment, Propagation
from connections.models.authorizations import Authorization
from connections.models.cens import Cen, RouteTable, TransitRouter, TransitRouterCidr
from connections.models.connections import Connection, Tunnel
from connections.models.customer_gateways import CustomerGateway
from connections.models.devices import Chapter, Device
from connections.models.events import Event, Submission
from connections.models.imports import ImportProgress
from connections.models.preferences import ColumnChoice, SavedFilter
from connections.models.route_entries import RouteEntry
from connections.models.routes import Route
from connections.models.tags import Tag

__all__ = [
    "AccessKey",
    "Account",
    "ApiCall",
    "ApiNonce",
    "ApiRefusal",
    "ApiToken",
    "ApiUse",
    "Attachment",
    "Authorization",
    "Cen",
    "Chapter",
    "ColumnChoice",
    "Connection",
    "CustomerGateway",
    "Device",
    "Event",
    "ImportProgress",
    "Propagation",
    "ResourceGroup",
    "Route",
    "RouteEntry",
    "RouteTable",
    "SavedFilter",
    "ServiceLinkedRole",
    "SignInFailure",
    "Submission",
    "Tag",
    "TransitRouter",
    "TransitRouterCidr",
    "Tunnel",
    "User",
]
