"""Events as sentences: who did what to which resource.

`sentences` reads the names of everybody and everything that a page of events mentions, in at most six queries.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connections.console.panels import fact_rows
from connections.console.words import Words
from connections.domain.choices import Outcome
from connections.models import Account, Cen, Connection, CustomerGateway, Event, RouteTable, TransitRouter, User
from connections.wire.operations import Operation

# How many changed fields a sentence names.
MOST_FIELDS = 3

_CHANGED = _("%(who)s changed %(fields)s of %(what)s")
_ROUTES = _("%(who)s changed route %(destination)s in a route table of %(what)s")
_TAGS = _("%(who)s changed the tags of %(what)s")
_MOVED = _("%(who)s moved %(what)s to another resource group")
_READ = _("%(who)s read the key of %(what)s through the API")
# What an event says, by its operation. `who` and `what` are names; other parameters are facts of the event, and
# `fields` are the labels of what was changed.
SENTENCES: dict[str, Words] = {
    Operation.CREATE_CUSTOMER_GATEWAY: _("%(who)s created customer gateway %(what)s"),
    Operation.MODIFY_CUSTOMER_GATEWAY_ATTRIBUTE: _CHANGED,
    Operation.DELETE_CUSTOMER_GATEWAY: _("%(who)s deleted customer gateway %(what)s"),
    Operation.CREATE_VPN_ATTACHMENT: _("%(who)s created connection %(what)s"),
    Operation.MODIFY_VPN_ATTACHMENT_ATTRIBUTE: _CHANGED,
    Operation.MODIFY_TUNNEL_ATTRIBUTE: _CHANGED,
    Operation.DELETE_VPN_ATTACHMENT: _("%(who)s deleted connection %(what)s"),
    Operation.DOWNLOAD_VPN_CONNECTION_CONFIG: _("%(who)s generated the peer configuration of %(what)s"),
    Operation.CREATE_VCO_ROUTE_ENTRY: _("%(who)s added route %(destination)s to %(what)s"),
    Operation.MODIFY_VCO_ROUTE_ENTRY_WEIGHT: _("%(who)s changed the weight of route %(destination)s of %(what)s"),
    Operation.DELETE_VCO_ROUTE_ENTRY: _("%(who)s removed route %(destination)s from %(what)s"),
    Operation.GRANT_INSTANCE_TO_TRANSIT_ROUTER: _(
        "%(who)s authorized account %(peer_uid)s to attach %(what)s to CEN %(peer_cen_id)s"
    ),
    Operation.MODIFY_GRANT_INSTANCE_TO_TRANSIT_ROUTER: _(
        "%(who)s changed who pays for %(what)s in CEN %(peer_cen_id)s"
    ),
    Operation.REVOKE_INSTANCE_FROM_TRANSIT_ROUTER: _(
        "%(who)s revoked the authorization of CEN %(peer_cen_id)s to attach %(what)s"
    ),
    Operation.CREATE_TRANSIT_ROUTER_VPN_ATTACHMENT: _("%(who)s attached %(what)s to a transit router"),
    Operation.UPDATE_TRANSIT_ROUTER_VPN_ATTACHMENT_ATTRIBUTE: _(
        "%(who)s changed %(fields)s of the attachment of %(what)s"
    ),
    Operation.DELETE_TRANSIT_ROUTER_VPN_ATTACHMENT: _("%(who)s detached %(what)s from its transit router"),
    Operation.CREATE_CEN: _("%(who)s created CEN %(what)s"),
    Operation.MODIFY_CEN_ATTRIBUTE: _CHANGED,
    Operation.DELETE_CEN: _("%(who)s deleted CEN %(what)s"),
    Operation.CREATE_TRANSIT_ROUTER: _("%(who)s created transit router %(what)s"),
    Operation.UPDATE_TRANSIT_ROUTER: _CHANGED,
    Operation.DELETE_TRANSIT_ROUTER: _("%(who)s deleted transit router %(what)s"),
    Operation.CREATE_TRANSIT_ROUTER_CIDR: _("%(who)s added CIDR block %(cidr)s to %(what)s"),
    Operation.MODIFY_TRANSIT_ROUTER_CIDR: _("%(who)s changed a CIDR block of %(what)s"),
    Operation.DELETE_TRANSIT_ROUTER_CIDR: _("%(who)s removed CIDR block %(cidr)s from %(what)s"),
    Operation.CREATE_TRANSIT_ROUTER_ROUTE_TABLE: _("%(who)s created route table %(what)s"),
    Operation.UPDATE_TRANSIT_ROUTER_ROUTE_TABLE: _CHANGED,
    Operation.DELETE_TRANSIT_ROUTER_ROUTE_TABLE: _("%(who)s deleted route table %(what)s"),
    Operation.CREATE_TRANSIT_ROUTER_ROUTE_ENTRY: _ROUTES,
    Operation.UPDATE_TRANSIT_ROUTER_ROUTE_ENTRY: _ROUTES,
    Operation.DELETE_TRANSIT_ROUTER_ROUTE_ENTRY: _ROUTES,
    Operation.ASSOCIATE_TRANSIT_ROUTER_ATTACHMENT_WITH_ROUTE_TABLE: _("%(who)s associated %(what)s with a route table"),
    Operation.DISSOCIATE_TRANSIT_ROUTER_ATTACHMENT_FROM_ROUTE_TABLE: _(
        "%(who)s dissociated %(what)s from its route table"
    ),
    Operation.ENABLE_TRANSIT_ROUTER_ROUTE_TABLE_PROPAGATION: _("%(who)s enabled route propagation of %(what)s"),
    Operation.DISABLE_TRANSIT_ROUTER_ROUTE_TABLE_PROPAGATION: _("%(who)s disabled route propagation of %(what)s"),
    Operation.TAG_RESOURCES: _TAGS,
    Operation.UN_TAG_RESOURCES: _TAGS,
    Operation.UNTAG_RESOURCES: _TAGS,
    Operation.MOVE_RESOURCE_GROUP: _MOVED,
    Operation.MOVE_VPN_RESOURCE_GROUP: _MOVED,
    Operation.SHOW_KEY: _("%(who)s viewed the key of %(what)s"),
    Operation.DESCRIBE_VPN_CONNECTION: _READ,
    Operation.DESCRIBE_VPN_CONNECTIONS: _READ,
    Operation.DESCRIBE_VPN_ATTACHMENTS: _READ,
    Operation.DESCRIBE_CUSTOMER_GATEWAY: _READ,
    Operation.DESCRIBE_CUSTOMER_GATEWAYS: _READ,
    "ExportResourcesWithKeys": _("%(who)s exported the account's resources with their keys"),
    Operation.IMPORT_RESOURCES: _("%(who)s imported resources"),
    Operation.MODIFY_ACCOUNT_SETTINGS: _("%(who)s changed the account's settings"),
    Operation.CREATE_USER: _("%(who)s added member %(user)s"),
    Operation.CHANGE_USER_ROLE: _("%(who)s changed the role of %(user)s"),
    Operation.ENABLE_USER: _("%(who)s enabled member %(user)s"),
    Operation.DISABLE_USER: _("%(who)s disabled member %(user)s"),
    Operation.SIGN_OUT_USER: _("%(who)s signed %(user)s out everywhere"),
    Operation.CHANGE_PASSWORD: _("%(who)s changed the password of %(user)s"),
    Operation.CREATE_ACCESS_KEY: _("%(who)s created an access key for %(user)s"),
    Operation.UPDATE_ACCESS_KEY: _("%(who)s enabled or disabled an access key of %(user)s"),
    Operation.DELETE_ACCESS_KEY: _("%(who)s deleted an access key of %(user)s"),
    # The simulator's own.
    Operation.LOAD_DEVICE_CONFIGURATION: _("%(who)s loaded the configuration onto the device of %(what)s"),
    Operation.MODIFY_DEVICE: _("%(who)s changed %(fields)s on the device of %(what)s"),
    Operation.CUT_LINE: _("%(who)s cut the line to the device of %(what)s"),
    Operation.RESTORE_LINE: _("%(who)s restored the line to the device of %(what)s"),
    Operation.SWITCH_DEVICE_ON: _("%(who)s switched on the device of %(what)s"),
    Operation.SWITCH_DEVICE_OFF: _("%(who)s switched off the device of %(what)s"),
    Operation.RESTART_DEVICE: _("%(who)s restarted the device of %(what)s"),
    Operation.RESET_TUNNEL: _("%(who)s reset a tunnel of %(what)s"),
    Operation.SEND_TRAFFIC: _("%(who)s sent traffic through %(what)s"),
    Operation.STOP_TRAFFIC: _("%(who)s stopped the traffic through %(what)s"),
}
# Operations whose sentences name the fields that they change.
CHANGES = [operation for operation, words in SENTENCES.items() if "%(fields)s" in words]

_OTHER = _("%(who)s: %(operation)s, %(what)s")
_TURNED_AWAY = _("%(who)s wasn't allowed to open a page")
_REFUSED = _("A request of %(who)s was refused")
_REFUSED_ABOUT = _("A request of %(who)s about %(what)s was refused")

# Resources by the beginning of their IDs. That of a transit router also begins those of attachments, which are named
# by their connections.
_KINDS: dict[str, type[Any]] = {
    "vco-": Connection,
    "cgw-": CustomerGateway,
    "cen-": Cen,
    "tr-": TransitRouter,
    "vtb-": RouteTable,
}
_ATTACHMENT = "tr-attach-"
# What their addresses need.
_WAYS = {"tr-": "cen", "vtb-": "transit_router__cen"}


@dataclass(frozen=True)
class Sentence:
    """An event in words. `html` has links to what is still there; `reason` is why it was refused, or blank."""

    event: Event
    html: SafeString
    text: str
    reason: str = ""


@dataclass(frozen=True)
class Name:
    """A resource's name, and its address if it is still there."""

    text: str
    url: str = ""


