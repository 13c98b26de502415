"""Run the Python that the console shows, with the official SDK against the live server: it creates the same again."""

import pytest
from django.test import Client
from django.urls import reverse

from connections.domain import sections
from connections.models import (
    AccessKey,
    Attachment,
    Authorization,
    Cen,
    Connection,
    CustomerGateway,
    Event,
    Route,
    Tag,
    TransitRouter,
    TransitRouterCidr,
)
from connections.services import attachments, authorizations, cens, connections, customer_gateways, routes, tags
from vpnconsole.testing import factories

pytestmark = pytest.mark.django_db(transaction=True)

PSK = "It's~a`key!@#$%^&*()_-+={}[]\\|;:,.<>/?"
SECRET = {"psk": PSK}
BGP = {"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"}
PROTECTED = {
    "routing_mode": "protected",
    "local_subnet": ["10.0.0.0/16", "10.1.0.0/16"],
    "remote_subnet": ["192.168.0.0/24", "192.168.1.0/24"],
}
HEALTH = {
    "health_check": True,
    "health_check_dip": "192.168.0.1",
    "health_check_sip": "10.0.0.1",
    "health_check_interval": 5,
    "health_check_retry": 7,
    "health_check_policy": "reserve_route",
}
TAGS = [("env", "prod"), ("empty", ""), ('名 & "quoted"', "a+b*c~d/e")]
# Together these cases use every option that the console offers.
SHAPES = {
    "plain": {"tunnel": SECRET, "name": ""},
    "everything": {
        **PROTECTED,
        **HEALTH,
        "name": 'it\'s "quoted" ${x} \\ 名',
        "enable_bgp": True,
        "local_asn": 4200000100,
        "effect_immediately": False,
        "tags": TAGS,
        "tunnel": SECRET | BGP | {"local_id": "cloud.example", "remote_id": "peer.example", "ike_lifetime": 0},
    },
    "old": {
        "tunnel": SECRET
        | {
            "ike_version": "ikev1",
            "ike_mode": "aggressive",
            "ike_enc_alg": "3des",
            "ike_auth_alg": "md5",
            "ike_pfs": "group5",
            "ipsec_enc_alg": "des",
            "ipsec_auth_alg": "sha512",
            "ipsec_pfs": "disabled",
            "ipsec_lifetime": 3600,
            "enable_dpd": False,
            "enable_nat_traversal": False,
        }
    },
    "private": {"network_type": "private", "tunnel": SECRET},
}


@pytest.fixture
def user(live_server):
    return factories.make_user(first_name="Alice", last_name="Berger", is_demo=True)


@pytest.fixture
def console(user, live_server):
    client = Client(headers={"host": live_server.url.removeprefix("http://")})
    client.force_login(user)
    return client


@pytest.fixture
def router(user):
    return factories.make_transit_router(user.account, cidrs=["10.200.0.0/20"])


@pytest.fixture
def run(user, monkeypatch):
    """Run a program with the keys in the environment."""
    key = AccessKey.objects.create(user=user)
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", key.access_key_id)
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", key.secret)
    for number in ("", "_1", "_2"):
        monkeypatch.setenv(f"PRE_SHARED_KEY{number}", f"{PSK}{number}")
    monkeypatch.setenv("BGP_KEY", "bgp-Key")

    def run(program: str) -> None:
        exec(compile(program, "shown.py", "exec"), {"__name__": "__main__"})  # noqa: S102 - that is the test

    return run


@pytest.fixture
def shown(console, settings):
    """The Python code on a page."""
    settings.ALLOWED_HOSTS = ["*"]

    def shown(address: str) -> str:
        answer = console.get(address)
        return next(one.text for one in answer.context["listings"] if one.key == "python")

    return shown


