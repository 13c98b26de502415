"""Other data may have their own time, lengths of transitions, random values and encryption keys within a block."""

import random
import threading
from datetime import UTC, datetime, timedelta

import pytest

from connections import clock as clocks
from connections import ids
from connections.console import summary
from connections.domain.choices import NegotiationStatus
from connections.models import AccessKey, Attachment, Connection, Tunnel
from connections.negotiation import HealthStatus
from connections.persistence import encryption
from tests.conftest import NOON
from vpnconsole.testing import factories
from vpnconsole.testing.clients import ApiClient

MARCH = datetime(2026, 3, 2, 9, tzinfo=UTC)
FOR_EVER = datetime(9000, 1, 1, tzinfo=UTC)


class Held(clocks.Source):
    """A time that stands still, and transitions that last for so many seconds; None: for ever."""

    def __init__(self, now: datetime = MARCH, lead: float = 0, **seconds: float | None):
        self.now = now
        self.lead = timedelta(seconds=lead)
        self.seconds = seconds
        self.rows: list[tuple[str, int]] = []

    def at(self, real):
        return self.now

    def transition_ends(self, row, transition, start):
        seconds = self.seconds.get(row._meta.model_name, 0)
        return FOR_EVER if seconds is None or start == FOR_EVER else start + timedelta(seconds=seconds)

    def furthest_end(self):
        return FOR_EVER

    def seen(self, row):
        self.rows.append((row._meta.model_name, row.pk))


def test_another_time_holds_within_its_block_and_thread(clock):
    times = []
    with clocks.told_by(Held()):
        thread = threading.Thread(target=lambda: times.append(clocks.now()))
        thread.start()
        thread.join()
        assert (clocks.now(), clocks.real(), clocks.read()) == (MARCH, NOON, NOON)
    assert (times, clocks.now()) == ([NOON], NOON)


def test_a_request_still_has_one_moment():
    class Ahead(clocks.Source):
        def at(self, real):
            return real + timedelta(days=1)

    with clocks.one_moment(), clocks.told_by(Ahead()):
        assert clocks.now() == clocks.now() == clocks.real() + timedelta(days=1)


@pytest.mark.django_db
def test_each_kind_of_row_has_its_own_length_of_transition():
    source = Held(connection=None, attachment=60)
    with clocks.told_by(source):
        account = factories.make_account()
        made = factories.make_connection(account, router=factories.make_transit_router(account))
        assert (made.state, Attachment.objects.get().transition_ends) == ("provisioning", FOR_EVER)
        assert source.rows[-1] == ("connection", made.pk)
        assert Connection.objects.in_state("provisioning").get() == made
        # Ended by somebody.
        Connection.objects.update(transition_ends=MARCH)
        Attachment.objects.update(transition_ends=MARCH + timedelta(seconds=60))
        states = [[figure.state for figure in summary.of_connections(account, made.region_id, {})[0]]]
        states.append([Connection.objects.with_parts().get().state])
        source.now += timedelta(seconds=60)
        states.append([Connection.objects.with_parts().get().state])
    assert states == [["attaching"], ["attaching"], ["attached"]]
    # By the installation's clock, such an end lies further ahead than any transition lasts.
    Connection.objects.update(transition_ends=FOR_EVER)
    assert Connection.objects.with_parts().get().state == "attached"


@pytest.mark.django_db
def test_a_negotiation_can_have_been_going_on_when_it_begins():
    """With a lead, everything that it leads to is there at once, and its log begins in the past."""
    with clocks.told_by(Held(lead=120)):
        account = factories.make_account()
        made = factories.make_connection(
            account, router=factories.make_transit_router(account), tunnel={"local_id": "", "remote_id": ""},
            health_check=True, health_check_sip="10.0.0.1", health_check_dip="10.1.0.1",
        )  # fmt: skip
        assert made.tunnel.outcome.row == "C1"
        factories.load_device(made)
        tunnel = Tunnel.objects.whole().get()
        assert tunnel.status == tunnel.negotiation_status == NegotiationStatus.IPSEC_UP
        assert tunnel.outcome.health.status == HealthStatus.NORMAL
        assert tunnel.outcome.established_at == MARCH - timedelta(seconds=118)
        assert tunnel.outcome.problem is None


@pytest.mark.django_db
def test_signatures_are_judged_by_the_installations_time(clock):
    user = factories.make_user()
    with clocks.told_by(Held()):
        api = ApiClient(AccessKey.objects.create(user=user))
        assert api.ok("DescribeCustomerGateways", RegionId=factories.REGION)["TotalCount"] == 0


def seeded(number: int) -> random.Random:
    return random.Random(number)  # noqa: S311 - not secret


def test_values_are_drawn_by_kind_and_region():
    drawn = []

    def draw(kind, region_id):
        drawn.append((kind, region_id))
        return None if kind == "request" else seeded(len(drawn))

    with ids.seeded(5), ids.drawn_by(draw):
        values = ids.resource_id("vco", "cn-beijing"), ids.resource_id("cen"), ids.public_gateway_ip(), ids.request_id()
    assert drawn == [("vco", "cn-beijing"), ("cen", ""), ("gateway-address", ""), ("request", "")]
    assert values[0] == "vco-2ze" + "".join(seeded(1).choices(ids.ALPHABET, k=18))
    with ids.seeded(5):
        assert ids.request_id() == values[-1]


def test_other_keys_seal_and_open_within_their_block():
    key = encryption.new_key()
    with encryption.using_keys((key,)):
        token = encryption.seal("secret")
        assert encryption.unseal(token) == "secret"
    assert encryption.opener([key])(token)
    with pytest.raises(encryption.WrongKey):
        encryption.unseal(token)
