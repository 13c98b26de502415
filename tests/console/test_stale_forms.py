"""A form that was opened before somebody else's change undoes nothing of it, whatever it replaces as a whole."""

import pytest

from connections.domain.choices import Role
from connections.models import Attachment, Authorization, ColumnChoice, CustomerGateway, User
from tests.addresses import address
from tests.console.conftest import htmx
from vpnconsole.testing import factories
from vpnconsole.testing.pages import main_form

CHANGED = "after you opened this page"


def tags_of(gateway) -> dict[str, str]:
    return {tag.key: tag.value for tag in CustomerGateway.objects.get(pk=gateway.pk).tags.all()}


def stale(console, url, others: dict, own: dict):
    """Two tabs open a form. One submits its change, then the other its own. Returns the last answer."""
    first, second = (main_form(console.get(url, headers=htmx()).content.decode()) for _ in range(2))
    done = console.post(url, first | others, headers=htmx())
    assert done.status_code == 302 or "HX-Redirect" in done
    return console.post(url, second | own, headers=htmx())


def again(console, url, answer):
    """Submit what the form shows now, unchanged."""
    assert answer.status_code == 200
    assert CHANGED in answer.content.decode()
    done = console.post(url, main_form(answer.content.decode()), headers=htmx())
    assert done.status_code == 302 or "HX-Redirect" in done


def test_a_field_that_was_not_touched_is_not_written_back(console, estate):
    url = address("customer-gateway-modify", estate)
    again(console, url, stale(console, url, {"name": "others"}, {"description": "own"}))
    gateway = CustomerGateway.objects.get()
    assert (gateway.name, gateway.description) == ("others", "own")


def test_a_field_that_both_have_changed_is_shown_with_the_stored_value(console, estate):
    url = address("customer-gateway-modify", estate)
    answer = stale(console, url, {"name": "others"}, {"name": "own"})
    assert "Stored value: others." in answer.content.decode()
    console.post(url, main_form(answer.content.decode()))
    assert CustomerGateway.objects.get().name == "own"


def test_a_stored_key_is_not_what_was_shown(console, estate):
    url = address("customer-gateway-modify", estate)
    CustomerGateway.objects.update(auth_key="planted-key")
    answer = stale(console, url, {"name": "others"}, {"description": "own"})
    assert "planted-key" not in answer.content.decode()
    again(console, url, answer)
    assert CustomerGateway.objects.get().auth_key == "planted-key"


def test_switches_and_names_of_an_attachment_are_told_apart(console, estate):
    url = address("attachment-modify", estate)
    off = {"auto_publish_route_enabled": []}
    again(console, url, stale(console, url, off, {"name": "own"}))
    attachment = Attachment.objects.get()
    assert (attachment.name, attachment.auto_publish_route_enabled) == ("own", False)


def test_tags_are_merged(console, gateway):
    url = f"/tags/{gateway.resource_id}/"
    pairs = [("kept", "1"), ("removed-by-other", "1"), ("removed", "1"), ("changed", "1")]

    def rows(**tags):
        return {"tag_key": list(tags), "tag_value": list(tags.values())}

    console.post(url, main_form(console.get(url).content.decode()) | rows(**dict(pairs)))
    others = rows(**{"kept": "1", "removed": "1", "changed": "1", "added-by-other": "2"})
    own = rows(**{"kept": "1", "removed-by-other": "1", "changed": "3", "added": "2"})
    again(console, url, stale(console, url, others, own))
    assert tags_of(gateway) == {"kept": "1", "changed": "3", "added": "2", "added-by-other": "2"}


def test_a_role_that_changed_meanwhile_is_asked_about(console, estate):
    url = address("member-role", estate)
    again(console, url, stale(console, url, {"role": Role.READ_ONLY}, {"role": Role.OPERATOR}))
    # The form showed the role that it was about to write: nobody has touched it.
    assert User.objects.get(username="a-colleague").role == Role.READ_ONLY


def test_a_payer_that_changed_meanwhile_is_asked_about(console, estate, alice):
    factories.rest(Attachment.objects.get())
    url = address("authorization-payer", estate)
    other = {"PayByCenOwner": "PayByResourceOwner", "PayByResourceOwner": "PayByCenOwner"}
    before = Authorization.objects.get().order_type
    again(console, url, stale(console, url, {"order_type": other[before]}, {}))
    assert Authorization.objects.get().order_type == other[before]


def test_columns_that_were_chosen_elsewhere_are_asked_about(console, estate):
    url = address("columns-choose", estate)
    answer = stale(console, url, {"columns": ["state"]}, {"columns": ["zone"]})
    assert "Stored value: " in answer.content.decode()
    assert ColumnChoice.objects.get().keys == ["state"]
    console.post(url, main_form(answer.content.decode()), headers=htmx())
    assert ColumnChoice.objects.get().keys == ["zone"]


@pytest.mark.parametrize("shown", ["", "x", "[]", "[" * 5000, '{"name": 1}', '{"tags": [1]}', '{"tags": {}}'])
@pytest.mark.parametrize("name", ["customer-gateway-modify", "member-role", "columns-choose", "resource-tags"])
def test_a_forged_value_of_what_was_shown_is_none(console, estate, name, shown):
    url = address(name, estate)
    values = main_form(console.get(url).content.decode())
    answer = console.post(url, values | {"shown": shown, "revision": "0"})
    assert answer.status_code in (200, 302)
