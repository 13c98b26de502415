"""The fixtures of clients/pytest in these tests, with their server in place of one that the plugin would start."""

from pathlib import Path

import pytest

from vpn_console_kit.client import Server
from vpn_console_kit.plugin import (
    _vpn_console_persona,
    _vpn_console_sign_in,
    _vpn_console_world,
    app,
    as_persona,
    world,
)
from vpnconsole.testing.worlds import TOKEN

CLIENT = Path(__file__).parents[2] / "clients" / "pytest"

__all__ = [
    "_vpn_console_persona",
    "_vpn_console_server",
    "_vpn_console_sign_in",
    "_vpn_console_world",
    "app",
    "as_persona",
    "base_url",
    "world",
]


@pytest.fixture(scope="session")
def _vpn_console_server(server) -> Server:
    return Server(server.url, TOKEN)


@pytest.fixture(scope="session")
def base_url(server) -> str:
    return server.url
