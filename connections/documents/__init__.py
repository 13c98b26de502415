"""An account's resources as one document, written and read back. docs/resources.md has the schema.

`schema` declares the fields, `exporter` writes them. On the way back `parser` reads the text, `validator` checks its
shape, `builder` judges one resource at a time, `importer` knows the kinds and how they depend on each other. `stored`
reads what they are judged against; `progress` records how far an import is.
"""

from connections.documents.exporter import as_text, export_with_keys, exported
from connections.documents.importer import import_text
from connections.documents.progress import now_and_then, progress_of, stored_progress

__all__ = ["as_text", "export_with_keys", "exported", "import_text", "now_and_then", "progress_of", "stored_progress"]
