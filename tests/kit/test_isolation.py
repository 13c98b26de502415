"""Clients of several worlds and of the installation itself, at once."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from vpnconsole import file_modes
from vpnconsole.testing.interleaving import KINDS, Interleaving

pytestmark = pytest.mark.pg


def rows(server) -> str:
    """A digest of everything in the installation's database but sessions and the API's records."""
    path = Path(server.env["VPNCONSOLE_DATA"]) / file_modes.DATABASE
    if not path.exists():
        return ""
    own = ("django_session", "connections_api", "connections_user", "connections_accesskey", "sqlite_sequence")
    beginnings = tuple(f'{before}"{name}' for name in own for before in ("INSERT INTO ", "DELETE FROM "))
    with closing(sqlite3.connect(path)) as database:
        lines = [line for line in database.iterdump() if not line.startswith(beginnings)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_no_request_sees_another_world(server, control):
    before = rows(server)
    several = Interleaving(server, control)
    several.run(clients=8, requests=25)
    assert several.faults == []
    assert several.counts.keys() == KINDS.keys()
    assert several.lines_of_other_worlds(server.log.read_text()) == []
    assert rows(server) == before
