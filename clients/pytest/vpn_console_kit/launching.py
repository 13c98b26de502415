"""One server for all workers of a run: found, or started by the worker that needs it first."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from vpn_console_kit.client import KitError, Server

# Seconds in which a server must start; and in which it ends, unless nobody notices: in some containers, processes whose
# parent has ended stay listed.
PATIENCE, ENDING = 300.0, 15.0
INTERVAL = 0.05


class NoServer(Exception):
    """There is no console here, and how to get one."""


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a lock among the workers. On Windows, where the server cannot be started, there is none."""
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "lock").open("a") as file:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def server(folder: Path, url: str, command: str, owner: int) -> Server:
    """The server of a run. `owner`: the process with which it ends. Raises NoServer."""
    with _locked(folder):
        note = folder / "server.json"
        if not note.exists():
            ready = {"url": url, "token": _token()} if url else _start(folder, command, owner)
            note.write_text(json.dumps(ready))
        ready = json.loads(note.read_text())
    return Server(ready["url"], ready["token"])


def end(folder: Path, label: str) -> None:
    """After the last worker: end the server if the run has started it, or the run's worlds in another one."""
    note = folder / "server.json"
    if note.exists():
        ready = json.loads(note.read_text())
        if "pid" in ready:
            _stop(ready["pid"])
        else:
            # It may have ended, and worlds expire by themselves.
            with suppress(KitError, OSError):
                Server(ready["url"], ready["token"]).sweep(label)
    shutil.rmtree(folder, ignore_errors=True)


def _token() -> str:
    if token := os.environ.get("KIT_TOKEN"):
        return token
    if data := os.environ.get("VPNCONSOLE_DATA"):
        with suppress(OSError):
            return (Path(data) / "kit-token").read_text().strip()
    raise RuntimeError("--console-url needs the server's token in KIT_TOKEN.")


def _words(command: str) -> list[str]:
    if command:
        return shlex.split(command)
    # Beside this Python, where `pip install` puts it, or on PATH.
    beside = Path(sys.executable).with_name("vpn-console")
    program = str(beside) if beside.exists() else shutil.which("vpn-console")
    if program and sys.platform != "win32":
        return [program]
    raise NoServer(
        "There is no VPN Console here. Install vpn-console, name its program by --console-command, or a running "
        "server by --console-url."
    )


def _start(folder: Path, command: str, owner: int) -> dict[str, Any]:
    words = [*_words(command), "run", "--testing", "--port", "0", "--parent", str(owner)]
    out, log = folder / "ready", folder / "server.log"
    with out.open("w") as output, log.open("w") as errors:
        # Files, as a pipe would end with this worker. Ctrl+C must not reach the server before the tests' ends.
        try:
            process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True
            )
        except OSError as error:
            raise RuntimeError(f"{words[0]} cannot be started: {error.strerror}.") from None
    deadline = time.monotonic() + PATIENCE
    while not out.read_text().endswith("\n"):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"{shlex.join(words)} did not start:\n{log.read_text()[-2000:]}")
        time.sleep(INTERVAL)
    return dict(json.loads(out.read_text()))


def _stop(pid: int) -> None:
    """Stop the server, and wait until its process has ended."""
    deadline = time.monotonic() + ENDING
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(pid, signal.SIGINT)
        while time.monotonic() < deadline:
            # A child of this process stays until somebody asks.
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            os.kill(pid, 0)
            time.sleep(INTERVAL)
