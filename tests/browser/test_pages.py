"""Every page except the create form: lists, details, dialogs, signing in."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from connections.models import Cen, CustomerGateway, TransitRouter
from vpn_console_kit import pages
from vpn_console_kit.console import CenDetails, CustomerGatewayDetails, RouterDetails
from vpnconsole.testing import factories

LIST = f"/{factories.REGION}/connections/"
LONG_NAME = "a-name-as-long-as-the-rules-allow-" + "x" * 66


@pytest.fixture
def estate(user):
    """One resource of each kind, attached, with long names and many tags."""
    gateway = CustomerGateway.objects.get(account=user.account)
    router = factories.make_transit_router(user.account, cidrs=["10.200.0.0/20"], name="frankfurt-core")
    plain = factories.make_connection(user.account, gateway=gateway, name="plain")
    full = factories.make_connection(
        user.account,
        gateway=gateway,
        router=router,
        name=LONG_NAME,
        enable_bgp=True,
        local_asn=8061384,
        routing_mode="protected",
        local_subnet=["10.0.0.0/16", "10.1.0.0/16"],
        remote_subnet=["192.168.0.0/24"],
        health_check=True,
        health_check_dip="192.168.0.1",
        health_check_sip="10.0.0.1",
        tunnel={"tunnel_cidr": "169.254.10.0/30", "local_bgp_ip": "169.254.10.1", "psk": "s3cret-of-full"},
        tags=[(f"key-{number}", "value " * 4) for number in range(5)],
    )
    return {"gateway": gateway, "router": router, "plain": plain, "full": full}


def rows(page: Page):
    return page.get_by_role("table").get_by_role("row")


def test_signing_in_as_a_persona_and_out_again(page, user, accessible):
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("VPN Console")
    accessible(page)
    # The personas come first, and the page does not scroll past them.
    expect(page.get_by_label("Username")).not_to_be_focused()
    page.get_by_role("button", name="Sign in as Alice Berger").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    page.get_by_label("Account: Alice Berger").click()
    expect(page.get_by_text(user.account.uid).first).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/login/"))


def test_signing_in_with_a_password_returns_to_where_one_wanted(page, user, accessible):
    page.goto("/cens/")
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("correct username and password")
    accessible(page)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("CEN Instances")


def test_the_uid_is_copied(alice, user, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    alice.goto("/")
    alice.get_by_label("Account: Alice Berger").click()
    alice.get_by_role("button", name="Copy UID").click()
    expect(alice.locator("#live")).to_have_text("Copied")
    assert alice.evaluate("navigator.clipboard.readText()") == user.account.uid


def test_search_swaps_the_table_alone_and_tells_the_address(alice, estate):
    alice.goto(LIST)
    expect(rows(alice)).to_have_count(3)
    alice.evaluate("document.querySelector('h1').dataset.stays = 'yes'")
    search = alice.get_by_label("Search by name, ID, IP, gateway, CEN, tag, network or ASN")
    search.press_sequentially("pla")
    expect(rows(alice)).to_have_count(2)
    expect(search).to_be_focused()
    expect(alice).to_have_url(re.compile(r"\?q=pla$"))
    assert alice.evaluate("document.querySelector('h1').dataset.stays") == "yes"
    search.fill("nothing like it")
    expect(alice.get_by_text("No matching connections")).to_be_visible()
    alice.reload()
    expect(search).to_have_value("nothing like it")
    alice.get_by_role("link", name="Clear search and filters").click()
    expect(rows(alice)).to_have_count(3)


def test_filters_and_sorting_by_the_mouse(alice, app, estate):
    listed = app.connections
    listed.filter("state", "attached")
    assert listed.names() == [LONG_NAME]
    listed.filter("state", "")
    expect(listed.rows()).to_have_count(2)
    tag = alice.get_by_label("Tag", exact=True)
    tag.focus()
    expect(alice.locator("#filter-tag option").first).to_have_attribute("value", "key-0")
    listed.filter("tag", "key-3")
    assert listed.names() == [LONG_NAME]
    expect(alice).to_have_url(re.compile(r"\?tag=key-3$"))
    alice.goto(LIST + "?sort=name")
    assert listed.names() == [LONG_NAME, "plain"]
    listed.sort("state")
    expect(alice.get_by_role("columnheader", name="State")).to_have_attribute("aria-sort", "ascending")
    assert listed.names() == ["plain", LONG_NAME]


def test_the_region_follows_the_selector(alice, estate):
    alice.goto(LIST)
    alice.get_by_label("Region: Germany (Frankfurt)").click()
    alice.get_by_role("navigation", name="Regions").get_by_role("link", name="cn-hangzhou").click()
    expect(alice).to_have_url(re.compile(r"/cn-hangzhou/connections/$"))
    expect(alice.get_by_text("No IPsec-VPN connections in China (Hangzhou) yet")).to_be_visible()
    alice.goto("/connections/")
    expect(alice).to_have_url(re.compile(r"/cn-hangzhou/connections/$"))


def test_details_show_everything_and_the_key_only_on_demand(alice, estate):
    alice.goto(estate["full"].get_absolute_url())
    expect(alice.get_by_role("heading", level=1)).to_have_text(LONG_NAME)
    assert "s3cret-of-full" not in alice.content()
    alice.get_by_role("button", name="Show pre-shared key").click()
    expect(alice.get_by_text("s3cret-of-full")).to_be_visible()
    alice.get_by_role("button", name="Hide").click()
    expect(alice.get_by_text("s3cret-of-full")).to_have_count(0)
    expect(alice.get_by_role("button", name="Show pre-shared key")).to_be_focused()
    alice.get_by_role("link", name="Destination-based Route Table").click()
    expect(alice).to_have_url(re.compile("/routes/$"))
    expect(rows(alice).nth(1)).to_contain_text("192.168.0.0/24")
    alice.get_by_role("link", name="Tags", exact=True).click()
    expect(alice).to_have_url(re.compile("/tags/$"))


def test_tags_are_edited_in_a_dialog(alice, estate, accessible):
    alice.goto(LIST)
    opener, tags = alice.get_by_role("button", name="More actions for plain"), alice.get_by_label("Tags of plain")
    opener.click()
    accessible(alice)
    tags.click()
    dialog = alice.get_by_role("dialog")
    expect(dialog.get_by_label("Tag Key 1")).to_be_focused()
    accessible(alice)
    dialog.get_by_test_id("dialog-x").click()
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    tags.click()
    dialog.get_by_label("Tag Key 1").fill("aliyun-is-reserved")
    dialog.get_by_test_id("dialog-ok").click()
    expect(dialog.get_by_role("alert")).to_contain_text("must not start with aliyun")
    dialog.get_by_label("Tag Key 1").fill("owner")
    dialog.get_by_label("Tag Value 1").fill("network")
    dialog.get_by_role("button", name="Add tag").click()
    dialog.get_by_label("Tag Key 2").fill("site")
    dialog.get_by_test_id("dialog-ok").click()
    expect(rows(alice).filter(has_text="plain")).to_contain_text("owner=network")
    assert {tag.key: tag.value for tag in estate["plain"].tags.all()} == {"owner": "network", "site": ""}


def test_a_gateway_in_use_says_who_uses_it(app, estate):
    app.open(estate["gateway"].get_absolute_url())
    question = CustomerGatewayDetails(app).delete()
    expect(question.locator).to_contain_text(estate["plain"].resource_id)
    expect(question.get("dialog-ok")).to_have_count(0)
    question.cancel()
    expect(question.locator).to_be_hidden()


def test_a_gateway_is_made_changed_and_deleted(alice, app, user):
    form = app.customer_gateways.create().fill(name="lisbon", ip_address="198.51.100.9", asn="1.10")
    assert form.submit().operation == "CreateCustomerGateway"
    made = CustomerGateway.objects.get(name="lisbon")
    assert made.asn == 65546
    app.customer_gateways.row("lisbon").action("edit")
    expect(alice.get_by_text("65546 (1.10)")).to_be_visible()
    expect(alice.get_by_label("IP Address", exact=True)).to_have_count(0)
    pages.CustomerGatewayEditForm(app).fill(name="porto").submit()
    expect(alice.get_by_role("heading", level=1)).to_have_text("porto")
    assert CustomerGatewayDetails(app).delete().ok().operation == "DeleteCustomerGateway"
    assert not CustomerGateway.objects.filter(pk=made.pk).exists()


def test_a_cen_and_its_router_are_made_and_deleted(alice, app):
    app.cens.create().fill(name="backbone").submit()
    expect(alice.get_by_role("heading", level=1)).to_have_text("backbone")
    form = CenDetails(app).create_router()
    expect(form.control("region_id")).to_have_value(factories.REGION)
    form.fill(cidrs=["10.0.0.0/8"]).submit()
    expect(alice.get_by_role("alert")).to_contain_text("16 to 24 bits")
    assert form.fill(cidrs=["10.9.0.0/20"]).submit().operation == "CreateTransitRouter"
    expect(rows(alice).nth(1)).to_contain_text("10.9.0.0/20")
    router = TransitRouter.objects.get()
    app.open(router.get_absolute_url())
    block = RouterDetails(app).create_cidr()
    block.fill(cidr="10.9.16.0/30").submit()
    expect(block.locator.get_by_role("alert")).to_contain_text("16 to 24 bits")
    block.fill(cidr="10.9.16.0/24").submit()
    expect(alice.get_by_role("row", name="10.9.16.0/24")).to_be_visible()
    alice.goto(router.cen.get_absolute_url())
    alice.get_by_role("link", name="Delete", exact=True).click()
    expect(alice.get_by_role("dialog")).to_contain_text(router.resource_id)
    alice.get_by_role("dialog").get_by_role("link", name="Close").click()
    alice.get_by_role("link", name=f"Delete {router.resource_id}").click()
    alice.get_by_role("dialog").get_by_test_id("dialog-ok").click()
    expect(alice.get_by_text("No transit routers yet")).to_be_visible()
    alice.get_by_role("link", name="Delete", exact=True).click()
    alice.get_by_role("dialog").get_by_test_id("dialog-ok").click()
    expect(alice.get_by_role("heading", level=1)).to_have_text("CEN Instances")
    assert not Cen.objects.exists()


def test_states_settle_on_the_page_by_themselves(alice, user, settings, clock):
    gateway = CustomerGateway.objects.get(account=user.account)
    router = factories.make_transit_router(user.account)
    settings.TRANSITION_SECONDS = 2
    made = factories.make_connection(user.account, gateway=gateway, router=router)
    alice.goto(LIST)
    row = rows(alice).filter(has_text=made.resource_id)
    figures = alice.get_by_label("Connections by state and status")
    expect(row).to_contain_text("Preparing")
    expect(figures).to_contain_text("Preparing")
    clock.tick(60)
    expect(row).to_contain_text("Attached")
    expect(figures).to_contain_text("1 Attached")
    expect(figures).not_to_contain_text("Preparing")
    expect(row.locator("[hx-get$='/row/']")).to_have_count(0)


def test_a_row_that_settles_stays_ticked(alice, user, settings, clock):
    gateway = CustomerGateway.objects.get(account=user.account)
    router = factories.make_transit_router(user.account)
    settings.TRANSITION_SECONDS = 3
    made = factories.make_connection(user.account, gateway=gateway, router=router)
    alice.goto(LIST)
    alice.get_by_label(f"Select {made}").check()
    clock.tick(60)
    expect(rows(alice).filter(has_text=made.resource_id)).to_contain_text("Attached")
    expect(alice.get_by_label(f"Select {made}")).to_be_checked()
    expect(alice.locator("[data-bulk-count]")).to_have_text("1 selected")


def test_the_overview_follows_changes_and_keeps_the_focus(alice, user, estate, accessible):
    alice.goto("/")
    expect(alice.get_by_test_id("overview-up")).to_have_text("0 of 2 tunnels up")
    accessible(alice)
    link = alice.get_by_test_id("overview-events")
    link.focus()
    factories.make_connection(user.account, gateway=estate["gateway"], name="newest")
    # What happens when the page comes into view; otherwise it looks every few seconds.
    alice.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(alice.get_by_test_id("overview-up")).to_have_text("0 of 3 tunnels up")
    expect(link).to_be_focused()


def test_colour_scheme_text_size_and_a_collapsed_menu_are_kept(alice):
    alice.goto("/")
    alice.get_by_test_id("display-menu").click()
    alice.get_by_role("button", name="Dark").click()
    alice.get_by_role("button", name="Large").click()
    alice.get_by_role("button", name="Collapse the menu").click()
    for _ in range(2):
        assert alice.get_by_role("link", name="Event Log", exact=True).bounding_box()["width"] < 60
        expect(alice.locator("html")).to_have_attribute("data-bs-theme", "dark")
        expect(alice.locator("body")).to_have_css("font-size", "17px")
        alice.reload()


@pytest.mark.long
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_is_accessible(alice, estate, accessible_everywhere, language):
    full, gateway, router = estate["full"], estate["gateway"], estate["router"]
    addresses = [
        "/",
        LIST,
        LIST + "?q=nothing",
        "/cn-hangzhou/connections/",
        full.get_absolute_url(),
        full.get_absolute_url() + "routes/",
        full.get_absolute_url() + "tags/",
        estate["plain"].get_absolute_url() + "routes/",
        f"/{factories.REGION}/connections/create/",
        f"/{factories.REGION}/customer-gateways/",
        f"/{factories.REGION}/customer-gateways/create/",
        gateway.get_absolute_url(),
        gateway.get_absolute_url() + "modify/",
        gateway.get_absolute_url() + "delete/",
        f"/tags/{full.resource_id}/",
        "/cens/",
        "/cens/create/",
        router.cen.get_absolute_url(),
        f"{router.cen.get_absolute_url()}transit-routers/create/",
        router.get_absolute_url(),
        "/events/",
        "/service-linked-role/",
    ]
    accessible_everywhere(alice, addresses, language)


def test_the_create_form_with_every_group_open_is_accessible(alice, estate, accessible):
    alice.goto(f"/{factories.REGION}/connections/create/")
    alice.get_by_label("CEN", exact=True).check()
    alice.get_by_label("Protected Data Flows").check()
    alice.get_by_label("Enable BGP").check()
    alice.get_by_role("switch", name="Health Check").check()
    for label in ("CEN Instance ID", "Local Network 1", "Tunnel CIDR Block", "Source IP Address"):
        expect(alice.get_by_label(label, exact=True)).to_be_visible()
    accessible(alice)


@pytest.mark.parametrize("width", [320, 390, 1024])
def test_nothing_is_cut_off_at_the_side(alice, estate, user, width):
    user.first_name, user.last_name = "Wilhelmina Charlotte", "von und zu Hohenstein-Oberwiesenthal"
    user.save()
    router = factories.make_transit_router(user.account, cen=factories.make_cen(user.account, name="n" * 100))
    long = factories.make_customer_gateway(user.account, name="g" * 100, ip_address="203.0.113.99")
    factories.make_connection(user.account, gateway=long, name="c" * 100, router=estate["router"])
    alice.set_viewport_size({"width": width, "height": 800})
    for address in (
        "/",
        LIST,
        f"/{factories.REGION}/connections/create/",
        estate["full"].get_absolute_url(),
        f"{estate['full'].get_absolute_url()}tunnels/",
        f"{long.get_absolute_url()}delete/",
        "/cens/",
        estate["router"].get_absolute_url(),
        f"{router.get_absolute_url()}connections/create/",
        "/resources/",
        "/events/",
    ):
        alice.goto(address)
        assert alice.evaluate("document.documentElement.scrollWidth") <= width, address
        # Scrolling elements, beside tables.
        assert (
            alice.evaluate("""[...document.querySelectorAll("main .topology, main .panel-body")]
            .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.outerHTML.slice(0, 80))""")
            == []
        ), address


def test_a_list_fits_on_paper(alice, estate):
    paper = 688  # A4 within its margins
    alice.set_viewport_size({"width": paper, "height": 900})
    alice.emulate_media(media="print")
    for address in (LIST, f"/{factories.REGION}/customer-gateways/", "/events/"):
        alice.goto(address)
        assert alice.evaluate("document.documentElement.scrollWidth") <= paper, address
        expect(alice.get_by_test_id("export")).to_be_hidden()
    expect(alice.get_by_role("columnheader", name="Event")).to_be_visible()


def test_the_sections_of_the_form_stand_beside_each_other(alice):
    alice.set_viewport_size({"width": 390, "height": 800})
    alice.goto(f"/{factories.REGION}/connections/create/")
    assert (
        alice.evaluate("""[...document.querySelectorAll(".outline-sections a > span")]
        .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)""")
        == []
    )


def test_the_strict_policy_is_in_force(alice):
    answer = alice.goto("/")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["script-src"] == ["'self'"]


def test_a_figure_above_the_list_filters_it_and_lets_go_again(alice, estate):
    alice.goto(LIST)
    figures = alice.get_by_label("Connections by state and status")
    figures.get_by_role("link", name="1 Unassociated").click()
    expect(rows(alice)).to_have_count(2)
    expect(alice.get_by_label("State", exact=True)).to_have_value("init")
    expect(figures.locator("[aria-current]")).to_have_text(re.compile("Unassociated"))
    figures.get_by_role("link", name="1 Unassociated").click()
    expect(rows(alice)).to_have_count(3)
    expect(figures.locator("[aria-current]")).to_have_count(0)
    expect(alice).to_have_url(re.compile("/connections/$"))
