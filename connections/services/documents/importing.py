"""What a document says is made of it, as far as it is not there yet; or nothing.

Everything is made through the services in one transaction, and taken back if anything was wrong.
"""

from ipaddress import IPv4Network

from connections import ids, rules
from connections.choices import NetworkType, Payer, RouteSource
from connections.messages import message as _
from connections.models import (
    Attachment,
    Authorization,
    Cen,
    Connection,
    CustomerGateway,
    Route,
    RouteEntry,
    TransitRouter,
    Tunnel,
)
from connections.services.attachments import create_attachment
from connections.services.cens import create_cen, create_transit_router
from connections.services.connections import Draft, create_connection
from connections.services.customer_gateways import create_customer_gateway
from connections.services.documents import schema
from connections.services.documents.exporting import told_connection, told_foreign_attachment, told_tags, told_values
from connections.services.documents.making import Maker, Outcome, covers, is_id, without
from connections.services.documents.notation import Unreadable, parsed
from connections.services.documents.reading import Fault
from connections.services.events import Actor, operation
from connections.services.route_entries import create_route_entry
from connections.services.tags import write_tags


class _Rollback(Exception):
    """Nothing of it shall stay."""


def import_text(actor: Actor, text: str) -> Outcome:
    """Make what a document describes and the account does not have. Doing it again changes nothing."""
    try:
        document = parsed(text)
    except Unreadable as unreadable:
        why = _("This is not readable as YAML or JSON: {why}", why=unreadable.why)
        return Outcome(faults=[Fault(unreadable.place, why)])
    return _Import(actor, document).run()


def rest(*rows) -> None:
    """What is imported has been there before: it rests at once."""
    for row in rows:
        row.transition, row.transition_ends = "", None
        row.save(update_fields=["transition", "transition_ends"])


