"""The page Diagnose: what is wrong with a connection, for whom, and where it leads."""

import re

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from connections import clock
from connections.console import diagnosis
from connections.domain.choices import Role
from connections.models import Connection, Device, Event, Route, RouteEntry, Tunnel
from connections.negotiation.checks import CHECKS
from connections.negotiation.diagnosis import mends_of
from connections.services import devices
from connections.services.operations import Actor
from tests.console.conftest import signed_in
from tests.console.test_copying import lacking
from tests.console.test_testids import check
from vpnconsole.testing import factories

KEY, OTHER = "k3y-Autumn-Harbour", "K3Y-autumn-harbour"


@pytest.fixture
def connection(alice, gateway, router) -> Connection:
    made = factories.make_connection(alice.account, gateway=gateway, router=router, tunnel={"psk": KEY})
    Route(connection=made, destination="192.168.50.0/24").save()
    return made


@pytest.fixture
def loaded(connection, alice) -> Connection:
    """The connection with a device that has loaded the peer configuration."""
    devices.load_configuration(Actor.of(alice), connection.tunnel)
    return connection


def change(connection, **settings) -> None:
    Device.objects.filter(tunnel__connection=connection).update(**settings)


def url(connection) -> str:
    return reverse("connection-diagnosis", args=[connection.region_id, connection.resource_id])


def read(client, connection):
    answer = client.get(url(connection))
    assert answer.status_code == 200
    return answer.context["reports"], answer.content.decode()


def keys(report, level) -> list[str]:
    return [one.key for one in report.found[level]]


def test_a_tunnel_that_agrees_has_no_problem(console, loaded):
    (report,), page = read(console, loaded)
    assert keys(report, "error") == []
    assert keys(report, "warning") == ["posture"]
    assert "networks" in keys(report, "normal")
    assert '<details class="panel fold" id="tunnel1-normal">' in page


def test_a_device_that_is_not_configured_is_said(console, connection):
    (report,), page = read(console, connection)
    assert keys(report, "error") == ["device"]
    assert "Load the peer configuration into it." in page


def test_problems_come_first_with_both_values_and_a_link_to_the_field(console, loaded):
    change(loaded, ike_pfs=["group14"], local_id="192.168.1.2")
    (report,), page = read(console, loaded)
    assert keys(report, "error") == ["ike_group", "remote_id"]
    group = report.errors[0]
    assert [(one.label, one.cloud, one.device) for one in group.values] == [("IKE: DH Group", "group2", "group14")]
    edit = reverse("connection-modify", args=[loaded.region_id, loaded.resource_id])
    assert ("Edit IKE: DH Group of the connection", f"{edit}#div_id_tunnel1-ike_pfs") in group.links
    assert page.index('id="tunnel1-error"') < page.index('id="tunnel1-warning"') < page.index('id="tunnel1-normal"')
    check(console.get(url(loaded)))
    assert lacking(console.get(url(loaded))) == []


def test_every_link_leads_to_a_field_that_is_there(console, alice, gateway, router):
    full = factories.make_connection(
        alice.account,
        gateway=gateway,
        router=router,
        routing_mode="protected",
        local_subnet=["10.0.0.0/16"],
        remote_subnet=["192.168.0.0/24"],
        enable_bgp=True,
        health_check=True,
        health_check_dip="192.168.0.1",
        health_check_sip="10.0.0.1",
        tunnel={"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1", "ike_version": "ikev1"},
    )
    names = {name for one in CHECKS for name in one.fields}
    names |= {name for one in CHECKS for case in one.cases if not callable(case.fields) for name in case.fields}
    links = [link for name in sorted(names) for link in diagnosis.links_of(mends_of([name]), full.tunnel)]
    pages = {}
    for text, target in links:
        address, _hash, anchor = target.partition("#")
        pages.setdefault(address, console.get(address).content.decode())
        assert not anchor or f'id="{anchor}"' in pages[address], (text, target)
    assert len(pages) == 5


def test_a_key_is_on_no_page_and_only_those_who_may_see_keys_get_hints(console, alice, loaded):
    device = loaded.tunnel.device
    device.psk = OTHER
    device.save()
    reader = signed_in(factories.make_user(alice.account, "reader", role=Role.READ_ONLY))
    for client, sentence in (
        (console, "The keys differ only in upper and lower case."),
        (reader, "The pre-shared keys of the two sides differ."),
    ):
        (report,), page = read(client, loaded)
        assert [one.sentence for one in report.errors] == [sentence]
        assert escape(sentence) in page
        assert not {KEY.lower(), OTHER.lower()} & set(re.findall(r"[\w-]+", page.lower()))
        assert ("/modify/#" in page) == (client is console)


