"""Create, modify and delete IPsec-VPN connections."""

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from django.db.models import Model

from connections import diff, ids
from connections.domain import edit_locks, refusals, rules, sections
from connections.domain.choices import AttachmentStatus, ConnectionState, Outcome
from connections.domain.problems import Problem
from connections.domain.refusals import Refused
from connections.domain.regions import regions_of
from connections.models import (
    Account,
    Attachment,
    Connection,
    CustomerGateway,
    Event,
    ResourceGroup,
    TransitRouter,
    Tunnel,
)
from connections.services import automatic_routes, derived
from connections.services.addresses import give_private_addresses, give_public_addresses
from connections.services.drafts import Draft, draft_problems, own_problems
from connections.services.inserts import New, refuse_problems, related
from connections.services.negotiations import following
from connections.services.operations import Actor, Record, operation
from connections.services.rows import reread
from connections.services.stored import STORED, Stored
from connections.services.tags import new_tags, tags_of, write_tags

CREATE = "CreateVpnAttachment"
MODIFY = "ModifyVpnAttachmentAttribute"
MODIFY_TUNNEL = "ModifyTunnelAttribute"

Row = TypeVar("Row", bound=Model)


# --- create --------------------------------------------------------------------------------------------------------


def create_connection(actor: Actor, draft: Draft) -> Connection:
    """Create a connection with its tunnels, tags and automatic routes, and attach it if the draft has an attachment.

    It goes through provisioning (and attaching) before it rests. [P20, P21, P101]
    Raises Invalid with every problem, or Refused while the transit router is not ready, or if the account wants two
    tunnels.
    """
    connection, attachment = draft.connection, draft.attachment
    own = own_problems(draft)
    with operation(actor, CREATE, region_id=connection.region_id) as record:
        if not connection.is_dual and actor.account.refuses_single_tunnels:
            raise Refused(refusals.SINGLE_TUNNEL)
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
    """Judge a new connection, and give it keys and addresses. `own`: the result of `own_problems`.

    Raises Invalid with every problem, or Refused while the transit router is not ready or has no free address.
    """
    connection, attachment = draft.connection, draft.attachment
    _give_owner(account, draft)
    refuse_problems([*own, *draft_problems(draft, stored)])
    for tunnel in draft.tunnels:
        tunnel.psk = tunnel.psk or ids.pre_shared_key()
    give_public_addresses(connection, draft.tunnels, stored)
    if attachment is not None:
        refuse_busy_router(attachment.transit_router)
        give_private_addresses(connection, draft.tunnels, attachment.transit_router, stored)
    destinations = connection.automatic_destinations(draft.applicability)
    routes = automatic_routes.new_routes(connection, destinations)
    tags = new_tags(connection, draft.tags or ())
    new = New(CREATE, connection.region_id, connection, [*draft.tunnels, *tags, *routes])
    if role := stored.missing_role(account):
        new.rows.append(role)
        new.record.facts["service_linked_role"] = role.name
    if attachment is not None:
        new.rows.append(attachment)
        new.record.facts["transit_router"] = attachment.transit_router.resource_id
    return new


def _give_owner(account: Account, draft: Draft) -> None:
    connection, attachment = draft.connection, draft.attachment
    connection.account = account
    connection.resource_group = related(connection, "resource_group", ResourceGroup) or account.default_resource_group
    for tunnel in draft.tunnels:
        tunnel.account, tunnel.region_id = account, connection.region_id
    if attachment is not None:
        attachment.account, attachment.connection = account, connection


def _reread_gateways(actor: Actor, draft: Draft) -> None:
    """Read the account's own customer gateways again: one may have been deleted since the draft was made."""
    for tunnel in draft.tunnels:
        gateway = related(tunnel, "customer_gateway", CustomerGateway)
        if gateway is not None and gateway.account_id == actor.account.pk:
            tunnel.customer_gateway = reread(actor.account, gateway)


def hold_router(account: Account, attachment: Attachment) -> None:
    """Read the attachment's transit router again and lock it. The rules refuse a router of another account."""
    router = attachment.transit_router
    if router.account_id == account.pk:
        attachment.transit_router = reread(account, router)


def refuse_busy_router(router: TransitRouter) -> None:
    if router.under_way:
        raise Refused(refusals.BUSY, what=str(router), state=router.status.label)


