"""The server is killed at random moments while people write: what was acknowledged is there, nothing is half there."""

import itertools
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from contextlib import suppress
from http.client import HTTPException

import psycopg
import pytest

from dev import ROOT, in_ci
from tests.pages import main_form
from tests.served import Browser, Server, environment, manage
from tests.waiting import PATIENCE, wait_for

# In continuous integration as often as the goal says, on each database; here enough to notice a mistake.
KILLS = 200 if in_ci() else 10
WRITERS = 4
REGION = "eu-central-1"


class Gunicorn(Server):
    """The workers of production behind a master that has loaded the console already, so that a kill costs little."""

    def start(self) -> None:
        words = [sys.executable, "-m", "gunicorn", "--config", "vpnconsole/gunicorn.conf.py", "--preload",
                 "--workers", "2", "--bind", f"127.0.0.1:{self.port}"]  # fmt: skip
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                words, cwd=ROOT, env=self.env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        self.wait_until_ready()

    def kill_workers(self) -> None:
        """Every process that serves, not the one that starts new ones."""
        for pid in children(self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def children(pid: int) -> list[int]:
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except FileNotFoundError:
        return []


@pytest.fixture
def server(tmp_path, request):
    env = environment(tmp_path / "data", PRODUCTION="1", LOG_LEVEL="WARNING")
    address = os.environ.get("DATABASE_URL")
    if address:
        # Beside the tests' own, on the server that was made for this run.
        with psycopg.connect(address, autocommit=True) as server:
            server.execute("DROP DATABASE IF EXISTS crash WITH (FORCE)")
            server.execute("CREATE DATABASE crash")
        env["DATABASE_URL"] = address.rsplit("/", 1)[0] + "/crash"
    for words in (["migrate", "-v0"], ["collectstatic", "--no-input", "-v0"], ["seed_demo"]):
        done = manage(env, *words)
        assert done.returncode == 0, done.stderr
    running = Gunicorn(env, tmp_path / "log")
    running.start()
    yield running
    running.kill()


class Writer(threading.Thread):
    """Somebody who creates, edits and deletes, notes what was acknowledged, and asks again where no answer came."""

    def __init__(self, server: Server, number: int, stop: threading.Event):
        super().__init__()
        self.server, self.number, self.stop = server, number, stop
        # By name: the description that was acknowledged, or None once it is deleted.
        self.known: dict[str, str | None] = {}
        self.acknowledged = self.unanswered = 0
        self.trouble: list[str] = []

    def run(self) -> None:
        try:
            self.browser = self.insist(lambda: Browser(self.server, "alice"))
            for count in itertools.count():
                if self.stop.is_set():
                    return
                self.live(f"w{self.number}-{count}")
        except Exception as error:
            self.trouble.append(repr(error))

    def insist(self, ask):
        """Ask until there is an answer: the server may have been killed before it, or after its work was done."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = ask()
            except (OSError, HTTPException):
                self.unanswered += 1
                if time.monotonic() > deadline:
                    raise
                # Writers that knock without a pause would take the processor from the server that is starting.
                self.stop.wait(0.02)
            else:
                if getattr(answer, "status", 200) < 500:
                    return answer
                self.refused(answer)

    def refused(self, answer) -> None:
        """While a server is killed it answers nothing; what it does answer is no failure."""
        self.trouble.append(f"{answer.status}: {answer.text[-300:]}")

    def post(self, path: str, data: dict):
        answer = self.insist(lambda: self.browser.post(path, data))
        self.acknowledged += answer.status == 302
        return answer

    def live(self, name: str) -> None:
        """Create a customer gateway and a connection to it, change it, delete some of them again."""
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
            return
        form = main_form(self.insist(lambda: self.browser.get(f"{address}modify/")).text)
        form |= {"description": [f"edited {name}"], "_once": [str(uuid.uuid4())]}
        assert self.post(f"{address}modify/", form).status == 302
        self.known[name] = f"edited {name}"
        if len(self.known) % 3 == 0:
            # Asked again after it was done, it is not found.
            assert self.post(f"{address}delete/", {}).status in (302, 404)
            self.known[name] = None


@pytest.mark.long
def test_what_was_acknowledged_survives_every_kill(server):
    chance, stop = random.Random("kills"), threading.Event()  # noqa: S311 - the same moments every time
    writers = [Writer(server, number, stop) for number in range(WRITERS)]
    for writer in writers:
        writer.start()

    def acknowledged() -> int:
        assert not [word for writer in writers for word in writer.trouble]
        return sum(writer.acknowledged for writer in writers)

    for kill in range(1, KILLS + 1):
        # On a machine with much else to do, too, more is written than killed.
        wait_for(lambda kill=kill: acknowledged() > kill, for_what="something is written", evidence=server.said)
        # The moment is the point of it; it comes while somebody is being served.
        stop.wait(chance.uniform(0.05, 0.5))
        if kill % 20 == 0:
            server.kill()
            server.start()
        else:
            server.kill_workers()
            server.wait_until_ready()
    stop.set()
    for writer in writers:
        writer.join(PATIENCE)
        assert not writer.is_alive()
        assert writer.trouble == []
    unanswered = sum(writer.unanswered for writer in writers)
    print(f"{KILLS} kills, {acknowledged()} writes acknowledged, {unanswered} requests without an answer")
    assert unanswered > 0
    everything_is_there(server, writers)


def everything_is_there(server, writers) -> None:
    """What was acknowledged to the writers, once each, with its events, and no half of anything."""
    done = manage(server.env, "check_data")
    assert done.returncode == 0, done.stderr
    told = manage(server.env, "shell", "-v0", "-c", SHOW)
    assert told.returncode == 0, told.stderr
    there = [line.split("\t") for line in told.stdout.splitlines() if "\t" in line]
    names = [name for name, _, _ in there]
    assert len(names) == len(set(names)), "something was made twice"
    described = {name: (description, connections) for name, description, connections in there}
    for writer in writers:
        for name, description in writer.known.items():
            if description is None:
                assert name not in described
            else:
                assert described[name][0] == description
                assert int(described[name][1]) == writer.number % 2


SHOW = """
from connections.models import CustomerGateway
for gateway in CustomerGateway.objects.filter(name__startswith="w"):
    print(gateway.name, gateway.description, gateway.tunnels.count(), sep="\\t")
"""
