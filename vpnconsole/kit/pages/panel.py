"""The presenter's panel: in the corner of the pages of a world that has one, and as a page without scripts.

Anyone in such a world may use it, signed in or not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import Resolver404, path, resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from connections import clock
from connections.console.access import personal
from connections.console.requests import ConsoleRequest
from connections.console.views.accounts import is_there, stay_at
from connections.console.views.shared import path_back
from connections.console.words import Words
from connections.domain.choices import NegotiationStatus
from connections.models import Connection, User
from connections.numbers import whole_number
from vpnconsole.kit import clockwork, entering, lifecycle, peers, recording, scenarios, sessions, sharing, state, worlds
from vpnconsole.kit.endpoint.worlds import file_download
from vpnconsole.kit.errors import KitError
from vpnconsole.kit.faults import declaration, effects, stored
from vpnconsole.kit.pages import world_of
from vpnconsole.kit.pages.playing import Walks

# The cookie that keeps the panel open.
OPEN = "panel"
# What people read of a refusal, by its code. Others are for programs.
SENTENCES: Mapping[str, Words] = {
    "bad_name": gettext_lazy("A bookmark's name has up to 64 letters, digits, spaces, dots, hyphens and underscores."),
    "too_many_snapshots": gettext_lazy("There are 20 bookmarks. Delete one first."),
    "no_snapshot": gettext_lazy("There is no such bookmark."),
    "worlds_too_large": gettext_lazy("There is no room for more. Delete bookmarks first."),
    "too_many_worlds": gettext_lazy("There are too many worlds."),
    "under_way": gettext_lazy("The connection is under way. Finish that first."),
    "out_of_reach": gettext_lazy("No device setting leads to this outcome."),
    "cannot_drop": gettext_lazy("This server cannot lose answers. Start it without --reload."),
    "no_reader": gettext_lazy("This account has no read-only member to watch as."),
    "too_many_links": gettext_lazy("There are five links. End one first."),
    "unknown_id": gettext_lazy("This connection no longer exists."),
}
# Steps of the clock in seconds.
STEPS: Mapping[str, Words] = {
    "10": gettext_lazy("+10 s"),
    "60": gettext_lazy("+1 min"),
    "3600": gettext_lazy("+1 h"),
    "86400": gettext_lazy("+1 day"),
}
MODES: Mapping[str, Words] = {
    clockwork.HELD: pgettext_lazy("clock", "stands still"),
    clockwork.RUNNING: pgettext_lazy("clock", "runs"),
    clockwork.REAL: pgettext_lazy("clock", "is the real time"),
}


@dataclass(frozen=True)
class Wanted:
    """What a device is led to: an outcome, or its power and its line."""

    label: Words
    wish: peers.Wish | None = None
    power: bool | None = None
    line: bool | None = None


PEERS: Mapping[str, Wanted] = {
    "up": Wanted(pgettext_lazy("device", "Up"), peers.Wish(row="N1")),
    "phase1": Wanted(gettext_lazy("Phase 1 fails"), peers.Wish(negotiation=NegotiationStatus.IKE_DOWN)),
    "phase2": Wanted(gettext_lazy("Phase 2 fails"), peers.Wish(negotiation=NegotiationStatus.IPSEC_DOWN)),
    "off": Wanted(gettext_lazy("Switched off"), power=False),
    "cut": Wanted(gettext_lazy("Line cut"), line=False),
}
# What happens to the next answer, and to which.
EFFECTS: Mapping[str, tuple[Words, Mapping[str, Any]]] = {
    "slow": (gettext_lazy("Slow (3 s)"), {"delay_ms": 3000}),
    "lost": (pgettext_lazy("answer", "Lost"), {"drop": "after"}),
    "refused": (pgettext_lazy("answer", "Refused (503)"), {"status": 503, "retry_after": 1}),
}
ANSWERS: Mapping[str, tuple[Words, Mapping[str, Any]]] = {
    "change": (gettext_lazy("The next change"), {"writes": True}),
    "page": (gettext_lazy("The next page"), {"door": "page"}),
}
# Connections to choose from.
_MOST = 100


class Panel:
    """What the panel shows of a world."""

    def __init__(self, request: ConsoleRequest, at: str = "", notice: str = "", *, went_wrong: bool = False):
        self.request, self.at = request, at
        self.notice, self.went_wrong = notice, went_wrong
        self.modes = [(clockwork.HELD, _("Hold")), (clockwork.RUNNING, pgettext_lazy("clock", "Let it run"))]
        self.steps, self.peers, self.effects, self.answers = STEPS, PEERS, EFFECTS, ANSWERS
        self.scenarios = list(scenarios.SCENARIOS)

    @cached_property
    def world(self) -> worlds.World:
        return worlds.find(world_of(self.request))

    @property
    def has_recording(self) -> bool:
        return _has_recording()

    @cached_property
    def minutes_left(self) -> int:
        return max(0, int(self.world.ends - clock.real().timestamp()) // 60)

    @property
    def hours_left(self) -> int:
        return self.minutes_left // 60

    @property
    def odd_minutes_left(self) -> int:
        return self.minutes_left % 60

    @cached_property
    def state(self) -> Mapping[str, Any]:
        return state.values()

    @cached_property
    def walks(self) -> Walks:
        return Walks(self.request)

    @cached_property
    def bookmarks(self) -> list[str]:
        return worlds.snapshots(self.world)

    @property
    def now(self) -> datetime:
        return clock.now()

    @cached_property
    def mode(self) -> str:
        return clockwork.mode()

    @property
    def mode_label(self) -> Words:
        return MODES[self.mode]

    @property
    def languages(self) -> list[tuple[str, str]]:
        return [("en", "English"), ("zh-hans", "简体中文")]

    @property
    def is_in_corner(self) -> bool:
        match = self.request.resolver_match
        return bool(self.request.htmx) or match is None or match.view_name != "kit:panel"

    @property
    def back(self) -> str:
        """Where buttons return to: the page, or the panel's own."""
        return self.at if self.is_in_corner else self.request.get_full_path()

    @property
    def is_open(self) -> bool:
        return bool(self.request.htmx) or self.request.COOKIES.get(OPEN) == "open"

    # --- devices

    @cached_property
    def connections(self) -> list[Connection]:
        """Those whose devices can be set: of the account, or of all if nobody is signed in."""
        rows = Connection.objects.order_by("name", "id")
        user = self.request.user
        several = list((rows.filter(account=user.account) if user.is_authenticated else rows)[:_MOST])
        if self.chosen and self.chosen not in several:
            several.append(self.chosen)
        return several

    @cached_property
    def chosen(self) -> Connection | None:
        """The connection that was chosen, or the one in view."""
        named = self.request.POST.get("connection") or self.request.GET.get("connection") or _connection_at(self.at)
        return Connection.objects.filter(resource_id=named).first() if named else None

    @cached_property
    def tunnels(self) -> list[Any]:
        return peers.tunnels_of(self.chosen.resource_id, None) if self.chosen else []

    # --- the next answer

    @cached_property
    def next_set(self) -> tuple[Words, Words] | None:
        """What will happen to which answer, if it has not happened yet."""
        for one in stored.pending():
            answer = next((label for label, match in ANSWERS.values() if match == one.get("match")), None)
            effect = next((label for label, given in EFFECTS.values() if given == one["effect"]), None)
            if answer and effect:
                return answer, effect
        return None

    # --- the audience

    @cached_property
    def shares(self) -> list[tuple[str, sharing.Share]]:
        return [
            (self.request.build_absolute_uri(f"{reverse('home')}_kit/join/{share.secret}"), share)
            for share in sharing.of_world(self.world.id)
        ]

    @cached_property
    def reader(self) -> str:
        return sharing.reader_of(self.request.user.username) if self.request.user.is_authenticated else ""


