"""Customer gateways, CEN instances, transit routers and tags, as pages and as dialogs."""

import json

import pytest
from django.urls import reverse

from connections.models import Cen, CustomerGateway, Event, TransitRouter
from tests.console.conftest import htmx
from vpnconsole.testing import factories
from vpnconsole.testing.pages import main_form

GATEWAYS = f"/{factories.REGION}/customer-gateways/"


def wanted(**changed) -> dict:
    return {"name": "lisbon", "ip_address": "198.51.100.9", "asn": "", "auth_key": "", "description": ""} | changed


@pytest.fixture
def group(alice):
    return {"resource_group": alice.account.default_resource_group.resource_id}


def test_a_gateway_is_created_on_a_page(console, group):
    answer = console.post(f"{GATEWAYS}create/", wanted(asn="1.0", tag_key="site", tag_value="x") | group)
    assert answer.url == GATEWAYS
    made = CustomerGateway.objects.get()
    assert (made.asn, made.region_id, [tag.key for tag in made.tags.all()]) == (65536, factories.REGION, ["site"])


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"ip_address": ""}, "ip_address", "Enter a value for IP Address."),
        ({"ip_address": "nope"}, "ip_address", "Enter an IPv4 address"),
        ({"ip_address": "100.64.0.1"}, "ip_address", "cannot be used"),
        ({"asn": "45104"}, "asn", "number of the data center"),
        ({"asn": "0"}, "asn", "between 1 and"),
        ({"asn": "x"}, "asn", "Enter a number"),
        ({"auth_key": "a b"}, "auth_key", "no spaces"),
        ({"name": "x" * 101}, "name", "at most 100"),
        ({"description": "https://x"}, "description", "Must not start"),
        ({"tag_key": "acs:x", "tag_value": ""}, "tags", "must not start with"),
        ({"resource_group": "rg-of-somebody"}, "resource_group", "Select a valid choice"),
    ],
)
def test_a_gateways_fields_are_judged_where_they_stand(console, group, changed, field, words):
    answer = console.post(f"{GATEWAYS}create/", wanted() | group | changed)
    assert answer.status_code == 200
    form = answer.context["form"]
    [said] = form.errors[field]
    assert words in said
    assert len(form.errors) == 1
    assert not CustomerGateway.objects.exists()


def test_a_gateway_is_created_in_a_dialog_over_a_form(console, group):
    dialog = console.get(f"{GATEWAYS}create/", headers=htmx())
    assert b"<html" not in dialog.content
    assert b'id="dialog_name"' in dialog.content
    refused = console.post(f"{GATEWAYS}create/", wanted(ip_address="x") | group, headers=htmx())
    assert (refused.status_code, b"Enter an IPv4 address" in refused.content) == (200, True)
    made = console.post(f"{GATEWAYS}create/", wanted() | group, headers=htmx())
    assert made.status_code == 204
    told = json.loads(made.headers["HX-Trigger"])["resource-created"]
    assert told["kind"] == "customer-gateway"
    made = CustomerGateway.objects.get()
    # The name is how walks and page objects choose it.
    assert (told["id"], told["name"]) == (made.resource_id, made.name)


def test_a_gateways_address_and_number_never_change(console, gateway):
    address = f"{gateway.get_absolute_url()}modify/"
    console.post(address, wanted(ip_address="198.51.100.1", asn="1", revision="1"))
    gateway.refresh_from_db()
    assert (gateway.name, gateway.ip_address, gateway.asn) == ("lisbon", "203.0.113.10", 65010)


def test_a_second_editor_is_told_and_keeps_what_was_typed(console, gateway):
    address = f"{gateway.get_absolute_url()}modify/"
    assert console.post(address, wanted(name="first", revision="1")).status_code == 302
    late = console.post(address, wanted(name="second", revision="1"))
    text = late.content.decode()
    assert late.status_code == 200
    assert "Somebody else changed" in text
    assert "Stored value: first. Submit to replace it with yours." in text
    assert 'value="second"' in text
    gateway.refresh_from_db()
    assert gateway.name == "first"
    assert console.post(address, wanted(name="second", revision="2")).status_code == 302


def test_the_stored_value_is_shown_in_chinese(console, gateway):
    address = f"{gateway.get_absolute_url()}modify/"
    console.post(address, wanted(name="first", revision="1"))
    console.cookies["django_language"] = "zh-hans"
    assert "已保存的值：first。" in console.post(address, wanted(name="second", revision="1")).content.decode()


