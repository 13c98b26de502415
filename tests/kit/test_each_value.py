"""Each field of every form is set to each of its values by page objects, and what is stored equals them.

A form is saved as often as its longest list of values needs, with another value of each field every time. Runs with
--kit=full.
"""

import json
from collections.abc import Callable
from functools import partial
from itertools import zip_longest
from typing import Any

import pytest

from tests.kit.plugin import *  # noqa: F403
from tools.kit.registry import Field, all_forms
from vpn_console_kit import pages
from vpn_console_kit.base import Form
from vpn_console_kit.client import World
from vpn_console_kit.console import (
    REGION,
    CenDetails,
    ConnectionDetails,
    Console,
    CustomerGatewayDetails,
    RouterDetails,
)
from vpnconsole.testing.served import Server
from vpnconsole.testing.worlds import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.full]

FORMS = {form.name: {field.name: field for field in form.fields} for form in all_forms()}
# Texts have what a program must not take for its own.
TEXTS = ('with "quotes" & <b>', "with blanks, ünd ümläuts")
GATEWAYS = ("hamburg-dc1", "rotterdam-port")
GROUP = "Wide area network"

Values = dict[str, Any]


def offered(field: Field) -> tuple[Any, ...]:
    """The values that a field has by itself; none if they are typed, or depend on what there is."""
    if field.kind == "switch":
        return (True, False)
    if field.kind == "selects":
        return (list(field.values), [field.values[-1]], [field.values[0]])
    return field.values


def rounds(fixed: Values, **values: tuple[Any, ...]) -> list[Values]:
    """What a form is filled with each time: always the fixed values, and the next value of each other field."""
    missing = object()
    return [
        fixed | {name: value for name, value in zip(values, row, strict=True) if value is not missing}
        for row in zip_longest(*values.values(), fillvalue=missing)
    ]


def choices(form: str, *left_out: str, prefix: str = "", of: str = "") -> dict[str, tuple[Any, ...]]:
    """The values of all fields that have some by themselves. `of`: of those whose names are in another form, too."""
    return {
        name: values
        for name, field in FORMS[form].items()
        if name not in left_out
        and name.startswith(prefix)
        and (not of or name.removeprefix(prefix) in FORMS[of])
        and (values := offered(field))
    }


def complete(form: str, *all_rounds: list[Values]) -> None:
    """Judge whether rounds have each field: each value of a choice, and two values of what is typed."""
    set_to = {name: [] for name in FORMS[form]}
    for filled in (one for some in all_rounds for one in some):
        for name, value in filled.items():
            set_to[name] += value if FORMS[form][name].kind == "selects" else [value]
    for name, field in FORMS[form].items():
        if wanted := {True, False} if field.kind == "switch" else {*field.values}:
            assert {*set_to[name]} == wanted, name
        else:
            # Of a resource, there may be one.
            assert len({json.dumps(value) for value in set_to[name]}) > (field.kind != "select"), name


def exported(server: Server, world: World, user: str = "alice") -> dict:
    """The document of an account with keys."""
    return json.loads(Visitor(server, world.id, user).post("/resources/export/keys/", {"format": "json"}).text)


@pytest.fixture
def stored(server, world) -> Callable[..., dict]:
    return partial(exported, server, world)


# --- connections ----------------------------------------------------------------------------------------------------

TYPED = {
    "ike_lifetime": (4000, 86400),
    "local_id": ("here", "here.example.com"),
    "remote_id": ("there", "192.0.2.7"),
    "ipsec_lifetime": (5000, 3600),
}


def tunnel(form: str, number: int, block: int, prefix: str = "") -> dict[str, tuple[Any, ...]]:
    """The values of the fields of a tunnel. Blocks of addresses are this one and the next ones."""
    return {
        **choices(form, prefix=prefix, of="TunnelEditForm"),
        **{prefix + name: values for name, values in TYPED.items()},
        f"{prefix}customer_gateway": GATEWAYS[:: (-1) ** number],
        f"{prefix}psk": (f"only-for-tests-{number}", "k3y~`!@#$%^&*()_-+={}[]|;:,.<>/?"),
    } | {
        f"{prefix}tunnel_cidr": tuple(f"169.254.{block + n}.0/30" for n in range(5)),
        f"{prefix}local_bgp_ip": tuple(f"169.254.{block + n}.{1 + n % 2}" for n in range(5)),
    }


