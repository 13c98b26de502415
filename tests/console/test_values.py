"""The form takes the same spellings as the other doors, and pages show what is stored: zeros and kept values too."""

import re
from pathlib import Path

import pytest
from django.http import QueryDict
from django.urls import reverse

from connections.as_code import recipes
from connections.console.forms.connections import ConnectionForm
from connections.console.panels import connection_panels
from connections.domain.regions import REGIONS
from connections.models import Connection, Event
from tests.console.test_life import modify, sent
from vpnconsole.testing import factories
from vpnconsole.testing.factories import REGION

TEMPLATES = Path(__file__).parents[2] / "templates"
CHECK = {"dip": "192.168.0.1", "sip": "10.0.0.1", "interval": 60, "retry": 9, "policy": "reserve_route"}
KEPT = {f"health_check_{name}": value for name, value in CHECK.items()}


@pytest.fixture
def created(console, gateway):
    def create(**changed):
        values = {
            "associate_resource": "NO_ASSOCIATED", "network_type": "public", "routing_mode": "protected",
            "local_subnet": ["10.0.0.0/16"], "remote_subnet": ["192.168.0.0/16"], "effect_immediately": "True",
            "tunnel1-customer_gateway": gateway.resource_id, "tunnel1-ike_version": "ikev2", "tunnel1-ike_mode": "main",
            "tunnel1-ike_enc_alg": "aes", "tunnel1-ike_auth_alg": "sha1", "tunnel1-ike_pfs": "group2",
            "tunnel1-ike_lifetime": "86400", "tunnel1-ipsec_enc_alg": "aes", "tunnel1-ipsec_auth_alg": "sha1",
            "tunnel1-ipsec_pfs": "group2", "tunnel1-ipsec_lifetime": "86400",
        }  # fmt: skip
        return console.post(reverse("connection-create", args=[REGION]), values | changed)

    return create


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (
            {"local_subnet": [" 10.0.0.0/16 , 10.1.0.0/16", "", "10.2.0.0/16"]},
            ["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16"],
        ),
        ({"local_subnet": ["0.0.0.0/0"]}, ["0.0.0.0/0"]),
        ({"local_subnet": ["192.168.1.0/24"]}, ["192.168.1.0/24"]),
    ],
)
def test_lists_in_a_row_become_rows_and_sides_may_overlap(created, typed, stored):
    assert created(**typed).status_code == 302
    assert Connection.objects.get().local_subnet == stored


@pytest.mark.parametrize("remote", ["0.0.0.0/0", "10.0.0.0/8", "100.0.0.0/8"])
def test_a_side_that_is_rarely_meant_gets_advice(created, remote):
    page = created(remote_subnet=[remote], name="http://refused")
    part = page.context["form"].connection
    assert "remote_subnet" not in part.errors
    assert len(part.warnings["remote_subnet"]) == 1


def test_a_mask_gets_the_length_as_a_proposal(created):
    page = created(local_subnet=["10.0.0.0/255.255.0.0"])
    assert 'data-fix="10.0.0.0/16" data-was="10.0.0.0/255.255.0.0"' in page.content.decode()


def test_a_list_in_a_row_is_shown_as_rows_beside_its_proposal(created):
    page = created(local_subnet=["10.1.0.0/16, 10.0.0.0/255.255.0.0"]).content.decode()
    assert 'data-fix="10.0.0.0/16" data-was="10.0.0.0/255.255.0.0"' in page
    assert re.findall(r'name="local_subnet"[^>]*? value="([^"]*)"', page) == ["10.1.0.0/16", "10.0.0.0/255.255.0.0"]


@pytest.mark.parametrize(
    ("block", "offered"), [("169.254.10.0/30", "169.254.10.1"), ("10.0.0.0/30", ""), ("169.254.0.0/30", "")]
)
def test_an_address_is_offered_only_in_a_block_that_is_right(gateway, block, offered):
    values = {"enable_bgp": "on", "tunnel1-tunnel_cidr": block, "tunnel1-customer_gateway": gateway.resource_id}
    data = QueryDict(mutable=True)
    data.update(values)
    form = ConnectionForm(gateway.account, REGIONS[REGION], data)
    assert form.proposals("enable_bgp").get("tunnel1-local_bgp_ip", "") == offered


# --- a health check that is off ----------------------------------------------------------------------------------


def test_what_was_typed_before_the_check_was_turned_off_is_kept_if_it_is_right(created):
    typed = {name: "False" if name.endswith("policy") else value for name, value in KEPT.items()}
    assert created(**typed | {"health_check_retry": "x", "health_check_interval": "99999"}).status_code == 302
    kept = {name: getattr(Connection.objects.get(), name) for name in KEPT}
    assert kept == KEPT | {"health_check_retry": 3, "health_check_interval": 3}


def test_turning_the_check_off_and_on_again_brings_back_what_it_had(console, alice, gateway):
    stored = factories.make_connection(alice.account, gateway=gateway, health_check=True, **KEPT)
    assert console.post(modify(stored), sent(stored)).status_code == 302
    stored = Connection.objects.get()
    assert {name: getattr(stored, name) for name in KEPT} == KEPT
    assert Event.objects.filter(operation="ModifyVpnAttachmentAttribute").get().facts == {"health_check": [True, False]}
    shown = {row.name: str(row.value) for panel in connection_panels(stored) for row in panel.rows}
    assert (shown["health_check_dip"], shown["health_check_interval"]) == ("192.168.0.1", "60 seconds")
    page = console.get(modify(stored)).content.decode()
    assert re.search(r'<input type="hidden" name="health_check_dip" value="192.168.0.1"', page)


def test_a_check_that_keeps_nothing_shows_nothing(alice, gateway):
    stored = factories.make_connection(alice.account, gateway=gateway)
    names = {row.name for panel in connection_panels(stored) for row in panel.rows}
    assert names & {"health_check", *KEPT} == {"health_check"}


# --- zeros -------------------------------------------------------------------------------------------------------


def test_a_lifetime_of_0_is_shown_as_0(console, alice, gateway):
    stored = factories.make_connection(alice.account, gateway=gateway, tunnel={"ike_lifetime": 0, "ipsec_lifetime": 1})
    page = console.get(stored.get_absolute_url()).content.decode()
    assert re.findall(r"SA Life Cycle \(seconds\)</dt>\s*<dd[^>]*>\s*([^\s<]+)", page) == ["0", "1"]
    changed = console.post(
        modify(stored),
        sent(stored) | {"tunnel1-ike_lifetime": "60", "tunnel1-ipsec_lifetime": "0", "_action": "update"},
    )
    rows = [(row.before, row.after) for row in changed.context["form"].preview.change_rows]
    assert rows == [("0", "60"), ("1", "0")]


def test_no_template_shows_a_value_that_is_there_as_missing():
    """`default` also replaces 0 and False."""
    assert not [path for path in TEMPLATES.rglob("*.html") if 'default:"-"' in path.read_text()]


def test_code_for_a_check_that_is_off_repeats_what_it_keeps(alice, gateway):
    stored = factories.make_connection(alice.account, gateway=gateway, health_check=False, **KEPT)
    (step, *_) = recipes.connection(stored, [stored.tunnel], None, []).steps
    expected = {"enable": False, "dip": "192.168.0.1", "sip": "10.0.0.1", "interval": 60, "retry": 9}
    assert step.parameters["HealthCheckConfig"] == expected | {"Policy": "reserve_route"}
    plain = factories.make_connection(alice.account, gateway=gateway)
    (step, *_) = recipes.connection(plain, [plain.tunnel], None, []).steps
    assert "HealthCheckConfig" not in step.parameters
