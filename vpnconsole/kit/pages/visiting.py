"""Signing in as a visitor, who gets a world of their own, and starting over in it."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from connections.console.requests import ConsoleRequest
from connections.console.views import accounts
from connections.console.views.shared import path_back
from connections.models import User
from vpnconsole.kit import lifecycle, sessions, state, visitors
from vpnconsole.kit.pages import world_of


class SignIn(accounts.SignInView):
    """With the password of a persona. Within a world, and for other users, as ever."""

    def form_valid(self, form):
        user = form.get_user()
        if user.is_demo and not world_of(self.request):
            return visitors.welcome(self.request, user.username, self.get_success_url())
        return super().form_valid(form)


@login_not_required
@require_POST
def login_as(request: ConsoleRequest) -> HttpResponse:
    """By the button of a persona."""
    if world_of(request):
        return accounts.login_as(request)
    user = get_object_or_404(User, username=request.POST.get("username", ""), is_demo=True)
    if not user.is_active:
        return accounts.login_as(request)
    return visitors.welcome(request, user.username, path_back(request, request.POST.get("next", "")) or _home())


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def start_over(request: ConsoleRequest) -> HttpResponse:
    """Make a visitor's world as new, and sign the same persona in."""
    world = world_of(request)
    if not (world and state.get("visitor")):
        raise Http404
    if request.method == "POST":
        username = request.user.get_username()
        lifecycle.reset(world)
        return sessions.lead_into(request, world, username, _home())
    context = {
        "title": _("Start over"),
        "text": _("Everything that you have done in your copy is forgotten, and it is as new."),
        "verb": _("Start over"),
        "back": reverse("home"),
    }
    return render(request, "shared/confirm.html", context)


def _home() -> str:
    return get_script_prefix()
