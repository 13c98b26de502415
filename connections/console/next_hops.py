"""Through which of a connection's two tunnels routes go at this moment, in words. [P189]"""

from collections.abc import Collection, Iterable

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from connections.console.negotiations import Mark
from connections.console.words import tunnel_name
from connections.models import Connection, Tunnel
from connections.routing import BgpRoute, Entry


def through(connection: Connection, tunnels: Collection[Tunnel] | None = None) -> Mark | None:
    """The way of a route, by default through the tunnels that are up; None if the connection has one tunnel only.

    Traffic is spread over all of these tunnels, whatever their roles are.
    """
    if not connection.is_dual:
        return None
    every = connection.all_tunnels
    used = {tunnel.pk for tunnel in (every if tunnels is None else tunnels) if tunnels is not None or tunnel.is_up}
    if len(used) == len(every):
        return Mark("good", _("Through both tunnels, at equal cost"))
    if not used:
        return Mark("bad", _("Both tunnels are down: traffic is dropped"))
    (one,), (other,) = ([tunnel for tunnel in every if (tunnel.pk in used) == is_used] for is_used in (True, False))
    facts = {"tunnel": tunnel_name(one), "other": tunnel_name(other)}
    if other.is_up:
        return Mark("warn", _("Through %(tunnel)s only") % facts)
    return Mark("warn", _("Through %(tunnel)s only: %(other)s is down") % facts)


def of_entry(entry: Entry) -> Mark | None:
    """The way of an entry of a route table. None for another account's connection, of which only the ID is shown."""
    tunnels = entry.source.tunnels if isinstance(entry.source, BgpRoute) else None
    return next((through(connection, tunnels) for connection in _connections([entry])), None)


def read_tunnels(entries: Iterable[Entry]) -> None:
    """Read the tunnels for the ways of entries in one query, or none if no connection has two tunnels."""
    tunnels = Tunnel.objects.select_related("customer_gateway", "device")
    prefetch_related_objects(_connections(entries), Prefetch("tunnels", tunnels))


def _connections(entries: Iterable[Entry]) -> list[Connection]:
    """The account's own connections with two tunnels to which entries lead."""
    attachments = (entry.attachment for entry in entries)
    own = (one.connection for one in attachments if one is not None and not one.is_foreign)
    return [connection for connection in own if connection.is_dual]
