"""What people type may be nonsense or far too much of it: every page answers, and soon."""

import pytest

from tests import factories
from tests.pages import main_form

NO_NUMBERS = ["²", "①", "-1", "9" * 5000]


@pytest.mark.parametrize("number", NO_NUMBERS)
@pytest.mark.parametrize("page", ["/eu-central-1/connections/create/", "/cens/create/"])
def test_a_row_that_has_no_number_is_not_removed(console, page, number):
    typed = {"tag_key": ["env", "team"], "tag_value": ["prod", "network"], "_action": f"remove:tags:{number}"}
    answer = console.post(page, typed)
    assert answer.status_code == 200
    assert main_form(answer.content.decode())["tag_key"][:2] == ["env", "team"]


@pytest.mark.parametrize("revision", NO_NUMBERS)
def test_a_revision_that_is_no_number_is_older_than_any(console, alice, revision):
    connection = factories.make_connection(alice.account)
    page = f"{connection.get_absolute_url()}modify/"
    form = main_form(console.get(page).content.decode())
    answer = console.post(page, form | {"revision": revision})
    assert "Somebody else changed" in answer.content.decode()
    assert console.post(f"{page}fields/name/", form | {"revision": revision}).status_code == 200
