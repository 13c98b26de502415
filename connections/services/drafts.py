"""A connection that is not saved yet, and what is wrong with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from connections import diff
from connections.domain import rules, sections
from connections.domain.applicability import Applicability
from connections.domain.choices import NetworkType
from connections.domain.problems import Problem
from connections.messages import message as _
from connections.models import Attachment, Connection, CustomerGateway, TransitRouter, Tunnel
from connections.services.inserts import related, row_problems
from connections.services.stored import STORED, Stored
from connections.services.tags import Pairs


@dataclass
class Draft:
    """A connection as it should become. Without an attachment it is not associated.

    `tags=None` leaves the tags of an existing connection as they are.
    """

    connection: Connection
    tunnels: Sequence[Tunnel]
    attachment: Attachment | None = None
    tags: Pairs | None = ()

    @cached_property
    def applicability(self) -> Applicability:
        """Which fields of the connection and its tunnels apply."""
        return Applicability.of(self.connection)


def own_problems(draft: Draft) -> list[Problem]:
    """Clear the fields that do not apply and judge each row by itself, without queries, before an operation begins.

    The number of the draft's tunnels is the connection's.
    """
    draft.connection.tunnel_count = len(draft.tunnels)
    for tunnel in draft.tunnels:
        tunnel.connection = draft.connection
    _clear(draft)
    attachments = [draft.attachment] if draft.attachment is not None else []
    return row_problems([draft.connection, *draft.tunnels, *attachments])


def _clear(draft: Draft) -> None:
    """Reset fields that do not apply to their defaults, unless they are kept and right, so that they can be shown."""
    connection = draft.connection
    if connection.is_dual and draft.attachment is not None:
        draft.attachment.zone = ""
    wrong = set()
    if not connection.health_check:
        kept = (getattr(connection, f"health_check_{name}") for name in ("dip", "sip", "interval", "retry"))
        wrong = {problem.field for problem in rules.health_check_problems(*kept, is_on=False)}
    for row in (draft.connection, *draft.tunnels):
        names = sections.CONNECTION_FIELDS if row is draft.connection else sections.TUNNEL_FIELDS
        for name in names:
            if name in wrong or not draft.applicability.keeps(name):
                setattr(row, name, diff.default_of(row, name))


def draft_problems(draft: Draft, stored: Stored = STORED) -> Iterator[Problem]:
    """Apply every rule that spans rows. Each row judges itself in its `clean()`."""
    yield from rules.tag_problems(draft.tags or ())
    if draft.attachment is not None:
        yield from _placement_problems(draft.connection, draft.attachment, stored)
    for tunnel in draft.tunnels:
        for problem in _tunnel_problems(draft, tunnel, stored):
            yield replace(problem, tunnel=tunnel.index)
    if draft.connection.is_dual and draft.applicability.applies("tunnel_cidr"):
        yield from rules.pair_problems(*(tunnel.tunnel_cidr for tunnel in draft.tunnels))


def _placement_problems(connection: Connection, attachment: Attachment, stored: Stored) -> Iterator[Problem]:
    router = related(attachment, "transit_router", TransitRouter)
    if router is None:
        return
    if router.account_id != connection.account_id:
        yield Problem("transit_router", "not_found", _("There is no such transit router in this account."))
        return
    yield from rules.placement_problems(
        region=connection.region_id,
        zones={zone.id for zone in connection.region.zones},
        cen=router.cen.resource_id,
        router=router.resource_id,
        router_cen=router.cen.resource_id,
        router_region=router.region_id,
        zone=attachment.zone,
        has_zone=not connection.is_dual,
    )
    if connection.network_type == NetworkType.PRIVATE:
        has_blocks = bool(stored.cidrs(router))
        yield from rules.private_router_problems(connection.network_type, router.resource_id, has_blocks)


def _tunnel_problems(draft: Draft, tunnel: Tunnel, stored: Stored) -> Iterator[Problem]:
    connection, applies = draft.connection, draft.applicability.applies
    if applies("local_subnet"):
        yield from rules.several_networks_problems(
            tunnel.ike_version, connection.local_subnet, connection.remote_subnet
        )
    gateway = related(tunnel, "customer_gateway", CustomerGateway)
    if gateway is not None:
        if gateway.account_id != connection.account_id:
            yield Problem("customer_gateway", "not_found", _("There is no such customer gateway in this account."))
        elif gateway.region_id != connection.region_id:
            yield Problem(
                "customer_gateway", "other_region", _("The customer gateway must be in the connection's region.")
            )
        elif connection.enable_bgp:
            yield from rules.bgp_gateway_problems(gateway.resource_id, gateway.asn is not None)
    if applies("tunnel_cidr") and tunnel.tunnel_cidr and (other := stored.user_of_block(connection, tunnel)):
        yield Problem(
            "tunnel_cidr",
            "taken",
            _(
                "{connection} uses {block} already. Choose another block.",
                connection=other,
                block=tunnel.tunnel_cidr,
            ),
        )
