"""Send one choice of a field through every door, and collect what each door stores, returns or prints for it.

A door is a function of a choice. Most doors read: they return the stored value, which must be the chosen one. The peer
configurations and Show as code print: two choices of a field must not print the same text. `Silent` means that a door
cannot express the field.
"""

import json
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import NamedTuple

from django.apps import apps
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from connections import ids
from connections.api.actions import ACTIONS
from connections.as_code import python, recipes, request, shell, terraform
from connections.as_code.events import recipe_of
from connections.as_code.steps import Endpoint
from connections.console.forms.connections import ConnectionForm, SwitchChoiceField
from connections.documents import as_text, exported, import_text
from connections.domain import applicability, parsing
from connections.domain.choices import (
    AssociateResource,
    DhGroup,
    IkeVersion,
    NetworkType,
    Payer,
    PfsGroup,
    Role,
    RoutingMode,
)
from connections.domain.regions import REGIONS
from connections.models import (
    AccessKey,
    Account,
    Attachment,
    Authorization,
    Connection,
    Event,
    Route,
    TransitRouterCidr,
    Tunnel,
    User,
)
from connections.peer_config import DIALECTS, Document, from_connection, generate
from connections.peer_config.dialect import value_at
from connections.services.accounts import create_account
from connections.services.attachments import PAYER_REST, create_attachment
from connections.services.authorizations import authorize, change_payer
from connections.wire.names import wire_name
from tests.console.conftest import signed_in
from tests.documents import POLICIES_ALONE, protecting
from vpnconsole.testing import factories
from vpnconsole.testing.clients import CBN, VPC, ApiClient
from vpnconsole.testing.pages import main_form

REGION = factories.REGION
CREATE = reverse("connection-create", args=[REGION])
READING = ("form", "api", "document", "export")
LANGUAGES = {f"code.{module.__name__.rpartition('.')[2]}": module for module in (python, shell, terraform, request)}
PRINTING = (*LANGUAGES, *DIALECTS)
DOORS = (*READING, *PRINTING)


class Silent(Exception):
    """A door cannot express a field."""


class Field(NamedTuple):
    """A field with choices, identified by model and name."""

    model: str
    name: str

    def __str__(self) -> str:
        return f"{self.model}.{self.name}"


# --- the choices -------------------------------------------------------------------------------------------------


def declared() -> dict[Field, tuple]:
    """Every column with a fixed set of values, and these values."""
    choices = {}
    for model in apps.get_app_config("connections").get_models():
        for field in model._meta.fields:
            if isinstance(field, models.BooleanField):
                choices[Field(model.__name__, field.name)] = (True, False)
            elif field.choices:
                choices[Field(model.__name__, field.name)] = tuple(value for value, _ in field.flatchoices)
    # A choice in the form, stored as an attachment.
    choices[Field("Connection", "associate_resource")] = tuple(AssociateResource)
    return choices


# --- context of a choice ------------------------------------------------------------------------------------------

# A version and groups that every dialect can write, which is not true of the defaults.
COMMON = {"ike_version": IkeVersion.IKEV2, "ike_pfs": DhGroup.GROUP14, "ipsec_pfs": PfsGroup.GROUP14}
# Values of other fields without which a field has no effect.
CONTEXT = {
    "ike_mode": {"ike_version": IkeVersion.IKEV1},
    # A private connection gets its gateway address from the transit router.
    "network_type": {"associate_resource": AssociateResource.CEN},
    "auto_config_route": {"routing_mode": RoutingMode.PROTECTED},
}
# Fields that a value requires.
COMPANIONS = {
    ("routing_mode", RoutingMode.PROTECTED): {"local_subnet": ["10.10.0.0/16"], "remote_subnet": ["192.168.7.0/24"]},
    ("enable_bgp", True): {"tunnel_cidr": "169.254.21.0/30", "local_bgp_ip": "169.254.21.2"},
    ("health_check", True): {"health_check_dip": "192.168.7.9", "health_check_sip": "10.10.0.9"},
}
# The path of each field in the peer's document.
IN_DOCUMENT = {
    "network_type": "remote_ip",
    "routing_mode": "routing_mode",
    "effect_immediately": "cloud_initiates",
    "auto_config_route": "destinations",
    "enable_bgp": "bgp",
    "health_check": "health_check",
    "ike_version": "ike.version",
    "ike_mode": "ike.mode",
    "ike_enc_alg": "ike.encryption",
    "ike_auth_alg": "ike.authentication",
    "ike_pfs": "ike.group",
    "ipsec_enc_alg": "ipsec.encryption",
    "ipsec_auth_alg": "ipsec.authentication",
    "ipsec_pfs": "ipsec.pfs",
    "enable_dpd": "dpd",
    "enable_nat_traversal": "nat_traversal",
}
# The two objects that have another name in responses.
ANSWERED_AS = {"BgpConfig": "VpnBgpConfig", "HealthCheckConfig": "VcoHealthCheck"}


