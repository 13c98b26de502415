"""Access keys that name their world: one for each member of its scenario.

Templates have them, with a blank in place of the world's ID.
"""

import hashlib
from typing import Any

from django.db import connection

from connections.domain.choices import AccessKeyStatus
from connections.models import AccessKey, User
from vpnconsole.kit import naming, state, worlds

_BLANK = "0" * worlds.ID_LENGTH


def make() -> None:
    """Make the keys of a template, for as many members as an ID has room for."""
    members = User.objects.order_by("id")[: len(worlds.ALPHABET)]
    made = {
        user.username: AccessKey.objects.create(
            user=user,
            access_key_id=naming.access_key_id(_BLANK, number),
            secret=_secret(user.username),
            status=AccessKeyStatus.ACTIVE if user.is_active else AccessKeyStatus.INACTIVE,
        )
        for number, user in enumerate(members)
    }
    state.put({"keys": {username: key.pk for username, key in made.items()}})


def _secret(username: str) -> str:
    """Published, as it need not be secret: the ID of the key contains the world's, which is enough to enter."""
    return hashlib.sha256(f"{state.PUBLISHED_KEY} {username}".encode()).hexdigest()[:30]


def name(world_id: str) -> None:
    """Put the ID of the world that this thread is in into its keys."""
    made = state.get("keys", {})
    ids = [(naming.access_key_id(world_id, number), key) for number, key in enumerate(made.values())]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {AccessKey._meta.db_table} SET access_key_id = %s WHERE id = %s", ids)  # noqa: S608


def shown(world_id: str, stored: dict[str, Any]) -> dict[str, dict[str, str]]:
    """ID and secret by user name, from the state of a world."""
    return {
        username: {"id": naming.access_key_id(world_id, number), "secret": _secret(username)}
        for number, username in enumerate(stored.get("keys", {}))
    }
