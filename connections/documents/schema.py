"""The fields of a document for each kind of resource, and the bounds of a document."""

from connections.domain import limits, sections
from connections.models.devices import SETTINGS, SWITCHES

FORMAT = "vpn-console/resources"
VERSION = 5
# Earlier versions have fewer fields; the others get their defaults.
READABLE = (1, 2, 3, 4, 5)
# Each element of a list, each tag and each attachment is an entry. Inserting this many takes less than a second, during
# which all other writers wait (docs/performance.md).
MAX_ENTRIES = 4000
# The bounds of lists whose elements are compared in pairs, and of tags.
MAX_ITEMS = {
    "cidrs": limits.MAX_ROUTER_CIDRS,
    "local_subnet": limits.MAX_NETWORKS,
    "remote_subnet": limits.MAX_NETWORKS,
    "automatic_routes": limits.MAX_NETWORKS,
    "announced": limits.MAX_ANNOUNCED,
    "tunnels": limits.MAX_TUNNELS,
    "gateway_ips": limits.MAX_TUNNELS,
    "tags": limits.MAX_TAGS,
}
# Lists of CIDR blocks.
NETWORKS = ("cidrs", "local_subnet", "remote_subnet")
# Faults beyond these are counted, not reported.
MAX_FAULTS = 100
# The lists of resources. Progress is counted in resources.
KINDS = ("customer_gateways", "cens", "transit_routers", "attachments", "route_tables", "route_entries", "connections")
# The fields that hold IDs: of the resource itself, or of one that it refers to.
IDS = ("id", "route_table", "customer_gateway", "transit_router", "attachment")

GATEWAY_FIELDS = ("name", "ip_address", "asn", "auth_key", "description")
CEN_FIELDS = ROUTER_FIELDS = TABLE_FIELDS = ("name", "description")
CIDR_FIELDS = ("cidr", "name", "description", "publish_cidr_route")
TUNNEL_FIELDS = tuple(name for name in sections.TUNNEL_FIELDS if name != "customer_gateway")
DEVICE_FIELDS = (*SWITCHES, *SETTINGS)
CONNECTION_FIELDS = (*sections.CONNECTION_FIELDS, *sections.API_FIELDS, "tunnel_bandwidth")
ATTACHMENT_FIELDS = ("name", "description", "zone", *sections.ADVANCED.fields)
ROUTE_FIELDS = ("destination", "weight", "description")
ENTRY_FIELDS = ("destination", "name", "description")
AUTHORIZATION_FIELDS = ("peer_uid", "peer_cen_id", "order_type")
