"""The search of the command palette: pages and commands by title, resources by what identifies them, members."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Model, Q
from django.urls import Resolver404, get_script_prefix, resolve, reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from connections import search
from connections.console import paging
from connections.console.actions import Action, allowed, without_verbs
from connections.console.event_sentences import about, names
from connections.domain.choices import Outcome
from connections.domain.parsing import parse_asn
from connections.domain.regions import REGIONS, Region
from connections.domain.roles import Right
from connections.models import (
    Account,
    Attachment,
    Cen,
    Connection,
    CustomerGateway,
    Event,
    RouteTable,
    TransitRouter,
    User,
)

# Hits of each kind. Actions: all together; of how many resources they are offered, and of each if none was asked for.
MAX_MATCHES = 6
MAX_ACTIONS, MAX_SUBJECTS, ACTIONS_OF_EACH = 9, 6, 3
# Resources that the user has worked on, of so many events.
MAX_RECENT, RECENT_EVENTS = 5, 30

# The resource of a page by an argument of its address, the innermost first, and what its actions need.
_OPENED: dict[str, tuple[type[Any], tuple[str, ...]]] = {
    "attachment_id": (Attachment, ("transit_router__cen", "connection")),
    "table_id": (RouteTable, ("transit_router__cen",)),
    "router_id": (TransitRouter, ("cen",)),
    "cen_id": (Cen, ()),
    "connection_id": (Connection, ("attachment",)),
    "gateway_id": (CustomerGateway, ()),
}


@dataclass(frozen=True)
class Hit:
    """A search result. `note` distinguishes hits with the same title. `dialog`: its page opens in the dialog.

    `control` is the test id of a control of the page's frame, which the hit presses instead of leading somewhere.
    """

    title: str
    url: str = ""
    note: str = ""
    dialog: bool = False
    control: str = ""


Groups = list[tuple[str, list[Hit]]]


def find(user: User, region: Region, text: str, here: str = "") -> Groups:
    """Titles and hits by kind. `here` is the address of the page on which the palette was opened.

    It is blank for browsers without scripts, which get no hits that press a control.
    """
    text = search.typed(text)
    resource = _opened(user, here) if here else None
    if text:
        groups = _found(user, region, text, resource, _controls(user) if here else [])
    else:
        groups = _start(user, region, resource)
    return [(title, hits) for title, hits in groups if hits]


def _start(user: User, region: Region, opened: Model | None) -> Groups:
    """What to choose from before anything is typed."""
    return [
        (_("On this page"), [_hit_of(action) for action in _actions(user, [opened] if opened else [])]),
        (_("Recent"), _recent(user)),
        (_("Create"), _creates(user, region.id)),
        (_("Pages"), _pages(user, region.id)),
    ]


def _found(user: User, region: Region, text: str, opened: Model | None, controls: list[Hit]) -> Groups:
    words = text.casefold().split()
    resources = _resources(user.account, region, text)
    first = [row for kind in resources for row in kind][:MAX_SUBJECTS]
    named = without_verbs(words)
    here: list[Action] = []
    if len(named) == len(words):
        chosen = [action for row in first[:ACTIONS_OF_EACH] for action in allowed(user, row)[:ACTIONS_OF_EACH]]
    else:
        # "Edit hamburg" is about what "hamburg" finds.
        here = _matching(_actions(user, [opened] if opened else []), words)
        rest = " ".join(named)
        others = [row for kind in _resources(user.account, region, rest) for row in kind] if rest else []
        found = _actions(user, dict.fromkeys([*first, *others[:MAX_SUBJECTS]]))
        chosen = [action for action in _matching(found, words) if action not in here]
    pages = [*_creates(user, region.id), *_pages(user, region.id)]
    connections, gateways, cens, routers, tables = resources
    return [
        (_("On this page"), [_hit_of(action) for action in here]),
        (_("Commands"), [hit for hit in controls if _has(hit, words)][:MAX_MATCHES]),
        (_("Pages"), [hit for hit in pages if _has(hit, words)]),
        (_("IPsec Connections"), [_hit(row, str(row.region.name)) for row in connections]),
        (_("Customer Gateways"), [_hit(row, row.ip_address) for row in gateways]),
        (_("CEN Instances"), [_hit(row) for row in cens]),
        (_("Transit Routers"), [_hit(row, str(row.region.name)) for row in routers]),
        (_("Route Tables"), [_hit(row, row.transit_router.resource_id) for row in tables]),
        (_("Actions"), [_hit_of(action) for action in chosen[:MAX_ACTIONS]]),
        (_("Regions"), [hit for hit in _regions() if _has(hit, words)][:MAX_MATCHES]),
        (_("Event Log"), [*_people(user, words), *_events(text)]),
    ]


def _has(hit: Hit, words: list[str]) -> bool:
    text = f"{hit.title} {hit.note}".casefold()
    return all(word in text for word in words)


def _creates(user: User, region_id: str) -> list[Hit]:
    pages: tuple[tuple[str, str, list[str]], ...] = (
        (_("Create IPsec-VPN Connection"), "connection-create", [region_id]),
        (_("Create Customer Gateway"), "customer-gateway-create", [region_id]),
        (_("Create CEN Instance"), "cen-create", []),
    )
    return [Hit(title, reverse(page, args=args)) for title, page, args in pages] if user.may(Right.WRITE) else []


def _pages(user: User, region_id: str) -> list[Hit]:
    pages: list[tuple[str, str, list[str], Right | None]] = [
        (_("Overview"), "home", [], None),
        (_("IPsec Connections"), "connection-list", [region_id], None),
        (_("Customer Gateways"), "customer-gateway-list", [region_id], None),
        (_("CEN Instances"), "cen-list", [], None),
        (_("Event Log"), "event-list", [], None),
        (_("Members"), "member-list", [], Right.MANAGE),
        (_("Access Keys"), "access-key-list", [], None),
        (_("API and SDKs"), "api", [], None),
        (_("Export and Import"), "resources", [], None),
        (_("Service-linked role"), "service-linked-role", [], None),
        (_("Settings"), "account-settings", [], Right.WRITE),
    ]
    return [Hit(title, reverse(page, args=args)) for title, page, args, right in pages if not right or user.may(right)]


def _controls(user: User) -> list[Hit]:
    """Controls and dialogs of the page's frame."""
    values = [
        (_("Appearance"), _("Dark"), "theme-dark"),
        (_("Appearance"), _("Light"), "theme-light"),
        (_("Appearance"), _("System"), "theme-auto"),
        (_("Text size"), pgettext("text", "Large"), "size-large"),
        (_("Text size"), pgettext("text", "Standard"), "size-usual"),
    ]
    set_to = _("%(setting)s: %(value)s")
    hits = [Hit(set_to % {"setting": name, "value": value}, control=control) for name, value, control in values]
    others = [(name, code) for code, name in settings.LANGUAGES if code != get_language()]
    # In both languages: who wants to switch may read only the other one.
    hits += [Hit(f"Language / 语言: {name}", note={"zh-hans": "Chinese 中文"}.get(code, ""), control="language")
             for name, code in others]  # fmt: skip
    hits += [
        Hit(_("Change password"), reverse("own-password"), dialog=True),
        Hit(_("Sign out everywhere"), reverse("own-sessions"), dialog=True),
        Hit(_("Sign out"), control="sign-out"),
        Hit(_("Help"), reverse("shortcuts"), dialog=True),
    ]
    if settings.DEMO_MODE:
        personas = User.objects.filter(is_demo=True).exclude(pk=user.pk).select_related("account").order_by("id")
        switch = _("Switch to %(name)s")
        hits += [
            Hit(switch % {"name": one.display_name}, note=str(one.account), control=f"persona-{one.username}")
            for one in personas
        ]
    return hits