CEN, ROUTER = "harbour-backbone", "backbone-frankfurt"
PLACED = {"associate_resource": "CEN", "resource_group": GROUP, "cen": CEN, "transit_router": ROUTER}
ZONES = ("eu-central-1a", "eu-central-1b", "eu-central-1c")
SWITCHES = ("auto_publish_route_enabled", "associate_default_route_table", "propagate_to_default_route_table")
HEALTH = {
    "health_check_dip": ("192.168.0.1", "192.168.7.9"),
    "health_check_sip": ("10.1.0.1", "10.1.2.3"),
    "health_check_interval": (7, 3),
    "health_check_retry": (5, 4),
    "health_check_policy": (True, False),
}
NETWORKS = {
    "local_subnet": (["10.1.0.0/16"], ["10.1.0.0/16", "10.3.0.0/24", "10.4.0.0/24"]),
    "remote_subnet": (["192.168.0.0/16", "172.17.0.0/24"], ["192.168.0.0/16"]),
}
SHARED = {
    "name": TEXTS,
    "effect_immediately": ("True", "False"),
    "tags": ({"team": "net", "site": "hh"}, {}),
}


def single(form: str, block: int) -> list[Values]:
    """With one tunnel: with BGP, then with networks and a health check."""
    with_bgp = {"enable_bgp": True, "routing_mode": "destination", "health_check": False}
    with_networks = {"enable_bgp": False, "routing_mode": "protected", "health_check": True}
    first = {**tunnel(form, 1, block), "local_asn": (64999, 65000), **SHARED}
    if form == "ConnectionEditForm":
        return rounds(with_bgp, **first) + rounds(with_networks, **NETWORKS, **HEALTH)
    alone = {"tunnels": "1", "associate_resource": "NO_ASSOCIATED"}
    return [
        *rounds(alone | with_bgp, **first, network_type=("public", "private")),
        *rounds(alone | with_networks, **NETWORKS, **HEALTH),
        *rounds(alone | PLACED, zone=ZONES, **{name: (True, False) for name in SWITCHES}),
    ]


def dual(form: str, block: int) -> list[Values]:
    """With two tunnels."""
    own = {"tunnels": "2"} if "tunnels" in FORMS[form] else {}
    return rounds(
        own | {"enable_bgp": True, "routing_mode": "destination", "customer_gateway": GATEWAYS[0]},
        name=TEXTS,
        **{name: values for name, values in tunnel(form, 1, block).items() if name in ("tunnel_cidr", "local_bgp_ip")},
        **tunnel(form, 2, block + 5, "tunnel2_"),
    )


def flat(document: dict, world: World, id_: str) -> Values:
    """What a document has of a connection, by the names of fields."""
    (connection,) = (one for one in document["connections"] if one["id"] == id_)
    first, *others = connection["tunnels"]
    attachment = connection.get("attachment") or {}
    values = {**attachment, **first, **connection, "tunnels": str(len(connection["tunnels"]))}
    for second in others:
        values |= {f"tunnel2_{name}": value for name, value in second.items()}
    names = {
        named.id: name
        for of in (world.names.gateways, world.names.routers, world.names.cens)
        for name, named in of.items()
    }
    values = {name: names.get(value, value) if isinstance(value, str) else value for name, value in values.items()}
    routers = {router["id"]: cen["name"] for cen in document["cens"] for router in cen["transit_routers"]}
    return values | {
        "tags": connection.get("tags", {}),
        "associate_resource": "CEN" if attachment else "NO_ASSOCIATED",
        "cen": routers.get(attachment.get("transit_router")),
        "effect_immediately": str(values["effect_immediately"]),
        "health_check_policy": values["health_check_policy"] != "reserve_route",
    }


