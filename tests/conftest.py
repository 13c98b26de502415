"""Shared by all tests: deterministic random values, and a clock that stands still."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from connections import clock as clocks
from connections import ids
from tools import messages

# The same examples in every run; a slow machine is not a failure.
hypothesis_settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis_settings.load_profile("repeatable")

# A run without dev.py must not use outdated translations.
messages.compile_stale()

HERE = Path(__file__).parent
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def pytest_addoption(parser):
    parser.addoption(
        "--lab",
        choices=("usual", "full"),
        default="usual",
        help="how much tests/lab proves: every pair of options in every mode, or every combination",
    )
    parser.addoption(
        "--kit",
        choices=("usual", "full"),
        default="usual",
        help="how much tests/kit proves in pages: some values of each field, labs and recordings, or all",
    )
    parser.addoption("--write-golden", action="store_true", help="write tests/golden again, for a person to review")


def pytest_collection_modifyitems(config, items):
    items.sort(key=lambda item: item.get_closest_marker("long") is None)

    def is_wanted(item):
        """Tests that are marked as full need the option of their folder: --lab=full, --kit=full."""
        if not item.get_closest_marker("full"):
            return True
        return config.getoption(f"--{item.path.relative_to(HERE).parts[0]}") == "full"

    dropped = [item for item in items if not is_wanted(item)]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if is_wanted(item)]


@pytest.fixture(autouse=True)
def _seeded(request):
    with ids.seeded(request.node.nodeid):
        yield


@pytest.fixture(autouse=True)
def _language():
    """A request activates its language for the whole thread; the next test must not inherit it."""
    yield
    translation.deactivate()


@pytest.fixture
def clock():
    """Stop the clock at NOON; `clock.tick(seconds)` moves it."""
    with clocks.hold(NOON) as held:
        yield held


def pytest_terminal_summary(terminalreporter):
    """Print how many tunnels and sessions the lab established, and how long its tests took, over all workers."""
    reports = [report for outcome in terminalreporter.stats.values() for report in outcome if hasattr(report, "when")]
    ours = [report for report in reports if report.nodeid.startswith("tests/lab/")]
    if not ours:
        return
    proved = Counter()
    for what, count in (value for report in ours for name, value in report.user_properties if name == "lab"):
        proved[what] += count
    seconds = sum(report.duration for report in ours)
    reasons = dict.fromkeys(report.longrepr[2].removeprefix("Skipped: ") for report in ours if report.skipped)
    why = f" ({'; '.join(reasons)})" if reasons else ""
    terminalreporter.write_line(
        f"ipsec lab: {proved['tunnels']} tunnels established, {proved['sessions']} BGP sessions, "
        f"{proved['negotiations']} negotiations compared with the model, "
        f"{sum(report.skipped for report in ours)} skipped{why}; {seconds:.0f} s of workers' time"
    )
