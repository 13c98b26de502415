"""What this server is and what it can do."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from connections import demo
from vpnconsole.kit import personas, scenarios, worlds
from vpnconsole.kit.endpoint import routing
from vpnconsole.kit.endpoint.routing import route
from vpnconsole.kit.faults import declaration


def _version() -> str:
    try:
        return version("vpn-console")
    except PackageNotFoundError:
        return ""


@route("GET", "/")
def about(request: HttpRequest) -> dict:
    """Version, limits, scenarios, personas and effects of faults."""
    return {
        "version": _version(),
        "limits": {
            "worlds": settings.KIT_WORLDS,
            "idle": worlds.IDLE,
            "longest": worlds.LONGEST,
            "size": worlds.SIZE,
            "snapshots": worlds.SNAPSHOTS,
        },
        "scenarios": {name: scenario.about for name, scenario in scenarios.SCENARIOS.items()},
        "personas": [member.username for tenant in demo.TENANTS for member in tenant.members],
        "misbehaving": {persona.username: persona.about for persona in personas.PERSONAS},
        "faults": [*declaration.SCHEMA["properties"]["effect"]["properties"]],
    }


@route("GET", "/openapi.json")
def openapi(request: HttpRequest) -> dict:
    """This document."""
    paths: dict[str, dict[str, Any]] = {}
    for each in routing.ROUTES:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {"title": "VPN Console: worlds for tests", "version": _version() or "0"},
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
        "paths": paths,
    }


def _operation(each: routing.Route) -> Mapping[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in each.pattern.groupindex
    ] + [
        {"name": name, "in": "query", "description": about, "schema": {"type": "string"}}
        for name, about in each.query.items()
    ]
    operation: dict[str, Any] = {
        "operationId": each.handler.__name__,
        "summary": each.about,
        "parameters": parameters,
        "responses": {
            str(each.status): {"description": "Done"},
            "default": {
                "description": "Refused",
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "properties": {name: {"type": "string"} for name in ("code", "message", "hint")},
                        }
                    }
                },
            },
        },
    }
    content: dict[str, Any] = {}
    if each.fields:
        content["application/json"] = {
            "schema": {
                "type": "object",
                "properties": dict(each.fields),
                "required": list(each.required),
                "additionalProperties": False,
            }
        }
    content |= {name: {"schema": {"type": "string", "format": "binary"}} for name in each.files}
    if content:
        operation["requestBody"] = {"content": content}
    if not each.needs_token:
        operation["security"] = []
    return operation
