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


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config, parser, args):
    """Start the server before pytest-django reads the settings."""
    if "--pg" not in args:
        return
    programs = find_postgresql()
    if programs is None:
        raise pytest.UsageError("--pg needs PostgreSQL's server programs (Debian: apt-get install postgresql)")
    server = Path(tempfile.mkdtemp(prefix="vpnconsole-pg-"))
    if os.geteuid() == 0:
        shutil.chown(server, "postgres", "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = server / "data"
    _run(server, programs / "initdb", "-A", "trust", "-U", "postgres", "--no-sync", "--locale=C", "-E", "UTF8", data)
    settings = f"-p {port} -k {server} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
    _run(server, programs / "pg_ctl", "-w", "-D", data, "-o", settings, "-l", server / "log", "start")

    def stop():
        _run(server, programs / "pg_ctl", "-m", "immediate", "-D", data, "stop")
        shutil.rmtree(server)

    early_config.add_cleanup(stop)
    os.environ["DATABASE_URL"] = f"postgresql://postgres@127.0.0.1:{port}/postgres"
