"""The access matrix: every role requests every address of the site, and one table has the expected answers."""

import inspect
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from connections import services
from connections.console.access import right_of
from connections.domain import refusals, roles
from connections.domain.choices import Role
from connections.domain.refusals import Refused
from connections.domain.roles import Right
from connections.models import Event, User
from connections.services.operations import Actor, operation
from tests.addresses import HARMLESS, NAMES, addresses, arguments_of
from tests.console.conftest import htmx, signed_in
from vpnconsole.testing import factories

LOOK, WRITE, KEYS, MANAGE, PEER = "look", Right.WRITE, Right.SEE_KEYS, Right.MANAGE, Right.PEER_CONFIG
# Open: everybody. Own: every member, about themselves. None: the method is not allowed.
OPEN, OWN = "open", "own"


@dataclass(frozen=True)
class Row:
    """The rights that GET and POST of an address require."""

    get: object = None
    post: object = None


DEVICE_ACTIONS = ("load", "take", "on", "off", "restart", "cut", "restore", "send", "stop", "reset")
PAGE, FORM, FIELDS, CONFIRM = Row(LOOK), Row(WRITE, WRITE), Row(None, WRITE), Row(WRITE, WRITE)

# The access matrix. A new address needs a row here; `connections.domain.roles` declares the rights of members.
MATRIX = {
    "account-settings": FORM,
    "access-key-create": Row(Right.MANAGE, Right.MANAGE),
    "access-key-delete": Row(Right.MANAGE, Right.MANAGE),
    "access-key-list": PAGE,
    "access-key-status": Row(None, Right.MANAGE),
    "api": PAGE,
    "attachment-code": PAGE,
    "attachment-choices": Row(WRITE),
    "attachment-create": FORM,
    "attachment-delete": CONFIRM,
    "attachment-detail": PAGE,
    "attachment-fields": FIELDS,
    "attachment-modify": FORM,
    "attachment-tables": FORM,
    "authorization-create": FORM,
    "authorization-delete": CONFIRM,
    "authorization-payer": FORM,
    "cen-code": PAGE,
    "cen-create": FORM,
    "cen-delete": CONFIRM,
    "cen-detail": PAGE,
    "cen-export": PAGE,
    "cen-filter-create": Row(LOOK, OWN),
    "cen-filters": Row(LOOK, OWN),
    "cen-list": PAGE,
    "cen-modify": FORM,
    "cen-status": PAGE,
    "columns-choose": Row(LOOK, OWN),
    "connection-attach": Row(WRITE),
    "connection-authorizations": PAGE,
    "connection-bgp-routes": PAGE,
    "connection-code": PAGE,
    "connection-create": FORM,
    "connection-create-code": FIELDS,
    "connection-delete": CONFIRM,
    "connection-detail": PAGE,
    "connection-detach": CONFIRM,
    "connection-diagnosis": PAGE,
    "connection-events": PAGE,
    "connection-export": PAGE,
    "connection-fields": FIELDS,
    "connection-filter-create": Row(LOOK, OWN),
    "connection-filters": Row(LOOK, OWN),
    "connection-header": PAGE,
    "connection-list": PAGE,
    "connection-logs": PAGE,
    "connection-logs-export": PAGE,
    "connection-logs-new": PAGE,
    "connection-menu": PAGE,
    "connection-modify": FORM,
    "connection-modify-fields": FIELDS,
    "connection-monitoring": PAGE,
    "connection-peer-config": Row(PEER),
    "connection-peer-config-download": Row(None, PEER),
    "connection-peer-config-text": Row(PEER),
    "connection-psk": Row(KEYS),
    "connection-routes": PAGE,
    "connection-row": PAGE,
    "connection-steps-dismiss": Row(None, OWN),
    "connection-tags": PAGE,
    "connection-topology": PAGE,
    "connection-tunnels": PAGE,
    "connections-delete": CONFIRM,
    "connections-tags": FORM,
    "connections-peer-config": Row(PEER, PEER),
    "customer-gateway-code": PAGE,
    "customer-gateway-create": FORM,
    "customer-gateway-delete": CONFIRM,
    "customer-gateway-detail": PAGE,
    "customer-gateway-export": PAGE,
    "customer-gateway-filter-create": Row(LOOK, OWN),
    "customer-gateway-filters": Row(LOOK, OWN),
    "customer-gateway-key": Row(KEYS),
    "customer-gateway-list": PAGE,
    "customer-gateway-modify": FORM,
    "device-auth-key": Row(KEYS),
    "device-detail": PAGE,
    "device-modify": FORM,
    "device-modify-fields": FIELDS,
    "device-psk": Row(KEYS),
    "device-status": PAGE,
    **{f"device-{action}": FIELDS for action in DEVICE_ACTIONS},
    "event-code": PAGE,
    "event-export": PAGE,
    "event-filter-create": Row(LOOK, OWN),
    "event-filters": Row(LOOK, OWN),
    "event-list": PAGE,
    "home": PAGE,
    "login": Row(OPEN, OPEN),
    "login-as": Row(None, OPEN),
    "go-to": PAGE,
    "logout": Row(None, OWN),
    "member-active": Row(MANAGE, MANAGE),
    "member-create": Row(MANAGE, MANAGE),
    "member-list": Row(MANAGE),
    "member-role": Row(MANAGE, MANAGE),
    "member-sign-out": Row(MANAGE, MANAGE),
    "own-password": Row(LOOK, OWN),
    "own-sessions": Row(LOOK, OWN),
    "resource-tags": FORM,
    "resources": Row(LOOK, WRITE),
    "resources-export": Row(LOOK),
    "resources-progress": Row(LOOK),
    "resources-export-keys": Row(None, KEYS),
    "resource-group": FORM,
    "router-cidr-create": FORM,
    "router-cidr-delete": CONFIRM,
    "router-cidr-modify": FORM,
    "regions": PAGE,
    "route-create": FORM,
    "route-delete": CONFIRM,
    "route-table-code": PAGE,
    "route-table-create": FORM,
    "route-table-delete": CONFIRM,
    "route-table-detail": PAGE,
    "route-table-modify": FORM,
    "route-table-status": PAGE,
    "route-weight": FIELDS,
    "shortcuts": PAGE,
    "service-linked-role": PAGE,
    "session": PAGE,
    "set-language": Row(None, OPEN),
    "choices": PAGE,
    "tag-suggestions": PAGE,
    "transit-router-code": PAGE,
    "transit-router-connections": PAGE,
    "transit-router-create": FORM,
    "transit-router-delete": CONFIRM,
    "transit-router-detail": PAGE,
    "transit-router-events": PAGE,
    "transit-router-modify": FORM,
    "transit-router-routes": PAGE,
    "transit-router-status": PAGE,
    "transit-router-topology": PAGE,
    "tunnel-error": PAGE,
    "tunnel-modify": FORM,
    "tunnel-modify-fields": FIELDS,
}

