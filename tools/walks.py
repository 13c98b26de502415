"""Do every walk of the console in both languages, and look at each page that they lead to with axe.

`python -m tools.walks [NAME ...]` starts a console of its own. Exit status 1: it found problems.
"""

import os
import sys
import time
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


def main() -> int:
    os.environ["KIT"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpnconsole.settings")
    django.setup()
    sys.path.append("clients/pytest")
    from vpn_console_kit.client import Server
    from vpnconsole.kit import walks
    from vpnconsole.kit.walks.format import LANGUAGES
    from vpnconsole.kit.walks.runner import WalkFailed, run

    problems: list[str] = []
    options = launch_options()
    with testing_server.running(cli.command_line()) as (ready, _), sync_playwright() as playwright:
        server, browser = Server(ready["url"], ready["token"]), playwright.chromium.launch(**options)
        for name, walk in walks.shipped().items():
            if sys.argv[1:] and name not in sys.argv[1:]:
                continue
            for language in LANGUAGES:
                began, world = time.monotonic(), server.world(walk.scenario)

                look = partial(looked, problems, f"{name}, {language}")
                try:
                    run(walk, browser, world, language, after=look, viewport=SIZE)
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
