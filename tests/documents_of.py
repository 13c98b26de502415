"""The largest documents that an import accepts, one for each kind of resource."""

from connections.documents.schema import MAX_ENTRIES

HEAD = {"format": "vpn-console/resources", "version": 2}
REGION = "eu-central-1"


def gateways(count=MAX_ENTRIES // 2) -> dict:
    """Customer gateways with one tag each."""
    return HEAD | {
        "customer_gateways": [
            {"id": f"g{n}", "region": REGION, "ip_address": f"203.0.{n // 250}.{n % 250 + 1}", "tags": {"site": f"{n}"}}
            for n in range(count)
        ]
    }


def connections(count=(MAX_ENTRIES - 4) // 3, network_type="public") -> dict:
    """Connections to one customer gateway, attached to one transit router."""
    router = {"id": "fra", "region": REGION, "cidrs": ["10.9.0.0/16"]}
    return HEAD | {
        "customer_gateways": [{"id": "dc", "region": REGION, "ip_address": "203.0.113.7"}],
        "cens": [{"id": "net", "transit_routers": [router]}],
        "connections": [
            {
                "region": REGION,
                "name": f"c{n}",
                "network_type": network_type,
                "tunnels": [{"customer_gateway": "dc", "psk": "written-by-hand"}],
                "attachment": {"transit_router": "fra", "zone": f"{REGION}a"},
            }
            for n in range(count)
        ],
    }
