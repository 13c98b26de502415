"""Logs and rates of windows: in pieces as at once, bounded, and as exact as a look at every second."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connections.negotiation import Course, End, Outage, Surroundings, Traffic, lines, sample
from connections.tunnel_history import Era, State, buckets, logs, newest, page
from tests.unit.negotiation.cases import CHECK, SESSION, at, make_cloud, make_situation, situations

DAY = 86400


def eras(*parts, newest_first=False) -> list[Era]:
    """Eras one after the other, from pairs of situation and end in seconds; each takes effect when it begins."""
    found, since = [], 0
    for situation, until in parts:
        found.append(Era(at(since), at(until), replace(situation, changed_at=at(since))))
        since = until
    return found[::-1] if newest_first else found


def every(line) -> bool:
    return True


@settings(max_examples=30)
@given(situations(), situations(), st.integers(1, 700), st.integers(1, 700), st.integers(15, 60))
def test_page_by_page_every_line_comes_once_in_both_directions(one, other, first, more, most):
    whole = eras((one, first), (other, first + more))
    expected = [line for era in whole for line in lines(era.course, era.since, era.until)]
    backwards, end = [], at(first + more)
    while end:
        part = [found for era in reversed(whole) if (found := era.cut(at(0), end))]
        reading = newest(part, most)
        assert not reading.has_given_up
        backwards += reading.lines
        end = reading.before
    assert backwards == expected[::-1]
    forwards = [page(whole, skip, most, every)[0] for skip in range(0, len(expected) + most, most)]
    assert [line for part in forwards for line in part] == expected


def test_a_filter_finds_older_lines():
    whole = eras((make_situation(), DAY), (make_situation(psk="other"), 2 * DAY), newest_first=True)
    reading = newest(whole, 10, lambda line: "phase 2 up" in line.text and line.end == End.CLOUD)
    assert [line.at for line in reading.lines] == [at(2)]
    assert (reading.before, reading.has_given_up) == (None, False)


def flapping():
    return make_situation(make_cloud(health_check=CHECK), Surroundings(loss=70))


@pytest.mark.parametrize("length", [DAY, 180 * DAY])
def test_no_more_lines_are_made_than_a_page_shows(length, monkeypatch):
    made = []

    def counted(course, start, end):
        found = lines(course, start, end)
        made.append(len(found))
        return found

    monkeypatch.setattr(logs, "lines", counted)
    monkeypatch.setattr(logs, "MADE", 3000)
    reading = newest(eras((flapping(), length)), 200)
    assert len(reading.lines) >= 200
    assert sum(made) < 600
    made.clear()
    reading = newest(eras((flapping(), length)), 200, lambda line: False)
    assert (reading.lines, reading.has_given_up) == ([], True)
    assert sum(made) < 2 * logs.MADE
    assert at(length) - reading.before > timedelta(hours=1)
    assert page(eras((flapping(), length)), 30_000, 50, every) == ([], False)


def test_half_a_year_without_events_is_read_whole():
    reading = newest(eras((make_situation(make_cloud(effect_immediately=False), device=False), 180 * DAY)), 200)
    assert reading == logs.Reading([])


@settings(max_examples=40)
@given(situations(), st.integers(0, 500), st.integers(1, 120))
def test_averages_and_states_are_those_of_every_second(situation, start, length):
    flows = (*situation.surroundings.traffic, Traffic(End.DEVICE, at(100), at(300), 6000))
    situation = replace(situation, surroundings=replace(situation.surroundings, traffic=flows))
    course = Course(situation)
    looks = [sample({"tun-1": course}, flows, at(second))["tun-1"] for second in range(start, start + length)]
    whole = {"tun-1": [Era(at(0), at(1000), situation)]}
    [found] = buckets(whole, at(start), at(start + length), timedelta(hours=1))
    bucket, answers = found["tun-1"], {look.is_up for look in looks}
    if len({(look.is_up, look.bgp_is_up, look.health_is_good, look.received, look.sent) for look in looks}) < 4:
        assert bucket.tunnel == (State.BOTH if len(answers) == 2 else State.UP if True in answers else State.DOWN)
        assert bucket.received == pytest.approx(sum(look.received for look in looks) / length, abs=1)
        assert bucket.sent == pytest.approx(sum(look.sent for look in looks) / length, abs=1)


def test_what_is_sent_once_shows_in_a_chart():
    once = Surroundings(
        traffic=(Traffic(End.CLOUD, at(90), at(90), 6000), Traffic(End.DEVICE, at(90.5), at(90.5), 600))
    )
    [found] = buckets({"tun-1": eras((make_situation(around=once), 600))}, at(60), at(120), timedelta(minutes=1))
    assert (found["tun-1"].sent, found["tun-1"].received) == (100, 10)


def test_buckets_of_several_eras():
    steady = Surroundings(traffic=(Traffic(End.CLOUD, at(0), None, 8000),))
    up = make_situation(make_cloud(bgp=SESSION, health_check=CHECK), steady, announced=("192.168.50.0/24",))
    cut = replace(up, surroundings=replace(steady, outages=(Outage(at(0)),)))
    parts = eras((up, 600), (cut, 1200))
    found = [
        (bucket.sent, bucket.tunnel, bucket.bgp, bucket.health)
        for buckets_ in buckets(
            {"tun-1": [*parts, replace(parts[0], since=at(1800), until=at(1900))]},
            at(0),
            at(1900),
            timedelta(minutes=5),
        )
        for bucket in buckets_.values()
    ]
    up_, down, none = State.UP, State.DOWN, State.NONE
    assert found[0] == (round(8000 * 298 / 300), State.BOTH, State.BOTH, State.BOTH)
    assert found[1] == (8000, up_, up_, up_)
    assert found[2:4] == [(0, down, down, down)] * 2
    assert found[4:6] == [(0, none, none, none)] * 2
    assert found[6] == (8000, up_, up_, up_)


def test_a_week_of_flapping_takes_a_bounded_number_of_looks(monkeypatch):
    from connections.tunnel_history import monitoring

    looks = []

    def counted(courses, flows, moment):
        looks.append(moment)
        return sample(courses, flows, moment)

    monkeypatch.setattr(monitoring, "sample", counted)
    whole = {"tun-1": eras((flapping(), 7 * DAY))}
    found = list(buckets(whole, at(0), at(7 * DAY), timedelta(hours=1)))
    assert len(found) == 168
    assert {bucket["tun-1"].health for bucket in found[1:]} == {State.BOTH}
    assert len(looks) <= 168 * monitoring.LOOKED_AT