# It only filters what is offered.
FILTER = "resource_group"


def differences(values: Values, there: Values) -> Values:
    """What was typed and is stored otherwise, with what is stored."""
    return {name: (value, there[name]) for name, value in values.items() if name != FILTER and there[name] != value}


SHAPES = {"one": single, "two": dual}


def test_plans_have_each_value_of_each_field():
    for form in ("ConnectionForm", "ConnectionEditForm"):
        complete(form, single(form, 100) + dual(form, 110))


@pytest.mark.parametrize("tunnels", SHAPES)
def test_a_new_connection(app, world, stored, tunnels):
    made = []
    for values in SHAPES[tunnels]("ConnectionForm", 100):
        # It has to have a gateway; the form begins with the number of tunnels that was sent last.
        filled = {"tunnels": "1", "customer_gateway": GATEWAYS[0]} | values
        if tunnels == "two":
            filled = {"tunnel2_customer_gateway": GATEWAYS[1]} | filled
        sent = app.connections.create().fill(**filled).submit()
        assert sent.operation == "CreateVpnAttachment", (filled, sent)
        made.append((ConnectionDetails(app).id, filled))
    document = stored()
    assert [differences(values, flat(document, world, id_)) for id_, values in made] == [{}] * len(made)


def spare(world: World, count: int, tunnels: int) -> list[str]:
    """New connections, and their IDs."""
    names = [f"spare {number}" for number in range(count)]
    gateway = world.names.gateways[GATEWAYS[0]].id
    rows = [{"region": REGION, "name": name, "tunnels": [{"customer_gateway": gateway}] * tunnels} for name in names]
    if tunnels > 1:
        for number, row in enumerate(rows):
            blocks = (f"169.254.{150 + 2 * number}", f"169.254.{151 + 2 * number}")
            row |= {"enable_bgp": True, "local_asn": 64999}
            row["tunnels"] = [
                {"customer_gateway": gateway, "tunnel_cidr": f"{block}.0/30", "local_bgp_ip": f"{block}.1"}
                for block in blocks
            ]
    world.make("alice", connections=rows)
    return [world.names.connections[name].id for name in names]


@pytest.mark.parametrize("tunnels", SHAPES)
def test_a_stored_connection(app, world, stored, tunnels):
    plan = SHAPES[tunnels]("ConnectionEditForm", 100)
    ids = spare(world, len(plan), len(SHAPES) if tunnels == "two" else 1)
    for id_, values in zip(ids, plan, strict=True):
        app.open(f"/{REGION}/connections/{id_}/modify/")
        sent = pages.ConnectionEditForm(app).fill(**values).submit()
        assert sent.operation == "ModifyVpnAttachmentAttribute", (values, sent)
    document = stored()
    found = [differences(values, flat(document, world, id_)) for id_, values in zip(ids, plan, strict=True)]
    assert found == [{}] * len(ids)


def test_one_of_two_stored_tunnels(app, world, stored):
    plan = rounds({}, **tunnel("TunnelEditForm", 1, 100))
    complete("TunnelEditForm", plan)
    ids = spare(world, len(plan), 2)
    before = stored()
    tunnels = {
        one["id"]: [tunnel["id"] for tunnel in one["tunnels"]] for one in before["connections"] if one["id"] in ids
    }
    for number, (id_, values) in enumerate(zip(ids, plan, strict=True)):
        # They take turns.
        of = number % 2
        app.open(f"/{REGION}/connections/{id_}/tunnels/{tunnels[id_][of]}/modify/")
        sent = pages.TunnelEditForm(app, of + 1).fill(**values).submit()
        assert sent.operation == "ModifyVpnAttachmentAttribute", (values, sent)
    document = stored()
    for number, (id_, values) in enumerate(zip(ids, plan, strict=True)):
        prefix = "tunnel2_" if number % 2 else ""
        assert differences({prefix + name: value for name, value in values.items()}, flat(document, world, id_)) == {}


# --- devices --------------------------------------------------------------------------------------------------------