def with_companions(name: str, value) -> dict:
    """The choice with all values that it needs to be valid and to have an effect."""
    values = {**COMMON, **CONTEXT.get(name, {}), name: value}
    for one in tuple(values):
        if one in applicability.APPLIES_WHEN:
            decider, expected = applicability.APPLIES_WHEN[one]
            values.setdefault(decider, expected)
    for (decider, expected), others in COMPANIONS.items():
        if values.get(decider) == expected:
            values |= others
    return values


def as_member(value, members: Iterable):
    """The member that a text from the API, a form or a file represents; the text itself if there is none."""
    spelled = {str(getattr(one, "value", one)).lower(): one for one in members}
    return spelled.get(str(getattr(value, "value", value)).lower(), value)


# --- the walk ----------------------------------------------------------------------------------------------------


class World:
    """Two accounts. The data of one choice is rolled back, so that two walks differ only in the choice."""

    def __init__(self):
        self.alice = factories.make_user()
        self.bob = factories.make_user(factories.make_account("Summit Retail"), "bob")
        self.account = self.alice.account
        self.console = signed_in(self.alice)
        self.api = ApiClient(AccessKey.objects.create(user=self.alice))
        self.gateway = factories.make_customer_gateway(self.account)
        self.router = factories.make_transit_router(self.account, cidrs=["10.200.0.0/20"])
        self.peer = {"peer_uid": self.bob.account.uid, "peer_cen_id": factories.make_cen(self.bob.account).resource_id}
        self.seen: dict[tuple[Field, object, str], object] = {}
        # The form data of the create page as a browser would submit it unchanged. Read here, because a walk draws its
        # random values from a seed, and a page draws some too.
        self.create_page = main_form(self.console.get(CREATE).content.decode())

    def see(self, field: Field, value, door: str):
        """What a door returns for a choice: a value, a text, or the exception that it raised."""
        if (field, value, door) not in self.seen:
            walk = walk_of(field)(self, field, value)
            self.seen |= {(field, value, each): seen for each, seen in walk.through(DOORS).items()}
        return self.seen[field, value, door]

    def ok(self, address: str, data: dict) -> None:
        """Submit a form that must be accepted."""
        answer = self.console.post(address, data)
        assert answer.status_code == 302, answer.context["form"].error_summary


class Walk:
    """One choice on its way. A subclass knows where its fields are chosen; its other doors raise Silent."""

    def __init__(self, world: World, field: Field, value):
        self.world, self.field, self.value = world, field, value
        self.members = declared()[field]

    def through(self, doors: Iterable[str]) -> dict[str, object]:
        """The result of each door. All data is rolled back."""
        seen = {"api": self.undone("api")}
        with transaction.atomic():
            try:
                # The same random values for all choices of a field.
                with ids.seeded(str(self.field)), transaction.atomic():
                    _ = self.row
            except Exception as error:
                return dict.fromkeys(doors, error) | seen
            seen |= {door: self.undone(door) for door in doors if door != "api"}
            transaction.set_rollback(True)
        return seen

    def undone(self, door: str):
        """The result of a door, whose changes are rolled back."""
        try:
            with transaction.atomic():
                seen = self.at(door)
                transaction.set_rollback(True)
        except Exception as error:
            return error
        return seen

    def at(self, door: str):
        if door in LANGUAGES:
            return LANGUAGES[door].text(self.recipe, Endpoint("console.example", "https", self.world.account.uid))
        if door in DIALECTS:
            document = self.peer_document
            if door in POLICIES_ALONE and self.field.name != "routing_mode":
                document = protecting(document)
            made = generate(DIALECTS[door], document)
            return dict(made.files), tuple((note.code, str(note.text), note.refuses) for note in made.notes)
        return as_member(getattr(self, door)(), self.members)

    # The row that all doors but the API read, stored by the form if the form has the field.

    row = None

    @property
    def recipe(self):
        raise Silent

    @property
    def peer_document(self) -> Document:
        raise Silent

    def form(self):
        raise Silent

    def api(self):
        raise Silent

    def document(self):
        raise Silent

    def export(self):
        raise Silent

    def imported(self) -> dict:
        """The connection in the export of an account that has imported this account's export."""
        [connection] = self.imported_document()["connections"]
        return connection

    def imported_document(self) -> dict:
        """The export of an account that has imported this account's export."""
        text = as_text(exported(self.world.account, keys=True), "json")
        other = create_account("Copy")
        assert import_text(factories.make_actor(other), text).faults == []
        return json.loads(as_text(exported(other, keys=True), "json"))


