"""Personas that misbehave, in worlds made with `personas: "all"`: each is a member to whom certain faults happen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from connections import demo, ids
from connections.domain.choices import Role
from connections.models import User
from connections.services.accounts import create_account
from vpnconsole.kit.faults.declaration import Fault
from vpnconsole.kit.scenarios import usual
from vpnconsole.kit.scenarios.building import owned_by

ALL = "all"


@dataclass(frozen=True)
class Persona:
    """A member and the faults that happen to it, with `match`, `when` and `effect` as in the list of faults.

    `owns`: makes the rows of an account of its own; None: a member of the first account of the demo.
    """

    username: str
    about: str
    faults: tuple[Mapping[str, Any], ...] = ()
    is_active: bool = True
    owns: Callable[[], None] | None = None


PERSONAS = (
    Persona("locked", "is refused at sign-in, by button and by password; its access key is inactive", is_active=False),
    Persona(
        "slow",
        "waits 1.5 s for pages, 0.8 s for fragments, 0.5 s for the API",
        (
            {"match": {"door": "page"}, "effect": {"delay_ms": 1500}},
            {"match": {"door": "fragment"}, "effect": {"delay_ms": 800}},
            {"match": {"door": "api"}, "effect": {"delay_ms": 500}},
        ),
    ),
    Persona(
        "flaky",
        "gets 503 for every third write and every fifth fragment; the same again succeeds",
        (
            {"match": {"writes": True}, "when": {"every": 3}, "effect": {"status": 503, "retry_after": 1}},
            {"match": {"door": "fragment", "method": "GET"}, "when": {"every": 5},
             "effect": {"status": 503, "retry_after": 1}},
        ),
    ),
    Persona(
        "lossy",
        "never gets the answer to every second write, which is done",
        ({"match": {"writes": True}, "when": {"every": 2}, "effect": {"drop": "after"}},),
    ),
    Persona(
        "stale",
        "does not find in lists and by search what was made in the last 3 s of the world's clock; details have it",
        ({"effect": {"stale_ms": 3000}},),
    ),
    Persona("expiring", "is signed out after eight requests", ({"when": {"every": 9}, "effect": {"session": "end"}},)),
    Persona("stuck", "begins what never settles by itself", ({"effect": {"stuck": True}},)),
    Persona("unlabelled", "sees pages and fragments without data-testid", ({"effect": {"defect": "unlabelled"}},)),
    Persona("visual", "sees five faults of style", ({"effect": {"defect": "visual"}},)),
    Persona("crowded", "owns what the scenario crowded has", owns=usual.fill_crowded),
    Persona("hostile", "owns what the scenario hostile has", owns=usual.fill_hostile),
    Persona("wrong", "meets six defects, to be found", ({"effect": {"defect": "wrong"}},)),
)  # fmt: skip
_BY_NAME = {persona.username: persona for persona in PERSONAS}
_FAULTS = [
    Fault(f"{persona.username}-{number}", **{**fault, "match": {**fault.get("match", {}), "actor": persona.username}})
    for persona in PERSONAS
    for number, fault in enumerate(persona.faults, 1)
]


def faults_of(stored: Mapping[str, Any]) -> list[Fault]:
    """The faults of the personas of a world, from its state."""
    return _FAULTS if stored.get("personas") == ALL else []


def mark_of(request: HttpRequest) -> str:
    """The name of the persona that is signed in, if it is one that misbehaves."""
    user = getattr(request, "user", None)
    name = user.get_username() if user else ""
    return name if name in _BY_NAME else ""


def load() -> None:
    """Make the personas and what they own, in the database of a template that has the demo's accounts."""
    password = make_password(demo.PASSWORD)
    first = User.objects.order_by("id")[0].account
    with ids.seeded("personas"):
        for persona in PERSONAS:
            account = create_account(persona.username.capitalize()) if persona.owns else first
            User.objects.create(
                account=account, username=persona.username, password=password, is_demo=True,
                first_name=persona.username.capitalize(), role=Role.ADMINISTRATOR, is_active=persona.is_active,
            )  # fmt: skip
            if persona.owns:
                with owned_by(persona.username):
                    persona.owns()
