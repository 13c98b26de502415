"""Every pair of operations on the same resources, each with rows that were read before either started.

Every acknowledged change is present afterwards, unless the later operation undid it. Each pair runs one after the other
in both orders, and at the same time in two threads.
"""

import copy
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from itertools import combinations_with_replacement, islice, product

import pytest
from django.db import connection as database
from django.db import transaction

from connections import services
from connections.domain.choices import Payer, Role
from connections.domain.refusals import Invalid, Refused
from connections.models import (
    AccessKey,
    Attachment,
    Authorization,
    Cen,
    Connection,
    CustomerGateway,
    Device,
    Route,
    RouteEntry,
    RouteTable,
    TransitRouter,
    TransitRouterCidr,
    User,
)
from connections.negotiation import End
from connections.services import (
    access_keys,
    accounts,
    attachments,
    authorizations,
    cens,
    connections,
    customer_gateways,
    devices,
    disclosures,
    links,
    members,
    preferences,
    route_entries,
    route_tables,
    router_cidrs,
    routes,
    tags,
)
from vpnconsole.testing import factories
from vpnconsole.testing.factories import PASSWORD, REGION, make_actor
from vpnconsole.testing.together import at_once

THERE, NEW, PEER = "172.20.0.0/16", "172.21.0.0/16", "cen-ofsomebody"


@dataclass
class Operation:
    """A service call, a check that its effect is present, and the operations that may undo it."""

    service: Callable
    do: Callable[[], object]
    holds: Callable[[], bool]
    undone_by: tuple[str, ...] = ()
    name: str = ""


@dataclass
class World:
    """Operations on shared resources, with all rows read before any operation starts."""

    operations: dict[str, Operation] = field(default_factory=dict)

    def add(self, name: str, service: Callable, do: Callable, holds: Callable, *undone_by: str) -> None:
        self.operations[name] = Operation(service, do, holds, undone_by, name)


def keys(resource) -> set[str]:
    return set(resource.tags.values_list("key", flat=True))


def add_tags(world: World, name: str, row, *undone_by: str) -> None:
    """The ways to change tags: replace all, add some, remove some."""
    actor = lambda: make_actor(row.account)  # noqa: E731
    world.add(
        f"replace tags of {name}",
        tags.replace_tags,
        lambda: tags.replace_tags(actor(), copy.copy(row), [("old", ""), ("replaced", "")], row.revision),
        lambda: "replaced" in keys(row),
        *undone_by,
    )
    world.add(
        f"tag {name}",
        tags.change_tags,
        lambda: tags.change_tags(actor(), [copy.copy(row)], lambda before: before | {"new": "1"}),
        lambda: "new" in keys(row),
        *undone_by,
    )
    world.add(
        f"untag {name}",
        tags.change_tags,
        lambda: tags.change_tags(
            actor(), [copy.copy(row)], lambda before: {key: text for key, text in before.items() if key != "old"}
        ),
        lambda: "old" not in keys(row),
        *undone_by,
    )


def draft_of(row: Connection, pairs=None, **changed) -> connections.Draft:
    proposed, tunnel = copy.copy(row), copy.copy(row.tunnel)
    for name, value in changed.items():
        setattr(proposed, name, value)
    return connections.Draft(proposed, [tunnel], None, pairs)


def in_parts(row: Connection) -> Connection:
    """The connection as console and API read it: with related rows prefetched, which soon become stale."""
    return Connection.objects.with_parts().get(pk=row.pk)


