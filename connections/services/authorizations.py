"""Authorize transit routers of other accounts to attach a connection."""

from connections.domain import refusals
from connections.domain.problems import Problem
from connections.domain.refusals import Invalid, Refused
from connections.messages import message as _
from connections.models import Authorization, Connection
from connections.services.connections import hold, refuse_while_attached
from connections.services.operations import Actor, operation

# The most partners that are offered.
PARTNERS = 5


def known_partners(connection: Connection) -> list[tuple[str, str]]:
    """Return UIDs and CEN instances of other accounts that the account has authorized before, for other connections."""
    others = Authorization.objects.filter(connection__account=connection.account_id)
    here = connection.authorizations.values("peer_cen_id")
    pairs = others.exclude(peer_cen_id__in=here).order_by("-id").values_list("peer_uid", "peer_cen_id")
    return list(dict.fromkeys(pairs[: 10 * PARTNERS]))[:PARTNERS]


def authorize(actor: Actor, authorization: Authorization) -> Authorization:
    """Let a CEN instance of another account attach the connection. [P110]"""
    connection = authorization.connection
    with operation(
        actor, "GrantInstanceToTransitRouter", region_id=connection.region_id, resource_id=connection.resource_id
    ) as record:
        stored = hold(actor, connection.resource_id)
        refuse_while_attached(stored)
        authorization.full_clean(validate_unique=False, validate_constraints=False)
        if stored.authorizations.filter(peer_cen_id=authorization.peer_cen_id).exists():
            raise Invalid([Problem("peer_cen_id", "duplicate", _("This CEN instance is authorized already."))])
        authorization.save()
        record.facts = {
            "peer_uid": authorization.peer_uid,
            "peer_cen_id": authorization.peer_cen_id,
            "order_type": authorization.order_type,
        }
    return authorization


def _stored(actor: Actor, connection: Connection, peer_cen_id: str) -> Authorization:
    """Return the authorization; its connection stays locked until the operation ends."""
    Connection.objects.select_for_update(no_key=True).get(account=actor.account, pk=connection.pk)
    stored = Authorization.objects.filter(connection=connection, peer_cen_id=peer_cen_id).first()
    if stored is None:
        raise Refused(refusals.NO_AUTHORIZATION, what=peer_cen_id)
    stored.connection = Connection.objects.with_parts().get(pk=connection.pk)
    return stored


def change_payer(
    actor: Actor, connection: Connection, peer_cen_id: str, order_type: str, *, seen: str | None = None
) -> Authorization:
    """Authorize another payer. The other account of an attached connection then has to change its attachment.

    Raises Refused if a payer was seen that is no longer stored.
    """
    with operation(
        actor, "ModifyGrantInstanceToTransitRouter", region_id=connection.region_id, resource_id=connection.resource_id
    ) as record:
        stored = _stored(actor, connection, peer_cen_id)
        record.facts = {"peer_cen_id": peer_cen_id, "order_type": [stored.order_type, order_type]}
        if seen is not None and stored.order_type != seen:
            raise Refused(refusals.CHANGED_MEANWHILE, what=str(stored))
        stored.order_type = order_type
        stored.full_clean(validate_unique=False, validate_constraints=False)
        stored.save()
    return stored


def unauthorize(actor: Actor, connection: Connection, peer_cen_id: str) -> None:
    """Revoke an authorization. Raises Refused while it is in use. [P114]"""
    with operation(
        actor, "RevokeInstanceFromTransitRouter", region_id=connection.region_id, resource_id=connection.resource_id
    ) as record:
        stored = _stored(actor, connection, peer_cen_id)
        record.facts = {"peer_uid": stored.peer_uid, "peer_cen_id": peer_cen_id}
        if stored.in_use:
            raise Refused(refusals.AUTHORIZATION_IN_USE, what=str(stored))
        stored.delete()
