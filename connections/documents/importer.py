"""What a document says is created, as far as it is not there yet; or nothing.

The whole document is judged first, by the services' own rules, while others go on writing. Then everything is inserted
in one short transaction, if nothing has changed that it was judged against.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

from django.db import IntegrityError

from connections import ids, metrics
from connections.documents import schema, stored
from connections.documents.builder import Maker, Outcome, covers, without
from connections.documents.exporter import told_connection, told_foreign_attachment, told_tags, told_values
from connections.documents.parser import Unreadable, parsed
from connections.documents.progress import Report
from connections.documents.validator import Fault, Reader, Survey
from connections.domain import parsing, refusals, rules
from connections.domain.choices import NetworkType, Payer, RouteSource
from connections.domain.choices import Outcome as Ended
from connections.domain.refusals import Refused
from connections.messages import message as _
from connections.models import (
    Attachment,
    Authorization,
    Cen,
    Connection,
    CustomerGateway,
    Event,
    Route,
    RouteEntry,
    TransitRouter,
    Tunnel,
)
from connections.services.attachments import new_attachment
from connections.services.cens import Siblings, new_cen, new_transit_router
from connections.services.connections import new_connection
from connections.services.customer_gateways import new_customer_gateway
from connections.services.drafts import Draft, own_problems
from connections.services.inserts import New, insert, row_problems
from connections.services.operations import Actor, AlreadyDone, event_of, operation, submission_of
from connections.services.route_entries import new_route_entry
from connections.services.tags import new_tags

# How often a document is judged again, if what it was judged against changes each time.
ATTEMPTS = 5


class _Changed(Exception):
    """What the document was judged against is not as it was."""


def import_text(actor: Actor, text: str, progress: Report = lambda done, total: None) -> Outcome:
    """Create what a document describes and the account does not have. Doing it again changes nothing.

    `progress` is called with how many resources of how many have been judged; after the last one they are inserted.
    Raises Refused if the actor may not write, or if the account was changed during each of several attempts.
    """
    if before := submission_of(actor):
        raise AlreadyDone(before)
    try:
        document = parsed(text)
    except Unreadable as unreadable:
        why = _("This is not readable as YAML or JSON: {why}", why=unreadable.why)
        return Outcome(faults=[Fault(unreadable.place, why)])
    reader = Reader()
    survey = reader.survey(document)
    top = {} if reader.faults else _top(reader, document)
    for left in reversed(range(ATTEMPTS)):
        if not reader.faults:
            work = _Import(actor, reader, survey, progress)
            work.judge(top)
        if reader.faults:
            return Outcome(faults=reader.faults, more_faults=reader.more)
        try:
            work.write()
        except (_Changed, IntegrityError) as changed:
            # What is unique across accounts may have been taken a moment ago. Anything else would happen each time.
            if left == 0 and isinstance(changed, IntegrityError):
                raise
        else:
            return work.outcome
    raise Refused(refusals.ACCOUNT_IN_USE)


def _top(reader: Reader, document: object) -> dict:
    """The document's own fields, if it is of a version that is read."""
    known = {"format", "version", "account", "resource_groups", "customer_gateways", "cens", "connections"}
    top = reader.mapping(document, "document", known)
    version = top.get("version")
    # True is 1, too, but no version.
    if top and (top.get("format") != schema.FORMAT or isinstance(version, bool) or version not in schema.READ):
        said = _(
            "This reads {format}, version {least} to {most}.",
            format=schema.FORMAT,
            least=schema.READ[0],
            most=schema.READ[-1],
        )
        reader.fault("version", said)
    return top


