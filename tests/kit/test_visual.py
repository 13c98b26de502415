"""The five faults of style of the persona `visual`, beside what alice sees."""

from contextlib import closing

import pytest

from tests.kit.test_faults import CREATE, GATEWAYS

CONTRAST = """label => {
    const luminance = text => text.match(/\\d+/g).slice(0, 3).map(Number).map(one => one / 255)
        .map(one => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
        .reduce((sum, one, place) => sum + one * [0.2126, 0.7152, 0.0722][place], 0)
    const style = getComputedStyle(label)
    const both = [style.color, style.backgroundColor].map(luminance)
    return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05)
}"""
LEFT = "dialog => dialog.getBoundingClientRect().left - (innerWidth - dialog.offsetWidth) / 2"
BELOW = """ok => ok.getBoundingClientRect().top
    - document.querySelector('[data-testid="form-cancel"]').getBoundingClientRect().top"""
CUT = "links => links.filter(a => a.scrollWidth > a.clientWidth && a.clientWidth && !a.title).length"


@pytest.mark.browser
def test_visual_sees_five_faults_of_style(control, browser):
    world, seen = control.world(personas="all"), {}
    for name in ("alice", "visual"):
        made = control.call("POST", f"/worlds/{world['id']}/sessions", 201, **{"as": name})
        with closing(browser.new_context(base_url=control.server.url, storage_state=made["storage_state"])) as context:
            page = context.new_page()
            page.goto(GATEWAYS)
            heads = page.locator("thead th").all_inner_texts()
            cut = page.locator("tr[data-name] .identity a").evaluate_all(CUT)
            page.get_by_test_id("account-menu").click()
            page.get_by_test_id("account-password").click()
            page.locator("#dialog[open]").wait_for()
            left = page.locator("#dialog").evaluate(LEFT)
            page.goto(CREATE)
            label = page.locator("#div_id_name .field-label").evaluate(CONTRAST)
            seen[name] = heads, cut, round(left), round(page.get_by_test_id("form-ok").evaluate(BELOW)), round(label, 1)
    right, wrong = seen["alice"], seen["visual"]
    assert wrong[0] == [right[0][0], right[0][2], right[0][1], *right[0][3:]]
    assert (right[1], wrong[1] > 0) == (0, True)
    assert (wrong[2] - right[2], wrong[3] - right[3], wrong[4]) == (40, 6, 1.6)
    assert right[4] != 1.6