def chosen(connection: Connection) -> dict:
    """Everything that a user has chosen for a connection."""
    connection = Connection.objects.with_parts().get(pk=connection.pk)
    attachment = connection.living_attachment
    facts = {name: getattr(connection, name) for name in sections.CONNECTION_FIELDS}
    for tunnel in connection.tunnels.all():
        prefix = "" if tunnel.index == 1 else "tunnel2."
        facts |= {f"{prefix}{name}": getattr(tunnel, name) for name in sections.TUNNEL_FIELDS}
    facts["tags"] = {tag.key: tag.value for tag in connection.tags.all()}
    facts["resource_group"] = connection.resource_group.name
    facts["routes"] = list(connection.routes.values_list("destination", "weight", "source"))
    if attachment is not None:
        facts |= {
            name: getattr(attachment, name)
            for name in (*sections.ATTACHMENT_FIELDS, "name", "description", "order_type")
        }
        facts["attachment_tags"] = {tag.key: tag.value for tag in attachment.tags.all()}
    return facts


def code_of(connection: Connection) -> str:
    return reverse("connection-code", args=[connection.region_id, connection.resource_id])


def remove(user, connection: Connection) -> None:
    if connection.living_attachment is not None:
        attachments.delete_attachment(factories.make_actor(user.account), connection.living_attachment, force=True)
    connections.delete_connection(factories.make_actor(user.account), connection)


