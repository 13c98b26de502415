"""What a page of logs is asked for: a tunnel, a window of time, a text, a level, one end or both."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import groupby
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections import clock
from connections.console.words import Words
from connections.domain import limits
from connections.domain.parsing import is_storable
from connections.models import Tunnel
from connections.negotiation import End, LogLine
from connections.negotiation.logs import ERROR, INFO, WARN
from connections.tunnel_history import Reading, eras, newest, oldest_kept

OWN = "own"
# Windows that end now. The first choice is the usual one, and blank in addresses.
WINDOWS: dict[str, tuple[Words, timedelta]] = {
    "": (gettext_lazy("Last hour"), timedelta(hours=1)),
    "10m": (gettext_lazy("Last 10 minutes"), timedelta(minutes=10)),
    "6h": (gettext_lazy("Last 6 hours"), timedelta(hours=6)),
    "24h": (gettext_lazy("Last 24 hours"), timedelta(hours=24)),
    "7d": (gettext_lazy("Last 7 days"), timedelta(days=7)),
}
LEVELS: dict[str, tuple[Words, tuple[str, ...]]] = {
    "": (gettext_lazy("Level: all"), (INFO, WARN, ERROR)),
    "warnings": (gettext_lazy("Warnings and errors"), (WARN, ERROR)),
    "errors": (gettext_lazy("Errors"), (ERROR,)),
}
ENDS: dict[str, tuple[Words, tuple[End, ...]]] = {
    "": (gettext_lazy("Cloud and device"), tuple(End)),
    "cloud": (gettext_lazy("Cloud alone"), (End.CLOUD,)),
    "device": (gettext_lazy("Device alone"), (End.DEVICE,)),
}
LEAST = timedelta(minutes=limits.LOG_MINUTES)
# Lines of a page; a search text is cut to so many characters.
LINES, TEXT = 200, 100
# The smallest step of a moment.
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class LogQuery:
    """A request for logs. `start` is included, `end` is not; with a problem there is nothing to show.

    `follows`: lines that are logged from now on are added to the page.
    """

    tunnel: Tunnel
    window: str
    start: datetime
    end: datetime
    # Where the window ends; `end` is earlier if the page has only older lines.
    whole_end: datetime
    text: str = ""
    level: str = ""
    ends: str = ""
    follows: bool = False
    problem: str = ""

    @classmethod
    def of(cls, tunnel: Tunnel, params: QueryDict) -> "LogQuery":
        """Read a request. Unknown choices are the usual ones; times without a zone are UTC."""
        # The present moment is a part of the window.
        now = clock.now() + INSTANT
        text = params.get("q", "").strip()[:TEXT]
        window = params.get("window", "")
        query = cls(
            tunnel,
            window if window in WINDOWS else "",
            now - WINDOWS.get(window, WINDOWS[""])[1],
            now,
            now,
            text=text if is_storable(text) else "",
            level=_known(params.get("level", ""), LEVELS),
            ends=_known(params.get("ends", ""), ENDS),
            follows=params.get("follow") == "1",
        )
        if window == OWN:
            query = query._own(_moment(params.get("from", "")), _moment(params.get("to", "")))
        return query.until(params.get("before", ""))

    def _own(self, start: datetime | None, end: datetime | None) -> "LogQuery":
        """The same request for a window of the user's own."""
        own = replace(self, window=OWN, follows=False)
        if start is None or end is None:
            return replace(own, problem=_("Enter both times of the window."))
        own = replace(own, start=start, end=end, whole_end=end)
        if end - start < LEAST:
            text = _("A window lasts at least %(least)d minutes.")
            return replace(own, problem=text % {"least": limits.LOG_MINUTES})
        return own

    def until(self, text: str) -> "LogQuery":
        """The part of the window before a moment, if the text is one."""
        before = _moment(text)
        return replace(self, end=min(before, self.end), follows=False) if before else self

    def address(self, **changed: str) -> str:
        """The query of this request's address, without what is usual; blank values are left out."""
        values = {"tunnel": "" if self.tunnel.index == 1 else self.tunnel.resource_id, "window": self.window}
        if self.window == OWN:
            values |= {"from": typed(self.start), "to": typed(self.whole_end)}
        values |= {"q": self.text, "level": self.level, "ends": self.ends, "follow": "1" if self.follows else ""}
        return urlencode({name: value for name, value in (values | changed).items() if value})

    def since(self, text: str) -> "LogQuery":
        """The same request for what has been logged since a moment."""
        return replace(self, start=min(_moment(text) or self.end, self.end))

    @property
    def following(self) -> str:
        """The query for what will have been logged."""
        return self.address(after=self.end.isoformat())

    @property
    def may_follow(self) -> bool:
        """Whether the page ends with the present moment."""
        return self.window != OWN and self.end == self.whole_end

    @property
    def followed(self) -> str:
        return self.address(follow="1")

    @property
    def stopped(self) -> str:
        return self.address(follow="")

    @property
    def typed_start(self) -> str:
        return typed(self.start)

    @property
    def typed_end(self) -> str:
        return typed(self.whole_end)

    @property
    def is_filtered(self) -> bool:
        return bool(self.text or self.level or self.ends)

    @property
    def shown_ends(self) -> tuple[End, ...]:
        return ENDS[self.ends][1]

    def wants(self, line: LogLine) -> bool:
        """Whether the page shows a line."""
        if line.level not in LEVELS[self.level][1] or line.end not in self.shown_ends:
            return False
        return self.text.casefold() in f"{line.level}: {line.component}: {line.text} {line.peers}".casefold()

    @cached_property
    def reading(self) -> Reading:
        """The newest lines."""
        return self.read(LINES)

    def read(self, most: int) -> Reading:
        if self.problem:
            return Reading([])
        return newest(eras(self.tunnel, self.start, self.end, newest_first=True), most, self.wants)

    @property
    def moments(self) -> "list[Moment]":
        """The newest lines by moment."""
        return list(by_moment(self.reading.lines))

    @property
    def older(self) -> str:
        """The query for the lines before those of this page; blank if there are none."""
        return self.address(before=self.reading.before.isoformat(), follow="") if self.reading.before else ""


