"""Many clients in several worlds and outside of them, at once: does a request ever see another world?"""

import hashlib
import http.client
import json
import random
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from vpnconsole import file_modes
from vpnconsole.testing.clients import call_at
from vpnconsole.testing.pages import main_form
from vpnconsole.testing.served import Answer, Browser, Server
from vpnconsole.testing.together import at_once
from vpnconsole.testing.worlds import Control, Visitor

REGION = "eu-central-1"
GATEWAYS = f"/{REGION}/customer-gateways/"
CREATE = f"{GATEWAYS}create/"
# The demo's documented key, which works in all worlds.
DOCUMENTED = ("LTAI5tHarbourLogistics01", "HarbourDemoSecretKeyForTests01")
# What clients ask for, each with its share. Outside of worlds they only read, so that its file must not change.
READS = {"page": 3, "fragment": 2, "csv": 2, "json": 1, "events": 1, "form": 1, "missing": 1}
KINDS = READS | {"api": 2, "documented": 1, "write": 2, "refused": 1, "stranger": 2, "gone": 1, "two": 1}
# Kinds whose answers have the row of their world, and those that are answered from no world.
WITH_ROW, NOWHERE = ("page", "fragment", "csv", "json", "api", "documented"), ("gone", "two")
# The statuses of faults begin here: each world has one of its own.
FAULTY = 520
LOST = (http.client.IncompleteRead, http.client.RemoteDisconnected, ConnectionResetError)
UNKNOWN = "A" * 16


@dataclass
class Place:
    """A world, or the installation itself, with a name that only it has."""

    id: str
    number: int
    key: tuple[str, str] = DOCUMENTED
    name: str = field(default_factory=lambda: f"only-{uuid.uuid4().hex[:12]}")

    @property
    def is_changed(self) -> bool:
        """Whether it is reset, kept and restored meanwhile."""
        return bool(self.id) and self.number % 3 == 2

    @property
    def is_faulty(self) -> bool:
        return bool(self.id) and self.number >= 3

    @property
    def marks(self) -> list[str]:
        """What only its answers may have."""
        return [self.name, self.id] if self.id else [self.name]

    def __str__(self) -> str:
        return f"world {self.number}" if self.id else "the installation"

    def faults(self) -> list[dict[str, Any]]:
        def every(number: int, door: str, **effect: Any) -> dict[str, Any]:
            return {"match": {"door": door}, "when": {"every": number}, "effect": effect}

        return [
            every(4, "page", status=FAULTY + self.number),
            every(5, "page", cut=0.5),
            every(6, "page", session="end"),
            every(3, "fragment", drop="after"),
            every(2, "fragment", delay_ms=3),
            every(3, "api", database="busy"),
            {"match": {"operation": "CreateCustomerGateway"}, "when": {"every": 2}, "effect": {"drop": "after"}},
        ]


