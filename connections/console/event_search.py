"""What a search in the event log means: IDs, names of resources and people, kinds of operation, changed fields."""

from django.db.models import Q

from connections.console import paging
from connections.console.event_sentences import CHANGES, SENTENCES
from connections.console.panels import fact_label
from connections.domain import sections
from connections.domain.regions import REGIONS
from connections.models import Account, Cen, Connection, CustomerGateway, TransitRouter, User
from connections.search import SHORTEST
from connections.wire.operations import Operation

# Resources with the name that is searched for; more than these are not looked for.
MOST = 50
# Fields of a connection and its tunnels.
_FIELDS = (*sections.CONNECTION_FIELDS, *sections.TUNNEL_FIELDS)
# Operations that don't tell of their values.
_KEYS = (Operation.SHOW_KEY, Operation.DOWNLOAD_VPN_CONNECTION_CONFIG)


def meaning(account: Account, text: str) -> Q:
    """The condition that a search text means for the events of an account, in the active language.

    Every part of it can use an index. Texts shorter than three characters mean IDs alone.
    """
    asked = Q(resource_id=text) | Q(related_id=text) | Q(request_id=text.upper())
    if len(text) < SHORTEST:
        return asked
    if people := _people(account, text):
        asked |= Q(actor__in=people)
    if named := _named(account, text):
        asked |= Q(resource_id__in=named) | Q(related_id__in=named)
    if operations := _operations(text):
        asked |= Q(operation__in=operations)
    if fields := [name for name in _FIELDS if _contains(fact_label(name), text) or name == text.casefold()]:
        prefixes = ("", *(f"{sections.tunnel_prefix(number)}." for number in sections.TUNNEL_TITLES))
        keys = [f"{prefix}{name}" for name in fields for prefix in prefixes]
        asked |= Q(operation__in=CHANGES, facts__has_any_keys=keys)
        if {"psk", "auth_key"} & set(fields):
            asked |= Q(operation__in=_KEYS)
    return asked


def _contains(words: object, text: str) -> bool:
    return text.casefold() in str(words).casefold()


def _people(account: Account, text: str) -> list[str]:
    members = User.objects.filter(account=account)
    return [one.username for one in members if _contains(one.username, text) or _contains(one.display_name, text)]


def _named(account: Account, text: str) -> list[str]:
    """The IDs of resources by a part of their names; where an account has many, by the whole name."""
    ids: list[str] = []
    for model in (Connection, CustomerGateway):
        mine = model.objects.of(account).filter(region_id__in=REGIONS)
        keys = list(mine.order_by().values_list("pk", flat=True)[: paging.COUNTED + 1])
        has_few = len(keys) <= paging.COUNTED
        rows = model.objects.filter(pk__in=keys, name__icontains=text) if has_few else mine.filter(name=text)
        ids += rows.values_list("resource_id", flat=True)[:MOST]
    for other in (Cen, TransitRouter):
        ids += other.objects.of(account).filter(name__icontains=text).values_list("resource_id", flat=True)[:MOST]
    return ids


def _operations(text: str) -> list[str]:
    """Operations by their own names, or by the words of their sentences."""
    return [
        operation
        for operation, words in SENTENCES.items()
        if _contains(operation, text) or _contains(str(words) % _Blank(), text)
    ]


class _Blank(dict):
    """Fills a sentence with nothing, which leaves its own words."""

    def __missing__(self, key: str) -> str:
        return ""
