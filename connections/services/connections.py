"""What can be done with IPsec-VPN connections."""

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from ipaddress import IPv4Network
from itertools import islice

from django.db.models import Model

from connections import diff, ids
from connections.domain import applicability, edit_locks, refusals, rules, sections
from connections.domain.choices import AttachmentStatus, ConnectionState, NetworkType, Outcome, RouteSource, RoutingMode
from connections.domain.problems import Problem
from connections.domain.refusals import Refused
from connections.messages import message as _
from connections.models import (
    Account,
    Attachment,
    Connection,
    Event,
    Route,
    ServiceLinkedRole,
    TransitRouter,
    Tunnel,
)
from connections.services import derived
from connections.services.accounts import vpn_role
from connections.services.inserts import New, refuse_problems, related, row_problems
from connections.services.operations import Actor, operation
from connections.services.rows import reread
from connections.services.tags import Pairs, new_tags, write_tags

CREATE = "CreateVpnAttachment"


@dataclass
class Draft:
    """A connection as somebody wants it, not saved yet. Without an attachment it is to be bound to nothing.

    `tags` of None leave those of an existing connection as they are.
    """

    connection: Connection
    tunnels: Sequence[Tunnel]
    attachment: Attachment | None = None
    tags: Pairs | None = ()


class Stored:
    """What a draft is judged against, read from the database. An import adds what its own document creates."""

    def user_of_block(self, connection: Connection, tunnel: Tunnel) -> str:
        """The ID of another connection of the account that uses the tunnel's block in the region, or nothing."""
        others = Tunnel.objects.filter(
            account=connection.account, region_id=connection.region_id, tunnel_cidr=tunnel.tunnel_cidr
        )
        other = others.exclude(pk=tunnel.pk).select_related("connection").first()
        return other.connection.resource_id if other else ""

    def is_free(self, address: str, region_id: str) -> bool:
        """Whether no tunnel of the region has the gateway address."""
        return not Tunnel.objects.filter(internet_ip=address, region_id=region_id).exists()

    def cidrs(self, router: TransitRouter) -> list[str]:
        """The blocks from which the transit router's private connections get their gateway addresses."""
        return [block.cidr for block in router.cidrs.all()]

    def hosts(self, router: TransitRouter) -> Iterator[str]:
        """The addresses of these blocks, in order."""
        return (str(host) for cidr in self.cidrs(router) for host in IPv4Network(cidr).hosts())

    def addresses(self, router: TransitRouter) -> set[str]:
        """The gateway addresses of the connections that are attached to the transit router."""
        tunnels = Tunnel.objects.filter(connection__attachment__transit_router=router)
        return set(tunnels.values_list("internet_ip", flat=True))

    def missing_role(self, account: Account) -> ServiceLinkedRole | None:
        """The service-linked role, not stored yet, if the account's first connection has to create it."""
        return None if vpn_role(account) else ServiceLinkedRole(account=account, name=ServiceLinkedRole.VPN)


STORED = Stored()


def draft_problems(draft: Draft, stored: Stored = STORED) -> Iterator[Problem]:
    """Every rule that spans rows. Each row judges itself in its `clean()`."""
    yield from rules.tag_problems(draft.tags or ())
    if draft.attachment is not None:
        yield from _placement_problems(draft.connection, draft.attachment, stored)
    for tunnel in draft.tunnels:
        for problem in _tunnel_problems(draft.connection, tunnel, stored):
            yield replace(problem, tunnel=tunnel.index)


def _placement_problems(connection: Connection, attachment: Attachment, stored: Stored) -> Iterator[Problem]:
    router = related(attachment, "transit_router")
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
    )
    if connection.network_type == NetworkType.PRIVATE:
        has_blocks = bool(stored.cidrs(router))
        yield from rules.private_router_problems(connection.network_type, router.resource_id, has_blocks)


def _tunnel_problems(connection: Connection, tunnel: Tunnel, stored: Stored) -> Iterator[Problem]:
    if connection.routing_mode == RoutingMode.PROTECTED:
        yield from rules.several_networks_problems(
            tunnel.ike_version, connection.local_subnet, connection.remote_subnet
        )
    gateway = related(tunnel, "customer_gateway")
    if gateway is not None:
        if gateway.account_id != connection.account_id:
            yield Problem("customer_gateway", "not_found", _("There is no such customer gateway in this account."))
        elif gateway.region_id != connection.region_id:
            yield Problem(
                "customer_gateway", "other_region", _("The customer gateway must be in the connection's region.")
            )
        elif connection.enable_bgp:
            yield from rules.bgp_gateway_problems(gateway.resource_id, gateway.asn is not None)
    if connection.enable_bgp and tunnel.tunnel_cidr and (other := stored.user_of_block(connection, tunnel)):
        yield Problem(
            "tunnel_cidr",
            "taken",
            _(
                "{connection} uses {block} already. Choose another block.",
                connection=other,
                block=tunnel.tunnel_cidr,
            ),
        )


