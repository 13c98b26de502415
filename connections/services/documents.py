"""An account's resources as one document, written and read back. docs/resources.md has the schema.

Which fields a resource has is not said here: the document follows `sections` and the models. Reading is all or nothing:
everything is made through the services in one transaction, and taken back if anything was wrong.
"""

import json
from dataclasses import dataclass, field
from ipaddress import IPv4Network

import yaml
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Model, Prefetch

from connections import ids, rules, sections
from connections.catalog import REGIONS
from connections.choices import NetworkType, Payer, RouteSource
from connections.errors import Invalid, Refused
from connections.messages import Message
from connections.messages import message as _
from connections.models import (
    Attachment,
    Authorization,
    Cen,
    Connection,
    CustomerGateway,
    ResourceGroup,
    Route,
    RouteEntry,
    TransitRouter,
    Tunnel,
)
from connections.models.fields import CidrListField, EncryptedField
from connections.services.attachments import create_attachment
from connections.services.cens import create_cen, create_transit_router
from connections.services.connections import Draft, create_connection
from connections.services.customer_gateways import create_customer_gateway
from connections.services.events import Actor, operation, problems_of
from connections.services.notation import Unreadable, parsed
from connections.services.route_entries import create_route_entry
from connections.services.tags import write_tags

FORMAT = "vpn-console/resources"
VERSION = 2
# Documents of earlier versions say less, and nothing else: what came later has its default there.
READ = (1, 2)
# So many of one kind at most, so that reading ends while somebody waits.
MOST = 2000

GATEWAY_FIELDS = ("name", "ip_address", "asn", "auth_key", "description")
CEN_FIELDS = ROUTER_FIELDS = ("name", "description")
TUNNEL_FIELDS = tuple(name for name in sections.TUNNEL_FIELDS if name != "customer_gateway")
CONNECTION_FIELDS = (*sections.CONNECTION_FIELDS, *sections.API_FIELDS, "tunnel_bandwidth")
ATTACHMENT_FIELDS = ("name", "description", "zone", *sections.ADVANCED.fields)
ROUTE_FIELDS = ("destination", "weight", "description")
ENTRY_FIELDS = ("destination", "name", "description")
AUTHORIZATION_FIELDS = ("peer_uid", "peer_cen_id", "order_type")


# --- writing -----------------------------------------------------------------------------------------------------


def _values(row: Model, names, keys: bool) -> dict:
    """The fields of a row; secrets if they are asked for, and then only if there is one."""
    values = {}
    for name in names:
        if isinstance(row._meta.get_field(name), EncryptedField) and not (keys and getattr(row, name)):
            continue
        values[name] = getattr(row, name)
    return values


def _tags(row) -> dict:
    tags = {tag.key: tag.value for tag in row.tags.all()}
    return {"tags": tags} if tags else {}


def exported(account, *, keys: bool = False) -> dict:
    """All resources of an account: customer gateways, CEN instances with transit routers, connections.

    An attachment that crosses accounts is told from both sides: where it leads by the connection's owner, all else by
    the transit router's, whose it is. Events, members and access keys stay out.
    """
    gateways = CustomerGateway.objects.of(account).select_related("resource_group").prefetch_related("tags")
    foreign = Attachment.objects.living().exclude(connection__account=account)
    foreign = foreign.select_related("connection__account").prefetch_related("tags", "connection__tunnels")
    entries = RouteEntry.objects.select_related("attachment").order_by("destination")
    # In an order that does not tell which of them had to wait for another account.
    routers = TransitRouter.objects.order_by("id").prefetch_related(
        "tags",
        "cidrs",
        Prefetch("entries", entries),
        Prefetch("attachments", foreign.order_by("resource_id"), to_attr="foreign_attachments"),
    )
    cens = Cen.objects.of(account).select_related("resource_group")
    cens = cens.prefetch_related("tags", Prefetch("transit_routers", routers))
    connections = Connection.objects.of(account).with_parts()
    connections = connections.prefetch_related("routes", "authorizations", "attachment__tags")
    return {
        "format": FORMAT,
        "version": VERSION,
        "account": {"uid": account.uid, "name": account.name},
        "resource_groups": [group.name for group in account.resource_groups.order_by("id") if not group.is_default],
        "customer_gateways": [
            {
                "id": gateway.resource_id,
                "region": gateway.region_id,
                "resource_group": gateway.resource_group.name,
                **_values(gateway, GATEWAY_FIELDS, keys),
                **_tags(gateway),
            }
            for gateway in gateways.order_by("id")
        ],
        "cens": [
            {
                "id": cen.resource_id,
                "resource_group": cen.resource_group.name,
                **_values(cen, CEN_FIELDS, keys),
                **_tags(cen),
                "transit_routers": [_router(router, keys) for router in cen.transit_routers.all()],
            }
            for cen in cens.order_by("id")
        ],
        "connections": [_connection(connection, keys) for connection in connections.order_by("id")],
    }


