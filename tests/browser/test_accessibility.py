"""WCAG 2.2 beyond static pages: target sizes, 200 % zoom, announcements, and error messages."""

import pytest
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import Page, expect

from connections.console.views.errors import server_error
from connections.models import CustomerGateway, TransitRouter
from vpnconsole.testing import factories
from vpnconsole.testing.axe import violations

LIST = f"/{factories.REGION}/connections/"
CREATE = f"{LIST}create/"

# 2.5.8: 24 by 24 px, except links in sentences and targets with no other one within 24 px of their center.
SMALL = """() => {
  const shown = (one) => one.checkVisibility({ visibilityProperty: true })
    && !one.closest("[inert], svg");
  const inSentence = (one) => one.matches("a:not(.btn)") && [...one.parentElement.childNodes]
    .some((node) => node !== one && node.nodeType === 3 && node.textContent.trim().length > 1);
  const spots = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter(shown).map((one) => {
      let box = one.getBoundingClientRect();
      // A label that holds or names a box or a dot is part of its target.
      for (const label of one.matches("[type=checkbox], [type=radio]") ? one.labels : []) {
        const other = label.getBoundingClientRect();
        const [left, top] = [Math.min(box.left, other.left), Math.min(box.top, other.top)];
        box = new DOMRect(left, top, Math.max(box.right, other.right) - left, Math.max(box.bottom, other.bottom) - top);
      }
      return { one, box };
    }).filter(({ box }) => box.width > 1 && box.height > 1);
  const near = (a, b) => {
    const [x, y] = [a.left + a.width / 2, a.top + a.height / 2];
    const dx = Math.max(b.left - x, 0, x - b.right), dy = Math.max(b.top - y, 0, y - b.bottom);
    return Math.hypot(dx, dy) < 12;
  };
  return spots.filter(({ one, box }) => (box.width < 23.9 || box.height < 23.9) && !inSentence(one)
    && spots.some((other) => other.one !== one && !other.one.contains(one) && near(box, other.box)))
    .map(({ one, box }) => `${Math.round(box.width)}x${Math.round(box.height)} ${one.outerHTML.slice(0, 160)}`);
}"""
TELLS = """() => {
  window.told = [];
  for (const id of ["live", "dialog-live"]) {
    const line = document.getElementById(id);
    new MutationObserver(() => { if (line.textContent.trim()) window.told.push(line.textContent.trim()); })
      .observe(line, { childList: true, characterData: true, subtree: true });
  }
}"""


@pytest.fixture
def made(user):
    gateway = CustomerGateway.objects.get(account=user.account)
    router = factories.make_transit_router(user.account, cidrs=["10.200.0.0/20"])
    second = factories.make_customer_gateway(user.account, ip_address="203.0.113.77")
    factories.make_dual(user.account, gateways=[gateway, second], name="both")
    return factories.make_connection(user.account, gateway=gateway, router=router, name="north", tags=[("env", "lab")])


@pytest.fixture
def addresses(made) -> list[str]:
    router = TransitRouter.objects.get()
    return [
        LIST,
        CREATE,
        made.get_absolute_url(),
        f"{made.get_absolute_url()}modify/",
        f"{made.get_absolute_url()}logs/",
        f"{made.get_absolute_url()}monitoring/",
        f"{made.get_absolute_url()}tunnels/",
        f"{made.get_absolute_url()}tunnels/{made.tunnel.resource_id}/error/",
        f"{made.get_absolute_url()}diagnosis/",
        f"/{factories.REGION}/customer-gateways/",
        "/cens/",
        router.cen.get_absolute_url(),
        router.get_absolute_url(),
        f"{router.get_absolute_url()}cidrs/create/",
        f"{router.get_absolute_url()}connections/",
        f"{router.get_absolute_url()}routes/",
        "/events/",
        "/members/",
        "/access-keys/",
        "/api/",
    ]


def test_targets_are_large_enough_or_stand_alone(alice, addresses):
    found = {}
    for address in addresses:
        assert alice.goto(address).ok, address
        found[address] = alice.evaluate(SMALL)
    assert {address: small for address, small in found.items() if small} == {}


BENEATH_A_BAR = """<!doctype html><html lang="en"><title>Targets</title><main><h1>Targets</h1>
<a href="#c" style="display: block; position: sticky; top: 0; height: 100px">A bar</a><div style="height: 500px"></div>
<a id="first" href="#a" style="display: block; height: {height}px">One</a>
<a href="#b" style="display: block; height: {height}px">Another</a><div style="height: 3000px"></div></main>"""
SCROLL = "covered => scrollTo(0, document.getElementById('first').getBoundingClientRect().top - 100 + covered)"


@pytest.mark.parametrize(
    ("height", "covered", "judged"),
    [(26, 16, set()), (26, 0, set()), (12, 0, {"target-size"}), (12, 6, {"target-size"})],
)
def test_a_target_beneath_a_bar_is_judged_where_a_person_scrolls_it_to(page, height, covered, judged):
    page.set_content(BENEATH_A_BAR.format(height=height))
    page.evaluate(SCROLL, covered)
    before = page.evaluate("scrollY")
    assert {one.split(": ")[1] for one in violations(page, ("light",))} == judged
    assert page.evaluate("scrollY") == before