# Query parameters that an address needs.
QUERIES = {"route-delete": "?destination=172.20.0.0/16"}
FIELD_NAMES = {"attachment-fields": "resource_owner", "device-modify-fields": "enable_bgp"}


def address(name, estate):
    values = estate | {"name": FIELD_NAMES.get(name, estate["name"])}
    return reverse(name, kwargs={argument: values[argument] for argument in arguments_of(name)}) + QUERIES.get(name, "")


def everything() -> dict[str, list]:
    """All rows by table, without events of refusals and times of signing in. Raw SQL: it is read after each request."""
    stored = {}
    for model in apps.get_app_config("connections").get_models():
        if model not in (Event, User):
            table, key = model._meta.db_table, model._meta.pk.column
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT * FROM {table} ORDER BY {key}")  # noqa: S608 - names of our own
                stored[table] = cursor.fetchall()
    return stored


def member(account, role) -> Client:
    return signed_in(factories.make_user(account, role, role=role))


def test_every_address_has_a_row():
    assert set(NAMES) == set(MATRIX), "Add a row to MATRIX for a new address, and mark its view with `needs`."


def test_no_address_is_without_a_name():
    """Except redirects to named addresses."""
    unnamed = {view.__name__ for _, name, view in addresses() if not name}
    assert unnamed <= {"in_region"}


