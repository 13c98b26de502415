"""Create, modify and delete VPN attachments, by the account of the transit router."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import reduce

from django.db.models import F

from connections import clock, ids
from connections.domain import refusals, rules, sections
from connections.domain.choices import AttachmentStatus, ConnectionState, NetworkType, Payer
from connections.domain.problems import Problem
from connections.domain.refusals import Refused
from connections.messages import Message
from connections.messages import message as _
from connections.models import Account, Attachment, Authorization, Cen, Connection, RouteTable, TransitRouter
from connections.models.connections import ConnectionQuerySet
from connections.services import derived
from connections.services.addresses import give_private_addresses
from connections.services.connections import hold_router, refuse_busy_router, refuse_while_busy, sweep
from connections.services.devices import configure_now
from connections.services.inserts import New, refuse_problems, row_problems
from connections.services.negotiations import following
from connections.services.operations import Actor, Record, operation
from connections.services.rows import spelled
from connections.services.stored import STORED, Stored
from connections.services.tags import Pairs, new_tags

CREATE = "CreateTransitRouterVpnAttachment"
EDITABLE = ("name", "description", *sections.ADVANCED.fields)
PAYER_REST = timedelta(hours=1)


def available(account: Account, cen: Cen, region_id: str, owner_uid: str = "") -> ConnectionQuerySet:
    """Return the unassociated connections that a transit router of the CEN instance may attach in its region.

    Without an owner: the account's own. With one: those that the owner has authorized for this CEN instance.
    """
    rows = Connection.objects.filter(region_id=region_id)
    if owner_uid:
        rows = rows.filter(
            account__uid=owner_uid,
            authorizations__peer_cen_id=cen.resource_id,
            authorizations__peer_uid=cen.account.uid,
        )
    else:
        rows = rows.of(account)
    return rows.in_state(ConnectionState.INIT).order_by("-id")


def waiting(account: Account, cen: Cen | None = None) -> ConnectionQuerySet:
    """Return the unassociated connections that other accounts have authorized for this account's CEN instances.

    Each has `cen_id`, the ID of the CEN instance for which it waits. With a CEN instance: only those for it. They come
    as the index of authorizations has them: another order would sort all of them.
    """
    cens = [cen.resource_id] if cen else Cen.objects.of(account).values("resource_id")
    opened = Connection.objects.filter(authorizations__peer_uid=account.uid, authorizations__peer_cen_id__in=cens)
    rows = opened.in_state(ConnectionState.INIT).annotate(cen_id=F("authorizations__peer_cen_id"))
    return rows.select_related("account").order_by()


def create_attachment(
    actor: Actor, attachment: Attachment, connection_id: str, owner_uid: str = "", tags: Pairs = ()
) -> Attachment:
    """Attach a connection to one of the actor's transit routers. [P27, P101]

    `owner_uid` names another account that has authorized the CEN instance. Connections that the actor may not attach
    are not found, whether they exist or not.
    """
    router = attachment.transit_router
    foreign = bool(owner_uid) and owner_uid != actor.account.uid
    own = row_problems([attachment])
    with operation(actor, CREATE, region_id=router.region_id) as record:
        record.related_id, record.facts = _named(connection_id), _facts(connection_id, owner_uid, foreign=foreign)
        wanted = _open_to(actor.account, router, connection_id, owner_uid)
        # Lock only the connection; locking its account too could deadlock.
        if wanted.select_for_update(of=("self",), no_key=True).first() is None:
            raise Refused(refusals.NOT_FOUND)
        hold_router(actor.account, attachment)
        new = new_attachment(actor.account, attachment, own, connection_id, owner_uid, tags)
        attachment.begin(AttachmentStatus.ATTACHING)
        sweep(attachment.connection)
        new.store(record)
        if attachment.connection.network_type == NetworkType.PRIVATE:
            tunnels = attachment.connection.tunnels.all()
            with following(tunnels):
                for tunnel in tunnels:
                    tunnel.save(update_fields=["internet_ip"])
                configure_now(tunnels)
            derived.write_search_text(attachment.connection)
    return attachment


def _named(connection_id: str) -> str:
    """Return the ID for an event, or "" if it is none: a caller may send any text, even a key."""
    return connection_id if ids.is_id(connection_id, Connection.PREFIX) else ""


def _facts(connection_id: str, owner_uid: str, *, foreign: bool) -> dict:
    facts = {"owner": owner_uid[:32]} if foreign else {}
    if named := _named(connection_id):
        facts["connection"] = named
    return facts


def _open_to(account: Account, router: TransitRouter, connection_id: str, owner_uid: str) -> ConnectionQuerySet:
    """Return the connection with this ID, of the named owner or else the account's own."""
    wanted = Connection.objects.filter(resource_id=connection_id, region_id=router.region_id)
    return wanted.filter(account__uid=owner_uid) if owner_uid else wanted.of(account)


