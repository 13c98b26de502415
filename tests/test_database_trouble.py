"""A database that is locked, full, slow or away: said clearly, nothing half saved, and over when it is over."""

import os
import re
import resource
import sqlite3

import psycopg
import pytest

from tests.pages import main_form
from tests.pg import Cluster
from tests.served import Browser, environment, manage, served
from tests.test_crash import children

ON_POSTGRESQL = "DATABASE_URL" in os.environ
sqlite = pytest.mark.skipif(ON_POSTGRESQL, reason="about SQLite; ran in the first pass")
postgresql = pytest.mark.skipif(not ON_POSTGRESQL, reason="about PostgreSQL; runs with --pg")


@pytest.fixture
def cluster():
    """A PostgreSQL server that may be stopped without harm to the tests' own."""
    made = Cluster()
    yield made
    made.remove()


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def server(data, tmp_path, request):
    more = {"DATABASE_TIMEOUT": "1"}
    if ON_POSTGRESQL:
        more["DATABASE_URL"] = request.getfixturevalue("cluster").url
    with served(environment(data, **more), tmp_path / "log") as running:
        yield running


@pytest.fixture
def alice(server):
    return Browser(server, "alice")


def fill(alice, name):
    """The form as it stands before the trouble begins; what it gets afterwards."""
    form = main_form(alice.get("/cens/create/").text) | {"name": [name]}
    return lambda: alice.post("/cens/create/", form)


def told(answer, words: str) -> None:
    assert answer.status == 503, answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert words in answer.text
    assert "Nothing was saved" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Traceback" not in answer.text


def sound(server) -> None:
    done = manage(server.env | {"PRODUCTION": "1"}, "check_data")
    assert done.returncode == 0, done.stderr


@sqlite
def test_a_locked_database(server, alice, data):
    submit = fill(alice, "while-locked")
    other = sqlite3.connect(data / "console.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    told(submit(), "is busy")
    # Whoever only looks is not kept waiting.
    assert alice.get("/cens/").status == 200
    assert server.get("/readyz")[0] == 200
    other.execute("ROLLBACK")
    assert submit().status == 302
    assert "while-locked" in alice.get("/cens/").text
    sound(server)


@sqlite
def test_a_full_disk(server, alice, data):
    submit = fill(alice, "x" * 100)
    workers = children(server.process.pid)
    unlimited = resource.RLIM_INFINITY

    def bound(size: int) -> None:
        """As large as a file of the server's may become, from now on."""
        for pid in workers:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, unlimited))

    # No page more than there is: the log of changes beside the database has to grow.
    bound(4096)
    told(submit(), "no room left")
    assert alice.get("/cens/").status == 200
    bound(unlimited)
    assert submit().status == 302
    assert alice.get("/cens/").text.count("x" * 100) >= 1
    sound(server)


@postgresql
def test_a_slow_database(server, alice, cluster):
    submit = fill(alice, "while-slow")
    with psycopg.connect(cluster.url) as other:
        other.execute("SELECT * FROM connections_account FOR UPDATE")
        told(submit(), "is busy")
        assert alice.get("/cens/").status == 200
        other.rollback()
    assert submit().status == 302
    sound(server)


@postgresql
def test_a_database_that_goes_away_and_comes_back(server, alice, cluster):
    submit = fill(alice, "across-a-restart")
    cluster.stop()
    told(submit(), "cannot be reached")
    told(alice.get("/cens/"), "cannot be reached")
    assert server.get("/livez")[0] == 200
    status, _, body = server.get("/readyz")
    assert (status, b"unreachable" in body) == (503, True)
    assert re.search(rb"vpnconsole_unavailable_total [2-9]", server.get("/metrics")[2])
    cluster.start()
    assert submit().status == 302
    assert server.get("/readyz")[0] == 200
    assert alice.get("/cens/").text.count("across-a-restart") >= 1
    sound(server)
