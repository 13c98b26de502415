"""The routing table of the endpoint, which is declared once: calls and the OpenAPI document follow from it."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.http.response import HttpResponseBase

from vpnconsole.kit import token
from vpnconsole.kit.errors import KitError

ROOT = "/_kit/v1"
# What a body may be, as in JSON Schema.
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Route:
    """One call. `path` has parameters in braces; `fields` are the properties of its body by name."""

    method: str
    path: str
    handler: Callable[..., HttpResponseBase | dict | None]
    about: str
    fields: Mapping[str, Schema] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    # Types of a body that is a file instead of JSON.
    files: tuple[str, ...] = ()
    # False: a browser opens it, without the token.
    needs_token: bool = True

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        words = re.split(r"\{(\w+)\}", self.path)
        return re.compile("".join(f"(?P<{w}>[^/]+)" if n % 2 else re.escape(w) for n, w in enumerate(words)))


ROUTES: list[Route] = []


def route(method: str, path: str, **more: Any):
    """Declare a call. Its docstring is its description; an answer of None is 204."""

    def register(handler):
        about = " ".join((handler.__doc__ or "").split())
        ROUTES.append(Route(method, ROOT + path if more.get("needs_token", True) else path, handler, about, **more))
        return handler

    return register


def answers(request: HttpRequest) -> bool:
    """Whether a request is for the endpoint: a call with the token, or what a browser opens without."""
    path = request.path_info
    return path.startswith(f"{ROOT}/") or any(not one.needs_token and one.pattern.fullmatch(path) for one in ROUTES)


def answer(request: HttpRequest) -> HttpResponseBase:
    """Answer a request to an address of the kit."""
    try:
        response = _answer(request)
    except KitError as error:
        if not request.path_info.startswith(f"{ROOT}/"):
            # A person is looking.
            raise
        response = JsonResponse(error.body(), status=error.status)
        if error.status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        if seconds := error.more.get("retry_after"):
            response.headers["Retry-After"] = str(seconds)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _answer(request: HttpRequest) -> HttpResponseBase:
    try:
        request.get_host()
    except DisallowedHost:
        raise KitError(400, "host", "This server does not answer for this host.", "See ALLOWED_HOSTS.") from None
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        raise KitError(403, "plain_http", "This server answers by HTTPS only.")
    at = [(each, match) for each in ROUTES if (match := each.pattern.fullmatch(request.path_info))]
    if not (at and not at[0][0].needs_token) and not token.is_shown(request):
        raise KitError(
            401,
            "token",
            "The token is missing or wrong.",
            "Send Authorization: Bearer, with KIT_TOKEN or the text of the file kit-token in the data folder.",
        )
    if not at:
        raise KitError(404, "not_found", "There is nothing at this address.", f"GET {ROOT}/openapi.json lists all.")
    for each, match in at:
        if each.method == request.method:
            given = each.handler(request, **match.groupdict(), **_query(each, request), **_body(each, request))
            if isinstance(given, HttpResponseBase):
                return given
            return HttpResponse(status=204) if given is None else JsonResponse(given, status=each.status)
    allowed = sorted({each.method for each, _ in at})
    raise KitError(405, "method", f"This address takes {', '.join(allowed)}.")


def _query(route: Route, request: HttpRequest) -> dict[str, str]:
    """The parameters in the address. Raises KitError for unknown ones."""
    if unknown := sorted(set(request.GET) - set(route.query)):
        known = ", ".join(route.query) or "none"
        raise KitError(422, "invalid", f"There is no parameter {unknown[0]!r} here; there are {known}.")
    return {name: value for name, value in request.GET.items() if isinstance(value, str)}


def _body(route: Route, request: HttpRequest) -> dict[str, Any]:
    """The fields of a request's body. Raises KitError for a body that is not as declared."""
    try:
        # As large as any body that the server takes. `request.body` has the limit of forms.
        raw = request.read()
    except UnreadablePostError:
        raise KitError(400, "cut_off", "The body did not arrive.") from None
    if request.content_type in route.files:
        return {"file": raw}
    if not raw:
        body: Any = {}
    else:
        try:
            body = json.loads(raw)
        except ValueError:
            raise KitError(400, "json", "The body is not JSON.") from None
    schema = {"type": "object", "properties": route.fields, "required": route.required}
    if fault := next(faults(body, schema, ""), None):
        raise KitError(422, "invalid", fault)
    return body


_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,),
    "boolean": (bool,), "integer": (int,), "number": (int, float),
}  # fmt: skip


def faults(value: object, schema: Schema, place: str):
    """What is wrong with a value, in sentences. Knows the part of JSON Schema that the routes use."""
    kinds = schema.get("type", ())
    kinds = (kinds,) if isinstance(kinds, str) else kinds
    here = place or "The body"
    if kinds and not any(_is(value, kind) for kind in kinds):
        yield f"{here} must be of type {' or '.join(kinds)}."
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{here} must be one of {', '.join(map(str, schema['enum']))}."
    if isinstance(value, str) and len(value) > schema.get("maxLength", len(value)):
        yield f"{here} has at most {schema['maxLength']} characters."
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{here} must be from {schema.get('minimum')} to {schema.get('maximum', 'any number')}."
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from faults(item, schema.get("items", {}), f"{place}[{number}]")
    if isinstance(value, dict) and "properties" in schema:
        for name in sorted(set(value) - set(schema["properties"])):
            yield f"There is no field {name!r} here; there are {', '.join(schema['properties']) or 'none'}."
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{place + '.' if place else ''}{name} is missing."
        for name, item in value.items():
            if name in schema["properties"]:
                yield from faults(item, schema["properties"][name], f"{place}.{name}" if place else name)


def _is(value: object, kind: str) -> bool:
    if kind == "null":
        return value is None
    # True is an integer to Python.
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
