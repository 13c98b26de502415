"""Around everything else: an ID and a log line for each request, headers on every answer, bounds, and health."""

import hmac
import logging
import time
from contextlib import suppress
from functools import cache
from math import ceil
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import DataError, connection
from django.db import Error as AnyDatabaseError
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpResponse, JsonResponse

from connections import ids, metrics
from connections.api.dispatch import refuse
from connections.api.door import knocks
from connections.api.errors import Wire
from connections.console.views.errors import too_large, too_many, unreadable
from connections.numbers import whole_number
from connections.persistence.database_outages import Why, reason
from connections.request_context import Served, current
from vpnconsole.bounds import Allowance, place_of

log = logging.getLogger("vpnconsole.access")

# Beside the policy for content, which django-csp writes.
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class RequestMiddleware:
    """The outermost: whatever happens inside, the answer has its headers and the log its line."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        started = time.perf_counter()
        request.request_id = ids.request_id()
        token = current.set(Served(request.request_id, (request.method or "")[:20], request.path[:300]))
        try:
            response = self.get_response(request)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            response.headers["X-Request-ID"] = request.request_id
            taken = time.perf_counter() - started
            view = _view_of(request)
            with suppress(OSError):
                # Numbers that find no room are no reason to fail.
                metrics.REQUESTS.labels(_method_of(request), view, response.status_code).inc()
                metrics.SECONDS.labels(view).observe(taken)
            if view not in QUIET:
                log.info("answered", extra={"facts": {"status": response.status_code, "ms": round(taken * 1000, 1)}})
            return response
        finally:
            current.reset(token)


# A client may call its method what it likes; each name would be counted for good.
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def _method_of(request) -> str:
    return request.method if request.method in METHODS else "other"


QUIET = {"livez", "readyz", "metrics", "static"}


def _view_of(request) -> str:
    """The name of the address, of which there are few, rather than the address."""
    if request.path in HEALTH:
        return request.path.strip("/")
    if request.path.startswith(settings.STATIC_URL):
        return "static"
    match = getattr(request, "resolver_match", None)
    return (match and match.url_name) or "other"


# --- health ------------------------------------------------------------------------------------------------------


def livez(request) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@cache
def _last_migrations() -> list[tuple[str, str]]:
    """Of each app, as its files have them. Read once: nothing bounds how often a stranger asks."""
    return MigrationLoader(None).graph.leaf_nodes()


def readyz(request) -> HttpResponse:
    """The process can serve: the database answers and has every migration. Says which is wanting, and nothing else."""
    checks = {"database": "ok", "migrations": "ok"}
    try:
        if not set(_last_migrations()) <= MigrationRecorder(connection).applied_migrations().keys():
            checks["migrations"] = "missing"
    except AnyDatabaseError as error:
        checks = {"database": (reason(error) or Why.AWAY).value, "migrations": "unknown"}
    ready = set(checks.values()) == {"ok"}
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


def expose(request) -> HttpResponse:
    """Numbers for Prometheus: with the token if there is one, otherwise to this machine, unless a proxy serves it."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode()):
            return HttpResponse("The token is missing or wrong.\n", status=401, content_type="text/plain")
    elif settings.BEHIND_PROXY or client_address(request) not in ("127.0.0.1", "::1") or _is_passed_on(request):
        return HttpResponse("Set METRICS_TOKEN to read this from elsewhere.\n", status=403, content_type="text/plain")
    return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE)


def _is_passed_on(request) -> bool:
    """Whether a proxy sent the request: it may stand on this machine without being declared (BEHIND_PROXY)."""
    names = {name.lower() for name in request.headers}
    return any(name.startswith("x-forwarded-") for name in names) or bool(PASSED_ON & names)


# What a proxy adds, beside X-Forwarded-*.
PASSED_ON = {
    "x-real-ip",
    "forwarded",
    "via",
    "x-client-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
}

HEALTH = {"/livez": livez, "/readyz": readyz, "/metrics": expose}


class HealthMiddleware:
    """Probes ask by address, not by the host's name, and by plain HTTP: they are answered before both are judged."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        answer = HEALTH.get(request.path)
        if answer is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        response = answer(request)
        response.headers["Cache-Control"] = "no-store"
        return response


# --- bounds ------------------------------------------------------------------------------------------------------


def client_address(request) -> str:
    """Who asks. Behind a proxy: whom the proxy names last, as everything before that may be made up."""
    if settings.BEHIND_PROXY and (named := request.headers.get("X-Forwarded-For")):
        return place_of(named.rsplit(",", 1)[-1].strip()[:64])
    return place_of(request.META.get("REMOTE_ADDR", ""))


class BoundsMiddleware:
    """Refuse bodies that no page sends, before they are read, and clients that ask without pause."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.allowance = Allowance(settings.CLIENTS_FILE, settings.RATE_LIMIT) if settings.RATE_LIMIT else None

    def __call__(self, request):
        if whole_number(request.META.get("CONTENT_LENGTH") or "0", most=settings.MAX_BODY) is None:
            return refuse(request, Wire.TOO_LARGE) if knocks(request) else too_large()
        if self.allowance and not request.path.startswith(settings.STATIC_URL):
            wait = self.allowance.take(client_address(request), time.monotonic())
            if wait and knocks(request):
                return refuse(request, Wire.TOO_MANY, retry_after=ceil(wait) * 1000)
            if wait:
                return too_many(ceil(wait))
        if "\0" in request.path or not _is_address(request.headers.get("HX-Current-URL", "")):
            # No page of ours has such an address.
            return unreadable()
        return self.get_response(request)

    def process_exception(self, request, exception):
        """PostgreSQL takes a zero character for a mistake where SQLite finds nothing; nobody can type one."""
        if isinstance(exception, DataError) and "\0" in f"{_words(request.GET)}{_words(request.POST)}":
            return unreadable()
        return None


def _is_address(text: str) -> bool:
    """Whether an address can be taken apart, also once what is escaped in it is no longer."""
    try:
        urlsplit(text), urlsplit(unquote(text))
    except ValueError:
        return False
    return True


def _words(values) -> str:
    return "".join(word for name, words in values.lists() for word in (name, *words))
