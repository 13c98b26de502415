"""What people see of the kit, in the pages of a world and on pages of its own."""

import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from vpnconsole.kit import sharing, state, visitors

if TYPE_CHECKING:
    from vpnconsole.kit.pages.labs import ShownLab
    from vpnconsole.kit.pages.panel import Panel
    from vpnconsole.kit.recording import Recording
    from vpnconsole.kit.walks.playing import Playing


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
    def recording(self) -> "Recording | None":
        """What has been recorded, and whether it goes on."""
        from vpnconsole.kit import recording

        return recording.shown(self.state)

    @property
    def milliseconds(self) -> str:
        """The server's time, by which the recorder puts in order what several pages send."""
        return f"{time.time() * 1000:.0f}"

    @cached_property
    def typed_values(self) -> str:
        """Fields whose values on pages are what somebody has typed, so that the recorder can assert them."""
        from vpnconsole.kit.exports import forms

        return " ".join(forms.TYPED)

    @property
    def is_onlooker(self) -> bool:
        """Whether somebody only looks on in the world of a presenter."""
        return sharing.is_onlooker(self.request)

    @cached_property
    def visitor(self) -> dict[str, int]:
        """What the banner of a visitor's world says; empty in other worlds."""
        return visitors.BANNER if self.state.get("visitor") else {}

    @cached_property
    def panel(self) -> "Panel | None":
        """The presenter's panel, in worlds that have one."""
        from vpnconsole.kit.pages import panel

        return panel.shown_in_corner(self.request, self.state)

    @cached_property
    def walk(self) -> "Playing | None":
        """The walk that is played or toured."""
        from vpnconsole.kit.pages import playing

        return playing.shown_on_page(self.request, self.state)

    @cached_property
    def lab(self) -> "ShownLab | None":
        """The lab that a learner does in this world."""
        from vpnconsole.kit.pages import labs

        return labs.shown_on_page(self.request, self.state)
