"""The peer configuration in a browser: the dialog, its formats, copying, downloading."""

import pytest
from playwright.sync_api import expect

from connections.models import CustomerGateway
from tests.browser.test_testids import check
from vpnconsole.testing import factories

TITLE = "IPsec-VPN Connection Configuration"


@pytest.fixture(scope="session")
def browser(whole_browser):
    return whole_browser


@pytest.fixture
def made(user):
    return factories.make_connection(
        user.account, gateway=CustomerGateway.objects.get(account=user.account), tunnel={"psk": "a<b&c'd\\e"}
    )


@pytest.fixture
def dialog(alice, made):
    alice.goto(f"/{factories.REGION}/connections/")
    alice.get_by_role("link", name=f"Peer config of {made}").click()
    dialog = alice.get_by_role("dialog", name=TITLE)
    expect(dialog).to_be_visible()
    return dialog


def shown(dialog) -> str:
    return dialog.locator("pre code").text_content()


def test_it_opens_from_the_list_and_escape_returns_the_focus(alice, made, dialog, accessible):
    assert "a<b&c'd" in shown(dialog)
    accessible(alice)
    check(alice)
    alice.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(alice.get_by_role("link", name=f"Peer config of {made}")).to_be_focused()


def test_another_format_is_remembered(alice, made, dialog, accessible):
    dialog.get_by_label("Format").select_option("strongSwan")
    expect(dialog.get_by_role("heading", name="swanctl.conf")).to_be_visible()
    expect(dialog.get_by_label("Format")).to_be_focused()
    dialog.get_by_label("Format").select_option("FRR (BGP)")
    expect(dialog.get_by_role("alert")).to_contain_text("This format is for BGP")
    accessible(alice)
    dialog.get_by_label("Format").select_option("strongSwan")
    expect(dialog.get_by_role("heading", name="swanctl.conf")).to_be_visible()
    alice.goto(made.get_absolute_url())
    alice.get_by_role("link", name="Generate Peer Configuration").click()
    expect(alice.get_by_role("dialog", name=TITLE).get_by_label("Format")).to_have_value("swanctl")


def test_copying_by_the_clipboard(alice, dialog, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog.get_by_role("status")).to_have_text("Copied")
    assert alice.evaluate("navigator.clipboard.readText()") == shown(dialog)


def test_copying_where_there_is_no_clipboard_object(alice, made, dialog):
    """As on plain http from another host. The test pastes what was copied into a text area."""
    wanted = shown(dialog)
    alice.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog.get_by_role("status")).to_have_text("Copied")
    alice.keyboard.press("Escape")
    expect(alice.get_by_role("link", name=f"Peer config of {made}")).to_be_focused()
    alice.evaluate("""() => {
        const area = document.createElement("textarea");
        area.id = "paste";
        document.getElementById("main").append(area);
    }""")
    alice.locator("#paste").press("Control+V")
    expect(alice.locator("#paste")).to_have_value(wanted)


def test_where_copying_is_forbidden_the_text_is_selected(alice, dialog):
    alice.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    alice.evaluate("document.execCommand = () => false")
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog.get_by_role("status")).to_contain_text("Press Ctrl+C")
    assert alice.evaluate("getSelection().toString()").strip() == shown(dialog).strip()


def test_the_download_has_the_same_text(alice, made, dialog):
    with alice.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == f"{made.resource_id}.json"
    with open(download.value.path(), encoding="utf-8") as file:
        assert file.read() == shown(dialog)
    expect(dialog).to_be_visible()


def test_on_the_page_keys_are_covered_and_the_site_s_values_fill_the_text(alice, made, accessible):
    alice.goto(f"{made.get_absolute_url()}peer-configuration/?format=cisco-ios")
    key = alice.locator(".key").first
    expect(key).to_have_css("visibility", "hidden")
    alice.get_by_test_id("peer-reveal").check()
    expect(key).to_have_css("visibility", "visible")
    word = "YOUR-OUTER-INTERFACE"
    alice.get_by_test_id(f"peer-value-{word}").fill("GigabitEthernet0/0")
    expect(alice.get_by_test_id("peer-text-1")).to_contain_text("GigabitEthernet0/0")
    expect(alice.get_by_test_id("peer-text-1")).not_to_contain_text(word)
    with alice.expect_download() as download:
        alice.get_by_test_id("peer-download-1").click()
    with open(download.value.path(), encoding="utf-8") as file:
        assert file.read() == alice.get_by_test_id("peer-text-1").text_content()
    # What could be more than one word of the device's language is not taken.
    alice.get_by_test_id(f"peer-value-{word}").fill("two words")
    expect(alice.get_by_test_id("peer-text-1")).to_contain_text(word)
    accessible(alice)
    alice.get_by_test_id("peer-tile-swanctl").click()
    expect(alice.get_by_role("heading", name="swanctl.conf")).to_be_visible()