# --- modify --------------------------------------------------------------------------------------------------------


def modify_tunnel(actor: Actor, tunnel: Tunnel, revision: int) -> Connection:
    """Change one tunnel of a connection into this copy of it; the connection and its other tunnel stay. [P182]

    `revision` is that of its connection, which was read with its parts. Raises what `modify_connection` does.
    """
    connection = copy.copy(tunnel.connection)
    tunnels = [tunnel if one.pk == tunnel.pk else copy.copy(one) for one in connection.tunnels.all()]
    return _modify(actor, Draft(connection, tunnels, None, None), revision, MODIFY_TUNNEL, tunnel.resource_id)


def modify_connection(actor: Actor, draft: Draft, revision: int) -> Connection:
    """Change a connection into a draft of it. [P106, P107]

    Only the fields of the draft's rows that can be modified are read. A tunnel that the change leaves as it was is not
    negotiated again. Raises Invalid with every problem, or Refused in a transient state and if the connection has been
    changed since the revision was read.
    """
    return _modify(actor, draft, revision, MODIFY)


def _modify(actor: Actor, draft: Draft, revision: int, name: str, related_id: str = "") -> Connection:
    draft, placement = replace(draft, attachment=None), draft.attachment
    own = own_problems(draft)
    connection = draft.connection
    with operation(actor, name, region_id=connection.region_id, resource_id=connection.resource_id) as record:
        record.related_id = related_id
        stored = hold(actor, draft.connection.resource_id)
        if stored.revision != revision:
            raise Refused(refusals.CHANGED_MEANWHILE, what=str(stored))
        _move_to_stored_rows(draft, stored)
        _reread_gateways(actor, draft)
        locks = locked(stored)
        changes = diff.of_connection(stored, draft.connection, draft.tunnels, draft.applicability)
        misplaced = edit_locks.lock_problems(_changed_placement(stored, placement), locks)
        refuse_problems([*own, *misplaced, *modification_problems(stored, draft, changes, locks)])
        record.facts = {change.key: change.fact for change in changes}
        _write_tags(stored, draft, record)
        with following(stored.tunnels.all()):
            _write_rows(draft, changes, tags_of(stored) if draft.tags is None else dict(draft.tags))
        destinations = draft.connection.automatic_destinations(draft.applicability)
        automatic_routes.write_routes(draft.connection, destinations)
    return draft.connection


def hold(actor: Actor, connection_id: str) -> Connection:
    """Return the actor's connection, locked until the operation ends. Raises Refused in a transient state."""
    Connection.objects.select_for_update(no_key=True).get(account=actor.account, resource_id=connection_id)
    connection = Connection.objects.with_parts().get(resource_id=connection_id)
    refuse_while_busy(connection)
    return connection


def refuse_while_busy(connection: Connection, what: str = "") -> None:
    """Refuse writes in a transient state [P101]. `what`: how the refusal names the connection."""
    if connection.is_transient:
        raise Refused(refusals.BUSY, what=what or str(connection), state=connection.state.label)


def _move_to_stored_rows(draft: Draft, stored: Connection) -> None:
    """Replace the draft's rows by copies of the stored ones with its values. Other values may be out of date."""
    connection = _overwritten(stored, draft.connection, (*sections.CONNECTION_FIELDS, *sections.API_FIELDS))
    tunnels = []
    for before, after in zip(stored.tunnels.all(), draft.tunnels, strict=True):
        tunnel = _overwritten(before, after, sections.TUNNEL_FIELDS)
        tunnel.connection, tunnel.psk = connection, tunnel.psk or before.psk
        tunnels.append(tunnel)
    draft.connection, draft.tunnels = connection, tunnels


def _overwritten(stored: Row, wanted: Row, fields: Iterable[str]) -> Row:
    row = copy.copy(stored)
    for name in fields:
        setattr(row, name, diff.value_of(wanted, name))
    return row


def locked(connection: Connection) -> dict[str, edit_locks.Lock]:
    """Return the fields of a connection that cannot change at this moment."""
    attachment = connection.living_attachment
    return edit_locks.locks(attached=attachment is not None, foreign=attachment is not None and attachment.is_foreign)


