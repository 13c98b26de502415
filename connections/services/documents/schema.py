"""What a document holds of each kind of resource: it follows `sections` and the models."""

from connections import sections

FORMAT = "vpn-console/resources"
VERSION = 2
# Documents of earlier versions say less, and nothing else: what came later has its default there.
READ = (1, 2)
# So many of one kind at most, so that reading ends while somebody waits.
MOST = 2000

GATEWAY_FIELDS = ("name", "ip_address", "asn", "auth_key", "description")
CEN_FIELDS = ROUTER_FIELDS = ("name", "description")
TUNNEL_FIELDS = tuple(name for name in sections.TUNNEL_FIELDS if name != "customer_gateway")
CONNECTION_FIELDS = (*sections.CONNECTION_FIELDS, *sections.API_FIELDS, "tunnel_bandwidth")
ATTACHMENT_FIELDS = ("name", "description", "zone", *sections.ADVANCED.fields)
ROUTE_FIELDS = ("destination", "weight", "description")
ENTRY_FIELDS = ("destination", "name", "description")
AUTHORIZATION_FIELDS = ("peer_uid", "peer_cen_id", "order_type")
