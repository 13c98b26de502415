"""Putting browsers into worlds: cookies for tests, links for people. Those that browsers open need no token."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import get_script_prefix
from django.utils.http import url_has_allowed_host_and_scheme

from vpnconsole.kit import entering, links, naming, sessions, sharing
from vpnconsole.kit.endpoint.routing import route
from vpnconsole.kit.errors import KitError


def cookie(request: HttpRequest, name: str, value: str, expires: float = -1) -> dict[str, Any]:
    """A cookie as Playwright takes it."""
    host = request.get_host()
    return {
        "name": name,
        "value": value,
        "domain": host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0],
        "path": settings.SESSION_COOKIE_PATH,
        "expires": expires,
        "httpOnly": True,
        "secure": bool(settings.SESSION_COOKIE_SECURE),
        "sameSite": "Lax",
    }


def of_world(request: HttpRequest, world_id: str) -> dict[str, Any]:
    return cookie(request, naming.COOKIE, world_id)


PERSONA = {"type": "string", "maxLength": 150, "description": "The user name of a member"}


@route("POST", "/worlds/{world}/sessions", status=201, fields={"as": PERSONA}, required=("as",))
def session_create(request: HttpRequest, world: str, **body: str) -> dict:
    """Sign a member in. The cookies enter the world, too; `storage_state` has them in Playwright's form."""
    with entering.world_named(world) as found:
        session = sessions.begin(body["as"])
        own = cookie(
            request, settings.SESSION_COOKIE_NAME, session.session_key or "", session.get_expiry_date().timestamp()
        )
        cookies = [own, of_world(request, found.id)]
        return {"cookies": cookies, "storage_state": {"cookies": cookies, "origins": []}}


@route(
    "POST",
    "/worlds/{world}/enter",
    status=201,
    fields={
        "as": {**PERSONA, "default": ""},
        "to": {"type": "string", "maxLength": 2000, "default": "/", "description": "A path of the console"},
    },
)
def link_create(request: HttpRequest, world: str, to: str = "", **body: str) -> dict:
    """Make a link that puts a browser into the world, signed in as `as`. It works once, for five minutes."""
    if to and not (to.startswith("/") and url_has_allowed_host_and_scheme(to, None)):
        raise KitError(422, "bad_path", "`to` is a path of the console, such as /events/.")
    with entering.world_named(world) as found:
        persona = body.get("as", "")
        if persona:
            sessions.member(persona)
        once, expires = links.create(found.id, persona, to)
    return {"url": request.build_absolute_uri(f"{get_script_prefix()}_kit/enter/{once}"), "expires": expires}


@route("GET", "/_kit/enter/{once}", needs_token=False)
def enter(request: HttpRequest, once: str) -> HttpResponse:
    """Enter a world by a link."""
    link = links.follow(once)
    response = sessions.lead_into(request, link["world"], link["persona"], link["to"] or get_script_prefix())
    sharing.mark(response)
    return response


@route("GET", "/_kit/leave", needs_token=False)
def leave(request: HttpRequest) -> HttpResponse:
    """Leave the world that the browser remembers, and open the start page."""
    response = HttpResponseRedirect(f"{get_script_prefix()}{'_kit/' if settings.DEMO_MODE else ''}")
    for name in (naming.COOKIE, settings.SESSION_COOKIE_NAME):
        response.delete_cookie(name, path=settings.SESSION_COOKIE_PATH, samesite="Lax")
    sharing.mark(response)
    return response
