"""The life of a connection between two accounts: every action in every state, and its effects."""

import json

import pytest

from connections import routing
from connections.documents import as_text, exported, import_text
from connections.domain.refusals import Invalid, Refused
from connections.models import Attachment, Authorization, Connection, Event, Route, Tag, Tunnel
from connections.services.attachments import available, create_attachment, delete_attachment, modify_attachment
from connections.services.authorizations import authorize, change_payer, unauthorize
from connections.services.cens import delete_transit_router
from connections.services.connections import delete_connection, modify_connection
from connections.services.devices import load_configuration
from connections.services.drafts import Draft
from connections.services.routes import change_weight, create_route, delete_route
from tests import route_tables
from vpnconsole.testing import factories
from vpnconsole.testing.factories import REGION, make_account, make_actor

pytestmark = pytest.mark.django_db

PROTECTED = {"routing_mode": "protected", "local_subnet": ["10.0.0.0/16"], "remote_subnet": ["192.168.0.0/16"]}


class World:
    """Account A with a connection, account B with a transit router, and all actions of both."""

    def __init__(self, **connection):
        self.a, self.b = make_account("A"), make_account("B")
        self.gateway = factories.make_customer_gateway(self.a)
        self.router_a = factories.make_transit_router(self.a, cidrs=["10.200.0.0/20"])
        self.router_b = factories.make_transit_router(self.b, cidrs=["10.201.0.0/20"])
        self.id = factories.make_connection(self.a, gateway=self.gateway, **connection).resource_id

    @property
    def connection(self) -> Connection:
        return Connection.objects.with_parts().get(resource_id=self.id)

    @property
    def attachment(self) -> Attachment:
        return Attachment.objects.living().get(connection__resource_id=self.id)

    def attach(self, router, owner_uid="", zone="eu-central-1a", **more):
        actor = make_actor(router.account)
        return create_attachment(actor, Attachment(transit_router=router, zone=zone, **more), self.id, owner_uid)

    def attach_a(self):
        return self.attach(self.router_a)

    def attach_b(self):
        return self.attach(self.router_b, self.a.uid)

    def authorize(self, **changed):
        values = {"peer_uid": self.b.uid, "peer_cen_id": self.router_b.cen.resource_id} | changed
        return authorize(make_actor(self.a), Authorization(connection=self.connection, **values))

    def unauthorize(self):
        unauthorize(make_actor(self.a), self.connection, self.router_b.cen.resource_id)

    def detach(self):
        attachment = self.attachment
        delete_attachment(make_actor(attachment.account), attachment, force=True)

    def delete(self):
        delete_connection(make_actor(self.a), self.connection)

    def modify(self, tunnel=None, tags=(), revision=None, **changed):
        connection = self.connection
        tunnels = list(connection.tunnels.all())
        for name, value in changed.items():
            setattr(connection, name, value)
        for name, value in (tunnel or {}).items():
            setattr(tunnels[0], name, value)
        draft = Draft(connection, tunnels, None, list(tags))
        return modify_connection(make_actor(self.a), draft, revision or connection.revision)

    def rename(self):
        return self.modify(name=f"{self.connection.name}, renamed")

    def route(self, destination="172.20.0.0/16", weight=100):
        route = Route(connection=self.connection, destination=destination, weight=weight)
        return create_route(make_actor(self.a), route)

    def switch(self, **changed):
        attachment = self.attachment
        for name, value in changed.items():
            setattr(attachment, name, value)
        return modify_attachment(make_actor(attachment.account), attachment, attachment.revision)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def slowly(settings, clock):
    """Transitions take time; `clock.tick(10)` ends one."""
    settings.TRANSITION_SECONDS = 10
    return clock


# --- every action in every state ---------------------------------------------------------------------------------