def sentences(account: Account, events: Iterable[Event]) -> list[Sentence]:
    """The sentences of events, in their order, as this account may read them."""
    events = list(events)
    found, people = names(account, {about(event) for event in events}), _people(account, events)
    return [_sentence(account, event, found, people) for event in events]


def told(events: Iterable[Event], account: Account) -> dict[int, Sentence]:
    """The sentences of events by their keys, for a table."""
    return {one.event.pk: one for one in sentences(account, events)}


def last_of(account: Account, members: Iterable[User]) -> dict[str, Sentence]:
    """What each member did last, by username."""
    newest = Event.objects.of(account).filter(actor=OuterRef("username")).order_by("-id").values("pk")[:1]
    keys = User.objects.filter(pk__in=[member.pk for member in members]).annotate(last=Subquery(newest)).values("last")
    events = Event.objects.filter(pk__in=keys)
    return {one.event.actor: one for one in sentences(account, events)}


def about(event: Event) -> str:
    """The ID of the resource that the sentence names; an attachment is named by its connection."""
    return event.related_id if event.related_id and event.resource_id[:10] in ("", _ATTACHMENT) else event.resource_id


def names(account: Account, ids: Collection[str]) -> dict[str, Name]:
    """The names of an account's resources by their IDs. An attachment has none of its own."""
    found: dict[str, Name] = {}
    for prefix, model in _KINDS.items():
        wanted = [one for one in ids if one.startswith(prefix) and not one.startswith(_ATTACHMENT)]
        if not wanted:
            continue
        # By IDs alone, as SQLite would read all rows of the account.
        rows = model.objects.filter(resource_id__in=wanted)
        if prefix in _WAYS:
            rows = rows.select_related(_WAYS[prefix])
        own = [row for row in rows if row.account_id == account.pk]
        found |= {row.resource_id: Name(str(row), row.get_absolute_url()) for row in own}
    return found