def ask(client, method, name, estate):
    return getattr(client, method)(address(name, estate))


CELLS = [
    (name, method, getattr(row, method))
    for name, row in MATRIX.items()
    for method in ("get", "post")
    # POST to / is a request to the API: tests/api/test_door.py.
    if (name, method) != ("home", "post")
]


def test_strangers(client, estate):
    before = everything()
    for name, method, what in CELLS:
        answer = ask(client, method, name, estate)
        if what == OPEN:
            assert answer.status_code in (200, 404) or answer.url == "/", (name, method)
        elif OPEN in (MATRIX[name].get, MATRIX[name].post):
            assert answer.status_code == 405, (name, method)
        else:
            assert answer.status_code == 302, (name, method)
            assert answer.url.startswith("/login/"), (name, method)
        assert everything() == before, (name, method)


def test_another_account(bob, estate):
    own = [value for key, value in estate.items() if key not in HARMLESS]
    before = everything()
    for name, method, what in CELLS:
        # Some addresses end every session of their user.
        bob.refresh_from_db()
        answer = ask(signed_in(bob), method, name, estate)
        if what is None:
            assert answer.status_code == 405, (name, method)
        elif arguments_of(name) - HARMLESS:
            assert answer.status_code == 404, (name, method)
        if what != OPEN and method == "get":
            # The menu of personas repeats the address of the page.
            text = answer.getvalue().decode().replace(address(name, estate).partition("?")[0], "")
            assert not [value for value in own if value in text], (name, method)
        assert everything() == before, (name, method)


def allowed(what, role) -> bool:
    return what in (LOOK, OPEN, OWN) or roles.may(role, what)


def check_member(answer, name, what, role) -> None:
    if what is None:
        # Members without the right to write get 403 before 405.
        row = MATRIX[name]
        told = role == Role.READ_ONLY or not all(allowed(cell, role) for cell in (row.get, row.post) if cell)
        assert answer.status_code == 405 or (answer.status_code == 403 and told), (name, answer)
    elif allowed(what, role):
        assert answer.status_code in (200, 204, 302) or (answer.status_code == 404 and what == OPEN), (name, answer)
    else:
        assert answer.status_code == 403, (name, answer)
        assert "Your role is" in answer.getvalue().decode(), name


@pytest.mark.parametrize("role", Role)
def test_a_member_looks_and_is_refused(role, alice, estate):
    client = member(alice.account, role)
    before = everything()
    for name, method, what in CELLS:
        if method == "get" or not allowed(what, role):
            check_member(ask(client, method, name, estate), name, what, role)
            assert everything() == before, (name, method)


WRITING = [(name, what) for name, method, what in CELLS if method == "post" and what is not None]


@pytest.mark.parametrize(
    ("role", "name", "what"), [(role, name, what) for role in Role for name, what in WRITING if allowed(what, role)]
)
def test_a_member_writes(role, name, what, alice, estate):
    check_member(ask(member(alice.account, role), "post", name, estate), name, what, role)


def links(page: str, html: str) -> set[tuple[str, str]]:
    """Every address to which a page leads, with its method: links, htmx requests, forms."""
    found = {("GET", url) for url in re.findall(r'(?:href|hx-get)="([^"]*)"', html)}
    found |= {("POST", url) for url in re.findall(r'hx-post="([^"]*)"', html)}
    for tag in re.findall(r"<form[^>]*>", html):
        method = "POST" if 'method="post"' in tag else "GET"
        if action := re.search(r'action="([^"]*)"', tag):
            found.add((method, action[1]))
    whole = ((method, urljoin(page, url)) for method, url in found if not url.startswith("#"))
    return {(method, url.split("?")[0].split("#")[0]) for method, url in whole if url.startswith("/")}


