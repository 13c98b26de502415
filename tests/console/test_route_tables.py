"""Route tables on a transit router's page, and the links of an attachment to them."""

import pytest
from django.urls import reverse

from connections.domain.choices import Role
from connections.models import Attachment, Event, RouteTable
from tests.console.conftest import signed_in
from vpnconsole.testing import factories

NETWORK = "192.168.0.0/24"


@pytest.fixture
def attachment(alice, gateway, router) -> Attachment:
    return factories.make_connection(
        alice.account, gateway=gateway, router=router, routing_mode="protected", local_subnet=["10.0.0.0/16"],
        remote_subnet=[NETWORK],
    ).attachment  # fmt: skip


@pytest.fixture
def table(router) -> RouteTable:
    return factories.make_route_table(router)


def text(answer) -> str:
    return answer.content.decode()


def at(router, page: str = "routes", *more: str) -> str:
    name = "transit-router-routes" if page == "routes" else f"route-table-{page}"
    return reverse(name, args=[router.cen.resource_id, router.resource_id, *more])


def links(attachment) -> str:
    return f"{attachment.get_absolute_url()}route-tables/"


def test_a_table_is_created_changed_and_deleted(console, router):
    answer = console.post(at(router, "create"), {"name": "branches", "description": "d", "revision": "1"})
    assert answer.url == at(router)
    table = RouteTable.objects.get(is_default=False)
    page = text(console.get(at(router)))
    assert f'data-testid="route-table-{table.resource_id}"' in page
    assert "branches" in page
    here = table.resource_id
    assert "of the north" not in text(console.get(at(router, "detail", here)))
    values = {"name": "branches", "description": "of the north", "revision": "1"}
    assert console.post(at(router, "modify", here), values).url == table.get_absolute_url()
    assert "of the north" in text(console.get(at(router, "detail", here)))
    late = console.post(at(router, "modify", here), values | {"description": "late"})
    assert "Stored value: of the north." in text(late)
    assert console.post(at(router, "delete", here)).url == at(router)
    assert not RouteTable.objects.filter(is_default=False).exists()
    assert console.get(at(router, "detail", here)).status_code == 404


def test_a_bad_name_is_said_at_its_field(console, router):
    answer = console.post(at(router, "create"), {"name": "http://x", "description": "", "revision": "1"})
    assert "name" in answer.context["form"].errors
    assert RouteTable.objects.count() == 1


def test_the_default_table_is_changed_not_deleted(console, router):
    default = router.default_table.resource_id
    page = text(console.get(at(router)))
    assert f'data-testid="route-table-{default}-edit"' in page
    assert f'data-testid="route-table-{default}-delete"' not in page
    assert "It is deleted with its transit router." in text(console.post(at(router, "delete", default)))
    assert console.get(at(router, "code", default)).status_code == 404


def test_links_are_changed_together_each_with_an_event(console, router, table, attachment):
    default, custom = router.default_table, table.resource_id
    page = text(console.get(links(attachment)))
    assert f'name="propagate-{default.resource_id}"' in page
    assert f'name="propagate-{custom}"' in page
    values = {"route_table": custom, f"propagate-{custom}": "on", "revision": "1"}
    assert console.post(links(attachment), values).url == attachment.get_absolute_url()
    attachment.refresh_from_db()
    assert (attachment.associated_table, attachment.propagation_tables) == (table, [table])
    events = Event.objects.filter(resource_id=attachment.resource_id).order_by("id").values_list("operation", "facts")
    assert list(events)[-4:] == [
        ("DissociateTransitRouterAttachmentFromRouteTable", {"route_table": default.resource_id}),
        ("DisableTransitRouterRouteTablePropagation", {"route_table": default.resource_id}),
        ("AssociateTransitRouterAttachmentWithRouteTable", {"route_table": custom}),
        ("EnableTransitRouterRouteTablePropagation", {"route_table": custom}),
    ]
    # The table shows both, and the default one no more.
    shown = text(console.get(at(router, "detail", custom)))
    assert NETWORK in shown
    assert NETWORK not in text(console.get(at(router)))
    assert f'data-testid="associated-{attachment.resource_id}"' in text(console.get(at(router)))
    assert f'data-testid="link-association-{custom}"' in text(console.get(attachment.get_absolute_url()))
    # An older page changes nothing.
    assert "Somebody else changed" in text(console.post(links(attachment), values | {"route_table": ""}))
    attachment.refresh_from_db()
    assert attachment.associated_table == table
    # The switch on the other form says what is in its way.
    switched = {"name": "", "revision": str(attachment.revision), "associate_default_route_table": "on"}
    answer = console.post(f"{attachment.get_absolute_url()}modify/", switched)
    assert "associate_default_route_table" in answer.context["form"].errors
    assert "3 associations" not in text(console.post(at(router, "delete", custom)))
    assert "still has 1 association" in text(console.post(at(router, "delete", custom)))


def test_a_table_of_another_router_cannot_be_chosen(console, alice, attachment):
    elsewhere = factories.make_transit_router(alice.account).default_table
    answer = console.post(links(attachment), {"route_table": elsewhere.resource_id, "revision": "1"})
    assert "route_table" in answer.context["form"].errors


def test_detaching_names_every_table(console, router, table, attachment):
    default = router.default_table.resource_id
    values = {"route_table": table.resource_id, f"propagate-{default}": "on", f"propagate-{table.resource_id}": "on"}
    console.post(links(attachment), values | {"revision": "1"})
    refused = text(console.post(f"{attachment.get_absolute_url()}delete/", {}))
    assert f"an association with {table.resource_id}" in refused
    assert f"a propagation to {default}, {table.resource_id}" in refused
    assert console.post(f"{attachment.get_absolute_url()}delete/", {"force": "on"}).status_code == 302


def test_a_read_only_member_sees_and_changes_nothing(alice, router, table, attachment):
    member = factories.make_user(alice.account, "rita", role=Role.READ_ONLY)
    reader = signed_in(member)
    for address in (at(router), table.get_absolute_url(), attachment.get_absolute_url()):
        page = text(reader.get(address))
        assert table.resource_id in page or attachment.associated_table.resource_id in page
        for control in ("route-table-create", f"route-table-{table.resource_id}-edit", "edit-route-tables",
                        f"correlation-{attachment.resource_id}-edit"):  # fmt: skip
            assert f'data-testid="{control}"' not in page
    assert reader.post(links(attachment), {"route_table": "", "revision": "1"}).status_code == 403


def test_the_palette_finds_a_route_table(console, table):
    assert table.get_absolute_url() in text(console.get(f"/go-to/?q={table.resource_id}"))
    assert table.get_absolute_url() in text(console.get("/go-to/?q=branches"))


def test_code_of_a_table_can_be_imported(console, router, table):
    page = text(console.get(at(router, "code", table.resource_id)))
    assert "alicloud_cen_transit_router_route_table" in page
    assert f"{router.resource_id}:{table.resource_id}" in page
