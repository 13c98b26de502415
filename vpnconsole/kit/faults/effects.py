"""What a fault does to a request and its answer."""

import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any, cast

from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _

from connections import clock
from connections.api.dispatch import refuse
from connections.api.errors import ApiError
from connections.console.sessions import SessionStore
from connections.console.views.errors import error_page
from connections.domain.refusals import Refused
from connections.request_context import current
from connections.services.operations import beginnings_told_to
from connections.wire.codes import ErrorCode
from vpnconsole.kit import clockwork, defects
from vpnconsole.kit.faults.declaration import AFTER, API, API_ERRORS, BEFORE, REFUSALS, Fault, gaps
from vpnconsole.kit.faults.matching import Watch

HEADER = "X-VPNC-Fault"
# A process has a few threads, which serve other worlds, too.
DELAYED_AT_ONCE = 4
_slots = threading.BoundedSemaphore(DELAYED_AT_ONCE)

# What SQLite raises.
_RAISED = {
    "busy": (sqlite3.SQLITE_BUSY, "database is locked"),
    "away": (sqlite3.SQLITE_CANTOPEN, "unable to open database file"),
    "full": (sqlite3.SQLITE_FULL, "database or disk is full"),
}
# What the API says with a status. Other statuses have a code of the kit.
_CODES = {400: "InvalidParameter", 429: "Throttling", 500: "InternalError", 503: "ServiceUnavailable"}


class Interrupted(Exception):
    """A fault ends an operation before it begins, and decides the answer to its request."""


def can_drop(request: HttpRequest) -> bool:
    """Whether the server lets us close a connection: gunicorn does, Django's does not."""
    return "gunicorn.socket" in request.META