STATES = {
    "unassociated": (),
    "authorized": ("authorize",),
    "attached": ("attach_a",),
    "attached by B": ("authorize", "attach_b"),
    "detached": ("attach_a", "detach"),
}
ALLOWED = None
TABLE = {
    # action: its result in each state, in the order of STATES
    "rename": (ALLOWED, ALLOWED, ALLOWED, ALLOWED, ALLOWED),
    "route": ("not_attached", "not_attached", ALLOWED, ALLOWED, "not_attached"),
    "authorize": (ALLOWED, "duplicate", "attached", "attached_elsewhere", ALLOWED),
    "unauthorize": ("no_authorization", ALLOWED, "no_authorization", "authorization_in_use", "no_authorization"),
    "attach_a": (ALLOWED, ALLOWED, "already_attached", "already_attached", ALLOWED),
    "attach_b": ("not_found", ALLOWED, "not_found", "already_attached", "not_found"),
    "delete": (ALLOWED, ALLOWED, "attached", "attached_elsewhere", ALLOWED),
}


def answer(action) -> str | None:
    """The code with which an action is refused, or None if it succeeds."""
    before = Event.objects.count()
    try:
        action()
    except Refused as refused:
        assert Event.objects.count() == before + 1
        assert Event.objects.latest("id").outcome == "refused"
        return refused.code
    except Invalid as invalid:
        assert Event.objects.count() == before
        return invalid.problems[0].code
    assert Event.objects.count() == before + 1
    assert Event.objects.latest("id").outcome == "success"
    return None


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", TABLE)
def test_every_action_in_every_state(world, state, action):
    for step in STATES[state]:
        getattr(world, step)()
    assert answer(getattr(world, action)) == TABLE[action][list(STATES).index(state)]


@pytest.mark.parametrize("action", [*TABLE, "detach"])
@pytest.mark.parametrize(("state", "ticks"), [("provisioning", 0), ("attaching", 1), ("updating", 2), ("detaching", 2)])
def test_while_a_state_is_on_the_move_writes_are_refused(slowly, settings, action, state, ticks):
    settings.TRANSITION_SECONDS = 0
    world = World()
    settings.TRANSITION_SECONDS = 10
    if state == "provisioning":
        connection = world.connection
        connection.begin("provisioning")
        connection.save()
    else:
        world.attach_a()
        slowly.tick(10 if ticks == 2 else 0)
        if state == "updating":
            world.rename()
        elif state == "detaching":
            world.detach()
    assert world.connection.state == state
    if action == "detach" and state == "provisioning":
        return
    expected = {"unauthorize": "no_authorization", "attach_b": "not_found"}.get(action, "configuring")
    if (action, state) == ("delete", "provisioning"):
        # Automation deletes without waiting; nothing depends on a connection that is not attached.
        expected = None
    assert answer(getattr(world, action)) == expected


def test_a_connection_goes_through_its_states(slowly, settings):
    settings.TRANSITION_SECONDS = 0
    world = World()
    settings.TRANSITION_SECONDS = 10
    seen = []

    def look():
        seen.append(world.connection.state)
        slowly.tick(10)

    for action in ("attach_a", "rename", "detach", "rename"):
        getattr(world, action)()
        look()
        seen.append(world.connection.state)
    assert seen == ["attaching", "attached", "updating", "attached", "detaching", "init", "updating", "init"]


# --- modifying ---------------------------------------------------------------------------------------------------


def codes(caught) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in caught.value.problems]


@pytest.mark.parametrize("steps", [(), ("attach_a",), ("authorize", "attach_b")])
def test_the_gateway_type_is_final(world, steps):
    for step in steps:
        getattr(world, step)()
    with pytest.raises(Invalid) as caught:
        world.modify(network_type="private", name="not saved either")
    assert ("network_type", "locked") in codes(caught)
    assert (world.connection.network_type, world.connection.name) == ("public", "hq")


