"""Templates: a database for each scenario, of which worlds are copies.

A template is made once for a scenario and a version of the schema, in a process of its own: loading data holds the
clock and seeds random values of the whole process.
"""

import hashlib
import inspect
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import django
from django.apps import apps

from vpnconsole import file_modes, paths
from vpnconsole.cli import command_line
from vpnconsole.kit import folder, scenarios, state
from vpnconsole.kit.errors import KitError

# Seconds, on a machine that is busy with other things.
PATIENCE = 300


@cache
def schema_digest() -> str:
    """A digest of what determines the tables of a world."""
    digest = hashlib.sha256(f"{django.VERSION} {inspect.getsource(state)}".encode())
    for app in apps.get_app_configs():
        for file in sorted((Path(app.path) / "migrations").glob("*.py")):
            digest.update(file.name.encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def path_of(scenario: str, *, with_personas: bool = False) -> Path:
    """Where the template of a scenario is, or will be."""
    content = hashlib.sha256(f"{_sources()} {scenarios.digest(scenario)}".encode()).hexdigest()[:16]
    return folder.path() / f"template-{_name(scenario, with_personas)}-{schema_digest()[:8]}-{content[:8]}.sqlite3"


@cache
def _sources() -> str:
    """What templates are made with, beside the scenarios."""
    names = ("keys.py", "personas.py", "management/commands/kit_template.py")
    return "".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in names)


def _name(scenario: str, with_personas: bool) -> str:
    return f"{scenario}+personas" if with_personas else scenario


def ready(scenario: str, *, with_personas: bool = False) -> Path:
    """The template of a scenario, which is made if it is missing. Raises KitError for an unknown scenario."""
    if scenario not in scenarios.SCENARIOS:
        raise KitError(
            422, "unknown_scenario", f"There is no scenario {scenario!r}.", f"One of {', '.join(scenarios.SCENARIOS)}."
        )
    path = path_of(scenario, with_personas=with_personas)
    if not path.exists():
        with folder.locked(f"template-{_name(scenario, with_personas)}"):
            if not path.exists():
                _make(scenario, path, with_personas)
    return path


def drop_stale() -> None:
    """Delete templates of other versions of the schema."""
    for path in folder.path().glob("template-*.sqlite3"):
        if f"-{schema_digest()[:8]}-" not in path.name:
            path.unlink(missing_ok=True)


@cache
def prepare(scenario: str) -> None:
    """Make a template in the background, unless it is there. Once in a process."""

    def make() -> None:
        # No request waits here. One that needs the template makes it itself, and gets the error.
        with suppress(KitError, OSError):
            ready(scenario)

    if not path_of(scenario).exists():
        threading.Thread(target=make, daemon=True, name=f"template-{scenario}").start()


def _make(scenario: str, path: Path, with_personas: bool) -> None:
    with temporary_beside(path) as beside:
        done = subprocess.run(
            command_line(
                "manage", "kit_template", scenario, str(beside), *(["--personas"] if with_personas else [])
            ),
            cwd=paths.RESOURCES, env=_environment(beside), capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        if done.returncode:
            print(done.stderr, file=sys.stderr, flush=True)
            raise KitError(
                500, "no_template", f"The scenario {scenario!r} could not be made.", "The server's log says why."
            )
        # Templates of earlier versions.
        for old in path.parent.glob(f"template-{_name(scenario, with_personas)}-????????-????????.sqlite3"):
            old.unlink(missing_ok=True)
        beside.replace(path)


@contextmanager
def temporary_beside(path: Path) -> Iterator[Path]:
    """A temporary path beside another one. What is left there is deleted."""
    beside = path.with_name(f".{os.urandom(8).hex()}.sqlite3")
    try:
        yield beside
    finally:
        for file in file_modes.database_files(beside):
            file.unlink(missing_ok=True)


def _environment(database: Path) -> dict[str, str]:
    """The environment of a process whose database is a template."""
    own = ("PRODUCTION", "PROMETHEUS_MULTIPROC_DIR", "DEBUG", "BASE_PATH")
    return {name: value for name, value in os.environ.items() if name not in own} | {
        "DATABASE_URL": f"sqlite:///{database}",
        "ENCRYPTION_KEYS": state.PUBLISHED_KEY,
        "DJANGO_SETTINGS_MODULE": "vpnconsole.settings",
        "DEMO_MODE": "1",
        "DEMO_MODE_PUBLIC": "1",
        "KIT": "1",
    }