# How many blocks are looked up at once before all that are taken are read.
FIRST_BLOCKS = 24


def proposed_tunnel_cidr(account, region_id: str, also: Iterable[str] = ()) -> str:
    """The next block that no connection of the account uses in the region, and that is none of `also`."""
    first = _first_blocks()
    every = Tunnel.objects.filter(account=account, region_id=region_id).exclude(tunnel_cidr="").order_by()
    blocks = every.values_list("tunnel_cidr", flat=True)
    taken = {*blocks.filter(tunnel_cidr__in=first), *also}
    if block := next((block for block in first if block not in taken), ""):
        return block
    return rules.next_tunnel_cidr([*blocks, *also])


@cache
def _first_blocks() -> tuple[str, ...]:
    return tuple(islice(rules.tunnel_cidrs_to_offer(), FIRST_BLOCKS))


def _clear_what_does_not_apply(draft: Draft) -> None:
    """Give fields without a meaning their blank or default value, so that nothing unseen is stored."""
    values = diff.deciders(draft.connection)
    for row in (draft.connection, *draft.tunnels):
        names = sections.CONNECTION_FIELDS if row is draft.connection else sections.TUNNEL_FIELDS
        for name in names:
            if not applicability.applies(name, values):
                setattr(row, name, row._meta.get_field(name).get_default())


def own_problems(draft: Draft) -> list[Problem]:
    """What is wrong with each row of a draft by itself. Judged before the right to write is taken."""
    for tunnel in draft.tunnels:
        tunnel.connection = draft.connection
    _clear_what_does_not_apply(draft)
    attachments = [draft.attachment] if draft.attachment is not None else []
    return row_problems([draft.connection, *draft.tunnels, *attachments])


def _reread_gateways(actor: Actor, draft: Draft) -> None:
    """Read the account's own customer gateways again: one may be gone since the draft was made."""
    for tunnel in draft.tunnels:
        gateway = related(tunnel, "customer_gateway")
        if gateway is not None and gateway.account_id == actor.account.pk:
            tunnel.customer_gateway = reread(actor.account, gateway)


def create_connection(actor: Actor, draft: Draft) -> Connection:
    """Make a connection with its tunnels, tags and automatic routes, and attach it if the draft says so.

    Goes through provisioning (and attaching) before it rests. [P20, P21, P101]
    Raises Invalid with every problem, or Refused while the transit router is not ready.
    """
    connection, attachment, own = draft.connection, draft.attachment, own_problems(draft)
    with operation(actor, CREATE, region_id=connection.region_id) as record:
        if attachment is not None:
            hold_router(actor.account, attachment)
        _reread_gateways(actor, draft)
        new = new_connection(actor.account, draft, own)
        connection.begin(ConnectionState.PROVISIONING)
        if attachment is not None:
            attachment.begin(AttachmentStatus.ATTACHING, after=connection.transition_ends)
        new.store(record)
    return connection


def new_connection(account: Account, draft: Draft, own: Sequence[Problem], stored: Stored = STORED) -> New:
    """Judge a new connection, and choose its gateway addresses; `own`: what is wrong with its rows by themselves.

    Raises Invalid with every problem, or Refused while the transit router is not ready or has no free address.
    """
    connection, attachment = draft.connection, draft.attachment
    connection.account = account
    connection.resource_group = related(connection, "resource_group") or account.default_resource_group
    for tunnel in draft.tunnels:
        tunnel.account, tunnel.region_id = account, connection.region_id
    if attachment is not None:
        attachment.account, attachment.connection = account, connection
    refuse_problems([*own, *draft_problems(draft, stored)])
    for tunnel in draft.tunnels:
        tunnel.psk = tunnel.psk or ids.pre_shared_key()
        if connection.network_type == NetworkType.PUBLIC:
            tunnel.internet_ip = _free_public_ip(connection.region_id, stored)
    routes = new_routes(connection, diff.automatic_routes(connection))
    tags = new_tags(connection, draft.tags or ())
    new = New(CREATE, connection.region_id, connection, [*draft.tunnels, *tags, *routes])
    if role := stored.missing_role(account):
        new.rows.append(role)
        new.record.facts["service_linked_role"] = role.name
    if attachment is not None:
        router = attachment.transit_router
        refuse_busy_router(router)
        give_private_addresses(connection, draft.tunnels, router, stored)
        new.rows.append(attachment)
        new.record.facts["transit_router"] = router.resource_id
    return new


