"""Context of the frame around every page."""

from django.conf import settings
from django.utils.functional import SimpleLazyObject

from connections.domain.regions import REGIONS
from connections.domain.roles import rights
from connections.models import User

THEMES = ("auto", "light", "dark")


def console(request):
    """Region selector, personas, side menu, color scheme, and whether the side menu shows icons alone."""
    theme = request.COOKIES.get("theme", "auto")
    region, place = getattr(request, "region", None), getattr(request, "place", None)
    match = request.resolver_match
    is_regional = bool(match) and match.kwargs.get("region_id") in REGIONS
    return {
        "region": region,
        "place": place,
        # What the region selector says.
        "region_shown": region if is_regional else place,
        "may": SimpleLazyObject(lambda: rights(request.user.role) if request.user.is_authenticated else {}),
        "demo_mode": settings.DEMO_MODE,
        "personas": SimpleLazyObject(_personas),
        "nav": _nav(request),
        "language_cookie": settings.LANGUAGE_COOKIE_NAME,
        "theme": theme if theme in THEMES else "auto",
        "narrow_menu": request.COOKIES.get("side") == "narrow",
    }


def _nav(request) -> str:
    """The entry of the side menu to which the page belongs."""
    match = request.resolver_match
    page = (match and match.url_name) or ""
    for prefix, entry in (
        ("home", "overview"),
        ("connection", "connections"),
        ("customer-gateway", "customer-gateways"),
        ("cen", "cens"),
        ("transit-router", "cens"),
        ("attachment", "cens"),
        ("route-table", "cens"),
        ("route", "connections"),
        ("authorization", "connections"),
        ("event", "events"),
        ("member", "members"),
        ("resources", "resources"),
        ("access-key", "access-keys"),
        ("api", "api"),
    ):
        if page.startswith(prefix):
            return entry
    return ""


def _personas():
    return (
        list(User.objects.filter(is_demo=True).select_related("account").order_by("id")) if settings.DEMO_MODE else []
    )
