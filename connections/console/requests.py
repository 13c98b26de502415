"""The request type of the console's views."""

from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from connections.domain.regions import Region
from connections.models import User
from connections.services.operations import Actor

# The field by which browsers without scripts tell that they have none.
NO_SCRIPTS = "_plain"
# What a session keeps of where its user was: the last region, and whether lists show all regions.
REGION, EVERYWHERE = PLACES = ("region", "everywhere")


class ConsoleRequest(HttpRequest):
    """Declares, for type checkers, what the middlewares add to Django's request."""

    request_id: str
    htmx: HtmxDetails
    # An anonymous user in the views that are open to strangers.
    user: User
    actor: Actor
    region: Region
    # The region of the lists to which the menu leads, or `ALL_REGIONS`.
    place: Region
    # Set for idempotent forms.
    idempotency_token: str
    came_first: bool


class ShownOnce(HttpResponse):
    """A page with a secret that no other request shows again."""


def url_name(request: HttpRequest) -> str:
    """The name of the URL pattern that matched; blank if there is none."""
    match = request.resolver_match
    return (match and match.url_name) or ""
