"""What every test has: values that repeat, and a clock it can hold."""

from datetime import UTC, datetime

import pytest
from hypothesis import settings as hypothesis_settings

from connections import clock as clocks
from connections import ids
from tools import messages

# The same examples every time; slow machines are not failures.
hypothesis_settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis_settings.load_profile("repeatable")

# A run by hand, without dev.py, must not read yesterday's translations.
messages.compile_stale()

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def pytest_addoption(parser):
    parser.addoption(
        "--lab",
        choices=("usual", "full"),
        default="usual",
        help="how much tests/lab proves: every pair of options in every mode, or every combination",
    )
    parser.addoption("--write-golden", action="store_true", help="write tests/golden anew, to be read by a person")


@pytest.fixture(autouse=True)
def _seeded(request):
    with ids.seeded(request.node.nodeid):
        yield


@pytest.fixture
def clock():
    """Time stands still at NOON; `clock.tick(seconds)` moves it."""
    with clocks.hold(NOON) as held:
        yield held
