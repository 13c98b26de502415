"""Pages stay within their size budgets, with twenty rows in the list. docs/page-weight.md has the figures."""

import pytest

from tests.console.weight import weigh
from vpnconsole.testing import factories

LIST = f"/{factories.REGION}/connections/"
KB = 1024


@pytest.fixture
def estate(alice, gateway, router, settings):
    settings.TRANSITION_SECONDS = 0
    for number in range(20):
        made = factories.make_connection(
            alice.account, gateway=gateway, router=router if number % 2 else None, name=f"site-{number:02}",
            tags=[("env", "prod"), ("site", f"site-{number}")],
        )  # fmt: skip
    return made


def test_the_list_is_within_its_budget(console, estate):
    weight = weigh(console, LIST)
    assert weight.first <= 60 * KB, weight
    assert weight.warm <= 12 * KB, weight


def test_no_main_page_is_heavy(console, estate):
    print("\n| page | first, KB | warm, KB | requests | tags |\n| --- | --- | --- | --- | --- |")
    for name, address in (
        ("list of 20", LIST),
        ("create", f"{LIST}create/"),
        ("details", estate.get_absolute_url()),
        ("CEN instances", "/cens/"),
        ("event log of 20", "/events/"),
    ):
        weight = weigh(console, address)
        print(f"| {name} | {weight.first / KB:.1f} | {weight.warm / KB:.1f} | {weight.files} | {weight.elements} |")
        assert weight.first <= 60 * KB, (name, weight)