def test_the_placement_is_locked_while_attached_and_given_from_the_other_side(world):
    other = factories.make_transit_router(world.a, region_id="eu-central-1")
    forged = Draft(world.connection, list(world.connection.tunnels.all()), Attachment(transit_router=other, zone="x"))
    with pytest.raises(Invalid) as caught:
        modify_connection(make_actor(world.a), forged, 1)
    assert codes(caught) == [("associate_resource", "locked")]
    world.attach_a()
    forged = Draft(world.connection, list(world.connection.tunnels.all()), Attachment(
        transit_router=other, zone="eu-central-1b", auto_publish_route_enabled=False))  # fmt: skip
    with pytest.raises(Invalid) as caught:
        modify_connection(make_actor(world.a), forged, 1)
    assert codes(caught) == [
        ("transit_router", "locked"), ("zone", "locked"), ("auto_publish_route_enabled", "locked")]  # fmt: skip
    assert world.attachment.zone == "eu-central-1a"


def test_while_unassociated_the_customer_gateway_keeps_its_type(world):
    private = factories.make_customer_gateway(world.a, ip_address="10.9.9.9")
    public = factories.make_customer_gateway(world.a, ip_address="198.51.100.3")
    with pytest.raises(Invalid) as caught:
        world.modify(tunnel={"customer_gateway": private})
    assert codes(caught) == [("customer_gateway", "other_type")]
    world.modify(tunnel={"customer_gateway": public})
    assert world.connection.tunnel.customer_gateway == public
    world.attach_a()
    world.modify(tunnel={"customer_gateway": private})
    assert world.connection.tunnel.customer_gateway == private


def test_everything_else_can_change_while_attached(world):
    world.attach_a()
    world.modify(
        tunnel={"psk": "new-key", "ike_version": "ikev2", "ike_enc_alg": "aes256", "enable_dpd": False,
                "tunnel_cidr": "169.254.33.0/30", "local_bgp_ip": "169.254.33.1"},
        enable_bgp=True, local_asn=64512, name="new", effect_immediately=False, health_check=True,
        health_check_dip="192.168.0.1", health_check_sip="10.0.0.1", **PROTECTED,
    )  # fmt: skip
    stored = world.connection
    assert (stored.name, stored.local_asn, stored.routing_mode, stored.health_check) == (
        "new",
        64512,
        "protected",
        True,
    )
    assert (stored.tunnel.psk, stored.tunnel.ike_enc_alg, stored.tunnel.enable_dpd) == ("new-key", "aes256", False)
    assert [route.destination for route in stored.routes.all()] == ["192.168.0.0/16"]
    facts = Event.objects.latest("id").facts
    assert facts["name"] == ["hq", "new"]
    assert facts["psk"] == "changed"
    assert "new-key" not in json.dumps(facts)


def test_a_blank_key_keeps_the_old_one(world):
    before = world.connection.tunnel.psk
    world.modify(tunnel={"psk": ""}, name="x")
    assert world.connection.tunnel.psk == before
    assert "psk" not in Event.objects.latest("id").facts


def test_identities_follow_the_gateway_unless_they_were_typed(world):
    other = factories.make_customer_gateway(world.a, ip_address="198.51.100.3")
    assert world.connection.tunnel.peer_identity == "203.0.113.10"
    world.modify(tunnel={"customer_gateway": other})
    assert world.connection.tunnel.peer_identity == "198.51.100.3"
    world.modify(tunnel={"remote_id": "dc.example.com"})
    world.modify(tunnel={"customer_gateway": world.gateway})
    assert world.connection.tunnel.peer_identity == "dc.example.com"


def test_what_no_longer_applies_is_cleared_and_recorded():
    world = World(enable_bgp=True, local_asn=64512, **PROTECTED,
                  tunnel={"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"})  # fmt: skip
    world.modify(enable_bgp=False, routing_mode="destination")
    stored = world.connection
    assert (stored.local_asn, stored.remote_subnet, stored.tunnel.tunnel_cidr) == (45104, [], "")
    assert not stored.routes.exists()
    facts = Event.objects.latest("id").facts
    assert facts["tunnel_cidr"] == ["169.254.10.0/30", ""]
    # The block is free again.
    factories.make_connection(world.a, gateway=world.gateway, enable_bgp=True,
                              tunnel={"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"})  # fmt: skip


