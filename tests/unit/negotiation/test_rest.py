"""What a list stores of a tunnel agrees with the outcome at every moment at which it is said to hold."""

from dataclasses import replace
from datetime import timedelta

import pytest

from connections.domain.choices import NegotiationStatus
from connections.negotiation import Code, Course, End, Outage, Problem, Rest, Surroundings, Traffic, outcome, rest_of
from connections.negotiation.shown import Shown
from tests.unit.negotiation.cases import CHECK, HABITS, SESSION, at, make_cloud, make_situation

UP, DOWN, PHASE_2_DOWN = NegotiationStatus.IPSEC_UP, NegotiationStatus.IKE_DOWN, NegotiationStatus.IPSEC_DOWN
UNTRIED = NegotiationStatus.UNTRIED
LOUD = Surroundings(traffic=(Traffic(End.CLOUD, at(0), None, 8_000_000),))
SITUATIONS = [
    make_situation(),
    make_situation(device=False),
    make_situation(make_cloud(effect_immediately=False), device=False),
    make_situation(make_cloud(bgp=SESSION, health_check=CHECK)),
    make_situation(around=Surroundings(outages=(Outage(at(900), at(2000)), Outage(at(2010))))),
    make_situation(around=LOUD, ipsec_kilobytes=1000, rekeys=False),
    make_situation(make_cloud(health_check=CHECK), Surroundings(loss=90)),
    *(make_situation(**habits) for habits in HABITS),
]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: "")
def test_a_stored_status_holds_as_long_as_it_is_said_to(situation):
    course = Course(situation)
    for begin in (-10, 0, 1, 30, 899, 915, 1999, 2005, 90_000):
        rest = rest_of(course, at(begin))
        first = rest.since or at(begin)
        last = (rest.until or at(10_000_000)) - timedelta(seconds=1)
        moments = (first, first + (last - first) / 2, last) if first <= last else ()
        shown = [Shown.of(outcome(course, moment)) for moment in moments]
        assert {one.status for one in shown} <= {rest.status}
        assert all(rest.shows and one.looks_like(rest.shows) for one in shown)


@pytest.mark.parametrize(
    ("situation", "begin", "expected"),
    [
        (make_situation(), 0, Rest(UP, at(2))),
        (make_situation(), -10, Rest(UP, at(2))),
        (make_situation(), 100, Rest(UP)),
        (make_situation(psk="k3y-Other"), -10, Rest(DOWN, at(1))),
        (make_situation(device=False), 0, Rest(DOWN, at(4))),
        (make_situation(make_cloud(effect_immediately=False), device=False), -10, Rest(UNTRIED)),
        # The renewal of keys is refused before the tunnel fails.
        (make_situation(ipsec_pfs=("group14",)), 5, Rest(UP, None, at(77762))),
        (make_situation(ipsec_pfs=("group14",)), 86402, Rest(PHASE_2_DOWN)),
        (make_situation(around=Surroundings(outages=(Outage(at(900)),))), 900, Rest(DOWN, at(930))),
        (make_situation(around=LOUD, ipsec_kilobytes=1000, rekeys=False), 100, Rest(DOWN, at(100), at(100))),
    ],
)
def test_the_first_lasting_status_is_the_one_at_rest(situation, begin, expected):
    assert replace(rest_of(Course(situation), at(begin)), shows=None) == expected


def test_settings_that_have_failed_before_have_been_tried():
    course = Course(make_situation(device=False))
    earlier = Problem(Code.PSK_MISMATCH, at(-20))
    assert rest_of(course, at(-10), earlier).status == DOWN
    for moment in (-10, 0, 3, 4):
        assert outcome(course, at(moment), earlier).status == DOWN
        assert outcome(course, at(moment)).status == (UNTRIED if moment < 4 else DOWN)


def test_the_code_of_earlier_settings_gives_way_to_the_one_of_these():
    """Both are codes of a tunnel that is down, but they do not take turns."""
    rest = rest_of(Course(make_situation(psk="k3y-Other")), at(0), Problem(Code.NO_RESPONSE, at(-20)))
    assert rest.shows
    assert rest.shows.code == Code.PSK_MISMATCH
