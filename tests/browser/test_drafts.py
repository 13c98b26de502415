"""What was typed into a page or a dialog comes back when the session has ended or somebody has signed in elsewhere."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from connections.models import Cen, Tag
from vpnconsole.testing import factories

BACK = "Draft restored"


@pytest.fixture
def again(sign_in, context):
    """Sign in elsewhere in the same browser: cookies change, and pages that are open don't know."""

    def elsewhere(page: Page, user) -> None:
        context.clear_cookies(name=settings.CSRF_COOKIE_NAME)
        sign_in(page, user)
        other = context.new_page()
        other.goto("/members/create/")
        other.close()

    return elsewhere


def sign_in_by_form(page) -> None:
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_page_brings_back_what_a_sign_in_elsewhere_refused(alice, user, again, tolerated):
    tolerated += ["Failed to load resource"]
    alice.goto("/members/create/")
    alice.get_by_test_id("field-username").fill("typed")
    alice.get_by_test_id("field-first_name").fill("with care")
    alice.get_by_test_id("field-password").fill("s3cret s3cret")
    again(alice, user)
    alice.get_by_test_id("dialog-ok").click()
    alice.get_by_test_id("go-back").click()
    expect(alice.get_by_text(BACK)).to_be_visible()
    expect(alice.get_by_test_id("field-first_name")).to_have_value("with care")
    expect(alice.get_by_test_id("field-password")).to_have_value("")
    assert "s3cret" not in alice.evaluate("JSON.stringify(sessionStorage)")
    alice.get_by_test_id("field-password").fill("s3cret s3cret")
    alice.get_by_test_id("dialog-ok").click()
    expect(alice.get_by_test_id("message-1")).to_contain_text("was added")
    alice.goto("/members/create/")
    expect(alice.get_by_test_id("field-username")).to_have_value("")


def test_a_dialog_comes_back_after_signing_in_again_to_the_same_user_alone(alice, user, context, again, sign_in):
    cen = factories.make_cen(user.account)
    bob = factories.make_user(factories.make_account("Summit Retail"), "bob")

    def type_tag(key):
        alice.get_by_test_id(f"cen-{cen.resource_id}-more").click()
        alice.get_by_test_id(f"cen-{cen.resource_id}-tags").click()
        alice.get_by_label("Key 1").fill(key)

    dialog = alice.get_by_role("dialog")
    alice.goto("/cens/")
    type_tag("typed")
    context.clear_cookies()
    alice.get_by_test_id("dialog-ok").click()
    expect(alice).to_have_url(re.compile(r"/login/\?next=/cens/$"))
    sign_in_by_form(alice)
    expect(dialog).to_contain_text(BACK)
    expect(alice.get_by_label("Key 1")).to_have_value("typed")
    # Somebody else signs in in another tab, and then Alice again.
    again(alice, bob)
    alice.get_by_test_id("dialog-ok").click()
    expect(alice.get_by_text("No CEN instances yet")).to_be_visible()
    expect(dialog).to_have_count(0)
    again(alice, user)
    alice.reload()
    expect(dialog).to_contain_text(BACK)
    alice.get_by_test_id("dialog-ok").click()
    expect(alice.get_by_test_id("message-1")).to_be_visible()
    assert Tag.objects.get(cen=cen).key == "typed"
    # Neither a saved dialog nor one that was closed comes back.
    type_tag("not any more")
    alice.keyboard.press("Escape")
    alice.get_by_test_id("keep-editing").click()
    expect(alice.get_by_label("Key 1")).to_be_focused()
    alice.keyboard.press("Escape")
    expect(alice.get_by_test_id("discard")).to_be_focused()
    alice.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    alice.reload()
    expect(alice.get_by_role("heading", level=1)).to_have_text("CEN Instances")
    assert "not+any+more" not in alice.evaluate("JSON.stringify(sessionStorage)")
    assert Cen.objects.count() == 1
