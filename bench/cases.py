"""The cases, each with its baseline. A new case is a line in CASES, and one in `Estate.urls` for its URL."""

import json
import os
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

from connections import clock
from connections.documents import import_text
from connections.models import AccessKey, Chapter, Connection, CustomerGateway, Device, TransitRouter, Tunnel, User
from connections.negotiation import Course, outcome
from connections.services.devices import edit_device, load_configuration
from connections.services.operations import Actor

API = "API: DescribeVpnConnections, 50 items"
MIXED = "50 negotiations in mixed states"
LIST = "/eu-central-1/connections/"
HTMX = {"HX-Request": "true"}
SENT = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Case:
    """`against` is the name of another case. With `@SIZE` or `@stock` a case is measured in that process."""

    name: str
    against: str
    target: float | None
    where: str = ""


CASES = [
    Case("list, first page", "plain ORM page", 1.6),
    Case("list, page in the middle", "plain ORM page", 1.6),
    Case("list, last page", "plain ORM page", 1.6),
    Case("list, sorted by name", "plain ORM page", 1.6),
    Case("list, sorted by ID, last page", "plain ORM page", 1.6),
    Case("list, state Attached", "plain ORM page", 1.6),
    Case("list, state Updating (rare)", "plain ORM page", 1.6),
    Case("list, one customer gateway", "plain ORM page", 1.6),
    Case("list, one CEN instance", "plain ORM page", 1.6),
    Case("list, tag env=prod, sorted by name", "plain ORM page", 1.6),
    Case("list, fragment", "plain ORM table", 1.2),
    Case("list, first page", "bytes of the list", None),
    Case("list, first page", "admin, first page", None),
    Case("list, last page", "admin, last page", None),
    Case("list, search by name fragment", "admin, search", None),
    Case("list, first page@100", "admin, first page@100", None),
    Case("list, first page", "list, first page@1000", 1.2),
    Case("list, last page", "list, last page@1000", 1.2),
    Case("list, sorted by name", "list, sorted by name@1000", 1.2),
    Case("list, state Attached", "list, state Attached@1000", 1.2),
    Case("list, search by name fragment", "list, search by name fragment@1000", 1.2),
    Case("transit router, route table", "transit router, route table@1000", 1.2),
    Case("transit router, attachments", "transit router, attachments@1000", 1.2),
    Case("events, list", "events, list@1000", 1.2),
    Case("list, search by name fragment", "list, first page", 2),
    Case("list, search by rare fragment", "list, first page", 2),
    Case("list, search by ID", "list, first page", 2),
    Case("list, search by IP", "list, first page", 2),
    Case("list, search by two letters", "list, first page", 2),
    Case(MIXED, "hello", None),
    Case("list, status Phase 2 Negotiation Failed", "plain ORM page", 1.6),
    Case("details", "hello", 25),
    Case("create page", "form by crispy@stock", 0.7),
    Case("create page", "form by hand", None),
    Case("create page", "create page@1000", 1.2),
    Case("create page, two tunnels", "create page", 1.6),
    Case("one group swap", "create page", 1.0),
    Case("create, POST to redirect", "bare five-table transaction", 4),
    Case(API, "plain JSON", 2),
    Case("import, 500 customer gateways", "bulk insert of as many", 3),
    Case("customer gateways, list", "list, first page", None),
    Case("events, list", "list, first page", None),
    Case("transit router, route table", "list, first page", None),
    Case("transit router, attachments", "list, first page", None),
    Case("logs, newest lines of a day", "list, first page", 1.0),
    Case("logs, filter without matches in a day", "list, first page", None),
    Case("logs, a day as a file", "list, first page", None),
    Case("monitoring, a week", "list, first page", 1.0),
]


