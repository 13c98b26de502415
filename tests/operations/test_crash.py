"""The server is killed at random while people write: acknowledged writes are stored, and nothing is half stored."""

import itertools
import json
import os
import random
import re
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connections import demo
from dev import in_ci
from vpnconsole.testing import pg
from vpnconsole.testing.clients import call_at
from vpnconsole.testing.pages import main_form
from vpnconsole.testing.served import NO_ANSWER, Browser, Server, environment, manage, prepared, served
from vpnconsole.testing.waiting import PATIENCE, wait_for

# Many in continuous integration, most on SQLite, which runs in the killed process; elsewhere enough for a mistake.
KILLS = (20 if "DATABASE_URL" in os.environ else 60) if in_ci() else 10
REGION = "eu-central-1"


class Gunicorn(Server):
    """The workers of production under a master that has preloaded the console, so that restarts are cheap."""

    def command(self) -> list[str]:
        return [sys.executable, "-m", "gunicorn", "--config", "vpnconsole/gunicorn.conf.py", "--preload",
                "--workers", "2", "--bind", f"127.0.0.1:{self.port}"]  # fmt: skip


@pytest.fixture
def database_url() -> Iterator[dict[str, str]]:
    """The environment variables of the database: none for SQLite."""
    if "DATABASE_URL" not in os.environ:
        yield {}
        return
    with pg.database("crash") as address:
        yield {"DATABASE_URL": address}


@pytest.fixture
def server(tmp_path, database_url):
    make = environment if database_url else prepared
    env = make(tmp_path / "data", PRODUCTION="1", LOG_LEVEL="WARNING", **database_url)
    done = manage(env, "prepare_to_serve")
    assert done.returncode == 0, done.stderr
    with served(env, tmp_path / "log", kind=Gunicorn) as running:
        yield running


