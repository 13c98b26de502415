"""Create a connection as a user does."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from connections.models import Connection, CustomerGateway
from tests.browser.folds import unfold
from vpnconsole.testing import factories

CREATE = f"/{factories.REGION}/connections/create/"
ENCRYPTION = {
    "ike_enc_alg": "aes256",
    "ike_auth_alg": "sha256",
    "ike_pfs": "group14",
    "ike_lifetime": 3600,
    "local_id": "cloud.example.com",
    "remote_id": "dc.example.com",
    "ipsec_enc_alg": "aes192",
    "ipsec_auth_alg": "sha512",
    "ipsec_pfs": "disabled",
    "ipsec_lifetime": 1800,
    "enable_dpd": False,
    "enable_nat_traversal": False,
}
HEALTH = {
    "health_check": True,
    "health_check_dip": "192.168.0.10",
    "health_check_sip": "10.0.0.10",
    "health_check_interval": 5,
    "health_check_retry": 4,
    "health_check_policy": False,
}
# A switch in the form, and fields of other names in the row.
NAMED_OTHERWISE = ("health_check", "health_check_policy")


@pytest.fixture
def router(user):
    """A CEN instance with one transit router in the region."""
    cen = factories.make_cen(user.account)
    return factories.make_transit_router(user.account, cen=cen, cidrs=["10.200.0.0/20"])


@pytest.fixture
def gateway(user) -> CustomerGateway:
    return CustomerGateway.objects.get(account=user.account)


def field(page: Page, label: str):
    return page.get_by_label(label, exact=True)


def section(page: Page, title: str):
    return page.get_by_role("region", name=title, exact=True)


def choose(page: Page, group: str, option: str) -> None:
    page.get_by_role("group", name=group, exact=True).get_by_label(option, exact=True).check()


def ok(page: Page) -> None:
    page.get_by_test_id("form-ok").click()


def only_connection() -> Connection:
    return Connection.objects.with_parts().get()


def test_minimal_create(alice, gateway):
    alice.goto("/connections/")
    alice.get_by_role("link", name="Create IPsec-VPN Connection").first.click()
    expect(alice.get_by_role("heading", level=1)).to_have_text("Create IPsec-VPN Connection")
    field(alice, "Customer Gateway").select_option(gateway.resource_id)
    ok(alice)
    expect(alice.get_by_role("status").filter(has_text="was created")).to_be_visible()
    made = only_connection()
    expect(alice).to_have_url(re.compile(rf"/connections/{made.resource_id}/$"))
    expect(alice.get_by_role("main")).to_contain_text(gateway.name)
    expect(alice.get_by_test_id("status")).to_have_text(re.compile("Not Negotiated|Phase 1 Negotiation Failed"))


def test_fullest_create(alice, app, gateway, router):
    """Everything that one connection can have. The kit's tests set each value of each field."""
    form = app.connections.create()
    form.fill(name="everything on", associate_resource="CEN", cen=router.cen.resource_id)
    # The only transit router in the region and the first zone are selected.
    expect(form.control("transit_router")).to_have_value(router.resource_id)
    expect(form.control("zone")).to_have_value("eu-central-1a")
    form.fill(zone="eu-central-1b", network_type="private", customer_gateway=gateway.resource_id, enable_bgp=True)
    expect(form.control("tunnel_cidr")).to_have_value("169.254.10.0/30")
    expect(form.control("local_bgp_ip")).to_have_value("169.254.10.1")
    form.fill(
        routing_mode="protected",
        local_subnet=["10.0.0.0/16", "10.1.0.0/16"],
        remote_subnet=["192.168.0.0/16"],
        effect_immediately="False",
        psk="S3cret,with=signs!",
        local_asn="123.456",
        **ENCRYPTION,
        **HEALTH,
        auto_publish_route_enabled=False,
        tags={"site": "hamburg"},
    )
    assert form.submit().operation == "CreateVpnAttachment"
    made = only_connection()
    assert (made.name, made.network_type, made.routing_mode, made.effect_immediately) == (
        "everything on", "private", "protected", False)  # fmt: skip
    assert (made.local_subnet, made.remote_subnet) == (["10.0.0.0/16", "10.1.0.0/16"], ["192.168.0.0/16"])
    assert (made.enable_bgp, made.local_asn, made.health_check_policy) == (True, 8061384, "reserve_route")
    assert {name: getattr(made, name) for name in HEALTH if name not in NAMED_OTHERWISE} == {
        name: value for name, value in HEALTH.items() if name not in NAMED_OTHERWISE
    }
    tunnel = made.tunnel
    assert (tunnel.psk, tunnel.tunnel_cidr, tunnel.local_bgp_ip) == (
        "S3cret,with=signs!", "169.254.10.0/30", "169.254.10.1")  # fmt: skip
    assert {name: getattr(tunnel, name) for name in ENCRYPTION} == ENCRYPTION
    attachment = made.living_attachment
    assert (attachment.transit_router, attachment.zone) == (router, "eu-central-1b")
    assert (
        attachment.auto_publish_route_enabled,
        attachment.associate_default_route_table,
        attachment.propagate_to_default_route_table,
    ) == (False, True, True)
    assert [(tag.key, tag.value) for tag in made.tags.all()] == [("site", "hamburg")]
    expect(section(alice, "BGP Configuration")).to_contain_text("169.254.10.2")
    expect(section(alice, "Basic configurations")).to_contain_text("8061384 (123.456)")


