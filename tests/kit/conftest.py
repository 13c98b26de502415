"""One server with the kit for all of these tests."""

import pytest

from vpnconsole.testing.served import prepared
from vpnconsole.testing.worlds import Control, served_with_kit


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kit")
    with served_with_kit(prepared(folder / "data"), folder / "log") as server:
        yield server


@pytest.fixture(scope="session")
def control(server):
    return Control(server)