def free_connection() -> World:
    world, account, other = World(), factories.make_account("A"), factories.make_account("B")
    actor = lambda: make_actor(account)  # noqa: E731
    mine = factories.make_transit_router(account, cidrs=["10.200.0.0/20"])
    theirs = factories.make_transit_router(other, cidrs=["10.201.0.0/20"])
    made = factories.make_connection(account, tags=[("old", "1")], network_type="private")
    opened = Authorization(connection=made, peer_uid=other.uid, peer_cen_id=theirs.cen.resource_id)
    authorizations.authorize(actor(), opened)
    group = account.resource_groups.get(is_default=False)
    row, name = in_parts(made), made.resource_id
    stored = Connection.objects.filter(pk=row.pk)

    def attach(router, owner=""):
        proposed = Attachment(transit_router=copy.copy(router), zone="eu-central-1a")
        attachments.create_attachment(make_actor(router.account), proposed, name, owner)

    def is_attached(router):
        at_router = Attachment.objects.living().filter(connection_id=row.pk, transit_router=router)
        return at_router.exclude(connection__tunnels__internet_ip="").exists()

    def authorize():
        proposed = Authorization(connection=copy.copy(row), peer_uid=other.uid, peer_cen_id=PEER)
        authorizations.authorize(actor(), proposed)

    world.add(
        "rename",
        connections.modify_connection,
        lambda: connections.modify_connection(actor(), draft_of(row, name="renamed"), row.revision),
        lambda: stored.filter(name="renamed").exists(),
        "delete",
    )
    world.add(
        "modify tags",
        connections.modify_connection,
        lambda: connections.modify_connection(actor(), draft_of(row, [("old", "1"), ("form", "")]), row.revision),
        lambda: "form" in keys(row),
        "delete",
    )
    add_tags(world, "connection", row, "delete")
    world.add(
        "move",
        accounts.move_to_group,
        lambda: accounts.move_to_group(actor(), copy.copy(row), group),
        lambda: stored.filter(resource_group=group).exists(),
        "delete",
    )
    world.add(
        "authorize",
        authorizations.authorize,
        authorize,
        lambda: row.authorizations.filter(peer_cen_id=PEER).exists(),
        "delete",
    )
    world.add(
        "change payer",
        authorizations.change_payer,
        lambda: authorizations.change_payer(actor(), copy.copy(row), opened.peer_cen_id, Payer.VPN_OWNER),
        lambda: Authorization.objects.filter(pk=opened.pk, order_type=Payer.VPN_OWNER).exists(),
        "unauthorize",
        "delete",
    )
    world.add(
        "unauthorize",
        authorizations.unauthorize,
        lambda: authorizations.unauthorize(actor(), copy.copy(row), opened.peer_cen_id),
        lambda: not Authorization.objects.filter(pk=opened.pk).exists(),
    )
    world.add("attach", attachments.create_attachment, lambda: attach(mine), lambda: is_attached(mine))
    world.add(
        "attach elsewhere",
        attachments.create_attachment,
        lambda: attach(theirs, account.uid),
        lambda: is_attached(theirs),
    )
    world.add(
        "delete",
        connections.delete_connection,
        lambda: connections.delete_connection(actor(), copy.copy(row)),
        lambda: not stored.exists(),
    )
    return world


def attached_connection() -> World:
    """A's connection, attached to B's transit router."""
    world, account, other = World(), factories.make_account("A"), factories.make_account("B")
    actor, theirs = (lambda: make_actor(account)), (lambda: make_actor(other))
    router = factories.make_transit_router(other)
    made = factories.make_connection(account, tags=[("old", "1")])
    opened = Authorization(connection=made, peer_uid=other.uid, peer_cen_id=router.cen.resource_id)
    authorizations.authorize(actor(), opened)
    at = Attachment(transit_router=router, zone="eu-central-1a")
    attachments.create_attachment(theirs(), at, made.resource_id, account.uid, [("old", "1")])
    routes.create_route(actor(), Route(connection=made, destination=THERE, weight=100))
    there = route_entries.create_route_entry(theirs(), RouteEntry(route_table=router.default_table, destination=THERE))
    row, attachment = in_parts(made), Attachment.objects.select_related("transit_router__cen").get(pk=at.pk)
    stored, entries = (
        Connection.objects.filter(pk=row.pk),
        RouteEntry.objects.filter(route_table__transit_router=router),
    )

    def switch():
        proposed = copy.copy(attachment)
        proposed.name = "renamed"
        attachments.modify_attachment(theirs(), proposed, attachment.revision)

    def lead():
        proposed = RouteEntry(
            route_table=copy.copy(router.default_table), destination=NEW, attachment=copy.copy(attachment)
        )
        route_entries.create_route_entry(theirs(), proposed)

    def living():
        return Attachment.objects.living().filter(pk=attachment.pk)

    world.add(
        "rename",
        connections.modify_connection,
        lambda: connections.modify_connection(actor(), draft_of(row, name="renamed"), row.revision),
        lambda: stored.filter(name="renamed").exists(),
        "delete",
    )
    world.add(
        "tag connection",
        tags.change_tags,
        lambda: tags.change_tags(actor(), [copy.copy(row)], lambda before: before | {"new": "1"}),
        lambda: "new" in keys(row),
        "delete",
    )
    world.add(
        "add route",
        routes.create_route,
        lambda: routes.create_route(actor(), Route(connection=copy.copy(row), destination=NEW, weight=100)),
        lambda: row.routes.filter(destination=NEW).exists(),
        "delete",
    )
    world.add(
        "weigh route",
        routes.change_weight,
        lambda: routes.change_weight(actor(), copy.copy(row), THERE, 0),
        lambda: row.routes.filter(destination=THERE, weight=0).exists(),
        "delete route",
        "delete",
    )
    world.add(
        "delete route",
        routes.delete_route,
        lambda: routes.delete_route(actor(), copy.copy(row), THERE),
        lambda: not row.routes.filter(destination=THERE).exists(),
    )
    world.add(
        "delete",
        connections.delete_connection,
        lambda: connections.delete_connection(actor(), copy.copy(row)),
        lambda: not stored.exists(),
    )
    world.add(
        "switch", attachments.modify_attachment, switch, lambda: living().filter(name="renamed").exists(), "detach"
    )
    add_tags(world, "attachment", attachment, "delete")
    world.add(
        "detach",
        attachments.delete_attachment,
        lambda: attachments.delete_attachment(theirs(), copy.copy(attachment), force=True),
        lambda: not living().exists() and not entries.filter(attachment=attachment).exists(),
    )
    world.add(
        "add entry",
        route_entries.create_route_entry,
        lead,
        lambda: entries.filter(destination=NEW, attachment__in=living()).exists(),
        "detach",
    )
    world.add(
        "delete entry",
        route_entries.delete_route_entry,
        lambda: route_entries.delete_route_entry(theirs(), copy.copy(there)),
        lambda: not entries.filter(pk=there.pk).exists(),
    )
    return world


