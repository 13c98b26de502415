"""Documents in walks: texts in which placeholders stand for what differs from world to world.

`${gateway hamburg-dc1}` is the ID of a resource by its name, `${uid bob}` the UID of a member's account, and `${key 1}`
a new key: the same one wherever it has the same number.
"""

import re
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator

from vpnconsole.kit.walks.format import IDS

# What a document is as a file. The type is short, so that lines of exported tests are.
FILE = {"name": "document.yaml", "mimeType": "text/yaml"}
KEY = "key"
# Bytes of a new key, which is written in hexadecimal digits.
KEY_BYTES = 12
_PLACEHOLDER = re.compile(rf"\$\{{({'|'.join((*IDS, KEY))}) ([^{{}}\n]{{1,200}})\}}")


def placeholder(kind: str, name: str) -> str:
    """The placeholder of a kind and a name; blank if the name cannot be in one."""
    text = f"${{{kind} {name}}}"
    return text if _PLACEHOLDER.fullmatch(text) else ""


def pieces(text: str) -> Iterator[str | tuple[str, str]]:
    """The parts of a document in order: texts, and placeholders as kind and name."""
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        if match.start() > end:
            yield text[end : match.start()]
        yield match[1], match[2]
        end = match.end()
    if end < len(text):
        yield text[end:]


def filled(text: str, id_of: Callable[[str, str], str]) -> str:
    """A document with IDs and new keys in place of placeholders. `id_of` gets kind and name."""
    keys: dict[str, str] = defaultdict(lambda: secrets.token_hex(KEY_BYTES))
    return "".join(
        piece if isinstance(piece, str) else keys[piece[1]] if piece[0] == KEY else id_of(*piece)
        for piece in pieces(text)
    )
