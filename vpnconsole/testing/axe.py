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
# A person scrolls to what a bar or a column that stays in place covers in part: whether it is large enough there.
COVERED = "partially obscured"
IS_LARGE_IN_VIEW = """async css => {
  const element = document.querySelector(css);
  const before = [];
  for (let one = element.parentElement; one; one = one.parentElement) before.push([one, one.scrollLeft, one.scrollTop]);
  element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  const { violations } = await axe.run(element, { runOnly: { type: "rule", values: ["target-size"] } });
  for (const [one, left, top] of before) one.scrollTo({ left, top, behavior: "instant" });
  return violations.length === 0;
}"""


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
            if not _is_only_covered(page, node)
        ]
    page.evaluate(SET_SCHEME, before or "light")
    return found


def _is_only_covered(page: Page, node: dict) -> bool:
    """Whether a target is too small only until somebody scrolls to it."""
    return COVERED in node["failureSummary"] and page.evaluate(IS_LARGE_IN_VIEW, node["target"][0])