class Estate:
    """The rows and users of one process's database that the cases need."""

    def __init__(self):
        from django.test import Client

        self.client = Client()
        self.user = User.objects.get(username="load-1")
        User.objects.filter(pk=self.user.pk).update(is_staff=True, is_superuser=True, is_demo=False)
        self.client.force_login(self.user)
        self.key = AccessKey.objects.filter(user=self.user).first() or AccessKey.objects.create(user=self.user)
        self.count = 0
        mine = Connection.objects.filter(account=self.user.account, region_id="eu-central-1")
        one = mine.order_by("id")[mine.count() // 2]
        self.gateway = CustomerGateway.objects.filter(account=self.user.account)[0]
        newest = Tunnel.objects.whole().filter(account=self.user.account).order_by("-id")[:50]
        self.situations = [tunnel.device.situation for tunnel in newest]
        router = TransitRouter.objects.filter(account=self.user.account).order_by("id")[0]
        failing = self.failing(mine.order_by("id")[mine.count() // 2 + 1]).get_absolute_url()
        part = f"{LIST}?size=50"
        self.urls = {
            "hello": "/bench/hello/",
            "plain ORM page": "/bench/plain/",
            "plain ORM table": "/bench/plain-table/",
            "form by crispy": "/bench/form/crispy/",
            "form by Django": "/bench/form/django/",
            "form by hand": "/bench/form/by-hand/",
            "plain JSON": "/bench/json/",
            "admin, first page": "/bench/admin/connections/connection/",
            "admin, last page": f"/bench/admin/connections/connection/?p={Connection.objects.count() // 50}",
            "admin, search": "/bench/admin/connections/connection/?q=depot",
            "list, first page": part,
            "list, page in the middle": f"{part}&near={one.created_at:%Y-%m-%d}",
            "list, last page": f"{part}&last=1",
            "list, sorted by name": f"{part}&sort=name",
            "list, sorted by ID, last page": f"{part}&sort=id&last=1",
            "list, state Attached": f"{part}&state=attached",
            "list, state Updating (rare)": f"{part}&state=updating",
            "list, status Phase 2 Negotiation Failed": f"{part}&status=ipsec_sa_not_established",
            "list, one customer gateway": f"{part}&gateway={one.tunnel.customer_gateway.resource_id}",
            "list, one CEN instance": f"{part}&cen={router.cen.resource_id}",
            "list, tag env=prod, sorted by name": f"{part}&tag=env%3Dprod&sort=name",
            "list, search by name fragment": f"{part}&q=depot",
            "list, search by rare fragment": f"{part}&q={one.name[-6:]}",
            "list, search by ID": f"{part}&q={one.resource_id}",
            "list, search by IP": f"{part}&q={one.tunnel.internet_ip}",
            "list, search by two letters": f"{part}&q=zz",
            "list, fragment": part,
            "details": one.get_absolute_url(),
            # The number of tunnels, because the session keeps the last choice.
            "create page": f"{LIST}create/?tunnels=1",
            "create page, two tunnels": f"{LIST}create/?tunnels=2",
            "customer gateways, list": "/eu-central-1/customer-gateways/?size=50",
            "events, list": "/events/?size=50",
            "transit router, route table": f"{router.get_absolute_url()}routes/",
            "transit router, attachments": f"{router.get_absolute_url()}connections/",
            "logs, newest lines of a day": f"{failing}logs/?window=24h",
            "logs, filter without matches in a day": f"{failing}logs/?window=24h&q=no+such+words",
            "logs, a day as a file": f"{failing}logs/export/?window=24h",
            "monitoring, a week": f"{failing}monitoring/?range=7d",
        }
        # The process with crispy's templates does not have ours.
        if not os.environ.get("BENCH_STOCK"):
            self.urls["bytes of the list"] = f"/bench/bytes/?size={len(self.client.get(part).content)}"
            self.compare()

    def failing(self, connection: Connection) -> Connection:
        """Let a connection fail with a wrong key for more than a day: about 11,000 lines of logs a day."""
        tunnel = Tunnel.objects.select_related("connection").get(connection=connection)
        device = load_configuration(Actor.of(self.user), tunnel)
        device.psk = "another"
        edit_device(Actor.of(self.user), device, device.revision)
        Device.objects.filter(tunnel=tunnel).update(changed_at=clock.now() - timedelta(days=2))
        Chapter.objects.filter(tunnel=tunnel).delete()
        return connection

    def compare(self) -> None:
        """Refuse a baseline that answers something else."""
        theirs, ours = self.client.get(self.urls["plain JSON"]).json(), self.send(self.prepare(API)).json()
        if {**theirs, "RequestId": ""} != {**ours, "RequestId": ""}:
            raise SystemExit(f"{API}: the baseline does not answer the same.")

    def send(self, request: dict):
        """A signed API request."""
        address = f"/?{urlencode(request['query'], safe='/:')}"
        return self.client.generic(request["method"], address, request["body"], headers=request["headers"])

    def prepare(self, name: str):
        """Prepare what is not measured: a form filled in, a signature."""
        if name == "import, 500 customer gateways":
            from tests.documents_of import gateways

            return json.dumps(gateways(500))
        if name == API:
            from vpnconsole.testing.clients import v3

            words = {"RegionId": "eu-central-1", "PageSize": 50}
            # The database has the nonces of earlier runs.
            nonce = str(uuid4())
            return v3(
                self.key.access_key_id, self.key.secret, "DescribeVpnConnections", parameters=words,
                x_acs_signature_nonce=nonce,
            )  # fmt: skip
        if name not in ("one group swap", "create, POST to redirect"):
            return None
        from vpnconsole.testing.pages import main_form

        self.count += 1
        form = main_form(self.client.get(f"{LIST}create/?tunnels=1").content.decode())
        form |= {"name": [f"bench-{self.count}"], "tunnel1-customer_gateway": [self.gateway.resource_id]}
        form |= {"tag_key": ["env"], "tag_value": ["bench"]}
        if name == "one group swap":
            form |= {"enable_bgp": ["on"]}
        # As a browser sends it, encoded before measuring.
        return urlencode(form, doseq=True)

    def run(self, name: str, prepared) -> int:
        """Run a case once; return the size of the response in bytes."""
        if name == "bare five-table transaction":
            from bench.baselines import bare_transaction

            self.count += 1
            bare_transaction(self.user.account, self.gateway, self.count)
            return 0
        if name == "bulk insert of as many":
            from bench.baselines import bulk_gateways

            bulk_gateways(self.user.account, 500)
            return 0
        if name == "import, 500 customer gateways":
            if import_text(Actor.of(self.user), prepared).faults:
                raise SystemExit(f"{name}: not imported")
            return 0
        if name == MIXED:
            now = clock.now()
            for situation in self.situations:
                outcome(Course(situation), now)
            return 0
        if name == API:
            answer = self.send(prepared)
        elif name == "one group swap":
            answer = self.client.post(f"{LIST}create/fields/enable_bgp/", prepared, SENT, headers=HTMX)
        elif name == "create, POST to redirect":
            answer = self.client.post(f"{LIST}create/", prepared, SENT)
            if answer.status_code != 302:
                raise SystemExit(f"{name}: not created")
            return 0
        else:
            answer = self.client.get(self.urls[name], headers=HTMX if name == "list, fragment" else None)
        if answer.status_code != 200:
            raise SystemExit(f"{name}: {answer.status_code}")
        return len(answer.content)
