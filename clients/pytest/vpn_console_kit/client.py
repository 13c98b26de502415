"""A client of the control endpoint, by the standard library alone. docs/testers.md describes its calls."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

Json = dict[str, Any]
# Seconds. The first world of a scenario waits until its template is made.
PATIENCE = 300.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class KitError(Exception):
    """A refusal of the endpoint: its status, a stable code, a sentence and what to do."""

    def __init__(self, status: int, code: str, message: str, hint: str):
        self.status, self.code, self.message, self.hint = status, code, message, hint
        super().__init__(f"{status} {code}: {message} {hint}".strip())


@dataclass(frozen=True)
class Named:
    """A resource of a scenario: its ID, and the address of its page without the host."""

    id: str
    address: str


class Names:
    """What a world had when it was made, by kind and name. Of several with one name, the first."""

    def __init__(self, names: Mapping[str, Mapping[str, Mapping[str, str]]]):
        def named(kind: str) -> dict[str, Named]:
            return {name: Named(one["id"], one["address"]) for name, one in names.get(kind, {}).items()}

        self.connections = named("connection")
        self.gateways = named("gateway")
        self.cens = named("cen")
        self.routers = named("router")
        self.route_tables = named("route_table")
        # By the name of the connection.
        self.attachments = named("attachment")


@dataclass(frozen=True)
class AccessKey:
    """A key that signs API requests, and where to send them. The key names the world, so no header is needed."""

    id: str
    secret: str
    # Host and port, as SDKs want it; and the protocol.
    endpoint: str
    protocol: str


class Server:
    """A console with the kit."""

    def __init__(self, url: str, token: str):
        self.url = url.rstrip("/") + "/"
        self.token = token
        is_here = urlsplit(self.url).hostname in LOOPBACK
        # A proxy of the environment does not reach this machine.
        self._opener: OpenerDirector = build_opener(*([ProxyHandler({})] if is_here else []))

    def send(self, method: str, path: str, data: bytes | None = None, kind: str = "application/json") -> bytes:
        """The body of an answer. Raises KitError."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        request = Request(f"{self.url}_kit/v1{path}", data, headers, method=method)  # noqa: S310 - the console's URL
        try:
            with self._opener.open(request, timeout=PATIENCE) as answer:
                return bytes(answer.read())
        except HTTPError as error:
            raise _refusal(error) from None

    def call(self, method: str, path: str, **body: Any) -> Json:
        """The JSON of an answer; empty if it has none. Fields that are None are not sent. Raises KitError."""
        given = {name.rstrip("_"): value for name, value in body.items() if value is not None}
        raw = self.send(method, path, json.dumps(given).encode() if given else None)
        return dict(json.loads(raw)) if raw else {}

    def about(self) -> Json:
        """Version, limits, scenarios and personas."""
        return self.call("GET", "/")

    def world(
        self,
        scenario: str | None = None,
        *,
        label: str | None = None,
        clock: str | Json | None = None,
        transitions: str | Json | None = None,
        ids: str | int | Json | None = None,
        expires_in: float | None = None,
    ) -> "World":
        """Make a world."""
        made = self.call(
            "POST", "/worlds", scenario=scenario, label=label, clock=clock, transitions=transitions, ids=ids,
            expires_in=expires_in,
        )  # fmt: skip
        return World(self, made)

    def open(self, file: bytes) -> "World":
        """Make a world from a file that `World.file` has returned, here or elsewhere."""
        return World(self, json.loads(self.send("POST", "/worlds", file, "application/gzip")))

    def worlds(self) -> list[Json]:
        """All worlds, in brief."""
        return list(self.call("GET", "/worlds")["worlds"])

    def sweep(self, label: str | None = None) -> None:
        """End the worlds with a label; without one, those that have expired."""
        self.call("POST", "/sweep", label=label)


def _refusal(error: HTTPError) -> KitError:
    raw = error.read()
    try:
        body = json.loads(raw)
        return KitError(error.code, str(body["code"]), str(body["message"]), str(body.get("hint", "")))
    except (ValueError, KeyError, TypeError):
        text = f"{error.url} is no control endpoint of a VPN Console."
        return KitError(error.code, "no_endpoint", text, "The server needs KIT=1, which `run --testing` sets.")