def test_a_stale_revision_overwrites_nothing(world):
    world.modify(name="first")
    with pytest.raises(Refused) as caught:
        world.modify(name="second", revision=1)
    assert caught.value.code == "changed_meanwhile"
    assert world.connection.name == "first"


def test_rules_hold_for_changes_too(world):
    with pytest.raises(Invalid) as caught:
        world.modify(
            tunnel={"psk": "a b", "ike_version": "ikev1"},
            **(PROTECTED | {"local_subnet": ["10.0.0.0/16", "10.1.0.0/16"]}),
        )
    assert set(codes(caught)) == {("psk", "space"), ("ike_version", "several_networks_need_ikev2")}
    assert world.connection.routing_mode == "destination"


def test_tags_change_with_the_rest(world):
    world.modify(tags=[("env", "prod")])
    assert [str(tag) for tag in world.connection.tags.all()] == ["env=prod"]
    assert Event.objects.latest("id").facts["tags"] == [{}, {"env": "prod"}]
    assert world.connection.state == "init"


# --- attaching ---------------------------------------------------------------------------------------------------


def test_a_private_connection_gets_its_address_when_it_is_attached():
    world = World(network_type="private")
    assert world.connection.tunnel.internet_ip == ""
    world.attach_a()
    assert world.connection.tunnel.internet_ip == "10.200.0.1"
    world.detach()
    assert world.connection.tunnel.internet_ip == ""


def test_a_private_connection_needs_a_router_with_blocks():
    world = World(network_type="private")
    bare = factories.make_transit_router(world.a)
    with pytest.raises(Invalid) as caught:
        world.attach(bare)
    assert codes(caught) == [("transit_router", "no_cidr")]
    assert world.connection.living_attachment is None


@pytest.mark.parametrize("change", [
    {"peer_uid": "1234567890123456"}, {"peer_cen_id": "cen-another"}])  # fmt: skip
def test_a_grant_for_somebody_else_opens_nothing(world, change):
    world.authorize(**change)
    assert answer(world.attach_b) == "not_found"
    assert not available(world.b, world.router_b.cen, "eu-central-1", world.a.uid).exists()


def test_a_grant_is_of_the_connections_region(world):
    elsewhere = factories.make_transit_router(world.b, cen=world.router_b.cen, region_id="cn-hangzhou")
    world.authorize()
    with pytest.raises(Refused) as caught:
        world.attach(elsewhere, world.a.uid, zone="cn-hangzhou-h")
    assert caught.value.code == "not_found"
    assert not available(world.b, elsewhere.cen, "cn-hangzhou", world.a.uid).exists()


def test_after_revocation_the_connection_is_not_found(world):
    world.authorize()
    assert [one.resource_id for one in available(world.b, world.router_b.cen, "eu-central-1", world.a.uid)] == [
        world.id
    ]
    world.unauthorize()
    assert answer(world.attach_b) == "not_found"


def test_what_can_be_attached_is_unassociated_and_at_rest(world):
    assert [one.resource_id for one in available(world.a, world.router_a.cen, "eu-central-1")] == [world.id]
    world.attach_a()
    assert not available(world.a, world.router_a.cen, "eu-central-1").exists()
    world.detach()
    assert len(available(world.a, world.router_a.cen, "eu-central-1")) == 1


def test_a_zone_of_another_region_is_refused(world):
    with pytest.raises(Invalid) as caught:
        world.attach(world.router_a, zone="cn-hangzhou-h")
    assert codes(caught) == [("zone", "other_region")]


def test_detaching_asks_for_what_hangs_on_the_attachment(world):
    world.attach_a()
    actor = make_actor(world.a)
    for choice, left in (
        ({}, "association"),
        ({"dissociate": True}, "propagation"),
        ({"withdraw": True}, "association"),
    ):
        with pytest.raises(Refused, match=left) as caught:
            delete_attachment(make_actor(world.a), world.attachment, **choice)
        assert caught.value.code == "attachment_in_use"
        assert world.attachment.associate_default_route_table
    delete_attachment(actor, world.attachment, dissociate=True, withdraw=True)
    assert world.connection.state == "init"


