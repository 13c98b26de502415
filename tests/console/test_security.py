"""Attacks by anonymous and signed-in users. docs/security.md names these tests."""

import ast
import csv
import io
import json

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from connections.console.export import harmless
from connections.models import ApiCall, Cen, Connection, CustomerGateway, Event, ResourceGroup, Route, SavedFilter
from dev import ROOT
from tests.addresses import addresses
from tests.console.conftest import htmx
from tests.console.test_access import MATRIX, address
from vpnconsole.testing import factories

ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"


# --- forged requests ---------------------------------------------------------------------------------------------


def test_no_post_is_done_without_the_token(alice, estate):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    before = Event.objects.count()
    for name, row in MATRIX.items():
        if row.post is None:
            continue
        assert strict.post(address(name, estate), {}).status_code == 403, name
        fragment = strict.post(address(name, estate), {}, headers=htmx())
        assert fragment.headers.get("HX-Refresh") == "true" or fragment.status_code == 403, name
        assert Event.objects.count() == before, name


def test_only_the_signed_door_does_without_the_token():
    """API requests are signed, and browsers cannot sign."""
    exempt = {view.__module__ for _, _, view in addresses() if getattr(view, "csrf_exempt", False)}
    assert {module for module in exempt if not module.startswith("connections.api")} == set()


# --- users' texts ------------------------------------------------------------------------------------------------


def test_text_of_people_is_text_on_every_page(console, alice, estate):
    """In every column of free text, written past all rules."""
    short = ATTACK[:60]
    for model in (CustomerGateway, Cen, Connection):
        columns = {column.name for column in model._meta.fields} & {"name", "description"}
        model.objects.update(**dict.fromkeys(columns, ATTACK))
    connection = Connection.objects.get()
    connection.attachment.name = ATTACK
    connection.attachment.save()
    connection.attachment.transit_router.name = connection.attachment.transit_router.description = ATTACK
    connection.attachment.transit_router.save()
    connection.tunnels.update(local_id=ATTACK, remote_id=ATTACK)
    connection.tags.create(account=alice.account, key=short, value=ATTACK)
    Route.objects.update(description=ATTACK)
    Event.objects.bulk_create(
        [Event(account=alice.account, request_id="x" * 36, actor=ATTACK, operation=short, outcome="refused",
               resource_id=connection.resource_id, message=ATTACK, facts={"name": [ATTACK, ATTACK]})]
    )  # fmt: skip
    alice.first_name = alice.last_name = ATTACK
    alice.save()
    alice.account.name = ATTACK
    alice.account.save()
    ResourceGroup.objects.filter(account=alice.account, is_default=False).update(name=short)
    connection.authorizations.update(peer_cen_id=estate["peer_cen_id"], peer_uid="<script>alert(1)")
    # Rows that only some pages show.
    SavedFilter.objects.create(user=alice, page="connection-list", name=ATTACK[:40], query="q=%3Cscript%3Ealert(1)")
    ApiCall.objects.create(
        account=alice.account, access_key_id=estate["key_id"], request_id="y" * 36, operation=ATTACK[:50],
        version="<b>", parameters={ATTACK: ATTACK}, status=400, code=ATTACK, message=ATTACK, milliseconds=1,
    )  # fmt: skip
    seen = 0
    for name, row in MATRIX.items():
        if row.get is None:
            continue
        answer = console.get(address(name, estate))
        if "text/html" not in answer.headers.get("Content-Type", "") or answer.streaming:
            continue
        html = answer.content.decode()
        assert "<script>alert" not in html, name
        assert "<img src=x" not in html, name
        assert "\"'><img" not in html, name
        seen += "&lt;script&gt;" in html
    assert seen > 20


