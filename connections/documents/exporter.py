"""All resources of an account as a document, and the document as text."""

import json

import yaml
from django.db.models import Model, Prefetch, QuerySet

from connections.documents import schema
from connections.domain.choices import Door, NetworkType, NewDevices, RouteSource
from connections.domain.roles import Right
from connections.models import (
    Account,
    Attachment,
    Cen,
    Connection,
    CustomerGateway,
    Device,
    Route,
    RouteEntry,
    RouteTable,
    TransitRouter,
)
from connections.models.devices import SWITCHES
from connections.persistence.fields import EncryptedField
from connections.services.disclosures import handing_out
from connections.services.operations import Actor


def field_values(row: Model, names, keys: bool) -> dict:
    """The fields of a row. Secrets are left out if they are blank, or `keys` is false."""
    values = {}
    for name in names:
        if isinstance(row._meta.get_field(name), EncryptedField) and not (keys and getattr(row, name)):
            continue
        values[name] = getattr(row, name)
    return values


def tag_values(row) -> dict:
    tags = {tag.key: tag.value for tag in row.tags.all()}
    return {"tags": tags} if tags else {}


def exported(account, *, keys: bool = False) -> dict:
    """All resources of an account: customer gateways, CEN instances with transit routers, connections.

    An attachment that crosses accounts appears in both documents: the connection's owner exports where it leads, the
    transit router's owner everything else. Events, members and access keys are not exported.
    """
    gateways, connections = gateways_of(account), connections_of(account)
    cens = cens_of(account).prefetch_related(Prefetch("transit_routers", routers_of(account).order_by("id")))
    return {
        "format": schema.FORMAT,
        "version": schema.VERSION,
        "account": account_values(account),
        "resource_groups": [group.name for group in account.resource_groups.order_by("id") if not group.is_default],
        "customer_gateways": [
            {
                "id": gateway.resource_id,
                "region": gateway.region_id,
                "resource_group": gateway.resource_group.name,
                **field_values(gateway, schema.GATEWAY_FIELDS, keys),
                **tag_values(gateway),
            }
            for gateway in gateways.order_by("id")
        ],
        "cens": [
            {
                "id": cen.resource_id,
                "resource_group": cen.resource_group.name,
                **field_values(cen, schema.CEN_FIELDS, keys),
                **tag_values(cen),
                "transit_routers": [router_values(router, keys) for router in cen.transit_routers.all()],
            }
            for cen in cens.order_by("id")
        ],
        "connections": [connection_values(connection, keys) for connection in connections.order_by("id")],
    }


def account_values(account: Account) -> dict:
    """The account, with its settings if they are not the usual ones."""
    usual = account.new_devices == NewDevices.BARE
    return {"uid": account.uid, "name": account.name, **({} if usual else {"new_devices": account.new_devices})}


def export_with_keys(actor: Actor, door: Door) -> dict:
    """The same with keys. Raises Refused if the actor may not see them; writes an event."""
    with handing_out(actor, "ExportResourcesWithKeys", door, Right.SEE_KEYS):
        pass
    # Read outside the operation, so that other writers do not wait for a large account.
    return exported(actor.account, keys=True)


def gateways_of(account) -> QuerySet[CustomerGateway]:
    """The account's customer gateways with everything that is exported."""
    return CustomerGateway.objects.of(account).select_related("resource_group").prefetch_related("tags")


def cens_of(account) -> QuerySet[Cen]:
    """The account's CEN instances with everything that is exported but their transit routers."""
    return Cen.objects.of(account).select_related("resource_group").prefetch_related("tags")


def routers_of(account) -> QuerySet[TransitRouter]:
    """The account's transit routers with everything that is exported."""
    foreign = Attachment.objects.living().exclude(connection__account=account)
    foreign = foreign.select_related("connection__account").prefetch_related("tags", "connection__tunnels", *_LINKS)
    entries = RouteEntry.objects.select_related("attachment").order_by("destination")
    return TransitRouter.objects.of(account).prefetch_related(
        "tags",
        "cidrs",
        Prefetch("route_tables", tables_of(account).prefetch_related(Prefetch("entries", entries))),
        # By ID, so that the order does not reveal which attachments were imported late.
        Prefetch("attachments", foreign.order_by("resource_id"), to_attr="foreign_attachments"),
    )


def tables_of(account) -> QuerySet[RouteTable]:
    """The account's route tables, default ones first, with everything that is exported but their entries."""
    return RouteTable.objects.of(account).prefetch_related("tags").order_by("-is_default", "id")


# What is read of an attachment beside its own row.
_LINKS = ("custom_table", "propagations__route_table")


def connections_of(account) -> QuerySet[Connection]:
    """The account's connections with everything that is exported."""
    connections = Connection.objects.of(account).with_parts()
    return connections.prefetch_related(
        "routes", "authorizations", "tunnels__device", "attachment__tags", *(f"attachment__{link}" for link in _LINKS)
    )


def foreign_attachments(router: TransitRouter) -> list[Attachment]:
    """The attachments of other accounts' connections, as `routers_of` has read them. A new router has none."""
    return getattr(router, "foreign_attachments", [])


