"""Two separate accounts, and a signed-in client for each."""

import pytest
from django.test import Client

from connections.domain.choices import Role
from connections.models import AccessKey, Authorization, Event, Route, TransitRouterCidr
from vpnconsole.testing import factories


@pytest.fixture
def alice(db):
    return factories.make_user(first_name="Alice", last_name="Berger", is_demo=True)


@pytest.fixture
def bob(db):
    return factories.make_user(factories.make_account("Summit Retail"), "bob", is_demo=True)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def console(alice) -> Client:
    """Django's test client, signed in as Alice."""
    return signed_in(alice)


@pytest.fixture
def bobs(bob) -> Client:
    return signed_in(bob)


@pytest.fixture
def without_demo(alice, settings):
    """Demo mode is off, and Alice is not a persona, who could not sign in then."""
    settings.DEMO_MODE = False
    alice.is_demo = False
    alice.save()


@pytest.fixture
def gateway(alice):
    return factories.make_customer_gateway(alice.account)


@pytest.fixture
def router(alice):
    return factories.make_transit_router(alice.account, cidrs=["10.200.0.0/20"])


def url_arguments(user, connection, gateway, router, **others: str) -> dict[str, str]:
    """The arguments of URLs, mapped to the IDs of these resources; `others` adds or replaces some."""
    return {
        "attachment_id": connection.attachment.resource_id,
        "region_id": factories.REGION,
        "connection_id": connection.resource_id,
        "tunnel_id": connection.tunnel.resource_id,
        "gateway_id": gateway.resource_id,
        "cen_id": router.cen.resource_id,
        "router_id": router.resource_id,
        "cidr_id": (
            router.cidrs.first() or TransitRouterCidr.objects.create(transit_router=router, cidr="10.250.0.0/24")
        ).resource_id,
        "table_id": (router.route_tables.filter(is_default=False).first() or router.default_table).resource_id,
        "resource_id": connection.resource_id,
        "key_id": AccessKey.objects.create(user=user).access_key_id,
        "request_id": Event.objects.about(connection).latest("id").request_id,
        "name": "name",
        "kind": "cens",
        **others,
    }


@pytest.fixture
def estate(alice, gateway, router) -> dict[str, str]:
    """One resource of each kind of Alice's account; maps the arguments of URLs to their IDs."""
    connection = factories.make_connection(alice.account, gateway=gateway, router=router, tags=[("secret-key", "v")])
    factories.configure_device(connection.tunnel)
    Authorization(connection=connection, peer_uid="1" * 16, peer_cen_id="cen-ofsomebody").save()
    factories.make_user(alice.account, "a-colleague", role=Role.OPERATOR)
    factories.make_route_table(router)
    Route(connection=connection, destination="172.20.0.0/16").save()
    return url_arguments(
        alice, connection, gateway, router, peer_cen_id="cen-ofsomebody", what="keys", username="a-colleague"
    )


HTMX = {"HX-Request": "true"}


def htmx(url: str = "") -> dict:
    """Headers of an htmx request from a page."""
    return {"HX-Request": "true", **({"HX-Current-URL": f"http://testserver{url}"} if url else {})}
