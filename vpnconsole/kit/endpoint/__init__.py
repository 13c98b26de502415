"""The control endpoint: `/_kit/v1/`, JSON, with a token. Each module has a group of calls and registers its routes."""

from vpnconsole.kit.endpoint import about, browsers, contents, faults, peers, sharing, time, walks, worlds
from vpnconsole.kit.endpoint.routing import answer, answers

__all__ = [
    "about", "answer", "answers", "browsers", "contents", "faults", "peers", "sharing", "time", "walks", "worlds",
]  # fmt: skip
