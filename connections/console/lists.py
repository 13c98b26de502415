"""All tables of rows, with their columns.

Some list pages can be searched, filtered, sorted and exported. The names of their addresses share a stem:
`connection-list`, `connection-export`, `connection-filters` and `connection-filter-create`.
"""

from dataclasses import replace

from django.db.models import FilteredRelation, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connections.console import columns, tables
from connections.console.columns import Column
from connections.console.grids import Create, Listing, ListPage
from connections.console.paging import counted
from connections.console.panels import fact_rows
from connections.domain.roles import Right
from connections.models import (
    AccessKey,
    ApiCall,
    Attachment,
    Authorization,
    Cen,
    CustomerGateway,
    Event,
    Route,
    SavedFilter,
    TransitRouterCidr,
    User,
)
from connections.models.connections import read_health, read_outcomes


def kept(user: User) -> tuple[list[Column], list[SavedFilter]]:
    """A user's columns and saved filters of the list of connections, in one query."""
    page = columns.LIST
    rows = User.objects.filter(pk=user.pk).alias(
        choice=FilteredRelation("column_choices", condition=Q(column_choices__page=page)),
        saved=FilteredRelation("saved_filters", condition=Q(saved_filters__page=page)),
    )
    values = list(rows.order_by("saved__name").values_list("choice__keys", "saved__pk", "saved__name", "saved__query"))
    saved = [SavedFilter(pk=pk, user=user, page=page, name=name, query=query) for __, pk, name, query in values if pk]
    return columns.wanted(values[0][0] or ()), saved


class Facts(Column):
    """The facts of an event: as stored for programs, with the console's labels for people."""

    def text(self, event: Event) -> str:
        return "; ".join(
            f"{label}: {after}" if before is None else f"{label}: {before} → {after}"
            for label, before, after in fact_rows(event)
        )


def _field(model, name: str, key: str = "", **more) -> Column:
    return Column(key or name, model._meta.get_field(name).verbose_name, lambda row: getattr(row, name), **more)


def _choice(model, name: str) -> Column:
    label = model._meta.get_field(name).verbose_name
    return Column(name, label, lambda row: getattr(row, f"get_{name}_display")())


def health_text(cen: Cen) -> str:
    """How many of the account's connections that are attached to a CEN instance have a tunnel that is up."""
    if not cen.health or not cen.health[1]:
        return ""
    up, number = cen.health
    return gettext("%(up)s of %(all)s up") % {"up": up, "all": number}


ID = Column("id", _("Instance ID"), lambda row: row.resource_id)
NAME = Column("name", _("Name"), lambda row: row.name)
REGION = Column("region", _("Region"), lambda row: row.region_id)
RESOURCE_GROUP = Column("resource_group", _("Resource Group"), lambda row: row.resource_group.resource_id)
TAGS = Column("tags", _("Tags"), lambda row: [str(tag) for tag in row.tags.all()])
CREATED = columns.BY_KEY["created"]
# A row's name, linked to its details, and its ID.
IDENTITY = Column("identity", _("Name/Instance ID"), look="identity", sort="name", is_head=True)
STATUS = Column("status", _("Status"), lambda row: row.status.label)
ACTIONS = Column("actions", _("Actions"), look="actions", needs=(Right.WRITE,))
ACTIONS_OF_ALL = replace(ACTIONS, needs=())
PICK = Column("pick", "", look="pick", needs=(Right.WRITE,))

_CONNECTION_ACTIONS = replace(ACTIONS, needs=(Right.WRITE, Right.PEER_CONFIG))
CONNECTIONS = ListPage(
    _("IPsec connections"),
    (PICK, IDENTITY, *columns.of(columns.USUAL), _CONNECTION_ACTIONS),
    noun="connection",
    cells="connections/cells.jinja",
    look="grid-connections",
    names_cells=True,
    page=columns.LIST,
    title=_("IPsec Connections"),
    table=tables.connections,
    exported=(ID, NAME, REGION, *columns.COLUMNS),
    create=Create("connection-create", _("Create IPsec-VPN Connection")),
    delete="connections-delete",
    tag="connections-tags",
    file="connection-export",
    peer="connections-peer-config",
    choice="columns-choose",
    what=_("connections"),
    search=_("name, ID, IP, gateway, CEN, tag, network or ASN"),
    unmatched=_("No matching connections"),
    prepare=read_outcomes,
)


def connections(chosen: list[Column]) -> ListPage:
    """The list of connections with the columns that a user has chosen."""
    look = CONNECTIONS.look if chosen == columns.of(columns.USUAL) else f"{CONNECTIONS.look} grid-chosen"
    return replace(CONNECTIONS, columns=(PICK, IDENTITY, *chosen, _CONNECTION_ACTIONS), look=look)


