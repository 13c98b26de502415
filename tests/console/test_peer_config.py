"""The peer configuration dialog: rights, content, and the event."""

import base64
import json
import logging
import re
from io import BytesIO
from zipfile import ZipFile

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
    assert "Contains keys in plain text" in text(answer)
    assert "<select" not in text(answer)
    assert "no-store" in answer.headers["Cache-Control"]
    assert console.get(address(connection)).context["chosen"].key == "swanctl"
    assert console.get(address(connection), {"format": "nonsense"}).context["chosen"].key == "swanctl"


def test_what_a_device_cannot_express_is_said_in_place_of_a_text(console, connection):
    page = text(console.get(address(connection, "-text"), {"format": "frr"}, headers=htmx()))
    assert "There is no configuration for FRR" in page
    assert "This format is for BGP" in page
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


def test_keys_and_words_of_the_site_are_marked_in_the_text(console, connection):
    page = text(console.get(address(connection), {"format": "cisco-ios"}))
    assert f'<span class="key">{SECRET}</span>' in page
    assert page.count(SECRET) == page.count(f'<span class="key">{SECRET}</span>')
    assert '<mark data-own="YOUR-OUTER-INTERFACE">YOUR-OUTER-INTERFACE</mark>' in page
    assert 'data-testid="peer-value-YOUR-OUTER-INTERFACE"' in page
    assert 'data-testid="peer-value-' not in text(console.get(address(connection), headers=htmx()))


def test_the_page_offers_each_format_with_how_far_it_is_proven(console, connection):
    page = text(console.get(address(connection), {"format": "swanctl"}))
    for dialect in DIALECTS.values():
        assert f'data-testid="peer-tile-{dialect.key}"' in page
        assert str(dialect.proof.label) in page
    assert re.findall(r'peer-tile-([a-z-]+)"[^>]* aria-current', page) == ["swanctl"]


def test_the_site_s_values_are_in_the_downloaded_file(console, connection):
    name = next(iter(console.get(address(connection), {"format": "cisco-ios"}).context["configuration"].files))
    values = {"format": "cisco-ios", "file": name}
    assert "YOUR-OUTER-INTERFACE" in text(console.post(address(connection, "-download"), values))
    values["YOUR-OUTER-INTERFACE"] = "GigabitEthernet0/0"
    filled = text(console.post(address(connection, "-download"), values))
    assert "YOUR-OUTER-INTERFACE" not in filled
    assert "GigabitEthernet0/0" in filled


def several(region_id=factories.REGION):
    return reverse("connections-peer-config", args=[region_id])


def test_several_connections_are_one_archive_with_an_event_each(console, alice, connection, gateway):
    private = factories.make_connection(alice.account, gateway=gateway, network_type="private")
    other = factories.make_connection(factories.make_user(username="bob").account)
    ids = [connection.resource_id, private.resource_id, other.resource_id]
    page = text(console.get(several(), {"id": ids}))
    assert connection.resource_id in page
    assert other.resource_id not in page.split('id="main"')[1]
    answer = console.post(several(), {"id": ids, "format": "swanctl"})
    assert "no-store" in answer.headers["Cache-Control"]
    with ZipFile(BytesIO(answer.content)) as archive:
        names = archive.namelist()
        assert names == [f"{connection.resource_id}/{connection.resource_id}.swanctl.conf", "LEFT-OUT.txt"]
        assert base64.b64encode(SECRET.encode()) in archive.read(names[0])
        assert archive.read("LEFT-OUT.txt").decode().startswith(f"{private.resource_id}: ")
    told = {event.resource_id: event.outcome for event in Event.objects.filter(facts__door="download")}
    assert told == {connection.resource_id: "success", private.resource_id: "refused"}


def test_an_archive_of_nothing_is_a_message(console, alice, gateway):
    private = factories.make_connection(alice.account, gateway=gateway, network_type="private")
    answer = console.post(several(), {"id": private.resource_id, "format": "swanctl"}, follow=True)
    assert answer.redirect_chain
    assert 'role="alert"' in text(answer)
    assert "Select connections in the list first." in text(console.get(several()))
    assert console.get(several(), {"id": [str(number) for number in range(101)]}).status_code == 413
