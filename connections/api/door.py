"""Where API requests are told from pages. They share an address, because an official SDK always asks for the path /."""

import re

from django.http import HttpRequest

from connections.api.dispatch import answer

# Only an API client sends these. A browser that opens the start page sends none.
_PARAMETERS = re.compile(r"(?:^|&)(?:Action|Signature|AccessKeyId|SignatureNonce)=")


def knocks(request: HttpRequest) -> bool:
    """Whether a request is for the API.

    It is if it carries what only API clients send, or asks for / in a way in which the start page is never asked for.
    """
    headers = request.headers
    if "x-acs-action" in headers or "x-acs-version" in headers or headers.get("Authorization", "").startswith("ACS3-"):
        return True
    if request.path_info != "/":
        return False
    query = request.META.get("QUERY_STRING", "")
    return request.method not in ("GET", "HEAD") or bool(_PARAMETERS.search(query))


class ApiDoor:
    """The outermost middleware: nothing that is made for browsers touches an API request.

    No session, no CSRF check, no redirect, no sign-in page: an SDK can follow none of them.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.is_api = knocks(request)
        return answer(request) if request.is_api else self.get_response(request)
