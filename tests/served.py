"""A server of our own as people run it: `dev.py serve` in processes of its own, on a free port."""

import base64
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from dev import ROOT
from tests.waiting import PATIENCE, wait_for


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(data: Path, **more: str) -> dict[str, str]:
    """What production asks for, with secrets of this run."""
    inherited = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TMPDIR")
    return {
        **{name: os.environ[name] for name in inherited if name in os.environ},
        "VPNCONSOLE_DATA": str(data),
        "SECRET_KEY": secrets.token_hex(32),
        "ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "ALLOWED_HOSTS": "127.0.0.1",
        "PLAIN_HTTP": "1",
        "DEMO_MODE": "1",
        "TRANSITION_SECONDS": "0",
        "RATE_LIMIT": "0",
        "WEB_CONCURRENCY": "2",
    } | more


def manage(env: dict[str, str], *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=PATIENCE
    )


class Server:
    """A running console: its address, its log, and ways to end it."""

    def __init__(self, env: dict[str, str], log: Path, words: tuple[str, ...] = ()):
        self.env, self.log, self.words = env, log, words
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        words = [sys.executable, "dev.py", "serve", "--port", str(self.port), *self.words]
        with self.log.open("a") as log:
            # A group of its own, so that all of its processes can be ended together.
            self.process = subprocess.Popen(
                words, cwd=ROOT, env=self.env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        def ready() -> bool:
            assert self.process.poll() is None, f"the server ended:\n{self.said()}"
            try:
                return self.get("/readyz")[0] == 200
            except OSError:
                return False

        # Another process is starting: there is nothing to wait on but its port.
        wait_for(ready, for_what="the server is ready", evidence=self.said)

    def said(self) -> str:
        return self.log.read_text()[-4000:]

    def get(self, path: str, **headers: str) -> tuple[int, dict, bytes]:
        """Status, headers and body, whatever the status is."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, headers=names)  # noqa: S310 - ours
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def kill(self) -> None:
        """All processes at once, without a word."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def stop(self) -> int:
        """As an operator does; says the exit status."""
        self.process.terminate()
        return self.process.wait(PATIENCE)


@contextmanager
def served(env: dict[str, str], log: Path, *words: str):
    server = Server(env, log, words)
    try:
        server.start()
        yield server
    finally:
        if server.process and server.process.poll() is None:
            server.kill()


class Answer:
    """What came back: status, headers, text."""

    def __init__(self, response: http.client.HTTPResponse):
        self.status, self.headers = response.status, response.headers
        self.text = response.read().decode(errors="replace")


class Browser:
    """Somebody signed in: cookies, the token that forms carry, no redirect followed by itself."""

    def __init__(self, server: Server, username: str = "", timeout: float = 30):
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
        pairs.append(("csrfmiddlewaretoken", self.cookies.get("csrftoken", "")))
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urlencode(pairs, doseq=True), headers)
