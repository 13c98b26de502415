"""Hand out the configuration of a connection's device, which contains the pre-shared key in clear."""

from collections.abc import Iterable
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from connections import clock
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
from connections.peer_config.pieces import Piece, pieces
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
    return _configuration(actor, connection, dialect, door, tunnel)[0]


def peer_listing(
    actor: Actor, connection: Connection, dialect: Dialect, tunnel: int = 0
) -> tuple[Configuration, dict[str, list[Piece]]]:
    """Return the files for a device, and the pieces of each for a page. Raises as `peer_configuration` does."""
    configuration, documents = _configuration(actor, connection, dialect, Door.PAGE, tunnel)
    return configuration, pieces(dialect, documents, configuration.files)


def peer_archive(
    actor: Actor, connections: Iterable[Connection], dialect: Dialect
) -> tuple[bytes, list[tuple[Connection, str]]]:
    """Return a zip archive with a folder for each connection, and the connections without one, each with the reason.

    Each connection has an event of its own. Without any folder, the archive is empty.
    """
    left_out: list[tuple[Connection, str]] = []
    files: dict[str, str] = {}
    for connection in connections:
        try:
            configuration = peer_configuration(actor.apart(), connection, dialect, Door.DOWNLOAD)
        except Refused as refused:
            left_out.append((connection, str(refused.message)))
        else:
            files |= {f"{connection.resource_id}/{name}": text for name, text in configuration.files.items()}
    if not files:
        return b"", left_out
    if left_out:
        files["LEFT-OUT.txt"] = "".join(f"{connection.resource_id}: {why}\n" for connection, why in left_out)
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(ZipInfo(name, clock.now().timetuple()[:6]), text, ZIP_DEFLATED)
    return written.getvalue(), left_out


def _configuration(
    actor: Actor, connection: Connection, dialect: Dialect, door: Door, tunnel: int
) -> tuple[Configuration, list[Document]]:
    with handing_out(actor, NAME, door, Right.PEER_CONFIG, connection, format=dialect.key):
        tunnels = connection.tunnels.all()
        if len(tunnels) > 1 and tunnel == 0:
            documents = both_tunnels(connection)
            configuration = generate_both(dialect, documents)
        else:
            documents = [from_connection(connection, tunnels[max(tunnel, 1) - 1])]
            configuration = generate(dialect, documents[0])
        if configuration.refused:
            raise NotExpressible(dialect, configuration)
    return configuration, list(documents)


def peer_documents(actor: Actor, connection: Connection) -> list[Document]:
    """Return what devices have to know about each tunnel, for the API. Raises Refused while something is missing."""
    with handing_out(actor, NAME, Door.API, Right.PEER_CONFIG, connection):
        return [from_connection(connection, tunnel) for tunnel in connection.tunnels.all()]
