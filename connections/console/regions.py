"""The region selector: the account's own regions first, with their numbers of connections, then all others."""

from dataclasses import dataclass

from django.urls import Resolver404, resolve, reverse

from connections.console import collation, overview
from connections.console.overview import Number
from connections.models import Account


@dataclass(frozen=True)
class Entry:
    """A region with the address that changes to it. `number` is that of its connections, of an own region."""

    id: str
    name: str
    url: str
    number: Number | None = None


def entries(account: Account, page: str, text: str = "") -> tuple[list[Entry], list[Entry]]:
    """The account's own regions, and the others. `page` is the path of the page that has the selector.

    With a text: those whose names or IDs contain it.
    """
    numbers = {one.region.id: one.connections for one in overview.regions_of(account)}
    found = [
        Entry(region_id, name, _address(page, region_id), numbers.get(region_id))
        for region_id, name in collation.regions()
        if text.casefold() in name.casefold() or text.casefold() in region_id
    ]
    return [one for one in found if one.number is not None], [one for one in found if one.number is None]


def _address(page: str, region_id: str) -> str:
    """The same list in another region, or the same page with `?region=`. From elsewhere, the list of connections."""
    try:
        match = resolve(page)
    except Resolver404:
        return reverse("connection-list", args=[region_id])
    here = match.kwargs.get("region_id")
    if not here:
        if match.url_name in ("home", "regions"):
            return reverse("connection-list", args=[region_id])
        return f"{reverse(match.view_name, kwargs=match.kwargs)}?region={region_id}"
    name = match.url_name or ""
    if set(match.kwargs) > {"region_id"}:
        name = "customer-gateway-list" if name.startswith("customer-gateway") else "connection-list"
    return reverse(name, args=[region_id])
