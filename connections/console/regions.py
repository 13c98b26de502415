"""The region selector: all regions, the account's own with their numbers of connections, then all others."""

from dataclasses import dataclass

from django.urls import Resolver404, ResolverMatch, resolve, reverse

from connections.console import collation, overview
from connections.console.overview import Number
from connections.domain.regions import ALL_REGIONS
from connections.models import Account


@dataclass(frozen=True)
class Entry:
    """A region with the address that changes to it. `number` is that of its connections, of an own region."""

    id: str
    name: str
    url: str
    number: Number | None = None


@dataclass(frozen=True)
class Entries:
    """`chooses`: the region is chosen for something new, which cannot be in all regions."""

    everywhere: Entry | None
    own: list[Entry]
    others: list[Entry]
    chooses: bool


def entries(account: Account, page: str, text: str = "") -> Entries:
    """All regions together, the account's own, and the others. `page` is the path of the page that has the selector.

    With a text: those whose names or IDs contain it.
    """
    match = _match(page)
    chooses = bool(match and (match.url_name or "").endswith("-create") and "region_id" in match.kwargs)
    numbers = {one.region.id: one.connections for one in overview.regions_of(account)}
    found = [
        Entry(region_id, name, _address(match, region_id), numbers.get(region_id))
        for region_id, name in collation.regions()
        if text.casefold() in name.casefold() or text.casefold() in region_id
    ]
    own = [one for one in found if one.number is not None]
    everywhere = None
    if own and not chooses and not text:
        all_of_them = Number(sum(one.exact for one in numbers.values()), any(one.is_capped for one in numbers.values()))
        address = _address(match, ALL_REGIONS.id)
        everywhere = Entry(ALL_REGIONS.id, str(ALL_REGIONS.name), address, all_of_them)
    return Entries(everywhere, own, [one for one in found if one.number is None], chooses)


def _match(page: str) -> ResolverMatch | None:
    try:
        return resolve(page)
    except Resolver404:
        return None


def _address(match: ResolverMatch | None, region_id: str) -> str:
    """The same list in another region, or the same page with `?region=`. From elsewhere, the list of connections."""
    name = (match and match.url_name) or ""
    if match is None or name in ("home", "regions"):
        return reverse("connection-list", args=[region_id])
    if not match.kwargs.get("region_id"):
        if region_id == ALL_REGIONS.id:
            return reverse("connection-list", args=[region_id])
        return f"{reverse(match.view_name, kwargs=match.kwargs)}?region={region_id}"
    is_of_all = region_id == ALL_REGIONS.id and name.endswith("-create")
    if set(match.kwargs) > {"region_id"} or is_of_all:
        name = "customer-gateway-list" if name.startswith("customer-gateway") else "connection-list"
    return reverse(name, args=[region_id])