def modification_problems(
    stored: Connection, draft: Draft, changes: Iterable[diff.Change], locks: Mapping[str, edit_locks.Lock]
) -> Iterator[Problem]:
    """Judge the changes that turn a connection into a draft: locks first, then the rules that span rows."""
    yield from edit_locks.lock_problems((change.field for change in changes), locks)
    yield from _gateway_exchange_problems(stored, draft)
    yield from draft_problems(draft)


def _changed_placement(stored: Connection, after: Attachment | None) -> list[str]:
    """Return the fields of the placement that an attachment of the draft would change."""
    before = stored.living_attachment
    if after is None:
        return []
    if before is None:
        return ["associate_resource"]
    return [name for name in sections.ATTACHMENT_FIELDS if getattr(before, name) != getattr(after, name)]


def _gateway_exchange_problems(stored: Connection, draft: Draft) -> Iterator[Problem]:
    if stored.living_attachment is not None:
        return
    for before, after in zip(stored.tunnels.all(), draft.tunnels, strict=True):
        gateway = related(after, "customer_gateway", CustomerGateway)
        if gateway is not None and gateway != before.customer_gateway:
            for problem in rules.gateway_exchange_problems(before.customer_gateway.ip_address, gateway.ip_address):
                yield replace(problem, tunnel=after.index)


def _write_tags(stored: Connection, draft: Draft, record: Record) -> None:
    before = tags_of(stored)
    if draft.tags is not None and dict(draft.tags) != before:
        record.facts["tags"] = [before, dict(draft.tags)]
        write_tags(stored, draft.tags)


def _write_rows(draft: Draft, changes: Sequence[diff.Change], tags: dict[str, str]) -> None:
    connection = draft.connection
    connection.revision += 1
    if changes:
        connection.begin(ConnectionState.UPDATING)
    connection.search_text = derived.search_text(
        connection, draft.tunnels, map(str, new_tags(connection, list(tags.items())))
    )
    connection.gateway_name = derived.gateway_name(draft.tunnels)
    connection.save()
    if connection.is_dual and any(change.field == "tunnel_cidr" for change in changes):
        # The tunnels may exchange their blocks, and no two may have the same one meanwhile.
        connection.tunnels.update(tunnel_cidr="")
    for tunnel in draft.tunnels:
        tunnel.save()


# --- delete --------------------------------------------------------------------------------------------------------


def delete_connection(actor: Actor, connection: Connection) -> None:
    """Delete an unassociated connection with its tunnels, routes, tags and authorizations."""
    with operation(
        actor, "DeleteVpnAttachment", region_id=connection.region_id, resource_id=connection.resource_id
    ) as record:
        Connection.objects.select_for_update(no_key=True).get(account=actor.account, resource_id=connection.resource_id)
        stored = Connection.objects.with_parts().get(resource_id=connection.resource_id)
        refuse_deletion(stored)
        record.facts = {"name": stored.name}
        sweep(stored)
        stored.delete()


def refuse_deletion(connection: Connection) -> None:
    """Refuse while the connection is attached, attaching or detaching. An update does not prevent its deletion."""
    if connection.living_attachment is not None:
        refuse_while_busy(connection)
        refuse_while_attached(connection)


def refuse_while_attached(connection: Connection) -> None:
    """Refuse while the connection is attached; the refusal names the transit router and who can detach it."""
    attachment = connection.living_attachment
    if attachment is None:
        return
    facts = {"what": str(connection), "router": attachment.transit_router.resource_id}
    if attachment.is_foreign:
        raise Refused(refusals.ATTACHED_ELSEWHERE, **facts, uid=attachment.account.uid)
    raise Refused(refusals.ATTACHED, **facts)


def sweep(connection: Connection) -> None:
    """Delete the connection's attachment if it has finished detaching."""
    count, _of_models = Attachment.objects.finished().filter(connection=connection).delete()
    if count:
        derived.write_binding([connection])


def deleted(account: Account, region_id: str, ids: Sequence[str]) -> list[Connection]:
    """Return those of these connections that the account has deleted, with ID and name, as its events record them."""
    events = Event.objects.of(account).filter(
        operation="DeleteVpnAttachment",
        outcome=Outcome.SUCCESS,
        region_id__in=regions_of(region_id),
        resource_id__in=ids,
    )
    return [Connection(resource_id=event.resource_id, name=event.facts.get("name", "")) for event in events]