@dataclass(frozen=True)
class Moment:
    """The lines of one moment by their ends, in the order in which they were written."""

    at: datetime
    lines: dict[End, list[LogLine]]


def by_moment(found: list[LogLine]) -> Iterator[Moment]:
    """Lines that come newest first, by moment."""
    for at, lines in groupby(found, key=lambda line: line.at):
        several = list(lines)[::-1]
        yield Moment(at, {end: [line for line in several if line.end == end] for end in End})


def _known(value: str, choices: Collection[str]) -> str:
    """A choice; blank, which is the usual one, if it is unknown."""
    return value if value in choices else ""


def typed(moment: datetime) -> str:
    """A moment as the browser's field for local times has it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _moment(text: str) -> datetime | None:
    """A time as a browser or an address spells it, or None. Far times are cut to what logs can have."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return max(moment, datetime(1970, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class Silence:
    """Why a window has no lines: a title, a sentence, and the query of a window that has some, or blank."""

    title: str
    text: str
    address: str = ""
    link: str = ""


def silence(query: LogQuery) -> Silence:
    """Explain an empty page."""
    if query.problem:
        return Silence(query.problem, _("Logs reach back %(days)d days.") % {"days": limits.LOG_DAYS})
    if query.reading.has_given_up:
        return Silence(
            _("No line matches so far"),
            _("The search ended before the window did, because the window has too many lines."),
            query.older,
            _("Search on"),
        )
    plain = replace(query, text="", level="", ends="")
    if query.is_filtered and plain.read(1).lines:
        return Silence(
            _("No line matches"),
            _("This window has lines, but none of them matches."),
            plain.address(),
            _("Show all lines"),
        )
    title = _("Nothing was logged in this window")
    earlier = replace(plain, window=OWN, start=oldest_kept(), end=query.start, whole_end=query.start).read(1)
    if earlier.lines:
        at = earlier.lines[0].at
        around = replace(query, window=OWN, start=at - LEAST, whole_end=at + LEAST, follows=False)
        text = _("A tunnel logs what happens to it, and nothing has happened since %(moment)s UTC.")
        return Silence(title, text % {"moment": f"{at:%Y-%m-%d %H:%M:%S}"}, around.address(), _("Show that time"))
    begun = query.tunnel.device.changed_at
    if query.end <= begun:
        text = _("The negotiation with the present settings began at %(moment)s UTC.")
        return Silence(title, text % {"moment": f"{begun:%Y-%m-%d %H:%M:%S}"})
    outcome = query.tunnel.device.outcome_at(clock.now())
    if outcome.row == "A1":
        return Silence(title, _("The connection is not ready yet, or it has no gateway IP address."))
    return Silence(
        title,
        _("Nobody has started a negotiation. Set Effective Immediately to Yes, let the device start, or send traffic."),
    )
