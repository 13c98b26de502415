"""VPC: logs of tunnels."""

from datetime import UTC, datetime, timedelta

from connections import clock
from connections.api.actions.lookups import connection
from connections.api.errors import ApiError
from connections.api.registry import PAGING, VPC, Call, Number, Text, action, invalid
from connections.domain import limits
from connections.models import Tunnel
from connections.negotiation import End
from connections.tunnel_history import eras, page, texts
from connections.wire.codes import ErrorCode

# Seconds since 1970 until 2106: what 32 bits hold.
_SECONDS = Number("From", most=2**32 - 1, note="unix seconds; with To or MinutePeriod")


@action(
    VPC,
    Text("VpnConnectionId", required=True),
    Text("TunnelId", note="may be left out where there is one tunnel"),
    _SECONDS,
    Number("To", most=_SECONDS.most, note="unix seconds, exclusive; with From or MinutePeriod"),
    Number("MinutePeriod", least=1, most=limits.LOG_MINUTES, note="mandatory unless From and To are sent"),
    *PAGING,
    answer={"Data": {"Logs": [str]}, "Count": int, "IsCompleted": bool, "PageNumber": int, "PageSize": int},
    note="the cloud's lines, oldest first, UTC, of the last 180 days; Count is that of this page, there is no "
    "TotalCount; with IsCompleted false the page is too far into a long window: begin later",
)
def describe_vpn_connection_logs(call: Call):
    """The log of a tunnel in a window of time."""
    tunnel = _tunnel(call)
    start, end = _window(call)
    number, size = call["PageNumber"], call["PageSize"]
    found, is_completed = page(eras(tunnel, start, end), (number - 1) * size, size, lambda line: line.end == End.CLOUD)
    logs = texts(tunnel, found)
    return {
        "Data": {"Logs": logs},
        "Count": len(logs),
        "IsCompleted": is_completed,
        "PageNumber": number,
        "PageSize": size,
    }


def _tunnel(call: Call) -> Tunnel:
    tunnels = Tunnel.objects.whole().filter(connection=connection(call)).order_by("index")
    if call["TunnelId"]:
        tunnels = tunnels.filter(resource_id=call["TunnelId"])
    found = list(tunnels[:2])
    if not found:
        raise ApiError(ErrorCode.TUNNEL_NOT_FOUND)
    if len(found) > 1:
        raise ApiError(ErrorCode.MISSING, name="TunnelId")
    return found[0]


def _window(call: Call) -> tuple[datetime, datetime]:
    """From the two of the three parameters that are sent; the period alone ends now."""
    first, last, minutes = call["From"], call["To"], call["MinutePeriod"]
    if minutes is None and (first is None or last is None):
        raise ApiError(ErrorCode.MISSING, name="MinutePeriod")
    if first is not None and last is not None:
        if first >= last:
            raise invalid("To", "must be later than From.")
        return _moment(first), _moment(last)
    period = timedelta(minutes=minutes)
    if first is not None:
        return _moment(first), _moment(first) + period
    end = clock.now() if last is None else _moment(last)
    return end - period, end


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