def _router(router: TransitRouter, keys: bool) -> dict:
    return {
        "id": router.resource_id,
        "region": router.region_id,
        "route_table": router.route_table_id,
        **_values(router, ROUTER_FIELDS, keys),
        "cidrs": [block.cidr for block in router.cidrs.all()],
        **_tags(router),
        "attachments": [_foreign_attachment(attachment, keys) for attachment in router.foreign_attachments],
        "route_entries": [_entry(entry, keys) for entry in router.entries.all()],
    }


def _foreign_attachment(attachment: Attachment, keys: bool) -> dict:
    """What the owner of a transit router tells of an attachment that binds a connection of another account."""
    connection = attachment.connection
    told = {
        "id": attachment.resource_id,
        "connection": connection.resource_id,
        "owner": connection.account.uid,
        **_values(attachment, ATTACHMENT_FIELDS, keys),
        **_tags(attachment),
    }
    if connection.network_type == NetworkType.PRIVATE:
        # Out of the transit router's own blocks.
        told["gateway_ip"] = connection.tunnel.internet_ip
    return told


def _entry(entry: RouteEntry, keys: bool) -> dict:
    leads = {"attachment": entry.attachment.resource_id} if entry.attachment is not None else {}
    return {"id": entry.resource_id, **_values(entry, ENTRY_FIELDS, keys), **leads}


def _connection(connection: Connection, keys: bool) -> dict:
    attachment = connection.living_attachment
    routes = {source: [one for one in connection.routes.all() if one.source == source] for source in RouteSource}
    told = {
        "id": connection.resource_id,
        "region": connection.region_id,
        "resource_group": connection.resource_group.name,
        **_values(connection, CONNECTION_FIELDS, keys),
        **_tags(connection),
        "tunnels": [
            {
                "id": tunnel.resource_id,
                "customer_gateway": tunnel.customer_gateway.resource_id,
                "gateway_ip": tunnel.internet_ip,
                **_values(tunnel, TUNNEL_FIELDS, keys),
            }
            for tunnel in connection.tunnels.all()
        ],
        "routes": [_values(route, ROUTE_FIELDS, keys) for route in routes[RouteSource.CUSTOM]],
        # The others follow from the networks; of these only the weight is anybody's choice.
        "automatic_routes": [
            {"destination": route.destination, "weight": route.weight}
            for route in routes[RouteSource.AUTOMATIC]
            if route.weight != Route._meta.get_field("weight").default
        ],
        "authorizations": [_values(one, AUTHORIZATION_FIELDS, keys) for one in connection.authorizations.all()],
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
            **_values(attachment, ATTACHMENT_FIELDS, keys),
            **_tags(attachment),
        }
    return told


def as_text(document: dict, form: str) -> str:
    """The document as YAML or JSON."""
    if form == "json":
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return yaml.safe_dump(json.loads(json.dumps(document)), allow_unicode=True, sort_keys=False, width=1000)


# --- reading: the text -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: `connections[2].tunnels[0].psk`."""

    place: str
    message: Message | str


# --- reading: the shape ------------------------------------------------------------------------------------------


