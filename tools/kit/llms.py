"""llms.txt: what programs that drive a browser, and those who write them, need to know of the console."""

from collections.abc import Iterator

from connections import demo
from connections.api import actions
from connections.domain import sections
from connections.domain.choices import (
    AttachmentStatus,
    CenStatus,
    ConnectionState,
    NegotiationStatus,
    Outcome,
    ProbeResult,
)
from connections.domain.refusals import Reason
from connections.domain.regions import REGIONS
from tools.kit.registry import Field, all_forms, codes, paths, views
from vpnconsole.kit import endpoint, naming, scenarios, worlds
from vpnconsole.kit.faults.declaration import REFUSALS

HEAD = f"""# VPN Console

> A web console that imitates the publicly documented user interface of a cloud VPN service for IPsec-VPN connections
> between data centers and transit routers. There is no cloud behind it: everything is simulated, offline, and may be
> tried. Not affiliated with Alibaba Cloud.

Written by `python -m tools.kit`. Longer texts: docs/testers.md (UI tests), docs/testids.md (every test id),
docs/api.md (the API), docs/scenarios.md, docs/negotiation.md (why a tunnel is up or not), docs/product.md (the rules).

## Sign in

`/login/` has a button for each persona, `persona-<user name>`; the password of all is `{demo.PASSWORD}`.
"""
PAGES = """## Read a page

- Everything that can be used has a `data-testid`, the same in both languages and in every version of the page.
- A row of a list is `tr[data-name="<name>"]`; its parts are `<stem>-edit`, `<stem>-delete` and the like, where the stem
  is the row's test id without `-row`. An option of a choice has the resource's name in `data-name`.
- States are `data-state` and `data-status`; what was done is `data-operation` at `message-1`; why something is refused
  is `data-code` in the dialog or at the field.
- `<html data-idle>` is there while nothing is in flight: wait for it after each action, and never for seconds.
- Names of resources repeat from page to page; IDs such as `vco-…` are shown beside them. Choose by name.
- Deleting and the like ask in a dialog: `dialog-ok`, `dialog-cancel`. A form ends with `form-ok`.
- The language is the cookie `django_language`: `en` or `zh-hans`.
"""
WORLDS = f"""## Worlds: a console of one's own

A world is a copy of a scenario, with its own accounts, data and clock, made in milliseconds. A request names its world
by the header `{naming.HEADER}`, by the cookie `{naming.COOKIE}`, or by an access key of the world. Without a name it is
served from the data that everybody shares. A world ends after {worlds.IDLE // 3600} hours without a request.
`/_kit/` is the start page for people. The calls below take `Authorization: Bearer <KIT_TOKEN>` and JSON;
`GET /_kit/v1/openapi.json` describes them.
"""
FORMS = """## Forms

The control of a field has the test id `field-<name>`; a radio button `field-<name>-<value>`, rows `field-<name>-1` and
so on, tags `field-tag_key-1` and `field-tag_value-1`. `if` says with which values of others a field appears, `after`
which fields decide what it offers. Resources are chosen by ID; the options have names. With two tunnels, each field of
`tunnel1-` is there again with `tunnel2-`.
"""
API = """The address is `/`; requests are signed as the vendor's SDKs do, and answered in JSON. docs/api.md has the
parameters.

"""
# Fields of the second tunnel are those of the first one.
SECOND = sections.tunnel_prefix(2)
LISTS = {"cens": "CEN instances"}


def _personas() -> Iterator[str]:
    for tenant in demo.TENANTS:
        members = ", ".join(f"`{member.username}` ({member.role})" for member in tenant.members)
        yield f"- {tenant.name}: {members}. API: key `{tenant.access_key_id}`, secret `{tenant.access_key_secret}`."


def _addresses() -> Iterator[str]:
    yield "- `/`: the overview: what is up, and what needs attention"
    for name, path in paths().items():
        yield (
            f"- `/{path}`: list of {name.replace('_', ' ')}; a new one: `/{path}create/`"
            if name != "events"
            else (f"- `/{path}`: the event log: who did what, and what was refused")
        )
    yield "- `/api/`: API requests that arrived; `/resources/`: export and import; `/go-to/?q=<text>`: search"
    yield "- a resource: its list's address and its ID, then `modify/`, `delete/`, `code/`"
    yield f"- `{{region}}`: {', '.join(REGIONS)}; in addresses of lists also `all`"


def _field(field: Field) -> str:
    values = "|".join(field.values) or {"switch": "on|off", "select": "a resource"}.get(field.kind, "")
    words = [f"`{field.html_name}`", *([values] if values else []), *(["number"] if field.is_number else [])]
    words += [f"if {name}={'on' if value is True else value}" for name, value in field.needs.items()]
    words += [f"after {name}" for name in field.after]
    return " ".join(words)


def _forms() -> Iterator[str]:
    for form in all_forms():
        fields = (field for field in form.fields if not field.html_name.startswith(SECOND))
        yield f"### {form.about}\n\n{'; '.join(map(_field, fields))}\n"


def _codes() -> Iterator[str]:
    for label, choices in (
        ("State of a connection", ConnectionState),
        ("Status of a tunnel", NegotiationStatus),
        ("BGP session and health check in filters of lists", ProbeResult),
        ("Attachment", AttachmentStatus),
        ("CEN instance, transit router, route table", CenStatus),
        ("Outcome of an event", Outcome),
    ):
        yield f"- {label}: {', '.join(f'`{value}`' for value in choices.values)}"
    for view in views():
        parts = ", ".join(f"`{value.attribute}` of `{value.testid}` ({value.codes})" for value in view.values)
        yield f"- {view.about}: {parts}"
    for kind in ("TunnelCode", "BgpState", "HealthStatus", "Check", "Level"):
        yield f"- {kind}: {', '.join(f'`{value}`' for value in codes()[kind] if value)}"
    yield "\nRefusals (`data-code`):\n"
    for code, reason in sorted(REFUSALS.items()):
        yield f"- `{code}`: {_english(reason)}"


def _english(reason: Reason) -> str:
    return str.__str__(reason.sentence)


def _calls() -> Iterator[str]:
    for route in endpoint.routing.ROUTES:
        fields = ", ".join(name if name in route.required else f"{name}?" for name in route.fields)
        yield f"- `{route.method} {route.path}`{f' {{{fields}}}' if fields else ''}: {route.about}"


def _scenarios() -> Iterator[str]:
    for name, scenario in scenarios.SCENARIOS.items():
        # What a story is about gives its solution away.
        yield f"- `{name}`: {str.__str__(scenario.title or scenario.about)}"


def _operations() -> Iterator[str]:
    for version in sorted({version for version, _ in actions.ACTIONS}):
        names = ", ".join(sorted(name for of, name in actions.ACTIONS if of == version))
        yield f"- version {version}: {names}"


def _section(title: str, lines: Iterator[str], lead: str = "") -> str:
    listed = "\n".join(lines)
    return f"## {title}\n\n{lead}{listed}\n"


def text() -> str:
    return "\n".join(
        [
            HEAD + "\n" + "\n".join(_personas()) + "\n",
            _section("Addresses", _addresses()),
            PAGES,
            FORMS + "\n" + "\n".join(_forms()),
            _section("Codes", _codes()),
            _section("API", _operations(), API),
            WORLDS + "\n" + "\n".join(_calls()) + "\n",
            _section("Scenarios", _scenarios()),
        ]
    )
