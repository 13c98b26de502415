"""What leads from a new connection to traffic: steps that tick themselves, each with the button that does it."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from connections.console.tunnels import Rows
from connections.console.words import Words
from connections.domain.choices import AttachmentStatus
from connections.models import Authorization, Connection

# The most connections whose steps a session remembers as dismissed.
REMEMBERED = 50
DISMISSED = "steps_dismissed"

CREATED, ATTACH, DEVICE, TUNNEL, ROUTES = "created", "attach", "device", "tunnel", "routes"


@dataclass(frozen=True)
class Step:
    """A step; `tone` is that of its state: good if it is done, moving while it is under way, else idle."""

    key: str
    title: Words
    tone: str
    note: Words = ""
    # Authorizations of other accounts' CEN instances, for which the connection waits.
    authorizations: tuple[Authorization, ...] = ()

    @property
    def is_done(self) -> bool:
        return self.tone == "good"


def _tone(*, done: bool, moving: bool = False) -> str:
    return "good" if done else "moving" if moving else "idle"


def steps_of(connection: Connection, rows: Rows) -> list[Step]:
    """The steps of a connection; none if all are done."""
    attachment = connection.living_attachment
    status = attachment.status if attachment else None
    is_attached = status == AttachmentStatus.ATTACHED
    is_up = all(row.outcome.is_up for row in rows.rows)
    steps = [
        Step(CREATED, _("Created"), "good"),
        Step(
            ATTACH,
            _("Attach to a transit router"),
            _tone(done=is_attached, moving=status is not None),
            authorizations=() if attachment else tuple(connection.authorizations.all()),
        ),
        Step(
            DEVICE,
            _("Load the configuration into the device"),
            _tone(done=all(row.tunnel.device.is_configured for row in rows.rows)),
        ),
        Step(
            TUNNEL,
            _("Tunnels up") if connection.is_dual else _("Tunnel up"),
            _tone(done=is_up, moving=any(row.status.tone == "moving" for row in rows.rows)),
            next((row.cause for row in rows.rows if row.cause), ""),
        ),
    ]
    if connection.enable_bgp:
        sessions = [row.outcome.bgp for row in rows.rows]
        done = all(session is not None and session.is_established for session in sessions)
        steps.append(Step(ROUTES, _("Routes learned over BGP"), _tone(done=done)))
    else:
        steps.append(
            Step(ROUTES, _("Routes to the data center"), _tone(done=is_attached and connection.routes.exists()))
        )
    return [] if all(step.is_done for step in steps) else steps
