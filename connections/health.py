"""Probes and metrics: /livez, /readyz and /metrics, answered before anything else."""

import hmac
from functools import cache

from django.conf import settings
from django.db import Error as AnyDatabaseError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpResponse, JsonResponse

from connections import metrics
from connections.persistence.database_outages import Why, reason
from connections.rate_limit import client_address


def livez(request) -> HttpResponse:
    """Liveness: the process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@cache
def _last_migrations() -> list[tuple[str, str]]:
    """The last migration of each app in its files. Read once, because probes are not rate-limited."""
    return MigrationLoader(None).graph.leaf_nodes()


def readyz(request) -> HttpResponse:
    """Readiness: the database answers and has every migration. Reports which check fails, without details."""
    checks = {"database": "ok", "migrations": "ok"}
    try:
        if not set(_last_migrations()) <= MigrationRecorder(connection).applied_migrations().keys():
            checks["migrations"] = "missing"
    except AnyDatabaseError as error:
        checks = {"database": (reason(error) or Why.AWAY).value, "migrations": "unknown"}
    ready = set(checks.values()) == {"ok"}
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


def expose(request) -> HttpResponse:
    """Metrics for Prometheus, protected by METRICS_TOKEN. Without a token only this machine may read them directly."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode()):
            return HttpResponse("The token is missing or wrong.\n", status=401, content_type="text/plain")
    elif settings.BEHIND_PROXY or client_address(request) not in ("127.0.0.1", "::1") or _is_passed_on(request):
        return HttpResponse("Set METRICS_TOKEN to read this from elsewhere.\n", status=403, content_type="text/plain")
    return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE)


def _is_passed_on(request) -> bool:
    """Whether a proxy forwarded the request: one may run on this machine even if BEHIND_PROXY is not set."""
    names = {name.lower() for name in request.headers}
    return any(name.startswith("x-forwarded-") for name in names) or bool(PASSED_ON & names)


# Headers that proxies add, beside X-Forwarded-*.
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
    """Answers probes before ALLOWED_HOSTS and HTTPS are checked: they use the IP address and plain HTTP."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        answer = HEALTH.get(request.path_info)
        if answer is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        response = answer(request)
        response.headers["Cache-Control"] = "no-store"
        return response
