"""The peer configuration dialog: rights, content, and the event."""

import base64
import json
import logging

import pytest
from django.urls import reverse

from connections.domain.choices import Role
from connections.models import Event
from connections.peer_config import DIALECTS
from tests.console.conftest import htmx, signed_in
from vpnconsole.testing import factories

SECRET = "planted#s3cret"


@pytest.fixture
def connection(alice, gateway):
    return factories.make_connection(alice.account, gateway=gateway, tunnel={"psk": SECRET})


def address(connection, kind=""):
    return reverse(f"connection-peer-config{kind}", args=[connection.region_id, connection.resource_id])


def text(answer) -> str:
    return answer.content.decode()


def test_the_dialog_shows_the_products_own_format_first(console, connection):
    answer = console.get(address(connection), headers=htmx())
    page = text(answer)
    assert "<html" not in page
    assert "IPsec-VPN Connection Configuration" in page
    shown = json.loads(answer.context["configuration"].files[f"{connection.resource_id}.json"])
    assert shown["Local"] == connection.tunnel.customer_gateway.ip_address
    assert shown["IkeConfig"]["Psk"] == SECRET
    assert "no-store" in answer.headers["Cache-Control"]
    for dialect in DIALECTS.values():
        assert f'<option value="{dialect.key}"' in page
        assert f'<optgroup label="{dialect.group.label}">' in page


def test_without_javascript_it_is_a_page(console, connection):
    page = text(console.get(address(connection)))
    assert "<h1>IPsec-VPN Connection Configuration</h1>" in page
    assert "planted#s3cret" in page


def test_another_format_is_text_and_notes_and_is_remembered(console, connection):
    answer = console.get(address(connection, "-text"), {"format": "swanctl"}, headers=htmx())
    assert "swanctl.conf" in text(answer)
    assert "keys are in clear" in text(answer)
    assert "<select" not in text(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    assert console.get(address(connection)).context["chosen"].key == "swanctl"
    assert console.get(address(connection), {"format": "nonsense"}).context["chosen"].key == "swanctl"


def test_what_a_device_cannot_express_is_said_in_place_of_a_text(console, connection):
    page = text(console.get(address(connection, "-text"), {"format": "frr"}, headers=htmx()))
    assert "There is no configuration for FRR" in page
    assert "BGP is not enabled" in page
    assert "<pre" not in page


def test_a_connection_without_an_address_gets_a_reason(console, alice, gateway):
    private = factories.make_connection(alice.account, gateway=gateway, network_type="private")
    for kind in ("", "-text"):
        page = text(console.get(address(private, kind), headers=htmx()))
        assert 'role="alert"' in page
        assert "<pre" not in page
    answer = console.post(address(private, "-download"), {"format": "json", "file": "x"}, follow=True)
    assert 'role="alert"' in text(answer)
    # The page to which the refused download redirects is refused too.
    told = [(event.outcome, event.facts) for event in Event.objects.order_by("-id")[:2]]
    assert told == [("refused", {"format": "json", "door": door}) for door in ("page", "download")]


def test_a_download_is_a_file_and_an_event(console, connection, caplog):
    caplog.set_level(logging.DEBUG)
    name = f"{connection.resource_id}.swanctl.conf"
    answer = console.post(address(connection, "-download"), {"format": "swanctl", "file": name})
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "no-store" in answer.headers["Cache-Control"]
    assert base64.b64encode(SECRET.encode()).decode() in text(answer)
    event = Event.objects.latest("id")
    assert (event.operation, event.resource_id, event.facts) == (
        "DownloadVpnConnectionConfig",
        connection.resource_id,
        {"format": "swanctl", "door": "download", "psk": "shown", "revision": 1},
    )
    assert SECRET not in caplog.text
    assert SECRET not in text(console.get("/events/"))


@pytest.mark.parametrize("values", [{"format": "nonsense"}, {"format": "json", "file": "../../etc/passwd"}, {}])
def test_what_is_no_file_leads_to_those_that_are(console, connection, values):
    assert console.post(address(connection, "-download"), values).url == address(connection)


def test_read_only_members_get_none_unless_the_installation_says_so(connection, alice, settings):
    reader = signed_in(factories.make_user(alice.account, "reader", role=Role.READ_ONLY))
    listed = f"/{factories.REGION}/connections/"
    assert reader.get(address(connection)).status_code == 403
    assert "Peer config" not in text(reader.get(listed))
    settings.READ_ONLY_PEER_CONFIG = True
    assert SECRET in text(reader.get(address(connection)))
    assert "Peer config" in text(reader.get(listed))
    name = f"{connection.resource_id}.json"
    assert reader.post(address(connection, "-download"), {"format": "json", "file": name}).status_code == 200


def test_list_and_details_lead_to_it(console, connection):
    for page in (f"/{factories.REGION}/connections/", connection.get_absolute_url()):
        assert f'hx-get="{address(connection)}"' in text(console.get(page))
