"""`from vpn_console_kit.contexts import context` in a conftest puts `context` and `page` into the world as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from vpn_console_kit.client import World

__all__ = ["context"]


@pytest.fixture
def context(context: BrowserContext, _vpn_console_world: World) -> BrowserContext:
    """pytest-playwright's context, in the world of the test. Nobody is signed in."""
    context.add_cookies([_vpn_console_world.cookie])  # type: ignore[list-item]  # as Playwright takes it
    return context
