"""Do every walk of the console in both languages, and look at each page that they lead to with axe.

`python -m tools.walks [NAME ...]` starts a console of its own. With `--labs` it does the solutions of labs, which must
be marked as done. Exit status 1: it found problems.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import django
from playwright.sync_api import Page, sync_playwright

from vpnconsole import cli, testing_server
from vpnconsole.testing.axe import violations
from vpnconsole.testing.machine import launch_options

# As in tests/browser. Where less is seen, axe also counts what sticky bars cover in part.
SIZE = {"width": 1440, "height": 900}


def looked(problems: list[str], where: str, page: Page, move: dict[str, Any]) -> None:
    """Note what axe finds after a move that leads to another page or dialog."""
    if move["do"] in ("go", "click", "as"):
        problems += [f"{where}, step {move['step']}: {page.url}: {one}" for one in violations(page)]


def to_do(names: list[str], *, of_labs: bool) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Names and walks, with what their worlds are made of."""
    from vpnconsole.kit import labs, walks

    for name, walk in () if of_labs else walks.shipped().items():
        if name in (names or [name]):
            yield name, walk, {"scenario": walk.scenario}
    for name, lab in labs.shipped().items() if of_labs else ():
        if name in (names or [name]) and lab.solution:
            yield name, lab.walk, {"scenario": lab.scenario, "lab": name, **lab.settings}


def not_done(world: Any) -> Iterator[str]:
    """What is missing for the lab of a world to be complete."""
    marks = world.server.call("POST", f"/worlds/{world.id}/lab/check")
    yield from (f"{task}: {one['because']}" for task, one in marks["tasks"].items() if not one["done"])


def main() -> int:
    os.environ["KIT"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpnconsole.settings")
    django.setup()
    sys.path.append("clients/pytest")
    from vpn_console_kit.client import Server, World
    from vpnconsole.kit.walks.format import LANGUAGES
    from vpnconsole.kit.walks.runner import WalkFailed, run

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--labs", action="store_true")
    args = parser.parse_args()
    problems: list[str] = []
    options = launch_options()
    with testing_server.running(cli.command_line()) as (ready, _), sync_playwright() as playwright:
        server, browser = Server(ready["url"], ready["token"]), playwright.chromium.launch(**options)
        for name, walk, made_of in to_do(args.names, of_labs=args.labs):
            for language in LANGUAGES:
                began, world = time.monotonic(), World(server, server.call("POST", "/worlds", **made_of))
                look = partial(looked, problems, f"{name}, {language}")
                try:
                    run(walk, browser, world, language, after=look, viewport=SIZE)
                    problems += [f"{name}, {language}: {one}" for one in (not_done(world) if args.labs else ())]
                except WalkFailed as failed:
                    problems.append(f"{name}, {language}: {failed}")
                world.delete()
                print(f"{name:24} {language:8} {time.monotonic() - began:6.1f} s", flush=True)
        browser.close()
    print("\n".join(dict.fromkeys(problems)) or "Nothing was found.")
    return bool(problems)


if __name__ == "__main__":
    with testing_server.own_data():
        sys.exit(main())
