"""The time in a world, and how its transitions end.

`kit_state` holds `clock`, the mode and the moment at which it was set, and `transitions`, rules of which the first
that fits decides. Stored ends far in the future stand for transitions that do not end by the clock.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Model, Q

from connections import clock
from connections.models import Attachment, Cen, Connection, RouteTable, TransitRouter
from connections.services.negotiations import take_effect_now
from vpnconsole.kit import state
from vpnconsole.kit.errors import KitError

# Modes of the clock, and of transitions.
HELD, RUNNING, REAL = "held", "running", "real"
IMMEDIATE, TIME, READS, MANUAL = "immediate", "time", "reads", "manual"

# What has transitions. Their names are in rules.
KINDS: Mapping[str, type[Model]] = {
    "connection": Connection,
    "attachment": Attachment,
    "cen": Cen,
    "router": TransitRouter,
    "route_table": RouteTable,
}
_KIND_OF = {model: kind for kind, model in KINDS.items()}

# Ends of transitions that do not end by the clock: when somebody ends them; so many seconds after the transition
# before them, which does not end by the clock either; and after so many answers as seconds follow.
_BY_HAND = datetime(9000, 1, 1, tzinfo=UTC)
_AFTERWARDS = datetime(9100, 1, 1, tzinfo=UTC)
_BY_ANSWERS = datetime(9200, 1, 1, tzinfo=UTC)
_LAST = datetime(9300, 1, 1, tzinfo=UTC)
# Where transitions are immediate, negotiations have been going on for so long when they begin. Retransmits are given up
# after a minute, and a code is shown for three.
LEAD = timedelta(minutes=2)


@dataclass(frozen=True)
class Rule:
    """How transitions end: all, or those of a kind or of one name."""

    mode: str = IMMEDIATE
    seconds: float = 0
    reads: int = 1
    kind: str = ""
    transition: str = ""

    def fits(self, row: Model, transition: str) -> bool:
        is_of_kind = self.kind in ("", _KIND_OF.get(type(row)))
        return is_of_kind and self.transition.lower() in ("", transition.lower())


class WorldTime(clock.Source):
    """The source of a world's time. It notes which rows an answer shows under way."""

    def __init__(self, stored: Mapping[str, Any]):
        # A scenario may say the mode only. Until the world begins, its clock stands.
        given = stored.get("clock", {})
        self._clock = given if "at" in given else {"mode": HELD, "at": stored["moment"]}
        self.rules = [Rule(**one) for one in stored.get("transitions", ())] or [Rule()]
        self.lead = LEAD if self.rules[-1].mode == IMMEDIATE else timedelta(0)
        self._begun: list[Model] = []
        self._seen: dict[type[Model], set[int]] = defaultdict(set)

    @property
    def mode(self) -> str:
        return self._clock["mode"]

    def at(self, real: datetime) -> datetime:
        if self.mode == REAL:
            return real
        at = datetime.fromisoformat(self._clock["at"])
        return at + (real - datetime.fromisoformat(self._clock["since"])) if self.mode == RUNNING else at

    def transition_ends(self, row: Model, transition: str, start: datetime) -> datetime:
        self._begun.append(row)
        rule = next((rule for rule in self.rules if rule.fits(row, transition)), Rule())
        if rule.mode == MANUAL:
            return _BY_HAND
        if rule.mode == READS:
            return _BY_ANSWERS + timedelta(seconds=rule.reads)
        after = timedelta(seconds=rule.seconds if rule.mode == TIME else 0)
        return (_AFTERWARDS if start >= _BY_HAND else start) + after

    def furthest_end(self) -> datetime:
        return _LAST

    def seen(self, row: Any) -> None:
        if row.pk and row.transition_ends > _BY_ANSWERS:
            self._seen[type(row)].add(row.pk)

    def count_answer(self) -> None:
        """Count the answer for each row that it shows under way, and end transitions that were shown often enough."""
        for model, keys in [*self._seen.items()]:
            keys -= {row.pk for row in self._begun if type(row) is model}
            if not keys:
                continue
            with transaction.atomic():
                rows = model._default_manager.filter(pk__in=keys)
                rows.filter(transition_ends__gt=_BY_ANSWERS).update(
                    transition_ends=F("transition_ends") - timedelta(seconds=1)
                )
                _end(model, rows.filter(transition_ends=_BY_ANSWERS))


@contextmanager
def keeping_time(stored: Mapping[str, Any]) -> Iterator[None]:
    """Take the time from the world that this thread is in; `stored` is its state."""
    with clock.told_by(WorldTime(stored)):
        yield


def count_answer() -> None:
    """Count what the answer to a request shows under way. What the control endpoint reads does not count."""
    time = clock.source()
    if isinstance(time, WorldTime):
        time.count_answer()


def begun(stored: Mapping[str, Any], clock_set: Any = None, transitions: Any = None) -> dict[str, Any]:
    """The state of the time of a new or reset world, with settings of its scenario unless others are given.

    Raises KitError.
    """
    first = {"mode": RUNNING, "at": stored["moment"]} | stored.get("clock", {}) | (clock_set or {})
    begun: dict[str, Any] = {
        "clock": _since_now(first["mode"], clock.real() if first["mode"] == REAL else _moment(first["at"]))
    }
    if transitions is not None:
        begun["transitions"] = [asdict(rule_of(**transitions))]
    return begun


# --- the clock ----------------------------------------------------------------------------------------------------