def test_what_an_imported_file_says_is_text_where_its_faults_are_told(console):
    """As a field's name, as a value, as an ID, and in a malformed document."""
    head = {"format": "vpn-console/resources", "version": 1}
    for wrong in (
        {ATTACK: 1},
        {"connections": [{ATTACK: ATTACK, "id": ATTACK, "region": ATTACK}]},
        {"customer_gateways": [{"id": ATTACK, "region": factories.REGION, "ip_address": ATTACK, "name": ATTACK}]},
        {"connections": [{"region": factories.REGION, "tunnels": [{"customer_gateway": ATTACK}]}]},
    ):
        html = console.post("/resources/", {"text": json.dumps(head | wrong)}).content.decode()
        assert "&lt;script&gt;" in html
        assert "<script>alert" not in html
        assert "<img src=x" not in html
    html = console.post("/resources/", {"text": f"a: [{ATTACK}"}).content.decode()
    assert "<script>alert" not in html


def test_what_was_imported_is_text_on_every_page(console, alice, estate):
    """Imported from a file, through the rules, and shown on pages."""
    document = {
        "format": "vpn-console/resources", "version": 1,
        "customer_gateways": [{"id": "g", "region": factories.REGION, "ip_address": "203.0.113.9", "name": ATTACK,
                               "description": ATTACK}],
        "cens": [{"id": "c", "name": ATTACK, "description": ATTACK, "resource_group": "<script>alert(1)</script>"}],
        "connections": [{"region": factories.REGION, "name": ATTACK, "tunnels": [{"customer_gateway": "g"}]}],
    }  # fmt: skip
    console.post("/resources/", {"text": json.dumps(document)})
    assert CustomerGateway.objects.filter(name=ATTACK).exists()
    assert Connection.objects.filter(name=ATTACK).exists()
    seen = 0
    for name, row in MATRIX.items():
        if row.get is None:
            continue
        answer = console.get(address(name, estate))
        if "text/html" in answer.headers.get("Content-Type", "") and not answer.streaming:
            html = answer.content.decode()
            assert "<script>alert" not in html, name
            assert "<img src=x" not in html, name
            seen += "&lt;script&gt;" in html
    assert seen > 5


# Files that are no tables.
NO_TABLES = {"connection-logs-export", "resources-export", "resources-export-keys"}
EXPORTS = {name for name in MATRIX if "export" in name} - NO_TABLES


@pytest.mark.parametrize("formula", ["=HYPERLINK(1)", "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", " =1", "＝1"])
def test_no_file_for_spreadsheets_begins_a_formula(console, alice, estate, formula):
    for model in (CustomerGateway, Cen, Connection):
        columns = {column.name for column in model._meta.fields} & {"name", "description"}
        model.objects.update(**dict.fromkeys(columns, formula))
    Event.objects.update(actor=formula, message=formula, operation=formula)
    for name in EXPORTS:
        text = b"".join(console.get(address(name, estate)).streaming_content)
        cells = [cell for line in csv.reader(io.StringIO(text.decode("utf-8-sig"))) for cell in line]
        # Names and descriptions are stored without blanks around them.
        expected = {harmless(text) for text in (formula, formula.strip())}
        assert expected & set(cells), name
        assert formula not in expected
        # A lone dash means no value.
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r")) and cell != "-"]


def test_no_other_page_is_a_file_for_spreadsheets(console, estate):
    readable = [name for name, row in MATRIX.items() if row.get is not None]
    types = {name: console.get(address(name, estate)).headers.get("Content-Type", "") for name in readable}
    assert {name for name in readable if "text/csv" in types[name]} == EXPORTS


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("hq", "hq"),
        ("a-b", "a-b"),
        ("10.0.0.0/8; 10.1.0.0/16", "10.0.0.0/8; 10.1.0.0/16"),
        ("=1", "'=1"),
        ("x;=1", "x;'=1"),
        ("x; =1;+2", "x;' =1;'+2"),
        ("x\n=1", "x\n'=1"),
        ("x,=1", "x,=1"),
    ],
)
def test_a_cell_begins_no_formula_wherever_a_spreadsheet_parts_it(text, cell):
    """The CSV writer quotes cells that contain commas."""
    assert harmless(text) == cell


