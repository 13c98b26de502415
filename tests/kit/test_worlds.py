"""Worlds: made, entered, left and ended."""

from pathlib import Path

import pytest

from vpnconsole.kit import names
from vpnconsole.testing.pages import main_form
from vpnconsole.testing.served import Browser
from vpnconsole.testing.worlds import Visitor

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.pg


def test_a_world_has_rows_and_sessions_of_its_own(control, server):
    world, other = control.world(), control.world()
    alice = Visitor(server, world["id"], "alice")
    form = main_form(alice.get("/eu-central-1/customer-gateways/create/").text)
    form |= {"name": ["only-here"], "ip_address": ["203.0.113.99"]}
    assert alice.post("/eu-central-1/customer-gateways/create/", form).status == 302
    page = alice.get("/eu-central-1/customer-gateways/")
    assert "only-here" in page.text
    assert page.headers["X-VPNC-World"] == world["id"]
    assert f'data-world="{world["id"]}"' in page.text
    assert "only-here" not in Visitor(server, other["id"], "alice").get("/eu-central-1/customer-gateways/").text
    outside = Browser(server, "alice").get("/eu-central-1/customer-gateways/")
    assert "only-here" not in outside.text
    assert "X-VPNC-World" not in outside.headers
    # Of another world, the session is none.
    alice.world_id = other["id"]
    assert alice.get("/eu-central-1/customer-gateways/").status == 302


def test_names_lead_to_ids_and_addresses(control, server):
    world = control.world(label="names")
    found = world["names"]["connection"]["paris-branch"]
    assert Visitor(server, world["id"], "alice").get(found["address"]).status == 200
    assert found["id"] in found["address"]
    assert world["members"]["bob"]["account"] == "Summit Retail"
    assert {one["id"] for one in control.call("GET", "/worlds")["worlds"]} >= {world["id"]}


@pytest.mark.parametrize(("prefix", "address"), [("/", "/cens/c/"), ("/vpn/", "/vpn/cens/c/")])
def test_addresses_are_below_the_base_path(prefix, address):
    stored = {"cen": {"core": {"id": "c", "address": "/cens/c/"}}, "route_table": {"t": {"id": "v", "address": ""}}}
    found = names.below(prefix, stored)
    assert found["cen"]["core"] == {"id": "c", "address": address}
    assert found["route_table"]["t"]["address"] == ""


def test_a_deleted_world_is_gone(control, server):
    world = control.world(scenario="empty")
    control.call("DELETE", f"/worlds/{world['id']}", 204)
    control.call("DELETE", f"/worlds/{world['id']}", 204)
    control.call("GET", f"/worlds/{world['id']}", 410)
    assert Browser(server).get("/login/", X_VPNC_World=world["id"]).status == 410
