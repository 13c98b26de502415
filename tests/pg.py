"""`--pg`: run the tests on a PostgreSQL server of their own, made for this run and deleted after it."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.machine import find_postgresql


def pytest_addoption(parser):
    parser.addoption("--pg", action="store_true", help="run on a temporary PostgreSQL server instead of SQLite")


def _run(server, *words):
    """As root, PostgreSQL wants another user. `runuser` lies where PATH need not lead."""
    runuser = shutil.which("runuser", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"]))
    prefix = [runuser, "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *map(str, words)], check=True, cwd=server, stdout=subprocess.DEVNULL)


class Cluster:
    """A PostgreSQL server for one purpose, deleted afterwards."""

    def __init__(self):
        programs = find_postgresql()
        if programs is None:
            raise pytest.UsageError("PostgreSQL's server programs are needed (Debian: apt-get install postgresql)")
        self.programs, self.folder = programs, Path(tempfile.mkdtemp(prefix="vpnconsole-pg-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.data = self.folder / "data"
        words = ["-A", "trust", "-U", "postgres", "--no-sync", "--locale=C", "-E", "UTF8"]
        _run(self.folder, programs / "initdb", *words, self.data)
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        settings = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
        log = self.folder / "log"
        _run(self.folder, self.programs / "pg_ctl", "-w", "-D", self.data, "-o", settings, "-l", log, "start")

    def stop(self) -> None:
        """At once, as if it had crashed."""
        _run(self.folder, self.programs / "pg_ctl", "-m", "immediate", "-D", self.data, "stop")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config, parser, args):
    """Start the server before pytest-django reads the settings. Workers share it, with a database for each."""
    if "--pg" not in args or "PYTEST_XDIST_WORKER" in os.environ:
        return
    cluster = Cluster()
    early_config.add_cleanup(cluster.remove)
    os.environ["DATABASE_URL"] = cluster.url
