"""The whole life of a connection between two accounts, each in its own browser context."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from connections import clock
from connections.models import Attachment, Authorization, Connection, CustomerGateway
from vpn_console_kit import pages
from vpnconsole.testing import factories

PROTECTED = {"routing_mode": "protected", "local_subnet": ["10.0.0.0/16"], "remote_subnet": ["192.168.0.0/16"]}


@pytest.fixture
def bob(_server):
    return factories.make_user(factories.make_account("Summit Retail"), "bob", first_name="Bob", is_demo=True)


@pytest.fixture
def bobs(bob, context, browser, browser_context_args, sign_in):
    """Bob's page in another context, which also fails on console messages."""
    other = browser.new_context(**browser_context_args)
    heard = []
    other.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    page = other.new_page()
    sign_in(page, bob)
    yield page
    other.close()
    assert heard == []


def field(page: Page, label: str):
    return page.get_by_label(label, exact=True)


def dialog(page: Page):
    return page.get_by_role("dialog")


def told(page: Page, words: str) -> None:
    expect(page.locator("#messages")).to_contain_text(words)


def press_ok(page: Page) -> None:
    dialog(page).get_by_test_id("dialog-ok").click()


def delete(page: Page) -> None:
    """Open the question, from the menu of a connection's page."""
    page.get_by_test_id("more").click()
    page.get_by_test_id("delete").click()


def test_the_story_of_two_accounts(alice, app, user, bobs, bob):
    router = factories.make_transit_router(bob.account, name="core-frankfurt")
    gateway = CustomerGateway.objects.get(account=user.account)
    # A creates, unassociated.
    app.connections.create().fill(name="shared", customer_gateway=gateway.resource_id).submit()
    told(alice, "was created")
    made = Connection.objects.get()
    # B has no grant yet.
    connections = f"{router.get_absolute_url()}connections/"
    bobs.goto(f"{connections}create/")
    bobs.get_by_label("Different Account").check()
    field(bobs, "Owner UID").fill(user.account.uid)
    field(bobs, "Name").focus()
    expect(field(bobs, "IPsec-VPN Connection").locator("option")).to_have_text(
        ["None is authorized for this CEN instance"]
    )
    # A authorizes B. The values may be pasted together.
    alice.get_by_role("link", name="Authorize Cross Account Attach CEN").click()
    alice.get_by_role("link", name="Authorize Cross Account Attach CEN").last.click()
    expect(field(alice, "Peer Account UID")).to_be_focused()
    field(alice, "Peer Account UID").fill(f"{user.account.uid} {router.cen.resource_id}")
    press_ok(alice)
    expect(dialog(alice).get_by_role("alert")).to_contain_text("your own account")
    field(alice, "Peer Account UID").fill(bob.account.uid)
    press_ok(alice)
    told(alice, "was authorized")
    expect(alice.get_by_role("table")).to_contain_text("CEN Instance Owner Pays Bills")
    expect(alice.get_by_role("region", name="Share with the other account")).to_contain_text(user.account.uid)
    # B sees what waits, and attaches it. There is nothing to choose.
    bobs.goto(router.cen.get_absolute_url())
    bobs.get_by_test_id(f"waiting-{made.resource_id}").click()
    expect(field(bobs, "IPsec-VPN Connection").locator("option")).to_have_text(
        ["Choose a connection", made.resource_id]
    )
    bobs.get_by_test_id("form-ok").click()
    told(bobs, "is being attached")
    row = bobs.get_by_role("row").filter(has_text=made.resource_id)
    expect(row).to_contain_text(f"of account {user.account.uid}")
    expect(row).to_contain_text("Attached")
    assert "shared" not in bobs.content()
    # A sees the attachment, and can neither delete nor unauthorize nor change the gateway type.
    alice.reload()
    expect(alice.get_by_text(f"attached to {router.resource_id} of account {bob.account.uid}")).to_be_visible()
    alice.get_by_role("link", name=f"Unauthorize {router.cen.resource_id}").click()
    expect(dialog(alice)).to_contain_text("Ask its owner to delete the attachment")
    expect(dialog(alice).get_by_test_id("dialog-ok")).to_have_count(0)
    dialog(alice).get_by_role("link", name="Close").click()
    delete(alice)
    expect(dialog(alice)).to_contain_text("That account has to delete the attachment first")
    dialog(alice).get_by_role("link", name="Close").click()
    alice.get_by_role("link", name="Basic Information").click()
    expect(alice.get_by_text(f"in account {bob.account.uid}").first).to_be_visible()
    alice.get_by_role("link", name="Edit", exact=True).click()
    expect(alice.locator("main")).to_contain_text("The gateway type can't be changed")
    expect(alice.locator("main")).to_contain_text("the other account has to delete the attachment first")
    # B detaches.
    bobs.get_by_role("link", name=re.compile("^Detach tr-attach")).click()
    expect(dialog(bobs).get_by_test_id("dialog-cancel")).to_be_focused()
    field(bobs, "Also remove: 1 association, 1 propagation").uncheck()
    press_ok(bobs)
    expect(dialog(bobs).get_by_role("alert")).to_contain_text("an association with")
    field(bobs, "Also remove: 1 association, 1 propagation").check()
    press_ok(bobs)
    told(bobs, "is being detached")
    # A unauthorizes and deletes.
    alice.goto(made.get_absolute_url() + "authorizations/")
    alice.get_by_role("link", name=f"Unauthorize {router.cen.resource_id}").click()
    press_ok(alice)
    told(alice, "was revoked")
    # After revocation the connection is not found.
    bobs.goto(f"{connections}create/")
    bobs.get_by_label("Different Account").check()
    field(bobs, "Owner UID").fill(user.account.uid)
    field(bobs, "Name").focus()
    expect(field(bobs, "IPsec-VPN Connection").locator("option")).to_have_text(
        ["None is authorized for this CEN instance"]
    )
    delete(alice)
    press_ok(alice)
    told(alice, "was deleted")
    assert not Connection.objects.exists()