@cache
def _has_recording() -> bool:
    try:
        get_template("kit/_recording.html")
    except TemplateDoesNotExist:
        return False
    return True


def _connection_at(page: str) -> str:
    """The ID of the connection that a page is about; blank for others."""
    try:
        return resolve(path_in_console(page)).kwargs.get("connection_id", "")
    except Resolver404:
        return ""


def path_in_console(page: str) -> str:
    """A path as the table of addresses has it: without query and base path."""
    home = reverse("home")
    return "/" + page.partition("?")[0].removeprefix(home).lstrip("/")


def is_open_to(request: HttpRequest) -> bool:
    """Whether a request is in a world that has a panel. Onlookers have none."""
    return bool(world_of(request)) and not sharing.is_onlooker(request) and bool(state.get("panel"))


def shown_in_corner(request: HttpRequest, values: Mapping[str, Any]) -> Panel | None:
    """The panel in the corner of a page, if there is one. `panel=0` leaves it out, for screenshots."""
    match = request.resolver_match
    is_own_page = match is not None and match.view_name == "kit:panel"
    if not values.get("panel") or request.GET.get("panel") == "0" or sharing.is_onlooker(request) or is_own_page:
        return None
    return Panel(request, request.get_full_path())  # type: ignore[arg-type]


@login_not_required
@personal
@require_safe
def panel_show(request: ConsoleRequest) -> HttpResponse:
    """The panel as a page, or for the corner of the page that asks for it."""
    if not is_open_to(request):
        raise Http404
    if request.htmx:
        return _part(request, Panel(request, request.htmx.current_url_abs_path or ""))
    return render(request, "kit/panel.html", {"panel": Panel(request, path_back(request, request.GET.get("at", "")))})


