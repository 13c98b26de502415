"""Rates and states of tunnels, computed from the time."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from connections.negotiation import Course, End, Outage, Surroundings, Traffic, sample
from connections.negotiation.metrics import carrier
from tests.unit.negotiation.cases import CHECK, SESSION, at, make_cloud, make_situation, situations

OUT, IN = Traffic(End.CLOUD, at(0), None, 8_000), Traffic(End.DEVICE, at(0), at(500), 3_000)


def rates(situation, second, traffic=(OUT, IN)):
    found = sample({"tun-1": Course(situation)}, traffic, at(second))["tun-1"]
    return found.received, found.sent


def test_traffic_passes_while_the_tunnel_is_up():
    situation = make_situation()
    assert [rates(situation, second) for second in (1, 2, 499, 500)] == [(0, 0), (3000, 8000), (3000, 8000), (0, 8000)]


def test_nothing_arrives_over_a_line_that_is_cut_or_through_nat():
    cut = make_situation(around=Surroundings(outages=(Outage(at(100)),)))
    assert [rates(cut, second) for second in (99, 100, 130)] == [(3000, 8000), (0, 8000), (0, 0)]
    assert rates(make_situation(has_source_nat=True), 60) == (0, 8000)
    assert rates(make_situation(esp_open=False), 60) == (0, 8000)
    assert rates(make_situation(around=Surroundings(loss=10)), 60) == (2700, 8000)


def test_states_are_none_if_they_are_not_configured():
    plain = sample({"tun-1": Course(make_situation())}, (), at(60))["tun-1"]
    assert (plain.is_up, plain.bgp_is_up, plain.health_is_good) == (True, None, None)
    cloud = make_cloud(bgp=SESSION, health_check=CHECK)
    both = sample({"tun-1": Course(make_situation(cloud))}, (), at(60))["tun-1"]
    assert (both.is_up, both.bgp_is_up, both.health_is_good) == (True, True, True)


@settings(max_examples=40)
@given(situations(), situations(), st.integers(0, 600))
def test_two_tunnels_carry_each_flow_once_whatever_their_order(one, other, second):
    courses = {"tun-1": Course(one), "tun-2": Course(replace(other, tunnel_id="tun-2"))}
    traffic = [Traffic(End.CLOUD, at(0), None, 1000 + number) for number in range(8)]
    forwards = sample(courses, traffic, at(second))
    backwards = sample(dict(reversed(courses.items())), reversed(traffic), at(second))
    assert forwards == backwards
    sent = sum(found.sent for found in forwards.values())
    assert sent == (sum(flow.bits for flow in traffic) if any(found.is_up for found in forwards.values()) else 0)


def test_flows_are_spread_and_stay_if_another_tunnel_goes():
    flows = [Traffic(End.CLOUD, at(0), None, number) for number in range(200)]
    before = {flow: carrier(flow, ["a", "b", "c"]) for flow in flows}
    assert min(list(before.values()).count(tunnel) for tunnel in "abc") > 30
    assert all(carrier(flow, ["a", "b"]) == tunnel for flow, tunnel in before.items() if tunnel != "c")
    assert carrier(flows[0], []) is None


def test_before_at_and_after_the_first_minute():
    courses = {"tun-1": Course(make_situation())}
    found = [sample(courses, (OUT,), at(second)) for second in (-60, 0, 60)]
    assert [point["tun-1"].sent for point in found] == [0, 0, 8000]
    assert [point["tun-1"].at for point in found] == [at(-60), at(0), at(60)]
