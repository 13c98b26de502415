"""A database that does not serve is told from a mistake of ours, whoever says so: Django, or the driver past it."""

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError, connection

from connections.console.views.errors import server_error
from connections.trouble import Why, database_error, fate, reason
from vpnconsole.context import Saved, Served, current


def kind(error) -> str:
    return f"{type(error).__module__}.{type(error).__name__}"


def page_for(rf, error):
    """What is shown where a view ends in an error."""
    try:
        raise error
    except Exception:
        return server_error(rf.get("/cens/create/"))


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("server closed the connection unexpectedly"),
        InterfaceError("the connection is closed"),
        # Where a cursor on the server is closed, Django lets it pass as it is.
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
    assert reason(database_error(error)) is Why.AWAY


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
    assert database_error(error) is None


def test_no_error_is_no_trouble():
    assert database_error(None) is None


LOCKED, LOST = OperationalError("database is locked"), OperationalError("server closed the connection unexpectedly")


@pytest.mark.parametrize(
    ("saved", "error", "told"),
    [
        (Saved.NOTHING, LOST, Saved.NOTHING),
        (Saved.UNSURE, LOST, Saved.UNSURE),
        # It is there, and has said no.
        (Saved.UNSURE, LOCKED, Saved.NOTHING),
        (Saved.UNSURE, ValueError("a mistake of ours"), Saved.NOTHING),
        (Saved.SOMETHING, LOST, Saved.SOMETHING),
        (Saved.SOMETHING, LOCKED, Saved.SOMETHING),
    ],
)
def test_what_has_become_of_the_work_is_not_guessed_at(saved, error, told):
    token = current.set(Served("id", saved=saved))
    try:
        assert fate(error) is told
    finally:
        current.reset(token)
    assert fate(error) is Saved.NOTHING
