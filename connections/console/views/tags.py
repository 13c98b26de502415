"""Edit the tags of any resource, in a dialog or on a page."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from connections.console.access import needs
from connections.console.forms.tags import AddTagsForm, ResourceTagsForm, pairs_of
from connections.console.forms.widgets import changed_rows
from connections.console.idempotency import will_be_answered
from connections.console.requests import ConsoleRequest
from connections.console.tables import PAGE_SIZES
from connections.console.views.errors import too_large
from connections.console.views.shared import came_from, edit, path_back
from connections.domain.refusals import CHANGED_MEANWHILE, Invalid, Refused
from connections.domain.roles import Right
from connections.models import Cen, Connection, CustomerGateway, RouteTable, TransitRouter
from connections.services.tags import SUGGESTIONS, change_tags, replace_tags, used_tags

TAGGED = {model.PREFIX: model for model in (Connection, CustomerGateway, Cen, TransitRouter, RouteTable)}


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def resource_tags(request: ConsoleRequest, resource_id: str) -> HttpResponse:
    model = TAGGED.get(resource_id.partition("-")[0])
    if model is None:
        raise Http404
    resource = model.objects.of(request.user.account).filter(resource_id=resource_id).first()
    if resource is None:
        raise Http404
    form = ResourceTagsForm(
        request.POST if request.method == "POST" else None,
        initial={"tags": pairs_of(resource), "revision": resource.revision},
    )
    back = _back(request, resource)
    if action := request.POST.get("_action"):
        form = ResourceTagsForm(initial=form.kept(changed_rows(request.POST, action)))
    elif form.is_valid():
        done = _("The tags of %(resource)s were saved.") % {"resource": resource}
        will_be_answered(request, back, done)
        try:
            replace_tags(request.actor, resource, form.cleaned_data["tags"], form.cleaned_data["revision"])
        except Invalid as invalid:
            form.add_problems(invalid.problems)
        except Refused as refused:
            form.add_error(None, refused.message)
            if refused.code == CHANGED_MEANWHILE.code:
                form.show_stored(get_object_or_404(model, pk=resource.pk))
        else:
            messages.success(request, done)
            return HttpResponseClientRedirect(back) if request.htmx else redirect(back)
    template = "tags/_dialog.html" if request.htmx else "tags/form.html"
    return render(request, template, {"form": form, "resource": resource, "next": back})


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def connections_tags(request: ConsoleRequest, region_id: str) -> HttpResponse:
    """Add tags to the connections that are selected in the list."""
    ids = request.GET.getlist("id")
    if len(ids) > PAGE_SIZES[-1]:
        return too_large()
    mine = Connection.objects.of(request.user.account).in_region(region_id)
    rows = list(mine.filter(resource_id__in=ids).order_by("-id"))
    form = AddTagsForm(request.POST if request.method == "POST" else None)
    if action := request.POST.get("_action"):
        form = AddTagsForm(initial=form.kept(changed_rows(request.POST, action)))
    number = len(rows)
    back = reverse("connection-list", args=[region_id])
    return edit(
        request,
        form,
        title=ngettext("Add tags to %(number)s connection", "Add tags to %(number)s connections", number)
        % {"number": number},
        do=lambda: change_tags(request.actor, rows, lambda tags: tags | dict(form.cleaned_data["tags"])),
        done=ngettext("Tags added to %(number)s connection.", "Tags added to %(number)s connections.", number)
        % {"number": number},
        to=came_from(request) or back,
        back=back,
        refusal="" if rows else _("Select connections in the list first."),
    )


@require_safe
def tag_suggestions(request: ConsoleRequest, what: str) -> HttpResponse:
    """Options of a datalist, requested when a tag field gets the focus."""
    if what not in SUGGESTIONS:
        raise Http404
    return render(request, "tags/_suggestions.html", {"texts": used_tags(request.user.account, what)})


def _back(request: ConsoleRequest, resource) -> str:
    """The page from which the form was opened, or the resource's page."""
    address = request.POST.get("next") or (request.htmx and request.htmx.current_url_abs_path) or ""
    return path_back(request, address) or resource.get_absolute_url()
