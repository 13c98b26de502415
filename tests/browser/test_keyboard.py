"""The keyboard: shortcuts, the palette, and the whole life of a connection."""

import re

import pytest
from playwright.sync_api import Page, expect

from connections.models import Authorization, Connection, CustomerGateway
from vpnconsole.testing import factories

LIST = f"/{factories.REGION}/connections/"


@pytest.fixture
def two(user):
    gateway = CustomerGateway.objects.get(account=user.account)
    return [factories.make_connection(user.account, gateway=gateway, name=name) for name in ("north", "south")]


def test_the_palette_finds_a_connection_and_goes_there(alice, two, accessible):
    alice.goto("/cens/")
    alice.keyboard.press("Control+k")
    dialog = alice.get_by_role("dialog")
    search = dialog.get_by_role("combobox")
    expect(search).to_be_focused()
    place = dialog.bounding_box()
    alice.keyboard.type("sou")
    hit = dialog.get_by_role("option", name=re.compile("^south"))
    # The first result is chosen, and the focus stays where one types.
    expect(hit).to_have_attribute("aria-selected", "true")
    assert search.get_attribute("aria-activedescendant") == hit.get_attribute("id")
    assert dialog.bounding_box() == place
    accessible(alice)
    alice.keyboard.press("Escape")
    expect(alice.get_by_role("link", name="Go to …")).to_be_focused()
    alice.keyboard.press("Control+k")
    alice.keyboard.type("sou")
    expect(hit).to_be_visible()
    alice.keyboard.press("ArrowDown")
    expect(hit).to_have_attribute("aria-selected", "false")
    alice.keyboard.press("ArrowUp")
    expect(search).to_be_focused()
    alice.keyboard.press("Enter")
    expect(alice.get_by_role("heading", level=1)).to_have_text("south")
    # Commands: on what is open, by name, and the page's own controls.
    alice.keyboard.press("Control+k")
    # Enter waits for the results of what was typed.
    alice.keyboard.type("dark")
    alice.keyboard.press("Enter")
    expect(alice.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(dialog).to_be_hidden()
    alice.keyboard.press("Control+k")
    alice.keyboard.type("tags")
    expect(dialog.get_by_role("option", name="Tags of south", exact=True)).to_have_attribute("aria-selected", "true")
    alice.keyboard.press("Enter")
    expect(dialog.get_by_label("Tag Key 1")).to_be_focused()
    alice.keyboard.press("Escape")
    alice.keyboard.press("Control+k")
    alice.keyboard.type("edit north")
    expect(dialog.get_by_role("option", name="Edit north", exact=True)).to_have_attribute("aria-selected", "true")
    alice.keyboard.press("Enter")
    expect(alice.get_by_role("heading", level=1)).to_contain_text("north")
    assert alice.url.endswith("/modify/")


def test_single_keys_act_unless_somebody_types_or_has_switched_them_off(alice, two, accessible):
    alice.goto(LIST)
    alice.keyboard.press("/")
    search = alice.get_by_label("Search by")
    expect(search).to_be_focused()
    alice.keyboard.type("c?h")
    expect(search).to_have_value("c?h")
    expect(alice).to_have_url(re.compile("/connections/"))
    alice.goto(LIST)
    alice.keyboard.press("?")
    dialog = alice.get_by_role("dialog")
    expect(dialog).to_contain_text("Keyboard shortcuts")
    accessible(alice)
    dialog.get_by_role("switch").uncheck()
    alice.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    alice.keyboard.press("/")
    expect(search).not_to_be_focused()
    alice.get_by_role("link", name="Help").click()
    dialog.get_by_role("switch").check()
    alice.keyboard.press("Escape")
    alice.keyboard.press("c")
    expect(alice.get_by_role("heading", level=1)).to_have_text("Create IPsec-VPN Connection")


def test_enter_on_a_box_of_a_row_asks_nothing(alice, two):
    alice.goto(LIST)
    box = alice.get_by_label(f"Select {two[0]}")
    box.focus()
    alice.keyboard.press("Space")
    expect(box).to_be_checked()
    alice.keyboard.press("Enter")
    alice.locator("html[data-idle]").wait_for(state="attached")
    expect(alice.get_by_role("dialog")).to_have_count(0)
    expect(box).to_be_checked()


def test_arrows_move_between_the_rows(alice, two):
    alice.goto(LIST)
    alice.get_by_role("link", name=two[1].name, exact=True).focus()
    alice.keyboard.press("ArrowDown")
    expect(alice.get_by_role("link", name=two[0].name, exact=True)).to_be_focused()
    alice.keyboard.press("ArrowUp")
    expect(alice.get_by_role("link", name=two[1].name, exact=True)).to_be_focused()


def test_one_key_hides_the_help_which_returns_where_one_is(alice):
    alice.goto(f"{LIST}create/")
    help_of_name = alice.get_by_text("Up to 100 characters. Can't start")
    expect(help_of_name).to_be_visible()
    alice.keyboard.press("h")
    expect(help_of_name).to_be_hidden()
    alice.get_by_label("Name", exact=True).focus()
    expect(help_of_name).to_be_visible()
    alice.reload()
    expect(help_of_name).to_be_hidden()
    alice.get_by_role("button", name="Help").click()
    expect(help_of_name).to_be_visible()


def tab_to(page: Page, target, *, most: int = 120) -> None:
    """Press Tab until a control has the focus. Every focused control must be visible."""
    for _step in range(most):
        if target.count() and target.first.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached by Tab; the focus is on "
                         + page.evaluate("document.activeElement.outerHTML.slice(0, 200)"))  # fmt: skip


