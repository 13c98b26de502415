"""Empty, slow, failed and expired pages: what users see, and that their input is kept."""

import re

import pytest
from playwright.sync_api import expect

from connections.models import Connection, CustomerGateway
from vpn_console_kit import pages
from vpn_console_kit.console import Console
from vpnconsole.testing import factories

LIST = f"/{factories.REGION}/connections/"
CREATE = f"{LIST}create/"


def fill_in(app: Console) -> pages.ConnectionForm:
    form = pages.ConnectionForm(app)
    return form.fill(name="typed with care", routing_mode="protected", local_subnet=["10.0.0.0/16"], psk="s3cret")


@pytest.fixture(scope="session")
def browser(whole_browser):
    return whole_browser


def test_a_lost_connection_is_told_and_asked_again_on_demand(alice, user, context, tolerated, accessible):
    tolerated += ["Failed to load resource", "htmx:sendError", "htmx:afterRequest"]
    gateway = CustomerGateway.objects.get(account=user.account)
    for name in ("north", "south"):
        factories.make_connection(user.account, gateway=gateway, name=name)
    alice.goto(LIST)
    context.set_offline(True)
    alice.get_by_label("Search by name, ID, IP, gateway, CEN, tag, network or ASN").fill("north")
    lost = alice.get_by_role("alert")
    expect(lost).to_contain_text("connection to the console is lost")
    expect(alice.get_by_role("table").get_by_role("row")).to_have_count(3)
    accessible(alice)
    context.set_offline(False)
    lost.get_by_role("button", name="Retry").click()
    expect(alice.get_by_role("table").get_by_role("row")).to_have_count(2)
    expect(lost).to_have_count(0)


def test_a_draft_survives_a_reload_without_its_secret(alice, app):
    alice.goto(CREATE)
    fill_in(app)
    alice.reload()
    expect(alice.get_by_text("Draft restored")).to_be_visible()
    expect(alice.get_by_label("Name", exact=True)).to_have_value("typed with care")
    expect(alice.get_by_label("Local Network 1")).to_have_value("10.0.0.0/16")
    expect(alice.get_by_label("Pre-Shared Key")).to_have_value("")
    assert "s3cret" not in alice.evaluate("JSON.stringify(sessionStorage)")
    alice.get_by_role("button", name="Discard draft").click()
    expect(alice.get_by_label("Name", exact=True)).to_have_value("")
    expect(alice.get_by_label("Local Network 1")).to_have_count(0)


def test_a_refused_form_stays_at_its_address_and_keeps_what_is_typed_afterwards(alice, app):
    alice.goto(CREATE)
    fill_in(app)
    alice.get_by_label("Name", exact=True).press("Control+Enter")
    expect(alice.get_by_role("alert")).to_be_focused()
    expect(alice.get_by_role("alert")).to_contain_text("Nothing has been saved")
    alice.get_by_label("Remote Network 1").fill("192.168.7.0/24")
    alice.goto("/cens/")
    alice.evaluate("history.back()")
    expect(alice.get_by_label("Remote Network 1")).to_have_value("192.168.7.0/24")
    alice.get_by_test_id("form-ok").click()
    expect(alice.get_by_role("alert")).to_contain_text("Customer Gateway")
    alice.reload()
    expect(alice.get_by_text("Draft restored")).to_be_visible()
    expect(alice.get_by_label("Remote Network 1")).to_have_value("192.168.7.0/24")


def test_what_was_sent_is_no_draft_any_more(alice, app, user):
    alice.goto(CREATE)
    gateway = CustomerGateway.objects.get(account=user.account)
    sent = fill_in(app).fill(remote_subnet=["192.168.0.0/24"], customer_gateway=gateway.resource_id).submit()
    assert sent.operation == "CreateVpnAttachment"
    assert Connection.objects.get().name == "typed with care"
    expect(app.connections.create().control("name")).to_have_value("")


def test_a_session_that_is_over_returns_to_what_was_typed(alice, app, context):
    alice.goto(CREATE)
    fill_in(app)
    context.clear_cookies()
    alice.get_by_label("Enable BGP").click()
    expect(alice).to_have_url(re.compile(r"/login/\?next=.*create"))
    alice.get_by_label("Username").fill("alice")
    alice.get_by_label("Password").fill(factories.PASSWORD)
    alice.get_by_role("button", name="Sign in", exact=True).click()
    expect(alice).to_have_url(re.compile(f"{CREATE}$"))
    expect(alice.get_by_label("Name", exact=True)).to_have_value("typed with care")
    expect(alice.get_by_label("Tunnel CIDR Block")).to_be_visible()


def test_leaving_asks_only_about_what_no_draft_keeps(alice):
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    alice.on("dialog", stay)
    alice.goto(CREATE)
    alice.get_by_label("Pre-Shared Key").fill("s3cret")
    alice.get_by_role("link", name="CEN Instances").click()
    expect(alice).to_have_url(re.compile(f"{CREATE}$"))
    assert asked == ["beforeunload"]
    alice.get_by_label("Pre-Shared Key").fill("")
    alice.get_by_label("Name", exact=True).fill("kept")
    alice.get_by_role("link", name="CEN Instances").click()
    expect(alice.get_by_role("heading", level=1)).to_have_text("CEN Instances")
    assert asked == ["beforeunload"]


def test_signing_out_leaves_no_draft_behind(alice, app):
    alice.goto(CREATE)
    fill_in(app)
    assert "typed with care".replace(" ", "+") in alice.evaluate("JSON.stringify(sessionStorage)")
    alice.get_by_label("Account: Alice Berger").click()
    alice.get_by_role("button", name="Sign out").click()
    expect(alice).to_have_url(re.compile("/login/"))
    assert "typed" not in alice.evaluate("JSON.stringify(sessionStorage)")


def test_a_page_that_is_not_there_says_so_and_leads_on(alice, tolerated, accessible):
    tolerated += ["Failed to load resource"]
    alice.goto("/cens/cen-gone/")
    expect(alice.get_by_role("heading", level=1)).to_have_text("Page not found")
    accessible(alice)
    alice.get_by_role("link", name="Go to the overview").click()
    expect(alice.get_by_role("heading", level=1)).to_have_text("Overview")


def test_head_of_the_table_and_buttons_of_the_form_stay_in_view(alice, user):
    gateway = CustomerGateway.objects.get(account=user.account)
    for number in range(12):
        factories.make_connection(user.account, gateway=gateway, name=f"row-{number}")
    alice.goto(LIST)
    alice.get_by_text("row-0", exact=True).first.scroll_into_view_if_needed()
    expect(alice.get_by_role("columnheader", name="State", exact=True)).to_be_in_viewport()
    alice.goto(CREATE)
    alice.get_by_label("Tag Key 1").scroll_into_view_if_needed()
    expect(alice.get_by_test_id("form-ok")).to_be_in_viewport()