def _people(account: Account, events: list[Event]) -> dict[str, str]:
    users = {event.actor for event in events} | {str(event.facts.get("user", "")) for event in events}
    members = User.objects.filter(account=account, username__in=users)
    return {member.username: member.display_name for member in members}


def _sentence(account: Account, event: Event, found: Mapping[str, Name], people: Mapping[str, str]) -> Sentence:
    is_own, subject = event.account_id == account.pk, about(event)
    facts = event.facts if is_own else {}
    words = {name: str(value) for name, value in facts.items() if not isinstance(value, (list, dict))}
    words["user"] = people.get(words.get("user", ""), words.get("user", ""))
    words["who"] = people.get(event.actor, event.actor) if is_own else gettext("Another account")
    words["fields"] = _fields(event) if is_own else gettext("settings")
    words["operation"] = event.operation
    # Of what is gone, the event may keep the name.
    name = found.get(subject) or Name(words.get("name") or subject or "-")
    template = str(_template(event, subject))
    words = {key: words.get(key, "-") for key in (*words, "destination", "cidr", "peer_uid", "peer_cen_id")}
    marked: dict[str, str] = {key: escape(value) for key, value in words.items()}
    marked["who"] = format_html("<strong>{}</strong>", words["who"])
    link = '<a data-testid="event-{}-what" href="{}">{}</a>'
    marked["what"] = format_html(link, event.request_id, name.url, name.text) if name.url else escape(name.text)
    return Sentence(
        event,
        mark_safe(escape(template) % marked),  # noqa: S308 - both are escaped
        template % (words | {"what": name.text}),
        event.said if is_own and event.outcome == Outcome.REFUSED else "",
    )


def _template(event: Event, about: str) -> Words:
    if event.outcome != Outcome.REFUSED:
        return SENTENCES.get(event.operation, _OTHER)
    if event.operation == "OpenPage":
        return _TURNED_AWAY
    return _REFUSED_ABOUT if about else _REFUSED


def _fields(event: Event) -> str:
    """The labels of what an event changed."""
    changed = {name: fact for name, fact in event.facts.items() if isinstance(fact, list) or fact == "changed"}
    labels = [label for label, _before, _after in fact_rows(Event(facts=changed))]
    if not labels:
        return gettext("settings")
    text = ", ".join(labels[:MOST_FIELDS])
    more = len(labels) - MOST_FIELDS
    return gettext("%(fields)s and %(number)s more") % {"fields": text, "number": more} if more > 0 else text