class Faulty:
    """A request to which something happens, and its answer."""

    def __init__(self, request: HttpRequest, watch: Watch):
        self.request, self.watch = request, watch
        self.fault: Fault | None = None
        # In place of what the console answers.
        self._answer: HttpResponseBase | None = None

    def serve(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> HttpResponseBase:
        try:
            return self._served(get_response)
        finally:
            self.watch.finish()

    def _served(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> HttpResponseBase:
        with ExitStack() as stack:
            if fault := self.watch.at_arrival():
                self._note(fault)
                self._begin(fault)
                if "session" in fault.effect:
                    self._end_session()
                if "defect" in fault.effect:
                    defects.arrive(fault.effect["defect"], self.request)
                if "stale_ms" in fault.effect:
                    operation = self.watch.api_operation
                    stack.enter_context(defects.outdated(self.request, operation, fault.effect["stale_ms"]))
                if "database" in fault.effect:
                    stack.enter_context(connection.execute_wrapper(_raising(fault.effect["database"])))
            if self._answer is None:
                stack.enter_context(beginnings_told_to(self._operation_begins))
                response = get_response(self.request)
                if fault and "stale_ms" in fault.effect and isinstance(response, StreamingHttpResponse):
                    # Its rows are read while it is sent.
                    response.streaming_content = [response.getvalue()]
            else:
                response = self._answer
        return self._ended(self._answer or response)

    def _note(self, fault: Fault) -> None:
        self.fault = fault
        if served := current.get():
            served.fault = fault.label

    def _operation_begins(self, name: str, resource_id: str) -> None:
        fault = None if self.fault else self.watch.at_operation(name)
        if not fault:
            return
        self._note(fault)
        self._begin(fault)
        if self._answer is not None:
            if self.watch.door == API:
                # An answer that is not recorded, and that `serve` replaces.
                raise ApiError(ErrorCode.UNAVAILABLE, why="is not asked", fate=fault.label)
            raise Interrupted
        if code := fault.effect.get("refuse"):
            reason = REFUSALS[code]
            raise Refused(reason, **_filled(reason.sentence, resource_id or name))
        if "database" in fault.effect:
            _raise(fault.effect["database"])

    def _begin(self, fault: Fault) -> None:
        """Whatever happens before the work; decide the answer if there will be no work."""
        effect = fault.effect
        if milliseconds := effect.get("delay_ms"):
            self._delay(fault, milliseconds / 1000)
        if effect.get("stuck") and isinstance(source := clock.source(), clockwork.WorldTime):
            source.rules = [clockwork.Rule(clockwork.MANUAL)]
        if effect.get("drop") == BEFORE:
            self._answer = HttpResponse(status=503)
        elif "status" in effect:
            self._answer = self._refusal(effect["status"], effect.get("retry_after"))
        elif code := effect.get("api_error"):
            error = API_ERRORS[code]
            self._answer = refuse(self.request, error, **_filled(error.sentence, ""))

    def _delay(self, fault: Fault, seconds: float) -> None:
        if not _slots.acquire(blocking=False):
            self.watch.skip(fault)
            return
        try:
            time.sleep(seconds)
        finally:
            _slots.release()
        clock.move_on()

    def interrupted(self) -> HttpResponseBase:
        """The answer of a page whose operation was interrupted."""
        assert self._answer is not None  # noqa: S101 - for the type checker
        return self._answer

    def _refusal(self, status: int, retry_after: int | None) -> HttpResponseBase:
        headers = {"Cache-Control": "no-store"} | ({"Retry-After": str(retry_after)} if retry_after is not None else {})
        if self.watch.door == API:
            served = current.get()
            body = {
                "RequestId": served.request_id if served else "",
                "HostId": "",
                "Code": _CODES.get(status, "VpnConsole.fault"),
                "Message": "A fault of this world.",
                "Recommend": "",
            }
            if retry_after is not None:
                headers["x-acs-retry-after"] = str(retry_after * 1000)
            return JsonResponse(body, status=status, headers=headers)
        with translation.override(translation.get_language_from_request(self.request)):
            response = error_page(status, _("A fault of this world"), _("A test asked for this answer."))
        for name, value in headers.items():
            response.headers[name] = value
        return response

    # --- the answer

    def _ended(self, response: HttpResponseBase) -> HttpResponseBase:
        if self.fault is None:
            return response
        effect = self.fault.effect
        response.headers[HEADER] = self.fault.label
        if "session" in effect:
            self._end_session()
        if effect.get("drop") in (BEFORE, AFTER):
            _hang_up(self.request)
        elif "defect" in effect:
            return defects.left(effect["defect"], self.request, response)
        elif "cut" in effect:
            return self._cut(response, effect["cut"])
        return response

    def _end_session(self) -> None:
        if key := self.request.COOKIES.get(settings.SESSION_COOKIE_NAME):
            SessionStore(key).delete()

    def _cut(self, response: HttpResponseBase, share: float) -> HttpResponseBase:
        """The beginning of an answer that says how long it is as a whole."""
        whole = response.getvalue()
        cut = _Cut(self.request, whole[: int(len(whole) * share)], status=response.status_code)
        cut.headers, cut.cookies = response.headers, response.cookies
        cut.headers["Content-Length"] = str(len(whole))
        return cut


class _Cut(HttpResponse):
    """An answer after which the connection is closed."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._request = request

    def close(self) -> None:
        super().close()
        _hang_up(self._request)


def _filled(sentence: str, what: str) -> dict[str, Any]:
    """Values for the gaps of a sentence."""
    return dict.fromkeys(gaps(sentence), "…") | {"what": what}


def _raise(outage: str) -> None:
    """Raise what Django raises, from what the driver raises. Raises OperationalError."""
    code, words = _RAISED[outage]
    cause = sqlite3.OperationalError(words)
    cause.sqlite_errorcode = code
    raise OperationalError(words) from cause


def _raising(outage: str) -> Callable[..., Any]:
    def execute(*_statement: Any) -> None:
        _raise(outage)

    return execute


def _hang_up(request: HttpRequest) -> None:
    """Close the connection to the client, if the server lets us. What is sent afterwards is lost."""
    with suppress(OSError, KeyError):
        cast(socket.socket, request.META["gunicorn.socket"]).shutdown(socket.SHUT_RDWR)
