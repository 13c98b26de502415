"""Tell API requests from requests for pages. They share an address: the official SDKs always ask for the path /."""

import re

from django.http import HttpRequest

from connections.api.dispatch import answer

# Only API clients send these parameters.
_PARAMETERS = re.compile(r"(?:^|&)(?:Action|Signature|AccessKeyId|SignatureNonce)=")


def knocks(request: HttpRequest) -> bool:
    """Whether a request is for the API: it has what only API clients send, or posts to /."""
    headers = request.headers
    if "x-acs-action" in headers or "x-acs-version" in headers or headers.get("Authorization", "").startswith("ACS3-"):
        return True
    if request.path_info != "/":
        return False
    query = request.META.get("QUERY_STRING", "")
    return request.method not in ("GET", "HEAD") or bool(_PARAMETERS.search(query))


class ApiDoor:
    """The outermost middleware. It answers API requests before any middleware that is for browsers.

    Sessions, CSRF checks, redirects and sign-in pages are of no use to an SDK.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.is_api = knocks(request)
        return answer(request) if request.is_api else self.get_response(request)