def test_placement_returns_with_its_values(alice, app, router):
    form = app.connections.create()
    expect(form.control("cen")).to_have_count(0)
    expect(section(alice, "Advanced configurations")).to_have_count(0)
    form.fill(associate_resource="CEN", cen=router.cen.resource_id)
    expect(form.control("transit_router")).to_have_value(router.resource_id)
    form.fill(zone="eu-central-1c", auto_publish_route_enabled=False)
    form.fill(associate_resource="NO_ASSOCIATED")
    expect(form.control("cen")).to_have_count(0)
    expect(section(alice, "Advanced configurations")).to_have_count(0)
    form.fill(associate_resource="CEN")
    expect(form.control("cen")).to_have_value(router.cen.resource_id)
    expect(form.control("transit_router")).to_have_value(router.resource_id)
    expect(form.control("zone")).to_have_value("eu-central-1c")
    expect(form.control("auto_publish_route_enabled")).not_to_be_checked()


def test_protected_networks_return_with_their_values(alice):
    alice.goto(CREATE)
    expect(field(alice, "Local Network 1")).to_have_count(0)
    choose(alice, "Routing Mode", "Protected Data Flows")
    field(alice, "Local Network 1").fill("10.0.0.0/8")
    remote = alice.get_by_role("group", name="Remote Network", exact=True)
    for number in range(2, 6):
        remote.get_by_role("button", name="Add CIDR block").click()
        expect(field(alice, f"Remote Network {number}")).to_be_focused()
        field(alice, f"Remote Network {number}").fill(f"192.168.{number}.0/24")
    # Five is the maximum.
    expect(remote.get_by_role("button", name="Add CIDR block")).to_be_hidden()
    remote.get_by_role("button", name="Remove row 3").click()
    expect(alice.locator("#live")).to_have_text("Row removed")
    expect(field(alice, "Remote Network 3")).to_have_value("192.168.4.0/24")
    expect(field(alice, "Remote Network 3")).to_be_focused()
    choose(alice, "Routing Mode", "Destination Routing Mode")
    expect(field(alice, "Local Network 1")).to_have_count(0)
    choose(alice, "Routing Mode", "Protected Data Flows")
    expect(field(alice, "Local Network 1")).to_have_value("10.0.0.0/8")
    expect(field(alice, "Remote Network 4")).to_have_value("192.168.5.0/24")


