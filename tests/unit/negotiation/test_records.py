"""Situations survive being stored, and records hold no keys."""

import json
from dataclasses import replace

import pytest

from connections.negotiation import Course, End, Outage, Surroundings, Traffic, lines, outcome
from connections.negotiation.records import read, record, without_keys
from connections.negotiation.sides import Situation
from tests.unit.negotiation.cases import BGP_KEY, CHECK, HABITS, KEY, SESSION, at, make_cloud, make_situation

AROUND = Surroundings(
    traffic=(Traffic(End.CLOUD, at(1)), Traffic(End.DEVICE, at(2), at(90), 1000)),
    outages=(Outage(at(100), at(200)), Outage(at(300))),
    deletes=(at(50),),
    loss=3,
)
SITUATIONS = [
    *(make_situation(make_cloud(bgp=SESSION), AROUND, announced=("10.0.0.0/8",), **habits) for habits in HABITS),
    make_situation(make_cloud(health_check=CHECK)),
    make_situation(device=False),
]


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: "")
def test_a_record_without_keys_tells_the_same(situation):
    text = json.dumps(record(without_keys(situation)))
    assert not any(key in text for key in (KEY, BGP_KEY, "k3y"))
    stored = read(Situation, json.loads(text))
    assert stored == without_keys(situation)
    before, after = Course(situation), Course(stored)
    for second in (0, 5, 60, 140, 250, 1000):
        assert outcome(after, at(second)) == outcome(before, at(second))
    assert list(lines(after, at(0), at(400))) == list(lines(before, at(0), at(400)))


def test_bgp_keys_are_equal_or_not_and_blank_or_not():
    situation = make_situation(make_cloud(bgp=SESSION))
    for key in (BGP_KEY, "another", ""):
        device = replace(situation.device, bgp=replace(situation.device.bgp, key=key))
        kept = without_keys(replace(situation, device=device))
        assert (kept.device.bgp.key == kept.cloud.bgp.key, bool(kept.device.bgp.key)) == (key == BGP_KEY, bool(key))
