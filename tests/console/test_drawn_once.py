"""Fields that look alike in every form are made and drawn once in a process, and nobody can tell."""

import re

import pytest
from django.urls import reverse
from django.utils.translation.trans_real import catalog

from connections.console.forms import kit
from connections.console.forms.connections import AttachmentPart, ConnectionPart, TagsPart, TunnelPart
from tests import factories
from tests.console.conftest import HTMX
from tests.console.test_connections import CREATE, asked
from tests.pages import main_form

PARTS = (ConnectionPart, AttachmentPart, TunnelPart, TagsPart)

# What somebody has done to the form: everything that may change how a field looks.
STATES = {
    "nothing": {},
    "choices": {"tunnel1-ike_enc_alg": "aes256", "tunnel1-ike_pfs": "group14", "effect_immediately": "False"},
    "groups": {"enable_bgp": "on", "health_check": "on", "routing_mode": "protected", "associate_resource": "CEN"},
    "nonsense": {"tunnel1-ike_enc_alg": "rot13", "network_type": "1", "local_asn": "x", "tunnel1-ike_lifetime": "-1"},
    "texts": {"name": "north", "tunnel1-psk": "s3cret", "tag_key": "env", "tag_value": "prod"},
    "weak": {"tunnel1-ike_version": "ikev1", "tunnel1-ike_mode": "aggressive", "tunnel1-ike_pfs": "group1"},
}


def content(answer) -> str:
    """What an answer says, without the frame around pages and what is new each time."""
    html = answer.content.decode().rpartition("<main")[2]
    return re.sub(r'name="(csrfmiddlewaretoken|_once)" value="[^"]*"', "", html)


@pytest.fixture
def pages(console, gateway, alice):
    """Every kind of page and answer that fields stand on, by what is asked for."""
    stored = factories.make_connection(alice.account, gateway=gateway, tunnel={"psk": "st0red"})
    modify = reverse("connection-modify", args=[stored.region_id, stored.resource_id])
    fresh = {address: main_form(console.get(address).content.decode()) for address in (CREATE, modify)}

    def ask(state: str) -> list[str]:
        answers = [console.get(CREATE), console.get(modify)]
        for address, values in fresh.items():
            typed = {name: value for name, value in (values | STATES[state]).items() if name != "_once"}
            answers.append(console.post(address, typed | {"_action": "update"}))
            answers.append(console.post(address, typed | {"name": "http://refused"}))
            for name in ("enable_bgp", "routing_mode", "tunnel1-ike_pfs"):
                answers.append(console.post(f"{address}fields/{name}/", typed, headers=HTMX))
        return list(map(content, answers))

    return ask


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("state", STATES)
def test_a_field_that_is_drawn_once_looks_as_if_it_were_drawn_each_time(state, language, pages, console, settings):
    console.cookies["django_language"] = language
    settings.DEBUG = True
    each_time = pages(state)
    settings.DEBUG = False
    kit._drawn.clear()
    first, again = pages(state), pages(state)
    assert kit._drawn
    assert first == each_time
    assert again == each_time


def test_what_is_typed_is_not_kept(pages):
    kit._drawn.clear()
    for state in STATES:
        pages(state)
    kept = repr(kit._drawn)
    assert "group14" in kept
    for typed in ("north", "s3cret", "st0red", "prod", "rot13"):
        assert typed not in kept
    assert len(kit._drawn) < 200


def test_there_is_an_end_to_what_is_kept(console, monkeypatch):
    kit._drawn.clear()
    monkeypatch.setattr(kit, "MOST_DRAWN", 10)
    console.get(CREATE)
    assert 0 < len(kit._drawn) <= 10


def looks(field) -> dict:
    """All that a field is."""
    widget = {**vars(field.widget), "choices": list(getattr(field.widget, "choices", ()))}
    return {**vars(field), "widget": widget, "error_messages": dict(field.error_messages)}


def test_no_form_changes_the_fields_that_all_forms_share(pages):
    shared = {
        (part, name): field for part in PARTS for name, field in part.base_fields.items() if part.shares(name)
    }  # fmt: skip
    before = {key: repr(looks(field)) for key, field in shared.items()}
    for state in STATES:
        pages(state)
    assert {key: repr(looks(field)) for key, field in shared.items()} == before


def test_accounts_and_regions_do_not_share_what_they_choose_from(console, bobs, gateway, router):
    assert gateway.resource_id in console.get(CREATE).content.decode()
    assert gateway.resource_id not in bobs.get(CREATE).content.decode()
    assert gateway.resource_id not in console.get(CREATE.replace("eu-central-1", "cn-hangzhou")).content.decode()
    answer = bobs.post(asked("associate_resource"), {"associate_resource": "CEN"}, headers=HTMX).content.decode()
    assert 'id="id_transit_router"' in answer
    assert router.cen.resource_id not in answer


def test_another_catalogue_has_drawings_of_its_own(console):
    console.get(CREATE)
    assert {key[0] for key in kit._drawn} >= {catalog()}


@pytest.mark.parametrize(
    ("asking", "most"),
    [("create", 6), ("modify", 8), ("swap", 4), ("refused", 9), ("attach", 8)],
)
def test_a_form_takes_few_queries(asking, most, console, alice, gateway, router, django_assert_max_num_queries):
    for number in range(4):
        factories.make_customer_gateway(alice.account, name=f"g{number}", ip_address=f"203.0.113.{20 + number}")
    stored = factories.make_connection(alice.account, gateway=gateway, tags=[("a", "b"), ("c", "d")])
    values = main_form(console.get(CREATE).content.decode())
    values |= {"tunnel1-customer_gateway": gateway.resource_id, "enable_bgp": "on"}
    ask = {
        "create": lambda: console.get(CREATE),
        "modify": lambda: console.get(reverse("connection-modify", args=[stored.region_id, stored.resource_id])),
        "swap": lambda: console.post(asked("enable_bgp"), values, headers=HTMX),
        "refused": lambda: console.post(CREATE, values | {"name": "http://refused"}),
        "attach": lambda: console.get(reverse("attachment-create", args=[router.cen.resource_id, router.resource_id])),
    }[asking]
    ask()
    with django_assert_max_num_queries(most):
        assert ask().status_code == 200