class _Import(Maker):
    def __init__(self, actor: Actor, reader: Reader, survey: Survey, progress: Report):
        # Read before anything else, so that every later change shows in them.
        self.events_seen = stored.latest_events(actor.account)
        self.foreign_ids = survey.connections
        self.foreign_seen = stored.foreign_states(self.foreign_ids)
        super().__init__(actor, reader, survey)
        self.planned = stored.Planned()
        self.progress, self.judged, self.total = progress, 0, survey.resources
        # What hangs on transit routers comes last: it needs the connections.
        self.hanging: list[tuple[TransitRouter, dict, str]] = []

    def judge(self, top: dict) -> None:
        """Note what is wrong with the document. Without faults, `new` holds everything that it creates."""
        self._groups(top)
        self._gateways(top)
        self._cens(top)
        self._connections(top)
        for router, values, place in self.hanging:
            self._attachments(router, values, place)
            self._entries(router, values, place)

    def write(self) -> None:
        """Insert everything in one transaction. Raises _Changed if it has to be judged again."""
        rows = [*self.new_groups, *(row for new in self.new for row in new.rows)]
        attached = [new.resource.connection for new in self.new if isinstance(new.resource, Attachment)]
        with operation(self.actor, "ImportResources") as record:
            self._refuse_changes()
            stored.sweep(attached)
            insert(rows)
            stored.save_addresses(one for one in attached if one.network_type == NetworkType.PRIVATE)
            Event.objects.bulk_create(self._event(new) for new in self.new)
            record.facts = {"made": len(self.outcome.made), "there": len(self.outcome.there)}
        for new in self.new:
            metrics.OPERATIONS.labels(new.operation, Ended.SUCCESS).inc()

    def _refuse_changes(self) -> None:
        """Compare with what the document was judged against. What is as it was stays so until the transaction ends."""
        account = self.actor.account
        if (
            stored.latest_events(account) != self.events_seen
            or stored.foreign_states(self.foreign_ids, lock=True) != self.foreign_seen
            or stored.taken_ids(account, self.kept)
            or stored.have_addresses(self.planned.given)
        ):
            raise _Changed

    def _event(self, new: New) -> Event:
        """Every resource is an operation of its own, with an event of its own."""
        return event_of(new.record, self.actor, new.operation, new.region_id, ids.request_id(), outcome=Ended.SUCCESS)

    def _each(self, values: object, place: str, known: Iterable[str]) -> Iterator[tuple[str, dict]]:
        """The resources of a list, each with its place. Reports progress after each."""
        for at, item in self.reader.items(values, place):
            yield at, self.reader.mapping(item, at, set(known))
            self.judged += 1
            self.progress(self.judged, self.total)

    def _groups(self, top: dict) -> None:
        for place, name in self.reader.items(top.get("resource_groups"), "resource_groups"):
            if name == "" or not isinstance(name, str):
                self.reader.fault(place, _("A text is expected."))
            else:
                self.group({"resource_group": name}, place.removesuffix(".resource_group"))

    def _gateways(self, top: dict) -> None:
        known = {"id", "region", "resource_group", "tags", *schema.GATEWAY_FIELDS}
        for place, values in self._each(top.get("customer_gateways"), "customer_gateways", known):

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
                place,
                wanted,
                lambda g=gateway, t=tags: new_customer_gateway(self.actor.account, g, row_problems([g]), t),
            )

    def _cens(self, top: dict) -> None:
        known = {"id", "resource_group", "tags", "transit_routers", *schema.CEN_FIELDS}
        for place, values in self._each(top.get("cens"), "cens", known):

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
                self.rows[wanted] = self.make(
                    place, wanted, lambda c=cen, t=tags: new_cen(self.actor.account, c, row_problems([c]), t)
                )
            if isinstance(cen := self.rows.get(wanted), Cen):
                self._routers(cen, values, place)

    def _routers(self, cen: Cen, values: dict, above: str) -> None:
        hanging = ("attachments", "route_entries")
        known = {"id", "region", "route_table", "cidrs", "tags", *hanging, *schema.ROUTER_FIELDS}
        siblings = Siblings.of(cen) if cen.pk else Siblings()
        for place, one in self._each(values.get("transit_routers"), f"{above}.transit_routers", known):

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
            if router.resource_id:
                self.identify(router, table, "vtb", "route_table_id")
            cidrs = [self.reader.text({"cidr": cidr}, "cidr", at) for at, cidr in
                     self.reader.items(one.get("cidrs"), f"{place}.cidrs")]  # fmt: skip
            tags = self.reader.tags(one, place)
            self.rows[wanted] = made = self.make(
                place,
                wanted,
                lambda r=router, c=cidrs, t=tags: new_transit_router(
                    self.actor.account, r, row_problems([r]), c, t, siblings
                ),
            )
            if made:
                siblings.regions.add(region)
                siblings.cidrs += cidrs
                self.planned.cidrs_of[made.resource_id] = cidrs
                self.hanging.append((made, one, place))

    def _attachments(self, router: TransitRouter, values: dict, above: str) -> None:
        """Connections of other accounts, by the rules of attaching: only what their owners have opened."""
        known = {"id", "connection", "owner", "gateway_ip", "tags", *schema.ATTACHMENT_FIELDS}
        bound = {one.connection.resource_id: one for one in getattr(router, "foreign_attachments", ())}
        for place, one in self._each(values.get("attachments"), f"{above}.attachments", known):
            before = self.reader.count
            wanted = self.reader.text(one, "id", place)
            if wanted in self.rows:
                self.reader.fault(f"{place}.id", _("This ID stands twice in the document."))
            self.rows[wanted or place] = None
            connection_id, owner = self.reader.text(one, "connection", place), self.owner(one, place)
            attachment = Attachment(account=self.actor.account, transit_router=router)
            self.reader.fill(attachment, one, schema.ATTACHMENT_FIELDS, place)
            self.judge_row(attachment, place)
            tags, address = self.reader.tags(one, place), self.reader.text(one, "gateway_ip", place)
            if connection_id in self.attached:
                self.reader.fault(f"{place}.connection", _("This ID stands twice in the document."))
            if self.reader.count > before:
                continue
            if there := bound.get(connection_id):
                self.rows[wanted or place] = there
                # Its own ID may have been taken when it was made.
                if not covers(told_foreign_attachment(there, True), one | {"id": there.resource_id}):
                    self.differs(place, there.resource_id)
                continue
            self.identify(attachment, wanted)
            made = self.make(
                place,
                wanted,
                lambda a=attachment, c=connection_id, o=owner, t=tags: new_attachment(
                    self.actor.account, a, row_problems([a]), c, o, t, self.planned
                ),
                waits=True,
            )
            if made:
                self.attached.add(connection_id)
                if made.connection.network_type == NetworkType.PRIVATE:
                    self._keep_private_address(made.connection.tunnel, address, router)
                self.rows[wanted or place] = made

    def _entries(self, router: TransitRouter, values: dict, above: str) -> None:
        """Static entries of the route table, to attachments or nowhere."""
        entries = {entry.destination: entry for entry in router.entries.all()} if router.pk else {}
        known = {"id", "attachment", *schema.ENTRY_FIELDS}
        for place, one in self._each(values.get("route_entries"), f"{above}.route_entries", known):
            before = self.reader.count
            wanted, leads_to = self.reader.text(one, "id", place), self.reader.text(one, "attachment", place)
            entry = RouteEntry(transit_router=router)
            self.reader.fill(entry, one, schema.ENTRY_FIELDS, place)
            if leads_to:
                entry.attachment = self.refer(Attachment, leads_to, f"{place}.attachment")
                if entry.attachment is None and self.reader.count == before:
                    self.wait(place, _("The attachment {id} is not there yet.", id=leads_to[:40]))
                    continue
            if self.reader.count > before:
                continue
            there = entries.get(entry.destination)
            if there is not None and there.resource_id == wanted:
                same = (entry.attachment, entry.name, entry.description)
                if (there.attachment, there.name, there.description) != same:
                    self.differs(place, wanted)
                continue
            self.identify(entry, wanted, "rte")
            if self.make(place, wanted, lambda e=entry: new_route_entry(e, row_problems([e]), entries)):
                entries[entry.destination] = entry

    def _connections(self, top: dict) -> None:
        known = {"id", "region", "resource_group", "tags", "tunnels", "routes", "automatic_routes", "authorizations"}
        known |= {"attachment", *schema.CONNECTION_FIELDS}
        for place, values in self._each(top.get("connections"), "connections", known):

            def same(mine, values=values, place=place):
                told, foreign = told_connection(mine, True), _leads_elsewhere(values)
                if foreign and "attachment" not in told:
                    # Not attached yet; a private gateway address comes with that.
                    self._wait_for_owner(values["attachment"], place)
                    values = without(values, "attachment", "gateway_ip")
                return covers(told, values)

            wanted, new = self.begin(Connection, values, place, same)
            region = self.reader.region(values, place)
            if new and region:
                before = self.reader.count
                draft, parts = self._draft(values, region, wanted, place)
                if self.reader.count == before and draft:
                    self.rows[wanted] = self.make(
                        place, wanted, lambda d=draft, p=parts, at=place: self._new_connection(d, p, at)
                    )

    def _draft(self, values: dict, region: str, wanted: str, place: str):
        connection = Connection(account=self.actor.account, region_id=region)
        self.reader.fill(connection, values, schema.CONNECTION_FIELDS, place)
        connection.resource_group = self.group(values, place)
        self.identify(connection, wanted)
        tunnels, hopeless = [], False
        items = self.reader.items(values.get("tunnels"), f"{place}.tunnels")
        if len(items) != 1:
            self.reader.fault(f"{place}.tunnels", _("Exactly one tunnel is expected."))
        for at, item in items[:1]:
            one = self.reader.mapping(item, at, {"id", "customer_gateway", "gateway_ip", *schema.TUNNEL_FIELDS})
            tunnel = Tunnel(connection=connection, index=len(tunnels) + 1, region_id=region)
            self.reader.fill(tunnel, one, schema.TUNNEL_FIELDS, at)
            gateway_id = self.reader.text(one, "customer_gateway", at)
            gateway = self.refer(CustomerGateway, gateway_id, f"{at}.customer_gateway")
            if gateway is None:
                hopeless = True
                continue
            tunnel.customer_gateway = gateway
            self.identify(tunnel, self.reader.text(one, "id", at), "tun")
            tunnel.wished_ip = self.reader.text(one, "gateway_ip", at)
            tunnels.append(tunnel)
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
                self.judge_row(attachment, at)
                tags_of_attachment = self.reader.tags(one, at)
                for problem in rules.tag_problems(tags_of_attachment):
                    self.reader.fault(f"{at}.{problem.field}", problem.message)
                own = self.reader.text(one, "id", at)
                self.identify(attachment, own)
                if own in self.rows:
                    self.reader.fault(f"{at}.id", _("This ID stands twice in the document."))
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

    def _keep_public_address(self, tunnel: Tunnel, wished: str) -> None:
        """Give a tunnel the gateway address of the document, where it is free."""
        address = parsing.parse_ip(wished)
        if address and address in ids.PUBLIC_GATEWAYS and self.planned.is_free(str(address), tunnel.region_id):
            tunnel.internet_ip = str(address)

    def _keep_private_address(self, tunnel: Tunnel, wished: str, router: TransitRouter) -> None:
        """The same out of the transit router's blocks."""
        address, taken = parsing.parse_ip(wished), self.planned.addresses(router)
        within = address and any(address in IPv4Network(cidr) for cidr in self.planned.cidrs(router))
        if within and str(address) not in taken:
            taken.remove(tunnel.internet_ip)
            taken.add(str(address))
            tunnel.internet_ip = str(address)

    def _new_connection(self, draft: Draft, parts: dict, place: str) -> New:
        """A connection with all that hangs on it, at rest."""
        new = new_connection(self.actor.account, draft, own_problems(draft), self.planned)
        connection, attachment = draft.connection, draft.attachment
        if attachment is not None:
            new.rows += new_tags(attachment, parts["attachment_tags"])
        for tunnel in draft.tunnels:
            if connection.network_type == NetworkType.PUBLIC:
                self._keep_public_address(tunnel, tunnel.wished_ip)
            elif attachment is not None:
                self._keep_private_address(tunnel, tunnel.wished_ip, attachment.transit_router)
        self.planned.add(connection, draft.tunnels)
        automatic = {row.destination: row for row in new.rows if isinstance(row, Route)}
        self._judge_routes(connection, parts, set(automatic))
        self._judge_authorizations(connection, parts)
        for _place, route in parts["automatic_routes"]:
            if route.destination in automatic:
                automatic[route.destination].weight = route.weight
        # Made by hand before the network came to the connection, it stays what it was.
        by_hand = {route.destination for _place, route in parts["routes"]}
        new.rows = [row for row in new.rows if not (isinstance(row, Route) and row.destination in by_hand)]
        new.rows += [row for kind in ("routes", "authorizations") for _place, row in parts[kind]]
        if told := parts["attachment"]:
            opened = {(one.peer_uid, one.peer_cen_id) for _place, one in parts["authorizations"]}
            if (told["owner"], told["cen"]) in opened:
                self._wait_for_owner(told, place)
            else:
                said = _("The connection does not authorize this CEN instance of account {uid}.", uid=told["owner"])
                self.reader.fault(f"{place}.attachment.cen", said)
        return new

    def _judge_routes(self, connection: Connection, parts: dict, automatic: set[str]) -> None:
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
