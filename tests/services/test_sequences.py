"""Whatever two accounts do, in any order, the invariants hold."""

from collections import Counter

import pytest
from django.db import connection as database
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from connections.domain.choices import RouteSource
from connections.domain.refusals import Invalid, Refused
from connections.models import Attachment, Authorization, Connection, Event, Route, Tag, Tunnel
from connections.services import derived
from tests import route_tables
from tests.services.test_life import PROTECTED, World


class Life(RuleBasedStateMachine):
    """Random operations on one connection: each may be refused, but none may leave inconsistent data."""

    def __init__(self):
        super().__init__()
        for model in (Attachment, Authorization, Route, Tag, Tunnel, Connection):
            model.objects.all().delete()
        self.world = World()
        self.events = Event.objects.count()
        self.gone = False

    def do(self, action, *args, **kwargs):
        try:
            action(*args, **kwargs)
        except Refused:
            self.events += 1
        except (Invalid, Connection.DoesNotExist, Attachment.DoesNotExist):
            pass
        else:
            self.events += 1

    @rule(side=st.sampled_from(["attach_a", "attach_b"]))
    def attach(self, side):
        self.do(getattr(self.world, side))

    @rule()
    def detach(self):
        self.do(self.world.detach)

    @rule(own=st.booleans())
    def authorize(self, own):
        self.do(self.world.authorize, **({"peer_uid": self.world.a.uid} if own else {}))

    @rule()
    def unauthorize(self):
        self.do(self.world.unauthorize)

    @rule(
        protected=st.booleans(),
        networks=st.lists(
            st.sampled_from(["192.168.0.0/24", "192.168.1.0/24", "100.64.0.0/16"]), unique=True, max_size=3
        ),
        bgp=st.booleans(),
        private=st.booleans(),
        stale=st.booleans(),
    )
    def modify(self, protected, networks, bgp, private, stale):
        changed = PROTECTED | {"remote_subnet": networks} if protected else {"routing_mode": "destination"}
        self.do(
            self.world.modify,
            tunnel={"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"},
            enable_bgp=bgp,
            network_type="private" if private else "public",
            revision=10_000 if stale else None,
            **changed,
        )

    @rule(
        destination=st.sampled_from(["172.20.0.0/16", "192.168.0.0/24", "0.0.0.0/0"]), weight=st.sampled_from([0, 100])
    )
    def route(self, destination, weight):
        self.do(self.world.route, destination, weight)

    @rule(switch=st.sampled_from(["propagate_to_default_route_table", "auto_publish_route_enabled"]), on=st.booleans())
    def switch(self, switch, on):
        self.do(self.world.switch, **{switch: on})

    @rule()
    def delete(self):
        self.do(self.world.delete)

    @invariant()
    def at_most_one_attachment(self):
        assert max(Counter(Attachment.objects.values_list("connection", flat=True)).values(), default=0) <= 1

    @invariant()
    def nothing_is_left_of_what_is_gone(self):
        if not Connection.objects.filter(resource_id=self.world.id).exists():
            for model in (Attachment, Authorization, Route, Tag, Tunnel):
                assert not model.objects.exists(), model

    @invariant()
    def every_operation_has_one_event(self):
        assert Event.objects.count() == self.events

    @invariant()
    def every_row_keeps_its_rules_and_the_tables_follow(self):
        for connection in Connection.objects.with_parts():
            connection.full_clean()
            tunnel = connection.tunnel
            tunnel.full_clean()
            assert connection.network_type == "public"
            assert bool(tunnel.tunnel_cidr) == connection.enable_bgp
            automatic = connection.routes.filter(source=RouteSource.AUTOMATIC).values_list("destination", flat=True)
            assert set(automatic) <= set(connection.remote_subnet)
            destinations = set(connection.routes.values_list("destination", flat=True))
            assert set(connection.remote_subnet) <= destinations
            attachment = connection.living_attachment
            if attachment is None:
                continue
            if attachment.is_foreign:
                assert [one.in_use for one in connection.authorizations.all()] == [True]
            default = attachment.transit_router.default_table
            entries = route_tables.table(default)
            propagated = {entry.destination for entry in entries if entry.attachment}
            # The database computes the same.
            facts = [
                {(one.destination, one.type, one.attachment and one.attachment.pk, one.status) for one in table}
                for table in (entries, route_tables.stored_table(default))
            ]
            assert facts[0] == facts[1]
            assert propagated == (destinations if attachment.propagate_to_default_route_table else set())

    @invariant()
    def lists_find_what_is_there(self):
        assert list(derived.outdated()) == []

    @invariant()
    def accounts_stay_apart(self):
        assert not Connection.objects.of(self.world.b).exists()
        assert all(attachment.account_id == attachment.transit_router.account_id for attachment in
                   Attachment.objects.select_related("transit_router"))  # fmt: skip


@pytest.mark.django_db
def test_random_lives():
    assert database.in_atomic_block
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=25, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
