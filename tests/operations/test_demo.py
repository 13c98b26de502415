"""The demo data and its commands."""

import socket
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from connections import clock, demo
from connections.demo.times import in_office_hours
from connections.domain.choices import ConnectionState, NegotiationStatus, Outcome
from connections.models import Account, Cen, Connection, CustomerGateway, Event, TransitRouter, Tunnel, User
from connections.negotiation import HealthStatus
from connections.services.drafts import Draft, draft_problems
from dev import ROOT
from vpnconsole.testing.waiting import PATIENCE


def said(*words, **options) -> str:
    out = StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


# Of all accounts and resources. Examples, pictures and bookmarks have their IDs; a new one comes after the others.
FINGERPRINT = "1ada9eb3a4961a7d"


def fingerprint() -> str:
    found = list(Account.objects.order_by("name").values_list("uid", flat=True))
    for model in (CustomerGateway, Cen, TransitRouter, Connection):
        found += sorted(model.objects.values_list("resource_id", flat=True))
    found += Tunnel.objects.order_by("resource_id").values_list("resource_id", "internet_ip")
    return sha256(repr(found).encode()).hexdigest()[:16]


# Not in a transaction: PostgreSQL cannot truncate tables that the transaction has written to.
@pytest.mark.django_db(transaction=True)
def test_the_demo_is_loaded_once_and_always_the_same():
    assert "Harbour Logistics" in said("seed_demo")
    ids = ("connection__resource_id", "internet_ip", "psk")
    first = list(Tunnel.objects.order_by("id").values_list(*ids))
    # Documented for the authors of tests.
    assert Connection.objects.get(name="hamburg-primary").resource_id in (ROOT / "docs/testids.md").read_text()
    assert fingerprint() == FINGERPRINT
    assert said("seed_demo") == ""
    assert Tunnel.objects.count() == len(first)
    said("reset_demo")
    assert list(Tunnel.objects.order_by("id").values_list(*ids)) == first


@pytest.mark.django_db
def test_the_demo_keeps_every_rule_and_shows_every_shape():
    said("seed_demo")
    connections = list(Connection.objects.with_parts())
    for connection in connections:
        connection.full_clean()
        draft = Draft(connection, list(connection.tunnels.all()), connection.living_attachment)
        assert list(draft_problems(draft)) == []
        assert connection.state in (ConnectionState.ATTACHED, ConnectionState.INIT)
    for shape in (
        {"routing_mode": "protected"},
        {"network_type": "private"},
        {"enable_bgp": True},
        {"health_check": True},
        {"effect_immediately": False},
        {"attachment": None},
    ):
        assert Connection.objects.filter(**shape).exists(), shape
    assert {event.actor for event in Event.objects.all()} == {"alice", "omar", "rita", "bob", "sofia"}
    # One after another, as if by hand.
    times = list(CustomerGateway.objects.filter(account__name="Harbour Logistics").values_list("created_at", flat=True))
    assert len(set(times)) == len(times)


@pytest.mark.django_db
def test_personas_are_told():
    said("seed_demo")
    text = said("show_demo")
    for tenant in demo.TENANTS:
        account = Account.objects.get(name=tenant.name)
        for one in tenant.members:
            assert f"{one.username}: {one.first_name} {one.last_name} of {tenant.name}, UID {account.uid}, " in text
    assert demo.PASSWORD in text
    assert all(user.check_password(demo.PASSWORD) for user in User.objects.all())


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["seed_demo", "reset_demo"])
def test_outside_demo_mode_nothing_is_loaded_or_deleted(settings, command):
    settings.DEMO_MODE = False
    account = Account.objects.create(name="real")
    with pytest.raises(CommandError, match="DEMO_MODE"):
        call_command(command)
    assert list(Account.objects.all()) == [account]


def test_a_port_in_use_is_said_in_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, ROOT / "dev.py", "run", "--port", str(port)],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    assert done.returncode == 1
    assert f"cannot serve on 127.0.0.1:{port}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.django_db
def test_the_demo_has_tunnels_that_are_up_and_tunnels_that_fail_for_a_reason():
    said("seed_demo")
    tunnels = Tunnel.objects.whole().select_related("connection")
    found = {tunnel.connection.name: tunnel.outcome for tunnel in tunnels.filter(index=1)}
    rows = {"up": "N1", "wrong key": "H7", "until its first rekey": "U1", "waits for traffic": "B1", "no device": "C1"}
    names = {"up": "hamburg-primary", "wrong key": "antwerp-depot", "until its first rekey": "munich-leased-line"}
    names |= {"waits for traffic": "singapore-hub", "no device": "paris-branch"}
    assert {story: found[name].row for story, name in names.items()} == rows
    assert found["munich-leased-line"].status == NegotiationStatus.IPSEC_DOWN
    assert len(found["hamburg-primary"].bgp.learned) == 3
    assert found["rotterdam-terminal"].health.status == HealthStatus.NORMAL
    assert found["vienna-to-core"].is_up
    # Of two tunnels, both are up in one connection, and one in another.
    second = {tunnel.connection.name: tunnel.outcome for tunnel in tunnels.filter(index=2)}
    assert {name: (found[name].row, one.row) for name, one in second.items()} == {
        "hamburg-two-tunnels": ("N1", "N1"),
        "rotterdam-two-tunnels": ("N1", "F3"),
    }
    assert all(found[name].bgp.learned for name in second)


MIDNIGHT = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_the_demo_has_a_fortnight_up_to_now():
    """On a Monday at midnight, when there is least of today, and yesterday was a Sunday."""
    with clock.hold(MIDNIGHT):
        said("seed_demo")
        for tenant in demo.TENANTS:
            events = list(Event.objects.filter(account__name=tenant.name).order_by("id"))
            assert [event.at for event in events] == sorted(event.at for event in events)
            assert events[-1].at <= MIDNIGHT
            days = Counter((MIDNIGHT.date() - event.at.date()).days for event in events)
            assert days[0], tenant.name
            assert days[1], tenant.name
            assert sum(days[ago] for ago in range(15)) >= 8
            assert {event.actor for event in events} == {member.username for member in tenant.members}
            assert {event.outcome for event in events[-8:]} == set(Outcome)
        # What is refused is part of the story, nothing else.
        refused = Event.objects.filter(outcome=Outcome.REFUSED).values_list("actor", "operation")
        assert sorted(refused) == [
            ("omar", "CreateAccessKey"),
            ("omar", "DeleteCustomerGateway"),
            *[("rita", "OpenPage")] * 3,
            *[("sofia", "OpenPage")] * 2,
        ]
        assert Event.objects.filter(operation="ShowKey", facts__door="api").count() == 3
        changed = Event.objects.get(operation="ModifyTunnelAttribute")
        assert (changed.actor, changed.facts) == ("omar", {"psk": "changed"})
        # It leaves no loose ends.
        assert not Connection.objects.in_state(ConnectionState.UPDATING).exists()
        assert Connection.objects.get(name="jurong-pilot").state == ConnectionState.INIT
        tunnel = Tunnel.objects.whole().get(connection__name="rotterdam-terminal")
        assert tunnel.outcome.is_up
        assert tunnel.outcome.health.status == HealthStatus.NORMAL


def test_office_hours_keep_the_order():
    moments = [in_office_hours(MIDNIGHT + timedelta(hours=hours)) for hours in range(14 * 24)]
    assert moments == sorted(moments)
    assert all(8 <= moment.hour < 17 and moment.weekday() < 5 for moment in moments)
