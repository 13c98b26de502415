"""Screenshots of a held world, on two consoles: are they equal to the pixel?

PYTHONPATH=clients/pytest python -m bench.pixels     twelve pages on each, in both languages
... --keep FOLDER                                    keeps what differs
"""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from vpn_console_kit.client import Server, World
from vpn_console_kit.console import Console
from vpn_console_kit.plugin import enter
from vpnconsole.testing.machine import launch_options
from vpnconsole.testing.served import prepared
from vpnconsole.testing.worlds import TOKEN, served_with_kit

# Access keys are left out, as their IDs contain the ID of the world, and the page of the API, which has the port.
PAGES = {
    "overview": "",
    "connections": "eu-central-1/connections/",
    "create": "eu-central-1/connections/create/",
    "connection": "{connection}",
    "tunnels": "{connection}tunnels/",
    "routes": "{connection}routes/",
    "gateways": "eu-central-1/customer-gateways/",
    "cens": "cens/",
    "router": "{router}",
    "events": "events/",
    "members": "members/",
    "logs": "{connection}logs/",
}
# Chromium may draw what has changed only, which differs from drawing the whole in the shades of rounded edges.
WHOLE = ("--disable-partial-raster", "--disable-skia-runtime-opts")
LANGUAGES = {"en": "en-GB", "zh-hans": "zh-CN"}


def addresses(world: World) -> dict[str, str]:
    named = {
        "connection": world.names.connections["hamburg-primary"].address[1:],
        "router": world.names.routers["backbone-frankfurt"].address[1:],
    }
    return {name: world.url + path.format(**named) for name, path in PAGES.items()}


def pictures(browser: Browser, server: Server) -> dict[str, bytes]:
    """A picture of each page in each language, after somebody has made a connection."""
    taken = {}
    world = server.world(clock="held", ids={"seed": 7, "requests": True})
    for language, locale in LANGUAGES.items():
        context = browser.new_context(locale=locale, viewport={"width": 1280, "height": 900})
        page = enter(context, world, "alice")
        if language == "en":
            app = Console(page, world)
            app.connections.create().fill(name="berlin", customer_gateway="hamburg-dc1").submit()
        for name, address in addresses(world).items():
            page.goto(address)
            page.locator("html[data-idle]").wait_for(state="attached")
            taken[f"{name}-{language}"] = page.screenshot(full_page=True, caret="hide", animations="disabled")
        context.close()
    world.delete()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.pixels", description=__doc__)
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    runs: list[dict[str, bytes]] = []
    options = launch_options()
    options["args"] += WHOLE
    with sync_playwright() as playwright:
        for _ in range(2):
            with tempfile.TemporaryDirectory(prefix="vpnconsole-pixels-") as folder:
                env = prepared(Path(folder) / "data", WEB_CONCURRENCY="2")
                with served_with_kit(env, Path(folder) / "log") as server:
                    browser = playwright.chromium.launch(**options)
                    runs.append(pictures(browser, Server(server.url, TOKEN)))
                    browser.close()
    different = [name for name, picture in runs[0].items() if picture != runs[1][name]]
    print(f"{len(runs[0])} pictures, {len(different)} differ", *different, sep="\n")
    if args.keep:
        args.keep.mkdir(parents=True, exist_ok=True)
        for name in different:
            for number, run in enumerate(runs, 1):
                (args.keep / f"{name}-{number}.png").write_bytes(run[name])
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