@pytest.mark.parametrize(
    "elsewhere", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"]
)
def test_no_way_back_leads_elsewhere(console, alice, estate, elsewhere):
    """Everywhere a request contains an address to redirect to."""
    own = Connection.objects.get().get_absolute_url()
    tags = reverse("resource-tags", args=[estate["connection_id"]])
    first, second = ({"tag_key": "a", "tag_value": "b", "revision": revision} for revision in (1, 2))
    assert console.post(tags, first | {"next": elsewhere}).url == own
    fragment = console.post(tags, second, headers=htmx() | {"HX-Current-URL": elsewhere})
    assert fragment.headers["HX-Redirect"] == own
    assert console.post("/language/", {"language": "en", "next": elsewhere}).url == "/"
    assert console.post("/language/", {"language": "en"}, headers={"Referer": elsewhere}).url == "/"
    assert console.post("/demo/login-as/", {"username": "alice", "next": elsewhere}).url == "/"
    right = {"username": "alice", "password": factories.PASSWORD}
    assert Client().post("/login/", right | {"next": elsewhere}).url == "/"
    assert Client().post(f"/login/?next={elsewhere}", right).url == "/"


@pytest.mark.parametrize("nonsense", ["NaN", "home", "connections.console.views", "?x", "#x", "x y"])
def test_a_way_back_that_is_no_path_is_passed_over(console, alice, estate, nonsense):
    """Django's redirect() would take a word for the name of a view, and fail."""
    tags = reverse("resource-tags", args=[estate["connection_id"]])
    back = console.post(tags, {"next": nonsense, "tag_key": "a", "tag_value": "b", "revision": 1})
    assert back.url == Connection.objects.get().get_absolute_url()
    assert console.post("/demo/login-as/", {"username": "alice", "next": nonsense}).url == "/"
    assert (
        Client().post("/login/", {"username": "alice", "password": factories.PASSWORD, "next": nonsense}).status_code
        == 302
    )


@pytest.mark.parametrize(
    "path", ["/eu-central-1/connections/vco-%00/", "/cens/%00/", "/tags/vco-%00/", "/members/%00/role/"]
)
def test_an_address_with_a_zero_character_is_refused(console, path):
    """PostgreSQL refuses NUL characters, and would fail where SQLite finds nothing."""
    assert console.get(path).status_code == 400


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("login-as", {"username": "a\0"}),
        ("login", {"username": "a\0", "password": "x\0"}),
        ("route-weight", {"destination": "\0", "weight": "0"}),
        ("connections-delete", {"id": ["vco-\0"]}),
        ("cen-create", {"name": "\0", "resource_group": "\0", "tag_key": "\0", "tag_value": "\0"}),
        ("connection-create", {"cen": "\0", "transit_router": "\0", "tunnel1-customer_gateway": "\0", "name": "\0"}),
        ("attachment-create", {"resource_owner": "other", "owner_uid": "\0", "connection": "\0"}),
        ("resources", {"text": "a: \0"}),
    ],
)
def test_a_zero_character_in_a_form_is_an_answer_like_any_other(name, data, console, client, estate):
    asking = client if name == "login" else console
    assert asking.post(address(name, estate), data).status_code < 500


def test_so_it_is_in_a_query(console, estate):
    names = "q sort page size after before region next id format destination columns state gateway cen tag operation"
    query = "&".join(f"{word}=%00" for word in names.split())
    for name, row in MATRIX.items():
        if row.get is not None:
            assert console.get(f"{address(name, estate).split('?')[0]}?{query}").status_code < 500, name


@pytest.mark.parametrize("page", ["http://[", "http://testserver/[", "http%3A%2F%2F%5B", "//[::1/", "http://[::x]/"])
@pytest.mark.parametrize("name", ["connection-row", "resource-tags", "connection-list", "login", "home"])
def test_a_page_that_htmx_cannot_come_from_is_an_answer_like_any_other(name, page, console, client, estate):
    for asking in (console, client):
        for more in ({}, {"HX-Current-URL-URI-AutoEncoded": "true"}):
            answer = asking.get(address(name, estate), headers={"HX-Request": "true", "HX-Current-URL": page} | more)
            assert answer.status_code < 500


