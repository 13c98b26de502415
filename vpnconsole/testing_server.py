"""`run --testing`: a server for test runners, with data of its own, which ends with the process that uses it."""

import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
