"""What people see of the kit, in the pages of a world and on pages of its own."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest

from vpnconsole.kit import state


class Shown:
    """What a page shows of the kit besides what it is about. Templates know it as `kit`."""

    def __init__(self, request: HttpRequest):
        self.request = request

    @cached_property
    def state(self) -> dict[str, Any]:
        """The state of the world."""
        return state.values()