class ConnectionWalk(Walk):
    """Fields of a connection, its tunnel and its attachment, on the create page or only in the API."""

    def __init__(self, *args):
        super().__init__(*args)
        self.values = with_companions(self.field.name, self.value)

    @cached_property
    def row(self) -> Connection:
        made = self.posted() if self.in_form else self.made()
        return Connection.objects.with_parts().get(pk=made.pk)

    @cached_property
    def blank(self) -> ConnectionForm:
        return ConnectionForm(self.world.account, REGIONS[REGION])

    @property
    def in_form(self) -> bool:
        return bool(self.blank.html_names([self.field.name]))

    def posted(self) -> Connection:
        """Create the connection with the form: submit the page with the choice filled in."""
        router, placement = self.world.router, {}
        if self.values.get("associate_resource") == AssociateResource.CEN:
            placement = {"cen": router.cen.resource_id, "transit_router": router.resource_id, "zone": f"{REGION}a"}
        data = dict(self.world.create_page)
        values = {"customer_gateway": self.world.gateway.resource_id, "psk": "s3cret.key", **self.values, **placement}
        for name, value in values.items():
            [html_name] = self.blank.html_names([name])
            field = self.blank.fields[html_name]
            on = field.to_python(True) if isinstance(field, SwitchChoiceField) else True
            if field.widget.input_type == "checkbox" if hasattr(field.widget, "input_type") else False:
                data[html_name] = ["on"] if value == on else []
            else:
                data[html_name] = value if isinstance(value, list) else [str(getattr(value, "value", value))]
        self.world.ok(CREATE, data)
        return Connection.objects.latest("id")

    def made(self) -> Connection:
        values = {name: value for name, value in self.values.items() if name not in TUNNEL}
        return factories.make_connection(self.world.account, gateway=self.world.gateway, **values)

    def form(self):
        if not self.in_form:
            raise Silent
        return self.stored()

    def stored(self):
        row, name = self.row, self.field.name
        owner = {"Connection": row, "Tunnel": row.tunnel, "Attachment": row.living_attachment}[self.field.model]
        return getattr(owner, name)

    def document(self):
        if self.field.name not in IN_DOCUMENT:
            return self.peer_document
        value = value_at(self.peer_document, IN_DOCUMENT[self.field.name])
        if self.field.name == "network_type":
            return NetworkType.PRIVATE if parsing.is_private_address(value) else NetworkType.PUBLIC
        return value if value in self.members else bool(value)

    @property
    def peer_document(self) -> Document:
        return from_connection(self.row)

    @property
    def recipe(self):
        return recipes.connection(self.row, self.row.tunnels.all(), self.row.living_attachment, ())

    def export(self):
        connection, name = self.imported(), self.field.name
        if name == "associate_resource":
            return AssociateResource.CEN if "attachment" in connection else AssociateResource.NONE
        owner = {
            "Connection": connection,
            "Tunnel": connection["tunnels"][0],
            "Attachment": connection.get("attachment"),
        }
        return owner[self.field.model][name]

    # The API: create, attach if necessary, describe.

    def api(self):
        api, values = self.world.api, self.values
        anywhere = [str(parsing.ANYWHERE)]
        networks = {wire_name(name): ",".join(values.get(name, anywhere)) for name in ("local_subnet", "remote_subnet")}
        own = {"CustomerGatewayId": self.world.gateway.resource_id, **networks}
        made = api.ok("CreateVpnAttachment", RegionId=REGION, **own | parameters(VPC, "CreateVpnAttachment", values))
        which = {"RegionId": REGION, "VpnConnectionId": made["VpnConnectionId"]}
        if values.get("associate_resource") == AssociateResource.CEN:
            link = self.attach(made["VpnConnectionId"])
            if self.field.name in LINKS:
                return self.is_linked(link)
        return self.described(api.ok("DescribeVpnConnection", **which), which)

    def attach(self, connection_id: str) -> dict:
        api, action = self.world.api, "CreateTransitRouterVpnAttachment"
        attached = api.ok(
            action, CBN, RegionId=REGION, TransitRouterId=self.world.router.resource_id, VpnId=connection_id,
            Zone=[{"ZoneId": f"{REGION}a"}], **parameters(CBN, action, self.values),
        )  # fmt: skip
        link = {"TransitRouterAttachmentId": attached["TransitRouterAttachmentId"]}
        link |= {"TransitRouterRouteTableId": self.world.router.default_table.resource_id}
        if self.field.name in LINKS and self.value:
            api.ok(LINKS[self.field.name][0], CBN, **link)
        return link

    def is_linked(self, link: dict) -> bool:
        """Whether the link can be removed: removing a missing one is refused."""
        return self.world.api.call(LINKS[self.field.name][1], CBN, **link).status_code == 200

    def described(self, answer: dict, which: dict):
        name = self.field.name
        if name == "associate_resource":
            return answer["AttachType"]
        if name == "routing_mode":
            anywhere = answer["LocalSubnet"] == answer["RemoteSubnet"] == str(parsing.ANYWHERE)
            return RoutingMode.DESTINATION if anywhere else RoutingMode.PROTECTED
        if name == "auto_config_route":
            return bool(self.world.api.ok("DescribeVcoRouteEntries", **which)["VcoRouteEntries"])
        if self.field.model == "Attachment":
            [attachment] = self.world.api.ok("ListTransitRouterVpnAttachments", CBN)["TransitRouterAttachments"]
            return attachment[wire_name(name)]
        parameter, key = place(VPC, "CreateVpnAttachment", name)
        if not key:
            return answer[parameter]
        return {each.lower(): one for each, one in answer[ANSWERED_AS.get(parameter, parameter)].items()}[key.lower()]


