"""The control endpoint: `/_kit/v1/`, JSON, with a token. Each module has a group of calls."""

from django.http import HttpRequest, HttpResponse

# They register their routes.
from vpnconsole.kit.endpoint import about, browsers, peers, time, worlds  # noqa: F401
from vpnconsole.kit.endpoint.routing import answer

__all__ = ["HttpRequest", "HttpResponse", "answer"]
