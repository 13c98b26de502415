"""Take the pictures of the documentation from a server that is running with fresh demo data.

python3 dev.py reset && python3 dev.py run        # in one terminal
.venv/bin/python -m tools.screenshots             # in another
"""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.machine import launch_options

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"


def connection_list(page: Page) -> None:
    page.goto("/eu-central-1/connections/")


def create(page: Page) -> None:
    page.goto("/eu-central-1/connections/create/")
    page.get_by_label("CEN", exact=True).check()
    page.get_by_label("CEN Instance ID").select_option(index=2)
    page.get_by_label("Protected Data Flows").check()
    page.get_by_label("Local Network 1").fill("10.0.0.0/16")
    page.get_by_label("Remote Network 1").fill("192.168.0.0/16")
    page.evaluate("scrollTo(0, 0)")


def details(page: Page) -> None:
    page.goto("/eu-central-1/connections/?q=rotterdam")
    page.locator("tbody th a").click()


PICTURES = {"list": connection_list, "create": create, "details": details}


def main(address: str = "http://127.0.0.1:8000") -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    options = launch_options()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        for scheme in ("light", "dark"):
            context = browser.new_context(
                base_url=address, color_scheme=scheme, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
            )
            page = context.new_page()
            page.goto("/login/")
            page.get_by_role("button", name="Sign in as Alice").click()
            for name, show in PICTURES.items():
                show(page)
                page.wait_for_load_state("networkidle")
                page.screenshot(path=FOLDER / f"{name}-{scheme}.png")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
