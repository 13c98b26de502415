"""Every walk that the console brings along, done in a browser; what the runner says of one that fails; the command.

`python -m tools.walks` does all of them in both languages, and looks at each page with axe.
"""

import os
import subprocess
import sys

import pytest

from tests.kit.plugin import *  # noqa: F403
from vpn_console_kit.client import Server
from vpnconsole import paths
from vpnconsole.kit import walks
from vpnconsole.kit.scenarios import SCENARIOS
from vpnconsole.kit.walks.format import LANGUAGES, Step, Walk, read, write
from vpnconsole.kit.walks.runner import WalkFailed, run
from vpnconsole.testing.worlds import TOKEN

SHIPPED = walks.shipped()
TITLE = dict.fromkeys(LANGUAGES, "A walk of a test")


@pytest.mark.browser
@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "language"), [(name, LANGUAGES[number % 2]) for number, name in enumerate(SHIPPED)], ids=lambda part: part
)
def test_each_walk_is_done(browser, server, name, language):
    """In one language here: they take turns."""
    walk, languages = SHIPPED[name], set()
    world = Server(server.url, TOKEN).world(walk.scenario)
    try:
        run(walk, browser, world, language, after=lambda page, _: languages.add(page.get_attribute("html", "lang")))
    finally:
        world.delete()
    assert languages == {language}


def test_each_walk_says_what_it_is_about_and_begins_in_a_scenario():
    for name, walk in SHIPPED.items():
        assert walk.scenario in SCENARIOS, name
        assert walk.about, name
        assert walk.steps[-1].say, name


@pytest.mark.browser
@pytest.mark.parametrize(
    ("steps", "sentences"),
    [
        (
            [Step("go", "connections"), Step("see", {"row": "hamburg-primary", "state": "init"})],
            ["Step 2 (see row=hamburg-primary, state=init)", "'hamburg-primary' with state 'init' was expected",
             "There is state attached"],
        ),
        (
            [Step("go", "connections"), Step("click", "create"), Step("fill", {"colour": "red"})],
            ["Step 3 (fill colour): The page has no field 'colour' now.", "/connections/create/"],
        ),
        (
            [Step("go", "connections"), Step("click", "create"), Step("click", "form-ok"),
             Step("see", {"said": "CreateVpnAttachment"})],
            ["Step 4", "A message about CreateVpnAttachment was expected", "tunnel1-customer_gateway: required"],
        ),
        (
            [Step("kit", {"peer": {"connection": "nowhere", "power": False}})],
            ["Step 1", "No connection has the name 'nowhere'."],
        ),
    ],
    ids=["state", "field", "message", "connection"],
)  # fmt: skip
def test_a_failure_names_the_step_what_was_expected_and_what_there_is(
    browser, world, monkeypatch, tmp_path, steps, sentences
):
    monkeypatch.setattr("vpnconsole.kit.walks.runner.PATIENCE", 300)
    with pytest.raises(WalkFailed) as failed:
        run(Walk(TITLE, tuple(steps)), browser, world, screenshot=tmp_path / "page.png")
    assert [sentence for sentence in sentences if sentence not in str(failed.value)] == [], failed.value
    assert (tmp_path / "page.png").exists()


def command(*words: str, **env: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "vpnconsole", "walk", *words], cwd=paths.RESOURCES, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], **env},
    )  # fmt: skip


def test_the_command_lists_walks_and_says_what_is_wrong_with_a_file(tmp_path):
    listed = command("--list", "--language", "zh-hans")
    assert [line.split()[0] for line in listed.stdout.splitlines()] == [*SHIPPED], listed.stderr
    (tmp_path / "wrong.yaml").write_text("walk: 1\nsteps: [{press: create}]\n")
    refused = command(str(tmp_path / "wrong.yaml"))
    assert refused.returncode == 1
    assert "Step 1: there is no action 'press'." in refused.stderr
    assert command("no-such-walk").returncode == 1


def test_the_example_of_the_documentation_is_a_walk():
    page = (paths.RESOURCES / "docs" / "walks.md").read_text(encoding="utf-8")
    walk = read(page.split("```yaml\n")[1].split("```")[0])
    assert write(walk).count("say:") == len([step for step in walk.steps if step.say])
