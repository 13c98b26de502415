"""A double click on OK: one request with scripts, and one effect without them."""

import pytest
from playwright.sync_api import expect

from connections.models import CustomerGateway, Event


@pytest.fixture
def gateway(user):
    return CustomerGateway.objects.get(account=user.account)


def deleted_once(page, gateway):
    expect(page.locator("#messages")).to_contain_text(f"Customer gateway {gateway} was deleted.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Customer Gateways")
    assert Event.objects.filter(operation="DeleteCustomerGateway").count() == 1


@pytest.mark.parametrize("where", ["dialog", "page"])
def test_a_double_click_deletes_once(alice, gateway, slow, where):
    sent = []
    alice.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    if where == "dialog":
        alice.goto(gateway.get_absolute_url())
        alice.get_by_role("link", name="Delete").click()
        ok = alice.get_by_role("dialog").get_by_test_id("dialog-ok")
    else:
        alice.goto(f"{gateway.get_absolute_url()}delete/")
        ok = alice.get_by_test_id("dialog-ok")
    expect(ok).to_be_visible()
    slow(alice)
    ok.dblclick()
    deleted_once(alice, gateway)
    assert len(sent) == 1


def test_a_double_click_without_scripts_deletes_once(browser, browser_context_args, sign_in, user, gateway):
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, user)
    page.goto(f"{gateway.get_absolute_url()}delete/")
    page.get_by_test_id("dialog-ok").dblclick()
    deleted_once(page, gateway)
    context.close()
