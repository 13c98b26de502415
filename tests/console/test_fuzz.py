"""Thousands of malformed requests to every address: no response is a 500, and none contains a secret."""

import logging
import os
import random
import string
from copy import deepcopy
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from connections.documents import as_text, import_text
from connections.domain.choices import Role
from connections.models import AccessKey, Event, User
from dev import in_ci
from tests.addresses import addresses
from tests.console.conftest import signed_in
from vpnconsole.testing import factories
from vpnconsole.testing.pages import forms

# The full number in continuous integration, a smaller one elsewhere.
REQUESTS = 4_000 if in_ci() and "DATABASE_URL" not in os.environ else 2_000
SECRETS = ("planted.psk", "planted.bgp-key", "plantedAccessKeySecret")
# Pages that show keys to users with the right.
SHOWN = ("/psk/", "/key/", "/auth-key/", "/peer-config", "/resources/export/keys/")

# Numbers, and texts that look like numbers.
NUMBERS = ["1", "9" * 40, "9" * 5000, "٣", "²", "①"]
# Texts that often break forms: special characters, and very long ones.
NASTY = [
    "", " ", "\0", "\x1b[2J", "%00", "%s%s%n", "{{ 7*7 }}", "{% csrf_token %}", "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>", "' OR 1=1 --", "../../../etc/passwd", "..%2f", "javascript:alert(1)",
    "//elsewhere.example", "=HYPERLINK(1)", "-1", "0", "1e999", "NaN", *NUMBERS, "None", "null", "true", "[]",
    "{}", "\ud7ff", "\u202e", "é" * 200, "x" * 5000, "10.0.0.0/33", "0.0.0.0/0", "256.1.1.1", "::1", "on", "\r\nX: y",
    "🙂", "vco-", "cgw-" + "x" * 60, "2026-13-45", "zh-hans", "id,-id", "-" * 50,
]  # fmt: skip
# Actions of buttons without JavaScript, such as `remove:tag_key:2`.
VERBS = ["remove"] * 3 + ["add", "up", "down", "usual"]
COOKIES = ["django_language", "theme", "messages", "csrftoken", "sessionid", "x"]
METHODS = ["GET"] * 5 + ["POST"] * 5 + ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"]
TYPES = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", "text/plain",
         "multipart/form-data", "application/x-www-form-urlencoded; charset=utf-99", ";;;"]  # fmt: skip


