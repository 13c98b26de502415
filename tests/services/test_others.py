"""Customer gateways, CEN instances, transit routers and tags: what is allowed, and the reasons for refusals."""

import pytest

from connections.domain.refusals import Invalid, Refused
from connections.models import Cen, CustomerGateway, Event, Tag, TransitRouter
from connections.services.cens import delete_cen, delete_transit_router
from connections.services.customer_gateways import delete_customer_gateway, modify_customer_gateway
from connections.services.tags import replace_tags, used_tags
from vpnconsole.testing.factories import (
    make_account,
    make_actor,
    make_cen,
    make_connection,
    make_customer_gateway,
    make_transit_router,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_account()


def codes(error):
    return [(problem.field, problem.code) for problem in error.value.problems]


# --- customer gateways -------------------------------------------------------------------------------------------


def test_a_gateway_is_made_in_the_default_group(account):
    gateway = CustomerGateway.objects.get(pk=make_customer_gateway(account, tags=[("site", "hamburg")]).pk)
    assert gateway.resource_group.is_default
    assert gateway.resource_id.startswith("cgw-gw8")
    assert [str(tag) for tag in gateway.tags.all()] == ["site=hamburg"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"ip_address": "127.0.0.1"}, [("ip_address", "reserved")]),
        ({"asn": 45104}, [("asn", "reserved")]),
        ({"asn": 2**63}, [("asn", "out_of_range")]),
        ({"name": "http://x", "auth_key": "?"}, [("name", "url_prefix"), ("auth_key", "bad_character")]),
        ({"tags": [("", "x")]}, [("tags", "key_missing")]),
    ],
)
def test_a_gateway_that_breaks_rules_is_not_made(account, changed, expected):
    with pytest.raises(Invalid) as caught:
        make_customer_gateway(account, **changed)
    assert codes(caught) == expected
    assert not CustomerGateway.objects.exists()


def test_modifying_changes_texts_and_key_but_not_the_address(account):
    gateway = make_customer_gateway(account)
    gateway.name, gateway.auth_key, gateway.ip_address, gateway.asn = "renamed", "newkey", "203.0.113.99", 1
    modify_customer_gateway(make_actor(account), gateway, revision=1)
    stored = CustomerGateway.objects.get()
    assert (stored.name, stored.auth_key, stored.ip_address, stored.asn) == (
        "renamed",
        "newkey",
        "203.0.113.10",
        65010,
    )
    assert stored.revision == 2
    assert Event.objects.latest("id").facts == {"name": ["hamburg", "renamed"], "auth_key": "changed"}


def test_a_change_that_was_read_at_an_older_revision_is_refused(account):
    gateway = make_customer_gateway(account)
    modify_customer_gateway(make_actor(account), gateway, revision=1)
    gateway.name = "too late"
    with pytest.raises(Refused) as caught:
        modify_customer_gateway(make_actor(account), gateway, revision=1)
    assert caught.value.code == "changed_meanwhile"
    assert CustomerGateway.objects.get().name == "hamburg"


def test_a_gateway_in_use_is_not_deleted_and_says_who_uses_it(account):
    gateway = make_customer_gateway(account)
    connection = make_connection(account, gateway=gateway)
    with pytest.raises(Refused) as caught:
        delete_customer_gateway(make_actor(account), gateway)
    assert caught.value.code == "gateway_in_use"
    assert connection.resource_id in caught.value.message
    assert CustomerGateway.objects.exists()


def test_deleting_takes_the_tags_along(account):
    gateway = make_customer_gateway(account, tags=[("site", "hamburg")])
    delete_customer_gateway(make_actor(account), gateway)
    assert not CustomerGateway.objects.exists()
    assert not Tag.objects.exists()


# --- CEN instances and transit routers ---------------------------------------------------------------------------


def test_a_router_has_a_route_table_and_blocks(account):
    router = make_transit_router(account, cidrs=["10.0.0.0/20", "10.0.16.0/20"])
    assert router.default_table.resource_id.startswith("vtb-gw8")
    assert [str(cidr) for cidr in router.cidrs.all()] == ["10.0.0.0/20", "10.0.16.0/20"]


def test_one_router_a_region_in_a_cen(account):
    cen = make_cen(account)
    make_transit_router(account, cen=cen)
    with pytest.raises(Invalid) as caught:
        make_transit_router(account, cen=cen)
    assert codes(caught) == [("region_id", "region_taken")]
    make_transit_router(account, cen=cen, region_id="eu-west-1")
    assert TransitRouter.objects.count() == 2


def test_blocks_of_a_cens_routers_do_not_overlap(account):
    cen = make_cen(account)
    make_transit_router(account, cen=cen, cidrs=["10.0.0.0/16"])
    with pytest.raises(Invalid) as caught:
        make_transit_router(account, cen=cen, region_id="eu-west-1", cidrs=["10.0.1.0/24"])
    assert codes(caught) == [("cidrs", "taken")]


def test_a_cen_that_is_being_created_takes_no_router_yet(account, settings, clock):
    settings.TRANSITION_SECONDS = 10
    cen = make_cen(account)
    with pytest.raises(Refused) as caught:
        make_transit_router(account, cen=cen)
    assert caught.value.code == "configuring"


def test_a_cen_with_routers_is_not_deleted(account):
    router = make_transit_router(account)
    with pytest.raises(Refused) as caught:
        delete_cen(make_actor(account), router.cen)
    assert caught.value.code == "cen_has_transit_routers"
    delete_transit_router(make_actor(account), router)
    delete_cen(make_actor(account), router.cen)
    assert not Cen.objects.exists()


def test_a_router_with_attachments_is_not_deleted(account):
    router = make_transit_router(account)
    make_connection(account, router=router)
    with pytest.raises(Refused) as caught:
        delete_transit_router(make_actor(account), router)
    assert caught.value.code == "transit_router_has_attachments"


# --- tags --------------------------------------------------------------------------------------------------------


def test_replacing_tags_keeps_changes_and_removes(account):
    cen = make_cen(account, tags=[("keep", "1"), ("change", "1"), ("drop", "1")])
    kept = cen.tags.get(key="keep").pk
    replace_tags(make_actor(account), cen, [("keep", "1"), ("change", "2"), ("new", "")], 1)
    assert sorted(str(tag) for tag in cen.tags.all()) == ["change=2", "keep=1", "new"]
    assert cen.tags.get(key="keep").pk == kept


def test_tags_that_break_rules_leave_the_old_ones(account):
    cen = make_cen(account, tags=[("keep", "1")])
    with pytest.raises(Invalid):
        replace_tags(make_actor(account), cen, [("aliyun", "")], 1)
    assert [str(tag) for tag in cen.tags.all()] == ["keep=1"]


def test_suggestions_are_what_the_account_uses(account):
    make_cen(account, tags=[("env", "prod"), ("bare", "")])
    make_cen(make_account("Summit Retail"), tags=[("theirs", "x")])
    assert used_tags(account, "keys") == ["bare", "env"]
    assert used_tags(account, "values") == ["prod"]
    assert used_tags(account, "pairs") == ["bare", "env", "env=prod"]
