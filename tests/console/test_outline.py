"""The sidebar of the form shows the progress of each section and the chosen values, but no secrets."""

import re

import pytest
from django.urls import reverse

from tests.console.conftest import HTMX
from vpnconsole.testing import factories

CREATE = reverse("connection-create", args=[factories.REGION])
IKE = {
    "tunnel1-ike_version": "ikev2", "tunnel1-ike_mode": "main", "tunnel1-ike_enc_alg": "aes",
    "tunnel1-ike_auth_alg": "sha1", "tunnel1-ike_pfs": "group2", "tunnel1-ike_lifetime": "86400",
    "tunnel1-ipsec_enc_alg": "aes", "tunnel1-ipsec_auth_alg": "sha1", "tunnel1-ipsec_pfs": "group2",
    "tunnel1-ipsec_lifetime": "86400", "tunnel1-enable_dpd": "on", "tunnel1-enable_nat_traversal": "on",
}  # fmt: skip
FRESH = {
    "name": "", "associate_resource": "NO_ASSOCIATED", "network_type": "public", "routing_mode": "destination",
    "effect_immediately": "True", "tunnel1-customer_gateway": "", "tunnel1-psk": "", "tag_key": "", "tag_value": "",
} | IKE  # fmt: skip


def said(html: str) -> dict[str, str]:
    """The progress of each section."""
    side = html.split('id="outline"')[1].split("</aside>")[0]
    return dict(re.findall(r'class="step [^>]*><span>([^<]*)</span> <small>([^<]*)</small>', side))


def summary(html: str) -> dict[str, str]:
    side = html.split('id="outline"')[1].split("</aside>")[0]
    return dict(re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", side))


@pytest.fixture
def changed(console):
    """The response to a changed field."""

    def ask(field, **values):
        return console.post(f"{CREATE}fields/{field}/", FRESH | values, headers=HTMX).content.decode()

    return ask


def test_a_fresh_form_misses_its_gateway_and_differs_in_nothing(console, gateway):
    html = console.get(CREATE).content.decode()
    assert said(html) == {
        "Basic configurations": "1 to fill in: Customer Gateway",
        "IKE Configurations": "defaults",
        "IPsec Configurations": "defaults",
        "Health check": "off",
        "Tags": "defaults",
    }
    assert 'href="#id_tunnel1-customer_gateway" class="step step-missing"' in html
    assert summary(html) == {}
    assert 'id="ike-line">ikev2 · main · aes · sha1 · group2 · 86400</span>' in html


def test_it_follows_every_change(changed, gateway):
    same = said(changed("name"))
    assert same["Basic configurations"] == "1 to fill in: Customer Gateway"
    html = changed(
        "tunnel1-ike_pfs",
        **{"name": "north", "tunnel1-customer_gateway": gateway.resource_id, "tunnel1-ike_pfs": "group14",
           "tunnel1-psk": "s3cret", "tag_key": "env", "tag_value": "prod"},
    )  # fmt: skip
    assert said(html)["Basic configurations"] == "3 filled in"
    assert said(html)["IKE Configurations"] == "1 filled in"
    assert said(html)["Tags"] == "1 filled in"
    told = summary(html)
    assert told["Name"] == "north"
    assert told["Customer Gateway"] == gateway.label
    assert told["Pre-Shared Key"] == "changed"
    assert told["IKE Configurations"].endswith("group14 · 86400")
    assert told["Tags"] == "env=prod"
    assert "s3cret" not in html
    assert '<span id="ike-line" hx-swap-oob="innerHTML">ikev2 · main · aes · sha1 · group14 · 86400</span>' in html


def test_sections_come_and_go_with_their_deciders(changed):
    html = changed("enable_bgp", enable_bgp="on")
    # The block and the address are proposed, the ASN has a default.
    assert said(html)["BGP Configuration"] == "prefilled"
    carried = re.findall(r'name="_auto" value="([^"]*)"', html)
    assert carried == ["tunnel1-tunnel_cidr=169.254.10.0/30", "tunnel1-local_bgp_ip=169.254.10.1"]
    again = {"enable_bgp": "on", "_auto": carried, "tunnel1-tunnel_cidr": "169.254.10.0/30"}
    assert (
        said(changed("name", **again, **{"tunnel1-local_bgp_ip": "169.254.10.2"}))["BGP Configuration"] == "1 filled in"
    )
    assert "BGP Configuration" not in said(changed("enable_bgp"))


def test_only_what_was_reached_counts_as_wrong(changed):
    wrong = {"routing_mode": "protected", "local_subnet": "10.0.0.0/33"}
    assert said(changed("local_subnet", **wrong))["Basic configurations"].startswith("1 error")
    assert "error" not in said(changed("name", **wrong))["Basic configurations"]


def test_rules_across_fields_are_judged_as_soon_as_both_are_there(changed, alice):
    silent = factories.make_customer_gateway(alice.account, asn=None)
    chosen = {"tunnel1-customer_gateway": silent.resource_id}
    assert "error" not in said(changed("tunnel1-customer_gateway", **chosen))["Basic configurations"]
    for last in ("enable_bgp", "tunnel1-customer_gateway"):
        html = changed(last, enable_bgp="on", **chosen)
        assert said(html)["Basic configurations"].startswith("1 error")
        assert 'id="id_tunnel1-customer_gateway_error"' in html
    html = changed("enable_bgp", _shown="tunnel1-customer_gateway", **chosen)
    assert "error" not in said(html)["Basic configurations"]


def test_a_clone_has_its_values_prefilled(console, alice, gateway):
    made = factories.make_connection(alice.account, gateway=gateway, name="north", tunnel={"ike_pfs": "group14"})
    html = console.get(f"{CREATE}?like={made.resource_id}").content.decode()
    assert said(html)["Basic configurations"] == "prefilled"
    assert said(html)["IKE Configurations"] == "prefilled"
    assert "A copy of north" in html


def test_a_refused_submit_counts_all_of_it(console):
    html = console.post(CREATE, FRESH | {"health_check": "on"}).content.decode()
    assert said(html)["Basic configurations"].startswith("1 error")
    assert said(html)["Health check"].startswith("2 errors")


def test_while_modifying_changes_are_those_from_what_is_stored(console, alice, gateway):
    made = factories.make_connection(alice.account, gateway=gateway, tunnel={"psk": "s3cret", "ike_pfs": "group14"})
    html = console.get(f"{made.get_absolute_url()}modify/").content.decode()
    assert {*said(html).values()} == {"unchanged", "off"}
    assert summary(html) == {}
    assert "s3cret" not in html