def _part(request: ConsoleRequest, panel: Panel) -> HttpResponse:
    return render(request, "kit/_panel.html", {"panel": panel})


@login_not_required
@personal
@require_safe
def panel_file(request: ConsoleRequest) -> HttpResponse:
    """The world as a file, which `vpn-console open` and the endpoint open again."""
    if not is_open_to(request):
        raise Http404
    return file_download(request, world_of(request))


@login_not_required
@personal
@require_POST
def panel_do(request: ConsoleRequest, what: str) -> HttpResponse:
    """Do what a button of the panel says, and return to the page, or to the panel as it is then."""
    if not is_open_to(request) or what not in DOING:
        raise Http404
    page = path_back(request, request.POST.get("from", ""))
    try:
        done = DOING[what](request, page)
        went_wrong = False
    except KitError as error:
        done, went_wrong = str(SENTENCES.get(error.code, error.message)), True
    if isinstance(done, HttpResponse):
        return done
    if request.htmx:
        # Entered again: its time is that of now.
        with entering.entered(worlds.find(world_of(request))):
            return _part(request, Panel(request, page, done, went_wrong=went_wrong))
    (messages.error if went_wrong else messages.success)(request, done)
    return HttpResponseRedirect(page or reverse("kit:panel"))


# --- what buttons do: the functions return a sentence, or an answer of their own --------------------------------------


def _over(request: ConsoleRequest, page: str) -> HttpResponse:
    lifecycle.reset(world_of(request), request.POST.get("scenario", ""))
    return back_in(request, page)


def back_in(request: ConsoleRequest, page: str) -> HttpResponse:
    """The answer after the data of the world were replaced: the person stays signed in, on a page that exists."""
    world_id, username = world_of(request), request.user.get_username()
    with entering.world_named(world_id):
        user = User.objects.filter(username=username, is_active=True).first()
        to = page_for(user, page) if user else reverse("login")
    return sessions.lead_into(request, world_id, username if user else "", to)


def page_for(user: User, page: str) -> str:
    """A page of the console that a member can open: the given one, the list that it belongs to, or the overview."""
    if not page:
        return reverse("home")
    if _is_of_kit(page) or is_there(user, page):
        return page
    return stay_at(user, page, of_same_account=False) or reverse("home")


def _is_of_kit(page: str) -> bool:
    return path_in_console(page).startswith("/_kit/")


def _keep(request: ConsoleRequest, page: str) -> str:
    name = request.POST.get("name", "").strip() or _free_name(worlds.snapshots(worlds.find(world_of(request))))
    lifecycle.keep(world_of(request), name)
    return _("The bookmark %(name)s was kept.") % {"name": name}


def _free_name(taken: list[str]) -> str:
    return next(str(number) for number in range(1, len(taken) + 2) if str(number) not in taken)


def _restore(request: ConsoleRequest, page: str) -> HttpResponse:
    lifecycle.restore(world_of(request), request.POST.get("name", ""))
    return back_in(request, page)


def _forget(request: ConsoleRequest, page: str) -> str:
    name = request.POST.get("name", "")
    worlds.snapshot_path(worlds.find(world_of(request)), name).unlink(missing_ok=True)
    return _("The bookmark %(name)s was deleted.") % {"name": name}