def test_modify_shows_what_will_change_before_ok(alice, user, accessible):
    router = factories.make_transit_router(user.account)
    gateway = CustomerGateway.objects.get(account=user.account)
    made = factories.make_connection(
        user.account, gateway=gateway, router=router, tunnel={"psk": "the-stored-key"}, **PROTECTED
    )
    alice.goto(made.get_absolute_url())
    alice.get_by_role("link", name="Edit", exact=True).click()
    changes = alice.get_by_role("region", name="What will change")
    expect(changes).to_contain_text("No changes yet")
    assert "the-stored-key" not in alice.content()
    alice.get_by_role("button", name="Show pre-shared key").click()
    expect(alice.get_by_text("the-stored-key")).to_be_visible()
    for locked in ("Associate Resource", "CEN Instance ID", "Transit Router", "Zone", "Gateway Type"):
        expect(alice.get_by_role("group", name=locked, exact=True)).to_be_visible()
    accessible(alice)
    field(alice, "Name").fill("renamed")
    alice.get_by_label("Destination Routing Mode").check()
    expect(changes.get_by_role("row").filter(has_text="Name")).to_contain_text("hq")
    expect(changes.get_by_role("row").filter(has_text="Remote Network")).to_contain_text("no longer applies")
    expect(changes).to_contain_text("Automatic routes are withdrawn: 192.168.0.0/16.")
    expect(changes).to_contain_text("negotiated again at once")
    accessible(alice)
    alice.get_by_label("Protected Data Flows").check()
    expect(field(alice, "Remote Network 1")).to_have_value("192.168.0.0/16")
    expect(changes.get_by_role("row")).to_have_count(2)
    alice.get_by_test_id("replace-tunnel1-psk").click()
    field(alice, "Pre-Shared Key").fill("another-key")
    field(alice, "Name").focus()
    expect(changes.get_by_role("row").filter(has_text="Pre-Shared Key")).to_contain_text("changed")
    expect(changes).not_to_contain_text("another-key")
    alice.get_by_test_id("form-ok").click()
    told(alice, "was modified")
    stored = Connection.objects.with_parts().get()
    assert (stored.name, stored.tunnel.psk, stored.routing_mode) == ("renamed", "another-key", "protected")


