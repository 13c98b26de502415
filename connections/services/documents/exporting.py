"""All resources of an account as a document, and the document as text."""

import json

import yaml
from django.db.models import Model, Prefetch, QuerySet

from connections.choices import NetworkType, RouteSource
from connections.models import Attachment, Cen, Connection, CustomerGateway, Route, RouteEntry, TransitRouter
from connections.models.fields import EncryptedField
from connections.services.documents import schema


def told_values(row: Model, names, keys: bool) -> dict:
    """The fields of a row; secrets if they are asked for, and then only if there is one."""
    values = {}
    for name in names:
        if isinstance(row._meta.get_field(name), EncryptedField) and not (keys and getattr(row, name)):
            continue
        values[name] = getattr(row, name)
    return values


def told_tags(row) -> dict:
    tags = {tag.key: tag.value for tag in row.tags.all()}
    return {"tags": tags} if tags else {}


def exported(account, *, keys: bool = False) -> dict:
    """All resources of an account: customer gateways, CEN instances with transit routers, connections.

    An attachment that crosses accounts is told from both sides: where it leads by the connection's owner, all else by
    the transit router's, whose it is. Events, members and access keys stay out.
    """
    gateways, connections = gateways_of(account), connections_of(account)
    cens = cens_of(account).prefetch_related(Prefetch("transit_routers", routers_of(account).order_by("id")))
    return {
        "format": schema.FORMAT,
        "version": schema.VERSION,
        "account": {"uid": account.uid, "name": account.name},
        "resource_groups": [group.name for group in account.resource_groups.order_by("id") if not group.is_default],
        "customer_gateways": [
            {
                "id": gateway.resource_id,
                "region": gateway.region_id,
                "resource_group": gateway.resource_group.name,
                **told_values(gateway, schema.GATEWAY_FIELDS, keys),
                **told_tags(gateway),
            }
            for gateway in gateways.order_by("id")
        ],
        "cens": [
            {
                "id": cen.resource_id,
                "resource_group": cen.resource_group.name,
                **told_values(cen, schema.CEN_FIELDS, keys),
                **told_tags(cen),
                "transit_routers": [told_router(router, keys) for router in cen.transit_routers.all()],
            }
            for cen in cens.order_by("id")
        ],
        "connections": [told_connection(connection, keys) for connection in connections.order_by("id")],
    }


def gateways_of(account) -> QuerySet[CustomerGateway]:
    """The account's customer gateways with all that is told of them."""
    return CustomerGateway.objects.of(account).select_related("resource_group").prefetch_related("tags")


def cens_of(account) -> QuerySet[Cen]:
    """The account's CEN instances with all that is told of them but transit routers."""
    return Cen.objects.of(account).select_related("resource_group").prefetch_related("tags")


def routers_of(account) -> QuerySet[TransitRouter]:
    """The account's transit routers with all that is told of them."""
    foreign = Attachment.objects.living().exclude(connection__account=account)
    foreign = foreign.select_related("connection__account").prefetch_related("tags", "connection__tunnels")
    entries = RouteEntry.objects.select_related("attachment").order_by("destination")
    return TransitRouter.objects.of(account).prefetch_related(
        "tags",
        "cidrs",
        Prefetch("entries", entries),
        # In an order that does not tell which of them had to wait for another account.
        Prefetch("attachments", foreign.order_by("resource_id"), to_attr="foreign_attachments"),
    )


def connections_of(account) -> QuerySet[Connection]:
    """The account's connections with all that is told of them."""
    connections = Connection.objects.of(account).with_parts()
    return connections.prefetch_related("routes", "authorizations", "attachment__tags")


def told_router(router: TransitRouter, keys: bool) -> dict:
    return {
        "id": router.resource_id,
        "region": router.region_id,
        "route_table": router.route_table_id,
        **told_values(router, schema.ROUTER_FIELDS, keys),
        "cidrs": [block.cidr for block in router.cidrs.all()],
        **told_tags(router),
        "attachments": [told_foreign_attachment(attachment, keys) for attachment in router.foreign_attachments],
        "route_entries": [told_entry(entry, keys) for entry in router.entries.all()],
    }


def told_foreign_attachment(attachment: Attachment, keys: bool) -> dict:
    """What the owner of a transit router tells of an attachment that binds a connection of another account."""
    connection = attachment.connection
    told = {
        "id": attachment.resource_id,
        "connection": connection.resource_id,
        "owner": connection.account.uid,
        **told_values(attachment, schema.ATTACHMENT_FIELDS, keys),
        **told_tags(attachment),
    }
    if connection.network_type == NetworkType.PRIVATE:
        # Out of the transit router's own blocks.
        told["gateway_ip"] = connection.tunnel.internet_ip
    return told


def told_entry(entry: RouteEntry, keys: bool) -> dict:
    leads = {"attachment": entry.attachment.resource_id} if entry.attachment is not None else {}
    return {"id": entry.resource_id, **told_values(entry, schema.ENTRY_FIELDS, keys), **leads}


def told_connection(connection: Connection, keys: bool) -> dict:
    attachment = connection.living_attachment
    routes = {source: [one for one in connection.routes.all() if one.source == source] for source in RouteSource}
    told = {
        "id": connection.resource_id,
        "region": connection.region_id,
        "resource_group": connection.resource_group.name,
        **told_values(connection, schema.CONNECTION_FIELDS, keys),
        **told_tags(connection),
        "tunnels": [
            {
                "id": tunnel.resource_id,
                "customer_gateway": tunnel.customer_gateway.resource_id,
                "gateway_ip": tunnel.internet_ip,
                **told_values(tunnel, schema.TUNNEL_FIELDS, keys),
            }
            for tunnel in connection.tunnels.all()
        ],
        "routes": [told_values(route, schema.ROUTE_FIELDS, keys) for route in routes[RouteSource.CUSTOM]],
        # The others follow from the networks; of these only the weight is anybody's choice.
        "automatic_routes": [
            {"destination": route.destination, "weight": route.weight}
            for route in routes[RouteSource.AUTOMATIC]
            if route.weight != Route._meta.get_field("weight").default
        ],
        "authorizations": [
            told_values(one, schema.AUTHORIZATION_FIELDS, keys) for one in connection.authorizations.all()
        ],
    }
    if attachment is not None and attachment.is_foreign:
        told["attachment"] = {
            "transit_router": attachment.transit_router.resource_id,
            "cen": attachment.cen.resource_id,
            "owner": attachment.account.uid,
        }
    elif attachment is not None:
        told["attachment"] = {
            "id": attachment.resource_id,
            "transit_router": attachment.transit_router.resource_id,
            **told_values(attachment, schema.ATTACHMENT_FIELDS, keys),
            **told_tags(attachment),
        }
    return told


def as_text(document: dict, form: str) -> str:
    """The document as YAML or JSON."""
    if form == "json":
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return yaml.safe_dump(json.loads(json.dumps(document)), allow_unicode=True, sort_keys=False, width=1000)
