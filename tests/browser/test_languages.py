"""The language switch keeps what was typed, and Chinese pages are accessible."""

from django.conf import settings
from playwright.sync_api import expect

from connections.models import Connection, CustomerGateway
from vpnconsole.testing import factories

CREATE = f"/{factories.REGION}/connections/create/"


def to_chinese(page):
    page.get_by_test_id("display-menu").click()
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")


def test_the_language_changes_in_the_middle_of_a_form_and_nothing_typed_is_lost(alice):
    alice.goto(CREATE)
    alice.get_by_label("Name", exact=True).fill("half a na")
    alice.get_by_label("Pre-Shared Key", exact=True).fill("typed already")
    alice.get_by_label("Enable BGP").check()
    expect(alice.get_by_label("Tunnel CIDR Block")).to_be_visible()
    alice.get_by_label("Local BGP IP address").fill("169.254.10.2")
    alice.get_by_label("Tag Key 1").fill("env")
    to_chinese(alice)
    expect(alice.get_by_role("heading", name="创建 IPsec 连接", level=1)).to_be_visible()
    expect(alice.get_by_label("名称", exact=True)).to_have_value("half a na")
    expect(alice.get_by_label("预共享密钥", exact=True)).to_have_value("typed already")
    expect(alice.get_by_label("启用 BGP")).to_be_checked()
    expect(alice.get_by_label("本端 BGP 地址")).to_have_value("169.254.10.2")
    expect(alice.get_by_label("标签键 1")).to_have_value("env")
    alice.get_by_test_id("display-menu").click()
    alice.get_by_role("button", name="English").click()
    expect(alice.get_by_label("Pre-Shared Key", exact=True)).to_have_value("typed already")
    assert not Connection.objects.exists()


def test_whoever_is_quicker_than_the_page_is_not_asked_whether_to_leave(alice):
    """The pageshow event may come after the switch was pressed."""
    asked = []
    alice.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    alice.goto(CREATE)
    alice.get_by_label("Name", exact=True).fill("half a na")
    alice.evaluate("""() => {
        document.querySelector("[data-language] button").click();
        dispatchEvent(new PageTransitionEvent("pageshow"));
    }""")
    expect(alice.locator("html")).to_have_attribute("lang", "zh-hans")
    assert asked == []


def test_the_list_keeps_its_search(alice):
    alice.goto(f"/{factories.REGION}/customer-gateways/?q=zzz")
    to_chinese(alice)
    expect(alice.get_by_role("searchbox")).to_have_value("zzz")
    expect(alice.get_by_text("未找到符合条件的用户网关")).to_be_visible()


def test_the_list_keeps_what_is_ticked(alice, user):
    north, south, west = (factories.make_connection(user.account, name=name) for name in ("north", "south", "west"))
    alice.goto(f"/{factories.REGION}/connections/")
    for one in (north, west):
        alice.get_by_label(f"Select {one}").check()
    to_chinese(alice)
    expect(alice.get_by_test_id(f"connection-{north.resource_id}-pick")).to_be_checked()
    expect(alice.get_by_test_id(f"connection-{south.resource_id}-pick")).not_to_be_checked()
    expect(alice.locator("[data-bulk-count]")).to_have_text("已选 2 项")
    # Kept once: a later visit starts with an empty form.
    alice.reload()
    expect(alice.get_by_role("checkbox", checked=True)).to_have_count(0)


def test_a_document_to_import_is_kept(alice):
    alice.goto("/resources/")
    alice.get_by_label("Or paste the document").fill("customer_gateways:\n  - name: half")
    to_chinese(alice)
    expect(alice.locator("[name=text]")).to_have_value("customer_gateways:\n  - name: half")


def test_the_sign_in_page_keeps_the_user_name(page):
    page.goto("/login/")
    page.get_by_label("Username").fill("somebody")
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page.get_by_label("用户名")).to_have_value("somebody")


def test_scripts_speak_chinese(alice):
    alice.goto(CREATE)
    to_chinese(alice)
    alice.get_by_role("button", name="生成密钥").click()
    expect(alice.locator("#live")).to_have_text("已生成密钥")
    alice.get_by_role("button", name="+ 添加标签").click()
    expect(alice.get_by_label("标签键 2")).to_be_focused()


def test_dialogs_refusals_and_losses_are_accessible_in_chinese(
    alice, user, context, tolerated, accessible, live_server
):
    """Dialogs and fragments, with one page for all; other tests check pages in both languages."""
    tolerated += ["Failed to load resource", "htmx:sendError", "htmx:afterRequest"]
    gateway = CustomerGateway.objects.get(account=user.account)
    router = factories.make_transit_router(user.account)
    made = factories.make_connection(user.account, gateway=gateway, name="north", tags=[("env", "lab")])
    bound = factories.make_connection(user.account, gateway=gateway, router=router)
    path, listed = made.get_absolute_url(), f"/{factories.REGION}/connections/"
    row = f"connection-{made.resource_id}"
    context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "zh-hans", "url": live_server.url}])

    # The page and control that open a dialog, and whether to submit its empty form, which is refused.
    for address, opener, is_refused in (
        (listed, f"{row}-peer-config", False),
        (listed, f"{row}-tags", False),
        (listed, f"connection-{bound.resource_id}-delete", False),
        (listed, "columns", False),
        (listed, "go-to", False),
        (listed, "shortcuts", False),
        (path, "show-code", False),
        (f"{bound.get_absolute_url()}routes/", "route-create", True),
        (f"{path}authorizations/", "authorize", True),
        (f"{listed}create/", "offer-tunnel1-customer_gateway", True),
        ("/access-keys/", "create", False),
        ("/members/", "create", True),
    ):
        if not alice.url.endswith(address):
            alice.goto(address)
        if opener.startswith("connection-") and not opener.endswith("-peer-config"):
            alice.get_by_test_id(opener.replace("tags", "more").replace("delete", "more")).click()
        if opener == "show-code":
            alice.get_by_test_id("more").click()
        alice.get_by_test_id(opener).click()
        dialog = alice.get_by_role("dialog")
        expect(dialog).to_be_visible()
        if is_refused:
            dialog.get_by_test_id("dialog-ok").click()
            expect(dialog.get_by_role("alert").first).to_be_visible()
        alice.locator("html[data-idle]").wait_for(state="attached")
        accessible(alice)
        alice.keyboard.press("Escape")
        expect(dialog).to_be_hidden()

    alice.goto(f"{listed}create/")
    alice.locator("[name=routing_mode][value=protected]").check()
    alice.get_by_test_id("field-local_subnet-1").fill("10.0.0.1/16")
    alice.get_by_test_id("form-ok").click()
    expect(alice.locator("#error-summary")).to_be_visible()
    accessible(alice)

    alice.goto("/nowhere/")
    expect(alice.locator("html")).to_have_attribute("lang", "zh-hans")
    accessible(alice)

    alice.goto(listed)
    context.set_offline(True)
    alice.get_by_test_id("search").fill("north")
    expect(alice.get_by_role("alert")).to_be_visible()
    accessible(alice)
    context.set_offline(False)