class World:
    """A world: a copy of a scenario, with a clock, sessions and access keys of its own."""

    def __init__(self, server: Server, shown: Json):
        self.server = server
        # Called when something may have changed that no page knows of.
        self.listeners: list[Callable[[], None]] = []
        self._take(shown)

    def _take(self, shown: Json) -> None:
        self.shown = shown
        self.id = str(shown["id"])
        self.url = str(shown["url"])
        self.cookie: Json = shown["cookie"]
        # For clients that neither have cookies nor sign with a key of this world.
        self.header: dict[str, str] = shown["header"]
        self.names = Names(shown["names"])
        self.members: dict[str, Json] = shown["members"]

    def __repr__(self) -> str:
        return f"<World {self.id}>"

    def _call(self, method: str, path: str = "", **body: Any) -> Json:
        return self.server.call(method, f"/worlds/{self.id}{path}", **body)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        yield
        for listener in self.listeners:
            listener()

    # --- as a whole

    def reset(self, scenario: str | None = None) -> None:
        """As new, sessions and clock included. Access keys stay the same."""
        self._take(self._call("POST", "/reset", scenario=scenario))

    def delete(self) -> None:
        """End the world. Ending one that is gone does nothing."""
        self._call("DELETE")

    def snapshot(self, name: str) -> None:
        """Keep everything as it is now, under a name."""
        self._call("PUT", f"/snapshots/{quote(name)}")

    def restore(self, name: str) -> None:
        """Put back what a snapshot has kept, clock and sessions included."""
        self._call("POST", f"/snapshots/{quote(name)}/restore")

    def snapshots(self) -> list[str]:
        return list(self._call("GET", "/snapshots")["snapshots"])

    def file(self) -> bytes:
        """The world as one file, which `Server.open` and `vpn-console open` make a world of."""
        return self.server.send("GET", f"/worlds/{self.id}/file")

    # --- who is in it

    def session(self, user: str) -> list[Json]:
        """The cookies of a browser in which a member is signed in, as Playwright takes them."""
        return list(self._call("POST", "/sessions", as_=user)["cookies"])

    def storage_state(self, user: str) -> Json:
        """The same as Playwright's `storage_state`."""
        return dict(self._call("POST", "/sessions", as_=user)["storage_state"])

    def link(self, user: str | None = None, to: str | None = None) -> str:
        """A link that puts a browser into the world once."""
        return str(self._call("POST", "/enter", as_=user, to=to)["url"])

    def access_key(self, user: str = "alice") -> AccessKey:
        """The key of a member."""
        key, url = self.shown["keys"][user], urlsplit(self.url)
        return AccessKey(key["id"], key["secret"], url.netloc, url.scheme)

    # --- time

    def clock(self, mode: str, at: str | None = None) -> Json:
        """`held` at a moment or now, `running` from it, or `real`; forward only. `at` is in ISO 8601."""
        with self._telling():
            return self._call("PUT", "/clock", mode=mode, at=at)

    def now(self) -> str:
        """The time in the world, in ISO 8601."""
        return str(self._call("GET", "/clock")["clock"]["at"])

    def advance(self, seconds: float) -> list[str]:
        """Move the clock forward. Return the IDs of what has settled because somebody had to end it."""
        with self._telling():
            return list(self._call("POST", "/clock/advance", seconds=seconds)["settled"])

    def transitions(
        self,
        mode: str,
        *,
        seconds: float | None = None,
        reads: int | None = None,
        kind: str | None = None,
        transition: str | None = None,
    ) -> None:
        """How transitions end from now on: `immediate`, `time`, `reads` or `manual`.

        `kind` (connection, attachment, cen, router, route_table) and `transition` restrict it.
        """
        only = {name: value for name, value in (("kind", kind), ("transition", transition)) if value}
        self._call("PUT", "/transitions", mode=mode, seconds=seconds, reads=reads, for_=only or None)

    def settle(self, resource_id: str | None = None) -> list[str]:
        """End what is under way: all of it, or that of a resource. Return the IDs of what has settled."""
        with self._telling():
            return list(self._call("POST", "/settle", id=resource_id)["settled"])

    def ids(self, seed: str | int | None, *, requests: bool = False) -> None:
        """Draw IDs and other random values from a seed, so that a run repeats. None: random ones again."""
        raw = json.dumps({"seed": seed, "requests": requests}).encode()
        self.server.send("PUT", f"/worlds/{self.id}/ids", raw)

    # --- what is in it

    def peer(self, connection_id: str, **wish: Any) -> Json:
        """Set the simulated device of a connection, and return the state of its tunnels afterwards.

        `negotiation` and `health` are outcomes in words, `row` one of docs/negotiation.md, `settings` those of the
        device; `power`, `line`, `tunnel` and `at_once` are described in docs/testers.md. Without any, only look.
        """
        path = f"/peers/{quote(connection_id)}"
        if not wish:
            return self._call("GET", path)
        with self._telling():
            return self._call("PUT", path, **wish)

    def make(self, user: str, **resources: Any) -> Json:
        """Make resources of a member's account without clicking: a resource document (docs/resources.md)."""
        made = self._call("POST", "/make", as_=user, resources=resources)
        self.names = Names(made["names"])
        return made

    def state(self, since: int | None = None) -> Json:
        """Everything in the world: resource documents by account, states, and events after one."""
        return self._call("GET", "/state" + ("" if since is None else f"?since={since}"))

    def names_now(self) -> Names:
        """What is in the world now, by kind and name."""
        return Names(self.state()["names"])

    def events(self, since: int | None = None) -> list[Json]:
        """The event log, oldest first."""
        return list(self.state(since)["events"])
