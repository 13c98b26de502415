"""VPC: the diagnosis of tunnels, which tells the problem that a tunnel has reported within three minutes. [P160]"""

from datetime import UTC, timedelta

from connections import clock
from connections.api.actions.connections import NO_GATEWAY
from connections.api.actions.values import milliseconds
from connections.api.errors import ApiError
from connections.api.registry import PAGED, PAGING, VPC, Call, Text, Texts, action, page
from connections.models import Tunnel
from connections.negotiation import Course, End, Outcome, Problem, lines
from connections.negotiation.logs import INFO
from connections.wire.codes import ErrorCode


def _tunnels(call: Call) -> list[Tunnel]:
    """The tunnels that a request names, by connections, by their own IDs, or by both, which narrows."""
    of, own = ({*call[name]} if call[name] else set() for name in ("VpnConnectionIds", "TunnelIds"))
    if not of | own:
        raise ApiError(ErrorCode.MISSING, name="VpnConnectionIds")
    named = {"connection__resource_id__in": of} if of else {"resource_id__in": own}
    rows = Tunnel.objects.whole().filter(account=call.account, region_id=call.region_id, **named)
    tunnels = list(rows.order_by("-connection_id", "index"))
    if of - {tunnel.connection.resource_id for tunnel in tunnels}:
        raise ApiError(ErrorCode.CONNECTION_NOT_FOUND)
    if missing := own - {tunnel.resource_id for tunnel in tunnels}:
        raise ApiError(ErrorCode.RESOURCE_NOT_FOUND, what=min(missing))
    return [tunnel for tunnel in tunnels if not own or tunnel.resource_id in own]


def _entry(tunnel: Tunnel, outcome: Outcome, problem: Problem) -> dict:
    situation = tunnel.device.situation
    # A problem of the settings before these says nothing about them.
    is_current = problem.at >= situation.changed_at
    log = lines(Course(situation), problem.at, problem.at + timedelta(seconds=1)) if is_current else ()
    source = (line.shown(UTC) for line in log if line.end == End.CLOUD and line.level != INFO)
    difference = next(iter(outcome.differences), None) if is_current else None
    return {
        "VpnConnectionId": tunnel.connection.resource_id,
        "TunnelId": tunnel.resource_id,
        "FailedReasonCode": problem.code.value,
        "FailedReason": str(problem.code.message),
        "FailedTime": milliseconds(problem.at),
        "Severity": (outcome.severity or problem.code.severity).value,
        "SourceLog": next(source, ""),
        "MismatchLocalParam": difference.cloud if difference else "",
        "MismatchRemoteParam": difference.device if difference else "",
    }


@action(
    VPC,
    Texts("VpnConnectionIds", note="or TunnelIds; both narrow"),
    Texts("TunnelIds"),
    Text("VpnGatewayId", note=f"{NO_GATEWAY} is the only one"),
    *PAGING,
    answer=PAGED
    | {
        "VpnConnections": [
            {"VpnConnectionId": str, "TunnelId": str, "FailedReasonCode": str, "FailedReason": str, "FailedTime": int,
             "Severity": str, "SourceLog": str, "MismatchLocalParam": str, "MismatchRemoteParam": str}
        ]
    },
    note="tunnels without a problem in the last three minutes have no entry",
)  # fmt: skip
def diagnose_vpn_connections(call: Call):
    """Describe the problems that tunnels have reported within three minutes."""
    tunnels = _tunnels(call) if call["VpnGatewayId"] in (None, "", NO_GATEWAY) else []
    now = clock.now()
    outcomes = [(tunnel, tunnel.device.outcome_at(now)) for tunnel in tunnels]
    found = [
        (tunnel, outcome, outcome.problem)
        for tunnel, outcome in outcomes
        if outcome.problem and outcome.problem.is_recent
    ]
    shown, totals = page(call, found)
    return {"VpnConnections": [_entry(*one) for one in shown], **totals}