@dataclass
class Reader:
    """Takes a document apart, and notes whatever is not as the schema says."""

    faults: list[Fault] = field(default_factory=list)

    def fault(self, place: str, message) -> None:
        self.faults.append(Fault(place, message))

    def mapping(self, value, place: str, known: set[str]) -> dict:
        if not isinstance(value, dict):
            self.fault(place, _("A mapping of names and values is expected."))
            return {}
        for name in value:
            if name not in known:
                self.fault(f"{place}.{name}"[:200], _("There is no such field."))
        return {name: one for name, one in value.items() if name in known}

    def items(self, value, place: str) -> list[tuple[str, object]]:
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(place, _("A list is expected."))
            return []
        if len(value) > MOST:
            self.fault(place, _("At most {most} of them are read at once.", most=MOST))
            return []
        return [(f"{place}[{number}]", one) for number, one in enumerate(value)]

    def text(self, values: dict, name: str, place: str, default: str = "") -> str:
        value = values.get(name, default)
        if isinstance(value, str):
            return value
        self.fault(f"{place}.{name}", _("A text is expected."))
        return default

    def region(self, values: dict, place: str) -> str:
        region = self.text(values, "region", place)
        if region in REGIONS:
            return region
        self.fault(f"{place}.region", _("There is no such region."))
        return ""

    def tags(self, values: dict, place: str) -> list[tuple[str, str]]:
        tags = values.get("tags", {})
        if isinstance(tags, dict) and all(isinstance(word, str) for pair in tags.items() for word in pair):
            return list(tags.items())
        self.fault(f"{place}.tags", _("A mapping of names and texts is expected."))
        return []

    def fill(self, row: Model, values: dict, names, place: str) -> None:
        """Put values of the right kind into a row. What they mean is judged by the rules."""
        for name in names:
            if name not in values:
                continue
            value, column = values[name], row._meta.get_field(name)
            if isinstance(column, models.BooleanField):
                right, what = isinstance(value, bool), _("true or false is expected.")
            elif isinstance(column, CidrListField):
                right = isinstance(value, list) and all(isinstance(one, str) for one in value)
                what = _("A list of texts is expected.")
            elif isinstance(column, models.IntegerField):
                right = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31 * 2
                right, what = right or (value is None and column.null), _("A whole number is expected.")
            else:
                right, what = isinstance(value, str) and "\0" not in value, _("A text is expected.")
            if right and not column.editable and column.choices and value not in dict(column.choices):
                # Nobody else judges what no form has.
                right, what = False, _("There is no such value.")
            if right:
                setattr(row, name, value)
            else:
                self.fault(f"{place}.{name}", what)


# --- reading: the resources --------------------------------------------------------------------------------------


class _Rollback(Exception):
    """Nothing of it shall stay."""


@dataclass
class Outcome:
    """What an import made, what was there already, and what was wrong. With faults, nothing was made.

    `waiting` is what another account has to make possible first: it is no fault, and the next import adds it.
    """

    made: list[str] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    waiting: list[Fault] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


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