def _opened(user: User, address: str) -> Model | None:
    """The resource whose page has an address, if the user's account has it."""
    try:
        arguments = resolve(address.partition("?")[0].replace(get_script_prefix(), "/", 1)).kwargs
    except Resolver404:
        return None
    for name, (model, parts) in _OPENED.items():
        if name in arguments:
            rows = model.objects.of(user.account).filter(resource_id=arguments[name])
            return rows.select_related(*parts).first() if parts else rows.first()
    return None


def _actions(user: User, resources: Iterable[Model]) -> list[Action]:
    return [action for resource in resources for action in allowed(user, resource)]


def _matching(actions: Iterable[Action], words: list[str]) -> list[Action]:
    return [action for action in actions if all(word in f"{action.title} {action.url}".casefold() for word in words)]


def _hit_of(action: Action) -> Hit:
    return Hit(action.title, action.url, dialog=action.dialog)


def _recent(user: User) -> list[Hit]:
    """The resources on which the user has worked last."""
    mine = Event.objects.of(user.account).filter(actor=user.username, outcome=Outcome.SUCCESS)
    ids = list(dict.fromkeys(filter(None, (about(event) for event in mine.order_by("-id")[:RECENT_EVENTS]))))
    found = names(user.account, ids)
    # What has no name may be deleted.
    return [Hit(found[one].text, found[one].url, one) for one in ids if one in found][:MAX_RECENT]


