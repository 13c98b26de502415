"""The other side of a tunnel: a document in no vendor's words, and one dialect a file that puts it into theirs."""

from connections.peer_config import swanctl
from connections.peer_config.dialect import Configuration, Dialect, Note, generate
from connections.peer_config.document import Document, from_connection

# In the order in which they are offered.
DIALECTS: dict[str, Dialect] = {dialect.key: dialect for dialect in (swanctl.DIALECT,)}

__all__ = ["DIALECTS", "Configuration", "Dialect", "Document", "Note", "from_connection", "generate"]
