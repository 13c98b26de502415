"""Scenarios: what is in a new world."""

import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management import call_command

from connections import demo, ids
from connections.management.commands import seed_demo
from connections.models import AccessKey, User
from connections.services.accounts import create_account

# The moment at which worlds begin, so that dates in them repeat.
MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Scenario:
    """`load` fills a migrated database, while the clock is held at `moment`. `state`: first values of `kit_state`."""

    name: str
    about: str
    load: Callable[[], None]
    state: Mapping[str, Any] = field(default_factory=dict)
    moment: datetime = MOMENT


def load_demo() -> None:
    call_command("seed_demo", stdout=StringIO())


def load_accounts() -> None:
    """The accounts and personas of the demo, without resources."""
    password = make_password(demo.PASSWORD)
    with ids.seeded("demo"):
        for tenant in demo.TENANTS:
            account = create_account(tenant.name, *tenant.groups)
            members = [
                User.objects.create(account=account, password=password, is_demo=True, **asdict(member))
                for member in tenant.members
            ]
            AccessKey.objects.create(
                user=members[0], access_key_id=tenant.access_key_id, secret=tenant.access_key_secret
            )


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("demo", "The demo data.", load_demo),
        Scenario("empty", "Accounts and personas, nothing else.", load_accounts),
    )
}


@cache
def digest(name: str) -> str:
    """A digest of what determines the rows of a scenario."""
    sources = [inspect.getsource(demo), inspect.getsource(seed_demo), Path(__file__).read_text(encoding="utf-8")]
    return hashlib.sha256("".join(sources).encode()).hexdigest()[:16]