class Fuzzer:
    """Random requests, reproducible from a seed."""

    def __init__(self, seed: str, known: dict[str, str], fields: list[str]):
        self.chance = random.Random(seed)  # noqa: S311 - the same every time
        self.known, self.fields = known, fields
        # First a valid GET and POST of every address, then random ones.
        self.walk = [(method, pattern) for method in ("GET", "POST") for pattern in PATHS]

    def text(self) -> str:
        kind = self.chance.random()
        if kind < 0.5:
            return self.chance.choice(NASTY)
        if kind < 0.75:
            return self.chance.choice(list(self.known.values()))
        return "".join(self.chance.choices(string.printable, k=self.chance.randrange(30)))

    def path(self, pattern: str, chance: float) -> str:
        """An address of the site with valid or other arguments."""
        parts = []
        for part in pattern.split("/"):
            if part.startswith("<"):
                name = part.strip("<>").partition(":")[2] or part.strip("<>")
                right = name in self.known and self.chance.random() < chance
                known = "resource_owner" if name == "name" and pattern.startswith("cens/") else self.known.get(name)
                known = "all" if part.startswith("<everywhere:") else known
                parts.append(known if right else quote(self.text()[:80], safe="") or "x")
            else:
                parts.append(part)
        return "/" + "/".join(parts)

    def query(self) -> str:
        names = ["q", "sort", "page", "size", "state", "tag", "after", "before", "region", "next", "id", "format",
                 "destination", "columns", "cursor", *self.fields[:10]]  # fmt: skip
        pairs = [(self.chance.choice(names), self.text()) for _ in range(self.chance.randrange(5))]
        return "&".join(f"{name}={quote(value[:300], safe='')}" for name, value in pairs)

    def data(self) -> dict:
        values = {}
        for _ in range(self.chance.randrange(12)):
            many = self.chance.random() < 0.2
            values[self.chance.choice(self.fields)] = [self.text() for _ in range(3)] if many else self.text()
        if self.chance.random() < 0.5:
            words = (self.chance.choice(some) for some in (VERBS, self.fields, NUMBERS))
            values["_action"] = ":".join(words)
        return values

    def headers(self) -> dict:
        made = {}
        for name in ("HX-Request", "HX-Current-URL", "HX-Target", "Referer", "Accept-Language", "Cookie", "Range",
                     "If-Modified-Since", "X-Forwarded-For", "Accept-Encoding", "Authorization", "x-acs-action",
                     "x-acs-version", "x-acs-date"):  # fmt: skip
            if self.chance.random() < 0.15:
                # Servers pass on a header as one line of Latin-1.
                text = self.text().replace("\r", "").replace("\n", "").replace("\0", "")
                made[name] = text.encode("utf-8", "replace").decode("latin-1")
        return made

    def request(self, client: Client):
        if self.walk:
            method, pattern = self.walk.pop(0)
            path, query, headers = self.path(pattern, 1), f"destination={quote(self.known['destination'])}", {}
            data = self.data() | {"username": self.known["persona"]}
        else:
            method, path = self.chance.choice(METHODS), self.path(self.chance.choice(PATHS), 0.8)
            query, headers, data = self.query(), self.headers(), self.data()
        address = f"{path}?{query}" if query else path
        sent, client.cookies = client.cookies, deepcopy(client.cookies)
        if (cookie := headers.pop("Cookie", None)) is not None:
            client.cookies[self.chance.choice(COOKIES)] = cookie[:100]
        try:
            kind = self.chance.random()
            if method == "POST" and (kind < 0.7 or not headers):
                answer = client.post(address, data, headers=headers)
            elif method == "POST" and kind < 0.8:
                # Not by the test client, which would clean up the file name.
                head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{self.text()[:50]}"\r\n\r\n'
                body = f"{head}{self.text()}\r\n--x--\r\n".encode("utf-8", "replace")
                answer = client.generic("POST", address, body, content_type=TYPES[1], headers=headers)
            else:
                body = self.text().encode("utf-8", "replace")
                content = self.chance.choice(TYPES)
                answer = client.generic(method, address, body, content_type=content, headers=headers)
        finally:
            client.cookies = sent
        return method, address, answer


PATHS = [address.path for address in addresses()]


@pytest.fixture
def estate(db):
    account = factories.make_account()
    gateway = factories.make_customer_gateway(account, auth_key=SECRETS[1])
    router = factories.make_transit_router(account, cidrs=["10.250.0.0/24"])
    connection = factories.make_connection(account, gateway=gateway, router=router, tunnel={"psk": SECRETS[0]})
    factories.configure_device(connection.tunnel, psk=SECRETS[0], auth_key=SECRETS[1])
    connection.authorizations.create(peer_uid="1" * 16, peer_cen_id="cen-ofsomebody")
    factories.make_route(connection, "172.20.0.0/16", weight=100)
    member = factories.make_user(account, "member")
    key = AccessKey.objects.create(user=member, secret=SECRETS[2])
    return account, {
        "region_id": factories.REGION,
        "connection_id": connection.resource_id,
        "tunnel_id": connection.tunnel.resource_id,
        "gateway_id": gateway.resource_id,
        "cen_id": router.cen.resource_id,
        "router_id": router.resource_id,
        "cidr_id": router.cidrs.get().resource_id,
        "table_id": factories.make_route_table(router).resource_id,
        "attachment_id": connection.attachment.resource_id,
        "resource_id": connection.resource_id,
        "peer_cen_id": "cen-ofsomebody",
        "name": "enable_bgp",
        "what": "keys",
        "persona": factories.make_user(account, "persona", is_demo=True).username,
        "destination": "172.20.0.0/16",
        "kind": "customer-gateways",
        "username": "member",
        "key_id": key.access_key_id,
        "request_id": Event.objects.about(connection).latest("id").request_id,
    }


