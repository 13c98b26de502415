"""Middlewares of the console: region and actor, caching, idempotency, rights, redirects and refused forms."""

import secrets
import zlib
from base64 import b64decode, b64encode
from contextlib import suppress
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django_htmx.http import HttpResponseClientRedirect

from connections.console import idempotency
from connections.console.access import SAFE, right_of
from connections.console.requests import EVERYWHERE, NO_SCRIPTS, REGION, ConsoleRequest, ShownOnce, url_name
from connections.domain.refusals import Refused
from connections.domain.regions import ALL_REGIONS, REGIONS
from connections.persistence.encryption import WrongKey, seal, unseal
from connections.request_context import current
from connections.services.operations import Actor, AlreadyDone, submission_of, turn_away


class ConsoleMiddleware:
    """Set `request.actor`, `request.region` and `request.place`; keep the last region and place in the session.

    The region is that of the last regional page. Pages that are not regional take it from `?region=`, so that the
    selector works there too. The place is that region, or all regions from when a list shows them until one shows less.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: ConsoleRequest):
        request.actor = SimpleLazyObject(  # type: ignore[assignment]  # it behaves as the actor that it wraps
            lambda: Actor.of(request.user, request.request_id, idempotency.token_of(request))
        )
        request.region = request.place = REGIONS[settings.DEFAULT_REGION]
        return self.get_response(request)

    def process_view(self, request: ConsoleRequest, view, args, kwargs):
        chosen = kwargs.get("region_id") or request.GET.get("region")
        last = request.session.get(REGION)
        # Otherwise every request of an anonymous client would create a session.
        if chosen in REGIONS and last != chosen and request.user.is_authenticated:
            request.session[REGION] = chosen
        region_id = chosen if chosen in REGIONS else last
        if region_id in REGIONS:
            request.region = REGIONS[region_id]
        everywhere = request.session.get(EVERYWHERE, False)
        chooses = chosen == ALL_REGIONS.id or "region" in request.GET or url_name(request).endswith("-list")
        if chosen and chooses and everywhere != (chosen == ALL_REGIONS.id) and request.user.is_authenticated:
            everywhere = request.session[EVERYWHERE] = chosen == ALL_REGIONS.id
        request.place = ALL_REGIONS if everywhere else request.region


class NoStoreMiddleware:
    """Keep answers to signed-in users out of browsers' caches, unless a view sets Cache-Control itself.

    Looks at the session cookie, not at the session, so that it also works while the database is away.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: ConsoleRequest):
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES or settings.SESSION_COOKIE_NAME in response.cookies:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


class IdempotencyMiddleware:
    """Answer a repeated form with the result of the first one."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: ConsoleRequest):
        response = self.get_response(request)
        if not getattr(request, "came_first", False) or idempotency.led_elsewhere(response):
            return response
        return self._by_another(request) or response

    def process_view(self, request: ConsoleRequest, view, args, kwargs):
        if request.method != "POST" or getattr(view, "is_read_only", False):
            return None
        if not idempotency.token_of(request) or not request.user.is_authenticated:
            return None
        if before := submission_of(request.actor):
            return idempotency.done_before(request, before)
        request.came_first = "_action" not in request.POST
        return None

    def process_exception(self, request: ConsoleRequest, exception):
        if isinstance(exception, AlreadyDone):
            return idempotency.done_before(request, exception.submission)
        return self._by_another(request) if isinstance(exception, Http404) else None

    def _by_another(self, request: ConsoleRequest):
        """The answer if an equal form was served at the same time and finished first, else None."""
        if not getattr(request, "came_first", False):
            return None
        before = submission_of(request.actor)
        return idempotency.done_before(request, before) if before and before.request_id != request.request_id else None


class RightsMiddleware:
    """Refuse members whose role lacks the right that a view requires, and record that."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: ConsoleRequest):
        return self.get_response(request)

    def process_view(self, request: ConsoleRequest, view, args, kwargs):
        if request.user.is_authenticated and (served := current.get()):
            # For the log.
            served.account, served.user = request.user.account.uid, request.user.username
        right = right_of(view, request.method)
        if right is None or not request.user.is_authenticated or request.user.may(right):
            return None
        page = f"{'GET' if request.method in SAFE else 'POST'} {url_name(request)}"
        # Record IDs of the account's own resources only, not arbitrary text from the address.
        named = [idempotency.own_resource(request.user.account, text) for text in kwargs.values()]
        resource_id = next((row.resource_id for row in reversed(named) if row), "")
        region_id = kwargs.get("region_id", "")
        region_id = region_id if region_id in REGIONS else ""
        reason = turn_away(request.actor, right, page, resource_id, region_id)
        return self._forbidden(request, reason)

    def process_exception(self, request: ConsoleRequest, exception):
        """Services refuse members who lose the right while their request is served."""
        return self._forbidden(request, exception.message) if isinstance(exception, Refused) else None

    @staticmethod
    def _forbidden(request: ConsoleRequest, reason):
        return render(request, "403.html", {"reason": reason}, status=403)


class ClientRedirectMiddleware:
    """Have scripts follow redirects as the whole page, not just the requested fragment.

    That concerns every redirect of a form that a script sends (`HX-Request: false`), and of fragments the one to sign
    in when the session has expired.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: ConsoleRequest):
        response = self.get_response(request)
        if "HX-Request" not in request.headers or not isinstance(response, HttpResponseRedirect):
            return response
        login = resolve_url(settings.LOGIN_URL)
        if response.url.split("?")[0] == login:
            page = request.htmx.current_url_abs_path or resolve_url("home")
            return HttpResponseClientRedirect(f"{login}?next={quote(page)}")
        if request.htmx:
            return response
        followed = HttpResponseClientRedirect(response.url)
        followed.cookies = response.cookies
        return followed


class RefusedFormMiddleware:
    """Show the answer to a form at a GET address, so that back and reload work without scripts as well.

    Scripts swap the answer in themselves. The session keeps the last few answers, sealed, as they may repeat a key.
    """

    PARAMETER = "refused"
    # Answers, and bytes of each, compressed.
    KEPT, LARGEST = 3, 48 * 1024

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: ConsoleRequest):
        if request.method == "GET" and (key := request.GET.get(self.PARAMETER)):
            kept = request.session.get(self.PARAMETER, {}).get(key)
            if kept and kept[:2] == [request.path, get_language()]:
                with suppress(WrongKey):
                    return HttpResponse(zlib.decompress(b64decode(unseal(kept[2]))))
        response = self.get_response(request)
        if request.method == "POST" and NO_SCRIPTS in request.POST and "HX-Request" not in request.headers:
            return self._kept(request, response)
        return response

    def _kept(self, request: ConsoleRequest, response: HttpResponse) -> HttpResponse:
        if response.status_code != 200 or isinstance(response, ShownOnce) or "Content-Disposition" in response:
            return response
        packed = zlib.compress(response.content)
        if not request.user.is_authenticated or len(packed) > self.LARGEST:
            return response
        key = secrets.token_hex(4)
        others = list(request.session.get(self.PARAMETER, {}).items())[1 - self.KEPT :]
        answer = [request.path, get_language(), seal(b64encode(packed).decode())]
        request.session[self.PARAMETER] = dict([*others, (key, answer)])
        query = request.GET.copy()
        query[self.PARAMETER] = key
        return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")
