"""The BGP session of a tunnel: its state, why it is not established, and which routes it brings. [P156]"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from connections.messages import Message
from connections.messages import message as _
from connections.negotiation import remarks
from connections.negotiation.decisions import NETWORKS
from connections.negotiation.pair import Difference, Pair, overlaps
from connections.negotiation.sides import ANYWHERE, HIDDEN, Announcement, Bgp, DeviceBgp
from connections.negotiation.timeline import NEVER

if TYPE_CHECKING:
    from connections.negotiation.course import Course

# Seconds: from phase 2 to the session, and the hold time that the cloud offers.
SESSION, HOLD_TIME = 5, 30
# How often a session that fails is tried again.
RETRY = 120
# Prefixes that the cloud takes from one session. [P157]
MOST_PREFIXES = 50
# What a two-byte field has in place of an AS number of four bytes (RFC 6793).
AS_TRANS = 23456


class BgpState(StrEnum):
    """States of RFC 4271, of which the console shows two: established or not."""

    IDLE = "Idle"
    CONNECT = "Connect"
    ACTIVE = "Active"
    ESTABLISHED = "Established"


@dataclass(frozen=True, slots=True)
class Route:
    """A prefix that the device announces, with the whole AS path; `row` says why it is not taken, if it is not."""

    prefix: str
    as_path: tuple[int, ...]
    row: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """The session at a moment. `routes` are those of the device, taken and refused."""

    row: str
    state: BgpState
    message: Message | None = None
    remedy: Message | None = None
    differences: tuple[Difference, ...] = ()
    established_at: datetime | None = None
    routes: tuple[Route, ...] = ()

    @property
    def is_established(self) -> bool:
        return self.state == BgpState.ESTABLISHED

    @property
    def learned(self) -> tuple[Route, ...]:
        return tuple(route for route in self.routes if not route.row)

    @property
    def refused(self) -> tuple[Route, ...]:
        return tuple(route for route in self.routes if route.row)


@dataclass(frozen=True, slots=True)
class Row:
    """A row: what it says, the state of the session, what users read, and what to do if something is wrong."""

    row: str
    says: str
    state: BgpState
    message: Message
    remedy: Message | None


@dataclass(frozen=True, slots=True)
class Obstacle(Row):
    """Why a session over a tunnel that is up is not established; log lines of both ends, blank for none."""

    holds: Callable[[Pair, Bgp], bool]
    cloud_says: str = ""
    device_says: str = ""
    fields: tuple[str, ...] = ()


def _is_carried(pair: Pair, bgp: Bgp) -> bool:
    agreed = pair.agreed
    carried = agreed and overlaps((bgp.local_ip,), agreed.local) and overlaps((bgp.peer_ip,), agreed.remote)
    return bool(carried) and not remarks.receives_nothing(pair)


def _on_device(question: Callable[[Bgp, DeviceBgp], bool]) -> Callable[[Pair, Bgp], bool]:
    """A question about the device's end; no if the device has none."""

    def holds(pair: Pair, bgp: Bgp) -> bool:
        theirs = pair.device.bgp
        return theirs is not None and question(bgp, theirs)

    return holds


# Each row is a paragraph, as in a table.
# fmt: off
DOWN = Row("S1", "the tunnel is not in phase 2", BgpState.IDLE,
           _("There is no session while the tunnel is down."),
           _("Look at the tunnel's status first."))
