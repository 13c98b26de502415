"""A request is answered for one moment, however long it takes: no state settles between two readings of the clock."""

import re
from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone

from connections import clock as clocks
from connections.models import AccessKey, Attachment, Cen, Connection, TransitRouter
from tests.addresses import address
from tests.console.conftest import htmx
from vpnconsole.testing.clients import ApiClient

# Pages that read the state of a resource, and several times.
STATES = (
    "attachment-detail",
    "attachment-modify",
    "cen-detail",
    "cen-list",
    "cen-status",
    "connection-detail",
    "connection-header",
    "connection-list",
    "connection-modify",
    "connection-row",
    "connection-topology",
    "connection-tunnels",
    "connections-delete",
    "resources-export",
    "transit-router-connections",
    "transit-router-delete",
    "transit-router-status",
    "transit-router-topology",
    "tunnel-error",
)
# What differs from answer to answer.
TOKENS = re.compile(rb'(name="(csrfmiddlewaretoken|_once)" value=|"X-CSRFToken": )"[^"]*"|"RequestId": ?"[^"]*"')


@pytest.fixture
def settling(estate, settings):
    """All resources of the estate settle at this time."""
    settings.TRANSITION_SECONDS = 10
    end = timezone.now() + timedelta(seconds=1)
    for model, transition in (
        (Attachment, "Detaching"), (Cen, "Creating"), (Connection, "updating"), (TransitRouter, "Creating")
    ):  # fmt: skip
        model.objects.update(transition=transition, transition_ends=end)
    return end


@pytest.fixture
def racing(settling, monkeypatch):
    """A function that starts a clock some seconds before the end of the transitions; a reading takes a second."""

    def start(before=0.5):
        ticks = count()
        monkeypatch.setattr(timezone, "now", lambda: settling + timedelta(seconds=next(ticks) - before))

    return start


@pytest.mark.parametrize("name", STATES)
def test_a_page_shows_one_moment(name, console, estate, settling, racing):
    url = address(name, estate)
    with clocks.hold(settling - timedelta(seconds=0.5)):
        still = console.get(url, headers=htmx())
    racing()
    answer = console.get(url, headers=htmx())
    assert answer.status_code == 200
    assert TOKENS.sub(b"", answer.getvalue()) == TOKENS.sub(b"", still.getvalue())


def test_an_answer_of_the_api_shows_one_moment(alice, settling, racing):
    api = ApiClient(AccessKey.objects.create(user=alice))
    # The client reads the clock, too.
    racing(2.5)
    answer = api.ok("DescribeVpnConnections", RegionId="eu-central-1")
    assert [row["State"] for row in answer["VpnConnections"]["VpnConnection"]] == ["updating"]


def test_an_operation_judges_the_moment_at_which_its_turn_came(console, estate, settling, racing):
    """While it waited for the lock, the transition that others had begun has ended."""
    Attachment.objects.update(transition="Attaching")
    racing()
    answer = console.post(address("attachment-delete", estate), {"force": "on"}, headers=htmx())
    assert "HX-Redirect" in answer
