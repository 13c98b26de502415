"""Links for the audience. Browsers open them without the token."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_language

from vpnconsole.kit import sessions, sharing, visitors
from vpnconsole.kit.endpoint.routing import route


@route("GET", "/_kit/join/{secret}", needs_token=False)
def join_show(request: HttpRequest, secret: str) -> HttpResponse:
    """A page with a button. Programs that only look at a link take no copy."""
    share = sharing.find(secret)
    with translation.override(translation.get_language_from_request(request)):
        context = {"share": share, "language": get_language()}
        return HttpResponse(render_to_string("kit/join.html", context))


@route("POST", "/_kit/join/{secret}", needs_token=False)
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Enter a copy of a world, which is made now; or the world itself, to look on."""
    share = sharing.find(secret)
    if share.kind == sharing.COPY:
        visitors.admit(request)
    world_id = sharing.copied(secret).id if share.kind == sharing.COPY else share.world
    response = sessions.lead_into(request, world_id, share.persona, share.to)
    sharing.mark(response, share.persona if share.kind == sharing.LOOK else "")
    return response
