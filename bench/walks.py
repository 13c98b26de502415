"""Plays every shipped walk in the pages of a console, in both languages: `python -m bench.walks [FILE|NAME ...]`.

Each press of a key does a step, as a presenter does. Reports what fails; exit status 1 if anything does. With --tour,
every step is left to the button "Do it for me". --axe judges each step, and takes three times as long. --size says
how large the window is, and --closed closes the panel.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import django
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from vpnconsole.testing.axe import violations
from vpnconsole.testing.machine import launch_options
from vpnconsole.testing.served import prepared
from vpnconsole.testing.worlds import Control, served_with_kit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
django.setup()

from vpnconsole.kit.walks import shipped  # noqa: E402 - its modules import models
from vpnconsole.kit.walks.format import LANGUAGES, Walk, read, write  # noqa: E402

LOCALES = {"en": "en-US", "zh-hans": "zh-CN"}
# Seconds until the walk goes on to the next step.
PATIENCE = 20
# How many moves are done, whether all are, and why it does not go on.
STAGE = """() => {
  const bubble = document.querySelector("[data-testid=walk-bubble]");
  const read = (name) => bubble?.querySelector(`[data-${name}]`)?.textContent ?? "";
  const button = (name) => bubble?.querySelector(`[data-testid=walk-${name}]`);
  const isShown = (one) => Boolean(one && !one.hidden && one.checkVisibility());
  return {
    where: read("where"), says: read("say"), hint: read("hint"), canGoOn: isShown(button("next")),
    isOver: isShown(button("over")) && !isShown(button("next")),
    hasFailed: isShown(button("over")) && isShown(button("next")),
  };
}"""


class Stuck(Exception):
    """A walk that does not go on."""


def play(
    control: Control, browser: Browser, walk: Walk, language: str, *, mode: str, panel: str, axe: bool, **look: Any
) -> Iterator[str]:
    """Play a walk to its end. Yields what is wrong with its pages. Raises Stuck. `look`: options of Playwright."""
    world = control.world(scenario=walk.scenario, panel=True)
    cookies = control.call("POST", f"/worlds/{world['id']}/sessions", **{"as": walk.persona})["cookies"]  # type: ignore[arg-type]
    control.call("PUT", f"/worlds/{world['id']}/walk", text=write(walk), mode=mode)
    heard: list[str] = []
    options = {"locale": LOCALES[language], "reduced_motion": "reduce", **look}
    with closing(browser.new_context(base_url=control.server.url, **options)) as context:
        context.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
        context.on("weberror", lambda error: heard.append(str(error.error)))
        cookies.append({"name": "panel", "value": panel, "url": control.server.url})
        context.add_cookies(cookies)
        page = context.new_page()
        page.goto("/")
        yield from to_the_end(page, mode, axe)
    yield from heard
    control.call("DELETE", f"/worlds/{world['id']}")


def to_the_end(page: Page, mode: str, axe: bool) -> Iterator[str]:
    before, since = "", time.monotonic()
    while True:
        with suppress(PlaywrightError):  # Between two pages.
            now = page.evaluate(STAGE)
            if now["isOver"]:
                return
            if now["hasFailed"]:
                raise Stuck(f"{now['where']}: {now['hint']} {page.url}")
            shown = f"{now['where']} {now['says']} {page.url}"
            if shown != before:
                if axe and now["where"]:
                    yield from (f"{now['where']}: {one}" for one in violations(page))
                before, since = shown, time.monotonic()
            elif time.monotonic() - since > PATIENCE:
                raise Stuck(f"{now['where']}: {now['hint'] or now['says']} {page.url}")
            if mode == "play":
                page.keyboard.press("ArrowRight")
            elif now["canGoOn"]:
                page.evaluate("document.querySelector('[data-testid=walk-next]')?.click()")
        page.wait_for_timeout(50)


def chosen(names: list[str]) -> dict[str, Walk]:
    if not names:
        return shipped()
    return {
        name: read(Path(name).read_text(encoding="utf-8")) if Path(name).exists() else shipped()[name] for name in names
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("walks", nargs="*", metavar="FILE|NAME")
    parser.add_argument("--language", choices=LANGUAGES, action="append")
    parser.add_argument("--tour", action="store_true")
    parser.add_argument("--axe", action="store_true")
    parser.add_argument("--size", default="1440x900", metavar="WIDTHxHEIGHT")
    parser.add_argument("--closed", action="store_true")
    args = parser.parse_args()
    width, height = map(int, args.size.split("x"))
    how = {
        "mode": "tour" if args.tour else "play",
        "panel": "closed" if args.closed else "open",
        "axe": args.axe,
        "viewport": {"width": width, "height": height},
    }
    options, failed = launch_options(), 0
    with (
        tempfile.TemporaryDirectory() as folder,
        served_with_kit(prepared(Path(folder) / "data"), Path(folder) / "log") as server,
        sync_playwright() as playwright,
        closing(playwright.chromium.launch(**options)) as browser,
    ):
        control = Control(server)
        for name, walk in chosen(args.walks).items():
            for language in args.language or LANGUAGES:
                wrong: list[str] = []
                began = time.monotonic()
                try:
                    wrong.extend(play(control, browser, walk, language, **how))
                except Stuck as stuck:
                    wrong.append(str(stuck))
                failed += bool(wrong)
                print(f"{'FAILED' if wrong else 'ok':7}{name:28}{language:9}{time.monotonic() - began:5.1f} s")
                for line in wrong:
                    print(f"       {line}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
