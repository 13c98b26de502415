"""What labs are marked by: what a world has now, by the names of things, as its control endpoint shows it."""

import hashlib
import json
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Max

from connections import clock
from connections.documents.exporter import exported
from connections.domain.choices import Outcome as Done
from connections.models import Account, Cen, Connection, Event, TransitRouter, Tunnel
from connections.negotiation import Outcome
from vpnconsole.kit import state
from vpnconsole.kit.peers import ACTOR

# The name of a counter for a request to the API, before its ID.
API = "api "


@dataclass(frozen=True)
class Tie:
    """A tunnel: what its document says of cloud and device, and its outcome."""

    number: int
    values: Mapping[str, Any]
    device: Mapping[str, Any]
    outcome: Outcome

    @property
    def is_up(self) -> bool:
        return self.outcome.is_up

    @property
    def notes(self) -> dict[str, Any]:
        """What is wrong with a tunnel that is up, by rows of docs/negotiation.md."""
        return {note.row: note for note in self.outcome.notes}


@dataclass(frozen=True)
class Link:
    """A connection with its tunnels. `router`: the name of the transit router; `authorizations`: payers by account."""

    id: str
    owner: str
    values: Mapping[str, Any]
    state: Any
    router: str
    authorizations: Mapping[str, str]
    tunnels: tuple[Tie, ...]


@dataclass(frozen=True)
class Facts:
    """A world at this moment. `since`: the last event before it began; `base`: digests of values at that moment."""

    since: int = 0
    began: datetime | None = None
    base: Mapping[str, str] = field(default_factory=dict)
    # What the learner has answered, by task.
    answers: Mapping[str, list[str]] = field(default_factory=dict)
    # IDs of requests to the API that have done something.
    by_key: Set[str] = frozenset()

    @cached_property
    def now(self) -> datetime:
        return clock.now()

    @cached_property
    def _documents(self) -> list[dict[str, Any]]:
        return [exported(account, keys=True) for account in Account.objects.order_by("id")]

    @cached_property
    def accounts(self) -> dict[str, str]:
        """Names of accounts by UID."""
        return {document["account"]["uid"]: document["account"]["name"] for document in self._documents}

    @cached_property
    def gateways(self) -> dict[str, dict[str, Any]]:
        return {one["name"]: one for document in self._documents for one in document["customer_gateways"]}

    @cached_property
    def links(self) -> dict[str, Link]:
        """Connections by name; of several with one name, the last."""
        outcomes = {one.resource_id: one.outcome for one in Tunnel.objects.whole()}
        rows = Connection.objects.with_parts().select_related("attachment__transit_router", "account")
        stored = {row.resource_id: row for row in rows}
        gateways = {one["id"]: one for one in self.gateways.values()}
        return {
            one["name"]: self._link(one, document["account"]["name"], stored[one["id"]], outcomes, gateways)
            for document in self._documents
            for one in document["connections"]
        }

    def _link(self, values: dict[str, Any], owner: str, row: Connection, outcomes: Any, gateways: Any) -> Link:
        attachment = row.living_attachment
        tunnels = tuple(
            Tie(
                number,
                # The address is its customer gateway's, which the tunnel's document only names.
                one | {"address": gateways[one["customer_gateway"]]["ip_address"]},
                one.get("device", {}),
                outcomes[one["id"]],
            )
            for number, one in enumerate(values["tunnels"], 1)
        )
        return Link(
            row.resource_id,
            owner,
            values,
            row.state,
            attachment.transit_router.name if attachment else "",
            {self.accounts.get(one["peer_uid"], ""): one["order_type"] for one in values["authorizations"]},
            tunnels,
        )

    @cached_property
    def others(self) -> dict[str, set[str]]:
        """Names of what is there, by kind."""
        return {
            "connection": {*self.links},
            "gateway": {*self.gateways},
            "cen": {*Cen.objects.values_list("name", flat=True)},
            "router": {*TransitRouter.objects.values_list("name", flat=True)},
        }

    @cached_property
    def events(self) -> list[Event]:
        """What people have done since the world began."""
        mine = Event.objects.filter(pk__gt=self.since, outcome=Done.SUCCESS).exclude(actor=ACTOR)
        return list(mine.order_by("pk"))


def last_event() -> int:
    return Event.objects.aggregate(last=Max("pk"))["last"] or 0


def note_api(request_id: str) -> None:
    """Note a request to the API if it has done something."""
    if Event.objects.filter(request_id=request_id).exists():
        state.count(f"{API}{request_id}")


def api_requests() -> set[str]:
    """The IDs that `note_api` has noted."""
    return {name.removeprefix(API) for name in state.counters() if name.startswith(API)}


def digest(value: object) -> str:
    """What is compared later in place of a value, which may be a key."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]
