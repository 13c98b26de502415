"""A form that is submitted twice does its work once."""

from functools import partial

import pytest
from django.urls import reverse

from connections.domain.choices import Role
from connections.models import Cen, Connection, CustomerGateway, Event, Submission
from tests.console.conftest import htmx, signed_in
from vpnconsole.testing import factories
from vpnconsole.testing.pages import main_form
from vpnconsole.testing.together import at_once

CREATE = reverse("connection-create", args=[factories.REGION])
GATEWAY = reverse("customer-gateway-create", args=[factories.REGION])


def filled(console, page, **changed) -> dict:
    return main_form(console.get(page).content.decode()) | {name: [value] for name, value in changed.items()}


@pytest.fixture
def connection(console, gateway):
    return filled(console, CREATE, name="once", **{"tunnel1-customer_gateway": gateway.resource_id})


def test_the_same_form_twice_makes_one_connection(console, connection):
    assert console.post(CREATE, connection).status_code == 302
    again = console.post(CREATE, connection, follow=True)
    assert "not done twice" in again.content.decode()
    made = Connection.objects.get()
    assert again.redirect_chain[0][0] == made.get_absolute_url()
    assert Event.objects.filter(operation="CreateVpnAttachment").count() == 1


def test_a_changed_form_means_something_new(console, connection):
    console.post(CREATE, connection)
    assert console.post(CREATE, connection | {"name": ["another"]}).status_code == 302
    assert Connection.objects.count() == 2


def test_two_fresh_forms_make_two(console, gateway):
    for _ in range(2):
        page = filled(console, CREATE, name="same", **{"tunnel1-customer_gateway": gateway.resource_id})
        assert console.post(CREATE, page).status_code == 302
    assert Connection.objects.count() == 2


def test_a_form_that_was_refused_can_be_sent_again(console, connection, gateway):
    broken = connection | {"name": ["http://x"]}
    assert console.post(CREATE, broken).status_code == 200
    assert not Submission.objects.exists()
    assert console.post(CREATE, connection).status_code == 302


def test_another_accounts_token_is_its_own(console, bobs, alice, bob):
    page = filled(console, "/cens/create/", name="mine")
    theirs = page | {"resource_group": [bob.account.default_resource_group.resource_id]}
    assert console.post("/cens/create/", page).status_code == 302
    assert bobs.post("/cens/create/", theirs).status_code == 302
    assert Cen.objects.of(bob.account).count() == 1


def test_another_members_token_is_their_own(console, alice):
    """Users never get the result of another user's form, even in the same account."""
    page = filled(console, "/cens/create/", name="mine")
    assert console.post("/cens/create/", page).status_code == 302
    others = {role: signed_in(factories.make_user(alice.account, role, role=role)) for role in Role.values}
    answers = {role: client.post("/cens/create/", page, follow=True) for role, client in others.items()}
    assert {role: answer.status_code for role, answer in answers.items()} == {
        Role.ADMINISTRATOR: 200,
        Role.OPERATOR: 200,
        Role.READ_ONLY: 403,
    }
    assert not any("not done twice" in answer.content.decode() for answer in answers.values())
    assert Cen.objects.count() == 3


def test_a_dialog_that_is_sent_twice_tells_the_form_behind_it_twice(console, alice):
    form = filled(console, GATEWAY, name="g", ip_address="203.0.113.5")
    first, second = (console.post(GATEWAY, form, headers=htmx()) for _ in range(2))
    assert first.status_code == second.status_code == 204
    assert first.headers["HX-Trigger"] == second.headers["HX-Trigger"]
    assert CustomerGateway.objects.count() == 1


def test_what_is_remembered_is_no_key_and_not_forever(console, alice, clock):
    form = filled(console, GATEWAY, name="g", ip_address="203.0.113.5", auth_key="planted-key")
    console.post(GATEWAY, form)
    assert "planted" not in str(list(Submission.objects.values()))
    clock.tick(25 * 3600)
    console.post("/cens/create/", filled(console, "/cens/create/", name="later"))
    assert Submission.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one(alice, gateway):
    console = signed_in(alice)
    form = filled(console, CREATE, name="once", **{"tunnel1-customer_gateway": gateway.resource_id})
    clients = [signed_in(alice) for _ in range(4)]

    def click(client):
        return client.post(CREATE, form).status_code

    assert at_once(*(partial(click, client) for client in clients)) == [302] * len(clients)
    assert Connection.objects.count() == 1