@pytest.mark.parametrize("attached", [False, True], ids=["free", "attached"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_connection_is_made_again(user, router, run, shown, shape, attached):
    group = user.account.resource_groups.get(is_default=False)
    made = factories.make_connection(
        user.account, router=router if attached else None, resource_group=group, **SHAPES[shape]
    )
    if attached:
        Attachment.objects.update(description="d")
        Tag.objects.create(account=user.account, attachment=made.attachment, key="env", value="prod")
    program, before = shown(code_of(made)), chosen(made)
    remove(user, Connection.objects.with_parts().get())
    run(program)
    assert chosen(Connection.objects.get()) == before


PAIR = {
    "enable_bgp": True,
    "local_asn": 64512,
    "first": {"psk": f"{PSK}_1", **BGP},
    "second": {"psk": f"{PSK}_2", "ike_version": "ikev1", "enable_dpd": False, "remote_id": "peer.example",
               "tunnel_cidr": "169.254.11.0/30", "local_bgp_ip": "169.254.11.2"},
}  # fmt: skip


def test_two_tunnels_are_made_again(user, router, run, shown):
    made = factories.make_dual(user.account, router=router, tags=TAGS, **PAIR)
    program, before = shown(code_of(made)), chosen(made)
    remove(user, Connection.objects.with_parts().get())
    run(program)
    assert chosen(Connection.objects.get()) == before


def test_changes_of_two_tunnels_are_made_again(user, run, repeat):
    gateways = [factories.make_customer_gateway(user.account, ip_address=f"203.0.113.{last}") for last in (1, 2)]
    plain = {"first": {"psk": f"{PSK}_1"}, "second": {"psk": f"{PSK}_2"}}
    one, two = (factories.make_dual(user.account, gateways=gateways, **plain) for _ in range(2))
    stored = Connection.objects.with_parts().get(pk=one.pk)
    tunnels = list(stored.tunnels.all())
    for tunnel, values in zip(tunnels, (BGP | {"psk": f"{PSK}_1"}, PAIR["second"]), strict=True):
        for name, value in values.items():
            setattr(tunnel, name, value)
    stored.enable_bgp, stored.local_asn = True, 64512
    connections.modify_connection(
        factories.make_actor(user.account), connections.Draft(stored, tunnels, None, None), stored.revision
    )
    before = chosen(one)
    Connection.objects.filter(pk=one.pk).get().tunnels.update(tunnel_cidr="")
    repeat(one.resource_id, two.resource_id)
    assert chosen(two) == before
    tunnel = Connection.objects.with_parts().get(pk=two.pk).tunnels.all()[1]
    tunnel.ike_lifetime, tunnel.enable_dpd = 3600, True
    connections.modify_tunnel(factories.make_actor(user.account), tunnel, tunnel.connection.revision)
    before = chosen(two)
    tunnel.connection.tunnels.update(ike_lifetime=86400, enable_dpd=False)
    two.tunnels.filter(index=1).update(enable_dpd=True)
    repeat(two.resource_id, two.resource_id)
    assert chosen(two) == before


def test_switches_of_an_attachment_are_made_again(user, router, run, shown):
    draft = factories.make_draft(user.account, router=router, tunnel=SECRET)
    draft.attachment.auto_publish_route_enabled = False
    draft.attachment.propagate_to_default_route_table = False
    made = connections.create_connection(factories.make_actor(user.account), draft)
    program, before = shown(code_of(made)), chosen(made)
    remove(user, Connection.objects.with_parts().get())
    run(program)
    assert chosen(Connection.objects.get()) == before


def test_the_form_makes_what_its_code_makes(user, console, run, router, settings):
    settings.ALLOWED_HOSTS = ["*"]
    gateway = factories.make_customer_gateway(user.account)
    data = {
        "name": "typed",
        "associate_resource": "CEN",
        "cen": router.cen.resource_id,
        "transit_router": router.resource_id,
        "zone": "eu-central-1b",
        "auto_publish_route_enabled": "on",
        "network_type": "public",
        "routing_mode": "protected",
        "local_subnet": ["10.0.0.0/16"],
        "remote_subnet": ["192.168.0.0/16"],
        "effect_immediately": "False",
        "health_check_interval": "3",
        "health_check_retry": "3",
        "tunnel1-customer_gateway": gateway.resource_id,
        "tunnel1-psk": PSK,
        "tunnel1-ike_version": "ikev2",
        "tunnel1-ike_mode": "main",
        "tunnel1-ike_enc_alg": "aes256",
        "tunnel1-ike_auth_alg": "sha256",
        "tunnel1-ike_pfs": "group14",
        "tunnel1-ike_lifetime": "3600",
        "tunnel1-ipsec_enc_alg": "aes192",
        "tunnel1-ipsec_auth_alg": "sha384",
        "tunnel1-ipsec_pfs": "group5",
        "tunnel1-ipsec_lifetime": "1800",
        "tunnel1-enable_dpd": "on",
        "tags-key": ["env"],
        "tags-value": ["test"],
    }
    answer = console.post(reverse("connection-create-code", args=[factories.REGION]), data)
    assert answer.context["problems"] == []
    program = next(one.text for one in answer.context["listings"] if one.key == "python")
    run(program)
    by_code = Connection.objects.get()
    before = chosen(by_code)
    remove(user, Connection.objects.with_parts().get())
    assert console.post(reverse("connection-create", args=[factories.REGION]), data).status_code == 302
    assert chosen(Connection.objects.get()) == before


# --- after each change ---------------------------------------------------------------------------------------------


@pytest.fixture
def repeat(user, run, shown):
    """Apply to a second resource, with the shown code, what a service did to the first."""

    def repeat(first: str, second: str) -> None:
        event = Event.objects.of(user.account).order_by("-id").first()
        run(shown(reverse("event-code", args=[event.request_id])).replace(first, second))

    return repeat


CHANGES = {
    "name": ("plain", {"name": "renamed"}),
    "no name": ("everything", {"name": ""}),
    "protected data flows": ("plain", PROTECTED),
    "other networks": ("everything", {"local_subnet": ["10.8.0.0/16"]}),
    "destination routing": ("everything", {"routing_mode": "destination"}),
    "health check": ("plain", HEALTH),
    "another health check": ("everything", {"health_check_interval": 9, "health_check_policy": "revoke_route"}),
    "no health check": ("everything", {"health_check": False}),
    "another AS": ("everything", {"local_asn": 65001}),
    "no BGP": ("everything", {"enable_bgp": False}),
    "one algorithm": ("plain", {"tunnel": {"ike_pfs": "group14"}}),
    "another algorithm": ("everything", {"tunnel": {"ipsec_enc_alg": "aes256"}}),
    "identities": ("everything", {"tunnel": {"local_id": "x.example", "remote_id": ""}}),
    "key and switches": ("plain", {"tunnel": {"psk": PSK, "enable_dpd": False}}),
    "when": ("everything", {"effect_immediately": True}),
    "tags": ("everything", {"tags": [("env", "test"), ("new", "")]}),
    "tags alone are not a modification": ("plain", {"tags": [("env", "test")]}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_modification_is_made_again(user, repeat, change):
    shape, changed = CHANGES[change]
    changed, made = dict(changed), SHAPES[shape]
    gateway = factories.make_customer_gateway(user.account)
    pair = []
    for number in (10, 11):
        block = {"tunnel_cidr": f"169.254.{number}.0/30", "local_bgp_ip": f"169.254.{number}.1"}
        tunnel = made["tunnel"] | {"psk": "before"} | (block if "tunnel_cidr" in made["tunnel"] else {})
        pair.append(factories.make_connection(user.account, gateway=gateway, **made | {"tunnel": tunnel}))
    first, second = pair
    edited = Connection.objects.with_parts().get(pk=first.pk)
    rows = list(edited.tunnels.all())
    tags = changed.pop("tags", [(tag.key, tag.value) for tag in edited.tags.all()])
    for row, values in ((rows[0], changed.pop("tunnel", {})), (edited, changed)):
        for name, value in values.items():
            setattr(row, name, value)
    rows[0].connection = edited
    draft = connections.Draft(edited, rows, None, tags)
    before = chosen(first)
    connections.modify_connection(factories.make_actor(user.account), draft, edited.revision)
    assert chosen(first) != before
    repeat(first.resource_id, second.resource_id)
    facts = [chosen(first), chosen(second)]
    for one in facts:
        # Each needs a separate block.
        one["tunnel_cidr"] = one["local_bgp_ip"] = bool(one["tunnel_cidr"])
    assert facts[1] == facts[0]


def test_the_life_of_a_connection_is_repeated(user, repeat, router, run):
    other = factories.make_account("Summit Retail")
    first = factories.make_connection(user.account, tunnel=SECRET)
    second = factories.make_connection(user.account, gateway=CustomerGateway.objects.get(), tunnel=SECRET)

    def again(service, *args, **kwargs):
        service(factories.make_actor(user.account), *args, **kwargs)
        repeat(first.resource_id, second.resource_id)

    # Authorize, change the payer, unauthorize.
    peer = Authorization(connection=first, peer_uid=other.uid, peer_cen_id="cen-abcdefghijklmnopqr")
    again(authorizations.authorize, peer)
    assert second.authorizations.values_list("peer_uid", "peer_cen_id", "order_type").get() == (
        other.uid,
        peer.peer_cen_id,
        "PayByCenOwner",
    )
    again(authorizations.change_payer, first, peer.peer_cen_id, "PayByResourceOwner")
    assert second.authorizations.get().order_type == "PayByResourceOwner"
    again(authorizations.unauthorize, first, peer.peer_cen_id)
    assert not second.authorizations.exists()
    # Attach, routes.
    attachment = Attachment(account=user.account, transit_router=router, zone="eu-central-1c", name="branch")
    again(attachments.create_attachment, attachment, first.resource_id)
    assert chosen(second) == chosen(first)
    again(routes.create_route, Route(connection=first, destination="10.9.0.0/16", weight=100))
    again(routes.change_weight, first, "10.9.0.0/16", 0)
    assert chosen(second)["routes"] == chosen(first)["routes"] == [("10.9.0.0/16", 0, "custom")]
    again(routes.delete_route, first, "10.9.0.0/16")
    assert chosen(second)["routes"] == []
    # Change the attachments, detach and delete: each has a different ID.
    ours = Connection.objects.with_parts().get(pk=second.pk).living_attachment.resource_id

    def again_attachment(service, *args, **kwargs):
        service(factories.make_actor(user.account), *args, **kwargs)
        repeat(attachment.resource_id, ours)

    stored = Attachment.objects.get(resource_id=attachment.resource_id)
    stored.name, stored.auto_publish_route_enabled, stored.associate_default_route_table = "x", False, False
    again_attachment(attachments.modify_attachment, stored, stored.revision)
    assert chosen(second) == chosen(first)
    again_attachment(attachments.delete_attachment, Attachment.objects.get(resource_id=stored.resource_id), force=True)
    assert Connection.objects.with_parts().get(pk=second.pk).living_attachment is None
    again(connections.delete_connection, Connection.objects.with_parts().get(pk=first.pk))
    assert not Connection.objects.exists()


def test_customer_gateways_are_repeated(user, repeat):
    first = CustomerGateway(
        region_id=factories.REGION,
        ip_address="203.0.113.9",
        asn=4200000100,
        auth_key="bgp-Key",
        name="名",
        description="d",
    )
    customer_gateways.create_customer_gateway(factories.make_actor(user.account), first, TAGS)
    repeat("203.0.113.9", "203.0.113.10")
    second = CustomerGateway.objects.exclude(pk=first.pk).get()
    for name in ("region_id", "asn", "auth_key", "name", "description"):
        assert getattr(second, name) == getattr(first, name)
    assert {tag.key: tag.value for tag in second.tags.all()} == dict(TAGS)
    first.name, first.auth_key = "renamed", ""
    first.auth_key = "other"
    customer_gateways.modify_customer_gateway(factories.make_actor(user.account), first, 1)
    repeat(first.resource_id, second.resource_id)
    second.refresh_from_db()
    assert (second.name, second.auth_key) == ("renamed", "bgp-Key")
    customer_gateways.delete_customer_gateway(factories.make_actor(user.account), first)
    repeat(first.resource_id, second.resource_id)
    assert not CustomerGateway.objects.exists()


def test_cens_routers_and_their_tags_are_repeated(user, repeat):
    actor = factories.make_actor
    group = user.account.resource_groups.get(is_default=False)
    first = Cen(name="backbone", description="d", resource_group=group)
    cens.create_cen(actor(user.account), first, TAGS)
    repeat("d", "d")
    second = Cen.objects.exclude(pk=first.pk).get()
    assert (second.name, second.description, second.resource_group) == ("backbone", "d", group)
    assert {tag.key: tag.value for tag in second.tags.all()} == dict(TAGS)
    tags.replace_tags(actor(user.account), first, [("env", "test"), ("new", "x")], first.revision)
    repeat(first.resource_id, second.resource_id)
    assert {tag.key: tag.value for tag in second.tags.all()} == {"env": "test", "new": "x"}
    router = TransitRouter(cen=first, region_id=factories.REGION, name="frankfurt")
    block = TransitRouterCidr(
        cidr="10.200.0.0/20", name="gateways", description="of private connections", publish_cidr_route=False
    )
    cens.create_transit_router(actor(user.account), router, [block], TAGS)
    repeat(first.resource_id, second.resource_id)
    made = second.transit_routers.get()
    assert made.name == "frankfurt"
    assert made.cidrs.values_list("cidr", "name", "description", "publish_cidr_route").get() == (
        "10.200.0.0/20", "gateways", "of private connections", False,
    )  # fmt: skip
    assert {tag.key: tag.value for tag in made.tags.all()} == dict(TAGS)
    cens.delete_transit_router(actor(user.account), router)
    repeat(router.resource_id, made.resource_id)
    cens.delete_cen(actor(user.account), first)
    repeat(first.resource_id, second.resource_id)
    assert not Cen.objects.exists()
