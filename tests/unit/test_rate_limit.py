"""The rate limit of a client, counted across all processes of a machine."""

import multiprocessing
from functools import partial

import pytest

from connections.rate_limit import Allowance, place_of
from vpnconsole.testing.waiting import PATIENCE


@pytest.fixture
def table(tmp_path):
    return tmp_path / "clients"


def taken(allowance, client, now, times) -> int:
    return sum(allowance.take(client, now) == 0 for _ in range(times))


def test_a_third_of_a_minute_at_once_and_the_rest_as_time_goes_by(table):
    allowance = Allowance(table, 60)
    assert taken(allowance, "a", 100.0, 50) == 20
    assert allowance.take("a", 100.0) == pytest.approx(1.0)
    assert allowance.take("a", 100.5) == pytest.approx(0.5)
    assert taken(allowance, "a", 103.0, 50) == 3
    # Unused capacity does not grow beyond the initial amount.
    assert taken(allowance, "a", 10_000.0, 50) == 20


def test_clients_are_counted_apart(table):
    allowance = Allowance(table, 60)
    assert taken(allowance, "a", 1.0, 50) == taken(allowance, "b", 1.0, 50) == 20


def test_a_clock_that_has_begun_anew_harms_nobody(table):
    """As after a restart of the machine with a table on disk."""
    allowance = Allowance(table, 60)
    assert taken(allowance, "a", 5000.0, 50) == 20
    assert taken(Allowance(table, 60), "a", 1.0, 50) == 20


def test_so_many_clients_that_some_are_forgotten(table):
    """The least recently active clients are forgotten, never one that keeps sending."""
    allowance = Allowance(table, 60)
    assert taken(allowance, "busy", 0.0, 50) == 20
    for number in range(3 * Allowance.CLIENTS):
        now = number * 1e-6
        allowance.take(f"client-{number}", now)
        assert number % 100 or allowance.take("busy", now) > 0
    (file,) = table.parent.iterdir()
    assert file.stat().st_size < 2_000_000


def _ask(gate, answers, opened):
    allowance = opened()
    gate.wait(PATIENCE)
    answers.put(taken(allowance, "a", 1.0, 500))


def counted_by_four(way, opened) -> int:
    """How many requests four processes, started by this method, let through in total."""
    context = multiprocessing.get_context(way)
    gate, answers = context.Barrier(4), context.Queue()
    processes = [context.Process(target=_ask, args=(gate, answers, opened), daemon=True) for _ in range(4)]
    for process in processes:
        process.start()
    counts = [answers.get(timeout=PATIENCE) for _ in processes]
    for process in processes:
        process.join(PATIENCE)
        assert process.exitcode == 0
    answers.close()
    answers.join_thread()
    return sum(counts)


@pytest.mark.parametrize("way", ["spawn", "fork"])
def test_four_processes_count_together(table, way):
    assert counted_by_four(way, partial(Allowance, table, 600)) == 200


def test_processes_that_were_forked_after_it_was_opened_count_together(table):
    """Like gunicorn's workers when the master has preloaded the console."""
    allowance = Allowance(table, 600)
    assert counted_by_four("fork", lambda: allowance) == 200


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:49152", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("[::1]:5000", "::1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::9]:49152", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_who_has_a_network_of_addresses_is_one_client(text, place):
    assert place_of(text) == place
