"""CIDR blocks of transit routers."""

from collections.abc import Iterable, Iterator, Sequence

from connections.domain.limits import MAX_ROUTER_CIDRS
from connections.domain.parsing import LINK_LOCAL, LOOPBACK, MULTICAST, SHARED_SPACE, parse_cidr
from connections.domain.problems import Problem
from connections.domain.rules.addresses import cidr_problems
from connections.domain.rules.proposals import judged, replaced
from connections.messages import message as _

REFUSED_ROUTER_RANGES = (SHARED_SPACE, MULTICAST, LOOPBACK, LINK_LOCAL)


def association_problems(*, to_default: bool, to_custom: bool) -> Iterator[Problem]:
    """Judge with which route tables an attachment is associated: one at most."""
    if to_default and to_custom:
        yield Problem(
            "associate_default_route_table",
            "associated",
            _("An attachment is associated with one route table at most. Remove the other association first."),
        )


def router_cidr_problems(
    cidrs: Sequence[str], taken: Iterable[str] = (), own: Sequence[str] = (), field: str = "cidrs"
) -> Iterator[Problem]:
    """Judge new blocks from which a transit router takes gateway addresses of private connections.

    At most five with those that it has (`own`), /16 to /24, outside the cloud's special ranges, overlapping neither
    each other, nor its own, nor the blocks of other transit routers of the same CEN instance (`taken`), by the vendor's
    page on transit router CIDR blocks.
    """
    taken = list(taken)
    yield from judged(
        _cidr_problems(cidrs, taken, own, field),
        lambda problem, fix: _cidr_problems(replaced(cidrs, problem, fix), taken, own, field),
    )


def _cidr_problems(cidrs: Sequence[str], taken: Iterable[str], own: Sequence[str], field: str) -> Iterator[Problem]:
    if len(cidrs) + len(own) > MAX_ROUTER_CIDRS:
        yield Problem(field, "too_many", _("Enter at most {maximum} CIDR blocks.", maximum=MAX_ROUTER_CIDRS))
        return
    yield from cidr_problems(field, cidrs)
    blocks = [block for block in map(parse_cidr, cidrs) if block]
    for block in blocks:
        if not 16 <= block.prefixlen <= 24:
            yield Problem(field, "bad_mask", _("{block}: the mask must be 16 to 24 bits long.", block=block))
        for refused in REFUSED_ROUTER_RANGES:
            if block.overlaps(refused):
                yield Problem(
                    field,
                    "reserved",
                    _("{block} lies in {refused}, which the cloud keeps for itself.", block=block, refused=refused),
                )
    for number, block in enumerate(blocks):
        for other in [*blocks[number + 1 :], *filter(None, map(parse_cidr, own))]:
            if block.overlaps(other):
                yield Problem(field, "overlap", _("{block} and {other} overlap.", block=block, other=other))
        for other in filter(None, map(parse_cidr, taken)):
            if block.overlaps(other):
                yield Problem(
                    field,
                    "taken",
                    _(
                        "{block} overlaps {other} of another transit router of this CEN instance.",
                        block=block,
                        other=other,
                    ),
                )
