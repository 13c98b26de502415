"""The events of a recording as steps of a walk: in order, joined, and without what does nothing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from vpnconsole.kit.walks.format import REGION, Step

Event = dict[str, Any]

# Controls that only change the view, and those by which a person changes: `as` stands for them.
_NOISE = re.compile(
    r"account-menu|persona-.*|sign-(in|out).*|palette.*|go-to.*|hit-.*|region-q|search-.*|panel-.*|walk-.*|record-.*"
    r"|display-menu|shortcuts|help-switch|outline-.*|message-\d+-(dismiss|code)|draft-discard|keep-editing"
)
# Fields that a person types into to find something else.
_NARROWS = re.compile(r"palette-q|region-q|search-.+|panel-.*|record-.*")


@dataclass(frozen=True)
class Taken:
    """A step, and the events that it was made of, by their places."""

    step: Step
    events: tuple[int, ...]


def region_of(events: Iterable[Event]) -> str:
    """The region of the first page that has one."""
    regions = (event["region"] for event in _in_order(events) if event["is"] == "page")
    return next((region for region in regions if region and region != "all"), REGION)


def _in_order(events: Iterable[Event]) -> list[Event]:
    return sorted(events, key=lambda event: event["at"])


def steps_of(events: list[Event]) -> list[Taken]:
    """The steps that events make. They may have arrived in another order."""
    maker = _Maker(region_of(events))
    for place in sorted(range(len(events)), key=lambda place: events[place]["at"]):
        maker.take(place, events[place])
    return maker.taken


class _Maker:
    def __init__(self, region: str):
        self.region = region
        self.taken: list[Taken] = []
        self.user, self.tab = "", ""
        # The page that each tab of each user has shown last, as its event.
        self.pages: dict[tuple[str, str], Event] = {}
        # The next page is reached by its address: it is the first one, or it was reached by nothing that can be said.
        self.is_lost = True
        # Nothing was said since the last press.
        self.is_pressed = False

    def take(self, place: int, event: Event) -> None:
        # What the kit does happens on no page, and messages are of no other tab.
        if event["is"] not in ("kit", "said"):
            self._turn_to(place, event)
        getattr(self, f"_{event['is']}")(place, event)

    def _turn_to(self, place: int, event: Event) -> None:
        """Go on as the user of an event, and on the page of its tab: walks have one page for each user."""
        user, tab = event["user"], event.get("tab", "")
        if (user, tab) == (self.user, self.tab):
            return
        if user != self.user and self.user:
            self._add(place, "as", user)
        self.user, self.tab, self.is_lost = user, tab, True
        if event["is"] != "page" and (user, tab) in self.pages:
            self._page(place, self.pages[user, tab])

    def _add(self, place: int, action: str, value: Any) -> None:
        self.taken.append(Taken(Step(action, value), (place,)))

    @property
    def _last(self) -> Step:
        return self.taken[-1].step if self.taken else Step()

    def _page(self, place: int, event: Event) -> None:
        self.pages[self.user, self.tab] = event
        if event["led"] and not self.is_lost:
            return
        self.is_lost = self.is_lost and not event["steps"]
        steps = [*map(tuple, event["steps"])]
        last = [(taken.step.action, taken.step.value) for taken in self.taken[-len(steps) :]] if steps else []
        if steps and last == steps:
            # The same page again, with nothing done in between.
            return
        for number, (action, value) in enumerate(steps):
            self._add(place, action, value)
            if not number and event["region"] not in ("", self.region):
                self._add(place, "click", "region-menu")
                self._add(place, "click", f"region-{event['region']}")

    def _click(self, place: int, event: Event) -> None:
        target, via = event["target"], event["via"]
        if target is None:
            self.is_lost = True
        elif not (isinstance(target, str) and _NOISE.fullmatch(target)) and not (
            isinstance(target, dict) and target.get("part") == "more"
        ):
            if via and not (self._last.action == "click" and self._last.value == via):
                self._add(place, "click", via)
            self._add(place, "click", target)
            self.is_lost, self.is_pressed = False, True
        elif isinstance(target, str) and target.startswith("hit-"):
            self.is_lost = True

    def _set(self, place: int, event: Event) -> None:
        name, value = event["field"], event["value"]
        if _NARROWS.fullmatch(name):
            return
        if self._last.action == "fill":
            filled = dict(self._last.value)
            # A field that is set again decides what others are there: keep the order.
            if name not in filled or name == [*filled][-1]:
                events = (*self.taken[-1].events, place)
                self.taken[-1] = replace(self.taken[-1], step=Step("fill", {**filled, name: value}), events=events)
                return
        self._add(place, "fill", {name: value})

    def _see(self, place: int, event: Event) -> None:
        if self._last != Step("see", event["see"]):
            self._add(place, "see", event["see"])

    def _said(self, place: int, event: Event) -> None:
        # An old message is still there after a page was read again.
        if self.is_pressed:
            self.is_pressed = False
            self._add(place, "see", {"said": event["said"]})

    def _kit(self, place: int, event: Event) -> None:
        self._add(place, "kit", event["kit"])