def test_it_reads_only(console, loaded):
    events = Event.objects.count()
    read(console, loaded)
    assert Event.objects.count() == events
    assert console.post(url(loaded)).status_code == 405


def test_the_whole_of_it_is_there_as_text(console, loaded):
    change(loaded, enable_dpd=False)
    answer = console.get(url(loaded))
    text = answer.context["text"]
    assert text.startswith(f"Diagnosis of {loaded.label}, ")
    assert "[Warning] DPD: DPD is on at one side only" in text
    assert "    DPD: cloud On, device Off" in text
    assert text.count("[Normal]") == len(answer.context["reports"][0].found["normal"])
    assert 'data-copy-of="diagnosis-text"' in answer.content.decode()


def test_switches_of_the_device_are_known(console, alice, loaded):
    devices.switch(Actor.of(alice), loaded.tunnel, on=False)
    (report,), _page = read(console, loaded)
    assert [(one.key, one.sentence) for one in report.errors] == [("device", "The device is off.")]
    devices.switch(Actor.of(alice), loaded.tunnel, on=True)
    devices.set_line(Actor.of(alice), loaded.tunnel, up=False)
    (report,), _page = read(console, loaded)
    assert [one.sentence for one in report.errors] == ["The line between the cloud and the device is cut."]


def routes_of(console, connection):
    (report,), _page = read(console, connection)
    return next(one for level in report.found.values() for one in level if one.key == "routes")


def test_routes_are_those_of_the_transit_router(console, alice, gateway, router, loaded):
    assert routes_of(console, loaded).level == "normal"
    other = factories.make_connection(alice.account, gateway=gateway, router=router)
    factories.make_route(other, "192.168.50.128/25")
    assert "192.168.50.128/25" in routes_of(console, loaded).sentence
    loaded.attachment.propagate_to_default_route_table = False
    loaded.attachment.save()
    assert routes_of(console, loaded).level == "error"
    # A static entry leads into the tunnel, too; what lies in a table without our routes takes nothing away.
    RouteEntry(route_table=router.default_table, destination="172.16.0.0/12", attachment=loaded.attachment).save()
    assert routes_of(console, loaded).level == "normal"


def test_a_black_hole_takes_traffic_away(console, router, loaded):
    RouteEntry(route_table=router.default_table, destination="192.168.50.0/24").save()
    assert routes_of(console, loaded).level == "warning"


def test_routes_of_another_account_are_not_looked_at(alice, bob, gateway, loaded):
    router = factories.make_transit_router(bob.account, cidrs=["10.201.0.0/20"])
    factories.make_route(factories.make_connection(bob.account, router=router), "192.168.50.0/24")
    loaded.attachment.transit_router, loaded.attachment.account = router, bob.account
    loaded.attachment.save()
    _found, page = read(signed_in(alice), loaded)
    assert "lead elsewhere" not in page


def test_two_tunnels_have_a_section_each_and_take_as_many_queries(console, loaded):
    # The first page of a session takes more.
    read(console, loaded)
    with CaptureQueriesContext(database) as for_one:
        read(console, loaded)
    first = loaded.tunnel
    second = Tunnel(
        connection=loaded, index=2, customer_gateway=first.customer_gateway, account=first.account,
        region_id=first.region_id, psk=KEY,
    )  # fmt: skip
    second.save()
    Device.objects.make([second], changed_at=clock.now())
    with CaptureQueriesContext(database) as for_two:
        found, page = read(console, loaded)
    assert len(for_two) == len(for_one) <= 16
    assert [report.prefix for report in found] == ["tunnel1", "tunnel2"]
    assert [keys(report, "warning")[-2:] for report in found] == [["tunnels", "posture"]] * 2
    assert page.count('class="report-title"') == 2


def test_the_list_and_the_details_lead_there(console, loaded):
    for page in (reverse("connection-menu", args=[loaded.region_id, loaded.resource_id]), loaded.get_absolute_url()):
        assert f'href="{url(loaded)}"' in console.get(page).content.decode()


def test_it_is_there_in_the_other_language(console, loaded):
    console.cookies["django_language"] = "zh-hans"
    change(loaded, enable_dpd=False)
    _found, page = read(console, loaded)
    assert "只有一端开启了 DPD" in page
    assert "[警告]" in page
