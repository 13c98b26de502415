"""Runs the cases, interleaved and in random order, and prints how they compare."""

import argparse
import json
import os
import platform
import random
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import django

from bench.measures import Measures

ROOT = Path(__file__).resolve().parent.parent
SMALL = 1000


class Worker:
    """A process with a database of so many connections."""

    def __init__(self, data: Path, stock: bool = False):
        env = {**os.environ, "VPNCONSOLE_DATA": str(data), **({"BENCH_STOCK": "1"} if stock else {})}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.worker"], cwd=ROOT, env=env, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        self.read()

    def read(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("A worker has ended; see above.")
        return json.loads(line)

    def ask(self, name: str) -> dict:
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        return self.read()

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def data_of(count: int) -> Path:
    """A folder with a database of so many connections; made once for each state of the schema."""
    parts = [*(ROOT / "connections" / "migrations").glob("0*.py"), *(ROOT / "connections").glob("*.py")]
    state = sha256(b"".join(path.read_bytes() for path in sorted(parts) if path.name in ("loadtest.py", "search.py")
                            or path.parent.name == "migrations")).hexdigest()[:12]  # fmt: skip
    folder = Path(os.environ.get("BENCH_DATA", ROOT / "var" / "bench")) / f"{count}-{state}"
    if not (folder / "made").exists():
        folder.mkdir(parents=True, exist_ok=True)
        env = {**os.environ, "VPNCONSOLE_DATA": str(folder), "DEMO_MODE": "1"}
        env["DJANGO_SETTINGS_MODULE"] = "vpnconsole.settings"
        env.pop("DATABASE_URL", None)
        for words in (["migrate", "-v", "0", "--settings", "bench.settings"],
                      ["loadtest_data", str(count), "--one-account"]):  # fmt: skip
            print(f"  {' '.join(words)}", flush=True)
            subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=env, check=True,
                           stdout=subprocess.DEVNULL)  # fmt: skip
        (folder / "made").write_text("")
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(prog="dev.py bench", description=__doc__)
    parser.add_argument("--connections", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    args = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    os.environ.pop("DATABASE_URL", None)
    large, small = data_of(args.connections), data_of(SMALL)
    os.environ.setdefault("VPNCONSOLE_DATA", str(large))
    django.setup()
    from bench.cases import CASES

    cases = [case for case in CASES if args.only in case.name]
    wanted = {(case.name, "") for case in cases}
    wanted |= {
        tuple(case.against.rpartition("@")[::2]) if "@" in case.against else (case.against, "") for case in cases
    }
    workers = {"": Worker(large), str(SMALL): Worker(small), "stock": Worker(small, stock=True)}
    measures = Measures()
    for number in range(args.rounds + 2):
        for name, place in random.sample(sorted(wanted), len(wanted)):
            answer = workers[place].ask(name)
            # The first rounds compile templates and fill caches.
            if number >= 2:
                measures.add(name, place, answer)
    for worker in workers.values():
        worker.close()
    print(f"\n{datetime.now(UTC):%Y-%m-%d}, {args.connections} connections in one account and region beside {SMALL}, "
          f"{args.rounds} rounds, CPU time of one process; Python {platform.python_version()}, "
          f"Django {django.__version__}, SQLite {sqlite3.sqlite_version}\n")  # fmt: skip
    measures.show(cases)


if __name__ == "__main__":
    main()