def two_tunnels() -> World:
    """A connection with two tunnels that is not attached yet."""
    world, account = World(), factories.make_account()
    actor = lambda: make_actor(account)  # noqa: E731
    router = factories.make_transit_router(account, cidrs=["10.200.0.0/20"])
    row = in_parts(factories.make_dual(account, network_type="private"))
    stored = Connection.objects.filter(pk=row.pk)

    def modify(number: int):
        proposed = copy.copy(row.tunnels.all()[number - 1])
        proposed.ike_pfs = "group14"
        connections.modify_tunnel(actor(), proposed, row.revision)

    def is_modified(number: int):
        return row.tunnels.filter(index=number, ike_pfs="group14").exists()

    def rename():
        proposed = connections.Draft(copy.copy(row), list(map(copy.copy, row.tunnels.all())), None, None)
        proposed.connection.name = "renamed"
        connections.modify_connection(actor(), proposed, row.revision)

    def attach():
        attachments.create_attachment(actor(), Attachment(transit_router=copy.copy(router)), row.resource_id)

    for number in (1, 2):
        world.add(
            f"modify tunnel {number}",
            connections.modify_tunnel,
            lambda number=number: modify(number),
            lambda number=number: is_modified(number),
            "delete",
        )
    world.add("rename", connections.modify_connection, rename, lambda: stored.filter(name="renamed").exists(), "delete")
    world.add(
        "attach",
        attachments.create_attachment,
        attach,
        lambda: row.tunnels.exclude(internet_ip="").count() == 2,
    )
    world.add(
        "delete",
        connections.delete_connection,
        lambda: connections.delete_connection(actor(), copy.copy(row)),
        lambda: not stored.exists(),
    )
    return world


