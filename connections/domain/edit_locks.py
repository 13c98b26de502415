"""Fields of an existing connection that cannot change, with the reason and the way out.

[P24, P106, P107]
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from connections.domain import sections
from connections.domain.problems import Problem
from connections.messages import Message
from connections.messages import message as _


@dataclass(frozen=True, slots=True)
class Lock:
    """Why a field cannot change, and the page with the way out: the `attachment`, the `cens`, or none."""

    reason: Message
    way_out: str = ""
    link: Message | str = ""


FINAL = Lock(_("The gateway type can't be changed. For the other type, create another connection."))
BOUND = Lock(
    _("To change these values, delete the attachment, then attach the connection again."),
    "attachment",
    _("Go to the attachment"),
)
BOUND_ELSEWHERE = Lock(_("To change these values, the other account has to delete the attachment first."))
FROM_THE_OTHER_SIDE = Lock(
    _("An existing connection is attached from the transit router: Create Connection on its page."),
    "cens",
    _("Go to CEN Instances"),
)
SWITCHED_THERE = Lock(_("Switched on the CEN side, at the attachment."), "attachment", _("Go to the attachment"))
SWITCHED_ELSEWHERE = Lock(_("Switched by the other account, at the attachment."))

PLACEMENT = ("associate_resource", "cen", "transit_router", "zone")


def locks(*, attached: bool, foreign: bool = False) -> dict[str, Lock]:
    """Return the locked fields. `foreign`: attached to a transit router of another account."""
    locked = {"network_type": FINAL}
    if attached:
        locked |= dict.fromkeys(PLACEMENT, BOUND_ELSEWHERE if foreign else BOUND)
        locked |= dict.fromkeys(sections.ADVANCED.fields, SWITCHED_ELSEWHERE if foreign else SWITCHED_THERE)
    else:
        locked["associate_resource"] = FROM_THE_OTHER_SIDE
    return locked


def lock_problems(changed: Iterable[str], locked: Mapping[str, Lock]) -> Iterator[Problem]:
    """Report changes of locked fields, each with its reason."""
    for field in changed:
        if field in locked:
            yield Problem(field, "locked", locked[field].reason)
