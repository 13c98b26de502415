"""Names in place of IDs, accounts' UIDs and access keys."""

import re

from connections.models import ResourceGroup, User
from vpnconsole.kit import names

# Of resources, access keys, accounts and requests.
ID = re.compile(
    r"\b(?:(?:vco|cgw|tun|tr-attach|tr|vtb|cen|cidr|rte|rg)-[0-9a-z]{10,}|LTAI[0-9A-Za-z]{12,}|1\d{15}"
    r"|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\b"
)


def has_id(text: str) -> bool:
    """Whether a text has the ID of something in it."""
    return ID.search(text) is not None


def known() -> dict[str, tuple[str, str]]:
    """Kind and name of everything in the world by its ID, as walks have them. Walks have no kind of resource groups."""
    found = {one["id"]: (kind, name) for kind, rows in names.of_everything().items() for name, one in rows.items()}
    found |= {group.resource_id: ("", group.name) for group in ResourceGroup.objects.all()}
    # Of an account, the first member.
    users = User.objects.select_related("account").order_by("-id")
    return found | {user.account.uid: ("uid", user.username) for user in users}


def reference(text: str) -> dict[str, str] | None:
    """What a walk has in place of a value that is an ID or a UID; None if it is neither, or of nothing in the world."""
    if not ID.fullmatch(text):
        return None
    kind, name = known().get(text, ("", ""))
    return {kind: name} if kind and name else None


def named(text: str) -> str:
    """A text with names in place of IDs."""
    if not has_id(text):
        return text
    found = known()
    return ID.sub(lambda match: found.get(match[0], ("", ""))[1], text)
