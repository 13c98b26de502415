"""CBN: entries of route tables, static or propagated."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

from connections import ids, routing
from connections.api.actions import lookups
from connections.api.actions.values import iso
from connections.api.errors import ApiError
from connections.api.registry import CBN, TOKENED, Call, Choice, Objects, Text, Texts, action, tokens
from connections.domain.choices import EntryStatus, EntryType
from connections.models import Attachment, Route, RouteEntry, RouteTable, TransitRouterCidr
from connections.numbers import whole_number
from connections.routing import BgpRoute, Entry, LiveTable
from connections.services.route_entries import create_route_entry, delete_route_entry, modify_route_entry
from connections.wire.codes import ErrorCode

_TABLE = Text("TransitRouterRouteTableId", required=True)
_PREFIX = "TransitRouterRouteEntry"
_DESTINATION = f"{_PREFIX}DestinationCidrBlock"
BLACK_HOLE, TO_ATTACHMENT = "BlackHole", "Attachment"
# The next hop of the transit router's own blocks. The vendor's name for it is not public.
TO_ROUTER = "TransitRouter"


@action(
    CBN,
    _TABLE,
    Text(_DESTINATION, required=True),
    Choice(f"{_PREFIX}NextHopType", required=True, options=(BLACK_HOLE, TO_ATTACHMENT)),
    Text(f"{_PREFIX}NextHopId", note="the attachment, unless NextHopType is BlackHole"),
    Text(f"{_PREFIX}Name"),
    Text(f"{_PREFIX}Description"),
    region=None,
    writes=True,
    dry_run=True,
    answer={f"{_PREFIX}Id": str},
)
def create_transit_router_route_entry(call: Call):
    """Create a static entry that leads to an attachment or to a black hole."""
    table, attachment = lookups.table(call), None
    if call[f"{_PREFIX}NextHopType"] == TO_ATTACHMENT:
        if not call[f"{_PREFIX}NextHopId"]:
            raise ApiError(ErrorCode.MISSING, name=f"{_PREFIX}NextHopId")
        rows = Attachment.objects.living().filter(
            transit_router=table.transit_router_id, resource_id=call[f"{_PREFIX}NextHopId"]
        )
        attachment = rows.first()
        if attachment is None:
            raise ApiError(ErrorCode.ATTACHMENT_NOT_FOUND)
    new = RouteEntry(
        route_table=table,
        destination=call[_DESTINATION],
        attachment=attachment,
        name=call[f"{_PREFIX}Name"] or "",
        description=call[f"{_PREFIX}Description"] or "",
    )
    return {f"{_PREFIX}Id": create_route_entry(call.actor, new).resource_id}


@action(
    CBN,
    Text(f"{_PREFIX}Id", note="or the table with destination and next hop"),
    Text("TransitRouterRouteTableId"),
    Text(_DESTINATION),
    Choice(f"{_PREFIX}NextHopType", options=(BLACK_HOLE, TO_ATTACHMENT)),
    Text(f"{_PREFIX}NextHopId"),
    region=None,
    writes=True,
    dry_run=True,
)
def delete_transit_router_route_entry(call: Call):
    """Delete a static entry."""
    rows = _own_entries(call)
    named = False
    for name, field in (
        (f"{_PREFIX}Id", "resource_id"),
        ("TransitRouterRouteTableId", "route_table__resource_id"),
        (_DESTINATION, "destination"),
        (f"{_PREFIX}NextHopId", "attachment__resource_id"),
    ):
        if call[name]:
            rows, named = rows.filter(**{field: call[name]}), named or name in (f"{_PREFIX}Id", _DESTINATION)
    if not named:
        raise ApiError(ErrorCode.MISSING, name=f"{_PREFIX}Id")
    if call[f"{_PREFIX}NextHopType"]:
        rows = rows.filter(attachment__isnull=call[f"{_PREFIX}NextHopType"] == BLACK_HOLE)
    matches = list(rows[:2])
    if len(matches) != 1:
        raise ApiError(ErrorCode.ENTRY_NOT_FOUND)
    delete_route_entry(call.actor, matches[0])
    return {}


def _own_entries(call: Call) -> QuerySet[RouteEntry]:
    """The static entries of the account's route tables."""
    rows = RouteEntry.objects.filter(route_table__account=call.account)
    return rows.select_related("route_table__transit_router")


@action(
    CBN,
    Text(f"{_PREFIX}Id", required=True),
    Text(f"{_PREFIX}Name"),
    Text(f"{_PREFIX}Description"),
    region=None,
    writes=True,
    dry_run=True,
)
def update_transit_router_route_entry(call: Call):
    """Change the name and the description of a static entry."""
    entry = _own_entries(call).filter(resource_id=call[f"{_PREFIX}Id"]).first()
    if entry is None:
        raise ApiError(ErrorCode.ENTRY_NOT_FOUND)
    for name, field in ((f"{_PREFIX}Name", "name"), (f"{_PREFIX}Description", "description")):
        if call[name] is not None:
            setattr(entry, field, call[name])
    modify_route_entry(call.actor, entry)
    return {}