SESSIONS: tuple[Obstacle, ...] = (
    Obstacle("S16", "the customer gateway has no AS number", BgpState.IDLE,
             _("The customer gateway has no AS number, so there can be no session."),
             _("Choose a customer gateway with an AS number."),
             lambda pair, bgp: bgp.peer_asn is None),
    Obstacle("S2", "the tunnel does not carry packets between the two BGP addresses", BgpState.CONNECT,
             _("The tunnel does not carry packets between the two BGP addresses."),
             _("Use 0.0.0.0/0 on both sides, or add the two BGP addresses to the networks. ESP must pass, too."),
             lambda pair, bgp: not _is_carried(pair, bgp),
             fields=NETWORKS),
    Obstacle("S3", "the device's BGP address is not the other host of the block", BgpState.ACTIVE,
             _("The device's BGP address is not the other address of Tunnel CIDR Block."),
             _("On the device, use the other address of Tunnel CIDR Block as its own BGP address."),
             _on_device(lambda ours, theirs: theirs.local_ip != ours.peer_ip),
             "no packets from {peer_ip} have arrived", "no route to {neighbor}", ("peer_ip",)),
    Obstacle("S4", "the device's neighbor is not Local BGP IP, or it dials from another address", BgpState.ACTIVE,
             _("The device's neighbor is not Local BGP IP, or its BGP packets come from another address."),
             _("On the device, set the neighbor to Local BGP IP, and send BGP packets from its own BGP address."),
             _on_device(lambda ours, theirs: theirs.peer_ip != ours.local_ip
                        or theirs.source_ip not in ("", theirs.local_ip)),
             "connection from unknown {source_ip} refused", "", ("local_ip", "source_ip")),
    Obstacle("S5", "BGP is off at the device, or TCP 179 is blocked", BgpState.ACTIVE,
             _("BGP is disabled on the device, or TCP port 179 is blocked."),
             _("Enable BGP on the device, and open TCP port 179."),
             lambda pair, bgp: not _on_device(lambda ours, theirs: theirs.port_open)(pair, bgp)),
    Obstacle("S6", "the BGP keys differ, or only one side has one", BgpState.CONNECT,
             _("The BGP keys of the customer gateway and the device differ. Neither side logs this."),
             _("Enter the same BGP key on both, or none on both."),
             _on_device(lambda ours, theirs: theirs.key != ours.key), fields=("key",)),
    Obstacle("S7", "the device's AS number is not the customer gateway's", BgpState.IDLE,
             _("The device's AS number is not the customer gateway's."),
             _("On the device, use the AS number of the customer gateway, or choose another customer gateway."),
             _on_device(lambda ours, theirs: theirs.local_asn != ours.peer_asn),
             "notification sent 2/2: bad peer AS {device_asn}", "notification received 2/2: bad peer AS",
             ("peer_asn",)),
    Obstacle("S8", "the device expects another AS number than Local ASN", BgpState.IDLE,
             _("The device expects an AS number other than Local ASN."),
             _("On the device, set the neighbor's AS number to Local ASN."),
             _on_device(lambda ours, theirs: theirs.peer_asn != ours.local_asn),
             "notification received 2/2: bad peer AS {cloud_asn}", "notification sent 2/2: bad peer AS",
             ("local_asn",)),
    Obstacle("S9", "the device's hold time is 1 or 2 seconds", BgpState.IDLE,
             _("The device's hold time is 1 or 2 seconds, which BGP does not allow."),
             _("On the device, set the hold time to 0, or to 3 seconds or more."),
             _on_device(lambda ours, theirs: theirs.hold_time in (1, 2)),
             "notification sent 2/6: unacceptable hold time", "notification received 2/6: unacceptable hold time"),
    Obstacle("S10", "both ends have the same router ID", BgpState.IDLE,
             _("Both ends have the same router ID."),
             _("On the device, set another router ID."),
             _on_device(lambda ours, theirs: (theirs.router_id or theirs.local_ip) == ours.local_ip),
             "notification sent 2/3: bad BGP identifier", "notification received 2/3: bad BGP identifier"),
)
SILENT = Row("S11", "established, and the device announces nothing", BgpState.ESTABLISHED,
             _("The device announces no networks."),
             _("On the device, announce networks, and add a policy that lets them out."))
LOOPS = Row("S14", "established, the path of every route contains Local ASN", BgpState.ESTABLISHED,
            _("The AS paths contain Local ASN, so the routes would be loops and are dropped."),
            _("Use AS numbers other than Local ASN in the data center."))
INTERNAL = Row("S15", "established, both ends have the same AS number", BgpState.ESTABLISHED,
               _("Both ends have the same AS number, so routes are not passed on."),
               _("Use different AS numbers."))
ESTABLISHED = Row("UP", "established", BgpState.ESTABLISHED, _("The session is established."), None)
# Why a prefix is listed and not taken.
REFUSED: dict[str, Message] = {
    "S12": _("A default route is not accepted from the device."),
    "S13": _("The session has reached the largest number of prefixes."),
}
# fmt: on


def obstacle(pair: Pair) -> Obstacle | None:
    """The row that keeps a session over this tunnel from being established."""
    bgp = pair.cloud.bgp
    return next((row for row in SESSIONS if bgp and row.holds(pair, bgp)), None)


def compared(pair: Pair, name: str) -> Difference | None:
    """The cloud's and the device's value of a field of the session; None if one of them has no BGP. Keys are hidden."""
    ours, theirs = pair.cloud.bgp, pair.device.bgp
    if ours is None or theirs is None:
        return None
    values = {
        "peer_ip": (ours.peer_ip, theirs.local_ip),
        "local_ip": (ours.local_ip, theirs.peer_ip),
        "source_ip": (ours.peer_ip, theirs.source_ip or theirs.local_ip),
        "key": (HIDDEN, HIDDEN),
        "peer_asn": (str(ours.peer_asn or "-"), str(theirs.local_asn)),
        "local_asn": (str(ours.local_asn), str(theirs.peer_asn or "-")),
        "hold_time": (str(HOLD_TIME), str(theirs.hold_time)),
        "router_id": (ours.local_ip, theirs.router_id or theirs.local_ip),
    }
    return Difference(name, *values[name])


