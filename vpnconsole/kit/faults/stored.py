"""The list of faults in a world's file. Runs within the world."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from vpnconsole.kit import state
from vpnconsole.kit.faults import declaration
from vpnconsole.kit.faults.declaration import Fault


def shown() -> list[dict[str, Any]]:
    """Each fault as it was given, with how many requests it fitted, how often it happened, and delays skipped."""
    counted, given = state.counters(), state.get("faults", [])
    faults = declaration.listed({"faults": given})
    return [one | _numbers(fault, counted) for one, fault in zip(given, faults, strict=True)]


def _numbers(fault: Fault, counted: Mapping[str, int]) -> dict[str, int]:
    matched, hits, skipped = (counted.get(f"{fault.counted} {name}", 0) for name in ("matched", "hits", "skipped"))
    # Requests that came after the last time are counted, too.
    return {"matched": matched, "hits": min(hits, fault.times or hits), "skipped": skipped}


def pending() -> list[dict[str, Any]]:
    """The faults that will happen so many times, and have not yet happened so often."""
    return [one for one in shown() if one["hits"] < one.get("times", 0)]


def replace(faults: Sequence[Mapping[str, Any]]) -> None:
    """Replace all faults. Their counters start at zero."""
    with transaction.atomic():
        state.put({"faults": faults})
        state.forget_counters("fault [0-9]*")
