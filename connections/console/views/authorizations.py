"""Authorizations of a connection: grant, change the payer, revoke. The details page lists them."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from connections.console.access import needs
from connections.console.forms.authorizations import AuthorizationForm, PayerForm
from connections.console.requests import ConsoleRequest
from connections.console.views.connections import own_connection
from connections.console.views.shared import confirm, edit, refusal_of, stale
from connections.domain.refusals import AUTHORIZATION_IN_USE
from connections.domain.roles import Right
from connections.models import Authorization
from connections.services.authorizations import authorize, change_payer, known_partners, unauthorize
from connections.services.connections import refuse_while_attached


def _authorization(request: ConsoleRequest, region_id: str, connection_id: str, peer_cen_id: str) -> Authorization:
    connection = own_connection(request, region_id, connection_id)
    authorization = get_object_or_404(connection.authorizations, peer_cen_id=peer_cen_id)
    authorization.connection = connection
    return authorization


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def authorization_create(request: ConsoleRequest, region_id: str, connection_id: str) -> HttpResponse:
    connection = own_connection(request, region_id, connection_id)
    authorization = Authorization(connection=connection)
    posted = request.POST if request.method == "POST" else None
    form = AuthorizationForm(posted, instance=authorization, initial=request.GET.dict())
    return edit(
        request,
        form,
        title=_("Attach to CEN"),
        do=lambda: authorize(request.actor, form.instance),
        done=_("The CEN instance was authorized. Share the values below with its owner."),
        to=authorization.get_absolute_url(),
        refusal=refusal_of(lambda: refuse_while_attached(connection)),
        verb=_("Authorize"),
        intro="authorizations/_known.html",
        known=known_partners(connection),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def authorization_payer(request: ConsoleRequest, region_id: str, connection_id: str, peer_cen_id: str) -> HttpResponse:
    authorization = _authorization(request, region_id, connection_id, peer_cen_id)
    form = PayerForm(request.POST if request.method == "POST" else None, instance=authorization)
    return edit(
        request,
        form,
        verb=_("Change payer"),
        title=_("Change the payer for %(peer_cen_id)s") % {"peer_cen_id": peer_cen_id},
        do=lambda: change_payer(
            request.actor,
            authorization.connection,
            peer_cen_id,
            form.cleaned_data["order_type"],
            seen=form.seen("order_type"),
        ),
        refused=stale(form, lambda: _authorization(request, region_id, connection_id, peer_cen_id)),
        done=_("The payer was changed in the authorization."),
        to=authorization.get_absolute_url(),
        intro="authorizations/_payer.html",
        authorization=authorization,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def authorization_delete(request: ConsoleRequest, region_id: str, connection_id: str, peer_cen_id: str) -> HttpResponse:
    authorization = _authorization(request, region_id, connection_id, peer_cen_id)
    in_use = AUTHORIZATION_IN_USE.sentence.filled(what=authorization) if authorization.in_use else ""
    return confirm(
        request,
        title=_("Unauthorize"),
        verb=_("Unauthorize"),
        text=_("CEN instance %(authorization)s can no longer attach %(connection)s.")
        % {"authorization": authorization, "connection": authorization.connection},
        do=lambda: unauthorize(request.actor, authorization.connection, peer_cen_id),
        done=_("The authorization of %(peer_cen_id)s was revoked.") % {"peer_cen_id": peer_cen_id},
        to=authorization.get_absolute_url(),
        back=authorization.get_absolute_url(),
        refusal=in_use,
    )