class _Import:
    def __init__(self, actor: Actor, document):
        self.actor, self.document = actor, document
        self.reader, self.outcome = Reader(), Outcome()
        self.outcome.faults = self.reader.faults
        # By the document's ID: what other parts of it refer to. None: it was at fault, and is mentioned already.
        self.rows: dict[str, Model | None] = {}
        # What hangs on transit routers comes last: it needs the connections.
        self.hanging: list[tuple[TransitRouter, dict, str]] = []

    def run(self) -> Outcome:
        known = {"format", "version", "account", "resource_groups", "customer_gateways", "cens", "connections"}
        top = self.reader.mapping(self.document, "document", known)
        version = top.get("version")
        # True is 1, too, but no version.
        if top and (top.get("format") != FORMAT or isinstance(version, bool) or version not in READ):
            said = _("This reads {format}, version {least} to {most}.", format=FORMAT, least=READ[0], most=READ[-1])
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

    def step(self) -> Actor:
        """Every resource is an operation of its own, with an event of its own."""
        return Actor(self.actor.account, self.actor.name, role=self.actor.role)

    def wait(self, place: str, message) -> None:
        self.outcome.waiting.append(Fault(place, message))

    def make(self, place: str, wanted: str, do, *, waits: bool = False) -> Model | None:
        """Do it; note what is wrong by its place in the document. A refusal may mean that it has to wait."""
        try:
            with transaction.atomic():
                made = do()
        except Invalid as invalid:
            for problem in invalid.problems:
                self.reader.fault(self._place(place, problem), problem.message)
        except Refused as refused:
            (self.wait if waits else self.reader.fault)(place, refused.message)
        else:
            self.outcome.made.append(made.resource_id)
            if wanted and made.resource_id != wanted:
                self.outcome.renamed[wanted] = made.resource_id
            return made
        return None

    @staticmethod
    def _place(place: str, problem: rules.Problem) -> str:
        of_connection = place.startswith("connections[") and place.endswith("]")
        if of_connection and problem.field in sections.TUNNEL_FIELDS:
            return f"{place}.tunnels[{problem.tunnel - 1}].{problem.field}"
        if of_connection and problem.field in sections.ATTACHMENT_FIELDS:
            return f"{place}.attachment.{problem.field}"
        return f"{place}.{_SAID.get(problem.field, problem.field)}"

    def begin(self, model, values: dict, place: str, same) -> tuple[str, bool]:
        """The ID of an item, and whether it has to be made. `same` compares with what the account has under the ID."""
        wanted = self.reader.text(values, "id", place)
        if wanted in self.rows:
            self.reader.fault(f"{place}.id", _("This ID stands twice in the document."))
            return wanted, False
        self.rows[wanted or place] = None
        mine = model.objects.of(self.actor.account).filter(resource_id=wanted).first() if wanted else None
        if mine is None:
            return wanted, True
        self.rows[wanted] = mine
        self.outcome.there.append(wanted)
        if not same(mine):
            self.differs(place, wanted)
        return wanted, False

    def differs(self, place: str, wanted: str) -> None:
        self.reader.fault(place, _("{id} is there with other values, which stay: importing only adds.", id=wanted))

    def identify(self, row, wanted: str) -> None:
        """Keep the ID of the document, unless somebody has it: then the row gets one of its own."""
        prefix = f"{row.PREFIX}-"
        fits = wanted.startswith(prefix) and wanted.isascii() and wanted[len(prefix) :].isalnum() and len(wanted) <= 32
        if fits and not type(row).objects.filter(resource_id=wanted).exists():
            row.resource_id = wanted

    def group(self, values: dict, place: str) -> ResourceGroup:
        """A resource group by its name; one that is missing comes with what it holds."""
        name = self.reader.text(values, "resource_group", place)
        if not name:
            return self.actor.account.default_resource_group
        if len(name) > 64:
            self.reader.fault(f"{place}.resource_group", _("Use at most {count} characters.", count=64))
            return self.actor.account.default_resource_group
        return ResourceGroup.objects.get_or_create(account=self.actor.account, name=name)[0]

    def _same(self, told: dict, values: dict, without=()) -> bool:
        """Whether a document's item says what is there. What it leaves out it does not contradict."""
        return all(told.get(name, _ABSENT.get(name)) == value for name, value in values.items() if name not in without)

    def _groups(self, top: dict) -> None:
        for place, name in self.reader.items(top.get("resource_groups"), "resource_groups"):
            if name == "" or not isinstance(name, str):
                self.reader.fault(place, _("A text is expected."))
            else:
                self.group({"resource_group": name}, place.removesuffix(".resource_group"))

    def _gateways(self, top: dict) -> None:
        known = {"id", "region", "resource_group", "tags", *GATEWAY_FIELDS}
        for place, item in self.reader.items(top.get("customer_gateways"), "customer_gateways"):
            values = self.reader.mapping(item, place, known)

            def same(mine, values=values):
                told = {"id": mine.resource_id, "region": mine.region_id, "resource_group": mine.resource_group.name}
                return self._same(told | _values(mine, GATEWAY_FIELDS, True) | _tags(mine), values)

            wanted, new = self.begin(CustomerGateway, values, place, same)
            region = self.reader.region(values, place)
            if not (new and region):
                continue
            gateway = CustomerGateway(region_id=region, resource_group=self.group(values, place))
            self.reader.fill(gateway, values, GATEWAY_FIELDS, place)
            self.identify(gateway, wanted)
            tags = self.reader.tags(values, place)
            self.rows[wanted] = self.make(
                place, wanted, lambda g=gateway, t=tags: create_customer_gateway(self.step(), g, t)
            )

    def _cens(self, top: dict) -> None:
        known = {"id", "resource_group", "tags", "transit_routers", *CEN_FIELDS}
        for place, item in self.reader.items(top.get("cens"), "cens"):
            values = self.reader.mapping(item, place, known)

            def same(mine, values=values):
                told = {"id": mine.resource_id, "resource_group": mine.resource_group.name}
                return self._same(told | _values(mine, CEN_FIELDS, True) | _tags(mine), values, ("transit_routers",))

            wanted, new = self.begin(Cen, values, place, same)
            if new:
                cen = Cen(resource_group=self.group(values, place))
                self.reader.fill(cen, values, CEN_FIELDS, place)
                self.identify(cen, wanted)
                tags = self.reader.tags(values, place)
                self.rows[wanted] = made = self.make(place, wanted, lambda c=cen, t=tags: create_cen(self.step(), c, t))
                if made:
                    rest(made)
            if isinstance(cen := self.rows.get(wanted), Cen):
                self._routers(cen, values, place)

    def _routers(self, cen: Cen, values: dict, above: str) -> None:
        hanging = ("attachments", "route_entries")
        known = {"id", "region", "route_table", "cidrs", "tags", *hanging, *ROUTER_FIELDS}
        for place, item in self.reader.items(values.get("transit_routers"), f"{above}.transit_routers"):
            one = self.reader.mapping(item, place, known)

            def same(mine, one=one, cen=cen):
                told = {"id": mine.resource_id, "region": mine.region_id, "route_table": mine.route_table_id}
                told["cidrs"] = [block.cidr for block in mine.cidrs.all()]
                told |= _values(mine, ROUTER_FIELDS, True) | _tags(mine)
                return mine.cen_id == cen.pk and self._same(told, one, hanging)

            wanted, new = self.begin(TransitRouter, one, place, same)
            region = self.reader.region(one, place)
            if not (new and region):
                if isinstance(there := self.rows.get(wanted), TransitRouter):
                    self.hanging.append((there, one, place))
                continue
            router = TransitRouter(cen=cen, region_id=region)
            self.reader.fill(router, one, ROUTER_FIELDS, place)
            self.identify(router, wanted)
            table = self.reader.text(one, "route_table", place)
            free = not TransitRouter.objects.filter(route_table_id=table).exists()
            if router.resource_id and free and table.startswith("vtb-") and len(table) <= 32:
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
        known = {"id", "connection", "owner", "gateway_ip", "tags", *ATTACHMENT_FIELDS}
        for place, item in self.reader.items(values.get("attachments"), f"{above}.attachments"):
            one, before = self.reader.mapping(item, place, known), len(self.reader.faults)
            wanted = self.reader.text(one, "id", place)
            if wanted in self.rows:
                self.reader.fault(f"{place}.id", _("This ID stands twice in the document."))
            self.rows[wanted or place] = None
            connection_id, owner = self.reader.text(one, "connection", place), self._owner(one, place)
            attachment = Attachment(account=self.actor.account, transit_router=router)
            self.reader.fill(attachment, one, ATTACHMENT_FIELDS, place)
            self._judge(attachment, place)
            tags, address = self.reader.tags(one, place), self.reader.text(one, "gateway_ip", place)
            if len(self.reader.faults) > before:
                continue
            there = router.attachments.living().filter(connection__resource_id=connection_id).first()
            if there is not None:
                self.rows[wanted or place] = there
                # Its own ID may have been taken when it was made.
                if not _covers(_foreign_attachment(there, True), one | {"id": there.resource_id}):
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

    def _owner(self, values: dict, place: str) -> str:
        """The UID of another account."""
        owner = self.reader.text(values, "owner", place)
        # As an authorization is judged, which names one as well.
        for problem in rules.authorization_problems(self.actor.account.uid, owner, "cen-x"):
            self.reader.fault(f"{place}.owner", problem.message)
        return owner

    def _judge(self, row: Model, place: str) -> None:
        """Let a row judge itself, where it stands."""
        try:
            row.clean()
        except ValidationError as error:
            for problem in problems_of(error):
                self.reader.fault(f"{place}.{problem.field}", problem.message)

    def _entries(self, router: TransitRouter, values: dict, above: str) -> None:
        """Static entries of the route table, to attachments or nowhere."""
        for place, item in self.reader.items(values.get("route_entries"), f"{above}.route_entries"):
            one, before = self.reader.mapping(item, place, {"id", "attachment", *ENTRY_FIELDS}), len(self.reader.faults)
            wanted, leads_to = self.reader.text(one, "id", place), self.reader.text(one, "attachment", place)
            entry = RouteEntry(transit_router=router)
            self.reader.fill(entry, one, ENTRY_FIELDS, place)
            if leads_to:
                entry.attachment = self._refer(Attachment, leads_to, f"{place}.attachment")
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

    def _refer(self, model, wanted: str, place: str):
        """What another part of the document, or of the account, has under an ID."""
        if wanted in self.rows:
            row = self.rows[wanted]
            if isinstance(row, model) or row is None:
                return row
        elif row := model.objects.filter(account=self.actor.account, resource_id=wanted).first():
            return row
        self.reader.fault(place, _("There is nothing with the ID {id}, here or in the account.", id=wanted[:40]))
        return None

    def _connections(self, top: dict) -> None:
        known = {"id", "region", "resource_group", "tags", "tunnels", "routes", "automatic_routes", "authorizations"}
        known |= {"attachment", *CONNECTION_FIELDS}
        for place, item in self.reader.items(top.get("connections"), "connections"):
            values = self.reader.mapping(item, place, known)

            def same(mine, values=values, place=place):
                stored = Connection.objects.with_parts().get(pk=mine.pk)
                told, foreign = _connection(stored, True), _leads_elsewhere(values)
                if foreign and "attachment" not in told:
                    # Not attached yet; a private gateway address comes with that.
                    self._wait_for_owner(values["attachment"], place)
                    values = _without(values, "attachment", "gateway_ip")
                return _covers(told, values)

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
        self.reader.fill(connection, values, CONNECTION_FIELDS, place)
        connection.resource_group = self.group(values, place)
        self.identify(connection, wanted)
        tunnels, hopeless = [], False
        for at, item in self.reader.items(values.get("tunnels"), f"{place}.tunnels"):
            one = self.reader.mapping(item, at, {"id", "customer_gateway", "gateway_ip", *TUNNEL_FIELDS})
            tunnel = Tunnel(connection=connection, index=len(tunnels) + 1, region_id=region)
            self.reader.fill(tunnel, one, TUNNEL_FIELDS, at)
            gateway_id = self.reader.text(one, "customer_gateway", at)
            gateway = self._refer(CustomerGateway, gateway_id, f"{at}.customer_gateway")
            if gateway is None:
                hopeless = True
                continue
            tunnel.customer_gateway = gateway
            own = self.reader.text(one, "id", at)
            if own.startswith("tun-") and len(own) <= 32 and not Tunnel.objects.filter(resource_id=own).exists():
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
            one = self.reader.mapping(values["attachment"], at, {"id", "transit_router", "tags", *ATTACHMENT_FIELDS})
            router_id = self.reader.text(one, "transit_router", at)
            router = self._refer(TransitRouter, router_id, f"{at}.transit_router")
            hopeless = hopeless or router is None
            if router is not None:
                attachment = Attachment(account=self.actor.account, transit_router=router)
                self.reader.fill(attachment, one, ATTACHMENT_FIELDS, at)
                self._judge(attachment, at)
                tags_of_attachment = self.reader.tags(one, at)
                for problem in rules.tag_problems(tags_of_attachment):
                    self.reader.fault(f"{at}.{problem.field}", problem.message)
                own = self.reader.text(one, "id", at)
                self.identify(attachment, own)
                self.rows[own or at] = attachment
        parts = {
            "routes": self._parts(Route, ROUTE_FIELDS, values, place, "routes"),
            "automatic_routes": self._parts(Route, ("destination", "weight"), values, place, "automatic_routes"),
            "authorizations": self._parts(Authorization, AUTHORIZATION_FIELDS, values, place, "authorizations"),
            "attachment_tags": tags_of_attachment,
            "attachment": values["attachment"] if _leads_elsewhere(values) else None,
        }
        if hopeless:
            return None, parts
        return Draft(connection, tunnels, attachment, self.reader.tags(values, place)), parts

    def _foreign(self, told, place: str) -> None:
        """Judge what a connection says of an attachment that is another account's."""
        one = self.reader.mapping(told, place, {"transit_router", "cen", "owner"})
        self._owner(one, place)
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

    def _parts(self, model, names, values: dict, above: str, kind: str) -> list[tuple[str, Model]]:
        parts = []
        for place, item in self.reader.items(values.get(kind), f"{above}.{kind}"):
            row = model()
            self.reader.fill(row, self.reader.mapping(item, place, set(names)), names, place)
            parts.append((place, row))
        return parts

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
            write_tags(draft.attachment, parts["attachment_tags"], is_new=True)
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


def _without(value, *names: str):
    """The same without some fields, at every depth."""
    if isinstance(value, dict):
        return {name: _without(one, *names) for name, one in value.items() if name not in names}
    return [_without(one, *names) for one in value] if isinstance(value, list) else value


# How a problem's field is called in a document.
_SAID = {"entry_destination": "destination"}
# What a document need not say.
_ABSENT = {"tags": {}, "resource_group": "", "auth_key": ""}


def _covers(told, wanted) -> bool:
    """Whether everything that is wanted is told, at every depth. Lists are compared in their order."""
    if isinstance(wanted, dict):
        return isinstance(told, dict) and all(_covers(told.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list):
        return (not wanted and not told) or (
            isinstance(told, list) and len(told) == len(wanted) and all(map(_covers, told, wanted))
        )
    return told == wanted or (wanted == {} and told is None)
