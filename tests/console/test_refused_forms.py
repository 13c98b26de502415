"""No page is the answer to a POST: back and reload work, and keep what was typed."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from connections import clock
from connections.models import Connection, Tunnel
from vpnconsole.testing import factories
from vpnconsole.testing.pages import main_form

CREATE = reverse("connection-create", args=[factories.REGION])
SCRIPTS = {"HX-Request": "false", "HX-Current-URL": f"http://testserver{CREATE}"}
WRONG = {"name": "http://typed", "tunnel1-psk": "s3cret-and-typed", "_plain": "1"}


def test_without_scripts_a_refused_form_is_shown_at_an_address_of_its_own(console, gateway):
    answer = console.post(CREATE, WRONG)
    assert answer.status_code == 302
    assert answer.url.startswith(f"{CREATE}?refused=")
    for _reload in range(2):
        html = console.get(answer.url).content.decode()
        assert "Nothing has been saved" in html
        assert 'value="http://typed"' in html
        assert 'name="_plain"' in html
    # Sealed, as it repeats the key.
    assert not any("s3cret" in str(row.get_decoded()) for row in Session.objects.all())
    for other in (f"{CREATE}?refused=nonsense", answer.url.replace("connections", "customer-gateways")):
        assert "http://typed" not in console.get(other).content.decode()
    assert "http://typed" not in console.get(answer.url, headers={"Accept-Language": "zh-hans"}).content.decode()


def test_without_scripts_the_last_refused_forms_are_kept(console, gateway):
    addresses = [console.post(CREATE, WRONG | {"name": f"http://typed-{number}"}).url for number in range(4)]
    kept = [f"http://typed-{number}" in console.get(one).content.decode() for number, one in enumerate(addresses)]
    assert kept == [False, True, True, True]


def test_scripts_get_the_answer_itself_and_follow_redirects_as_a_page(console, gateway):
    assert "Nothing has been saved" in console.post(CREATE, WRONG, headers=SCRIPTS).content.decode()
    made = console.post(
        reverse("customer-gateway-create", args=[factories.REGION]),
        {"ip_address": "203.0.113.9", "resource_group": gateway.resource_group.resource_id},
        headers=SCRIPTS,
    )
    assert made.headers["HX-Redirect"] == reverse("customer-gateway-list", args=[factories.REGION])
    console.logout()
    assert console.post(CREATE, WRONG, headers=SCRIPTS).headers["HX-Redirect"] == f"/login/?next={CREATE}"


def test_a_secret_that_is_shown_once_is_not_kept(console, alice):
    create = reverse("access-key-create")
    answer = console.post(create, main_form(console.get(create).content.decode()) | {"user": "alice", "_plain": "1"})
    assert answer.status_code == 200
    assert "refused" not in console.session


@pytest.fixture
def up(alice, gateway, settings):
    """A connection whose tunnel is up."""
    settings.TRANSITION_SECONDS = 0
    with clock.hold(clock.now() - timedelta(hours=1)):
        made = factories.make_connection(alice.account, gateway=gateway, name="up")
        factories.load_device(made)
    return Connection.objects.with_parts().get()


def test_saving_shows_once_that_it_interrupts_a_tunnel_that_is_up(console, up):
    modify = f"{up.get_absolute_url()}modify/"
    values = main_form(console.get(modify).content.decode())
    # What interrupts nothing is saved at once.
    answer = console.post(modify, values | {"name": "renamed"})
    assert answer.url == up.get_absolute_url()
    values = main_form(console.get(modify).content.decode()) | {"tunnel1-psk": "another-key"}
    for headers, extra in ((SCRIPTS, {}), ({}, {"_plain": "1"})):
        answer = console.post(modify, values | extra, headers=headers)
        if extra:
            # No page is the answer to a POST.
            assert answer.url.startswith(f"{modify}?refused=")
            answer = console.get(answer.url)
        html = answer.content.decode()
        assert "Saving interrupts a tunnel that is up" in html
        assert html.index("What will change") < html.index('data-testid="field-name"')
        assert html.count('id="changes"') == 1
        assert Tunnel.objects.get().psk != "another-key"
    reviewed = main_form(html)
    assert reviewed["tunnel1-psk"] == ["another-key"]
    assert console.post(modify, reviewed).url == up.get_absolute_url()
    assert Tunnel.objects.get().psk == "another-key"


def test_nothing_is_shown_again_while_the_tunnel_is_down(console, alice, gateway):
    down = factories.make_connection(alice.account, gateway=gateway)
    modify = f"{down.get_absolute_url()}modify/"
    values = main_form(console.get(modify).content.decode()) | {"tunnel1-psk": "another-key"}
    assert console.post(modify, values).url == down.get_absolute_url()