def focus_is_seen(page: Page) -> None:
    """The focused element has an outline, and no sticky element covers it."""
    seen = page.evaluate(
        """() => {
            const one = document.activeElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
            const drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
            const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return drawn && box.width > 0 && (one.contains(top) || top.contains(one) || top.closest("label") !== null);
        }"""
    )
    assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


def test_a_whole_life_without_a_mouse(alice, user):
    alice.goto(LIST)
    alice.keyboard.press("c")
    name = alice.get_by_label("Name", exact=True)
    expect(name).to_be_visible()
    tab_to(alice, name)
    focus_is_seen(alice)
    alice.keyboard.type("by keyboard")
    destination = alice.get_by_role("radio", name="Destination Routing Mode")
    tab_to(alice, destination)
    alice.keyboard.press("ArrowRight")
    expect(alice.get_by_role("radio", name="Protected Data Flows")).to_be_focused()
    local = alice.get_by_label("Local Network 1")
    expect(local).to_be_visible()
    tab_to(alice, local)
    alice.keyboard.type("10.0.0.0/16")
    tab_to(alice, alice.get_by_label("Remote Network 1"))
    alice.keyboard.type("192.168.0.0/24")
    gateway = alice.get_by_label("Customer Gateway", exact=True)
    tab_to(alice, gateway)
    focus_is_seen(alice)
    alice.keyboard.press("ArrowDown")
    alice.keyboard.press("Enter") if alice.evaluate("document.activeElement.size > 1") else None
    expect(gateway).not_to_have_value("")
    tab_to(alice, alice.get_by_test_id("form-ok"))
    focus_is_seen(alice)
    alice.keyboard.press("Enter")
    expect(alice.get_by_role("heading", level=1)).to_have_text("by keyboard")
    made = Connection.objects.get()
    tab_to(alice, alice.get_by_test_id("nav-connections"))
    alice.keyboard.press("Enter")
    expect(alice.get_by_role("heading", level=1)).to_have_text("IPsec Connections")

    # Edit.
    alice.goto(LIST)
    more = alice.get_by_role("button", name=f"More actions for {made}")
    expect(more).to_be_visible()
    tab_to(alice, more)
    focus_is_seen(alice)
    alice.keyboard.press("Enter")
    edit = alice.get_by_role("link", name=f"Edit {made}", exact=True)
    expect(edit).to_be_visible()
    alice.keyboard.press("Escape")
    expect(edit).to_be_hidden()
    expect(more).to_be_focused()
    alice.keyboard.press("Enter")
    expect(edit).to_be_visible()
    tab_to(alice, edit)
    focus_is_seen(alice)
    alice.keyboard.press("Enter")
    expect(alice.get_by_role("heading", level=1)).to_have_text("Modify by keyboard")
    tab_to(alice, name)
    alice.keyboard.press("Control+a")
    alice.keyboard.type("renamed")
    tab_to(alice, alice.get_by_test_id("form-ok"))
    alice.keyboard.press("Enter")
    expect(alice.get_by_role("heading", level=1)).to_have_text("renamed")

    # Authorize.
    tab_to(alice, alice.get_by_role("link", name="Authorize Cross Account Attach CEN"))
    alice.keyboard.press("Enter")
    opener = alice.locator("main .panel-head a").first
    expect(opener).to_be_visible()
    tab_to(alice, opener)
    alice.keyboard.press("Enter")
    dialog = alice.get_by_role("dialog")
    expect(dialog).to_be_visible()
    alice.keyboard.press("Escape")
    expect(opener).to_be_focused()
    alice.keyboard.press("Enter")
    tab_to(alice, dialog.get_by_role("textbox").first)
    focus_is_seen(alice)
    alice.keyboard.type("1234567890123456")
    tab_to(alice, dialog.get_by_role("textbox").nth(1))
    alice.keyboard.type("cen-abcdefgh12345678ab")
    tab_to(alice, dialog.get_by_test_id("dialog-ok"))
    alice.keyboard.press("Enter")
    expect(alice.get_by_text("cen-abcdefgh12345678ab").first).to_be_visible()
    assert Authorization.objects.count() == 1

    # Delete.
    tab_to(alice, alice.get_by_test_id("more"))
    alice.keyboard.press("Enter")
    tab_to(alice, alice.get_by_test_id("delete"))
    alice.keyboard.press("Enter")
    ok = dialog.get_by_test_id("dialog-ok")
    expect(ok).to_be_visible()
    tab_to(alice, ok)
    focus_is_seen(alice)
    alice.keyboard.press("Enter")
    expect(alice.get_by_role("heading", level=1)).to_have_text("IPsec Connections")
    assert not Connection.objects.exists()
