"""The page Diagnose in a browser, by keyboard alone."""

from playwright.sync_api import expect

from connections.models import CustomerGateway, Device
from connections.services import devices
from connections.services.operations import Actor
from vpnconsole.testing import factories


def test_a_diagnosis_is_read_copied_and_followed_by_keyboard(alice, user, context, accessible):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    gateway = CustomerGateway.objects.get(account=user.account)
    connection = factories.make_connection(user.account, gateway=gateway, name="north")
    devices.load_configuration(Actor.of(user), connection.tunnel)
    Device.objects.filter(tunnel=connection.tunnel).update(ike_pfs=["group14"])
    alice.goto(connection.get_absolute_url())
    alice.get_by_test_id("diagnose").press("Enter")
    expect(alice.get_by_role("heading", level=1)).to_have_text("Diagnosis of north")
    expect(alice.get_by_test_id("diagnosis-tunnel1-result")).to_contain_text("2 problems")
    accessible(alice)
    passed = alice.get_by_test_id("finding-tunnel1-key")
    expect(passed).to_be_hidden()
    alice.get_by_test_id("diagnosis-tunnel1-normal").press("Enter")
    expect(passed).to_be_visible()
    # What the top bar covers is not judged.
    alice.evaluate("scrollTo(0, 0)")
    accessible(alice)
    alice.get_by_test_id("diagnosis-copy").press("Enter")
    expect(alice.locator("#live")).to_have_text("Copied")
    assert "[Problem] IKE DH Group" in alice.evaluate("navigator.clipboard.readText()")
    alice.get_by_test_id("mend-tunnel1-ike_group-1").press("Enter")
    expect(alice.get_by_test_id("field-tunnel1-ike_pfs")).to_be_in_viewport()
