"""Tests as people write them first, several at once, round after round on one console: does one ever break another?

python -m bench.rounds                  ten rounds of nine tests, with four workers, each test in a world of its own
python -m bench.rounds --rounds 2 --workers 2

Six tests are for pytest, three for Playwright Test. They have fixed names and count rows.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as xml

from vpnconsole import paths
from vpnconsole.testing.machine import launch_options
from vpnconsole.testing.node_projects import NodeProject, packed
from vpnconsole.testing.served import prepared
from vpnconsole.testing.worlds import TOKEN, Control, served_with_kit

TESTS = Path(__file__).parent / "first_written"
CONFTEST = """
import pytest

@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, **OPTIONS}
"""


class Rounds:
    """Two projects of testers, and what became of their tests."""

    def __init__(self, folder: Path, url: str, workers: int):
        self.folder, self.url, self.workers = folder, url, workers
        self.passed: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        (folder / "conftest.py").write_text(CONFTEST.replace("OPTIONS", repr(launch_options())))
        (folder / "pytest.ini").write_text("[pytest]\n")
        node = folder / "node"
        node.mkdir()
        self.node = NodeProject(node, packed(folder))
        shutil.copy(TESTS / "test_first_written.py", folder)
        for name in ("first_written.spec.ts", "playwright.config.ts"):
            shutil.copy(TESTS / name, node)

    def python(self) -> None:
        report = self.folder / "report.xml"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "vpn_console_kit.plugin", "-p", "no:django", "-q", "-n",
             str(self.workers), "--console-url", self.url, "--junitxml", str(report)],
            cwd=self.folder, capture_output=True, text=True,
            env={"PATH": os.environ["PATH"], "KIT_TOKEN": TOKEN, "TMPDIR": str(self.folder),
                 "PYTHONPATH": str(paths.RESOURCES / "clients" / "pytest")},
        )  # fmt: skip
        cases = list(xml.parse(report).iter("testcase")) if report.exists() else []  # noqa: S314 - our own report
        if not cases:
            raise SystemExit(done.stdout + done.stderr)
        for case in cases:
            self._note(case.attrib["name"], next((text for one in case if (text := one.text)), ""))

    def typescript(self) -> None:
        for spec in self.node.run(self.url, TOKEN, f"--workers={self.workers}"):
            results = [result for test in spec["tests"] for result in test["results"]]
            self._note(spec["title"], "\n".join(error["message"] for one in results for error in one["errors"]))

    def _note(self, name: str, error: str) -> None:
        (self.failed if error else self.passed)[name] += 1
        if error:
            # Without the colours of terminals.
            print(f"{name} failed:\n{re.sub(chr(27) + r'[[][0-9;]*m', '', error)[-3000:]}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.rounds", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--workers", type=int, default=4)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vpnconsole-rounds-") as name:
        folder = Path(name)
        (folder / "project").mkdir()
        with served_with_kit(prepared(folder / "data", WEB_CONCURRENCY="3"), folder / "log") as server:
            rounds = Rounds(folder / "project", server.url, args.workers)
            for number in range(args.rounds):
                begun = time.perf_counter()
                rounds.python()
                rounds.typescript()
                print(f"Round {number + 1}: {time.perf_counter() - begun:.0f} s", flush=True)
            left = Control(server).call("GET", "/worlds")["worlds"]
    passed, failed = rounds.passed.total(), rounds.failed.total()
    print(f"{failed} failures of {passed + failed}; {len(left)} worlds are left", *rounds.failed.items(), sep="\n")
    sys.exit(bool(failed or left))


if __name__ == "__main__":
    main()
