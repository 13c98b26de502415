"""Show the logs of a test's processes when it fails."""

from pathlib import Path

import pytest

_logs: dict[Path, str] = {}
_ENOUGH = 8000
_began = pytest.StashKey[float]()


def keep(log: Path, name: str) -> None:
    """Show the end of this log with failures, if it was written to since the test began."""
    _logs[log] = name


def end_of(log: Path) -> str:
    return log.read_bytes()[-_ENOUGH:].decode(errors="replace") if log.exists() else ""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    began = item.stash.setdefault(_began, call.start)
    if report.failed:
        fresh = [log for log in _logs if log.exists() and log.stat().st_mtime >= began]
        report.sections += [(f"log of {_logs[log]}", end_of(log)) for log in fresh]
    return report
