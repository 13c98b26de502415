"""The fixtures of clients/pytest in these tests, with their server in place of one that the plugin would start."""

import sys
from pathlib import Path

import pytest

CLIENT = Path(__file__).parents[2] / "clients" / "pytest"
sys.path.insert(0, str(CLIENT))

from vpn_console_kit.client import Server  # noqa: E402
from vpn_console_kit.plugin import (  # noqa: E402
    _vpn_console_persona,
    _vpn_console_sign_in,
    _vpn_console_world,
    app,
    as_persona,
    world,
)

from tests.browser.conftest import browser_context_args, browser_type_launch_args, whole_program  # noqa: E402
from vpnconsole.testing.worlds import TOKEN  # noqa: E402

__all__ = [
    "_vpn_console_persona",
    "_vpn_console_server",
    "_vpn_console_sign_in",
    "_vpn_console_world",
    "app",
    "as_persona",
    "base_url",
    "browser_context_args",
    "browser_type_launch_args",
    "whole_program",
    "world",
]


@pytest.fixture(scope="session")
def _vpn_console_server(server) -> Server:
    return Server(server.url, TOKEN)


@pytest.fixture(scope="session")
def base_url(server) -> str:
    return server.url
