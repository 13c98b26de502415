"""Members of the account, for administrators, and each user's own password and sessions."""

from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from connections.console import lists
from connections.console.access import needs, personal
from connections.console.forms.accounts import MemberForm, PasswordForm, RoleForm, told_to_wait
from connections.console.requests import ConsoleRequest
from connections.console.views.shared import confirm, edit, list_page, stale
from connections.domain.choices import Role
from connections.domain.problems import Problem
from connections.domain.refusals import Invalid
from connections.domain.roles import Right, may
from connections.messages import Message
from connections.models import User
from connections.rate_limit import client_address
from connections.services import sign_ins
from connections.services.members import (
    add_member,
    change_password,
    change_role,
    end_sessions,
    members,
    set_active,
)

# What roles may do; None is what all of them may.
RIGHTS = (
    (None, gettext_lazy("See all resources, events and statuses")),
    (Right.WRITE, gettext_lazy("Create, change and delete resources")),
    (Right.PEER_CONFIG, gettext_lazy("Generate peer configurations")),
    (Right.SEE_KEYS, gettext_lazy("See pre-shared keys and BGP keys")),
    (Right.MANAGE, gettext_lazy("Manage members and access keys")),
)


def _member(request: ConsoleRequest, username: str) -> User:
    return get_object_or_404(members(request.user.account), username=username)


@needs(Right.MANAGE)
@require_safe
def member_list(request: ConsoleRequest) -> HttpResponse:
    rights = [(text, [right is None or may(role, right) for role in Role]) for right, text in RIGHTS]
    roles = [role.label for role in Role]
    return list_page(request, lists.MEMBERS, rows=members(request.user.account), roles=roles, rights=rights)


@needs(Right.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def member_create(request: ConsoleRequest) -> HttpResponse:
    form = MemberForm(request.POST if request.method == "POST" else None, instance=User(account=request.user.account))
    return edit(
        request,
        form,
        title=_("Add Member"),
        verb=_("Add Member"),
        do=lambda: add_member(request.actor, form.instance, form.cleaned_data["password"]),
        done=_("The member was added and can sign in."),
        to=reverse("member-list"),
    )


@needs(Right.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def member_role(request: ConsoleRequest, username: str) -> HttpResponse:
    member = _member(request, username)
    form = RoleForm(request.POST if request.method == "POST" else None, initial={"role": member.role})
    return edit(
        request,
        form,
        title=_("Change the role of %(name)s") % {"name": member.display_name},
        verb=_("Change role"),
        do=lambda: change_role(request.actor, member, form.cleaned_data["role"], seen=form.seen("role")),
        refused=stale(form, lambda: _member(request, username)),
        done=_("The role was changed."),
        to=reverse("member-list"),
    )


@needs(Right.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def member_active(request: ConsoleRequest, username: str) -> HttpResponse:
    """Disable or enable a member as the form says, whatever the present state is."""
    member = _member(request, username)
    enable = request.POST.get("enable") == "yes" if request.method == "POST" else not member.is_active
    if not enable:
        title, done, verb = _("Disable %(name)s"), _("%(name)s can no longer sign in."), _("Disable")
        text = _("%(name)s will be signed out and can't sign in again. Their events are kept.")
    else:
        title, done, verb = _("Enable %(name)s"), _("%(name)s can sign in again."), _("Enable")
        text = _("%(name)s can sign in again with their previous password.")
    name = {"name": member.display_name}
    return confirm(
        request,
        title=title % name,
        verb=verb,
        text=text % name,
        do=lambda: set_active(request.actor, member, enable),
        done=done % name,
        to=reverse("member-list"),
        back=reverse("member-list"),
        carried={"enable": "yes" if enable else "no"},
    )


@needs(Right.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def member_sign_out(request: ConsoleRequest, username: str) -> HttpResponse:
    member = _member(request, username)
    name = {"name": member.display_name}
    return confirm(
        request,
        title=_("Sign %(name)s out everywhere") % name,
        verb=_("Sign out"),
        text=_("%(name)s has to sign in again in every browser.") % name,
        do=lambda: end_sessions(request.actor, member),
        done=_("%(name)s was signed out everywhere.") % name,
        to=reverse("member-list"),
        back=reverse("member-list"),
    )


@personal
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def own_password(request: ConsoleRequest) -> HttpResponse:
    form = PasswordForm(request.POST if request.method == "POST" else None)

    def do():
        # Limit guesses in an unattended browser as at sign-in.
        who = request.user.username, client_address(request)
        if waiting := sign_ins.wait(*who):
            raise Invalid([Problem("before", "throttled", Message(told_to_wait(waiting)))])
        try:
            user = change_password(request.actor, request.user, form.cleaned_data["before"], form.cleaned_data["after"])
        except Invalid as invalid:
            if any(problem.field == "before" for problem in invalid.problems):
                sign_ins.failed(*who)
            raise
        sign_ins.succeeded(*who)
        # This session continues under a new key.
        update_session_auth_hash(request, user)

    return edit(
        request,
        form,
        title=_("Change password"),
        verb=_("Change password"),
        do=do,
        done=_("Your password was changed. Other sessions have ended."),
        to=reverse("home"),
    )


@personal
@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
def own_sessions(request: ConsoleRequest) -> HttpResponse:
    def do():
        end_sessions(request.actor, request.user)
        logout(request)

    return confirm(
        request,
        title=_("Sign out everywhere"),
        verb=_("Sign out"),
        text=_("You'll be signed out on all devices, including this one."),
        do=do,
        done=_("You were signed out everywhere."),
        to=reverse("login"),
        back=reverse("home"),
    )
