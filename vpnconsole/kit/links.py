"""Links that put a browser into a world. Each works once, for five minutes."""

import hashlib
import json
import os
import secrets
import time

from vpnconsole.kit import folder
from vpnconsole.kit.errors import KitError

LASTS = 300


def create(world_id: str, persona: str, to: str) -> tuple[str, float]:
    """A new link's secret part, and when it expires."""
    once, expires = secrets.token_urlsafe(24), time.time() + LASTS
    link = {"world": world_id, "persona": persona, "to": to, "expires": expires}
    folder.write(folder.path() / _name(once), json.dumps(link))
    return once, expires


def follow(once: str) -> dict[str, str]:
    """What a link leads to. Raises KitError if it was followed before, has expired or never existed."""
    gone = KitError(410, "link_gone", "This link has been used, or has expired.", "Make another one.")
    mine = folder.path() / f".{secrets.token_hex(8)}"
    try:
        # Only the first request can rename the file.
        os.rename(folder.path() / _name(once), mine)
    except FileNotFoundError:
        raise gone from None
    try:
        link = json.loads(mine.read_text(encoding="utf-8"))
    finally:
        mine.unlink()
    if link["expires"] < time.time():
        raise gone
    return link


def _name(once: str) -> str:
    """The file does not contain the link."""
    return f"link-{hashlib.sha256(once.encode()).hexdigest()}"