# --- what the server does ----------------------------------------------------------------------------------------

# Libraries by which a server could be made to send requests.
MEANS = ("requests", "httpx", "urllib.request", "urllib3", "http.client", "aiohttp", "socket", "ftplib", "smtplib",
         "xmlrpc", "subprocess")  # fmt: skip


def test_nothing_here_fetches():
    found = []
    # The command line starts processes, probes a port and installs packages; requests cannot reach it.
    commands = {ROOT / "vpnconsole" / name for name in ("cli.py", "apt.py", "presenting.py", "testing_server.py")}
    places = ("connections/**/*.py", "vpnconsole/*.py", "vpnconsole/kit/**/*.py")
    files = {path for place in places for path in ROOT.glob(place)} - commands
    assert len(files) > 50
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                # A constant sends no request.
                able = [alias.name for alias in node.names if not alias.name.isupper()]
                names = [node.module or "", *(f"{node.module}.{name}" for name in able)] if able else []
            found += [(path.name, name) for name in names if name in MEANS or name.split(".")[0] in MEANS]
    # The kit makes templates of worlds in a process of its own, and cuts a client's connection.
    assert sorted(found) == [("effects.py", "socket"), ("world_templates.py", "subprocess")]


def test_a_body_that_is_too_large_is_refused_clearly(console, client):
    for asking in (console, client):
        answer = asking.post("/cens/create/", "x" * 10, content_type="text/plain",
                             headers={"Content-Length": str(settings.MAX_BODY + 1)})  # fmt: skip
        assert answer.status_code == 413
        assert b"Upload too large" in answer.content
    answer = console.post(reverse("cen-create"), {"name": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)})
    assert answer.status_code == 413
    answer = console.post(reverse("cen-create"), {f"f{number}": "x" for number in range(1001)})
    assert answer.status_code == 413
    assert not Cen.objects.of(factories.Account.objects.first()).filter(name__startswith="x").exists()


@pytest.mark.parametrize("length", ["-1", "x", "1e9", "٣", "²", "9" * 5000])
def test_a_length_that_is_none_is_refused(client, db, length):
    assert client.get("/login/", CONTENT_LENGTH=length).status_code in (400, 413)


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-Proto": "https"}, {"X-Forwarded-For": "127.0.0.1"}], ids=str)
def test_behind_a_proxy_the_numbers_take_the_token(client, settings, headers):
    """All requests come from the proxy's address, and some proxies don't forward the client's."""
    settings.BEHIND_PROXY = True
    assert client.get("/metrics", headers=headers).status_code == 403
    settings.METRICS_TOKEN = "let-me-see"
    assert client.get("/metrics", headers=headers).status_code == 401
    assert client.get("/metrics", headers=headers | {"Authorization": "Bearer let-me-see"}).status_code == 200


@pytest.mark.parametrize(
    ("host", "secure", "is_trusted"),
    [
        ("localhost:8000", False, True),
        ("console.localhost", False, True),
        ("127.0.0.1:8000", False, True),
        ("[::1]:8000", False, True),
        ("console.example", True, True),
        ("console.example", False, False),
        ("localhost.example", False, False),
        ("192.0.2.7", False, False),
    ],
)
def test_headers_that_browsers_complain_about_are_sent_where_they_count(client, host, secure, is_trusted):
    """Browsers ignore them over plain HTTP, with an error in their console, except on their own machine."""
    headers = client.get("/livez", headers={"host": host}, secure=secure).headers
    assert ("Cross-Origin-Opener-Policy" in headers) == is_trusted
    assert ("Strict-Transport-Security" in headers) <= secure
    assert "upgrade-insecure-requests" not in headers["Content-Security-Policy"]
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
