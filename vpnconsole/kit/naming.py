"""Which world a request names: by header, cookie or access key."""

import re
from contextlib import suppress

from django.db import Error
from django.http import HttpRequest

from connections.api import codec
from connections.api.door import knocks
from connections.models import AccessKey
from vpnconsole.kit import worlds
from vpnconsole.kit.errors import TwoWorlds

HEADER, COOKIE = "X-VPNC-World", "vpnc_world"
# Access keys of a world begin with this, its ID, and one character for each.
KEY_PREFIX = "LTAI5tW"
_KEY = re.compile(rf"{KEY_PREFIX}([A-Za-z0-9]{{{worlds.ID_LENGTH}}})[A-Za-z0-9]+", re.ASCII)
_CREDENTIAL = re.compile(r"ACS3-[A-Z0-9-]{1,20}\s+Credential=([A-Za-z0-9]{1,64})", re.ASCII)


def access_key_id(world_id: str, number: int) -> str:
    """The ID of a world's access key: 24 characters, as of any."""
    return f"{KEY_PREFIX}{world_id}{worlds.ALPHABET[number]}"


def named(request: HttpRequest) -> worlds.World | None:
    """The world that a request names; None: the installation itself. Raises WorldGone, TwoWorlds."""
    names = {name for name in (request.headers.get(HEADER), request.COOKIES.get(COOKIE)) if name}
    of_key = _by_key(request)
    # A random key may look like one of a world, so beside another name it only counts if there is that world.
    if of_key and (not names or worlds.exists(of_key)):
        names.add(of_key)
    if len(names) > 1:
        raise TwoWorlds(*sorted(name[:40] for name in names)[:2])
    if not names:
        return None
    (name,) = names
    if name == of_key and not worlds.exists(name) and _is_of_installation(request):
        return None
    return worlds.find(name)


def key_of(request: HttpRequest) -> str:
    """The ID of the access key that signs an API request; blank if there is none, or if it cannot be read."""
    if not knocks(request):
        return ""
    if match := _CREDENTIAL.match(request.headers.get("Authorization", "")):
        return match[1]
    try:
        return {**codec.query_of(request), **codec.form_of(request)}.get("AccessKeyId", "")
    except Exception:
        # The API reads the request again and answers what is wrong with it.
        return ""


def operation_of(request: HttpRequest) -> str:
    """The operation that a request of the API names; blank for other requests, and if it cannot be read."""
    if not knocks(request):
        return ""
    if named := request.headers.get("x-acs-action"):
        return named
    with suppress(Exception):
        # The API reads the request again and answers what is wrong with it.
        return {**codec.query_of(request), **codec.form_of(request)}.get("Action", "")
    return ""


def _by_key(request: HttpRequest) -> str:
    match = _KEY.fullmatch(key_of(request))
    return match[1] if match else ""


def _is_of_installation(request: HttpRequest) -> bool:
    """Whether the installation has the key of a request: one of its random IDs may look like a world's."""
    try:
        return AccessKey.objects.filter(access_key_id=key_of(request)).exists()
    except Error:
        return False
