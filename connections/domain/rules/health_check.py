"""The health check."""

from collections.abc import Iterator, Mapping, Sequence

from connections.domain.limits import INTERVAL_MAX, RETRY_MAX
from connections.domain.parsing import parse_cidr, parse_ip
from connections.domain.problems import Problem
from connections.domain.rules.addresses import address_problems
from connections.domain.rules.proposals import judged
from connections.messages import message as _

_EXAMPLES = {"health_check_dip": "192.168.0.10", "health_check_sip": "10.0.0.10"}


def health_check_problems(
    dip: str, sip: str, interval: int | None, retry: int | None, *, is_on: bool = True
) -> Iterator[Problem]:
    """Both addresses are needed while it is on. [P80] Values that are kept while it is off have the same bounds."""

    def again(problem: Problem, fix: str) -> Iterator[Problem]:
        addresses = {"health_check_dip": dip, "health_check_sip": sip} | {problem.field: fix}
        return _address_problems(addresses, is_on)

    yield from judged(_address_problems({"health_check_dip": dip, "health_check_sip": sip}, is_on), again)
    for field, number, most in (
        ("health_check_interval", interval, INTERVAL_MAX),
        ("health_check_retry", retry, RETRY_MAX),
    ):
        if number is None:
            yield Problem(field, "missing", _("Enter a whole number from {least} to {most}.", least=1, most=most))
        elif not 1 <= number <= most:
            yield Problem(
                field, "out_of_range", _("The number must be between {least} and {most}.", least=1, most=most)
            )


def _address_problems(addresses: Mapping[str, str], is_on: bool) -> Iterator[Problem]:
    for field, address in addresses.items():
        if address:
            yield from address_problems(field, address, _EXAMPLES[field])
        elif is_on:
            yield Problem(field, "missing", _("The health check needs this address."))
    dip, sip = addresses.values()
    if dip and dip == sip and parse_ip(dip):
        yield Problem("health_check_sip", "same_address", _("Source and destination must be different addresses."))


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
