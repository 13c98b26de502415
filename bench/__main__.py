"""Run the cases, interleaved and in random order, and print their ratios."""

import argparse
import json
import os
import platform
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import IO, cast

import django
import psycopg

from bench import soak
from bench.measures import Measures, placed
from vpnconsole.testing.pg import Cluster

ROOT = Path(__file__).resolve().parent.parent


class Worker:
    """A process with a database of a given size."""

    def __init__(self, env: dict[str, str], stock: bool = False):
        env = {**os.environ, **env, **({"BENCH_STOCK": "1"} if stock else {})}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.worker"], cwd=ROOT, env=env, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        # With PIPE, both exist.
        self.input, self.output = cast(IO[str], self.process.stdin), cast(IO[str], self.process.stdout)
        self.read()

    def read(self) -> dict:
        line = self.output.readline()
        if not line:
            raise SystemExit("A worker has ended; see above.")
        return json.loads(line)

    def ask(self, name: str) -> dict:
        self.input.write(name + "\n")
        self.input.flush()
        return self.read()

    def close(self) -> None:
        self.input.close()
        self.process.wait()


def _fill(count: int, env: dict[str, str]) -> None:
    env = {**os.environ, **env, "DEMO_MODE": "1", "DJANGO_SETTINGS_MODULE": "vpnconsole.settings"}
    for words in (["manage.py", "migrate", "-v", "0", "--settings", "bench.settings"],
                  ["-m", "bench.fill", str(count), "--one-account"]):  # fmt: skip
        print(f"  {' '.join(words)}", flush=True)
        begun = monotonic()
        subprocess.run([sys.executable, *words], cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
    print(f"  {monotonic() - begun:.0f} s", flush=True)


def data_of(count: int) -> dict[str, str]:
    """The environment of a SQLite database with `count` connections, created once per version of the schema."""
    parts = sorted((ROOT / "connections" / "migrations").glob("0*.py"))
    parts += [ROOT / "bench" / "loadtest.py", *sorted((ROOT / "connections" / "search").glob("*.py"))]
    state = sha256(b"".join(path.read_bytes() for path in parts)).hexdigest()[:12]
    folder = Path(os.environ.get("BENCH_DATA", ROOT / "var" / "bench")) / f"{count}-{state}"
    env = {"VPNCONSOLE_DATA": str(folder)}
    if not (folder / "made").exists():
        folder.mkdir(parents=True, exist_ok=True)
        _fill(count, env)
        (folder / "made").write_text("")
    return env


def database_of(cluster, count: int) -> dict[str, str]:
    """The same on a temporary PostgreSQL server."""
    name = f"of_{count}"
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    folder = cluster.data.parent / f"console-{count}"
    env = {"VPNCONSOLE_DATA": str(folder), "DATABASE_URL": cluster.url.removesuffix("/postgres") + f"/{name}"}
    _fill(count, env)
    with psycopg.connect(env["DATABASE_URL"], autocommit=True) as connection:
        # As autovacuum would a minute later, so that dead rows are not read.
        connection.execute("VACUUM ANALYZE")
    return env


def main() -> None:
    parser = argparse.ArgumentParser(prog="dev.py bench", description=__doc__)
    parser.add_argument("--connections", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--pg", action="store_true", help="on a temporary PostgreSQL server instead of SQLite")
    parser.add_argument("--memory", type=int, metavar="REQUESTS",
                        help="instead: the memory of one worker after so many")  # fmt: skip
    args = parser.parse_args()
    if args.memory:
        sys.exit(soak.run(requests=args.memory, workers=1))
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    os.environ.pop("DATABASE_URL", None)
    if not args.pg:
        measure(args, data_of)
        return
    cluster = Cluster()
    try:
        measure(args, partial(database_of, cluster))
    finally:
        cluster.remove()


def measure(args, made: Callable[[int], dict[str, str]]) -> None:
    """`made` returns the environment of a database with a number of connections."""
    large = made(args.connections)
    # Only for the names of the cases.
    os.environ.update(large)
    django.setup()
    from bench.cases import CASES

    cases = [case for case in CASES if args.only in case.name]
    wanted = {placed(name) for case in cases for name in (case.name, case.against)}
    workers = {"": Worker(large)}
    for place in sorted({place for _, place in wanted} - {"", "stock"}):
        workers[place] = Worker(made(int(place)))
    if "stock" in {place for _, place in wanted}:
        workers["stock"] = Worker(large, stock=True)
    measures = Measures()
    for number in range(args.rounds + 2):
        for name, place in random.sample(sorted(wanted), len(wanted)):
            answer = workers[place].ask(name)
            # The first rounds compile templates and fill caches.
            if number >= 2:
                measures.add(name, place, answer)
    for worker in workers.values():
        worker.close()
    engine = f"SQLite {sqlite3.sqlite_version}"
    if args.pg:
        with psycopg.connect(large["DATABASE_URL"]) as connection:
            engine = f"PostgreSQL {connection.info.server_version // 10000}, whose own CPU time is not in these figures"
    print(f"\n{datetime.now(UTC):%Y-%m-%d}, {args.connections} connections in one account and region, {args.rounds} "
          f"rounds, CPU time of one process; Python {platform.python_version()}, Django {django.__version__}, "
          f"{engine}\n")  # fmt: skip
    measures.show(cases)


if __name__ == "__main__":
    main()
