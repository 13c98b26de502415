"""Database outages are distinguished from bugs, whether Django raises the error or the driver does."""

import os
import sqlite3
from contextlib import closing

import psycopg
import pytest
from django import db
from django.contrib.sessions.models import Session
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError, connection
from django.test.signals import template_rendered
from prometheus_client import REGISTRY

from connections.api.errors import of_outage
from connections.console.views.errors import server_error
from connections.persistence.database_outages import TurnTimeout, Why, fate, reason
from connections.request_context import Saved, Served, current
from tests.read_only import read_only

pytestmark = pytest.mark.pg
sqlite = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="about SQLite; ran in the first pass")


def kind(error) -> str:
    return f"{type(error).__module__}.{type(error).__name__}"


def page_for(rf, error):
    """The page for an exception in a view."""
    try:
        raise error
    except Exception:
        return server_error(rf.get("/cens/create/"))


def counted(why: Why) -> float:
    """The metric of requests that failed for this reason."""
    return REGISTRY.get_sample_value("vpnconsole_unavailable_total", {"reason": why.value}) or 0


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("server closed the connection unexpectedly"),
        InterfaceError("the connection is closed"),
        # Django does not wrap errors of closing a server-side cursor.
        connection.Database.OperationalError("server closed the connection unexpectedly"),
        connection.Database.InterfaceError("the connection is closed"),
    ],
    ids=kind,
)
def test_a_database_that_went_away_is_said_to_be_away(rf, error):
    page = page_for(rf, error)
    assert page.status_code == 503
    assert int(page.headers["Retry-After"]) > 0
    assert "cannot be reached" in page.text
    assert reason(error) is Why.AWAY


@pytest.mark.parametrize(
    "error",
    [
        ValueError("not a number"),
        ProgrammingError("no such table"),
        connection.Database.ProgrammingError("no such table"),
        connection.Database.DataError("out of range"),
    ],
    ids=kind,
)
def test_a_mistake_of_ours_is_not_blamed_on_the_database(rf, error):
    page = page_for(rf, error)
    assert page.status_code == 500
    assert "on our side" in page.text
    assert reason(error) is None


def test_no_error_is_no_trouble():
    assert reason(None) is None


def connected(path, **more) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=0, **more)


def filled(path) -> sqlite3.Connection:
    made = connected(path)
    made.execute("CREATE TABLE t (x)")
    made.execute("INSERT INTO t VALUES (?)", ["x" * 20_000])
    return made


def search(path):
    connected(path).execute("SELECT 'x' LIKE ?", ["x" * 60_000])


def many_variables(path):
    connected(path).execute(f"SELECT 1 IN ({','.join('?' * 300_000)})", [1] * 300_000)


def deep(path):
    connected(path).execute("SELECT " + " OR ".join(["1"] * 5000))


def locked(path):
    with closing(connected(path)) as first, closing(connected(path)) as second:
        first.execute("BEGIN IMMEDIATE")
        second.execute("BEGIN IMMEDIATE")


def full(path):
    database = filled(path)
    database.execute("PRAGMA max_page_count = 1")
    database.execute("INSERT INTO t VALUES (?)", ["x" * 20_000])


def written_read_only(path):
    filled(path).close()
    connected(f"file:{path}?mode=ro", uri=True).execute("INSERT INTO t VALUES (1)")


def no_database(path):
    path.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    connected(path).execute("SELECT * FROM sqlite_master")


def corrupt(path):
    filled(path).close()
    path.write_bytes(path.read_bytes()[:4096] + b"x" * 20_480)
    connected(path).execute("SELECT * FROM t").fetchall()


def gone(path):
    connected(path / "missing" / "console.sqlite3")


def wrong(path):
    connected(path).execute("SELECT * FROM missing")


@pytest.mark.parametrize(
    ("do", "why"),
    [
        (search, Why.TOO_MUCH),
        (many_variables, Why.TOO_MUCH),
        (deep, Why.TOO_MUCH),
        (locked, Why.BUSY),
        (full, Why.FULL),
        (written_read_only, Why.READ_ONLY),
        (no_database, Why.DAMAGED),
        (corrupt, Why.DAMAGED),
        (gone, Why.AWAY),
        (wrong, None),
    ],
)
@sqlite
def test_what_sqlite_says_is_understood(tmp_path, do, why):
    with pytest.raises(sqlite3.Error) as raised:
        do(tmp_path / "small.sqlite3")
    own = DatabaseError(*raised.value.args)
    own.__cause__ = raised.value
    assert reason(raised.value) is reason(own) is why


