"""What the members of the demo did in the fortnight before it was loaded, besides what `demo` needs for its tunnels.

What they leave behind differs little from what `demo` creates, so that examples and pictures hold.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.db.models import QuerySet

from connections import ids
from connections.demo import FRANKFURT, SINGAPORE
from connections.demo.times import Moment, before, today, yesterday
from connections.domain.choices import Door
from connections.domain.refusals import Refused
from connections.domain.roles import Right
from connections.models import (
    AccessKey,
    Attachment,
    Authorization,
    Cen,
    Connection,
    CustomerGateway,
    Route,
    TransitRouter,
    Tunnel,
    User,
)
from connections.peer_config import DIALECTS
from connections.services.access_keys import create_access_key, delete_access_key
from connections.services.attachments import create_attachment, delete_attachment
from connections.services.authorizations import authorize, unauthorize
from connections.services.connections import modify_tunnel
from connections.services.customer_gateways import (
    create_customer_gateway,
    delete_customer_gateway,
    modify_customer_gateway,
)
from connections.services.devices import load_configuration, restart
from connections.services.disclosures import keys_for_answer, show_key
from connections.services.operations import Actor, turn_away
from connections.services.peer_config import peer_configuration
from connections.services.routes import change_weight, create_route, delete_route
from connections.services.tags import change_tags


@dataclass(frozen=True)
class Deed:
    """What a user did, and when. Refusals are part of the story."""

    at: Moment
    user: str
    do: Callable[[Actor], object]
    # By an API client, with the user's documented key.
    through_api: bool = False


def tell(deed: Deed) -> None:
    """Let its user do it now."""
    user = User.objects.select_related("account").get(username=deed.user)
    key = AccessKey.objects.filter(user=user).first() if deed.through_api else None
    with suppress(Refused):
        deed.do(Actor.of(user, key=key))


def deeds() -> list[Deed]:
    """Everything, in this order."""
    alice, omar, rita, bob, sofia = "alice", "omar", "rita", "bob", "sofia"
    hamburg, route = "hamburg-primary", "172.31.0.0/16"
    return [
        Deed(before(timedelta(days=13, hours=4)), alice, _plan_yard),
        Deed(before(timedelta(days=13)), bob, partial(_describe, name="vienna-hq", text="Head office, ground floor")),
        Deed(
            before(timedelta(days=12, hours=6)),
            omar,
            lambda actor: delete_customer_gateway(actor, _gateway("hamburg-dc1")),
        ),
        Deed(before(timedelta(days=11, hours=9)), bob, _authorize_jurong),
        Deed(before(timedelta(days=11, hours=7)), alice, _attach_jurong),
        Deed(
            before(timedelta(days=10, hours=2)),
            omar,
            partial(_describe, name="ningbo-warehouse", text="Bonded warehouse"),
        ),
        Deed(
            before(timedelta(days=8, hours=11)), rita, partial(_turned_away, "connection-modify", Right.WRITE, hamburg)
        ),
        Deed(
            before(timedelta(days=7, hours=6)),
            omar,
            lambda actor: create_route(actor, Route(connection=_connection(hamburg), destination=route, weight=100)),
        ),
        Deed(before(timedelta(days=6, hours=12)), omar, lambda actor: restart(actor, _tunnel("ningbo-warehouse"))),
        Deed(
            before(timedelta(days=6, hours=8)), omar, lambda actor: change_weight(actor, _connection(hamburg), route, 0)
        ),
        Deed(before(timedelta(days=6, hours=3)), bob, lambda actor: show_key(actor, _tunnel("vienna-to-core"))),
        Deed(before(timedelta(days=5, hours=9)), alice, lambda actor: create_access_key(actor, _user("omar"))),
        Deed(
            before(timedelta(days=5, hours=5)),
            sofia,
            partial(_turned_away, "connection-psk", Right.SEE_KEYS, "vienna-to-core"),
        ),
        Deed(
            before(timedelta(days=4, hours=10)),
            omar,
            partial(_peer_configuration, name="paris-branch", dialect="fortigate"),
        ),
        Deed(before(timedelta(days=4, hours=6)), alice, _detach_jurong),
        Deed(
            before(timedelta(days=4, hours=4)),
            bob,
            lambda actor: unauthorize(actor, _connection("jurong-pilot"), _cen("harbour-backbone").resource_id),
        ),
        Deed(
            before(timedelta(days=3, hours=9)),
            alice,
            lambda actor: delete_customer_gateway(actor, _gateway("bremen-yard")),
        ),
        Deed(
            before(timedelta(days=3, hours=8)),
            alice,
            lambda actor: delete_access_key(actor, AccessKey.objects.get(user__username="omar").access_key_id),
        ),
        Deed(before(timedelta(days=2, hours=12)), omar, lambda actor: delete_route(actor, _connection(hamburg), route)),
        Deed(before(timedelta(days=2, hours=5)), alice, partial(_read_key, name=hamburg), through_api=True),
        Deed(yesterday(8, 47), rita, partial(_turned_away, "member-list", Right.MANAGE, "")),
        Deed(yesterday(11, 20), bob, partial(_describe, name="vienna-hq", text="Head office")),
        Deed(yesterday(13, 51), omar, lambda actor: show_key(actor, _tunnel("rotterdam-terminal"))),
        Deed(yesterday(14, 2), omar, _change_key),
        Deed(yesterday(14, 9), omar, lambda actor: load_configuration(actor, _tunnel("rotterdam-terminal"))),
        Deed(yesterday(15, 36), omar, lambda actor: create_access_key(actor, _user("omar"))),
        Deed(today(0.3), alice, partial(_read_key, name="hamburg-two-tunnels"), through_api=True),
        Deed(today(0.4), bob, partial(_read_key, name="vienna-to-core"), through_api=True),
        Deed(today(0.5), rita, partial(_turned_away, "connection-psk", Right.SEE_KEYS, "antwerp-depot")),
        Deed(today(0.6), omar, partial(_peer_configuration, name="antwerp-depot", dialect="cisco-ios")),
        Deed(today(0.7), sofia, partial(_turned_away, "connection-delete", Right.WRITE, "jurong-pilot")),
        Deed(
            today(0.8),
            alice,
            lambda actor: change_tags(actor, [_gateway("munich-lab-private")], lambda tags: tags | {"env": "lab"}),
        ),
    ]


def _of_demo(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Rows of the demo's accounts: others may have resources with the same names."""
    return rows.filter(account__in=User.objects.filter(is_demo=True).values("account"))