def tables_of_an_attachment() -> World:
    """An attachment that is linked to one custom route table, and could be linked to another."""
    world, account = World(), factories.make_account()
    actor = lambda: make_actor(account)  # noqa: E731
    router = factories.make_transit_router(account)
    old, new = factories.make_route_table(router, name="old"), factories.make_route_table(router, name="new")
    draft = factories.make_draft(account, router=router)
    draft.attachment.associate_default_route_table = draft.attachment.propagate_to_default_route_table = False
    made = connections.create_connection(actor(), draft)
    links.change_links(actor(), made.attachment, old, [old], 1)
    entry = route_entries.create_route_entry(actor(), RouteEntry(route_table=new, destination=THERE))
    attachment = Attachment.objects.select_related("transit_router__cen").get(connection=made)

    def is_associated(table):
        return Attachment.objects.filter(pk=attachment.pk, custom_table=table).exists()

    def propagates(table):
        return attachment.propagations.filter(route_table=table).exists()

    def rename(service, row, *revision):
        proposed = copy.copy(row)
        proposed.name = "renamed"
        service(actor(), proposed, *revision)

    for name, service, table, holds in (
        ("associate", links.associate, new, lambda: is_associated(new)),
        ("dissociate", links.dissociate, old, lambda: not is_associated(old)),
        ("propagate", links.propagate, new, lambda: propagates(new)),
        ("withdraw", links.withdraw, old, lambda: not propagates(old)),
    ):
        world.add(name, service, lambda s=service, t=table: s(actor(), copy.copy(attachment), copy.copy(t)), holds)
    world.add(
        "change links",
        links.change_links,
        lambda: links.change_links(actor(), copy.copy(attachment), None, [], attachment.revision),
        lambda: not is_associated(old) and not propagates(old),
    )
    world.add(
        "rename table",
        route_tables.modify_route_table,
        lambda: rename(route_tables.modify_route_table, old, old.revision),
        lambda: RouteTable.objects.filter(pk=old.pk, name="renamed").exists(),
        "delete table",
    )
    world.add(
        "delete table",
        route_tables.delete_route_table,
        lambda: route_tables.delete_route_table(actor(), copy.copy(old)),
        lambda: not RouteTable.objects.filter(pk=old.pk).exists(),
    )
    world.add(
        "create table",
        route_tables.create_route_table,
        lambda: factories.make_route_table(copy.copy(router), name="third"),
        lambda: RouteTable.objects.filter(transit_router=router, name="third").exists(),
    )
    world.add(
        "rename entry",
        route_entries.modify_route_entry,
        lambda: rename(route_entries.modify_route_entry, entry),
        lambda: RouteEntry.objects.filter(pk=entry.pk, name="renamed").exists(),
    )
    return world


def gateway() -> World:
    world, account = World(), factories.make_account()
    actor = lambda: make_actor(account)  # noqa: E731
    row = factories.make_customer_gateway(account, tags=[("old", "1")])
    using = in_parts(factories.make_connection(account))
    stored, group = CustomerGateway.objects.filter(pk=row.pk), account.resource_groups.get(is_default=False)

    def rename():
        proposed = copy.copy(row)
        proposed.name = "renamed"
        customer_gateways.modify_customer_gateway(actor(), proposed, row.revision)

    def lead_to_it():
        draft = draft_of(using)
        draft.tunnels[0].customer_gateway = copy.copy(row)
        connections.modify_connection(actor(), draft, using.revision)

    world.add(
        "rename",
        customer_gateways.modify_customer_gateway,
        rename,
        lambda: stored.filter(name="renamed").exists(),
        "delete",
    )
    add_tags(world, "gateway", row, "delete")
    world.add(
        "move",
        accounts.move_to_group,
        lambda: accounts.move_to_group(actor(), copy.copy(row), group),
        lambda: stored.filter(resource_group=group).exists(),
        "delete",
    )
    world.add(
        "use",
        connections.create_connection,
        lambda: factories.make_connection(account, gateway=copy.copy(row), name="new"),
        lambda: Connection.objects.filter(account=account, name="new", tunnels__customer_gateway=row).exists(),
    )
    world.add(
        "lead to it",
        connections.modify_connection,
        lead_to_it,
        lambda: using.tunnels.filter(customer_gateway=row).exists(),
    )
    world.add(
        "delete",
        customer_gateways.delete_customer_gateway,
        lambda: customer_gateways.delete_customer_gateway(actor(), copy.copy(row)),
        lambda: not stored.exists(),
    )
    return world