def test_only_the_routers_account_detaches(world):
    world.authorize()
    attachment = world.attach_b()
    with pytest.raises(Refused) as caught:
        delete_attachment(make_actor(world.a), attachment, force=True)
    assert caught.value.code == "not_found"


def test_a_router_can_be_deleted_after_detaching(world):
    world.attach_a()
    with pytest.raises(Refused):
        delete_transit_router(make_actor(world.a), world.router_a)
    world.detach()
    delete_transit_router(make_actor(world.a), world.router_a)
    assert not Attachment.objects.exists()


# --- the payer ---------------------------------------------------------------------------------------------------


def test_the_payer_comes_from_the_authorization(world):
    world.authorize(order_type="PayByResourceOwner")
    assert world.attach_b().order_type == "PayByResourceOwner"


def test_changing_the_payer_takes_both_sides_and_an_hour(clock):
    world = World()
    world.authorize()
    world.attach_b()

    def change():
        world.switch(order_type="PayByResourceOwner")

    assert answer(change) == "payer_too_soon"
    clock.tick(3600)
    assert answer(change) == "payer_not_agreed"
    change_payer(make_actor(world.a), world.connection, world.router_b.cen.resource_id, "PayByResourceOwner")
    assert world.attachment.order_type == "PayByCenOwner"
    assert answer(change) is None
    assert world.attachment.order_type == "PayByResourceOwner"
    clock.tick(10)
    change_payer(make_actor(world.a), world.connection, world.router_b.cen.resource_id, "PayByCenOwner")
    assert answer(lambda: world.switch(order_type="PayByCenOwner")) == "payer_too_soon"


def test_the_payers_hour_is_over_when_the_clock_is_set_back(clock):
    world = World()
    world.authorize(order_type="PayByResourceOwner")
    world.attach_b()
    clock.tick(-24 * 3600)
    assert answer(lambda: world.switch(order_type="PayByCenOwner")) == "payer_not_agreed"


def test_within_one_account_there_is_no_payer_to_change(world):
    world.attach_a()
    assert answer(lambda: world.switch(order_type="PayByResourceOwner")) == "own_payer"


# --- authorizations ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"peer_uid": "123"}, ("peer_uid", "malformed")),
        ({"peer_uid": "123456789012345x"}, ("peer_uid", "malformed")),
        ({"peer_uid": "١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦"}, ("peer_uid", "malformed")),
        ({"peer_cen_id": "tr-123"}, ("peer_cen_id", "malformed")),
        ({"peer_cen_id": "cen-"}, ("peer_cen_id", "malformed")),
        ({"peer_cen_id": ""}, ("peer_cen_id", "malformed")),
    ],
)
def test_an_authorization_names_an_account_and_a_cen(world, changed, code):
    with pytest.raises(Invalid) as caught:
        world.authorize(**changed)
    assert codes(caught) == [code]
    assert not Authorization.objects.exists()


def test_nobody_authorizes_themselves(world):
    with pytest.raises(Invalid) as caught:
        world.authorize(peer_uid=world.a.uid)
    assert codes(caught) == [("peer_uid", "own_account")]


# --- routes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("destination", "code"),
    [
        ("172.20.0.0/16", None),
        ("0.0.0.0/0", "anywhere"),
        ("100.64.0.0/10", "reserved"),
        ("100.64.3.0/24", "reserved"),
        ("100.0.0.0/8", None),
        ("192.168.0.0/16", "duplicate"),
        ("192.168.0.1/16", "host_bits"),
        ("nonsense", "malformed"),
        ("10.0.0.1", "malformed"),
    ],
)
def test_which_destinations_can_be_routed(destination, code):
    world = World(**PROTECTED)
    world.attach_a()
    assert answer(lambda: world.route(destination)) == code