def hold_router(account: Account, attachment: Attachment) -> None:
    """Read the attachment's transit router again, and keep other writers from it. Others' are left to the rules."""
    router = attachment.transit_router
    if router.account_id == account.pk:
        attachment.transit_router = reread(account, router)


def refuse_busy_router(router: TransitRouter) -> None:
    if router.under_way:
        raise Refused(refusals.BUSY, what=str(router), state=router.status.label)


def give_private_addresses(
    connection: Connection, tunnels: Iterable[Tunnel], router: TransitRouter, stored: Stored = STORED
) -> None:
    """Give each tunnel of a private connection the first free address of the transit router's blocks. [P26]

    Nothing is saved.
    """
    if connection.network_type != NetworkType.PRIVATE:
        return
    taken = stored.addresses(router)
    for tunnel in tunnels:
        tunnel.internet_ip = next((host for host in stored.hosts(router) if host not in taken), "")
        if not tunnel.internet_ip:
            raise Refused(refusals.NO_FREE_ADDRESS, what=str(router))
        taken.add(tunnel.internet_ip)


def locked(connection: Connection) -> dict[str, edit_locks.Lock]:
    """What cannot change about a connection at this moment."""
    attachment = connection.living_attachment
    return edit_locks.locks(attached=attachment is not None, foreign=attachment is not None and attachment.is_foreign)


def hold(actor: Actor, connection_id: str) -> Connection:
    """The actor's connection, kept from all other writers until the operation has ended, in a state that rests."""
    Connection.objects.select_for_update(no_key=True).get(account=actor.account, resource_id=connection_id)
    connection = Connection.objects.with_parts().get(resource_id=connection_id)
    refuse_while_busy(connection)
    return connection


def refuse_while_busy(connection: Connection, what: str = "") -> None:
    """In a transient state only questions are allowed [P101]."""
    if connection.is_transient:
        raise Refused(refusals.BUSY, what=what or str(connection), state=connection.state.label)


def _attachment_problems(connection: Connection, draft: Draft) -> Iterator[Problem]:
    """What somebody tries to change about the placement of an existing connection."""
    before, after = connection.living_attachment, draft.attachment
    if after is None:
        return
    if before is None:
        yield from edit_locks.lock_problems(["associate_resource"], locked(connection))
        return
    changed = [name for name in sections.ATTACHMENT_FIELDS if getattr(before, name) != getattr(after, name)]
    yield from edit_locks.lock_problems(changed, locked(connection))


def modification_problems(stored: Connection, draft: Draft, found: list[diff.Change]) -> Iterator[Problem]:
    """What forbids changing a connection into a draft: locks first, then the rules that span rows."""
    yield from edit_locks.lock_problems([change.field for change in found], locked(stored))
    yield from _attachment_problems(stored, draft)
    if stored.living_attachment is None:
        for before, after in zip(stored.tunnels.all(), draft.tunnels, strict=True):
            new = related(after, "customer_gateway")
            if new is not None and new != before.customer_gateway:
                for problem in rules.gateway_exchange_problems(before.customer_gateway.ip_address, new.ip_address):
                    yield replace(problem, tunnel=after.index)
    yield from draft_problems(replace(draft, attachment=None))


def modify_connection(actor: Actor, draft: Draft, revision: int) -> Connection:
    """Change a connection into what a draft says of it. [P106, P107]

    Of the draft's rows only the fields that can be modified are read. Raises Invalid with every problem, or Refused
    while a state is on the move and where somebody else has changed the connection since the revision was read.
    """
    problems = own_problems(replace(draft, attachment=None))
    with operation(
        actor,
        "ModifyVpnAttachmentAttribute",
        region_id=draft.connection.region_id,
        resource_id=draft.connection.resource_id,
    ) as record:
        stored = hold(actor, draft.connection.resource_id)
        if stored.revision != revision:
            raise Refused(refusals.CHANGED_MEANWHILE, what=str(stored))
        draft = _upon(stored, draft)
        wanted = draft.connection
        _reread_gateways(actor, draft)
        found = diff.of_connection(stored, wanted, list(draft.tunnels))
        refuse_problems([*problems, *modification_problems(stored, draft, found)])
        record.facts = {change.key: change.fact for change in found}
        tags = {tag.key: tag.value for tag in stored.tags.all()}
        if draft.tags is not None and dict(draft.tags) != tags:
            record.facts["tags"] = [tags, dict(draft.tags)]
            write_tags(stored, draft.tags)
        wanted.revision = revision + 1
        if found:
            wanted.begin(ConnectionState.UPDATING)
        wanted.search_text = derived.search_text(wanted, draft.tunnels)
        wanted.save()
        for tunnel in draft.tunnels:
            tunnel.save()
        write_automatic_routes(wanted)
    return wanted


