"""Hand out stored keys: check the right, write the event, return the key. No other code shows keys.

An export with keys goes through `handing_out` too: `documents.exporter`.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from connections import clock
from connections.domain import roles
from connections.domain.choices import Door
from connections.domain.roles import Right
from connections.models import Connection, CustomerGateway, Device, Event, Tunnel
from connections.services.operations import Actor, Record, operation

Keyed = Tunnel | CustomerGateway

SHOW = "ShowKey"
# Programs read the same resource again and again. Answers of the API with its key are recorded once in this time.
RECORDED_EVERY = timedelta(days=1)


@contextmanager
def handing_out(
    actor: Actor, name: str, door: Door, right: Right, *about: Connection | CustomerGateway, **facts: object
) -> Iterator[None]:
    """Record, with one event per resource, that keys leave through a door. Raises Refused without the right."""
    facts["door"] = door.value
    # Without resources, the event is about the account.
    first, *others = [Record(one.resource_id, facts=facts | _shown(one)) for one in about] or [Record(facts=facts)]
    region_id = about[0].region_id if about else ""
    with operation(actor, name, region_id=region_id, resource_id=first.resource_id, right=right) as record:
        record.facts = facts
        yield
        record.facts, record.others = first.facts, others


def show_key(actor: Actor, row: Keyed) -> str:
    """Return the pre-shared key or the BGP key, for a page."""
    with handing_out(actor, SHOW, Door.PAGE, Right.SEE_KEYS, _owner(row)):
        return _key(row)


def show_device_key(actor: Actor, device: Device, name: str) -> str:
    """Return a key of a simulated device, `psk` or `auth_key`, for a page."""
    owner = device.tunnel.connection
    facts = {
        "door": Door.PAGE.value,
        "tunnel": device.resource_id,
        f"device_{name}": "shown",
        "revision": device.revision,
    }
    with operation(
        actor, SHOW, region_id=owner.region_id, resource_id=owner.resource_id, right=Right.SEE_KEYS
    ) as record:
        record.facts = facts
        return getattr(device, name)


def keys_for_answer(actor: Actor, rows: Iterable[Keyed]) -> dict[str, str]:
    """Return the keys of rows by resource ID, for an answer of the API; nothing if the role does not see keys.

    An event is written for the first answer to a user in a day, and again after the resource has been modified.
    """
    if not roles.may(actor.role, Right.SEE_KEYS):
        return {}
    keys = {row: key for row in rows if (key := _key(row))}
    # Two tunnels belong to one connection.
    owners = list(dict.fromkeys(map(_owner, keys)))
    lately = Event.objects.of(actor.account).filter(
        operation=SHOW,
        actor=actor.name,
        at__gt=clock.now() - RECORDED_EVERY,
        resource_id__in=[owner.resource_id for owner in owners],
        facts__door=Door.API,
    )
    recorded = set(lately.values_list("resource_id", "facts__revision"))
    if new := [owner for owner in owners if (owner.resource_id, owner.revision) not in recorded]:
        # The request may have written an event under its ID already.
        taken = Event.objects.filter(request_id=actor.request_id).exists()
        own = actor.apart() if taken else actor
        with handing_out(own, SHOW, Door.API, Right.SEE_KEYS, *new, request_id=actor.request_id):
            pass
    return {row.resource_id: key for row, key in keys.items()}


def _shown(resource: Connection | CustomerGateway) -> dict:
    return {"psk" if isinstance(resource, Connection) else "auth_key": "shown", "revision": resource.revision}


def _key(row: Keyed) -> str:
    return row.psk if isinstance(row, Tunnel) else row.auth_key


def _owner(row: Keyed) -> Connection | CustomerGateway:
    """Return the resource that the event is about."""
    return row.connection if isinstance(row, Tunnel) else row
