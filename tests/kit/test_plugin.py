"""The pytest plugin in projects of testers, with the server of these tests."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from tests.kit.plugin import CLIENT
from tools.kit.files import files
from vpnconsole import paths
from vpnconsole.testing.machine import launch_options
from vpnconsole.testing.served import prepared
from vpnconsole.testing.waiting import PATIENCE
from vpnconsole.testing.worlds import TOKEN, Control
from vpnconsole.testing_server import lives

CONFTEST = """
import pytest

@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, **OPTIONS}

@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "locale": "de-DE", "viewport": {"width": 900, "height": 700}}
"""
TESTS = """
import pytest

@pytest.fixture(params=range(2))
def number(request):
    return request.param

def test_worlds_are_apart(world, number, console):
    made = world.make("alice", customer_gateways=[
        {"id": "cgw-gw8onlyhere0000000001", "region": "eu-central-1", "name": "only", "ip_address": "203.0.113.200"}])
    assert made["made"] and "only" in world.names.gateways
    world.reset()
    assert "only" not in world.names.gateways

@pytest.mark.world("empty", clock="held", ids=7)
def test_a_marker_describes_the_world(world):
    before = world.now()
    world.snapshot("before")
    world.advance(60)
    assert world.now() != before
    world.restore("before")
    assert (world.now(), world.names.connections) == (before, {})

def test_of_the_module_first(module_world, world):
    assert world is module_world
    world.ids(1)
    world.advance(60)

def test_of_the_module_again(module_world):
    assert module_world.state()["events"] == module_world.server.open(module_world.file()).state()["events"]
"""
BROWSER = """
from vpn_console_kit.contexts import context

@pytest.fixture
def world():
    return "a fixture of the project"

@pytest.mark.persona("bob")
def test_contexts_keep_their_arguments(app, signed_in_page, world, access_key):
    assert world == "a fixture of the project"
    assert signed_in_page.evaluate("navigator.language") == "de-DE"
    assert app.world.id in access_key.id
    assert app.connections.row("nobody's").element.count() == 0
    assert app.page.locator("html").get_attribute("data-world") == app.world.id

def test_a_page_is_in_the_world(page, app, console):
    page.goto(app.world.url)
    assert page.locator("html").get_attribute("data-world") == app.world.id
    assert 0, "fails"
"""

ONE_SERVER = """
import json, os, pathlib, tempfile, pytest

@pytest.mark.parametrize("number", range(4))
def test_it(world, number):
    world.make("alice", customer_gateways=[{"id": "cgw-gw8onlyhere0000000001", "region": "eu-central-1",
        "name": "kept-by-a-test", "ip_address": "203.0.113.9"}])
    (note,) = pathlib.Path(tempfile.gettempdir()).glob("vpn-console-*/server.json")
    pathlib.Path(f"seen-{os.environ['PYTEST_XDIST_WORKER']}").write_text(note.read_text())