def cen_and_router() -> World:
    world, account = World(), factories.make_account()
    actor = lambda: make_actor(account)  # noqa: E731
    cen = factories.make_cen(account, tags=[("old", "1")])
    router = factories.make_transit_router(account, cen=cen)
    tags.replace_tags(actor(), router, [("old", "1")], 1)
    router.refresh_from_db()
    empty = factories.make_cen(account)
    connection, device = factories.make_connection(account), factories.make_customer_gateway(account)
    routers = TransitRouter.objects.filter(account=account)

    def make(cen, region):
        proposed = TransitRouter(cen=copy.copy(cen), region_id=region, name="new")
        cens.create_transit_router(actor(), proposed, [TransitRouterCidr(cidr="10.203.0.0/20")])

    def attach():
        proposed = Attachment(transit_router=copy.copy(router), zone="eu-central-1a")
        attachments.create_attachment(actor(), proposed, connection.resource_id)

    add_tags(world, "cen", cen)
    add_tags(world, "router", router, "delete router")
    for name, which in (("delete cen", cen), ("delete empty cen", empty)):
        world.add(
            name,
            cens.delete_cen,
            lambda which=which: cens.delete_cen(actor(), copy.copy(which)),
            lambda which=which: not Cen.objects.filter(pk=which.pk).exists(),
        )
    world.add(
        "make router",
        cens.create_transit_router,
        lambda: make(empty, REGION),
        lambda: routers.filter(cen=empty, region_id=REGION).exists(),
    )
    world.add(
        "make another router",
        cens.create_transit_router,
        lambda: make(cen, "cn-hangzhou"),
        lambda: routers.filter(cen=cen, region_id="cn-hangzhou").exists(),
    )
    world.add(
        "delete router",
        cens.delete_transit_router,
        lambda: cens.delete_transit_router(actor(), copy.copy(router)),
        lambda: not routers.filter(pk=router.pk).exists(),
    )
    world.add(
        "attach",
        attachments.create_attachment,
        attach,
        lambda: Attachment.objects.filter(connection=connection, transit_router=router).exists(),
    )
    world.add(
        "make attached",
        connections.create_connection,
        lambda: factories.make_connection(account, gateway=device, router=copy.copy(router), name="new"),
        lambda: Connection.objects.filter(account=account, name="new", attachment__transit_router=router).exists(),
    )
    world.add(
        "add entry",
        route_entries.create_route_entry,
        lambda: route_entries.create_route_entry(
            actor(), RouteEntry(route_table=copy.copy(router.default_table), destination=NEW)
        ),
        lambda: RouteEntry.objects.filter(route_table__transit_router=router, destination=NEW).exists(),
        "delete router",
    )
    return world


def router_and_blocks() -> World:
    world, account = World(), factories.make_account()
    actor = lambda: make_actor(account)  # noqa: E731
    router = factories.make_transit_router(account, cidrs=["10.200.0.0/24"])
    cen, [block] = router.cen, router.cidrs.all()
    private = factories.make_connection(account, network_type="private")
    blocks = TransitRouterCidr.objects.filter(transit_router=router)

    def rename(service, row):
        proposed = copy.copy(row)
        proposed.name = "renamed"
        service(actor(), proposed, row.revision)

    def move():
        proposed = copy.copy(block)
        proposed.cidr = "10.201.0.0/24"
        router_cidrs.modify_router_cidr(actor(), proposed, block.revision)

    def attach():
        proposed = Attachment(transit_router=copy.copy(router), zone="eu-central-1a")
        attachments.create_attachment(actor(), proposed, private.resource_id)

    def has_address() -> bool:
        """Attached, with a gateway address that belongs to a block of the transit router."""
        address = IPv4Address(Connection.objects.get(pk=private.pk).tunnel.internet_ip)
        return any(address in IPv4Network(cidr) for cidr in blocks.values_list("cidr", flat=True))

    for name, service, row in (
        ("rename cen", cens.modify_cen, cen),
        ("rename router", cens.modify_transit_router, router),
    ):
        world.add(
            name,
            service,
            lambda service=service, row=row: rename(service, row),
            lambda row=row: type(row).objects.filter(pk=row.pk, name="renamed").exists(),
        )
    world.add(
        "add block",
        router_cidrs.create_router_cidr,
        lambda: router_cidrs.create_router_cidr(
            actor(), TransitRouterCidr(transit_router=copy.copy(router), cidr="10.201.0.0/24")
        ),
        lambda: blocks.filter(cidr="10.201.0.0/24").count() == 1,
    )
    world.add(
        "move block",
        router_cidrs.modify_router_cidr,
        move,
        lambda: blocks.filter(cidr="10.201.0.0/24").count() == 1,
        "delete block",
    )
    world.add(
        "delete block",
        router_cidrs.delete_router_cidr,
        lambda: router_cidrs.delete_router_cidr(actor(), copy.copy(block)),
        lambda: not blocks.filter(pk=block.pk).exists(),
    )
    world.add("attach", attachments.create_attachment, attach, has_address)
    return world