def test_bgp_and_health_check_return_with_their_values(alice, app):
    form = app.connections.create()
    expect(section(alice, "BGP Configuration")).to_have_count(0)
    form.fill(enable_bgp=True)
    expect(alice.locator("#live")).to_have_text("3 fields shown")
    expect(form.control("local_asn")).to_have_value("45104")
    form.fill(tunnel_cidr="169.254.44.0/30", local_bgp_ip="169.254.44.2", health_check=True)
    expect(section(alice, "Health check")).to_contain_text("/32")
    form.fill(health_check_dip="192.168.9.9", health_check_policy=False, enable_bgp=False)
    expect(section(alice, "BGP Configuration")).to_have_count(0)
    form.fill(health_check=False)
    expect(form.control("health_check_policy")).to_have_count(0)
    form.fill(enable_bgp=True)
    expect(form.control("tunnel_cidr")).to_have_value("169.254.44.0/30")
    expect(form.control("local_bgp_ip")).to_have_value("169.254.44.2")
    form.fill(health_check=True)
    expect(form.control("health_check_dip")).to_have_value("192.168.9.9")
    expect(form.control("health_check_policy")).not_to_be_checked()
    expect(form.control("health_check_interval")).to_have_value("3")


def test_what_is_typed_while_an_answer_is_under_way_stays(alice, slow):
    alice.goto(CREATE)
    slow(alice)
    field(alice, "Enable BGP").check()
    field(alice, "Pre-Shared Key").fill("typed-meanwhile")
    field(alice, "Name").press_sequentially("still typing")
    expect(field(alice, "Tunnel CIDR Block")).to_be_visible()
    expect(field(alice, "Pre-Shared Key")).to_have_value("typed-meanwhile")
    expect(field(alice, "Name")).to_have_value("still typing")
    expect(field(alice, "Name")).to_be_focused()


def test_two_switches_at_once_both_arrive(alice, slow):
    alice.goto(CREATE)
    slow(alice)
    field(alice, "Enable BGP").check()
    section(alice, "Health check").get_by_role("switch", name="Health check").check()
    choose(alice, "Routing Mode", "Protected Data Flows")
    expect(field(alice, "Local ASN")).to_be_visible()
    expect(field(alice, "Destination IP Address")).to_be_visible()
    expect(field(alice, "Local Network 1")).to_be_visible()


def test_off_and_on_quickly_ends_on_with_nothing_lost(alice, slow):
    alice.goto(CREATE)
    field(alice, "Enable BGP").check()
    field(alice, "Local ASN").fill("64999")
    slow(alice)
    field(alice, "Enable BGP").uncheck()
    field(alice, "Enable BGP").check()
    expect(field(alice, "Local ASN")).to_be_visible()
    expect(field(alice, "Local ASN")).to_have_value("64999")
    expect(alice.locator(".htmx-request")).to_have_count(0)
    expect(field(alice, "Tunnel CIDR Block")).to_have_value("169.254.10.0/30")


def test_an_answer_for_a_field_that_is_gone_is_dropped_quietly(alice, slow):
    """The browser would log an error, which fails the test."""
    alice.goto(CREATE)
    field(alice, "Enable BGP").check()
    expect(field(alice, "Local ASN")).to_be_visible()
    slow(alice)
    field(alice, "Enable BGP").uncheck()
    # Its request starts after that of the switch, and is answered after the group is gone.
    alice.evaluate("document.getElementById('id_local_asn').dispatchEvent(new Event('change', {bubbles: true}))")
    expect(field(alice, "Local ASN")).to_have_count(0)
    slow(alice, 0)
    field(alice, "Name").fill("http://x")
    field(alice, "Pre-Shared Key").focus()
    expect(alice.locator("#id_name_error")).to_contain_text("Must not start")


def test_ok_while_an_answer_is_under_way(alice, gateway, slow):
    alice.goto(CREATE)
    slow(alice)
    field(alice, "Customer Gateway").select_option(gateway.resource_id)
    choose(alice, "Routing Mode", "Protected Data Flows")
    ok(alice)
    expect(alice.get_by_role("alert")).to_contain_text("2 things need your attention")
    expect(field(alice, "Local Network 1")).to_be_visible()
    expect(alice.get_by_role("group", name="Local Network", exact=True)).to_contain_text("need at least one CIDR block")