def _connection(name: str) -> Connection:
    return _of_demo(Connection.objects.with_parts()).get(name=name)


def _tunnel(name: str) -> Tunnel:
    return _of_demo(Tunnel.objects.whole()).get(connection__name=name, index=1)


def _gateway(name: str) -> CustomerGateway:
    return _of_demo(CustomerGateway.objects.all()).get(name=name)


def _cen(name: str) -> Cen:
    return _of_demo(Cen.objects.select_related("account")).get(name=name)


def _user(username: str) -> User:
    return User.objects.get(username=username)


def _plan_yard(actor: Actor) -> None:
    gateway = CustomerGateway(
        region_id=FRANKFURT, name="bremen-yard", ip_address="198.51.100.33", description="Planned for the spring"
    )
    create_customer_gateway(actor, gateway, [("site", "bremen")])


def _describe(actor: Actor, name: str, text: str) -> None:
    gateway = _gateway(name)
    gateway.description = text
    modify_customer_gateway(actor, gateway, gateway.revision)


def _authorize_jurong(actor: Actor) -> None:
    """For a trial with the other account."""
    cen = _cen("harbour-backbone")
    trial = Authorization(connection=_connection("jurong-pilot"), peer_uid=cen.account.uid, peer_cen_id=cen.resource_id)
    authorize(actor, trial)


def _attach_jurong(actor: Actor) -> None:
    connection = _connection("jurong-pilot")
    router = TransitRouter.objects.select_related("cen").get(account=actor.account, region_id=SINGAPORE)
    attachment = Attachment(transit_router=router, zone="ap-southeast-1a")
    create_attachment(actor, attachment, connection.resource_id, connection.account.uid)


def _detach_jurong(actor: Actor) -> None:
    attachments = Attachment.objects.of(actor.account).select_related("transit_router")
    attachment = attachments.get(connection=_connection("jurong-pilot"))
    delete_attachment(actor, attachment, force=True)


def _change_key(actor: Actor) -> None:
    """The device gets the new key some minutes later; until then, the tunnel is down."""
    connection = _connection("rotterdam-terminal")
    (tunnel,) = connection.tunnels.all()
    tunnel.connection = connection
    tunnel.psk = ids.pre_shared_key()
    modify_tunnel(actor, tunnel, connection.revision)


def _peer_configuration(actor: Actor, name: str, dialect: str) -> None:
    peer_configuration(actor, _connection(name), DIALECTS[dialect], Door.DOWNLOAD)


def _read_key(actor: Actor, name: str) -> None:
    keys_for_answer(actor, [_tunnel(name)])


def _turned_away(page: str, right: Right, name: str, actor: Actor) -> None:
    """A page that the role may not open."""
    if name:
        connection = _connection(name)
        turn_away(actor, right, f"GET {page}", connection.resource_id, connection.region_id)
    else:
        turn_away(actor, right, f"GET {page}")
