"""A running console: `vpn-console serve` in child processes, on a free port."""

import atexit
import base64
import functools
import http.client
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager, suppress
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from vpnconsole import file_modes, paths
from vpnconsole.cli import command_line, metrics_folder
from vpnconsole.testing import evidence
from vpnconsole.testing.ports import free_port
from vpnconsole.testing.waiting import PATIENCE, wait_for

# All processes start with umask 0, so that only the console itself can make its files private.
IS_LINUX = sys.platform == "linux"
# The errors of requests to a server that is starting or has been killed.
NO_ANSWER = (OSError, http.client.HTTPException)


def environment(data: Path, **more: str) -> dict[str, str]:
    """The environment variables that production requires, with new secrets."""
    inherited = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR")
    return {
        **{name: os.environ[name] for name in inherited if name in os.environ},
        "VPNCONSOLE_DATA": str(data),
        "SECRET_KEY": secrets.token_hex(32),
        "ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "ALLOWED_HOSTS": "127.0.0.1",
        "PLAIN_HTTP": "1",
        "DEMO_MODE": "1",
        # `run` would switch it on, and prepare a template for worlds.
        "KIT": "0",
        "TRANSITION_SECONDS": "0",
        "RATE_LIMIT": "0",
        "WEB_CONCURRENCY": "2",
    } | more


def prepared(data: Path, **more: str) -> dict[str, str]:
    """The same, with a data folder that has a migrated SQLite database with the demo data.

    A server that starts on an empty folder needs five times as much CPU time.
    """
    database, keys = _database_with_demo()
    file_modes.make_private(data)
    shutil.copyfile(database, data / file_modes.DATABASE)
    return environment(data, ENCRYPTION_KEYS=keys, **more)


@functools.cache
def _database_with_demo() -> tuple[Path, str]:
    """A database in one file, and the encryption keys of its secrets."""
    folder = Path(tempfile.mkdtemp(prefix="vpnconsole-prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    env = environment(folder / "data")
    done = manage(env, "prepare_to_serve")
    assert done.returncode == 0, done.stderr
    with closing(sqlite3.connect(folder / "data" / file_modes.DATABASE)) as full:
        full.execute("VACUUM INTO ?", [str(folder / "one.sqlite3")])
    return folder / "one.sqlite3", env["ENCRYPTION_KEYS"]


def open_to_others(folder: Path) -> list[Path]:
    """A folder and the files in it to which group or others have any rights."""
    return [path for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077]


def manage(env: dict[str, str], *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        command_line("manage", *words), cwd=paths.RESOURCES, env=env, capture_output=True, text=True, timeout=PATIENCE,
        umask=0,
    )  # fmt: skip


def children(pid: int) -> list[int]:
    """The child processes of a process; none where the system does not list them."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except FileNotFoundError:
        return []


class Server:
    """A running console: its URL, its log, and ways to end it."""

    def __init__(self, env: dict[str, str], log: Path, words: tuple[str, ...] = ()):
        self.env, self.log, self.words = env, log, words
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None

    @property
    def running(self) -> subprocess.Popen:
        assert self.process, "the server was not started"
        return self.process

    def command(self) -> list[str]:
        return command_line("serve", "--port", str(self.port), *self.words)

    def start(self) -> None:
        evidence.keep(self.log, f"the server on {self.url}")
        with self.log.open("a") as log:
            # In a new process group, so that all processes can be killed together.
            self.process = subprocess.Popen(
                self.command(), cwd=paths.RESOURCES, env=self.env, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True, umask=0,
            )  # fmt: skip
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        def ready() -> bool:
            assert self.running.poll() is None, f"the server ended with {self.running.returncode}:\n{self.said()}"
            with suppress(*NO_ANSWER):
                return self.is_ready()
            return False

        # The port is the only sign that the other process is ready.
        wait_for(ready, for_what="the server is ready", evidence=self.said)

    def is_ready(self) -> bool:
        """Whether the server answers, and all of its processes run."""
        count = len(children(self.running.pid))
        return self.get("/readyz")[0] == 200 and (count >= int(self.env["WEB_CONCURRENCY"]) or not IS_LINUX)

    def said(self) -> str:
        return evidence.end_of(self.log)

    def get(self, path: str, **headers: str) -> tuple[int, dict, bytes]:
        """Status, headers and body, for any status."""
        answer = Browser(self).get(path, **headers)
        return answer.status, dict(answer.headers), answer.body

    def kill(self) -> None:
        """Kill all processes at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait(PATIENCE)

    def kill_workers(self) -> None:
        """Kill all workers, but not the process that starts new ones."""
        for pid in children(self.running.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> int:
        """Stop the server with SIGTERM; return its exit status."""
        self.running.terminate()
        return self.running.wait(PATIENCE)


@contextmanager
def served(env: dict[str, str], log: Path, *words: str, kind: type[Server] = Server):
    server = kind(env, log, words)
    try:
        server.start()
        yield server
    finally:
        if server.process and server.process.poll() is None:
            server.kill()
        # In memory, where nothing else would delete it.
        shutil.rmtree(metrics_folder(Path(env["VPNCONSOLE_DATA"])), ignore_errors=True)


class Answer:
    """A response: status, headers, body."""

    def __init__(self, response: http.client.HTTPResponse):
        self.status, self.headers = response.status, response.headers
        self.body = response.read()

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


class Browser:
    """A client with cookies and CSRF tokens, signed in if it has a username. It does not follow redirects."""

    csrf_cookie = "csrftoken"

    def __init__(self, server: Server, username: str = "", timeout: float = PATIENCE):
        self.server, self.timeout = server, timeout
        self.cookies: dict[str, str] = {}
        if username:
            self.get("/login/")
            answer = self.post("/demo/login-as/", {"username": username})
            assert answer.status == 302, answer.text

    def ask(self, method: str, path: str, body: str | None = None, headers: dict | None = None) -> Answer:
        line = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=self.timeout)
        try:
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            line.request(method, path, body, {"Cookie": cookie, **(headers or {})})
            answer = Answer(line.getresponse())
        finally:
            line.close()
        for text in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(text).items():
                self.cookies[name] = morsel.value
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, data) -> Answer:
        pairs = [*(data.items() if isinstance(data, dict) else data)]
        pairs.append(("csrfmiddlewaretoken", self.cookies.get(self.csrf_cookie, "")))
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urlencode(pairs, doseq=True), headers)