DEVICE = {
    "address": ("203.0.113.77", "10.0.0.7"),
    "peer_address": ("198.51.100.7", "198.51.100.8"),
    "ike_lifetime": (4000, 0),
    "psk": ("only-for-tests-5", "only-for-tests-6"),
    "local_id": ("device.example.com", "somebody@example.com"),
    "remote_id": ("cloud.example.com", "192.0.2.9"),
    "local_subnet": (["192.168.0.0/16"], ["192.168.0.0/16", "172.17.0.0/24"]),
    "remote_subnet": (["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"], ["10.1.0.0/16"]),
    "ipsec_lifetime": (5000, 0),
    "ipsec_kilobytes": (4_608_000, 0),
    "local_asn": (65077, 65078),
    "local_bgp_ip": ("169.254.99.2", "169.254.98.2"),
    "peer_asn": (45104, 64999),
    "peer_bgp_ip": ("169.254.99.1", "169.254.98.1"),
    "auth_key": ("k3y-k3y-k3y", "another-key"),
    "hold_time": (90, 30),
    "router_id": ("192.0.2.1", "192.0.2.2"),
    "bgp_source_ip": ("192.0.2.3", ""),
    "announced": (["10.1.0.0/16", "10.2.0.0/16"], ["10.1.0.0/16 65011"]),
    "loss": (7, 0),
    "mtu": (1300, 1500),
}
REMOVALS = {"clear_psk": "psk", "clear_auth_key": "auth_key"}


def test_a_simulated_device(app, world, stored):
    id_ = world.names.connections["hamburg-primary"].id
    # The first version decides about some settings, so it is one of several each time.
    own = choices("DeviceForm", "ike_version", "enable_bgp", *REMOVALS)
    plan = [
        *rounds({"enable_bgp": True, "ike_version": ["ikev1", "ikev2"]}, **own, **DEVICE),
        {"enable_bgp": True, "ike_version": ["ikev2", "ikev1"], **dict.fromkeys(REMOVALS, True)},
        {"enable_bgp": False, "ike_version": ["ikev1"]},
    ]
    device = app.connections.row("hamburg-primary").open().device()
    for values in plan:
        sent = device.edit().fill(**values).submit()
        assert sent.operation == "ModifyDevice", (values, sent)
        (there,) = (one["tunnels"][0]["device"] for one in stored()["connections"] if one["id"] == id_)
        removed = {REMOVALS[name]: "" for name in values if name in REMOVALS}
        kept = {name: value for name, value in values.items() if name not in REMOVALS}
        assert {name: there.get(name, "") for name in kept | removed} == kept | removed
    # A switch that removes a key is off, or there is no key.
    complete("DeviceForm", [*plan, dict.fromkeys(REMOVALS, False)])


# --- everything else ------------------------------------------------------------------------------------------------


def holds(there: object, values: Values) -> bool:
    """Whether a document has values somewhere, all in one place."""
    if isinstance(there, dict):
        return values.items() <= ({"tags": {}} | there).items() or any(holds(one, values) for one in there.values())
    return isinstance(there, list) and any(holds(one, values) for one in there)


# Of forms that make something, without what is chosen from what there is.
MADE = {
    "CustomerGatewayForm": rounds(
        {},
        name=TEXTS,
        ip_address=("203.0.113.99", "203.0.113.98"),
        asn=(65099, 65098),
        auth_key=("k3y-k3y-k3y", "another-key"),
        description=TEXTS,
        resource_group=(GROUP, "Default Resource Group"),
        tags=({"a": "b"}, {}),
    ),
    "CenForm": rounds(
        {}, name=TEXTS, description=TEXTS, resource_group=(GROUP, "Default Resource Group"), tags=({"a": "b"}, {})
    ),
    "TransitRouterForm": rounds(
        {},
        region_id=("us-west-1", "cn-hangzhou"),
        name=TEXTS,
        description=TEXTS,
        cidrs=(["10.222.0.0/20"], ["10.226.0.0/20", "10.224.0.0/20"]),
        tags=({"a": "b"}, {}),
    ),
    "RouterCidrForm": rounds(
        {},
        name=TEXTS,
        cidr=("10.223.0.0/20", "10.225.0.0/24"),
        description=TEXTS,
        publish_cidr_route=(False, True),
    ),
    "RouteTableForm": rounds({}, name=TEXTS, description=TEXTS),
    "RouteForm": rounds({}, destination=("10.99.0.0/16", "10.98.0.0/16"), weight=("0", "100"), description=TEXTS),
    "TagsForm": rounds({}, tags=({"x": "y", "a": TEXTS[1]}, {})),
    "MemberForm": rounds(
        {},
        username=("nina", "omar2", "rob"),
        first_name=("Nina", "O'mar"),
        last_name=("Novak", "Ünver"),
        role=("administrator", "operator", "read_only"),
        password=("a-long-password-1", "a long password 2", "a-long-password-3"),
    ),
}