def said_by_postgresql(state: str) -> DatabaseError:
    """An error as Django raises it, caused by one with this SQLSTATE."""
    told = psycopg.errors.lookup(state)("Das hat nicht geklappt")
    own = next(getattr(db, kind.__name__) for kind in type(told).__mro__ if hasattr(db, kind.__name__))()
    own.__cause__ = told
    return own


STATES = {
    "08006": Why.AWAY,
    "57P01": Why.AWAY,
    "55P03": Why.BUSY,
    "40P01": Why.BUSY,
    "57014": Why.SLOW,
    "53100": Why.FULL,
    "25006": Why.READ_ONLY,
    "58030": Why.DAMAGED,
    "XX001": Why.DAMAGED,
    "54001": Why.TOO_MUCH,
    "42P01": None,
}


@pytest.mark.parametrize(("state", "why"), STATES.items())
def test_what_postgresql_says_is_understood(state, why):
    assert reason(said_by_postgresql(state)) is why


WORDS = {
    Why.AWAY: "cannot be reached",
    Why.BUSY: "is busy",
    Why.SLOW: "did not finish in time",
    Why.FULL: "no room left",
    Why.READ_ONLY: "read-only",
    Why.DAMAGED: "damaged",
}


@pytest.mark.parametrize("why", WORDS)
def test_each_has_words_of_its_own_and_is_counted(rf, why):
    error = next(said_by_postgresql(state) for state, told in STATES.items() if told is why)
    before = counted(why)
    page, answer = page_for(rf, error), of_outage(reason(error), fate(error))
    assert (page.status_code, answer.status, counted(why) - before) == (503, 503, 1)
    for text in (page.text, answer.message):
        assert WORDS[why] in text
        assert "Nothing was saved" in text


def test_too_long_a_search_is_too_much_and_no_lost_database(rf):
    error = said_by_postgresql("54001")
    before = sum(map(counted, Why))
    assert (page_for(rf, error).status_code, of_outage(reason(error), fate(error)).status) == (413, 413)
    assert sum(map(counted, Why)) == before


LOCKED, LOST = (
    TurnTimeout("database is locked by other writers"),
    OperationalError("server closed the connection unexpectedly"),
)


@pytest.mark.parametrize(
    ("saved", "error", "expected"),
    [
        (Saved.NOTHING, LOST, Saved.NOTHING),
        (Saved.UNSURE, LOST, Saved.UNSURE),
        # The database is there, and refused.
        (Saved.UNSURE, LOCKED, Saved.NOTHING),
        (Saved.UNSURE, ValueError("a mistake of ours"), Saved.NOTHING),
        (Saved.SOMETHING, LOST, Saved.SOMETHING),
        (Saved.SOMETHING, LOCKED, Saved.SOMETHING),
    ],
)
def test_what_has_become_of_the_work_is_not_guessed_at(saved, error, expected):
    token = current.set(Served("id", saved=saved))
    try:
        assert fate(error) is expected
    finally:
        current.reset(token)
    assert fate(error) is Saved.NOTHING


def test_a_session_that_cannot_be_saved_is_trouble_and_no_bad_request(console):
    """Django takes every failed update for a deleted session."""
    console.raise_request_exception = False
    with read_only():
        answers = [console.get("/cens/?region=cn-beijing"), console.post("/cens/create/?region=cn-beijing", {})]
        assert console.get("/cens/").status_code == 200
    for answer in answers:
        assert answer.status_code == 503
        assert "read-only" in answer.text
        assert int(answer.headers["Retry-After"]) > 0
    assert console.get("/cens/?region=cn-beijing").status_code == 200


def test_who_is_signed_out_during_a_request_is_told_so(console):
    def sign_out(**more):
        Session.objects.all().delete()

    template_rendered.connect(sign_out)
    try:
        answer = console.get("/cens/?region=cn-beijing")
    finally:
        template_rendered.disconnect(sign_out)
    assert answer.status_code == 400
    assert "signed out" in answer.text


@pytest.mark.parametrize("path", ["/cens/", "/api/", "/events/"])
def test_a_search_that_is_too_long_is_no_outage(console, path):
    """Pages limit the length of a search, instead of letting the database refuse it."""
    before = sum(map(counted, Why))
    assert console.get(path, {"q": "x" * 60_000}).status_code in (200, 413)
    assert sum(map(counted, Why)) == before
