"""A user's columns and saved filters in a browser."""

import json
import re

from playwright.sync_api import expect

from connections.models import CustomerGateway
from vpnconsole.testing import factories

LIST = f"/{factories.REGION}/connections/"


def make(user, *names, **changed):
    gateway = CustomerGateway.objects.get(account=user.account)
    return [factories.make_connection(user.account, gateway=gateway, name=name, **changed) for name in names]


def test_columns_are_chosen_in_a_dialog_and_the_focus_stays_where_it_was(alice, user, accessible):
    make(user, "north")
    alice.goto(LIST + "?q=north")
    alice.get_by_role("link", name="Columns").click()
    dialog = alice.get_by_role("dialog")
    for label in ("Tags", "Health Check", "Routing Mode"):
        dialog.get_by_label(label, exact=True).uncheck()
    dialog.get_by_label("Peer ASN", exact=True).check()
    up = dialog.get_by_role("button", name="Move State up")
    up.click()
    expect(up).to_be_disabled()
    expect(dialog.get_by_label("Peer ASN", exact=True)).to_be_checked()
    down = dialog.get_by_role("button", name="Move State down")
    down.focus()
    down.press("Enter")
    expect(up).to_be_enabled()
    expect(down).to_be_focused()
    accessible(alice)
    dialog.get_by_test_id("dialog-ok").click()
    expect(alice.get_by_text("The columns were saved")).to_be_visible()
    expect(alice).to_have_url(re.compile(r"\?q=north$"))
    heads = alice.get_by_role("columnheader").all_text_contents()
    assert "Peer ASN" in " ".join(heads)
    assert "Routing Mode" not in " ".join(heads)


def test_a_filter_is_saved_used_and_deleted(alice, user):
    make(user, "north", "south")
    alice.goto(LIST)
    alice.get_by_label("Search by").fill("south")
    expect(alice.get_by_role("table").get_by_role("row")).to_have_count(2)
    alice.get_by_text("Saved filters", exact=True).click()
    alice.get_by_role("link", name="Save this filter").click()
    alice.get_by_role("dialog").get_by_label("Name").fill("The south")
    alice.get_by_role("dialog").get_by_test_id("dialog-ok").click()
    expect(alice.get_by_text("The filter was saved")).to_be_visible()
    alice.goto(LIST)
    expect(alice.get_by_role("table").get_by_role("row")).to_have_count(3)
    alice.get_by_text("Saved filters", exact=True).click()
    alice.get_by_role("link", name="The south").click()
    expect(alice.get_by_role("table").get_by_role("row")).to_have_count(2)
    expect(alice.get_by_label("Search by")).to_have_value("south")
    alice.get_by_text("Saved filters", exact=True).click()
    alice.get_by_role("link", name="Delete saved filters").click()
    alice.get_by_role("button", name="Delete the filter The south").click()
    expect(alice.get_by_role("dialog")).to_contain_text("No saved filters")


def test_back_and_forward_bring_back_what_the_list_is_filtered_by(alice, user):
    make(user, "north", "south")
    alice.goto(LIST)
    search, state = alice.get_by_label("Search by"), alice.get_by_label("State", exact=True)
    rows = alice.get_by_role("table").get_by_role("row")
    search.fill("south")
    expect(rows).to_have_count(2)
    state.select_option("provisioning")
    expect(alice).to_have_url(re.compile("state=provisioning"))
    alice.go_back()
    expect(alice).to_have_url(re.compile(r"\?q=south$"))
    expect(search).to_have_value("south")
    expect(state).to_have_value("")
    alice.go_back()
    expect(rows).to_have_count(3)
    expect(search).to_have_value("")
    alice.go_forward()
    expect(rows).to_have_count(2)
    expect(search).to_have_value("south")
    # The next search keeps the filter.
    state.select_option("provisioning")
    expect(alice).to_have_url(re.compile(r"q=south&state=provisioning"))


def test_the_file_holds_what_the_list_shows_after_filtering(alice, user):
    make(user, "north", "south")
    alice.goto(LIST)
    alice.get_by_label("Search by").fill("south")
    expect(alice.get_by_role("table").get_by_role("row")).to_have_count(2)
    alice.get_by_test_id("export").click()
    with alice.expect_download() as download:
        alice.get_by_role("link", name="As JSON").click()
    assert [row["name"] for row in json.loads(download.value.path().read_text())] == ["south"]


def test_a_connection_is_cloned_and_its_id_copied(alice, user, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    tunnel = {"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1", "psk": "s3cret"}
    (made,) = make(user, "north", enable_bgp=True, local_asn=64512, tunnel=tunnel)
    alice.goto(LIST)
    alice.get_by_role("row", name="north").get_by_role("button", name="Copy ID").click()
    expect(alice.locator("#live")).to_have_text("Copied")
    assert alice.evaluate("navigator.clipboard.readText()") == made.resource_id
    alice.goto(made.get_absolute_url())
    alice.get_by_test_id("more").click()
    alice.get_by_role("link", name="Clone").click()
    expect(alice.get_by_label("Name", exact=True)).to_have_value("north-copy")
    expect(alice.get_by_label("Pre-Shared Key")).to_have_value("")
    alice.get_by_test_id("form-ok").click()
    expect(alice.get_by_role("heading", level=1)).to_have_text("north-copy")