def save_each(form_name: str, opened: Callable[[], Form], plan: list[Values] | None = None) -> list[Values]:
    """Fill and send a form as often as needed. Return what was typed."""
    plan = MADE[form_name] if plan is None else plan
    for values in plan:
        form = opened()
        assert type(form).__name__ == form_name
        sent = form.fill(**values).submit()
        assert sent.operation, (form_name, values, sent)
    return plan


def lacking(document: object, plan: list[Values], *left_out: str) -> list[Values]:
    """What a document has nowhere."""
    wanted = [{name: value for name, value in values.items() if name not in left_out} for values in plan]
    return [values for values in wanted if not holds(document, values)]


def test_customer_gateways(app, world, stored):
    made = save_each("CustomerGatewayForm", app.customer_gateways.create)
    complete("CustomerGatewayForm", made)
    document = stored()
    assert lacking(document, made) == []
    names = {one["name"]: one["id"] for one in document["customer_gateways"]}
    # In the order in which they were made; then the key is removed.
    ids = [names[values["name"]] for values in made] + [names[made[0]["name"]]]
    plan = [
        {"name": "other", "auth_key": "a-third-key", "description": "other", "clear_auth_key": False},
        {"name": "another", "auth_key": "a-fourth-key", "description": ""},
        {"clear_auth_key": True},
    ]
    complete("CustomerGatewayEditForm", plan)
    for id_, values in zip(ids, plan, strict=True):
        app.open(f"/{REGION}/customer-gateways/{id_}/")
        CustomerGatewayDetails(app).edit().fill(**values).submit()
        (there,) = (one for one in stored()["customer_gateways"] if one["id"] == id_)
        changed = {name: value for name, value in values.items() if name != "clear_auth_key"}
        changed |= {"auth_key": ""} if values.get("clear_auth_key") else {}
        assert {name: there.get(name, "") for name in changed} == changed


def router_page(app: Console, cen: str, router: str) -> RouterDetails:
    names = app.world.names
    app.open(f"/cens/{names.cens[cen].id}/transit-routers/{names.routers[router].id}/")
    return RouterDetails(app)


def test_cens_routers_and_what_is_in_them(app, world, stored):
    cens = save_each("CenForm", app.cens.create)
    cen = app.cens.row(cens[0]["name"]).open().id
    routers = save_each("TransitRouterForm", lambda: (app.open(f"/cens/{cen}/"), CenDetails(app).create_router())[1])
    blocks = save_each("RouterCidrForm", lambda: router_page(app, CEN, ROUTER).create_cidr())
    tables = save_each("RouteTableForm", lambda: router_page(app, CEN, ROUTER).create_route_table())
    document = stored()
    assert lacking(document, cens) == lacking(document, blocks) == lacking(document, tables) == []
    assert lacking(document, routers, "region_id", "cidrs") == []
    there = {
        router["region"]: [block["cidr"] for block in router["cidrs"]]
        for one in document["cens"]
        if one["id"] == cen
        for router in one["transit_routers"]
    }
    assert there == {values["region_id"]: values["cidrs"] for values in routers}
    # Of regions, a form that is not sent is enough. It offers those that have no transit router yet.
    app.open(f"/cens/{cen}/")
    form = CenDetails(app).create_router()
    left = [region for region in FORMS["TransitRouterForm"]["region_id"].values if region not in there]
    for region in left:
        form.fill(region_id=region)
        assert form.control("region_id").input_value() == region
    complete("TransitRouterForm", routers + [{"region_id": region} for region in left])
    for form_name in ("CenForm", "RouterCidrForm", "RouteTableForm"):
        complete(form_name, MADE[form_name])


