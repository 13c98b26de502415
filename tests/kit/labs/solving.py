"""What solves the shipped labs, step by step, by the services that pages use; and what must not count as solved."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from connections import clock
from connections.domain.choices import Payer
from connections.models import (
    AccessKey,
    Attachment,
    Authorization,
    Cen,
    Connection,
    CustomerGateway,
    Device,
    Route,
    TransitRouter,
    Tunnel,
)
from connections.services import devices
from connections.services.attachments import create_attachment, delete_attachment
from connections.services.authorizations import authorize
from connections.services.connections import create_connection, delete_connection, modify_tunnel
from connections.services.customer_gateways import create_customer_gateway, delete_customer_gateway
from connections.services.drafts import Draft
from connections.services.operations import Actor
from connections.services.routes import create_route
from vpnconsole.kit import labs
from vpnconsole.kit.scenarios import building
from vpnconsole.kit.scenarios.building import FRANKFURT, ZONE, actor
from vpnconsole.testing.clients import ApiClient


class Learner:
    """Somebody in a world. `name`: who all is said to have done, in place of the members themselves.

    `answers`, `by_key` and `passed` are what marking needs beside rows.
    """

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.answers: dict[str, list[str]] = {}
        self.by_key: set[str] = set()
        self.passed = timedelta(0)

    def actor(self, username: str = "") -> Actor:
        found = actor(username)
        return replace(found, name=self.name or found.name)


Step = Callable[[Learner], Any]


def tunnel(name: str, index: int = 1) -> Tunnel:
    return building.tunnel(Connection.objects.get(name=name), index)


def device(name: str, index: int = 1, **settings: Any) -> Step:
    def edit(learner: Learner) -> None:
        row = Device.objects.select_related("tunnel").get(tunnel=tunnel(name, index))
        for field, value in settings.items():
            setattr(row, field, value)
        devices.edit_device(learner.actor(), row, row.revision)

    return edit


def load(name: str) -> Step:
    return lambda learner: devices.load_configuration(learner.actor(), tunnel(name))


def take(name: str, field: str, index: int = 1) -> Step:
    return lambda learner: devices.take_cloud_value(learner.actor(), tunnel(name, index), field)


def cloud(name: str, index: int = 1, **values: Any) -> Step:
    def edit(learner: Learner) -> None:
        row = tunnel(name, index)
        for field, value in values.items():
            setattr(row, field, value)
        modify_tunnel(learner.actor(), row, row.connection.revision)

    return edit


def gateway(name: str, address: str) -> Step:
    return lambda learner: create_customer_gateway(
        learner.actor(), CustomerGateway(region_id=FRANKFURT, name=name, ip_address=address), ()
    )


def onto(name: str, of: str) -> Step:
    """Let a tunnel lead to another customer gateway."""

    def edit(learner: Learner) -> None:
        row = tunnel(name)
        row.customer_gateway = CustomerGateway.objects.get(name=of)
        modify_tunnel(learner.actor(), row, row.connection.revision)

    return edit


def wait(seconds: int) -> Step:
    def passing(learner: Learner) -> None:
        learner.passed += timedelta(seconds=seconds)

    return passing


def answer(task: str, *given: str) -> Step:
    return lambda learner: learner.answers.update({task: [*given]})


def connect(learner: Learner) -> None:
    row = Tunnel(customer_gateway=CustomerGateway.objects.get(name="office"), index=1, psk="a-key-of-twenty-chars")
    to = Attachment(transit_router=TransitRouter.objects.get(name="backbone-frankfurt"), zone=ZONE)
    create_connection(learner.actor(), Draft(Connection(region_id=FRANKFURT, name="office"), [row], to, []))


def add_route(learner: Learner) -> None:
    of = Connection.objects.get(name="office")
    create_route(learner.actor(), Route(connection=of, destination="192.168.70.0/24", weight=100))


def grant(payer: str) -> Step:
    def to_summit(learner: Learner) -> None:
        cen = Cen.objects.get(name="summit-core")
        mine = Connection.objects.get(name="paris-branch")
        uid = cen.account.uid
        authorize(
            learner.actor(), Authorization(connection=mine, peer_uid=uid, peer_cen_id=cen.resource_id, order_type=payer)
        )

    return to_summit


def attach(learner: Learner) -> None:
    mine = Connection.objects.get(name="paris-branch")
    router = TransitRouter.objects.get(name="core-frankfurt")
    made = Attachment(transit_router=router, zone=ZONE)
    create_attachment(learner.actor("bob"), made, mine.resource_id, mine.account.uid)


def detach(learner: Learner) -> None:
    delete_attachment(learner.actor(), Attachment.objects.living().get(connection__name="warehouse-2019"), force=True)


def drop(learner: Learner) -> None:
    delete_connection(learner.actor(), Connection.objects.with_parts().get(name="warehouse-2019"))


def drop_gateway(learner: Learner) -> None:
    delete_customer_gateway(learner.actor(), CustomerGateway.objects.get(name="warehouse-2019"))


def call(number: int) -> Step:
    """A call of the solution of the lab about the API, signed with a key."""

    def sent(learner: Learner) -> None:
        client = ApiClient(AccessKey.objects.filter(user__username="alice").first())
        calls = labs.shipped()["api-with-an-sdk"].calls
        ids = {
            "CustomerGatewayId": CustomerGateway.objects.filter(name="api-office").values_list(
                "resource_id", flat=True
            ),
            "VpnConnectionId": Connection.objects.filter(name="api-line").values_list("resource_id", flat=True),
        }
        given = {
            name: (ids[value["of"]].first() or "none") if isinstance(value, dict) else value
            for name, value in calls[number]["with"].items()
        }
        learner.by_key.add(client.call(calls[number]["call"], **given).data.get("RequestId", ""))

    return sent


ANYWHERE = {"local_subnet": ["0.0.0.0/0"], "remote_subnet": ["0.0.0.0/0"]}
MIRRORED = {"local_subnet": ["192.168.50.0/24"], "remote_subnet": ["10.10.0.0/16"]}
NEW_KEYS = ("the-first-of-two-new-keys", "the-other-of-two-new-keys")

SOLUTIONS: Mapping[str, tuple[Step, ...]] = {
    "first-connection": (gateway("office", "203.0.113.50"), connect, load("office"), add_route),
    "the-peer-says-no": (
        device("shop", psk="Autumn-Harbour-41"),
        device("branch", local_id="203.0.113.21"),
        take("depot", "ike_version"),
        cloud("head-office", ike_enc_alg="aes256", ike_auth_alg="sha256", ike_pfs="group14"),
    ),
    "bgp-pair": (
        device("harbour", local_asn=65010),
        device("terminal", **ANYWHERE),
        device("yard", bgp_exports=True),
    ),
    "protected-flows": (device("offices", sa_per_pair=False), device("archive", **MIRRORED)),
    "hand-over": (grant(Payer.CEN_OWNER), attach),
    "take-apart": (detach, drop, drop_gateway),
    "rotate-a-key": (
        cloud("data-center", 1, psk=NEW_KEYS[0]),
        device("data-center", 1, psk=NEW_KEYS[0]),
        cloud("data-center", 2, psk=NEW_KEYS[1]),
        take("data-center", "psk", 2),
    ),
    "api-with-an-sdk": (call(0), call(1), call(2)),
    "bug-hunt": (
        answer("lists", "tag-filter", "created", "total"),
        answer("changes", "description", "selected"),
        answer("files", "csv"),
    ),
    "it-worked-yesterday": (
        device("night-shift", ipsec_lifetime=86400, ipsec_kilobytes=0, rekeys=True),
        cloud("workshop", ipsec_pfs="group14"),
        gateway("kiosk-again", "203.0.113.77"),
        onto("kiosk", "kiosk-again"),
        device("kiosk", local_id="203.0.113.77"),
        wait(86400),
    ),
    "availability": (
        device("probe", probe_routed_back=True),
        device("cluster", 1, is_policy_based=False),
        device("cluster", 2, is_policy_based=False),
        cloud("plant", 1, enable_dpd=True),
        cloud("plant", 2, enable_dpd=True),
        lambda learner: devices.switch(learner.actor(), tunnel("plant"), on=True),
        take("plant", "enable_dpd", 1),
        take("plant", "enable_dpd", 2),
        wait(600),
    ),
    "all-green": (
        device("shop", clamps_mss=True),
        device("archive", **MIRRORED),
        device("depot", has_source_nat=False),
    ),
}

# What somebody may do instead of the solution, by lab and task: the task must not count as done.
WRONG: tuple[tuple[str, str, tuple[Step, ...]], ...] = (
    ("the-peer-says-no", "shop", (cloud("shop", psk="Another-Harbour-42"), device("shop", psk="Another-Harbour-42"))),
    ("the-peer-says-no", "shop", (load("shop"),)),
    ("the-peer-says-no", "branch", (load("branch"),)),
    ("the-peer-says-no", "depot", (cloud("depot", ike_version="ikev1"),)),
    (
        "the-peer-says-no",
        "head-office",
        (
            cloud("head-office", ike_enc_alg="aes256", ike_auth_alg="sha256", ike_pfs="group1"),
            device("head-office", ike_pfs=["group1"]),
        ),
    ),
    ("the-peer-says-no", "head-office", (load("head-office"),)),
    ("bgp-pair", "harbour", (load("harbour"),)),
    ("bgp-pair", "terminal", (device("terminal", enable_bgp=False),)),
    ("protected-flows", "archive", (load("archive"),)),
    ("hand-over", "authorize", (grant(Payer.VPN_OWNER),)),
    ("take-apart", "connection", (cloud("warehouse", 1, ike_lifetime=3600), detach, drop)),
    (
        "rotate-a-key",
        "second",
        (
            cloud("data-center", 1, psk=NEW_KEYS[0]),
            take("data-center", "psk", 1),
            cloud("data-center", 2, psk=NEW_KEYS[0]),
            take("data-center", "psk", 2),
        ),
    ),
    ("bug-hunt", "lists", (answer("lists", "tag-filter", "created", "total", "search"),)),
    ("it-worked-yesterday", "workshop", (wait(7200),)),
    ("it-worked-yesterday", "night-shift", (device("night-shift", ipsec_lifetime=86400, rekeys=True), wait(86400))),
    ("availability", "cluster", (device("cluster", 1, is_policy_based=False), wait(600))),
    ("all-green", "shop", (load("shop"),)),
)  # fmt: skip


def now(learner: Learner) -> Any:
    return clock.real() + learner.passed
