"""Show as code in a browser: a dialog over a form that keeps its input, tabs, copying."""

from playwright.sync_api import Page, expect

from connections.models import Connection, CustomerGateway
from vpnconsole.testing import factories

CREATE = f"/{factories.REGION}/connections/create/"


def dialog(page: Page):
    return page.get_by_role("dialog")


def tab(page: Page, name: str):
    return dialog(page).get_by_role("tab", name=name)


def shown(page: Page):
    return dialog(page).get_by_role("tabpanel").locator("code")


def test_the_form_as_code_and_back(alice, user, accessible):
    gateway = CustomerGateway.objects.get(account=user.account)
    alice.goto(CREATE)
    alice.get_by_label("Name", exact=True).fill("branch")
    alice.get_by_label("Customer Gateway", exact=True).select_option(gateway.resource_id)
    alice.get_by_label("Pre-Shared Key", exact=True).fill("typed-Meanwhile")
    alice.get_by_role("button", name="Show as code").click()
    expect(shown(alice)).to_contain_text('name="branch"')
    expect(shown(alice)).to_contain_text(gateway.resource_id)
    expect(dialog(alice)).not_to_contain_text("typed-Meanwhile")
    accessible(alice)
    dialog(alice).get_by_role("link", name="Close").click()
    expect(dialog(alice)).to_be_hidden()
    # Nothing was lost, and the form can still be submitted.
    expect(alice.get_by_label("Pre-Shared Key", exact=True)).to_have_value("typed-Meanwhile")
    alice.get_by_test_id("form-ok").click()
    expect(alice.locator("#messages")).to_contain_text("was created")
    assert Connection.objects.get().tunnel.psk == "typed-Meanwhile"
    # The operation as code, from the message.
    alice.locator("#messages").get_by_role("link", name="Show as code").click()
    expect(shown(alice)).to_contain_text("create_vpn_attachment")


def test_tabs_by_keyboard_and_the_choice_is_kept(alice, user):
    made = factories.make_connection(user.account, gateway=CustomerGateway.objects.get(account=user.account))
    alice.goto(made.get_absolute_url())
    alice.get_by_test_id("more").click()
    alice.get_by_role("link", name="Show as code").click()
    expect(tab(alice, "Python SDK")).to_have_attribute("aria-selected", "true")
    tab(alice, "Python SDK").focus()
    alice.keyboard.press("ArrowRight")
    expect(tab(alice, "Command line")).to_be_focused()
    expect(shown(alice)).to_contain_text("aliyun vpc CreateVpnAttachment")
    alice.keyboard.press("End")
    expect(shown(alice)).to_contain_text('"Action": "CreateVpnAttachment"')
    alice.keyboard.press("ArrowRight")
    expect(tab(alice, "Python SDK")).to_be_focused()
    alice.keyboard.press("ArrowLeft")
    alice.keyboard.press("ArrowLeft")
    expect(tab(alice, "Terraform")).to_be_focused()
    alice.keyboard.press("Escape")
    expect(dialog(alice)).to_be_hidden()
    expect(alice.get_by_test_id("more")).to_be_focused()
    alice.keyboard.press("Enter")
    alice.get_by_role("link", name="Show as code").press("Enter")
    expect(tab(alice, "Terraform")).to_have_attribute("aria-selected", "true")


def test_a_listing_is_copied_whole(alice, user, context, live_server):
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    made = factories.make_connection(user.account, gateway=CustomerGateway.objects.get(account=user.account))
    alice.goto(made.get_absolute_url())
    alice.get_by_test_id("more").click()
    alice.get_by_role("link", name="Show as code").click()
    tab(alice, "Terraform").click()
    dialog(alice).get_by_role("button", name="Copy").click()
    expect(dialog(alice).get_by_role("button", name="Copied")).to_be_visible()
    text = alice.evaluate("navigator.clipboard.readText()")
    assert text.startswith("#")
    assert text == shown(alice).text_content()
    assert made.resource_id in text


def test_without_scripts_every_language_is_on_a_page(browser, user, sign_in, browser_context_args):
    made = factories.make_connection(user.account, gateway=CustomerGateway.objects.get(account=user.account))
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, user)
    page.goto(made.get_absolute_url())
    page.get_by_test_id("more").click()
    page.get_by_role("link", name="Show as code").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("as code")
    for name in ("Python SDK", "Command line", "Terraform", "API request"):
        expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.goto(CREATE)
    page.get_by_label("Name", exact=True).fill("typed without scripts")
    with context.expect_page() as opened:
        page.get_by_role("button", name="Show as code").click()
    expect(opened.value.locator("code").first).to_contain_text("typed without scripts")
    context.close()
