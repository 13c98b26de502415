"""The panel in a browser, a walk that is played by keys, and a tour that a person does."""

import os
import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from vpnconsole.testing.axe import violations

pytestmark = pytest.mark.browser
# The browser leaves an event loop in the thread, in which later tests of this process use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

LIST = "/eu-central-1/connections/"
MAKING = """walk: 1
title: {en: A backup line, zh-hans: 备用线路}
steps:
- say: {en: Welcome., zh-hans: 欢迎。}
- go: connections
- click: create
- fill: {name: hamburg-backup, tunnel1-customer_gateway: hamburg-dc1, tags: {team: net}, tunnel1-psk: {generated: 20}}
  say: {en: Nothing is sent to a cloud., zh-hans: 不会向云发送任何内容。}
- click: form-ok
- see: {said: CreateVpnAttachment}
- kit: {settle: true}
- see: {state: init}
- go: connections
- click: {row: hamburg-backup, part: delete}
- click: dialog-ok
- see: {row: hamburg-backup, gone: true}
- as: bob
- go: cens
"""
LOOKING = """walk: 1
title: {en: A look, zh-hans: 一览}
steps:
- go: connections
  say: {en: All lines are here., zh-hans: 所有线路都在这里。}
- click: {row: hamburg-primary, part: edit}
- fill: {name: hamburg-first}
- click: form-ok
- see: {said: ModifyVpnAttachmentAttribute}
"""
DEVICE = """walk: 1
title: {en: A device, zh-hans: 一台设备}
steps:
- go: connections
- click: {row: hamburg-two-tunnels}
- click: tab-tunnels
- click: {tunnel: 2, part: device}
"""


@pytest.fixture(scope="module")
def world(control):
    return control.world(panel=True, transitions="immediate")


@pytest.fixture
def opened(control, browser, world):
    """Pages of alice in the world made as new, whose console stays silent."""

    @contextmanager
    def open_page(**options):
        control.call("POST", f"/worlds/{world['id']}/reset", scenario="demo")
        cookies = control.call("POST", f"/worlds/{world['id']}/sessions", **{"as": "alice"})["cookies"]
        context = browser.new_context(base_url=control.server.url, reduced_motion="reduce", **options)
        heard = []
        context.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
        context.on("weberror", lambda error: heard.append(str(error.error)))
        context.add_cookies(cookies)
        yield context.new_page()
        context.close()
        assert heard == []

    return open_page


def begin(control, world, text, mode):
    control.call("PUT", f"/worlds/{world['id']}/walk", text=text, mode=mode)


