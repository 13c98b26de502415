"""Links for the audience of a world: a copy of one's own, or a look over the shoulder. Each works for many.

`<world>.share-<secret>.json` describes a link, so that links end with their world. Beside it, `.gz` is the world as it
was when a link to copies was made.
"""

import json
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from connections.console.access import SAFE
from connections.domain.choices import Role
from connections.models import User
from vpnconsole.kit import folder, lifecycle, sessions, worlds
from vpnconsole.kit.errors import KitError

COPY, LOOK = KINDS = ("copy", "look")
# Seconds; copies that a link makes, and links of a world.
LASTS, COPIES, LINKS = 2 * 3600, 50, 5
_SECRET = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)
# The cookie of those who only look: as whom.
COOKIE = "vpnc_looking"
# Copies of worlds, as `sweep` finds them.
LABEL = "copy"


@dataclass(frozen=True)
class Share:
    """A link. `persona`: who is signed in by it. `left`: how often it still makes a copy."""

    world: str
    secret: str
    kind: str
    persona: str
    to: str
    expires: float
    left: int = 0

    @property
    def path(self) -> Path:
        return folder.path() / f"{self.world}.share-{self.secret}.json"

    @property
    def data(self) -> Path:
        return self.path.with_suffix(".gz")

    @property
    def minutes(self) -> int:
        """How long it still works."""
        return max(0, int(self.expires - time.time()) // 60)

    @property
    def is_over(self) -> bool:
        return self.expires < time.time() or (self.kind == COPY and not self.left)

    def end(self) -> None:
        self.path.unlink(missing_ok=True)
        self.data.unlink(missing_ok=True)


def create(world_id: str, kind: str, persona: str, to: str) -> Share:
    """A new link into a world. Raises KitError."""
    if len(list(of_world(world_id))) >= LINKS:
        raise KitError(429, "too_many_links", f"A world has at most {LINKS} links.", "End one of them.")
    left = COPIES if kind == COPY else 0
    share = Share(world_id, secrets.token_urlsafe(24), kind, persona, to, time.time() + LASTS, left)
    if kind == COPY:
        worlds.check_size()
        packed = worlds.packed(worlds.find(world_id))
        share.data.touch(mode=0o600)
        share.data.write_bytes(packed)
    _write(share)
    return share


def of_world(world_id: str) -> Iterator[Share]:
    """The links of a world that still work, oldest first. Deletes the others."""
    several = [share for path in folder.path().glob(f"{world_id}.share-*.json") if (share := _read(path))]
    for share in sorted(several, key=lambda share: share.expires):
        if share.is_over:
            share.end()
        else:
            yield share


def find(secret: str) -> Share:
    """The link with a secret. Raises KitError if it has expired, was ended or never existed."""
    found = folder.path().glob(f"*.share-{secret}.json") if _SECRET.fullmatch(secret) else ()
    for path in found:
        share = _read(path)
        if share and not share.is_over and worlds.exists(share.world):
            return share
    raise KitError(410, "share_gone", "This link has expired, or was ended.", "Ask for another one.")


def copied(secret: str) -> worlds.World:
    """A new world for one person of the audience. Raises KitError."""
    with worlds.locked(find(secret).world):
        share = find(secret)
        _write(replace(share, left=share.left - 1))
        packed = share.data.read_bytes()
    before = worlds.find(share.world)
    return lifecycle.make(label=LABEL, file=packed, settings=before.settings)


def is_onlooker(request: HttpRequest) -> bool:
    return bool(request.COOKIES.get(COOKIE))


def mark(response: HttpResponse, persona: str = "") -> None:
    """Let a browser only look on from now on, as a persona; or do everything, if there is none."""
    if persona:
        response.set_cookie(
            COOKIE, persona, path=settings.SESSION_COOKIE_PATH, secure=bool(settings.SESSION_COOKIE_SECURE),
            httponly=True, samesite="Lax",
        )  # fmt: skip
    else:
        response.delete_cookie(COOKIE, path=settings.SESSION_COOKIE_PATH, samesite="Lax")


def answer_to_onlooker(request: HttpRequest, world_id: str) -> HttpResponse | None:
    """What somebody who only looks gets instead of a page, if it would change something, or if the world began again.

    Raises KitError.
    """
    if not is_onlooker(request):
        return None
    if request.method not in SAFE:
        if request.path == reverse("set-language"):
            return None
        raise KitError(403, "onlooker", "You look over somebody's shoulder and cannot change anything.")
    if request.user.is_authenticated or "HX-Request" in request.headers:
        return None
    return sessions.lead_into(request, world_id, request.COOKIES[COOKIE], request.get_full_path())


def reader_of(username: str) -> str:
    """The read-only persona in the account of a member; blank if there is none. Runs within the world."""
    readers = User.objects.filter(role=Role.READ_ONLY, is_active=True, account__users__username=username)
    return readers.order_by("id").values_list("username", flat=True).first() or ""


def _read(path: Path) -> Share | None:
    with suppress(FileNotFoundError):
        return Share(**json.loads(path.read_text(encoding="utf-8")))
    return None


def _write(share: Share) -> None:
    folder.write(share.path, json.dumps(asdict(share)))