def new_attachment(
    account: Account,
    attachment: Attachment,
    own: Sequence[Problem],
    connection_id: str,
    owner_uid: str = "",
    tags: Pairs = (),
    stored: Stored = STORED,
) -> New:
    """Judge a new attachment of a stored connection, and give its tunnels the transit router's addresses, unsaved.

    `own`: the problems of the attachment by itself. Raises Invalid with every problem, or Refused if the account may
    not attach the connection, or something is not ready.
    """
    router = attachment.transit_router
    foreign = bool(owner_uid) and owner_uid != account.uid
    wanted = _open_to(account, router, connection_id, owner_uid)
    connection = wanted.with_parts().prefetch_related("authorizations").first()
    if connection is None:
        raise Refused(refusals.NOT_FOUND)
    opened = (router.cen.resource_id, account.uid)
    authorization = next(
        (one for one in connection.authorizations.all() if (one.peer_cen_id, one.peer_uid) == opened), None
    )
    if foreign and authorization is None:
        raise Refused(refusals.NOT_FOUND)
    # The name of another account's connection is private.
    what = connection_id if foreign else str(connection)
    refuse_while_busy(connection, what)
    if connection.living_attachment is not None:
        raise Refused(refusals.ALREADY_ATTACHED, what=what)
    attachment.account, attachment.connection = account, connection
    if connection.is_dual:
        attachment.zone = ""
    attachment.order_type = authorization.order_type if foreign and authorization else Payer.CEN_OWNER
    attachment.payer_since = clock.now()
    refuse_problems([*own, *_placement_problems(connection, attachment, stored), *rules.tag_problems(tags)])
    refuse_busy_router(router)
    give_private_addresses(connection, connection.tunnels.all(), router, stored)
    record = Record(related_id=_named(connection_id), facts=_facts(connection_id, owner_uid, foreign=foreign))
    return New(CREATE, router.region_id, attachment, [*new_tags(attachment, tags)], record)


def _placement_problems(connection: Connection, attachment: Attachment, stored: Stored) -> Iterator[Problem]:
    router = attachment.transit_router
    if not connection.is_dual:
        yield from rules.zone_problems(attachment.zone, {zone.id for zone in connection.region.zones})
    if connection.network_type == NetworkType.PRIVATE:
        has_blocks = bool(stored.cidrs(router))
        yield from rules.private_router_problems(connection.network_type, router.resource_id, has_blocks)


def hold_attachment(actor: Actor, attachment: Attachment) -> Attachment:
    """Return the actor's living attachment, with its connection locked. Raises Refused in a transient state."""
    Connection.objects.select_for_update(no_key=True).get(pk=attachment.connection_id)
    rows = Attachment.objects.living().filter(pk=attachment.pk, account=actor.account)
    stored = rows.select_related("connection__account", "transit_router__cen").first()
    if stored is None:
        raise Refused(refusals.NOT_FOUND)
    if stored.under_way:
        raise Refused(refusals.BUSY, what=stored.resource_id, state=stored.status.label)
    if stored.connection.under_way:
        raise Refused(refusals.BUSY, what=stored.connection.resource_id, state=stored.connection.state.label)
    return stored


def modify_attachment(actor: Actor, attachment: Attachment, revision: int) -> Attachment:
    """Change the texts, the three switches or the payer of an attachment. Route tables are derived from the switches.

    The payer of another account's connection must be the one that its owner has authorized [P113].
    """
    with operation(
        actor,
        "UpdateTransitRouterVpnAttachmentAttribute",
        region_id=attachment.transit_router.region_id,
        resource_id=attachment.resource_id,
    ) as record:
        stored = hold_attachment(actor, attachment)
        record.related_id = stored.connection.resource_id
        if stored.revision != revision:
            raise Refused(refusals.CHANGED_MEANWHILE, what=stored.resource_id)
        for name in EDITABLE:
            before, after = spelled(stored, name), spelled(attachment, name)
            if before != after:
                record.facts[name] = [before, after]
                setattr(stored, name, after)
        if attachment.order_type != stored.order_type:
            _refuse_payer(stored, attachment.order_type)
            record.facts["order_type"] = [stored.order_type, attachment.order_type]
            stored.order_type, stored.payer_since = attachment.order_type, clock.now()
        stored.full_clean(exclude=["resource_id", "connection"], validate_unique=False, validate_constraints=False)
        stored.revision += 1
        stored.save()
    return stored