def account_and_members() -> World:
    world, account = World(), factories.make_account()
    actor = lambda: make_actor(account)  # noqa: E731
    user = factories.make_user(account, f"op-{account.uid}", role=Role.OPERATOR)
    key = access_keys.create_access_key(actor(), user)
    for number in range(19):
        preferences.save_filter(user, "cen-list", f"f{number}", f"q={number}")
    saved, stored = user.saved_filters.first(), User.objects.filter(pk=user.pk)
    newcomer = f"new-{account.uid}"

    def add(name):
        members.add_member(actor(), User(username=name, role=Role.OPERATOR), "long and 0dd enough")

    for name in (newcomer, newcomer.upper()):
        world.add(
            f"add {name[:3]}",
            members.add_member,
            lambda name=name: add(name),
            lambda name=name: User.objects.filter(username=name, account=account).exists(),
        )
    world.add(
        "refuse single tunnels",
        accounts.change_settings,
        lambda: accounts.change_settings(actor(), refuses_single_tunnels=True),
        lambda: type(account).objects.filter(pk=account.pk, refuses_single_tunnels=True).exists(),
    )
    world.add(
        "promote",
        members.change_role,
        lambda: members.change_role(actor(), copy.copy(user), Role.ADMINISTRATOR),
        lambda: stored.filter(role=Role.ADMINISTRATOR).exists(),
    )
    world.add(
        "disable",
        members.set_active,
        lambda: members.set_active(actor(), copy.copy(user), False),
        lambda: stored.filter(is_active=False).exists(),
    )
    world.add(
        "sign out",
        members.end_sessions,
        lambda: members.end_sessions(actor(), copy.copy(user)),
        lambda: stored.filter(session_epoch__gt=user.session_epoch).exists(),
    )
    world.add(
        "change password",
        members.change_password,
        lambda: members.change_password(actor(), copy.copy(user), PASSWORD, "a long way to harbour"),
        lambda: stored.get().check_password("a long way to harbour"),
    )
    world.add(
        "make key",
        access_keys.create_access_key,
        lambda: access_keys.create_access_key(actor(), copy.copy(user)),
        lambda: user.access_keys.exclude(pk=key.pk).exists(),
    )
    world.add(
        "disable key",
        access_keys.set_access_key_status,
        lambda: access_keys.set_access_key_status(actor(), key.access_key_id, "Inactive"),
        lambda: user.access_keys.filter(pk=key.pk, status="Inactive").exists(),
        "delete key",
    )
    world.add(
        "delete key",
        access_keys.delete_access_key,
        lambda: access_keys.delete_access_key(actor(), key.access_key_id),
        lambda: not AccessKey.objects.filter(pk=key.pk).exists(),
    )
    for name in ("one", "another"):
        world.add(
            f"save filter {name}",
            preferences.save_filter,
            lambda name=name: preferences.save_filter(user, "cen-list", name, f"q={name}"),
            lambda name=name: user.saved_filters.filter(name=name).count() == 1 and user.saved_filters.count() <= 20,
        )
    world.add(
        "delete filter",
        preferences.delete_filter,
        lambda: preferences.delete_filter(copy.copy(saved)),
        lambda: not user.saved_filters.filter(pk=saved.pk).exists(),
    )
    world.add(
        "choose columns",
        preferences.choose_columns,
        lambda: preferences.choose_columns(user, "connection-list", ["name"]),
        lambda: user.column_choices.filter(page="connection-list", keys=["name"]).count() == 1,
    )
    return world