@dataclass
class Interleaving:
    """Clients that ask in random order, while some worlds are reset, kept and restored, and others made and ended."""

    server: Server
    control: Control
    worlds: int = 6
    wrong: list[str] = field(default_factory=list)
    # The place of each request, for the log, and of each session.
    served: dict[str, Place | None] = field(default_factory=dict)
    sessions: dict[str, Place] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    places: list[Place] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def begin(self) -> None:
        """Make the worlds, and sign in outside of them."""
        for number in range(self.worlds):
            made = self.control.world(scenario="empty", label="interleaving")
            place = Place(made["id"], number, (made["keys"]["alice"]["id"], made["keys"]["alice"]["secret"]))
            self.places.append(place)
            self._fill(place)
            self.control.call("PUT", f"/worlds/{place.id}/snapshots/kept", 204)
        self.places.append(Place("", self.worlds, name="hamburg-dc1"))
        outside = Browser(self.server, "alice")
        # The first page notes the region in the session.
        outside.get(GATEWAYS)
        self.outside = outside.cookies

    def run(self, clients: int, requests: int) -> None:
        """Run so many clients with so many requests each."""
        several = [partial(self._client, number, requests) for number in range(clients)]
        ends = at_once(*several, partial(self._change, requests))
        for end in ends:
            if isinstance(end, Exception):
                raise end

    def hits(self) -> int:
        """How often a fault has happened since the worlds were made, or reset."""
        shown = [self.control.call("GET", f"/worlds/{place.id}/faults") for place in self.places if place.is_faulty]
        return sum(fault["hits"] for one in shown for fault in one["faults"])

    def end(self) -> None:
        self.control.call("POST", "/sweep", label="interleaving")

    # --- what happens to worlds meanwhile

    def _fill(self, place: Place) -> None:
        """Make its row, and set its faults."""
        resources = {"customer_gateways": [{"region": REGION, "name": place.name, "ip_address": "203.0.113.99"}]}
        self.control.call("POST", f"/worlds/{place.id}/make", 201, **{"as": "alice", "resources": resources})
        if place.is_faulty:
            self.control.call("PUT", f"/worlds/{place.id}/faults", faults=place.faults())

    def _change(self, times: int) -> None:
        changed = [place for place in self.places if place.is_changed]
        for number in range(times):
            place = changed[number % len(changed)]
            at = f"/worlds/{place.id}"
            match number // len(changed) % 4:
                case 0:
                    self.control.call("POST", f"{at}/reset")
                    self._fill(place)
                case 1:
                    self.control.call("PUT", f"{at}/snapshots/kept", 204)
                case 2:
                    self.control.call("DELETE", f"/worlds/{self.control.world(scenario='empty')['id']}", 204)
                case _:
                    self.control.call("POST", f"{at}/snapshots/kept/restore", 204)

    # --- what clients ask

    def _client(self, seed: int, requests: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - the same in each run
        browsers: dict[int, Browser] = {}
        for kind in chance.choices([*KINDS], [*KINDS.values()], k=requests):
            place = chance.choice([place for place in self.places if place.id or kind in READS])
            self.counts[kind] += 1
            browser = browsers.get(place.number)
            if browser is None or "sessionid" not in browser.cookies:
                browser = browsers[place.number] = self._signed_in(place)
            try:
                answer = self._ask(browser, place, kind)
            except LOST:
                if not place.is_faulty:
                    self.wrong.append(f"{kind} in {place}: no answer")
                continue
            self._judge(browser, answer, place, kind)
            if answer.status == 302 and "/login/" in answer.headers["Location"]:
                # Signed out by a reset, or by a fault.
                browser.cookies.pop("sessionid", None)

    def _signed_in(self, place: Place) -> Browser:
        if not place.id:
            browser = Browser(self.server)
            browser.cookies = dict(self.outside)
            return browser
        made = self.control.call("POST", f"/worlds/{place.id}/sessions", 201, **{"as": "alice"})
        browser = Visitor(self.server, place.id)
        browser.cookies = {cookie["name"]: cookie["value"] for cookie in made["cookies"]}
        return browser

    def _ask(self, browser: Browser, place: Place, kind: str) -> Answer:
        match kind:
            case "api":
                return call_at(Browser(self.server), place.key, "DescribeCustomerGateways", RegionId=REGION)
            case "documented":
                nobody = Visitor(self.server, place.id)
                return call_at(nobody, DOCUMENTED, "DescribeCustomerGateways", RegionId=REGION)
            case "fragment":
                return browser.get(GATEWAYS, HX_Request="true", HX_Target="table")
            case "csv" | "json":
                return browser.get(f"{GATEWAYS}export/?format={kind}")
            case "events":
                return browser.get("/events/")
            case "missing":
                return browser.get(f"{GATEWAYS}cgw-nothing/")
            case "form":
                return browser.get(f"/{REGION}/connections/create/")
            case "write" | "refused":
                page = browser.get(CREATE)
                if page.status != 200:
                    return page
                number = next(self.numbers)
                address = f"198.{number // 62500}.{number // 250 % 250}.{number % 250 + 1}" if kind == "write" else "?"
                form = main_form(page.text)
                return browser.post(CREATE, form | {"name": [f"{place.name}-too"], "ip_address": [address]})
            case "stranger":
                # With the session of another world.
                stranger = Visitor(self.server, place.id)
                others = [key for key, owner in [*self.sessions.items()] if owner is not place]
                stranger.cookies["sessionid"] = others[next(self.numbers) % len(others)] if others else "none"
                return stranger.get(GATEWAYS)
            case "gone":
                return Browser(self.server).get(GATEWAYS, X_VPNC_World=UNKNOWN)
            case "two":
                return browser.get(GATEWAYS, X_VPNC_World=UNKNOWN)
        return browser.get(GATEWAYS)

    def _judge(self, browser: Browser, answer: Answer, place: Place, kind: str) -> None:
        where = answer.headers.get("X-VPNC-World", "")
        self.served[answer.headers["X-Request-ID"]] = None if kind in NOWHERE else place
        fault = answer.headers.get("X-VPNC-Fault", "")
        said = f"{answer.headers}\n{answer.text}"
        key = browser.cookies.get("sessionid", "")
        wrong = {
            f"is served in {where or 'none'}": where != ("" if kind in NOWHERE else place.id),
            f"has a fault: {fault}": bool(fault) and not place.is_faulty,
            f"has the status {answer.status}": (
                answer.status >= FAULTY and answer.status != FAULTY + place.number
            ) or (answer.status >= 500 and not fault),
            "has a session of another world": bool(key) and self.sessions.setdefault(key, place) is not place,
            "is let in as a stranger": kind == "stranger" and answer.status == 200,
            "is not refused": kind in NOWHERE and answer.status not in (409, 410),
            "lacks its row": (
                kind in WITH_ROW and not (place.is_changed or place.is_faulty) and place.name not in answer.text
            ),
        }  # fmt: skip
        for other in self.places:
            if other is not place:
                wrong |= {f"shows {mark} of {other}": mark in said for mark in other.marks}
        self.wrong += [f"{kind} in {place} {what}" for what, is_so in wrong.items() if is_so]

    def lines_of_other_worlds(self, log: str) -> list[str]:
        """Lines of the server's log whose world is not that of their request, or that name another one."""
        lines = [line for line in log.splitlines() if line.startswith("{")]
        known = [(line, json.loads(line)) for line in lines]
        known = [(line, read) for line, read in known if read.get("request_id") in self.served]
        assert len({read["request_id"] for _, read in known}) == len(self.served)
        found = []
        for line, read in known:
            place = self.served[read["request_id"]]
            others = [mark for other in self.places if other is not place for mark in other.marks]
            if read.get("world", "") != (place.id if place else "") or any(mark in line for mark in others):
                found.append(line)
        return found


def files_of(server: Server) -> dict[str, str]:
    """A digest of each file of the installation's own database, if it is SQLite's."""
    database = Path(server.env["VPNCONSOLE_DATA"]) / file_modes.DATABASE
    # The index of the log of writes is a memory that processes share; readers leave their marks there.
    files = [path for path in file_modes.database_files(database) if path.exists() and path.suffix != ".sqlite3-shm"]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
