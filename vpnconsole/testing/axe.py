"""What axe finds wrong with the accessibility of a page."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# Dark pages differ in colors alone. Without details of what passes, which takes a third of the time.
OPTIONS: dict[str, dict[str, object]] = {
    "light": {"runOnly": list(TAGS), "resultTypes": ["violations"]},
    "dark": {
        "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
        "resultTypes": ["violations"],
    },
}
# An open dialog, drawer or sheet makes the page's landmark and heading inert.
MODAL = "document.querySelector('dialog:modal, [data-modal]:popover-open') !== null"
BEHIND = {"rules": {"landmark-one-main": {"enabled": False}, "page-has-heading-one": {"enabled": False}}}
SET_SCHEME = "scheme => document.documentElement.setAttribute('data-bs-theme', scheme)"


def violations(page: Page, schemes: tuple[str, ...] = ("light", "dark")) -> list[str]:
    """What breaks a rule, in a line each: all rules in light, those about colors in dark."""
    before, found = page.locator("html").get_attribute("data-bs-theme"), []
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    behind = BEHIND if page.evaluate(MODAL) else {}
    for scheme in schemes:
        page.evaluate(SET_SCHEME, scheme)
        results = page.evaluate("options => axe.run(document, options)", OPTIONS[scheme] | behind)
        # An empty page would pass too.
        assert len(results["passes"]) > (5 if scheme == "light" else 0), page.url
        found += [
            f"{scheme}: {one['id']}: {node['html'][:200]} {' '.join(node['failureSummary'].split())[:200]}"
            for one in results["violations"]
            for node in one["nodes"]
        ]
    page.evaluate(SET_SCHEME, before or "light")
    return found
