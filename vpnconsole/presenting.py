"""A world with the presenter's panel, and a link into it: `vpn-console present`."""

import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from vpnconsole import paths, testing_server

# With dates as of now, and a clock that is the real one.
SCENARIO, PERSONA = "real-clock", "alice"


def present(scenario: str, walk: str, persona: str, url: str, command: list[str]) -> None:
    """Print a link into a new world with a panel, of a running console or of one that runs until Ctrl+C.

    `walk`: the name of one that begins there, in a world of its scenario unless `scenario` is given. Exits if the
    console refuses. `command` starts this program.
    """
    there = nullcontext(({"url": url, "token": _token()}, None)) if url else testing_server.running(command)
    with there as (at, server):
        try:
            print(_link(at["url"], at["token"], scenario, walk, persona), flush=True)
        except HTTPError as error:
            body = json.load(error) if "json" in error.headers.get("Content-Type", "") else {}
            sys.exit(f"{paths.PROGRAM}: {body.get('message', error)} {body.get('hint', '')}".rstrip())
        except URLError as error:
            sys.exit(f"{paths.PROGRAM}: {at['url']}: {error.reason}")
        note = "The link works once, within five minutes. Ctrl+. opens the panel."
        print(f"{note} Stop with Ctrl+C." if server else note, flush=True)
        if server:
            server.wait()


def _token() -> str:
    """That of the running console. Exits if it is unknown."""
    if token := os.environ.get("KIT_TOKEN", ""):
        return token
    file: Path = paths.data_folder() / "kit-token"
    if not file.exists():
        sys.exit(f"{paths.PROGRAM}: --url needs the token of the console in KIT_TOKEN.")
    return file.read_text().strip()


def _link(url: str, token: str, scenario: str, walk: str, persona: str) -> str:
    """Raises HTTPError, URLError."""

    def call(method: str, path: str, **body: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = Request(f"{url.rstrip('/')}/_kit/v1{path}", json.dumps(body).encode(), headers, method=method)  # noqa: S310
        with urlopen(request) as answer:  # noqa: S310
            return json.load(answer) if answer.status != 204 else {}

    known = call("GET", "/walks")["walks"] if walk else {}
    if walk and walk not in known:
        sys.exit(f"{paths.PROGRAM}: there is no walk {walk!r}. There are {', '.join(known)}.")
    about = known.get(walk, {})
    world = call("POST", "/worlds", scenario=scenario or about.get("scenario", SCENARIO), panel=True, label="present")
    if walk:
        call("PUT", f"/worlds/{world['id']}/walk", name=walk)
    who = persona or about.get("persona", PERSONA)
    return call("POST", f"/worlds/{world['id']}/enter", **{"as": who, "to": "/"})["url"]
