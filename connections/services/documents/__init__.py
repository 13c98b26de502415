"""An account's resources as one document, written and read back. docs/resources.md has the schema.

`schema` says which fields, `exporting` writes them. On the way back `notation` reads the text, `reading` its shape,
`making` one thing at a time, and `importing` knows what they are and how they hang together; `stored` is what it judges
against, `progress` tells how far it is.
"""

from connections.services.documents.exporting import as_text, exported
from connections.services.documents.importing import import_text
from connections.services.documents.progress import now_and_then, progress_of, stored_progress

__all__ = ["as_text", "exported", "import_text", "now_and_then", "progress_of", "stored_progress"]
