"""The event log: sentences by day, presets, and what a search finds."""

import re
from datetime import timedelta

import pytest

from connections import clock as clocks
from connections.domain.choices import Outcome, Role
from connections.models import Event
from connections.wire.operations import Operation
from vpnconsole.testing import factories

EVENTS = "/events/"
DAY = timedelta(days=1)


@pytest.fixture
def estate(clock, alice, gateway):
    """Three events: Omar changes the key of a connection yesterday and is refused today; Alice changes a gateway."""
    factories.make_user(alice.account, "omar", first_name="Omar", last_name="Haddad", role=Role.OPERATOR)
    connection = factories.make_connection(alice.account, gateway=gateway, name="rotterdam-terminal")
    changed, deleted = Operation.MODIFY_VPN_ATTACHMENT_ATTRIBUTE, Operation.DELETE_VPN_ATTACHMENT
    gateway_changed = Operation.MODIFY_CUSTOMER_GATEWAY_ATTRIBUTE
    about = connection.resource_id
    for number, (actor, operation, resource, ago, outcome, facts) in enumerate(
        (
            ("omar", changed, about, DAY, Outcome.SUCCESS, {"psk": "changed"}),
            ("alice", gateway_changed, gateway.resource_id, DAY / 24, Outcome.SUCCESS, {"name": ["a", "b"]}),
            ("omar", deleted, about, DAY / 48, Outcome.REFUSED, {}),
        )
    ):
        Event(
            account=alice.account,
            request_id=f"REQUEST-{number}",
            at=clocks.now() - ago,
            actor=actor,
            operation=operation,
            resource_id=resource,
            outcome=outcome,
            facts=facts,
        ).save()
    return connection


def numbers(console, query: str) -> set[int]:
    """The numbers of the events that a search finds."""
    page = console.get(f"{EVENTS}?{query}").content.decode()
    return {int(number) for number in re.findall(r'data-testid="event-REQUEST-(\d)"', page)}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("rotterdam", {0, 2}),
        ("omar", {0, 2}),
        ("Haddad", {0, 2}),
        ("psk", {0}),
        ("pre-shared", {0}),
        ("REQUEST-1", {1}),
        ("request-1", {1}),
        ("DeleteVpn", {2}),
        ("deleted connection", {2}),
        ("nothing like it", set()),
        ("om", set()),
    ],
)
def test_a_search_finds_names_people_fields_and_operations(console, estate, asked, found):
    assert numbers(console, f"q={asked}") == found


def test_a_search_by_id_finds_what_is_about_it(console, estate):
    assert numbers(console, f"q={estate.resource_id}") == {0, 2}


@pytest.mark.parametrize(("preset", "found"), [("all", {0, 1, 2}), ("today", {1, 2}), ("yesterday", {0})])
def test_a_preset_shows_its_days_and_is_marked(console, estate, preset, found):
    page = console.get(EVENTS).content.decode()
    query = re.search(rf'data-testid="days-{preset}" href="{EVENTS}\??([^"]*)"', page)[1].replace("&amp;", "&")
    assert numbers(console, query) == found
    marked = re.findall(
        r'data-testid="days-(\w+)"[^>]* aria-current', console.get(f"{EVENTS}?{query}").content.decode()
    )
    assert marked == [preset]


def test_each_day_has_one_heading(console, estate):
    page = console.get(f"{EVENTS}?q=omar").content.decode()
    assert re.findall(r'<tr class="day"[^>]*><th[^>]*>([^<]*)<', page) == [
        "Today · Nov 24, 2026",
        "Yesterday · Nov 23, 2026",
    ]


def test_a_row_is_a_sentence_with_links_and_the_rest_is_folded(console, estate):
    page = console.get(f"{EVENTS}?q=psk").content.decode()
    row = page.split('data-testid="event-REQUEST-0"')[1].split(">", 1)[1].split("</tr>")[0]
    sentence, folded = row.split("<details", 1)
    assert "<strong>Omar Haddad</strong> changed Pre-Shared Key of" in sentence
    assert f'href="{estate.get_absolute_url()}">rotterdam-terminal</a>' in sentence
    assert "ModifyVpnAttachmentAttribute" not in sentence
    for told in ("ModifyVpnAttachmentAttribute", "REQUEST-0", estate.resource_id, "<dt>Pre-Shared Key</dt>"):
        assert told in folded


def test_in_chinese_a_search_reads_chinese_words(console, estate):
    console.cookies["django_language"] = "zh-hans"
    assert numbers(console, "q=预共享密钥") == {0}