_PATH = {"AsPaths": [str], "Communities": [str], "OriginInstanceId": str, "OriginInstanceType": str,
         "OriginRouteType": str, "Preference": int}  # fmt: skip


@action(
    CBN,
    _TABLE,
    Text(_DESTINATION),
    Texts(f"{_PREFIX}Ids", most=20),
    Texts(f"{_PREFIX}Names", most=20),
    Choice(f"{_PREFIX}Status", options=("Active", "Standby", "Rejected", "Prohibited", "Candidate", "Creating",
                                        "Deleting")),
    Choice(f"{_PREFIX}Type", options=("Static", "Propagated")),
    Choice(f"{_PREFIX}NextHopType", options=(BLACK_HOLE, TO_ATTACHMENT, TO_ROUTER)),
    Text(f"{_PREFIX}NextHopId"),
    Text(f"{_PREFIX}NextHopResourceId"),
    Text(f"{_PREFIX}NextHopResourceType"),
    Text(f"{_PREFIX}OriginResourceId"),
    Text(f"{_PREFIX}OriginResourceType"),
    Text("PrefixListId", note="there are no prefix lists, so none matches"),
    Objects("RouteFilter", fields=(Text("Key"), Texts("Value", most=20)), most=10,
            note="DestinationCidrBlock is the only key"),
    *tokens(),
    region=None,
    answer=TOKENED
    | {
        "TransitRouterRouteEntries": [
            {f"{_PREFIX}Id": str, f"{_PREFIX}Name": str, f"{_PREFIX}Description": str, _DESTINATION: str,
             f"{_PREFIX}Status": str, f"{_PREFIX}Type": str, f"{_PREFIX}NextHopType": str,
             f"{_PREFIX}NextHopId": str, f"{_PREFIX}NextHopResourceId": str, f"{_PREFIX}NextHopResourceType": str,
             f"{_PREFIX}OriginResourceId": str, f"{_PREFIX}OriginResourceType": str, "CreateTime": str,
             "OperationalMode": bool, "PathAttributes": _PATH, "PrefixListId": str, "Tag": str}
        ]
    },
)  # fmt: skip
def list_transit_router_route_entries(call: Call):
    """A route table: the transit router's own blocks, static entries, and propagated routes, learned ones last."""
    table, filters, size = lookups.table(call), _filters(call), call["MaxResults"]
    current = routing.live(table)
    sources = [(source, _narrowed(source, current, filters)) for source in _SOURCES]
    number, place = _place(call["NextToken"])
    # Items with their places. One more than the answer has shows that the list goes on.
    items: list[tuple[tuple, dict]] = []
    for at, (source, rows) in enumerate(sources):
        if at >= number and len(items) <= size:
            rest = source.behind(rows, place) if at == number else source.sorted(rows)
            for row in rest[: size + 1 - len(items)]:
                items.append(((at, *source.place(row)), _item(table, source.entry(table, row))))
    # Learned entries come last. They are in memory.
    every = [(entry, _item(table, entry)) for entry in current.learned]
    learned = [(entry, item) for entry, item in every if _is_wanted(item, filters)]
    shown = _behind(learned, place) if number == len(_SOURCES) else learned
    for entry, item in shown[: max(0, size + 1 - len(items))]:
        items.append(((len(_SOURCES), entry.destination, routing.place(entry)[-1]), item))
    more = {"NextToken": "~".join(map(str, items[size - 1][0]))} if len(items) > size else {}
    return {
        "TransitRouterRouteEntries": [item for _, item in items[:size]],
        "MaxResults": size,
        "TotalCount": sum(rows.count() for _, rows in sources) + len(learned),
        **more,
    }


Row = TypeVar("Row", bound=Model)
Narrow = Callable[[RouteTable, set[str]], Q]


def _in(path: str) -> Narrow:
    return lambda table, values: Q(**{f"{path}__in": values})


def _one_of(**meanings: Q) -> Narrow:
    """The rows for each value of a filter."""
    nothing = Q(pk__in=())
    return lambda table, values: reduce(or_, [meanings[value] for value in values & meanings.keys()], nothing)


def _always(value: str) -> Narrow:
    return lambda table, values: Q() if value in values else Q(pk__in=())


