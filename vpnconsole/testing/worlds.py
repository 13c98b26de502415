"""A client of the kit's control endpoint."""

import http.client
import json
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vpnconsole import paths
from vpnconsole.testing.served import Browser, Server, served

TOKEN = "only-for-tests-which-keep-no-secrets"


class Control:
    """Calls the endpoint of a server."""

    def __init__(self, server: Server, token: str = TOKEN):
        self.server, self.token = server, token

    def raw(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, dict, bytes]:
        """Status, headers and body of an answer. Without a token none is sent."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        line = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            line.request(method, f"/_kit/v1{path}", body, headers)
            answer = line.getresponse()
            return answer.status, dict(answer.headers), answer.read()
        finally:
            line.close()

    def call(self, method: str, path: str, status: int | None = None, **body: Any) -> Any:
        """The JSON of an answer, which has this status: by default any of success."""
        got, _, raw = self.raw(method, path, json.dumps(body).encode() if body else None)
        assert got == status if status else got < 300, (got, raw[:1000])
        return json.loads(raw) if raw else None

    def world(self, **body: Any) -> dict[str, Any]:
        return self.call("POST", "/worlds", 201, **body)


class Visitor(Browser):
    """A browser in a world."""

    def __init__(self, server: Server, world_id: str, username: str = ""):
        self.world_id = world_id
        super().__init__(server, username)

    def ask(self, method, path, body=None, headers=None):
        self.cookies["vpnc_world"] = self.world_id
        return super().ask(method, path, body, headers)


@contextmanager
def served_with_kit(env: dict[str, str], log: Path):
    """A running console with the kit."""
    # A crowd that is made quickly.
    env = env | {"KIT": "1", "KIT_PUBLIC": "1", "KIT_TOKEN": TOKEN, "KIT_CROWD": "30"}
    try:
        with served(env, log) as server:
            yield server
    finally:
        remove_worlds(Path(env["VPNCONSOLE_DATA"]))


def share_templates(used: Path, new: Path) -> None:
    """Give a data folder the templates of worlds of another one, which take seconds to make."""
    here, there = (paths.memory_folder(data, "worlds") or data / "worlds" for data in (used, new))
    there.mkdir(mode=0o700, parents=True, exist_ok=True)
    for template in here.glob("template-*.sqlite3"):
        shutil.copyfile(template, there / template.name)


def remove_worlds(data: Path) -> None:
    """Remove the worlds of a data folder from memory, where nothing else would delete them."""
    if folder := paths.memory_folder(data, "worlds"):
        shutil.rmtree(folder, ignore_errors=True)
