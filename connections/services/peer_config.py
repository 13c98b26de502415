"""Hand out the configuration of a connection's device, which contains the pre-shared key in clear."""

from connections.domain import refusals
from connections.domain.choices import Door
from connections.domain.refusals import Refused
from connections.domain.roles import Right
from connections.models import Connection
from connections.peer_config import (
    Configuration,
    Dialect,
    Document,
    both_tunnels,
    from_connection,
    generate,
    generate_both,
)
from connections.services.disclosures import handing_out
from connections.services.operations import Actor

NAME = "DownloadVpnConnectionConfig"


class NotExpressible(Refused):
    """The device cannot express what the connection has. `configuration` has no files, and notes that say why."""

    def __init__(self, dialect: Dialect, configuration: Configuration):
        super().__init__(refusals.NOT_EXPRESSIBLE, device=dialect.title, why=configuration.notes[0].text)
        self.configuration = configuration


def peer_configuration(
    actor: Actor, connection: Connection, dialect: Dialect, door: Door, tunnel: int = 0
) -> Configuration:
    """Return the files for a device. `tunnel`: the only one of two that the device has, counted from 1; 0 for all.

    Raises Refused while something that the device needs is missing, and NotExpressible.
    """
    with handing_out(actor, NAME, door, Right.PEER_CONFIG, connection, format=dialect.key):
        tunnels = connection.tunnels.all()
        if len(tunnels) > 1 and tunnel == 0:
            configuration = generate_both(dialect, both_tunnels(connection))
        else:
            configuration = generate(dialect, from_connection(connection, tunnels[max(tunnel, 1) - 1]))
        if configuration.refused:
            raise NotExpressible(dialect, configuration)
    return configuration


def peer_documents(actor: Actor, connection: Connection) -> list[Document]:
    """Return what devices have to know about each tunnel, for the API. Raises Refused while something is missing."""
    with handing_out(actor, NAME, Door.API, Right.PEER_CONFIG, connection):
        return [from_connection(connection, tunnel) for tunnel in connection.tunnels.all()]