def device_of_a_tunnel() -> World:
    world, account = World(), factories.make_account()
    actor = lambda: make_actor(account)  # noqa: E731
    made = factories.make_connection(account)
    devices.load_configuration(actor(), made.tunnel)
    devices.set_line(actor(), made.tunnel, up=False)
    row = in_parts(made)
    before = Device.objects.get(tunnel__connection=made)
    edited = copy.copy(before)
    edited.mtu = 1200
    edited.ike_lifetime = 3600

    def now() -> Device:
        return Device.objects.get(pk=before.pk)

    for name, service, args, options, holds, undone_by in (
        ("load", "load_configuration", (), {}, lambda: now().revision > before.revision, ()),
        ("take", "take_cloud_value", ("ike_lifetime",), {}, lambda: now().ike_lifetime == 86400, ("edit",)),
        ("off", "switch", (), {"on": False}, lambda: not now().is_on, ()),
        ("restore", "set_line", (), {"up": True}, lambda: now().has_line, ()),
        ("restart", "restart", (), {}, lambda: bool(now().surroundings.deletes), ("load", "take", "reset", "edit")),
        ("send", "send", (End.DEVICE, 1000), {"steadily": True},
         lambda: any(one.until is None for one in now().surroundings.traffic), ("stop",)),
        ("stop", "stop_traffic", (End.DEVICE,), {},
         lambda: all(one.until is not None for one in now().surroundings.traffic), ("send",)),
        ("reset", "reset", (), {}, lambda: now().changed_at >= before.changed_at, ()),
    ):  # fmt: skip
        service = getattr(devices, service)
        world.add(
            name,
            service,
            lambda service=service, args=args, options=options: service(
                actor(), copy.copy(row.tunnel), *args, **options
            ),
            holds,
            *undone_by,
        )
    world.add(
        "edit",
        devices.edit_device,
        lambda: devices.edit_device(actor(), copy.copy(edited), before.revision),
        lambda: now().mtu == 1200 and now().ike_lifetime == 3600,
        "load",
        "take",
    )
    world.add(
        "modify",
        connections.modify_connection,
        lambda: connections.modify_connection(actor(), draft_of(row, name="changed"), row.revision),
        lambda: Connection.objects.get(pk=row.pk).name == "changed",
    )
    return world


WORLDS = (
    device_of_a_tunnel,
    free_connection,
    attached_connection,
    two_tunnels,
    gateway,
    tables_of_an_attachment,
    cen_and_router,
    router_and_blocks,
    account_and_members,
)
# Operations that create independent resources, change nothing, or consist of other operations.
ALONE = {
    "create_customer_gateway",
    "create_cen",
    "import_text",
    "peer_configuration",
    "peer_documents",
    "peer_listing",
    "peer_archive",
}


def attempt(operation: Operation):
    """Run an operation and return whether it was acknowledged. It may fail only with a refusal."""
    try:
        operation.do()
    except (Invalid, Refused):
        return False
    return True


def check(done: dict[str, tuple[Operation, bool]]) -> None:
    acknowledged = [operation for operation, ended in done.values() if ended]
    names = {operation.name for operation in acknowledged}
    lost = [one.name for one in acknowledged if not one.holds() and not names & set(one.undone_by)]
    assert not lost, f"of the acknowledged {sorted(names)}, these are lost: {lost}"


@pytest.mark.django_db
@pytest.mark.parametrize("make", WORLDS)
def test_one_after_the_other(make):
    """The second operation works with rows that it read before the first changed them."""
    operations = make().operations.values()
    for first, second in product(operations, repeat=2):
        with transaction.atomic():
            done = {"first": (first, attempt(first)), "second": (second, attempt(second))}
            database.check_constraints()
            check(done)
            transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("make", WORLDS)
def test_at_the_same_moment(make):
    """On SQLite, where one writes at a time, with every third pair."""
    pairs = combinations_with_replacement(make().operations, 2)
    for one, other in islice(pairs, 0, None, 3 if database.vendor == "sqlite" else 1):
        operations = make().operations
        pair = operations[one], operations[other]
        ends = at_once(*(lambda operation=operation: attempt(operation) for operation in pair))
        assert not [end for end in ends if isinstance(end, Exception)], (one, other, ends)
        check(dict(enumerate(zip(pair, ends, strict=True))))


# They read rows for others.
HOLDS = (connections.hold, attachments.hold_attachment)


def test_every_service_is_among_them(db):
    tried = {operation.service for make in WORLDS for operation in make().operations.values()}
    changing = set()
    for module in pkgutil.iter_modules(services.__path__, "connections.services."):
        for name, function in inspect.getmembers(__import__(module.name, fromlist=["x"]), inspect.isfunction):
            parameters = list(inspect.signature(function).parameters)
            if function.__module__ == module.name and parameters[:1] == ["actor"] and not name.startswith("_"):
                changing.add(function)
    # Services that disclose keys change nothing.
    changing = {one for one in changing if one not in HOLDS and one.__module__ != disclosures.__name__}
    names = {function.__name__ for function in changing - tried} - {
        "operation",
        "submission_of",
        "ask_again",
        "turn_away",
    }
    assert names <= ALONE
