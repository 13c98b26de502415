"""Move a resource to another resource group, in a dialog or on a page."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from connections.console.access import needs
from connections.console.forms.resource_groups import ResourceGroupForm
from connections.console.requests import ConsoleRequest
from connections.console.views.shared import edit, stale
from connections.domain.roles import Right
from connections.models import Cen, Connection, CustomerGateway
from connections.services.accounts import move_to_group

GROUPED = {model.PREFIX: model for model in (Connection, CustomerGateway, Cen)}


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def resource_group(request: ConsoleRequest, resource_id: str) -> HttpResponse:
    model = GROUPED.get(resource_id.partition("-")[0])
    if model is None:
        raise Http404
    mine = model.objects.of(request.user.account).select_related("resource_group", "account")
    resource = mine.filter(resource_id=resource_id).first()
    if resource is None:
        raise Http404
    form = ResourceGroupForm(resource, request.POST if request.method == "POST" else None)

    return edit(
        request,
        form,
        title=_("Change the resource group of %(resource)s") % {"resource": resource},
        do=lambda: move_to_group(
            request.actor, resource, form.cleaned_data["resource_group"], form.cleaned_data["revision"]
        ),
        done=_("%(resource)s was moved to another resource group.") % {"resource": resource},
        to=resource.get_absolute_url(),
        refused=stale(form, lambda: get_object_or_404(model, pk=resource.pk)),
    )
