"""Worlds on a running console: how long they take, and whether requests stay apart under load.

python -m bench.worlds                       makes, resets, keeps and restores 100 worlds; compares first pages
python -m bench.worlds --requests 2000       also asks so often, of 8 clients in 6 worlds and outside of them
"""

import argparse
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import TypeVar

import django

from vpnconsole.testing.interleaving import Interleaving
from vpnconsole.testing.served import Browser, prepared
from vpnconsole.testing.worlds import Control, Visitor, served_with_kit

PAGE = "/eu-central-1/connections/"
# Milliseconds of a whole request on an idle machine: median, and 95th percentile.
TARGETS = {name: (10, 50) for name in ("create", "reset", "snapshot", "restore")}
# Milliseconds by which the first page in a world may be slower than one outside.
FIRST_PAGE = 10
CLIENTS = 8

Result = TypeVar("Result")


class Watch:
    """Milliseconds of each kind of request."""

    def __init__(self):
        self.times: dict[str, list[float]] = defaultdict(list)

    def timed(self, name: str, do: Callable[[], Result]) -> Result:
        begun = time.perf_counter()
        result = do()
        self.times[name].append((time.perf_counter() - begun) * 1000)
        return result

    def show(self) -> bool:
        """Print a table; return whether all targets were met."""
        is_met = True
        print("| request | median ms | 95th | against a page outside | target |  |")
        print("| --- | ---: | ---: | ---: | --- | --- |")
        outside = median(self.times["first page outside"])
        for name, times in self.times.items():
            middle, late = median(times), quantiles(times, n=20)[-1]
            target, verdict = "", ""
            if name in TARGETS:
                most, latest = TARGETS[name]
                target, met = f"{most}, {latest}", middle <= most and late <= latest
            elif name == "first page in a world":
                target, met = f"+{FIRST_PAGE}", middle <= outside + FIRST_PAGE
            else:
                met = True
            if target:
                verdict = "met" if met else "**missed**"
            is_met = is_met and met
            print(f"| {name} | {middle:.1f} | {late:.1f} | {middle / outside:.2f} | {target} | {verdict} |")
        return is_met


def measure(server, count: int) -> Watch:
    watch, control = Watch(), Control(server)
    # Compiles templates and makes that of the scenario.
    for _ in range(3 * int(server.env["WEB_CONCURRENCY"])):
        Browser(server, "alice").get(PAGE)
        Visitor(server, control.world(label="warm")["id"], "alice").get(PAGE)
    for _ in range(count):
        world = watch.timed("create", control.world)["id"]
        at = f"/worlds/{world}"
        watch.timed("snapshot", partial(control.call, "PUT", f"{at}/snapshots/one"))
        watch.timed("restore", partial(control.call, "POST", f"{at}/snapshots/one/restore"))
        watch.timed("reset", partial(control.call, "POST", f"{at}/reset"))
        # Signed in by the endpoint, so that a page is the first request in this world.
        inside = Visitor(server, world)
        cookies = control.call("POST", f"{at}/sessions", 201, **{"as": "alice"})["cookies"]
        inside.cookies = {cookie["name"]: cookie["value"] for cookie in cookies}
        outside = Browser(server, "alice")
        watch.timed("first page in a world", partial(inside.get, PAGE))
        watch.timed("first page outside", partial(outside.get, PAGE))
        watch.timed("delete", partial(control.call, "DELETE", at))
    return watch


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
                several = Interleaving(server, Control(server))
                several.run(CLIENTS, args.requests // CLIENTS)
                wrong = several.faults + several.lines_of_other_worlds(server.log.read_text())
                print(f"\n{several.counts.total()} requests, {len(wrong)} in another world or failed", *wrong, sep="\n")
                is_met = is_met and not wrong
    sys.exit(not is_met)


if __name__ == "__main__":
    main()
