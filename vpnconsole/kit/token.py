"""The token of the control endpoint."""

import hmac
import secrets
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest

from connections.persistence.encryption import make_keys


def token() -> str:
    """The token of the environment, or that of the data folder, which is created if it is missing."""
    if settings.KIT_TOKEN:
        return settings.KIT_TOKEN
    path = Path(settings.DATA_DIR) / "kit-token"
    if not path.exists():
        make_keys(path, secrets.token_urlsafe(32))
    return path.read_text().strip()


def is_shown(request: HttpRequest) -> bool:
    """Whether a request has the token in its header, which a page of another origin cannot send."""
    given = request.headers.get("Authorization", "").encode()
    return hmac.compare_digest(given, f"Bearer {token()}".encode())
