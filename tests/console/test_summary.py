"""The figures above the list equal the number of rows that a click on them shows."""

import re

import pytest
from django.db import connection as database
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from connections.console import summary, tables
from connections.domain.choices import ConnectionState
from vpnconsole.testing import factories

LIST = f"/{factories.REGION}/connections/"


@pytest.fixture
def several(alice, gateway, router, settings, clock):
    settings.TRANSITION_SECONDS = 0
    for number in range(3):
        factories.make_connection(alice.account, gateway=gateway, name=f"free-{number}")
    factories.make_connection(alice.account, gateway=gateway, router=router, name="bound")
    settings.TRANSITION_SECONDS = 60
    clock.tick(10)
    factories.make_connection(alice.account, gateway=gateway, router=router, name="moving")


def test_every_figure_is_the_length_of_its_list(alice, bob, several):
    with CaptureQueriesContext(database) as asked:
        states, statuses = summary.of_connections(alice.account, factories.REGION, {})
    # The tunnel that moves is read beside the figures.
    assert len(asked) == 2
    assert {figure.state.value: figure.count for figure in states} == {"provisioning": 1, "init": 3, "attached": 1}
    assert [(figure.state.value, figure.count) for figure in statuses] == [
        ("not_negotiated", 1), ("ike_sa_not_established", 4)
    ]  # fmt: skip
    for figure in (*states, *statuses):
        table = tables.connections(alice.account, factories.REGION, {figure.filter: figure.state.value})
        assert table.total == figure.count
    assert summary.of_connections(bob.account, factories.REGION, {}) == [[], []]


def test_nobody_has_come_further(console, several):
    assert "No matching connections" in console.get(LIST + "?status=ipsec_sa_established").content.decode()


def test_the_figure_of_the_filter_is_marked(console, several):
    html = console.get(LIST + "?state=attached").content.decode()
    current = re.findall(r'data-value="([a-z_]+)" aria-current="true"', html)
    assert current == ["attached"]


def test_a_figure_is_written_as_the_total_below_the_list():
    figure = summary.Figure("state", ConnectionState.ATTACHED, 1001, is_current=False)
    assert "<strong>1,000+</strong>" in render_to_string("connections/_figures.html", {"figures": [[figure]]})


def test_an_empty_region_has_no_figures(console, alice):
    assert "data-filter" not in console.get(LIST).content.decode()
