"""What new connections and attachments are judged against."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from connections.models import Account, Connection, ServiceLinkedRole, TransitRouter, Tunnel
from connections.services.accounts import vpn_role


class Stored:
    """Read from the database. An import adds what its own document creates."""

    def user_of_block(self, connection: Connection, tunnel: Tunnel) -> str:
        """Return the ID of another connection of the account that uses the tunnel's block in the region, or ""."""
        others = Tunnel.objects.filter(
            account=connection.account, region_id=connection.region_id, tunnel_cidr=tunnel.tunnel_cidr
        )
        other = others.exclude(connection_id=connection.pk).select_related("connection").first()
        return other.connection.resource_id if other else ""

    def is_free(self, address: str, region_id: str) -> bool:
        """Whether no tunnel of the region has the gateway address."""
        return not Tunnel.objects.filter(internet_ip=address, region_id=region_id).exists()

    def cidrs(self, router: TransitRouter) -> list[str]:
        """Return the blocks from which the transit router's private connections get their gateway addresses."""
        return [block.cidr for block in router.cidrs.all()]

    def hosts(self, router: TransitRouter) -> Iterator[str]:
        """Iterate over the addresses of these blocks, in order."""
        return (str(host) for cidr in self.cidrs(router) for host in IPv4Network(cidr).hosts())

    def addresses(self, router: TransitRouter) -> set[str]:
        """Return the gateway addresses of the connections that are attached to the transit router."""
        tunnels = Tunnel.objects.filter(connection__attachment__transit_router=router)
        return set(tunnels.values_list("internet_ip", flat=True))

    def missing_role(self, account: Account) -> ServiceLinkedRole | None:
        """Return the service-linked role, not stored yet, if the account's first connection has to create it."""
        return None if vpn_role(account) else ServiceLinkedRole(account=account, name=ServiceLinkedRole.VPN)


STORED = Stored()