def test_at_200_percent_everything_is_within_reach(browser, user, sign_in, base_url, addresses):
    """A window of 1440 by 900 at 200 % zoom: half as many CSS pixels."""
    context = browser.new_context(
        base_url=base_url, viewport={"width": 720, "height": 450}, device_scale_factor=2, reduced_motion="reduce"
    )
    page = context.new_page()
    sign_in(page, user)
    for address in addresses:
        assert page.goto(address).ok, address
        assert page.evaluate("document.documentElement.scrollWidth") <= 720, address
    page.goto(CREATE)
    page.get_by_label("Name", exact=True).fill("zoomed")
    last = page.get_by_test_id("form-ok")
    expect(last).to_be_in_viewport()
    for field in ("field-name", "field-tunnel1-customer_gateway", "field-routing_mode-protected"):
        control = page.get_by_test_id(field)
        control.focus()
        # No sticky element may cover it.
        assert control.evaluate("""one => {
          const box = one.getBoundingClientRect();
          const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
          return top === one || one.contains(top) || one.closest("label")?.contains(top) || false;
        }"""), field
    context.close()


def told(page: Page) -> list[str]:
    return page.evaluate("window.told")


def test_a_switch_and_a_copy_are_told_once(alice, made, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    alice.goto(CREATE)
    alice.evaluate(TELLS)
    alice.get_by_label("Enable BGP").check()
    expect(alice.get_by_label("Tunnel CIDR Block")).to_be_visible()
    alice.locator("html[data-idle]").wait_for(state="attached")
    assert len(told(alice)) == 1
    assert "shown" in told(alice)[0]
    alice.goto(LIST)
    alice.evaluate(TELLS)
    alice.get_by_role("row", name=made.name).get_by_role("button", name="Copy ID").click()
    expect(alice.locator("#live")).to_have_text("Copied")
    assert told(alice) == ["Copied"]


@pytest.mark.parametrize("where", ["list", "details"])
def test_a_state_that_settles_is_told_once(alice, user, settings, clock, where):
    gateway = CustomerGateway.objects.get(account=user.account)
    router = factories.make_transit_router(user.account)
    settings.TRANSITION_SECONDS = 2
    connection = factories.make_connection(user.account, gateway=gateway, router=router)
    alice.goto(LIST if where == "list" else connection.get_absolute_url())
    alice.evaluate(TELLS)
    clock.tick(60)
    said = f"{connection.resource_id}: Attached, Phase 1 Negotiation Failed"
    expect(alice.locator("#live")).to_have_text(said)
    expect(alice.locator("[hx-get$='/row/'], [hx-get$='/header/']")).to_have_count(0)
    alice.locator("html[data-idle]").wait_for(state="attached")
    assert told(alice) == [said]


def test_a_cen_that_settles_is_told_once(alice, user, settings, clock):
    settings.TRANSITION_SECONDS = 2
    cen = factories.make_cen(user.account)
    alice.goto(cen.get_absolute_url())
    alice.evaluate(TELLS)
    clock.tick(60)
    expect(alice.locator("#live")).to_have_text(f"{cen.resource_id}: Active")
    assert told(alice) == [f"{cen.resource_id}: Active"]


def test_a_state_that_settles_behind_a_dialog_is_told_in_it(alice, user, settings, clock):
    settings.TRANSITION_SECONDS = 3
    cen = factories.make_cen(user.account)
    alice.goto(cen.get_absolute_url())
    alice.evaluate(TELLS)
    alice.get_by_test_id("edit-tags").click()
    expect(alice.get_by_role("dialog")).to_be_visible()
    clock.tick(60)
    # All else is inert, so screen readers ignore its live regions.
    expect(alice.locator("#dialog-live")).to_have_text(f"{cen.resource_id}: Active")
    expect(alice.get_by_role("dialog")).to_be_visible()
    assert told(alice) == [f"{cen.resource_id}: Active"]


def test_a_list_that_waits_for_its_answer_is_legible(alice, made, accessible):
    held = []
    alice.goto(LIST)
    alice.route("**/connections/?*", lambda route: held.append(route))
    alice.get_by_test_id("search").fill("north")
    waits = "#table.htmx-request"
    alice.locator(waits).wait_for(state="attached")
    alice.locator(waits).evaluate("one => Promise.all(one.getAnimations().map((animation) => animation.finished))")
    accessible(alice)
    expect(alice.locator(waits)).to_have_count(1)


def test_a_button_whose_look_changes_is_legible_at_once(alice, made):
    alice.goto(LIST)
    alice.emulate_media(reduced_motion="no-preference")
    assert alice.get_by_test_id("create").evaluate("one => getComputedStyle(one).transitionDuration") == "0s"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_of_what_went_wrong_on_our_side_is_accessible(alice, tolerated, accessible, language):
    tolerated += ["Failed to load resource"]
    with translation.override(language):
        body = server_error(RequestFactory().get("/broken/")).content
    alice.route("**/broken/", lambda route: route.fulfill(status=500, content_type="text/html", body=body))
    alice.goto("/broken/")
    expect(alice.locator("html")).to_have_attribute("lang", language)
    expect(alice.get_by_role("heading", level=1)).to_be_visible()
    accessible(alice)