def test_a_gateways_key_is_sent_on_demand_only(console, alice):
    gateway = factories.make_customer_gateway(alice.account, auth_key="bgp-s3cret")
    base = gateway.get_absolute_url()
    assert b"bgp-s3cret" not in console.get(base).content
    assert b"bgp-s3cret" not in console.get(GATEWAYS).content
    assert b"bgp-s3cret" in console.get(f"{base}key/").content
    answer = console.get(f"{base}key/", headers=htmx())
    assert b"bgp-s3cret" in answer.content
    assert b"<html" not in answer.content


@pytest.fixture
def keyed(alice):
    return factories.make_customer_gateway(alice.account, auth_key="bgp-s3cret")


@pytest.mark.parametrize(
    ("typed", "kept", "told"),
    [
        ({}, "bgp-s3cret", None),
        ({"auth_key": "another"}, "another", "changed"),
        ({"clear_auth_key": "on"}, "", "changed"),
    ],
)
def test_a_stored_key_is_kept_replaced_or_removed(console, keyed, typed, kept, told):
    address = f"{keyed.get_absolute_url()}modify/"
    page = console.get(address).content.decode()
    assert "bgp-s3cret" not in page
    # Users who may edit may see the key.
    assert f"{keyed.get_absolute_url()}key/" in page
    form = main_form(page)
    assert form["auth_key"] == [""]
    assert console.post(address, form | {name: [value] for name, value in typed.items()}).status_code == 302
    assert CustomerGateway.objects.get(pk=keyed.pk).auth_key == kept
    assert Event.objects.latest("id").facts.get("auth_key") == told


def test_a_key_is_not_replaced_and_removed_at_once(console, keyed):
    address = f"{keyed.get_absolute_url()}modify/"
    form = main_form(console.get(address).content.decode())
    answer = console.post(address, form | {"auth_key": ["another"], "clear_auth_key": ["on"]})
    assert "Enter a new key or remove the stored one, not both." in answer.content.decode()
    assert CustomerGateway.objects.get(pk=keyed.pk).auth_key == "bgp-s3cret"


def test_there_is_no_key_to_remove_where_none_is_stored(console, gateway):
    page = console.get(f"{gateway.get_absolute_url()}modify/").content.decode()
    assert "clear_auth_key" not in page
    assert "Leave blank to keep the current key." not in page


def test_a_key_that_somebody_else_has_changed_stays_where_none_was_typed(console, keyed):
    address = f"{keyed.get_absolute_url()}modify/"
    form = main_form(console.get(address).content.decode())
    assert console.post(address, form | {"auth_key": ["theirs"], "_once": [""]}).status_code == 302
    late = console.post(address, form | {"name": ["mine"]})
    page = late.content.decode()
    assert "Somebody else changed" in page
    # This form would not replace the key.
    assert "Stored value: changed" not in page
    assert "theirs" not in page
    assert "bgp-s3cret" not in page
    assert console.post(address, main_form(page)).status_code == 302
    stored = CustomerGateway.objects.get(pk=keyed.pk)
    assert (stored.name, stored.auth_key) == ("mine", "theirs")


def test_a_gateway_in_use_is_not_deleted(console, alice, gateway):
    made = factories.make_connection(alice.account, gateway=gateway)
    address = f"{gateway.get_absolute_url()}delete/"
    asked = console.get(address, headers=htmx())
    assert made.resource_id in asked.content.decode()
    # In the words of the API, before and after.
    assert b'data-code="gateway_in_use"' in asked.content
    forced = console.post(address, headers=htmx())
    assert "another customer gateway, or delete them, first" in forced.content.decode()
    assert b'data-code="gateway_in_use"' in forced.content
    assert CustomerGateway.objects.filter(pk=gateway.pk).exists()


def test_a_gateway_is_deleted_by_dialog_and_by_page(console, alice, gateway):
    answer = console.post(f"{gateway.get_absolute_url()}delete/", headers=htmx())
    assert answer.headers["HX-Redirect"] == GATEWAYS
    second = factories.make_customer_gateway(alice.account)
    assert b"<h1>Delete customer gateway hamburg</h1>" in console.get(f"{second.get_absolute_url()}delete/").content
    assert console.post(f"{second.get_absolute_url()}delete/").url == GATEWAYS
    assert not CustomerGateway.objects.exists()