def set_clock(mode: str, at: str = "") -> None:
    """Set the mode of the world's clock, and its time if that is not earlier than it is. Raises KitError."""
    if mode == REAL and at:
        raise KitError(422, "invalid", "The clock cannot be real and at another moment.")
    moment = clock.real() if mode == REAL else _moment(at) if at else clock.now()
    if moment < clock.now():
        raise KitError(
            409,
            "backwards",
            f"In this world it is {clock.now().isoformat()} already.",
            "Reset the world to start over.",
        )
    state.put({"clock": _since_now(mode, moment)})


def _since_now(mode: str, moment: datetime) -> dict[str, str]:
    return {"mode": mode, "at": moment.isoformat(), "since": clock.real().isoformat()}


def resume() -> None:
    """Let a running clock go on from where it was when the world was kept, as a snapshot or as a file."""
    stored, kept = state.get("clock"), state.get("kept")
    if stored and kept and stored["mode"] == RUNNING:
        since = datetime.fromisoformat(stored["since"]) + (clock.real() - datetime.fromisoformat(kept))
        state.put({"clock": {**stored, "since": since.isoformat()}})


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise KitError(422, "invalid", f"{text[:40]!r} is not a time.", "Such as 2026-03-02T09:00:00Z.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if not 1990 <= moment.year <= 2200:
        raise KitError(422, "invalid", "The world's time is between 1990 and 2200.")
    return moment


def shown(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The clock and the rules of a world, as the endpoint shows them, from its state."""
    time = WorldTime(stored)
    return {
        "clock": {"mode": time.mode, "at": time.at(clock.real()).isoformat()},
        "transitions": [_shown(rule) for rule in time.rules],
    }


def _shown(rule: Rule) -> dict[str, Any]:
    restricted = {name: value for name in ("kind", "transition") if (value := getattr(rule, name))}
    return {
        "mode": rule.mode,
        **({"seconds": rule.seconds} if rule.mode == TIME else {}),
        **({"reads": rule.reads} if rule.mode == READS else {}),
        **({"for": restricted} if restricted else {}),
    }


def mode() -> str:
    """The mode of the clock of the world that this thread is in."""
    time = clock.source()
    return time.mode if isinstance(time, WorldTime) else REAL


def advance(seconds: float) -> list[str]:
    """Move the clock forward, and end what waits for somebody. Returns the IDs of what has ended. Raises KitError."""
    stored = state.get("clock")
    if stored and stored["mode"] == REAL:
        raise KitError(
            409, "real_clock", "The clock of this world is the real one.", "Set its mode to held or running."
        )
    with transaction.atomic():
        ended = _settled(Q(transition_ends__gte=_BY_HAND, transition_ends__lt=_BY_ANSWERS))
        set_clock(stored["mode"] if stored else HELD, (clock.now() + timedelta(seconds=seconds)).isoformat())
    return ended


# --- transitions --------------------------------------------------------------------------------------------------


def rule_of(mode: str, seconds: float = 2, reads: int = 1, **restricted: Any) -> Rule:
    of = restricted.get("for") or {}
    kind, transition = of.get("kind", ""), of.get("transition", "")
    return Rule(mode, seconds if mode == TIME else 0, reads if mode == READS else 1, kind, transition)


def set_rule(rule: Rule) -> None:
    """Put a rule before those that there are, in place of one for the same; one for all replaces them all."""
    rules = [Rule(**one) for one in state.get("transitions", ())] or [Rule()]
    if rule.kind or rule.transition:
        others = [one for one in rules if (one.kind, one.transition) != (rule.kind, rule.transition)]
        # A rule for one kind and one transition says more than one for a kind.
        rules = sorted([rule, *others], key=lambda one: -bool(one.kind) - bool(one.transition))
    else:
        rules = [rule]
    state.put({"transitions": [asdict(one) for one in rules]})


def settle(resource_id: str = "") -> list[str]:
    """End what is under way now: all of it, or that of a resource. A connection settles with its attachment.

    Returns the IDs of what has ended. Raises KitError for an ID that nothing has.
    """
    if not resource_id:
        return _settled(Q())
    which = Q(resource_id=resource_id)
    if not any(model._default_manager.filter(which).exists() for model in KINDS.values()):
        raise KitError(404, "unknown_id", f"Nothing in this world that settles has the ID {resource_id[:40]!r}.")
    with transaction.atomic():
        return [*_settled(which), *_settled(Q(connection__resource_id=resource_id), {"attachment": Attachment})]


def _settled(which: Q, kinds: Mapping[str, type[Model]] = KINDS) -> list[str]:
    ended: list[str] = []
    with transaction.atomic():
        for model in kinds.values():
            ended += _end(model, model._default_manager.filter(which, transition_ends__gt=clock.now()))
    return ended


def _end(model: type[Model], rows: Any) -> list[str]:
    """End the transitions of rows of a model; what follows them goes on from now. Returns their IDs."""
    found = dict(rows.values_list("pk", "resource_id"))
    if not found:
        return []
    now = clock.now()
    model._default_manager.filter(pk__in=found).update(transition_ends=now)
    if model is Connection:
        following = Attachment.objects.filter(
            connection__in=found, transition_ends__gte=_AFTERWARDS, transition_ends__lt=_BY_ANSWERS
        )
        moments = {key: ends for key, ends in following.values_list("pk", "transition_ends") if ends}
        for key, ends in moments.items():
            Attachment.objects.filter(pk=key).update(transition_ends=now + (ends - _AFTERWARDS))
    take_effect_now(_connections_of(model, found))
    return [*found.values()]


def _connections_of(model: type[Model], keys: Iterable[int]) -> Any:
    if model is Connection:
        return Connection.objects.filter(pk__in=keys)
    return Connection.objects.filter(attachment__in=keys) if model is Attachment else Connection.objects.none()
