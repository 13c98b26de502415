"""One server with the kit for all of these tests."""

import os

import pytest

from vpnconsole.kit import folder
from vpnconsole.testing import pg
from vpnconsole.testing.machine import launch_options
from vpnconsole.testing.served import environment, prepared
from vpnconsole.testing.worlds import Control, remove_worlds, served_with_kit

# Some of these tests use the database in a process in which Playwright's event loop runs, so Django would refuse it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """Its own database is PostgreSQL if the run's is; worlds are SQLite all the same."""
    own = tmp_path_factory.mktemp("kit")
    if "DATABASE_URL" not in os.environ:
        with served_with_kit(prepared(own / "data"), own / "log") as server:
            yield server
        return
    with (
        pg.database("kit") as url,
        served_with_kit(environment(own / "data", DATABASE_URL=url), own / "log") as server,
    ):
        yield server


@pytest.fixture(scope="session")
def control(server):
    return Control(server)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, **launch_options()}


@pytest.fixture
def own_folder(settings, tmp_path):
    """A folder of worlds for one test, within this process."""
    settings.DATA_DIR = tmp_path / "data"
    folder.path.cache_clear()
    yield folder.path()
    folder.path.cache_clear()
    remove_worlds(settings.DATA_DIR)
