"""The console's addresses, for tests that visit each. tests/kit/test_doors.py visits those of the kit."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from connections.console.views.devices import ACTIONS

CONSOLE = "vpnconsole.urls"


class Address(NamedTuple):
    # As declared, with its arguments: `connections/<connection_id>/`.
    path: str
    name: str | None
    view: Callable


def addresses() -> list[Address]:
    def found(resolver: URLResolver, prefix: str) -> Iterator[Address]:
        for entry in resolver.url_patterns:
            path = f"{prefix}{entry.pattern}"
            if isinstance(entry, URLPattern):
                yield Address(path, entry.name, entry.callback)
            else:
                yield from found(entry, path)

    return list(found(get_resolver(CONSOLE), ""))


def arguments_of(name: str) -> set[str]:
    declared = get_resolver(CONSOLE).reverse_dict.getlist(name)[0][0]
    return {argument for _, arguments in declared for argument in arguments}


def address(name: str, values: dict[str, str]) -> str:
    """The address of a view with those of the values that it takes."""
    return reverse(name, kwargs={argument: values[argument] for argument in arguments_of(name)})


NAMES = sorted({name for _, name, _ in addresses() if name})
# Arguments that name no resource.
HARMLESS = {"region_id", "name", "what", "kind"}
# POST only, or for resources that the estate lacks.
UNASKED = {
    "resources-export-keys",
    "access-key-status",
    "connection-create-code",
    "set-language",
    "connection-fields",
    "connection-steps-dismiss",
    "connection-modify-fields",
    "device-modify-fields",
    "tunnel-modify-fields",
    *(name for name in NAMES if name.removeprefix("device-") in ACTIONS),
    "connection-peer-config-download",
    "attachment-fields",
    "login-as",
    "logout",
    "route-weight",
}


# Addresses that answer with a file, a word or a redirect, or show resources that the estate lacks.
NO_PAGE = {"login", "route-delete", "session", *(name for name in NAMES if name.endswith("-export"))}
# The pages that crawls visit; the owner of the estate can open each.
PAGES = [name for name in NAMES if name not in UNASKED | NO_PAGE]


def is_page(answer: HttpResponse) -> bool:
    return answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