def dead_ends(client, role, estate) -> set[tuple[str, str]]:
    """Links on a member's pages that the member's role may not use."""
    found = set()
    for name, row in MATRIX.items():
        if row.get is None or not allowed(row.get, role):
            continue
        page = address(name, estate)
        for method, url in links(page, client.get(page).getvalue().decode()):
            try:
                view = resolve(url).func
            except Resolver404:
                # Static files have no view.
                continue
            right = right_of(view, method)
            if right is not None and not roles.may(role, right):
                found.add((name, url))
    return found


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.OPERATOR])
def test_pages_offer_nothing_that_would_be_refused(role, alice, estate):
    assert dead_ends(member(alice.account, role), role, estate) == set()


def test_empty_lists_offer_nothing_that_would_be_refused(alice):
    client = member(alice.account, Role.READ_ONLY)
    for address in (f"/{factories.REGION}/connections/", f"/{factories.REGION}/customer-gateways/", "/cens/"):
        found = links(address, client.get(address).getvalue().decode())
        assert ("GET", address) in found
        for method, url in found:
            if not url.startswith("/static/"):
                assert right_of(resolve(url).func, method) is None, url


def test_a_refused_fragment_is_refused_as_well(alice, estate):
    answer = member(alice.account, Role.READ_ONLY).get(address("cen-delete", estate), headers=htmx())
    assert answer.status_code == 403


# --- the services ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize("role", Role)
def test_an_operation_asks_for_its_right(role, right):
    account = factories.make_account()
    ran = []

    def run():
        with operation(Actor(account, "x", role=role), "DeleteVpnAttachment", right=right):
            ran.append(True)

    if roles.may(role, right):
        run()
        assert ran
        assert Event.objects.get().outcome == "success"
        return
    with pytest.raises(Refused) as caught:
        run()
    assert not ran
    assert caught.value.message == refusals.FORBIDDEN[right].sentence.filled(role=role)
    event = Event.objects.get()
    assert (event.outcome, event.code) == ("refused", "forbidden")


def test_every_service_of_an_actor_is_an_operation():
    """Every service that writes checks the right of its actor."""
    folder = Path(services.__path__[0])
    found = 0
    for path in folder.glob("*.py"):
        module = __import__(f"connections.services.{path.stem}", fromlist=["x"])
        for name, function in inspect.getmembers(module, inspect.isfunction):
            parameters = list(inspect.signature(function).parameters)
            if name.startswith("_") or function.__module__ != module.__name__ or parameters[:1] != ["actor"]:
                continue
            if name in (
                "operation",
                "hold",
                "ask_again",
                "submission_of",
                "import_text",
                "turn_away",
                "hold_attachment",
            ):
                continue
            # A part of services, and a service that runs others.
            if name in ("hold_attachment", "change_links", "peer_configuration", "peer_listing", "peer_archive"):
                continue
            source = inspect.getsource(function)
            if shared := re.search(r"(?:with|return) (_operation|_holding|_modify)\(", source):
                source = inspect.getsource(vars(module)[shared[1]])
            assert re.search(r"with (operation|handing_out)\(", source), function
            found += 1
    assert found > 10


def test_peer_configurations_for_read_only_members_are_a_setting(settings):
    assert not roles.may(Role.READ_ONLY, Right.PEER_CONFIG)
    settings.READ_ONLY_PEER_CONFIG = True
    assert roles.may(Role.READ_ONLY, Right.PEER_CONFIG)
    assert not roles.may(Role.READ_ONLY, Right.SEE_KEYS)
