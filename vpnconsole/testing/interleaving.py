"""Many clients in several worlds and outside of them, at once: does a request ever see another world?"""

import json
import random
import uuid
from collections import Counter
from dataclasses import dataclass, field
from functools import partial

from vpnconsole.testing.clients import call_at
from vpnconsole.testing.served import Browser, Server
from vpnconsole.testing.together import at_once
from vpnconsole.testing.worlds import Control, Visitor

REGION = "eu-central-1"
GATEWAYS = f"/{REGION}/customer-gateways/"
# What clients ask for, each with its share.
KINDS = {"page": 3, "fragment": 2, "csv": 2, "json": 1, "events": 1, "api": 3, "missing": 1, "form": 1}


@dataclass
class Place:
    """A world, or the installation itself, with a name that only it has. `rests`: nothing resets it meanwhile."""

    id: str
    key: tuple[str, str]
    name: str = field(default_factory=lambda: f"only-{uuid.uuid4().hex[:12]}")
    rests: bool = True


@dataclass
class Interleaving:
    """Clients that ask in random order. `worlds` of them are made; the last two are reset and restored meanwhile."""

    server: Server
    control: Control
    worlds: int = 6
    faults: list[str] = field(default_factory=list)
    # The world of each request, for the log.
    served: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def run(self, clients: int, requests: int) -> None:
        """Run so many clients with so many requests each."""
        made = [self.control.world(scenario="empty", label="interleaving") for _ in range(self.worlds)]
        places = [
            Place(world["id"], (world["keys"]["alice"]["id"], world["keys"]["alice"]["secret"])) for world in made
        ]
        for place in places[-2:]:
            place.rests = False
        for place in places:
            self._make(place)
            self.control.call("PUT", f"/worlds/{place.id}/snapshots/start", 204)
        places.append(Place("", ("LTAI5tHarbourLogistics01", "HarbourDemoSecretKeyForTests01"), "hamburg-dc1"))
        names = {place.name for place in places}
        several = [partial(self._client, places, names, number, requests) for number in range(clients)]
        ends = at_once(*several, partial(self._change, places[-3:-1], requests))
        for end in ends:
            if isinstance(end, Exception):
                raise end
        self.control.call("POST", "/sweep", label="interleaving")

    def _make(self, place: Place) -> None:
        resources = {"customer_gateways": [{"region": REGION, "name": place.name, "ip_address": "203.0.113.99"}]}
        self.control.call("POST", f"/worlds/{place.id}/make", 201, **{"as": "alice", "resources": resources})

    def _change(self, places: list[Place], times: int) -> None:
        for number in range(times):
            place = places[number % len(places)]
            if number % 3 == 0:
                self.control.call("POST", f"/worlds/{place.id}/reset")
                self._make(place)
            else:
                self.control.call("POST", f"/worlds/{place.id}/snapshots/start/restore", 204)

    def _client(self, places: list[Place], names: set[str], seed: int, requests: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - the same in each run
        browsers: dict[str, Browser] = {}
        for _ in range(requests):
            place = chance.choice(places)
            browser = browsers.get(place.id)
            if browser is None:
                browser = Visitor(self.server, place.id) if place.id else Browser(self.server)
                browsers[place.id] = browser
            if "sessionid" not in browser.cookies:
                browser.get("/login/")
                browser.post("/demo/login-as/", {"username": "alice"})
            kind = chance.choices([*KINDS], [*KINDS.values()])[0]
            answer = self._ask(browser, place, kind)
            self._judge(answer, place, names, kind)
            if answer.status == 302 and not place.rests:
                # Signed out by a reset.
                browser.cookies.pop("sessionid", None)

    def _ask(self, browser: Browser, place: Place, kind: str):
        match kind:
            case "api":
                outside = Browser(self.server)
                return call_at(outside, place.key, "DescribeCustomerGateways", RegionId=REGION)
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
        return browser.get(GATEWAYS)

    def _judge(self, answer, place: Place, names: set[str], kind: str) -> None:
        self.counts[kind] += 1
        where = answer.headers.get("X-VPNC-World", "")
        self.served[answer.headers["X-Request-ID"]] = where
        found = {name for name in names if name in answer.text}
        if where != place.id:
            self.faults.append(f"{kind} of {place.id or 'base'} was served in {where or 'base'}")
        if found - {place.name}:
            self.faults.append(f"{kind} of {place.id or 'base'} shows {found}")
        # The first page of the installation's list may not have the row.
        shows = kind in ("page", "fragment", "csv", "json", "api", "form") and place.rests
        if shows and (answer.status != 200 or not found):
            self.faults.append(f"{kind} of {place.id or 'base'}: {answer.status}, without its own row")
        if answer.status >= 500:
            self.faults.append(f"{kind} of {place.id or 'base'}: {answer.status}")

    def lines_of_other_worlds(self, log: str) -> list[str]:
        """Lines of the server's log whose world is not that of their request."""
        lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
        known = [line for line in lines if line.get("request_id") in self.served]
        assert len({line["request_id"] for line in known}) == len(self.served)
        return [str(line) for line in known if line.get("world", "") != self.served[line["request_id"]]]
