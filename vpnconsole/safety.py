"""What makes a server unsafe to start, asked of its environment. A WSGI server runs no system checks of its own."""

import base64
import re
from collections.abc import Iterator, Mapping

LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
KEY_LENGTH = 50


def flag(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "0").lower() in ("1", "true", "yes")


def listed(environment: Mapping[str, str], name: str) -> list[str]:
    """What stands in a variable, comma-separated."""
    return [text.strip() for text in environment.get(name, "").split(",") if text.strip()]


def is_key(text: str) -> bool:
    """Whether a text is a Fernet key, 32 bytes in URL-safe base64, that was made at random."""
    return bool(re.fullmatch(r"[\w-]{43}=", text, re.ASCII)) and len(set(base64.urlsafe_b64decode(text))) >= 10


def is_here(host: str) -> bool:
    """Whether a server bound to this address is reached from this machine alone."""
    return host in ("localhost", "::1") or host.startswith("127.")


def problems(environment: Mapping[str, str]) -> Iterator[str]:
    """Reasons not to start, each with the way out. In production nothing is taken for granted."""
    hosts = listed(environment, "ALLOWED_HOSTS")
    if flag(environment, "DEMO_MODE") and not set(hosts) <= set(LOOPBACK) and not flag(environment, "DEMO_MODE_PUBLIC"):
        yield "DEMO_MODE lets anybody in. To offer it to other machines on purpose, set DEMO_MODE_PUBLIC=1."
    if not flag(environment, "PRODUCTION"):
        return
    if flag(environment, "DEBUG"):
        yield "DEBUG shows settings and source code to whoever causes an error. Leave it out."
    secret = environment.get("SECRET_KEY", "")
    if len(secret) < KEY_LENGTH or len(set(secret)) < 10:
        yield f"SECRET_KEY must be set: {KEY_LENGTH} random characters or more. `dev.py secrets` makes one."
    keys = listed(environment, "ENCRYPTION_KEYS")
    if not keys:
        yield "ENCRYPTION_KEYS must be set: what seals stored secrets. `dev.py secrets` makes one; keep a copy of it."
    if not all(map(is_key, keys)):
        yield "ENCRYPTION_KEYS: each is 32 random bytes in URL-safe base64. `dev.py secrets` makes one."
    if keys and secret and secret in keys:
        yield "SECRET_KEY is one of ENCRYPTION_KEYS: whoever learns the one would have the other."
    if not hosts:
        yield "ALLOWED_HOSTS must name the hosts that people type, comma-separated."
    if any("*" in host or host.startswith(".") for host in hosts):
        yield "ALLOWED_HOSTS must name hosts, not patterns."
    if flag(environment, "PLAIN_HTTP") and flag(environment, "BEHIND_PROXY"):
        yield "PLAIN_HTTP and BEHIND_PROXY exclude each other: a proxy that speaks HTTPS says so by X-Forwarded-Proto."
