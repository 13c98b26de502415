"""The tab of a connection's tunnels, and the panel Error Details."""

import copy
import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from connections import clock as time
from connections.console.negotiations import side_label, side_value
from connections.console.tunnels import duration
from connections.domain.choices import Role
from connections.models import Device
from connections.negotiation.bgp import SESSIONS
from connections.negotiation.decisions import DECISIONS
from connections.negotiation.pair import DEVICE_ONLY
from connections.negotiation.remarks import REMARKS
from tests.console.conftest import htmx, signed_in
from tests.console.sites import BGP, HEALTH_CHECK, do, load, tunnel_of
from vpnconsole.testing import factories

HOUR = 3600
FIELDS = sorted({name for row in (*DECISIONS, *REMARKS, *SESSIONS) for name in row.fields} | set(DEVICE_ONLY))


@pytest.fixture
def made(alice, gateway, clock):
    """A function that makes a connection; its device loads the configuration with these habits, or None."""

    def make(habits=None, **changed):
        connection = factories.make_connection(alice.account, gateway=gateway, **changed)
        if habits is not None:
            load(connection, **habits)
        return connection

    return make


def page(client, connection, **headers) -> str:
    answer = client.get(connection.get_absolute_url() + "tunnels/", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


class Element(HTMLParser):
    """The words of the element with a test id."""

    def __init__(self, test_id: str):
        super().__init__()
        self.test_id = test_id
        self.open: list[str] = []
        self.pieces: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in ("input", "br", "img", "meta", "link") and (
            self.open or dict(attrs).get("data-testid") == self.test_id
        ):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open:
            self.open.pop()

    def handle_data(self, data):
        if self.open:
            self.pieces.append(data)


def words(html: str, test_id: str) -> str:
    element = Element(test_id)
    element.feed(html)
    return " ".join("".join(element.pieces).replace("\xa0", " ").split())


def shown(client, connection, what: str) -> str:
    """A value of the only tunnel in the tab."""
    return words(page(client, connection), f"tunnel-{tunnel_of(connection).resource_id}-{what}")


def details(client, connection, of: str = "", **headers) -> str:
    address = reverse(
        "tunnel-error",
        args=[connection.region_id, connection.resource_id, tunnel_of(connection).resource_id],
    )
    answer = client.get(address + (f"?of={of}" if of else ""), headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


# --- the tab ----------------------------------------------------------------------------------------------------------

SILENT = {"effect_immediately": False}
STATES = {
    "nothing configured": (None, {}, "Phase 1 Negotiation Failed", "NoResponse"),
    "nobody starts": ({"starts": "never"}, SILENT, "Not Negotiated", "NoExceptionFound"),
    "up": ({}, {}, "Phase 2 Negotiation Succeeded", ""),
    "another key": ({"psk": "an-other-key"}, {}, "Phase 1 Negotiation Failed", "PskMismatch"),
    "another cipher": ({"ipsec_enc_alg": ["des"]}, {}, "Phase 2 Negotiation Failed", "EncryptionAlgorithmMismatch"),
}


@pytest.mark.parametrize(("habits", "changed", "status", "code"), STATES.values(), ids=STATES)
def test_a_tunnel_shows_how_far_it_has_come(habits, changed, status, code, made, console, clock):
    connection = made(habits, **changed)
    clock.tick(HOUR)
    html = page(console, connection)
    tunnel = tunnel_of(connection)
    assert words(html, f"tunnel-{tunnel.resource_id}-status") == status
    assert words(html, f"tunnel-{tunnel.resource_id}-code") == code
    assert ("View Details" in html) == bool(code)
    for text in (tunnel.resource_id, tunnel.internet_ip, tunnel.customer_gateway.ip_address):
        assert text in html
    assert "an-other-key" not in html
    assert tunnel.psk not in html


def test_what_was_agreed_is_shown(made, console, clock):
    connection = made({"ipsec_lifetime": 3600, "local_subnet": ["192.168.0.0/16"]}, tunnel={"ike_version": "ikev2"})
    assert shown(console, connection, "value-spi_in") == ""
    clock.tick(100)
    html, tunnel = page(console, connection), tunnel_of(connection).resource_id
    values = {
        "ike_version": "ikev2", "ike_mode": "", "ike_enc_alg": "aes", "ike_pfs": "group2", "ike_lifetime": "86400",
        "ipsec_pfs": "group2", "ipsec_lifetime": "3600", "local_subnet": "0.0.0.0/0",
        "remote_subnet": "192.168.0.0/16",
    }  # fmt: skip
    for name, value in values.items():
        assert words(html, f"tunnel-{tunnel}-value-{name}") == value
    for name in ("spi_in", "spi_out"):
        assert re.fullmatch("0x[0-9a-f]{8}", words(html, f"tunnel-{tunnel}-value-{name}"))
    assert "1 minute" in words(html, f"tunnel-{tunnel}-since")
    assert words(html, f"tunnel-{tunnel}-receives") == "Arrive"
    assert "The networks differ" in words(html, f"tunnel-{tunnel}-note-1")


def test_notes_tell_what_to_do(made, console, clock):
    connection = made({"ipsec_pfs": ["group14"], "has_source_nat": True})
    clock.tick(HOUR)
    html, tunnel = page(console, connection), tunnel_of(connection)
    assert words(html, f"tunnel-{tunnel.resource_id}-note-1").startswith("Warning The DH groups of phase 2 differ.")
    assert "Set the same DH group in the IPsec configurations" in html
    assert words(html, f"tunnel-{tunnel.resource_id}-receives") == "Do not arrive"
    # When the keys will not be renewed.
    assert tunnel.outcome.next_rekey_at.isoformat() in html


def test_bgp_is_shown_in_the_words_of_the_console_and_the_protocol(made, console, clock):
    connection = made({}, **BGP)
    clock.tick(3)
    assert shown(console, connection, "bgp") == "Abnormal Connect"
    clock.tick(60)
    assert shown(console, connection, "bgp") == "Normal Established"
    do(connection, "set_line", up=False)
    clock.tick(HOUR)
    html = page(console, connection)
    assert words(html, f"tunnel-{tunnel_of(connection).resource_id}-bgp") == "Abnormal Idle"
    assert "There is no session while the tunnel is down." in html


def test_a_health_check_has_a_result_and_a_cause(made, console, clock):
    connection = made({"probe_routed_back": False}, **HEALTH_CHECK)
    assert shown(console, connection, "health") == "No result yet"
    clock.tick(HOUR)
    assert shown(console, connection, "health") == "Abnormal"
    assert "The data center has no route back" in page(console, connection)
    assert shown(console, made({}, name="without"), "health") == "Not enabled"


def test_an_old_problem_is_named_in_grey(made, console, clock):
    connection = made({})
    clock.tick(60)
    do(connection, "restart")
    clock.tick(60)
    assert shown(console, connection, "code") == "ReceiveDeleteNotify"
    assert shown(console, connection, "last-problem") == ""
    clock.tick(HOUR)
    assert shown(console, connection, "code") == ""
    assert shown(console, connection, "last-problem").startswith("last problem: ReceiveDeleteNotify, Nov")
    assert "The tunnel is up now." in details(console, connection)


def test_durations_are_rough(clock):
    now = time.now()
    assert duration(None) == ""
    assert duration(now - timedelta(seconds=1)) == "1 second"
    assert duration(now - timedelta(days=2, hours=3, minutes=4)).replace("\xa0", " ") == "2 days, 3 hours"


def test_two_tunnels_have_names(alice, console, clock):
    connection = factories.make_connection(alice.account)
    second = copy.copy(tunnel_of(connection))
    second.pk, second.resource_id, second.index, second.internet_ip = None, "", 2, ""
    second.save(force_insert=True)
    Device.objects.make([second], changed_at=time.now())
    html = page(console, connection)
    assert "Tunnel 1 (Primary)" in html
    assert "Tunnel 2 (Backup)" in html


# --- following --------------------------------------------------------------------------------------------------------


def test_the_tab_asks_again_when_something_changes_and_not_at_rest(made, console, clock):
    connection = made({})
    delays = []
    for seconds in (0, 1, 1, HOUR):
        clock.tick(seconds)
        html = page(console, connection, **htmx("/"))
        delays.append(re.findall(r"delay:(\d+)s", html))
        # A fragment that is at rest is announced.
        assert ('hx-swap-oob="innerHTML">' in html) == (not delays[-1])
    # Phase 1, phase 2; the next rekey is a day away.
    assert delays == [["1"], ["1"], [], []]


def test_a_tab_follows_a_code_until_it_fades(made, console, clock):
    connection = made({})
    clock.tick(60)
    do(connection, "restart")
    clock.tick(100)
    # The head of the page, and the tab.
    assert re.findall(r"delay:(\d+)s", page(console, connection)) == ["80", "80"]


def test_the_tab_follows_a_transition(made, console, clock, settings):
    settings.TRANSITION_SECONDS = 10
    connection = made()
    assert re.findall(r"delay:(\d+)s", page(console, connection))[0] == "1"


def test_a_tab_takes_few_queries(made, console, clock):
    connection = made({}, **BGP)
    clock.tick(HOUR)
    page(console, connection)
    with CaptureQueriesContext(database) as queries:
        page(console, connection)
    # Session, user, connection, tunnels, tags, device; personas of the menu.
    assert len(queries) <= 7
    with CaptureQueriesContext(database) as queries:
        page(console, connection, **htmx("/"))
    assert len(queries) <= 6
    with CaptureQueriesContext(database) as queries:
        details(console, connection, **htmx("/"))
    # One of them is this test's.
    assert len(queries) <= 7


# --- Error Details ----------------------------------------------------------------------------------------------------


def test_error_details_explain_the_code(made, console, clock):
    connection = made({"ike_enc_alg": ["aes256"], "ike_pfs": ["group14"]}, tunnel={"ike_version": "ikev1"})
    clock.tick(HOUR)
    html = details(console, connection)
    assert words(html, "error-code") == "AlgorithmMismatch"
    assert words(html, "error-severity") == "Critical"
    assert words(html, "error-message").startswith("The algorithms of the two sides differ.")
    assert words(html, "error-remedy").startswith("Set the same encryption")
    assert tunnel_of(connection).outcome.problem.at.isoformat() in html
    label = "IKE: Encryption Algorithm"
    row = f"{label} aes Edit: {label} aes256 Edit: {label}, Simulated Device"
    assert words(html, "difference-ike_enc_alg") == row
    assert "parsed INFORMATIONAL_V1 request" in html
    assert "<html" in html
    assert "<html" not in details(console, connection, **htmx("/"))


def test_keys_are_never_shown(made, console, clock):
    connection = made({"psk": "an-other-key"})
    clock.tick(HOUR)
    html = details(console, connection)
    assert words(html, "difference-psk") == (
        "Pre-Shared Key Not shown Edit: Pre-Shared Key Not shown Edit: Pre-Shared Key, Simulated Device"
    )
    assert "an-other-key" not in html
    assert tunnel_of(connection).psk not in html


TROUBLE = {
    "not configured": (None, "The simulated device is not configured yet."),
    "off": (("switch", {"on": False}), "The simulated device is switched off."),
    "cut": (("set_line", {"up": False}), "The line between the cloud and the simulated device is cut."),
}


@pytest.mark.parametrize(("action", "sentence"), TROUBLE.values(), ids=TROUBLE)
def test_a_device_that_cannot_answer_is_named(action, sentence, made, console, clock):
    connection = made({} if action else None)
    clock.tick(60)
    if action:
        do(connection, action[0], **action[1])
    clock.tick(HOUR)
    html = details(console, connection)
    assert words(html, "error-obstacles").startswith(sentence)


def test_nothing_wrong_is_said(made, console, clock):
    connection = made({}, **BGP)
    clock.tick(HOUR)
    assert "No problem was found." in details(console, connection)
    assert "No problem was found." in details(console, connection, "health")


def test_bgp_and_health_check_have_the_same_panel(made, console, clock):
    connection = made({"peer_asn": 64999}, **BGP)
    clock.tick(HOUR)
    html = details(console, connection, "bgp")
    assert words(html, "error-session") == "Idle"
    assert words(html, "difference-local_asn") == (
        "Local ASN 64512 Edit: Local ASN 64999 Edit: Local ASN, Simulated Device"
    )
    assert "set the neighbor" in words(html, "error-remedy")
    checked = made({"probe_host_answers": False}, **HEALTH_CHECK)
    clock.tick(HOUR)
    html = details(console, checked, "health")
    assert words(html, "error-message").startswith("The destination of the health check does not answer.")
    assert 'modify/#div_id_health_check_dip"' in html


def test_other_panels_and_tunnels_are_not_found(made, console, clock):
    one, other = made(), made(name="other")
    tunnels = [tunnel_of(connection).resource_id for connection in (one, other)]
    assert console.get(f"{one.get_absolute_url()}tunnels/{tunnels[0]}/error/?of=else").status_code == 404
    assert console.get(f"{one.get_absolute_url()}tunnels/{tunnels[1]}/error/").status_code == 404


# --- fields -----------------------------------------------------------------------------------------------------------

# Settings of a device that differ, each with the fields whose editing the panel offers.
LINKED = (
    ({"psk": "an-other"}, {}, "", {"psk"}),
    ({"ike_version": ["ikev1"]}, {}, "", {"ike_version"}),
    ({"ike_enc_alg": ["des"], "ike_auth_alg": ["md5"], "ike_pfs": ["group5"]}, {}, "",
     {"ike_enc_alg", "ike_auth_alg", "ike_pfs"}),
    ({"local_id": "x", "remote_id": "y"}, {}, "", {"remote_id"}),
    ({"address": "203.0.113.77"}, {}, "", {"customer_gateway_ip"}),
    ({"peer_address": "203.0.113.77", "starts": "never"}, {}, "", set()),
    ({"local_subnet": ["10.0.0.0/8"]}, {"routing_mode": "protected", "local_subnet": ["10.1.0.0/16"],
                                        "remote_subnet": ["192.168.0.0/24"]}, "", {"remote_subnet"}),
    ({"ipsec_enc_alg": ["des"]}, {}, "", {"ipsec_enc_alg"}),
    ({"uses_ah": True}, {}, "", set()),
    ({"auth_key": "an-other"}, BGP, "bgp", {"key"}),
    ({"local_asn": 64999}, BGP, "bgp", {"peer_asn"}),
    ({"peer_asn": 64999}, BGP, "bgp", {"local_asn"}),
    ({"local_bgp_ip": "169.254.10.9"}, BGP, "bgp", {"peer_ip"}),
    ({"peer_bgp_ip": "169.254.10.9"}, BGP, "bgp", {"local_ip"}),
    ({"remote_subnet": ["10.0.0.0/8"]}, BGP, "bgp", {"local_subnet"}),
)  # fmt: skip


@pytest.mark.parametrize(("habits", "changed", "of", "fields"), LINKED, ids=[str(row[0]) for row in LINKED])
def test_links_lead_to_the_field_in_the_form(habits, changed, of, fields, made, alice, console, clock):
    connection = made(habits, **changed)
    clock.tick(HOUR)
    html = details(console, connection, of)
    links = dict(re.findall(r'data-testid="difference-(\w+)-edit" href="([^"]*)"', html))
    assert set(links) == fields
    for link in links.values():
        address, _hash, anchor = link.partition("#")
        assert f'id="{anchor}"' in console.get(address).content.decode(), link
    reader = signed_in(factories.make_user(alice.account, "reader", role=Role.READ_ONLY))
    assert '-edit"' not in details(reader, connection, of)


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_has_a_label_in_both_languages(name):
    labels = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            labels[language] = side_label(name)
    assert labels["en"] != name.replace("_", " ").capitalize()
    alike = {"udp_500_open", "udp_4500_open", "esp_open", "remote_id", "local_id", "enable_dpd"}
    assert (labels["en"] == labels["zh-hans"]) == (name in alike)


def test_labels_of_the_two_phases_differ():
    assert len({side_label(name) for name in FIELDS}) == len(FIELDS)
    assert side_label("tunnel") == "Tunnel"


def test_values_of_devices_have_words():
    for name, values in DEVICE_ONLY.items():
        for value in values:
            assert side_value(name, value)
    assert side_value("enable_dpd", "off") == "Off"
    assert side_value("ike_lifetime", "0") == "No limit"
    assert side_value("local_id", "%any") == "Any identity"
    # The text of an identity is no switch.
    assert side_value("remote_id", "on") == "on"
    assert side_value("peer_asn", "None") == "-"