def test_a_cen_with_routers_and_a_router_with_attachments_stay(console, alice, gateway, router):
    made = factories.make_connection(alice.account, gateway=gateway, router=router)
    cen = router.cen.get_absolute_url()
    asked = console.get(f"{cen}delete/", headers=htmx()).content.decode()
    assert router.resource_id in asked
    assert 'data-code="cen_has_transit_routers"' in asked
    assert b"Delete them first" in console.post(f"{cen}delete/").content
    address = f"{router.get_absolute_url()}delete/"
    assert made.attachment.resource_id in console.get(address).content.decode()
    assert b"Detach these connections first" in console.post(address).content
    assert Cen.objects.exists()
    assert TransitRouter.objects.exists()


def test_a_router_is_created_once_a_region(console, alice):
    cen = factories.make_cen(alice.account)
    address = reverse("transit-router-create", args=[cen.resource_id])
    values = {"region_id": "cn-hangzhou", "name": "hz", "description": "", "cidrs": ["10.0.0.0/24", ""]}
    assert console.post(address, values).url == cen.get_absolute_url()
    assert [str(cidr) for cidr in TransitRouter.objects.get().cidrs.all()] == ["10.0.0.0/24"]
    assert b'value="cn-hangzhou"' not in console.get(address).content
    again = console.post(address, values)
    assert again.context["form"].errors["region_id"]
    overlapping = console.post(address, values | {"region_id": "cn-beijing"})
    assert "overlaps 10.0.0.0/24 of another transit router" in overlapping.content.decode()
    assert TransitRouter.objects.count() == 1


@pytest.mark.parametrize("kind", ["cen-status", "transit-router-status"])
def test_a_state_asks_again_until_it_rests(console, router, clock, kind, settings):
    settings.TRANSITION_SECONDS = 5
    for resource in (router, router.cen):
        resource.begin("Creating")
        resource.save()
    arguments = [router.cen.resource_id] + ([router.resource_id] if kind.startswith("transit") else [])
    address = reverse(kind, args=arguments)
    assert (b"Creating" in (text := console.get(address).content), b"hx-get" in text) == (True, True)
    clock.tick(5)
    assert (b"Active" in (text := console.get(address).content), b"hx-get" in text) == (True, False)


def test_tags_of_every_kind_of_resource_are_edited(console, alice, gateway, router):
    made = factories.make_connection(alice.account, gateway=gateway)
    for resource in (made, gateway, router, router.cen):
        address = reverse("resource-tags", args=[resource.resource_id])
        tags = {"tag_key": ["env", "", "x"], "tag_value": ["prod", "", ""], "revision": 1}
        saved = console.post(address, tags)
        assert saved.url == resource.get_absolute_url()
        assert [(tag.key, tag.value) for tag in resource.tags.all()] == [("env", "prod"), ("x", "")]
        twice = {"tag_key": ["a", "a"], "tag_value": ["1", "2"], "revision": 2}
        assert "there twice" in console.post(address, twice, headers=htmx()).content.decode()
        assert resource.tags.count() == 2


def test_tags_that_two_people_add_are_merged(console, alice, gateway, router):
    made = factories.make_connection(alice.account, gateway=gateway)
    for resource in (made, gateway, router, router.cen):
        address = reverse("resource-tags", args=[resource.resource_id])
        mine, theirs = (main_form(console.get(address).content.decode()) for _ in range(2))
        assert console.post(address, theirs | {"tag_key": "env", "tag_value": "prod"}).status_code == 302
        page = console.post(address, mine | {"tag_key": "site", "tag_value": "x"}).content.decode()
        assert "Somebody else changed" in page
        assert "Stored value: env=prod." in page
        assert [str(tag) for tag in resource.tags.all()] == ["env=prod"]
        # The response contains the new revision, so submitting it succeeds.
        assert console.post(address, main_form(page)).status_code == 302
        assert [str(tag) for tag in resource.tags.all()] == ["env=prod", "site=x"]


def test_after_a_dialog_one_is_where_one_was(console, gateway):
    address = reverse("resource-tags", args=[gateway.resource_id])
    page = f"{GATEWAYS}?q=ham"
    tags = {"tag_key": "a", "tag_value": "b"}
    answer = console.post(address, {**tags, "revision": 1, "next": page}, headers=htmx(page))
    assert answer.headers["HX-Redirect"] == page
    astray = console.post(address, {**tags, "revision": 2, "next": "https://elsewhere.example/"})
    assert astray.url == gateway.get_absolute_url()