def router_values(router: TransitRouter, keys: bool) -> dict:
    return {
        "id": router.resource_id,
        "region": router.region_id,
        "route_table": router.default_table.resource_id,
        **field_values(router, schema.ROUTER_FIELDS, keys),
        "cidrs": cidr_values(router),
        **tag_values(router),
        "attachments": [foreign_attachment_values(attachment, keys) for attachment in foreign_attachments(router)],
        "route_tables": [table_values(table, keys) for table in router.route_tables.all() if _says_more(table)],
        "route_entries": [
            entry_values(entry, table, keys) for table in router.route_tables.all() for entry in table.entries.all()
        ],
    }


def cidr_values(router: TransitRouter) -> list[dict]:
    return [field_values(block, schema.CIDR_FIELDS, True) for block in router.cidrs.all()]


def _says_more(table: RouteTable) -> bool:
    """Whether there is more to a route table than that its transit router has it."""
    return not table.is_default or bool(table.name or table.description or table.tags.all())


def table_values(table: RouteTable, keys: bool) -> dict:
    return {"id": table.resource_id, **field_values(table, schema.TABLE_FIELDS, keys), **tag_values(table)}


def link_values(attachment: Attachment) -> dict:
    """The links of an attachment to custom route tables."""
    values: dict = {}
    if attachment.custom_table is not None:
        values["route_table"] = attachment.custom_table.resource_id
    if propagations := attachment.propagations.all():
        values["propagations"] = [{"route_table": one.route_table.resource_id} for one in propagations]
    return values


def foreign_attachment_values(attachment: Attachment, keys: bool) -> dict:
    """What the owner of a transit router exports of an attachment of another account's connection."""
    connection = attachment.connection
    values = {
        "id": attachment.resource_id,
        "connection": connection.resource_id,
        "owner": connection.account.uid,
        **field_values(attachment, schema.ATTACHMENT_FIELDS, keys),
        **link_values(attachment),
        **tag_values(attachment),
    }
    if connection.network_type == NetworkType.PRIVATE:
        # They come from the blocks of the transit router.
        addresses = [tunnel.internet_ip for tunnel in connection.tunnels.all()]
        values |= {"gateway_ips": addresses} if connection.is_dual else {"gateway_ip": addresses[0]}
    return values


def entry_values(entry: RouteEntry, table: RouteTable, keys: bool) -> dict:
    of_table = {} if table.is_default else {"route_table": table.resource_id}
    leads = {"attachment": entry.attachment.resource_id} if entry.attachment is not None else {}
    return {"id": entry.resource_id, **of_table, **field_values(entry, schema.ENTRY_FIELDS, keys), **leads}


def device_values(device: Device, keys: bool, account: Account) -> dict:
    """The simulated device of a tunnel; nothing if it is as a new one of the account."""
    if not device.is_configured and device.is_reachable and account.new_devices == NewDevices.BARE:
        return {}
    names = schema.DEVICE_FIELDS if device.is_configured else SWITCHES
    return {"device": field_values(device, names, keys)}


def connection_values(connection: Connection, keys: bool) -> dict:
    attachment = connection.living_attachment
    routes = {source: [one for one in connection.routes.all() if one.source == source] for source in RouteSource}
    values = {
        "id": connection.resource_id,
        "region": connection.region_id,
        "resource_group": connection.resource_group.name,
        **field_values(connection, schema.CONNECTION_FIELDS, keys),
        **tag_values(connection),
        "tunnels": [
            {
                "id": tunnel.resource_id,
                "customer_gateway": tunnel.customer_gateway.resource_id,
                "gateway_ip": tunnel.internet_ip,
                **field_values(tunnel, schema.TUNNEL_FIELDS, keys),
                **device_values(tunnel.device, keys, connection.account),
            }
            for tunnel in connection.tunnels.all()
        ],
        "routes": [field_values(route, schema.ROUTE_FIELDS, keys) for route in routes[RouteSource.CUSTOM]],
        # Automatic routes follow from the networks; only their weights are chosen.
        "automatic_routes": [
            {"destination": route.destination, "weight": route.weight}
            for route in routes[RouteSource.AUTOMATIC]
            if route.weight != Route._meta.get_field("weight").default
        ],
        "authorizations": [
            field_values(one, schema.AUTHORIZATION_FIELDS, keys) for one in connection.authorizations.all()
        ],
    }
    if attachment is not None and attachment.is_foreign:
        values["attachment"] = {
            "transit_router": attachment.transit_router.resource_id,
            "cen": attachment.cen.resource_id,
            "owner": attachment.account.uid,
        }
    elif attachment is not None:
        values["attachment"] = {
            "id": attachment.resource_id,
            "transit_router": attachment.transit_router.resource_id,
            **field_values(attachment, schema.ATTACHMENT_FIELDS, keys),
            **link_values(attachment),
            **tag_values(attachment),
        }
    return values


def as_text(document: dict, form: str) -> str:
    """The document as YAML or JSON."""
    if form == "json":
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return yaml.safe_dump(json.loads(json.dumps(document)), allow_unicode=True, sort_keys=False, width=1000)
