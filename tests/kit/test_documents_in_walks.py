"""Documents that walks bring along: as files and pasted, played in a page and done by the runner."""

import os

import pytest
from playwright.sync_api import expect

from tests.kit.plugin import *  # noqa: F403
from vpn_console_kit.client import Server
from vpnconsole.kit.walks.format import read
from vpnconsole.kit.walks.runner import run
from vpnconsole.testing.worlds import TOKEN

pytestmark = pytest.mark.browser
# The browser leaves an event loop in the thread, in which later tests of this process use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

DOCUMENT = """
      document: |
        format: vpn-console/resources
        version: 5
        connections:
        - region: eu-central-1
          name: made-{field}
          tags: {{document: plan}}
          tunnels:
          - {{customer_gateway: "${{gateway hamburg-dc1}}", psk: "${{key 1}}"}}
- click: import
- see: {{testid: imported}}
"""
STEPS = "".join(f"- fill:\n    {field}:{DOCUMENT.format(field=field)}" for field in ("file", "text"))
WALK = f"""walk: 1
title: {{en: An import, zh-hans: 导入}}
steps:
- go: overview
- click: nav-resources
{STEPS}
- go: connections
- see: {{row: made-file}}
- see: {{row: made-text}}
"""


def test_the_runner_imports_documents(browser, server):
    world = Server(server.url, TOKEN).world()
    run(read(WALK), browser, world)
    made = [one for account in world.state()["accounts"].values() for one in account["connections"]]
    gateway = world.names.gateways["hamburg-dc1"].id
    for name in ("made-file", "made-text"):
        (one,) = (one for one in made if one["name"] == name)
        assert (one["tags"], one["tunnels"][0]["customer_gateway"]) == ({"document": "plan"}, gateway)
    world.delete()


@pytest.mark.parametrize("mode", ["play", "tour"])
def test_a_page_imports_documents(browser, control, mode):
    world = control.world(panel=True, transitions="immediate")
    control.call("PUT", f"/worlds/{world['id']}/walk", text=WALK, mode=mode)
    context = browser.new_context(base_url=control.server.url, reduced_motion="reduce")
    context.add_cookies(control.call("POST", f"/worlds/{world['id']}/sessions", **{"as": "alice"})["cookies"])
    page = context.new_page()
    page.goto("/")
    pressed = page.get_by_test_id("walk-all" if mode == "play" else "walk-next")
    bubble = page.get_by_test_id("walk-bubble")
    if mode == "play":
        pressed.click()
    else:
        for step in (2, 3):
            expect(bubble).to_contain_text(f"step {step} of 11")
            if step == 3:
                expect(bubble).to_contain_text("This step brings its own document.")
            pressed.click()
        for step in (4, 6, 7, 9):
            expect(bubble).to_contain_text(f"step {step} of 11")
            pressed.click()
    expect(bubble).to_contain_text("The walk is complete.", timeout=30_000)
    context.close()
