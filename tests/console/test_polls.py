"""Polls for a resource: when its account has deleted it, the page takes it out instead of reporting an error."""

import re

import pytest

from connections.models import Tunnel
from connections.services.cens import delete_cen, delete_transit_router
from connections.services.connections import delete_connection
from connections.services.devices import load_configuration
from tests.addresses import address
from tests.console.conftest import htmx
from vpnconsole.testing import factories

LIST = f"/{factories.REGION}/connections/"
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


def delay(html: str) -> int | None:
    found = re.search(r'hx-trigger="load delay:(\d+)s"', html)
    return int(found[1]) if found else None


@pytest.mark.parametrize("name", ["connection-row", "connection-header"])
def test_a_page_asks_again_when_what_it_shows_turns(name, console, alice, gateway, clock):
    made = factories.make_connection(alice.account, gateway=gateway)
    url = address(name, {"region_id": factories.REGION, "connection_id": made.resource_id})
    moments = []

    def look(seconds: int = 0) -> None:
        clock.tick(seconds)
        html = console.get(url, headers=htmx()).content.decode()
        moments.append((re.search(r">(Not Neg[^<]*|Phase[^<]*)<", html)[1], delay(html)))

    look()
    look(4)
    load_configuration(factories.make_actor(alice.account), Tunnel.objects.whole().get(connection=made))
    for seconds in (0, 1, 1, 177, 1):
        look(seconds)
    assert moments == [
        ("Not Negotiated", 4),
        # Attempts are repeated, and the code stays.
        ("Phase 1 Negotiation Failed", None),
        ("Phase 1 Negotiation Failed", 1),
        ("Phase 1 Negotiation Succeeded", 1),
        # The code of the attempts before fades.
        ("Phase 2 Negotiation Succeeded", 178),
        ("Phase 2 Negotiation Succeeded", 1),
        ("Phase 2 Negotiation Succeeded", None),
    ]


@pytest.mark.parametrize("name", ["connection-row", "connection-header"])
def test_only_what_has_changed_is_announced(name, console, alice, gateway, clock):
    made = factories.make_connection(alice.account, gateway=gateway)
    url = address(name, {"region_id": factories.REGION, "connection_id": made.resource_id})
    again = url + re.search(r"\?shown=[\w-]+", console.get(url).content.decode())[0]
    assert 'id="live"' not in console.get(again).content.decode()
    clock.tick(4)
    said = f"{made.resource_id}: Unassociated, Phase 1 Negotiation Failed</div>"
    assert said in console.get(again).content.decode()


def test_repeated_attempts_with_different_codes_are_at_rest(console, alice, gateway, clock):
    made = factories.make_connection(alice.account, gateway=gateway, tunnel={"ike_version": "ikev1"})
    details, codes = made.get_absolute_url(), set()
    for _ in range(12):
        clock.tick(13)
        assert '-code" class="problem-warn">No<wbr>Response<' in (html := console.get(LIST).content.decode())
        assert delay(html) is None
        html = console.get(details).content.decode().replace("<wbr>", "")
        codes.add(re.search(r'data-testid="code"[^>]*>(\w+)<', html)[1])
    assert codes == {"NoResponse", "Phase1NegotiationTimeout"}