def test_an_answer_that_comes_late_does_not_undo_a_newer_one(alice, user):
    made = factories.make_connection(
        user.account, gateway=CustomerGateway.objects.get(account=user.account), **PROTECTED
    )
    held = []
    alice.route("**/modify/fields/name/", lambda route: held.append(route))
    alice.goto(f"{made.get_absolute_url()}modify/")
    changes = alice.get_by_role("region", name="What will change")
    field(alice, "Name").fill("renamed")
    alice.get_by_label("Destination Routing Mode").check()
    expect(changes.get_by_role("row").filter(has_text="Remote Network")).to_contain_text("no longer applies")
    with alice.expect_response("**/modify/fields/name/") as answer:
        held[0].continue_()
    answer.value.finished()
    expect(alice.locator(".htmx-request")).to_have_count(0)
    expect(changes.get_by_role("row").filter(has_text="Remote Network")).to_contain_text("no longer applies")


def test_the_way_out_of_a_lock_leads_to_detaching(alice, user):
    router = factories.make_transit_router(user.account)
    made = factories.make_connection(
        user.account, gateway=CustomerGateway.objects.get(account=user.account), router=router
    )
    alice.goto(f"{made.get_absolute_url()}modify/")
    alice.get_by_role("link", name="Go to the attachment").first.click()
    alice.get_by_role("link", name="Re-attach …").click()
    press_ok(alice)
    told(alice, "is being detached")
    # On the connection's page, which offers to attach it to the only transit router.
    alice.get_by_test_id("attach").click()
    expect(field(alice, "IPsec-VPN Connection")).to_have_value(made.resource_id)
    field(alice, "Zone").select_option("eu-central-1c")
    alice.get_by_test_id("form-ok").click()
    told(alice, "is being attached")
    assert Attachment.objects.living().get().zone == "eu-central-1c"
    # Detaching and deleting is one step.
    alice.goto(made.get_absolute_url())
    expect(alice.get_by_test_id("state")).to_have_text("Attached")
    delete(alice)
    dialog(alice).get_by_role("link", name="Detach and delete …").click()
    expect(dialog(alice)).to_contain_text("This also removes: 1 association, 1 propagation.")
    press_ok(alice)
    told(alice, "was detached and deleted")
    assert not Connection.objects.exists()


def test_two_people_editing(alice, app, console_on, user, browser, browser_context_args, sign_in):
    made = factories.make_connection(
        user.account, gateway=CustomerGateway.objects.get(account=user.account), tunnel={"psk": "stored"}
    )
    carol = factories.make_user(user.account, "carol")
    second = browser.new_context(**browser_context_args)
    carols = second.new_page()
    sign_in(carols, carol)
    for page in (alice, carols):
        page.goto(f"{made.get_absolute_url()}modify/")
    changed = pages.ConnectionEditForm(console_on(carols)).fill(name="Carol's name", ike_enc_alg="aes256").submit()
    assert changed.operation == "ModifyVpnAttachmentAttribute"
    second.close()
    form = pages.ConnectionEditForm(app).fill(name="Alice's name", local_id="cloud.example.com")
    form.submit()
    expect(alice.get_by_role("alert")).to_contain_text("Somebody else changed")
    expect(alice.locator("#id_name_error")).to_contain_text("Changed by carol after you opened this page: Carol's name")
    # Alice's changes stay, other fields take the stored values, and nothing is overwritten silently.
    expect(form.control("name")).to_have_value("Alice's name")
    expect(form.control("local_id")).to_have_value("cloud.example.com")
    expect(form.control("ike_enc_alg")).to_have_value("aes256")
    changes = alice.get_by_role("region", name="What will change")
    expect(changes.get_by_role("row").filter(has_text="Name")).to_contain_text("Carol's name")
    assert Connection.objects.get().name == "Carol's name"
    assert form.submit().operation == "ModifyVpnAttachmentAttribute"
    stored = Connection.objects.with_parts().get()
    assert (stored.name, stored.tunnel.local_id, stored.tunnel.ike_enc_alg, stored.tunnel.psk) == (
        "Alice's name", "cloud.example.com", "aes256", "stored")  # fmt: skip