def _resources(account: Account, region: Region, text: str) -> tuple[list[Any], ...]:
    """Connections, customer gateways, CEN instances, transit routers and route tables, by what identifies them."""
    named = Q(resource_id=text) | Q(name__icontains=text)
    asn = parse_asn(text)
    of_gateway = named | Q(ip_address__startswith=text) | (Q(asn=asn) if asn else Q())
    rows = (
        CustomerGateway.objects.of(account).filter(of_gateway).order_by("region_id", "-id"),
        Cen.objects.of(account).filter(named).order_by("-id"),
        TransitRouter.objects.of(account).filter(named).select_related("cen").order_by("-id"),
        RouteTable.objects.of(account).filter(named).select_related("transit_router__cen").order_by("-id"),
    )
    return _connections(account, region.id, text), *(list(kind[:MAX_MATCHES]) for kind in rows)


def _connections(account: Account, region_id: str, text: str) -> list[Connection]:
    """Search the current region by the index; other regions by ID, and by everything if they have few connections."""
    mine = Connection.objects.of(account).select_related("attachment").order_by("-id")
    rows = list(
        search.found(mine.filter(region_id=region_id), text, account.pk, region_id, paging.COUNTED)[:MAX_MATCHES]
    )
    # List the other regions: to exclude the current one, the database would read all connections of the account.
    elsewhere = mine.filter(region_id__in=REGIONS.keys() - {region_id})
    keys = list(elsewhere.order_by().values_list("pk", flat=True)[: paging.COUNTED + 1])
    read = len(keys) <= paging.COUNTED
    matches = search.read(mine.filter(pk__in=keys), text) if read else elsewhere.filter(resource_id=text)
    return (rows + list(matches[: MAX_MATCHES - len(rows)])) if len(rows) < MAX_MATCHES else rows


def _hit(resource: Any, *notes: str) -> Hit:
    name = getattr(resource, "name", "")
    return Hit(name or resource.resource_id, resource.get_absolute_url(), " · ".join([resource.resource_id, *notes]))


def _regions() -> list[Hit]:
    """The lists of connections of all regions."""
    return [Hit(str(one.name), reverse("connection-list", args=[one.id]), one.id) for one in REGIONS.values()]


def _people(user: User, words: list[str]) -> list[Hit]:
    """The events of members by their names."""
    address, title = reverse("event-list"), _("Events of %(name)s")
    hits = [
        Hit(title % {"name": one.display_name}, f"{address}?{urlencode({'q': one.display_name})}", one.username)
        for one in User.objects.filter(account=user.account).order_by("id")
    ]
    return [hit for hit in hits if _has(hit, words)][:MAX_MATCHES]


def _events(text: str) -> list[Hit]:
    """The search of the event log, which knows more words than the palette."""
    if len(text) < search.SHORTEST:
        return []
    title = _("Search the event log for “%(text)s”") % {"text": text}
    return [Hit(title, f"{reverse('event-list')}?{urlencode({'q': text})}")]
