"""Environment variables: how flags and lists are read, and which combinations are unsafe to serve with."""

import re
from collections.abc import Iterator, Mapping

from connections.persistence.fernet_keys import is_key
from vpnconsole import paths

LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
KEY_LENGTH = 50
TOKEN_LENGTH = 32


def flag(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "0").lower() in ("1", "true", "yes")


def listed(environment: Mapping[str, str], name: str) -> list[str]:
    """The items of a comma-separated variable."""
    return [text.strip() for text in environment.get(name, "").split(",") if text.strip()]


def base_path(environment: Mapping[str, str]) -> str:
    """The path below which a proxy offers the console, such as /vpn; blank without one."""
    path = environment.get("BASE_PATH", "").strip("/")
    return f"/{path}" if path else ""


def is_here(host: str) -> bool:
    """Whether a server bound to this address is reachable from this machine only."""
    return host in ("localhost", "::1") or host.startswith("127.")


def problems(environment: Mapping[str, str]) -> Iterator[str]:
    """Reasons not to start, each with a way to fix it. Most apply in production only."""
    hosts = listed(environment, "ALLOWED_HOSTS")
    if flag(environment, "DEMO_MODE") and not set(hosts) <= set(LOOPBACK) and not flag(environment, "DEMO_MODE_PUBLIC"):
        yield "DEMO_MODE lets anybody in. To offer it to other machines on purpose, set DEMO_MODE_PUBLIC=1."
    if flag(environment, "KIT_VISITORS"):
        for name in ("KIT", "DEMO_MODE", "DEMO_MODE_PUBLIC"):
            if not flag(environment, name):
                yield f"KIT_VISITORS gives each visitor of a public demo a copy of its own. It needs {name}=1."
    if not re.fullmatch(r"(/[A-Za-z0-9_-]+)*", base_path(environment)):
        yield "BASE_PATH must be a path of letters, digits, - and _, such as /vpn."
    if not flag(environment, "PRODUCTION"):
        return
    if flag(environment, "DEBUG"):
        yield "DEBUG shows settings and source code to whoever causes an error. Leave it out."
    secret = environment.get("SECRET_KEY", "")
    if len(secret) < KEY_LENGTH or len(set(secret)) < 10:
        yield f"SECRET_KEY must be set: {KEY_LENGTH} random characters or more. `{paths.PROGRAM} secrets` makes one."
    keys = listed(environment, "ENCRYPTION_KEYS")
    if not keys:
        yield f"ENCRYPTION_KEYS must be set: it seals stored secrets. `{paths.PROGRAM} secrets` makes one; keep a copy."
    if not all(map(is_key, keys)):
        yield f"ENCRYPTION_KEYS: each is 32 random bytes in URL-safe base64. `{paths.PROGRAM} secrets` makes one."
    if keys and secret and secret in keys:
        yield "SECRET_KEY is one of ENCRYPTION_KEYS: whoever learns the one would have the other."
    if not hosts:
        yield "ALLOWED_HOSTS must name the hosts that people type, comma-separated."
    if any("*" in host or host.startswith(".") for host in hosts):
        yield "ALLOWED_HOSTS must name hosts, not patterns."
    if flag(environment, "KIT"):
        for name in ("KIT_PUBLIC", "DEMO_MODE"):
            if not flag(environment, name):
                yield f"KIT lets its clients do everything in worlds of their own. In production it needs {name}=1."
        if len(environment.get("KIT_TOKEN", "")) < TOKEN_LENGTH:
            yield f"KIT_TOKEN must be set in production: {TOKEN_LENGTH} random characters or more."
    if flag(environment, "PLAIN_HTTP") and flag(environment, "BEHIND_PROXY"):
        yield "PLAIN_HTTP and BEHIND_PROXY exclude each other: a proxy that speaks HTTPS says so by X-Forwarded-Proto."
