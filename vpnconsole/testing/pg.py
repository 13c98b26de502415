"""The option `--pg` runs the tests on a temporary PostgreSQL server, which is deleted afterwards."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from vpnconsole.testing import evidence
from vpnconsole.testing.folders import make_folder
from vpnconsole.testing.machine import find_postgresql
from vpnconsole.testing.ports import free_port

# pytest-django's ways to ask for the database; its marker `django_db` is the other one.
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}

# What judges markup, rights, the wire, devices or files, whichever database there is: the run on SQLite has it. Worlds
# are SQLite files, and Django's checks compare choices with the length of their columns.
JUDGED_ONCE = (
    "tests/api/test_equivalence.py",
    "tests/console/test_access.py",
    "tests/console/test_copying.py",
    "tests/console/test_diagnosis.py",
    "tests/console/test_disclosures.py",
    "tests/console/test_drafts.py",
    "tests/console/test_forged_fields.py",
    "tests/console/test_frame.py",
    "tests/console/test_languages.py",
    "tests/console/test_logs.py",
    "tests/console/test_preferences.py",
    "tests/console/test_security.py",
    "tests/console/test_testids.py",
    "tests/console/test_topology.py",
    "tests/console/test_tunnels.py",
    "tests/contract/",
    "tests/doors/test_every_choice.py",
    "tests/kit/test_scenarios.py",
    "tests/services/test_backups.py::test_any_other_file_is_no_backup",
    "tests/services/test_derived.py",
    "tests/services/test_devices.py",
    "tests/services/test_documents.py",
    "tests/services/test_pairs.py::test_one_after_the_other",
)


def pytest_addoption(parser):
    parser.addoption("--pg", action="store_true", help="run on a temporary PostgreSQL server instead of SQLite")


def needs_postgresql(item: pytest.Item) -> bool:
    """Whether a test can behave differently on PostgreSQL: it asks for the database, or is marked `pg`."""
    if item.nodeid.startswith(JUDGED_ONCE):
        return False
    marked = item.get_closest_marker("django_db") or item.get_closest_marker("pg")
    return bool(marked or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())))


def pytest_report_header(config):
    if config.getoption("pg"):
        return "--pg: without tests of markup, rights and the wire, and those that ask for no database"


def pytest_collection_modifyitems(config, items):
    if config.getoption("pg"):
        left_out = [item for item in items if not needs_postgresql(item)]
        items[:] = [item for item in items if needs_postgresql(item)]
        config.hook.pytest_deselected(items=left_out)


def _run(server, *words):
    """Run a program of PostgreSQL. It refuses root, and PATH need not contain the folder of `runuser`."""
    runuser = shutil.which("runuser", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])) or "runuser"
    prefix = [runuser, "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *map(str, words)], check=True, cwd=server, stdout=subprocess.DEVNULL)


class Cluster:
    """A temporary PostgreSQL server."""

    def __init__(self):
        programs = find_postgresql()
        if programs is None:
            raise pytest.UsageError("PostgreSQL's server programs are needed (Debian: apt-get install postgresql)")
        self.programs, self.folder = programs, make_folder("vpnconsole-pg-")
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self.port = free_port()
        self.data, self.log = self.folder / "data", self.folder / "log"
        evidence.keep(self.log, f"PostgreSQL on port {self.port}")
        words = ["-A", "trust", "-U", "postgres", "--no-sync", "--locale=C", "-E", "UTF8"]
        _run(self.folder, programs / "initdb", *words, self.data)
        self.start()

    @property
    def url(self) -> str:
        return self.address("postgres")

    def address(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        settings = (
            f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off "
            "-c max_wal_size=256MB"
        )
        try:
            _run(self.folder, self.programs / "pg_ctl", "-w", "-D", self.data, "-o", settings, "-l", self.log, "start")
        except subprocess.CalledProcessError as error:
            raise AssertionError(f"PostgreSQL does not start:\n{evidence.end_of(self.log)}") from error

    def stop(self) -> None:
        """Stop at once, as in a crash."""
        _run(self.folder, self.programs / "pg_ctl", "-m", "immediate", "-D", self.data, "stop")

    def remove(self) -> None:
        """Stop the server if it runs, and delete its data."""
        if (self.data / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self.folder)


@contextmanager
def database(name: str, template: str = "") -> Iterator[str]:
    """The URL of an additional database on the server of this run, for this worker only.

    It is empty, or a copy of the database with the URL `template`, which nobody may use meanwhile.
    """
    address, own = os.environ["DATABASE_URL"], f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {own} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {own} TEMPLATE {template.rpartition('/')[2] or 'template1'}")
        try:
            yield address.rsplit("/", 1)[0] + f"/{own}"
        finally:
            server.execute(f"DROP DATABASE {own} WITH (FORCE)")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config, parser, args):
    """Start the server before pytest-django reads the settings. Workers share it, with a database each."""
    if "--pg" not in args or "PYTEST_XDIST_WORKER" in os.environ:
        return
    cluster = Cluster()
    early_config.add_cleanup(cluster.remove)
    os.environ["DATABASE_URL"] = cluster.url
