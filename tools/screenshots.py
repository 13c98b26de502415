"""Take the screenshots of the documentation: `python3 dev.py screenshots`.

From a temporary server with new demo data: light, dark, and in Chinese.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

from vpnconsole.testing.machine import launch_options, provide_fonts

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screenshots"
LIST = "/eu-central-1/connections/"


# By names that are the same in every language.
def connection_list(page: Page) -> None:
    page.goto(LIST)


def create(page: Page) -> None:
    page.goto(f"{LIST}create/")
    page.locator("[name=associate_resource][value=CEN]").check()
    page.locator("[name=cen]").select_option(index=2)
    page.locator("[name=routing_mode][value=protected]").check()
    page.locator("[name=local_subnet]").fill("10.0.0.0/16")
    page.locator("[name=remote_subnet]").fill("192.168.0.0/16")
    page.locator("[name=remote_subnet]").blur()
    page.evaluate("scrollTo(0, 0)")


def errors(page: Page) -> None:
    # Not the draft of the previous screenshot.
    page.evaluate("sessionStorage.clear()")
    page.goto(f"{LIST}create/")
    page.locator("[name=routing_mode][value=protected]").check()
    page.locator("[name=local_subnet]").fill("10.0.0.1/16")
    page.get_by_test_id("form-ok").click()
    page.locator("#error-summary").wait_for()


def _details(page: Page, name: str) -> None:
    page.goto(f"{LIST}?q={name}")
    page.locator("tbody th a").click()
    page.locator("#topology").wait_for()


def details(page: Page) -> None:
    _details(page, "hamburg-primary")


def device(page: Page) -> None:
    _details(page, "antwerp")
    page.locator("nav.tabs a[href$='/device/']").click()
    page.locator("#differences").wait_for()


def logs(page: Page) -> None:
    _details(page, "antwerp")
    page.locator("nav.tabs a[href$='/logs/']").click()
    page.get_by_test_id("log-lines").wait_for()


def monitoring(page: Page) -> None:
    _details(page, "hamburg-primary")
    page.locator("nav.tabs a[href$='/monitoring/']").click()
    page.goto(f"{page.url}?range=1d")
    page.get_by_test_id("chart").wait_for()


def diagnosis(page: Page) -> None:
    _details(page, "antwerp")
    page.get_by_test_id("diagnose").click()
    page.get_by_test_id("diagnosis-moment").wait_for()


def peer(page: Page) -> None:
    _details(page, "hamburg-primary")
    page.get_by_test_id("peer-config").click()
    page.locator("#dialog pre code").wait_for()


def cen(page: Page) -> None:
    page.goto("/cens/?q=harbour-backbone")
    page.locator("tbody th a").click()
    page.locator("h1", has_text="harbour-backbone").wait_for()


def palette(page: Page) -> None:
    page.goto(LIST)
    page.get_by_test_id("go-to").click()
    page.get_by_test_id("palette-q").fill("ham")
    page.locator("#palette-found a", has_text="hamburg").first.wait_for()


PICTURES = {
    "list": connection_list,
    "create": create,
    "errors": errors,
    "details": details,
    "device": device,
    "logs": logs,
    "monitoring": monitoring,
    "diagnosis": diagnosis,
    "peer": peer,
    "cen": cen,
    "palette": palette,
}
# The name of a file says what it shows and how.
KINDS: dict[str, tuple[Literal["light", "dark"], str]] = {
    "light": ("light", "en"),
    "dark": ("dark", "en"),
    "chinese": ("light", "zh-hans"),
}


@contextmanager
def server():
    """A temporary console with new demo data on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "VPNCONSOLE_DATA": data, "DEMO_MODE": "1", "PYTHONWARNINGS": "ignore"}
        environment.pop("DATABASE_URL", None)
        for words in (["migrate", "--verbosity", "0"], ["seed_demo"]):
            subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=environment, check=True)
        words = [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
        running = subprocess.Popen(words, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        try:
            for _attempt in range(100):
                try:
                    urlopen(f"http://127.0.0.1:{port}/login/").close()
                    break
                except URLError:
                    time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait()


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    provide_fonts()
    options = launch_options(whole=True)
    with server() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        for kind, (scheme, language) in KINDS.items():
            context = browser.new_context(
                base_url=address,
                color_scheme=scheme,
                viewport={"width": 1440, "height": 900},
                reduced_motion="reduce",
                locale="en-US",
            )
            context.add_cookies([{"name": "django_language", "value": language, "url": address}])
            page = context.new_page()
            page.goto("/login/")
            page.locator("button[name=username][value=alice]").click()
            for name, show in PICTURES.items():
                show(page)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=FOLDER / f"{name}-{kind}.png")
                print(f"{name}-{kind}.png", flush=True)
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