def test_several_networks_with_ikev1_are_refused(alice, app, gateway):
    form = app.connections.create()
    form.fill(customer_gateway=gateway.resource_id, routing_mode="protected", ike_version="ikev1")
    form.fill(local_subnet=["10.0.0.0/16", "10.1.0.0/16"], remote_subnet=["192.168.0.0/24"])
    form.submit()
    expect(alice.get_by_role("alert")).to_contain_text("ikev1 negotiates one CIDR block a side")
    alice.get_by_role("alert").get_by_role("link").first.click()
    expect(form.control("ike_version")).to_be_focused()
    assert form.fill(ike_version="ikev2").submit().operation == "CreateVpnAttachment"
    assert only_connection().local_subnet == ["10.0.0.0/16", "10.1.0.0/16"]


def test_a_refused_submit_keeps_everything_and_says_all_at_once(alice, gateway, accessible):
    alice.goto(CREATE)
    field(alice, "Name").fill("http://not-a-name")
    field(alice, "Customer Gateway").select_option(gateway.resource_id)
    field(alice, "Pre-Shared Key").fill("has a space")
    field(alice, "Enable BGP").check()
    field(alice, "Tunnel CIDR Block").fill("169.254.1.0/30")
    field(alice, "Local ASN").fill("70000.1")
    section(alice, "Health check").get_by_role("switch", name="Health check").check()
    field(alice, "Destination IP Address").fill("not an address")
    field(alice, "Switch Route").uncheck()
    unfold(alice)
    ike = section(alice, "Encryption Configuration: IKE Configurations")
    ike.get_by_label("SA Life Cycle (seconds)").fill("99999")
    field(alice, "Tag Value 1").fill("value without a key")
    ok(alice)
    summary = alice.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("9 things need your attention. Nothing has been saved.")
    expect(summary.get_by_role("link")).to_have_text(
        [
            "Basic configurations: Name",
            "Basic configurations: Pre-Shared Key",
            "Basic configurations: Local ASN",
            "IKE Configurations: SA Life Cycle (seconds)",
            "BGP Configuration: Tunnel CIDR Block",
            "BGP Configuration: Local BGP IP address",
            "Health check: Destination IP Address",
            "Health check: Source IP Address",
            "Tags",
        ]
    )
    expect(field(alice, "Name")).to_have_value("http://not-a-name")
    expect(field(alice, "Name")).to_have_attribute("aria-invalid", "true")
    expect(field(alice, "Pre-Shared Key")).to_have_value("has a space")
    expect(field(alice, "Customer Gateway")).to_have_value(gateway.resource_id)
    expect(field(alice, "Tunnel CIDR Block")).to_have_value("169.254.1.0/30")
    expect(field(alice, "Local ASN")).to_have_value("70000.1")
    expect(field(alice, "Destination IP Address")).to_have_value("not an address")
    expect(field(alice, "Switch Route")).not_to_be_checked()
    expect(ike.get_by_label("SA Life Cycle (seconds)")).to_have_value("99999")
    expect(field(alice, "Tag Value 1")).to_have_value("value without a key")
    assert not Connection.objects.exists()
    accessible(alice)
    # Every link of the summary focuses its field.
    for link in summary.get_by_role("link").all():
        link.click()
        expect(alice.locator(":focus")).to_have_attribute("id", link.get_attribute("href")[1:])


def test_a_field_is_judged_when_it_is_left(alice):
    alice.goto(CREATE)
    key = field(alice, "Pre-Shared Key")
    key.fill("with a space")
    field(alice, "Name").focus()
    expect(alice.locator("#id_tunnel1-psk_error")).to_contain_text("space")
    expect(key).to_have_attribute("aria-invalid", "true")
    key.fill("without-one")
    field(alice, "Name").focus()
    expect(alice.locator("#id_tunnel1-psk_error")).to_be_empty()
    expect(key).not_to_have_attribute("aria-invalid", "true")


def test_advice_comes_and_goes_without_refusing(app, gateway):
    form = app.connections.create().fill(ike_version="ikev1", remote_id="dc.example.com")
    expect(form.notes("remote_id")).to_contain_text("aggressive")
    form.fill(ike_mode="aggressive")
    expect(form.notes("remote_id")).to_be_empty()
    assert form.fill(customer_gateway=gateway.resource_id).submit().operation == "CreateVpnAttachment"


