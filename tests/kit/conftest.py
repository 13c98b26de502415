"""One server with the kit for all of these tests."""

import os

import pytest

from vpnconsole.testing import pg
from vpnconsole.testing.served import environment, prepared
from vpnconsole.testing.worlds import Control, served_with_kit


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """Its own database is PostgreSQL if the run's is; worlds are SQLite all the same."""
    folder = tmp_path_factory.mktemp("kit")
    if "DATABASE_URL" not in os.environ:
        with served_with_kit(prepared(folder / "data"), folder / "log") as server:
            yield server
        return
    with (
        pg.database("kit") as url,
        served_with_kit(environment(folder / "data", DATABASE_URL=url), folder / "log") as server,
    ):
        yield server


@pytest.fixture(scope="session")
def control(server):
    return Control(server)
