"""Documents that somebody imports, as a recording keeps them: with placeholders in place of keys and IDs."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

from connections.documents.parser import ParseError, parsed
from connections.domain.sections import SECRETS
from vpnconsole.kit.recording import naming
from vpnconsole.kit.walks.documents import KEY, placeholder
from vpnconsole.kit.walks.format import LONGEST_DOCUMENT

# Names of keys, however they are spelled: a document that is refused has keys, too.
_SECRET = re.compile("|".join(("secret", "password", *(name.replace("_", "[-_ ]?") for name in SECRETS))), re.I)
_LEFT_OUT = "# {what} was left out of the recording: {why}. Put your text in place of this line.\n"
_IS_LEFT_OUT = re.compile(r"# [^\n]+ was left out of the recording: [^\n]+\n")


def left_out(name: str = "") -> str:
    """What stands in place of a document that is too long, or is no text. `name`: that of its file."""
    why = f"it is longer than {LONGEST_DOCUMENT // 1024} KB, or is not text"
    return _LEFT_OUT.format(what=" ".join(name.split())[:80] or "The document", why=why)


def is_left_out(text: str) -> bool:
    return _IS_LEFT_OUT.fullmatch(text) is not None


def kept(text: str) -> str:
    """A document as YAML, without comments: they may have keys."""
    if len(text.encode("utf-8", "replace")) > LONGEST_DOCUMENT:
        return left_out()
    try:
        content = parsed(text)
    except ParseError:
        content = None
    if not isinstance(content, (dict, list)):
        # It is refused, whatever it has.
        if _SECRET.search(text) or naming.has_id(text):
            return _LEFT_OUT.format(what="The document", why="it is not YAML, and may have keys or IDs")
        return text
    made = yaml.dump(
        _Placeholders().of(content), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=2**20,
        default_flow_style=False,
    )  # fmt: skip
    # As it is stored.
    return made if len(json.dumps(made)) <= LONGEST_DOCUMENT else left_out()


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


class _Placeholders:
    """Puts placeholders into one document. Equal keys get the same one."""

    def __init__(self) -> None:
        self._known = naming.known()
        self._keys: dict[str, str] = {}

    def of(self, value: Any, *, is_secret: bool = False) -> Any:
        if isinstance(value, Mapping):
            return {
                self._text(name): self.of(one, is_secret=is_secret or _SECRET.search(name) is not None)
                for name, one in value.items()
            }
        if isinstance(value, list):
            return [self.of(one, is_secret=is_secret) for one in value]
        if is_secret and value not in ("", None) and not isinstance(value, bool):
            return self._keys.setdefault(str(value), placeholder(KEY, str(len(self._keys) + 1)))
        if isinstance(value, int) and naming.has_id(str(value)):
            value = str(value)
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        return naming.ID.sub(lambda match: self._placeholder(match[0]), text)

    def _placeholder(self, found: str) -> str:
        if found in self._known:
            kind, name = self._known[found]
            return (placeholder(kind, name) if kind else "") or name
        return _label(found)


def _label(found: str) -> str:
    """What stands for the ID of a resource that the world lacks: the same in every document. Blank for others."""
    prefix = re.match(r"[a-z]+(?:-attach)?(?=-)", found)
    return f"{prefix[0]}-{hashlib.sha256(found.encode()).hexdigest()[:6]}" if prefix else ""