def test_the_key_can_be_shown_and_generated(alice):
    alice.goto(CREATE)
    key = field(alice, "Pre-Shared Key")
    expect(key).to_have_attribute("type", "password")
    alice.get_by_role("button", name="Generate key").click()
    expect(key).to_have_attribute("type", "text")
    expect(key).to_have_value(re.compile(r"^[a-z0-9]{16}$"))
    alice.get_by_role("button", name="Show key").click()
    expect(key).to_have_attribute("type", "password")


def test_a_customer_gateway_is_made_without_losing_the_form(alice, accessible):
    alice.goto(CREATE)
    field(alice, "Name").fill("typed before")
    link = alice.get_by_role("link", name="Create a customer gateway")
    link.click()
    dialog = alice.get_by_role("dialog", name="Create Customer Gateway")
    expect(dialog).to_be_visible()
    accessible(alice)
    alice.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()
    link.click()
    dialog.get_by_label("Name", exact=True).fill("made here")
    dialog.get_by_label("IP Address", exact=True).fill("169.254.0.1")
    dialog.get_by_test_id("dialog-ok").click()
    expect(dialog.get_by_role("alert")).to_contain_text("link-local")
    expect(dialog.get_by_label("Name", exact=True)).to_have_value("made here")
    dialog.get_by_label("IP Address", exact=True).fill("198.51.100.77")
    dialog.get_by_test_id("dialog-ok").click()
    expect(dialog).to_be_hidden()
    made = CustomerGateway.objects.get(name="made here")
    expect(field(alice, "Customer Gateway")).to_have_value(made.resource_id)
    expect(field(alice, "Customer Gateway")).to_be_focused()
    expect(field(alice, "Name")).to_have_value("typed before")
    ok(alice)
    expect(alice.get_by_role("status").filter(has_text="was created")).to_be_visible()
    assert only_connection().tunnel.customer_gateway == made


def test_keyboard_alone(alice, gateway):
    """From the start page to the details with the keyboard alone."""

    def tab_to(locator, most=80):
        for _ in range(most):
            alice.keyboard.press("Tab")
            if locator.evaluate("element => element === document.activeElement"):
                return
        pytest.fail(f"{locator} is not reached by {most} tabs")

    alice.goto("/connections/")
    alice.keyboard.press("Tab")
    expect(alice.get_by_role("link", name="Skip to the content")).to_be_focused()
    alice.keyboard.press("Enter")
    tab_to(alice.get_by_role("link", name="Create IPsec-VPN Connection").first)
    alice.keyboard.press("Enter")
    expect(alice.get_by_role("heading", level=1)).to_have_text("Create IPsec-VPN Connection")
    tab_to(field(alice, "Name"))
    alice.keyboard.type("by keyboard")
    tab_to(alice.get_by_label("Destination Routing Mode"))
    alice.keyboard.press("ArrowDown")
    expect(field(alice, "Local Network 1")).to_be_visible()
    tab_to(field(alice, "Local Network 1"))
    alice.keyboard.type("10.0.0.0/16")
    local = alice.get_by_role("group", name="Local Network", exact=True)
    tab_to(local.get_by_role("button", name="Add CIDR block"))
    alice.keyboard.press("Enter")
    expect(field(alice, "Local Network 2")).to_be_focused()
    alice.keyboard.type("10.1.0.0/16")
    tab_to(field(alice, "Remote Network 1"))
    alice.keyboard.type("192.168.0.0/24")
    tab_to(field(alice, "Customer Gateway"))
    alice.keyboard.type(gateway.name[:4])
    expect(field(alice, "Customer Gateway")).to_have_value(gateway.resource_id)
    tab_to(field(alice, "Enable BGP"))
    alice.keyboard.press("Space")
    expect(field(alice, "Tunnel CIDR Block")).to_be_visible()
    tab_to(field(alice, "Local ASN"))
    alice.keyboard.press("Control+A")
    alice.keyboard.type("64512")
    # Enter in a field submits the form and does not remove a row.
    alice.keyboard.press("Enter")
    expect(alice.get_by_role("status").filter(has_text="was created")).to_be_visible()
    made = only_connection()
    assert (made.name, made.local_subnet, made.local_asn) == ("by keyboard", ["10.0.0.0/16", "10.1.0.0/16"], 64512)
    expect(alice.get_by_role("heading", level=1)).to_have_text("by keyboard")


