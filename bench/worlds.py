"""Worlds on a running console: how long they take, and whether requests stay apart under load.

python -m bench.worlds                       makes, resets, keeps and restores 100 worlds; compares first pages
python -m bench.worlds --requests 2000       also asks so often, of 8 clients in 6 worlds and outside of them, while
                                             some of the worlds have faults, and are reset, kept and restored
"""

import argparse
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median, quantiles
from typing import TypeVar

import django

from vpnconsole.testing.interleaving import Interleaving, files_of
from vpnconsole.testing.served import Browser, Server, children, prepared
from vpnconsole.testing.worlds import Control, Visitor, served_with_kit

PAGE = "/eu-central-1/connections/"
# Milliseconds of a whole request on an idle machine: median, and 95th percentile.
TARGETS = {name: (10, 50) for name in ("create", "reset", "snapshot", "restore")}
# Milliseconds by which the first page in a world may be slower than one outside.
FIRST_PAGE = 10
CLIENTS = 8

T = TypeVar("T")
Result = TypeVar("Result")


class Watch:
    """Milliseconds of each kind of request: how long its client waits, and CPU time of the server."""

    def __init__(self, server: Server):
        self.server = server
        self.times: dict[str, list[float]] = defaultdict(list)
        self.cpu: dict[str, float] = {}

    def each(self, name: str, do: Callable[[T], Result], several: Iterable[T]) -> list[Result]:
        """Do something with each of several, and measure it."""
        before, results = self._used(), []
        for one in several:
            begun = time.perf_counter()
            results.append(do(one))
            self.times[name].append((time.perf_counter() - begun) * 1000)
        self.cpu[name] = (self._used() - before) / len(results)
        return results

    def _used(self) -> float:
        """Milliseconds of CPU time that the server's processes have used."""
        pids = [self.server.running.pid, *children(self.server.running.pid)]
        ticks = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13] for pid in pids]
        return sum(int(number) for pair in ticks for number in pair) * 1000 / os.sysconf("SC_CLK_TCK")

    def show(self) -> bool:
        """Print a table; return whether all targets were met."""
        is_met = True
        print("| request | median ms | 95th | CPU ms of the server | target |  |")
        print("| --- | ---: | ---: | ---: | --- | --- |")
        outside = median(self.times["first page outside"])
        for name, times in self.times.items():
            middle, late = median(times), quantiles(times, n=20)[-1]
            target, verdict, met = "", "", True
            if name in TARGETS:
                most, latest = TARGETS[name]
                target, met = f"{most}, {latest}", middle <= most and late <= latest
            elif name == "first page in a world":
                target, met = f"+{FIRST_PAGE}", middle <= outside + FIRST_PAGE
            if target:
                verdict = "met" if met else "**missed**"
            is_met = is_met and met
            print(f"| {name} | {middle:.1f} | {late:.1f} | {self.cpu[name]:.1f} | {target} | {verdict} |")
        return is_met


def measure(server: Server, count: int) -> Watch:
    """Make so many worlds, which are there at the same time, and do the same with each."""
    watch, control = Watch(server), Control(server)
    # Compiles templates and makes that of the scenario.
    for _ in range(3 * int(server.env["WEB_CONCURRENCY"])):
        Browser(server, "alice").get(PAGE)
        Visitor(server, control.world(label="warm")["id"], "alice").get(PAGE)
    control.call("POST", "/sweep", label="warm")

    def signed_in(world: str) -> Browser:
        """Signed in by the endpoint, so that a page is the first request in this world."""
        cookies = control.call("POST", f"/worlds/{world}/sessions", 201, **{"as": "alice"})["cookies"]
        inside = Visitor(server, world)
        inside.cookies = {cookie["name"]: cookie["value"] for cookie in cookies}
        return inside

    ids = [made["id"] for made in watch.each("create", lambda _: control.world(), range(count))]
    watch.each("snapshot", lambda one: control.call("PUT", f"/worlds/{one}/snapshots/one"), ids)
    watch.each("restore", lambda one: control.call("POST", f"/worlds/{one}/snapshots/one/restore"), ids)
    watch.each("reset", lambda one: control.call("POST", f"/worlds/{one}/reset"), ids)
    watch.each("first page in a world", lambda browser: browser.get(PAGE), [signed_in(one) for one in ids])
    watch.each("first page outside", lambda browser: browser.get(PAGE), [Browser(server, "alice") for _ in ids])
    watch.each("delete", lambda one: control.call("DELETE", f"/worlds/{one}"), ids)
    return watch


def keeps_apart(server: Server, requests: int) -> bool:
    """Ask so often, and print what is wrong."""
    several = Interleaving(server, Control(server))
    several.begin()
    before = files_of(server)
    several.run(CLIENTS, requests // CLIENTS)
    wrong = several.wrong + several.lines_of_other_worlds(server.log.read_text())
    if files_of(server) != before:
        wrong.append("The installation's own database has changed.")
    kinds = ", ".join(f"{number} {kind}" for kind, number in several.counts.most_common())
    print(f"\n{several.counts.total()} requests ({kinds}), at least {several.hits()} faults: {len(wrong)} wrong")
    print(*wrong[:20], sep="\n")
    return not wrong


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.worlds", description=__doc__)
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--requests", type=int, default=0)
    parser.add_argument("--processes", type=int, default=3)
    args = parser.parse_args()
    # Clients sign by the console's clock.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
    django.setup()
    with tempfile.TemporaryDirectory(prefix="vpnconsole-worlds-") as folder:
        env = prepared(Path(folder) / "data", WEB_CONCURRENCY=str(args.processes), LOG_LEVEL="INFO")
        with served_with_kit(env, Path(folder) / "log") as server:
            is_met = measure(server, args.worlds).show()
            if args.requests:
                is_met = keeps_apart(server, args.requests) and is_met
    sys.exit(not is_met)


if __name__ == "__main__":
    main()
