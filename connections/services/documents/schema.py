"""What a document holds of each kind of resource: it follows `sections` and the models."""

from connections import rules, sections

FORMAT = "vpn-console/resources"
VERSION = 2
# Documents of earlier versions say less, and nothing else: what came later has its default there.
READ = (1, 2)
# The most entries of a document: each element of a list, each tag and each attachment is one. Inserting them all takes
# less than a second, for which all other writers wait (docs/performance.md).
MOST = 4000
# The most elements of lists that are compared in pairs, and of tags.
FEW = {
    "cidrs": rules.MAX_ROUTER_CIDRS,
    "local_subnet": rules.MAX_NETWORKS,
    "remote_subnet": rules.MAX_NETWORKS,
    "automatic_routes": rules.MAX_NETWORKS,
    "tags": rules.MAX_TAGS,
}
# The most faults that are reported with their places; the rest is counted.
MOST_FAULTS = 100
# Lists of resources, by which progress is counted.
KINDS = ("customer_gateways", "cens", "transit_routers", "attachments", "route_entries", "connections")
# Under these names a document has IDs, its own or those to which it refers.
IDS = ("id", "route_table", "customer_gateway", "transit_router", "attachment")

GATEWAY_FIELDS = ("name", "ip_address", "asn", "auth_key", "description")
CEN_FIELDS = ROUTER_FIELDS = ("name", "description")
TUNNEL_FIELDS = tuple(name for name in sections.TUNNEL_FIELDS if name != "customer_gateway")
CONNECTION_FIELDS = (*sections.CONNECTION_FIELDS, *sections.API_FIELDS, "tunnel_bandwidth")
ATTACHMENT_FIELDS = ("name", "description", "zone", *sections.ADVANCED.fields)
ROUTE_FIELDS = ("destination", "weight", "description")
ENTRY_FIELDS = ("destination", "name", "description")
AUTHORIZATION_FIELDS = ("peer_uid", "peer_cen_id", "order_type")