class _Import(Maker):
    def __init__(self, actor: Actor, document):
        super().__init__(actor, document)
        # What hangs on transit routers comes last: it needs the connections.
        self.hanging: list[tuple[TransitRouter, dict, str]] = []

    def run(self) -> Outcome:
        known = {"format", "version", "account", "resource_groups", "customer_gateways", "cens", "connections"}
        top = self.reader.mapping(self.document, "document", known)
        version = top.get("version")
        # True is 1, too, but no version.
        if top and (top.get("format") != schema.FORMAT or isinstance(version, bool) or version not in schema.READ):
            said = _(
                "This reads {format}, version {least} to {most}.",
                format=schema.FORMAT,
                least=schema.READ[0],
                most=schema.READ[-1],
            )
            self.reader.fault("version", said)
        if self.reader.faults:
            return self.outcome
        try:
            with operation(self.actor, "ImportResources") as record:
                self._groups(top)
                self._gateways(top)
                self._cens(top)
                self._connections(top)
                for router, values, place in self.hanging:
                    self._attachments(router, values, place)
                    self._entries(router, values, place)
                if self.reader.faults:
                    raise _Rollback
                record.facts = {"made": len(self.outcome.made), "there": len(self.outcome.there)}
        except _Rollback:
            self.outcome.made, self.outcome.renamed, self.outcome.waiting = [], {}, []
        return self.outcome

    def _groups(self, top: dict) -> None:
        for place, name in self.reader.items(top.get("resource_groups"), "resource_groups"):
            if name == "" or not isinstance(name, str):
                self.reader.fault(place, _("A text is expected."))
            else:
                self.group({"resource_group": name}, place.removesuffix(".resource_group"))

    def _gateways(self, top: dict) -> None:
        known = {"id", "region", "resource_group", "tags", *schema.GATEWAY_FIELDS}
        for place, item in self.reader.items(top.get("customer_gateways"), "customer_gateways"):
            values = self.reader.mapping(item, place, known)

            def same(mine, values=values):
                told = {"id": mine.resource_id, "region": mine.region_id, "resource_group": mine.resource_group.name}
                return self.same(told | told_values(mine, schema.GATEWAY_FIELDS, True) | told_tags(mine), values)

            wanted, new = self.begin(CustomerGateway, values, place, same)
            region = self.reader.region(values, place)
            if not (new and region):
                continue
            gateway = CustomerGateway(region_id=region, resource_group=self.group(values, place))
            self.reader.fill(gateway, values, schema.GATEWAY_FIELDS, place)
            self.identify(gateway, wanted)
            tags = self.reader.tags(values, place)
            self.rows[wanted] = self.make(
                place, wanted, lambda g=gateway, t=tags: create_customer_gateway(self.step(), g, t)
            )

    def _cens(self, top: dict) -> None:
        known = {"id", "resource_group", "tags", "transit_routers", *schema.CEN_FIELDS}
        for place, item in self.reader.items(top.get("cens"), "cens"):
            values = self.reader.mapping(item, place, known)

            def same(mine, values=values):
                told = {"id": mine.resource_id, "resource_group": mine.resource_group.name}
                return self.same(
                    told | told_values(mine, schema.CEN_FIELDS, True) | told_tags(mine), values, ("transit_routers",)
                )

            wanted, new = self.begin(Cen, values, place, same)
            if new:
                cen = Cen(resource_group=self.group(values, place))
                self.reader.fill(cen, values, schema.CEN_FIELDS, place)
                self.identify(cen, wanted)
                tags = self.reader.tags(values, place)
                self.rows[wanted] = made = self.make(place, wanted, lambda c=cen, t=tags: create_cen(self.step(), c, t))
                if made:
                    rest(made)
            if isinstance(cen := self.rows.get(wanted), Cen):
                self._routers(cen, values, place)

    def _routers(self, cen: Cen, values: dict, above: str) -> None:
        hanging = ("attachments", "route_entries")
        known = {"id", "region", "route_table", "cidrs", "tags", *hanging, *schema.ROUTER_FIELDS}
        for place, item in self.reader.items(values.get("transit_routers"), f"{above}.transit_routers"):
            one = self.reader.mapping(item, place, known)

            def same(mine, one=one, cen=cen):
                told = {"id": mine.resource_id, "region": mine.region_id, "route_table": mine.route_table_id}
                told["cidrs"] = [block.cidr for block in mine.cidrs.all()]
                told |= told_values(mine, schema.ROUTER_FIELDS, True) | told_tags(mine)
                return mine.cen_id == cen.pk and self.same(told, one, hanging)

            wanted, new = self.begin(TransitRouter, one, place, same)
            region = self.reader.region(one, place)
            if not (new and region):
                if isinstance(there := self.rows.get(wanted), TransitRouter):
                    self.hanging.append((there, one, place))
                continue
            router = TransitRouter(cen=cen, region_id=region)
            self.reader.fill(router, one, schema.ROUTER_FIELDS, place)
            self.identify(router, wanted)
            table = self.reader.text(one, "route_table", place)
            free = not TransitRouter.objects.filter(route_table_id=table).exists()
            if router.resource_id and free and is_id(table, "vtb"):
                router.route_table_id = table
            cidrs = [self.reader.text({"cidr": cidr}, "cidr", at) for at, cidr in
                     self.reader.items(one.get("cidrs"), f"{place}.cidrs")]  # fmt: skip
            tags = self.reader.tags(one, place)
            self.rows[wanted] = made = self.make(
                place, wanted, lambda r=router, c=cidrs, t=tags: create_transit_router(self.step(), r, c, t)
            )
            if made:
                rest(made)
                self.hanging.append((made, one, place))

    def _attachments(self, router: TransitRouter, values: dict, above: str) -> None:
        """Connections of other accounts, by the rules of attaching: only what their owners have opened."""
        known = {"id", "connection", "owner", "gateway_ip", "tags", *schema.ATTACHMENT_FIELDS}
        for place, item in self.reader.items(values.get("attachments"), f"{above}.attachments"):
            one, before = self.reader.mapping(item, place, known), len(self.reader.faults)
            wanted = self.reader.text(one, "id", place)
            if wanted in self.rows:
                self.reader.fault(f"{place}.id", _("This ID stands twice in the document."))
            self.rows[wanted or place] = None
            connection_id, owner = self.reader.text(one, "connection", place), self.owner(one, place)
            attachment = Attachment(account=self.actor.account, transit_router=router)
            self.reader.fill(attachment, one, schema.ATTACHMENT_FIELDS, place)
            self.judge(attachment, place)
            tags, address = self.reader.tags(one, place), self.reader.text(one, "gateway_ip", place)
            if len(self.reader.faults) > before:
                continue
            there = router.attachments.living().filter(connection__resource_id=connection_id).first()
            if there is not None:
                self.rows[wanted or place] = there
                # Its own ID may have been taken when it was made.
                if not covers(told_foreign_attachment(there, True), one | {"id": there.resource_id}):
                    self.differs(place, there.resource_id)
                continue
            self.identify(attachment, wanted)
            made = self.make(
                place,
                wanted,
                lambda a=attachment, c=connection_id, o=owner, t=tags: create_attachment(self.step(), a, c, o, t),
                waits=True,
            )
            if made:
                rest(made)
                if made.connection.network_type == NetworkType.PRIVATE:
                    self._keep_address(made.connection.tunnel, address, _blocks(router))
                self.rows[wanted or place] = made

    def _entries(self, router: TransitRouter, values: dict, above: str) -> None:
        """Static entries of the route table, to attachments or nowhere."""
        for place, item in self.reader.items(values.get("route_entries"), f"{above}.route_entries"):
            one, before = (
                self.reader.mapping(item, place, {"id", "attachment", *schema.ENTRY_FIELDS}),
                len(self.reader.faults),
            )
            wanted, leads_to = self.reader.text(one, "id", place), self.reader.text(one, "attachment", place)
            entry = RouteEntry(transit_router=router)
            self.reader.fill(entry, one, schema.ENTRY_FIELDS, place)
            if leads_to:
                entry.attachment = self.refer(Attachment, leads_to, f"{place}.attachment")
                if entry.attachment is None and len(self.reader.faults) == before:
                    self.wait(place, _("The attachment {id} is not there yet.", id=leads_to[:40]))
                    continue
            if len(self.reader.faults) > before:
                continue
            there = router.entries.filter(destination=entry.destination).first()
            if there is not None and there.resource_id == wanted:
                same = (entry.attachment, entry.name, entry.description)
                if (there.attachment, there.name, there.description) != same:
                    self.differs(place, wanted)
                continue
            if wanted.startswith("rte-") and len(wanted) <= 32 and wanted.isascii():
                free = not RouteEntry.objects.filter(resource_id=wanted).exists()
                entry.resource_id = wanted if free else ""
            self.make(place, wanted, lambda e=entry: create_route_entry(self.step(), e))

    def _connections(self, top: dict) -> None:
        known = {"id", "region", "resource_group", "tags", "tunnels", "routes", "automatic_routes", "authorizations"}
        known |= {"attachment", *schema.CONNECTION_FIELDS}
        for place, item in self.reader.items(top.get("connections"), "connections"):
            values = self.reader.mapping(item, place, known)

            def same(mine, values=values, place=place):
                stored = Connection.objects.with_parts().get(pk=mine.pk)
                told, foreign = told_connection(stored, True), _leads_elsewhere(values)
                if foreign and "attachment" not in told:
                    # Not attached yet; a private gateway address comes with that.
                    self._wait_for_owner(values["attachment"], place)
                    values = without(values, "attachment", "gateway_ip")
                return covers(told, values)

            wanted, new = self.begin(Connection, values, place, same)
            region = self.reader.region(values, place)
            if new and region:
                before = len(self.reader.faults)
                draft, parts = self._draft(values, region, wanted, place)
                if len(self.reader.faults) == before and draft:
                    self.rows[wanted] = self.make(
                        place, wanted, lambda d=draft, p=parts, at=place: self._create(d, p, at)
                    )

    def _draft(self, values: dict, region: str, wanted: str, place: str):
        connection = Connection(account=self.actor.account, region_id=region)
        self.reader.fill(connection, values, schema.CONNECTION_FIELDS, place)
        connection.resource_group = self.group(values, place)
        self.identify(connection, wanted)
        tunnels, hopeless = [], False
        for at, item in self.reader.items(values.get("tunnels"), f"{place}.tunnels"):
            one = self.reader.mapping(item, at, {"id", "customer_gateway", "gateway_ip", *schema.TUNNEL_FIELDS})
            tunnel = Tunnel(connection=connection, index=len(tunnels) + 1, region_id=region)
            self.reader.fill(tunnel, one, schema.TUNNEL_FIELDS, at)
            gateway_id = self.reader.text(one, "customer_gateway", at)
            gateway = self.refer(CustomerGateway, gateway_id, f"{at}.customer_gateway")
            if gateway is None:
                hopeless = True
                continue
            tunnel.customer_gateway = gateway
            own = self.reader.text(one, "id", at)
            if is_id(own, "tun") and not Tunnel.objects.filter(resource_id=own).exists():
                tunnel.resource_id = own
            tunnel.wished_ip = self.reader.text(one, "gateway_ip", at)
            tunnels.append(tunnel)
        if not hopeless and len(tunnels) != 1:
            self.reader.fault(f"{place}.tunnels", _("Exactly one tunnel is expected."))
        attachment, tags_of_attachment = None, []
        at = f"{place}.attachment"
        if _leads_elsewhere(values):
            self._foreign(values["attachment"], at)
        elif "attachment" in values:
            one = self.reader.mapping(
                values["attachment"], at, {"id", "transit_router", "tags", *schema.ATTACHMENT_FIELDS}
            )
            router_id = self.reader.text(one, "transit_router", at)
            router = self.refer(TransitRouter, router_id, f"{at}.transit_router")
            hopeless = hopeless or router is None
            if router is not None:
                attachment = Attachment(account=self.actor.account, transit_router=router)
                self.reader.fill(attachment, one, schema.ATTACHMENT_FIELDS, at)
                self.judge(attachment, at)
                tags_of_attachment = self.reader.tags(one, at)
                for problem in rules.tag_problems(tags_of_attachment):
                    self.reader.fault(f"{at}.{problem.field}", problem.message)
                own = self.reader.text(one, "id", at)
                self.identify(attachment, own)
                self.rows[own or at] = attachment
        parts = {
            "routes": self.parts(Route, schema.ROUTE_FIELDS, values, place, "routes"),
            "automatic_routes": self.parts(Route, ("destination", "weight"), values, place, "automatic_routes"),
            "authorizations": self.parts(Authorization, schema.AUTHORIZATION_FIELDS, values, place, "authorizations"),
            "attachment_tags": tags_of_attachment,
            "attachment": values["attachment"] if _leads_elsewhere(values) else None,
        }
        if hopeless:
            return None, parts
        return Draft(connection, tunnels, attachment, self.reader.tags(values, place)), parts

    def _foreign(self, told, place: str) -> None:
        """Judge what a connection says of an attachment that is another account's."""
        one = self.reader.mapping(told, place, {"transit_router", "cen", "owner"})
        self.owner(one, place)
        for name in ("transit_router", "cen"):
            if not self.reader.text(one, name, place):
                self.reader.fault(f"{place}.{name}", _("A text is expected."))

    def _wait_for_owner(self, told: dict, place: str) -> None:
        """Only who owns a transit router attaches to it: whoever reads this has not been asked."""
        self.wait(
            f"{place}.attachment",
            _(
                "The transit router {router} is of account {uid}. That account has to attach the connection, by an "
                "import of its own or by hand.",
                router=str(told.get("transit_router"))[:40],
                uid=str(told.get("owner"))[:16],
            ),
        )

    def _keep_address(self, tunnel: Tunnel, wished: str, blocks: list[IPv4Network]) -> None:
        """Give a tunnel the gateway address of the document, where it is free."""
        address = rules.parse_ip(wished)
        free = not Tunnel.objects.filter(region_id=tunnel.region_id, internet_ip=str(address)).exists()
        if address and free and any(address in block for block in blocks):
            Tunnel.objects.filter(pk=tunnel.pk).update(internet_ip=str(address))

    def _create(self, draft: Draft, parts: dict, place: str) -> Connection:
        """A connection with all that hangs on it, at rest."""
        connection = create_connection(self.step(), draft)
        rest(connection)
        if draft.attachment is not None:
            rest(draft.attachment)
            write_tags(draft.attachment, parts["attachment_tags"])
        for tunnel in draft.tunnels:
            blocks = [ids.PUBLIC_GATEWAYS] if connection.network_type == NetworkType.PUBLIC else []
            if draft.attachment is not None and not blocks:
                blocks = _blocks(draft.attachment.transit_router)
            self._keep_address(tunnel, tunnel.wished_ip, blocks)
        before = len(self.reader.faults)
        self._judge_routes(connection, parts)
        self._judge_authorizations(connection, parts)
        if len(self.reader.faults) == before:
            # Made by hand before the network came to the connection, it stays what it was.
            by_hand = [route.destination for _place, route in parts["routes"]]
            connection.routes.filter(source=RouteSource.AUTOMATIC, destination__in=by_hand).delete()
            for _place, route in parts["automatic_routes"]:
                connection.routes.filter(destination=route.destination).update(weight=route.weight)
            Route.objects.bulk_create(route for _place, route in parts["routes"])
            Authorization.objects.bulk_create(one for _place, one in parts["authorizations"])
        if told := parts["attachment"]:
            opened = {(one.peer_uid, one.peer_cen_id) for _place, one in parts["authorizations"]}
            if (told["owner"], told["cen"]) in opened:
                self._wait_for_owner(told, place)
            else:
                said = _("The connection does not authorize this CEN instance of account {uid}.", uid=told["owner"])
                self.reader.fault(f"{place}.attachment.cen", said)
        return connection

    def _judge_routes(self, connection: Connection, parts: dict) -> None:
        automatic = set(connection.routes.values_list("destination", flat=True))
        taken: set[str] = set()
        for place, route in parts["routes"]:
            for problem in rules.route_problems(route.destination, route.weight, route.description, taken):
                self.reader.fault(f"{place}.{problem.field}", problem.message)
            taken.add(route.destination)
            route.connection, route.source = connection, RouteSource.CUSTOM
        for place, route in parts["automatic_routes"]:
            if route.destination not in automatic - taken:
                self.reader.fault(f"{place}.destination", _("The connection's networks make no such route."))
            for problem in rules.route_problems(route.destination, route.weight, "", ()):
                self.reader.fault(f"{place}.{problem.field}", problem.message)

    def _judge_authorizations(self, connection: Connection, parts: dict) -> None:
        opened: set[str] = set()
        for place, authorization in parts["authorizations"]:
            uid = self.actor.account.uid
            authorization.connection = connection
            for problem in rules.authorization_problems(uid, authorization.peer_uid, authorization.peer_cen_id):
                self.reader.fault(f"{place}.{problem.field}", problem.message)
            if authorization.order_type not in Payer.values:
                self.reader.fault(f"{place}.order_type", _("There is no such payer."))
            if authorization.peer_cen_id in opened:
                self.reader.fault(f"{place}.peer_cen_id", _("This CEN instance is authorized already."))
            opened.add(authorization.peer_cen_id)


def _leads_elsewhere(values: dict) -> bool:
    """Whether a connection of a document is attached to a transit router of another account."""
    return isinstance(values.get("attachment"), dict) and "owner" in values["attachment"]


def _blocks(router: TransitRouter) -> list[IPv4Network]:
    return [IPv4Network(block.cidr) for block in router.cidrs.all()]