def test_routes_are_added_weighed_and_deleted(alice, user, accessible):
    router = factories.make_transit_router(user.account)
    made = factories.make_connection(
        user.account, gateway=CustomerGateway.objects.get(account=user.account), router=router
    )
    alice.goto(f"{made.get_absolute_url()}routes/")
    alice.get_by_role("link", name="Add Route").click()
    field(alice, "Destination CIDR Block").fill("100.64.0.0/16")
    press_ok(alice)
    expect(dialog(alice).get_by_role("alert")).to_contain_text("which the cloud keeps for itself")
    accessible(alice)
    field(alice, "Destination CIDR Block").fill("172.20.0.0/16")
    field(alice, "Description").fill("terminal")
    press_ok(alice)
    row = alice.get_by_role("row").filter(has_text="172.20.0.0/16")
    expect(row).to_contain_text("Published")
    row.get_by_role("button", name="Set the weight of 172.20.0.0/16 to 0").click()
    expect(row.get_by_role("cell").nth(1)).to_have_text("0")
    accessible(alice)
    alice.goto(f"{router.get_absolute_url()}routes/")
    expect(alice.get_by_role("row").filter(has_text="172.20.0.0/16")).to_contain_text("Propagated")
    alice.goto(f"{made.get_absolute_url()}routes/")
    row.get_by_role("link", name="Delete the route to 172.20.0.0/16").click()
    press_ok(alice)
    told(alice, "was deleted")
    expect(alice.get_by_text("No routes")).to_be_visible()


def test_several_are_deleted_and_each_says_what_became_of_it(alice, app, user, accessible):
    gateway = CustomerGateway.objects.get(account=user.account)
    router = factories.make_transit_router(user.account)
    free = factories.make_connection(user.account, gateway=gateway, name="free")
    bound = factories.make_connection(user.account, gateway=gateway, router=router, name="bound")
    app.connections.open()
    alice.get_by_label("Select all on this page").check()
    expect(alice.get_by_text("2 selected")).to_be_visible()
    question = app.connections.delete_selected()
    expect(dialog(alice)).to_contain_text("1 of 2 selected connections will be deleted")
    accessible(alice)
    question.ok()
    expect(dialog(alice)).to_contain_text("1 of 2 deleted")
    expect(dialog(alice).get_by_role("listitem").filter(has_text=bound.resource_id)).to_contain_text("Not deleted")
    question.cancel()
    expect(app.connections.row(free.resource_id).element).to_have_count(0)
    assert [row.name for row in Connection.objects.all()] == ["bound"]


