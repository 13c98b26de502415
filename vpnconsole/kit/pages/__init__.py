"""What people see of the kit, in the pages of a world and on pages of its own."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest

from vpnconsole.kit import state, visitors


def world_of(request: HttpRequest) -> str:
    """The ID of the world in which a request is served; blank outside of worlds."""
    return getattr(request, "world", "")


class Shown:
    """What a page shows of the kit besides what it is about. Templates know it as `kit`."""

    def __init__(self, request: HttpRequest):
        self.request = request

    @cached_property
    def state(self) -> dict[str, Any]:
        """The state of the world."""
        return state.values()

    @cached_property
    def visitor(self) -> dict[str, int]:
        """What the banner of a visitor's world says; empty in other worlds."""
        return visitors.BANNER if self.state.get("visitor") else {}