def test_after_back_radio_and_group_agree(alice):
    alice.goto(CREATE)
    choose(alice, "Routing Mode", "Protected Data Flows")
    expect(field(alice, "Local Network 1")).to_be_visible()
    alice.goto(f"/{factories.REGION}/connections/")
    alice.go_back()
    chosen = alice.get_by_label("Protected Data Flows")
    expect(alice.get_by_role("heading", level=1)).to_have_text("Create IPsec-VPN Connection")
    # The form updates for values that the browser restores.
    alice.locator("html[data-idle]").wait_for(state="attached")
    expect(field(alice, "Local Network 1")).to_have_count(int(chosen.is_checked()))


def test_an_expired_session_returns_to_the_form(alice):
    alice.goto(CREATE)
    alice.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    # Not check(), which would wait for the switch on a page that is being left.
    field(alice, "Enable BGP").click()
    expect(alice).to_have_url(re.compile(rf"/login/\?next={re.escape(CREATE)}$"))


def test_the_outline_follows_and_a_folded_section_opens_where_something_is_wrong(alice):
    alice.goto(CREATE)
    outline = alice.get_by_role("complementary", name="Overview of the form")
    ike = outline.get_by_role("link", name="IKE Configurations")
    expect(ike).to_contain_text("defaults")
    fold = alice.locator("#ike summary")
    expect(alice.get_by_label("LocalId")).to_be_hidden()
    expect(fold).to_contain_text("ikev2 · main · aes · sha1")
    strong = alice.get_by_role("group", name="Encryption").get_by_role("button", name="Strong")
    strong.click()
    expect(fold).to_contain_text("ikev2 · main · aes256 · sha256 · group14")
    expect(strong).to_have_attribute("aria-pressed", "true")
    expect(strong).to_be_focused()
    alice.reload()
    expect(fold).to_contain_text("ikev2 · main · aes256 · sha256 · group14")
    expect(alice.get_by_label("LocalId")).to_be_hidden()
    ike.click()
    expect(alice.get_by_label("LocalId")).to_be_visible()
    alice.get_by_label("LocalId").fill("a name with spaces")
    alice.get_by_label("LocalId").blur()
    expect(ike).to_contain_text("1 error, 4 filled in")
    fold.click()
    alice.get_by_test_id("form-ok").click()
    expect(alice.get_by_label("LocalId")).to_be_visible()


def test_a_message_that_knows_better_offers_it_as_a_button(alice):
    alice.goto(CREATE)
    alice.get_by_label("Protected Data Flows").check()
    local = alice.get_by_label("Local Network 1")
    local.fill("10.0.0.1/16")
    local.blur()
    alice.get_by_role("button", name="Use 10.0.0.0/16").click()
    expect(local).to_have_value("10.0.0.0/16")
    expect(local).to_be_focused()
    expect(alice.get_by_text("Did you mean")).to_have_count(0)
    alice.get_by_role("group", name="Local Network", exact=True).get_by_role("button", name="Add CIDR block").click()
    alice.get_by_label("Local Network 2").fill("10.1.0.0/16")
    version = section(alice, "Encryption Configuration: IKE Configurations").get_by_label("Version")
    unfold(alice)
    version.select_option("ikev1")
    alice.get_by_test_id("form-ok").click()
    expect(alice.get_by_role("alert")).to_contain_text("Nothing has been saved")
    alice.get_by_role("button", name="Use ikev2").click()
    expect(version).to_have_value("ikev2")
    expect(alice.locator(".notes").get_by_text("negotiates one CIDR block a side")).to_have_count(0)
    ike = section(alice, "Encryption Configuration: IKE Configurations")
    ike.get_by_label("DH Group").select_option("group1")
    ike.get_by_role("button", name="Use group14").click()
    expect(ike.get_by_label("DH Group")).to_have_value("group14")
    expect(ike.get_by_text("is insecure")).to_have_count(0)