def _refuse_payer(stored: Attachment, wanted: str) -> None:
    if not stored.is_foreign:
        raise Refused(refusals.OWN_PAYER, what=stored.resource_id)
    earliest = stored.payer_since + PAYER_REST
    # A time in the future was written before the clock was set back.
    if stored.payer_since <= clock.now() < earliest:
        raise Refused(refusals.PAYER_TOO_SOON, what=stored.resource_id, at=f"{earliest:%Y-%m-%d %H:%M:%S}")
    agreed = Authorization.objects.filter(connection=stored.connection, peer_cen_id=stored.cen.resource_id).first()
    if agreed is None or agreed.order_type != wanted:
        payer = Payer(agreed.order_type).label if agreed else _("nothing")
        raise Refused(refusals.PAYER_NOT_AGREED, payer=payer)


def remains(attachment: Attachment) -> dict[str, Message]:
    """What still refers to an attachment and has to go before it, or with it: association, propagation, routes."""
    association = attachment.associated_table
    routes = RouteTable.objects.filter(entries__attachment=attachment).distinct()
    links = {
        "association": ([association] if association else [], _("an association with {table}")),
        "propagation": (attachment.propagation_tables, _("a propagation to {table}")),
        "routes": (routes, _("a static route in {table}")),
    }
    named = {link: ", ".join(table.resource_id for table in tables) for link, (tables, _text) in links.items()}
    return {link: text.filled(table=named[link]) for link, (_tables, text) in links.items() if named[link]}


def going_with(attachment: Attachment) -> dict[str, int]:
    """How many associations, propagations and routes go with an attachment, whatever made them."""
    propagations = attachment.propagation_tables
    propagated = attachment.connection.routes.count() if propagations else 0
    return {
        "association": 1 if attachment.associated_table else 0,
        "propagation": len(propagations),
        "routes": attachment.entries.count() + propagated,
    }


def delete_attachment(
    actor: Actor, attachment: Attachment, *, dissociate: bool = False, withdraw: bool = False, force: bool = False
) -> None:
    """Detach a connection, which is unassociated after detaching. [P116]

    Association and propagation must be removed with it, one by one or by `force`. The connection's routes leave the
    transit router's table with the propagation.
    """
    with operation(
        actor,
        "DeleteTransitRouterVpnAttachment",
        region_id=attachment.transit_router.region_id,
        resource_id=attachment.resource_id,
    ) as record:
        stored = hold_attachment(actor, attachment)
        record.related_id = stored.connection.resource_id
        record.facts = {
            "connection": stored.connection.resource_id,
            "transit_router": stored.transit_router.resource_id,
        }
        for name, gone in (
            ("associate_default_route_table", dissociate),
            ("propagate_to_default_route_table", withdraw),
        ):
            if (gone or force) and getattr(stored, name):
                record.facts[name] = [True, False]
                setattr(stored, name, False)
        if (dissociate or force) and stored.custom_table is not None:
            record.facts["custom_table"] = [stored.custom_table.resource_id, ""]
            stored.custom_table = None
        if (withdraw or force) and (propagations := list(stored.propagations.select_related("route_table"))):
            record.facts["propagations"] = [[one.route_table.resource_id for one in propagations], []]
            stored.propagations.all().delete()
        if force and (destinations := list(stored.entries.values_list("destination", flat=True))):
            record.facts["routes"] = [destinations, []]
            stored.entries.all().delete()
        if left := remains(stored):
            raise Refused(
                refusals.ATTACHMENT_IN_USE,
                what=stored.resource_id,
                remains=reduce(lambda one, other: _("{one} and {other}", one=one, other=other), left.values()),
            )
        stored.begin(AttachmentStatus.DETACHING)
        stored.save()
        derived.write_binding([stored.connection])
        if stored.connection.network_type == NetworkType.PRIVATE:
            # The address belongs to the transit router.
            with following(stored.connection.tunnels.all()):
                stored.connection.tunnels.update(internet_ip="")
            derived.write_search_text(stored.connection)