def _clock(request: ConsoleRequest, page: str) -> str:
    what = request.POST.get("what", "")
    if what in (clockwork.HELD, clockwork.RUNNING):
        clockwork.set_clock(what)
        return _("The clock stands.") if what == clockwork.HELD else _("The clock runs.")
    if what not in STEPS:
        raise Http404
    if clockwork.mode() == clockwork.REAL:
        # It goes on from here, and is not the real time any more.
        clockwork.set_clock(clockwork.RUNNING)
    seconds = whole_number(what) or 0
    clockwork.advance(seconds)
    recording.add_kit(request.user, {"advance": seconds})
    return _("The clock was moved: %(step)s") % {"step": STEPS[what]}


def _settle(request: ConsoleRequest, page: str) -> str:
    recording.add_kit(request.user, {"settle": True})
    return _("Finished what was under way.") if clockwork.settle() else _("Nothing is under way.")


def _peer(request: ConsoleRequest, page: str) -> str:
    wanted = PEERS.get(request.POST.get("what", ""))
    chosen = Panel(request, page).chosen
    if chosen is None:
        raise KitError(404, "unknown_id", "There is no such connection.")
    if wanted is None:
        # It was only chosen.
        return ""
    number = whole_number(request.POST.get("tunnel", ""), least=1, most=2)
    tunnels = peers.tunnels_of(chosen.resource_id, number)
    if wanted.wish:
        peers.apply(tunnels, wanted.wish, {}, at_once=True)
    peers.switch(tunnels, power=wanted.power, line=wanted.line)
    recording.add_kit(request.user, {"peer": _recorded(wanted, chosen.name, number)})
    return _("The device of %(connection)s: %(what)s") % {"connection": chosen, "what": wanted.label}


def _recorded(wanted: Wanted, name: str, number: int | None) -> dict[str, Any]:
    """What a device is led to, as a walk has it."""
    wish = wanted.wish or peers.Wish()
    given = {"row": wish.row, "negotiation": str(wish.negotiation or ""), "power": wanted.power, "line": wanted.line}
    told = {key: value for key, value in given.items() if value not in (None, "")}
    tunnel = {"tunnel": number} if number else {}
    return {"connection": name, **tunnel, **told} | ({"at_once": True} if wanted.wish else {})


def _next(request: ConsoleRequest, page: str) -> str:
    what = request.POST.get("what", "")
    if what not in EFFECTS:
        stored.replace([])
        return _("Nothing happens to answers any more.")
    of, match = ANSWERS.get(request.POST.get("of", ""), ANSWERS["change"])
    fault = {"match": match, "effect": EFFECTS[what][1], "times": 1, "optional": True}
    declaration.check([fault], can_drop=effects.can_drop(request))
    stored.replace([fault])
    return f"{of}: {EFFECTS[what][0]}"


def _share(request: ConsoleRequest, page: str) -> str:
    kind, username = request.POST.get("kind", ""), request.user.get_username()
    if kind not in sharing.KINDS:
        raise Http404
    persona = username if kind == sharing.COPY else sharing.reader_of(username)
    if kind == sharing.LOOK and not persona:
        raise KitError(409, "no_reader", "This account has no read-only member.")
    to = page if page and not _is_of_kit(page) else reverse("home")
    sharing.create(world_of(request), kind, persona, to)
    return _("The link was made.")


def _end_share(request: ConsoleRequest, page: str) -> str:
    for share in sharing.of_world(world_of(request)):
        if share.secret == request.POST.get("secret"):
            share.end()
    return _("The link was ended.")


def _theme(request: ConsoleRequest, page: str) -> HttpResponse:
    """For browsers without scripts."""
    response = HttpResponseRedirect(page or reverse("kit:panel"))
    if request.POST.get("theme") in ("auto", "light", "dark"):
        response.set_cookie("theme", request.POST["theme"], 31536000, path=reverse("home"), samesite="Lax")
    return response


DOING: Mapping[str, Callable[[ConsoleRequest, str], str | HttpResponse]] = {
    "over": _over,
    "keep": _keep,
    "restore": _restore,
    "forget": _forget,
    "clock": _clock,
    "settle": _settle,
    "peer": _peer,
    "next": _next,
    "share": _share,
    "end-share": _end_share,
    "theme": _theme,
}


urlpatterns = [
    path("panel/", panel_show, name="panel"),
    path("panel/file/", panel_file, name="panel-file"),
    path("panel/<str:what>/", panel_do, name="panel-do"),
]
