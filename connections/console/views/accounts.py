"""Signing in and out, personas of the demo, and the service-linked role."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import Resolver404, ResolverMatch, get_script_prefix, resolve, reverse
from django.utils.translation import gettext as _
from django.views import i18n
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from connections import demo
from connections.console.access import needs, personal, right_of
from connections.console.forms.accounts import AccountSettingsForm, SignInForm
from connections.console.idempotency import own_resource
from connections.console.requests import PLACES, ConsoleRequest
from connections.console.views.shared import edit, path_back
from connections.domain import refusals
from connections.domain.choices import AccessKeyStatus
from connections.domain.regions import REGIONS
from connections.domain.roles import Right
from connections.models import AccessKey, User
from connections.services.accounts import change_settings, vpn_role


def demo_keys() -> list[tuple[AccessKey, str]]:
    """The documented access keys of the demo that are still active, with their secrets."""
    documented = {tenant.access_key_id: tenant.access_key_secret for tenant in demo.TENANTS}
    keys = AccessKey.objects.filter(access_key_id__in=documented, user__is_demo=True, status=AccessKeyStatus.ACTIVE)
    return [(key, documented[key.access_key_id]) for key in keys.select_related("user__account")]


class SignInView(LoginView):
    template_name = "accounts/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True
    extra_context = {"program": settings.PROGRAM}

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"demo_keys": demo_keys() if settings.DEMO_MODE else []}

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.POST.get("_action"):
            form = SignInForm(**self.get_form_kwargs())
            form.unjudge()
            return self.render_to_response(self.get_context_data(form=form))
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form):
        response = super().form_invalid(form)
        if form.waiting:
            response.status_code = 429
            response.headers["Retry-After"] = str(form.waiting)
        return response


class SignOutView(LogoutView):
    """Django's view: signs out by POST and redirects to the sign-in page."""


# Django's view: stores the language in a cookie and redirects back. Also for anonymous users.
set_language = login_not_required(personal(require_POST(i18n.set_language)))


# Pages that every account has, beside lists.
_EVERYWHERE = ("home", "api", "resources", "service-linked-role", "account-settings")
# The lists of what belongs to one account, by the beginnings of their pages' names.
_LISTS = (
    ("customer-gateway", "customer-gateway-list"),
    (("connection", "route-", "authorization", "device", "tunnel"), "connection-list"),
    (("cen", "transit-router", "attachment", "route-table"), "cen-list"),
)


# Characters of an address that a session remembers.
LONGEST = 500


def _resolved(page: str) -> ResolverMatch:
    return resolve(page.partition("?")[0].replace(get_script_prefix(), "/", 1))


def stay_at(user: User, page: str, *, of_same_account: bool) -> str:
    """The page, if the user may open it and the account has it; else the list that it belongs to, or blank."""
    try:
        match = _resolved(page)
    except Resolver404:
        return ""
    name, region_id = match.url_name or "", match.kwargs.get("region_id")
    right = right_of(match.func, "GET")
    if (of_same_account or name.endswith("-list") or name in _EVERYWHERE) and (right is None or user.may(right)):
        return page
    listing = next((page for starts, page in _LISTS if name.startswith(starts)), "")
    if not listing:
        return ""
    return reverse(listing, args=[region_id] if region_id else [])


def is_there(user: User, page: str) -> bool:
    """Whether a page at which the user was before can still be opened."""
    if stay_at(user, page, of_same_account=True) != page:
        return False
    named = _resolved(page).kwargs.values()
    return all(own_resource(user.account, text) for text in named if "-" in text and text not in REGIONS)


@login_not_required
@require_POST
def login_as(request: ConsoleRequest) -> HttpResponse:
    """Sign in as a persona of the demo, who returns to where it was left. Answers 404 outside of demo mode."""
    if not settings.DEMO_MODE:
        raise Http404
    user = get_object_or_404(User, username=request.POST.get("username", ""), is_demo=True)
    if not user.is_active:
        messages.error(request, refusals.LET_OUT.sentence)
        return redirect("login")
    places = {key: request.session[key] for key in PLACES if key in request.session}
    left = request.session.get("left", {})
    same = request.user.is_authenticated and request.user.account_id == user.account_id
    page = path_back(request, request.POST.get("from", ""))
    if page and len(page) <= LONGEST and request.user.is_authenticated:
        left[request.user.username] = page
    # Another user's session begins empty.
    login(request, user)
    request.session.update(places)
    request.session["left"] = left
    kept = page and stay_at(user, page, of_same_account=same)
    before = left.get(user.username)
    if kept != page and before and is_there(user, before):
        kept = before
    return redirect(kept or path_back(request, request.POST.get("next", "")) or settings.LOGIN_REDIRECT_URL)


@require_safe
def session(request: ConsoleRequest) -> HttpResponse:
    """The user of the session, for pages that a browser restores from its memory."""
    return HttpResponse(str(request.user.pk), content_type="text/plain")


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@needs(Right.WRITE)
def account_settings(request: ConsoleRequest) -> HttpResponse:
    """Settings of the account. They concern the simulator, not the product."""
    account = request.user.account
    initial = {name: getattr(account, name) for name in AccountSettingsForm.SETTINGS}
    form = AccountSettingsForm(request.POST if request.method == "POST" else None, initial=initial)
    return edit(
        request,
        form,
        title=_("Settings"),
        do=lambda: change_settings(request.actor, **{name: form.cleaned_data[name] for name in initial}),
        done=_("The settings were changed."),
        to=reverse("account-settings"),
        back=reverse("home"),
        simulator=True,
    )


@require_safe
def service_linked_role(request: ConsoleRequest) -> HttpResponse:
    return render(request, "accounts/service_linked_role.html", {"role": vpn_role(request.user.account)})
