"""The pytest plugin: a console for the run, a world for each test, and page objects in it.

All pytest runs import this module where it is installed, so it imports neither Playwright nor anything slow.
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext, Page

    from vpn_console_kit.client import AccessKey, Server, World
    from vpn_console_kit.console import Console

PERSONA = "alice"
# The run's label and folder, and the process with which the server ends.
_RUN = pytest.StashKey[tuple[str, Path, int]]()
_WORLD = pytest.StashKey["World"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("vpn-console", "VPN Console")
    group.addoption("--console-url", default="", help="test against this server; its token is in KIT_TOKEN")
    group.addoption(
        "--console-command",
        default="",
        help="the program of the server to start, such as 'python3 dev.py' (default: vpn-console)",
    )
    group.addoption(
        "--console-keep",
        choices=("never", "failed", "always"),
        default="failed",
        help="after which tests to keep the world as a file, beside the traces of Playwright",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "world(scenario, clock, transitions, ids): the world of a test, as POST /_kit/v1/worlds takes it"
    )
    config.addinivalue_line("markers", f"persona(name): who is signed in (default: {PERSONA})")
    if hasattr(config, "workerinput"):
        label, folder, owner = config.workerinput["vpn_console"]
        config.stash[_RUN] = label, Path(folder), owner
    else:
        label = f"pytest-{secrets.token_hex(8)}"
        config.stash[_RUN] = label, Path(tempfile.gettempdir()) / f"vpn-console-{label}", os.getpid()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist about the run."""
    label, folder, owner = node.config.stash[_RUN]
    node.workerinput["vpn_console"] = [label, str(folder), owner]


def pytest_unconfigure(config: pytest.Config) -> None:
    run = config.stash.get(_RUN, None)
    if run and run[1].exists() and not hasattr(config, "workerinput"):
        from vpn_console_kit import launching

        launching.end(run[1], run[0])


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Each test finds the world of its module as new."""
    module = item.getparent(pytest.Module)
    if module and "module_world" in getattr(item, "fixturenames", ()) and _WORLD in module.stash:
        module.stash[_WORLD].reset()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    world = item.stash.get(_WORLD, None)
    keeps = item.config.getoption("--console-keep")
    failed = report.failed and report.when in ("setup", "call")
    if world and {"never": False, "failed": failed, "always": failed or report.when == "call"}[keeps]:
        from vpn_console_kit.keeping import keep

        report.sections.append(("VPN Console", keep(world, _output(item))))
    return report


def _output(item: pytest.Item) -> Path:
    """The folder in which pytest-playwright keeps what belongs to a test."""
    folder = item.config.getoption("--output", default=None) or "test-results"
    return item.config.invocation_params.dir / folder / re.sub(r"[^a-z0-9]+", "-", item.nodeid.lower()).strip("-")


@pytest.fixture(scope="session")
def _vpn_console_server(pytestconfig: pytest.Config) -> Server:
    from vpn_console_kit import launching

    _, folder, owner = pytestconfig.stash[_RUN]
    try:
        return launching.server(
            folder, pytestconfig.getoption("--console-url"), pytestconfig.getoption("--console-command"), owner
        )
    except launching.NoServer as error:
        pytest.skip(str(error))


def _made(request: pytest.FixtureRequest, server: Server) -> Iterator[World]:
    """A world as a marker describes it, until the end of the fixture."""
    marker = request.node.get_closest_marker("world")
    settings = marker.kwargs if marker else {}
    world = server.world(*(marker.args if marker else ()), label=request.config.stash.get(_RUN, ("",))[0], **settings)
    request.node.stash[_WORLD] = world
    yield world
    del request.node.stash[_WORLD]
    world.delete()


@pytest.fixture(scope="module")
def _vpn_console_module_world(request: pytest.FixtureRequest, _vpn_console_server: Server) -> Iterator[World]:
    yield from _made(request, _vpn_console_server)


@pytest.fixture
def _vpn_console_world(request: pytest.FixtureRequest, _vpn_console_server: Server) -> Iterator[World]:
    if "module_world" in request.fixturenames:
        world = request.getfixturevalue("_vpn_console_module_world")
        request.node.stash[_WORLD] = world
        yield world
        # They belong to the pages of one test.
        world.listeners.clear()
    else:
        yield from _made(request, _vpn_console_server)


@pytest.fixture
def _vpn_console_persona(request: pytest.FixtureRequest) -> str:
    marker = request.node.get_closest_marker("persona")
    return str(marker.args[0]) if marker else PERSONA


@pytest.fixture
def _vpn_console_sign_in(
    _vpn_console_world: World, new_context: Callable[..., BrowserContext]
) -> Callable[[str], Page]:
    def sign_in(user: str) -> Page:
        # Entered afterwards, so that arguments of contexts, traces and videos stay as they are.
        context = new_context()
        return enter(context, _vpn_console_world, user)

    return sign_in


def enter(context: BrowserContext, world: World, user: str) -> Page:
    """Sign a member in within a world, in a context of Playwright's, and open the overview."""
    from vpn_console_kit.base import moved

    context.add_cookies(world.session(user))  # type: ignore[arg-type]  # as Playwright takes them
    world.listeners.append(lambda: moved(context))
    page = context.new_page()
    page.goto(world.url)
    return page


# --- what tests use. Tests may have fixtures of these names themselves: those above are all that others need.


@pytest.fixture(scope="session")
def console(_vpn_console_server: Server) -> Server:
    """The server: started for the run unless --console-url names one. One for all workers."""
    return _vpn_console_server


@pytest.fixture
def world(_vpn_console_world: World) -> World:
    """A fresh world of the test. @pytest.mark.world("empty", clock="held") describes another than the demo's."""
    return _vpn_console_world


@pytest.fixture(scope="module")
def module_world(_vpn_console_module_world: World) -> World:
    """One world for all tests of the module that use this, reset before each."""
    return _vpn_console_module_world


@pytest.fixture
def signed_in_page(_vpn_console_sign_in: Callable[[str], Page], _vpn_console_persona: str) -> Page:
    """A page in the world of the test, in which alice is signed in, or @pytest.mark.persona("bob")."""
    return _vpn_console_sign_in(_vpn_console_persona)


@pytest.fixture
def app(_vpn_console_sign_in: Callable[[str], Page], _vpn_console_persona: str, _vpn_console_world: World) -> Console:
    """Page objects over a page in which alice is signed in, or @pytest.mark.persona("bob")."""
    from vpn_console_kit.console import Console

    return Console(_vpn_console_sign_in(_vpn_console_persona), _vpn_console_world)


@pytest.fixture
def as_persona(_vpn_console_sign_in: Callable[[str], Page], _vpn_console_world: World) -> Callable[[str], Console]:
    """Page objects of another member in the same world, by user name."""
    from vpn_console_kit.console import Console

    return lambda user: Console(_vpn_console_sign_in(user), _vpn_console_world)


@pytest.fixture
def access_key(_vpn_console_world: World, _vpn_console_persona: str) -> AccessKey:
    """Endpoint and key of the world, for SDKs, command lines and Terraform."""
    return _vpn_console_world.access_key(_vpn_console_persona)