_GATEWAY = (
    _field(CustomerGateway, "ip_address", look="mono"),
    _field(CustomerGateway, "asn"),
    _field(CustomerGateway, "description", look="wrap"),
    Column("connections", _("Connections"), lambda gateway: gateway.connection_count),
)
CUSTOMER_GATEWAYS = ListPage(
    _("Customer gateways"),
    (IDENTITY, *_GATEWAY, TAGS, CREATED, ACTIONS),
    noun="gateway",
    cells="customer_gateways/cells.jinja",
    page="customer-gateway-list",
    title=_("Customer Gateways"),
    table=tables.customer_gateways,
    exported=(ID, NAME, *_GATEWAY, REGION, TAGS, CREATED),
    create=Create("customer-gateway-create", _("Create Customer Gateway")),
    what=_("customer gateways"),
    unmatched=_("No matching customer gateways"),
)
_CEN = (
    STATUS,
    Column("health", _("Health"), health_text),
    Column("connections", _("Connections"), lambda cen: counted(cen.connection_count)),
    Column("regions", _("Regions"), lambda cen: [one.get_region_id_display() for one in cen.transit_routers.all()]),
    RESOURCE_GROUP,
    TAGS,
    CREATED,
)
CENS = ListPage(
    _("CEN instances"),
    (IDENTITY, *_CEN, ACTIONS_OF_ALL),
    noun="cen",
    cells="cens/cells.jinja",
    look="grid-narrow",
    page="cen-list",
    title=_("CEN Instances"),
    table=lambda account, region_id, params: tables.cens(account, params),
    is_regional=False,
    exported=(ID, NAME, _field(Cen, "description"), *_CEN),
    create=Create("cen-create", _("Create CEN Instance")),
    prepare=read_health,
    what=_("CEN instances"),
    unmatched=_("No matching CEN instances"),
)
EVENTS = ListPage(
    _("Events"),
    (
        Column("time", _("Time")),
        Column("event", _("Event"), look="wrap details"),
        Column("outcome", _("Outcome")),
    ),
    cells="events/cells.jinja",
    look="events grid-narrow",
    page="event-list",
    title=_("Event Log"),
    table=lambda account, region_id, params: tables.events(account, params),
    is_regional=False,
    exported=(
        Column("time", _("Time"), lambda event: event.at.isoformat()),
        _field(Event, "actor", "user"),
        _field(Event, "operation"),
        _field(Event, "request_id"),
        _field(Event, "resource_id", "resource"),
        Column("related", _("Related Resource"), lambda event: event.related_id),
        REGION,
        _choice(Event, "outcome"),
        _field(Event, "code"),
        Column("message", _("Message"), lambda event: event.said),
        Facts("facts", _("Facts"), lambda event: event.facts),
    ),
    what=_("events"),
    search=_("name, person, field, or ID"),
    unmatched=_("No matching events"),
)
# The latest events of one resource.
TIMELINE = Listing(
    _("Events"),
    (Column("time", _("Time"), look="when"), Column("event", _("Event"), look="wrap details")),
    cells="events/cells.jinja",
    look="events timeline grid-plain",
)
BY_PAGE = {listing.page: listing for listing in (CONNECTIONS, CUSTOMER_GATEWAYS, CENS, EVENTS)}

API_CALLS = ListPage(
    _("Requests"),
    (
        Column("time", _("Time")),
        Column("operation", _("Operation/Request ID")),
        Column("key", _("AccessKey")),
        Column("status", _("Status"), look="wrap details"),
        _field(ApiCall, "milliseconds", look="whole"),
        _field(ApiCall, "parameters", look="wrap details"),
    ),
    cells="api/cells.jinja",
    page="api",
    title=_("API and SDKs"),
    is_regional=False,
    what=_("requests"),
    search=_("request ID or code"),
    unmatched=_("No matching requests"),
)
ACCESS_KEYS = ListPage(
    _("Access keys"),
    (
        Column("owner", _("User"), look="identity", is_head=True),
        _field(AccessKey, "status", code=lambda key: key.status),
        _field(AccessKey, "access_key_id"),
        CREATED,
        _field(AccessKey, "last_used_at"),
        replace(ACTIONS, needs=(Right.MANAGE,)),
    ),
    cells="access_keys/cells.jinja",
    element="access-keys",
    page="access-key-list",
    title=_("Access Keys"),
    is_regional=False,
    create=Create("access-key-create", _("Create AccessKey"), Right.MANAGE, in_dialog=True),
)
MEMBERS = ListPage(
    _("Members"),
    (
        Column("username", _("Name/Username"), look="identity", is_head=True),
        Column("state", _("State"), code=lambda member: "enabled" if member.is_active else "disabled"),
        _choice(User, "role"),
        Column("last_login", _("Last Sign-in")),
        Column("last_action", _("Last Action"), look="wrap"),
        ACTIONS_OF_ALL,
    ),
    cells="members/cells.jinja",
    template="members/list.html",
    page="member-list",
    title=_("Members"),
    is_regional=False,
    create=Create("member-create", _("Add Member"), Right.MANAGE, in_dialog=True),
)