TUNNEL = {field.name for field in Tunnel._meta.fields}
LINKS = {switch: (on, off) for switch, on, off, _ in recipes.ROUTE_TABLE}


def place(version: str, action: str, name: str) -> tuple[str, str]:
    """The parameter of an operation for a field, and the key within it if it is an object. Raises Silent."""
    for parameter in ACTIONS[version, action].parameters:
        if parameter.name == wire_name(name):
            return parameter.name, ""
        for key, field in getattr(parameter, "keys", {}).items():
            if field == name:
                return parameter.name, key
    raise Silent


def parameters(version: str, action: str, values: dict) -> dict[str, str]:
    """The values that an operation accepts, as its parameters."""
    sent: dict[str, str] = {}
    objects: dict[str, dict] = {}
    for name, value in values.items():
        try:
            parameter, key = place(version, action, name)
        except Silent:
            continue
        text = str(value).lower() if isinstance(value, bool) else str(getattr(value, "value", value))
        if key:
            objects.setdefault(parameter, {})[key] = text
        elif not isinstance(value, list):
            sent[parameter] = text
    return sent | {name: json.dumps(one) for name, one in objects.items()}


class EventWalk(Walk):
    """Fields that are chosen on a separate page; Show as code builds its recipe from the event."""

    @property
    def recipe(self):
        found = recipe_of(Event.objects.filter(account=self.world.account).latest("id"))
        if found is None:
            raise Silent
        return found

    def form(self):
        return getattr(self.row, self.field.name)

    def send(self, page: str, *where: str, **data) -> None:
        self.world.ok(reverse(page, args=where), {name: str(value) for name, value in data.items()})

    def connection(self, **more) -> Connection:
        return factories.make_connection(self.world.account, gateway=self.world.gateway, **more)


class AuthorizationWalk(EventWalk):
    @cached_property
    def row(self) -> Authorization:
        made = self.connection()
        self.send("authorization-create", REGION, made.resource_id, **self.world.peer, order_type=self.value)
        return made.authorizations.get()

    def api(self):
        api, which = self.world.api, {"InstanceId": self.connection().resource_id, "InstanceType": "VPN"}
        uid, cen = self.world.peer.values()
        api.ok("GrantInstanceToTransitRouter", CBN, CenOwnerId=uid, CenId=cen, OrderType=self.value, **which)
        about = {"ResourceId": which["InstanceId"], "ProductType": "VPN"}
        return api.ok("DescribeGrantRulesToResource", CBN, **about)["GrantRules"][0]["OrderType"]

    def export(self):
        return self.imported()["authorizations"][0]["order_type"]