def test_tags_in_use_are_suggested(console, alice):
    factories.make_customer_gateway(alice.account, tags=[("site", "x"), ("env", "")])
    texts = {
        what: console.get(reverse("tag-suggestions", args=[what])).content.decode()
        for what in ("keys", "values", "pairs")
    }
    assert texts["keys"].index("env") < texts["keys"].index("site")
    assert 'value="x"' in texts["values"]
    assert 'value="site=x"' in texts["pairs"]
    assert console.get("/tags/suggestions/passwords/").status_code == 404


# --- names, resource groups and CIDR blocks of CEN instances and transit routers ---------------------------------


def test_a_cen_and_a_router_are_renamed_in_a_dialog(console, router):
    for name, resource in (("cen-modify", router.cen), ("transit-router-modify", router)):
        here = resource.get_absolute_url()
        address = f"{here}modify/"
        assert f'hx-get="{address}"' in console.get(here).content.decode()
        mine, theirs = (main_form(console.get(address, headers=htmx()).content.decode()) for _ in range(2))
        assert "Must not start" in console.post(address, mine | {"name": "http://x"}).content.decode(), name
        saved = console.post(address, theirs | {"name": "theirs", "description": "d"}, headers=htmx())
        assert saved.headers["HX-Redirect"] == here
        page = console.post(address, mine | {"name": "mine"}).content.decode()
        assert "Somebody else changed" in page
        assert "Stored value: theirs." in page
        resource.refresh_from_db()
        assert (resource.name, resource.description) == ("theirs", "d")
        assert console.post(address, main_form(page)).url == here


def test_every_resource_with_a_group_is_moved(console, alice, gateway, router):
    group = alice.account.resource_groups.get(is_default=False)
    for resource in (factories.make_connection(alice.account, gateway=gateway), gateway, router.cen):
        address = reverse("resource-group", args=[resource.resource_id])
        assert f'hx-get="{address}"' in console.get(resource.get_absolute_url()).content.decode()
        mine, theirs = (main_form(console.get(address, headers=htmx()).content.decode()) for _ in range(2))
        assert mine["resource_group"] == [alice.account.default_resource_group.resource_id]
        assert "Select a valid choice" in console.post(address, mine | {"resource_group": "rg-x"}).content.decode()
        assert console.post(address, theirs | {"resource_group": group.resource_id}).url == resource.get_absolute_url()
        page = console.post(address, mine).content.decode()
        assert "Somebody else changed" in page
        assert f"Stored value: {group}." in page
        resource.refresh_from_db()
        assert resource.resource_group == group
    assert console.get(reverse("resource-group", args=[router.resource_id])).status_code == 404


def test_cidr_blocks_are_added_changed_and_deleted_on_the_routers_page(console, alice):
    router = factories.make_transit_router(alice.account, cidrs=["10.200.0.0/24"])
    here, [used] = router.get_absolute_url(), router.cidrs.all()
    create = f"{here}cidrs/create/"
    form = main_form(console.get(create, headers=htmx()).content.decode())
    refused = console.post(create, form | {"cidr": "10.201.0.1/24"}, headers=htmx()).content.decode()
    assert "Did you mean 10.201.0.0/24?" in refused
    assert 'data-testid="fix-cidr-' in refused
    added = console.post(create, form | {"cidr": "10.201.0.0/24", "name": "spare"}, headers=htmx())
    assert added.headers["HX-Redirect"] == here
    page = console.get(here).content.decode()
    assert 'data-testid="cidr-10.201.0.0/24-edit"' in page
    assert "spare" in page
    block = router.cidrs.get(name="spare")
    modify = f"{here}cidrs/{block.resource_id}/modify/"
    form = main_form(console.get(modify).content.decode())
    # One submit shows every problem.
    wrong = console.post(modify, form | {"cidr": "10.200.0.0/24", "name": "http://x"}).content.decode()
    assert "10.200.0.0/24 overlap" in wrong
    assert "Must not start" in wrong
    del form["publish_cidr_route"]
    assert console.post(modify, form | {"cidr": "10.202.0.0/24"}).url == here
    block.refresh_from_db()
    assert (block.cidr, block.publish_cidr_route) == ("10.202.0.0/24", False)
    assert console.post(f"{here}cidrs/{block.resource_id}/delete/").url == here
    # A block in use names who uses it, and offers no OK.
    private = factories.make_connection(alice.account, network_type="private", router=router)
    delete = f"{here}cidrs/{used.resource_id}/delete/"
    asked = console.get(delete, headers=htmx()).content.decode()
    assert private.attachment.resource_id in asked
    assert "dialog-ok" not in asked
    assert b"Detach these connections first" in console.post(delete).content
    assert router.cidrs.get() == used
