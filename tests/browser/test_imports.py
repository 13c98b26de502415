"""The page shows the progress of a long import."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from connections.models import ImportProgress


@pytest.fixture
def page(alice, user):
    alice.goto(reverse("resources"))
    token = alice.locator("[name=_once]").input_value()
    ImportProgress(account=user.account, token=token, done=1200, total=2000).save()
    alice.get_by_label("Or paste the document").fill("nonsense")
    return alice


def test_the_page_shows_how_far_an_import_is(page):
    page.route("**/resources/", lambda route: None)
    page.get_by_role("button", name="Import").click()
    shown = page.get_by_role("progressbar", name="Judging 1,200 of 2,000 resources…")
    expect(shown).to_have_attribute("value", "1200")
    ImportProgress.objects.update(done=2000)
    expect(page.get_by_role("progressbar", name="Writing…")).to_be_visible()


def test_it_goes_on_asking_until_the_answer_comes(page):
    sent, asked = [], []

    def ask(route):
        asked.append(route)
        route.continue_()
        if len(asked) == 2:
            sent.pop().continue_()

    page.route("**/resources/", lambda route: sent.append(route))
    page.route("**/resources/progress/**", ask)
    page.get_by_role("button", name="Import").click(no_wait_after=True)
    expect(page.get_by_role("alert")).to_contain_text("Nothing was imported")
    assert len(asked) >= 2