@pytest.fixture
def quiet():
    """Silences the log of refused requests. The test client raises exceptions of views."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def fields_of(client, known) -> list[str]:
    """Names of the console's form fields, so that only values are malformed."""
    region = known["region_id"]
    pages = [f"/{region}/connections/create/", f"/{region}/connections/{known['connection_id']}/modify/",
             f"/{region}/connections/{known['connection_id']}/tunnels/{known['tunnel_id']}/device/modify/",
             f"/{region}/customer-gateways/create/", "/cens/create/", "/members/create/", "/resources/",
             f"/cens/{known['cen_id']}/transit-routers/create/",
             f"/cens/{known['cen_id']}/transit-routers/{known['router_id']}/connections/create/",
             f"/{region}/connections/{known['connection_id']}/routes/create/"]  # fmt: skip
    names = {name for page in pages for form in forms(client.get(page).content.decode()) for name in form}
    more = ["_action", "_shown", "weight", "id", "tag_key", "tag_value", "next"]
    return [*sorted(names - {"csrfmiddlewaretoken"}), *more]


@pytest.mark.long
@pytest.mark.parametrize("who", ["stranger", "other", *Role])
def test_malformed_requests(who, estate, quiet):
    account, known = estate
    admin = factories.make_user(account, "admin")
    fields = fields_of(signed_in(admin), known)
    user, client = None, Client()
    if who == "other":
        user = factories.make_user(factories.make_account("Other"), "other")
    elif who != "stranger":
        user = factories.make_user(account, f"user-{who}", role=who)
    fuzzer = Fuzzer(f"fuzz-{who}", known, fields)
    share, statuses, asked, entered = REQUESTS // (2 + len(Role)), {}, set(), set()
    for number in range(share):
        if user and (number % 10 == 0 or fuzzer.walk):
            # Some requests sign the user out, or disable or demote them.
            User.objects.filter(pk=user.pk).update(is_active=True, role=user.role, password=user.password)
            client.force_login(User.objects.get(pk=user.pk))
        method, address, answer = fuzzer.request(client)
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        assert answer.status_code < 500, (method, address)
        if match := answer.wsgi_request.resolver_match:
            asked.add(match.route)
            # Only signing out may redirect to the sign-in page.
            sent_away = answer.headers.get("Location", "").startswith("/login/") and match.url_name != "logout"
            if answer.status_code not in (403, 404, 405) and not sent_away:
                entered.add(match.route)
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content
        told = text.decode("utf-8", "replace") + repr(dict(answer.headers))
        allowed = who in (Role.ADMINISTRATOR, Role.OPERATOR) and any(part in address for part in SHOWN)
        assert allowed or not [secret for secret in SECRETS if secret in told], (method, address)
        assert "Traceback" not in told
        assert "Content-Security-Policy" in answer.headers
        assert "\n" not in answer.headers.get("Location", "")
    print(f"{who}: {share} requests: {statuses}")
    assert sum(statuses.values()) == share
    assert set(PATHS) - asked == set()
    if who == Role.ADMINISTRATOR:
        # An address that always refuses would not be tested.
        assert set(PATHS) - entered == set()


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
WORDS = [
    "format",
    "version",
    "account",
    "customer_gateways",
    "cens",
    "connections",
    "id",
    "region",
    "tunnels",
    "psk",
    "tags",
    "attachment",
    "transit_routers",
    "cidrs",
    "routes",
    "name",
    "asn",
    "ip_address",
    "customer_gateway",
    "zone",
    "owner",
    "cen",
    "attachments",
    "route_entries",
    "automatic_routes",
    "authorizations",
    "resource_groups",
]
names = st.sampled_from(WORDS) | st.text(max_size=5)
documents = st.recursive(
    scalars | st.sampled_from(["eu-central-1", "203.0.113.5", "10.0.0.0/8", "vpn-console/resources"]),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(names, children, max_size=6),
    max_leaves=25,
)


@pytest.mark.django_db
@hypothesis_settings(max_examples=600 if in_ci() else 60, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.dictionaries(names, documents, max_size=6))
def test_any_document_is_imported_or_faulted(document):
    account = factories.make_account()
    head = {"format": "vpn-console/resources", "version": 1}
    text = as_text(document | head, "json")
    outcome = import_text(factories.make_actor(account), text)
    assert not (outcome.faults and outcome.made)


@pytest.mark.django_db
@hypothesis_settings(max_examples=600 if in_ci() else 60, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda raw: raw.decode("utf-8", "replace")))
def test_any_text_is_imported_or_faulted(text):
    outcome = import_text(factories.make_actor(), text)
    assert outcome.faults
    assert not outcome.made
