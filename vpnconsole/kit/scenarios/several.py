"""Worlds of labs: several stories in one, each a connection with a name of its own, and others that labs need."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from connections.messages import Message
from connections.messages import message as _
from connections.models import Connection
from vpnconsole.kit.scenarios.building import (
    Scenario,
    ago,
    backbone,
    connection,
    gateway,
    load_accounts,
    load_device,
)
from vpnconsole.kit.scenarios.stories import STORIES

_STORIES = {story.name: story for story in STORIES}


def _told(stories: Mapping[str, str]) -> None:
    """Stories by the names of their connections."""
    load_accounts()
    frankfurt = backbone(days=9)
    for number, (name, story) in enumerate(stories.items()):
        _STORIES[story].tell(frankfurt, name, f"203.0.113.{20 + number}", 11 + number)


def _backbone() -> None:
    load_accounts()
    backbone(days=3)


def _both_up(name: str, address: str) -> Connection:
    """A connection with two tunnels that are up."""
    frankfurt = backbone(days=9)
    networks: dict[str, Any] = {
        "routing_mode": "protected",
        "local_subnet": ["10.10.0.0/16"],
        "remote_subnet": ["192.168.50.0/24"],
    }
    with ago(days=9):
        one = gateway(name, address, 65010)
        made = connection(name, [one, one], frankfurt, **networks)
        for index in (1, 2):
            load_device(made, index)
    return made


def _two_tunnels() -> None:
    load_accounts()
    _both_up("data-center", "203.0.113.20")


def _old_and_new() -> None:
    """The old line of a warehouse, and the new one that carries its traffic."""
    load_accounts()
    new = _both_up("warehouse", "203.0.113.20")
    with ago(days=40):
        old = gateway("warehouse-2019", "203.0.113.90")
        networks: dict[str, Any] = {
            "routing_mode": "protected",
            "local_subnet": ["10.20.0.0/16"],
            "remote_subnet": ["192.168.60.0/24"],
        }
        load_device(connection("warehouse-2019", [old], new.attachment.transit_router, **networks))


_WORLDS: Mapping[str, tuple[Message, Mapping[str, str]]] = {
    "lab-the-peer-says-no": (
        _("Four tunnels that do not come up: key, identity, version, algorithms."),
        {
            "shop": "the-space-at-the-end",
            "branch": "behind-the-branch-router",
            "depot": "version-auto",
            "head-office": "the-new-firewall-refuses-group-2",
        },
    ),
    "lab-dynamic-routing": (
        _("Three tunnels that are up, and nothing is learned through any of them."),
        {
            "harbour": "phase-2-is-green-and-bgp-is-not",
            "terminal": "bgp-needs-its-own-addresses",
            "yard": "established-and-nothing-learned",
        },
    ),
    "lab-protected-flows": (
        _("Networks of both sides: only the first pair works, and networks that contain others."),
        {"offices": "only-the-first-network-answers", "archive": "it-came-up-although-it-is-wrong"},
    ),
    "lab-it-worked-yesterday": (
        _("Tunnels that were up: lifetimes, PFS, another address."),
        {
            "night-shift": "every-eight-hours",
            "workshop": "fine-until-tomorrow",
            "kiosk": "the-address-changed-overnight",
        },
    ),
    "lab-availability": (
        _("A health check without an answer, two tunnels that take turns, and a device without power."),
        {
            "probe": "the-probe-that-never-comes-home",
            "cluster": "two-tunnels-taking-turns",
            "plant": "the-device-is-dead-and-the-console-is-green",
        },
    ),
    "lab-all-green": (
        _("Tunnels that are up and carry nothing, or not everything."),
        {"shop": "ping-works-the-web-does-not", "archive": "it-came-up-although-it-is-wrong", "depot": "one-way-only"},
    ),
}
SCENARIOS = (
    Scenario("lab-backbone", _("A CEN instance with a transit router, nothing else."), _backbone),
    Scenario("lab-two-tunnels", _("A connection with two tunnels that are up."), _two_tunnels),
    Scenario("lab-old-and-new", _("The old line of a site, and the new one that is in use."), _old_and_new),
    *(Scenario(name, about, partial(_told, stories)) for name, (about, stories) in _WORLDS.items()),
)
