"""Each scenario has what it promises, read by codes."""

from collections import Counter
from contextlib import ExitStack

import pytest
from django.db import transaction

from connections import clock as clocks
from connections.documents import exported
from connections.domain.choices import ConnectionState, NegotiationStatus
from connections.domain.refusals import Refused
from connections.models import Account, Cen, Connection, CustomerGateway, TransitRouter, Tunnel, User
from connections.negotiation import BgpState, HealthStatus
from connections.services.attachments import waiting
from connections.services.cens import delete_cen, delete_transit_router
from connections.services.connections import delete_connection
from connections.services.customer_gateways import delete_customer_gateway
from connections.services.integrity import findings
from dev import ROOT
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
        # Lists, which read what is stored, show the code of the details.
        assert tunnel.shown.code == found.code
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
    # Negotiations that waited for a transition have begun.
    assert "A1" not in {tunnel.outcome.row for tunnel in Tunnel.objects.whole()}
    assert [*findings()] == []


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
    [("empty", 0, 0), ("one-gateway", 0, 3), ("pages", 45, 1), ("hostile", 17, 17)],
)
def test_how_much_there_is(name, connections, gateways, load):
    load(name)
    assert (Connection.objects.count(), CustomerGateway.objects.count()) == (connections, gateways)
    assert {row.state for row in Connection.objects.with_parts()} <= {ConnectionState.INIT, ConnectionState.ATTACHED}


PAGES = ("", "tunnels/", "logs/", "monitoring/", "diagnosis/", "topology/", "bgp-routes/", "header/")


def test_every_page_can_be_shown_while_a_transition_has_no_end(load, client):
    load("mid-way")
    client.force_login(User.objects.get(username="alice"))
    rows = [row for row in Connection.objects.with_parts() if row.state in ("provisioning", "attaching")]
    addresses = ["/", "/events/", "/cens/", "/eu-central-1/connections/"]
    addresses += [f"{row.get_absolute_url()}{page}" for row in rows for page in PAGES]
    addresses += [row.get_absolute_url() for model in (Cen, TransitRouter) for row in model.objects.all()]
    assert {address: status for address in addresses if (status := client.get(address).status_code) != 200} == {}


def test_every_scenario_is_documented():
    text = (ROOT / "docs" / "scenarios.md").read_text()
    assert [name for name in scenarios.SCENARIOS if f"| `{name}` |" not in text] == []


def test_a_scenario_is_the_same_each_time(load):
    documents = []
    for _ in range(2):
        with transaction.atomic():
            load("mid-way")
            documents.append([exported(account, keys=True) for account in Account.objects.order_by("id")])
            transaction.set_rollback(True)
    assert documents[0] == documents[1]
