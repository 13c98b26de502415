"""Handing out the configuration of a connection's device."""

from connections import errors
from connections.errors import Refused
from connections.models import Connection
from connections.peer_config import Configuration, Dialect, from_connection, generate
from connections.roles import Right
from connections.services.events import Actor, operation


def download_peer_config(actor: Actor, connection: Connection, dialect: Dialect) -> Configuration:
    """The files for a device, on record: they hold the pre-shared key in clear.

    Raises Refused while something is missing that the device needs, or where it cannot express what the connection has.
    """
    with operation(
        actor,
        "DownloadVpnConnectionConfig",
        region_id=connection.region_id,
        resource_id=connection.resource_id,
        right=Right.PEER_CONFIG,
    ) as record:
        record.facts = {"format": dialect.key}
        made = generate(dialect, from_connection(connection))
        if made.refused:
            raise Refused(errors.NOT_EXPRESSIBLE, device=dialect.title, why=made.notes[0].text)
    return made