class PayerWalk(EventWalk):
    """The payer of an attachment of another account's connection, changed to what its owner has authorized."""

    def attached(self) -> Attachment:
        """An old enough attachment with the other payer, whose owner has meanwhile authorized the choice."""
        [before] = [payer for payer in Payer if payer != self.value]
        theirs, router = factories.make_connection(self.world.bob.account), self.world.router
        peer = {"peer_uid": self.world.account.uid, "peer_cen_id": router.cen.resource_id}
        authorize(factories.make_actor(theirs.account), Authorization(connection=theirs, **peer, order_type=before))
        draft = Attachment(transit_router=router, zone=f"{REGION}a")
        made = create_attachment(
            factories.make_actor(self.world.account), draft, theirs.resource_id, self.world.bob.account.uid
        )
        change_payer(factories.make_actor(theirs.account), theirs, router.cen.resource_id, self.value)
        Attachment.objects.filter(pk=made.pk).update(payer_since=timezone.now() - 2 * PAYER_REST)
        return made

    @cached_property
    def row(self) -> Attachment:
        made, router = self.attached(), self.world.router
        address = reverse("attachment-modify", args=[router.cen.resource_id, router.resource_id, made.resource_id])
        data = main_form(self.world.console.get(address).content.decode())
        self.world.ok(address, data | {"order_type": [self.value]})
        return Attachment.objects.get(pk=made.pk)

    def api(self):
        which = {"TransitRouterAttachmentId": self.attached().resource_id}
        self.world.api.ok("UpdateTransitRouterVpnAttachmentAttribute", CBN, OrderType=self.value, **which)
        listed = self.world.api.ok("ListTransitRouterVpnAttachments", CBN, **which)
        return listed["TransitRouterAttachments"][0]["OrderType"]


class RouteWalk(EventWalk):
    DESTINATION = "172.20.0.0/16"

    @cached_property
    def row(self) -> Route:
        made = self.connection(router=self.world.router)
        where = (REGION, made.resource_id)
        self.send("route-create", *where, destination=self.DESTINATION, weight=self.value, description="")
        return made.routes.get()

    def api(self):
        made = self.connection(router=self.world.router).resource_id
        which = {"RegionId": REGION, "VpnConnectionId": made}
        route = {"RouteDest": self.DESTINATION, "NextHop": made, "Weight": self.value}
        self.world.api.ok("CreateVcoRouteEntry", **which, **route)
        return self.world.api.ok("DescribeVcoRouteEntries", **which)["VcoRouteEntries"][0]["Weight"]

    def export(self):
        return self.imported()["routes"][0]["weight"]


class CidrWalk(EventWalk):
    """A CIDR block that is added to a transit router."""

    CIDR = "10.210.0.0/24"

    @cached_property
    def row(self) -> TransitRouterCidr:
        router = self.world.router
        on = {"publish_cidr_route": "on"} if self.value else {}
        self.send("router-cidr-create", router.cen.resource_id, router.resource_id, cidr=self.CIDR, **on)
        return router.cidrs.get(cidr=self.CIDR)

    def api(self):
        which = {"RegionId": REGION, "TransitRouterId": self.world.router.resource_id}
        value = str(self.value).lower()
        self.world.api.ok("CreateTransitRouterCidr", CBN, **which, Cidr=self.CIDR, PublishCidrRoute=value)
        return self.world.api.ok("ListTransitRouterCidr", CBN, **which)["CidrLists"][-1]["PublishCidrRoute"]

    def export(self):
        return self.imported_document()["cens"][0]["transit_routers"][0]["cidrs"][-1]["publish_cidr_route"]


class MemberWalk(EventWalk):
    @cached_property
    def row(self) -> User:
        if self.field.name == "role":
            self.send("member-create", username="rita", password=factories.PASSWORD, role=self.value)
        else:
            factories.make_user(self.world.account, "rita", role=Role.OPERATOR, is_active=not self.value)
            self.send("member-active", "rita", enable="yes" if self.value else "no")
        return User.objects.get(username="rita")


class AccountWalk(EventWalk):
    """A setting of the account."""

    @cached_property
    def row(self) -> Account:
        self.send("account-settings", new_devices=self.value)
        return Account.objects.get(pk=self.world.account.pk)

    def export(self):
        other = create_account("Copy")
        assert import_text(factories.make_actor(other), as_text(exported(self.row), "json")).faults == []
        return Account.objects.get(pk=other.pk).new_devices


class AccessKeyWalk(EventWalk):
    @cached_property
    def row(self) -> AccessKey:
        [before] = [status for status in self.members if status != self.value]
        key = AccessKey.objects.create(user=self.world.alice, status=before)
        self.send("access-key-status", key.access_key_id, status=self.value)
        key.refresh_from_db()
        return key


def walk_of(field: Field) -> Callable[..., Walk]:
    if field == Field("Attachment", "order_type"):
        return PayerWalk
    return WALKS[field.model]


WALKS = {
    "Connection": ConnectionWalk,
    "Tunnel": ConnectionWalk,
    "Attachment": ConnectionWalk,
    "Authorization": AuthorizationWalk,
    "Route": RouteWalk,
    "TransitRouterCidr": CidrWalk,
    "User": MemberWalk,
    "AccessKey": AccessKeyWalk,
    "Account": AccountWalk,
}