def _difference(pair: Pair, name: str) -> Difference | None:
    if name in NETWORKS:
        return pair.difference(name) if pair.disagrees(name) else None
    difference = compared(pair, name)
    return difference if difference and (difference.cloud != difference.device or name == "key") else None


def routes(bgp: Bgp, device: DeviceBgp) -> tuple[Route, ...]:
    """What the cloud makes of the device's announcements; loops are dropped and not listed."""
    listed: list[Route] = []
    taken = 0
    for announcement in device.announced if device.exports else ():
        route = Route(announcement.prefix, _path(bgp, device, announcement))
        if bgp.local_asn in announcement.as_path:
            continue
        if route.prefix == ANYWHERE:
            route = Route(route.prefix, route.as_path, "S12")
        elif taken == MOST_PREFIXES:
            route = Route(route.prefix, route.as_path, "S13")
        else:
            taken += 1
        listed.append(route)
    return tuple(listed)


def _path(bgp: Bgp, device: DeviceBgp, announcement: Announcement) -> tuple[int, ...]:
    """The path as the cloud sees it; within one AS nobody adds a number."""
    return announcement.as_path if bgp.local_asn == device.local_asn else (device.local_asn, *announcement.as_path)


def hold_time(device: DeviceBgp) -> float:
    """The smaller of the two offers, in seconds; 0 means that the session never ends by itself (RFC 4271)."""
    return min(HOLD_TIME, device.hold_time) or NEVER


def established_since(course: "Course", second: float) -> float:
    """When the session of this second was established; in future if it is about to be; NEVER if it cannot be."""
    pair = course.pair_at(second)
    if pair is None or pair.cloud.bgp is None or pair.device.bgp is None or obstacle(pair):
        return NEVER
    if not course.state_at(second).is_up:
        return NEVER
    runs, begun = [], _begun(course)
    for (is_up, is_cut), start, end in course.runs_back(second, lambda state: (state.is_up, state.is_cut)):
        if not is_up or end <= begun:
            break
        runs.append((is_cut, max(start, begun), end))
    since: float = NEVER
    for is_cut, start, end in reversed(runs):
        if not is_cut and since == NEVER and (start + SESSION < end or end > second):
            since = start + SESSION
        if is_cut and (since > start or end - start > hold_time(pair.device.bgp)):
            since = NEVER
    return since


def _begun(course: "Course") -> int:
    """The second from which the cloud's end of the session is what it is."""
    since = course.situation.surroundings.bgp_since
    return course.second(since) if since else 0


def session_at(course: "Course", second: float) -> Session | None:
    """The session at a second; None if BGP is off at the cloud (S0)."""
    ours = course.situation.cloud.bgp
    if ours is None:
        return None
    pair, state = course.pair_at(second), course.state_at(second)
    if pair is None or not state.is_up:
        return Session(DOWN.row, DOWN.state, DOWN.message, DOWN.remedy)
    theirs = pair.device.bgp
    if hindrance := obstacle(pair):
        differences = (_difference(pair, name) for name in hindrance.fields)
        found = tuple(filter(None, differences))
        return Session(hindrance.row, hindrance.state, hindrance.message, hindrance.remedy, found)
    since = established_since(course, second)
    if theirs is None or since > second:
        return Session("", BgpState.CONNECT)
    listed = routes(ours, theirs)
    row = INTERNAL if ours.local_asn == theirs.local_asn else ESTABLISHED
    if not listed:
        row = LOOPS if theirs.exports and theirs.announced else SILENT
    return Session(row.row, row.state, row.message, row.remedy, (), course.moment(since), listed)


def next_session_change(course: "Course", second: float) -> float:
    """When the session changes next."""
    device = course.situation.device
    if course.situation.cloud.bgp is None or device is None or device.bgp is None:
        return course.next_change(second) if course.situation.cloud.bgp else NEVER
    moments = [_begun(course), established_since(course, second), course.next_change(second)]
    for (_is_up, is_cut), start, _end in course.runs_back(second, lambda state: (state.is_up, state.is_cut)):
        if is_cut:
            moments.append(start + hold_time(device.bgp))
        break
    return min((moment for moment in moments if moment > second), default=NEVER)


def attempts(course: "Course", start: float, end: float) -> Iterator[tuple[float, Obstacle]]:
    """When a session that is kept from being established is tried within an interval."""
    moment = start
    while moment < end:
        state, change = course.state_at(moment), course.next_change(moment)
        pair = course.pair_at(moment)
        if pair and pair.cloud.bgp and state.is_up and (row := obstacle(pair)):
            _up, begun, _end = next(course.runs_back(moment, lambda state: state.is_up))
            first = max(begun, _begun(course)) + SESSION
            tried = first if first >= moment else first - (first - moment) // RETRY * RETRY
            while tried < min(end, change):
                yield tried, row
                tried += RETRY
        moment = change
