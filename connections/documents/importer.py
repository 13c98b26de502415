"""Create the resources of a document that the account does not have; all of them or none.

The whole document is judged first, by the rules of the services, while others go on writing. Then everything is
inserted in one short transaction, unless what it was judged against has changed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network

from django.db import IntegrityError

from connections import ids, metrics
from connections.documents import schema, stored
from connections.documents.builder import Builder, ImportResult, covers, without
from connections.documents.exporter import (
    cidr_values,
    connection_values,
    field_values,
    foreign_attachment_values,
    foreign_attachments,
    tag_values,
)
from connections.documents.parser import ParseError, parsed, trimmed
from connections.documents.progress import Report
from connections.documents.validator import Fault, Survey, Validator
from connections.domain import parsing, refusals, rules
from connections.domain.choices import NetworkType, NewDevices, Outcome, Payer, RouteSource
from connections.domain.refusals import Refused
from connections.messages import message as _
from connections.models import (
    Attachment,
    Authorization,
    Cen,
    Connection,
    CustomerGateway,
    Device,
    Event,
    Propagation,
    Route,
    RouteEntry,
    RouteTable,
    TransitRouter,
    TransitRouterCidr,
    Tunnel,
)
from connections.services.accounts import write_settings
from connections.services.attachments import new_attachment
from connections.services.cens import Siblings, new_cen, new_transit_router
from connections.services.connections import new_connection
from connections.services.customer_gateways import new_customer_gateway
from connections.services.drafts import Draft, own_problems
from connections.services.inserts import New, insert, row_problems
from connections.services.operations import Actor, AlreadyDone, event_of, operation, submission_of
from connections.services.route_entries import new_route_entry
from connections.services.route_tables import new_route_table
from connections.services.tags import new_tags

# The fields of an attachment that link it to custom route tables.
_LINKS = ("route_table", "propagations")
# How often a document is judged if what it is judged against changes each time.
ATTEMPTS = 5


class _Changed(Exception):
    """What the document was judged against has changed."""


def import_text(actor: Actor, text: str, progress: Report = lambda done, total: None) -> ImportResult:
    """Create the resources of a document that the account does not have. A second import changes nothing.

    `progress` is called with the number of resources judged so far and in total; after the last one they are inserted.
    Raises Refused if the actor may not write, or if the account was changed during each of several attempts.
    """
    if before := submission_of(actor):
        raise AlreadyDone(before)
    validator = Validator()
    try:
        document = parsed(text)
        survey = validator.survey(document)
        if not validator.faults:
            # Only now, since it takes a while for a document that is too large.
            document = trimmed(document)
            survey = validator.survey(document)
    except ParseError as error:
        why = _("This is not readable as YAML or JSON: {why}", why=error.why)
        return ImportResult(faults=[Fault(error.place, why)])
    top = {} if validator.faults else _top(validator, document)
    for left in reversed(range(ATTEMPTS)):
        if not validator.faults:
            work = _Import(actor, validator, survey, progress)
            work.judge(top)
        if validator.faults:
            return ImportResult(faults=validator.faults, more_faults=validator.more)
        try:
            work.write()
        except (_Changed, IntegrityError) as changed:
            # Another account may just have taken a unique value. Any other error would occur each time.
            if left == 0 and isinstance(changed, IntegrityError):
                raise
        else:
            return work.outcome
    raise Refused(refusals.ACCOUNT_IN_USE)


def _top(validator: Validator, document: object) -> dict:
    """The fields at the top of the document. An unknown format or version is a fault."""
    known = {"format", "version", "account", "resource_groups", "customer_gateways", "cens", "connections"}
    top = validator.mapping(document, "document", known)
    version = top.get("version")
    # True equals 1, but is not a version.
    if top and (top.get("format") != schema.FORMAT or isinstance(version, bool) or version not in schema.READABLE):
        text = _(
            "This reads {format}, version {least} to {most}.",
            format=schema.FORMAT,
            least=schema.READABLE[0],
            most=schema.READABLE[-1],
        )
        validator.fault("version", text)
    return top


@dataclass
class _Parts:
    """What comes with a connection of a document. Rows have their place in the document beside them."""

    routes: list[tuple[str, Route]]
    automatic_routes: list[tuple[str, Route]]
    authorizations: list[tuple[str, Authorization]]
    attachment_tags: list[tuple[str, str]]
    propagations: list[Propagation]
    # What the document says of an attachment to a transit router of another account.
    foreign_attachment: dict | None
    # The gateway addresses that the document asks for, by the tunnel's index.
    gateway_ips: list[str]
    devices: list[Device]


class _Import(Builder):
    def __init__(self, actor: Actor, validator: Validator, survey: Survey, progress: Report):
        # Read first, so that every later change shows.
        self.events_seen = stored.latest_events(actor.account)
        self.foreign_ids = survey.connections
        self.foreign_seen = stored.foreign_states(self.foreign_ids)
        super().__init__(actor, validator, survey)
        self.planned = stored.Planned()
        self.progress, self.judged, self.total = progress, 0, survey.resources
        # Attachments and route entries of transit routers come last: they need the connections.
        self.routers: list[tuple[TransitRouter, dict, str]] = []
        # The account's setting, if the document has it.
        self.new_devices: str | None = None

    def judge(self, top: dict) -> None:
        """Collect the faults of the document. Without faults, `new` holds everything to insert."""
        self._settings(top)
        self._groups(top)
        self._gateways(top)
        self._cens(top)
        self._connections(top)
        for router, values, place in self.routers:
            self._attachments(router, values, place)
            self._entries(router, values, place)

    def write(self) -> None:
        """Insert everything in one transaction. Raises _Changed if it has to be judged again."""
        rows = [*self.new_groups, *(row for new in self.new for row in new.rows)]
        attached = [new.resource.connection for new in self.new if isinstance(new.resource, Attachment)]
        with operation(self.actor, "ImportResources") as record:
            self._refuse_changes()
            if self.new_devices is not None:
                write_settings(self.actor.account, {"new_devices": self.new_devices}, record)
            stored.sweep(attached)
            insert(rows)
            stored.save_addresses(one for one in attached if one.network_type == NetworkType.PRIVATE)
            Event.objects.bulk_create(self._event(new) for new in self.new)
            record.facts |= {"made": len(self.outcome.made), "there": len(self.outcome.there)}
        for new in self.new:
            metrics.count(metrics.OPERATIONS, new.operation, Outcome.SUCCESS)

    def _refuse_changes(self) -> None:
        """Raise _Changed if what the document was judged against has changed. Locks it until the transaction ends."""
        account = self.actor.account
        if (
            stored.latest_events(account) != self.events_seen
            or stored.foreign_states(self.foreign_ids, lock=True) != self.foreign_seen
            or stored.taken_ids(account, self.kept)
            or stored.have_addresses(self.planned.given)
        ):
            raise _Changed

    def _event(self, new: New) -> Event:
        """The event of a resource: each has its own, as if it had been created alone."""
        return event_of(new.record, self.actor, new.operation, new.region_id, ids.request_id(), outcome=Outcome.SUCCESS)

    def _each(self, values: object, place: str, known: Iterable[str]) -> Iterator[tuple[str, dict]]:
        """The resources of a list with their places. Reports progress after each."""
        for at, item in self.validator.items(values, place):
            yield at, self.validator.mapping(item, at, set(known))
            self.judged += 1
            self.progress(self.judged, self.total)

    def _settings(self, top: dict) -> None:
        """The settings of the account, which a document has if they are not the usual ones."""
        said = top.get("account")
        if not isinstance(said, dict) or "new_devices" not in said:
            return
        if said["new_devices"] in NewDevices.values:
            self.new_devices = said["new_devices"]
        else:
            text = _("Choose one of {choices}.", choices=", ".join(NewDevices.values))
            self.validator.fault("account.new_devices", text)

    def _groups(self, top: dict) -> None:
        for place, name in self.validator.items(top.get("resource_groups"), "resource_groups"):
            if name == "" or not isinstance(name, str):
                self.validator.fault(place, _("A text is expected."))
            else:
                self.group({"resource_group": name}, place.removesuffix(".resource_group"))

    def _gateways(self, top: dict) -> None:
        known = {"id", "region", "resource_group", "tags", *schema.GATEWAY_FIELDS}
        for place, values in self._each(top.get("customer_gateways"), "customer_gateways", known):

            def same(mine, values=values):
                current = {
                    "id": mine.resource_id,
                    "region": mine.region_id,
                    "resource_group": mine.resource_group.name,
                }
                return self.same(current | field_values(mine, schema.GATEWAY_FIELDS, True) | tag_values(mine), values)

            own_id, new = self.begin(CustomerGateway, values, place, same)
            region = self.validator.region(values, place)
            if not (new and region):
                continue
            gateway = CustomerGateway(region_id=region, resource_group=self.group(values, place))
            self.validator.fill(gateway, values, schema.GATEWAY_FIELDS, place)
            self.identify(gateway, own_id)
            tags = self.validator.tags(values, place)
            self.rows[own_id] = self.make(
                place,
                own_id,
                lambda g=gateway, t=tags: new_customer_gateway(self.actor.account, g, row_problems([g]), t),
            )

    def _cens(self, top: dict) -> None:
        known = {"id", "resource_group", "tags", "transit_routers", *schema.CEN_FIELDS}
        for place, values in self._each(top.get("cens"), "cens", known):

            def same(mine, values=values):
                current = {"id": mine.resource_id, "resource_group": mine.resource_group.name}
                return self.same(
                    current | field_values(mine, schema.CEN_FIELDS, True) | tag_values(mine),
                    values,
                    ("transit_routers",),
                )

            own_id, new = self.begin(Cen, values, place, same)
            if new:
                cen = Cen(resource_group=self.group(values, place))
                self.validator.fill(cen, values, schema.CEN_FIELDS, place)
                self.identify(cen, own_id)
                tags = self.validator.tags(values, place)
                self.rows[own_id] = self.make(
                    place, own_id, lambda c=cen, t=tags: new_cen(self.actor.account, c, row_problems([c]), t)
                )
            if isinstance(row := self.rows.get(own_id), Cen):
                self._routers(row, values, place)

    def _routers(self, cen: Cen, values: dict, above: str) -> None:
        later = ("attachments", "route_tables", "route_entries")
        known = {"id", "region", "route_table", "cidrs", "tags", *later, *schema.ROUTER_FIELDS}
        siblings = Siblings.of(cen) if cen.pk else Siblings()
        for place, one in self._each(values.get("transit_routers"), f"{above}.transit_routers", known):

            def same(mine, one=one, cen=cen):
                current = {
                    "id": mine.resource_id,
                    "region": mine.region_id,
                    "route_table": mine.default_table.resource_id,
                }
                current |= field_values(mine, schema.ROUTER_FIELDS, True) | tag_values(mine)
                blocks = _blocks(one) or []
                return (
                    mine.cen_id == cen.pk
                    and self.same(current, one, (*later, "cidrs"))
                    and ("cidrs" not in one or covers(cidr_values(mine), blocks))
                )

            own_id, new = self.begin(TransitRouter, one, place, same)
            region = self.validator.region(one, place)
            if not (new and region):
                if isinstance(there := self.rows.get(own_id), TransitRouter):
                    self._tables(there, one, place)
                    self.routers.append((there, one, place))
                continue
            router = TransitRouter(cen=cen, region_id=region)
            self.validator.fill(router, one, schema.ROUTER_FIELDS, place)
            self.identify(router, own_id)
            table = self.validator.text(one, "route_table", place)
            parts = self.parts(TransitRouterCidr, schema.CIDR_FIELDS, one | {"cidrs": _blocks(one)}, place, "cidrs")
            for at, block in parts:
                self.judge_row(block, at)
            blocks = [block for _, block in parts]
            tags = self.validator.tags(one, place)
            self.rows[own_id] = created = self.make(
                place,
                own_id,
                lambda r=router, b=blocks, t=tags: new_transit_router(
                    self.actor.account, r, row_problems([r]), b, t, siblings
                ),
            )
            if created:
                cidrs = [block.cidr for block in blocks]
                siblings.regions.add(region)
                siblings.cidrs += cidrs
                self.planned.cidrs_of[router.resource_id] = cidrs
                keeps_id = router.resource_id == own_id
                if keeps_id:
                    self.identify(router.default_table, table)
                self.rows[table or f"{place}.route_table"] = router.default_table
                self._tables(router, one, place)
                self.routers.append((router, one, place))

    def _tables(self, router: TransitRouter, values: dict, above: str) -> None:
        """The route tables of a transit router. Its default one is among them if it has a name or tags."""
        beside = router.route_tables.filter(is_default=False).count() if router.pk else 0
        for place, one in self._each(
            values.get("route_tables"), f"{above}.route_tables", {"id", "tags", *schema.TABLE_FIELDS}
        ):
            if not router.pk and one.get("id") == values.get("route_table"):
                self._describe(router.default_table, one, place)
                continue

            def same(mine, one=one):
                current = {"id": mine.resource_id} | field_values(mine, schema.TABLE_FIELDS, True) | tag_values(mine)
                return mine.transit_router_id == router.pk and self.same(current, one)

            own_id, new = self.begin(RouteTable, one, place, same)
            if not new:
                continue
            table = RouteTable(account=self.actor.account, transit_router=router)
            self.validator.fill(table, one, schema.TABLE_FIELDS, place)
            self.identify(table, own_id)
            tags = self.validator.tags(one, place)
            self.rows[own_id] = created = self.make(
                place,
                own_id,
                lambda t=table, g=tags, n=beside: new_route_table(self.actor.account, t, row_problems([t]), g, n),
            )
            beside += created is not None

    def _describe(self, table: RouteTable, values: dict, place: str) -> None:
        """Give the default route table of a new transit router its name, description and tags."""
        self.validator.fill(table, values, schema.TABLE_FIELDS, place)
        self.judge_row(table, place)
        tags = self.validator.tags(values, place)
        for problem in rules.tag_problems(tags):
            self.validator.fault(f"{place}.{problem.field}", problem.message)
        self.new[-1].rows += new_tags(table, tags)

    def _custom_links(self, attachment: Attachment, values: dict, place: str) -> list[Propagation]:
        """Associate a new attachment with a custom route table, and return its propagations to others."""
        propagations = {}
        if "route_table" in values:
            attachment.custom_table = self._custom_table(attachment, values, place)
        for at, item in self.validator.items(values.get("propagations"), f"{place}.propagations"):
            table = self._custom_table(attachment, self.validator.mapping(item, at, {"route_table"}), at)
            if table is not None:
                propagations[table.resource_id] = Propagation(attachment=attachment, route_table=table)
        return list(propagations.values())

    def _custom_table(self, attachment: Attachment, values: dict, place: str) -> RouteTable | None:
        """The custom route table of an attachment's transit router that an item names."""
        at = f"{place}.route_table"
        table = self.refer(RouteTable, self.validator.text(values, "route_table", place), at)
        if table is None:
            return None
        if table.is_default or table.transit_router.resource_id != attachment.transit_router.resource_id:
            self.validator.fault(at, _("This is no custom route table of the transit router."))
            return None
        return table

    def _attachments(self, router: TransitRouter, values: dict, above: str) -> None:
        """Attach connections of other accounts, by the rules of attaching: only those that their owners authorized."""
        known = {"id", "connection", "owner", "gateway_ip", "gateway_ips", "tags", *_LINKS, *schema.ATTACHMENT_FIELDS}
        bound = {one.connection.resource_id: one for one in foreign_attachments(router)}
        for place, one in self._each(values.get("attachments"), f"{above}.attachments", known):
            before = self.validator.count
            own_id = self.validator.text(one, "id", place)
            if own_id in self.rows:
                self.validator.fault(f"{place}.id", _("This ID stands twice in the document."))
            self.rows[own_id or place] = None
            connection_id, owner = self.validator.text(one, "connection", place), self.owner(one, place)
            attachment = Attachment(account=self.actor.account, transit_router=router)
            self.validator.fill(attachment, one, schema.ATTACHMENT_FIELDS, place)
            propagations = self._custom_links(attachment, one, place)
            self.judge_row(attachment, place)
            tags, addresses = self.validator.tags(one, place), self._addresses(one, place)
            if connection_id in self.attached:
                self.validator.fault(f"{place}.connection", _("This ID stands twice in the document."))
            if self.validator.count > before:
                continue
            if there := bound.get(connection_id):
                self.rows[own_id or place] = there
                # The document's ID may have been taken when it was created.
                if not covers(foreign_attachment_values(there, True), one | {"id": there.resource_id}):
                    self.differs(place, there.resource_id)
                continue
            self.identify(attachment, own_id)
            created = self.make(
                place,
                own_id,
                lambda a=attachment, c=connection_id, o=owner, t=tags: new_attachment(
                    self.actor.account, a, row_problems([a]), c, o, t, self.planned
                ),
                waits=True,
            )
            if created:
                self.new[-1].rows += propagations
                self.attached.add(connection_id)
                if attachment.connection.network_type == NetworkType.PRIVATE:
                    self._keep_private_addresses(attachment.connection.tunnels.all(), addresses, router)
                self.rows[own_id or place] = created

    def _entries(self, router: TransitRouter, values: dict, above: str) -> None:
        """Static entries of the route tables, with or without an attachment as their next hop."""
        tables = router.route_tables.all() if router.pk else ()
        # By the ID of a route table, and by destination.
        entries = {table.resource_id: {entry.destination: entry for entry in table.entries.all()} for table in tables}
        known = {"id", "route_table", "attachment", *schema.ENTRY_FIELDS}
        for place, one in self._each(values.get("route_entries"), f"{above}.route_entries", known):
            before = self.validator.count
            own_id, leads_to = self.validator.text(one, "id", place), self.validator.text(one, "attachment", place)
            table = router.default_table
            if "route_table" in one:
                table = self.refer(RouteTable, self.validator.text(one, "route_table", place), f"{place}.route_table")
                if table is None:
                    continue
                if table.transit_router.resource_id != router.resource_id:
                    self.validator.fault(f"{place}.route_table", _("This is no route table of the transit router."))
            entry = RouteEntry(route_table=table)
            self.validator.fill(entry, one, schema.ENTRY_FIELDS, place)
            if leads_to:
                entry.attachment = self.refer(Attachment, leads_to, f"{place}.attachment")
                if entry.attachment is None and self.validator.count == before:
                    self.wait(place, _("The attachment {id} is not there yet.", id=leads_to[:40]))
                    continue
            if self.validator.count > before:
                continue
            taken = entries.setdefault(table.resource_id, {})
            there = taken.get(entry.destination)
            if there is not None and there.resource_id == own_id:
                same = (entry.attachment, entry.name, entry.description)
                if (there.attachment, there.name, there.description) != same:
                    self.differs(place, own_id)
                continue
            self.identify(entry, own_id, "rte")
            if self.make(place, own_id, lambda e=entry, t=taken: new_route_entry(e, row_problems([e]), t)):
                taken[entry.destination] = entry

    def _connections(self, top: dict) -> None:
        known = {"id", "region", "resource_group", "tags", "tunnels", "routes", "automatic_routes", "authorizations"}
        known |= {"attachment", *schema.CONNECTION_FIELDS}
        for place, values in self._each(top.get("connections"), "connections", known):

            def same(mine, values=values, place=place):
                current, foreign = connection_values(mine, True), _leads_elsewhere(values)
                if foreign and "attachment" not in current:
                    # It is not attached yet, and gets a private gateway address when it is.
                    self._wait_for_owner(values["attachment"], place)
                    values = without(values, "attachment", "gateway_ip")
                return covers(current, values)

            own_id, new = self.begin(Connection, values, place, same)
            region = self.validator.region(values, place)
            if new and region:
                before = self.validator.count
                draft, parts = self._draft(values, region, own_id, place)
                if self.validator.count == before and draft:
                    self.rows[own_id] = self.make(
                        place, own_id, lambda d=draft, p=parts, at=place: self._new_connection(d, p, at)
                    )

    def _draft(self, values: dict, region: str, own_id: str, place: str) -> tuple[Draft | None, _Parts]:
        connection = Connection(account=self.actor.account, region_id=region)
        self.validator.fill(connection, values, schema.CONNECTION_FIELDS, place)
        connection.resource_group = self.group(values, place)
        self.identify(connection, own_id)
        tunnels: list[Tunnel] = []
        gateway_ips: list[str] = []
        devices: list[Device] = []
        hopeless = False
        items = self.validator.items(values.get("tunnels"), f"{place}.tunnels")
        if not items:
            self.validator.fault(f"{place}.tunnels", _("One tunnel is expected, or two."))
        for at, item in items:
            known = {"id", "customer_gateway", "gateway_ip", "device", *schema.TUNNEL_FIELDS}
            one = self.validator.mapping(item, at, known)
            tunnel = Tunnel(connection=connection, index=len(tunnels) + 1, region_id=region)
            self.validator.fill(tunnel, one, schema.TUNNEL_FIELDS, at)
            gateway_id = self.validator.text(one, "customer_gateway", at)
            gateway = self.refer(CustomerGateway, gateway_id, f"{at}.customer_gateway")
            if gateway is None:
                hopeless = True
                continue
            tunnel.customer_gateway = gateway
            self.identify(tunnel, self.validator.text(one, "id", at), "tun")
            gateway_ips.append(self.validator.text(one, "gateway_ip", at))
            tunnels.append(tunnel)
            if "device" in one:
                devices.append(self._device(tunnel, one["device"], f"{at}.device"))
        attachment: Attachment | None = None
        attachment_tags: list[tuple[str, str]] = []
        propagations: list[Propagation] = []
        at = f"{place}.attachment"
        if _leads_elsewhere(values):
            self._foreign(values["attachment"], at)
        elif "attachment" in values:
            one = self.validator.mapping(
                values["attachment"], at, {"id", "transit_router", "tags", *_LINKS, *schema.ATTACHMENT_FIELDS}
            )
            router_id = self.validator.text(one, "transit_router", at)
            router = self.refer(TransitRouter, router_id, f"{at}.transit_router")
            hopeless = hopeless or router is None
            if router is not None:
                attachment = Attachment(account=self.actor.account, transit_router=router)
                self.validator.fill(attachment, one, schema.ATTACHMENT_FIELDS, at)
                propagations = self._custom_links(attachment, one, at)
                self.judge_row(attachment, at)
                attachment_tags = self.validator.tags(one, at)
                for problem in rules.tag_problems(attachment_tags):
                    self.validator.fault(f"{at}.{problem.field}", problem.message)
                own = self.validator.text(one, "id", at)
                self.identify(attachment, own)
                if own in self.rows:
                    self.validator.fault(f"{at}.id", _("This ID stands twice in the document."))
                self.rows[own or at] = attachment
        parts = _Parts(
            routes=self.parts(Route, schema.ROUTE_FIELDS, values, place, "routes"),
            automatic_routes=self.parts(Route, ("destination", "weight"), values, place, "automatic_routes"),
            authorizations=self.parts(Authorization, schema.AUTHORIZATION_FIELDS, values, place, "authorizations"),
            attachment_tags=attachment_tags,
            propagations=propagations,
            foreign_attachment=values["attachment"] if _leads_elsewhere(values) else None,
            gateway_ips=gateway_ips,
            devices=devices,
        )
        if hopeless:
            return None, parts
        return Draft(connection, tunnels, attachment, self.validator.tags(values, place)), parts

    def _device(self, tunnel: Tunnel, item, place: str) -> Device:
        """The simulated device of a tunnel. Without a key in the document it has none."""
        device = Device(tunnel=tunnel)
        values = self.validator.mapping(item, place, set(schema.DEVICE_FIELDS))
        self.validator.fill(device, values, schema.DEVICE_FIELDS, place)
        self.judge_row(device, place)
        return device

    def _foreign(self, item, place: str) -> None:
        """Judge a connection's attachment to a transit router of another account."""
        one = self.validator.mapping(item, place, {"transit_router", "cen", "owner"})
        self.owner(one, place)
        for name in ("transit_router", "cen"):
            if not self.validator.text(one, name, place):
                self.validator.fault(f"{place}.{name}", _("A text is expected."))

    def _wait_for_owner(self, item: dict, place: str) -> None:
        """Report that the owner of a transit router has to attach the connection; nobody else can."""
        self.wait(
            f"{place}.attachment",
            _(
                "The transit router {router} is of account {uid}. That account has to attach the connection, by an "
                "import of its own or by hand.",
                router=str(item.get("transit_router"))[:40],
                uid=str(item.get("owner"))[:16],
            ),
        )

    def _addresses(self, values: dict, place: str) -> list[str]:
        """The gateway addresses of a foreign connection's tunnels: one text, or a list for two tunnels."""
        if "gateway_ips" not in values:
            return [self.validator.text(values, "gateway_ip", place)]
        at, items = f"{place}.gateway_ips", self.validator.items(values["gateway_ips"], f"{place}.gateway_ips")
        if not all(isinstance(one, str) for _place, one in items):
            self.validator.fault(at, _("A list of texts is expected."))
        return [str(one) for _place, one in items]

    def _keep_public_addresses(self, tunnels: Iterable[Tunnel], addresses: Iterable[str]) -> None:
        """Give tunnels the gateway addresses of the document, if they are free."""
        kept: set[str] = set()
        for tunnel, address in zip(tunnels, addresses, strict=False):
            ip = parsing.parse_ip(address)
            is_ours = ip and ip in ids.PUBLIC_GATEWAYS and str(ip) not in kept
            if is_ours and self.planned.is_free(str(ip), tunnel.region_id):
                tunnel.internet_ip = str(ip)
                kept.add(str(ip))

    def _keep_private_addresses(self, tunnels: Iterable[Tunnel], addresses: list[str], router: TransitRouter) -> None:
        """The same with addresses in the transit router's blocks. The tunnels have got other ones of these."""
        taken, tunnels = self.planned.addresses(router), list(tunnels)
        given = [tunnel.internet_ip for tunnel in tunnels]
        taken.difference_update(given)
        for tunnel, address in zip(tunnels, [*addresses, *[""] * len(tunnels)], strict=False):
            ip = parsing.parse_ip(address)
            is_inside = ip and any(ip in IPv4Network(cidr) for cidr in self.planned.cidrs(router))
            tunnel.internet_ip = str(ip) if is_inside and str(ip) not in taken else ""
            taken.add(tunnel.internet_ip)
        for tunnel in tunnels:
            tunnel.internet_ip = tunnel.internet_ip or next(one for one in given if one not in taken)
            taken.add(tunnel.internet_ip)
        taken.discard("")

    def _new_connection(self, draft: Draft, parts: _Parts, place: str) -> New:
        """A connection with everything that belongs to it, in its final state."""
        new = new_connection(self.actor.account, draft, own_problems(draft), self.planned)
        connection, attachment = draft.connection, draft.attachment
        if attachment is not None:
            new.rows += [*new_tags(attachment, parts.attachment_tags), *parts.propagations]
        if connection.network_type == NetworkType.PUBLIC:
            self._keep_public_addresses(draft.tunnels, parts.gateway_ips)
        elif attachment is not None:
            self._keep_private_addresses(draft.tunnels, parts.gateway_ips, attachment.transit_router)
        self.planned.add(connection, draft.tunnels)
        automatic = {row.destination: row for row in new.rows if isinstance(row, Route)}
        self._judge_routes(connection, parts, set(automatic))
        self._judge_authorizations(connection, parts)
        for _place, route in parts.automatic_routes:
            if route.destination in automatic:
                automatic[route.destination].weight = route.weight
        # A custom route stays custom if its network is protected later.
        by_hand = {route.destination for _place, route in parts.routes}
        new.rows = [row for row in new.rows if not (isinstance(row, Route) and row.destination in by_hand)]
        new.rows += [route for _place, route in parts.routes]
        new.rows += parts.devices
        new.rows += [authorization for _place, authorization in parts.authorizations]
        if foreign := parts.foreign_attachment:
            opened = {(one.peer_uid, one.peer_cen_id) for _place, one in parts.authorizations}
            if (foreign["owner"], foreign["cen"]) in opened:
                self._wait_for_owner(foreign, place)
            else:
                text = _("The connection does not authorize this CEN instance of account {uid}.", uid=foreign["owner"])
                self.validator.fault(f"{place}.attachment.cen", text)
        return new

    def _judge_routes(self, connection: Connection, parts: _Parts, automatic: set[str]) -> None:
        taken: set[str] = set()
        for place, route in parts.routes:
            for problem in rules.route_problems(route.destination, route.weight, route.description, taken):
                self.validator.fault(f"{place}.{problem.field}", problem.message)
            taken.add(route.destination)
            route.connection, route.source = connection, RouteSource.CUSTOM
        for place, route in parts.automatic_routes:
            if route.destination not in automatic - taken:
                self.validator.fault(f"{place}.destination", _("The connection's networks make no such route."))
            for problem in rules.route_problems(route.destination, route.weight, "", ()):
                self.validator.fault(f"{place}.{problem.field}", problem.message)

    def _judge_authorizations(self, connection: Connection, parts: _Parts) -> None:
        opened: set[str] = set()
        for place, authorization in parts.authorizations:
            uid = self.actor.account.uid
            authorization.connection = connection
            for problem in rules.authorization_problems(uid, authorization.peer_uid, authorization.peer_cen_id):
                self.validator.fault(f"{place}.{problem.field}", problem.message)
            if authorization.order_type not in Payer.values:
                self.validator.fault(f"{place}.order_type", _("There is no such payer."))
            if authorization.peer_cen_id in opened:
                self.validator.fault(f"{place}.peer_cen_id", _("This CEN instance is authorized already."))
            opened.add(authorization.peer_cen_id)


def _blocks(values: dict) -> object:
    """The CIDR blocks of a transit router. In documents before version 3 each is a text."""
    blocks = values.get("cidrs")
    if not isinstance(blocks, list):
        return blocks
    return [block if isinstance(block, dict) else {"cidr": block} for block in blocks]


def _leads_elsewhere(values: dict) -> bool:
    """Whether an item's attachment leads to a transit router of another account."""
    return isinstance(values.get("attachment"), dict) and "owner" in values["attachment"]
