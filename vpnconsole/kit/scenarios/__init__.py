"""Scenarios: what is in a new world. `usual`, `states`, `stories` and `several` declare them."""

import hashlib
import inspect
from functools import cache
from pathlib import Path

from connections import clock, demo
from connections.management.commands import seed_demo
from vpnconsole.kit import clockwork, peers
from vpnconsole.kit.scenarios import several, states, stories, usual
from vpnconsole.kit.scenarios.building import Scenario

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (*usual.SCENARIOS, *states.SCENARIOS, *stories.SCENARIOS, *several.SCENARIOS)
}


def digest(name: str) -> str:
    """A digest of what determines the rows of a scenario; one that begins at the present changes every day."""
    present = "" if SCENARIOS[name].moment else f"{clock.real():%Y-%m-%d}"
    return hashlib.sha256(f"{_sources()} {usual.CROWD} {present}".encode()).hexdigest()[:16]


@cache
def _sources() -> str:
    folders = (Path(__file__).parent, Path(demo.__file__).parent)
    files = [file for folder in folders for file in sorted(folder.glob("*.py"))]
    sources = [inspect.getsource(module) for module in (seed_demo, clockwork, peers)]
    sources += [file.read_text(encoding="utf-8") for file in files]
    return hashlib.sha256("".join(sources).encode()).hexdigest()
