"""The search of the command palette: pages by title, resources by ID, name or IP address."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from connections import search
from connections.console import paging
from connections.domain.regions import REGIONS, Region
from connections.domain.roles import Right
from connections.models import Account, Cen, Connection, CustomerGateway, RouteTable, TransitRouter, User

# Hits of each kind.
MAX_MATCHES = 6


@dataclass(frozen=True)
class Hit:
    """A search result. `note` distinguishes hits with the same title."""

    title: str
    url: str
    note: str = ""


def _pages(user: User, region_id: str) -> list[Hit]:
    pages = [
        (_("Overview"), "home", [], None),
        (_("IPsec Connections"), "connection-list", [region_id], None),
        (_("Create IPsec-VPN Connection"), "connection-create", [region_id], Right.WRITE),
        (_("Customer Gateways"), "customer-gateway-list", [region_id], None),
        (_("Create Customer Gateway"), "customer-gateway-create", [region_id], Right.WRITE),
        (_("CEN Instances"), "cen-list", [], None),
        (_("Create CEN Instance"), "cen-create", [], Right.WRITE),
        (_("Event Log"), "event-list", [], None),
        (_("Members"), "member-list", [], Right.MANAGE),
        (_("Access Keys"), "access-key-list", [], None),
        (_("API and SDKs"), "api", [], None),
        (_("Export and Import"), "resources", [], None),
        (_("Service-linked role"), "service-linked-role", [], None),
        (_("Settings"), "account-settings", [], Right.WRITE),
    ]
    return [Hit(title, reverse(page, args=args)) for title, page, args, right in pages if not right or user.may(right)]


def _connections(account: Account, region_id: str, text: str) -> list[Connection]:
    """Search the current region by the index; other regions by ID, and by everything if they have few connections."""
    mine = Connection.objects.of(account).order_by("-id")
    rows = list(
        search.found(mine.filter(region_id=region_id), text, account.pk, region_id, paging.COUNTED)[:MAX_MATCHES]
    )
    # List the other regions: to exclude the current one, the database would read all connections of the account.
    elsewhere = mine.filter(region_id__in=REGIONS.keys() - {region_id})
    keys = list(elsewhere.order_by().values_list("pk", flat=True)[: paging.COUNTED + 1])
    read = len(keys) <= paging.COUNTED
    matches = search.read(mine.filter(pk__in=keys), text) if read else elsewhere.filter(resource_id=text)
    return (rows + list(matches[: MAX_MATCHES - len(rows)])) if len(rows) < MAX_MATCHES else rows


def _hit(resource, *notes: str) -> Hit:
    name = getattr(resource, "name", "")
    return Hit(name or resource.resource_id, resource.get_absolute_url(), " · ".join([resource.resource_id, *notes]))


def find(user: User, region: Region, text: str) -> list[tuple[str, list[Hit]]]:
    """Titles and hits by kind. A blank text finds all pages."""
    text = search.typed(text)
    account = user.account
    pages = [hit for hit in _pages(user, region.id) if text.casefold() in hit.title.casefold()]
    groups = [(_("Pages"), pages)]
    if text:
        named = Q(resource_id=text) | Q(name__icontains=text)
        gateways = CustomerGateway.objects.of(account).filter(named | Q(ip_address__startswith=text))
        gateways = gateways.order_by("region_id", "-id")
        routers = TransitRouter.objects.of(account).filter(named).select_related("cen").order_by("-id")
        route_tables = RouteTable.objects.of(account).filter(named).select_related("transit_router__cen")
        route_tables = route_tables.order_by("-id")
        groups += [
            (
                _("IPsec Connections"),
                [_hit(row, str(row.region.name)) for row in _connections(account, region.id, text)],
            ),
            (_("Customer Gateways"), [_hit(row, row.ip_address) for row in gateways[:MAX_MATCHES]]),
            (
                _("CEN Instances"),
                [_hit(row) for row in Cen.objects.of(account).filter(named).order_by("-id")[:MAX_MATCHES]],
            ),
            (_("Transit Routers"), [_hit(row, str(row.region.name)) for row in routers[:MAX_MATCHES]]),
            (_("Route Tables"), [_hit(row, row.transit_router.resource_id) for row in route_tables[:MAX_MATCHES]]),
        ]
    return [(title, hits) for title, hits in groups if hits]
