"""What is in a world: making rows without clicking, and reading everything for assertions."""

import json
from typing import Any

from django.db.models import TextChoices
from django.http import HttpRequest
from django.urls import get_script_prefix

from connections import clock
from connections.documents import schema
from connections.documents.exporter import exported
from connections.documents.importer import import_text
from connections.domain.refusals import Refused
from connections.models import Account, Attachment, Cen, Connection, Event, Tunnel
from connections.numbers import whole_number
from connections.services.operations import Actor
from vpnconsole.kit import entering, names, sessions
from vpnconsole.kit.endpoint.routing import route
from vpnconsole.kit.errors import KitError
from vpnconsole.kit.peers import ACTOR

# How many events an answer has.
EVENTS = 1000


@route(
    "POST",
    "/worlds/{world}/make",
    status=201,
    fields={
        "as": {"type": "string", "description": "A member of the account"},
        "resources": {"type": "object", "description": "A resource document; `format` and `version` may be left out"},
    },
    required=("as", "resources"),
)
def resources_make(request: HttpRequest, world: str, resources: dict, **body: str) -> dict:
    """Import a resource document into a member's account, by the usual rules: all of it, or nothing."""
    document = {"format": schema.FORMAT, "version": schema.VERSION, **resources}
    with entering.world_named(world):
        account = sessions.member(body["as"]).account
        try:
            outcome = import_text(Actor(account, ACTOR), json.dumps(document))
        except Refused as refusal:
            raise KitError(422, refusal.code, str(refusal.message)) from None
        if outcome.faults:
            faults = [{"place": fault.place, "message": str(fault.message)} for fault in outcome.faults]
            text = f"Nothing was made. {faults[0]['place']}: {faults[0]['message']}"
            raise KitError(422, "faults", text, faults=faults, count=outcome.count)
        return {
            "made": outcome.made,
            "there": outcome.there,
            "renamed": outcome.renamed,
            "waiting": [{"place": fault.place, "message": str(fault.message)} for fault in outcome.waiting],
            "names": names.below(get_script_prefix(), names.of_everything()),
        }


@route("GET", "/worlds/{world}/state", query={"since": "The `last_event` of an earlier answer"})
def state_show(request: HttpRequest, world: str, since: str = "0") -> dict:
    """Everything in a world: a resource document for each account, names, states, members, the time, and events."""
    if (first := whole_number(since)) is None:
        raise KitError(422, "invalid", "`since` is a number.")
    with entering.world_named(world):
        events = list(Event.objects.filter(pk__gt=first).select_related("account").order_by("pk")[:EVENTS])
        return {
            "clock": {"now": clock.now().isoformat()},
            "members": names.members(),
            "names": names.below(get_script_prefix(), names.of_everything()),
            "accounts": {account.uid: exported(account) for account in Account.objects.order_by("id")},
            "states": _states(),
            "statuses": {tunnel.resource_id: str(tunnel.status.value) for tunnel in Tunnel.objects.whole()},
            "events": [_event(event) for event in events],
            "last_event": events[-1].pk if events else first,
        }


def _states() -> dict[str, str]:
    """States by ID."""
    states: dict[str, TextChoices] = {row.resource_id: row.state for row in Connection.objects.with_parts()}
    states |= {row.resource_id: row.status for row in Attachment.objects.living()}
    states |= {row.resource_id: row.status for row in Cen.objects.all()}
    return {resource_id: str(state.value) for resource_id, state in states.items()}


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": event.pk,
        "at": event.at.isoformat(),
        "account": event.account.uid,
        "actor": event.actor,
        "operation": event.operation,
        "resource_id": event.resource_id,
        "region_id": event.region_id,
        "outcome": event.outcome,
        "code": event.code,
        "message": event.message,
        "request_id": event.request_id,
        "facts": event.facts,
    }
