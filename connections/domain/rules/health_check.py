"""The health check."""

from collections.abc import Iterator, Sequence

from connections.domain.limits import RETRY_MAX, RETRY_MIN
from connections.domain.parsing import parse_cidr, parse_ip
from connections.domain.problems import Problem
from connections.messages import message as _


def health_check_problems(dip: str, sip: str, interval: int | None, retry: int | None) -> Iterator[Problem]:
    """Both addresses are needed once it is on. [P80]"""
    for field, address, example in (("health_check_dip", dip, "192.168.0.10"), ("health_check_sip", sip, "10.0.0.10")):
        if not address:
            yield Problem(field, "missing", _("The health check needs this address."))
        elif parse_ip(address) is None:
            yield Problem(field, "malformed", _("Enter an IPv4 address, such as {example}.", example=example))
    if dip and dip == sip and parse_ip(dip):
        yield Problem("health_check_sip", "same_address", _("Source and destination must be different addresses."))
    for field, number in (("health_check_interval", interval), ("health_check_retry", retry)):
        if number is None:
            yield Problem(
                field, "missing", _("Enter a whole number from {least} to {most}.", least=RETRY_MIN, most=RETRY_MAX)
            )
        elif not RETRY_MIN <= number <= RETRY_MAX:
            yield Problem(
                field,
                "out_of_range",
                _("The number must be between {least} and {most}.", least=RETRY_MIN, most=RETRY_MAX),
            )


def health_check_warnings(dip: str, sip: str, local: Sequence[str], remote: Sequence[str]) -> Iterator[Problem]:
    """A probe outside the protected data flows never enters the tunnel."""
    for field, address, cidrs, side in (
        ("health_check_dip", dip, remote, _("remote")),
        ("health_check_sip", sip, local, _("local")),
    ):
        ip, blocks = parse_ip(address), [block for block in map(parse_cidr, cidrs) if block]
        if ip and blocks and not any(ip in block for block in blocks):
            yield Problem(
                field,
                "outside_networks",
                _("Outside the {side} network: the probe does not match the protected flows.", side=side),
            )