# Tables on other pages.
GATEWAY_CONNECTIONS = Listing(
    _("Connections"),
    (IDENTITY, *(columns.BY_KEY[key] for key in ("status", "state", "gateway_ip"))),
    noun="connection",
    cells="customer_gateways/connections.jinja",
    look="grid-narrow",
    prepare=read_outcomes,
)
ROUTERS = Listing(
    _("Transit routers"),
    (
        IDENTITY,
        STATUS,
        Column("region", _("Region"), lambda router: router.get_region_id_display()),
        Column("cidrs", _("CIDR Blocks")),
        Column("attachments", _("VPN Attachments")),
        ACTIONS_OF_ALL,
    ),
    noun="router",
    cells="cens/routers.jinja",
    look="grid-narrow",
)
CIDRS = Listing(
    _("CIDR blocks"),
    (
        _field(TransitRouterCidr, "cidr", look="mono", is_head=True),
        _field(TransitRouterCidr, "name", look="wrap"),
        _field(TransitRouterCidr, "description", look="wrap"),
        _field(TransitRouterCidr, "publish_cidr_route"),
        ACTIONS,
    ),
    noun="cidr",
    cells="cens/cidrs.jinja",
    look="grid-narrow",
)
_WHOSE = Column("whose", _("IPsec-VPN Connection"))
ATTACHMENTS = Listing(
    _("VPN attachments"),
    (
        replace(IDENTITY, label=_("Name/Attachment ID"), sort=""),
        STATUS,
        _WHOSE,
        Column("zone", _("Zone"), lambda attachment: attachment.zone_name),
        _field(Attachment, "order_type"),
        replace(CREATED, sort=""),
        ACTIONS,
    ),
    noun="attachment",
    cells="cens/attachments.jinja",
)
ROUTE_TABLES = Listing(
    _("Route tables"),
    (
        replace(IDENTITY, sort=""),
        STATUS,
        Column("type", _("Type"), lambda table: table.type.label),
        TAGS,
        replace(CREATED, sort=""),
        ACTIONS_OF_ALL,
    ),
    noun="route-table",
    cells="cens/route_tables.jinja",
    look="grid-narrow",
)
CORRELATIONS = Listing(
    _("Attachments and the route table"),
    (
        Column("id", _("Name/Attachment ID"), look="identity", is_head=True),
        _WHOSE,
        Column("associated", _("Associated")),
        Column("propagating", _("Propagating")),
        Column("synchronized", _("Route Synchronization"), lambda attachment: attachment.auto_publish_route_enabled),
        Column("links", _("Actions"), look="actions", needs=(Right.WRITE,)),
    ),
    cells="cens/attachments.jinja",
)
_DESTINATION = _field(Route, "destination", look="mono", is_head=True)
ENTRIES = Listing(
    _("Entries of the route table"),
    (
        _DESTINATION,
        Column("next_hop", _("Next Hop")),
        Column("type", _("Type"), lambda entry: entry.type.label),
        _field(Route, "weight"),
        STATUS,
    ),
    cells="cens/entries.jinja",
)
ROUTES = Listing(
    _("Routes"),
    (
        _DESTINATION,
        Column("next_hop", _("Next Hop")),
        _field(Route, "weight"),
        _choice(Route, "source"),
        STATUS,
        _field(Route, "description", look="wrap"),
        CREATED,
        ACTIONS,
    ),
    cells="connections/routes.jinja",
)
_AS_PATH = Column("as_path", _("AS Path"), lambda route: " ".join(map(str, route.as_path)), look="mono")
LEARNED = Listing(
    _("Learned entries of the route table"),
    (
        _DESTINATION,
        Column("next_hop", _("Next Hop")),
        replace(_AS_PATH, value=lambda entry: _AS_PATH.text(entry.source)),
        Column("since", _("Learned At")),
        STATUS,
    ),
    cells="cens/learned.jinja",
)
BGP_SESSIONS = Listing(
    _("BGP sessions"),
    (
        Column("tunnel", _("Tunnel"), lambda one: one.tunnel.resource_id, look="mono", is_head=True),
        Column("status", _("BGP Status")),
        Column("rfc", _("Session State"), lambda one: one.session.state.value),
        Column("since", _("Established At")),
        Column("ends", _("Addresses and AS Numbers")),
        Column("cause", _("Cause"), look="wrap details"),
    ),
    cells="connections/bgp_sessions.jinja",
    look="grid-narrow",
)
BGP_ROUTES = Listing(
    _("BGP routes"),
    (
        _DESTINATION,
        Column("source", _("Source"), lambda route: route.source.label),
        Column("next_hop", _("Next Hop")),
        _AS_PATH,
        Column("status", _("Status"), look="wrap details"),
        Column("since", _("Since")),
    ),
    cells="connections/bgp_routes.jinja",
    look="grid-narrow",
)
AUTHORIZATIONS = Listing(
    _("Authorized CEN instances"),
    (
        Column("peer_uid", _("Peer Account UID"), look="mono", is_head=True),
        Column("peer_cen_id", _("Peer Account CEN ID"), look="mono"),
        _field(Authorization, "order_type"),
        Column("in_use", _("In Use")),
        replace(CREATED, label=_("Authorized At")),
        ACTIONS,
    ),
    cells="connections/authorizations.jinja",
)
