"""Test ids and the idle flag, as test scripts use them."""

from playwright.sync_api import expect

from connections.console import testids
from connections.models import CustomerGateway
from vpnconsole.testing import factories

FOUND = "() => [...document.querySelectorAll('[data-testid]')].map(one => one.dataset.testid)"
WITHOUT = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary')]
  .filter(one => !one.dataset.testid && one.getAttribute('aria-hidden') !== 'true').map(one => one.outerHTML)"""
IDLE = "html[data-idle]"


def settled(page):
    page.locator(IDLE).wait_for(state="attached")


def check(page):
    settled(page)
    ids = page.evaluate(FOUND)
    assert len(ids) > 20
    assert sorted({one for one in ids if ids.count(one) > 1}) == []
    assert [one for one in ids if not testids.known(one)] == []
    assert page.evaluate(WITHOUT) == []


def test_a_connection_is_created_by_test_ids_alone(alice, user):
    alice.goto(f"/{factories.REGION}/connections/")
    check(alice)
    alice.get_by_test_id("create").click()
    alice.get_by_test_id("field-name").fill("by test ids")
    gateway = CustomerGateway.objects.get(account=user.account)
    alice.get_by_test_id("field-tunnel1-customer_gateway").select_option(gateway.resource_id)
    alice.get_by_test_id("field-routing_mode-protected").check()
    settled(alice)
    alice.get_by_test_id("field-local_subnet-1").fill("10.1.0.0/16")
    alice.get_by_test_id("field-local_subnet-add").click()
    alice.get_by_test_id("field-local_subnet-2").fill("10.2.0.0/16")
    alice.get_by_test_id("field-remote_subnet-1").fill("192.168.0.0/16")
    check(alice)
    alice.get_by_test_id("form-ok").click()
    expect(alice.get_by_test_id("value-name")).to_have_text("by test ids")
    expect(alice.get_by_test_id("value-local_subnet")).to_contain_text("10.2.0.0/16")
    check(alice)
    alice.get_by_test_id("more").click()
    alice.get_by_test_id("delete").click()
    settled(alice)
    check(alice)
    alice.get_by_test_id("dialog-ok").click()
    expect(alice.get_by_test_id("message-1")).to_be_visible()
    check(alice)


def test_the_flag_is_away_while_an_answer_is_awaited(alice, slow):
    alice.goto(f"/{factories.REGION}/connections/create/")
    settled(alice)
    slow(alice)
    alice.get_by_test_id("field-enable_bgp").check()
    expect(alice.locator(IDLE)).to_have_count(0)
    settled(alice)
    expect(alice.get_by_test_id("field-tunnel1-tunnel_cidr")).to_have_value("169.254.10.0/30")
