"""Servers for test runners: their data is their own, and they end with the process that uses them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from vpnconsole import paths

# Seconds between two looks at the other process.
INTERVAL = 0.5
# gunicorn's options. A signal to stop does not wait longer for requests.
OPTIONS = {"threads": 8, "graceful_timeout": 5}


@contextmanager
def own_data() -> Iterator[None]:
    """Within the block, the data folder is a temporary one, unless VPNCONSOLE_DATA is set.

    SIGTERM ends the block, too, so that the folder is deleted.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if os.environ.get("VPNCONSOLE_DATA"):
        yield
        return
    folder, creator = Path(tempfile.mkdtemp(prefix="vpn-console-")), os.getpid()
    os.environ["VPNCONSOLE_DATA"] = str(folder)
    try:
        yield
    finally:
        # gunicorn's workers leave the block, too.
        if os.getpid() == creator:
            in_memory = paths.memory_folder(folder, "worlds")
            for path in (folder, *([in_memory] if in_memory else [])):
                shutil.rmtree(path, ignore_errors=True)


def lives(pid: int) -> bool:
    """Whether there is a process with an ID."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def end_with(pid: int):
    """A hook of gunicorn's, `post_fork`: the worker stops the server at once when the process with this ID has ended.

    The worker watches, since gunicorn forks: its own process must not have threads.
    """

    def post_fork(arbiter, worker) -> None:
        def watch() -> None:
            while lives(pid):
                time.sleep(INTERVAL)
            os.kill(arbiter.pid, signal.SIGINT)

        threading.Thread(target=watch, daemon=True, name="parent").start()

    return post_fork


@contextmanager
def running(command: list[str]) -> Iterator[tuple[dict[str, Any], subprocess.Popen]]:
    """A server for test runners, until the end of the block: its `url`, `token` and `pid`, and the process.

    `command` starts this program. Exits if the server does not start.
    """
    words = [*command, "run", "--testing", "--port", "0", "--parent", str(os.getpid())]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout  # noqa: S101 - for type checkers
        ready = json.loads(server.stdout.readline() or sys.exit(server.wait()))
        try:
            yield ready, server
        finally:
            server.send_signal(signal.SIGINT)


def show(file: Path, persona: str, command: list[str]) -> None:
    """Serve a world that was kept as a file, and print a link into it, until Ctrl+C. Raises OSError for no file.

    `command` starts this program.
    """
    content = file.read_bytes()
    with running(command) as (ready, server):

        def call(path: str, body: bytes, kind: str) -> dict:
            headers = {"Authorization": f"Bearer {ready['token']}", "Content-Type": kind}
            with urlopen(Request(f"{ready['url']}_kit/v1{path}", body, headers)) as answer:  # noqa: S310
                return json.load(answer)

        try:
            world = call("/worlds", content, "application/gzip")
            link = call(f"/worlds/{world['id']}/enter", json.dumps({"as": persona}).encode(), "application/json")
        except HTTPError as error:
            sys.exit(f"{paths.PROGRAM}: {json.load(error)['message']}")
        print(f"{link['url']}\nThe link works once, within five minutes. Stop with Ctrl+C.", flush=True)
        server.wait()
