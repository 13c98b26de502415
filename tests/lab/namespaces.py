"""Network namespaces that last as long as the test run, and the programs in them."""

import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from vpnconsole.testing.waiting import PATIENCE

PREFIX = "vpnlab"


class LabError(AssertionError):
    """A command or daemon did not do what the lab needs."""


def run(*words, check=True, **options) -> subprocess.CompletedProcess:
    """Run a program and return its result. Raises LabError with its output if it fails."""
    words = [str(word) for word in words]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, **options)
    if check and done.returncode:
        raise LabError(f"{' '.join(words)}: exit status {done.returncode}\n{done.stdout}{done.stderr}".rstrip())
    return done


class Namespace:
    """The network of one machine of the lab."""

    def __init__(self, role: str):
        self.name = f"{PREFIX}-{role}-{os.getpid()}"
        self.started: list[subprocess.Popen] = []
        run("ip", "netns", "add", self.name)
        self.ip("link", "set", "lo", "up")

    def ip(self, *words) -> str:
        return run("ip", "-n", self.name, *words).stdout

    def ip_batch(self, lines: Iterable[str]) -> None:
        """Run many commands of `ip` in one process."""
        run("ip", "-n", self.name, "-batch", "-", input="\n".join(lines))

    def run(self, *words, **options) -> subprocess.CompletedProcess:
        return run("ip", "netns", "exec", self.name, *words, **options)

    def start(self, *words, **options) -> subprocess.Popen:
        """Start a program that runs until the namespace is removed or this process dies."""
        words = ["setpriv", "--pdeathsig", "TERM", "ip", "netns", "exec", self.name, *map(str, words)]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(words, **quiet | options)
        self.started.append(process)
        return process

    def stop(self, process: subprocess.Popen) -> None:
        self.started.remove(process)
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)

    def close(self) -> None:
        for process in reversed(self.started[:]):
            self.stop(process)
        # Processes that the programs have left behind.
        for pid in run("ip", "netns", "pids", self.name).stdout.split():
            run("kill", "-9", pid, check=False)
        run("ip", "netns", "del", self.name)


@contextmanager
def namespace(role: str) -> Iterator[Namespace]:
    made = Namespace(role)
    try:
        yield made
    finally:
        made.close()


def sweep() -> None:
    """Remove namespaces of runs that were killed."""
    for line in run("ip", "netns", "list").stdout.splitlines():
        match = re.match(rf"{PREFIX}-[a-z0-9-]+-([0-9]+)\b", line)
        if match and not os.path.exists(f"/proc/{match[1]}"):
            run("ip", "netns", "del", match[0], check=False)