"""


class Project:
    """The folder of a tester who has the plugin."""

    def __init__(self, folder: Path, url: str):
        self.folder, self.url = folder, url
        options = repr(launch_options())
        (folder / "conftest.py").write_text(CONFTEST.replace("OPTIONS", options))
        # Nothing of this project's own settings.
        (folder / "pytest.ini").write_text("[pytest]\n")

    def run(self, text: str, *words: str, **env: str) -> tuple[dict[str, int], str]:
        """Run tests. Return the number of each outcome, and what pytest has printed."""
        (self.folder / "test_it.py").write_text(text)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "vpn_console_kit.plugin", "-p", "no:django", "-q", "-rs", *words],
            cwd=self.folder, capture_output=True, text=True,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(CLIENT), "KIT_TOKEN": TOKEN, "TMPDIR": str(self.folder)}
            | env,
        )  # fmt: skip
        counts = re.findall(r"(\d+) (passed|failed|skipped|error)", done.stdout.rpartition("\n\n")[2] or done.stdout)
        return {outcome: int(count) for count, outcome in counts}, done.stdout + done.stderr


@pytest.fixture
def project(tmp_path, server) -> Project:
    return Project(tmp_path, server.url)


def test_each_test_of_each_worker_has_a_world_and_the_run_leaves_none(project, server):
    outcomes, said = project.run(TESTS, "--console-url", server.url, "-n", "2")
    assert outcomes == {"passed": 5}, said
    labels = [world["label"] for world in Control(server).call("GET", "/worlds")["worlds"]]
    assert [label for label in labels if label.startswith("pytest-")] == []
    assert list(project.folder.glob("vpn-console-*")) == []


@pytest.mark.browser
def test_contexts_are_pytest_playwrights_and_a_failed_test_leaves_its_world(project, server):
    words = ("--console-url", server.url, "--tracing", "on")
    # Beside the first example of the documentation.
    documentation = (paths.RESOURCES / "docs" / "testers.md").read_text(encoding="utf-8")
    (project.folder / "test_first.py").write_text(documentation.split("```python\n")[1].split("```")[0])
    outcomes, said = project.run(f"import pytest\n{BROWSER}", *words)
    assert outcomes == {"passed": 2, "failed": 1}, said
    kept = {path.name: path.parent.name for path in (project.folder / "test-results").rglob("*.*")}
    assert kept["world.sqlite3.gz"] == "test-it-py-test-a-page-is-in-the-world-chromium"
    assert {"world.json", "trace.zip"} <= kept.keys() or any(name.startswith("trace") for name in kept), kept
    assert "vpn-console open" in said


def test_without_a_console_tests_are_skipped_with_the_reason(project):
    outcomes, said = project.run("def test_it(world): pass", PATH="/nonexistent")
    assert outcomes == {"skipped": 1}, said
    assert "--console-url" in said


def test_the_plugin_imports_neither_playwright_nor_django_nor_anything_slow(project):
    """All of a tester's runs import it. What pytest itself imports costs nothing more."""
    said = subprocess.run(
        [sys.executable, "-c", "import pytest, sys; before = {*sys.modules}; import vpn_console_kit.plugin; "
         "print(*sorted({*sys.modules} - before))"],
        cwd=project.folder, capture_output=True, text=True, env={"PYTHONPATH": str(CLIENT)}, check=True,
    )  # fmt: skip
    known = {"secrets", "random", "hmac", "hashlib", "base64", "bisect", "math", "binascii"}
    more = {name for name in said.stdout.split() if not name.startswith(("_", "vpn_console_kit"))} - known
    assert more == set()


@pytest.mark.parametrize("path", [*files()], ids=lambda path: path.name)
def test_what_is_made_from_the_forms_is_up_to_date(path):
    """`python -m tools.kit` writes it."""
    assert path.read_text(encoding="utf-8") == files()[path]


def test_one_server_is_started_for_all_workers_and_a_world_that_it_leaves_can_be_opened(project):
    # A path, so that the program's own environment needs nothing.
    program = project.folder / "program"
    program.write_text(f'#!/bin/sh\ncd {paths.RESOURCES}\nexec {sys.executable} -m vpnconsole "$@"\n')
    program.chmod(0o755)
    env = prepared(project.folder / "data")
    outcomes, said = project.run(
        ONE_SERVER, "--console-command", str(program), "-n", "2", "--console-keep", "always", **env
    )
    assert outcomes == {"passed": 4}, said
    seen = {path.read_text() for path in project.folder.glob("seen-*")}
    assert len(seen) == 1
    assert not lives(json.loads(*seen)["pid"])
    assert list(project.folder.glob("vpn-console-*")) == []
    kept = next(project.folder.rglob("world.sqlite3.gz"))
    opened = subprocess.Popen([program, "open", kept], env=env, stdout=subprocess.PIPE, text=True)
    try:
        link = opened.stdout.readline().strip()
        browser = build_opener(HTTPCookieProcessor())
        assert "data-world=" in browser.open(link).read().decode()
        assert "kept-by-a-test" in browser.open(urljoin(link, "/eu-central-1/customer-gateways/")).read().decode()
    finally:
        opened.terminate()
        opened.wait(PATIENCE)
        opened.stdout.close()