def test_by_keyboard_from_edit_to_delete(alice, user):
    """test_create covers creating with the keyboard."""
    made = factories.make_connection(user.account, gateway=CustomerGateway.objects.get(account=user.account))

    def tab_to(locator, most=90):
        for _ in range(most):
            alice.keyboard.press("Tab")
            if locator.evaluate("element => element === document.activeElement"):
                return
        pytest.fail(f"{locator} is not reached by {most} tabs")

    alice.goto(made.get_absolute_url())
    tab_to(alice.get_by_role("link", name="Edit", exact=True))
    alice.keyboard.press("Enter")
    tab_to(field(alice, "Name"))
    alice.keyboard.press("Control+A")
    alice.keyboard.type("by keyboard")
    alice.keyboard.press("Enter")
    told(alice, "was modified")
    tab_to(alice.get_by_role("link", name="Authorize Cross Account Attach CEN"))
    alice.keyboard.press("Enter")
    tab_to(alice.get_by_role("link", name="Authorize Cross Account Attach CEN").last)
    alice.keyboard.press("Enter")
    expect(dialog(alice)).to_be_visible()
    tab_to(field(alice, "Peer Account UID"))
    alice.keyboard.type("1234567890123456")
    alice.keyboard.press("Tab")
    alice.keyboard.type("cen-ofsomebody")
    alice.keyboard.press("Enter")
    told(alice, "was authorized")
    assert Authorization.objects.get().peer_uid == "1234567890123456"
    more, choice = alice.get_by_test_id("more"), alice.get_by_role("link", name="Delete", exact=True)
    tab_to(more)
    alice.keyboard.press("Enter")
    tab_to(choice)
    alice.keyboard.press("Enter")
    expect(dialog(alice)).to_be_visible()
    alice.keyboard.press("Escape")
    expect(dialog(alice)).to_be_hidden()
    expect(more).to_be_focused()
    alice.keyboard.press("Enter")
    tab_to(choice)
    alice.keyboard.press("Enter")
    expect(dialog(alice).get_by_test_id("dialog-cancel")).to_be_focused()
    tab_to(dialog(alice).get_by_test_id("dialog-ok"))
    alice.keyboard.press("Enter")
    told(alice, "was deleted")


@pytest.mark.long
def test_every_page_of_a_life_is_accessible(alice, user, bob, accessible_everywhere):
    gateway = CustomerGateway.objects.get(account=user.account)
    router = factories.make_transit_router(user.account, cidrs=["10.200.0.0/20"])
    bound = factories.make_connection(user.account, gateway=gateway, router=router, **PROTECTED)
    free = factories.make_connection(user.account, gateway=gateway)
    with clock.hold(clock.now() - timedelta(hours=1)):
        live = factories.make_bgp_connection(user.account, gateway=gateway, router=router)
        factories.load_device(live, announced=["10.1.0.0/16", "0.0.0.0/0"])
    Authorization(connection=free, peer_uid=bob.account.uid, peer_cen_id="cen-abc").save()
    attachment = bound.attachment
    addresses = [
        f"{free.get_absolute_url()}modify/",
        f"{bound.get_absolute_url()}bgp-routes/",
        f"{bound.get_absolute_url()}tunnels/",
        f"{bound.get_absolute_url()}tunnels/{bound.tunnel.resource_id}/error/",
        f"{live.get_absolute_url()}bgp-routes/",
        f"{live.get_absolute_url()}routes/",
        f"{bound.get_absolute_url()}authorizations/",
        f"{free.get_absolute_url()}authorizations/",
        f"{free.get_absolute_url()}authorizations/create/",
        f"{free.get_absolute_url()}authorizations/cen-abc/payer/",
        f"{free.get_absolute_url()}authorizations/cen-abc/delete/",
        f"{free.get_absolute_url()}events/",
        f"{bound.get_absolute_url()}delete/",
        f"{bound.get_absolute_url()}routes/create/",
        f"/{factories.REGION}/connections/delete/?id={bound.resource_id}&id={free.resource_id}",
        f"{router.get_absolute_url()}connections/",
        f"{router.get_absolute_url()}connections/create/",
        f"{router.get_absolute_url()}routes/",
        f"{router.get_absolute_url()}events/",
        attachment.get_absolute_url(),
        f"{attachment.get_absolute_url()}modify/",
        f"{attachment.get_absolute_url()}delete/",
        "/events/",
        "/events/?q=nothing",
        f"{free.get_absolute_url()}peer-configuration/",
        f"{free.get_absolute_url()}code/",
        f"/{factories.REGION}/connections/columns/",
        f"/{factories.REGION}/connections/filters/",
        f"/{factories.REGION}/connections/filters/create/?q=north",
        "/members/",
        "/members/create/",
        "/resources/",
        "/access-keys/",
        "/access-keys/create/",
        "/api/",
        "/shortcuts/",
        "/go-to/?q=vco",
    ]
    accessible_everywhere(alice, addresses, "en")
