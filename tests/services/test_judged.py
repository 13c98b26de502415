"""Validation that needs no database runs before an operation takes the write lock, for which all others wait."""

import copy

import pytest
from django.db import connection as database

from connections.domain.refusals import Invalid
from connections.models import Cen, CustomerGateway, Event, TransitRouter
from connections.services.cens import create_cen, create_transit_router
from connections.services.connections import create_connection, modify_connection
from connections.services.customer_gateways import create_customer_gateway
from connections.services.drafts import Draft
from vpnconsole.testing import factories


class Watched(str):
    """A name that records the transaction depth at which it is validated: rules call its `lower`."""

    __slots__ = ("depths",)

    def __new__(cls, text: str):
        made = super().__new__(cls, text)
        made.depths = set()
        return made

    def strip(self, chars=None):
        return self

    def lower(self):
        self.depths.add(len(database.savepoint_ids))
        return super().lower()


def create(account, name):
    create_connection(factories.make_actor(account), factories.make_draft(account, name=name))


def modify(account, name):
    stored = factories.make_connection(account)
    stored.transition_ends = None
    stored.transition = ""
    stored.save()
    row, tunnel = copy.copy(stored), copy.copy(stored.tunnel)
    row.name = name
    modify_connection(factories.make_actor(account), Draft(row, [tunnel]), stored.revision)


def gateway(account, name):
    row = CustomerGateway(region_id=factories.REGION, name=name, ip_address="203.0.113.9")
    create_customer_gateway(factories.make_actor(account), row)


def cen(account, name):
    create_cen(factories.make_actor(account), Cen(name=name))


def router(account, name):
    made = factories.make_cen(account)
    made.transition = ""
    made.save()
    create_transit_router(factories.make_actor(account), TransitRouter(cen=made, region_id=factories.REGION, name=name))


WORK = [create, modify, gateway, cen, router]


@pytest.mark.django_db
@pytest.mark.parametrize("work", WORK)
def test_rows_are_judged_before_the_right_to_write_is_taken(work):
    name = Watched("watched")
    work(factories.make_account(), name)
    assert name.depths == {len(database.savepoint_ids)}


@pytest.mark.django_db
@pytest.mark.parametrize("work", WORK)
def test_what_was_judged_is_refused_and_leaves_nothing(work):
    with pytest.raises(Invalid) as refused:
        work(factories.make_account(), "http://example.com")
    assert [problem.code for problem in refused.value.problems] == ["url_prefix"]
    assert not Event.objects.filter(outcome="refused").exists()


@pytest.mark.django_db
def test_of_a_draft_everything_is_told_at_once():
    account = factories.make_account()
    factories.make_connection(
        account, enable_bgp=True, tunnel={"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1"}
    )
    draft = factories.make_draft(
        account, name="x" * 101, enable_bgp=True, tags=[("", "value")],
        tunnel={"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "nonsense", "local_id": "two words"},
    )  # fmt: skip
    with pytest.raises(Invalid) as refused:
        create_connection(factories.make_actor(account), draft)
    problems = {(problem.field, problem.code) for problem in refused.value.problems}
    assert problems == {("name", "too_long"), ("local_bgp_ip", "malformed"), ("local_id", "space"),
                    ("tags", "key_missing"), ("tunnel_cidr", "taken")}  # fmt: skip