def test_routes_and_tags_of_a_connection(app, world, stored):
    id_ = world.names.connections["hamburg-primary"].id

    def details() -> ConnectionDetails:
        app.open(f"/{REGION}/connections/{id_}/")
        return ConnectionDetails(app)

    routes = save_each("RouteForm", lambda: details().add_route())
    complete("RouteForm", routes)
    assert lacking(stored(), [values | {"weight": int(values["weight"])} for values in routes]) == []
    complete("TagsForm", MADE["TagsForm"])
    for values in MADE["TagsForm"]:
        save_each("TagsForm", lambda: details().edit_tags(), [values])
        (there,) = (one for one in stored()["connections"] if one["id"] == id_)
        assert there.get("tags", {}) == values["tags"]


def test_connections_are_opened_to_another_account_and_attached(app, as_persona, world, stored):
    first, second, *own = spare(world, 5, 1)
    peer = {"peer_uid": world.members["bob"]["uid"], "peer_cen_id": world.names.cens["summit-core"].id}
    grants = [
        peer | {"order_type": "PayByCenOwner"},
        {"peer_uid": "1234567890123456", "peer_cen_id": "cen-ofsomebody", "order_type": "PayByResourceOwner"},
    ]
    complete("AuthorizationForm", grants)
    for id_, values in zip((first, second), grants, strict=True):
        app.open(f"/{REGION}/connections/{id_}/")
        save_each("AuthorizationForm", lambda: ConnectionDetails(app).authorize(), [values])
    attached = rounds(
        {"resource_owner": "current"},
        connection=("spare 2", "spare 3", "spare 4"),
        name=TEXTS,
        zone=ZONES,
        **{name: (True, False) for name in SWITCHES},
    )
    save_each("AttachForm", lambda: router_page(app, CEN, ROUTER).attach(), attached)
    owner = {"resource_owner": "different", "owner_uid": world.members["alice"]["uid"], "connection": first}
    bobs = as_persona("bob")
    placed = owner | {"zone": ZONES[1]}
    save_each("AttachForm", lambda: router_page(bobs, "summit-core", "core-frankfurt").attach(), [placed])
    complete("AttachForm", [*attached, owner, {"owner_uid": "another"}])
    connections = {one["id"]: one for one in stored()["connections"]}
    assert [connections[id_]["authorizations"] for id_ in (first, second)] == [[one] for one in grants]
    assert lacking(connections[own[0]], attached[:1], "resource_owner", "connection") == []
    for id_, values in zip(own, attached, strict=True):
        assert lacking(connections[id_]["attachment"], [values], "resource_owner", "connection") == []
    assert lacking(stored("bob"), [{"connection": first, "owner": owner["owner_uid"], "zone": ZONES[1]}]) == []


def test_members_and_access_keys(app, server, world):
    members = save_each("MemberForm", app.members.create)
    complete("MemberForm", members)
    there = world.state()["members"]
    for values in members:
        assert there[values["username"]]["role"] == values["role"]
        visitor = Visitor(server, world.id)
        visitor.get("/login/")
        assert visitor.post("/login/", {name: values[name] for name in ("username", "password")}).status == 302
    named = [" ".join(values.get(name, "") for name in ("first_name", "last_name")).strip() for values in members]
    assert [there[values["username"]]["name"] for values in members[:2]] == named[:2]
    for user in ("nina", "alice"):
        app.open("/access-keys/create/")
        pages.AccessKeyForm(app).fill(user=user).submit()
        made = world.events()[-1]
        assert (made["operation"], made["facts"]) == ("CreateAccessKey", {"user": user})