class Writer(threading.Thread):
    """A user who creates, edits and deletes, records what was acknowledged, and repeats unanswered requests."""

    def __init__(self, server: Server, number: int, stop: threading.Event):
        super().__init__()
        self.server, self.number, self.stop = server, number, stop
        # By name: the acknowledged description, or None after the deletion.
        self.known: dict[str, str | None] = {}
        # Tunnels whose devices have loaded the peer configuration.
        self.loaded: list[str] = []
        self.acknowledged = self.unanswered = 0
        self.trouble: list[str] = []

    def run(self) -> None:
        try:
            self.enter()
            for count in itertools.count():
                if self.stop.is_set():
                    return
                self.live(f"w{self.number}-{count}")
        except Exception as error:
            self.trouble.append(repr(error))

    def insist(self, ask):
        """Repeat a request until it is answered: the server may be killed before or after the work."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = ask()
            except NO_ANSWER:
                self.unanswered += 1
                if time.monotonic() > deadline:
                    raise
                # Repeating without a pause would take CPU time from the starting server.
                self.stop.wait(0.02)
            else:
                if getattr(answer, "status", 200) < 500:
                    return answer
                self.refused(answer)

    def refused(self, answer) -> None:
        """A killed server does not answer; a server that answers must not fail."""
        self.trouble.append(f"{answer.status}: {answer.text[-300:]}")

    def post(self, path: str, data: dict):
        answer = self.insist(lambda: self.browser.post(path, data))
        self.acknowledged += answer.status == 302
        return answer

    def enter(self) -> None:
        """Set up before the first request."""
        self.browser = self.insist(lambda: Browser(self.server, "alice"))

    def live(self, name: str) -> None:
        """Create a customer gateway, then a connection and configure its device; or edit it, and delete some."""
        gateways, connections = f"/{REGION}/customer-gateways/", f"/{REGION}/connections/"
        form = main_form(self.insist(lambda: self.browser.get(f"{gateways}create/")).text)
        form |= {"name": [name], "ip_address": ["203.0.113.10"], "_once": [str(uuid.uuid4())]}
        assert self.post(f"{gateways}create/", form).status == 302
        self.known[name] = ""
        page = self.insist(lambda: self.browser.get(f"{gateways}?q={name}")).text
        own = re.findall(rf'href="({gateways}(cgw-\w+)/)"[^\0]*?>{name}<', page)
        assert own, page[-2000:]
        address, gateway_id = own[0]
        if self.number % 2:
            form = main_form(self.insist(lambda: self.browser.get(f"{connections}create/")).text)
            form |= {"name": [name], "tunnel1-customer_gateway": [gateway_id], "_once": [str(uuid.uuid4())]}
            assert self.post(f"{connections}create/", form).status == 302
            page = self.insist(lambda: self.browser.get(f"{connections}?q={name}")).text
            details = re.findall(rf'href="({connections}vco-\w+/)"', page)[0]
            tunnel = re.findall(r"tun-\w+", self.insist(lambda: self.browser.get(f"{details}tunnels/")).text)[0]
            once = {"_once": str(uuid.uuid4())}
            assert self.post(f"{details}tunnels/{tunnel}/device/load/", once).status == 302
            self.loaded.append(tunnel)
            return
        form = main_form(self.insist(lambda: self.browser.get(f"{address}modify/")).text)
        form |= {"description": [f"edited {name}"], "_once": [str(uuid.uuid4())]}
        assert self.post(f"{address}modify/", form).status == 302
        self.known[name] = f"edited {name}"
        if len(self.known) % 3 == 0:
            # A repeated deletion is not found.
            assert self.post(f"{address}delete/", {}).status in (302, 404)
            self.known[name] = None


class ApiWriter(Writer):
    """The same through the API. Each call is done once, however often it is sent."""

    KEY = (demo.HARBOUR.access_key_id, demo.HARBOUR.access_key_secret)

    def enter(self) -> None:
        # Signed requests need no login.
        self.browser = Browser(self.server)

    def call(self, action: str, **parameters: Any) -> dict:
        parameters |= {"RegionId": REGION, "ClientToken": str(uuid.uuid4())}
        answer = self.insist(lambda: call_at(self.browser, self.KEY, action, **parameters))
        assert answer.status == 200, answer.text
        self.acknowledged += 1
        return json.loads(answer.text)

    def live(self, name: str) -> None:
        made = self.call("CreateCustomerGateway", Name=name, IpAddress="203.0.113.10")
        which = {"CustomerGatewayId": made["CustomerGatewayId"]}
        self.known[name] = ""
        if self.number % 2:
            both = {"TunnelOptionsSpecification": [which | {"TunnelIndex": index} for index in (1, 2)]}
            shape = both if len(self.known) % 2 else which
            self.call("CreateVpnAttachment", Name=name, LocalSubnet="0.0.0.0/0", RemoteSubnet="0.0.0.0/0", **shape)
            return
        self.call("ModifyCustomerGatewayAttribute", Description=f"edited {name}", **which)
        self.known[name] = f"edited {name}"
        if len(self.known) % 3 == 0:
            self.call("DeleteCustomerGateway", **which)
            self.known[name] = None


class Crowd:
    """Run writers during the block, and stop them however it ends."""

    def __init__(self, server: Server, by_page: type[Writer], by_api: type[Writer]):
        self.server, self.stop = server, threading.Event()
        kinds = (by_page, by_page, by_api, by_api)
        self.writers = [kind(server, number, self.stop) for number, kind in enumerate(kinds)]

    def __enter__(self) -> "Crowd":
        for writer in self.writers:
            writer.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for writer in self.writers:
            writer.join(2 * PATIENCE)
        assert not [writer for writer in self.writers if writer.is_alive()], "a writer does not end"
        assert self.trouble == []

    @property
    def trouble(self) -> list[str]:
        return [word for writer in self.writers for word in writer.trouble]

    @property
    def unanswered(self) -> int:
        return sum(writer.unanswered for writer in self.writers)

    @property
    def acknowledged(self) -> int:
        """The number of acknowledged writes. Asserts that no writer has failed."""
        assert self.trouble == []
        return sum(writer.acknowledged for writer in self.writers)

    def go_on(self, enough: Callable[[], bool]) -> None:
        """Wait until enough is written, also on a loaded machine."""
        wait_for(enough, for_what="something is written", evidence=self.server.said)

    def pause(self, seconds: float) -> None:
        """Pause for a random time, so that the next step happens while requests are served."""
        self.stop.wait(seconds)


@pytest.mark.pg
@pytest.mark.long
def test_what_was_acknowledged_survives_every_kill(server):
    chance = random.Random("kills")  # noqa: S311 - the same moments every time
    with Crowd(server, Writer, ApiWriter) as crowd:
        for kill in range(1, KILLS + 1):
            # There are more writes than kills.
            crowd.go_on(lambda kill=kill: crowd.acknowledged > kill)
            crowd.pause(chance.uniform(0.02, 0.25))
            if kill % 20 == 0:
                server.kill()
                server.start()
            else:
                kill_and_wait(server)
        # A kill may fall between two requests; at least one must interrupt a request.
        wait_for(lambda: crowd.unanswered or kill_and_wait(server), for_what="a request is cut off")
    print(f"{KILLS} kills, {crowd.acknowledged} writes acknowledged, {crowd.unanswered} requests without an answer")
    everything_is_there(server, crowd.writers)


def kill_and_wait(server) -> None:
    server.kill_workers()
    server.wait_until_ready()


def everything_is_there(server, writers) -> None:
    """Check that everything acknowledged is stored once, with its events, and that nothing is half stored."""
    done = manage(server.env, "check_data")
    assert "Everything fits together." in done.stdout, done.stdout + done.stderr
    told = manage(server.env, "shell", "-v0", "-c", SHOW)
    assert told.returncode == 0, told.stderr
    there = [line.split("\t") for line in told.stdout.splitlines() if "\t" in line]
    names = [name for name, _, _ in there]
    assert len(names) == len(set(names)), "something was made twice"
    described = {name: (description, connections) for name, description, connections in there}
    configured = {line for line in told.stdout.splitlines() if line.startswith("tun-")}
    for writer in writers:
        assert set(writer.loaded) <= configured
        for name, description in writer.known.items():
            if description is None:
                assert name not in described
            else:
                assert described[name][0] == description
                assert int(described[name][1]) == writer.number % 2


SHOW = """
from connections.models import CustomerGateway, Device
for device in Device.objects.filter(is_configured=True).select_related("tunnel"):
    print(device)
for gateway in CustomerGateway.objects.filter(name__startswith="w"):
    print(gateway.name, gateway.description, len({one.connection_id for one in gateway.tunnels.all()}), sep="\\t")
"""