def test_a_weight_is_nought_or_a_hundred(world):
    world.attach_a()
    assert answer(lambda: world.route(weight=50)) == "out_of_range"
    world.route()
    change_weight(make_actor(world.a), world.connection, "172.20.0.0/16", 0)
    assert world.connection.routes.get().weight == 0


def test_automatic_routes_follow_the_networks_and_are_not_deleted_by_hand():
    world = World(**PROTECTED)
    world.attach_a()
    world.route("172.20.0.0/16")
    assert answer(lambda: delete_route(make_actor(world.a), world.connection, "192.168.0.0/16")) == "automatic_route"
    world.modify(remote_subnet=["192.168.1.0/24", "192.168.2.0/24"])
    assert [(route.destination, route.source) for route in world.connection.routes.order_by("destination")] == [
        ("172.20.0.0/16", "custom"), ("192.168.1.0/24", "automatic"), ("192.168.2.0/24", "automatic")]  # fmt: skip
    delete_route(make_actor(world.a), world.connection, "172.20.0.0/16")
    assert answer(lambda: delete_route(make_actor(world.a), world.connection, "172.20.0.0/16")) == "no_route"


def entries(world):
    table = route_tables.stored_table(world.router_a.default_table)
    return {(entry.destination, entry.status, entry.attachment is not None) for entry in table}


def test_the_routers_table_follows_attachment_and_propagation(slowly, settings):
    settings.TRANSITION_SECONDS = 0
    world = World(**PROTECTED)
    own = ("10.200.0.0/20", "Active", False)
    learned = ("192.168.0.0/16", "Active", True)
    assert entries(world) == {own}
    settings.TRANSITION_SECONDS = 10
    world.attach_a()
    assert entries(world) == {own}
    slowly.tick(10)
    assert entries(world) == {own, learned}
    assert routing.route_status(world.connection, []) == "published"
    world.switch(propagate_to_default_route_table=False)
    assert entries(world) == {own}
    assert routing.route_status(world.connection, []) == "unpublished"
    world.switch(propagate_to_default_route_table=True)
    assert entries(world) == {own, learned}
    world.detach()
    assert entries(world) == {own}


def test_the_greater_weight_is_active(world):
    second = factories.make_connection(world.a, gateway=world.gateway, name="second").resource_id
    world.attach_a()
    world.route(weight=0)
    create_attachment(make_actor(world.a), Attachment(transit_router=world.router_a, zone="eu-central-1a"), second)
    connection = Connection.objects.with_parts().get(resource_id=second)
    create_route(make_actor(world.a), Route(connection=connection, destination="172.20.0.0/16", weight=100))
    table = route_tables.stored_table(world.router_a.default_table)
    assert {(entry.attachment.connection.resource_id, entry.status) for entry in table if entry.attachment} == {
        (world.id, "Standby"), (second, "Active")}  # fmt: skip


def test_what_is_advertised_over_bgp(clock):
    world = World(enable_bgp=True, local_asn=64512, tunnel={
        "tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"})  # fmt: skip

    def advertised() -> tuple[list, str]:
        routes, why = routing.advertised(world.connection, routing.negotiated(world.connection))
        return [(one.destination, one.next_hops, one.as_path) for one in routes], str(why)

    assert "not attached" in advertised()[1]
    world.attach_a()
    assert "not established" in advertised()[1]
    factories.load_device(world.connection)
    clock.tick(10)
    assert advertised() == ([("10.200.0.0/20", ["169.254.10.1"], (64512,))], "")
    world.switch(auto_publish_route_enabled=False)
    assert advertised()[0] == []
    assert "switched off" in advertised()[1]
    world.modify(enable_bgp=False)
    assert "BGP is not enabled" in advertised()[1]


# --- deleting ----------------------------------------------------------------------------------------------------


