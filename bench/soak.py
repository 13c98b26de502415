"""Mixed traffic against a running console: are there errors, does memory stay flat?

python -m bench.soak --minutes 10      prints a line a minute, and at the end what it found
python -m bench.soak --pg              the same on a temporary PostgreSQL server
"""

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import django

from vpnconsole.testing.pages import main_form
from vpnconsole.testing.pg import Cluster
from vpnconsole.testing.served import Browser, children, environment, served

REGION = "eu-central-1"
PEOPLE = 4
# The number of requests before the first look at memory.
EARLY = 500


def memory(pid: int) -> float:
    """Resident memory of a process in megabytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


class Person(threading.Thread):
    """A user who opens pages, creates a gateway and a connection, edits and deletes."""

    def __init__(self, server, number: int, stop: threading.Event):
        super().__init__()
        self.browser, self.number, self.stop = Browser(server, "alice"), number, stop
        self.asked = 0
        self.wrong: list[str] = []

    def run(self) -> None:
        count = 0
        while not self.stop.is_set():
            try:
                self.live(f"soak-{self.number}-{count}")
            except Exception as error:
                self.wrong.append(repr(error))
            count += 1

    def ask(self, method: str, path: str, data=None):
        answer = self.browser.post(path, data) if method == "POST" else self.browser.get(path)
        self.asked += 1
        if answer.status >= 400:
            self.wrong.append(f"{method} {path}: {answer.status}")
        return answer

    def live(self, name: str) -> None:
        gateways, connections = f"/{REGION}/customer-gateways/", f"/{REGION}/connections/"
        for path in (connections, f"{connections}?q=hamburg", gateways, "/cens/", "/events/", f"{connections}create/"):
            self.ask("GET", path)
        form = main_form(self.ask("GET", f"{gateways}create/").text)
        self.ask("POST", f"{gateways}create/", form | {"name": [name], "ip_address": ["203.0.113.10"]})
        page = self.ask("GET", f"{gateways}?q={name}").text
        address = page.split(f'href="{gateways}cgw-', 1)[1].split('"', 1)[0]
        address = f"{gateways}cgw-{address}"
        form = main_form(self.ask("GET", f"{address}modify/").text)
        self.ask("POST", f"{address}modify/", form | {"description": ["edited"]})
        self.ask("GET", address)
        self.ask("POST", f"{address}delete/", {})
        # The documented access key of the demo.
        self.call("DescribeVpnConnections", {"RegionId": REGION, "PageSize": 50})
        self.call("DescribeCustomerGateways", {"RegionId": REGION, "PageSize": 50})
        made = self.call("CreateCustomerGateway", {"RegionId": REGION, "Name": name, "IpAddress": "203.0.113.11"})
        self.call("DeleteCustomerGateway", {"RegionId": REGION, "CustomerGatewayId": made["CustomerGatewayId"]})

    def call(self, action: str, parameters: dict) -> dict:
        """Call an operation of the API, signed as official clients do."""
        from connections.demo import HARBOUR
        from vpnconsole.testing.clients import call_at

        self.asked += 1
        answer = call_at(self.browser, (HARBOUR.access_key_id, HARBOUR.access_key_secret), action, **parameters)
        if answer.status >= 400:
            raise RuntimeError(f"{action}: {answer.text}")
        return json.loads(answer.text)


def run(minutes: float = 0, requests: int = 0, workers: int = 2, database: str = "") -> int:
    """Run the users for some minutes or requests, and print errors and memory. Returns an exit status.

    `database`: the URL of a PostgreSQL database, otherwise SQLite.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    with tempfile.TemporaryDirectory() as folder:
        env = environment(Path(folder) / "data", LOG_LEVEL="WARNING", WEB_CONCURRENCY=str(workers))
        if database:
            env["DATABASE_URL"] = database
        with served(env, Path(folder) / "log") as server:
            stop = threading.Event()
            people = [Person(server, number, stop) for number in range(PEOPLE)]
            for person in people:
                person.start()
            began, printed, early = time.monotonic(), 0.0, None
            try:
                while True:
                    stop.wait(0.5)
                    passed, asked = time.monotonic() - began, sum(person.asked for person in people)
                    now = [memory(pid) for pid in children(server.running.pid)]
                    # What is loaded on first use is not a leak.
                    early = early or (now if asked >= EARLY else None)
                    over = asked >= requests if requests else passed >= minutes * 60
                    if over or passed - printed >= 60:
                        printed = passed
                        errors = sum(len(person.wrong) for person in people)
                        print(f"{passed / 60:5.1f} min  {asked:6} requests  {errors} errors  "
                              f"workers {', '.join(f'{one:.0f}' for one in now)} MB", flush=True)  # fmt: skip
                    if over:
                        break
            finally:
                stop.set()
                for person in people:
                    person.join()
    wrong = [word for person in people for word in person.wrong]
    ratio = sum(now) / sum(early) if early else 0
    print(f"{asked} requests, {len(wrong)} errors, memory {ratio:.2f} times that after the first {EARLY}")
    for word in wrong[:10]:
        print(word)
    return 1 if wrong or ratio > 1.1 else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--pg", action="store_true", help="on PostgreSQL")
    args = parser.parse_args()
    if not args.pg:
        return run(minutes=args.minutes)
    cluster = Cluster()
    try:
        return run(minutes=args.minutes, database=cluster.url)
    finally:
        cluster.remove()


if __name__ == "__main__":
    sys.exit(main())
