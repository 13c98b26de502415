"""The outer middlewares: an ID and a log line for each request, headers on every response, and limits."""

import logging
import re
import time
from math import ceil
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import DataError

from connections import clock, ids, metrics
from connections.api.dispatch import refuse
from connections.api.door import knocks
from connections.console.requests import url_name
from connections.console.views.errors import too_large, too_many, unreadable
from connections.health import HEALTH
from connections.numbers import whole_number
from connections.rate_limit import Allowance, client_address
from connections.request_context import Served, current
from connections.wire.codes import ErrorCode

log = logging.getLogger("vpnconsole.access")

# django-csp adds the Content-Security-Policy, Django's SecurityMiddleware Strict-Transport-Security over HTTPS.
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


# Browsers ignore this header, with an error in their console, unless the origin is HTTPS or their own machine.
TRUSTED_HEADERS = {"Cross-Origin-Opener-Policy": "same-origin"}
OWN_MACHINE = re.compile(r"(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])(:\d+)?")


def _headers_for(request) -> dict[str, str]:
    is_trusted = request.is_secure() or OWN_MACHINE.fullmatch(request.headers.get("Host", ""))
    return HEADERS | TRUSTED_HEADERS if is_trusted else HEADERS


class RequestMiddleware:
    """The outermost middleware: gives every response its headers and every request a line in the log."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        started = time.perf_counter()
        request.request_id = ids.request_id()
        token = current.set(Served(request.request_id, (request.method or "")[:20], request.path[:300]))
        try:
            with clock.one_moment():
                response = self.get_response(request)
            for name, value in _headers_for(request).items():
                response.headers.setdefault(name, value)
            response.headers["X-Request-ID"] = request.request_id
            taken = time.perf_counter() - started
            view = _view_of(request)
            metrics.count(metrics.REQUESTS, _method_of(request), view, response.status_code)
            metrics.observe(metrics.SECONDS, taken, view)
            if view not in QUIET:
                log.info("answered", extra={"facts": {"status": response.status_code, "ms": round(taken * 1000, 1)}})
            return response
        finally:
            current.reset(token)


# Clients may send any method, and each one would add a metric for good.
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def _method_of(request) -> str:
    return request.method if request.method in METHODS else "other"


QUIET = {"livez", "readyz", "metrics", "static"}


def _view_of(request) -> str:
    """The name of the URL pattern: metrics need few values, and there are many addresses."""
    if request.path_info in HEALTH:
        return request.path_info.strip("/")
    if request.path.startswith(settings.STATIC_URL):
        return "static"
    return url_name(request) or "other"


class BoundsMiddleware:
    """Refuse bodies that are too large before they are read, and clients that exceed the rate limit."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.allowance = Allowance(settings.CLIENTS_FILE, settings.RATE_LIMIT) if settings.RATE_LIMIT else None

    def __call__(self, request):
        if whole_number(request.META.get("CONTENT_LENGTH") or "0", most=settings.MAX_BODY) is None:
            return refuse(request, ErrorCode.TOO_LARGE) if knocks(request) else too_large()
        if self.allowance and not request.path.startswith(settings.STATIC_URL):
            wait = self.allowance.take(client_address(request), time.monotonic())
            if wait and knocks(request):
                return refuse(request, ErrorCode.TOO_MANY, retry_after=ceil(wait) * 1000)
            if wait:
                return too_many(ceil(wait))
        if "\0" in request.path or not _is_address(request.headers.get("HX-Current-URL", "")):
            # No page of the console has such an address.
            return unreadable()
        return self.get_response(request)

    def process_exception(self, request, exception):
        """Answer 400 where PostgreSQL refuses a NUL character, which SQLite accepts and nobody can type."""
        if isinstance(exception, DataError) and "\0" in f"{_words(request.GET)}{_words(request.POST)}":
            return unreadable()
        return None


def _is_address(text: str) -> bool:
    """Whether an address can be parsed, both as sent and unquoted."""
    try:
        urlsplit(text), urlsplit(unquote(text))
    except ValueError:
        return False
    return True


def _words(values) -> str:
    return "".join(word for name, words in values.lists() for word in (name, *words))