def test_what_hangs_on_a_connection_goes_with_it():
    world = World(tags=[("env", "prod")], **PROTECTED)
    world.authorize()
    world.attach_a()
    world.detach()
    world.delete()
    for model in (Connection, Tunnel, Route, Tag, Authorization, Attachment):
        assert not model.objects.exists(), model
    assert Event.objects.latest("id").facts == {"name": "hq"}


# --- events ------------------------------------------------------------------------------------------------------


def test_both_owners_see_what_the_other_account_did_to_the_connection(world):
    world.authorize()
    world.attach_b()
    assert answer(world.attach_b) == "already_attached"
    world.detach()
    seen = [(event.operation, event.account.name) for event in Event.objects.about(world.connection).order_by("id")]
    assert seen == [
        ("CreateVpnAttachment", "A"),
        ("GrantInstanceToTransitRouter", "A"),
        ("CreateTransitRouterVpnAttachment", "B"),
        ("DeleteTransitRouterVpnAttachment", "B"),
    ]


def test_what_another_account_did_in_an_earlier_life_of_an_id_is_not_told(world):
    """A deleted ID may return within its account, with only the account's own history."""
    world.authorize()
    world.attach_b()
    world.detach()
    document = as_text(exported(world.a), "json")
    world.delete()
    import_text(make_actor(world.a), document)
    seen = Event.objects.about(world.connection).order_by("id")
    assert {event.account for event in seen} == {world.a}
    assert [event.operation for event in seen] == [
        "CreateVpnAttachment",
        "GrantInstanceToTransitRouter",
        "DeleteVpnAttachment",
        "CreateVpnAttachment",
    ]
    world.attach_b()
    assert seen.all().last().account == world.b


def test_an_id_in_another_accounts_history_counts_as_taken(world):
    document = as_text(exported(world.a), "json")
    world.delete()
    outcome = import_text(make_actor(world.b), document)
    assert outcome.faults == []
    assert outcome.renamed.keys() == {world.gateway.resource_id, world.router_a.resource_id,
                                      world.router_a.cen.resource_id, world.id}  # fmt: skip
    assert not Connection.objects.filter(resource_id=world.id).exists()
    for connection in Connection.objects.of(world.b):
        assert {event.account for event in Event.objects.about(connection)} == {world.b}
    # The original account has it again.
    assert import_text(make_actor(world.a), document).renamed == {}


def test_an_id_is_not_taken_by_those_who_only_ask_for_it(world):
    document = as_text(exported(world.a), "json")
    with pytest.raises(Refused):
        delete_connection(make_actor(world.b), Connection(resource_id=world.id, account=world.b, region_id=REGION))
    world.delete()
    assert import_text(make_actor(world.a), document).renamed == {}


@pytest.mark.parametrize(
    ("changed", "tunnel", "expected"),
    [
        ({"name": "renamed"}, {}, "ipsec_sa_established"),
        ({"health_check": True, "health_check_dip": "192.168.0.1", "health_check_sip": "10.0.0.1"}, {},
         "ipsec_sa_established"),
        (PROTECTED, {}, "ike_sa_not_established"),
        ({"effect_immediately": False}, {}, "ike_sa_not_established"),
        ({}, {"psk": "another-key"}, "ike_sa_not_established"),
        ({}, {"ike_pfs": "group14"}, "ike_sa_not_established"),
    ],
)  # fmt: skip
def test_a_modification_that_negotiates_again_begins_at_phase_1(clock, changed, tunnel, expected):
    world = World()
    load_configuration(make_actor(world.a), world.connection.tunnel)
    clock.tick(60)
    assert world.connection.tunnel.is_up
    world.modify(tunnel, **changed)
    assert world.connection.tunnel.status.documented == expected


def test_a_private_connection_that_is_detached_is_down(clock):
    world = World(network_type="private")
    world.attach_a()
    load_configuration(make_actor(world.a), world.connection.tunnel)
    clock.tick(60)
    assert world.connection.tunnel.is_up
    delete_attachment(make_actor(world.a), world.attachment, force=True)
    assert world.connection.tunnel.status == "not_negotiated"