@dataclass(frozen=True)
class EntrySource(Generic[Row]):
    """The rows behind one kind of entry, their order, and what each filter means for them."""

    rows: Callable[[LiveTable], QuerySet[Row]]
    entry: Callable[[RouteTable, Row], Entry]
    columns: tuple[str, ...]
    filters: dict[str, Narrow]

    def sorted(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        return rows.order_by(*self.columns)

    def place(self, row: Row) -> list:
        return [getattr(row, column) for column in self.columns]

    def behind(self, rows: QuerySet[Row], place: list[str]) -> QuerySet[Row]:
        """The rows after a place in the order, found by an index; without a place all rows."""
        if not place:
            return self.sorted(rows)
        *texts, number = place
        if len(texts) != len(self.columns) - 1 or (after := whole_number(number)) is None:
            raise ApiError(ErrorCode.NEXT_TOKEN)
        same = dict(zip(self.columns, texts, strict=False))
        later = reduce(or_, [Q(**{f"{name}__gt": text}) for name, text in same.items()], Q(**same, id__gt=after))
        return self.sorted(rows.filter(later, **{f"{name}__gte": text for name, text in same.items()}))


def _to(**paths: str) -> dict[str, Narrow]:
    """Filters of entries that lead to an attachment; `paths` lead to its ID and its connection's."""
    resource, kind = _in(paths["connection"]), _one_of(VPN=Q(**{f"{paths['attachment']}__isnull": False}))
    return {
        "NextHopId": _in(paths["attachment"]),
        "NextHopResourceId": resource,
        "OriginResourceId": resource,
        "NextHopResourceType": kind,
        "OriginResourceType": kind,
    }


def _derived(model: type[Model]) -> Narrow:
    def rows(table: RouteTable, ids: set[str]) -> Q:
        return Q(pk__in=[number for each in ids if (number := _number(table, model, each)) is not None])

    return rows


_STATIC = {"Status": _always(EntryStatus.ACTIVE), "Type": _always(EntryType.STATIC)}
_SOURCES: tuple[EntrySource[Any], ...] = (
    EntrySource(
        lambda current: current.table.transit_router.cidrs.filter(publish_cidr_route=True),
        routing.own_entry,
        ("id",),
        _STATIC
        | {
            "Id": _derived(TransitRouterCidr),
            "Name": _always(""),
            "DestinationCidrBlock": _in("cidr"),
            "NextHopType": _always(TO_ROUTER),
            **dict.fromkeys(("NextHopId", "NextHopResourceId", "OriginResourceId"), _in("transit_router__resource_id")),
            **dict.fromkeys(("NextHopResourceType", "OriginResourceType"), _always("TR")),
        },
    ),
    EntrySource(
        lambda current: routing.static(current.table),
        routing.static_entry,
        ("id",),
        _STATIC
        | _to(attachment="attachment__resource_id", connection="attachment__connection__resource_id")
        | {
            "Id": _in("resource_id"),
            "Name": _in("name"),
            "DestinationCidrBlock": _in("destination"),
            "NextHopType": _one_of(
                **{BLACK_HOLE: Q(attachment__isnull=True), TO_ATTACHMENT: Q(attachment__isnull=False)}
            ),
        },
    ),
    EntrySource(
        routing.propagated,
        routing.entry,
        ("destination", "id"),
        _to(attachment="connection__attachment__resource_id", connection="connection__resource_id")
        | {
            "Id": _derived(Route),
            "Name": _always(""),
            "DestinationCidrBlock": _in("destination"),
            "Status": _one_of(
                **{EntryStatus.ACTIVE.value: Q(outranked=False), EntryStatus.STANDBY.value: Q(outranked=True)}
            ),
            "Type": _always(EntryType.PROPAGATED),
            "NextHopType": _always(TO_ATTACHMENT),
        },
    ),
)


def _filters(call: Call) -> dict[str, set[str]]:
    """The values that entries may have, by the last part of the field's name."""
    names = ("Status", "Type", "NextHopType", "NextHopId", "NextHopResourceId", "NextHopResourceType",
             "OriginResourceId", "OriginResourceType", "DestinationCidrBlock")  # fmt: skip
    filters = {name: {call[f"{_PREFIX}{name}"]} for name in names if call[f"{_PREFIX}{name}"]}
    filters |= {name: set(call[f"{_PREFIX}{name}s"]) for name in ("Id", "Name") if call[f"{_PREFIX}{name}s"]}
    for condition in call["RouteFilter"] or ():
        if condition["Key"] == "DestinationCidrBlock":
            values = set(condition["Value"] or ())
            filters["DestinationCidrBlock"] = filters.get("DestinationCidrBlock", values) & values
    if call["PrefixListId"]:
        filters["Id"] = set()
    return filters


def _narrowed(source: EntrySource[Row], current: LiveTable, filters: dict[str, set[str]]) -> QuerySet[Row]:
    wanted = (source.filters[name](current.table, values) for name, values in filters.items())
    return source.rows(current).filter(*wanted)


def _is_wanted(item: dict, filters: dict[str, set[str]]) -> bool:
    return all(item[f"{_PREFIX}{name}"] in values for name, values in filters.items())


def _place(token: str | None) -> tuple[int, list[str]]:
    """Parse a token into the number of a source and the place of a row in it, after which the list goes on."""
    if not token:
        return 0, []
    first, *place = token.split("~")
    number = whole_number(first, most=len(_SOURCES))
    if number is None or not place or "\0" in token:
        raise ApiError(ErrorCode.NEXT_TOKEN)
    return number, place


def _behind(learned: list[tuple[Entry, dict]], place: list[str]) -> list[tuple[Entry, dict]]:
    """The learned entries after a place in their order."""
    destination, attachment = place if len(place) == 2 else ("", "")
    number = whole_number(attachment)
    try:
        last = routing.place_of(destination, -1 if number is None else number)
    except ValueError:
        raise ApiError(ErrorCode.NEXT_TOKEN) from None
    if number is None:
        raise ApiError(ErrorCode.NEXT_TOKEN)
    return [(entry, item) for entry, item in learned if routing.place(entry) > last]


def _item(table: RouteTable, entry: Entry) -> dict:
    attachment, router = entry.attachment, table.transit_router
    if attachment is not None:
        kind, next_hop, resource, resource_type = (
            TO_ATTACHMENT, attachment.resource_id, attachment.connection.resource_id, "VPN",
        )  # fmt: skip
    elif entry.is_black_hole:
        kind, next_hop, resource, resource_type = BLACK_HOLE, "", "", ""
    else:
        kind, next_hop, resource, resource_type = TO_ROUTER, router.resource_id, router.resource_id, "TR"
    created_at = (entry.row or attachment or router).created_at
    route = entry.source if isinstance(entry.source, BgpRoute) else None
    return {
        f"{_PREFIX}Id": _id(table, entry),
        f"{_PREFIX}Name": entry.row.name if entry.row else "",
        f"{_PREFIX}Description": entry.row.description if entry.row else "",
        _DESTINATION: entry.destination,
        f"{_PREFIX}Status": entry.status.value,
        f"{_PREFIX}Type": entry.type.value,
        f"{_PREFIX}NextHopType": kind,
        f"{_PREFIX}NextHopId": next_hop,
        f"{_PREFIX}NextHopResourceId": resource,
        f"{_PREFIX}NextHopResourceType": resource_type,
        f"{_PREFIX}OriginResourceId": resource,
        f"{_PREFIX}OriginResourceType": resource_type,
        "CreateTime": iso(created_at),
        "OperationalMode": False,
        "PathAttributes": {
            "AsPaths": list(map(str, route.as_path)) if route else [],
            "Communities": [],
            "OriginInstanceId": resource,
            "OriginInstanceType": resource_type,
            "OriginRouteType": "BGP" if route else entry.type.value,
            "Preference": 0,
        },
        "PrefixListId": "",
        "Tag": "",
    }


def _id(table: RouteTable, entry: Entry) -> str:
    if isinstance(entry.source, BgpRoute):
        return _learned_id(table, entry)
    if entry.source is not None:
        return _derived_id(table, type(entry.source), entry.source.pk)
    return entry.row.resource_id if entry.row else ""


_LETTERS, _CHECKED = len(ids.ALPHABET), 8


def _letters(number: int, length: int) -> str:
    return "".join(ids.ALPHABET[number // _LETTERS**place % _LETTERS] for place in range(length))


def _learned_id(table: RouteTable, entry: Entry) -> str:
    """The ID of a learned entry, which is always the same for a table, an attachment and a destination."""
    facts = f"{table.resource_id} {entry.attachment and entry.attachment.resource_id} {entry.destination}"
    return f"rte-{_letters(int.from_bytes(hashlib.sha256(facts.encode()).digest()[:16]), 18)}"


def _derived_id(table: RouteTable, source: type[Model], number: int) -> str:
    """The ID of a derived entry, which is always the same: it is made from the number of the row behind the entry.

    `_number` finds the number in it. The last letters are a checksum of number and table, which disguises the first.
    """
    facts = f"{table.resource_id} {source._meta.model_name} {number}"
    check = int.from_bytes(hashlib.sha256(facts.encode()).digest()[:16]) % _LETTERS**_CHECKED
    return f"rte-{_letters(number + check * _LETTERS, 18 - _CHECKED)}{_letters(check, _CHECKED)}"


def _number(table: RouteTable, source: type[Model], derived_id: str) -> int | None:
    """The number of the row behind the entry with this ID, or None if no entry has this ID."""
    if not re.fullmatch(r"rte-[0-9a-z]{18}", derived_id):
        return None
    shown, check = (int(part[::-1], _LETTERS) for part in (derived_id[4:-_CHECKED], derived_id[-_CHECKED:]))
    number = (shown - check * _LETTERS) % _LETTERS ** (18 - _CHECKED)
    return number if _derived_id(table, source, number) == derived_id else None
