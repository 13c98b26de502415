"""Do walks in a browser."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vpnconsole import cli, paths, testing_server
from vpnconsole.kit import walks
from vpnconsole.kit.walks import format
from vpnconsole.kit.walks.format import LANGUAGES, Walk, WalkError

MISSING = 'Walks are done by Playwright, which is not installed: pip install "vpn-console[testing]".'
NO_BROWSER = "There is no browser: playwright install chromium, or name yours in CHROMIUM_PATH."


def found(name: str) -> Walk:
    """The walk of a file, or one that the console brings along. Raises CommandError."""
    path = Path(name)
    try:
        if not path.exists() and name in walks.shipped():
            return walks.shipped()[name]
        return format.read(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CommandError(f"There is neither a file nor a walk {name!r}. See --list.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name}: {getattr(error, 'strerror', None) or 'not a text in UTF-8'}") from None
    except WalkError as error:
        raise CommandError("\n".join([f"{name} is not a walk.", *error.problems])) from None


@contextmanager
def server(url: str) -> Iterator[Any]:
    """A running console by its address, or one for the time of the block."""
    from vpn_console_kit.client import Server

    if not url:
        with testing_server.running(cli.command_line()) as (ready, _):
            yield Server(ready["url"], ready["token"])
    elif token := os.environ.get("KIT_TOKEN"):
        yield Server(url, token)
    else:
        raise CommandError("--url needs the server's token in KIT_TOKEN.")


class Command(BaseCommand):
    help = "Do walks in a browser, each in a world of its own. Exit status 1: one has failed."
    # The database of this process is not used.
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("walk", nargs="*", metavar="FILE|NAME", help="what to do")
        parser.add_argument("--list", action="store_true", help="list the walks that the console brings along")
        parser.add_argument("--language", choices=LANGUAGES, default="en")
        parser.add_argument("--url", default="", help="a running console, whose token is in KIT_TOKEN")
        parser.add_argument("--headed", action="store_true", help="show the browser")
        parser.add_argument("--slow", type=int, default=0, metavar="MS", help="wait so long before each action")
        parser.add_argument("--screenshot", type=Path, metavar="FILE", help="keep a picture of the page that failed")

    def handle(self, *args, walk, list, language, url, headed, slow, screenshot, **options):
        if list:
            for name, one in walks.shipped().items():
                self.stdout.write(f"{name:24} {one.title[language]}")
            return
        chosen = {name: found(name) for name in walk}
        if not chosen:
            raise CommandError(f"Name a walk: {paths.PROGRAM} walk --list")
        if not paths.IS_INSTALLED:
            sys.path.append(str(paths.RESOURCES / "clients" / "pytest"))
        try:
            from playwright.sync_api import Error, sync_playwright

            from vpnconsole.kit.walks.runner import WalkFailed, run
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in ("playwright", "vpn_console_kit"):
                raise
            raise CommandError(MISSING) from None
        with server(url) as console, sync_playwright() as playwright:
            program = os.environ.get("CHROMIUM_PATH")
            if not program and not Path(playwright.chromium.executable_path).exists():
                raise CommandError(NO_BROWSER)
            try:
                browser = playwright.chromium.launch(executable_path=program, headless=not headed, slow_mo=slow)
            except Error as error:
                raise CommandError(f"The browser does not start. {str(error).splitlines()[0]}") from None
            for name, one in chosen.items():
                self.stdout.write(f"{name}: {one.title[language]}")
                world = console.world(one.scenario, label="walk")
                try:
                    run(one, browser, world, language, self.stdout.write, screenshot=screenshot)
                except WalkFailed as error:
                    raise CommandError(str(error)) from None
                finally:
                    world.delete()
            browser.close()
