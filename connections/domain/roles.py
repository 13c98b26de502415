"""Rights of the members of an account, for services, pages and templates."""

from enum import Enum

from django.conf import settings

from connections.domain.choices import Role


class Right(Enum):
    """Something that only some roles may do. Every role may read."""

    WRITE = "write"  # create, change and delete resources
    SEE_KEYS = "see_keys"  # pre-shared keys, BGP keys
    PEER_CONFIG = "peer_config"  # the configuration of the device, which contains the pre-shared key
    MANAGE = "manage"  # members with their roles, and access keys


_RIGHTS = {
    Role.ADMINISTRATOR: frozenset(Right),
    Role.OPERATOR: frozenset({Right.WRITE, Right.SEE_KEYS, Right.PEER_CONFIG}),
    Role.READ_ONLY: frozenset(),
}


def may(role: str, right: Right) -> bool:
    """Whether a role has a right. A setting decides about peer configurations for read-only members."""
    if right is Right.PEER_CONFIG and role == Role.READ_ONLY:
        return settings.READ_ONLY_PEER_CONFIG
    return right in _RIGHTS[Role(role)]


def rights(role: str) -> dict[str, bool]:
    """Every right by its name, for templates: `{% if may.write %}`."""
    return {right.value: may(role, right) for right in Right}
