"""Each scenario has what it promises, read by codes."""

from collections import Counter
from contextlib import ExitStack

import pytest

from connections import clock as clocks
from connections.domain.choices import ConnectionState, NegotiationStatus
from connections.domain.refusals import Refused
from connections.models import Cen, Connection, CustomerGateway, TransitRouter, Tunnel
from connections.negotiation import BgpState, HealthStatus
from connections.services.attachments import waiting
from connections.services.cens import delete_cen, delete_transit_router
from connections.services.connections import delete_connection
from connections.services.customer_gateways import delete_customer_gateway
from vpnconsole.kit import clockwork, scenarios
from vpnconsole.kit.scenarios import building, stories, usual
from vpnconsole.kit.scenarios.building import MOMENT

pytestmark = pytest.mark.django_db


@pytest.fixture
def load():
    """A function that loads a scenario; the clock stands at its first moment, as in a world that is held."""
    with clocks.hold(MOMENT):

        def loaded(name):
            scenario = scenarios.SCENARIOS[name]
            scenario.build()
            stored = {"moment": MOMENT.isoformat(), "transitions": scenario.state.get("transitions", ())}
            told.enter_context(clocks.told_by(clockwork.WorldTime(stored)))

        with ExitStack() as told:
            yield loaded


def states() -> Counter:
    return Counter(row.state for row in Connection.objects.with_parts())


@pytest.mark.parametrize("story", stories.STORIES, ids=lambda story: story.name)
def test_a_story_begins_with_what_is_seen(story, load):
    load(f"story-{story.name}")
    seen = []
    for tunnel in Tunnel.objects.whole().order_by("index"):
        found = tunnel.outcome
        seen.append(
            stories.Seen(
                found.row,
                found.code or "",
                tuple(note.row for note in found.notes),
                found.bgp.row if found.bgp and found.bgp.row not in ("S0", "") else "",
                found.health.row if found.health else "",
            )
        )
    assert tuple(seen) == story.seen


def test_every_state_status_health_and_session(load):
    load("every-state")
    assert set(states()) == set(ConnectionState)
    rows = Connection.objects.with_parts()
    for state in ConnectionState:
        assert rows.get(name=f"state-{state}").state == state
    tunnels = {(row.connection.name, row.index): row.outcome for row in Tunnel.objects.whole()}
    assert {tunnels[f"status-{status.replace('_', '-')}", 1].status for status in NegotiationStatus} == {
        *NegotiationStatus
    }
    checks = [tunnels[f"health-{word}", 1].health.status for word in ("ok", "failed")]
    assert checks == [HealthStatus.NORMAL, HealthStatus.ABNORMAL]
    assert [tunnels[f"bgp-{word}", 1].bgp.state for word in ("normal", "abnormal")] == [
        BgpState.ESTABLISHED, tunnels["bgp-abnormal", 1].bgp.state
    ]  # fmt: skip
    two = {name: [tunnels[f"two-tunnels-{name}", n].is_up for n in (1, 2)] for name in ("up", "one-up", "down")}
    assert two == {"up": [True, True], "one-up": [True, False], "down": [False, False]}
    clockwork.settle()
    assert {*states()} == {ConnectionState.INIT, ConnectionState.ATTACHED}


def test_mid_way_all_is_under_way(load):
    load("mid-way")
    under_way = {
        type(row).__name__ for model in clockwork.KINDS.values() for row in model.objects.all() if row.under_way
    }
    assert under_way == {"Connection", "Attachment", "Cen", "TransitRouter", "RouteTable"}
    assert len(clockwork.settle()) == 7


def test_handed_over_waits_for_the_other_account(load):
    load("handed-over")
    (row,) = waiting(building.account("bob"))
    assert (row.name, row.state) == ("paris-branch", ConnectionState.INIT)


def test_in_the_way_nothing_can_be_deleted(load):
    load("in-the-way")
    for model, delete in (
        (Connection, delete_connection),
        (CustomerGateway, delete_customer_gateway),
        (TransitRouter, delete_transit_router),
        (Cen, delete_cen),
    ):
        assert model.objects.exists()
        for row in model.objects.all():
            with pytest.raises(Refused):
                delete(building.actor(), row)


def test_a_crowd_is_as_large_as_wanted(load, monkeypatch):
    """Fewer of them than in a world."""
    monkeypatch.setattr(usual, "CROWD", 60)
    load("crowded")
    assert (Connection.objects.count(), CustomerGateway.objects.count()) == (60, 4)


@pytest.mark.parametrize(
    ("name", "connections", "gateways"),
    [("demo", 11, 10), ("empty", 0, 0), ("one-gateway", 0, 3), ("pages", 45, 1), ("hostile", 17, 17)],
)
def test_how_much_there_is(name, connections, gateways, load):
    load(name)
    assert (Connection.objects.count(), CustomerGateway.objects.count()) == (connections, gateways)
    assert {row.state for row in Connection.objects.with_parts()} <= {ConnectionState.INIT, ConnectionState.ATTACHED}
