"""The solutions of labs, done in a browser as learners do them."""

import re
from pathlib import Path

import pytest

from tests.kit.plugin import *  # noqa: F403
from vpn_console_kit.client import Server, World
from vpnconsole.kit import labs
from vpnconsole.kit.labs.format import read
from vpnconsole.kit.walks.format import LANGUAGES
from vpnconsole.kit.walks.runner import run
from vpnconsole.testing.worlds import TOKEN

SOLVED = {name: lab for name, lab in labs.shipped().items() if lab.solution}


def test_only_the_lab_for_programs_has_no_solution_in_pages():
    assert {*labs.shipped()} - {*SOLVED} == {"api-with-an-sdk"}


@pytest.mark.browser
@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "language"),
    [
        pytest.param(name, LANGUAGES[number % 2], marks=[pytest.mark.full] * bool(number % 5))
        for number, name in enumerate(SOLVED)
    ],
)
def test_each_lab_is_solved_in_pages(browser, server, control, name, language):
    """Some labs, in languages that take turns. `python -m tools.walks --labs` does all in both."""
    lab = SOLVED[name]
    made = control.world(scenario=lab.scenario, lab=name, **lab.settings)
    world = World(Server(server.url, TOKEN), made)
    try:
        run(lab.walk, browser, world, language)
        marks = control.call("POST", f"/worlds/{world.id}/lab/check")
    finally:
        world.delete()
    assert {task: one["because"] for task, one in marks["tasks"].items() if not one["done"]} == {}


def test_the_example_of_the_documents_is_a_lab():
    text = (Path(__file__).parents[3] / "docs" / "teachers.md").read_text(encoding="utf-8")
    lab = read(text.partition("```yaml\n")[2].partition("```")[0])
    assert lab.walk.scenario == "one-gateway"
    listed = set(re.findall(r"^\| `([a-z-]+)` \|", text, re.M))
    assert listed == {*labs.shipped()}
