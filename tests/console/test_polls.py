"""Polls for a resource: when its account has deleted it, the page takes it out instead of reporting an error."""

import pytest

from connections.services.cens import delete_cen, delete_transit_router
from connections.services.connections import delete_connection
from tests.console.conftest import htmx
from tests.console.test_isolation import address
from vpnconsole.testing import factories

OF_CONNECTION = (
    "connection-row",
    "connection-header",
    "connection-topology",
    "connection-logs-new",
    "connection-bgp-routes",
    "connection-tunnels",
)
OF_CENS = ("cen-status", "transit-router-status", "transit-router-topology")


@pytest.fixture
def emptied(alice, router, gateway) -> dict[str, str]:
    """Alice has deleted her connection, transit router and CEN instance. Maps the arguments of URLs to their IDs."""
    connection = factories.make_connection(alice.account, gateway=gateway)
    estate = {"region_id": factories.REGION, "connection_id": connection.resource_id,
              "cen_id": router.cen.resource_id, "router_id": router.resource_id}  # fmt: skip
    for delete, row in ((delete_connection, connection), (delete_transit_router, router), (delete_cen, router.cen)):
        delete(factories.make_actor(alice.account), row)
    return estate


@pytest.mark.parametrize("name", OF_CONNECTION + OF_CENS)
def test_a_deleted_resource_leaves_the_page(name, console, bobs, emptied):
    answer = console.get(address(name, emptied), headers=htmx())
    assert (answer.status_code, answer["HX-Trigger"]) == (204, '{"resource-gone": {}}')
    # As a page, and for others, it is not found.
    assert console.get(address(name, emptied)).status_code == 404
    assert bobs.get(address(name, emptied), headers=htmx()).status_code == 404