def _upon(stored: Connection, draft: Draft) -> Draft:
    """The draft's values on copies of the stored rows. What else the draft's rows hold may be out of date."""
    connection = _overwritten(stored, draft.connection, (*sections.CONNECTION_FIELDS, *sections.API_FIELDS))
    tunnels = []
    for before, after in zip(stored.tunnels.all(), draft.tunnels, strict=True):
        tunnel = _overwritten(before, after, sections.TUNNEL_FIELDS)
        tunnel.connection, tunnel.psk = connection, tunnel.psk or before.psk
        tunnels.append(tunnel)
    return replace(draft, connection=connection, tunnels=tunnels)


def _overwritten(stored: Model, wanted: Model, fields: Iterable[str]) -> Model:
    row = copy.copy(stored)
    for name in fields:
        setattr(row, name, diff.value_of(wanted, name))
    return row


def refuse_while_attached(connection: Connection) -> None:
    """Say where a connection is attached, and who can detach it."""
    attachment = connection.living_attachment
    if attachment is None:
        return
    facts = {"what": str(connection), "router": attachment.transit_router.resource_id}
    if attachment.is_foreign:
        raise Refused(refusals.ATTACHED_ELSEWHERE, **facts, uid=attachment.account.uid)
    raise Refused(refusals.ATTACHED, **facts)


def refuse_deletion(connection: Connection) -> None:
    """Only what is attached, or on its way there or back, cannot go. Clients delete without waiting for an update."""
    if connection.living_attachment is not None:
        refuse_while_busy(connection)
        refuse_while_attached(connection)


def delete_connection(actor: Actor, connection: Connection) -> None:
    """Remove an unassociated connection with its tunnels, routes, tags and authorizations."""
    with operation(
        actor, "DeleteVpnAttachment", region_id=connection.region_id, resource_id=connection.resource_id
    ) as record:
        Connection.objects.select_for_update(no_key=True).get(account=actor.account, resource_id=connection.resource_id)
        stored = Connection.objects.with_parts().get(resource_id=connection.resource_id)
        refuse_deletion(stored)
        record.facts = {"name": stored.name}
        sweep(stored)
        stored.delete()


def deleted(account: Account, region_id: str, ids: Sequence[str]) -> list[Connection]:
    """Of these, what the account has had and deleted, as far as the events tell: ID and name."""
    events = Event.objects.of(account).filter(
        operation="DeleteVpnAttachment", outcome=Outcome.SUCCESS, region_id=region_id, resource_id__in=ids
    )
    return [Connection(resource_id=event.resource_id, name=event.facts.get("name", "")) for event in events]


def sweep(connection: Connection) -> None:
    """Remove an attachment that has finished detaching."""
    swept, _of_models = Attachment.objects.finished().filter(connection=connection).delete()
    if swept:
        derived.write_binding([connection])


def _free_public_ip(region_id: str, stored: Stored) -> str:
    """A gateway address that no other tunnel of the region has."""
    while True:
        address = ids.public_gateway_ip()
        if stored.is_free(address, region_id):
            return address


def write_automatic_routes(connection: Connection) -> None:
    """Protected data flows route their remote networks into the tunnel. [P42]

    A route by hand to the same destination stays as it is.
    """
    wanted = diff.automatic_routes(connection)
    automatic = connection.routes.filter(source=RouteSource.AUTOMATIC)
    automatic.exclude(destination__in=wanted).delete()
    there = set(connection.routes.values_list("destination", flat=True))
    routes = new_routes(connection, [cidr for cidr in wanted if cidr not in there])
    derived.fill(routes)
    Route.objects.bulk_create(routes)


def new_routes(connection: Connection, destinations: Iterable[str]) -> list[Route]:
    """Routes of networks that are not routed into the tunnel yet, not stored."""
    return [Route(connection=connection, destination=cidr, source=RouteSource.AUTOMATIC) for cidr in destinations]