def test_the_panel_opens_and_closes_by_a_key(opened):
    """It stays open on the next page; the focus goes in and comes back; what it does is seen without loading."""
    with opened() as page:
        page.goto(LIST)
        page.get_by_test_id("search").focus()
        page.keyboard.press("Control+.")
        expect(page.locator("#kit-panel-title")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#kit-panel")).to_be_hidden()
        expect(page.get_by_test_id("search")).to_be_focused()
        page.get_by_test_id("panel-open").click()
        expect(page.get_by_test_id("panel-over")).to_be_visible()
        page.goto(LIST)
        expect(page.get_by_test_id("panel-over")).to_be_visible()
        page.locator("tr[data-name=hamburg-primary] a").first.click()
        status = page.get_by_test_id("status")
        expect(status).to_have_attribute("data-status", "ipsec_sa_established")
        page.evaluate("window.stays = true")
        page.get_by_test_id("panel-peer-phase1").click()
        expect(page.get_by_test_id("panel-tunnel-1")).to_have_attribute("data-status", "ike_sa_not_established")
        expect(status).to_have_attribute("data-status", "ike_sa_not_established")
        assert page.evaluate("window.stays")
        expect(page.get_by_test_id("panel-peer-phase1")).to_be_focused()
        for part in ("clock", "next", "look", "share"):
            page.get_by_test_id(f"panel-section-{part}").click()
        page.get_by_test_id("panel-share-copy").click()
        expect(page.get_by_test_id("share-1")).to_have_value(re.compile("/_kit/join/"))
        assert violations(page) == []
        page.goto(f"{LIST}?panel=0")
        expect(page.locator("#kit-panel")).to_have_count(0)


def test_the_picture_of_the_network_has_all_names_beside_the_panel(opened, control):
    with opened(viewport={"width": 1024, "height": 768}) as page:
        page.context.add_cookies([{"name": "panel", "value": "open", "url": control.server.url}])
        page.goto("/")
        expect(page.get_by_test_id("panel-over")).to_be_visible()
        names = page.locator(".map-box > *")
        assert names.count() > 20
        cut = "all => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)"
        assert names.evaluate_all(cut) == []


def test_the_panel_needs_no_scripts(opened):
    with opened(java_script_enabled=False) as page:
        page.goto(LIST)
        page.get_by_test_id("panel-open").click()
        page.get_by_test_id("panel-bookmark").fill("before")
        page.get_by_test_id("panel-keep").click()
        page.get_by_test_id("panel-scenario").select_option("empty")
        page.get_by_test_id("panel-over").click()
        page.get_by_test_id("bookmark-before-restore").click()
        expect(page.get_by_test_id("panel-scenario")).to_be_visible()
        expect(page.get_by_test_id("account-menu")).to_contain_text("Alice")


def test_a_walk_is_played_by_a_key(opened, control, world):
    """To its end, in Chinese, across pages, dialogs and personas, with the panel open."""
    with opened(locale="zh-CN") as page:
        begin(control, world, MAKING, "play")
        page.context.add_cookies([{"name": "panel", "value": "open", "url": control.server.url}])
        page.goto("/")
        where = page.locator("[data-where]")
        expect(page.get_by_test_id("walk-bubble")).to_contain_text("欢迎。")
        # Each press does the step that is shown; what only looks goes on by itself.
        for step in (1, 2, 3, 4, 5, 7, 9, 10, 11, 13, 14):
            expect(where).to_have_text(f"第 {step} 步，共 14 步")
            page.keyboard.press("ArrowRight")
        expect(page.get_by_test_id("walk-bubble")).to_contain_text("演练已完成。")
        expect(page.get_by_test_id("account-menu")).to_contain_text("Bob")
        page.get_by_test_id("walk-leave").click()
        expect(page.get_by_test_id("walk-bubble")).to_be_hidden()


def test_a_person_does_a_tour(opened, control, world):
    """Which points, follows what is done, is left by Escape and resumed; the focus is led to what is next."""
    with opened(viewport={"width": 390, "height": 844}) as page:
        begin(control, world, LOOKING, "tour")
        page.goto("/")
        bubble = page.get_by_test_id("walk-bubble")
        expect(bubble).to_contain_text("All lines are here.")
        page.keyboard.press("Escape")
        expect(bubble).to_be_hidden()
        page.get_by_test_id("walk-resume").click()
        # It waits for the list, however somebody gets there.
        expect(bubble).to_contain_text("step 1 of 5")
        page.goto(LIST)
        expect(bubble).to_contain_text("step 2 of 5")
        page.locator("tr[data-name=hamburg-primary] .btn-more").click()
        page.locator("#row-menu [data-testid$=-edit]").click()
        expect(bubble).to_contain_text("Enter or choose: hamburg-first")
        name = page.get_by_test_id("field-name")
        expect(name).to_be_focused()
        assert violations(page) == []
        name.fill("hamburg-first")
        name.press("Tab")
        expect(page.get_by_test_id("form-ok")).to_be_focused()
        page.keyboard.press("ArrowLeft")
        expect(bubble).to_contain_text("step 3 of 5")
        page.keyboard.press("ArrowRight")
        page.get_by_test_id("form-ok").press("Enter")
        expect(bubble).to_contain_text("The walk is complete.")


def test_a_walk_scrolls_only_to_what_is_out_of_view_and_cuts_no_control(opened, control, world):
    """Neither the bar at the top nor the bubble leaves a control so small that it is hard to hit."""
    with opened() as page:
        begin(control, world, DEVICE, "play")
        page.goto("/")
        where = page.locator("[data-where]")
        for step in (1, 2, 3):
            expect(where).to_have_text(f"step {step} of 4")
            assert page.evaluate("scrollY") == 0
            page.keyboard.press("ArrowRight")
        expect(where).to_have_text("step 4 of 4")
        expect(page.locator(".kit-ring")).to_be_in_viewport(ratio=1)
        assert page.evaluate("scrollY") > 0
        assert violations(page) == []
