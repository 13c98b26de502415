"""Plant secrets through the console, then search everything stored, logged or shown for them."""

import json
import logging
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection as database
from django.db.backends.utils import logger as sql_log
from django.urls import reverse

from connections.models import Connection, CustomerGateway, Event
from tests.addresses import NAMES, address
from tests.console.conftest import url_arguments
from vpnconsole.testing import factories
from vpnconsole.testing.pages import main_form

PSK, NEXT_PSK, BGP_KEY = "planted.psk-1", "planted.psk-2", "planted.bgp-key"
PLANTED = (PSK, NEXT_PSK, BGP_KEY)
# Pages that show or edit a secret.
SHOWN = {
    "connection-peer-config",
    "connection-peer-config-text",
    "connection-psk",
    "customer-gateway-key",
}

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def everything_logged():
    """Every line of every logger, SQL included."""
    lines = []

    class Keep(logging.Handler):
        def emit(self, record):
            lines.append(self.format(record) + repr(record.__dict__))

    root, keep, before = logging.getLogger(), Keep(), sql_log.level
    root.addHandler(keep)
    level, database.force_debug_cursor = root.level, True
    root.setLevel(logging.DEBUG)
    sql_log.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(keep)
        root.setLevel(level)
        sql_log.setLevel(before)
        database.force_debug_cursor = False


def found(text: str) -> list[str]:
    return [secret for secret in PLANTED if secret in text]


@pytest.fixture
def planted(console, alice, router):
    """A gateway and a connection with keys from forms, after a changed key and some refused forms."""
    create = reverse("customer-gateway-create", args=[factories.REGION])
    group = alice.account.default_resource_group.resource_id
    data = {"name": "g", "ip_address": "203.0.113.10", "asn": "65010", "auth_key": BGP_KEY, "resource_group": group}
    assert console.post(create, data).status_code == 302
    gateway = CustomerGateway.objects.get()
    draft = factories.make_draft(alice.account, gateway=gateway, router=router, tunnel={"psk": PSK})
    connection = factories.create_connection(factories.make_actor(alice.account), draft)
    where = [factories.REGION, connection.resource_id]
    modify = reverse("connection-modify", args=where)
    wanted = main_form(console.get(modify).content.decode()) | {"tunnel1-psk": [NEXT_PSK]}
    assert console.post(modify, wanted | {"name": ["http://refused"]}).status_code == 200
    assert console.post(modify, wanted).status_code == 302
    connection = Connection.objects.get()
    assert (connection.tunnel.psk, gateway.auth_key) == (NEXT_PSK, BGP_KEY)
    return url_arguments(
        alice, connection, gateway, router, peer_cen_id="cen-nobodys", what="pairs", username=alice.username
    )


def test_nothing_that_is_stored_holds_a_secret(planted):
    assert found(json.dumps(list(Event.objects.values()), default=str)) == []
    assert Event.objects.filter(facts__has_key="psk").exists()
    with database.cursor() as cursor:
        for table in database.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {database.ops.quote_name(table)}")  # noqa: S608 - names of ours
            assert found(repr(cursor.fetchall())) == [], table
    if database.vendor == "sqlite":
        name = database.settings_dict["NAME"]
        files = [path for path in Path(name).parent.iterdir() if path.name.startswith(Path(name).name)]
        assert sum(path.stat().st_size for path in files) > 10_000
        for path in files:
            assert not [secret for secret in PLANTED if secret.encode() in path.read_bytes()], path.name


def test_no_page_but_those_that_show_keys_holds_a_secret_and_no_log_does(planted, console):
    shown = set()
    with everything_logged() as lines:
        for name in NAMES:
            answer = console.get(address(name, planted))
            if found(answer.getvalue().decode() + repr(answer.headers)):
                shown.add(name)
    assert shown == SHOWN
    assert any("SELECT" in line for line in lines)
    assert found("\n".join(lines)) == []
