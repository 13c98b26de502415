"""Export all resources of the account as one document, and import such documents."""

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connections.console.access import needs
from connections.console.forms.resources import ImportForm
from connections.console.idempotency import FIELD
from connections.console.requests import ConsoleRequest
from connections.documents import as_text, export_with_keys, exported, import_text, progress_of, stored_progress
from connections.documents.schema import VERSION
from connections.domain.choices import Door
from connections.domain.refusals import Invalid, Refused
from connections.domain.roles import Right

# How often the page polls without progress: the import has not begun, or ended without an answer.
MOST_UNSEEN = 60
KINDS = {"yaml": "application/yaml", "json": "application/json"}


@require_http_methods(["GET", "HEAD", "POST"])
def resources(request: ConsoleRequest) -> HttpResponse:
    """The page for both. POST imports."""
    form = (
        ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm(initial=_example(request))
    )
    outcome = None
    if form.is_bound and request.POST.get("_action"):
        form.unjudge()
    elif form.is_valid():
        try:
            with stored_progress(request.user.account, request.POST.get(FIELD, "")[:36]) as progress:
                outcome = import_text(request.actor, form.cleaned_data["document"], progress)
        except Invalid as invalid:
            form.add_problems(invalid.problems)
        except Refused as refused:
            form.add_error(None, refused.message)
    return render(request, "resources/page.html", {"form": form, "outcome": outcome})


def _example(request: ConsoleRequest) -> dict[str, str]:
    """With `?example`, a document to begin with."""
    text = render_to_string("resources/example.yaml", {"version": VERSION}) if "example" in request.GET else ""
    return {"text": text}


@require_safe
def resources_progress(request: ConsoleRequest) -> HttpResponse:
    """The progress of a form's import, which polls as long as it may change."""
    progress = progress_of(request.user.account, request.GET.get(FIELD, ""))
    unseen = "" if progress else request.GET.get("unseen", "")[:MOST_UNSEEN] + "-"
    return render(
        request,
        "resources/_progress.html",
        {"progress": progress, "unseen": unseen, "goes_on": len(unseen) <= MOST_UNSEEN},
    )


def _download(request: ConsoleRequest, document: dict, form: str) -> HttpResponse:
    form = form if form in KINDS else "yaml"
    response = HttpResponse(as_text(document, form), content_type=f"{KINDS[form]}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="resources-{request.user.account.uid}.{form}"'
    return response


@require_safe
def resources_export(request: ConsoleRequest) -> HttpResponse:
    """Export without keys."""
    return _download(request, exported(request.user.account), request.GET.get("format", ""))


@needs(Right.SEE_KEYS)
@require_POST
def resources_export_keys(request: ConsoleRequest) -> HttpResponse:
    """Export with pre-shared keys and BGP keys; by POST, so that no link can do it."""
    return _download(request, export_with_keys(request.actor, Door.DOWNLOAD), request.POST.get("format", ""))
