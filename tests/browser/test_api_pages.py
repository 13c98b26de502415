"""Access keys and the API page in a browser: the dialog with the secret, the list behind it, filters, both themes."""

import pytest
from playwright.sync_api import Page, expect

from connections import ids
from connections.models import AccessKey, ApiCall


def dialog(page: Page):
    return page.get_by_role("dialog")


def test_a_key_is_made_in_a_dialog_and_the_list_knows_it(alice, user, context, live_server, accessible):
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    alice.goto("/access-keys/")
    accessible(alice)
    alice.get_by_role("link", name="Create AccessKey").click()
    expect(dialog(alice)).to_contain_text("Alice Berger")
    dialog(alice).get_by_test_id("dialog-ok").click()
    expect(dialog(alice)).to_contain_text("it won't be shown again")
    key = AccessKey.objects.get()
    expect(dialog(alice)).to_contain_text(key.secret)
    accessible(alice)
    dialog(alice).get_by_role("button", name="Copy AccessKey Secret").click()
    assert alice.evaluate("navigator.clipboard.readText()") == key.secret
    dialog(alice).get_by_role("button", name="Copy", exact=True).click()
    text = alice.evaluate("navigator.clipboard.readText()")
    assert text.splitlines() == [
        f"export ALIBABA_CLOUD_ACCESS_KEY_ID={key.access_key_id}",
        f"export ALIBABA_CLOUD_ACCESS_KEY_SECRET={key.secret}",
    ]
    dialog(alice).get_by_role("link", name="Done").click()
    expect(dialog(alice)).to_be_hidden()
    # The close event, after the dialog is hidden, empties it.
    expect(alice.locator("#dialog-body")).to_be_empty()
    expect(alice.get_by_role("row").filter(has_text=key.access_key_id)).to_contain_text("Never")
    assert key.secret not in alice.content()
    # Disable it, delete it.
    alice.get_by_role("button", name=f"Disable {key.access_key_id}").click()
    expect(alice.locator("#messages")).to_contain_text("disabled")
    alice.get_by_role("link", name=f"Delete {key.access_key_id}").click()
    dialog(alice).get_by_test_id("dialog-ok").click()
    expect(alice.locator("#messages")).to_contain_text("was deleted")
    expect(alice.get_by_text("No access keys yet")).to_be_visible()


@pytest.fixture
def calls(user):
    key = AccessKey.objects.create(user=user)

    def call(operation, status=200, **more):
        values = {"account": user.account, "access_key_id": key.access_key_id, "request_id": ids.request_id()}
        ApiCall.objects.create(operation=operation, status=status, milliseconds=12, **values | more)

    call("DescribeVpnConnections", version="2016-04-28", parameters={"RegionId": "eu-central-1", "PageSize": "50"})
    call("DeleteVpnAttachment", 404, code="InvalidVpnConnectionInstanceId.NotFound", message="It does not exist.")


def test_what_arrived_can_be_filtered_and_looked_into(alice, calls, accessible):
    alice.goto("/api/")
    rows = alice.locator("#table tbody tr")
    expect(rows).to_have_count(2)
    alice.get_by_text("2 parameters").click()
    expect(rows.last.get_by_text("PageSize")).to_be_visible()
    accessible(alice)
    alice.get_by_label("Outcome", exact=True).select_option("refused")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("InvalidVpnConnectionInstanceId.NotFound")
    expect(alice).to_have_url("/api/?outcome=refused")


def test_somebody_who_has_not_begun_is_shown_how(alice, accessible):
    alice.goto("/api/")
    expect(alice.get_by_role("tabpanel")).to_contain_text("describe_vpn_connections")
    alice.get_by_role("tab", name="Command line").click()
    expect(alice.get_by_role("tabpanel")).to_contain_text("aliyun vpc DescribeVpnConnections")
    accessible(alice)
